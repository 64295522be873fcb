use call::{AccountId, Address, Sender, Signal, Standing, Verified};

use crate::{
    Decoded, Envelope, IdentityError, Opened, OwnKey, PinChange, Pins, autocrypt::key_from_autocrypt,
};

/// A mail that carries a signal, as the mail parser took it apart.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The account that received it.
    pub account: AccountId,
    /// That account's address.
    pub own_address: &'a Address,
    /// The From of the mail itself.
    pub from: &'a Address,
    /// The values of its `Autocrypt` headers; of a sealed mail, also those inside, but none twice.
    pub autocrypt: &'a [String],
    /// How the payload came.
    pub body: Body<'a>,
    /// The `application/vnd.mailcall+json` part.
    pub payload: &'a [u8],
}

/// How a payload came.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// In a mail that everybody on its way could read and write.
    Plain,
    /// In an encrypted entity.
    Sealed {
        /// What [`crate::open`] gave.
        opened: &'a Opened,
        /// The From inside (protected headers).
        from: Option<&'a Address>,
    },
}

/// What a mail turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made, matched and gone; never kept in numbers")]
pub enum Outcome {
    /// A signal for the call machine.
    Signal {
        /// The signal.
        verified: Verified,
        /// What to store first.
        pin: Option<PinChange>,
        /// The fingerprint of another key than the pinned one that an unsigned mail brought along: its sender
        /// may have lost the pinned one, and can read a reply within this call only if it is sealed to this key.
        offered: Option<String>,
    },
    /// Of a later version of Mailcall: to be ignored.
    Unknown,
}

/// Decides who sent a signal, and pins or learns the sender's key. The rules stand in the [crate's](crate) docs.
///
/// # Errors
/// [`IdentityError::SenderMismatch`], [`IdentityError::Misplaced`], and those of [`Envelope::decode`]. Nothing was
/// pinned then.
pub fn verify(incoming: Incoming<'_>, own: &OwnKey, pins: &mut Pins) -> Result<Outcome, IdentityError> {
    if let Body::Sealed { from, .. } = incoming.body
        && from != Some(incoming.from)
    {
        return Err(IdentityError::SenderMismatch);
    }
    let envelope = match Envelope::decode(incoming.payload)? {
        Decoded::Signal(envelope) => envelope,
        Decoded::Unknown => return Ok(Outcome::Unknown),
    };
    let from_self = incoming.from == incoming.own_address;
    if from_self != matches!(envelope.signal, Signal::Answered { .. }) {
        return Err(IdentityError::Misplaced);
    }
    let (sender, pin) =
        if from_self { (self_as_sender(incoming, own), None) } else { sender(incoming, pins) };
    let unsigned = !from_self && sender == Sender::Unauthenticated;
    let offered = if unsigned { offered_instead(incoming, pins) } else { None };
    let Envelope { call, device, to_device, signal } = envelope;
    let verified =
        Verified::vouch(incoming.account, incoming.from.clone(), sender, device, to_device, call, signal);
    Ok(Outcome::Signal { verified, pin, offered })
}

/// The key that an unsigned mail brought along, if another one is pinned; kept for replies.
fn offered_instead(incoming: Incoming<'_>, pins: &mut Pins) -> Option<String> {
    let Incoming { account, from, .. } = incoming;
    let pinned = pins.pinned(account, from)?.fingerprint().to_owned();
    let key = key_from_autocrypt(incoming.autocrypt, from).filter(|key| key.fingerprint() != pinned)?;
    let fingerprint = key.fingerprint().to_owned();
    pins.note(account, from, key);
    Some(fingerprint)
}

fn self_as_sender(incoming: Incoming<'_>, own: &OwnKey) -> Sender {
    match incoming.body {
        Body::Sealed { opened, .. } if opened.is_signed_by(own.public()) => {
            Sender::Key { fingerprint: own.fingerprint().to_owned(), standing: Standing::Pinned }
        }
        Body::Sealed { .. } | Body::Plain => Sender::Unauthenticated,
    }
}

fn sender(incoming: Incoming<'_>, pins: &mut Pins) -> (Sender, Option<PinChange>) {
    let Incoming { account, from, .. } = incoming;
    let offered = || key_from_autocrypt(incoming.autocrypt, from);
    let opened = match incoming.body {
        Body::Sealed { opened, .. } if opened.is_signed() => opened,
        Body::Sealed { .. } | Body::Plain => {
            let unpinned = pins.pinned(account, from).is_none();
            let pin = unpinned.then(offered).flatten().and_then(|key| pins.learn(account, from, key));
            return (Sender::Unauthenticated, pin);
        }
    };
    let by = |fingerprint: &str, standing| Sender::Key { fingerprint: fingerprint.to_owned(), standing };

    let pinned = pins.pinned(account, from);
    if let Some(key) = pinned.filter(|key| opened.is_signed_by(key)) {
        return (by(key.fingerprint(), Standing::Pinned), None);
    }
    let standing = if pinned.is_some() { Standing::Changed } else { Standing::FirstUse };
    let known = || pins.seen(account, from).find(|key| opened.is_signed_by(key)).cloned();
    let Some(key) = offered().filter(|key| opened.is_signed_by(key)).or_else(known) else {
        return (Sender::Unauthenticated, None);
    };
    let sender = by(key.fingerprint(), standing);
    let pin = match standing {
        Standing::FirstUse => pins.learn(account, from, key.clone()),
        Standing::Changed | Standing::Pinned => None,
    };
    if pin.is_none() {
        pins.note(account, from, key);
    }
    (sender, pin)
}
