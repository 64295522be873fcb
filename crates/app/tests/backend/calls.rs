//! Calls between programs, through real mailboxes.

use serde_json::{Value, json};

use crate::support::{Client, Device, MailServer};

/// Tells a device that its user's link is open.
pub async fn open(program: &mut Client, link: &Value) {
    program.command(json!({ "type": "LinkState", "link": link, "state": "Open" })).await.unwrap();
}

/// Waits until the caller has the answer, and opens the link on both sides.
pub async fn connect(alice: &mut Client, bob: &mut Client) {
    let answer = alice.event("the answer", |event| event["type"] == "UseAnswer").await;
    open(alice, &answer["link"]).await;
    open(bob, &answer["link"]).await;
    alice.call_is("Connected").await;
    bob.call_is("Connected").await;
}

#[tokio::test]
async fn a_call_is_in_both_histories_afterwards() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    let call = hers.dial(&bobs_address).await;
    assert_eq!(his.call_is("Ringing").await["call"], call);
    his.command(json!({ "type": "Accept", "call": call, "video": false })).await.unwrap();
    connect(&mut hers, &mut his).await;
    hers.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
    let said = hers.event("a hang-up for Bob", |event| event["type"] == "SendOnLink").await;
    let heard = json!({ "type": "SignalFromLink", "link": said["link"], "signal": said["signal"] });
    his.command(heard).await.unwrap();

    for (program, by_peer, direction) in [(&mut hers, false, "Outgoing"), (&mut his, true, "Incoming")] {
        assert_eq!(
            program.call_is("Ended").await["state"]["reason"],
            json!({ "type": "HungUp", "by_peer": by_peer })
        );
        let over = |event: &Value| event["type"] == "HistoryChanged" && !event["entries"][0]["end"].is_null();
        let entry = program.event("the call is history", over).await["entries"][0].take();
        assert_eq!((&entry["call"], &entry["direction"]), (&call, &json!(direction)));
        assert!(entry["talked_s"].is_u64() && entry["began"].is_u64(), "{entry}");
        let older = program.command(json!({ "type": "History", "before": null })).await.unwrap();
        assert_eq!(older["entries"], json!([entry]));
        let before = json!({ "type": "History", "before": entry["began"] });
        assert_eq!(program.command(before).await.unwrap()["entries"], json!([]));
        program.command(json!({ "type": "Forget", "call": call })).await.unwrap();
        let gone = |event: &Value| event["type"] == "HistoryChanged" && event["entries"] == json!([]);
        program.event("the call is forgotten", gone).await;
    }
}

#[tokio::test]
async fn a_call_that_goes_on_is_not_forgotten() {
    let (alice, _bob, bobs_address) = Device::pair(MailServer::shared());
    let mut hers = alice.program().await;
    let call = hers.dial(&bobs_address).await;
    hers.call_is("Ringing").await;
    let forget = |call: Value| json!({ "type": "Forget", "call": call });
    assert_eq!(hers.command(forget(call.clone())).await.unwrap_err()["code"], "unknown_call");
    hers.command(forget(Value::Null)).await.unwrap();
    let entries = hers.command(json!({ "type": "History", "before": null })).await.unwrap()["entries"].take();
    assert_eq!(entries[0]["call"], call);
}

#[tokio::test]
async fn a_recipient_that_the_server_refuses_is_told_in_its_words() {
    let (alice, _bob, _) = Device::pair(MailServer::shared());
    let mut hers = alice.program().await;
    hers.dial("nobody-of-this-name@example.test").await;
    let ended = hers.call_is("Ended").await;
    assert_eq!(ended["state"]["reason"]["type"], "Unreachable");
    let words = ended["state"]["reason"]["words"].as_str().unwrap();
    assert!(words.contains("nobody-of-this-name") || words.contains("5.1.1"), "{words}");
}

#[tokio::test]
async fn a_mail_that_bounces_is_told_in_the_words_of_the_last_server() {
    let (alice, _bob, _) = Device::pair(MailServer::shared());
    let mut hers = alice.program().await;
    hers.dial("bob@nowhere.example.test").await;
    hers.call_is("Sent").await;
    let ended = hers.call_is("Ended").await;
    assert_eq!(ended["state"]["reason"]["type"], "Unreachable");
    assert_ne!(ended["state"]["reason"]["words"], "");
}

#[tokio::test]
async fn whoever_dials_somebody_who_rings_takes_that_call() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    // One call first, so that each knows the other's key.
    let call = hers.dial(&bobs_address).await;
    his.call_is("Ringing").await;
    hers.call_is("Ringing").await;
    hers.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
    let alices_address = his.call_is("Ended").await["peer"].take();

    let call = hers.dial(&bobs_address).await;
    assert_eq!(his.call_is("Ringing").await["call"], call);
    assert_eq!(his.dial(alices_address.as_str().unwrap()).await, call);
    hers.call_is("Connecting").await;
}

#[tokio::test]
async fn a_stranger_who_was_not_heard_in_time_can_still_become_a_contact() {
    let server = MailServer::shared();
    let (mallory, bob) = (server.newcomer(), server.newcomer());
    let mut phone = Device::signed_in(&mallory, "Mallory");
    let mut laptop = Device::signed_in(&bob, "Bob");
    phone.start();
    laptop.start();
    let (mut stranger, mut his) = (phone.program().await, laptop.program().await);
    let call = stranger.dial(&bob.address).await;
    his.call_is("Requested").await;
    stranger.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
    his.call_is("Ended").await;
    his.command(json!({ "type": "AcceptRequest", "call": call })).await.unwrap();
    let is_contact = |event: &Value| {
        event["type"] == "ContactsChanged" && event["contacts"][0]["address"] == mallory.address.as_str()
    };
    his.event("she is a contact", is_contact).await;
}

#[tokio::test]
async fn a_page_that_comes_back_under_its_id_keeps_the_call() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    let call = hers.dial(&bobs_address).await;
    his.call_is("Ringing").await;
    his.command(json!({ "type": "Accept", "call": call, "video": true })).await.unwrap();
    connect(&mut hers, &mut his).await;

    let page = hers.page.clone();
    hers.leave().await;
    let mut back = Client::with_token(&alice, alice.token()).await;
    back.page = page;
    back.makes_links = true;
    back.hello().await.unwrap();
    let state = back.snapshot["calls"][0]["state"]["type"].take();
    assert!(state == "Connected" || state == "Reconnecting", "{state}");
    back.event("a fresh link", |event| event["type"] == "MakeOffer").await;
}

#[tokio::test]
async fn a_page_that_its_user_closes_hangs_up_and_one_whose_connection_breaks_does_not() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (hers, mut his) = (alice.program().await, bob.program().await);
    let mut watcher = alice.watcher().await;
    let mut hers = hers;
    let call = hers.dial(&bobs_address).await;
    his.call_is("Ringing").await;
    his.command(json!({ "type": "Accept", "call": call, "video": true })).await.unwrap();
    connect(&mut hers, &mut his).await;
    let page = hers.page.clone();
    hers.leave().await;
    assert_eq!(watcher.call_is("Reconnecting").await["call"], call);

    let mut back = Client::with_token(&alice, alice.token()).await;
    back.page = page;
    back.makes_links = true;
    back.hello().await.unwrap();
    back.command(json!({ "type": "Closed" })).await.unwrap();
    let reason = watcher.call_is("Ended").await["state"]["reason"].take();
    assert_eq!(reason, json!({ "type": "HungUp", "by_peer": false }));
}

#[tokio::test]
async fn a_contact_has_the_name_that_the_user_gave_it_on_both_ends_of_a_call() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    let put = |address: &Value, name: &str| json!({ "type": "PutContact", "account": 1, "address": address, "name": name });
    hers.command(put(&json!(bobs_address), "Bob from work")).await.unwrap();
    his.command(put(&hers.snapshot["accounts"][0]["address"], "My sister")).await.unwrap();

    hers.dial(&bobs_address).await;

    assert_eq!(his.call_is("Ringing").await["peer_name"], "My sister");
    assert_eq!(hers.call_is("Ringing").await["peer_name"], "Bob from work");
}

#[tokio::test]
async fn only_the_key_that_the_user_was_shown_is_accepted() {
    let (alice, _bob, bobs_address) = Device::pair(MailServer::shared());
    let mut hers = alice.program().await;
    let accept = json!({ "type": "AcceptKey", "account": 1, "address": bobs_address, "fingerprint": "00" });

    assert_eq!(hers.command(accept).await.unwrap_err()["code"], "bad_key");
}
