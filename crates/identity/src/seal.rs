use pgp::{
    composed::{ArmorOptions, MessageBuilder, SubpacketConfig},
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{Subpacket, SubpacketData},
    types::{Fingerprint, KeyDetails, Password, Timestamp},
};
use rand_core::OsRng;

use crate::{IdentityError, OwnKey, PeerKey, peer::encryption_key};

/// A signed and encrypted MIME entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The body of the `application/octet-stream` part of PGP/MIME (RFC 3156): armored, lines end with LF.
    pub armored: String,
    /// The fingerprints of the recipients' keys, in the order given, without one's own: only from these keys
    /// does an `accept` or `answer` to what was sealed count.
    pub recipients: Vec<String>,
}

/// Signs `entity` with `own` and encrypts it to `recipients` and to `own`.
///
/// The signature names whom it is meant for (intended recipients, RFC 9580 section 5.2.3.36), so that a recipient
/// cannot pass it on to a third person as if it were for them. Integrity-protected data version 1, AES-256,
/// SHA-256, no compression: every OpenPGP program reads it.
///
/// # Errors
/// [`IdentityError::BadKey`] if a recipient's stored key is damaged, [`IdentityError::Crypto`].
pub fn seal(entity: &[u8], own: &OwnKey, recipients: &[&PeerKey]) -> Result<Sealed, IdentityError> {
    let mut certificates = Vec::with_capacity(recipients.len() + 1);
    for key in recipients.iter().filter(|key| key.fingerprint() != own.fingerprint()) {
        certificates.push(key.parsed()?);
    }
    certificates.push(own.public().parsed()?);

    let mut builder =
        MessageBuilder::from_bytes("", entity.to_vec()).seipd_v1(OsRng, SymmetricKeyAlgorithm::AES256);
    for certificate in &certificates {
        let key = encryption_key(certificate).ok_or(IdentityError::BadKey)?;
        builder.encrypt_to_key(OsRng, key).map_err(|_| IdentityError::Crypto)?;
    }
    let intended = certificates.iter().map(KeyDetails::fingerprint);
    let subpackets = subpackets(own, intended).map_err(|_| IdentityError::Crypto)?;
    builder.sign_with_subpackets(own.signer(), Password::empty(), HashAlgorithm::Sha256, subpackets);
    let armor = ArmorOptions { headers: None, include_checksum: false };
    let armored = builder.to_armored_string(OsRng, armor).map_err(|_| IdentityError::Crypto)?;

    let recipients = recipients.iter().map(|key| key.fingerprint().to_owned()).collect();
    Ok(Sealed { armored, recipients })
}

fn subpackets(
    own: &OwnKey,
    intended: impl Iterator<Item = Fingerprint>,
) -> pgp::errors::Result<SubpacketConfig> {
    let signer = own.signer();
    let mut hashed = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::now()))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(signer.fingerprint()))?,
    ];
    for fingerprint in intended {
        hashed.push(Subpacket::regular(SubpacketData::IntendedRecipientFingerprint(fingerprint))?);
    }
    Ok(SubpacketConfig::UserDefined { hashed, unhashed: Vec::new() })
}
