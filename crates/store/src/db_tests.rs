use call::AccountId;

use crate::{Change, StoreError, db::Db};

fn setting(key: &str, length: usize) -> Change {
    Change::PutSetting { key: key.into(), json: "x".repeat(length) }
}

fn settings(db: &Db) -> Vec<String> {
    db.load().unwrap().settings.into_keys().collect()
}

#[test]
fn a_full_disk_is_named_and_changes_nothing_and_is_over_when_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = Db::open(dir.path()).unwrap();
    db.commit(&[setting("before", 10)]).unwrap();
    let limit = |db: &Db, pages: u32| {
        db.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    let pages: u32 = db.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    limit(&db, pages);

    let full = db.commit(&[setting("small", 10), setting("big", 100_000)]);
    assert!(matches!(full, Err(StoreError::DiskFull)));
    assert_eq!(settings(&db), ["before"]);

    limit(&db, pages + 1_000);
    db.commit(&[setting("big", 100_000)]).unwrap();
    assert_eq!(settings(&db), ["before", "big"]);
}

#[test]
fn a_database_that_cannot_be_written_is_named_and_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = Db::open(dir.path()).unwrap();
    db.commit(&[setting("before", 10)]).unwrap();
    db.connection.pragma_update(None, "query_only", true).unwrap();

    assert!(matches!(db.commit(&[setting("after", 10)]), Err(StoreError::ReadOnly)));
    assert_eq!(settings(&db), ["before"]);
}

#[test]
fn a_decision_of_the_user_is_flushed_to_the_disk_and_a_call_does_not_wait_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut db = Db::open(dir.path()).unwrap();
    let level =
        |db: &Db| -> u8 { db.connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap() };
    const NORMAL: u8 = 1;
    const FULL: u8 = 2;
    assert_eq!(level(&db), NORMAL);

    db.commit(&[setting("theme", 4)]).unwrap();
    assert_eq!(level(&db), FULL);

    let key = crate::SeenKey::MessageId("1@example.test".into());
    // Nobody has this account, and it is forgotten that the commit fails: only the level counts here.
    let _ = db.commit(&[Change::SawMessage { account: AccountId(1), key, now_ms: 0 }]);
    assert_eq!(level(&db), NORMAL);
}
