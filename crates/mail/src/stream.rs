//! The byte stream below the IMAP crate: TCP and TLS, deadlines, bounds, and reads that another thread can end.

mod connect;
mod guard;
mod reactor;

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use socket2::{SockRef, TcpKeepalive};

use self::guard::{Excess, Guard, MessageCount};
pub(crate) use self::reactor::Reactor;
use crate::{MailError, tls::certificate_error};

/// A probe of an idle connection is sent after this long, and then every third of it.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Unacknowledged bytes kill the connection after this long.
#[cfg(any(target_os = "android", target_os = "linux"))]
const USER_TIMEOUT: Duration = Duration::from_secs(60);
/// How much is read at a time.
const CHUNK: usize = 16 * 1024;

/// A connection to an IMAP server.
///
/// Reads hand out at most one line, or the part of a literal that is there, so that nobody above reads ahead.
/// A failure is kept as what it was ([`Wire::take_fault`]); the layers above see only an [`io::Error`].
pub(crate) struct Wire {
    reactor: Rc<RefCell<Reactor>>,
    socket: mio::net::TcpStream,
    tls: Option<Box<ClientConnection>>,
    incoming: Vec<u8>,
    handed_out: usize,
    guard: Guard,
    started: Instant,
    allowed: Duration,
    fault: Option<MailError>,
}

/// How a wait for a line ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// This line came, with its line end.
    Line(Vec<u8>),
    /// Nothing came in time.
    TimedOut,
    /// [`mio::Waker::wake`] was called.
    Woken,
}

enum Filled {
    Data,
    End,
    TimedOut,
    Woken,
}

impl Wire {
    /// On a socket that is connected and known to the reactor.
    fn over(socket: mio::net::TcpStream, reactor: Rc<RefCell<Reactor>>) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        let options = SockRef::from(&socket);
        let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE / 3);
        options.set_tcp_keepalive(&keep_alive)?;
        #[cfg(any(target_os = "android", target_os = "linux"))]
        options.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
        Ok(Self {
            reactor,
            socket,
            tls: None,
            incoming: Vec::new(),
            handed_out: 0,
            guard: Guard::default(),
            started: Instant::now(),
            allowed: Duration::ZERO,
            fault: None,
        })
    }

    /// Speaks TLS from here on.
    ///
    /// # Errors
    /// [`MailError::Insecure`] if the server sent more than the answer to STARTTLS in the clear: somebody on the
    /// way may have put it there (CVE-2011-0411).
    pub(crate) fn start_tls(&mut self, config: Arc<ClientConfig>, host: &str) -> Result<(), MailError> {
        if self.handed_out < self.incoming.len() {
            return Err(MailError::Insecure { reason: "more than its answer to STARTTLS came in the clear" });
        }
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| MailError::Unreachable { cause: "not the name of a server".into() })?;
        let connection = ClientConnection::new(config, name)
            .map_err(|error| MailError::Unreachable { cause: error.to_string() })?;
        self.tls = Some(Box::new(connection));
        Ok(())
    }

    /// The next response may have `limit` bytes and take `allowed`.
    pub(crate) fn begin(&mut self, limit: usize, allowed: Duration) {
        self.guard.begin(limit);
        self.started = Instant::now();
        self.allowed = allowed;
    }

    /// How many messages the selected mailbox has, with what was told of them since this was called last.
    pub(crate) fn take_count(&mut self) -> MessageCount {
        self.guard.take_count()
    }

    /// What really went wrong when a read or write failed.
    pub(crate) fn take_fault(&mut self) -> Option<MailError> {
        self.fault.take()
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> Result<(), MailError> {
        while !bytes.is_empty() {
            let taken = match &mut self.tls {
                Some(tls) => tls.writer().write(bytes)?,
                None => match self.socket.write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                    result => result?,
                },
            };
            bytes = bytes.get(taken..).unwrap_or_default();
            let flushed = self.flush_tls()?;
            if !flushed || taken == 0 {
                self.wait_to_send()?;
            }
        }
        while !self.flush_tls()? {
            self.wait_to_send()?;
        }
        Ok(())
    }

    fn wait_to_send(&mut self) -> Result<(), MailError> {
        let deadline = self.started + self.allowed;
        if Instant::now() >= deadline {
            return Err(MailError::TimedOut { after: self.allowed });
        }
        Ok(self.reactor.borrow_mut().wait(deadline)?)
    }

    /// Sends what TLS has ready; false if the socket takes no more now.
    fn flush_tls(&mut self) -> Result<bool, MailError> {
        let Some(tls) = &mut self.tls else { return Ok(true) };
        while tls.wants_write() {
            match tls.write_tls(&mut self.socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// The next line within the time the response is allowed.
    ///
    /// # Errors
    /// [`MailError::TimedOut`], besides those of the connection.
    pub(crate) fn read_line(&mut self) -> Result<Vec<u8>, MailError> {
        match self.next_line(self.started + self.allowed, false)? {
            Waited::Line(line) => Ok(line),
            Waited::TimedOut | Waited::Woken => Err(MailError::TimedOut { after: self.allowed }),
        }
    }

    /// The next line, unless nothing comes before `until` or another thread wakes this one.
    pub(crate) fn wait_line(&mut self, until: Instant) -> Result<Waited, MailError> {
        self.next_line(until, true)
    }

    fn next_line(&mut self, until: Instant, interruptible: bool) -> Result<Waited, MailError> {
        let mut line = Vec::new();
        let allowed = self.allowed;
        let (mut until, mut interruptible) = (until, interruptible);
        loop {
            if self.handed_out < self.incoming.len() {
                let (piece, ended) = self.admit(usize::MAX)?;
                if line.is_empty() {
                    // Half a line is no place to stop: the rest is on its way.
                    (until, interruptible) = (until.max(Instant::now() + allowed), false);
                }
                line.extend_from_slice(piece);
                if ended {
                    return Ok(Waited::Line(line));
                }
                continue;
            }
            match self.fill(until, interruptible)? {
                Filled::Data => {}
                Filled::End => return Err(closed()),
                Filled::TimedOut if line.is_empty() => return Ok(Waited::TimedOut),
                Filled::TimedOut => return Err(MailError::TimedOut { after: self.allowed }),
                Filled::Woken => return Ok(Waited::Woken),
            }
        }
    }

    /// The next bytes that are there, no further than the end of the line or literal, at most `most`.
    fn admit(&mut self, most: usize) -> Result<(&[u8], bool), MailError> {
        let start = self.handed_out;
        let end = self.incoming.len().min(start.saturating_add(most));
        let bytes = self.incoming.get_mut(start..end).unwrap_or_default();
        let (taken, ended) = self.guard.admit(bytes).map_err(|excess| match excess {
            Excess::Bytes(limit) => MailError::TooLarge { limit },
            Excess::Depth => MailError::protocol("lists nest too deep"),
        })?;
        self.handed_out += taken;
        Ok((self.incoming.get(start..start + taken).unwrap_or_default(), ended))
    }

    /// Gets more bytes; the last ones must all have been handed out.
    fn fill(&mut self, until: Instant, interruptible: bool) -> Result<Filled, MailError> {
        self.incoming.clear();
        self.handed_out = 0;
        loop {
            match self.read_some()? {
                Some(0) => return Ok(Filled::End),
                Some(_) => return Ok(Filled::Data),
                None => {}
            }
            if interruptible && self.reactor.borrow_mut().take_woken() {
                return Ok(Filled::Woken);
            }
            if Instant::now() >= until {
                return Ok(Filled::TimedOut);
            }
            self.reactor.borrow_mut().wait(until)?;
        }
    }

    /// Reads what is there: `None` if nothing is, `Some(0)` at the end.
    fn read_some(&mut self) -> Result<Option<usize>, MailError> {
        self.incoming.resize(CHUNK, 0);
        let result = self.read_plain();
        let length = if let Ok(Some(length)) = result { length } else { 0 };
        self.incoming.truncate(length);
        result
    }

    fn read_plain(&mut self) -> Result<Option<usize>, MailError> {
        loop {
            self.flush_tls()?;
            let Some(tls) = &mut self.tls else { return nothing_yet(self.socket.read(&mut self.incoming)) };
            if let Some(length) = nothing_yet(tls.reader().read(&mut self.incoming))? {
                return Ok(Some(length));
            }
            match nothing_yet(tls.read_tls(&mut self.socket))? {
                None => return Ok(None),
                Some(0) => return Ok(Some(0)),
                Some(_) => {}
            }
            if let Err(error) = tls.process_new_packets() {
                // The alert is a courtesy; the connection is over either way.
                let _ = tls.write_tls(&mut self.socket);
                return Err(certificate_error(&error)
                    .unwrap_or_else(|| MailError::Unreachable { cause: error.to_string() }));
            }
        }
    }

    fn keep_fault<T>(&mut self, result: Result<T, MailError>) -> io::Result<T> {
        result.map_err(|error| {
            let seen = io::Error::other(error.to_string());
            self.fault = Some(error);
            seen
        })
    }

    fn read_into(&mut self, into: &mut [u8]) -> Result<usize, MailError> {
        if self.handed_out == self.incoming.len() {
            match self.fill(self.started + self.allowed, false)? {
                Filled::Data => {}
                Filled::End => return Ok(0),
                Filled::TimedOut | Filled::Woken => return Err(MailError::TimedOut { after: self.allowed }),
            }
        }
        let (piece, _) = self.admit(into.len())?;
        for (to, from) in into.iter_mut().zip(piece) {
            *to = *from;
        }
        Ok(piece.len())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            // Nobody waits for the farewell to arrive.
            let _ = tls.write_tls(&mut self.socket);
        }
        self.reactor.borrow().remove(&mut self.socket);
    }
}

/// The connection as the IMAP crate holds it, while its owner keeps another handle.
#[derive(Clone)]
pub(crate) struct SharedWire(pub(crate) Rc<RefCell<Wire>>);

impl Read for SharedWire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        let result = wire.read_into(into);
        wire.keep_fault(result)
    }
}

impl Write for SharedWire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        let result = wire.send(bytes).map(|()| bytes.len());
        wire.keep_fault(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn closed() -> MailError {
    MailError::Unreachable { cause: "the server closed the connection".into() }
}

fn nothing_yet(result: io::Result<usize>) -> Result<Option<usize>, MailError> {
    match result {
        Ok(length) => Ok(Some(length)),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
