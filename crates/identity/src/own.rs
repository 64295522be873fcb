use std::fmt;

use call::{Address, Redacted};
use pgp::{
    composed::{
        ArmorOptions, Deserializable, EncryptionCaps, KeyType, SecretKeyParamsBuilder, SignedSecretKey,
        SubkeyParamsBuilder,
    },
    crypto::{ecc_curve::ECCCurve, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    ser::Serialize,
    types::{CompressionAlgorithm, KeyDetails, SecretParams, SigningKey},
};
use rand_core::OsRng;

use crate::{
    IdentityError, PeerKey, autocrypt, open,
    peer::{MAX_KEY, contained, verifiers},
    seal,
};

/// An account's own key pair. `Debug` shows the fingerprint's beginning only.
pub struct OwnKey {
    secret: SignedSecretKey,
    public: PeerKey,
    /// The place of the subkey that signs; none: the primary key does.
    signs: Option<usize>,
}

impl OwnKey {
    /// Makes a key pair: Ed25519 to sign, X25519 to encrypt, in the version 4 packets that every OpenPGP program
    /// reads. Its preferences ask others for AES-256 and for no compression.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`] if the operating system gives no randomness.
    pub fn generate(address: &Address) -> Result<Self, IdentityError> {
        let generate = || -> Option<SignedSecretKey> {
            let encryption = SubkeyParamsBuilder::default()
                .key_type(KeyType::ECDH(ECCCurve::Curve25519Legacy))
                .can_encrypt(EncryptionCaps::All)
                .build()
                .ok()?;
            SecretKeyParamsBuilder::default()
                .key_type(KeyType::Ed25519Legacy)
                .can_certify(true)
                .can_sign(true)
                .primary_user_id(format!("<{}>", address.as_str()))
                .preferred_symmetric_algorithms(
                    [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES128].into_iter().collect(),
                )
                .preferred_hash_algorithms(
                    [HashAlgorithm::Sha256, HashAlgorithm::Sha512].into_iter().collect(),
                )
                .preferred_compression_algorithms([CompressionAlgorithm::Uncompressed].into_iter().collect())
                .subkey(encryption)
                .build()
                .ok()?
                .generate(OsRng)
                .ok()
        };
        Self::of(generate().ok_or(IdentityError::Crypto)?)
    }

    fn of(secret: SignedSecretKey) -> Result<Self, IdentityError> {
        let certificate = secret.to_public_key();
        let public = PeerKey::of(&certificate)?;
        let mut signs = None;
        if !verifiers(&certificate).any(|key| key.is_primary()) {
            let counts = |key: &dyn KeyDetails| {
                verifiers(&certificate).any(|verifier| verifier.fingerprint() == key.fingerprint())
            };
            let subkeys = secret.secret_subkeys.iter().enumerate();
            let newest =
                subkeys.filter(|(_, subkey)| counts(&subkey.key)).max_by_key(|(_, s)| s.key.created_at());
            signs = Some(newest.ok_or(IdentityError::BadKey)?.0);
        }
        Ok(Self { secret, public, signs })
    }

    /// Reads a private key as [`OwnKey::secret_bytes`] or [`OwnKey::export`] wrote it, or as another OpenPGP
    /// program exported it.
    ///
    /// # Errors
    /// [`IdentityError::TooLarge`], [`IdentityError::LockedKey`] if it is behind a passphrase,
    /// [`IdentityError::BadKey`] if it is not one private key that can both sign and encrypt.
    pub fn import(bytes: &[u8]) -> Result<Self, IdentityError> {
        // Armor is a third longer than what it carries; a private key not twice as long as its public half.
        if bytes.len() > 3 * MAX_KEY {
            return Err(IdentityError::TooLarge);
        }
        contained(|| {
            let (secret, _) =
                SignedSecretKey::from_reader_single(bytes).map_err(|_| IdentityError::BadKey)?;
            let plain = |params: &SecretParams| matches!(params, SecretParams::Plain(_));
            if !plain(secret.primary_key.secret_params())
                || !secret.secret_subkeys.iter().all(|subkey| plain(subkey.key.secret_params()))
            {
                return Err(IdentityError::LockedKey);
            }
            let own = Self::of(secret)?;
            PeerKey::from_bytes(own.public.as_bytes())?;
            if own.works() { Ok(own) } else { Err(IdentityError::BadKey) }
        })
    }

    /// Whether what it seals can be opened with it, and what it signs is taken as its own: there are algorithms
    /// that can be read but not used.
    fn works(&self) -> bool {
        let sealed = seal(b"", self, &[]);
        let opened = sealed.and_then(|sealed| open(&sealed.armored, &[self]));
        opened.is_ok_and(|opened| opened.is_signed_by(&self.public))
    }

    /// The private key for the key store, binary.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`], which does not happen to a key that was generated or imported.
    pub fn secret_bytes(&self) -> Result<Redacted<Vec<u8>>, IdentityError> {
        self.secret.to_bytes().map(Redacted::new).map_err(|_| IdentityError::Crypto)
    }

    /// The private key as armored text, for the user's other device or another program.
    ///
    /// # Errors
    /// As [`OwnKey::secret_bytes`].
    pub fn export(&self) -> Result<Redacted<String>, IdentityError> {
        self.secret
            .to_armored_string(ArmorOptions::default())
            .map(Redacted::new)
            .map_err(|_| IdentityError::Crypto)
    }

    /// The public half.
    pub const fn public(&self) -> &PeerKey {
        &self.public
    }

    /// As [`PeerKey::fingerprint`].
    pub fn fingerprint(&self) -> &str {
        self.public.fingerprint()
    }

    /// The value of the `Autocrypt` header of mails from `address`, folded with CRLF and a space at 76 columns.
    pub fn autocrypt_header(&self, address: &Address) -> String {
        autocrypt::header(address, &self.public)
    }

    pub(crate) const fn secret(&self) -> &SignedSecretKey {
        &self.secret
    }

    /// What signs, so that [`verifiers`] have it.
    pub(crate) fn signer(&self) -> &dyn SigningKey {
        match self.signs.and_then(|at| self.secret.secret_subkeys.get(at)) {
            Some(subkey) => &subkey.key,
            None => &self.secret.primary_key,
        }
    }
}

impl fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnKey({:.8}…)", self.fingerprint())
    }
}
