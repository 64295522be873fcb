//! What Mailcall writes, byte for byte. After a wanted change: `MAILCALL_BLESS=1 cargo test -p mail --test mime_golden`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

use call::MailId;
use mail::mime::{Auto, Body, SignalMail, encrypted, entity, parse, parse_entity, plain};

const ARMORED: &str =
    "-----BEGIN PGP MESSAGE-----\n\nwV4DR2b2udXyHrYSAQdA\n=ABCD\n-----END PGP MESSAGE-----\n";

fn invitation() -> SignalMail {
    SignalMail {
        id: MailId::new(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
        from: "alice@example.test".parse().unwrap(),
        from_name: "Alice Example".to_owned(),
        to: "bob@example.test".parse().unwrap(),
        subject: "Alice is calling you".to_owned(),
        text: "Alice is calling you with Mailcall.\nOpen it to answer: 1 + 1 = 2.\n".to_owned(),
        json: format!(r#"{{"v":1,"type":"invite","name":"Zoë","description":"{}"}}"#, "Ab-_".repeat(50)),
        auto: Auto::Generated,
        autocrypt: Some(format!(
            "addr=alice@example.test; prefer-encrypt=mutual; keydata={}",
            "mDME".repeat(40)
        )),
        date: 1_795_353_136,
    }
}

fn international() -> SignalMail {
    SignalMail {
        from: "zoë@bücher.test".parse().unwrap(),
        from_name: "Zoë, \"die\" Bücherfrau".to_owned(),
        to: "用户@例子.test".parse().unwrap(),
        subject: "Zoë ruft dich an – mit einem Betreff, der für eine Zeile zu lang ist".to_owned(),
        text: "Zoë ruft dich an.".to_owned(),
        auto: Auto::Replied,
        autocrypt: None,
        ..invitation()
    }
}

#[track_caller]
fn golden(name: &str, written: &[u8]) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("MAILCALL_BLESS").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let expected = std::fs::read(&path).unwrap();
    assert_eq!(String::from_utf8_lossy(written), String::from_utf8_lossy(&expected));
}

#[test]
fn an_invitation_to_a_stranger() {
    let written = plain(&invitation());
    golden("plain.eml", &written);
    assert!(written.is_ascii());
}

#[test]
fn the_part_that_is_signed_and_encrypted() {
    golden("entity.eml", &entity(&invitation()));
}

#[test]
fn a_mail_around_an_encrypted_signal_tells_nothing_but_addresses() {
    let written = encrypted(&invitation(), ARMORED);
    golden("encrypted.eml", &written);
    let text = String::from_utf8(written).unwrap();
    assert!(!text.contains("Alice") && !text.contains("calling"));
}

#[test]
fn names_and_addresses_in_any_script() {
    golden("international.eml", &plain(&international()));
}

#[test]
fn bob_reads_what_alice_wrote() {
    let alice = invitation();
    let mail = parse(&plain(&alice)).unwrap();
    assert_eq!(mail.from, alice.from);
    assert_eq!(mail.to, std::slice::from_ref(&alice.to));
    assert_eq!(mail::mark::mail_of(mail.message_id.as_deref().unwrap()), Some(alice.id));
    assert_eq!(mail.autocrypt.len(), 1);
    assert_eq!(mail.autocrypt[0].replace(' ', ""), alice.autocrypt.unwrap().replace(' ', ""));
    assert!(mail.auto_submitted);
    let Body::Plain { entity } = mail.body else { panic!("not plain") };
    let signal = parse_entity(&entity).unwrap();
    assert_eq!(signal.json, alice.json);
    assert_eq!(signal.subject.as_deref(), Some("Alice is calling you"));
}

#[test]
fn bob_reads_the_entity_that_alice_encrypted() {
    let alice = invitation();
    let signal = parse_entity(&entity(&alice)).unwrap();
    assert_eq!(signal.json, alice.json);
    assert_eq!(signal.from, Some(alice.from));
    assert_eq!(signal.to, [alice.to]);
    assert_eq!(signal.subject.as_deref(), Some("Alice is calling you"));
}

#[test]
fn the_armour_comes_out_as_it_went_in() {
    let mail = parse(&encrypted(&invitation(), ARMORED)).unwrap();
    assert_eq!(mail.from, invitation().from);
    let Body::Encrypted { armored } = mail.body else { panic!("not encrypted") };
    assert_eq!(armored.replace('\r', ""), ARMORED);
}

#[test]
fn zoe_is_read_as_zoe() {
    let zoe = international();
    let mail = parse(&plain(&zoe)).unwrap();
    assert_eq!(mail.from, zoe.from);
    assert_eq!(mail.to, [zoe.to]);
    let Body::Plain { entity } = mail.body else { panic!("not plain") };
    let signal = parse_entity(&entity).unwrap();
    assert_eq!(signal.json, zoe.json);
    assert_eq!(signal.subject.as_deref(), Some(zoe.subject.as_str()));
}

#[test]
fn both_marks_that_we_write_are_seen() {
    for mail in [plain(&invitation()), encrypted(&invitation(), ARMORED)] {
        assert!(mail::mark::looks_like_ours(&mail));
    }
}

#[test]
fn what_a_mail_adds_to_the_signal_is_small() {
    let bare = SignalMail { text: String::new(), json: String::new(), autocrypt: None, ..invitation() };
    assert!(encrypted(&bare, "").len() < 800, "{}", encrypted(&bare, "").len());
    assert!(entity(&bare).len() < 800, "{}", entity(&bare).len());
}
