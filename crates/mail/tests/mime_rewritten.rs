//! Providers and gateways rewrite mail. A signal must survive each of these.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

use base64::{Engine, engine::general_purpose::STANDARD};
use call::MailId;
use mail::{
    MailError,
    mime::{Auto, Body, ParsedMail, SignalMail, encrypted, parse, parse_entity, plain},
};

const JSON: &str = r#"{"v":1,"type":"invite","description":"Ab-_=Zoë"}"#;
const ARMORED: &str =
    "-----BEGIN PGP MESSAGE-----\n\nwV4DR2b2udXyHrYSAQdA\n=ABCD\n-----END PGP MESSAGE-----\n";
const ID: &str = "mailcall-00000000000000000000000000000007";

fn alice() -> SignalMail {
    SignalMail {
        id: MailId::new(7),
        from: "alice@example.test".parse().unwrap(),
        from_name: "Alice".to_owned(),
        to: "bob@example.test".parse().unwrap(),
        subject: "Alice is calling you".to_owned(),
        text: "Alice is calling you.".to_owned(),
        json: JSON.to_owned(),
        auto: Auto::Generated,
        autocrypt: Some("addr=alice@example.test; keydata=mDME".to_owned()),
        date: 0,
    }
}

fn plain_text() -> String {
    String::from_utf8(plain(&alice())).unwrap()
}

fn sealed_text() -> String {
    String::from_utf8(encrypted(&alice(), ARMORED)).unwrap()
}

#[track_caller]
fn signal_of(mail: &str) -> String {
    match parse(mail.as_bytes()).unwrap().body {
        Body::Plain { entity } => parse_entity(&entity).unwrap().json,
        Body::Encrypted { .. } => panic!("encrypted"),
    }
}

#[track_caller]
fn armour_of(mail: &str) -> String {
    match parse(mail.as_bytes()).unwrap().body {
        Body::Encrypted { armored } => armored.replace('\r', ""),
        Body::Plain { .. } => panic!("plain"),
    }
}

/// The mail with another body of its signal part.
fn with_part(encoding: &str, body: &str) -> String {
    let mail = plain_text();
    let at = mail.rfind("Content-Transfer-Encoding").unwrap();
    format!("{}Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n--{ID}--\r\n", &mail[..at])
}

/// The mail put whole, but for its outer header fields, into a multipart of a mailing list or gateway.
fn wrapped(mail: &str) -> String {
    let at = mail.find("Content-Type").unwrap();
    format!(
        "{}Content-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\n{}\r\n--list\r\n\
         Content-Type: text/plain\r\n\r\n-- \r\nThis mail was scanned.\r\n--list--\r\n",
        &mail[..at],
        &mail[at..]
    )
}

#[test]
fn message_id_and_boundary_are_replaced() {
    let mail = plain_text().replace(ID, "_000_rewritten_").replace("<mailcall.", "<outlook.");
    assert_eq!(signal_of(&mail), JSON);
    let mail = sealed_text().replace(ID, "_000_rewritten_").replace("<mailcall.", "<outlook.");
    assert_eq!(armour_of(&mail), ARMORED);
}

#[test]
fn all_header_fields_that_may_go_are_stripped() {
    let mail: String = plain_text()
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("Mailcall") && !line.starts_with("Auto-") && !line.starts_with("X-"))
        .filter(|line| !line.starts_with("Message-ID") && !line.starts_with("MIME-Version"))
        .collect();
    assert_eq!(signal_of(&mail), JSON);
    let read = parse(mail.as_bytes()).unwrap();
    assert!(!read.auto_submitted && read.message_id.is_none());
}

#[test]
fn the_signal_is_encoded_anew() {
    let base64 = STANDARD.encode(JSON);
    let (a, b) = base64.split_at(20);
    assert_eq!(signal_of(&with_part("base64", &format!("{a}\r\n{b}"))), JSON);
    assert_eq!(signal_of(&with_part("8bit", JSON)), JSON);
    assert_eq!(signal_of(&with_part("BASE64", &base64)), JSON);
}

#[test]
fn the_armour_is_encoded_anew() {
    let part = "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n";
    let mail = sealed_text();
    let at = mail.find(part).unwrap() + part.len();
    let base64 = STANDARD.encode(ARMORED.replace('\n', "\r\n"));
    let mail = format!("{}Content-Transfer-Encoding: base64\r\n\r\n{base64}\r\n--{ID}--\r\n", &mail[..at]);
    assert_eq!(armour_of(&mail), ARMORED);
}

#[test]
fn line_ends_are_bare_line_feeds() {
    assert_eq!(signal_of(&plain_text().replace("\r\n", "\n")), JSON);
    assert_eq!(armour_of(&sealed_text().replace("\r\n", "\n")), ARMORED);
}

#[test]
fn a_list_adds_a_footer_around() {
    assert_eq!(signal_of(&wrapped(&plain_text())), JSON);
    assert_eq!(armour_of(&wrapped(&sealed_text())), ARMORED);
}

#[test]
fn a_footer_is_glued_to_the_end() {
    assert_eq!(signal_of(&format!("{}\r\nScanned by a gateway\r\n", plain_text())), JSON);
    assert_eq!(armour_of(&format!("{}\r\nScanned by a gateway\r\n", sealed_text())), ARMORED);
    let inside = sealed_text().replace(&format!("--{ID}--"), &format!("Scanned\r\n--{ID}--"));
    assert_eq!(armour_of(&inside), ARMORED);
}

#[test]
fn exchange_turns_the_encrypted_multipart_into_a_mixed_one() {
    let mail = sealed_text()
        .replace("multipart/encrypted; protocol=\"application/pgp-encrypted\";", "multipart/mixed;");
    assert_eq!(armour_of(&mail), ARMORED);
}

#[test]
fn a_gateway_does_not_know_the_media_type() {
    assert_eq!(
        signal_of(&plain_text().replace("application/vnd.mailcall+json", "application/octet-stream")),
        JSON
    );
    assert_eq!(signal_of(&plain_text().replace("application/vnd", "Application/VND")), JSON);
}

#[test]
fn servers_add_kilobytes_of_header_fields() {
    let received =
        "Received: from a.example.test by b.example.test; Thu, 1 Jan 1970 00:00:00 +0000\r\n".repeat(300);
    assert_eq!(signal_of(&format!("{received}{}", plain_text())), JSON);
}

#[test]
fn a_mail_that_was_cut_short_is_refused_rather_than_misread() {
    let mail = plain_text();
    assert_eq!(signal_of(mail.trim_end().trim_end_matches("--")), JSON);
    let cut = mail.find("description").unwrap();
    assert!(matches!(parse(&mail.as_bytes()[..cut]), Err(MailError::Malformed { .. })));
}

#[test]
fn a_forwarded_invitation_does_not_ring() {
    for mail in [plain_text(), sealed_text()] {
        let forwarded = format!(
            "From: carol@example.test\r\nContent-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n\r\nLook!\r\n\
             --f\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--f--\r\n"
        );
        assert!(parse(forwarded.as_bytes()).is_err());
    }
}

#[test]
fn two_signals_or_two_senders_are_none() {
    let part = format!("--{ID}\r\nContent-Type: application/vnd.mailcall+json\r\n\r\n{{}}\r\n");
    let two = plain_text().replace(&format!("--{ID}--"), &format!("{part}--{ID}--"));
    assert!(parse(two.as_bytes()).is_err());
    assert!(parse(format!("From: eve@example.test\r\n{}", plain_text()).as_bytes()).is_err());
    let both = plain_text().replace(" <alice@example.test>", " <alice@example.test>, eve@example.test");
    assert!(parse(both.as_bytes()).is_err());
    let nobody: String = plain_text().replacen("From: Alice\r\n <alice@example.test>\r\n", "", 1);
    assert!(parse(nobody.as_bytes()).is_err());
}

#[test]
fn ordinary_mail_is_no_signal() {
    for mail in ["", "\r\n", "hello", "From: carol@example.test\r\nSubject: x\r\n\r\nhello\r\n"] {
        assert!(parse(mail.as_bytes()).is_err(), "{mail}");
    }
}

#[test]
fn every_autocrypt_field_is_handed_on() {
    let mail = format!("Autocrypt: addr=alice@example.test;\r\n keydata=AA\r\n\tBB\r\n{}", plain_text());
    let ParsedMail { autocrypt, .. } = parse(mail.as_bytes()).unwrap();
    assert_eq!(
        autocrypt,
        ["addr=alice@example.test; keydata=AA BB", "addr=alice@example.test; keydata=mDME"]
    );
}
