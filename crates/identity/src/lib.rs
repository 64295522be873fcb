//! Who is speaking: OpenPGP keys, Autocrypt, trust. The only maker of a [`call::Verified`] signal.
//!
//! # From a mail to a signal
//!
//! MIME is the `mail` crate's business, so an encrypted mail is examined in two steps. [`open`] decrypts it and
//! gives the entity inside; the app lets `mail` find the payload and the protected From in that entity; [`verify`]
//! takes them together with the [`Opened`] token, whose signatures nobody else can write. A plain mail goes
//! to [`verify`] at once. The way out is [`Envelope::encode`], the MIME entity around it, [`seal`].
//!
//! # Whose word counts
//!
//! | the mail | the sender is |
//! |---|---|
//! | signed by the key pinned for its From | that key, [`Pinned`](call::Standing::Pinned) |
//! | signed by the key of its `Autocrypt` header, nothing pinned | that key, [`FirstUse`](call::Standing::FirstUse); pinned now |
//! | signed by another key than the pinned one, which came with it or was seen before | that key, [`Changed`](call::Standing::Changed); the pin stays |
//! | plain, encrypted without a signature, or signed by a key that nobody knows | [`Unauthenticated`](call::Sender::Unauthenticated) |
//!
//! * Only what is inside the encryption is signed, and PGP/MIME does not cover the outer From. So the From inside
//!   must be there and be the same, else the mail is refused.
//! * A signature counts only for those whom it names as intended recipients (if it names any, as ours do): what
//!   Alice sealed for Bob rings nobody else, whoever encrypts it again.
//! * A mail without a signature still teaches the key in its `Autocrypt` header, so that the answer can be sealed.
//!   A learned key becomes the pin if there is none and never replaces one. A mail without a signature from somebody
//!   who has a pin stays unauthenticated: leaving the signature away gains nothing.
//! * Pinning on first use believes the first mail. Whoever can forge mail from Bob before Bob's own first mail
//!   arrives is taken for Bob until the user compares fingerprints.
//!
//! # Several devices of one account
//!
//! All devices of an account need the same private key: an invitation is sealed to one key, and a device
//! without it cannot even see that somebody calls ([`IdentityError::NotForThisKey`]). The second device takes the
//! first one's ([`OwnKey::export`], [`OwnKey::import`]). A device that made a key of its own can call, but contacts who
//! pinned the first key see it as changed.
//!
//! From the account's own address comes only `answered`, and `answered` comes only from there; a copy of one's
//! own invitation that some server files into the INBOX rings nobody. The own address has no pin and nothing is
//! learned for it, for its key is the own key: an `answered` sealed to oneself and signed by it is `Pinned`, any other
//! unauthenticated, and the call machine believes only the first. Pinning some other key on first use "because it lies
//! in our own INBOX" would let anybody who can forge our From into it. The price: a sibling with a key of its own is
//! silenced by the caller's `cancel` and not by us, one mail later.

mod autocrypt;
mod envelope;
mod error;
mod open;
mod own;
mod peer;
mod pins;
mod proof;
mod seal;
mod verify;

pub use autocrypt::key_from_autocrypt;
pub use envelope::{Decoded, Envelope, MAX_PAYLOAD};
pub use error::IdentityError;
pub use open::{MAX_ARMORED, Opened, open};
pub use own::OwnKey;
pub use peer::PeerKey;
pub use pins::{MAX_PINS, PinChange, PinRow, Pins};
pub use proof::{MAX_PROOF, Participant};
pub use seal::{Sealed, seal};
pub use verify::{Body, Incoming, Outcome, verify};
