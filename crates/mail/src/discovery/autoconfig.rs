//! Mozilla's autoconfig files: where a domain says itself how its mail is reached.

use call::Address;
use quick_xml::{Reader, events::Event};

use crate::{Endpoint, MailError, Security};

/// What an autoconfig file says, in its own order; entries without protection are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) imap: Vec<Entry>,
    pub(super) smtp: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) endpoint: Endpoint,
    pub(super) login: String,
}

/// No file of this kind nests deeper or lists more.
const MAX_DEPTH: usize = 16;
const MAX_ENTRIES: usize = 8;

#[derive(Default)]
struct Draft {
    smtp: bool,
    host: String,
    port: String,
    socket: String,
    user: String,
}

/// Reads the file, filling in the address.
pub(super) fn parse(xml: &str, address: &Address) -> Result<Config, MailError> {
    let broken = |_| MailError::protocol("not an autoconfig file");
    let mut reader = Reader::from_str(xml);
    let mut config = Config::default();
    let mut path: Vec<String> = Vec::new();
    let mut draft: Option<Draft> = None;
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Start(tag) => {
                let name: &str = tag.name().0;
                if name == "incomingServer" || name == "outgoingServer" {
                    let kind = tag.attributes().flatten().find(|a| a.key.0 == "type");
                    let kind = kind.map(|a| a.value.to_string()).unwrap_or_default();
                    let wanted = if name == "incomingServer" { "imap" } else { "smtp" };
                    draft = (kind == wanted).then(|| Draft { smtp: wanted == "smtp", ..Draft::default() });
                }
                if path.len() >= MAX_DEPTH {
                    return Err(MailError::protocol("an autoconfig file that nests too deeply"));
                }
                path.push(name.to_owned());
            }
            Event::Text(text) => {
                if let (Some(draft), Some(name)) = (&mut draft, path.last()) {
                    let field = match name.as_str() {
                        "hostname" => &mut draft.host,
                        "port" => &mut draft.port,
                        "socketType" => &mut draft.socket,
                        "username" => &mut draft.user,
                        _ => continue,
                    };
                    field.push_str(text.xml10_content().trim());
                }
            }
            Event::End(tag) => {
                path.pop();
                let name: &str = tag.name().0;
                if (name == "incomingServer" || name == "outgoingServer")
                    && let Some(draft) = draft.take()
                {
                    let list = if draft.smtp { &mut config.smtp } else { &mut config.imap };
                    if list.len() < MAX_ENTRIES {
                        list.extend(draft.entry(address));
                    }
                }
            }
            Event::Eof => return Ok(config),
            _ => {}
        }
    }
}

impl Draft {
    fn entry(&self, address: &Address) -> Option<Entry> {
        let security = match self.socket.to_ascii_uppercase().as_str() {
            "SSL" | "TLS" => Security::Tls,
            "STARTTLS" => Security::StartTls,
            _ => return None,
        };
        let host = fill(&self.host, address);
        let fine = |c: char| c.is_alphanumeric() || "-.:".contains(c);
        if host.is_empty() || host.len() > 253 || !host.chars().all(fine) {
            return None;
        }
        let port = self.port.parse().ok().filter(|port| *port != 0)?;
        let login =
            if self.user.is_empty() { address.as_str().to_owned() } else { fill(&self.user, address) };
        Some(Entry { endpoint: Endpoint { host, port, security }, login })
    }
}

fn fill(template: &str, address: &Address) -> String {
    let local = address.as_str().rsplit_once('@').map_or("", |(local, _)| local);
    template
        .replace("%EMAILADDRESS%", address.as_str())
        .replace("%EMAILLOCALPART%", local)
        .replace("%EMAILDOMAIN%", address.domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<Config, MailError> {
        parse(xml, &"alice@example.test".parse().unwrap())
    }

    fn server(tag: &str, kind: &str, host: &str, socket: &str, user: &str) -> String {
        format!(
            "<{tag} type=\"{kind}\"><hostname>{host}</hostname><port> 993\n</port><socketType>{socket}</socketType>\
             <username>{user}</username><authentication>password-cleartext</authentication></{tag}>"
        )
    }

    #[test]
    fn servers_come_in_the_files_order_and_unprotected_ones_not_at_all() {
        let xml = format!(
            "<?xml version=\"1.0\"?><!-- x --><clientConfig version=\"1.1\"><emailProvider id=\"x\">\
             <domain>example.test</domain>{}{}{}{}{}</emailProvider></clientConfig>",
            server("incomingServer", "pop3", "pop.example.test", "SSL", ""),
            server("incomingServer", "imap", "imap.%EMAILDOMAIN%", "SSL", "%EMAILLOCALPART%"),
            server("incomingServer", "imap", "plain.example.test", "plain", ""),
            server("incomingServer", "imap", "two.example.test", "STARTTLS", "%EMAILADDRESS%"),
            server("outgoingServer", "smtp", "smtp.example.test", "STARTTLS", ""),
        );
        let found = read(&xml).unwrap();
        assert_eq!(found.imap.len(), 2);
        assert_eq!(found.imap[0].endpoint, Endpoint::tls("imap.example.test", 993));
        assert_eq!(found.imap[0].login, "alice");
        assert_eq!(found.imap[1].endpoint, Endpoint::start_tls("two.example.test", 993));
        assert_eq!(found.imap[1].login, "alice@example.test");
        assert_eq!(found.smtp[0].login, "alice@example.test");
    }

    #[test]
    fn other_peoples_xml_finds_nothing_and_does_no_harm() {
        for xml in ["", "<html><body>404</body></html>", "{}", "<a>", "<incomingServer type=\"imap\">"] {
            assert!(read(xml).is_err() || read(xml).unwrap() == Config::default(), "{xml}");
        }
        assert!(read(&"<a>".repeat(10_000)).is_err());
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><incomingServer type=\"imap\">\
                    <hostname>&c;</hostname></incomingServer>";
        assert!(read(bomb).is_err() || read(bomb).unwrap() == Config::default());
        let spaced = server("incomingServer", "imap", "a b.test/x?", "SSL", "");
        assert_eq!(read(&spaced).unwrap(), Config::default());
    }
}
