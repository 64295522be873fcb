use std::collections::BTreeMap;

use call::{AccountId, Address, CallId, CallRecord, DeviceId, MailId, SignalKind};

use crate::MailState;

/// Where the secrets of an account are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretPlace {
    /// The operating system's key store.
    KeyStore,
    /// A file in the data directory that only its owner can read: an explicit choice of the user.
    File,
}

/// A mailbox the user signed in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// From [`crate::Store::reserve_account`].
    pub id: AccountId,
    /// What this installation is called in the signals of this account.
    pub device: DeviceId,
    /// The address people call.
    pub address: Address,
    /// The user's name as others see it; empty if none.
    pub display_name: String,
    /// The login name at the mail servers.
    pub login: String,
    /// The IMAP server and what is trusted there, as JSON that only `app` and `mail` read.
    pub imap: String,
    /// The SMTP server, likewise.
    pub smtp: String,
    /// Where its password and private key are.
    pub secrets: SecretPlace,
}

/// An address the user has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Whose contact.
    pub account: AccountId,
    /// Who.
    pub address: Address,
    /// The name to show; empty if none.
    pub name: String,
    /// Since when; storing it again keeps the first.
    pub since_ms: i64,
}

/// The OpenPGP key an address is held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// For which account.
    pub account: AccountId,
    /// Whose key.
    pub address: Address,
    /// Hex, as long as the key version makes it.
    pub fingerprint: String,
    /// The transferable public key, binary.
    pub key: Vec<u8>,
    /// When it was pinned.
    pub since_ms: i64,
}

/// How far a mailbox was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Of which account.
    pub account: AccountId,
    /// The mailbox's name.
    pub mailbox: String,
    /// Under which UIDVALIDITY (RFC 9051 section 2.3.1.1).
    pub uidvalidity: u32,
    /// The smallest UID not looked at yet.
    pub next_uid: u32,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMail {
    /// Its id; putting the same id again does nothing.
    pub mail: MailId,
    /// From which account.
    pub account: AccountId,
    /// To whom.
    pub to: Address,
    /// For which call.
    pub call: CallId,
    /// What it says.
    pub kind: SignalKind,
    /// The message as it goes over the wire (RFC 5322), sealed if it is to be sealed.
    pub message: Vec<u8>,
    /// When to give up posting it.
    pub until_ms: i64,
}

/// What is remembered of a message after it left the outbox, so that a bounce finds its call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailInfo {
    /// From which account.
    pub account: AccountId,
    /// To whom.
    pub to: Address,
    /// For which call.
    pub call: CallId,
    /// What it says.
    pub kind: SignalKind,
    /// What became of it; `None`: still in the outbox.
    pub state: Option<MailState>,
}

/// A call that was going on when the program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCall {
    /// As the machine left it.
    pub record: CallRecord,
    /// The wall clock when it was first stored.
    pub began_ms: i64,
    /// The wall clock when it was last stored.
    pub stored_ms: i64,
}

/// One call of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// The call. Its `Time`s are good for differences only: they count on the clock of the process that took it.
    pub record: CallRecord,
    /// The wall clock when it began.
    pub began_ms: i64,
}

impl HistoryRow {
    /// What to pass to [`crate::Store::history`] to go on after this row.
    pub const fn cursor(&self) -> HistoryCursor {
        HistoryCursor { began_ms: self.began_ms, call: self.record.view.call }
    }
}

/// A place in the history, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryCursor {
    /// [`HistoryRow::began_ms`]
    pub began_ms: i64,
    /// The call at this place.
    pub call: CallId,
}

/// Secrets that belong to no account any more: their account was removed, moved them elsewhere, or its sign-in
/// never came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LeftoverSecret {
    /// Whose they were.
    pub account: AccountId,
    /// Where they are.
    pub place: SecretPlace,
}

/// Everything the backend needs when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// By id.
    pub accounts: Vec<Account>,
    /// By account and address.
    pub contacts: Vec<Contact>,
    /// By account and address.
    pub pins: Vec<Pin>,
    /// Calls that were going on, oldest first: for `Machine::restore`.
    pub calls: Vec<StoredCall>,
    /// The outbox, in the order in which it was filled.
    pub mails: Vec<QueuedMail>,
    /// How far each mailbox was read.
    pub positions: Vec<Position>,
    /// Settings, each a JSON text.
    pub settings: BTreeMap<String, String>,
    /// For [`crate::Store::remove_leftovers`].
    pub leftovers: Vec<LeftoverSecret>,
}
