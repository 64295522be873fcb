//! Mail out: one kept connection to the account's SMTP server.

pub(crate) mod hello;

use std::{
    error::Error as _,
    future::Future,
    sync::{Arc, PoisonError, Weak},
    time::{Duration, Instant},
};

use call::Address;
use lettre::transport::smtp::{
    Error as SmtpError,
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
    commands::{Noop, Quit},
    extension::ClientId,
    response::{Response, Severity},
};
use rustls::ClientConfig;
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use self::hello::Capabilities;
use crate::{MailAccount, MailError, address, tls};

/// How long a [`Sender`] waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, protected and greeted.
    pub connect: Duration,
    /// For the reply to a command.
    pub command: Duration,
    /// For the reply to the whole message; servers look for spam meanwhile.
    pub message: Duration,
    /// After this long without use, or a [`Sender::distrust`], a connection is doubted: it has to answer within
    /// `check`.
    pub fresh: Duration,
    /// For a sign of life of a doubted connection.
    pub check: Duration,
    /// A connection without use is closed after this long.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            command: Duration::from_secs(20),
            message: Duration::from_secs(60),
            fresh: Duration::from_secs(15),
            check: Duration::from_secs(3),
            idle: Duration::from_secs(60),
        }
    }
}

/// Sends the mails of one account, one after the other, over one connection that it keeps warm for a while.
///
/// Cloning gives another handle to the same connection. A future that is dropped closes the connection it used.
#[derive(Clone)]
pub struct Sender(Arc<Inner>);

struct Inner {
    account: MailAccount,
    tls: Arc<ClientConfig>,
    limits: Limits,
    kept: Mutex<Option<Live>>,
    /// A connection that was not used since is doubted.
    distrusted: std::sync::Mutex<Instant>,
}

impl Inner {
    fn doubts(&self, live: &Live) -> bool {
        let distrusted = *self.distrusted.lock().unwrap_or_else(PoisonError::into_inner);
        live.last_used <= distrusted || live.last_used.elapsed() >= self.limits.fresh
    }
}

struct Live {
    connection: AsyncSmtpConnection,
    capabilities: Capabilities,
    last_used: Instant,
}

impl Sender {
    /// Does not connect yet.
    ///
    /// # Errors
    /// If the account's further root certificates cannot be used.
    pub fn new(account: MailAccount) -> Result<Self, MailError> {
        Self::with_limits(account, Limits::default())
    }

    /// As [`Sender::new`], with other time-outs.
    ///
    /// # Errors
    /// As [`Sender::new`].
    pub fn with_limits(account: MailAccount, limits: Limits) -> Result<Self, MailError> {
        let tls = tls::client_config(&account.trust)?;
        let distrusted = std::sync::Mutex::new(Instant::now());
        Ok(Self(Arc::new(Inner { account, tls, limits, kept: Mutex::new(None), distrusted })))
    }

    /// The network is another one, or the device slept: the kept connection, however fresh, may lead nowhere.
    pub fn distrust(&self) {
        *self.0.distrusted.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Connects and logs in, so that the next mail need not wait for that. Does nothing if a connection is
    /// there and alive.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn warm(&self) -> Result<(), MailError> {
        let mut kept = self.0.kept.lock().await;
        if let Some(mut live) = kept.take() {
            let doubted = self.0.doubts(&live);
            if !doubted || within(self.0.limits.check, DONE, live.connection.command(Noop)).await.is_ok() {
                live.last_used = if doubted { Instant::now() } else { live.last_used };
                *kept = Some(live);
                return Ok(());
            }
        }
        *kept = Some(self.open().await?);
        Ok(())
    }

    /// Hands a mail to the server; `Ok` is its 250. A kept connection that turns out dead is replaced once.
    ///
    /// After [`MailError::is_temporary`] the same mail may be sent again; the server may then have it twice.
    ///
    /// # Errors
    /// [`MailError::Refused`] and [`MailError::Temporary`] in the server's words, [`MailError::Unsupported`] if
    /// an address needs SMTPUTF8 and the server lacks it, and all that connecting may give.
    pub async fn send(&self, to: &Address, message: &[u8]) -> Result<(), MailError> {
        let begun = Instant::now();
        let mut kept = self.0.kept.lock().await;
        let warm = kept.is_some();
        if let Some(mut live) = kept.take() {
            match self.transfer(&mut live, to, message).await {
                Ok(()) => {
                    *kept = Some(live);
                    self.log_taken(begun, warm);
                    return Ok(());
                }
                Err(Trouble::Stale(error)) => tracing::debug!(%error, "the kept connection was dead"),
                Err(Trouble::Mail(error)) => return Err(error),
            }
        }
        let mut live = self.open().await?;
        self.transfer(&mut live, to, message).await.map_err(Trouble::into_inner)?;
        *kept = Some(live);
        self.log_taken(begun, warm);
        Ok(())
    }

    fn log_taken(&self, begun: Instant, warm: bool) {
        let account = self.0.account.id.0;
        tracing::debug!(account, ms = begun.elapsed().as_millis(), warm, "the server took a mail");
    }

    async fn open(&self) -> Result<Live, MailError> {
        let Inner { account, tls, limits, .. } = &*self.0;
        let begun = Instant::now();
        let opening = async {
            let (wire, capabilities) = hello::open(&account.smtp, tls).await?;
            let wire = Box::new(wire.retell(capabilities.as_opening()));
            let name = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
            let connection =
                AsyncSmtpConnection::connect_with_transport(wire, &name).await.map_err(explain)?;
            Ok((connection, capabilities))
        };
        let (mut connection, capabilities) = timed(limits.connect, opening).await?;
        if !capabilities.takes_passwords() {
            return Err(MailError::Unsupported { what: "signing in with a password (AUTH PLAIN or LOGIN)" });
        }
        let credentials = Credentials::new(account.login.reveal().clone(), account.password.reveal().clone());
        let login = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
        within(limits.command, DONE, login).await.map_err(|error| match error {
            // 503 and 504: out of order, or not this mechanism; not the password's fault.
            MailError::Refused { code, words } if !matches!(code, 503 | 504) => {
                MailError::WrongPassword { words }
            }
            other => other,
        })?;
        tracing::debug!(ms = begun.elapsed().as_millis(), "connected to the SMTP server");
        tokio::spawn(close_when_idle(Arc::downgrade(&self.0), limits.idle));
        Ok(Live { connection, capabilities, last_used: Instant::now() })
    }

    /// The mail itself: two round trips where the server allows several commands at once, else four.
    async fn transfer(&self, live: &mut Live, to: &Address, message: &[u8]) -> Result<(), Trouble> {
        let limits = &self.0.limits;
        let patience = if self.0.doubts(live) { limits.check } else { limits.command };
        let [mail, rcpt, data] = self.envelope(&live.capabilities, to, message).map_err(Trouble::Mail)?;
        let connection = &mut live.connection;
        if live.capabilities.pipelining {
            let all = connection.command(format!("{mail}{rcpt}{data}"));
            within(patience, DONE, all).await.map_err(Trouble::of_first_reply)?;
            within(limits.command, DONE, connection.read_response())
                .await
                .map_err(Trouble::of_later_reply)?;
            within(limits.command, GO_ON, connection.read_response())
                .await
                .map_err(Trouble::of_later_reply)?;
        } else {
            within(patience, DONE, connection.command(mail)).await.map_err(Trouble::of_first_reply)?;
            within(limits.command, DONE, connection.command(rcpt)).await.map_err(Trouble::of_later_reply)?;
            within(limits.command, GO_ON, connection.command(data)).await.map_err(Trouble::of_later_reply)?;
        }
        // The end-of-message mark brings its own line break.
        let message = message.strip_suffix(b"\r\n").unwrap_or(message);
        within(limits.message, DONE, connection.message(message)).await.map_err(Trouble::of_later_reply)?;
        live.last_used = Instant::now();
        Ok(())
    }

    fn envelope(
        &self,
        server: &Capabilities,
        to: &Address,
        message: &[u8],
    ) -> Result<[String; 3], MailError> {
        let from = address::to_wire(&self.0.account.address);
        let to = address::to_wire(to);
        let mut options = String::new();
        if !(from.is_ascii() && to.is_ascii()) {
            if !server.smtp_utf8 {
                return Err(MailError::Unsupported { what: "addresses with these letters (SMTPUTF8)" });
            }
            options.push_str(" SMTPUTF8");
        }
        if !message.is_ascii() && server.eight_bit {
            options.push_str(" BODY=8BITMIME");
        }
        Ok([format!("MAIL FROM:<{from}>{options}\r\n"), format!("RCPT TO:<{to}>\r\n"), "DATA\r\n".to_owned()])
    }
}

/// A mail was not taken.
enum Trouble {
    /// The connection had died while nobody used it; another one may do.
    Stale(MailError),
    /// Anything else.
    Mail(MailError),
}

impl Trouble {
    /// Before the first reply nothing was said about the mail: whatever is not a word on it is a dead connection.
    fn of_first_reply(error: MailError) -> Self {
        match error {
            MailError::Refused { .. } => Self::Mail(error),
            MailError::Temporary { code, .. } if code != 421 => Self::Mail(error),
            _ => Self::Stale(error),
        }
    }

    /// Later, only a connection that is closed is worth another one at once; silence is the server's problem.
    fn of_later_reply(error: MailError) -> Self {
        match error {
            MailError::Unreachable { .. } => Self::Stale(error),
            _ => Self::Mail(error),
        }
    }

    fn into_inner(self) -> MailError {
        match self {
            Self::Stale(error) | Self::Mail(error) => error,
        }
    }
}

/// Ends when no connection is kept any more, or with the sender.
async fn close_when_idle(sender: Weak<Inner>, idle: Duration) {
    let mut left = idle;
    loop {
        sleep(left).await;
        let Some(inner) = sender.upgrade() else { return };
        let mut kept = inner.kept.lock().await;
        let Some(live) = kept.as_ref() else { return };
        left = idle.saturating_sub(live.last_used.elapsed());
        if left.is_zero()
            && let Some(mut live) = kept.take()
        {
            drop(kept);
            let _ = within(inner.limits.check, DONE, live.connection.command(Quit)).await;
            return;
        }
    }
}

/// 2xx.
const DONE: Severity = Severity::PositiveCompletion;
/// 3xx.
const GO_ON: Severity = Severity::PositiveIntermediate;

/// A reply of the wanted kind in time. lettre takes 2xx and 3xx alike for a success.
async fn within(
    limit: Duration,
    wanted: Severity,
    reply: impl Future<Output = Result<Response, SmtpError>>,
) -> Result<(), MailError> {
    let code = timed(limit, async { reply.await.map_err(explain) }).await?.code();
    if code.severity == wanted { Ok(()) } else { Err(hello::refusal(code.into(), "")) }
}

async fn timed<T>(limit: Duration, work: impl Future<Output = Result<T, MailError>>) -> Result<T, MailError> {
    timeout(limit, work).await.unwrap_or(Err(MailError::TimedOut { after: limit }))
}

fn explain(error: SmtpError) -> MailError {
    if let Some(code) = error.status() {
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        return hello::refusal(code.into(), &words);
    }
    if let Some(certificate) = tls::certificate_error(&error) {
        return certificate;
    }
    match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(io) if io.kind() == std::io::ErrorKind::InvalidData => MailError::protocol(io.to_string()),
        Some(io) => MailError::Unreachable { cause: io.to_string() },
        None => MailError::protocol("not an SMTP reply"),
    }
}
