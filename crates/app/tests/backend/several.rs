//! Bob has a private address and one at work, both on his laptop.

use serde_json::json;

use crate::support::{Device, MailServer, Person};

/// Alice's phone and Bob's laptop, contacts of each other under both of his addresses.
fn phone_and_laptop() -> (Device, Device, [Person<'static>; 2]) {
    let server = MailServer::shared();
    let (alice, private, work) = (server.newcomer(), server.newcomer(), server.newcomer());
    let mut phone = Device::signed_in(&alice, "Alice");
    let mut laptop = Device::signed_in(&private, "Bob");
    laptop.sign_in(&work, "Robert Okafor");
    for his in [&private, &work] {
        phone.command(&["contact", "add", &his.address]);
        laptop.command(&["contact", "add", &alice.address, "--account", &his.address]);
    }
    phone.start();
    laptop.start();
    (phone, laptop, [private, work])
}

#[tokio::test]
async fn a_call_to_either_address_rings_as_that_one() {
    let (phone, laptop, his) = phone_and_laptop();
    let (mut hers, mut program) = (phone.program().await, laptop.program().await);
    let accounts = program.snapshot["accounts"].clone();
    for person in his {
        let call = hers.dial(&person.address).await;
        let ringing = program.call_is("Ringing").await;
        assert_eq!(ringing["call"], call);
        let account =
            accounts.as_array().unwrap().iter().find(|a| a["account"] == ringing["account"]).unwrap();
        assert_eq!(account["address"], person.address.as_str());
        program.command(json!({ "type": "Decline", "call": call })).await.unwrap();
        assert_eq!(hers.call_is("Ended").await["state"]["reason"]["type"], "Declined");
    }
}

#[tokio::test]
async fn whom_he_calls_sees_the_address_that_he_calls_from() {
    let (phone, laptop, [_, work]) = phone_and_laptop();
    let (mut hers, mut program) = (phone.program().await, laptop.program().await);
    let accounts = program.snapshot["accounts"].as_array().unwrap().clone();
    let account = accounts.into_iter().find(|account| account["address"] == work.address.as_str()).unwrap();
    let alice = &hers.snapshot["accounts"][0]["address"];
    let call = json!({ "type": "Call", "account": account["account"], "address": alice, "video": true });
    program.command(call).await.unwrap();
    assert_eq!(hers.call_is("Ringing").await["peer"], work.address.as_str());
}
