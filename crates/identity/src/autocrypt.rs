//! The `Autocrypt` header, Level 1: <https://autocrypt.org/level1.html#the-autocrypt-header>.

use base64::{Engine, engine::general_purpose::STANDARD};
use call::Address;

use crate::{PeerKey, peer::MAX_KEY};

/// The longest header value that is read, in bytes: a certificate of the largest size, in base64 and folded.
const MAX_VALUE: usize = MAX_KEY * 2;

/// More headers than this are not looked at, each.
const MAX_HEADERS: usize = 4;

/// The columns of a folded line, without its leading space.
const COLUMNS: usize = 75;

pub(crate) fn header(address: &Address, key: &PeerKey) -> String {
    let mut value = format!("addr={};\r\n prefer-encrypt=mutual; keydata=", on_the_wire(address));
    let mut column = COLUMNS;
    for symbol in STANDARD.encode(key.as_bytes()).chars() {
        if column == COLUMNS {
            value.push_str("\r\n ");
            column = 0;
        }
        value.push(symbol);
        column += 1;
    }
    value
}

/// The spelling of the From field: an international domain as A-labels, unless what stands before it is not ASCII
/// either, for then the mail is UTF-8 anyway.
fn on_the_wire(address: &Address) -> String {
    let spelled = with_ascii_domain(address);
    if spelled.is_ascii() { spelled } else { address.as_str().to_owned() }
}

/// The one spelling in which both of a domain are equal.
fn with_ascii_domain(address: &Address) -> String {
    let text = address.as_str();
    let Some((local, domain)) = text.rsplit_once('@') else { return text.to_owned() };
    idna::domain_to_ascii(domain).map_or_else(|_| text.to_owned(), |domain| format!("{local}@{domain}"))
}

/// The key that a mail's `Autocrypt` headers give for its sender: of exactly one valid header, else none.
///
/// A header is valid if `addr` is the mail's From, `keydata` is a usable key, and it has no attribute that is
/// unknown and critical (one whose name does not begin with `_`).
pub fn key_from_autocrypt(values: &[String], from: &Address) -> Option<PeerKey> {
    if values.len() > MAX_HEADERS {
        return None;
    }
    let mut valid = values.iter().filter_map(|value| parse(value, from));
    match (valid.next(), valid.next()) {
        (Some(key), None) => Some(key),
        _ => None,
    }
}

fn parse(value: &str, from: &Address) -> Option<PeerKey> {
    if value.len() > MAX_VALUE {
        return None;
    }
    let (mut addr, mut keydata) = (None, None);
    for attribute in value.split(';').map(str::trim).filter(|attribute| !attribute.is_empty()) {
        let (name, content) = attribute.split_once('=')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "addr" => addr = Some(content.parse::<Address>().ok()?),
            "keydata" => keydata = Some(content.split_ascii_whitespace().collect::<String>()),
            "prefer-encrypt" => {}
            other if other.starts_with('_') => {}
            _ => return None,
        }
    }
    if with_ascii_domain(&addr?) != with_ascii_domain(from) {
        return None;
    }
    PeerKey::from_bytes(&STANDARD.decode(keydata?).ok()?).ok()
}
