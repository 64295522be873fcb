//! What is remembered: SQLite on one thread, forward-only migrations; secrets in the OS key store.
//!
//! A data directory belongs to one running program ([`DataDir::lock`]). Everything that must outlive the
//! process goes through [`Store::commit`], one transaction per step of the call machine, and comes back through
//! [`Store::load`]. Passwords and private keys are not in the database: see [`SecretStore`].
//!
//! Time is an argument everywhere: `*_ms` is the wall clock in milliseconds since 1970-01-01T00:00Z.

mod change;
mod db;
mod dir;
mod error;
mod handle;
mod migrations;
mod model;
mod prune;
mod read;
mod reply;
mod secrets;
mod write;

pub use change::{Change, MailState, SeenKey};
pub use dir::{DataDir, DataDirLock};
pub use error::StoreError;
pub use handle::{Committed, Store};
pub use model::{
    Account, Contact, HistoryCursor, HistoryRow, LeftoverSecret, Loaded, MailInfo, Pin, Position, QueuedMail,
    SecretPlace, StoredCall,
};
pub use prune::Pruned;
pub use reply::Reply;
pub use secrets::{Availability, KeyStore, SecretKind, SecretStore};
