//! `cargo xtask mail`: the test mail server, a whole Dovecot and Postfix in one folder.
//!
//! ```text
//! cargo xtask mail up [--dir D] [--variant stock|hibernate] [--delay-ms N] [--owner PID] [--account A[=P]]…
//! cargo xtask mail down | stop [imap|smtp] | start [imap|smtp] | restart [imap|smtp] | show   [--dir D]
//! cargo xtask mail add ADDRESS [PASSWORD] [--dir D]
//! ```
//!
//! `up` prints one JSON object on one line of standard output when every port answers (1–2 s), and nothing
//! else there; a server that already runs in the folder is printed as it is. The same object stands in
//! `D/server.json`. `D` is `target/mail/default` if not given; any number of servers may run, each in its own
//! folder on its own ports. With `--owner PID` the server goes down by itself when that process has ended.
//!
//! ```json
//! {"dir":"…","host":"127.0.0.1","ca":"…/ca.pem","variant":"stock","delay_ms":0,"maildirs":"…/mail",
//!  "ports":{"imap":1,"imaps":2,"submission":3,"submissions":4,"smtp":5,"lmtp":6,"dovecot_lmtp":7,"dovecot_auth":8},
//!  "accounts":[{"address":"alice@example.test","password":"alice-password","mailbox":"alice"}],
//!  "logs":{"lmtp":"…/deliveries.jsonl","dovecot":"…/dovecot.log","postfix":"…/postfix.log"},
//!  "pids":{"dovecot":1,"postfix":2,"relay":3},"owner":null}
//! ```
//!
//! - `imap` and `submission` want STARTTLS, `imaps` and `submissions` are TLS from the first byte; the server's
//!   certificate is for 127.0.0.1, localhost and mail.example.test and signed by `ca`. Both need a password.
//! - `smtp` is plain and takes mail for example.test from anybody: for raw mails of tests.
//! - A recipient unknown at example.test is refused with 550 at RCPT; one at nowhere.example.test, or of any
//!   other domain, is taken and bounces at once with a delivery status notification (RFC 3464).
//! - Mail with the header `X-Test-Junk: yes`, or to `NAME+junk@`, lands in Junk.
//! - `jürgen@example.test` is there for SMTPUTF8. Mailboxes are Maildirs in `maildirs`/`mailbox`.
//! - `logs.lmtp` has one JSON object per delivery: `unix_ms, from, to, folder, message_id, bytes, reply`;
//!   Dovecot's log says for each `rfc822_size=…`.
//!
//! The variant `hibernate` announces new mail at once, but Dovecot 2.3 loses the announcement of a mail that comes
//! in the last half second before a connection hibernates, that is 0.5 to 1 s after IDLE began (measured): use it
//! for figures, not for stories.
//!
//! A Rust test that needs a server reads the environment variable `MAILCALL_TEST_MAIL` if it is set (the
//! object itself), and otherwise runs `mail up --dir … --owner <its own pid>` with `target/debug/xtask` if that
//! exists, else with `cargo xtask` (which waits while another cargo builds).

mod account;
mod certificates;
pub mod daemon;
mod dovecot;
mod home;
mod postfix;
mod relay;
mod server;

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use self::{
    account::Account,
    relay::Relay,
    server::{Half, Server, Variant, Wish},
};

const USAGE: &str =
    "cargo xtask mail up|down|stop|start|restart|show|add [--dir D] (see xtask/src/mail/mod.rs)";

/// Runs a sub-command.
pub fn run(args: &[String]) -> Result<(), String> {
    let (verb, rest) = args.split_first().ok_or(USAGE)?;
    let request = Request::parse(rest)?;
    match verb.as_str() {
        "up" => up(request),
        "down" => match Server::load(&request.dir) {
            Ok(mut server) => {
                server.down()?;
                // Where the folder was only a link to the real one.
                if request.dir.is_symlink() {
                    std::fs::remove_file(&request.dir).map_err(|e| e.to_string())?;
                }
                Ok(())
            }
            Err(_) if !request.dir.exists() => Ok(()),
            Err(error) => Err(error),
        },
        "stop" => Server::load(&request.dir)?.stop(request.half()?),
        "start" => Server::load(&request.dir)?.start(request.half()?),
        "restart" => {
            let (mut server, half) = (Server::load(&request.dir)?, request.half()?);
            server.stop(half)?;
            server.start(half)
        }
        "show" => {
            println!("{}", Server::load(&request.dir)?.to_json());
            Ok(())
        }
        "add" => {
            let address = request.words.first().ok_or("mail add ADDRESS [PASSWORD]")?;
            let account = Account::new(address, request.words.get(1).map(String::as_str))?;
            Server::add(&request.dir, account)
        }
        "relay" => serve_relay(&request.dir),
        _ => Err(USAGE.into()),
    }
}

fn up(request: Request) -> Result<(), String> {
    if let Ok(mut server) = Server::load(&request.dir) {
        if server.is_running() {
            println!("{}", server.to_json());
            return Ok(());
        }
        server.down()?;
    }
    if request.dir.is_symlink() {
        std::fs::remove_file(&request.dir).map_err(|e| e.to_string())?;
    } else if request.dir.exists() {
        // A start that was interrupted before it had written a description.
        std::fs::remove_dir_all(&request.dir).map_err(|e| format!("{}: {e}", request.dir.display()))?;
    }
    println!("{}", Server::up(&request.dir, request.wish)?.to_json());
    Ok(())
}

fn serve_relay(dir: &Path) -> Result<(), String> {
    let server = Server::load(dir)?;
    let relay = Relay { port: server.ports.relay, upstream: server.ports.dovecot_lmtp, delay: server.delay };
    let log = server.dir.join("deliveries.jsonl");
    thread::spawn(move || {
        while !server.is_orphan() {
            thread::sleep(Duration::from_secs(1));
        }
        if let Err(error) = Server::load(&server.dir).and_then(|mut server| server.abandon()) {
            eprintln!("relay: {error}");
        }
        std::process::exit(0);
    });
    relay.serve(&log).map_err(|e| format!("relay: {e}"))
}

struct Request {
    dir: PathBuf,
    wish: Wish,
    words: Vec<String>,
}

impl Request {
    fn parse(args: &[String]) -> Result<Self, String> {
        let mut request = Self {
            dir: crate::run::root().join("target/mail/default"),
            wish: Wish { variant: Variant::Stock, delay_ms: 0, owner_pid: None, accounts: Vec::new() },
            words: Vec::new(),
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--dir" => request.dir = std::path::absolute(value()?).map_err(|e| e.to_string())?,
                "--variant" => request.wish.variant = Variant::parse(value()?)?,
                "--delay-ms" => request.wish.delay_ms = number(value()?)?,
                "--owner" => request.wish.owner_pid = Some(number(value()?)?),
                "--account" => {
                    let text = value()?;
                    let (address, password) =
                        text.split_once('=').map_or((text.as_str(), None), |(a, p)| (a, Some(p)));
                    request.wish.accounts.push(Account::new(address, password)?);
                }
                other if other.starts_with('-') => return Err(format!("{other} is no option\n{USAGE}")),
                word => request.words.push(word.to_owned()),
            }
        }
        Ok(request)
    }

    fn half(&self) -> Result<Option<Half>, String> {
        match self.words.first().map(String::as_str) {
            None => Ok(None),
            Some("imap") => Ok(Some(Half::Imap)),
            Some("smtp") => Ok(Some(Half::Smtp)),
            Some(other) => Err(format!("{other:?} is neither imap nor smtp")),
        }
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}
