//! Alice, Bob and the mails between them, for the tests of this crate.
#![allow(dead_code, reason = "every test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use call::{AccountId, Address, CallId, DeclineReason, DeviceId, LinkId, Sender, Signal, Verified};
use identity::{
    Body, Envelope, IdentityError, Incoming, Opened, Outcome, OwnKey, PeerKey, PinChange, Pins, Sealed, open,
    seal, verify,
};

pub struct Person {
    pub address: Address,
    pub key: OwnKey,
    pub pins: Pins,
}

/// A mail as the mail parser took it apart; its sealed entity is the payload alone.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub from: String,
    pub inner_from: Option<String>,
    pub autocrypt: Vec<String>,
    pub sealed: Option<String>,
    pub payload: String,
}

pub const ACCOUNT: AccountId = AccountId(1);

pub fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub fn person(name: &str) -> Person {
    let address = address(&format!("{name}@example.test"));
    Person { key: OwnKey::generate(&address).unwrap(), address, pins: Pins::default() }
}

pub fn envelope(signal: Signal) -> Envelope {
    Envelope { call: CallId::new(7), device: DeviceId::new(1), to_device: None, signal }
}

pub fn invite() -> Signal {
    Signal::Invite {
        lifetime_s: 60,
        video: true,
        name: "Alice".to_owned(),
        link: LinkId::new(9),
        description: "AbC_-9".repeat(30).try_into().unwrap(),
        conference: None,
    }
}

pub fn decline() -> Signal {
    Signal::Decline { reason: DeclineReason::Busy }
}

pub fn answered() -> Signal {
    Signal::Answered { accepted: true }
}

impl Person {
    pub fn header(&self) -> String {
        self.key.autocrypt_header(&self.address)
    }

    pub fn plain(&self, signal: Signal) -> Mail {
        Mail {
            from: self.address.as_str().to_owned(),
            autocrypt: vec![self.header()],
            payload: envelope(signal).encode().unwrap(),
            ..Mail::default()
        }
    }

    pub fn sealed(&self, signal: Signal, to: &[&PeerKey]) -> Mail {
        let mail = self.plain(signal);
        let Sealed { armored, .. } = seal(mail.payload.as_bytes(), &self.key, to).unwrap();
        Mail { inner_from: Some(mail.from.clone()), sealed: Some(armored), ..mail }
    }

    pub fn open(&self, mail: &Mail) -> Result<Option<Opened>, IdentityError> {
        mail.sealed.as_deref().map(|armored| open(armored, &[&self.key])).transpose()
    }

    pub fn receives(&mut self, mail: &Mail) -> Result<Outcome, IdentityError> {
        let opened = self.open(mail)?;
        let inner_from = mail.inner_from.as_deref().map(address);
        let (payload, body) = match &opened {
            None => (mail.payload.as_bytes(), Body::Plain),
            Some(opened) => (opened.entity(), Body::Sealed { opened, from: inner_from.as_ref() }),
        };
        let from = address(&mail.from);
        let incoming = Incoming {
            account: ACCOUNT,
            own_address: &self.address,
            from: &from,
            autocrypt: &mail.autocrypt,
            body,
            payload,
        };
        verify(incoming, &self.key, &mut self.pins)
    }

    pub fn hears(&mut self, mail: &Mail) -> (Verified, Option<PinChange>) {
        match self.receives(mail) {
            Ok(Outcome::Signal { verified, pin, .. }) => (verified, pin),
            other => panic!("no signal: {other:?}"),
        }
    }

    pub fn thinks_it_is_from(&mut self, mail: &Mail) -> Sender {
        self.hears(mail).0.sender().clone()
    }
}
