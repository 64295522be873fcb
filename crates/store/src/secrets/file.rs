use std::{
    fs, io,
    path::{Path, PathBuf},
};

use call::{AccountId, Redacted};

use super::SecretKind;
use crate::{
    StoreError,
    dir::{make_private_dir, remove_unfinished, secrets_below, sync_parent, write_private},
};

/// Secrets in files of the data directory, one each, that only their owner can read.
#[derive(Clone)]
pub(super) struct FileSecrets {
    dir: PathBuf,
}

impl FileSecrets {
    pub(super) fn new(data_dir: &Path) -> Self {
        Self { dir: secrets_below(data_dir) }
    }

    pub(super) fn set(
        &self,
        account: AccountId,
        kind: SecretKind,
        secret: &Redacted<Vec<u8>>,
    ) -> Result<(), StoreError> {
        make_private_dir(&self.dir)
            .and_then(|()| write_private(&self.path(account, kind), secret.reveal()))
            .map_err(StoreError::from_io)
    }

    pub(super) fn get(
        &self,
        account: AccountId,
        kind: SecretKind,
    ) -> Result<Option<Redacted<Vec<u8>>>, StoreError> {
        match fs::read(self.path(account, kind)) {
            Ok(secret) => Ok(Some(Redacted::new(secret))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::from_io(error)),
        }
    }

    pub(super) fn delete(&self, account: AccountId, kind: SecretKind) -> Result<(), StoreError> {
        let path = self.path(account, kind);
        remove_unfinished(&path);
        match fs::remove_file(&path).and_then(|()| sync_parent(&path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::from_io(error)),
            _ => Ok(()),
        }
    }

    /// Whether there is anything of that account, also one of an installation whose database is gone.
    pub(super) fn holds(&self, account: AccountId) -> bool {
        SecretKind::ALL.into_iter().any(|kind| self.path(account, kind).exists())
    }

    fn path(&self, account: AccountId, kind: SecretKind) -> PathBuf {
        self.dir.join(format!("{}.{}", account.0, kind.name()))
    }
}
