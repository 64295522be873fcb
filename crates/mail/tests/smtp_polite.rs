//! Alice's mails over a server that behaves: what is said, in which order, over how many connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

#[allow(dead_code, reason = "the hostile tests use more of it")]
mod scripted;

use std::{sync::Mutex, time::Duration};

use mail::{
    MailError,
    smtp::{Limits, Sender},
};
use scripted::{Does, Server, polite};

const MESSAGE: &[u8] = b"Subject: hi\r\n\r\n.dot\r\nend\r\n";

fn bob() -> call::Address {
    "bob@example.test".parse().unwrap()
}

#[tokio::test]
async fn a_mail_is_handed_over_whole() {
    let server = Server::start(|_, line| polite(line)).await;
    Sender::new(server.account()).unwrap().send(&bob(), MESSAGE).await.unwrap();
    assert_eq!(
        server.heard(),
        [
            "EHLO [127.0.0.1]",
            "AUTH PLAIN AGFsaWNlLWxvZ2luAGFsaWNlLXNlY3JldA==",
            "MAIL FROM:<alice@example.test>",
            "RCPT TO:<bob@example.test>",
            "DATA",
            "Subject: hi\r\n\r\n..dot\r\nend\r\n.\r\n",
        ]
    );
}

#[tokio::test]
async fn a_warm_connection_carries_several_mails() {
    let server = Server::start(|_, line| polite(line)).await;
    let sender = Sender::new(server.account()).unwrap();
    sender.warm().await.unwrap();
    assert_eq!(server.heard().len(), 2, "greeted and logged in");
    sender.send(&bob(), MESSAGE).await.unwrap();
    sender.warm().await.unwrap();
    sender.send(&bob(), MESSAGE).await.unwrap();
    assert_eq!((server.connections(), server.heard().len()), (1, 10));
}

#[tokio::test]
async fn several_commands_go_at_once_where_the_server_allows_it() {
    // It stays silent until it has heard all three.
    let server = Server::start(|_, line| match line.get(..4).unwrap_or(line) {
        "EHLO" => "250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN".into(),
        "MAIL" | "RCPT" => Does::Nothing,
        "DATA" => "250 ok\r\n250 ok\r\n354 go on".into(),
        _ => polite(line),
    })
    .await;
    Sender::with_limits(server.account(), scripted::impatient())
        .unwrap()
        .send(&bob(), MESSAGE)
        .await
        .unwrap();
    assert_eq!(server.heard().len(), 6);
}

#[tokio::test]
async fn a_recipient_refused_among_several_commands_is_refused() {
    let server = Server::start(|_, line| match line.get(..4).unwrap_or(line) {
        "EHLO" => "250-mx\r\n250-PIPELINING\r\n250 AUTH PLAIN".into(),
        "RCPT" => "550 5.1.1 no such user".into(),
        _ => polite(line),
    })
    .await;
    let error = Sender::new(server.account()).unwrap().send(&bob(), MESSAGE).await.unwrap_err();
    assert!(matches!(&error, MailError::Refused { code: 550, .. }), "{error}");
    assert_eq!(error.words(), "5.1.1 no such user");
    assert!(!server.heard().iter().any(|line| line.contains("Subject")));
}

#[tokio::test]
async fn login_is_used_where_plain_is_not_offered() {
    let server = Server::start(|_, line| match line {
        _ if line.starts_with("EHLO") => "250-mx\r\n250 auth=login".into(),
        "AUTH LOGIN" => "334 VXNlcm5hbWU6".into(),
        "YWxpY2UtbG9naW4=" => "334 UGFzc3dvcmQ6".into(),
        "YWxpY2Utc2VjcmV0" => "235 welcome".into(),
        _ => polite(line),
    })
    .await;
    Sender::new(server.account()).unwrap().send(&bob(), MESSAGE).await.unwrap();
}

#[tokio::test]
async fn addresses_in_any_script_ask_for_smtputf8_and_only_they() {
    let server = Server::start(|_, line| polite(line)).await;
    let sender = Sender::new(server.account()).unwrap();
    sender.send(&"用户@例子.test".parse().unwrap(), "To: 用户@例子.test\r\n\r\n".as_bytes()).await.unwrap();
    sender.send(&"bob@例子.test".parse().unwrap(), MESSAGE).await.unwrap();
    let heard = server.heard();
    assert!(heard.contains(&"MAIL FROM:<alice@example.test> SMTPUTF8 BODY=8BITMIME".to_owned()), "{heard:?}");
    assert!(heard.contains(&"RCPT TO:<用户@例子.test>".to_owned()));
    assert!(heard.contains(&"MAIL FROM:<alice@example.test>".to_owned()));
    assert!(heard.contains(&"RCPT TO:<bob@xn--fsqu00a.test>".to_owned()));
}

#[tokio::test]
async fn without_smtputf8_such_an_address_is_said_to_be_unreachable_from_here() {
    let server = Server::start(|_, line| match line.starts_with("EHLO") {
        true => "250-mx\r\n250 AUTH PLAIN".into(),
        false => polite(line),
    })
    .await;
    let sender = Sender::new(server.account()).unwrap();
    let error = sender.send(&"用户@例子.test".parse().unwrap(), MESSAGE).await.unwrap_err();
    assert!(matches!(error, MailError::Unsupported { .. }) && !error.is_temporary());
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed_politely() {
    let (said, heard) = tokio::sync::oneshot::channel();
    let said = Mutex::new(Some(said));
    let server = Server::start(move |_, line| {
        if line == "QUIT" {
            let _ = said.lock().unwrap().take().map(|said| said.send(()));
        }
        polite(line)
    })
    .await;
    let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
    let sender = Sender::with_limits(server.account(), limits).unwrap();
    sender.warm().await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), heard).await.unwrap().unwrap();
    sender.send(&bob(), MESSAGE).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn mails_sent_at_the_same_time_follow_each_other() {
    let server = Server::start(|_, line| polite(line)).await;
    let sender = Sender::new(server.account()).unwrap();
    let bob = bob();
    let (warm, first, second) =
        tokio::join!(sender.warm(), sender.send(&bob, MESSAGE), sender.send(&bob, MESSAGE));
    warm.and(first).and(second).unwrap();
    assert_eq!(server.connections(), 1);
}
