use thiserror::Error;

/// Why a key or a message was not taken. No variant carries remote text, addresses or key material.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum IdentityError {
    /// Larger than any signal or key of ours.
    #[error("larger than a signal or key may be")]
    TooLarge,
    /// Not an OpenPGP message of the form that Mailcall reads: encrypted with integrity protection, not compressed.
    #[error("not an OpenPGP message that Mailcall reads")]
    NotOpenPgp,
    /// Encrypted, but to none of this account's keys; another device of the account may hold the right one.
    #[error("encrypted to a key that this device does not have; import the key from your other device")]
    NotForThisKey,
    /// Not a certificate with a signing and an encryption key, or its own signatures are wrong.
    #[error("not a usable OpenPGP key")]
    BadKey,
    /// A private key behind a passphrase.
    #[error("the private key is protected by a passphrase; remove it before the import")]
    LockedKey,
    /// The protected From is missing or differs from the outer one.
    #[error("the sender inside the encryption is not the one outside")]
    SenderMismatch,
    /// The payload is not a signal of a version that we know.
    #[error("not a well-formed signal")]
    Malformed,
    /// `answered` from another address, or something else than `answered` from the own one.
    #[error("this signal does not come from where it must")]
    Misplaced,
    /// The library could not do its part with keys that were good before.
    #[error("the OpenPGP library failed")]
    Crypto,
}
