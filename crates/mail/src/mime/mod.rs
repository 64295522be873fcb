//! A signal as a mail: what is written, and what is read whatever providers did to it on the way.

mod compose;
mod encode;
mod parse;

use call::{Address, MailId};

pub use compose::{encrypted, entity, plain};
pub use parse::{parse, parse_entity};

/// The longest mail that is read as a signal, in bytes. Ours are below 6 KiB; the rest is for the header
/// fields that servers add.
pub const MAX_MAIL: usize = 64 * 1024;
/// The longest signal, in bytes of JSON.
pub const MAX_JSON: usize = 8 * 1024;
/// The media type of the part that carries the signal.
pub const MEDIA_TYPE: &str = "application/vnd.mailcall+json";
/// The file name of that part, for people who look at the mail and for gateways that change the type.
pub const FILE_NAME: &str = "mailcall.json";

/// A signal to be mailed. The signal itself is opaque here.
#[derive(Clone, PartialEq, Eq)]
pub struct SignalMail {
    /// Its id; the Message-ID is made from it, so that sending it again is the same message.
    pub id: MailId,
    /// The sender.
    pub from: Address,
    /// The sender's name; empty if none.
    pub from_name: String,
    /// The one recipient.
    pub to: Address,
    /// The subject for people.
    pub subject: String,
    /// The text for people.
    pub text: String,
    /// The signal, JSON.
    pub json: String,
    /// What made the mail.
    pub auto: Auto,
    /// The value of the `Autocrypt` header field, unfolded.
    pub autocrypt: Option<String>,
    /// When it was made, in seconds since 1970-01-01 UTC.
    pub date: i64,
}

/// What made a mail (RFC 3834).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auto {
    /// A person's deed on this device.
    Generated,
    /// Another mail.
    Replied,
}

/// A mail as read, before anybody vouched for anything in it.
#[derive(Clone, PartialEq, Eq)]
pub struct ParsedMail {
    /// The one address in the From field.
    pub from: Address,
    /// The addresses in the To field that can be called.
    pub to: Vec<Address>,
    /// The Message-ID without angle brackets; providers may have replaced it.
    pub message_id: Option<String>,
    /// The values of all `Autocrypt` fields, unfolded.
    pub autocrypt: Vec<String>,
    /// Whether it says that a program sent it (RFC 3834).
    pub auto_submitted: bool,
    /// What it carries.
    pub body: Body,
}

/// What a mail carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// An OpenPGP message.
    Encrypted {
        /// ASCII armour, from the BEGIN line to the END line.
        armored: String,
    },
    /// A signal without protection.
    Plain {
        /// What [`parse_entity`] reads.
        entity: Vec<u8>,
    },
}

/// The signal in a MIME entity, with the header fields at the entity's top: the protected ones if it was
/// encrypted, else those of the mail.
#[derive(Clone, PartialEq, Eq)]
pub struct SignalPart {
    /// The signal.
    pub json: String,
    /// Who it says wrote it; `None` without exactly one address.
    pub from: Option<Address>,
    /// For whom.
    pub to: Vec<Address>,
    /// The subject, for people.
    pub subject: Option<String>,
}
