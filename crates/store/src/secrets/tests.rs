use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use call::{AccountId, Redacted};

use super::{Availability, KeyStore, SecretKind, SecretStore};
use crate::{SecretPlace, StoreError};

const ALICE: AccountId = AccountId(1);
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(20);

type Shelf = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A key store that works.
#[derive(Clone, Default)]
struct Shelves(Shelf);

impl KeyStore for Shelves {
    fn set(&self, user: &str, secret: &[u8]) -> Result<(), StoreError> {
        self.0.lock().unwrap().insert(user.into(), secret.into());
        Ok(())
    }

    fn get(&self, user: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().get(user).cloned())
    }

    fn delete(&self, user: &str) -> Result<(), StoreError> {
        self.0.lock().unwrap().remove(user);
        Ok(())
    }
}

/// A key store whose prompt stays open until the user types: one message on the channel a request.
struct Prompting {
    typed: mpsc::Receiver<()>,
    then: Shelves,
}

impl KeyStore for Prompting {
    fn set(&self, user: &str, secret: &[u8]) -> Result<(), StoreError> {
        let _ = self.typed.recv();
        self.then.set(user, secret)
    }

    fn get(&self, user: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let _ = self.typed.recv();
        self.then.get(user)
    }

    fn delete(&self, user: &str) -> Result<(), StoreError> {
        let _ = self.typed.recv();
        self.then.delete(user)
    }
}

/// A system without a key store.
struct Nothing;

impl KeyStore for Nothing {
    fn set(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::KeyStoreMissing)
    }

    fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Err(StoreError::KeyStoreMissing)
    }

    fn delete(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::KeyStoreMissing)
    }
}

fn secret(text: &str) -> Redacted<Vec<u8>> {
    Redacted::new(text.as_bytes().to_vec())
}

#[test]
fn two_data_directories_of_alice_do_not_mix_up_their_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let shelves = Shelves::default();
    let home = SecretStore::with_key_store(dir.path(), "home", shelves.clone(), LONG);
    let work = SecretStore::with_key_store(dir.path(), "work", shelves, LONG);

    home.put(SecretPlace::KeyStore, ALICE, SecretKind::Password, secret("at home")).wait().unwrap();
    work.put(SecretPlace::KeyStore, ALICE, SecretKind::Password, secret("at work")).wait().unwrap();
    work.remove(SecretPlace::KeyStore, ALICE).wait().unwrap();

    let found = home.get(SecretPlace::KeyStore, ALICE, SecretKind::Password).wait().unwrap();
    assert_eq!(found, secret("at home"));
    let gone = work.get(SecretPlace::KeyStore, ALICE, SecretKind::Password).wait();
    assert!(matches!(gone, Err(StoreError::SecretMissing { account: ALICE })));
}

#[test]
fn a_working_key_store_is_ready_and_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let shelves = Shelves::default();
    let secrets = SecretStore::with_key_store(dir.path(), "home", shelves.clone(), LONG);

    assert_eq!(secrets.probe().wait().unwrap(), Availability::Ready);
    assert!(shelves.0.lock().unwrap().is_empty());
}

#[test]
fn a_system_without_a_key_store_is_told_apart_from_a_locked_one() {
    let dir = tempfile::tempdir().unwrap();
    let none = SecretStore::with_key_store(dir.path(), "home", Nothing, LONG);
    assert_eq!(none.probe().wait().unwrap(), Availability::Missing);

    let (_user, typed) = mpsc::channel();
    let locked = Prompting { typed, then: Shelves::default() };
    let locked = SecretStore::with_key_store(dir.path(), "home", locked, SHORT);
    assert_eq!(locked.probe().wait().unwrap(), Availability::Locked);
}

#[test]
fn alice_unlocks_the_key_store_late_and_tries_again() {
    let dir = tempfile::tempdir().unwrap();
    let (user, typed) = mpsc::channel();
    let shelves = Shelves::default();
    shelves.set("home/1/password", b"hers").unwrap();
    let prompting = Prompting { typed, then: shelves };
    let secrets = SecretStore::with_key_store(dir.path(), "home", prompting, SHORT);
    let get = || secrets.get(SecretPlace::KeyStore, ALICE, SecretKind::Password).wait();

    assert!(matches!(get(), Err(StoreError::KeyStoreLocked)));
    user.send(()).unwrap();
    drop(user);
    // The key store answers from now on; how soon the thread gets there is up to the scheduler.
    let found = (0..500).find_map(|_| get().ok()).expect("the key store is open");
    assert_eq!(found, secret("hers"));
}

#[test]
fn a_password_that_timed_out_behind_a_prompt_is_not_stored_later() {
    let dir = tempfile::tempdir().unwrap();
    let (user, typed) = mpsc::channel();
    let shelves = Shelves::default();
    let prompting = Prompting { typed, then: shelves.clone() };
    let secrets = SecretStore::with_key_store(dir.path(), "home", prompting, SHORT);

    // The first request is the one that prompts; the second waits behind it.
    let reading = secrets.get(SecretPlace::KeyStore, ALICE, SecretKind::Password).wait();
    assert!(matches!(reading, Err(StoreError::KeyStoreLocked)));
    let storing = secrets.put(SecretPlace::KeyStore, ALICE, SecretKind::Password, secret("old")).wait();
    assert!(matches!(storing, Err(StoreError::KeyStoreLocked)));

    drop(user);
    let _ = (0..500)
        .find(|_| {
            secrets
                .get(SecretPlace::KeyStore, ALICE, SecretKind::Password)
                .wait()
                .is_err_and(|error| matches!(error, StoreError::SecretMissing { .. }))
        })
        .expect("the key store is open, and holds nothing");
    assert!(shelves.0.lock().unwrap().is_empty());
}

#[test]
fn secrets_show_in_no_debug_text() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = SecretStore::with_key_store(dir.path(), "home", Shelves::default(), LONG);
    secrets.put(SecretPlace::File, ALICE, SecretKind::Password, secret("hunter2")).wait().unwrap();

    let found = secrets.get(SecretPlace::File, ALICE, SecretKind::Password).wait().unwrap();
    assert!(!format!("{secrets:?} {found:?}").contains("hunter2"));
}
