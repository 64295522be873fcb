//! A disk that is full.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use call::{CancelReason, Signal};
use identity::OwnKey;
use serde_json::{Value, json};

use crate::{
    support::{Device, MailServer},
    written_by_hand::alice_and_bob,
};

/// Moves a device's data directory to a small disk of its own and starts it there.
fn start_on_a_small_disk(device: &mut Device) {
    let script = "disk=$(mktemp -d) && mount -t tmpfs -o size=1m none $disk && cp -a \"$2\"/. $disk && \
                  mount --bind $disk \"$2\" && exec \"$0\" \"$@\"";
    let mut program = Command::new("unshare");
    program.args(["--map-root-user", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_mailcalld")]);
    device.start_as(program);
}

/// A file that takes what room there is on the device's disk; dropping it gives it back.
struct Filler(PathBuf);

impl Filler {
    fn on(device: &Device) -> Self {
        let dir = device.dir();
        let seen_from_here = Path::new("/proc").join(device.pid().to_string()).join("root");
        let path = seen_from_here.join(dir.strip_prefix("/").unwrap()).join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_costs_only_what_was_asked_meanwhile() {
    let server = MailServer::shared();
    let (alice, bob) = (server.newcomer(), server.newcomer());
    let mut phone = Device::signed_in(&alice, "Alice");
    let mut laptop = Device::signed_in(&bob, "Bob");
    phone.command(&["contact", "add", &bob.address]);
    laptop.command(&["contact", "add", &alice.address]);
    laptop.start();
    start_on_a_small_disk(&mut phone);
    let (mut hers, mut his) = (phone.program().await, laptop.program().await);

    let full = Filler::on(&phone);
    let account = hers.account();
    let put =
        json!({ "type": "PutContact", "account": account, "address": "carol@example.test", "name": "Carol" });
    let error = hers.command(put).await.unwrap_err();
    assert_eq!(error["code"], "storage");
    assert!(error["detail"].as_str().unwrap().starts_with("the disk is full"), "{error}");
    let dial = json!({ "type": "Call", "account": account, "address": bob.address, "video": true });
    assert_eq!(hers.command(dial).await.unwrap_err()["code"], "storage");
    let lost = hers.call_is("Ended").await;
    let late = phone.watcher().await;
    assert_eq!(late.snapshot["calls"], json!([]));
    assert_eq!(late.snapshot["contacts"].as_array().unwrap().len(), 1);

    drop(full);
    let call = hers.dial(&bob.address).await;
    assert_eq!(his.call_is("Ringing").await["call"], call);
    hers.call_is("Ringing").await;
    // Also the call that failed is in the history.
    let entries = hers.command(json!({ "type": "History", "before": null })).await.unwrap()["entries"].take();
    let calls: Vec<_> = entries.as_array().unwrap().iter().map(|entry| &entry["call"]).collect();
    assert_eq!(calls, [&call, &lost["call"]]);
}

#[tokio::test]
async fn a_call_that_comes_in_while_the_disk_is_full_is_seen_and_is_not_lost() {
    let server = MailServer::shared();
    let (alice, bob) = (server.newcomer(), server.newcomer());
    let mut phone = Device::signed_in(&alice, "Alice");
    let mut laptop = Device::signed_in(&bob, "Bob");
    laptop.command(&["contact", "add", &alice.address]);
    phone.start();
    start_on_a_small_disk(&mut laptop);
    let (mut hers, mut his) = (phone.program().await, laptop.program().await);

    let full = Filler::on(&laptop);
    let call = hers.dial(&bob.address).await;
    assert_eq!(his.call_is("Ringing").await["call"], call);
    let accept = json!({ "type": "Accept", "call": call, "video": true });
    assert_eq!(his.command(accept).await.unwrap_err()["code"], "storage");
    his.call_is("Ended").await;

    drop(full);
    his.command(json!({ "type": "PutContact", "account": 1, "address": alice.address, "name": "A" }))
        .await
        .unwrap();
    let entries = his.command(json!({ "type": "History", "before": null })).await.unwrap()["entries"].take();
    assert_eq!(entries[0]["call"], call);
}

#[tokio::test]
async fn a_key_that_could_not_be_accepted_on_a_full_disk_is_accepted_later() {
    let (mut alice, mut laptop, bob) = alice_and_bob();
    laptop.stop();
    start_on_a_small_disk(&mut laptop);
    let mut his = laptop.watcher().await;
    let [old, new] = [(); 2].map(|()| OwnKey::generate(&alice.address).unwrap());
    let hers = |field: &'static str, key: &OwnKey| {
        let fingerprint = key.fingerprint().to_owned();
        move |event: &Value| event["type"] == "ContactsChanged" && event["contacts"][0][field] == fingerprint
    };
    let nothing = || Signal::Cancel { reason: CancelReason::HungUp };
    alice.mail(&bob.address, 1, nothing(), Some(&old)).await;
    his.event("her key", hers("fingerprint", &old)).await;
    alice.mail(&bob.address, 2, nothing(), Some(&new)).await;
    his.event("her other key", hers("changed_key", &new)).await;

    let full = Filler::on(&laptop);
    let (account, address) = (his.account(), alice.address.as_str());
    let fingerprint = new.fingerprint();
    let accept =
        json!({ "type": "AcceptKey", "account": account, "address": address, "fingerprint": fingerprint });
    assert_eq!(his.command(accept.clone()).await.unwrap_err()["code"], "storage");
    let contact = laptop.watcher().await.snapshot["contacts"][0].take();
    assert_eq!(contact["fingerprint"], old.fingerprint());

    drop(full);
    his.command(accept).await.unwrap();
    his.event("her new key", hers("fingerprint", &new)).await;
}
