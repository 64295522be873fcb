//! A real mail server, people who have mailboxes there, and their devices.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    env, fs,
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
use mail::{
    Endpoint, MailAccount, MailEvent, MailNews, MessageRef, Position, Security, Timings, Trust, Watch,
    WatchOptions, WatchState, watch,
};
use serde_json::Value;
use tokio::sync::mpsc;

/// Nothing in these tests takes this long unless it is broken.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A Dovecot of its own (`cargo xtask mail`).
pub struct Server {
    description: Value,
}

impl Server {
    /// The one that the tests of a file share; IDLE is announced at once (`hibernate`).
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match env::var("MAILCALL_TEST_MAIL") {
            Ok(description) => Self { description: serde_json::from_str(&description).unwrap() },
            Err(_) => Self::start("shared"),
        })
    }

    /// One that a test may stop.
    pub fn start(name: &str) -> Self {
        let own = std::process::id().to_string();
        let dir = workspace().join("target/mail").join(format!("imap-{name}-{own}"));
        let output =
            xtask(&["mail", "up", "--variant", "hibernate", "--owner", &own, "--dir", dir.to_str().unwrap()]);
        Self { description: serde_json::from_slice(&output).unwrap() }
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

    /// A person who never had a mailbox here before.
    pub fn newcomer(&self, name: &str) -> Person<'_> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{name}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        xtask(&["mail", "add", &format!("{name}@example.test"), "secret", "--dir", self.text("/dir")]);
        Person { server: self, name }
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
                MailNews::State(state) => eprintln!("{state:?}"),
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
}

/// Speaks IMAP in the clear to see what really is in a mailbox.
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
