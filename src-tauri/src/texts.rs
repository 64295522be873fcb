//! What the shell itself says, outside the pages.

/// The program's name.
pub(crate) const NAME: &str = "Mailcall";
/// Tray: show the main window.
pub(crate) const OPEN: &str = "Open Mailcall";
/// Tray: end the program.
pub(crate) const QUIT: &str = "Quit Mailcall";
/// Title when it cannot start.
pub(crate) const NO_START: &str = "Mailcall cannot start";
/// Why, where the data folder is taken by a backend that has no window.
pub(crate) const IN_USE: &str = "Another Mailcall without a window (mailcalld) is using its data folder. End that one, then open Mailcall again.";
/// Title where the program ends by itself.
pub(crate) const STOPPED: &str = "Mailcall has stopped";
/// What that means.
pub(crate) const STOPPED_BODY: &str = "An error in Mailcall ended it. Open it again to be reachable.";
/// Notification button.
pub(crate) const ACCEPT: &str = "Accept";
/// Notification button.
pub(crate) const DECLINE: &str = "Decline";
/// Title of a call that cannot be shown.
pub(crate) const NO_BROWSER: &str = "A browser is needed for calls";
/// Below that title.
pub(crate) const NO_BROWSER_BODY: &str =
    "Install Chromium or Firefox, then call again: this system's own web view cannot do video calls.";

/// Title while it rings.
pub(crate) fn rings(who: &str) -> String {
    format!("{who} is calling")
}

/// Below the title while it rings.
pub(crate) fn rings_body(address: &str, verified: bool, video: bool) -> String {
    let kind = if video { "Video call" } else { "Audio call" };
    if verified { format!("{kind} · {address}") } else { format!("{kind} · {address} (not verified)") }
}

/// Title of a stranger's request.
pub(crate) fn request(who: &str) -> String {
    format!("{who} wants to call you")
}

/// Below the title of a stranger's request.
pub(crate) const REQUEST_BODY: &str = "Not one of your contacts. Open Mailcall to let it ring.";

/// Title of a missed call.
pub(crate) fn missed(who: &str) -> String {
    format!("Missed call from {who}")
}
