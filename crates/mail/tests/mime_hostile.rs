//! Hostile mail: never a panic, never more time or memory than its size deserves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

use std::time::{Duration, Instant};

use call::MailId;
use mail::{
    MailError,
    mime::{Auto, MAX_JSON, MAX_MAIL, SignalMail, encrypted, entity, parse, parse_entity, plain},
};
use proptest::prelude::*;

fn mail(text: String, json: String, name: String) -> SignalMail {
    SignalMail {
        id: MailId::new(7),
        from: "alice@example.test".parse().unwrap(),
        from_name: name.clone(),
        to: "bob@example.test".parse().unwrap(),
        subject: name,
        text,
        json,
        auto: Auto::Generated,
        autocrypt: None,
        date: 0,
    }
}

fn read(raw: &[u8]) {
    let _ = parse(raw);
    let _ = parse_entity(raw);
    let _ = mail::mark::looks_like_ours(raw);
    let _ = mail::report::parse(raw);
}

/// Bytes that steer a MIME parser into its corners far more often than random ones.
fn shards() -> impl Strategy<Value = Vec<u8>> {
    const SHARDS: &[&[u8]] = &[
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n",
        b"Content-Type: message/delivery-status\r\n",
        b"Content-Type: application/vnd.mailcall+json\r\n",
        b"Content-Type: text/plain; charset=\"utf-7\"\r\n",
        b"Content-Type: multipart/mixed; boundary=\"\"\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"From: a <a@b.test>\r\n",
        b"From: \"\\\r\n =?utf-8?B?/w==?= <@>,;:<\r\n",
        b"Subject: =?utf-8?Q?=?= =?x?B?",
        b"Final-Recipient: rfc822;\r\nAction: failed\r\nStatus: 5",
        b"-----BEGIN PGP MESSAGE-----",
        b"-----END PGP MESSAGE-----",
        b"\r\n",
        b"\n\n",
        b"--b\r\n",
        b"--b--",
        b"--",
        b"b",
        b"=",
        b"\0\xff\xfe",
        b" ",
        b":",
    ];
    prop::collection::vec(prop::sample::select(SHARDS), 0..40).prop_map(|shards| shards.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_without_harm(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
        read(&raw);
    }

    #[test]
    fn random_structures_are_read_without_harm(raw in shards()) {
        read(&raw);
    }

    #[test]
    fn a_damaged_signal_is_read_without_harm(at in 0..1500_usize, len in 0..200_usize, junk in shards()) {
        let whole = plain(&mail("Hello".into(), "{}".into(), "Alice".into()));
        let at = at.min(whole.len());
        let end = (at + len).min(whole.len());
        read(&[&whole[..at], &junk, &whole[end..]].concat());
        read(&whole[..at]);
    }

    #[test]
    fn any_text_any_name_and_any_signal_come_through(text in "\\PC*", json in "(\\PC|\n|\r|\t| )*", name in ".*") {
        let signal = mail(text, json, name);
        prop_assume!(signal.json.len() < MAX_JSON);
        for written in [plain(&signal), entity(&signal)] {
            let read = parse_entity(&written).unwrap();
            prop_assert_eq!(read.json.as_str(), signal.json.trim_ascii());
            prop_assert_eq!(read.from.as_ref(), Some(&signal.from));
            let longest = written.split(|b| *b == b'\n').map(<[u8]>::len).max().unwrap();
            prop_assert!(longest <= 80, "{}", longest);
        }
        prop_assert!(encrypted(&signal, "").is_ascii());
    }
}

/// mail-parser 0.11.9 asserts that it knows whose end it has reached, and here it does not.
#[test]
fn a_multipart_that_ends_after_a_mail_in_a_mail_is_read_without_harm() {
    let raw = b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--\r\n";
    assert!(matches!(parse(raw), Err(MailError::Malformed { .. })));
    read(raw);
}

#[test]
fn mails_within_mails_do_not_exhaust_a_small_stack() {
    let nested = "Content-Type:message/rfc822\n\n".repeat(MAX_MAIL / 29);
    let thread = std::thread::Builder::new().stack_size(1024 * 1024);
    thread.spawn(move || read(nested.as_bytes())).unwrap().join().unwrap();
}

#[test]
fn a_mail_that_is_too_large_is_not_read() {
    let huge = plain(&mail("x".repeat(MAX_MAIL), "{}".into(), String::new()));
    assert!(matches!(parse(&huge), Err(MailError::TooLarge { .. })));
    let huge = plain(&mail(String::new(), "1".repeat(MAX_JSON + 1), String::new()));
    assert!(matches!(parse(&huge), Err(MailError::TooLarge { .. })));
}

#[test]
fn mail_made_to_be_slow_is_read_in_time() {
    let fill = |unit: &dyn Fn(usize) -> String| {
        let mut mail = String::from("From: a@b.test\r\n");
        let mut n = 0;
        while mail.len() < MAX_MAIL - 200 {
            mail.push_str(&unit(n));
            n += 1;
        }
        mail
    };
    let nasty = [
        fill(&|n| format!("Content-Type: multipart/mixed; boundary={n}\r\n\r\n--{n}\r\n")),
        fill(&|_| "Content-Type: message/rfc822\r\n\r\n".to_owned()),
        fill(&|_| "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n".to_owned()),
        fill(&|_| "a:\r\n".to_owned()),
        fill(&|_| "Autocrypt: =?utf-8?B?\r\n".to_owned()),
        fill(&|_| "To: a@b.test,<(\r\n".to_owned()),
        format!("From: {}a@b.test\r\n\r\n", "(".repeat(MAX_MAIL - 100)),
        format!(
            "Content-Type: multipart/mixed; boundary={}\r\n\r\n{}",
            "-".repeat(30_000),
            "-".repeat(30_000)
        ),
    ];
    for mail in nasty {
        let begun = Instant::now();
        read(mail.as_bytes());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?} for {}", begun.elapsed(), &mail[..60]);
    }
}
