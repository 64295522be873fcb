//! The clients of the backend: pages and programs, whichever host they came by.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use call::PageId;
use tokio::sync::mpsc;

use crate::{
    contract::{ClientMessage, ServerMessage},
    happening::Happening,
};

/// A client that is this far behind is cut off; it comes back and gets a snapshot.
const MAX_BEHIND: usize = 1024;

/// One connection of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

/// A connected client, as the loop sees it.
pub(crate) struct Connected {
    /// Absent once it was cut off; that it left is still to come.
    to_client: Option<mpsc::Sender<ServerMessage>>,
    /// Set by its `Hello`.
    page: Option<PageId>,
    can_webrtc: bool,
}

impl Connected {
    pub(crate) const fn new(to_client: mpsc::Sender<ServerMessage>) -> Self {
        Self { to_client: Some(to_client), page: None, can_webrtc: false }
    }

    /// It said hello; the page that it was before.
    pub(crate) const fn becomes(&mut self, page: PageId, can_webrtc: bool) -> Option<PageId> {
        self.can_webrtc = can_webrtc;
        self.page.replace(page)
    }

    /// The page that it said it is.
    pub(crate) const fn page(&self) -> Option<PageId> {
        self.page
    }

    pub(crate) const fn can_webrtc(&self) -> bool {
        self.can_webrtc
    }

    /// Tells it something. A client that does not read is cut off: it gets nothing more, rather than less than all.
    pub(crate) fn say(&mut self, message: ServerMessage) {
        if self.to_client.as_ref().is_some_and(|to_client| to_client.try_send(message).is_err()) {
            self.to_client = None;
        }
    }
}

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
        Client { id, inbox, happenings: self.happenings.clone() }
    }
}

/// A client's end of its connection. Dropping it leaves.
pub struct Client {
    id: ClientId,
    inbox: mpsc::Receiver<ServerMessage>,
    happenings: mpsc::Sender<Happening>,
}

impl Client {
    /// The next event or reply; `None` when the backend stops or cuts this client off.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        self.inbox.recv().await
    }

    /// Gives a command to the backend.
    pub async fn send(&mut self, message: ClientMessage) {
        let _ = self.happenings.send(Happening::Command { client: self.id, message }).await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Answer, CommandResult};

    #[test]
    fn a_client_that_does_not_read_is_cut_off_instead_of_missing_a_message() {
        let (to_client, mut inbox) = mpsc::channel(2);
        let mut client = Connected::new(to_client);
        for reply in 1..=4 {
            client.say(ServerMessage::Reply { reply, result: CommandResult::Ok(Answer::Done) });
        }
        let mut read = Vec::new();
        while let Ok(ServerMessage::Reply { reply, .. }) = inbox.try_recv() {
            read.push(reply);
        }
        client.say(ServerMessage::Reply { reply: 5, result: CommandResult::Ok(Answer::Done) });
        assert_eq!(read, [1, 2]);
        assert!(matches!(inbox.try_recv(), Err(mpsc::error::TryRecvError::Disconnected)));
    }
}
