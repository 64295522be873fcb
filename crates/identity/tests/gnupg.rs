//! GnuPG 2.2.40 on the other side. `gnupg/bob.secret.asc` was made by [`OwnKey::generate`]; `alice.secret.asc` by `gpg
//! --gen-key` (Ed25519 and Curve25519, no passphrase); `invite.asc` by `gpg -u alice -r bob --armor --sign --encrypt`, with no
//! word about compression: Bob's key asks for none. `carol.public.asc` is RSA with a signing subkey; she signed
//! `carol_sha256.asc` and, with `--digest-algo SHA1`, `carol_sha1.asc`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod forge;
mod people;

use base64::{Engine, engine::general_purpose::STANDARD};
use call::{Sender, Standing};
use identity::{IdentityError, OwnKey, Pins};
use people::{Mail, Person, address, decline};

fn bob() -> Person {
    let key = OwnKey::import(include_bytes!("gnupg/bob.secret.asc")).unwrap();
    Person { address: address("bob@example.test"), key, pins: Pins::default() }
}

fn alice() -> Person {
    let key = OwnKey::import(include_bytes!("gnupg/alice.secret.asc")).unwrap();
    Person { address: address("alice@example.test"), key, pins: Pins::default() }
}

fn by_carol(armored: &str) -> Mail {
    let public = forge::binary(include_str!("gnupg/carol.public.asc"));
    Mail {
        from: "carol@example.test".to_owned(),
        inner_from: Some("carol@example.test".to_owned()),
        autocrypt: vec![format!("addr=carol@example.test; keydata={}", STANDARD.encode(public))],
        sealed: Some(armored.to_owned()),
        ..Mail::default()
    }
}

fn sealed_by_gnupg() -> Mail {
    Mail {
        from: "alice@example.test".to_owned(),
        inner_from: Some("alice@example.test".to_owned()),
        autocrypt: vec![alice().header()],
        sealed: Some(include_str!("gnupg/invite.asc").to_owned()),
        ..Mail::default()
    }
}

#[test]
fn what_gnupg_signed_and_encrypted_is_proven() {
    let (verified, pin) = bob().hears(&sealed_by_gnupg());

    assert_eq!(verified.signal(), &decline());
    assert_eq!(
        verified.sender(),
        &Sender::Key {
            fingerprint: "02324b5213a5baf4afee725e35ffb8d14d99fbc1".to_owned(),
            standing: Standing::FirstUse
        }
    );
    assert!(pin.is_some());
}

#[test]
fn a_signing_subkey_speaks_for_its_owner() {
    let sender = bob().thinks_it_is_from(&by_carol(include_str!("gnupg/carol_sha256.asc")));

    assert!(matches!(sender, Sender::Key { standing: Standing::FirstUse, .. }), "{sender:?}");
}

#[test]
fn a_signature_over_sha1_does_not_count() {
    let sender = bob().thinks_it_is_from(&by_carol(include_str!("gnupg/carol_sha1.asc")));

    assert_eq!(sender, Sender::Unauthenticated);
}

#[test]
fn a_key_made_by_gnupg_can_be_ones_own() {
    let (alice, mut bob) = (alice(), bob());

    let (verified, _) = bob.hears(&alice.sealed(decline(), &[bob.key.public()]));

    assert_eq!(verified.sender().fingerprint(), Some(alice.key.fingerprint()));
}

#[test]
fn gnupg_sealing_for_bob_is_not_read_by_carol() {
    let mut carol = people::person("carol");

    assert_eq!(carol.receives(&sealed_by_gnupg()), Err(IdentityError::NotForThisKey));
}
