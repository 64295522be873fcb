//! Waiting for a socket, a deadline or a wake-up, whichever is first.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, Waker, net::TcpStream};

const WAKE: Token = Token(0);
const SOCKET: Token = Token(1);

/// One thread's place to wait. It outlives the connections that come and go.
pub(crate) struct Reactor {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    woken: bool,
}

impl Reactor {
    /// With the handle by which other threads end a wait.
    pub(crate) fn new() -> io::Result<(Self, Arc<Waker>)> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        Ok((Self { poll, events: Events::with_capacity(8), waker: waker.clone(), woken: false }, waker))
    }

    /// Another handle by which other threads end a wait.
    pub(super) fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    pub(super) fn add(&self, socket: &mut TcpStream) -> io::Result<()> {
        self.poll.registry().register(socket, SOCKET, Interest::READABLE | Interest::WRITABLE)
    }

    pub(super) fn remove(&self, socket: &mut TcpStream) {
        if let Err(error) = self.poll.registry().deregister(socket) {
            tracing::debug!(%error, "a socket was not registered");
        }
    }

    /// Waits until something may have changed, or `until`. Returns early at will.
    pub(super) fn wait(&mut self, until: Instant) -> io::Result<()> {
        let left = until.saturating_duration_since(Instant::now());
        // Rounded up: a wait that ends just before its deadline would spin.
        match self.poll.poll(&mut self.events, Some(left + Duration::from_millis(1))) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            result => result?,
        }
        self.woken |= self.events.iter().any(|event| event.token() == WAKE);
        Ok(())
    }

    /// Whether somebody woke this thread since the last question.
    pub(crate) fn take_woken(&mut self) -> bool {
        std::mem::take(&mut self.woken)
    }

    /// Waits with no connection; true if woken before `until`.
    pub(crate) fn sleep(&mut self, until: Instant) -> io::Result<bool> {
        while !self.woken && Instant::now() < until {
            self.wait(until)?;
        }
        Ok(self.take_woken())
    }
}
