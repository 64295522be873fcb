//! What a refused sign-in means.

use crate::MailError;

/// `misunderstood`: the server answered BAD, which is no word on the password: what stands before the server is out of
/// order (RFC 3501, section 7.1.3).
pub(super) fn explain(error: MailError, misunderstood: bool) -> MailError {
    match error {
        MailError::Refused { words, .. } if misunderstood || may_pass(words.reveal()) => {
            MailError::Temporary { code: 0, words }
        }
        MailError::Refused { words, .. } => MailError::WrongPassword { words },
        other => other,
    }
}

/// Whether a refused sign-in has a reason of its own (RFC 5530) and may work later with the same password.
fn may_pass(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["[unavailable]", "[inuse]", "[limit]", "[serverbug]", "too many", "try again later", "temporar"]
        .iter()
        .any(|sign| words.contains(sign))
}
