use std::{io, time::Duration};

use call::Redacted;
use thiserror::Error;

/// What can go wrong between this device and a mail server, or with a mail.
///
/// The texts are fit for a log: no address, no password. What a server said may quote an address; it is kept
/// apart, in `words`, for the person ([`MailError::words`]).
#[derive(Debug, Error)]
pub enum MailError {
    /// The server does not take login and password together.
    #[error("the mail server refused the login or the password")]
    WrongPassword {
        /// The server's own words.
        words: Redacted<String>,
    },
    /// The server's certificate does not verify.
    #[error("the mail server's certificate was not accepted: {reason}")]
    Certificate {
        /// SHA-256 of the certificate (DER), which the user may pin.
        sha256: [u8; 32],
        /// What is wrong with it.
        reason: String,
    },
    /// STARTTLS was asked for and the server does not do it, or the connection could be tampered with.
    #[error("the mail server did not protect the connection: {reason}")]
    Insecure {
        /// What was missing.
        reason: &'static str,
    },
    /// No connection, or it broke.
    #[error("the mail server cannot be reached: {cause}")]
    Unreachable {
        /// The system's words.
        cause: String,
    },
    /// The server did not answer in time.
    #[error("the mail server did not answer within {} s", after.as_secs())]
    TimedOut {
        /// How long it was given.
        after: Duration,
    },
    /// The server said something that the protocol does not allow.
    #[error("the mail server does not keep to the protocol: {what}")]
    Protocol {
        /// What was wrong.
        what: String,
    },
    /// The server refused for good.
    #[error("the mail server refused (code {code})")]
    Refused {
        /// The SMTP reply code; 0 where the protocol has none.
        code: u16,
        /// The server's own words.
        words: Redacted<String>,
    },
    /// The server refused for now.
    #[error("the mail server cannot do it now (code {code})")]
    Temporary {
        /// The SMTP reply code; 0 where the protocol has none.
        code: u16,
        /// The server's own words.
        words: Redacted<String>,
    },
    /// More bytes than are ever needed.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The most that is taken.
        limit: usize,
    },
    /// A mail, or a part of it, is not what it claims to be.
    #[error("not a readable signal mail: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// The server lacks what Mailcall cannot do without.
    #[error("the mail server does not support {what}")]
    Unsupported {
        /// The extension or command.
        what: &'static str,
    },
}

impl MailError {
    /// The server broke the rules in this way.
    pub fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol { what: what.into() }
    }

    /// Whether the same thing may work later, with nothing changed by the user.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Protocol { .. }
            | Self::Temporary { .. } => true,
            Self::WrongPassword { .. }
            | Self::Certificate { .. }
            | Self::Insecure { .. }
            | Self::Refused { .. }
            | Self::TooLarge { .. }
            | Self::Malformed { .. }
            | Self::Unsupported { .. } => false,
        }
    }

    /// What to show to the person: the server's own words where it said some, else this error's text. May
    /// quote an address: not for logs.
    pub fn words(&self) -> String {
        match self {
            Self::WrongPassword { words } | Self::Refused { words, .. } | Self::Temporary { words, .. }
                if !words.reveal().trim().is_empty() =>
            {
                words.reveal().clone()
            }
            _ => self.to_string(),
        }
    }
}

impl From<io::Error> for MailError {
    fn from(error: io::Error) -> Self {
        Self::Unreachable { cause: error.to_string() }
    }
}
