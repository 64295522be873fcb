//! One signed-in IMAP session (RFC 3501), and everything there is to guard around the `imap` crate.
//!
//! Each command may send and take only so much, a panic of the crate is an error like any other, and IDLE
//! is spoken beside it ([`idle`]).

mod idle;
mod opening;
mod sign_in;

use std::{
    cell::RefCell,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use imap::types::{Fetch, Flag};
use imap_proto::{NameAttribute, UidSetMember};
use rustls::ClientConfig;

use self::idle::Idle;
pub(crate) use self::idle::Idled;
use crate::{
    MailAccount, MailError, Security,
    contain::contained,
    mark,
    stream::{SharedWire, Wire},
};

/// What most responses stay far below, in bytes.
const ORDINARY: usize = 64 * 1024;
/// The response to LIST, in bytes: thousands of mailboxes.
const LISTING: usize = 1024 * 1024;
/// The most that is read of the marked header fields of one message, in bytes.
const HEAD: usize = 4096;
/// The largest message that can be a signal or a bounce of one, in bytes.
pub(crate) const MAX_MESSAGE: usize = 64 * 1024;
/// The most heads that may be asked for at a time.
pub(crate) const HEADS_AT_A_TIME: u32 = 64;

/// A session in the authenticated or selected state.
pub(crate) struct Session {
    imap: imap::Session<SharedWire>,
    wire: Rc<RefCell<Wire>>,
    patience: Duration,
    can: Can,
    exists: u32,
    /// Since when announced messages may have been there, if there are some.
    news: Option<Instant>,
    /// What came before this moment has been announced.
    heard: Instant,
    idle: Idle,
}

/// What the server offers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Can {
    pub(crate) idle: bool,
    pub(crate) moves: bool,
    pub(crate) uidplus: bool,
    pub(crate) gmail: bool,
}

/// A mailbox as it was when it was selected or asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) uidvalidity: u32,
    /// `None`: the server does not say.
    pub(crate) next_uid: Option<u32>,
}

/// What the pre-filter knows of a message.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) uid: u32,
    pub(crate) size: u32,
    /// INTERNALDATE in seconds since 1970.
    pub(crate) arrived: Option<i64>,
    /// The fields of [`mark::PREFILTER_FIELDS`].
    pub(crate) fields: Vec<u8>,
}

/// A mailbox that can be selected.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) delimiter: Option<String>,
    pub(crate) purpose: Option<Purpose>,
}

/// What a mailbox is for, where the server says so (RFC 6154).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Junk,
    Sent,
    Trash,
}

impl Session {
    /// Protects a connection as the account says, and signs in. Each step may take `patience`.
    pub(crate) fn open(
        mut wire: Wire,
        account: &MailAccount,
        tls: Arc<ClientConfig>,
        patience: Duration,
    ) -> Result<Self, MailError> {
        wire.begin(ORDINARY, patience);
        match account.imap.security {
            Security::Plain => opening::greeting(&mut wire)?,
            Security::Tls => {
                wire.start_tls(tls, &account.imap.host)?;
                opening::greeting(&mut wire)?;
            }
            Security::StartTls => {
                opening::greeting(&mut wire)?;
                opening::ask_for_tls(&mut wire)?;
                wire.start_tls(tls, &account.imap.host)?;
            }
        }
        let wire = Rc::new(RefCell::new(wire));
        let mut client = imap::Client::new(SharedWire(wire.clone()));
        client.greeting_read = true;
        let imap = sign_in(client, &wire, account, patience)?;
        let mut session = Self {
            imap,
            wire,
            patience,
            can: Can::default(),
            exists: 0,
            news: None,
            heard: Instant::now(),
            idle: Idle::default(),
        };
        session.can = session.run(ORDINARY, |imap| {
            let offered = imap.capabilities()?;
            Ok(Can {
                idle: offered.has_str("IDLE"),
                moves: offered.has_str("MOVE"),
                uidplus: offered.has_str("UIDPLUS"),
                gmail: offered.has_str("X-GM-EXT-1"),
            })
        })?;
        Ok(session)
    }

    /// What the server offers.
    pub(crate) const fn can(&self) -> Can {
        self.can
    }

    /// How many messages the selected mailbox has.
    pub(crate) const fn exists(&self) -> u32 {
        self.exists
    }

    /// Whether the server announced messages since the last question: no earlier than this they came.
    pub(crate) fn take_news(&mut self) -> Option<Instant> {
        self.news.take()
    }

    /// One command: bounded, timed, and safe from the crate's panics.
    fn run<T>(
        &mut self,
        limit: usize,
        command: impl FnOnce(&mut imap::Session<SharedWire>) -> imap::Result<T>,
    ) -> Result<T, MailError> {
        let begun = Instant::now();
        self.wire.borrow_mut().begin(limit, self.patience);
        let imap = &mut self.imap;
        let result = guarded(&self.wire, || command(imap));
        // What it put aside has been heard below it, completely.
        drop(self.imap.take_all_unsolicited());
        let count = self.wire.borrow_mut().take_count();
        self.exists = count.exists;
        if count.grew {
            // The server may look for them at the beginning of a command, and tell of them at its end.
            self.news.get_or_insert(self.heard);
        }
        self.heard = begun;
        result
    }

    pub(crate) fn select(&mut self, mailbox: &str) -> Result<Standing, MailError> {
        let selected = self.run(ORDINARY, |imap| imap.select(mailbox))?;
        self.news = None;
        let uidvalidity = selected.uid_validity.ok_or(MailError::Unsupported { what: "UIDVALIDITY" })?;
        Ok(Standing { uidvalidity, next_uid: selected.uid_next })
    }

    /// How another mailbox stands, without leaving the selected one; `None`: the server does not say.
    pub(crate) fn status(&mut self, mailbox: &str) -> Result<Option<Standing>, MailError> {
        let status = self.run(ORDINARY, |imap| imap.status(mailbox, "(UIDNEXT UIDVALIDITY)"))?;
        Ok(status.uid_validity.map(|uidvalidity| Standing { uidvalidity, next_uid: status.uid_next }))
    }

    pub(crate) fn noop(&mut self) -> Result<(), MailError> {
        self.run(ORDINARY, imap::Session::noop)
    }

    pub(crate) fn list(&mut self) -> Result<Vec<Listed>, MailError> {
        self.run(LISTING, |imap| {
            let names = imap.list(None, Some("\"*\""))?;
            let selectable =
                names.iter().filter(|name| !name.attributes().contains(&NameAttribute::NoSelect));
            let listed = selectable.map(|name| Listed {
                name: name.name().to_owned(),
                delimiter: name.delimiter().map(str::to_owned),
                purpose: name.attributes().iter().find_map(|attribute| match attribute {
                    NameAttribute::Junk => Some(Purpose::Junk),
                    NameAttribute::Sent => Some(Purpose::Sent),
                    NameAttribute::Trash => Some(Purpose::Trash),
                    _ => None,
                }),
            });
            Ok(listed.collect())
        })
    }

    /// The heads of the messages with these sequence numbers, at most [`HEADS_AT_A_TIME`] of them, by UID.
    pub(crate) fn heads(&mut self, first: u32, last: u32) -> Result<Vec<Head>, MailError> {
        self.fetch_heads(|imap, query| imap.fetch(format!("{first}:{last}"), query))
    }

    /// The heads of all messages from this UID on, by UID; there should be at most [`HEADS_AT_A_TIME`].
    pub(crate) fn heads_from(&mut self, uid: u32) -> Result<Vec<Head>, MailError> {
        let mut heads = self.fetch_heads(|imap, query| imap.uid_fetch(format!("{uid}:*"), query))?;
        // `*` is the last message even when that is an older one.
        heads.retain(|head| head.uid >= uid);
        Ok(heads)
    }

    /// The heads of the messages with these UIDs, at most [`HEADS_AT_A_TIME`] of them, as far as they are there.
    pub(crate) fn heads_of(&mut self, uids: &[u32]) -> Result<Vec<Head>, MailError> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let mut heads = self.fetch_heads(|imap, query| imap.uid_fetch(&set, query))?;
        heads.retain(|head| uids.contains(&head.uid));
        Ok(heads)
    }

    fn fetch_heads(
        &mut self,
        fetch: impl FnOnce(&mut imap::Session<SharedWire>, &str) -> imap::Result<imap::types::Fetches>,
    ) -> Result<Vec<Head>, MailError> {
        let fields = mark::PREFILTER_FIELDS;
        let query = format!("(UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({fields})]<0.{HEAD}>)");
        let limit = (HEAD + 512) * HEADS_AT_A_TIME as usize;
        let mut heads = self.run(limit, |imap| {
            let fetched = fetch(imap, &query)?;
            Ok(fetched.iter().filter_map(head).collect::<Vec<_>>())
        })?;
        heads.sort_by_key(|head| head.uid);
        Ok(heads)
    }

    /// A whole message, at most [`MAX_MESSAGE`] bytes of it; `None` if it is gone.
    pub(crate) fn message(&mut self, uid: u32) -> Result<Option<Vec<u8>>, MailError> {
        let query = format!("(UID BODY.PEEK[]<0.{MAX_MESSAGE}>)");
        self.run(MAX_MESSAGE + ORDINARY, |imap| {
            let fetched = imap.uid_fetch(uid.to_string(), &query)?;
            let found = fetched.iter().find(|message| message.uid == Some(uid));
            Ok(found.and_then(Fetch::body).map(<[u8]>::to_vec))
        })
    }

    /// INTERNALDATE of a message, in seconds since 1970.
    pub(crate) fn arrived(&mut self, uid: u32) -> Result<Option<i64>, MailError> {
        self.run(ORDINARY, |imap| {
            let fetched = imap.uid_fetch(uid.to_string(), "(UID INTERNALDATE)")?;
            let found = fetched.iter().find(|message| message.uid == Some(uid));
            Ok(found.and_then(Fetch::internal_date).map(|date| date.timestamp()))
        })
    }

    /// Puts a message into a mailbox; `hidden`: as seen and deleted. Its UID, where the server tells.
    pub(crate) fn append(
        &mut self,
        mailbox: &str,
        message: &[u8],
        hidden: bool,
    ) -> Result<Option<u32>, MailError> {
        let appended = self.run(ORDINARY, |imap| {
            let mut command = imap.append(mailbox, message);
            if hidden {
                command.flags([Flag::Seen, Flag::Deleted]);
            }
            command.finish()
        })?;
        Ok(match appended.uids.as_deref() {
            Some([UidSetMember::Uid(uid)]) => Some(*uid),
            _ => None,
        })
    }

    /// The UIDs in the selected mailbox that fit, newest first.
    pub(crate) fn search(&mut self, criteria: &str) -> Result<Vec<u32>, MailError> {
        let mut uids: Vec<u32> = self.run(LISTING, |imap| imap.uid_search(criteria))?.into_iter().collect();
        uids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(uids)
    }

    pub(crate) fn create(&mut self, mailbox: &str) -> Result<(), MailError> {
        self.run(ORDINARY, |imap| imap.create(mailbox))
    }

    /// Moves a message of the selected mailbox into another (RFC 6851, or what it is short for).
    pub(crate) fn move_to(&mut self, uid: u32, mailbox: &str) -> Result<(), MailError> {
        if self.can.moves {
            return self.run(ORDINARY, |imap| imap.uid_mv(uid.to_string(), mailbox));
        }
        let quoted = format!("\"{}\"", mailbox.replace('\\', "\\\\").replace('"', "\\\""));
        self.run(ORDINARY, |imap| imap.uid_copy(uid.to_string(), &quoted))?;
        self.expunge(uid)
    }

    /// Removes a message of the selected mailbox, and no other: without UIDPLUS (RFC 4315) it stays marked as
    /// deleted where somebody else has marked messages, too.
    pub(crate) fn expunge(&mut self, uid: u32) -> Result<(), MailError> {
        self.run(ORDINARY, |imap| imap.uid_store(uid.to_string(), "+FLAGS.SILENT (\\Deleted)").map(drop))?;
        if self.can.uidplus {
            return self.run(ORDINARY, |imap| imap.uid_expunge(uid.to_string()).map(drop));
        }
        if self.search("DELETED")? == [uid] {
            self.run(ORDINARY, |imap| imap.expunge().map(drop))?;
        }
        Ok(())
    }
}

fn head(fetched: &Fetch<'_>) -> Option<Head> {
    Some(Head {
        uid: fetched.uid?,
        size: fetched.size.unwrap_or(0),
        arrived: fetched.internal_date().map(|date| date.timestamp()),
        fields: fetched.header()?.to_vec(),
    })
}

/// SASL PLAIN (RFC 4616), for what LOGIN cannot say.
struct Plain(Vec<u8>);

impl imap::Authenticator for Plain {
    type Response = Vec<u8>;

    fn process(&self, _: &[u8]) -> Vec<u8> {
        self.0.clone()
    }
}

fn sign_in(
    client: imap::Client<SharedWire>,
    wire: &RefCell<Wire>,
    account: &MailAccount,
    patience: Duration,
) -> Result<imap::Session<SharedWire>, MailError> {
    let (login, password) = (account.login.reveal(), account.password.reveal());
    wire.borrow_mut().begin(ORDINARY, patience);
    let mut misunderstood = false;
    let result = guarded(wire, || {
        let result = if login.is_ascii() && password.is_ascii() {
            client.login(login, password)
        } else {
            let plain = Plain(format!("\0{login}\0{password}").into_bytes());
            client.authenticate("PLAIN", &plain)
        };
        result.map_err(|(error, _)| {
            misunderstood = matches!(error, imap::Error::Bad(_));
            error
        })
    });
    result.map_err(|error| sign_in::explain(error, misunderstood))
}

/// Runs something of the IMAP crate; what really went wrong below it comes first, a panic of its own last.
fn guarded<T>(wire: &RefCell<Wire>, command: impl FnOnce() -> imap::Result<T>) -> Result<T, MailError> {
    let outcome = contained(command);
    if let Some(fault) = wire.borrow_mut().take_fault() {
        return Err(fault);
    }
    match outcome {
        Some(result) => result.map_err(|error| explain(&error)),
        None => Err(MailError::protocol("the IMAP parser stumbled")),
    }
}

fn explain(error: &imap::Error) -> MailError {
    use imap::Error as E;
    match error {
        E::No(no) => MailError::Refused { code: 0, words: no.information.clone().into() },
        E::Bad(bad) => MailError::Refused { code: 0, words: bad.information.clone().into() },
        E::Bye(bye) => MailError::Temporary { code: 0, words: bye.information.clone().into() },
        E::ConnectionLost => MailError::Unreachable { cause: "the server closed the connection".into() },
        E::Io(error) => MailError::Unreachable { cause: error.to_string() },
        E::Append => MailError::Refused { code: 0, words: String::new().into() },
        // The texts of the others quote what the server sent.
        E::Parse(_) | E::Unexpected(_) => MailError::protocol("an unreadable response"),
        E::TagMismatch(_) => MailError::protocol("the answer to another command"),
        E::Validate(_) => MailError::protocol("a line break in a name or password"),
        _ => MailError::protocol("an incomplete response"),
    }
}
