//! People and their calls, for the stories.
#![allow(dead_code, reason = "each story uses some of it")]

use call::{
    AccountId, Address, CallId, CallRecord, CallState, CallView, DeviceId, Direction, EndReason, MailId,
    SignalKind, Time,
};
use store::{Account, Change, Contact, Pin, Position, QueuedMail, SecretPlace, SeenKey, Store};

/// Some Sunday in 2026.
pub const NOW_MS: i64 = 1_795_000_000_000;

pub fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Signs Alice in.
pub fn alice(store: &Store) -> Account {
    account(store, "alice@example.test")
}

pub fn account(store: &Store, who: &str) -> Account {
    let id = store.reserve_account(SecretPlace::File).wait().unwrap();
    let account = Account {
        id,
        device: DeviceId::new(7),
        address: address(who),
        display_name: "Alice".into(),
        login: who.into(),
        imap: r#"{"host":"imap.example.test","port":993}"#.into(),
        smtp: r#"{"host":"smtp.example.test","port":465}"#.into(),
        secrets: SecretPlace::File,
    };
    store.commit(vec![Change::PutAccount(account.clone())]).wait().unwrap();
    account
}

pub fn bob(account: AccountId) -> Contact {
    Contact { account, address: address("bob@example.test"), name: "Bob".into(), since_ms: NOW_MS }
}

pub fn bobs_pin(account: AccountId) -> Pin {
    Pin {
        account,
        address: address("bob@example.test"),
        fingerprint: "c0ffee".into(),
        key: vec![0x98, 0x33, 0x00],
        since_ms: NOW_MS,
    }
}

/// A call that Bob makes to Alice, while it rings.
pub fn ringing(account: AccountId, call: u128) -> CallRecord {
    CallRecord {
        view: CallView {
            call: CallId::new(call),
            account,
            direction: Direction::Incoming,
            peer: address("bob@example.test"),
            peer_name: "Bob".into(),
            verified: true,
            key_changed: false,
            video: true,
            state: CallState::Ringing { device_name: String::new() },
            link: None,
            calling_too: false,
            waiting: false,
            conference: None,
            ways: Vec::new(),
        },
        began: Time(5_000),
        connected: None,
        ended: None,
        resume: r#"{"some":"thing"}"#.into(),
    }
}

/// The same call after Alice was too late.
pub fn missed(account: AccountId, call: u128) -> CallRecord {
    let mut record = ringing(account, call);
    record.view.state = CallState::Ended { reason: EndReason::Missed };
    record.ended = Some(Time(65_000));
    record.resume = String::new();
    record
}

pub fn put_call(record: CallRecord, now_ms: i64) -> Change {
    Change::PutCall { record: Box::new(record), now_ms }
}

pub fn mail(account: AccountId, mail: u128) -> QueuedMail {
    QueuedMail {
        mail: MailId::new(mail),
        account,
        to: address("bob@example.test"),
        call: CallId::new(mail),
        kind: SignalKind::Ringing,
        message: b"From: alice@example.test\r\n\r\nringing".to_vec(),
        until_ms: NOW_MS + 60_000,
    }
}

pub fn message_id(n: u128) -> SeenKey {
    SeenKey::MessageId(format!("mailcall.{n}@example.test"))
}

pub fn saw(account: AccountId, n: u128, now_ms: i64) -> Change {
    Change::SawMessage { account, key: message_id(n), now_ms }
}

pub fn inbox(account: AccountId, next_uid: u32) -> Position {
    Position { account, mailbox: "INBOX".into(), uidvalidity: 1, next_uid }
}
