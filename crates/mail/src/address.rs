//! Addresses on the wire: internationalised domains travel as A-labels where that spares SMTPUTF8, and are
//! Unicode everywhere else, so that one mailbox has one spelling.

use std::borrow::Cow;

use call::{Address, BadAddress};

/// The spelling for SMTP and header fields. Non-ASCII only if the left side is (then SMTPUTF8 is needed anyway).
pub(crate) fn to_wire(address: &Address) -> Cow<'_, str> {
    let text = address.as_str();
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    match text.rsplit_once('@') {
        Some((local, domain)) if local.is_ascii() => idna::domain_to_ascii(domain)
            .map_or(Cow::Borrowed(text), |domain| Cow::Owned(format!("{local}@{domain}"))),
        _ => Cow::Borrowed(text),
    }
}

/// The address that somebody typed, or that stands in a header field or a reply.
///
/// # Errors
/// [`BadAddress`] for what is none.
pub fn read(text: &str) -> Result<Address, BadAddress> {
    let (local, domain) = text.trim().rsplit_once('@').ok_or(BadAddress)?;
    let encoded = |label: &str| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    if !domain.is_ascii() || domain.split('.').any(encoded) {
        let (unicode, outcome) = idna::domain_to_unicode(domain);
        if outcome.is_ok() {
            return format!("{local}@{unicode}").parse();
        }
    }
    text.parse()
}

/// The domain in ASCII, for fields that must be.
pub(crate) fn ascii_domain(address: &Address) -> String {
    idna::domain_to_ascii(address.domain()).unwrap_or_else(|_| "invalid".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(text: &str) -> String {
        to_wire(&text.parse().unwrap()).into_owned()
    }

    #[test]
    fn an_international_domain_alone_needs_no_smtputf8() {
        assert_eq!(wire("alice@example.test"), "alice@example.test");
        assert_eq!(wire("alice@bücher.test"), "alice@xn--bcher-kva.test");
        assert_eq!(wire("älice@bücher.test"), "älice@bücher.test");
    }

    #[test]
    fn all_spellings_of_a_domain_are_one_mailbox() {
        let unicode: Address = "alice@bücher.test".parse().unwrap();
        for spelling in [
            " alice@XN--Bcher-Kva.test ",
            "alice@bücher.test",
            "alice@BÜCHER.test",
            "alice@bu\u{308}cher.test",
        ] {
            assert!(read(spelling) == Ok(unicode.clone()), "{spelling}");
        }
    }

    #[test]
    fn what_no_domain_is_encoded_as_stays_as_it_is() {
        assert!(read("alice@xn--\u{fffd}.test") == "alice@xn--\u{fffd}.test".parse());
        assert!(read("nobody").is_err());
        // A full-width angle bracket is one once it is mapped.
        assert!(read("alice@\u{ff1c}example.test") == Err(BadAddress));
    }
}
