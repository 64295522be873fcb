//! Backends that end without warning.

use serde_json::{Value, json};

use crate::support::{Client, Device, MailServer};

/// The one call that a program found when it came.
fn found(program: &Client) -> (&Value, &Value) {
    let call = &program.snapshot["calls"][0];
    (&call["call"], &call["state"]["type"])
}

#[tokio::test]
async fn a_killed_callee_rings_on_and_does_not_say_so_twice() {
    let server = MailServer::shared();
    let (alice, bob) = (server.newcomer(), server.newcomer());
    let mut phone = Device::signed_in(&alice, "Alice");
    let mut laptop = Device::signed_in(&bob, "Bob");
    phone.command(&["contact", "add", &bob.address]);
    laptop.command(&["contact", "add", &alice.address]);
    phone.start();
    laptop.start();
    let mut hers = phone.program().await;
    let call = hers.dial(&bob.address).await;
    hers.call_is("Ringing").await;
    assert_eq!(server.deliveries(&alice), 1);

    laptop.kill();
    laptop.start();
    let mut his = laptop.program().await;
    assert_eq!(found(&his), (&call, &json!("Ringing")));
    assert_eq!(his.snapshot["history"].as_array().unwrap().len(), 1);
    his.command(json!({ "type": "Accept", "call": call, "video": true })).await.unwrap();
    hers.event("the answer", |event| event["type"] == "UseAnswer").await;
    // `ringing` and `accept`; had it been said again, it would have come before.
    assert_eq!(server.deliveries(&alice), 2);
}

#[tokio::test]
async fn a_killed_caller_goes_on_calling() {
    let (mut alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    let call = hers.dial(&bobs_address).await;
    his.call_is("Ringing").await;
    hers.call_is("Ringing").await;

    alice.kill();
    alice.start();
    let mut hers = alice.program().await;
    assert_eq!(found(&hers), (&call, &json!("Ringing")));
    his.command(json!({ "type": "Accept", "call": call, "video": true })).await.unwrap();
    hers.call_is("Connecting").await;
    let answer = tokio::select! {
        answer = hers.event("the answer to a fresh link", |event| event["type"] == "UseAnswer") => answer,
        () = his.serve() => panic!("Bob's backend has gone"),
    };
    for program in [&mut hers, &mut his] {
        let open = json!({ "type": "LinkState", "link": answer["link"], "state": "Open" });
        program.command(open).await.unwrap();
        program.call_is("Connected").await;
    }
}

#[tokio::test]
async fn an_invitation_that_was_not_posted_when_the_caller_was_killed_is_posted_later() {
    let server = MailServer::start("paused");
    let (mut alice, bob, bobs_address) = Device::pair(&server);
    let mut hers = alice.program().await;
    let mut his = bob.program().await;
    server.run("stop");
    let call = hers.dial(&bobs_address).await;
    let retrying = |event: &Value| event["call"]["state"] == json!({ "type": "Sending", "retrying": true });
    hers.event("the invitation is tried again", retrying).await;
    alice.kill();
    alice.start();
    assert_eq!(found(&alice.watcher().await).0, &call);
    server.run("start");
    assert_eq!(his.call_is("Ringing").await["call"], call);
}
