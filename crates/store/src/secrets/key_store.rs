use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use call::Redacted;

use crate::StoreError;

/// A place for named secrets; calls may block for as long as a user takes to type a password.
pub trait KeyStore: Send + 'static {
    /// Keeps a secret, in place of the one that was there.
    fn set(&self, user: &str, secret: &[u8]) -> Result<(), StoreError>;
    /// Reads a secret, if it is there.
    fn get(&self, user: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Removes a secret; nothing there is fine.
    fn delete(&self, user: &str) -> Result<(), StoreError>;
}

type Job = Box<dyn FnOnce(&dyn KeyStore) + Send>;

/// The one thread that talks to the key store, started when it is first needed. A key store that hangs holds up this
/// thread and nobody else: whoever asks gets [`StoreError::KeyStoreLocked`] after a while.
pub(super) struct KeyStoreThread {
    patience: Duration,
    state: Mutex<State>,
}

enum State {
    Idle(Option<Box<dyn KeyStore>>),
    Running(mpsc::Sender<Job>),
}

impl KeyStoreThread {
    pub(super) fn new(key_store: impl KeyStore, patience: Duration) -> Self {
        Self { patience, state: Mutex::new(State::Idle(Some(Box::new(key_store)))) }
    }

    pub(super) fn set(&self, user: String, secret: Redacted<Vec<u8>>) -> Result<(), StoreError> {
        self.ask(move |store| store.set(&user, secret.reveal()))
    }

    pub(super) fn get(&self, user: String) -> Result<Option<Redacted<Vec<u8>>>, StoreError> {
        self.ask(move |store| Ok(store.get(&user)?.map(Redacted::new)))
    }

    pub(super) fn delete(&self, user: String) -> Result<(), StoreError> {
        self.ask(move |store| store.delete(&user))
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn KeyStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let given_up = Arc::new(AtomicBool::new(false));
        let (answer, answered) = mpsc::sync_channel(1);
        let too_late = Arc::clone(&given_up);
        let job: Job = Box::new(move |store| {
            // What the user was told has failed must not happen after all.
            if !too_late.load(Ordering::Acquire) {
                let _ = answer.send(work(store));
            }
        });
        self.send(job)?;
        answered.recv_timeout(self.patience).unwrap_or_else(|gone| {
            given_up.store(true, Ordering::Release);
            Err(match gone {
                mpsc::RecvTimeoutError::Timeout => StoreError::KeyStoreLocked,
                mpsc::RecvTimeoutError::Disconnected => StoreError::KeyStoreFailed("it stopped"),
            })
        })
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Idle(key_store) = &mut *state {
            let key_store = key_store.take().ok_or(StoreError::KeyStoreFailed("it did not start"))?;
            let (jobs, inbox) = mpsc::channel::<Job>();
            thread::Builder::new()
                .name("key-store".into())
                .spawn(move || inbox.into_iter().for_each(|job| job(&*key_store)))
                .map_err(StoreError::from_io)?;
            *state = State::Running(jobs);
        }
        match &*state {
            State::Running(jobs) => jobs.send(job).map_err(|_| StoreError::KeyStoreFailed("it stopped")),
            State::Idle(_) => Err(StoreError::KeyStoreFailed("it did not start")),
        }
    }
}

/// The key store of the operating system: Secret Service, Keychain or Credential Manager.
pub(crate) struct OsKeyStore;

#[cfg(not(target_os = "ios"))]
impl OsKeyStore {
    fn entry(user: &str) -> Result<keyring::Entry, StoreError> {
        keyring::Entry::new("mailcall", user).map_err(|error| translate(&error))
    }
}

#[cfg(not(target_os = "ios"))]
impl KeyStore for OsKeyStore {
    fn set(&self, user: &str, secret: &[u8]) -> Result<(), StoreError> {
        Self::entry(user)?.set_secret(secret).map_err(|error| translate(&error))
    }

    fn get(&self, user: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match Self::entry(user)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(translate(&error)),
        }
    }

    fn delete(&self, user: &str) -> Result<(), StoreError> {
        match Self::entry(user)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(translate(&error)),
        }
    }
}

/// Only the kind of an error is passed on: its text and its fields may hold the secret itself.
#[cfg(not(target_os = "ios"))]
fn translate(error: &keyring::Error) -> StoreError {
    use keyring::Error;
    match error {
        Error::NoDefaultStore => StoreError::KeyStoreMissing,
        Error::NoStorageAccess(_) => StoreError::KeyStoreLocked,
        Error::TooLong(..) => StoreError::KeyStoreFailed("the secret is too long for it"),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
            StoreError::KeyStoreFailed("what it holds is damaged")
        }
        Error::Ambiguous(_) => StoreError::KeyStoreFailed("it holds the secret more than once"),
        _ => StoreError::KeyStoreFailed("it refused the request"),
    }
}

/// iOS: the key store crate is left out there.
#[cfg(target_os = "ios")]
impl KeyStore for OsKeyStore {
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
