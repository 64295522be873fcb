//! Delivery reports (RFC 3464): what a mail server says later about a mail it took.

use call::{MailId, Redacted};
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use crate::{MailError, mark, parser};

/// The longest report that is read, in bytes.
pub const MAX_REPORT: usize = 64 * 1024;
/// The most that is kept of a server's words, in characters.
const MAX_WORDS: usize = 500;

/// What a report says about one of our mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BounceReport {
    /// The mail it is about.
    pub mail: MailId,
    /// True: it will never arrive. False: it is late, and the server keeps trying.
    pub permanent: bool,
    /// The server's own words; may quote addresses.
    pub words: Redacted<String>,
}

/// Reads a report. `None`: it is one, but not about a mail of ours, or it tells of a success.
///
/// # Errors
/// [`MailError::TooLarge`], and [`MailError::Malformed`] if it is not a report.
pub fn parse(raw: &[u8]) -> Result<Option<BounceReport>, MailError> {
    if raw.len() > MAX_REPORT {
        return Err(MailError::TooLarge { limit: MAX_REPORT });
    }
    parser::whole(raw, report).flatten().ok_or(MailError::Malformed { what: "not a delivery report" })
}

/// `None`: not a report. `Some(None)`: see [`parse`].
fn report(message: &Message<'_>) -> Option<Option<BounceReport>> {
    let status = message
        .parts
        .iter()
        .find_map(|part| text_of(part, &["delivery-status", "global-delivery-status"]))?;
    let Some(mail) = message.parts.iter().find_map(original) else { return Some(None) };
    Some(outcome(&status).map(|(permanent, words)| BounceReport { mail, permanent, words }))
}

/// The Message-ID of the mail that came back, whole or only its header fields.
fn original(part: &MessagePart<'_>) -> Option<MailId> {
    if let PartType::Message(returned) = &part.body {
        return mark::mail_of(returned.message_id()?);
    }
    let headers = text_of(part, &["rfc822-headers", "global-headers", "rfc822", "global"])?;
    parser::head(headers.as_bytes(), |returned| mark::mail_of(returned.message_id()?)).flatten()
}

/// The content of a part of one of these subtypes (of `message` or `text`).
fn text_of(part: &MessagePart<'_>, subtypes: &[&str]) -> Option<String> {
    let kind = part.content_type()?;
    let subtype = kind.subtype()?;
    let fits = ["message", "text"].iter().any(|main| kind.ctype().eq_ignore_ascii_case(main))
        && subtypes.iter().any(|wanted| subtype.eq_ignore_ascii_case(wanted));
    let bytes: &[u8] = match &part.body {
        PartType::Text(text) | PartType::Html(text) if fits => text.as_bytes(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) if fits => bytes,
        _ => return None,
    };
    Some(String::from_utf8_lossy(bytes).into_owned())
}

/// What the per-recipient fields say: whether it is final, and in which words. Our mails have one recipient;
/// where an alias made several of it, one failure for good decides.
fn outcome(status: &str) -> Option<(bool, Redacted<String>)> {
    let unfolded = status.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let groups = unfolded.split("\n\n").filter_map(|group| {
        let field = |wanted: &str| {
            group.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
            })
        };
        let permanent = match field("Action")?.to_ascii_lowercase().as_str() {
            // A server that gives up on a temporary failure says `failed` with a 4.x.x status.
            "failed" => true,
            "delayed" => false,
            _ => return None,
        };
        let said =
            field("Diagnostic-Code").map(|text| text.split_once(';').map_or(text, |(_, words)| words).trim());
        let words =
            said.filter(|words| !words.is_empty()).or_else(|| field("Status")).unwrap_or("not delivered");
        let clean: String = words.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let clean = clean.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect::<String>();
        Some((permanent, Redacted::new(clean)))
    });
    groups.max_by_key(|(permanent, _)| *permanent)
}
