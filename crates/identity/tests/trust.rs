//! Whose word counts.

mod people;

use call::{Sender, Standing};
use identity::{IdentityError, Outcome, OwnKey, PinChange, PinRow, Pins};
use people::{ACCOUNT, Mail, Person, address, answered, decline, invite, person};

fn by(person: &Person, standing: Standing) -> Sender {
    Sender::Key { fingerprint: person.key.fingerprint().to_owned(), standing }
}

/// Alice with a new phone and a key made there.
fn alice_anew() -> Person {
    person("alice")
}

#[test]
fn alices_first_plain_invitation_is_unauthenticated_and_teaches_bob_her_key() {
    let (alice, mut bob) = (person("alice"), person("bob"));

    let (verified, pin) = bob.hears(&alice.plain(invite()));

    assert_eq!(verified.sender(), &Sender::Unauthenticated);
    assert_eq!(verified.from(), &alice.address);
    assert_eq!(verified.signal(), &invite());
    assert_eq!(
        pin,
        Some(PinChange::Set(PinRow {
            account: ACCOUNT,
            address: alice.address.clone(),
            fingerprint: alice.key.fingerprint().to_owned(),
            public_key: alice.key.public().as_bytes().to_vec(),
        }))
    );
}

#[test]
fn bobs_sealed_answer_is_a_first_use_and_his_next_one_is_pinned() {
    let (mut alice, mut bob) = (person("alice"), person("bob"));
    bob.hears(&alice.plain(invite()));
    let to_alice = bob.pins.pinned(ACCOUNT, &alice.address).unwrap().clone();

    let (verified, pin) = alice.hears(&bob.sealed(decline(), &[&to_alice]));
    assert_eq!(verified.sender(), &by(&bob, Standing::FirstUse));
    assert!(matches!(pin, Some(PinChange::Set(row)) if row.fingerprint == bob.key.fingerprint()));

    let (verified, pin) = alice.hears(&bob.sealed(decline(), &[&to_alice]));
    assert_eq!(verified.sender(), &by(&bob, Standing::Pinned));
    assert_eq!(pin, None);
}

#[test]
fn a_key_learned_from_a_plain_mail_is_the_pin() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    bob.hears(&alice.plain(invite()));

    assert_eq!(
        bob.thinks_it_is_from(&alice.sealed(invite(), &[bob.key.public()])),
        by(&alice, Standing::Pinned)
    );
}

#[test]
fn the_pinned_key_needs_no_header() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    bob.hears(&alice.plain(invite()));

    let mail = Mail { autocrypt: vec![], ..alice.sealed(invite(), &[bob.key.public()]) };

    assert_eq!(bob.thinks_it_is_from(&mail), by(&alice, Standing::Pinned));
}

#[test]
fn pins_survive_a_restart() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    let (_, Some(PinChange::Set(row))) = bob.hears(&alice.plain(invite())) else { panic!("nothing pinned") };

    bob.pins = Pins::load([row]);

    assert_eq!(
        bob.thinks_it_is_from(&alice.sealed(invite(), &[bob.key.public()])),
        by(&alice, Standing::Pinned)
    );
}

#[test]
fn alices_new_key_is_shown_as_changed_and_the_pin_stays() {
    let (alice, anew, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));

    let (verified, pin) = bob.hears(&anew.sealed(invite(), &[bob.key.public()]));

    assert_eq!(verified.sender(), &by(&anew, Standing::Changed));
    assert_eq!(pin, None);
    assert_eq!(bob.pins.pinned(ACCOUNT, &alice.address).unwrap().fingerprint(), alice.key.fingerprint());
}

#[test]
fn a_reply_can_be_sealed_to_the_changed_key_that_was_proven() {
    let (alice, mut anew, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));
    bob.hears(&anew.sealed(invite(), &[bob.key.public()]));

    let key = bob.pins.key(ACCOUNT, &alice.address, anew.key.fingerprint()).unwrap().clone();

    assert_eq!(anew.thinks_it_is_from(&bob.sealed(decline(), &[&key])), by(&bob, Standing::FirstUse));
}

#[test]
fn alice_who_lost_her_key_can_read_the_reply_to_her_plain_invitation() {
    let (alice, mut anew, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));

    let Ok(Outcome::Signal { offered: Some(offered), .. }) = bob.receives(&anew.plain(invite())) else {
        panic!("no other key was noticed");
    };
    let key = bob.pins.key(ACCOUNT, &alice.address, &offered).unwrap().clone();

    assert_eq!(anew.thinks_it_is_from(&bob.sealed(decline(), &[&key])), by(&bob, Standing::FirstUse));
}

#[test]
fn a_plain_mail_with_the_pinned_key_offers_no_other() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    bob.hears(&alice.plain(invite()));

    let outcome = bob.receives(&alice.plain(invite()));

    assert!(matches!(outcome, Ok(Outcome::Signal { offered: None, .. })));
}

#[test]
fn a_changed_key_is_known_again_without_a_header() {
    let (alice, anew, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));
    bob.hears(&anew.sealed(invite(), &[bob.key.public()]));

    let mail = Mail { autocrypt: vec![], ..anew.sealed(decline(), &[bob.key.public()]) };

    assert_eq!(bob.thinks_it_is_from(&mail), by(&anew, Standing::Changed));
}

#[test]
fn bob_may_trust_alices_new_key() {
    let (alice, anew, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));
    bob.hears(&anew.sealed(invite(), &[bob.key.public()]));

    let change = bob.pins.trust(ACCOUNT, &alice.address, anew.key.fingerprint());

    assert!(matches!(change, Some(PinChange::Set(row)) if row.fingerprint == anew.key.fingerprint()));
    assert_eq!(
        bob.thinks_it_is_from(&anew.sealed(invite(), &[bob.key.public()])),
        by(&anew, Standing::Pinned)
    );
}

#[test]
fn a_plain_mail_never_replaces_a_pin() {
    let (alice, mallory, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));

    let (verified, pin) = bob.hears(&mallory.plain(invite()));

    assert_eq!((verified.sender(), pin), (&Sender::Unauthenticated, None));
    assert_eq!(bob.pins.pinned(ACCOUNT, &alice.address).unwrap().fingerprint(), alice.key.fingerprint());
}

#[test]
fn leaving_the_signature_away_gains_nothing_against_a_pin() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    bob.hears(&alice.plain(invite()));

    assert_eq!(bob.thinks_it_is_from(&alice.plain(invite())), Sender::Unauthenticated);
}

#[test]
fn mallory_cannot_pass_her_own_signature_off_as_bobs() {
    let (mut alice, bob, mallory) = (person("alice"), person("bob"), person("mallory"));
    alice.hears(&bob.plain(invite()));

    let forged = Mail {
        from: bob.address.as_str().to_owned(),
        inner_from: Some(bob.address.as_str().to_owned()),
        autocrypt: vec![bob.header()],
        ..mallory.sealed(invite(), &[alice.key.public()])
    };

    assert_eq!(alice.thinks_it_is_from(&forged), Sender::Unauthenticated);
}

#[test]
fn a_mail_whose_outer_from_was_rewritten_is_refused() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    let sealed = alice.sealed(invite(), &[bob.key.public()]);

    let mail = Mail { from: "carol@example.test".to_owned(), ..sealed };

    assert_eq!(bob.receives(&mail), Err(IdentityError::SenderMismatch));
    assert!(bob.pins.pinned(ACCOUNT, &address("carol@example.test")).is_none());
}

#[test]
fn a_sealed_mail_without_a_protected_from_is_refused() {
    let (alice, mut bob) = (person("alice"), person("bob"));

    let mail = Mail { inner_from: None, ..alice.sealed(invite(), &[bob.key.public()]) };

    assert_eq!(bob.receives(&mail), Err(IdentityError::SenderMismatch));
}

#[test]
fn a_mail_sealed_for_somebody_else_cannot_be_opened() {
    let (alice, bob, mut carol) = (person("alice"), person("bob"), person("carol"));

    let mail = alice.sealed(invite(), &[bob.key.public()]);

    assert_eq!(carol.receives(&mail), Err(IdentityError::NotForThisKey));
}

#[test]
fn alice_can_read_the_copy_of_what_she_sealed_for_bob() {
    let (alice, bob) = (person("alice"), person("bob"));

    let mail = alice.sealed(invite(), &[bob.key.public()]);

    assert_eq!(alice.open(&mail).unwrap().unwrap().entity(), mail.payload.as_bytes());
}

#[test]
fn one_account_does_not_share_its_pins_with_another() {
    let (alice, mut bob) = (person("alice"), person("bob"));
    bob.hears(&alice.plain(invite()));

    assert!(bob.pins.pinned(call::AccountId(2), &alice.address).is_none());
}

#[test]
fn forgetting_alice_makes_her_next_key_the_pin() {
    let (alice, anew, mut bob) = (person("alice"), alice_anew(), person("bob"));
    bob.hears(&alice.plain(invite()));

    let change = bob.pins.forget(ACCOUNT, &alice.address);

    assert_eq!(change, Some(PinChange::Removed { account: ACCOUNT, address: alice.address.clone() }));
    assert_eq!(
        bob.thinks_it_is_from(&anew.sealed(invite(), &[bob.key.public()])),
        by(&anew, Standing::FirstUse)
    );
}

#[test]
fn signing_out_forgets_every_pin_of_the_account() {
    let (alice, carol, mut bob) = (person("alice"), person("carol"), person("bob"));
    bob.hears(&alice.plain(invite()));
    bob.hears(&carol.plain(invite()));

    assert_eq!(bob.pins.forget_account(ACCOUNT).len(), 2);
    assert!(bob.pins.pinned(ACCOUNT, &carol.address).is_none());
}

#[test]
fn an_answered_of_bobs_phone_is_proven_to_his_laptop_with_the_same_key() {
    let phone = person("bob");
    let key = OwnKey::import(phone.key.secret_bytes().unwrap().reveal()).unwrap();
    let mut laptop = Person { address: phone.address.clone(), key, pins: Pins::default() };

    let (verified, pin) = laptop.hears(&phone.sealed(answered(), &[]));

    assert_eq!(verified.sender(), &by(&phone, Standing::Pinned));
    assert_eq!(pin, None);
}

#[test]
fn an_answered_of_bobs_phone_with_another_key_is_not_proven_and_pins_nothing() {
    let (phone, mut laptop) = (person("bob"), person("bob"));

    for mail in [phone.plain(answered()), phone.sealed(answered(), &[laptop.key.public()])] {
        let (verified, pin) = laptop.hears(&mail);

        assert_eq!(verified.sender(), &Sender::Unauthenticated);
        assert_eq!(pin, None);
    }
}

#[test]
fn nobody_else_may_say_that_bob_answered() {
    let (alice, mut bob) = (person("alice"), person("bob"));

    assert_eq!(bob.receives(&alice.sealed(answered(), &[bob.key.public()])), Err(IdentityError::Misplaced));
}

#[test]
fn a_copy_of_ones_own_invitation_rings_nobody() {
    let (mut alice, bob) = (person("alice"), person("bob"));

    let copy = alice.sealed(invite(), &[bob.key.public()]);

    assert_eq!(alice.receives(&copy), Err(IdentityError::Misplaced));
}
