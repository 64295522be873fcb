//! Everything that can reach the loop.

use call::{AccountId, MailId};
use mail::{MailError, MailEvent};
use store::HistoryRow;
use tokio::sync::{OwnedMutexGuard, mpsc};

use crate::{
    client::ClientId,
    contract::{Answer, ClientMessage, CommandError, ServerMessage},
    sign_in::{Asleep, NewAccount},
};

/// One thing that happened.
pub(crate) enum Happening {
    /// A client connected.
    Joined { client: ClientId, to_client: mpsc::Sender<ServerMessage> },
    /// A client said something.
    Command { client: ClientId, message: ClientMessage },
    /// A client's connection closed.
    Left { client: ClientId },
    /// A mailbox reports.
    Mail(MailEvent),
    /// What became of a mail.
    Posted { account: AccountId, mail: MailId, outcome: PostOutcome },
    /// The secrets of an account were read, or could not be.
    Woken { account: AccountId, result: Result<Box<NewAccount>, Asleep> },
    /// A sign-in succeeded.
    SignedIn { client: ClientId, reply: u32, account: Box<NewAccount> },
    /// A new password or key of an account was taken. Who wants to change it next waits until it runs with that.
    Renewed { client: ClientId, reply: u32, account: Box<NewAccount>, turn: OwnedMutexGuard<()> },
    /// This device is in another network.
    NetworkChanged,
    /// Whether the key store of the system can be used.
    KeyStore(bool),
    /// Something that was done aside is done.
    Answered { client: ClientId, reply: u32, result: Result<Answer, CommandError> },
    /// The newest part of the history was read, as the reading of this number.
    History(u64, Vec<HistoryRow>),
    /// The backend shall stop.
    Stop,
}

/// What became of a mail.
#[derive(Debug)]
pub(crate) enum PostOutcome {
    /// The server took it.
    Sent,
    /// It will be tried again.
    Retrying,
    /// The server refused it for good.
    Refused(MailError),
    /// Nobody took it in time.
    Expired,
}
