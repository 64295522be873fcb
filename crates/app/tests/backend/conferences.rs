//! Calls that belong to a conference, through real mailboxes, and who its participants are.

use serde_json::{Value, json};

use crate::{
    calls::{connect, open},
    support::{Client, Device, MailServer, Person},
};

fn party() -> Value {
    json!({ "id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "topic": "The summer party", "people": ["Alice", "Bob"] })
}

/// Says to which conference a call belongs, and how many further participants are in it; one of them says of itself
/// what is no address, and the rest counts.
async fn belongs(program: &mut Client, call: &Value, others: u32) {
    let odd = ["not an address"];
    let command = json!({
        "type": "Conference", "call": call, "conference": party(), "others": others, "ways": odd, "proven": odd
    });
    program.command(command).await.unwrap();
}

/// Calls somebody into the conference.
async fn invite(program: &mut Client, address: &str) -> Value {
    let account = program.account();
    let command = json!({ "type": "Call", "account": account, "address": address, "video": true, "conference": party() });
    program.command(command).await.unwrap()["call"].take()
}

async fn accept(program: &mut Client, call: &Value) {
    program.command(json!({ "type": "Accept", "call": call, "video": true })).await.unwrap();
}

/// Whether the program's side is told to let the other in, on the link of the call that was connected last.
async fn hosts(program: &mut Client, call: &Value) -> Value {
    let of_call = |event: &Value| {
        (event["type"] == "MakeOffer" || event["type"] == "MakeAnswer") && event["call"] == *call
    };
    let link = program.event("a link of the call", of_call).await["link"].take();
    let media = |event: &Value| event["type"] == "UseMedia" && event["link"] == link;
    program.event("media", media).await["hosts"].take()
}

/// One side's hang-up arrives at the other over the link.
async fn hang_up_arrives(from: &mut Client, to: &mut Client) {
    let cancels = |event: &Value| event["type"] == "SendOnLink" && event["signal"]["type"] == "cancel";
    let said = from.event("a hang-up for the other side", cancels).await;
    let heard = json!({ "type": "SignalFromLink", "link": said["link"], "signal": said["signal"] });
    to.command(heard).await.unwrap();
}

/// A device of somebody new, running, whose user knows these people.
fn device_of<'a>(server: &'a MailServer, name: &str, contacts: &[&str]) -> (Device, Person<'a>) {
    let person = server.newcomer();
    let mut device = Device::signed_in(&person, name);
    for contact in contacts {
        device.command(&["contact", "add", contact]);
    }
    device.start();
    (device, person)
}

/// Alice and Bob talk; also the call.
async fn talking(alice: &Device, bob: &Device, bobs_address: &str) -> (Client, Client, Value) {
    let (mut hers, mut his) = (alice.program().await, bob.program().await);
    let call = hers.dial(bobs_address).await;
    his.call_is("Ringing").await;
    accept(&mut his, &call).await;
    connect(&mut hers, &mut his).await;
    assert_eq!((hosts(&mut hers, &call).await, hosts(&mut his, &call).await), (json!(true), json!(false)));
    (hers, his, call)
}

#[tokio::test]
async fn carol_is_invited_into_the_conference_and_sees_what_it_is_and_who_is_in() {
    let server = MailServer::shared();
    let (alice, bob, bobs_address) = Device::pair(server);
    let (mut hers, _his, with_bob) = talking(&alice, &bob, &bobs_address).await;
    belongs(&mut hers, &with_bob, 0).await;
    let alices_address = hers.snapshot["accounts"][0]["address"].clone();
    let (carol, person) = device_of(server, "Carol", &[alices_address.as_str().unwrap()]);
    let mut carols = carol.program().await;

    let call = invite(&mut hers, &person.address).await;
    let rings = carols.call_is("Ringing").await;
    assert_eq!((&rings["call"], &rings["conference"]), (&call, &party()));
    accept(&mut carols, &call).await;
    connect(&mut hers, &mut carols).await;
    assert_eq!((hosts(&mut hers, &call).await, hosts(&mut carols, &call).await), (json!(true), json!(false)));
    let ended = |event: &Value| event["type"] == "CallChanged" && event["call"]["state"]["type"] == "Ended";
    assert!(!hers.has_heard(ended), "Bob is still there");

    hers.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
    let mut over =
        vec![hers.call_is("Ended").await["call"].take(), hers.call_is("Ended").await["call"].take()];
    over.sort_by_key(Value::to_string);
    let mut both = vec![with_bob, call];
    both.sort_by_key(Value::to_string);
    assert_eq!(over, both);
}

#[tokio::test]
async fn a_conference_carries_a_call_and_takes_back_in_who_left_it() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his, call) = talking(&alice, &bob, &bobs_address).await;
    belongs(&mut hers, &call, 1).await;
    his.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
    let alices_address = his.call_is("Ended").await["peer"].take();
    hang_up_arrives(&mut his, &mut hers).await;
    let carried = |event: &Value| event["type"] == "CallChanged" && event["call"]["link"].is_null();
    assert_eq!(hers.event("the link is gone", carried).await["call"]["state"]["type"], "Connected");

    let back = invite(&mut his, alices_address.as_str().unwrap()).await;
    assert_eq!(hers.call_is("Connecting").await["call"], back);
    let rang = |event: &Value| event["type"] == "CallChanged" && event["call"]["state"]["type"] == "Ringing";
    assert!(!hers.has_heard(rang));
    belongs(&mut hers, &call, 1).await;
    connect(&mut his, &mut hers).await;
    assert_eq!((hosts(&mut hers, &back).await, hosts(&mut his, &back).await), (json!(true), json!(false)));

    belongs(&mut hers, &call, 0).await;
    let ended = hers.call_is("Ended").await;
    assert_eq!(
        (&ended["call"], &ended["state"]["reason"]),
        (&call, &json!({ "type": "HungUp", "by_peer": true }))
    );
    let entries = hers.command(json!({ "type": "History", "before": null })).await.unwrap()["entries"].take();
    for entry in entries.as_array().unwrap() {
        assert_eq!(entry["conference"], party());
    }
}

#[tokio::test]
async fn a_caller_who_waits_is_added_to_the_conference_and_to_no_other() {
    let server = MailServer::shared();
    let (alice, bob, bobs_address) = Device::pair(server);
    let (_hers, mut his, with_alice) = talking(&alice, &bob, &bobs_address).await;
    let (carol, person) = device_of(server, "Carol", &[&bobs_address]);
    let account = his.account();
    let contact = json!({ "type": "PutContact", "account": account, "address": person.address, "name": "" });
    his.command(contact).await.unwrap();
    let mut carols = carol.program().await;
    let call = carols.dial(&bobs_address).await;
    assert_eq!(his.call_is("Ringing").await["waiting"], true);

    let add = json!({ "type": "Accept", "call": call, "video": true, "conference": party()["id"] });
    assert_eq!(his.command(add.clone()).await.unwrap_err()["code"], "unknown_call", "he is in none");
    belongs(&mut his, &with_alice, 0).await;
    his.command(add).await.unwrap();
    let answer = carols.event("his answer", |event| event["type"] == "UseAnswer").await;
    open(&mut carols, &answer["link"]).await;
    open(&mut his, &answer["link"]).await;
    assert_eq!(carols.call_is("Connected").await["conference"]["id"], party()["id"]);
    assert_eq!((hosts(&mut his, &call).await, hosts(&mut carols, &call).await), (json!(true), json!(false)));
}

#[tokio::test]
async fn who_a_participant_is_is_proven_by_the_key_that_the_call_made_known() {
    let (alice, bob, bobs_address) = Device::pair(MailServer::shared());
    let (mut hers, mut his, call) = talking(&alice, &bob, &bobs_address).await;
    hers.command(json!({ "type": "HangUp", "call": call })).await.unwrap();
    let alices_address = his.snapshot["contacts"][0]["address"].clone();
    let prove = |participant: &str| json!({ "type": "Prove", "account": 1, "conference": party()["id"], "participant": participant });
    let (laptop, phone) = ("a".repeat(32), "b".repeat(32));
    let proof = hers.command(prove(&laptop)).await.unwrap()["proof"].take();
    let check = |participant: &str, address: &Value, proof: &Value| {
        let mut command = prove(participant);
        command["type"] = json!("CheckProof");
        command["address"] = address.clone();
        command["proof"] = proof.clone();
        command
    };

    let stranger = json!("carol@example.test");
    let told = [
        (check(&laptop, &alices_address, &proof), "proven"),
        (check(&phone, &alices_address, &proof), "changed"),
        (check(&laptop, &alices_address, &json!("no proof at all")), "changed"),
        (check(&laptop, &stranger, &proof), "unknown"),
    ];
    for (command, state) in told {
        assert_eq!(his.command(command.clone()).await.unwrap()["state"], state, "{command}");
    }
    let own = hers.snapshot["accounts"][0]["address"].clone();
    let of_her_own = hers.command(check(&laptop, &own, &proof)).await.unwrap();
    assert_eq!(of_her_own["state"], "proven", "her other devices have the same key");
    let nobodys =
        json!({ "type": "Prove", "account": 9, "conference": party()["id"], "participant": laptop });
    assert_eq!(hers.command(nobodys).await.unwrap_err()["code"], "unknown_account");
}
