//! The sign-in, and what a refusal of it means.

use std::{cell::RefCell, time::Duration};

use super::{ORDINARY, guarded};
use crate::{
    MailAccount, MailError,
    stream::{SharedWire, Wire},
};

/// SASL PLAIN (RFC 4616), for what LOGIN cannot say.
struct Plain(Vec<u8>);

impl imap::Authenticator for Plain {
    type Response = Vec<u8>;

    fn process(&self, _: &[u8]) -> Vec<u8> {
        self.0.clone()
    }
}

pub(super) fn sign_in(
    client: imap::Client<SharedWire>,
    wire: &RefCell<Wire>,
    account: &MailAccount,
    patience: Duration,
) -> Result<imap::Session<SharedWire>, MailError> {
    let (login, password) = (account.login.reveal(), account.password.reveal());
    wire.borrow_mut().begin(ORDINARY, patience);
    let mut misunderstood = false;
    let result = guarded(wire, || {
        let result = if login.is_ascii() && password.is_ascii() {
            client.login(login, password)
        } else {
            let plain = Plain(format!("\0{login}\0{password}").into_bytes());
            client.authenticate("PLAIN", &plain)
        };
        result.map_err(|(error, _)| {
            misunderstood = matches!(error, imap::Error::Bad(_));
            error
        })
    });
    result.map_err(|error| match error {
        // BAD is no word on the password: what stands before the server is out of order (RFC 3501, section 7.1.3).
        MailError::Refused { words, .. } if misunderstood || may_pass(words.reveal()) => {
            MailError::Temporary { code: 0, words }
        }
        MailError::Refused { words, .. } => MailError::WrongPassword { words },
        other => other,
    })
}

/// Whether a refused sign-in has a reason of its own (RFC 5530) and may work later with the same password.
fn may_pass(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["[unavailable]", "[inuse]", "[limit]", "[serverbug]", "too many", "try again later", "temporar"]
        .iter()
        .any(|sign| words.contains(sign))
}
