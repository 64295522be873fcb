//! The clients of the backend: pages and programs, whichever host they came by.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::mpsc;

use crate::{
    contract::{ClientMessage, CommandError, CommandResult, ErrorCode, ServerMessage},
    happening::Happening,
};

/// A client that is this far behind is cut off; it comes back and gets a snapshot.
const MAX_BEHIND: usize = 1024;

/// One connection of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

/// Where clients join.
#[derive(Clone)]
pub struct Clients {
    happenings: mpsc::Sender<Happening>,
    next: Arc<AtomicU64>,
}

impl Clients {
    pub(crate) fn new(happenings: mpsc::Sender<Happening>) -> Self {
        Self { happenings, next: Arc::default() }
    }

    /// Joins as a new client. Its first command must be `Hello`.
    pub async fn join(&self) -> Client {
        let id = ClientId(self.next.fetch_add(1, Ordering::Relaxed));
        let (to_client, inbox) = mpsc::channel(MAX_BEHIND);
        let _ = self.happenings.send(Happening::Joined { client: id, to_client }).await;
        Client { id, inbox, local: VecDeque::new(), happenings: self.happenings.clone() }
    }
}

/// A client's end of its connection. Dropping it leaves.
pub struct Client {
    id: ClientId,
    inbox: mpsc::Receiver<ServerMessage>,
    local: VecDeque<ServerMessage>,
    happenings: mpsc::Sender<Happening>,
}

impl Client {
    /// The next event or reply; `None` when the backend stops or cuts this client off.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        match self.local.pop_front() {
            Some(message) => Some(message),
            None => self.inbox.recv().await,
        }
    }

    /// Gives a command to the backend.
    pub async fn send(&mut self, message: ClientMessage) {
        let _ = self.happenings.send(Happening::Command { client: self.id, message }).await;
    }

    /// Answers a text that is not a command, under its id if it has one that can be read.
    pub(crate) fn malformed(&mut self, text: &str, error: &serde_json::Error) {
        let id = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|value| value.get("id")?.as_u64())
            .and_then(|id| u32::try_from(id).ok());
        // The parser's words name fields and types, never values.
        let detail = format!("{:?} at column {}", error.classify(), error.column());
        let error = CommandError { code: ErrorCode::Malformed, detail, certificate: None };
        self.local.push_back(ServerMessage::Reply {
            reply: id.unwrap_or_default(),
            result: CommandResult::Error(error),
        });
    }

    /// A second handle that can only send commands.
    pub fn sender(&self) -> ClientSender {
        ClientSender { id: self.id, happenings: self.happenings.clone() }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let gone = Happening::Left { client: self.id };
        if let Err(mpsc::error::TrySendError::Full(gone)) = self.happenings.try_send(gone) {
            let happenings = self.happenings.clone();
            tokio::spawn(async move { happenings.send(gone).await });
        }
    }
}

/// Sends commands of a client whose events somebody else reads.
#[derive(Clone)]
pub struct ClientSender {
    id: ClientId,
    happenings: mpsc::Sender<Happening>,
}

impl ClientSender {
    /// Gives a command to the backend.
    pub async fn send(&self, message: ClientMessage) {
        let _ = self.happenings.send(Happening::Command { client: self.id, message }).await;
    }
}
