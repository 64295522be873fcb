//! Pages of native windows as clients of the backend.

use std::{
    collections::{HashMap, HashSet},
    sync::PoisonError,
};

use app::{
    Client, ClientSender, Clients,
    contract::{ClientMessage, Command},
};
use tauri::{AppHandle, Emitter as _, Manager as _, State, Webview, async_runtime::JoinHandle};
use tokio::sync::Mutex;

use crate::windows;

/// The clients of all native windows, by label.
pub(crate) struct Bridge {
    clients: Clients,
    joined: Mutex<HashMap<String, Joined>>,
    /// Windows that their user closes, until they are gone.
    closing: std::sync::Mutex<HashSet<String>>,
}

struct Joined {
    sender: ClientSender,
    forwarder: JoinHandle<()>,
}

impl Bridge {
    pub(crate) fn new(clients: Clients) -> Self {
        Self { clients, joined: Mutex::default(), closing: std::sync::Mutex::default() }
    }

    /// Speaks for a window; joins for it if it has not spoken before.
    async fn of(&self, webview: &Webview) -> ClientSender {
        let label = webview.label();
        let mut joined = self.joined.lock().await;
        if let Some(Joined { sender, .. }) = joined.get(label) {
            return sender.clone();
        }
        let client = self.clients.join().await;
        let sender = client.sender();
        let forwarder = forward(webview.app_handle().clone(), label.to_owned(), client);
        joined.insert(label.to_owned(), Joined { sender: sender.clone(), forwarder });
        sender
    }

    /// Its user closes a window.
    pub(crate) fn closes(&self, label: &str) {
        self.closing.lock().unwrap_or_else(PoisonError::into_inner).insert(label.to_owned());
    }

    /// A window is gone, and its client with it. What it carries is hung up if its user closed it.
    pub(crate) async fn leave(&self, label: &str) {
        let closed = self.closing.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
        let Some(Joined { sender, forwarder }) = self.joined.lock().await.remove(label) else { return };
        if closed {
            sender.send(ClientMessage { id: 0, command: Command::Closed }).await;
        }
        forwarder.abort();
    }
}

/// Passes on what the backend says, until the window or the backend is gone.
fn forward(app: AppHandle, label: String, mut client: Client) -> JoinHandle<()> {
    tauri::async_runtime::spawn(async move {
        while let Some(message) = client.next().await {
            if let Err(error) = app.emit_to(label.as_str(), "mailcall", message) {
                tracing::warn!(%error, "a window does not hear the backend");
            }
        }
        // Its next command joins anew.
        if let Some(bridge) = app.try_state::<Bridge>() {
            bridge.joined.lock().await.remove(&label);
        }
    })
}

/// A command of a page; replies and events come back as `mailcall` events.
#[tauri::command]
pub(crate) async fn dispatch(
    webview: Webview,
    bridge: State<'_, Bridge>,
    message: ClientMessage,
) -> Result<(), ()> {
    let leaves = matches!(message.command, Command::Closed);
    bridge.of(&webview).await.send(message).await;
    if leaves {
        windows::close_call(webview.app_handle(), webview.label());
    }
    Ok(())
}
