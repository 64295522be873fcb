use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use pgp::{
    composed::{Deserializable, SignedPublicKey, SignedPublicSubKey},
    packet::{KeyFlags, PublicKey, PublicSubkey, Signature, SignatureType},
    ser::Serialize,
    types::{EcdhPublicParams, Fingerprint, KeyDetails, KeyVersion, PublicParams},
};

use crate::IdentityError;

/// The largest certificate, in bytes; Autocrypt headers of real programs stay below it.
pub(crate) const MAX_KEY: usize = 10 * 1024;

/// More self-signatures than this no minimal certificate has; each costs a public-key operation to check.
const MAX_SELF_SIGNATURES: usize = 16;

/// Runs a parser of remote bytes. `pgp` is written not to panic, but holds assertions about its own state; one
/// of them must cost a message, not the mail thread.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T, IdentityError>) -> Result<T, IdentityError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(IdentityError::NotOpenPgp))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(fingerprint: &Fingerprint) -> String {
    format!("{fingerprint:x}")
}

/// Somebody's public key (an OpenPGP certificate), checked once when it came in. Kept as bytes, which are a
/// tenth of the parsed form.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerKey {
    fingerprint: String,
    certificate: Box<[u8]>,
}

impl PeerKey {
    /// Reads one binary certificate and checks it: a primary key of version 4 or 6 that is not revoked, valid
    /// self-signatures, a key to encrypt to and a key that signs. Expiry is not looked at: device clocks lie, and
    /// a contact who cannot be rung because of a date helps nobody.
    ///
    /// # Errors
    /// [`IdentityError::TooLarge`] over 10 KiB, else [`IdentityError::BadKey`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdentityError> {
        if bytes.len() > MAX_KEY {
            return Err(IdentityError::TooLarge);
        }
        contained(|| {
            let certificate = parse(bytes)?;
            check(&certificate)?;
            Self::of(&certificate)
        })
    }

    pub(crate) fn of(certificate: &SignedPublicKey) -> Result<Self, IdentityError> {
        let bytes = certificate.to_bytes().map_err(|_| IdentityError::BadKey)?;
        Ok(Self { fingerprint: hex(&certificate.fingerprint()), certificate: bytes.into() })
    }

    /// A key that was checked before it was stored.
    pub(crate) fn stored(fingerprint: String, certificate: Vec<u8>) -> Self {
        Self { fingerprint, certificate: certificate.into() }
    }

    /// The primary key's fingerprint: 40 (version 4) or 64 (version 6) lower-case hexadecimal digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The binary certificate.
    pub fn as_bytes(&self) -> &[u8] {
        &self.certificate
    }

    pub(crate) fn parsed(&self) -> Result<SignedPublicKey, IdentityError> {
        contained(|| parse(&self.certificate))
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerKey({:.8}…)", self.fingerprint)
    }
}

fn parse(bytes: &[u8]) -> Result<SignedPublicKey, IdentityError> {
    let mut certificates = SignedPublicKey::from_bytes_many(bytes).map_err(|_| IdentityError::BadKey)?;
    match (certificates.next(), certificates.next()) {
        (Some(Ok(certificate)), None) => Ok(certificate),
        _ => Err(IdentityError::BadKey),
    }
}

fn check(certificate: &SignedPublicKey) -> Result<(), IdentityError> {
    let details = &certificate.details;
    let signatures = details.direct_signatures.len()
        + details.users.iter().map(|user| user.signatures.len()).sum::<usize>()
        + details.user_attributes.iter().map(|attribute| attribute.signatures.len()).sum::<usize>()
        + certificate.public_subkeys.iter().map(|subkey| subkey.signatures.len()).sum::<usize>();
    let good = matches!(certificate.version(), KeyVersion::V4 | KeyVersion::V6)
        && details.revocation_signatures.is_empty()
        && signatures <= MAX_SELF_SIGNATURES
        && encryption_key(certificate).is_some()
        && verifiers(certificate).next().is_some()
        && certificate.verify_bindings().is_ok();
    if good { Ok(()) } else { Err(IdentityError::BadKey) }
}

/// The newest subkey for encryption.
pub(crate) fn encryption_key(certificate: &SignedPublicKey) -> Option<&PublicSubkey> {
    subkeys(certificate, |flags| flags.encrypt_comms() || flags.encrypt_storage())
        .filter(|key| can_be_encrypted_to(key.public_params()))
        .max_by_key(|key| key.created_at())
}

/// Whether `pgp` can; it reads more.
fn can_be_encrypted_to(key: &PublicParams) -> bool {
    match key {
        PublicParams::RSA(_) | PublicParams::X25519(_) | PublicParams::X448(_) => true,
        PublicParams::ECDH(curve) => matches!(
            curve,
            EcdhPublicParams::Curve25519Legacy { .. }
                | EcdhPublicParams::P256 { .. }
                | EcdhPublicParams::P384 { .. }
                | EcdhPublicParams::P521 { .. }
        ),
        _ => false,
    }
}

/// A key that may sign messages for a certificate.
pub(crate) enum Verifier<'a> {
    Primary(&'a PublicKey),
    Subkey(&'a PublicSubkey),
}

impl Verifier<'_> {
    pub(crate) const fn is_primary(&self) -> bool {
        matches!(self, Self::Primary(_))
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Primary(key) => key.fingerprint(),
            Self::Subkey(key) => key.fingerprint(),
        }
    }

    pub(crate) fn made(&self, signature: &Signature, over: &[u8]) -> bool {
        match self {
            Self::Primary(key) => signature.verify(*key, over).is_ok(),
            Self::Subkey(key) => signature.verify(*key, over).is_ok(),
        }
    }
}

/// The keys of a certificate whose signatures on messages count.
pub(crate) fn verifiers(certificate: &SignedPublicKey) -> impl Iterator<Item = Verifier<'_>> {
    let details = &certificate.details;
    let primary = details
        .direct_signatures
        .iter()
        .chain(details.users.iter().flat_map(|user| &user.signatures))
        .any(|signature| signature.key_flags().sign())
        .then_some(Verifier::Primary(&certificate.primary_key));
    primary.into_iter().chain(subkeys(certificate, KeyFlags::sign).map(Verifier::Subkey))
}

fn subkeys(
    certificate: &SignedPublicKey,
    able: impl Fn(&KeyFlags) -> bool,
) -> impl Iterator<Item = &PublicSubkey> {
    let bound = move |subkey: &&SignedPublicSubKey| {
        let revoked = |signature: &Signature| signature.typ() == Some(SignatureType::SubkeyRevocation);
        !subkey.signatures.iter().any(revoked) && subkey.signatures.iter().any(|s| able(&s.key_flags()))
    };
    certificate.public_subkeys.iter().filter(bound).map(|subkey| &subkey.key)
}
