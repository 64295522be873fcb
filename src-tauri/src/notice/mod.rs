//! Native notifications.

mod plugin;
#[cfg(target_os = "linux")]
mod staying;

use app::CallId;
use tauri::AppHandle;

pub(crate) use plugin::listen;

/// What a notification says.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The call that it is about.
    pub(crate) call: CallId,
    /// How much it asks for.
    pub(crate) kind: Kind,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// How much a notification asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Stays until the call moves on, and has the buttons Accept and Decline.
    Ring,
    /// Goes by itself.
    Quiet,
    /// Stays until it is seen.
    Missed,
}

/// A shown notification; it goes away when this is dropped, where the system can take one back.
pub(crate) struct Shown {
    _way: Way,
}

/// Only held: what it holds takes the notification back when it is dropped.
#[expect(dead_code, reason = "held for what happens when it is dropped")]
enum Way {
    Plugin(plugin::Shown),
    #[cfg(target_os = "linux")]
    Staying(staying::Shown),
}

/// Shows a notification. On Linux the plugin knows neither urgency nor time-out, so what must stay on the screen
/// takes another way there.
pub(crate) fn show(app: &AppHandle, notice: &Notice) -> Shown {
    #[cfg(target_os = "linux")]
    if notice.kind != Kind::Quiet {
        return Shown { _way: Way::Staying(staying::show(app, notice)) };
    }
    Shown { _way: Way::Plugin(plugin::show(app, notice)) }
}

/// Says why Mailcall ends, or does not begin: who starts it from a menu does not see standard error.
pub(crate) fn show_failure(title: &str, words: &str) {
    #[cfg(target_os = "linux")]
    staying::show_failure(title, words);
    // Elsewhere the plugin shows notifications, and it needs a program that goes on.
    #[cfg(not(target_os = "linux"))]
    let _ = (title, words);
}

/// The body of a notification is markup on Linux (Desktop Notifications Specification, "Markup"), and text elsewhere.
fn plain(text: &str) -> String {
    if cfg!(target_os = "linux") {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        text.to_owned()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_caller_cannot_put_markup_into_a_notification() {
        assert_eq!(plain("<b>Bob & Co</b>"), "&lt;b&gt;Bob &amp; Co&lt;/b&gt;");
    }
}
