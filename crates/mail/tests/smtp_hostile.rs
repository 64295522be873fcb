//! Alice's mails over servers that refuse, die, stall or lie: a clear error, in bounded time and memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

mod scripted;

use std::time::{Duration, Instant};

use mail::{
    MailError, Security,
    smtp::{Limits, Sender},
};
use scripted::{Does, Server, impatient, polite};

const MESSAGE: &[u8] = b"Subject: hi\r\n\r\nhello\r\n";

fn bob() -> call::Address {
    "bob@example.test".parse().unwrap()
}

/// What Alice gets from a server that answers `command` with `does`, and is polite otherwise.
async fn error_when(command: &'static str, does: impl Fn() -> Does + Send + Sync + 'static) -> MailError {
    let server = Server::start(move |_, line| match line {
        "" if command.is_empty() => does(),
        _ if !command.is_empty() && line.starts_with(command) => does(),
        _ => polite(line),
    })
    .await;
    Sender::with_limits(server.account(), impatient()).unwrap().send(&bob(), MESSAGE).await.unwrap_err()
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_servers_words_but_not_in_the_log() {
    let error = error_when("AUTH", || "535 5.7.8 alice@example.test: authentication failed".into()).await;
    assert!(matches!(error, MailError::WrongPassword { .. }));
    assert_eq!(error.words(), "5.7.8 alice@example.test: authentication failed");
    assert!(!format!("{error} {error:?}").contains("alice"));
    assert!(!error.is_temporary());
}

#[tokio::test]
async fn an_unknown_recipient_is_final() {
    let error = error_when("RCPT", || "550-5.1.1 The account\r\n550 5.1.1 does not exist.".into()).await;
    assert!(matches!(error, MailError::Refused { code: 550, .. }) && !error.is_temporary());
    assert!(error.words().contains("does not exist."), "{}", error.words());
}

#[tokio::test]
async fn a_busy_server_is_not_final_at_any_step() {
    for (command, code) in
        [("", 421), ("EHLO", 421), ("AUTH", 454), ("MAIL", 452), ("RCPT", 450), ("DATA", 451), (".", 451)]
    {
        let error = error_when(command, move || format!("{code} 4.3.2 later").as_str().into()).await;
        assert!(
            matches!(&error, MailError::Temporary { code: said, .. } if *said == code),
            "{command}: {error}"
        );
        assert!(error.is_temporary());
    }
}

#[tokio::test]
async fn a_message_refused_as_spam_is_final() {
    let error = error_when(".", || "554 5.7.1 looks like spam".into()).await;
    assert!(matches!(error, MailError::Refused { code: 554, .. }));
}

#[tokio::test]
async fn words_that_are_not_utf8_do_not_hide_the_refusal() {
    let error = error_when("RCPT", || Does::Bytes(b"550 Empf\xe4nger unbekannt\r\n".to_vec())).await;
    assert!(matches!(error, MailError::Refused { code: 550, .. }), "{error}");
    assert_eq!(error.words(), "Empf?nger unbekannt");
}

#[tokio::test]
async fn a_silent_server_is_left_after_the_time_out() {
    for command in ["", "EHLO", "AUTH", "RCPT", "DATA", "."] {
        let begun = Instant::now();
        let error = error_when(command, || Does::Nothing).await;
        assert!(matches!(error, MailError::TimedOut { .. }) && error.is_temporary(), "{command}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{command}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_line_without_end_and_a_reply_without_end_are_cut_off() {
    for endless in ["2", "250-x", "250-x\r\n", "\r\n", "\0", "  ", "334 \r\n"] {
        for command in ["", "EHLO", "AUTH", "MAIL", "DATA", "."] {
            let error = error_when(command, move || Does::SayForever(endless)).await;
            let fine = matches!(error, MailError::Protocol { .. } | MailError::Unreachable { .. });
            assert!(fine, "{command:?} {endless:?}: {error}");
        }
    }
}

#[tokio::test]
async fn go_on_is_not_done() {
    for command in ["AUTH", "MAIL", "RCPT", "."] {
        let error = error_when(command, || "354 go on".into()).await;
        assert!(matches!(error, MailError::Protocol { .. }), "{command}: {error}");
    }
    let error = error_when("DATA", || "250 ok".into()).await;
    assert!(matches!(error, MailError::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn nonsense_is_called_nonsense() {
    for nonsense in
        ["* OK IMAP4rev1 ready", "", "   ", "99 x", "HTTP/1.1 400 Bad Request", "250", "700 x", "\u{0}\u{1}"]
    {
        for command in ["", "EHLO", "AUTH", "MAIL", "DATA"] {
            let server = Server::start(move |_, line| match line {
                "" if command.is_empty() => nonsense.into(),
                _ if !command.is_empty() && line.starts_with(command) => nonsense.into(),
                _ => polite(line),
            })
            .await;
            // "250" is a good answer to some of them. All that counts is an end without a panic.
            let _ = Sender::with_limits(server.account(), impatient()).unwrap().send(&bob(), MESSAGE).await;
        }
    }
}

#[tokio::test]
async fn blank_lines_among_the_extensions_do_no_harm() {
    let server = Server::start(|_, line| match line.starts_with("EHLO") {
        true => "250-mx\r\n250-   \r\n250-\r\n250-AUTH PLAIN\r\n250 ".into(),
        false => polite(line),
    })
    .await;
    Sender::new(server.account()).unwrap().send(&bob(), MESSAGE).await.unwrap();
}

#[tokio::test]
async fn starttls_that_is_not_offered_ends_it_before_the_password() {
    let server = Server::start(|_, line| polite(line)).await;
    let mut account = server.account();
    account.smtp.security = Security::StartTls;
    let error = Sender::new(account).unwrap().send(&bob(), MESSAGE).await.unwrap_err();
    assert!(matches!(error, MailError::Insecure { .. }), "{error}");
    assert_eq!(server.heard(), ["EHLO [127.0.0.1]"]);
}

#[tokio::test]
async fn what_is_smuggled_in_behind_starttls_ends_it() {
    let server = Server::start(|_, line| match line.get(..4).unwrap_or(line) {
        "EHLO" => "250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS".into(),
        "STAR" => "220 go\r\n250 AUTH PLAIN".into(),
        _ => polite(line),
    })
    .await;
    let mut account = server.account();
    account.smtp.security = Security::StartTls;
    let error = Sender::new(account).unwrap().warm().await.unwrap_err();
    assert!(matches!(error, MailError::Insecure { .. }), "{error}");
}

#[tokio::test]
async fn a_server_without_passwords_gets_none() {
    let server = Server::start(|_, line| match line.starts_with("EHLO") {
        true => "250-mx\r\n250 AUTH XOAUTH2".into(),
        false => polite(line),
    })
    .await;
    let error = Sender::new(server.account()).unwrap().warm().await.unwrap_err();
    assert!(matches!(error, MailError::Unsupported { .. }), "{error}");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced() {
    // The first connection is closed after its first mail, or while the second is on its way.
    for dies_at in [".", "MAIL", "RCPT", "DATA"] {
        let mails = std::sync::atomic::AtomicUsize::new(0);
        let server = Server::start(move |connection, line| {
            if line == "." && connection == 1 {
                mails.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
            let first_is_taken = mails.load(std::sync::atomic::Ordering::SeqCst) > 0;
            match connection {
                1 if first_is_taken && dies_at == "." => Does::SayAndClose("250 ok\r\n".into()),
                1 if first_is_taken && line.starts_with(dies_at) => Does::SayAndClose(String::new()),
                _ => polite(line),
            }
        })
        .await;
        let sender = Sender::new(server.account()).unwrap();
        sender.send(&bob(), MESSAGE).await.unwrap();
        sender.send(&bob(), MESSAGE).await.unwrap();
        assert_eq!(server.connections(), 2, "{dies_at}");
    }
}

#[tokio::test]
async fn a_kept_connection_that_fell_silent_is_replaced() {
    let server = Server::start(|connection, line| match (connection, line.get(..4)) {
        (1, Some("MAIL" | "NOOP")) => Does::Nothing,
        _ => polite(line),
    })
    .await;
    let doubtful = Limits { fresh: Duration::ZERO, ..impatient() };
    let sender = Sender::with_limits(server.account(), doubtful).unwrap();
    sender.warm().await.unwrap();
    sender.send(&bob(), MESSAGE).await.unwrap();
    assert_eq!(server.connections(), 2);
    let sender = Sender::with_limits(server.account(), doubtful).unwrap();
    sender.warm().await.unwrap();
    sender.warm().await.unwrap();
    assert_eq!(server.connections(), 3, "the third answers NOOP");
}

#[tokio::test]
async fn a_fresh_connection_is_doubted_once_the_network_is_another_one() {
    let server = Server::start(|connection, line| match (connection, line.get(..4)) {
        (1, Some("MAIL" | "NOOP")) => Does::Nothing,
        _ => polite(line),
    })
    .await;
    // What is not doubted would be waited for.
    let limits = Limits { command: Duration::from_secs(60), ..impatient() };
    let sender = Sender::with_limits(server.account(), limits).unwrap();
    sender.warm().await.unwrap();
    sender.distrust();
    let to = bob();
    let sent = tokio::time::timeout(Duration::from_secs(10), sender.send(&to, MESSAGE)).await;
    sent.unwrap().unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_that_always_dies_is_tried_twice_and_no_more() {
    let server = Server::start(|_, line| match line {
        "DATA" => Does::SayAndClose(String::new()),
        _ => polite(line),
    })
    .await;
    let sender = Sender::new(server.account()).unwrap();
    sender.warm().await.unwrap();
    let error = sender.send(&bob(), MESSAGE).await.unwrap_err();
    assert!(matches!(error, MailError::Unreachable { .. }) && error.is_temporary(), "{error}");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn nobody_listens() {
    let server = Server::start(|_, line| polite(line)).await;
    let mut account = server.account();
    drop(server);
    tokio::task::yield_now().await;
    account.smtp.host = "no-such-host.invalid".into();
    let error = Sender::new(account).unwrap().warm().await.unwrap_err();
    assert!(matches!(error, MailError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn the_connection_is_cut_after_each_byte_of_a_session() {
    let session = "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n";
    for cut in 0..session.len() - 1 {
        let server = Server::start(move |_, line| {
            let (from, len) = match line.get(..4).unwrap_or(line) {
                "" => (0, 8),
                "EHLO" => (8, 24),
                "AUTH" => (32, 8),
                "MAIL" => (40, 8),
                "RCPT" => (48, 8),
                "DATA" => (56, 8),
                _ => (64, 8),
            };
            let reply = &session[from..from + len];
            match reply.get(..cut.saturating_sub(from)) {
                Some(part) => Does::SayAndClose(part.into()),
                None => Does::Say(reply.into()),
            }
        })
        .await;
        let sender = Sender::with_limits(server.account(), Limits::default()).unwrap();
        let error = sender.send(&bob(), MESSAGE).await.unwrap_err();
        assert!(error.is_temporary(), "cut after {cut}: {error}");
    }
}
