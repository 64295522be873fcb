//! What servers say later about mails they took (RFC 3464).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

use mail::{MailError, report};

const ID: &str = "mailcall.00000000000000000000000000000007@example.test";

/// A report in the form Postfix gives it.
fn postfix(recipients: &str, message_id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@example.test\r\nTo: alice@example.test\r\nAuto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B.1/mx\"\r\n\r\n\
         --B.1/mx\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
         I'm sorry to have to inform you\r\n\
         --B.1/mx\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.test\r\nArrival-Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n{recipients}\r\n\
         --B.1/mx\r\nContent-Description: Undelivered Message\r\nContent-Type: message/rfc822\r\n\r\n\
         Return-Path: <alice@example.test>\r\nFrom: alice@example.test\r\nMessage-ID: <{message_id}>\r\n\
         Mailcall: 1\r\n\r\nbody\r\n--B.1/mx--\r\n"
    )
}

const FAILED: &str = "Final-Recipient: rfc822; bob@example.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\
    Diagnostic-Code: smtp; 550 5.1.1 <bob@example.test>: Recipient address\r\n    rejected: User unknown\r\n";
const DELAYED: &str = "Final-Recipient: rfc822; bob@example.test\r\nAction: delayed\r\nStatus: 4.4.1\r\n\
    Diagnostic-Code: X-Postfix; connect to mx.example.test: timed out\r\n";

#[track_caller]
fn read(raw: &str) -> Option<report::BounceReport> {
    report::parse(raw.as_bytes()).unwrap()
}

#[test]
fn a_bounce_names_the_mail_and_says_why() {
    let bounce = read(&postfix(FAILED, ID)).unwrap();
    assert_eq!(bounce.mail, call::MailId::new(7));
    assert!(bounce.permanent);
    assert_eq!(
        bounce.words.reveal(),
        "550 5.1.1 <bob@example.test>: Recipient address rejected: User unknown"
    );
    assert!(!format!("{bounce:?}").contains("bob"));
}

#[test]
fn a_delay_is_temporary() {
    let late = read(&postfix(DELAYED, ID)).unwrap();
    assert!(!late.permanent);
    assert_eq!(late.words.reveal(), "connect to mx.example.test: timed out");
}

#[test]
fn one_final_failure_decides() {
    assert!(read(&postfix(&format!("{DELAYED}\r\n{FAILED}"), ID)).unwrap().permanent);
    assert!(read(&postfix(&format!("{FAILED}\r\n{DELAYED}"), ID)).unwrap().permanent);
}

#[test]
fn only_the_header_came_back() {
    let raw =
        postfix(FAILED, ID).replace("Content-Type: message/rfc822", "Content-Type: text/rfc822-headers");
    assert!(read(&raw).unwrap().permanent);
}

#[test]
fn the_status_is_all_the_server_says() {
    let raw = postfix("Action: Failed\r\nStatus: 5.0.0\r\n", ID);
    assert_eq!(read(&raw).unwrap().words.reveal(), "5.0.0");
}

#[test]
fn a_report_in_utf8_is_read() {
    let raw = postfix(FAILED, ID)
        .replace("message/delivery-status", "message/global-delivery-status")
        .replace("message/rfc822", "message/global")
        .replace("User unknown", "Benutzer gibt es nicht – ä");
    assert!(read(&raw).unwrap().words.reveal().ends_with("– ä"));
}

#[test]
fn line_ends_are_bare_line_feeds() {
    assert!(read(&postfix(FAILED, ID).replace("\r\n", "\n")).unwrap().permanent);
}

#[test]
fn other_mails_fates_and_good_news_are_none_of_our_business() {
    assert_eq!(read(&postfix(FAILED, "other@example.test")), None);
    assert_eq!(read(&postfix("Action: delivered\r\nStatus: 2.0.0\r\n", ID)), None);
    assert_eq!(read(&postfix("", ID)), None);
}

#[test]
fn what_is_no_report_is_said_to_be_none() {
    assert!(matches!(report::parse(b"Subject: hello\r\n\r\nhi"), Err(MailError::Malformed { .. })));
    assert!(matches!(report::parse(b""), Err(MailError::Malformed { .. })));
    let huge = vec![b'x'; report::MAX_REPORT + 1];
    assert!(matches!(report::parse(&huge), Err(MailError::TooLarge { .. })));
}

#[test]
fn words_without_end_are_cut() {
    let raw = postfix(&format!("Action: failed\r\nDiagnostic-Code: smtp; {}\r\n", "no ".repeat(5000)), ID);
    assert!(read(&raw).unwrap().words.reveal().len() <= 500);
}
