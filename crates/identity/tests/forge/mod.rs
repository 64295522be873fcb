//! What somebody can do who knows OpenPGP and follows no rule: take a message apart and put it together anew.
#![allow(dead_code, reason = "every test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use base64::{Engine, engine::general_purpose::STANDARD};
use identity::{OwnKey, PeerKey};
use pgp::{
    composed::{Deserializable, PlainSessionKey, SignedPublicKey, SignedSecretKey},
    crypto::sym::SymmetricKeyAlgorithm::AES256,
    packet::{Packet, PacketParser, PacketTrait, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData},
    types::{DecryptionKey, EskType, Password, Seipdv1ReadMode},
};
use rand_core::OsRng;

pub fn secret(key: &OwnKey) -> SignedSecretKey {
    SignedSecretKey::from_bytes(key.secret_bytes().unwrap().reveal().as_slice()).unwrap()
}

pub fn binary(armored: &str) -> Vec<u8> {
    let body = armored.split("\n\n").nth(1).unwrap().split("-----").next().unwrap();
    let lines = body.lines().filter(|line| !line.starts_with('='));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

pub fn armored(binary: &[u8]) -> String {
    format!("-----BEGIN PGP MESSAGE-----\n\n{}\n-----END PGP MESSAGE-----\n", STANDARD.encode(binary))
}

/// The packets inside the encryption: with them a recipient can do as they like.
pub fn peel(message: &str, own: &OwnKey) -> Vec<u8> {
    let secret = secret(own);
    let subkey = &secret.secret_subkeys[0].key;
    let mut session = None;
    for packet in PacketParser::new(binary(message).as_slice()) {
        match packet.unwrap() {
            Packet::PublicKeyEncryptedSessionKey(esk) if esk.match_identity(subkey.public_key()) => {
                session = Some(
                    subkey
                        .decrypt(&Password::empty(), esk.values().unwrap(), EskType::V3_4)
                        .unwrap()
                        .unwrap(),
                );
            }
            Packet::SymEncryptedProtectedData(data) => {
                let Some(PlainSessionKey::V3_4 { key, sym_alg }) = &session else {
                    panic!("not for this key")
                };
                return data.decrypt(key.as_ref(), Some(*sym_alg), Seipdv1ReadMode::default()).unwrap();
            }
            _ => {}
        }
    }
    panic!("nothing encrypted")
}

/// Encrypts packets as they are.
pub fn wrap(packets: &[u8], to: &PeerKey) -> String {
    let certificate = SignedPublicKey::from_bytes(to.as_bytes()).unwrap();
    let session = AES256.new_session_key(OsRng);
    let esk = PublicKeyEncryptedSessionKey::from_session_key_v3(
        OsRng,
        &session,
        AES256,
        &certificate.public_subkeys[0].key,
    )
    .unwrap();
    let data = SymEncryptedProtectedData::encrypt_seipdv1(OsRng, AES256, session.as_ref(), packets).unwrap();
    let mut message = Vec::new();
    esk.to_writer_with_header(&mut message).unwrap();
    data.to_writer_with_header(&mut message).unwrap();
    armored(&message)
}
