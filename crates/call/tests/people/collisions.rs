//! Calls that meet each other, and signals that come twice, late or in the wrong order.

use crate::world::*;
use call::{Alert, CallId, CallState, CancelReason, DeclineReason, EndReason, Signal, SignalKind, Standing};

/// Alice and Bob call each other at the same moment: (the call that goes on, its caller, the other call).
fn glare(w: &mut World) -> (CallId, Dev, CallId) {
    let hers = w.call(ALICE_LAPTOP, BOB);
    let his = w.call(BOB_LAPTOP, ALICE);
    w.run_s(2);
    if hers < his { (hers, ALICE_LAPTOP, his) } else { (his, BOB_LAPTOP, hers) }
}

#[test]
fn they_call_each_other_and_are_connected_by_themselves() {
    for seed in 0..6 {
        let mut w = World::two();
        w.seed(seed);
        let (goes_on, _, other) = glare(&mut w);
        assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
        for dev in [ALICE_LAPTOP, BOB_LAPTOP] {
            assert_eq!(w.state(dev, goes_on), CallState::Connected);
            assert_eq!(w.end(dev, other), EndReason::Superseded { by: goes_on });
            assert!(!w.alerts(dev).iter().any(|alert| matches!(alert, Alert::Ring { .. })), "nothing rang");
        }
    }
}

#[test]
fn a_glare_with_somebody_unproven_rings_instead() {
    let mut w = World::two();
    for (dev, other) in [(ALICE_LAPTOP, BOB), (BOB_LAPTOP, ALICE)] {
        w.standing(dev, other, Some(Standing::FirstUse));
    }
    let (goes_on, caller, other) = glare(&mut w);
    let callee = if caller == ALICE_LAPTOP { BOB_LAPTOP } else { ALICE_LAPTOP };
    let view = w.view(callee, goes_on).unwrap();
    assert!(view.calling_too && view.waiting);
    assert_eq!(view.state, CallState::Ringing { device_name: String::new() });
    w.accept(callee, goes_on);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.end(callee, other), EndReason::Superseded { by: goes_on });
}

#[test]
fn bobs_phone_rings_in_a_glare_until_the_laptop_takes_the_call() {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP, BOB_PHONE]);
    let (goes_on, _, other) = glare(&mut w);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert!(w.live(BOB_PHONE).is_empty());
    assert!([goes_on, other].iter().all(|call| !w.live(BOB_PHONE).contains(call)));
}

#[test]
fn alice_dials_bob_while_he_rings_and_that_takes_his_call() {
    let mut w = World::two();
    let his = w.call(BOB_LAPTOP, ALICE);
    w.run_s(1);
    assert_eq!(w.call(ALICE_LAPTOP, BOB), his);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.known(ALICE_LAPTOP), [his], "no call of her own beside it");
}

#[test]
fn alice_dials_bob_while_somebody_unproven_rings_in_his_name_and_her_own_call_goes_out() {
    let mut w = World::two();
    w.standing(ALICE_LAPTOP, BOB, None);
    let his = w.call(BOB_LAPTOP, ALICE);
    w.run_s(1);
    w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.known(ALICE_LAPTOP).len(), 2);
    assert_eq!(w.state(ALICE_LAPTOP, his), CallState::Ringing { device_name: String::new() });
}

#[test]
fn alice_dials_carol_while_she_talks_to_bob_and_so_hangs_up_on_him() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let next = w.call(ALICE_LAPTOP, CAROL);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::HungUp { by_peer: false });
    assert_eq!(w.state(ALICE_LAPTOP, next), CallState::Preparing);
}

#[test]
fn bob_takes_carols_call_while_he_dials_alice_and_so_cancels_his_own() {
    let mut w = World::with(&[BOB_LAPTOP, CAROL_LAPTOP]);
    w.carol_knows_bob();
    let his = w.call(BOB_LAPTOP, ALICE);
    let carols = w.call(CAROL_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, carols);
    assert_eq!(w.end(BOB_LAPTOP, his), EndReason::Cancelled);
}

#[test]
fn bob_calls_again_from_his_phone_while_they_talk_and_alice_takes_that_call() {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP, BOB_PHONE]);
    let first = w.call(BOB_LAPTOP, ALICE);
    w.run_s(1);
    w.accept(ALICE_LAPTOP, first);
    w.run_s(1);
    let second = w.call(BOB_PHONE, ALICE);
    w.run_s(1);
    w.accept(ALICE_LAPTOP, second);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, first), EndReason::HungUp { by_peer: false });
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_PHONE));
}

#[test]
fn pressing_call_twice_makes_one_call() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.call(ALICE_LAPTOP, BOB), call);
    assert_eq!(w.live(ALICE_LAPTOP).len(), 1);
}

fn carol_calls_while_they_talk(w: &mut World) -> (CallId, CallId) {
    w.carol_knows_bob();
    let first = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, first);
    w.run_s(1);
    let second = w.call(CAROL_LAPTOP, BOB);
    w.run_s(1);
    (first, second)
}

#[test]
fn a_second_caller_waits_and_rings_softly() {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP]);
    let (first, second) = carol_calls_while_they_talk(&mut w);
    assert!(w.view(BOB_LAPTOP, second).unwrap().waiting);
    assert_eq!(w.alerts(BOB_LAPTOP).last(), Some(&Alert::Ring { softly: true }));
    w.hang_up(ALICE_LAPTOP, first);
    w.run_s(1);
    assert!(!w.view(BOB_LAPTOP, second).unwrap().waiting);
    assert_eq!(w.alerts(BOB_LAPTOP).last(), Some(&Alert::Ring { softly: false }));
}

#[test]
fn bob_declines_the_second_caller_as_busy() {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP]);
    let (first, second) = carol_calls_while_they_talk(&mut w);
    w.decline(BOB_LAPTOP, second);
    w.run_s(1);
    assert_eq!(w.end(CAROL_LAPTOP, second), EndReason::Declined { reason: DeclineReason::Busy });
    assert_eq!(w.state(BOB_LAPTOP, first), CallState::Connected);
}

#[test]
fn bob_switches_to_the_second_caller() {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP]);
    let (first, second) = carol_calls_while_they_talk(&mut w);
    w.accept(BOB_LAPTOP, second);
    w.run_s(1);
    assert!(w.in_conversation(BOB_LAPTOP, CAROL_LAPTOP));
    assert_eq!(w.end(ALICE_LAPTOP, first), EndReason::HungUp { by_peer: true });
}

#[test]
fn the_invitation_comes_again_during_the_call_and_after_it() {
    let mut w = World::two();
    let call = w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 5, 60);
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 5, 60);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Ring { softly: false }]);
    w.decline(BOB_LAPTOP, call);
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 5, 60);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Ring { softly: false }, Alert::Silence]);
}

#[test]
fn a_cancel_that_overtakes_its_invitation_keeps_it_from_ringing() {
    let mut w = World::two();
    let call = CallId::new(9);
    let letter = w.letter(ALICE_LAPTOP, BOB, call, Signal::Cancel { reason: CancelReason::HungUp });
    w.forge(BOB_LAPTOP, letter);
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 9, 60);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Missed]);
}

#[test]
fn a_strangers_early_cancel_does_not_silence_alices_call() {
    let mut w = World::two();
    let call = CallId::new(9);
    let mut letter = w.letter(CAROL_LAPTOP, BOB, call, Signal::Cancel { reason: CancelReason::HungUp });
    w.forge(BOB_LAPTOP, letter.clone());
    letter.from = address(ALICE);
    letter.device = w.devices[ALICE_LAPTOP.0].id;
    letter.signed = None;
    w.forge(BOB_LAPTOP, letter);
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 9, 60);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
}

#[test]
fn ringing_that_comes_after_the_accept_changes_nothing() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let ringing = Signal::Ringing { device_name: "Bob's laptop".into(), answer: None };
    let letter = w.letter(BOB_LAPTOP, ALICE, call, ringing);
    w.forge(ALICE_LAPTOP, letter);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connecting);
}

#[test]
fn an_accept_that_overtakes_the_ringing_connects() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_ms(135);
    w.net.transit = 5000..5001;
    w.run_ms(30);
    w.net.transit = 20..21;
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    w.run_s(10);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
}

#[test]
fn an_accept_that_comes_after_the_end_is_told_so() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(59);
    w.net.transit = 8000..8001;
    w.accept(BOB_LAPTOP, call);
    w.run_s(10);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoAnswer);
    w.run_s(10);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Cancel]);
}

#[test]
fn an_accept_on_its_way_at_the_end_is_taken() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(59);
    w.net.transit = 2500..2501;
    w.accept(BOB_LAPTOP, call);
    w.run_s(10);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_cancel_that_overtakes_the_callees_accept_ends_the_call() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.net.transit = 3000..3001;
    w.accept(BOB_LAPTOP, call);
    w.run_ms(100);
    w.net.transit = 20..21;
    w.hang_up(BOB_LAPTOP, call);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::HungUp { by_peer: true });
}

#[test]
fn alice_hangs_up_while_the_accept_is_on_its_way() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.net.transit = 3000..3001;
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    w.hang_up(ALICE_LAPTOP, call);
    w.run_s(10);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Cancelled);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
}
