use call::{AccountId, Address, CallId, CallRecord, MailId};

use crate::{Account, Contact, LeftoverSecret, Pin, Position, QueuedMail};

/// One thing to remember or forget; see [`crate::Store::commit`].
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adds an account, or replaces what is known of it.
    PutAccount(Account),
    /// Forgets an account and everything that belongs to it. Its secrets become leftovers.
    RemoveAccount(AccountId),
    /// Adds a contact, or renames it.
    PutContact(Contact),
    /// Forgets a contact; its pin and its calls stay.
    RemoveContact {
        /// Whose contact.
        account: AccountId,
        /// Who.
        address: Address,
    },
    /// Holds an address to a key, in place of any other.
    PutPin(Pin),
    /// Forgets which key an address is held to.
    RemovePin {
        /// For which account.
        account: AccountId,
        /// Whose key.
        address: Address,
    },
    /// Remembers a call as it stands now.
    PutCall {
        /// The call; it replaces the record with the same id.
        record: Box<CallRecord>,
        /// The wall clock now. The first one stored for a call is when it began.
        now_ms: i64,
    },
    /// Removes a call from the history.
    RemoveCall(CallId),
    /// Removes all calls that have ended from the history.
    ClearHistory,
    /// Puts a message into the outbox.
    QueueMail(QueuedMail),
    /// Notes what became of a message. What is known for certain stays: a message that was sent cannot be
    /// withdrawn, but it can still bounce.
    MailState {
        /// Which.
        mail: MailId,
        /// What became of it.
        state: MailState,
        /// The wall clock now.
        now_ms: i64,
    },
    /// Notes that a message was dealt with.
    SawMessage {
        /// In which account.
        account: AccountId,
        /// Which message.
        key: SeenKey,
        /// The wall clock now.
        now_ms: i64,
    },
    /// Notes how far a mailbox was read.
    PutPosition(Position),
    /// Sets a setting.
    PutSetting {
        /// Its name.
        key: String,
        /// Its value, a JSON text.
        json: String,
    },
    /// Sets a setting back to its default.
    RemoveSetting {
        /// Its name.
        key: String,
    },
    /// Notes that leftover secrets are gone.
    RemovedLeftover(LeftoverSecret),
}

impl Change {
    /// Whether it holds a decision of the user (or a key once trusted) that nobody could make again for them. Such
    /// a change must outlive a power cut, too, not only the end of the process.
    pub(crate) const fn is_decision(&self) -> bool {
        match self {
            Self::PutAccount(_)
            | Self::RemoveAccount(_)
            | Self::PutContact(_)
            | Self::RemoveContact { .. }
            | Self::PutPin(_)
            | Self::RemovePin { .. }
            | Self::RemoveCall(_)
            | Self::ClearHistory
            | Self::PutSetting { .. }
            | Self::RemoveSetting { .. }
            | Self::RemovedLeftover(_) => true,
            Self::PutCall { .. }
            | Self::QueueMail(_)
            | Self::MailState { .. }
            | Self::SawMessage { .. }
            | Self::PutPosition(_) => false,
        }
    }

    /// Whether the user wants something gone, from the files, too.
    pub(crate) const fn erases(&self) -> bool {
        matches!(self, Self::RemoveAccount(_) | Self::RemoveCall(_) | Self::ClearHistory)
    }
}

/// What became of a message of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailState {
    /// The mail server took it (SMTP 250).
    Sent,
    /// It was refused for good, bounced, or nobody took it in time.
    Failed {
        /// The server's own words.
        words: String,
    },
    /// It was taken back before it was sent.
    Withdrawn,
}

/// What makes a message the same message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SeenKey {
    /// Its Message-ID. Only the first 512 characters count.
    MessageId(String),
    /// Its place, for a message without one.
    Uid {
        /// The mailbox's name.
        mailbox: String,
        /// Under which UIDVALIDITY.
        uidvalidity: u32,
        /// Its UID.
        uid: u32,
    },
    /// The call that it invited to. What signs an invitation covers the call, but no Message-ID and no time.
    Invitation(CallId),
}

impl SeenKey {
    /// The text under which it is stored; the kinds never collide.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::MessageId(id) => "m:".chars().chain(id.chars().take(512)).collect(),
            Self::Invitation(call) => format!("c:{call}"),
            Self::Uid { mailbox, uidvalidity, uid } => format!("u:{uidvalidity}:{uid}:{mailbox}"),
        }
    }
}
