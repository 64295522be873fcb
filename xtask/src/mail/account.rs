//! The accounts of a test mail server.

use serde_json::{Value, json};

/// The domain whose mailboxes the server holds.
pub const DOMAIN: &str = "example.test";

/// The domain that takes every mail and bounces it a moment later.
pub const BOUNCING_DOMAIN: &str = "nowhere.example.test";

/// One mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The e-mail address, which is the login name.
    pub address: String,
    /// The password, for IMAP and SMTP.
    pub password: String,
}

impl Account {
    /// An account at [`DOMAIN`]; a missing password is `MAILBOX-password`.
    pub fn new(address: &str, password: Option<&str>) -> Result<Self, String> {
        let local = address.strip_suffix(&format!("@{DOMAIN}")).unwrap_or_default();
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"@+/".contains(c);
        if local.is_empty() || local.contains(odd) {
            return Err(format!(
                "{address:?}: an account is NAME@{DOMAIN}, without + and other special characters"
            ));
        }
        let password = password.map_or_else(|| format!("{}-password", mailbox_of(local)), str::to_owned);
        if password.is_empty() || password.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
        {
            return Err("a password has no colon and no spaces".into());
        }
        Ok(Self { address: address.to_owned(), password })
    }

    /// The people of the tests.
    pub fn usual() -> Result<Vec<Self>, String> {
        let names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "jürgen"];
        names.iter().map(|name| Self::new(&format!("{name}@{DOMAIN}"), None)).collect()
    }

    /// The name of the mailbox inside Dovecot, whose LMTP takes only ASCII.
    pub fn mailbox(&self) -> String {
        mailbox_of(self.address.split('@').next().unwrap_or_default())
    }

    /// As it stands in the server's description.
    pub fn to_json(&self) -> Value {
        json!({ "address": self.address, "password": self.password, "mailbox": self.mailbox() })
    }

    /// Reads [`Account::to_json`].
    pub fn from_json(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        Some(Self { address: text("address")?, password: text("password")? })
    }
}

/// The mailbox of a local part: itself, or its bytes in hexadecimal digits where it is not ASCII.
pub fn mailbox_of(local: &str) -> String {
    if local.is_ascii() {
        return local.to_lowercase();
    }
    local.to_lowercase().bytes().fold("u-".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jürgen_has_a_mailbox_with_an_ascii_name() {
        let juergen = Account::new("jürgen@example.test", None).unwrap();
        assert_eq!(juergen.mailbox(), "u-6ac3bc7267656e");
        assert_eq!(Account::from_json(&juergen.to_json()), Some(juergen));
    }

    #[test]
    fn an_address_of_another_domain_is_no_account() {
        assert!(Account::new("alice@elsewhere.test", None).is_err());
        assert!(Account::new("alice+work@example.test", None).is_err());
    }
}
