//! Who a participant of a conference is.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod forge;
mod people;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use call::{Address, ConferenceId, ParticipantId};
use identity::{MAX_PROOF, Participant, seal};
use people::{Person, person};
use pgp::{
    composed::DetachedSignature,
    crypto::hash::HashAlgorithm,
    packet::{Packet, PacketParser, PacketTrait},
    ser::Serialize,
    types::Password,
};
use proptest::prelude::*;
use rand_core::OsRng;

const CONFERENCE: ConferenceId = ConferenceId::new(0xc0ffee);
const LAPTOP: ParticipantId = ParticipantId::new(7);

fn at(address: &Address) -> Participant<'_> {
    Participant { conference: CONFERENCE, participant: LAPTOP, address }
}

/// What Alice signs with another OpenPGP program.
fn signed(alice: &Person, text: &str, as_text: bool) -> String {
    let secret = forge::secret(&alice.key);
    let (key, empty, hash) = (&secret.primary_key, Password::empty(), HashAlgorithm::Sha256);
    let signature = if as_text {
        DetachedSignature::sign_text_data(OsRng, key, &empty, hash, text.as_bytes())
    } else {
        DetachedSignature::sign_binary_data(OsRng, key, &empty, hash, text.as_bytes())
    };
    URL_SAFE_NO_PAD.encode(signature.unwrap().to_bytes().unwrap())
}

fn statement(alice: &Person) -> String {
    format!("mailcall participant 1\n{CONFERENCE}\n{LAPTOP}\n{}", alice.address.as_str())
}

#[test]
fn alices_key_proves_that_the_participant_is_alice() {
    let alice = person("alice");
    let proof = alice.key.prove(&at(&alice.address)).unwrap();

    assert!(alice.key.public().proves(&at(&alice.address), &proof));
    assert!(proof.len() <= MAX_PROOF);
    assert!(proof.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{proof}");
}

#[test]
fn mallorys_key_does_not_prove_it() {
    let (alice, mallory) = (person("alice"), person("mallory"));
    let proof = mallory.key.prove(&at(&alice.address)).unwrap();

    assert!(!alice.key.public().proves(&at(&alice.address), &proof));
}

#[test]
fn a_proof_holds_for_no_other_participant_conference_or_address() {
    let (alice, bob) = (person("alice"), person("bob"));
    let proof = alice.key.prove(&at(&alice.address)).unwrap();

    let others = [
        Participant { conference: ConferenceId::new(1), ..at(&alice.address) },
        Participant { participant: ParticipantId::new(8), ..at(&alice.address) },
        at(&bob.address),
    ];
    for other in others {
        assert!(!alice.key.public().proves(&other, &proof), "{other:?}");
    }
}

#[test]
fn the_statement_is_the_one_that_the_protocol_gives() {
    let alice = person("alice");
    let by_hand = signed(&alice, &statement(&alice), true);

    assert!(alice.key.public().proves(&at(&alice.address), &by_hand));
}

#[test]
fn the_statement_signed_as_a_binary_document_is_no_proof() {
    let alice = person("alice");
    let binary = signed(&alice, &statement(&alice), false);

    assert!(!alice.key.public().proves(&at(&alice.address), &binary));
}

#[test]
fn the_signature_of_a_mail_is_no_proof() {
    let (alice, bob) = (person("alice"), person("bob"));
    // The best case for a forger: she was made to seal the very text.
    let mail = seal(statement(&alice).as_bytes(), &alice.key, &[bob.key.public()]).unwrap();
    let packets = forge::peel(&mail.armored, &bob.key);
    let signature = PacketParser::new(packets.as_slice()).find_map(|packet| match packet.unwrap() {
        Packet::Signature(signature) => {
            let mut bytes = Vec::new();
            signature.to_writer_with_header(&mut bytes).unwrap();
            Some(bytes)
        }
        _ => None,
    });

    let proof = URL_SAFE_NO_PAD.encode(signature.unwrap());
    assert!(!alice.key.public().proves(&at(&alice.address), &proof));
}

#[test]
fn a_proof_that_is_too_long_is_not_looked_at() {
    let alice = person("alice");
    let proof = alice.key.prove(&at(&alice.address)).unwrap();
    let padded = format!("{proof}{}", "A".repeat(MAX_PROOF));

    assert!(!alice.key.public().proves(&at(&alice.address), &padded));
}

proptest! {
    #[test]
    fn no_proof_makes_checking_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), flip in 0usize..90) {
        let alice = person("alice");
        let alices = at(&alice.address);
        prop_assert!(!alice.key.public().proves(&alices, &URL_SAFE_NO_PAD.encode(&bytes)));
        let mut proof = URL_SAFE_NO_PAD.decode(alice.key.prove(&alices).unwrap()).unwrap();
        let at = flip % proof.len();
        proof[at] ^= 0x55;
        let _ = alice.key.public().proves(&alices, &URL_SAFE_NO_PAD.encode(&proof));
    }
}
