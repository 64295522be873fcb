//! Keys and how they travel in headers.

mod forge;
mod people;

use identity::{IdentityError, OwnKey, PeerKey, key_from_autocrypt};
use people::{address, person};

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
