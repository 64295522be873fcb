//! The LMTP hop between Postfix and Dovecot, where a test shapes and counts what is delivered.
//!
//! It holds a mail for the configured delay, sends mail that a provider would call junk to the mailbox Junk,
//! takes recipients that are not ASCII (Dovecot 2.3 does not), refuses those of other domains, and writes one line of JSON per delivery.

use std::{
    fs::File,
    io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::json;

use super::account::{DOMAIN, mailbox_of};

/// The longest mail it takes.
const MAX_MAIL: usize = 64 << 20;

/// What the relay needs to know.
pub struct Relay {
    /// Where Postfix finds it.
    pub port: u16,
    /// Where Dovecot's LMTP is.
    pub upstream: u16,
    /// How long it holds every mail.
    pub delay: Duration,
}

impl Relay {
    /// Serves until the process ends.
    pub fn serve(self, log: &Path) -> Result<()> {
        let log = Arc::new(Mutex::new(File::options().create(true).append(true).open(log)?));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let relay = Arc::new(self);
        for stream in listener.incoming() {
            let (stream, relay, log) = (stream?, Arc::clone(&relay), Arc::clone(&log));
            thread::spawn(move || {
                if let Err(error) = relay.session(&stream, &log)
                    && error.kind() != ErrorKind::ConnectionReset
                {
                    eprintln!("relay: {error}");
                }
            });
        }
        Ok(())
    }

    fn session(&self, stream: &TcpStream, log: &Mutex<File>) -> Result<()> {
        stream.set_nodelay(true)?;
        let (mut reader, mut out) = (BufReader::new(stream), stream);
        let (mut sender, mut recipients) = (String::new(), Vec::new());
        out.write_all(b"220 relay LMTP\r\n")?;
        while let Some(line) = command(&mut reader)? {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "LHLO" => {
                    out.write_all(b"250-relay\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n")?;
                }
                "MAIL" => {
                    (sender, recipients) = (path(&line)?, Vec::new());
                    out.write_all(b"250 2.1.0 Ok\r\n")?;
                }
                "RCPT" => {
                    let recipient = path(&line)?;
                    if recipient.ends_with(&format!("@{DOMAIN}")) {
                        recipients.push(recipient);
                        out.write_all(b"250 2.1.5 Ok\r\n")?;
                    } else {
                        out.write_all(b"550 5.1.1 There is no such mailbox here\r\n")?;
                    }
                }
                "DATA" => {
                    out.write_all(b"354 Go ahead\r\n")?;
                    let mail = dotted(&mut reader)?;
                    thread::sleep(self.delay);
                    for recipient in recipients.drain(..) {
                        let reply = self.deliver(&sender, &recipient, &mail, log);
                        let reply = reply.unwrap_or_else(|e| format!("451 4.3.0 Dovecot is not there: {e}"));
                        out.write_all(format!("{reply}\r\n").as_bytes())?;
                    }
                }
                "RSET" => {
                    recipients.clear();
                    out.write_all(b"250 2.0.0 Ok\r\n")?;
                }
                "QUIT" => return out.write_all(b"221 2.0.0 Bye\r\n"),
                "NOOP" => out.write_all(b"250 2.0.0 Ok\r\n")?,
                _ => out.write_all(b"500 5.5.2 What?\r\n")?,
            }
        }
        Ok(())
    }

    /// Hands one mail to Dovecot for one recipient; gives Dovecot's last reply.
    fn deliver(&self, sender: &str, recipient: &str, mail: &[u8], log: &Mutex<File>) -> Result<String> {
        let (local, domain) = recipient.rsplit_once('@').unwrap_or((recipient, ""));
        let (name, detail) = local.split_once('+').unwrap_or((local, ""));
        let junk =
            detail.eq_ignore_ascii_case("junk") || header(mail, "x-test-junk").is_some_and(|v| v == "yes");
        let folder = if junk { "Junk" } else { "INBOX" };
        let rcpt = format!("{}{}@{domain}", mailbox_of(name), if junk { "+Junk" } else { "" });
        // An envelope sender that is not ASCII is of no use to Dovecot: it would only stand in Return-Path.
        let from = if sender.is_ascii() { sender } else { "" };

        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.upstream))?;
        stream.set_nodelay(true)?;
        let (mut replies, mut out) = (BufReader::new(&stream), &stream);
        reply(&mut replies)?;
        out.write_all(
            format!("LHLO relay\r\nMAIL FROM:<{from}>\r\nRCPT TO:<{rcpt}>\r\nDATA\r\n").as_bytes(),
        )?;
        let asked = [reply(&mut replies)?, reply(&mut replies)?, reply(&mut replies)?, reply(&mut replies)?];
        if let Some(refusal) = asked.iter().find(|r| !r.starts_with(['2', '3'])) {
            return Ok(refusal.clone());
        }
        out.write_all(mail)?;
        out.write_all(b".\r\n")?;
        let last = reply(&mut replies)?;
        let line = json!({
            "unix_ms": u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis())).unwrap_or(0),
            "from": sender,
            "to": recipient,
            "folder": folder,
            "message_id": header(mail, "message-id"),
            "bytes": mail.len(),
            "reply": last,
        });
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.write_all(format!("{line}\n").as_bytes())?;
        Ok(last)
    }
}

/// One line without its end; none at the end of the stream.
fn command(reader: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = Vec::new();
    reader.take(4096).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
}

/// The address between the angle brackets of MAIL or RCPT.
fn path(line: &str) -> Result<String> {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    let (address, _) = inside.ok_or_else(|| Error::new(ErrorKind::InvalidData, "no path in MAIL or RCPT"))?;
    Ok(address.to_owned())
}

/// A mail as it stands on the wire, dots doubled, without the final dot.
fn dotted(reader: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let start = mail.len();
        if reader.take((MAX_MAIL - start) as u64).read_until(b'\n', &mut mail)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if mail.get(start..).is_some_and(|line| line == b".\r\n") {
            mail.truncate(start);
            return Ok(mail);
        }
    }
}

/// A whole reply, its last line.
fn reply(reader: &mut impl BufRead) -> Result<String> {
    loop {
        let line = command(reader)?.ok_or(ErrorKind::UnexpectedEof)?;
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line);
        }
    }
}

/// The value of a header field that is written on one line.
fn header(mail: &[u8], name: &str) -> Option<String> {
    let lines = mail.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
        .find_map(|(field, value)| field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_ends_at_the_lone_dot_and_keeps_its_doubled_dots() {
        let wire = b"Subject: hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n";
        let mail = dotted(&mut &wire[..]).unwrap();
        assert_eq!(mail, b"Subject: hi\r\n\r\n..dot\r\n");
    }

    #[test]
    fn a_mail_that_is_cut_off_is_an_error() {
        assert_eq!(dotted(&mut &b"Subject: hi\r\n"[..]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_header_is_found_in_any_case_and_not_in_the_body() {
        let mail = b"MESSAGE-ID: <1@example.test>\r\n\r\nX-Test-Junk: yes\r\n";
        assert_eq!(header(mail, "message-id").as_deref(), Some("<1@example.test>"));
        assert_eq!(header(mail, "x-test-junk"), None);
    }
}
