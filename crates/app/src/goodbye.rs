//! Ending politely: whoever talks with the user, or is being called, hears that it is over.

use std::time::Duration;

use call::{CallId, CallState, CallView, Direction, Input};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::{core::Core, happening::Happening};

/// How long mails on their way may hold up the end.
const LONGEST: Duration = Duration::from_secs(3);
/// How long a page may take to say goodbye over a control channel; it does not report that it did.
const OVER_CHANNEL: Duration = Duration::from_millis(250);

impl Core {
    /// Hangs up what the user is busy with, and waits until what must be said is said. What only rings goes on:
    /// the user's other devices may still take it, and this one too after a restart.
    pub(crate) async fn say_goodbye(&mut self, happenings: &mut mpsc::Receiver<Happening>) {
        let busy: Vec<CallId> =
            self.calls.values().filter(|call| is_busy(call)).map(|call| call.call).collect();
        let begin = Instant::now();
        let channels = if busy.is_empty() { begin } else { begin + OVER_CHANNEL };
        for call in busy {
            self.step(Input::HangUp { call }).await;
        }
        loop {
            let until = if self.unposted.is_empty() { channels } else { begin + LONGEST };
            match timeout_at(until, happenings.recv()).await {
                Ok(Some(happening)) => self.take(happening).await,
                Ok(None) | Err(_) => return,
            }
        }
    }
}

fn is_busy(call: &CallView) -> bool {
    match (&call.state, call.direction) {
        (CallState::Connecting | CallState::Connected | CallState::Reconnecting, _)
        | (
            CallState::Preparing | CallState::Sending { .. } | CallState::Sent | CallState::Ringing { .. },
            Direction::Outgoing,
        ) => true,
        (
            CallState::Preparing
            | CallState::Sending { .. }
            | CallState::Sent
            | CallState::Ringing { .. }
            | CallState::Requested,
            Direction::Incoming,
        )
        | (CallState::Requested, Direction::Outgoing)
        | (CallState::Ended { .. }, _) => false,
    }
}
