//! The words that travel and are stored.

use std::time::Duration;

use call::{
    Address, CallId, CancelReason, Conference, ConferenceId, CourierText, DeclineReason, Description,
    LinkDescription, LinkId, Redacted, Sender, Signal, SignalKind, Standing, Time,
};
use proptest::prelude::*;
use serde_json::json;

fn description(text: &str) -> Description {
    Description::try_from(text.to_owned()).unwrap_or_else(|bad| unreachable!("{bad}"))
}

#[test]
fn two_spellings_of_one_mailbox_are_equal() {
    let address: Address = " Alice@Example.TEST ".parse().unwrap();
    assert_eq!(address, "alice@example.test".parse().unwrap());
    assert_eq!(address.as_str(), "alice@example.test");
    assert_eq!(address.domain(), "example.test");
}

#[test]
fn addresses_beyond_ascii_are_addresses() {
    let address: Address = "жанна@пример.test".parse().unwrap();
    assert_eq!(address.domain(), "пример.test");
}

#[test]
fn what_is_no_address_is_refused() {
    let long = format!("{}@example.test", "a".repeat(250));
    let bad = [
        "",
        "alice",
        "@example.test",
        "alice@",
        "a b@example.test",
        "a@b@example.test",
        "a@exa mple.test",
        "\"a\"@example.test",
        "a@-example.test",
        "a@example-.test",
        "a@example..test",
        "a@.test",
        "a\r\n@b.test",
        "<a@example.test>",
        "a,b@example.test",
        "alice\u{200b}@example.test",
        "al\u{ad}ice@example.test",
        "alice@example\u{200d}.test",
        "\u{202e}alice@example.test",
        &long,
    ];
    for text in bad {
        assert!(text.parse::<Address>().is_err(), "{text:?}");
    }
}

#[test]
fn an_address_of_254_bytes_is_the_longest() {
    let fits = format!("{}@b.test", "a".repeat(247));
    assert_eq!(fits.len(), 254);
    assert!(fits.parse::<Address>().is_ok());
    assert!(format!("a{fits}").parse::<Address>().is_err());
}

#[test]
fn neither_addresses_nor_descriptions_nor_secrets_show_in_debug() {
    let address: Address = "alice@example.test".parse().unwrap();
    let secret = Redacted::new("hunter2");
    let text = format!("{address:?} {:?} {secret:?} {secret}", description("c2VjcmV0"));
    assert_eq!(text, "Address(‹redacted›) Description(8 bytes) ‹redacted› ‹redacted›");
    assert_eq!((*secret.reveal(), secret.into_inner()), ("hunter2", "hunter2"));
}

#[test]
fn an_id_is_32_lower_case_hex_digits() {
    let id = CallId::new(0xabc);
    assert_eq!(id.to_string(), "00000000000000000000000000000abc");
    assert_eq!(id.to_string().parse(), Ok(id));
    for bad in [
        "",
        "abc",
        "00000000000000000000000000000ABC",
        "0000000000000000000000000000g000",
        "+0000000000000000000000000000abc",
    ] {
        assert!(bad.parse::<CallId>().is_err(), "{bad}");
    }
}

#[test]
fn a_description_is_base64url_of_at_most_1024_characters() {
    assert!(Description::try_from("a".repeat(1024)).is_ok());
    for bad in ["a".repeat(1025), String::new(), "a+b".into(), "a=".into(), "ä".into()] {
        assert!(Description::try_from(bad).is_err());
    }
    assert_eq!(description("aZ0-_").as_str(), "aZ0-_");
}

#[test]
fn time_does_not_wrap() {
    assert_eq!(Time(5).since(Time(7)), Duration::ZERO);
    assert_eq!(Time(7).since(Time(5)), Duration::from_millis(2));
    assert_eq!(Time(5) + Duration::from_secs(1), Time(1005));
    assert_eq!(Time(5) + Duration::MAX, Time(u64::MAX));
}

#[test]
fn reasons_of_a_later_version_are_understood_as_other() {
    let cancel: Signal = serde_json::from_str(r#"{"type":"cancel","reason":"eclipse","moon":true}"#).unwrap();
    assert_eq!(cancel, Signal::Cancel { reason: CancelReason::Other });
    let decline: Signal = serde_json::from_str(r#"{"type":"decline","reason":"asleep"}"#).unwrap();
    assert_eq!(decline, Signal::Decline { reason: DeclineReason::Other });
}

#[test]
fn a_conference_is_read_in_a_form_fit_to_be_shown() {
    let names = (0..20).map(|n| format!("\u{202e}{n}{}", "x".repeat(100)));
    let people: Vec<String> = [" \u{200b} ".to_owned()].into_iter().chain(names).collect();
    let written = json!({
        "id": "00000000000000000000000000000007",
        "topic": format!(" one\nline\u{2028} {}", "y".repeat(200)),
        "people": people,
        "moon": true,
    });
    let read: Conference = serde_json::from_value(written).unwrap();
    assert_eq!(read.id, ConferenceId::new(7));
    assert!(read.topic.starts_with("oneline yyy") && read.topic.chars().count() <= 100);
    assert_eq!(read.people.len(), 16);
    assert_eq!(read.people[0], format!("0{}", "x".repeat(63)));

    let bare: Conference = serde_json::from_value(json!({ "id": read.id })).unwrap();
    assert_eq!(bare, Conference { id: read.id, topic: String::new(), people: Vec::new() });
}

#[test]
fn the_longest_conference_fits_into_a_mail() {
    let line = "\u{1f600}".repeat(200);
    let written = json!({ "id": ConferenceId::new(7), "topic": line, "people": vec![line.clone(); 99] });
    let conference: Conference = serde_json::from_value(written).unwrap();
    assert!(serde_json::to_string(&conference).unwrap().len() < 5_000, "of 8 KiB");
}

#[test]
fn a_reader_that_knows_no_conferences_and_one_that_does_understand_each_other() {
    let old: Signal = serde_json::from_str(r#"{"type":"accept","video":true}"#).unwrap();
    assert_eq!(old, Signal::Accept { video: true, answer: None, conference: None });
    assert_eq!(serde_json::to_string(&old).unwrap(), r#"{"type":"accept","video":true}"#);
}

#[test]
fn signals_survive_the_wire() {
    let part = LinkDescription { link: LinkId::new(3), description: description("abc") };
    let (topic, people) = ("The summer party".to_owned(), vec!["Carol".to_owned()]);
    let party = Conference { id: ConferenceId::new(7), topic, people };
    let signals = [
        (
            Signal::Invite {
                lifetime_s: 60,
                video: true,
                name: "Alice".into(),
                link: part.link,
                description: part.description.clone(),
                conference: Some(party),
            },
            SignalKind::Invite,
        ),
        (Signal::Ringing { device_name: "phone".into(), answer: Some(part.clone()) }, SignalKind::Ringing),
        (
            Signal::Accept { video: false, answer: None, conference: Some(ConferenceId::new(7)) },
            SignalKind::Accept,
        ),
        (Signal::Decline { reason: DeclineReason::Busy }, SignalKind::Decline),
        (Signal::Cancel { reason: CancelReason::AnsweredElsewhere }, SignalKind::Cancel),
        (Signal::Offer(part.clone()), SignalKind::Offer),
        (Signal::Answer(part), SignalKind::Answer),
        (Signal::Answered { accepted: true }, SignalKind::Answered),
        (
            Signal::Courier {
                conference: ConferenceId::new(7),
                text: CourierText::try_from("{}".to_owned()).unwrap(),
            },
            SignalKind::Courier,
        ),
    ];
    for (signal, kind) in signals {
        let text = serde_json::to_string(&signal).unwrap();
        assert_eq!(serde_json::from_str::<Signal>(&text).unwrap(), signal, "{text}");
        assert_eq!(signal.kind(), kind);
    }
}

#[test]
fn only_the_pinned_key_is_pinned() {
    let by = |standing| Sender::Key { fingerprint: "f".into(), standing };
    assert!(by(Standing::Pinned).is_pinned());
    for other in [by(Standing::FirstUse), by(Standing::Changed), Sender::Unauthenticated] {
        assert!(!other.is_pinned());
    }
    assert_eq!(by(Standing::Changed).fingerprint(), Some("f"));
    assert_eq!(Sender::Unauthenticated.fingerprint(), None);
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in ".{0,300}") {
        let _ = text.parse::<Address>().map(|address| address.domain().len());
        let _ = text.parse::<CallId>();
        let _ = serde_json::from_str::<Signal>(&text);
        let _ = Description::try_from(text);
    }
}
