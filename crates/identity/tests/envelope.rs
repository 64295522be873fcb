//! What travels as application/vnd.mailcall+json.

mod people;

use call::{CallId, DeviceId, Signal};
use identity::{Decoded, Envelope, IdentityError, MAX_PAYLOAD};
use people::{decline, envelope, invite};

const DECLINE: &str = r#"{"v":1,"call":"00000000000000000000000000000007","device":"00000000000000000000000000000001","type":"decline","reason":"busy"}"#;

#[test]
fn a_signal_is_one_flat_object() {
    assert_eq!(envelope(decline()).encode().unwrap(), DECLINE);
}

#[test]
fn what_is_encoded_is_decoded() {
    let sent = Envelope { to_device: Some(DeviceId::new(5)), ..envelope(invite()) };

    assert_eq!(Envelope::decode(sent.encode().unwrap().as_bytes()), Ok(Decoded::Signal(sent)));
}

#[test]
fn unknown_fields_are_ignored() {
    let payload = DECLINE.replace("\"v\":1", "\"v\":1,\"mood\":{\"x\":[1]}");

    let Ok(Decoded::Signal(Envelope { call, signal: Signal::Decline { .. }, .. })) =
        Envelope::decode(payload.as_bytes())
    else {
        panic!("no decline")
    };
    assert_eq!(call, CallId::new(7));
}

#[test]
fn a_later_version_is_unknown_whatever_else_it_says() {
    assert_eq!(Envelope::decode(br#"{"v":2,"call":17}"#), Ok(Decoded::Unknown));
}

#[test]
fn a_later_type_is_unknown() {
    assert_eq!(Envelope::decode(DECLINE.replace("decline", "serenade").as_bytes()), Ok(Decoded::Unknown));
}

#[test]
fn a_payload_that_breaks_its_own_version_is_malformed() {
    for broken in [
        "",
        "[]",
        "{}",
        r#"{"v":"1"}"#,
        r#"{"v":1}"#,
        &DECLINE.replace("0007", "7"),
        &DECLINE.replace(",\"reason\":\"busy\"", ""),
        &DECLINE[..DECLINE.len() - 1],
    ] {
        assert_eq!(Envelope::decode(broken.as_bytes()), Err(IdentityError::Malformed), "{broken}");
    }
}

#[test]
fn a_payload_beyond_the_bound_is_not_parsed() {
    let payload = format!("{DECLINE}{}", " ".repeat(MAX_PAYLOAD));

    assert_eq!(Envelope::decode(payload.as_bytes()), Err(IdentityError::TooLarge));
}
