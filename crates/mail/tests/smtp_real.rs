//! Alice's mails through a real Postfix into Bob's real mailbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

mod imap_device;
mod imap_support;

use std::future::Future;

use call::MailId;
use imap_device::Device;
use imap_support::{Person, Server, options};
use mail::{
    MailAccount, MailError, MailNews, Security, Trust,
    mime::{Auto, Body, SignalMail, parse, parse_entity, plain},
    report,
    smtp::Sender,
};

const NEVER: &str = "an error was expected";

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn invitation(from: &Person<'_>, to: &str, id: u128) -> SignalMail {
    SignalMail {
        id: MailId::new(id),
        from: from.address().parse().unwrap(),
        from_name: "Älice".to_owned(),
        to: to.parse().unwrap(),
        subject: "Älice is calling you".to_owned(),
        text: "From here on it rings.\n.\n..\n".to_owned(),
        json: format!(r#"{{"v":1,"id":{id}}}"#),
        auto: Auto::Generated,
        autocrypt: Some("addr=alice@example.test; keydata=mDME".to_owned()),
        date: 1_795_353_136,
    }
}

fn send(account: MailAccount, mail: &SignalMail) -> Result<(), MailError> {
    wait(async { Sender::new(account)?.send(&mail.to, &plain(mail)).await })
}

fn start_tls(person: &Person<'_>) -> MailAccount {
    let mut account = person.account();
    account.smtp.port = person.server.port("submission");
    account.smtp.security = Security::StartTls;
    account
}

#[test]
fn a_signal_reaches_bob_as_alice_wrote_it() {
    let (alice, bob) = (Server::shared().newcomer(), Server::shared().newcomer());
    let mut phone = bob.device();
    phone.is_idle();
    for (id, account) in [(1, alice.account()), (2, start_tls(&alice))] {
        let written = invitation(&alice, &bob.address(), id);
        send(account, &written).unwrap();
        let read = parse(phone.sees().raw.as_bytes()).unwrap();
        assert_eq!(read.from.as_str(), alice.address());
        assert_eq!(mail::mark::mail_of(&read.message_id.unwrap()), Some(written.id));
        let Body::Plain { entity } = read.body else { panic!("encrypted") };
        let signal = parse_entity(&entity).unwrap();
        assert_eq!((signal.json, signal.subject), (written.json, Some(written.subject)));
    }
}

#[test]
fn several_mails_over_one_connection_arrive() {
    let (alice, bob) = (Server::shared().newcomer(), Server::shared().newcomer());
    let mut phone = bob.device();
    phone.is_idle();
    wait(async {
        let sender = Sender::new(alice.account()).unwrap();
        sender.warm().await.unwrap();
        for id in 1..=3 {
            let mail = invitation(&alice, &bob.address(), id);
            sender.send(&mail.to, &plain(&mail)).await.unwrap();
        }
    });
    let mut seen: Vec<_> = (0..3).map(|_| parse(phone.sees().raw.as_bytes()).unwrap().message_id).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[test]
fn a_certificate_of_an_unknown_authority_counts_only_if_it_is_pinned() {
    let alice = Server::shared().newcomer();
    for mut account in [alice.account(), start_tls(&alice)] {
        account.trust = Trust::default();
        let refused = wait(Sender::new(account.clone()).unwrap().warm()).expect_err(NEVER);
        let MailError::Certificate { sha256, .. } = refused else { panic!("{refused}") };
        account.trust.pinned_sha256 = vec![[0; 32]];
        let refused = wait(Sender::new(account.clone()).unwrap().warm()).expect_err(NEVER);
        assert!(matches!(refused, MailError::Certificate { .. }), "{refused}");
        account.trust.pinned_sha256.push(sha256);
        wait(async { Sender::new(account)?.warm().await }).unwrap();
    }
}

#[test]
fn a_wrong_password_is_called_that() {
    let alice = Server::shared().newcomer();
    let mut account = alice.account();
    account.password = "wrong".to_owned().into();
    let error = wait(async { Sender::new(account)?.warm().await }).expect_err(NEVER);
    assert!(matches!(error, MailError::WrongPassword { .. }), "{error}");
}

#[test]
fn nobody_of_that_name_lives_here() {
    let alice = Server::shared().newcomer();
    let error = send(alice.account(), &invitation(&alice, "nobody@example.test", 1)).expect_err(NEVER);
    assert!(matches!(error, MailError::Refused { code: 550, .. }), "{error}");
    assert!(!error.words().is_empty());
}

#[test]
fn a_bounce_comes_back_and_names_the_mail() {
    let alice = Server::shared().newcomer();
    let mut phone = alice.device();
    phone.is_idle();
    let lost = invitation(&alice, "bob@nowhere.example.test", 0xb0b);
    send(alice.account(), &lost).unwrap();
    let raw = loop {
        match phone.next() {
            MailNews::Report { raw, .. } => break raw,
            MailNews::State(_) | MailNews::Suspect => {}
            other => panic!("not a report: {other:?}"),
        }
    };
    let bounce = report::parse(&raw).unwrap().unwrap();
    assert_eq!((bounce.mail, bounce.permanent), (lost.id, true));
    assert!(!bounce.words.reveal().is_empty());
}

#[test]
fn an_address_in_any_script_is_reached() {
    let alice = Server::shared().newcomer();
    let mut juergen = alice.account();
    juergen.address = "jürgen@example.test".parse().unwrap();
    juergen.login = "jürgen@example.test".to_owned().into();
    juergen.password = "u-6ac3bc7267656e-password".to_owned().into();
    let mut phone = Device::new(juergen, options());
    phone.is_idle();
    let written = invitation(&alice, "jürgen@example.test", 1);
    send(alice.account(), &written).unwrap();
    assert_eq!(parse(phone.sees().raw.as_bytes()).unwrap().to, [written.to]);
}

/// A server whose parts come up one after the other: the test server's own promise, on which every story rests.
#[test]
fn who_comes_before_the_passwords_are_there_is_served_soon_after() {
    let server = Server::start("late-passwords", "stock");
    let alice = server.newcomer();
    server.run("stop");
    for _ in 0..4 {
        wait(Sender::new(start_tls(&alice)).unwrap().warm()).expect_err(NEVER);
    }
    server.run("start");
    wait(Sender::new(start_tls(&alice)).unwrap().warm()).unwrap();
}
