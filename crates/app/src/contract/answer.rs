//! What a client is answered.

use call::{AccountId, CallId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{HistoryEntry, Servers};

/// What a command that went well answers.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(tag = "type")]
pub enum Answer {
    /// Done, nothing to add.
    Done,
    /// The call that was started.
    Called {
        /// Its id.
        call: CallId,
    },
    /// The account that was made.
    SignedIn {
        /// Its id.
        account: AccountId,
    },
    /// What is known of an address's servers.
    Discovered {
        /// The servers, if any were found.
        servers: Option<Servers>,
        /// Only the DNS, which can be forged, names these servers: the user must see and confirm them before a
        /// password goes there.
        confirm: bool,
        /// What the provider wants, if it is one that wants something.
        hint: Option<ProviderHint>,
    },
    /// An account's private key.
    Key {
        /// Armored (RFC 9580, section 6); whoever has it can pose as the user.
        key: String,
    },
    /// How long a mail to oneself took.
    SelfTested {
        /// From sending to its arrival, in milliseconds.
        ms: u32,
    },
    /// The file to open in a browser.
    PageFile {
        /// Its path.
        path: String,
    },
    /// A proof of who this participant is.
    Proof {
        /// At most 1,024 characters of base64url.
        proof: String,
    },
    /// What a participant's proof is worth.
    Proven {
        /// How it stands to the keys that are known.
        state: ProofState,
    },
    /// Older calls, newest first.
    History {
        /// At most 100.
        entries: Vec<HistoryEntry>,
    },
}

/// How a participant's proof stands to the key that is pinned for its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProofState {
    /// The pinned key made it. For the account's own address: the account's key did.
    Proven,
    /// A key is pinned, and it did not make it.
    Changed,
    /// No key is pinned.
    Unknown,
}

/// What a large provider wants before a program may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct ProviderHint {
    /// Its name.
    pub provider: String,
    /// What it wants.
    pub needs: ProviderNeeds,
    /// The page where the user does it.
    pub url: String,
}

/// What a provider wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderNeeds {
    /// The ordinary password.
    Password,
    /// IMAP must be switched on in the provider's settings first.
    ImapSwitch,
    /// An app password made on its page.
    AppPassword,
    /// It accepts no password of any kind.
    NoPasswords,
}

/// Why a command was not done. Clients decide on `code`; `detail` is for a details line only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct CommandError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The server's or the system's own words; may be empty.
    pub detail: String,
    /// With `certificate`: the certificate that did not verify.
    pub certificate: Option<CertificateView>,
}

/// A certificate that did not verify.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct CertificateView {
    /// The server that showed it.
    pub host: String,
    /// SHA-256 of it, 64 hex digits.
    pub sha256: String,
}

/// What can go wrong with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message is not a command.
    Malformed,
    /// `Hello` must come first.
    NoHello,
    /// No such account.
    UnknownAccount,
    /// No such call, or it is over.
    UnknownCall,
    /// That account is signed in already.
    AlreadySignedIn,
    /// The server refused name and password.
    WrongPassword,
    /// The provider wants an app password.
    NeedsAppPassword,
    /// The provider accepts no password.
    PasswordsNotAccepted,
    /// No mail server was found for the address.
    ServersNotFound,
    /// A server did not answer.
    ServerUnreachable,
    /// A server's certificate did not verify.
    Certificate,
    /// A server answered with something else than mail.
    ServerConfused,
    /// A server refused; `detail` has its words.
    Refused,
    /// It took too long.
    TimedOut,
    /// The OS has no key store, or it is locked.
    KeyStore,
    /// The password or the key of the account is gone or damaged where it was kept.
    SecretLost,
    /// The data directory cannot be written (disk full, rights).
    Storage,
    /// Nobody can be called from here: one's own address.
    OwnAddress,
    /// No browser that can show a call was found.
    NoBrowser,
    /// That is not a private key that can be used.
    BadKey,
}
