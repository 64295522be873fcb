//! Pages of native windows as clients of the backend.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use app::{ClientSender, Clients, contract::ClientMessage};
use tauri::{Emitter as _, Manager as _, State, Webview};

/// The clients of all native windows, by label.
pub(crate) struct Bridge {
    clients: Clients,
    joined: Mutex<HashMap<String, ClientSender>>,
}

impl Bridge {
    pub(crate) fn new(clients: Clients) -> Self {
        Self { clients, joined: Mutex::default() }
    }

    /// Speaks for a window, if its page has joined.
    pub(crate) fn of(&self, label: &str) -> Option<ClientSender> {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).get(label).cloned()
    }

    /// Joins for a window and passes on what the backend says, until the window or the backend is gone.
    async fn join(&self, webview: &Webview) -> ClientSender {
        let mut client = self.clients.join().await;
        let sender = client.sender();
        let label = webview.label().to_owned();
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).insert(label.clone(), sender.clone());
        let app = webview.app_handle().clone();
        tauri::async_runtime::spawn(async move {
            while let Some(message) = client.next().await {
                if app.get_webview(&label).is_none()
                    || app.emit_to(label.as_str(), "mailcall", message).is_err()
                {
                    break;
                }
            }
            if let Some(bridge) = app.try_state::<Self>() {
                bridge.leave(&label);
            }
        });
        sender
    }

    /// The window is gone.
    pub(crate) fn leave(&self, label: &str) {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
    }
}

/// A command of a page; replies and events come back as `mailcall` events.
#[tauri::command]
pub(crate) async fn dispatch(
    webview: Webview,
    bridge: State<'_, Bridge>,
    message: ClientMessage,
) -> Result<(), ()> {
    let sender = match bridge.of(webview.label()) {
        Some(sender) => sender,
        None => bridge.join(&webview).await,
    };
    sender.send(message).await;
    Ok(())
}
