//! What the native shell and the command line see of the backend beyond what every client sees.

use call::{Alert, CallId, CallView};

/// Something that needs a window, a notification or a sound. What must be known of a call comes before what is to be
/// done about it.
#[derive(Clone, Debug)]
pub enum ShellEvent {
    /// A call began or changed; replaces the call with the same id.
    Changed(Box<CallView>),
    /// A call wants, or no longer wants, to be noticed.
    Alert {
        /// Which.
        call: CallId,
        /// How.
        alert: Alert,
    },
    /// A call needs a page that can do WebRTC.
    NeedPage {
        /// Which.
        call: CallId,
    },
    /// A page that can do WebRTC is there, and carries what needs one.
    PageCame,
    /// No page that can do WebRTC is there any more.
    PagesWent,
    /// A call's page shall come to the front.
    Show {
        /// Which.
        call: CallId,
    },
}

/// Whether every account is watched, or has failed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// Some account is still connecting for the first time.
    NotYet,
    /// A call to any working account will be noticed from now on.
    Yes,
}
