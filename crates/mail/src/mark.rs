//! The outer marks: how a mailbox is told apart from its other mail without reading the mail.
//!
//! There are three, because providers strip or rewrite some of them; any one suffices. They say "Mailcall" and
//! no more: neither the kind of signal nor the call.

use call::{Address, MailId};

use crate::address;

/// The header that marks a mail as ours.
pub const HEADER: &str = "Mailcall";
/// Its value: the version of the wire format.
pub const HEADER_VALUE: &str = "1";
/// How the MIME boundaries of our mails begin.
pub const BOUNDARY_PREFIX: &str = "mailcall-";
/// How the left side of our Message-IDs begins.
pub const MESSAGE_ID_PREFIX: &str = "mailcall.";
/// The header fields that [`looks_like_ours`] needs, as an IMAP `HEADER.FIELDS` list.
pub const PREFILTER_FIELDS: &str = "MAILCALL MESSAGE-ID CONTENT-TYPE";

/// The Message-ID of an outgoing mail, without the angle brackets. The domain is the sender's, in ASCII.
pub fn message_id(mail: MailId, from: &Address) -> String {
    format!("{MESSAGE_ID_PREFIX}{mail}@{}", address::ascii_domain(from))
}

/// The mail of this Message-ID (with or without angle brackets), if we made it.
pub fn mail_of(message_id: &str) -> Option<MailId> {
    let bare = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    let (left, _) = bare.split_once('@')?;
    left.strip_prefix(MESSAGE_ID_PREFIX)?.parse().ok()
}

/// Whether a mail with these header fields (raw bytes, folded lines allowed) bears one of the marks.
///
/// Says nothing about who wrote it; anyone can set a mark.
pub fn looks_like_ours(headers: &[u8]) -> bool {
    fields(headers).any(|(name, value)| {
        if name.eq_ignore_ascii_case(HEADER.as_bytes()) {
            true
        } else if name.eq_ignore_ascii_case(b"message-id") {
            let value = value.trim_ascii();
            value.strip_prefix(b"<").unwrap_or(value).starts_with(MESSAGE_ID_PREFIX.as_bytes())
        } else {
            name.eq_ignore_ascii_case(b"content-type") && boundary_is_ours(value)
        }
    })
}

/// Whether a Content-Type has a boundary parameter that begins as ours do.
fn boundary_is_ours(value: &[u8]) -> bool {
    value.split(|b| *b == b';').skip(1).any(|parameter| {
        let parameter = parameter.trim_ascii();
        let (Some(name), Some(rest)) = (parameter.get(..8), parameter.get(8..)) else { return false };
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { return false };
        let value = value.trim_ascii_start();
        name.eq_ignore_ascii_case(b"boundary")
            && value.strip_prefix(b"\"").unwrap_or(value).starts_with(BOUNDARY_PREFIX.as_bytes())
    })
}

/// The header fields up to the first empty line; a folded value keeps its line breaks.
fn fields(headers: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = headers;
    std::iter::from_fn(move || {
        if rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            return None;
        }
        let mut end = 0;
        loop {
            let tail = rest.get(end..).unwrap_or_default();
            end += tail.iter().position(|b| *b == b'\n').map_or(tail.len(), |at| at + 1);
            if !matches!(rest.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let (field, tail) = rest.split_at_checked(end)?;
        rest = tail;
        let colon = field.iter().position(|b| *b == b':').unwrap_or(field.len());
        let (name, value) = field.split_at_checked(colon)?;
        Some((name.trim_ascii_end(), value.strip_prefix(b":").unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_alone_is_enough() {
        for headers in [
            "Mailcall: 1\r\n\r\n",
            "MAILCALL:\r\n",
            "X: y\r\nMessage-ID: <mailcall.0@example.test>\r\n\r\n",
            "message-id:\r\n <mailcall.0@example.test>\r\n",
            "Content-Type: multipart/mixed; boundary=mailcall-1\r\n",
            "Content-Type: multipart/encrypted;\r\n\tprotocol=\"application/pgp-encrypted\";\r\n\tBOUNDARY = \"mailcall-1\"\r\n",
        ] {
            assert!(looks_like_ours(headers.as_bytes()), "{headers}");
        }
    }

    #[test]
    fn other_mail_is_left_alone() {
        for headers in [
            "",
            "Subject: Mailcall: 1\r\n\r\n",
            "Subject: x\r\n Mailcall: 1\r\n",
            "X-Mailcall: 1\r\n",
            "Message-ID: <amailcall.0@example.test>\r\n",
            "In-Reply-To: <mailcall.0@example.test>\r\n",
            "Content-Type: text/plain; name=mailcall-1\r\n",
            "Content-Type: multipart/mixed; boundary=x-mailcall-\r\n",
            "Subject: hello\r\n\r\nMailcall: 1\r\n",
            "Content-Type: multipart/mixed; bound\u{e4}r=mailcall-\r\n",
        ] {
            assert!(!looks_like_ours(headers.as_bytes()), "{headers}");
        }
    }

    #[test]
    fn a_message_id_leads_back_to_its_mail() {
        let alice: Address = "alice@example.test".parse().unwrap();
        let mail = MailId::new(0xabc);
        let id = message_id(mail, &alice);
        assert_eq!(mail_of(&id), Some(mail));
        assert_eq!(mail_of(&format!(" <{id}>\r\n")), Some(mail));
        assert_eq!(mail_of("<mailcall.abc@example.test>"), None);
        assert_eq!(mail_of("<other@example.test>"), None);
    }
}
