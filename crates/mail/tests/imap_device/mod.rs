//! A device that watches a mailbox, and what it was told.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "for tests, each of which uses its own part"
)]

use std::time::{Duration, Instant};

use mail::{
    MailAccount, MailError, MailEvent, MailNews, MessageRef, Position, Watch, WatchOptions, WatchState, watch,
};
use tokio::sync::mpsc;

/// Nothing in these tests takes this long unless it is broken.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A device that watches an account, and what it was told.
pub struct Device {
    pub watch: Watch,
    events: mpsc::Receiver<MailEvent>,
    runtime: tokio::runtime::Runtime,
    /// The positions it would have stored.
    pub positions: Vec<Position>,
}

/// A signal as it was reported.
#[derive(Debug)]
pub struct Seen {
    pub raw: String,
    pub at: MessageRef,
    pub age: Duration,
    pub junk: bool,
}

impl Device {
    pub fn new(account: MailAccount, options: WatchOptions) -> Self {
        let (sender, events) = mpsc::channel(64);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { watch: watch(account, options, sender).unwrap(), events, runtime, positions: Vec::new() }
    }

    /// The next event, positions aside; `None` if nothing comes within `patience`.
    pub fn next_within(&mut self, patience: Duration) -> Option<MailNews> {
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let event = self
                .runtime
                .block_on(async { tokio::time::timeout(left, self.events.recv()).await.ok().flatten() })?;
            match event.news {
                MailNews::Position(at) => {
                    self.positions.retain(|known| known.mailbox != at.mailbox);
                    self.positions.push(at);
                }
                news => return Some(news),
            }
        }
    }

    pub fn next(&mut self) -> MailNews {
        self.next_within(PATIENCE).expect("an event")
    }

    /// Waits until the server announces mail by itself.
    pub fn is_idle(&mut self) -> &mut Self {
        self.comes_to(|state| matches!(state, WatchState::Idle));
        self
    }

    /// Waits for a state, and returns it; signals on the way are an error.
    pub fn comes_to(&mut self, wanted: impl Fn(&WatchState) -> bool) -> WatchState {
        loop {
            match self.next() {
                MailNews::State(state) if wanted(&state) => return state,
                MailNews::State(_) => {}
                other => panic!("not a state: {other:?}"),
            }
        }
    }

    /// Waits for the next signal.
    pub fn sees(&mut self) -> Seen {
        loop {
            match self.next() {
                MailNews::Signal { raw, at, age, junk } => {
                    return Seen { raw: String::from_utf8(raw).unwrap(), at, age, junk };
                }
                MailNews::State(_) | MailNews::Suspect => {}
                other => panic!("not a signal: {other:?}"),
            }
        }
    }

    /// Waits until its connection has failed, whatever came before.
    pub fn fails(&mut self) -> MailError {
        loop {
            if let MailNews::State(WatchState::Retrying { error, .. }) = self.next() {
                return error;
            }
        }
    }

    /// Waits until it is in IDLE, whatever else comes and goes.
    pub fn is_idle_after_errors(&mut self) {
        while !matches!(self.next(), MailNews::State(WatchState::Idle)) {}
    }

    /// Waits until a signal has come and it is in IDLE, in any order and however often it has to connect.
    pub fn sees_and_is_idle(&mut self) {
        let (mut seen, mut idle) = (false, false);
        while !(seen && idle) {
            match self.next() {
                MailNews::Signal { .. } => seen = true,
                MailNews::State(state) => idle = matches!(state, WatchState::Idle),
                _ => {}
            }
        }
    }
}
