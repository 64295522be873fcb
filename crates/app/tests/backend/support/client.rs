use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU32, Ordering},
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, handshake::client::Request},
};

use super::{Device, PATIENCE};

/// The answer of a command, or its error.
type Reply = Result<Value, Value>;

/// A program at the socket of a device.
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u32,
    /// Events not asked for yet.
    events: VecDeque<Value>,
    replies: Vec<(u64, Reply)>,
    /// Whether links may be given to it: it describes them at once.
    pub makes_links: bool,
    pub page: String,
    /// The latest of these.
    pub snapshot: Value,
}

impl Client {
    /// Comes in with the token and says hello.
    pub async fn come(device: &Device, makes_links: bool) -> Self {
        let mut client = Self::with_token(device, device.token()).await;
        client.makes_links = makes_links;
        client.hello().await.unwrap();
        client
    }

    /// Shows a token, right or wrong, and says nothing.
    pub async fn with_token(device: &Device, token: &str) -> Self {
        let (socket, _) = connect_async(format!("ws://{}/ws", device.host())).await.unwrap();
        let mut client = Self::on(socket);
        client.say(token).await;
        client
    }

    /// A page, or what pretends to be one.
    pub async fn by(request: Request) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        let (socket, _) = connect_async(request).await?;
        Ok(Self::on(socket))
    }

    fn on(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        static PAGES: AtomicU32 = AtomicU32::new(1);
        let page = format!("{:032x}", PAGES.fetch_add(1, Ordering::Relaxed));
        let (events, replies) = (VecDeque::new(), Vec::new());
        let makes_links = false;
        Self { socket, last_id: 0, events, replies, makes_links, page, snapshot: Value::Null }
    }

    /// Says hello, as `page`.
    pub async fn hello(&mut self) -> Reply {
        let (page, can_webrtc) = (self.page.clone(), self.makes_links);
        self.command(json!({ "type": "Hello", "page": page, "can_webrtc": can_webrtc })).await
    }

    /// Sends a text as it is.
    pub async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Gives a command without waiting; its id.
    pub async fn give(&mut self, command: Value) -> u64 {
        self.last_id += 1;
        self.say(&json!({ "id": self.last_id, "command": command }).to_string()).await;
        self.last_id.into()
    }

    pub async fn command(&mut self, command: Value) -> Reply {
        let id = self.give(command).await;
        self.reply(id).await
    }

    /// Waits for the reply to `id`.
    pub async fn reply(&mut self, id: u64) -> Reply {
        loop {
            if let Some(at) = self.replies.iter().position(|(reply, _)| *reply == id) {
                return self.replies.remove(at).1;
            }
            assert!(self.read().await, "the backend closed the socket");
        }
    }

    /// The next event that satisfies `wanted`; others stay for later.
    pub async fn event(&mut self, what: &str, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let mut looked = 0;
        loop {
            if let Some(at) = (looked..self.events.len()).find(|at| wanted(&self.events[*at])) {
                return self.events.remove(at).unwrap();
            }
            looked = self.events.len();
            let read = timeout(PATIENCE, self.read()).await;
            let open = read.unwrap_or_else(|_| panic!("not in time: {what}; there was {:#?}", self.events));
            assert!(open, "the backend closed the socket");
        }
    }

    /// Whether such an event has been read and is still there.
    pub fn has_heard(&self, wanted: impl FnMut(&Value) -> bool) -> bool {
        self.events.iter().any(wanted)
    }

    /// The next change of a call into this state; what it was before is passed over.
    pub async fn call_is(&mut self, state: &str) -> Value {
        let changed = |event: &Value| event["type"] == "CallChanged";
        loop {
            let mut event = self.event(&format!("a call is {state}"), changed).await;
            if event["call"]["state"]["type"] == state {
                return event["call"].take();
            }
        }
    }

    /// Makes links for as long as nothing else is to be done.
    pub async fn serve(&mut self) {
        while self.read().await {}
    }

    /// The first account's id.
    pub fn account(&self) -> Value {
        self.snapshot["accounts"][0]["account"].clone()
    }

    /// Calls somebody; the call's id.
    pub async fn dial(&mut self, address: &str) -> Value {
        let account = self.account();
        let command = json!({ "type": "Call", "account": account, "address": address, "video": true });
        self.command(command).await.unwrap()["call"].take()
    }

    /// Whether the backend closes the socket; what it says before is dropped.
    pub async fn is_sent_away(&mut self) -> bool {
        timeout(PATIENCE, async { while self.read().await {} }).await.is_ok()
    }

    pub async fn leave(mut self) {
        let _ = self.socket.close(None).await;
    }

    /// Reads one message; false once the socket is closed.
    async fn read(&mut self) -> bool {
        let text = match self.socket.next().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(_)) | Err(_)) | None => return false,
            Some(Ok(_)) => return true,
        };
        let mut message: Value = serde_json::from_str(&text).unwrap();
        if let Some(id) = message["reply"].as_u64() {
            let result = &mut message["result"];
            let reply =
                if result["ok"].is_null() { Err(result["error"].take()) } else { Ok(result["ok"].take()) };
            self.replies.push((id, reply));
            return true;
        }
        let event = message["event"].take();
        if event["type"] == "Snapshot" {
            self.snapshot = event.clone();
        }
        if self.makes_links && (event["type"] == "MakeOffer" || event["type"] == "MakeAnswer") {
            let link = event["link"].as_str().unwrap();
            let description = description(link);
            self.give(json!({ "type": "Described", "link": link, "description": description })).await;
        }
        self.events.push_back(event);
        true
    }
}

/// What a program of these stories says of a link.
pub fn description(link: &str) -> String {
    format!("a-description-of-{link}")
}
