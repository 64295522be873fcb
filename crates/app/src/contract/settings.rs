//! What the user chooses: servers, places for secrets, settings.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where password and private key are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// The key store of the operating system.
    KeyStore,
    /// A file that only this user can read.
    File,
}

/// The two servers of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct Servers {
    /// Receives.
    pub imap: Server,
    /// Sends.
    pub smtp: Server,
    /// The login name; absent: the address.
    pub login: Option<String>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct Server {
    /// Name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: ServerSecurity,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ServerSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS; refused without.
    StartTls,
    /// Not at all; only when the user typed it in.
    Plain,
}

/// What the user can set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(default)]
pub struct Settings {
    /// What this device is called ("laptop"), shown to the caller while it rings.
    pub device_name: String,
    /// "Hide my address until I answer."
    pub hide_until_answer: bool,
    /// How long an invitation rings, 5 to 120 s.
    pub ring_seconds: u32,
    /// STUN servers, as URLs; may be empty.
    pub stun: Vec<String>,
    /// TURN servers.
    pub turn: Vec<TurnServer>,
    /// Use only TURN servers: the other side never sees this device's network address.
    pub relay_only: bool,
    /// Move invitations to a `Mailcall` folder instead of leaving them in the INBOX.
    pub file_invitations: bool,
}

/// One TURN server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct TurnServer {
    /// `turn:` or `turns:` URL.
    pub url: String,
    /// User name.
    pub username: String,
    /// Password.
    pub credential: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            device_name: String::new(),
            hide_until_answer: false,
            ring_seconds: 60,
            stun: Vec::new(),
            turn: Vec::new(),
            relay_only: false,
            file_invitations: false,
        }
    }
}
