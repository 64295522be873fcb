//! What a client is told without asking, and what it shows.

use call::{AccountId, Address, CallId, CallView, Conference, Direction, EndReason, PageEvent};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ErrorCode, SecretPlace, Servers, Settings};

/// What the backend tells pages.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(tag = "type")]
pub enum Event {
    /// Everything at once; replaces what the page knew.
    Snapshot(Box<Snapshot>),
    /// A call began or changed; replaces the call with the same id.
    CallChanged {
        /// The call.
        call: CallView,
    },
    /// An account was added or changed.
    AccountChanged {
        /// The account.
        account: AccountView,
    },
    /// An account is gone.
    AccountRemoved {
        /// Which.
        account: AccountId,
    },
    /// The contacts changed; replaces them.
    ContactsChanged {
        /// All of them.
        contacts: Vec<ContactView>,
    },
    /// The newest part of the history changed; replaces it.
    HistoryChanged {
        /// Newest first, at most 100.
        entries: Vec<HistoryEntry>,
    },
    /// The settings changed; replaces them.
    SettingsChanged {
        /// The new ones.
        settings: Settings,
    },
    /// This device is in another network, as the backend noticed: links may need other paths.
    NetworkChanged,
    /// What this page must do about a link.
    #[serde(untagged)]
    Link(PageEvent),
}

/// All a page needs to draw itself.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
pub struct Snapshot {
    /// The program's version.
    pub version: String,
    /// Where secrets can be kept on this machine.
    pub key_store: bool,
    /// The accounts of this device.
    pub accounts: Vec<AccountView>,
    /// All contacts of all accounts, by name.
    pub contacts: Vec<ContactView>,
    /// The calls that are not over.
    pub calls: Vec<CallView>,
    /// Newest first, at most 100.
    pub history: Vec<HistoryEntry>,
    /// The settings.
    pub settings: Settings,
}

/// One account as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct AccountView {
    /// Its id.
    pub account: AccountId,
    /// Its address.
    pub address: Address,
    /// The user's name; may be empty.
    pub name: String,
    /// How its mailbox is doing.
    pub state: AccountState,
    /// Fingerprint of its OpenPGP key, hex.
    pub fingerprint: String,
    /// Calls to it are sealed to the key of another device of the user: this one cannot ring until it has that
    /// key (`ImportKey`).
    pub sealed_elsewhere: bool,
    /// Its servers.
    pub servers: Servers,
    /// Where its secrets are kept.
    pub secrets: SecretPlace,
}

/// How a mailbox is doing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(tag = "type")]
pub enum AccountState {
    /// The connection is being made.
    Connecting,
    /// Ready: a call will ring at once.
    Ready,
    /// Ready, but the server has no IDLE: a call rings within 15 s.
    ReadySlowly,
    /// The server is not reached; tried again.
    Offline {
        /// Why.
        code: ErrorCode,
        /// The server's or the system's words.
        detail: String,
    },
    /// The server refuses the password: the user must act.
    SignedOut {
        /// Why.
        code: ErrorCode,
        /// The server's words.
        detail: String,
    },
}

/// One contact as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct ContactView {
    /// Whose.
    pub account: AccountId,
    /// Who.
    pub address: Address,
    /// Its name; may be empty.
    pub name: String,
    /// Fingerprint of its pinned key, hex; absent while none is known.
    pub fingerprint: Option<String>,
    /// Fingerprint of a key that it used lately and that is not the pinned one.
    pub changed_key: Option<String>,
}

/// One call of the past.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct HistoryEntry {
    /// Its id.
    pub call: CallId,
    /// The account it belonged to.
    pub account: AccountId,
    /// Who started it.
    pub direction: Direction,
    /// The other person.
    pub peer: Address,
    /// Its name, as far as known.
    pub peer_name: String,
    /// With picture.
    pub video: bool,
    /// When it began, ms since 1970.
    #[ts(type = "number")]
    pub began: u64,
    /// How long it was connected, in seconds; absent if it never was.
    pub talked_s: Option<u32>,
    /// How it ended; absent while it goes on.
    pub end: Option<EndReason>,
    /// The conference to which it belonged: a `Call` with it is the way back, as long as the other person is in.
    pub conference: Option<Conference>,
    /// The addresses of all who were in when it ended, as far as is known: the ways back. Empty: nobody said.
    pub ways: Vec<Address>,
}
