//! Signing in and out, from a page or program.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::support::{Client, Device, MailServer, PASSWORD, Person, mailcalld};

/// Somebody, with a device on which nothing is set up.
pub fn newcomer() -> (Person<'static>, Device) {
    let mut device = Device::fresh();
    device.start();
    (MailServer::shared().newcomer(), device)
}

/// What the form says; the test server's certificate verifies nowhere.
pub fn form(person: &Person<'_>, pin: Option<&str>) -> Value {
    let server =
        |service| json!({ "host": "127.0.0.1", "port": person.server.port(service), "security": "tls" });
    json!({
        "type": "SignIn", "address": person.address, "name": "Alice", "password": PASSWORD, "pin": pin,
        "servers": { "imap": server("imaps"), "smtp": server("submissions"), "login": null },
        "secrets": "file",
    })
}

/// SHA-256 of the test server's certificate.
pub fn fingerprint(server: &MailServer) -> String {
    let pem = fs::read_to_string(server.ca().with_file_name("server.pem")).unwrap();
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let (base64, _) = rest.split_once("-----END").unwrap();
    let der = STANDARD.decode(base64.split_whitespace().collect::<String>()).unwrap();
    digest(&SHA256, &der).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn is_ready(program: &mut Client) {
    let ready =
        |event: &Value| event["type"] == "AccountChanged" && event["account"]["state"]["type"] == "Ready";
    program.event("the account is ready", ready).await;
}

#[tokio::test]
async fn a_certificate_that_does_not_verify_is_shown_and_that_very_one_can_be_pinned() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    let error = page.command(form(&alice, None)).await.unwrap_err();
    assert_eq!(error["code"], "certificate");
    assert_eq!(error["certificate"]["host"], "127.0.0.1");
    let shown = error["certificate"]["sha256"].as_str().unwrap();
    assert_eq!(shown, fingerprint(alice.server));

    let other = "ab".repeat(32);
    let error = page.command(form(&alice, Some(&other))).await.unwrap_err();
    assert_eq!(error["code"], "certificate");

    let answer = page.command(form(&alice, Some(shown))).await.unwrap();
    assert_eq!(answer["type"], "SignedIn");
    is_ready(&mut page).await;
}

#[tokio::test]
async fn two_servers_may_each_have_a_certificate_that_is_pinned() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    // It knows the same people.
    let sending = MailServer::start("sending");
    let mut form = form(&alice, None);
    form["servers"]["smtp"]["port"] = json!(sending.port("submissions"));
    for (pin, server) in [("pin", alice.server), ("other_pin", &sending)] {
        let error = page.command(form.clone()).await.unwrap_err();
        assert_eq!(error["certificate"]["sha256"], fingerprint(server), "{error}");
        form[pin] = error["certificate"]["sha256"].clone();
    }
    assert_eq!(page.command(form).await.unwrap()["type"], "SignedIn");
    is_ready(&mut page).await;
}

#[tokio::test]
async fn a_pin_that_is_none_is_malformed() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    for pin in ["", "ab", &"xy".repeat(32), &"é".repeat(32), &"ab".repeat(33)] {
        let error = page.command(form(&alice, Some(pin))).await.unwrap_err();
        assert_eq!(error["code"], "malformed", "{pin}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_nothing_is_kept() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    let mut form = form(&alice, Some(&fingerprint(alice.server)));
    form["password"] = json!("wrong");
    assert_eq!(page.command(form).await.unwrap_err()["code"], "wrong_password");
    assert_eq!(device.watcher().await.snapshot["accounts"], json!([]));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    let mut form = form(&alice, None);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    form["servers"]["imap"]["port"] = json!(port);
    form["servers"]["smtp"]["port"] = json!(port);
    assert_eq!(page.command(form).await.unwrap_err()["code"], "server_unreachable");
}

#[tokio::test]
async fn an_account_is_signed_in_once_even_when_asked_twice_at_the_same_time() {
    let (alice, device) = newcomer();
    let mut page = device.watcher().await;
    let form = form(&alice, Some(&fingerprint(alice.server)));
    let (first, second) = (page.give(form.clone()).await, page.give(form.clone()).await);
    let replies = [page.reply(first).await, page.reply(second).await];
    let refused: Vec<_> = replies.iter().filter_map(|reply| reply.as_ref().err()).collect();
    assert_eq!(refused.len(), 1, "{replies:?}");
    assert_eq!(refused[0]["code"], "already_signed_in");
    assert_eq!(page.command(form).await.unwrap_err()["code"], "already_signed_in");
    assert_eq!(device.watcher().await.snapshot["accounts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn signing_out_forgets_everything_of_the_account() {
    let (alice, mut device) = newcomer();
    let mut page = device.program().await;
    let form = form(&alice, Some(&fingerprint(alice.server)));
    let account = page.command(form).await.unwrap()["account"].take();
    let bob = alice.server.newcomer();
    page.command(json!({ "type": "PutContact", "account": account, "address": bob.address, "name": "Bob" }))
        .await
        .unwrap();
    page.snapshot["accounts"] = json!([{ "account": account }]);
    page.dial(&bob.address).await;
    page.call_is("Sent").await;

    page.command(json!({ "type": "SignOut", "account": account })).await.unwrap();
    page.event("the account is gone", |event| {
        *event == json!({ "type": "AccountRemoved", "account": account })
    })
    .await;
    for _restart in 0..2 {
        let late = device.watcher().await;
        for gone in ["accounts", "contacts", "calls", "history"] {
            assert_eq!(late.snapshot[gone], json!([]), "{gone}");
        }
        device.stop();
        device.start();
    }
    device.stop();
    for file in device.files_below() {
        let bytes = fs::read(&file).unwrap();
        for trace in [PASSWORD, &alice.address, &bob.address, "BEGIN PGP PRIVATE KEY"] {
            let found = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            assert!(!found, "{trace} is left in {}", file.display());
        }
    }
}

#[tokio::test]
async fn a_new_password_is_tried_before_it_is_kept() {
    let (alice, mut device) = newcomer();
    let mut page = device.watcher().await;
    let form = form(&alice, Some(&fingerprint(alice.server)));
    let account = page.command(form).await.unwrap()["account"].take();
    let set = |password: &str| json!({ "type": "SetPassword", "account": account, "password": password });
    assert_eq!(page.command(set("wrong")).await.unwrap_err()["code"], "wrong_password");
    assert_eq!(page.command(set(PASSWORD)).await.unwrap(), json!({ "type": "Done" }));
    device.stop();
    device.start();
    let state = device.watcher().await.snapshot["accounts"][0]["state"]["type"].take();
    assert_eq!(state, "Ready");
}

#[tokio::test]
async fn a_new_name_is_seen_by_whoever_is_called_next() {
    let (mut hers, his, bob) = Device::pair(MailServer::shared());
    let (mut page, mut watcher) = (hers.program().await, hers.watcher().await);
    let mut bobs = his.program().await;
    let named = |name: &str| json!({ "type": "SetName", "account": 1, "name": name });
    page.command(named(" Alice\r\n Liddell ")).await.unwrap();
    watcher
        .event("other pages are told", |event| {
            event["type"] == "AccountChanged" && event["account"]["name"] == "Alice Liddell"
        })
        .await;
    page.dial(&bob).await;
    assert_eq!(bobs.call_is("Ringing").await["peer_name"], "Alice Liddell");
    hers.kill();
    hers.start();
    assert_eq!(hers.watcher().await.snapshot["accounts"][0]["name"], "Alice Liddell");
}

#[tokio::test]
async fn an_invitation_that_waits_for_the_server_leaves_also_after_a_change_of_the_account() {
    let server = MailServer::start("renewed");
    let (alice, bob, bobs_address) = Device::pair(&server);
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    server.run("stop");
    let call = hers.dial(&bobs_address).await;
    let retrying = |event: &Value| event["call"]["state"] == json!({ "type": "Sending", "retrying": true });
    hers.event("the invitation is tried again", retrying).await;
    let account = hers.account();
    let key = hers.command(json!({ "type": "ExportKey", "account": account })).await.unwrap()["key"].take();
    hers.command(json!({ "type": "ImportKey", "account": account, "key": key })).await.unwrap();
    server.run("start");
    assert_eq!(his.call_is("Ringing").await["call"], call);
}

#[tokio::test]
async fn a_mail_to_oneself_comes_back_and_is_timed() {
    let server = MailServer::shared();
    let mut device = Device::signed_in(&server.newcomer(), "Alice");
    device.start();
    let mut page = device.watcher().await;
    let test = json!({ "type": "SelfTest", "account": page.account() });
    let (first, second) = (page.give(test.clone()).await, page.give(test).await);
    for id in [first, second] {
        let answer = page.reply(id).await.unwrap();
        let ms = answer["ms"].as_u64().unwrap();
        assert!(ms > 0 && ms < 30_000, "{ms}");
    }
}

#[tokio::test]
async fn settings_and_names_of_contacts_outlive_a_restart() {
    let server = MailServer::shared();
    let mut device = Device::signed_in(&server.newcomer(), "Alice");
    device.start();
    let mut page = device.watcher().await;
    let mut settings = page.snapshot["settings"].clone();
    settings["device_name"] = json!("laptop");
    settings["hide_until_answer"] = json!(true);
    settings["ring_seconds"] = json!(45);
    page.command(json!({ "type": "SetSettings", "settings": settings })).await.unwrap();
    let account = page.account();
    for name in ["Bob", "Robert"] {
        let put =
            json!({ "type": "PutContact", "account": account, "address": "Bob@Example.test", "name": name });
        page.command(put).await.unwrap();
    }
    device.kill();
    device.start();
    let snapshot = device.watcher().await.snapshot;
    assert_eq!(snapshot["settings"], settings);
    assert_eq!(snapshot["contacts"][0]["name"], "Robert");
    assert_eq!(snapshot["contacts"][0]["address"], "bob@example.test");
    assert_eq!(snapshot["contacts"].as_array().unwrap().len(), 1);
}

#[test]
fn two_backends_cannot_share_a_data_directory() {
    let mut device = Device::fresh();
    device.start();
    let dir = device.dir();
    let output = mailcalld(&["--data-dir", dir.to_str().unwrap()]);
    assert!(!output.status.success());
    assert_eq!(output.stdout, b"");
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("another Mailcall is already using this data folder"), "{words}");
}

#[test]
fn an_account_that_cannot_be_reached_does_not_hold_up_the_ready_line() {
    let server = MailServer::start("gone");
    let mut device = Device::signed_in(&server.newcomer(), "Alice");
    server.run("stop");
    device.start();
    let snapshot = tokio::runtime::Runtime::new().unwrap().block_on(device.watcher()).snapshot;
    let state = &snapshot["accounts"][0]["state"];
    assert_eq!(state["type"], "Offline");
    assert_eq!(state["code"], "server_unreachable");
}
