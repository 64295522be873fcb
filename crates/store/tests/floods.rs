//! What strangers and bugs may do to Alice's history.
#![allow(clippy::unwrap_used, reason = "a story may stop")]

mod common;

use call::{AccountId, CallId, CallRecord, Direction, Time};
use common::*;
use store::{Change, Store};

fn commit(store: &Store, changes: Vec<Change>) {
    store.commit(changes).wait().unwrap();
}

/// A call that nobody took, from the `n`th of many strangers.
fn from_a_stranger(account: AccountId, n: u128) -> CallRecord {
    let mut record = missed(account, n);
    record.view.peer = address(&format!("stranger-{n}@example.test"));
    record
}

#[test]
fn a_flood_of_strangers_pushes_nobody_out_of_the_history() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let mut talked = from_a_stranger(alice.id, 2);
    talked.connected = Some(Time(6_000));
    let mut dialled = from_a_stranger(alice.id, 3);
    dialled.view.direction = Direction::Outgoing;
    let mut asking = from_a_stranger(alice.id, 4);
    asking.resume = ringing(alice.id, 4).resume;
    commit(
        &store,
        vec![
            Change::PutContact(bob(alice.id)),
            put_call(missed(alice.id, 1), NOW_MS),
            put_call(talked, NOW_MS),
            put_call(dialled, NOW_MS),
            put_call(asking, NOW_MS),
        ],
    );
    for n in 100..300 {
        commit(&store, vec![put_call(from_a_stranger(alice.id, n), NOW_MS + n as i64)]);
    }

    let kept = store.history(100, None).wait().unwrap();
    let kept: Vec<_> = kept.iter().map(|row| row.record.view.call).collect();
    let newest = (250..300).rev().map(CallId::new);
    assert_eq!(kept, newest.chain((1..=4).rev().map(CallId::new)).collect::<Vec<_>>());
}

#[test]
fn a_stranger_who_becomes_a_contact_is_forgotten_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(&store, vec![put_call(missed(alice.id, 1), NOW_MS), Change::PutContact(bob(alice.id))]);
    let flood = (100..200).map(|n| put_call(from_a_stranger(alice.id, n), NOW_MS + n as i64)).collect();
    commit(&store, flood);

    assert!(store.call(CallId::new(1)).wait().unwrap().is_some());
    commit(&store, vec![Change::RemoveContact { account: alice.id, address: address("bob@example.test") }]);
    assert_eq!(store.prune(NOW_MS).wait().unwrap().calls, 1);
    assert!(store.call(CallId::new(1)).wait().unwrap().is_none());
}

#[test]
fn a_flood_of_calls_does_not_grow_the_history_without_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(&store, vec![Change::PutContact(bob(alice.id))]);
    let flood = (0..10_003).map(|n| put_call(missed(alice.id, n), NOW_MS + n as i64)).collect();
    commit(&store, flood);
    commit(&store, vec![put_call(ringing(alice.id, 20_000), NOW_MS - 1)]);

    assert_eq!(store.prune(NOW_MS).wait().unwrap().calls, 3);
    assert!(store.call(CallId::new(20_000)).wait().unwrap().is_some(), "a call that is going on stays");
    assert!(store.call(CallId::new(2)).wait().unwrap().is_none());
    assert!(store.call(CallId::new(3)).wait().unwrap().is_some());
}
