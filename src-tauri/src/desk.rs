//! What the person at the screen does outside the pages.

use app::CallId;
use tauri::{AppHandle, Manager as _};
use tokio::sync::mpsc;

use crate::quit;

/// Something the person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Chose something on the notification of a call.
    Chose(CallId, Choice),
    /// Looks at the main window, and so at the list of missed calls.
    SeesMain,
    /// Wants the program to end.
    Quit,
}

/// What can be chosen on a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The button.
    Accept,
    /// The button.
    Decline,
    /// A click beside the buttons.
    Open,
}

/// Takes wishes from wherever they are made.
pub(crate) struct Desk(mpsc::UnboundedSender<Wish>);

impl Desk {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, inbox) = mpsc::unbounded_channel();
        (Self(wishes), inbox)
    }
}

/// Passes a wish on to the shell. The program ends at once if nobody is there any more to end it in good order.
pub(crate) fn wish(app: &AppHandle, wish: Wish) {
    if let Some(desk) = app.try_state::<Desk>()
        && desk.0.send(wish).is_err()
        && wish == Wish::Quit
    {
        quit::now(app, 1);
    }
}
