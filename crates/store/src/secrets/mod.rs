//! Passwords and private keys: in the key store of the operating system, or in files after an explicit choice.

mod file;
mod key_store;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc, time::Duration};

use call::{AccountId, Redacted};

use crate::{Reply, SecretPlace, StoreError};
use file::FileSecrets;
pub use key_store::KeyStore;
use key_store::KeyStoreThread;
pub(crate) use key_store::OsKeyStore;

/// How long the key store may take. A locked one shows its own prompt and answers when the user has typed; by then
/// the caller has told them so and can simply try again.
const PATIENCE: Duration = Duration::from_secs(5);

/// What kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The password of the mail servers.
    Password,
    /// The OpenPGP private key.
    PrivateKey,
}

impl SecretKind {
    const ALL: [Self; 2] = [Self::Password, Self::PrivateKey];

    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PrivateKey => "private-key",
        }
    }
}

/// Whether the key store can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// A secret was written, read and removed.
    Ready,
    /// There is one, but it is locked, asks for its password, or does not answer.
    Locked,
    /// There is none, or it failed: offer to keep secrets in a file.
    Missing,
}

/// Passwords and private keys of one data directory. Every request runs on a thread of its own and never blocks
/// async code; nothing of a secret is ever logged.
#[derive(Clone)]
pub struct SecretStore {
    installation: Arc<str>,
    files: FileSecrets,
    key_store: Arc<KeyStoreThread>,
}

impl SecretStore {
    pub(crate) fn new(dir: &Path, installation: &str, key_store: impl KeyStore) -> Self {
        Self::with_key_store(dir, installation, key_store, PATIENCE)
    }

    fn with_key_store(dir: &Path, installation: &str, key_store: impl KeyStore, patience: Duration) -> Self {
        Self {
            installation: installation.into(),
            files: FileSecrets::new(dir),
            key_store: Arc::new(KeyStoreThread::new(key_store, patience)),
        }
    }

    /// Keeps a secret, in place of the one that was there.
    pub fn put(
        &self,
        place: SecretPlace,
        account: AccountId,
        kind: SecretKind,
        secret: Redacted<Vec<u8>>,
    ) -> Reply<()> {
        self.on_thread(move |this| match place {
            SecretPlace::KeyStore => this.key_store.set(this.user(account, kind), secret),
            SecretPlace::File => this.files.set(account, kind, &secret),
        })
    }

    /// Whether a file holds a secret of that account, though it may be of an installation whose database is gone.
    pub(crate) fn has_file(&self, account: AccountId) -> bool {
        self.files.holds(account)
    }

    /// Reads a secret; [`StoreError::SecretMissing`] if it is not there.
    pub fn get(&self, place: SecretPlace, account: AccountId, kind: SecretKind) -> Reply<Redacted<Vec<u8>>> {
        self.on_thread(move |this| {
            let found = match place {
                SecretPlace::KeyStore => this.key_store.get(this.user(account, kind)),
                SecretPlace::File => this.files.get(account, kind),
            };
            found?.ok_or(StoreError::SecretMissing { account })
        })
    }

    /// Removes all secrets of an account from `place`; nothing there is fine.
    pub fn remove(&self, place: SecretPlace, account: AccountId) -> Reply<()> {
        self.on_thread(move |this| {
            SecretKind::ALL.into_iter().try_for_each(|kind| match place {
                SecretPlace::KeyStore => this.key_store.delete(this.user(account, kind)),
                SecretPlace::File => this.files.delete(account, kind),
            })
        })
    }

    /// Tries the key store out, so that the sign-in form can offer a file instead. A locked key store may ask the
    /// user for its password.
    pub fn probe(&self) -> Reply<Availability> {
        self.on_thread(|this| {
            let user = format!("{}/probe", this.installation);
            let tried = this
                .key_store
                .set(user.clone(), Redacted::new(b"probe".to_vec()))
                .and_then(|()| this.key_store.get(user.clone()))
                .and_then(|found| this.key_store.delete(user).map(|()| found));
            Ok(match tried {
                Ok(Some(found)) if found.reveal() == b"probe" => Availability::Ready,
                Err(StoreError::KeyStoreLocked) => Availability::Locked,
                _ => Availability::Missing,
            })
        })
    }

    /// The name of a secret within the service "mailcall". The installation is part of it, because two data
    /// directories of one user share the key store.
    fn user(&self, account: AccountId, kind: SecretKind) -> String {
        format!("{}/{}/{}", self.installation, account.0, kind.name())
    }

    fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let this = self.clone();
        Reply::on_thread(move || work(&this))
    }
}

impl std::fmt::Debug for SecretStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretStore").finish_non_exhaustive()
    }
}
