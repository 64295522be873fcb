//! Bytes that were never meant well. `pgp` must not panic on them: what [`identity::open`] contains is a last
//! resort, so a panic counts as a failure here though nobody outside would see it.
#![allow(clippy::indexing_slicing, reason = "every index is taken modulo the length")]

mod forge;
mod people;

use std::{
    panic,
    sync::{
        LazyLock, Once,
        atomic::{AtomicUsize, Ordering},
    },
};

use identity::{Envelope, OwnKey, PeerKey, key_from_autocrypt, open};
use people::{Mail, Person, invite, person};
use proptest::{collection::vec, prelude::*, sample::Index};

static PANICS: AtomicUsize = AtomicUsize::new(0);
static BOB: LazyLock<Person> = LazyLock::new(|| person("bob"));
static ALICE: LazyLock<Person> = LazyLock::new(|| person("alice"));
static SEALED: LazyLock<Mail> = LazyLock::new(|| ALICE.sealed(invite(), &[BOB.key.public()]));

fn without_panic<T>(work: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::SeqCst);
            usual(info);
        }));
    });
    let before = PANICS.load(Ordering::SeqCst);
    let done = work();
    assert_eq!(PANICS.load(Ordering::SeqCst), before, "a panic was contained");
    done
}

/// One thing done to a row of bytes.
#[derive(Clone, Debug)]
enum Harm {
    Set(Index, u8),
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, to)| Harm::Set(at, to)),
        (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        any::<Index>().prop_map(Harm::Cut),
        (any::<Index>(), 1..40usize).prop_map(|(at, n)| Harm::Remove(at, n)),
        (any::<Index>(), 1..400usize).prop_map(|(at, n)| Harm::Repeat(at, n)),
        (any::<Index>(), vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
    ]
}

fn harmed(bytes: &[u8], harms: &[Harm]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for harm in harms {
        if bytes.is_empty() {
            break;
        }
        let len = bytes.len();
        match harm {
            Harm::Set(at, to) => bytes[at.index(len)] = *to,
            Harm::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Harm::Cut(at) => bytes.truncate(at.index(len)),
            Harm::Remove(at, n) => drop(bytes.drain(at.index(len)..(at.index(len) + n).min(len))),
            Harm::Repeat(at, n) => {
                let piece = bytes[at.index(len)..(at.index(len) + n).min(len)].to_vec();
                bytes.splice(at.index(len)..at.index(len), piece);
            }
            Harm::Insert(at, piece) => {
                drop(bytes.splice(at.index(len)..at.index(len), piece.iter().copied()))
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_is_no_message(text in ".{0,400}") {
        prop_assert!(without_panic(|| open(&text, &[&BOB.key])).is_err());
    }

    #[test]
    fn random_packets_are_no_message(bytes in vec(any::<u8>(), 0..400)) {
        without_panic(|| drop(open(&forge::armored(&bytes), &[&BOB.key])));
    }

    #[test]
    fn a_harmed_message_gives_an_error_or_what_was_sealed(harms in vec(harm(), 1..4)) {
        let bytes = forge::binary(SEALED.sealed.as_deref().unwrap_or_default());
        let mail = Mail { sealed: Some(forge::armored(&harmed(&bytes, &harms))), ..SEALED.clone() };
        if let Ok(Some(opened)) = without_panic(|| BOB.open(&mail)) {
            prop_assert_eq!(opened.entity(), SEALED.payload.as_bytes());
        }
    }

    #[test]
    fn harmed_packets_under_good_encryption_are_survived(harms in vec(harm(), 1..4)) {
        let packets = forge::peel(SEALED.sealed.as_deref().unwrap_or_default(), &BOB.key);
        let mail = Mail { sealed: Some(forge::wrap(&harmed(&packets, &harms), BOB.key.public())), ..SEALED.clone() };
        let mut bob = Person { address: BOB.address.clone(), key: clone(&BOB.key), pins: identity::Pins::default() };
        if let Ok(identity::Outcome::Signal { verified, .. }) = without_panic(|| bob.receives(&mail))
            && verified.sender().fingerprint().is_some()
        {
            prop_assert_eq!(verified.signal(), &invite());
        }
    }

    #[test]
    fn random_packets_under_good_encryption_are_survived(bytes in vec(any::<u8>(), 0..300)) {
        without_panic(|| drop(open(&forge::wrap(&bytes, BOB.key.public()), &[&BOB.key])));
    }

    #[test]
    fn a_harmed_key_is_refused_or_the_same(harms in vec(harm(), 1..4)) {
        let bytes = harmed(ALICE.key.public().as_bytes(), &harms);
        if let Ok(key) = without_panic(|| PeerKey::from_bytes(&bytes)) {
            prop_assert_eq!(key.fingerprint(), ALICE.key.fingerprint());
        }
    }

    #[test]
    fn a_harmed_header_is_survived(harms in vec(harm(), 1..4)) {
        let header = String::from_utf8_lossy(&harmed(ALICE.header().as_bytes(), &harms)).into_owned();
        if let Some(key) = without_panic(|| key_from_autocrypt(&[header], &ALICE.address)) {
            prop_assert_eq!(key.fingerprint(), ALICE.key.fingerprint());
        }
    }

    #[test]
    fn a_harmed_private_key_is_survived(harms in vec(harm(), 1..4)) {
        let secret = ALICE.key.secret_bytes().map(call::Redacted::into_inner).unwrap_or_default();
        without_panic(|| drop(OwnKey::import(&harmed(&secret, &harms))));
    }

    #[test]
    fn a_harmed_payload_is_survived(harms in vec(harm(), 1..4)) {
        without_panic(|| drop(Envelope::decode(&harmed(SEALED.payload.as_bytes(), &harms))));
    }
}

fn clone(key: &OwnKey) -> OwnKey {
    OwnKey::import(key.secret_bytes().map(call::Redacted::into_inner).unwrap_or_default().as_slice())
        .unwrap_or_else(|_| unreachable!())
}
