//! The native windows.

use app::CallId;
use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent,
    webview::NewWindowResponse,
};

use crate::{
    bridge::Bridge,
    desk::{self, Wish},
    texts,
};

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

/// Closes the window of a call whose page has left it.
pub(crate) fn close_call(app: &AppHandle, label: &str) {
    if label != MAIN
        && let Some(window) = app.get_webview_window(label)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "a window could not be closed");
    }
}

/// Takes all windows off the screen.
pub(crate) fn hide_all(app: &AppHandle) {
    for window in app.webview_windows().into_values() {
        let _ = window.hide();
    }
}

fn label(call: CallId) -> String {
    format!("call-{call}")
}

fn show(app: &AppHandle, label: &str, url: &str, width: f64, height: f64) {
    let shown = match app.get_webview_window(label) {
        Some(window) => window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()),
        None => WebviewWindowBuilder::new(app, label, WebviewUrl::App(url.into()))
            .title(texts::NAME)
            .inner_size(width, height)
            .min_inner_size(360.0, 480.0)
            .on_new_window(|url, _| {
                visit(&url);
                NewWindowResponse::Deny
            })
            .build()
            .map(drop),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "a window could not be shown");
    }
}

/// Opens what a link leads to in the user's browser.
fn visit(url: &Url) {
    if matches!(url.scheme(), "https" | "http")
        && let Err(error) = open::that_detached(url.as_str())
    {
        tracing::warn!(%error, "a link could not be opened");
    }
}

/// What happens to a window. The main window hides instead of closing, so that calls go on ringing; closing a call's
/// window hangs up.
pub(crate) fn notice(window: &Window, event: &WindowEvent) {
    let is_main = window.label() == MAIN;
    match event {
        WindowEvent::CloseRequested { api, .. } if is_main => {
            api.prevent_close();
            if let Err(error) = window.hide() {
                tracing::warn!(%error, "the main window could not be hidden");
            }
        }
        WindowEvent::CloseRequested { .. } => {
            if let Some(bridge) = window.try_state::<Bridge>() {
                bridge.closes(window.label());
            }
        }
        WindowEvent::Destroyed => leave(window),
        WindowEvent::Focused(true) if is_main => desk::wish(window.app_handle(), Wish::SeesMain),
        _ => {}
    }
}

fn leave(window: &Window) {
    let (app, label) = (window.app_handle().clone(), window.label().to_owned());
    tauri::async_runtime::spawn(async move {
        if let Some(bridge) = app.try_state::<Bridge>() {
            bridge.leave(&label).await;
        }
    });
}
