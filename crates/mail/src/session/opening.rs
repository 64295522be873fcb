//! What is said before the sign-in.

use crate::{MailError, stream::Wire};

/// Reads the server's first line (RFC 3501, section 7.1).
pub(super) fn greeting(wire: &mut Wire) -> Result<(), MailError> {
    let line = String::from_utf8_lossy(&wire.read_line()?).trim_end().to_owned();
    let upper = line.to_ascii_uppercase();
    if upper.starts_with("* OK") {
        Ok(())
    } else if upper.starts_with("* BYE") {
        Err(MailError::Temporary {
            code: 0,
            words: line.get(5..).unwrap_or_default().trim().to_owned().into(),
        })
    } else if upper.starts_with("* PREAUTH") {
        Err(MailError::Insecure { reason: "it takes everyone for signed in" })
    } else {
        Err(MailError::protocol("no IMAP server answers here"))
    }
}

/// Asks for TLS (RFC 3501, section 6.2.1); after this the server expects the handshake.
pub(super) fn ask_for_tls(wire: &mut Wire) -> Result<(), MailError> {
    wire.send(b"tls STARTTLS\r\n")?;
    loop {
        let line = wire.read_line()?.to_ascii_uppercase();
        if line.starts_with(b"TLS OK") {
            return Ok(());
        }
        if line.starts_with(b"TLS ") {
            return Err(MailError::Insecure { reason: "it does not do STARTTLS" });
        }
    }
}
