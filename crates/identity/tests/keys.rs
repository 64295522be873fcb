//! Keys and how they travel in headers.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod forge;
mod people;

use call::{ConferenceId, ParticipantId};
use identity::{IdentityError, OwnKey, Participant, PeerKey, key_from_autocrypt};
use people::{Person, address, invite, person};
use pgp::{
    composed::{EncryptionCaps, KeyType, SecretKeyParamsBuilder, SubkeyParamsBuilder},
    crypto::ecc_curve::ECCCurve,
};

fn keydata(header: &str) -> String {
    header.split("keydata=").skip(1).flat_map(str::split_whitespace).collect()
}

#[test]
fn alices_key_survives_the_key_store() {
    let alice = person("alice");

    let again = OwnKey::import(alice.key.secret_bytes().unwrap().reveal()).unwrap();

    assert_eq!(again.public(), alice.key.public());
}

#[test]
fn alices_key_moves_to_her_laptop_as_text() {
    let alice = person("alice");

    let again = OwnKey::import(alice.key.export().unwrap().reveal().as_bytes()).unwrap();

    assert_eq!(again.fingerprint(), alice.key.fingerprint());
}

#[test]
fn a_key_behind_a_passphrase_is_told_apart() {
    let alice = person("alice");
    let mut secret = forge::secret(&alice.key);
    secret.primary_key.set_password(rand_core::OsRng, &"opensesame".into()).unwrap();

    let locked = pgp::ser::Serialize::to_bytes(&secret).unwrap();

    assert_eq!(OwnKey::import(&locked).unwrap_err(), IdentityError::LockedKey);
}

/// As many keep theirs: the primary key certifies, subkeys do the rest.
fn key_with_a_signing_subkey() -> OwnKey {
    let signs =
        SubkeyParamsBuilder::default().key_type(KeyType::Ed25519Legacy).can_sign(true).build().unwrap();
    let encrypts = SubkeyParamsBuilder::default()
        .key_type(KeyType::ECDH(ECCCurve::Curve25519Legacy))
        .can_encrypt(EncryptionCaps::All)
        .build()
        .unwrap();
    let key = SecretKeyParamsBuilder::default()
        .key_type(KeyType::Ed25519Legacy)
        .can_certify(true)
        .primary_user_id("<alice@example.test>".into())
        .subkeys(vec![signs, encrypts])
        .build()
        .unwrap();
    let secret = key.generate(rand_core::OsRng).unwrap();
    OwnKey::import(&pgp::ser::Serialize::to_bytes(&secret).unwrap()).unwrap()
}

#[test]
fn what_alices_signing_subkey_signs_is_hers() {
    let alice = Person { key: key_with_a_signing_subkey(), ..person("alice") };
    let mut bob = person("bob");
    let mail = alice.sealed(invite(), &[bob.key.public()]);

    let sender = bob.thinks_it_is_from(&mail);

    assert_eq!(sender.fingerprint(), Some(alice.key.fingerprint()));
}

#[test]
fn alices_signing_subkey_proves_that_a_participant_is_alice() {
    let key = key_with_a_signing_subkey();
    let (conference, participant) = (ConferenceId::new(1), ParticipantId::new(2));
    let alice = Participant { conference, participant, address: &address("alice@example.test") };

    let proof = key.prove(&alice).unwrap();

    assert!(key.public().proves(&alice, &proof));
}

#[test]
fn a_public_key_is_no_own_key() {
    let alice = person("alice");

    assert_eq!(OwnKey::import(alice.key.public().as_bytes()).unwrap_err(), IdentityError::BadKey);
}

#[test]
fn logs_show_no_key() {
    let alice = person("alice");

    let log = format!("{:?} {:?} {:?}", alice.key, alice.key.secret_bytes().unwrap(), alice.key.public());

    assert_eq!(log, format!("OwnKey({0:.8}…) ‹redacted› PeerKey({0:.8}…)", alice.key.fingerprint()));
}

#[test]
fn a_header_is_small_and_folded_and_gives_the_key_back() {
    let alice = person("alice");

    let header = alice.header();

    assert!(keydata(&header).len() <= 700, "{} characters", keydata(&header).len());
    assert!(format!("Autocrypt: {header}").split("\r\n").all(|line| line.len() <= 76));
    assert_eq!(key_from_autocrypt(&[header], &alice.address).as_ref(), Some(alice.key.public()));
}

#[test]
fn an_address_is_compared_without_regard_to_case() {
    let alice = person("alice");

    let header = alice.header().replace("addr=alice@", "addr=Alice@");

    assert!(key_from_autocrypt(&[header], &alice.address).is_some());
}

#[test]
fn a_header_for_another_address_gives_nothing() {
    let alice = person("alice");

    assert_eq!(key_from_autocrypt(&[alice.header()], &address("bob@example.test")), None);
}

#[test]
fn two_valid_headers_give_nothing() {
    let (alice, other) = (person("alice"), person("alice"));

    assert_eq!(key_from_autocrypt(&[alice.header(), other.header()], &alice.address), None);
}

#[test]
fn an_invalid_header_beside_a_valid_one_is_ignored() {
    let (alice, bob) = (person("alice"), person("bob"));

    let key = key_from_autocrypt(&[bob.header(), alice.header()], &alice.address);

    assert_eq!(key.as_ref(), Some(alice.key.public()));
}

#[test]
fn an_unknown_attribute_is_critical_unless_it_begins_with_an_underscore() {
    let alice = person("alice");

    let critical = format!("color=blue; {}", alice.header());
    let harmless = format!("_color=blue; {}", alice.header());

    assert!(key_from_autocrypt(&[critical], &alice.address).is_none());
    assert!(key_from_autocrypt(&[harmless], &alice.address).is_some());
}

#[test]
fn a_header_too_long_is_not_read() {
    let alice = person("alice");

    let header = format!("_padding={}; {}", "x".repeat(100_000), alice.header());

    assert!(key_from_autocrypt(&[header], &alice.address).is_none());
}

#[test]
fn a_key_whose_self_signature_is_wrong_is_refused() {
    let alice = person("alice");
    let mut bytes = alice.key.public().as_bytes().to_vec();
    let at = bytes.windows(5).position(|w| w == b"alice").unwrap();

    bytes[at] = b'm';

    assert_eq!(PeerKey::from_bytes(&bytes), Err(IdentityError::BadKey));
}

#[test]
fn two_keys_in_one_are_refused() {
    let (alice, bob) = (person("alice"), person("bob"));

    let both = [alice.key.public().as_bytes(), bob.key.public().as_bytes()].concat();

    assert_eq!(PeerKey::from_bytes(&both), Err(IdentityError::BadKey));
}

#[test]
fn a_key_that_cannot_be_encrypted_to_is_refused() {
    let alice = person("alice");
    let bytes = alice.key.public().as_bytes();
    // The subkey (tag 14) comes last, after the primary key, the user id and its signature.
    let subkey = bytes.windows(2).rposition(|w| w == [0xce, 0x38]).unwrap();

    assert_eq!(PeerKey::from_bytes(&bytes[..subkey]), Err(IdentityError::BadKey));
}
