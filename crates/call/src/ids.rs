use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::text;

/// An id is not the 32 hex digits it should be.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an id is 32 lower-case hexadecimal digits")]
pub struct BadId;

macro_rules! id128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(u128);

        impl $name {
            /// The id with this value; fresh ids come from an [`IdSource`].
            pub const fn new(value: u128) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:08x})", stringify!($name), self.0 >> 96)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                if text.len() != 32 || !text.bytes().all(hex) {
                    return Err(BadId);
                }
                u128::from_str_radix(text, 16).map(Self).map_err(|_| BadId)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
    };
}

id128! {
    /// One attempt of one person to reach another. The order of call ids decides a glare: the smaller survives.
    CallId
}
id128! {
    /// One installation signed in to an account.
    DeviceId
}
id128! {
    /// One RTCPeerConnection to one peer device.
    LinkId
}
id128! {
    /// One message in the outbox; its Message-ID is made from it, so that a retry is the same message.
    MailId
}
id128! {
    /// One running instance of the web UI, or a program that speaks for one.
    PageId
}

id128! {
    /// Participants who are connected with each other; states who founded it.
    ConferenceId
}
id128! {
    /// One device in one conference; states the key by which the others know it.
    ParticipantId
}

/// One account on this device; a small number given by the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AccountId(pub u32);

/// Where fresh ids come from: the operating system in `app`, a counter or a seeded generator in tests.
pub trait IdSource {
    /// 128 bits that were never returned before.
    fn fresh(&mut self) -> u128;
}

/// A moment on the device's monotonic clock: milliseconds since an origin that the caller keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Time(pub u64);

impl std::ops::Add<Duration> for Time {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Time {
    /// How long after `earlier` this is; zero if it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The text is not an e-mail address that Mailcall can call.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("this is not an e-mail address")]
pub struct BadAddress;

/// An e-mail address (RFC 5321 mailbox with the UTF-8 extension of RFC 6531), in the form in which two
/// spellings of one mailbox are equal: trimmed and lower-case. At most 254 bytes, no quoting, no comments.
///
/// `Debug` hides it: addresses do not belong in logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[serde(into = "String", try_from = "String")]
pub struct Address(String);

impl Address {
    /// The whole address, `local@domain`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let address = text.trim().to_lowercase();
        let (local, domain) = address.rsplit_once('@').ok_or(BadAddress)?;
        // What cannot be seen would make another person of the same address.
        let bad = |c: char| {
            c.is_whitespace()
                || text::deceives(c)
                || matches!(c, '\u{200c}' | '\u{200d}')
                || "<>()[],;:\\\"@".contains(c)
        };
        let label = |l: &str| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-');
        if local.is_empty()
            || address.len() > 254
            || local.contains(bad)
            || domain.contains(bad)
            || !domain.split('.').all(label)
        {
            return Err(BadAddress);
        }
        Ok(Self(address))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(‹redacted›)")
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}
