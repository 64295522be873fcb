use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::Value;

use super::workspace;

/// How many mailboxes a server has.
const PEOPLE: u32 = 128;

/// Everybody's password.
pub const PASSWORD: &str = "correct-horse-battery";

/// A Dovecot and Postfix (`cargo xtask mail`).
pub struct MailServer {
    description: Value,
    newcomers: AtomicU32,
}

impl MailServer {
    /// The one that the stories share.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<MailServer> = OnceLock::new();
        SERVER.get_or_init(|| Self::start("shared"))
    }

    /// One that a story may stop. It goes down with the process of the tests.
    ///
    /// Everybody has a mailbox from the start: Dovecot looks at its list only once a second.
    pub fn start(name: &str) -> Self {
        let own = std::process::id().to_string();
        let dir = workspace().join("target/mail").join(format!("app-{name}-{own}"));
        let mut args = vec!["mail", "up", "--owner", &own, "--dir", dir.to_str().unwrap()];
        let people: Vec<_> = (0..PEOPLE).map(|n| format!("{}={PASSWORD}", address(n))).collect();
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

    /// The certificate of its authority, PEM.
    pub fn ca(&self) -> PathBuf {
        self.text("/ca").into()
    }

    /// `stop` or `start`.
    pub fn run(&self, verb: &str) {
        xtask(&["mail", verb, "--dir", self.text("/dir")]);
    }

    /// A person whose mailbox nobody has used before.
    pub fn newcomer(&self) -> Person<'_> {
        let number = self.newcomers.fetch_add(1, Ordering::Relaxed);
        assert!(number < PEOPLE, "more mailboxes are needed");
        Person { server: self, address: address(number) }
    }

    /// Waits until so many mails have been delivered to somebody.
    pub fn has_delivered(&self, mails: usize, to: &Person<'_>) {
        let begun = std::time::Instant::now();
        while self.deliveries(to) < mails {
            assert!(begun.elapsed() < super::PATIENCE, "mails for {} are missing", to.address);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// How many mails have been delivered to somebody.
    pub fn deliveries(&self, to: &Person<'_>) -> usize {
        let log = fs::read_to_string(self.text("/logs/lmtp")).unwrap_or_default();
        let delivered = |line: &&str| {
            serde_json::from_str::<Value>(line).is_ok_and(|entry| entry["to"] == to.address.as_str())
        };
        log.lines().filter(delivered).count()
    }
}

fn address(number: u32) -> String {
    format!("quiet-heron-{number}@example.test")
}

fn xtask(args: &[&str]) -> Vec<u8> {
    let built = workspace().join("target/debug/xtask");
    let mut command = if built.exists() { Command::new(built) } else { Command::new(env!("CARGO")) };
    if command.get_program() == env!("CARGO") {
        command.args(["run", "--quiet", "--package", "xtask", "--"]);
    }
    let output = command.args(args).current_dir(workspace()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Somebody with a mailbox.
pub struct Person<'a> {
    pub server: &'a MailServer,
    pub address: String,
}
