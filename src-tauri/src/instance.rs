//! One running Mailcall per data directory: a second start brings the first one's window to the front.

use std::path::Path;

use tauri::AppHandle;

#[cfg(unix)]
const SOCKET: &str = "raise.sock";

/// Asks the Mailcall that runs on `data_dir` to show itself; false if it cannot be asked.
#[cfg(unix)]
pub(crate) fn raise(data_dir: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(data_dir.join(SOCKET)).is_ok()
}

/// Shows the main window whenever somebody asks. The data directory belongs to this process, so a socket that is
/// there is a dead one's.
#[cfg(unix)]
pub(crate) fn listen(app: AppHandle, data_dir: &Path) {
    let path = data_dir.join(SOCKET);
    tauri::async_runtime::spawn(async move {
        let _ = std::fs::remove_file(&path);
        let listener = match tokio::net::UnixListener::bind(&path) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, "a second start will not show this window");
                return;
            }
        };
        while listener.accept().await.is_ok() {
            crate::windows::show_main(&app);
        }
    });
}

#[cfg(not(unix))]
pub(crate) fn raise(_data_dir: &Path) -> bool {
    false
}

#[cfg(not(unix))]
pub(crate) fn listen(_app: AppHandle, _data_dir: &Path) {}
