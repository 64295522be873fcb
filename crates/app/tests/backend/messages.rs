//! What a client says, in every order and shape.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::support::{Client, Device, MailServer, PATIENCE};

fn running() -> Device {
    let mut device = Device::fresh();
    device.start();
    device
}

#[tokio::test]
async fn hello_comes_first() {
    let device = running();
    let mut program = Client::with_token(&device, device.token()).await;
    let error = program.command(json!({ "type": "History", "before": null })).await.unwrap_err();
    assert_eq!(error["code"], "no_hello");
    program.hello().await.unwrap();
    program.command(json!({ "type": "History", "before": null })).await.unwrap();
}

#[tokio::test]
async fn what_is_no_command_is_answered_under_its_id() {
    let device = running();
    let mut program = device.watcher().await;
    let texts = [
        (7, r#"{"id":7,"command":{"type":"Fly"}}"#),
        (8, r#"{"id":8,"command":{"type":"Accept","call":"not an id","video":true}}"#),
        (9, r#"{"id":9}"#),
        (0, r#"{"id":-1,"command":{"type":"Focused"}}"#),
        (0, "}{"),
        (0, r#"{"id":4294967296,"command":{"type":"Focused"}}"#),
    ];
    for (id, text) in texts {
        program.say(text).await;
        assert_eq!(program.reply(id).await.unwrap_err()["code"], "malformed", "{text}");
    }
    program.say(&"[".repeat(50_000)).await;
    assert_eq!(program.reply(0).await.unwrap_err()["code"], "malformed");
    program.command(json!({ "type": "Focused" })).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_said_without_repeating_it() {
    let device = running();
    let mut program = device.watcher().await;
    program
        .say(r#"{"id":7,"command":{"type":"SetPassword","account":"hunter2","password":"hunter2"}}"#)
        .await;
    let error = program.reply(7).await.unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_text_that_is_far_too_long_ends_only_its_socket() {
    let device = running();
    let mut flooder = device.watcher().await;
    let mut bystander = device.watcher().await;
    flooder.say(&"x".repeat(100_000)).await;
    assert!(flooder.is_sent_away().await);
    bystander.command(json!({ "type": "Focused" })).await.unwrap();
}

#[tokio::test]
async fn nobody_hears_of_calls_and_accounts_that_are_not_there() {
    let device = running();
    let mut program = device.watcher().await;
    let nobody = "0".repeat(32);
    for kind in ["Decline", "HangUp", "AcceptRequest"] {
        let error = program.command(json!({ "type": kind, "call": nobody })).await.unwrap_err();
        assert_eq!(error["code"], "unknown_call", "{kind}");
    }
    let bob = "bob@example.test";
    for command in [
        json!({ "type": "Call", "account": 5, "address": bob, "video": true }),
        json!({ "type": "OpenContact", "account": 5, "address": bob }),
        json!({ "type": "PutContact", "account": 5, "address": bob, "name": "Bob" }),
        json!({ "type": "RemoveContact", "account": 5, "address": bob }),
        json!({ "type": "AcceptKey", "account": 5, "address": bob, "fingerprint": "00" }),
        json!({ "type": "SelfTest", "account": 5 }),
        json!({ "type": "SignOut", "account": 5 }),
        json!({ "type": "SetPassword", "account": 5, "password": "secret" }),
        json!({ "type": "SetName", "account": 5, "name": "Alice" }),
    ] {
        let error = program.command(command.clone()).await.unwrap_err();
        assert_eq!(error["code"], "unknown_account", "{command}");
    }
}

#[tokio::test]
async fn a_flood_of_commands_is_answered_to_the_last_one() {
    let device = running();
    let mut flooder = device.watcher().await;
    let mut ids = Vec::new();
    for _ in 0..3000 {
        ids.push(flooder.give(json!({ "type": "History", "before": null })).await);
    }
    for id in ids {
        flooder.reply(id).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_holds_nobody_up() {
    let device = running();
    let mut sleeper = device.watcher().await;
    let mut busy = device.watcher().await;
    // Each asks for a snapshot; at some time nobody takes any more of them.
    let hello = json!({ "type": "Hello", "page": "1".repeat(32), "can_webrtc": false });
    let flood = async {
        loop {
            sleeper.give(hello.clone()).await;
        }
    };
    assert!(timeout(Duration::from_secs(3), flood).await.is_err());
    timeout(PATIENCE, busy.command(json!({ "type": "Focused" }))).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_servers_of_settings_are_urls_that_a_browser_takes() {
    let device = running();
    let mut program = device.watcher().await;
    let good = program.snapshot["settings"].clone();
    let turn = |url: &str| json!([{ "url": url, "username": "a", "credential": "b" }]);
    for url in
        ["stun.example.test", "http://example.test", "stun:", "stun:a b", "turn:example.test", "stun:h:99999"]
    {
        let mut settings = good.clone();
        settings["stun"] = json!([url]);
        let error =
            program.command(json!({ "type": "SetSettings", "settings": settings })).await.unwrap_err();
        assert_eq!(error["code"], "malformed", "{url}");
    }
    for url in ["stun:example.test", "turn:example.test?transport=sctp", "turns:", "turn:example.test/x"] {
        let mut settings = good.clone();
        settings["turn"] = turn(url);
        let error =
            program.command(json!({ "type": "SetSettings", "settings": settings })).await.unwrap_err();
        assert_eq!(error["code"], "malformed", "{url}");
    }
    let mut settings = good.clone();
    settings["stun"] = json!(["stun:example.test", "stuns:example.test:5349", "stun:192.0.2.1:3478"]);
    settings["turn"] = turn("turns:[2001:db8::1]:5349?transport=tcp");
    program.command(json!({ "type": "SetSettings", "settings": settings })).await.unwrap();
    assert_eq!(device.watcher().await.snapshot["settings"], settings);
}

#[tokio::test]
async fn of_two_connections_of_one_page_the_later_one_makes_the_links() {
    let mut device = Device::signed_in(&MailServer::shared().newcomer(), "Alice");
    device.start();
    let mut first = device.program().await;
    let mut second = Client::with_token(&device, device.token()).await;
    second.page.clone_from(&first.page);
    second.makes_links = true;
    second.hello().await.unwrap();
    let account = second.account();
    let is_link = |event: &serde_json::Value| event["type"] == "MakeOffer";
    let open = |address: &str| json!({ "type": "OpenContact", "account": account, "address": address });

    first.command(open("bob@example.test")).await.unwrap();
    second.event("a link", is_link).await;
    assert!(!first.has_heard(is_link));

    // The later one goes: the page is still there.
    second.leave().await;
    let mut watcher = device.watcher().await;
    watcher.command(open("carol@example.test")).await.unwrap();
    first.event("a link", is_link).await;
}

#[tokio::test]
async fn a_connection_that_says_hello_as_another_page_is_the_former_no_more() {
    let mut device = Device::signed_in(&MailServer::shared().newcomer(), "Alice");
    device.start();
    let mut page = device.program().await;
    for name in ["a", "b"] {
        page.page = name.repeat(32);
        page.hello().await.unwrap();
    }
    let account = page.account();
    page.command(json!({ "type": "OpenContact", "account": account, "address": "bob@example.test" }))
        .await
        .unwrap();
    page.event("a link for the page that it is now", |event| event["type"] == "MakeOffer").await;
}
