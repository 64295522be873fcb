//! People whose addresses have letters beyond ASCII are known by them wherever they turn up.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a story may stop")]

use app::contract::{ClientMessage, Command};
use call::{Address, MailId};
use identity::{OwnKey, key_from_autocrypt};
use mail::mime::{Auto, SignalMail, parse, plain};

/// Alice at this address writes to Bob for the first time: whether her mail brings him her key.
#[track_caller]
fn brings_its_key(address: &str) {
    let alice: Address = address.parse().unwrap();
    let key = OwnKey::generate(&alice).unwrap();
    let mail = SignalMail {
        id: MailId::new(1),
        from: alice.clone(),
        from_name: "Alice".to_owned(),
        to: "bob@example.test".parse().unwrap(),
        subject: "Alice is calling you".to_owned(),
        text: "Alice is calling you.".to_owned(),
        json: "{}".to_owned(),
        auto: Auto::Generated,
        autocrypt: Some(key.autocrypt_header(&alice)),
        date: 1_795_353_136,
    };
    let heard = parse(&plain(&mail)).unwrap();
    assert!(heard.from == alice);
    assert_eq!(key_from_autocrypt(&heard.autocrypt, &heard.from).as_ref(), Some(key.public()));
}

#[test]
fn alice_with_an_international_domain_is_answered_under_her_key() {
    brings_its_key("alice@bücher.test");
}

#[test]
fn alice_with_an_international_name_is_answered_under_her_key() {
    brings_its_key("älice@example.test");
    brings_its_key("älice@bücher.test");
}

/// Whom a page's command means.
fn dialled(address: &str) -> Address {
    let typed = serde_json::json!({
        "id": 1,
        "command": { "type": "Call", "account": 1, "address": address, "video": false },
    });
    match serde_json::from_value(typed).unwrap() {
        ClientMessage { command: Command::Call { address, .. }, .. } => address,
        other => panic!("not a call: {other:?}"),
    }
}

#[test]
fn bob_is_one_person_whichever_way_his_domain_is_typed() {
    let bob: Address = "bob@bücher.test".parse().unwrap();
    assert!(dialled("bob@xn--bcher-kva.test") == bob);
    assert!(dialled("Bob@BÜCHER.test") == bob);
}
