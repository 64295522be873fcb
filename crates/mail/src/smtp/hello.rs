use std::{fmt::Write as _, sync::Arc};

use call::Redacted;
use rustls::ClientConfig;

use crate::{Endpoint, MailError, Security, wire::Wire};

/// What we call ourselves. Not the host's name or address: they are nobody's business, and servers accept this.
pub(super) const NAME: &str = "[127.0.0.1]";

/// What a server says it can do (RFC 5321, EHLO).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities {
    pub(crate) start_tls: bool,
    pub(crate) pipelining: bool,
    pub(crate) smtp_utf8: bool,
    pub(crate) eight_bit: bool,
    /// The AUTH mechanisms, in upper case.
    pub(crate) auth: Vec<String>,
}

impl Capabilities {
    fn read(reply: &str) -> Self {
        let mut found = Self::default();
        for line in reply.lines().skip(1) {
            let line = line.get(4..).unwrap_or_default().to_ascii_uppercase();
            // "AUTH=" was Microsoft's spelling; some servers still give both.
            let mut words = line.split([' ', '=', '\t']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => found.start_tls = true,
                Some("PIPELINING") => found.pipelining = true,
                Some("SMTPUTF8") => found.smtp_utf8 = true,
                Some("8BITMIME") => found.eight_bit = true,
                Some("AUTH") => found.auth.extend(words.take(16).map(str::to_owned)),
                _ => {}
            }
        }
        found
    }

    pub(crate) fn takes_passwords(&self) -> bool {
        self.auth.iter().any(|mechanism| mechanism == "PLAIN" || mechanism == "LOGIN")
    }

    /// The opening as lettre wants to hear it: it knows extensions in upper case only and panics at a blank
    /// line, so it gets none of the server's own lines.
    pub(super) fn as_opening(&self) -> Vec<u8> {
        let mut opening = String::from("220 ready\r\n250-server\r\n");
        for mechanism in ["PLAIN", "LOGIN"] {
            if self.auth.iter().any(|offered| offered == mechanism) {
                let _ = write!(opening, "250-AUTH {mechanism}\r\n");
            }
        }
        opening.push_str("250 8BITMIME\r\n");
        opening.into_bytes()
    }
}

/// Connects, protects the connection as the endpoint wants it, and greets the server.
///
/// # Errors
/// [`MailError::Insecure`] if STARTTLS is wanted and not offered, or was tampered with.
pub(crate) async fn open(
    endpoint: &Endpoint,
    tls: &Arc<ClientConfig>,
) -> Result<(Wire, Capabilities), MailError> {
    let mut wire = Wire::connect(&endpoint.host, endpoint.port).await?;
    if endpoint.security == Security::Tls {
        wire = wire.protect(&endpoint.host, tls.clone()).await?;
    }
    expect(&mut wire, 220).await?;
    let mut capabilities = ehlo(&mut wire).await?;
    if endpoint.security == Security::StartTls {
        if !capabilities.start_tls {
            return Err(MailError::Insecure { reason: "it does not offer STARTTLS" });
        }
        wire.say("STARTTLS\r\n").await?;
        let reply = expect(&mut wire, 220).await?;
        if reply.lines().count() > 1 {
            return Err(MailError::Insecure { reason: "something was put behind its answer to STARTTLS" });
        }
        wire = wire.protect(&endpoint.host, tls.clone()).await?;
        // What was said without protection does not count.
        capabilities = ehlo(&mut wire).await?;
    }
    Ok((wire, capabilities))
}

async fn ehlo(wire: &mut Wire) -> Result<Capabilities, MailError> {
    wire.say(&format!("EHLO {NAME}\r\n")).await?;
    Ok(Capabilities::read(&expect(wire, 250).await?))
}

async fn expect(wire: &mut Wire, wanted: u16) -> Result<String, MailError> {
    let reply = wire.hear(is_complete).await?;
    let code = code(&reply).ok_or_else(|| MailError::protocol("not an SMTP reply"))?;
    if code == wanted { Ok(reply) } else { Err(refusal(code, &reply_words(&reply))) }
}

/// The error that a negative reply is.
pub(super) fn refusal(code: u16, words: &str) -> MailError {
    let words = Redacted::new(words.to_owned());
    match code {
        400..=499 => MailError::Temporary { code, words },
        500..=599 => MailError::Refused { code, words },
        _ => MailError::protocol(format!("unexpected reply {code}")),
    }
}

/// Whether the last line is the reply's last: a space or nothing after the code. A line that is no reply line
/// at all is complete, too; there is nothing to wait for.
fn is_complete(reply: &str) -> bool {
    reply.lines().any(|line| code(line).is_none() || line.as_bytes().get(3) != Some(&b'-'))
}

fn code(line: &str) -> Option<u16> {
    let digits = line.get(..3)?;
    let separated = matches!(line.as_bytes().get(3), None | Some(b' ' | b'-' | b'\r' | b'\n'));
    (separated && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn reply_words(reply: &str) -> String {
    reply.lines().filter_map(|line| line.get(4..)).map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_in_any_spelling() {
        let found = Capabilities::read(
            "250-mx greets you\r\n250-auth=login plain\r\n250-   \r\n250-\r\n250 StartTLS\r\n",
        );
        assert!(found.start_tls && found.takes_passwords() && !found.pipelining);
        assert_eq!(found.auth, ["LOGIN", "PLAIN"]);
        assert_eq!(Capabilities::read("250 AUTH PLAIN\r\n"), Capabilities::default());
    }

    #[test]
    fn a_reply_ends_with_its_last_line() {
        assert!(is_complete("250 ok\r\n"));
        assert!(is_complete("250\r\n"));
        assert!(is_complete("250-a\r\n250 b\r\n"));
        assert!(!is_complete("250-a\r\n250-b\r\n"));
        assert!(is_complete("* OK IMAP\r\n"));
        assert_eq!(code("* OK IMAP"), None);
        assert_eq!(code("2500"), None);
    }
}
