//! An IMAP server that says what a test wants it to say, and a device that listens to it.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "for tests, each of which uses its own part"
)]

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use call::AccountId;
use mail::{Endpoint, MailAccount, Security, Timings, Trust, WatchOptions};

/// What the server does when it has heard something.
#[derive(Clone)]
pub enum Does {
    /// Says these bytes.
    Say(Vec<u8>),
    /// Says these bytes and closes the connection.
    SayAndClose(Vec<u8>),
    /// Says this again and again for as long as anybody listens.
    SayForever(Vec<u8>),
    /// Says the first at once, and the second byte by byte with a pause before each.
    Drip(Vec<u8>, Duration),
}

impl From<&str> for Does {
    fn from(text: &str) -> Self {
        Self::Say(text.as_bytes().to_vec())
    }
}

impl From<String> for Does {
    fn from(text: String) -> Self {
        Self::Say(text.into_bytes())
    }
}

/// The only message in Bob's mailbox.
pub const MESSAGE: &str =
    "Message-ID: <mailcall.0@example.test>\r\nMailcall: 1\r\nSubject: Alice (is calling)\r\n\r\n((hello";

/// What a well-behaved server says: to the connection (""), and to each command. It has one signal in INBOX.
///
/// `DONE` comes with the tag of its IDLE.
pub fn polite(line: &str) -> String {
    let mut words = line.split(' ');
    let (tag, verb) = (words.next().unwrap(), words.next().unwrap_or_default());
    let fields = "Message-ID: <mailcall.0@example.test>\r\nMailcall: 1\r\n\r\n";
    let untagged = match verb {
        "" => return "* OK ready\r\n".into(),
        "IDLE" => return "+ idling\r\n".into(),
        "APPEND" => return format!("{tag} NO not here\r\n"),
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE\r\n".into(),
        "LIST" => "* LIST (\\HasNoChildren) \"/\" INBOX\r\n".into(),
        "SELECT" => {
            "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] first\r\n* OK [UIDNEXT 2] next\r\n* FLAGS (\\Seen)\r\n".into()
        }
        "FETCH" => format!(
            "* 1 FETCH (UID 1 INTERNALDATE \"03-Jan-2026 12:00:00 +0000\" RFC822.SIZE {} \
             BODY[HEADER.FIELDS (MAILCALL MESSAGE-ID CONTENT-TYPE)]<0> {{{}}}\r\n{fields})\r\n",
            MESSAGE.len(),
            fields.len(),
        ),
        "UID" if line.contains("BODY.PEEK[]") => {
            format!("* 1 FETCH (UID 1 BODY[]<0> {{{}}}\r\n{MESSAGE})\r\n", MESSAGE.len())
        }
        "UID" if line.contains("FETCH") => return polite(&format!("{tag} FETCH")),
        _ => String::new(),
    };
    format!("{untagged}{tag} OK done\r\n")
}

/// Listens on a port of its own until the test ends.
pub struct Server {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// `does` is told which connection it is (from 0) and what the client said: "" at first.
    pub fn start(does: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (does, count) = (Arc::new(does), connections.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (does, number) = (does.clone(), count.fetch_add(1, Ordering::SeqCst));
                thread::spawn(move || serve(&stream.unwrap(), |line| does(number, line)));
            }
        });
        Self { port, connections }
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn account(&self, security: Security) -> MailAccount {
        let endpoint = Endpoint { host: "127.0.0.1".into(), port: self.port, security };
        MailAccount {
            id: AccountId(7),
            address: "bob@example.test".parse().unwrap(),
            login: "bob".to_owned().into(),
            password: "secret".to_owned().into(),
            imap: endpoint.clone(),
            smtp: endpoint,
            trust: Trust::default(),
        }
    }
}

/// Whoever listens may leave at any moment: that is no failure of the test.
fn serve(stream: &TcpStream, does: impl Fn(&str) -> Does) {
    stream.set_nodelay(true).unwrap();
    let mut lines = BufReader::new(stream);
    let mut heard = String::new();
    let mut idle = String::new();
    loop {
        let (bytes, pause) = match does(&heard) {
            Does::Say(bytes) => (bytes, None),
            Does::SayAndClose(bytes) => {
                let _ = (&*stream).write_all(&bytes);
                return;
            }
            Does::SayForever(bytes) => {
                while (&*stream).write_all(&bytes).is_ok() {}
                return;
            }
            Does::Drip(bytes, pause) => (bytes, Some(pause)),
        };
        let said = match pause {
            None => (&*stream).write_all(&bytes),
            Some(pause) => bytes.chunks(1).try_for_each(|byte| {
                thread::sleep(pause);
                (&*stream).write_all(byte)
            }),
        };
        let mut line = String::new();
        if said.is_err() || !lines.read_line(&mut line).is_ok_and(|length| length > 0) {
            return;
        }
        heard = line.trim_end().to_owned();
        if let Some(tag) = heard.strip_suffix(" IDLE") {
            tag.clone_into(&mut idle);
        }
        if heard == "DONE" {
            heard = format!("{idle} DONE");
        }
    }
}

/// In a hurry, so that nothing takes long to fail.
pub fn hasty() -> WatchOptions {
    WatchOptions {
        timings: Timings {
            poll: Duration::from_millis(20),
            patience: Duration::from_millis(500),
            backoff: Duration::from_millis(1),
            backoff_max: Duration::from_millis(2),
            refused: Duration::from_millis(1),
            refused_max: Duration::from_millis(2),
            ..Timings::default()
        },
        ..WatchOptions::default()
    }
}
