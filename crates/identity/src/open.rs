use std::{fmt, io::Read};

use pgp::{
    armor::Dearmor,
    composed::{DecryptionOptions, FullSignaturePacket, Message, TheRing},
    crypto::hash::HashAlgorithm,
    errors::Error,
    packet::{Signature, SignatureType, SubpacketData},
    types::{Password, Seipdv1ReadMode},
};

use crate::{
    IdentityError, OwnKey, PeerKey,
    peer::{contained, hex, verifiers},
};

/// The longest armored message, in bytes; several times what a signal in PGP/MIME needs.
pub const MAX_ARMORED: usize = 64 * 1024;

/// More signatures than this are not looked at.
const MAX_SIGNATURES: usize = 4;

/// A decrypted MIME entity and the signatures that were on it. Only [`crate::verify`] looks at those: nothing
/// between the two steps can claim a signature that was not there.
pub struct Opened {
    entity: Vec<u8>,
    signatures: Vec<Signature>,
}

impl Opened {
    /// The MIME entity, for the mail parser.
    pub fn entity(&self) -> &[u8] {
        &self.entity
    }

    pub(crate) fn is_signed_by(&self, key: &PeerKey) -> bool {
        let signed = || {
            let certificate = key.parsed()?;
            let by =
                |signature: &Signature| verifiers(&certificate).any(|key| key.made(signature, &self.entity));
            Ok(self.signatures.iter().any(by))
        };
        contained(signed).unwrap_or(false)
    }

    pub(crate) const fn is_signed(&self) -> bool {
        !self.signatures.is_empty()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} bytes, {} signatures)", self.entity.len(), self.signatures.len())
    }
}

/// Decrypts an armored message with whichever of the account's keys fits.
///
/// Bounded by [`MAX_ARMORED`]: compressed messages, in which a few bytes can stand for many, are refused (keys
/// made by Mailcall ask for none), and nothing else in OpenPGP expands.
///
/// # Errors
/// [`IdentityError::TooLarge`], [`IdentityError::NotForThisKey`], else [`IdentityError::NotOpenPgp`].
pub fn open(armored: &str, own: &[&OwnKey]) -> Result<Opened, IdentityError> {
    if armored.len() > MAX_ARMORED {
        return Err(IdentityError::TooLarge);
    }
    contained(|| decrypt(armored, own))
}

fn decrypt(armored: &str, own: &[&OwnKey]) -> Result<Opened, IdentityError> {
    let mut binary = Vec::new();
    Dearmor::new(armored.as_bytes()).read_to_end(&mut binary).map_err(|_| IdentityError::NotOpenPgp)?;
    let message = Message::from_bytes(binary.as_slice()).map_err(|_| IdentityError::NotOpenPgp)?;
    let password = Password::empty();
    let ring = TheRing {
        secret_keys: own.iter().map(|key| key.secret()).collect(),
        key_passwords: vec![&password],
        decrypt_options: DecryptionOptions::new()
            .set_seipdv1_read_mode(Seipdv1ReadMode::CheckFirst { max_message_size: MAX_ARMORED }),
        ..TheRing::default()
    };
    let (mut message, _) = message.decrypt_the_ring(ring, true).map_err(|error| match error {
        Error::MissingKey => IdentityError::NotForThisKey,
        _ => IdentityError::NotOpenPgp,
    })?;
    let plain = match &message {
        Message::Literal { .. } => true,
        Message::Signed { reader, .. } => reader.get_ref().is_literal(),
        Message::Compressed { .. } | Message::Encrypted { .. } => false,
    };
    if !plain {
        return Err(IdentityError::NotOpenPgp);
    }
    let mut entity = Vec::new();
    message.read_to_end(&mut entity).map_err(|_| IdentityError::NotOpenPgp)?;
    let signatures = match &message {
        Message::Signed { reader, .. } => reader.signatures().unwrap_or_default(),
        _ => &[],
    };
    let signatures = signatures.iter().take(MAX_SIGNATURES).map(FullSignaturePacket::signature);
    let signatures = signatures.filter(|signature| counts(signature, own)).cloned().collect();
    Ok(Opened { entity, signatures })
}

/// Whether a signature, if its key proves to be right, says anything: made with a hash that still holds, over a
/// document, with no condition that we do not understand, and not meant for somebody else.
fn counts(signature: &Signature, own: &[&OwnKey]) -> bool {
    let Some(config) = signature.config() else { return false };
    let strong = matches!(
        config.hash_alg,
        HashAlgorithm::Sha256
            | HashAlgorithm::Sha384
            | HashAlgorithm::Sha512
            | HashAlgorithm::Sha3_256
            | HashAlgorithm::Sha3_512
    );
    let document = matches!(config.typ(), SignatureType::Binary | SignatureType::Text);
    let understood = !config.hashed_subpackets.iter().any(|subpacket| {
        subpacket.is_critical
            && matches!(subpacket.data, SubpacketData::Other(..) | SubpacketData::Experimental(..))
    });
    let mut intended = config.hashed_subpackets.iter().filter_map(|subpacket| match &subpacket.data {
        SubpacketData::IntendedRecipientFingerprint(fingerprint) => Some(hex(fingerprint)),
        _ => None,
    });
    let for_us = match intended.next() {
        None => true,
        Some(first) => {
            std::iter::once(first).chain(intended).any(|f| own.iter().any(|key| key.fingerprint() == f))
        }
    };
    strong && document && understood && for_us
}
