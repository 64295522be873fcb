//! What must not be in a log.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::support::{Device, MailServer, PASSWORD, description};

/// What somebody may be recognised by.
fn secrets_of(device: &Device, address: &str) -> Vec<String> {
    let (local, _) = address.split_once('@').unwrap();
    let mut secrets = vec![local.to_owned(), PASSWORD.to_owned(), device.token().to_owned()];
    secrets.push(STANDARD.encode(format!("\0{address}\0{PASSWORD}")));
    secrets.push(STANDARD.encode(PASSWORD));
    secrets
}

/// The first line that tells a secret.
fn told<'a>(log: &'a str, secrets: &[String]) -> Option<&'a str> {
    log.lines().find(|line| secrets.iter().any(|secret| line.contains(secret.as_str())))
}

#[test]
fn a_secret_in_a_log_is_found() {
    let secrets = ["quiet-heron-1".to_owned(), "hunter2".to_owned()];
    assert_eq!(
        told("fine\nto=<quiet-heron-1@example.test>\n", &secrets),
        Some("to=<quiet-heron-1@example.test>")
    );
    assert_eq!(told("Address(‹redacted›)", &secrets), None);
}

#[tokio::test]
async fn a_whole_call_leaves_no_address_description_password_or_key_in_the_log() {
    let server = MailServer::shared();
    let (alice, bob) = (server.newcomer(), server.newcomer());
    let mut phone = Device::signed_in(&alice, "Alice");
    let mut laptop = Device::signed_in(&bob, "Bob");
    phone.command(&["contact", "add", &bob.address]);
    laptop.command(&["contact", "add", &alice.address]);
    for device in [&mut phone, &mut laptop] {
        device.log_level = "debug";
        device.start();
    }
    let (mut hers, mut his) = (phone.program().await, laptop.program().await);
    let mut secrets = [secrets_of(&phone, &alice.address), secrets_of(&laptop, &bob.address)].concat();
    for program in [&mut hers, &mut his] {
        let account = program.account();
        let exported = program.command(json!({ "type": "ExportKey", "account": account })).await.unwrap();
        let lines = exported["key"].as_str().unwrap().lines().filter(|line| line.len() >= 32);
        let before = secrets.len();
        secrets.extend(lines.map(str::to_owned));
        assert!(secrets.len() > before + 3);
    }

    // Twice: the first goes plain, the second is sealed.
    for _ in 0..2 {
        let call = hers.dial(&bob.address).await;
        his.call_is("Ringing").await;
        hers.call_is("Ringing").await;
        his.command(json!({ "type": "Accept", "call": call, "video": true })).await.unwrap();
        let answer = hers.event("the answer", |event| event["type"] == "UseAnswer").await;
        secrets.push(description(answer["link"].as_str().unwrap()));
        for program in [&mut hers, &mut his] {
            let open = json!({ "type": "LinkState", "link": answer["link"], "state": "Open" });
            program.command(open).await.unwrap();
            program.call_is("Connected").await;
        }
        hers.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
        hers.call_is("Ended").await;
        his.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
        his.call_is("Ended").await;
    }
    // And what goes wrong: refusals quote addresses, clients send nonsense with secrets in it.
    hers.dial("quiet-nobody@example.test").await;
    hers.call_is("Ended").await;
    secrets.push("quiet-nobody".to_owned());
    let account = hers.account();
    let wrong = json!({ "type": "SetPassword", "account": account, "password": "wrong-horse" });
    hers.command(wrong).await.unwrap_err();
    secrets.push("wrong-horse".to_owned());
    hers.say(r#"{"id":999,"command":{"type":"SetPassword","account":"wrong-horse"}}"#).await;
    hers.reply(999).await.unwrap_err();
    hers.command(json!({ "type": "SelfTest", "account": account })).await.unwrap();

    for device in [&mut phone, &mut laptop] {
        device.stop();
        let log = device.log();
        assert!(log.contains("DEBUG"), "nothing was logged at all");
        assert_eq!(told(&log, &secrets), None);
    }
}
