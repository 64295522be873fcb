//! An SMTP server that says what a test wants it to say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use mail::{Endpoint, MailAccount, Security, Trust, smtp::Limits};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server does when it has heard something.
pub enum Does {
    /// Says this.
    Say(String),
    /// Says these bytes.
    Bytes(Vec<u8>),
    /// Says this and closes the connection.
    SayAndClose(String),
    /// Says this again and again for as long as anybody listens.
    SayForever(&'static str),
    /// Says nothing.
    Nothing,
}

impl From<&str> for Does {
    fn from(line: &str) -> Self {
        Self::Say(format!("{line}\r\n"))
    }
}

/// What a well-behaved server says: to the connection (""), to each command, and to a whole message (".").
pub fn polite(line: &str) -> Does {
    let verb = line.split([' ', ':']).next().unwrap().to_ascii_uppercase();
    match verb.as_str() {
        "" => "220 mx.example.test".into(),
        "EHLO" => "250-mx.example.test\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".into(),
        "AUTH" => "235 2.7.0 welcome".into(),
        "MAIL" | "RCPT" | "NOOP" | "." => "250 2.0.0 ok".into(),
        "DATA" => "354 go on".into(),
        "QUIT" => Does::SayAndClose("221 bye\r\n".into()),
        _ => "502 what?".into(),
    }
}

/// The server, what it heard, and how often it was called.
pub struct Server {
    pub endpoint: Endpoint,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `answer` gets the number of the connection, from 1, and what was heard.
    pub async fn start(answer: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, count, answer) = (heard.clone(), connections.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let n = count.fetch_add(1, Ordering::SeqCst) + 1;
                let (log, answer) = (log.clone(), answer.clone());
                tokio::spawn(async move { serve(stream, log, |line: &str| answer(n, line)).await });
            }
        });
        let endpoint = Endpoint { host: "127.0.0.1".into(), port, security: Security::Plain };
        Self { endpoint, heard, connections, task }
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Alice's account on this server.
    pub fn account(&self) -> MailAccount {
        MailAccount {
            id: call::AccountId(1),
            address: "alice@example.test".parse().unwrap(),
            login: "alice-login".to_owned().into(),
            password: "alice-secret".to_owned().into(),
            imap: self.endpoint.clone(),
            smtp: self.endpoint.clone(),
            trust: Trust::default(),
        }
    }
}

/// Time-outs short enough for tests that wait for them.
pub fn impatient() -> Limits {
    let short = std::time::Duration::from_millis(150);
    Limits { connect: short, command: short, message: short, check: short, ..Limits::default() }
}

async fn serve(stream: TcpStream, heard: Arc<Mutex<Vec<String>>>, answer: impl Fn(&str) -> Does) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        let does = answer(&line);
        let (say, close) = match does {
            Does::Say(text) => (text.into_bytes(), false),
            Does::Bytes(bytes) => (bytes, false),
            Does::SayAndClose(text) => (text.into_bytes(), true),
            Does::Nothing => (Vec::new(), false),
            Does::SayForever(text) => {
                let block = text.repeat(1000);
                while stream.get_mut().write_all(block.as_bytes()).await.is_ok() {}
                return;
            }
        };
        if stream.get_mut().write_all(&say).await.is_err() || close {
            return;
        }
        let message_follows = say.starts_with(b"354") || say.windows(5).any(|w| w == b"\n354 ");
        line.clear();
        if message_follows {
            let mut message = String::new();
            while !message.ends_with("\r\n.\r\n") {
                if !matches!(stream.read_line(&mut message).await, Ok(1..)) {
                    return;
                }
            }
            heard.lock().unwrap().push(message);
            line.push('.');
        } else {
            if !matches!(stream.read_line(&mut line).await, Ok(1..)) {
                return;
            }
            line.truncate(line.trim_end().len());
            heard.lock().unwrap().push(line.clone());
        }
    }
}
