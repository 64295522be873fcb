//! Reading: from the pre-filter to the events, and where to go on next time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mail_parser::MimeHeaders;

use super::{
    MailNews, MessageRef, Position,
    account::{End, Watcher},
};
use crate::{
    MailError,
    age::{self, Arrival, ServerClock},
    manners::{self, Marked, Places},
    mark, parser,
    session::{HEADS_AT_A_TIME, Head, MAX_MESSAGE, Session, Standing},
};

pub(super) const INBOX: &str = "INBOX";

/// How many of the last messages are looked at in a mailbox that was never read.
const LOOK_BACK: u32 = 32;
/// The most messages that are looked at after a long absence, newest first.
const CATCH_UP: u32 = 4096;
/// Looks at a mailbox less than this far apart tell well enough when a message came.
const CLOSE_LOOKS: std::time::Duration = std::time::Duration::from_secs(15);

/// A selected mailbox while it is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    mailbox: &'a str,
    uidvalidity: u32,
    arrival: Arrival,
    junk: bool,
}

impl Watcher {
    /// Selects INBOX and reads what came while nobody looked.
    pub(super) fn open_inbox(&mut self, session: &mut Session, skip: bool) -> Result<(), End> {
        self.clock = None;
        self.looked_into_junk = None;
        let standing = session.select(INBOX)?;
        let reading = Reading {
            mailbox: INBOX,
            uidvalidity: standing.uidvalidity,
            arrival: Arrival::Unwatched,
            junk: false,
        };
        self.read_on(session, reading, standing, skip)
    }

    /// Reads what was just announced in INBOX, which must be selected.
    pub(super) fn read_new(&mut self, session: &mut Session, arrival: Arrival) -> Result<(), End> {
        let Some(at) = self.positions.get(INBOX) else { return Ok(()) };
        let (uidvalidity, next_uid) = (at.uidvalidity, at.next_uid);
        let reading = Reading { mailbox: INBOX, uidvalidity, arrival, junk: false };
        let heads = session.heads_from(next_uid)?;
        let next_uid = heads.last().map_or(next_uid, |head| head.uid.saturating_add(1));
        for head in heads {
            self.examine(session, reading, &head)?;
        }
        self.read_until(reading, next_uid)
    }

    /// Selects INBOX again after another mailbox, and reads what came since `left`.
    pub(super) fn back_to_inbox(&mut self, session: &mut Session, left: Instant) -> Result<(), End> {
        let standing = session.select(INBOX)?;
        let reading = Reading {
            mailbox: INBOX,
            uidvalidity: standing.uidvalidity,
            arrival: Arrival::Since(left),
            junk: false,
        };
        self.read_on(session, reading, standing, false)
    }

    /// Reads what is new in Junk, if there is a Junk. INBOX must be selected, and is again afterwards.
    pub(super) fn look_into_junk(&mut self, session: &mut Session) -> Result<(), End> {
        let Some(junk) = self.places.as_ref().and_then(|places| places.junk.clone()) else {
            return Ok(session.noop()?);
        };
        let now = Instant::now();
        let arrival = match self.looked_into_junk.replace(now) {
            Some(before) if now.saturating_duration_since(before) <= CLOSE_LOOKS => Arrival::Since(before),
            _ => Arrival::Unwatched,
        };
        match session.status(&junk) {
            Ok(Some(Standing { uidvalidity, next_uid: Some(next_uid) }))
                if self
                    .positions
                    .get(&junk)
                    .is_some_and(|at| at.uidvalidity == uidvalidity && at.next_uid >= next_uid) =>
            {
                return Ok(());
            }
            Ok(_) => {}
            Err(MailError::Refused { .. }) => {
                self.forget_junk();
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        match session.select(&junk) {
            Ok(standing) => {
                let reading =
                    Reading { mailbox: &junk, uidvalidity: standing.uidvalidity, arrival, junk: true };
                self.read_on(session, reading, standing, false)?;
            }
            Err(MailError::Refused { .. }) => self.forget_junk(),
            Err(error) => return Err(error.into()),
        }
        self.back_to_inbox(session, now)
    }

    fn forget_junk(&mut self) {
        if let Some(places) = &mut self.places {
            places.junk = None;
        }
    }

    /// Reads a mailbox that was just selected from where it was left, newest first, or looks back a little if it
    /// was never read or is another one now (RFC 3501, section 2.3.1.1). With `skip`, passes over all of it.
    fn read_on(
        &mut self,
        session: &mut Session,
        reading: Reading<'_>,
        standing: Standing,
        skip: bool,
    ) -> Result<(), End> {
        let from = match self.positions.get(reading.mailbox) {
            Some(at) if at.uidvalidity == standing.uidvalidity => Some(at.next_uid),
            _ => None,
        };
        if let (Some(from), Some(next)) = (from, standing.next_uid)
            && next <= from
        {
            return Ok(());
        }
        let exists = session.exists();
        let most = if skip { 0 } else { from.map_or(LOOK_BACK, |_| CATCH_UP) };
        let floor = exists.saturating_sub(most);
        // No more can be new than UIDs have been given out.
        let at_most_new = from.zip(standing.next_uid).map_or(u32::MAX, |(from, next)| next - from);
        let mut at_a_time = HEADS_AT_A_TIME.min(at_most_new);
        let mut next_uid = standing.next_uid.max(from).unwrap_or(1);
        let mut last = exists;
        self.catching_up = true;
        while last > floor {
            let first = last.saturating_sub(at_a_time - 1).max(floor + 1);
            let heads = session.heads(first, last)?;
            let reached = heads.iter().any(|head| from.is_some_and(|from| head.uid < from));
            for head in heads.iter().filter(|head| from.is_none_or(|from| head.uid >= from)) {
                next_uid = next_uid.max(head.uid.saturating_add(1));
                self.examine(session, reading, head)?;
            }
            if reached {
                break;
            }
            at_a_time = HEADS_AT_A_TIME;
            last = first - 1;
        }
        self.catching_up = false;
        self.read_until(reading, next_uid)
    }

    fn read_until(&mut self, reading: Reading<'_>, next_uid: u32) -> Result<(), End> {
        let position =
            Position { mailbox: reading.mailbox.to_owned(), uidvalidity: reading.uidvalidity, next_uid };
        if self.positions.get(reading.mailbox) == Some(&position) {
            return Ok(());
        }
        self.positions.insert(position.mailbox.clone(), position.clone());
        self.tell(MailNews::Position(position))
    }

    /// Passes on one message if it is for us.
    fn examine(&mut self, session: &mut Session, reading: Reading<'_>, head: &Head) -> Result<(), End> {
        let marked = mark::looks_like_ours(&head.fields);
        if !(marked || is_report(&head.fields)) || head.size as usize > MAX_MESSAGE {
            return Ok(());
        }
        if marked {
            self.tell(MailNews::Suspect)?;
        }
        let Some(raw) = session.message(head.uid)? else { return Ok(()) };
        let at = MessageRef {
            mailbox: reading.mailbox.to_owned(),
            uidvalidity: reading.uidvalidity,
            uid: head.uid,
        };
        if !marked {
            return if names_us(&raw) { self.tell(MailNews::Report { raw, at }) } else { Ok(()) };
        }
        if reading.arrival == Arrival::Unwatched && self.clock.is_none() {
            self.find_places(session)?;
            let places = self.places.clone().unwrap_or_default();
            self.clock = ask_the_time(session, &places, reading.mailbox)?;
        }
        let handed_in = age::handed_in(&raw);
        let age = age::age(reading.arrival, self.clock, head.arrived, handed_in, Instant::now());
        self.marked.insert(at.clone(), Marked::default());
        self.tell(MailNews::Signal { raw, at, age, junk: reading.junk })
    }
}

/// Whether these header fields are those of a `multipart/report`.
fn is_report(fields: &[u8]) -> bool {
    let report = parser::head(fields, |head| {
        head.content_type().is_some_and(|content_type| {
            content_type.ctype().eq_ignore_ascii_case("multipart")
                && content_type.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
        })
    });
    report.unwrap_or(false)
}

/// Whether a message mentions a Message-ID of ours.
fn names_us(raw: &[u8]) -> bool {
    let mut start = vec![b'<'];
    start.extend_from_slice(mark::MESSAGE_ID_PREFIX.as_bytes());
    raw.windows(start.len()).any(|window| window == start)
}

/// What the server's clock says: it stamps a message of ours, which is removed at once. `None` if the server does
/// not take the message.
///
/// The message goes into the selected `mailbox` as seen and deleted, so that no mail program shows it.
fn ask_the_time(
    session: &mut Session,
    places: &Places,
    mailbox: &str,
) -> Result<Option<ServerClock>, MailError> {
    let nonce = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let id = format!("clock.{nonce}.{}@mailcall.invalid", std::process::id());
    let probe =
        format!("Message-ID: <{id}>\r\nSubject: What time is it?\r\n\r\nMailcall removes this at once.\r\n");
    let appended = match session.append(mailbox, probe.as_bytes(), true) {
        Err(MailError::Refused { .. }) => return Ok(None),
        result => result?,
    };
    let at = Instant::now();
    let uid = match appended {
        Some(uid) => Some(uid),
        None => session.search(&format!("DELETED HEADER Message-ID \"{id}\""))?.first().copied(),
    };
    let Some(uid) = uid else { return Ok(None) };
    let said = session.arrived(uid)?;
    manners::remove(session, places, uid)?;
    Ok(said.map(|said| ServerClock { said, at }))
}
