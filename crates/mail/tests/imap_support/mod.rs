//! A real mail server, people who have mailboxes there, and their devices.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "for tests, each of which uses its own part"
)]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use call::{AccountId, Redacted};
use mail::{Endpoint, MailAccount, Security, Timings, Trust, WatchOptions};
use serde_json::Value;

use crate::imap_device::{Device, PATIENCE};

/// How many mailboxes a server has.
const PEOPLE: u32 = 32;

/// A Dovecot of its own (`cargo xtask mail`).
pub struct Server {
    description: Value,
    newcomers: AtomicU32,
}

impl Server {
    /// The one that the tests of a file share.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start("shared", "hibernate"))
    }

    /// One that a test may stop. It goes down with the test's process.
    ///
    /// Every person has a mailbox from the start: Dovecot looks at its list only once a second.
    pub fn start(name: &str, variant: &str) -> Self {
        let own = std::process::id().to_string();
        let dir = workspace().join("target/mail").join(format!("imap-{name}-{own}"));
        let mut args = vec!["mail", "up", "--variant", variant, "--owner", &own];
        args.extend(["--dir", dir.to_str().unwrap()]);
        let people: Vec<String> = (0..PEOPLE).map(|n| format!("person-{n}@example.test=secret")).collect();
        for person in &people {
            args.extend(["--account", person]);
        }
        let description = serde_json::from_slice(&xtask(&args)).unwrap();
        Self { description, newcomers: AtomicU32::new(0) }
    }

    fn text(&self, pointer: &str) -> &str {
        self.description.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    pub fn port(&self, service: &str) -> u16 {
        let port = self.description.pointer(&format!("/ports/{service}")).and_then(Value::as_u64).unwrap();
        port.try_into().unwrap()
    }

    pub fn run(&self, verb: &str) {
        xtask(&["mail", verb, "imap", "--dir", self.text("/dir")]);
    }

    /// A person whose mailbox nobody has used before.
    pub fn newcomer(&self) -> Person<'_> {
        let number = self.newcomers.fetch_add(1, Ordering::Relaxed);
        assert!(number < PEOPLE, "more mailboxes are needed");
        Person { server: self, name: format!("person-{number}") }
    }

    /// The CA's certificate, DER.
    pub fn ca(&self) -> Vec<u8> {
        use base64::Engine as _;
        let pem = fs::read_to_string(self.text("/ca")).unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        base64::engine::general_purpose::STANDARD.decode(base64).unwrap()
    }

    /// Delivers a mail at once, as the last server on its way would (LMTP, RFC 2033).
    pub fn deliver(&self, to: &str, mail: &str) {
        let stream = TcpStream::connect(("127.0.0.1", self.port("dovecot_lmtp"))).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut replies = BufReader::new(stream.try_clone().unwrap());
        let mut expect = |code: &str| {
            let mut line = String::new();
            loop {
                line.clear();
                replies.read_line(&mut line).unwrap();
                if line.as_bytes().get(3) != Some(&b'-') {
                    break;
                }
            }
            assert!(line.starts_with(code), "expected {code}: {line}");
        };
        let say = |text: &str| (&stream).write_all(text.as_bytes()).unwrap();
        expect("220");
        say("LHLO test.example.test\r\n");
        expect("250");
        say("MAIL FROM:<carol@example.test>\r\n");
        expect("250");
        say(&format!("RCPT TO:<{to}>\r\n"));
        expect("250");
        say("DATA\r\n");
        expect("354");
        say(&format!("{mail}\r\n.\r\n"));
        expect("250");
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn xtask(args: &[&str]) -> Vec<u8> {
    let built = workspace().join("target/debug/xtask");
    let mut command = if built.exists() { Command::new(built) } else { Command::new(env!("CARGO")) };
    if !workspace().join("target/debug/xtask").exists() {
        command.args(["run", "--quiet", "--package", "xtask", "--"]);
    }
    let output = command.args(args).current_dir(workspace()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Somebody with a mailbox.
pub struct Person<'a> {
    pub server: &'a Server,
    name: String,
}

impl Person<'_> {
    pub fn address(&self) -> String {
        format!("{}@example.test", self.name)
    }

    pub fn account(&self) -> MailAccount {
        let endpoint = |service| Endpoint {
            host: "127.0.0.1".into(),
            port: self.server.port(service),
            security: Security::Tls,
        };
        MailAccount {
            id: AccountId(1),
            address: self.address().parse().unwrap(),
            login: Redacted::new(self.address()),
            password: Redacted::new("secret".into()),
            imap: endpoint("imaps"),
            smtp: endpoint("submissions"),
            trust: Trust { extra_roots_der: vec![self.server.ca()], pinned_sha256: Vec::new() },
        }
    }

    pub fn device(&self) -> Device {
        Device::new(self.account(), options())
    }

    /// A mail reaches the person's INBOX.
    pub fn gets(&self, mail: &str) {
        self.server.deliver(&self.address(), mail);
    }

    /// A mail reaches the person's Junk (the address detail names the mailbox).
    pub fn gets_as_junk(&self, mail: &str) {
        self.server.deliver(&format!("{}+Junk@example.test", self.name), mail);
    }

    /// A second pair of eyes: an IMAP client of another make.
    pub fn other_client(&self) -> OtherClient {
        OtherClient::new(self)
    }
}

/// Timings for a test: quick to retry, in no hurry otherwise.
pub fn timings() -> Timings {
    Timings {
        backoff: Duration::from_millis(50),
        backoff_max: Duration::from_millis(200),
        patience: Duration::from_secs(5),
        ..Timings::default()
    }
}

pub fn options() -> WatchOptions {
    WatchOptions { timings: timings(), ..WatchOptions::default() }
}

/// Speaks IMAP by hand to see what really is in a mailbox.
pub struct OtherClient {
    stream: BufReader<rustls::StreamOwned<rustls::ClientConnection, TcpStream>>,
    count: u32,
}

impl OtherClient {
    fn new(person: &Person<'_>) -> Self {
        let account = person.account();
        let tls = mail::tls::client_config(&account.trust).unwrap();
        let tcp = TcpStream::connect(("127.0.0.1", account.imap.port)).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        let name = "127.0.0.1".try_into().unwrap();
        let connection = rustls::ClientConnection::new(tls, name).unwrap();
        let mut client = Self { stream: BufReader::new(rustls::StreamOwned::new(connection, tcp)), count: 0 };
        client.line();
        client.does(&format!("LOGIN {} secret", person.address()));
        client
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    /// Runs a command and returns its untagged responses.
    pub fn does(&mut self, command: &str) -> String {
        self.count += 1;
        let tag = format!("t{}", self.count);
        self.stream.get_mut().write_all(format!("{tag} {command}\r\n").as_bytes()).unwrap();
        let mut responses = String::new();
        loop {
            let line = self.line();
            if let Some(result) = line.strip_prefix(&tag) {
                assert!(result.starts_with(" OK"), "{command}: {result}");
                return responses;
            }
            responses.push_str(&line);
        }
    }

    /// Stays in IDLE and hands over each line for as long as `each` wants more.
    pub fn idles(&mut self, mut each: impl FnMut(&str) -> bool) {
        self.stream.get_mut().sock.set_read_timeout(None).unwrap();
        self.stream.get_mut().write_all(b"idle IDLE\r\n").unwrap();
        loop {
            let line = self.line();
            if !each(&line) {
                return;
            }
        }
    }

    /// Puts a message into a mailbox with this INTERNALDATE.
    pub fn appends(&mut self, mailbox: &str, date: &str, message: &str) {
        // A non-synchronizing literal (RFC 7888): no round trip before it.
        self.does(&format!("APPEND {mailbox} \"{date}\" {{{}+}}\r\n{message}", message.len()));
    }

    /// How many messages a mailbox has.
    pub fn count(&mut self, mailbox: &str) -> usize {
        let status = self.does(&format!("STATUS {mailbox} (MESSAGES)"));
        let digits = status.rsplit_once("MESSAGES ").unwrap().1;
        digits.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    }

    /// Asks again and again until a mailbox has so many messages.
    pub fn count_becomes(&mut self, mailbox: &str, wanted: usize) {
        let until = Instant::now() + PATIENCE;
        loop {
            let count = self.count(mailbox);
            if count == wanted {
                return;
            }
            assert!(Instant::now() < until, "{mailbox} has {count} messages, not {wanted}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A mail that bears our mark; `word` tells it apart.
pub fn signal(word: &str) -> String {
    format!(
        "From: <carol@example.test>\r\nMessage-ID: <mailcall.{word}@example.test>\r\n\
         Mailcall: 1\r\nSubject: Carol is calling you\r\n\r\n{word}"
    )
}

/// A mail like any other.
pub fn letter(word: &str) -> String {
    format!(
        "From: <carol@example.test>\r\nMessage-ID: <{word}@example.test>\r\nSubject: {word}\r\n\r\n{word}"
    )
}
