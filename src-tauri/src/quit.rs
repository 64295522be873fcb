//! The end of the program: whoever talks with the user hears of it first.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{AppHandle, ExitRequestApi};

use crate::desk::{self, Wish};

/// Set once everybody has been told.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Ends the program now; 0: as the person wanted.
pub(crate) fn now(app: &AppHandle, code: i32) {
    TOLD.store(true, Ordering::Relaxed);
    app.exit(code);
}

/// The button in a page's settings: a desktop without a tray has no other way.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri gives a command its handle by value")]
pub(crate) fn quit(app: AppHandle) {
    desk::wish(&app, Wish::Quit);
}

/// Something wants the program to end.
pub(crate) fn requested(app: &AppHandle, api: &ExitRequestApi, code: Option<i32>) {
    if TOLD.load(Ordering::Relaxed) {
        return;
    }
    api.prevent_exit();
    // Without a code it was only the last window that closed: the tray stays, and so does the ringing.
    if code.is_some() {
        desk::wish(app, Wish::Quit);
    }
}

/// The end of a session, and Ctrl+C in a terminal, are polite ends.
#[cfg(unix)]
pub(crate) fn on_signals(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    while signals.recv().await.is_some() {
                        desk::wish(&app, Wish::Quit);
                    }
                }
                Err(error) => tracing::warn!(%error, "a signal to end will not be polite"),
            }
        });
    }
}

#[cfg(not(unix))]
pub(crate) fn on_signals(_app: &AppHandle) {}
