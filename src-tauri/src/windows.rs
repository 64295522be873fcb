//! The native windows.

use app::{
    CallId,
    contract::{ClientMessage, Command},
};
use tauri::{AppHandle, CloseRequestApi, Manager as _, WebviewUrl, WebviewWindowBuilder, Window};

use crate::{bridge::Bridge, texts};

const MAIN: &str = "main";

/// Shows the main window, making it if need be.
pub(crate) fn show_main(app: &AppHandle) {
    show(app, MAIN, "index.html", 960.0, 720.0);
}

/// Shows a call in a window of its own, in the webview.
pub(crate) fn show_call(app: &AppHandle, call: CallId, route: &str) {
    show(app, &label(call), &format!("index.html#/{route}/{call}"), 880.0, 640.0);
}

/// Whether a call has a native window.
pub(crate) fn has_call(app: &AppHandle, call: CallId) -> bool {
    app.get_webview_window(&label(call)).is_some()
}

fn label(call: CallId) -> String {
    format!("call-{call}")
}

fn show(app: &AppHandle, label: &str, url: &str, width: f64, height: f64) {
    let shown = match app.get_webview_window(label) {
        Some(window) => window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()),
        None => WebviewWindowBuilder::new(app, label, WebviewUrl::App(url.into()))
            .title(texts::NAME)
            .inner_size(width, height)
            .min_inner_size(360.0, 480.0)
            .build()
            .map(drop),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "a window could not be shown");
    }
}

/// The main window hides, so that calls go on ringing; closing a call's window hangs up.
pub(crate) fn closing(window: &Window, api: &CloseRequestApi) {
    if window.label() == MAIN {
        api.prevent_close();
        if let Err(error) = window.hide() {
            tracing::warn!(%error, "the main window could not be hidden");
        }
        return;
    }
    let Some(bridge) = window.try_state::<Bridge>() else { return };
    if let Some(sender) = bridge.of(window.label()) {
        bridge.leave(window.label());
        tauri::async_runtime::spawn(async move {
            sender.send(ClientMessage { id: 0, command: Command::Closed }).await;
        });
    }
}
