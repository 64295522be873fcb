//! What was kept of an account is gone or damaged: the user is told what, and gives it again.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Device, MailServer, PASSWORD, mailcalld};

/// Alice has signed in; then this happened to what her device keeps under that name.
fn signed_in_but(kind: &str, happens: impl Fn(&std::path::Path)) -> Device {
    let mut device = Device::signed_in(&MailServer::shared().newcomer(), "Alice");
    let files = device.files_below();
    happens(files.iter().find(|file| file.extension().is_some_and(|end| end == kind)).unwrap());
    device.start();
    device
}

fn removed(file: &std::path::Path) {
    fs::remove_file(file).unwrap();
}

fn emptied(file: &std::path::Path) {
    fs::write(file, "").unwrap();
}

/// Gives the password anew, and reads the key's fingerprint after a restart.
async fn gives_the_password(device: &mut Device) -> Value {
    let mut page = device.watcher().await;
    let account = page.snapshot["accounts"][0].clone();
    assert_eq!(account["state"]["type"], "SignedOut");
    assert_eq!(account["state"]["code"], "secret_lost");
    let set = json!({ "type": "SetPassword", "account": account["account"], "password": PASSWORD });
    assert_eq!(page.command(set).await.unwrap(), json!({ "type": "Done" }));
    device.stop();
    device.start();
    let account = device.watcher().await.snapshot["accounts"][0].clone();
    assert_eq!(account["state"]["type"], "Ready", "{account}");
    account["fingerprint"].clone()
}

#[tokio::test]
async fn a_password_that_was_lost_is_given_again_and_the_key_stays() {
    let mut device = signed_in_but("password", removed);
    let key = device.dir().join("secrets").read_dir().unwrap().next().unwrap().unwrap().path();
    let before = fs::read(&key).unwrap();
    assert_ne!(gives_the_password(&mut device).await, "");
    assert_eq!(fs::read(&key).unwrap(), before);
}

#[tokio::test]
async fn a_key_that_was_lost_is_made_anew_with_the_password() {
    let mut device = signed_in_but("private-key", removed);
    assert_ne!(gives_the_password(&mut device).await, "");
}

#[tokio::test]
async fn a_key_that_was_damaged_is_made_anew_with_the_password() {
    let mut device = signed_in_but("private-key", emptied);
    assert_ne!(gives_the_password(&mut device).await, "");
}

#[tokio::test]
async fn a_key_that_was_lost_comes_from_another_device() {
    let alice = MailServer::shared().newcomer();
    let mut laptop = Device::signed_in(&alice, "Alice");
    laptop.start();
    let mut laptop = laptop.watcher().await;
    let export = json!({ "type": "ExportKey", "account": laptop.account() });
    let key = laptop.command(export).await.unwrap()["key"].take();

    let mut phone = Device::signed_in(&alice, "Alice");
    let files = phone.files_below();
    removed(files.iter().find(|file| file.extension().is_some_and(|end| end == "private-key")).unwrap());
    phone.start();
    let mut page = phone.watcher().await;
    let bring = json!({ "type": "ImportKey", "account": page.account(), "key": key });
    assert_eq!(page.command(bring).await.unwrap(), json!({ "type": "Done" }));
    let fingerprint = laptop.snapshot["accounts"][0]["fingerprint"].take();
    assert_eq!(phone.watcher().await.snapshot["accounts"][0]["fingerprint"], fingerprint);
}

#[test]
fn an_emptied_database_is_not_taken_for_a_first_start() {
    let device = Device::signed_in(&MailServer::shared().newcomer(), "Alice");
    emptied(&device.dir().join("mailcall.db"));
    let output = mailcalld(&["--data-dir", device.dir().to_str().unwrap()]);
    assert!(!output.status.success());
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("damaged") && words.contains("mailcall.db"), "{words}");
    assert!(words.contains(device.dir().to_str().unwrap()), "{words}");
}
