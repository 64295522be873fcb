use call::Address;
use mail_parser::{HeaderName, HeaderValue, Message, MessagePart, MimeHeaders, PartType};

use super::{Body, FILE_NAME, MAX_JSON, MAX_MAIL, MEDIA_TYPE, ParsedMail, SignalPart};
use crate::{MailError, address, parser};

const ARMOR_BEGIN: &str = "-----BEGIN PGP MESSAGE-----";
const ARMOR_END: &str = "-----END PGP MESSAGE-----";

/// Reads a mail as it comes from the server.
///
/// Providers rewrite: Message-ID, boundary and mark may be gone, bodies re-encoded, footers added, the whole
/// wrapped into another multipart. None of that matters here. A mail inside the mail (forwarded, or quoted by
/// a bounce) is never looked into.
///
/// # Errors
/// [`MailError::TooLarge`], and [`MailError::Malformed`] for a mail that carries not exactly one signal or not
/// exactly one sender.
pub fn parse(raw: &[u8]) -> Result<ParsedMail, MailError> {
    read(raw, |message| mail(message, raw))
}

fn mail(message: &Message<'_>, raw: &[u8]) -> Result<ParsedMail, MailError> {
    let from = only_sender(message).ok_or(MailError::Malformed { what: "not exactly one sender" })?;
    let body = match armored(message)? {
        Some(armored) => Body::Encrypted { armored },
        None => {
            json(message)?;
            Body::Plain { entity: raw.to_vec() }
        }
    };
    let text = |name: &'static str| {
        message.header_values(name).filter_map(HeaderValue::as_text).map(unfold).collect::<Vec<_>>()
    };
    Ok(ParsedMail {
        from,
        to: recipients(message),
        message_id: message.message_id().map(str::to_owned),
        autocrypt: text("Autocrypt"),
        auto_submitted: text("Auto-Submitted")
            .iter()
            .any(|value| !value.to_ascii_lowercase().starts_with("no")),
        body,
    })
}

/// Reads the signal in an entity, decrypted or never encrypted.
///
/// # Errors
/// [`MailError::TooLarge`], and [`MailError::Malformed`] if it does not hold exactly one signal.
pub fn parse_entity(entity: &[u8]) -> Result<SignalPart, MailError> {
    read(entity, |message| {
        Ok(SignalPart {
            json: json(message)?,
            from: only_sender(message),
            to: recipients(message),
            subject: message.subject().map(|subject| subject.chars().filter(|c| !c.is_control()).collect()),
        })
    })
}

fn read<T>(raw: &[u8], look: impl FnOnce(&Message<'_>) -> Result<T, MailError>) -> Result<T, MailError> {
    if raw.len() > MAX_MAIL {
        return Err(MailError::TooLarge { limit: MAX_MAIL });
    }
    parser::whole(raw, look).unwrap_or(Err(MailError::Malformed { what: "not a mail" }))
}

/// The sender, if there is one From field with one address: two would show one person and mean another.
fn only_sender(message: &Message<'_>) -> Option<Address> {
    let mut fields = message.header_values(HeaderName::From);
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let mut all = field.as_address()?.iter();
    let (Some(only), None) = (all.next(), all.next()) else { return None };
    address::read(only.address()?).ok()
}

fn recipients(message: &Message<'_>) -> Vec<Address> {
    message
        .header_values(HeaderName::To)
        .filter_map(HeaderValue::as_address)
        .flat_map(|list| list.iter())
        .filter_map(|to| address::read(to.address()?).ok())
        .take(16)
        .collect()
}

/// The one OpenPGP message, wherever a provider has put it.
fn armored(message: &Message<'_>) -> Result<Option<String>, MailError> {
    let mut found = message.parts.iter().filter_map(|part| {
        let bytes = leaf(part)?.trim_ascii_start();
        let text = str::from_utf8(bytes.starts_with(ARMOR_BEGIN.as_bytes()).then_some(bytes)?).ok()?;
        text.get(..text.find(ARMOR_END)? + ARMOR_END.len())
    });
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(MailError::Malformed { what: "more than one encrypted part" }),
        (only, _) => Ok(only.map(|text| format!("{text}\n"))),
    }
}

/// The one signal, by its media type or, where a gateway changed that, by its file name.
fn json(message: &Message<'_>) -> Result<String, MailError> {
    let mut found = message.parts.iter().filter(|part| leaf(part).is_some() && is_signal(part));
    let (Some(part), None) = (found.next(), found.next()) else {
        return Err(MailError::Malformed { what: "not exactly one signal" });
    };
    if part.is_encoding_problem {
        return Err(MailError::Malformed { what: "the signal is cut short or badly encoded" });
    }
    let bytes = leaf(part).unwrap_or_default().trim_ascii();
    if bytes.len() > MAX_JSON {
        return Err(MailError::TooLarge { limit: MAX_JSON });
    }
    str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|_| MailError::Malformed { what: "the signal is not UTF-8" })
}

fn is_signal(part: &MessagePart<'_>) -> bool {
    let by_type = part.content_type().is_some_and(|kind| {
        let (main, sub) = MEDIA_TYPE.split_once('/').unwrap_or_default();
        kind.ctype().eq_ignore_ascii_case(main) && kind.subtype().is_some_and(|s| s.eq_ignore_ascii_case(sub))
    });
    by_type || part.attachment_name() == Some(FILE_NAME)
}

/// The decoded content of a part that is neither a multipart nor a mail of its own.
fn leaf<'a>(part: &'a MessagePart<'_>) -> Option<&'a [u8]> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.as_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(bytes),
        PartType::Message(_) | PartType::Multipart(_) => None,
    }
}

/// A raw header value on one line.
fn unfold(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}
