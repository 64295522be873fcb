//! The one door to the `mail-parser` crate.
//!
//! It parses what strangers wrote, and asserts things about its own state that their mail can make untrue.

use mail_parser::{HeaderName, Message, MessageParser};

use crate::contain::contained;

/// Shows `look` a whole mail. `None`: it is no mail, or none that can be read.
pub(crate) fn whole<T>(raw: &[u8], look: impl FnOnce(&Message<'_>) -> T) -> Option<T> {
    contained(|| fields().parse(raw).as_ref().map(look)).flatten()
}

/// Shows `look` the header fields of a mail. `None`: there are none that can be read.
pub(crate) fn head<T>(raw: &[u8], look: impl FnOnce(&Message<'_>) -> T) -> Option<T> {
    contained(|| fields().header_received(HeaderName::Received).parse_headers(raw).as_ref().map(look))
        .flatten()
}

/// The fields that are read beyond their raw text.
fn fields() -> MessageParser {
    MessageParser::new().with_minimal_headers().header_id(HeaderName::MessageId)
}
