//! Messages that are encrypted as they should be and otherwise are not what they seem.

mod forge;
mod people;

use call::Sender;
use identity::IdentityError;
use people::{Mail, decline, invite, person};
use pgp::{composed::MessageBuilder, types::CompressionAlgorithm};
use rand_core::OsRng;

#[test]
fn what_alice_sealed_for_bob_proves_nothing_to_carol() {
    let (alice, bob, mut carol) = (person("alice"), person("bob"), person("carol"));
    carol.hears(&alice.plain(invite()));
    let sealed = alice.sealed(invite(), &[bob.key.public()]);

    let packets = forge::peel(sealed.sealed.as_deref().unwrap(), &bob.key);
    let passed_on = Mail { sealed: Some(forge::wrap(&packets, carol.key.public())), ..sealed };

    assert_eq!(carol.thinks_it_is_from(&passed_on), Sender::Unauthenticated);
}

#[test]
fn encrypting_again_for_the_intended_reader_changes_nothing() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    let sealed = alice.sealed(invite(), &[bob.key.public()]);

    let packets = forge::peel(sealed.sealed.as_deref().unwrap(), &bob.key);
    let again = Mail { sealed: Some(forge::wrap(&packets, bob.key.public())), ..sealed };

    assert_eq!(bob.thinks_it_is_from(&again).fingerprint(), Some(alice.key.fingerprint()));
}

#[test]
fn a_word_changed_under_the_signature_undoes_it() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    let sealed = alice.sealed(decline(), &[bob.key.public()]);

    let mut packets = forge::peel(sealed.sealed.as_deref().unwrap(), &bob.key);
    let at = packets.windows(4).position(|w| w == b"busy").unwrap();
    packets[at..at + 4].copy_from_slice(b"lazy");
    let changed = Mail { sealed: Some(forge::wrap(&packets, bob.key.public())), ..sealed };

    assert_eq!(bob.thinks_it_is_from(&changed), Sender::Unauthenticated);
}

#[test]
fn a_bit_changed_under_the_encryption_is_noticed() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    let sealed = alice.sealed(decline(), &[bob.key.public()]);

    let mut bytes = forge::binary(sealed.sealed.as_deref().unwrap());
    let at = bytes.len() - 200;
    bytes[at] ^= 1;
    let changed = Mail { sealed: Some(forge::armored(&bytes)), ..sealed };

    assert_eq!(bob.receives(&changed), Err(IdentityError::NotOpenPgp));
}

#[test]
fn an_encrypted_mail_without_a_signature_is_unauthenticated_and_teaches_its_key() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    let sealed = alice.sealed(invite(), &[bob.key.public()]);

    let packets = MessageBuilder::from_bytes("", sealed.payload.clone()).to_vec(OsRng).unwrap();
    let unsigned = Mail { sealed: Some(forge::wrap(&packets, bob.key.public())), ..sealed };

    let (verified, pin) = bob.hears(&unsigned);
    assert_eq!(verified.sender(), &Sender::Unauthenticated);
    assert!(pin.is_some());
}

#[test]
fn a_message_that_would_expand_is_refused() {
    let (alice, bob) = (person("alice"), person("bob"));

    let mut builder = MessageBuilder::from_bytes("", vec![b' '; 8 << 20]);
    builder.compression(CompressionAlgorithm::ZLIB);
    let packets = builder.to_vec(OsRng).unwrap();
    let bomb = Mail { sealed: Some(forge::wrap(&packets, bob.key.public())), ..alice.plain(invite()) };

    assert!(bomb.sealed.as_deref().unwrap().len() < identity::MAX_ARMORED);
    assert_eq!(bob.open(&bomb).unwrap_err(), IdentityError::NotOpenPgp);
}

#[test]
fn a_message_beyond_the_bound_is_not_parsed() {
    let bob = person("bob");

    let endless = Mail { sealed: Some("A".repeat(identity::MAX_ARMORED + 1)), ..Mail::default() };

    assert_eq!(bob.open(&endless).unwrap_err(), IdentityError::TooLarge);
}
