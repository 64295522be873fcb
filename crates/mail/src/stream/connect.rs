//! Getting a connection: all addresses of a server race, and whoever waits can be called off.

use std::{
    cell::RefCell,
    io,
    net::SocketAddr,
    rc::Rc,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use mio::net::TcpStream;

use super::{Reactor, Wire};
use crate::{Endpoint, MailError, Resolver};

/// How much earlier one address of a host is tried than the next (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);
/// No host needs more addresses than this.
const MAX_ADDRESSES: usize = 8;

impl Wire {
    /// Connects to whichever address of `server` answers first, with a head start for the system's favourite, all
    /// within `patience`. `called_off` is asked whenever this thread is woken, and ends the attempt with its error.
    pub(crate) fn connect<E: From<MailError>>(
        server: &Endpoint,
        resolve: &Resolver,
        patience: Duration,
        reactor: Rc<RefCell<Reactor>>,
        mut called_off: impl FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let deadline = Instant::now() + patience;
        let mut race = Race { runners: Vec::new(), reactor: reactor.clone(), lost: None };
        let found = look_up(server, resolve, &reactor.borrow()).map_err(MailError::from)?;
        let mut addresses = loop {
            called_off()?;
            match found.try_recv() {
                Ok(addresses) => break addresses.map_err(MailError::from)?.into_iter().take(MAX_ADDRESSES),
                Err(mpsc::TryRecvError::Disconnected) => return Err(no_address().into()),
                Err(mpsc::TryRecvError::Empty) => wait(&reactor, deadline, patience)?,
            }
        };
        let mut next_at = Instant::now();
        loop {
            called_off()?;
            if let Some(winner) = race.winner() {
                return Ok(Self::over(winner, reactor).map_err(MailError::from)?);
            }
            if race.runners.is_empty() || Instant::now() >= next_at {
                match addresses.next() {
                    Some(address) => {
                        race.start(address);
                        next_at = Instant::now() + STAGGER;
                        continue;
                    }
                    None if race.runners.is_empty() => {
                        return Err(race.lost.take().map_or_else(no_address, Into::into).into());
                    }
                    None => next_at = deadline,
                }
            }
            if Instant::now() >= deadline {
                return Err(MailError::TimedOut { after: patience }.into());
            }
            reactor.borrow_mut().wait(next_at.min(deadline)).map_err(MailError::from)?;
        }
    }
}

/// Attempts at the same time, each with a socket of its own.
struct Race {
    runners: Vec<TcpStream>,
    reactor: Rc<RefCell<Reactor>>,
    /// Why the last one that failed did.
    lost: Option<io::Error>,
}

impl Race {
    fn start(&mut self, address: SocketAddr) {
        let started = TcpStream::connect(address).and_then(|mut socket| {
            self.reactor.borrow().add(&mut socket)?;
            Ok(socket)
        });
        match started {
            Ok(socket) => self.runners.push(socket),
            Err(error) => self.lost = Some(error),
        }
    }

    /// The first that is connected; those that failed are out.
    fn winner(&mut self) -> Option<TcpStream> {
        let mut at = 0;
        while let Some(socket) = self.runners.get(at) {
            match is_connected(socket) {
                Ok(true) => return Some(self.runners.swap_remove(at)),
                Ok(false) => at += 1,
                Err(error) => {
                    self.lost = Some(error);
                    let mut socket = self.runners.remove(at);
                    self.reactor.borrow().remove(&mut socket);
                }
            }
        }
        None
    }
}

impl Drop for Race {
    fn drop(&mut self) {
        for socket in &mut self.runners {
            self.reactor.borrow().remove(socket);
        }
    }
}

fn is_connected(socket: &TcpStream) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(true),
        // Where it is not yet said so, it is "not connected", or an argument that makes no sense yet.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotConnected | io::ErrorKind::InvalidInput) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// The system's own look-up can take long and cannot be called off: it has a thread, which wakes this one.
fn look_up(
    server: &Endpoint,
    resolve: &Resolver,
    reactor: &Reactor,
) -> io::Result<mpsc::Receiver<io::Result<Vec<SocketAddr>>>> {
    let (found, addresses) = mpsc::channel();
    let (host, port, resolve, waker) = (server.host.clone(), server.port, resolve.clone(), reactor.waker());
    thread::Builder::new().name("look-up".into()).spawn(move || {
        // Nobody may wait for it any more.
        let _ = found.send(resolve(&host, port));
        let _ = waker.wake();
    })?;
    Ok(addresses)
}

fn wait(reactor: &RefCell<Reactor>, deadline: Instant, patience: Duration) -> Result<(), MailError> {
    if Instant::now() >= deadline {
        return Err(MailError::TimedOut { after: patience });
    }
    Ok(reactor.borrow_mut().wait(deadline)?)
}

fn no_address() -> MailError {
    MailError::Unreachable { cause: "the name has no address".into() }
}
