use std::io;

use call::AccountId;
use rusqlite::{ErrorCode, ffi};
use thiserror::Error;

/// What can go wrong with what is remembered. Pages decide on [`StoreError::code`], never on the text.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another Mailcall uses this data directory. Use its window, or quit it.
    #[error("another Mailcall is already using this data folder; use its window, or end it first")]
    InUse,
    /// No space is left where the data directory is. Free some and try again; nothing was changed.
    #[error("the disk is full; free some space and try again")]
    DiskFull,
    /// The data directory or a file in it cannot be written. Correct its permissions or choose another.
    #[error("the data folder cannot be written; correct its permissions, or choose another")]
    ReadOnly,
    /// Other users of this computer may change what is in the directory, and it is not a data directory.
    /// Choose another.
    #[error("other users can write to this folder; choose one of your own")]
    NotPrivate,
    /// The database is damaged. Restore `mailcall.db` from a backup, or move it away and sign in again.
    #[error(
        "the saved data is damaged; restore mailcall.db from a backup, or move it away and sign in again"
    )]
    Corrupt,
    /// The database was written by a later version. Install that version again.
    #[error(
        "the saved data comes from a later version of Mailcall (format {found}, this one knows {known}); install \
         that version again"
    )]
    Newer {
        /// The format of the database.
        found: u32,
        /// The latest format that this program knows.
        known: u32,
    },
    /// The account was removed, or never existed. Nothing was changed.
    #[error("there is no such account")]
    UnknownAccount,
    /// Another account has this address. Nothing was changed.
    #[error("there is already an account with this address")]
    AddressTaken,
    /// The operating system refused a file operation.
    #[error("the data folder cannot be used ({0}); put that right, or choose another")]
    Io(#[from] io::Error),
    /// A database error that none of the others describes: a fault of this program.
    #[error("the saved data cannot be used: {0}")]
    Database(rusqlite::Error),
    /// The store is closed, because the program is ending.
    #[error("the store is closed")]
    Closed,

    /// This system has no key store, or it is not running. Start one (GNOME Keyring, KWallet, KeePassXC) and start
    /// Mailcall again, or choose to keep secrets in a file.
    #[error("this system has no key store")]
    KeyStoreMissing,
    /// The key store is locked or does not answer, perhaps because it asks for its password. Unlock it and try
    /// again.
    #[error("the key store is locked")]
    KeyStoreLocked,
    /// The key store failed. Try again, or choose to keep secrets in a file.
    #[error("the key store failed: {0}")]
    KeyStoreFailed(&'static str),
    /// The secret is not where it was put; somebody removed it. Sign in again.
    #[error("the password or key of this account is no longer where it was kept")]
    SecretMissing {
        /// Whose.
        account: AccountId,
    },
}

impl StoreError {
    /// A stable word for pages and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse => "data_dir_in_use",
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "data_dir_read_only",
            Self::NotPrivate => "data_dir_not_private",
            Self::Corrupt => "data_corrupt",
            Self::Newer { .. } => "data_newer",
            Self::UnknownAccount => "unknown_account",
            Self::AddressTaken => "address_taken",
            Self::Io(_) => "data_dir_io",
            Self::Database(_) => "database",
            Self::Closed => "closed",
            Self::KeyStoreMissing => "key_store_missing",
            Self::KeyStoreLocked => "key_store_locked",
            Self::KeyStoreFailed(_) => "key_store_failed",
            Self::SecretMissing { .. } => "secret_missing",
        }
    }

    /// As `From<io::Error>`, but a full disk and a missing permission get their own variants.
    pub(crate) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Io(error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error() else { return Self::Database(error) };
        match (code.code, code.extended_code) {
            (ErrorCode::DiskFull, _) => Self::DiskFull,
            (ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied, _) => Self::ReadOnly,
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Corrupt,
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::InUse,
            (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::UnknownAccount,
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE) => Self::AddressTaken,
            _ => Self::Database(error),
        }
    }
}
