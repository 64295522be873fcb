//! Whose a data directory is, and what happens when something is wrong with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a story may stop")]

mod common;

use std::fs;

use common::*;
use store::{Change, DataDir, Store, StoreError};

#[test]
fn the_native_app_and_mailcalld_cannot_have_one_directory_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let app = DataDir::lock(dir.path()).unwrap();
    assert!(matches!(DataDir::lock(dir.path()), Err(StoreError::InUse)));

    drop(app);
    DataDir::lock(dir.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn another_user_of_the_computer_can_read_nothing() {
    use std::os::unix::fs::PermissionsExt;

    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("mailcall");
    let _lock = DataDir::lock(&dir).unwrap();
    let store = Store::open(&dir).unwrap();
    let alice = alice(&store);
    let secret = call::Redacted::new(b"hunter2".to_vec());
    store.secrets().put(alice.secrets, alice.id, store::SecretKind::Password, secret).wait().unwrap();

    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut files = Vec::new();
    let mut dirs = vec![dir];
    while let Some(dir) = dirs.pop() {
        assert_eq!(mode(&dir), 0o700, "{}", dir.display());
        for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { dirs.push(entry) } else { files.push(entry) }
        }
    }
    assert!(files.len() >= 4, "database, its log, lock and secret: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[cfg(unix)]
#[test]
fn an_empty_open_directory_is_closed_but_a_home_directory_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;

    let open = || {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        dir
    };
    let mode = |dir: &tempfile::TempDir| fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777;

    let empty = open();
    Store::open(empty.path()).unwrap();
    assert_eq!(mode(&empty), 0o700);

    let home = open();
    fs::write(home.path().join("letter.txt"), "Dear Bob").unwrap();
    for _ in ["the first start", "the second"] {
        drop(Store::open(home.path()).unwrap());
        assert_eq!(mode(&home), 0o755);
    }

    let shared = open();
    fs::write(shared.path().join("letter.txt"), "Dear Bob").unwrap();
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(Store::open(shared.path()), Err(StoreError::NotPrivate)));
}

#[test]
fn a_database_of_a_later_version_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let file = dir.path().join("mailcall.db");
    let later = rusqlite::Connection::open(&file).unwrap();
    later.pragma_update(None, "user_version", 1_000).unwrap();
    drop(later);

    assert!(matches!(Store::open(dir.path()), Err(StoreError::Newer { found: 1_000, known: 1 })));
}

#[test]
fn a_file_that_is_no_database_is_named_as_damaged_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mailcall.db");
    fs::write(&file, "this is not what it was".repeat(500)).unwrap();

    assert!(matches!(Store::open(dir.path()), Err(StoreError::Corrupt)));
    assert!(fs::read(&file).unwrap().starts_with(b"this is not"));
}

#[test]
fn damage_after_a_crash_is_found_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    let calls = (0..200).map(|n| put_call(missed(alice.id, n), NOW_MS)).collect();
    store.commit(calls).wait().unwrap();
    drop(store);
    // Page 1 stays whole, so that it still looks like a database; a log tells of a run that did not end.
    let file = dir.path().join("mailcall.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[8_192..].fill(0x5a);
    fs::write(&file, bytes).unwrap();
    fs::write(dir.path().join("mailcall.db-wal"), "cut off").unwrap();

    assert!(matches!(Store::open(dir.path()), Err(StoreError::Corrupt)));
}

#[test]
fn a_row_that_cannot_be_read_is_skipped_and_the_rest_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    store
        .commit(vec![put_call(ringing(alice.id, 1), NOW_MS), put_call(ringing(alice.id, 2), NOW_MS)])
        .wait()
        .unwrap();
    drop(store);
    let odd = rusqlite::Connection::open(dir.path().join("mailcall.db")).unwrap();
    odd.execute("UPDATE call SET record = '{\"from\":\"the future\"}' WHERE id LIKE '%1'", []).unwrap();
    drop(odd);

    let loaded = Store::open(dir.path()).unwrap().load().wait().unwrap();
    assert_eq!(loaded.calls.len(), 1);
    assert_eq!(loaded.calls[0].record, ringing(alice.id, 2));
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error_to_act_on() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();

    let error = Store::open(&file.join("mailcall")).unwrap_err();
    assert_eq!(error.code(), "data_dir_io");
}

#[test]
fn requests_made_before_the_store_is_dropped_are_carried_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let alice = alice(&store);
    for n in 0..50 {
        drop(store.commit(vec![Change::PutPosition(inbox(alice.id, n))]));
    }
    drop(store);

    let positions = Store::open(dir.path()).unwrap().load().wait().unwrap().positions;
    assert_eq!(positions, [inbox(alice.id, 49)]);
}
