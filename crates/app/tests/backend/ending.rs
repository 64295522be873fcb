//! Ending a backend that is not ready yet.

use std::{
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{renewal, sign_in::newcomer};

#[tokio::test]
async fn a_backend_that_still_waits_for_its_mail_server_ends_when_told() {
    let (alice, mut device) = newcomer();
    let mut page = device.watcher().await;
    let (gate, _) = renewal::sign_in(&mut page, &alice).await;
    device.stop();
    gate.close();
    let mut starting = Command::new(env!("CARGO_BIN_EXE_mailcalld"))
        .arg("--data-dir")
        .arg(device.dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    gate.has_somebody_waiting();

    let told = Instant::now();
    assert!(Command::new("kill").arg(starting.id().to_string()).status().unwrap().success());
    let ended = loop {
        match starting.try_wait().unwrap() {
            None if told.elapsed() < Duration::from_secs(3) => sleep(Duration::from_millis(10)),
            ended => break ended,
        }
    };
    if ended.is_none() {
        starting.kill().unwrap();
        starting.wait().unwrap();
    }
    assert!(ended.expect("it ended in time").success());
}
