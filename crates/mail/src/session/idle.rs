//! IDLE (RFC 2177), spoken on the stream itself: the `imap` crate panics when a server answers it with a tagged
//! OK, and forgets its time-out when an untagged line comes before the continuation.

use std::time::{Duration, Instant};

use super::{ORDINARY, Session};
use crate::{
    MailError,
    stream::{Waited, Wire},
};

/// A server that ends IDLE sooner than this by itself does not really do it.
const USELESS: Duration = Duration::from_secs(1);

/// More lines than this in one stay, none of them news, are not worth listening to.
const BABBLE: u32 = 4096;

/// How an IDLE ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Idled {
    /// The server announced mail at this moment.
    Announced(Instant),
    /// Nothing happened in time.
    TimedOut,
    /// Another thread has something to do for this one.
    Woken,
    /// The server ended it.
    Over,
    /// The server does not really do it.
    Unsupported,
}

/// The IDLE that is going on, or the last one.
#[derive(Default)]
pub(super) struct Idle {
    number: u32,
    since: Option<Instant>,
    announced: Option<Instant>,
}

impl Idle {
    fn tag(&self) -> String {
        format!("idle{} ", self.number)
    }
}

impl Session {
    /// Enters IDLE; false if the server does not really do it.
    pub(crate) fn start_idle(&mut self) -> Result<bool, MailError> {
        self.idle = Idle { number: self.idle.number + 1, since: Some(Instant::now()), announced: None };
        let wire = self.wire.clone();
        let mut wire = wire.borrow_mut();
        wire.begin(ORDINARY, self.patience);
        wire.send(format!("{}IDLE\r\n", self.idle.tag()).as_bytes())?;
        loop {
            let line = wire.read_line()?;
            if line.starts_with(b"+") {
                return Ok(true);
            }
            if line.starts_with(self.idle.tag().as_bytes()) {
                return Ok(false);
            }
            self.note(&line, &mut wire)?;
        }
    }

    /// Stays in IDLE until mail is announced, until `until`, or until this thread is woken.
    pub(crate) fn stay_idle(&mut self, until: Instant) -> Result<Idled, MailError> {
        let wire = self.wire.clone();
        let mut wire = wire.borrow_mut();
        for _ in 0..BABBLE {
            if let Some(at) = self.idle.announced {
                return Ok(Idled::Announced(at));
            }
            wire.begin(ORDINARY, self.patience);
            match wire.wait_line(until)? {
                Waited::TimedOut => return Ok(Idled::TimedOut),
                Waited::Woken => return Ok(Idled::Woken),
                Waited::Line(line) if line.starts_with(self.idle.tag().as_bytes()) => return Ok(Idled::Over),
                Waited::Line(line) => self.note(&line, &mut wire)?,
            }
        }
        Err(MailError::protocol("it never stops talking in IDLE"))
    }

    /// Leaves IDLE after it went as `idled` says, and returns what it came to.
    pub(crate) fn end_idle(&mut self, idled: Idled) -> Result<Idled, MailError> {
        self.heard = Instant::now();
        if idled == Idled::Over {
            // Ended by the server: fine now and then, useless if it always does.
            let useless = self.idle.since.is_some_and(|since| since.elapsed() < USELESS);
            return Ok(if useless { Idled::Unsupported } else { Idled::TimedOut });
        }
        let wire = self.wire.clone();
        let mut wire = wire.borrow_mut();
        wire.begin(ORDINARY, self.patience);
        wire.send(b"DONE\r\n")?;
        loop {
            let line = wire.read_line()?;
            if line.starts_with(self.idle.tag().as_bytes()) {
                return Ok(self.idle.announced.map_or(idled, Idled::Announced));
            }
            self.note(&line, &mut wire)?;
        }
    }

    /// Takes notice of an untagged line that came in IDLE.
    fn note(&mut self, line: &[u8], wire: &mut Wire) -> Result<(), MailError> {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some("*") {
            return Err(MailError::protocol("an unexpected line in IDLE"));
        }
        if words.next().is_some_and(|word| word.eq_ignore_ascii_case("BYE")) {
            return Err(MailError::Unreachable { cause: "the server said good-bye".into() });
        }
        let count = wire.take_count();
        self.exists = count.exists;
        if count.told {
            self.idle.announced.get_or_insert_with(Instant::now);
        }
        Ok(())
    }
}
