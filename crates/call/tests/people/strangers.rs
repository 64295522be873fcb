//! What strangers can reach, and what Bob's device does for them by itself: nothing.

use call::{Alert, CallId, CallState, EndReason, Input};

use crate::world::*;

fn two_requests() -> (World, CallId, CallId) {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP]);
    w.stranger(BOB_LAPTOP, ALICE);
    let (alices, carols) = (w.call(ALICE_LAPTOP, BOB), w.call(CAROL_LAPTOP, BOB));
    w.run_s(1);
    (w, alices, carols)
}

#[test]
fn bob_accepts_alices_request_and_carols_stays_one() {
    let (mut w, alices, carols) = two_requests();
    w.input(BOB_LAPTOP, Input::AcceptRequest { call: alices });
    assert_eq!(w.state(BOB_LAPTOP, alices), CallState::Ringing { device_name: String::new() });
    assert_eq!(w.state(BOB_LAPTOP, carols), CallState::Requested);
    assert_eq!(w.contacts_made(BOB_LAPTOP), [address(ALICE)]);
}

#[test]
fn a_request_that_its_sender_takes_back_is_no_missed_call() {
    let (mut w, alices, _) = two_requests();
    w.hang_up(ALICE_LAPTOP, alices);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, alices), EndReason::Cancelled);
    assert_eq!(w.alerts(BOB_LAPTOP).last(), Some(&Alert::Silence));
}

#[test]
fn nothing_automatic_goes_to_alice_once_bob_has_removed_her() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    w.switch_on(BOB_LAPTOP);
    w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.policy(BOB_LAPTOP, |policy| policy.contacts.0.clear());
    w.open_page(BOB_LAPTOP);
    w.run_s(1);
    assert_eq!(w.answers_made(BOB_LAPTOP), 0);
}

#[test]
fn a_stranger_leaves_five_missed_calls_in_ten_minutes_and_not_one_more() {
    let mut w = World::two();
    for n in 0..20_u128 {
        w.forged_invitation_from("s@example.test", BOB_LAPTOP, CallId::new(n + 100), 0);
    }
    assert_eq!(w.known(BOB_LAPTOP).len(), 5);
    w.run_s(600);
    w.forged_invitation_from("s@example.test", BOB_LAPTOP, CallId::new(99), 0);
    assert_eq!(w.known(BOB_LAPTOP).len(), 6);
}

#[test]
fn a_flood_of_strangers_with_expired_calls_stays_bounded_and_reaches_no_contact() {
    let mut w = World::two();
    for n in 0..600_u128 {
        w.forged_invitation_from(&format!("s{n}@example.test"), BOB_LAPTOP, CallId::new(n + 100), 0);
    }
    assert_eq!(w.known(BOB_LAPTOP).len(), 512);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
}
