//! What Alice's laptop remembers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a story may stop")]

mod common;

use call::{CallId, MailId};
use common::*;
use store::{Change, HistoryCursor, Loaded, MailState, SecretKind, SecretPlace, SeenKey, Store, StoreError};

fn load(store: &Store) -> Loaded {
    store.load().wait().unwrap()
}

fn commit(store: &Store, changes: Vec<Change>) {
    store.commit(changes).wait().unwrap();
}

#[test]
fn everything_alice_has_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(
        &store,
        vec![
            Change::PutContact(bob(alice.id)),
            Change::PutPin(bobs_pin(alice.id)),
            put_call(ringing(alice.id, 1), NOW_MS),
            Change::QueueMail(mail(alice.id, 2)),
            Change::PutPosition(inbox(alice.id, 42)),
            Change::PutSetting { key: "ring.tone".into(), json: "\"marimba\"".into() },
        ],
    );
    let before = load(&store);
    drop(store);

    let after = load(&Store::open(dir.path()).unwrap());
    assert_eq!(after, before);
    assert_eq!(after.accounts, std::slice::from_ref(&alice));
    assert_eq!(after.contacts, [bob(alice.id)]);
    assert_eq!(after.pins, [bobs_pin(alice.id)]);
    assert_eq!(after.calls[0].record, ringing(alice.id, 1));
    assert_eq!(after.mails, [mail(alice.id, 2)]);
    assert_eq!(after.positions, [inbox(alice.id, 42)]);
    assert_eq!(after.settings["ring.tone"], "\"marimba\"");
}

#[test]
fn one_impossible_change_undoes_the_whole_step() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let before = load(&store);

    let nobody = call::AccountId(99);
    let step = vec![
        put_call(ringing(alice.id, 1), NOW_MS),
        saw(alice.id, 1, NOW_MS),
        Change::PutContact(bob(nobody)),
        Change::QueueMail(mail(alice.id, 2)),
    ];
    assert!(matches!(store.commit(step).wait(), Err(StoreError::UnknownAccount)));

    assert_eq!(load(&store), before);
    assert!(!store.seen(alice.id, message_id(1)).wait().unwrap());
}

#[test]
fn a_call_that_ended_is_history_and_nothing_to_resume() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(&store, vec![put_call(ringing(alice.id, 1), NOW_MS)]);
    assert_eq!(load(&store).calls[0].stored_ms, NOW_MS);
    commit(&store, vec![put_call(missed(alice.id, 1), NOW_MS + 60_000)]);

    assert!(load(&store).calls.is_empty());
    let history = store.history(10, None).wait().unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].record, missed(alice.id, 1));
    assert_eq!(history[0].began_ms, NOW_MS, "a call began when it was first stored");
}

#[test]
fn the_history_is_read_page_by_page_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    // Two calls in the same millisecond, so that a page ends between them.
    for (call, began) in [(1, 10), (2, 20), (3, 20), (4, 30)] {
        commit(&store, vec![put_call(missed(alice.id, call), NOW_MS + began)]);
    }

    let mut before: Option<HistoryCursor> = None;
    let mut pages = Vec::new();
    loop {
        let page = store.history(2, before).wait().unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.cursor());
        pages.push(page.iter().map(|row| row.record.view.call).collect::<Vec<_>>());
    }
    assert_eq!(pages, [[CallId::new(4), CallId::new(3)], [CallId::new(2), CallId::new(1)]]);
}

#[test]
fn clearing_the_history_spares_the_call_that_is_going_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(&store, vec![put_call(missed(alice.id, 1), NOW_MS), put_call(ringing(alice.id, 2), NOW_MS)]);

    commit(&store, vec![Change::ClearHistory]);

    assert!(store.call(CallId::new(1)).wait().unwrap().is_none());
    assert!(store.call(CallId::new(2)).wait().unwrap().is_some());
}

#[test]
fn what_alice_clears_is_not_left_in_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let mut call = missed(alice.id, 1);
    call.view.peer_name = "Secret Santa".into();
    commit(&store, vec![put_call(call, NOW_MS)]);
    let in_files = || {
        std::fs::read_dir(dir.path()).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(12).any(|part| part == b"Secret Santa")
        })
    };
    assert!(in_files());

    commit(&store, vec![Change::ClearHistory]);

    assert!(!in_files());
}

#[test]
fn a_message_seen_twice_is_known_the_second_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let place = SeenKey::Uid { mailbox: "INBOX".into(), uidvalidity: 1, uid: 7 };
    let renewed = SeenKey::Uid { mailbox: "INBOX".into(), uidvalidity: 2, uid: 7 };
    commit(
        &store,
        vec![
            saw(alice.id, 1, NOW_MS),
            saw(alice.id, 1, NOW_MS),
            Change::SawMessage { account: alice.id, key: place.clone(), now_ms: NOW_MS },
        ],
    );

    let seen = |key| store.seen(alice.id, key).wait().unwrap();
    assert!(seen(message_id(1)));
    assert!(seen(place));
    assert!(!seen(message_id(2)));
    assert!(!seen(renewed), "under a new UIDVALIDITY it is another message");
}

#[test]
fn a_mail_that_was_sent_leaves_the_outbox_and_its_bounce_still_finds_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(&store, vec![Change::QueueMail(mail(alice.id, 2))]);
    let becomes = |state| {
        commit(&store, vec![Change::MailState { mail: MailId::new(2), state, now_ms: NOW_MS }]);
        store.mail(MailId::new(2)).wait().unwrap().unwrap()
    };

    assert_eq!(becomes(MailState::Sent).state, Some(MailState::Sent));
    assert!(load(&store).mails.is_empty());
    assert_eq!(becomes(MailState::Withdrawn).state, Some(MailState::Sent), "it is too late to take it back");
    let bounced = MailState::Failed { words: "550 no such user".into() };
    let info = becomes(bounced.clone());
    assert_eq!((info.state, info.call), (Some(bounced), CallId::new(2)));
}

#[test]
fn queueing_the_same_mail_again_sends_it_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    commit(&store, vec![Change::QueueMail(mail(alice.id, 2))]);
    commit(&store, vec![Change::MailState { mail: MailId::new(2), state: MailState::Sent, now_ms: NOW_MS }]);
    commit(&store, vec![Change::QueueMail(mail(alice.id, 2))]);

    assert!(load(&store).mails.is_empty());
}

#[test]
fn a_contact_is_renamed_and_stays_a_contact_since_the_first_day() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let robert = store::Contact { name: "Robert".into(), since_ms: NOW_MS + 1, ..bob(alice.id) };
    commit(&store, vec![Change::PutContact(bob(alice.id)), Change::PutContact(robert)]);

    let contacts = load(&store).contacts;
    assert_eq!((contacts[0].name.as_str(), contacts[0].since_ms), ("Robert", NOW_MS));

    let address = address("bob@example.test");
    commit(&store, vec![Change::RemoveContact { account: alice.id, address }]);
    assert!(load(&store).contacts.is_empty());
}

#[test]
fn changing_an_account_keeps_what_belongs_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut alice = alice(&store);
    commit(&store, vec![Change::PutContact(bob(alice.id)), put_call(missed(alice.id, 1), NOW_MS)]);

    alice.display_name = "Alice L.".into();
    commit(&store, vec![Change::PutAccount(alice.clone())]);

    assert_eq!(load(&store).accounts, std::slice::from_ref(&alice));
    assert_eq!(load(&store).contacts, [bob(alice.id)]);
    assert!(store.call(CallId::new(1)).wait().unwrap().is_some());
}

#[test]
fn two_accounts_with_one_address_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut twin = alice(&store);
    twin.id = store.reserve_account(SecretPlace::File).wait().unwrap();

    let refused = store.commit(vec![Change::PutAccount(twin)]).wait();
    assert!(matches!(refused, Err(StoreError::AddressTaken)));
}

#[tokio::test]
async fn removing_an_account_removes_all_of_it_and_nothing_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let (store, alice, work) = tokio::task::spawn_blocking({
        let dir = dir.path().to_owned();
        move || {
            let store = Store::open(&dir).unwrap();
            let (alice, work) = (alice(&store), account(&store, "alice@work.example.test"));
            (store, alice, work)
        }
    })
    .await
    .unwrap();
    let secrets = store.secrets();
    let mut mail_number = 0;
    for id in [alice.id, work.id] {
        let secret = call::Redacted::new(b"hunter2".to_vec());
        secrets.put(SecretPlace::File, id, SecretKind::Password, secret.clone()).await.unwrap();
        secrets.put(SecretPlace::File, id, SecretKind::PrivateKey, secret).await.unwrap();
        mail_number += 1;
        let all = vec![
            Change::PutContact(bob(id)),
            Change::PutPin(bobs_pin(id)),
            put_call(ringing(id, mail_number), NOW_MS),
            Change::QueueMail(mail(id, mail_number)),
            saw(id, 1, NOW_MS),
            Change::PutPosition(inbox(id, 1)),
        ];
        store.commit(all).await.unwrap();
    }

    store.remove_account(work.id).await.unwrap();

    let left = store.load().await.unwrap();
    assert_eq!(left.accounts, std::slice::from_ref(&alice));
    assert_eq!(left.contacts, [bob(alice.id)]);
    assert_eq!(left.pins, [bobs_pin(alice.id)]);
    assert_eq!(left.mails, [mail(alice.id, 1)]);
    assert_eq!(left.positions, [inbox(alice.id, 1)]);
    assert!(left.leftovers.is_empty());
    assert!(store.call(CallId::new(2)).await.unwrap().is_none());
    assert!(!store.seen(work.id, message_id(1)).await.unwrap());
    for kind in [SecretKind::Password, SecretKind::PrivateKey] {
        let gone = secrets.get(SecretPlace::File, work.id, kind).await;
        assert!(matches!(gone, Err(StoreError::SecretMissing { .. })));
        assert!(secrets.get(SecretPlace::File, alice.id, kind).await.is_ok());
    }
}

#[tokio::test]
async fn the_secrets_of_a_sign_in_that_was_cut_off_are_cleared_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let id = store.reserve_account(SecretPlace::File).await.unwrap();
    let secret = call::Redacted::new(b"hunter2".to_vec());
    store.secrets().put(SecretPlace::File, id, SecretKind::Password, secret).await.unwrap();
    drop(store);

    let store = Store::open(dir.path()).unwrap();
    let leftovers = store.load().await.unwrap().leftovers;
    assert_eq!(store.remove_leftovers(leftovers).await.unwrap(), 1);

    let gone = store.secrets().get(SecretPlace::File, id, SecretKind::Password).await;
    assert!(matches!(gone, Err(StoreError::SecretMissing { .. })));
    assert!(store.load().await.unwrap().leftovers.is_empty());
    assert_ne!(store.reserve_account(SecretPlace::File).await.unwrap(), id, "ids are never used twice");
}

#[tokio::test]
async fn the_key_of_an_installation_whose_database_was_moved_away_stays() {
    let dir = tempfile::tempdir().unwrap();
    let old = Store::open(dir.path()).unwrap();
    let id = old.reserve_account(SecretPlace::File).await.unwrap();
    let key = call::Redacted::new(b"alice's key".to_vec());
    old.secrets().put(SecretPlace::File, id, SecretKind::PrivateKey, key).await.unwrap();
    drop(old);
    for file in ["mailcall.db", "mailcall.db-wal", "mailcall.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(file));
    }

    let new = Store::open(dir.path()).unwrap();

    assert_ne!(new.reserve_account(SecretPlace::File).await.unwrap(), id);
    let kept = new.secrets().get(SecretPlace::File, id, SecretKind::PrivateKey).await.unwrap();
    assert_eq!(kept.reveal(), b"alice's key");
}

#[tokio::test]
async fn what_a_power_cut_left_of_a_secret_goes_with_its_account() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = store.reserve_account(SecretPlace::File).await.unwrap();
    let key = || call::Redacted::new(b"alice's key".to_vec());
    store.secrets().put(SecretPlace::File, alice, SecretKind::PrivateKey, key()).await.unwrap();
    let half = dir.path().join(format!("secrets/{}.private-key.new", alice.0));
    std::fs::write(&half, "alice's k").unwrap();

    store.secrets().remove(SecretPlace::File, alice).await.unwrap();

    assert_eq!(std::fs::read_dir(dir.path().join("secrets")).unwrap().count(), 0);
}

#[test]
fn an_account_whose_secrets_move_leaves_the_old_place_to_be_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let mut alice = alice(&store);
    assert!(load(&store).leftovers.is_empty(), "a finished sign-in leaves nothing over");

    alice.secrets = SecretPlace::KeyStore;
    commit(&store, vec![Change::PutAccount(alice.clone())]);

    let leftover = store::LeftoverSecret { account: alice.id, place: SecretPlace::File };
    assert_eq!(load(&store).leftovers, [leftover]);
}

#[test]
fn after_a_month_only_what_still_matters_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let sent = |n| Change::MailState { mail: MailId::new(n), state: MailState::Sent, now_ms: NOW_MS };
    commit(
        &store,
        vec![
            saw(alice.id, 1, NOW_MS),
            Change::QueueMail(mail(alice.id, 1)),
            sent(1),
            put_call(missed(alice.id, 1), NOW_MS),
        ],
    );
    let later = NOW_MS + 31 * 24 * 60 * 60 * 1000;
    commit(&store, vec![saw(alice.id, 2, later), Change::QueueMail(mail(alice.id, 2))]);
    let young = store.prune(NOW_MS + 60_000).wait().unwrap();
    assert_eq!(young, store::Pruned::default());

    // The second mail stayed in the outbox long past its end, so it counts as old, too.
    let pruned = store.prune(later).wait().unwrap();

    assert_eq!(pruned, store::Pruned { seen: 1, mails: 2, calls: 0 });
    assert!(store.seen(alice.id, message_id(2)).wait().unwrap());
    assert_eq!(store.history(10, None).wait().unwrap().len(), 1, "the history is the user's");
}
