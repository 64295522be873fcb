use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use call::{Address, ConferenceId, ParticipantId};
use pgp::{
    composed::{Deserializable, DetachedSignature},
    crypto::hash::HashAlgorithm,
    packet::{Signature, SignatureType},
    ser::Serialize,
    types::Password,
};
use rand_core::OsRng;

use crate::{
    IdentityError, OwnKey, PeerKey,
    peer::{contained, verifiers},
};

/// The longest proof, in characters; a key whose signatures are longer makes none.
pub const MAX_PROOF: usize = 1024;

/// A participant of a conference and the address that is said to be its user's.
///
/// A proof is a detached OpenPGP signature over a text of four lines. No mail can be made of it: the text begins with
/// no header field and, since neither ids nor addresses hold a colon, has none, so it is no MIME entity that could
/// carry a signal. Nor is a signed mail a proof: its entity begins with `Content-Type:`, and mails are signed as binary
/// documents, proofs as texts, which is part of what is signed.
#[derive(Clone, Copy, Debug)]
pub struct Participant<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The participant, which is its key in that conference.
    pub participant: ParticipantId,
    /// Whom it says it belongs to.
    pub address: &'a Address,
}

impl Participant<'_> {
    fn statement(&self) -> String {
        let Self { conference, participant, address } = self;
        format!("mailcall participant 1\n{conference}\n{participant}\n{}", address.as_str())
    }
}

impl OwnKey {
    /// States that a participant belongs to the holder of this key: at most [`MAX_PROOF`] characters of base64url.
    ///
    /// # Errors
    /// [`IdentityError::TooLarge`] if the key is one of unusual size, [`IdentityError::Crypto`].
    pub fn prove(&self, participant: &Participant<'_>) -> Result<String, IdentityError> {
        let statement = participant.statement();
        let signature = DetachedSignature::sign_text_data(
            OsRng,
            &Box::new(self.signer()),
            &Password::empty(),
            HashAlgorithm::Sha256,
            statement.as_bytes(),
        );
        let bytes =
            signature.and_then(|signature| signature.to_bytes()).map_err(|_| IdentityError::Crypto)?;
        let proof = URL_SAFE_NO_PAD.encode(bytes);
        if proof.len() > MAX_PROOF { Err(IdentityError::TooLarge) } else { Ok(proof) }
    }
}

impl PeerKey {
    /// Whether this key made that proof. A proof comes from a stranger, and may be anything.
    pub fn proves(&self, participant: &Participant<'_>, proof: &str) -> bool {
        if proof.len() > MAX_PROOF {
            return false;
        }
        let made = || {
            let bytes = URL_SAFE_NO_PAD.decode(proof).map_err(|_| IdentityError::NotOpenPgp)?;
            let read = DetachedSignature::from_bytes(bytes.as_slice());
            let signature = read.map_err(|_| IdentityError::NotOpenPgp)?.signature;
            let (certificate, statement) = (self.parsed()?, participant.statement());
            Ok(is_text_signature(&signature)
                && verifiers(&certificate).any(|key| key.made(&signature, statement.as_bytes())))
        };
        contained(made).unwrap_or(false)
    }
}

fn is_text_signature(signature: &Signature) -> bool {
    signature.config().is_some_and(|config| {
        config.typ() == SignatureType::Text
            && matches!(
                config.hash_alg,
                HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512
            )
    })
}
