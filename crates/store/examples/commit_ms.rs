//! How long storing takes on this disk: `cargo run --release -p store --example commit_ms [DIR]`.
#![allow(clippy::unwrap_used, reason = "a measuring tool may stop")]

use std::time::Instant;

use call::{
    AccountId, CallId, CallRecord, CallState, CallView, DeviceId, Direction, MailId, SignalKind, Time,
};
use store::{Account, Change, Position, QueuedMail, SecretPlace, SeenKey, Store};

const STEPS: u128 = 500;

fn main() {
    let given = std::env::args().nth(1).map(std::path::PathBuf::from);
    let scratch = tempfile::tempdir_in(given.unwrap_or_else(|| ".".into())).unwrap();
    let started = Instant::now();
    let store = Store::open(scratch.path()).unwrap();
    println!("first open                     {:7.2} ms", ms(started));
    let account = sign_in(&store);

    measure("a step of a call", |n| store.commit(step(account, n)).wait().map(drop).unwrap());
    measure("a decision of the user, flushed", |n| {
        let change = Change::PutSetting { key: "number".into(), json: n.to_string() };
        store.commit(vec![change]).wait().map(drop).unwrap();
    });
    drop(store);

    let started = Instant::now();
    let store = Store::open(scratch.path()).unwrap();
    let loaded = store.load().wait().unwrap();
    println!("open and load, {} calls       {:7.2} ms", loaded.calls.len(), ms(started));
}

fn measure(what: &str, mut work: impl FnMut(u128)) {
    let mut times: Vec<f64> = (0..STEPS)
        .map(|n| {
            let started = Instant::now();
            work(n);
            ms(started)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!("{what:32} p50 {:.3} ms, p90 {:.3} ms, p99 {:.3} ms", at(50), at(90), at(99));
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn sign_in(store: &Store) -> AccountId {
    let id = store.reserve_account(SecretPlace::File).wait().unwrap();
    let account = Account {
        id,
        device: DeviceId::new(1),
        address: "alice@example.test".parse().unwrap(),
        display_name: "Alice".into(),
        login: "alice@example.test".into(),
        imap: "{}".into(),
        smtp: "{}".into(),
        secrets: SecretPlace::File,
    };
    store.commit(vec![Change::PutAccount(account)]).wait().unwrap();
    id
}

/// What an invitation makes the callee store: the call, the reply, the message and how far the mailbox was read.
fn step(account: AccountId, n: u128) -> Vec<Change> {
    let (call, now_ms) = (CallId::new(n), 0);
    let view = CallView {
        call,
        account,
        direction: Direction::Incoming,
        peer: "bob@example.test".parse().unwrap(),
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
    };
    let record = CallRecord { view, began: Time(0), connected: None, ended: None, resume: "{}".repeat(500) };
    let mail = QueuedMail {
        mail: MailId::new(n),
        account,
        to: "bob@example.test".parse().unwrap(),
        call,
        kind: SignalKind::Ringing,
        message: vec![b'm'; 5_000],
        until_ms: 0,
    };
    let position =
        Position { account, mailbox: "INBOX".into(), uidvalidity: 1, next_uid: u32::try_from(n).unwrap() };
    vec![
        Change::PutCall { record: Box::new(record), now_ms },
        Change::QueueMail(mail),
        Change::SawMessage { account, key: SeenKey::MessageId(n.to_string()), now_ms },
        Change::PutPosition(position),
    ]
}
