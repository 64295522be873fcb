use std::fmt;

use call::{AccountId, Address, Redacted};
use serde::{Deserialize, Serialize};

/// One mailbox of the user, with all that is needed to read and to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAccount {
    /// Its number in the store.
    pub id: AccountId,
    /// The address people call.
    pub address: Address,
    /// The login name; often, but not always, the address.
    pub login: Redacted<String>,
    /// The password or app password.
    pub password: Redacted<String>,
    /// Where mail comes in.
    pub imap: Endpoint,
    /// Where mail goes out.
    pub smtp: Endpoint,
    /// What is trusted beyond the system's certificate authorities.
    pub trust: Trust,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// Name or IP address; the certificate is checked against it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
}

impl Endpoint {
    /// A server that speaks TLS from the first byte.
    pub fn tls(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, security: Security::Tls }
    }

    /// A server that is asked to switch to TLS before anything else is said.
    pub fn start_tls(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, security: Security::StartTls }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS, refused if the server does not offer it.
    StartTls,
    /// None. Only where the user typed it in.
    Plain,
}

/// Which certificates an account trusts beyond the system's authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Further root certificates, DER.
    #[serde(default)]
    pub extra_roots_der: Vec<Vec<u8>>,
    /// SHA-256 of the very certificates (DER) that the user accepted, whoever issued them.
    #[serde(default)]
    pub pinned_sha256: Vec<[u8; 32]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_in_a_log_tells_nothing_about_its_owner() {
        let account = MailAccount {
            id: AccountId(1),
            address: "alice@example.test".parse().unwrap(),
            login: "alice".to_owned().into(),
            password: "secret".to_owned().into(),
            imap: Endpoint::tls("imap.example.test", 993),
            smtp: Endpoint::start_tls("smtp.example.test", 587),
            trust: Trust::default(),
        };
        let logged = format!("{account:?}");
        assert!(!logged.contains("alice") && !logged.contains("secret"), "{logged}");
    }

    #[test]
    fn what_the_store_keeps_comes_back() {
        let endpoint = Endpoint::start_tls("smtp.example.test", 587);
        let kept = serde_json::to_string(&endpoint).unwrap();
        assert_eq!(kept, r#"{"host":"smtp.example.test","port":587,"security":"start_tls"}"#);
        assert_eq!(serde_json::from_str::<Endpoint>(&kept).unwrap(), endpoint);
        let trust = Trust { extra_roots_der: vec![vec![1, 2]], pinned_sha256: vec![[7; 32]] };
        let kept = serde_json::to_string(&trust).unwrap();
        assert_eq!(serde_json::from_str::<Trust>(&kept).unwrap(), trust);
        assert_eq!(serde_json::from_str::<Trust>("{}").unwrap(), Trust::default());
    }

    #[test]
    fn an_address_of_numbers_is_written_with_brackets() {
        assert_eq!(Endpoint::tls("::1", 993).to_string(), "[::1]:993");
        assert_eq!(Endpoint::tls("imap.example.test", 993).to_string(), "imap.example.test:993");
    }
}
