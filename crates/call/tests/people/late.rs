//! What is remembered of calls that are not there yet, or not any more; and that nobody can crowd it out.

use call::{CallId, CallState, CancelReason, DeviceId, EndReason, Signal, SignalKind};

use crate::world::*;

const RINGS: CallState = CallState::Ringing { device_name: String::new() };

/// The mail that takes a call back comes before the one that makes it.
fn early_cancel(w: &mut World, from: Dev, call: u128) {
    let cancel = Signal::Cancel { reason: CancelReason::HungUp };
    let letter = w.letter(from, BOB, CallId::new(call), cancel);
    w.forge(BOB_LAPTOP, letter);
}

fn invite(w: &mut World, call: u128) -> CallId {
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, call, 60)
}

#[test]
fn each_of_two_early_cancels_keeps_its_own_call_from_ringing() {
    let mut w = World::two();
    early_cancel(&mut w, ALICE_LAPTOP, 9);
    early_cancel(&mut w, ALICE_LAPTOP, 10);
    for call in [9, 10] {
        let call = invite(&mut w, call);
        assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
    }
    let other = invite(&mut w, 11);
    assert_eq!(w.state(BOB_LAPTOP, other), RINGS);
}

#[test]
fn an_early_cancel_from_alices_phone_does_not_silence_her_laptop() {
    let mut w = World::two();
    early_cancel(&mut w, ALICE_PHONE, 9);
    let call = invite(&mut w, 9);
    assert_eq!(w.state(BOB_LAPTOP, call), RINGS);
}

#[test]
fn an_early_cancel_that_comes_again_and_again_leaves_room_for_others() {
    let mut w = World::two();
    for _ in 0..20 {
        early_cancel(&mut w, ALICE_LAPTOP, 9);
    }
    early_cancel(&mut w, ALICE_LAPTOP, 10);
    let call = invite(&mut w, 10);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
}

#[test]
fn a_flood_of_early_cancels_from_carol_crowds_out_none_of_alices() {
    let mut w = World::two();
    early_cancel(&mut w, ALICE_LAPTOP, 9);
    for call in 100..700 {
        early_cancel(&mut w, CAROL_LAPTOP, call);
    }
    early_cancel(&mut w, ALICE_LAPTOP, 10);
    for call in [9, 10] {
        let call = invite(&mut w, call);
        assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
    }
}

#[test]
fn an_early_cancel_is_remembered_for_ten_minutes() {
    let mut w = World::two();
    early_cancel(&mut w, ALICE_LAPTOP, 9);
    early_cancel(&mut w, ALICE_LAPTOP, 10);
    w.run_s(599);
    let call = invite(&mut w, 9);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
    w.run_s(2);
    let call = invite(&mut w, 10);
    assert_eq!(w.state(BOB_LAPTOP, call), RINGS);
}

#[test]
fn the_mails_of_calls_that_are_over_may_come_again_all_day() {
    let mut w = World::two();
    let (first, second) = (invite(&mut w, 9), invite(&mut w, 10));
    w.decline(BOB_LAPTOP, first);
    w.decline(BOB_LAPTOP, second);
    w.run_s(86_399);
    for call in [9, 10] {
        invite(&mut w, call);
        assert!(w.live(BOB_LAPTOP).is_empty(), "the same mail again");
    }
}

/// Alice's call that nobody answered is over.
fn over() -> (World, CallId) {
    let mut w = World::with(&[ALICE_LAPTOP]);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(65);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoDevice);
    (w, call)
}

fn late_accept(w: &mut World, call: CallId, from: Dev, device: Option<u128>, signed: Option<&str>) {
    let mut letter =
        w.letter(from, ALICE, call, Signal::Accept { video: true, answer: None, conference: None });
    letter.device = device.map_or(letter.device, DeviceId::new);
    letter.signed = signed.map_or(letter.signed, |key| Some(key.to_owned()));
    w.forge(ALICE_LAPTOP, letter);
}

fn replies(w: &World) -> usize {
    w.mailed(ALICE_LAPTOP).iter().filter(|kind| **kind == SignalKind::Cancel).count()
}

#[test]
fn a_device_that_accepts_too_late_hears_so_once() {
    let (mut w, call) = over();
    for _ in 0..3 {
        late_accept(&mut w, call, BOB_LAPTOP, None, None);
    }
    assert_eq!(replies(&w), 1);
    late_accept(&mut w, call, BOB_PHONE, None, None);
    assert_eq!(replies(&w), 2);
}

#[test]
fn a_flood_of_late_devices_gets_a_few_replies() {
    let (mut w, call) = over();
    for device in 100..200 {
        late_accept(&mut w, call, BOB_LAPTOP, Some(device), None);
    }
    assert_eq!(replies(&w), 4);
}

#[test]
fn nobody_but_bob_hears_that_it_is_too_late() {
    let (mut w, call) = over();
    late_accept(&mut w, call, CAROL_LAPTOP, None, None);
    late_accept(&mut w, call, CAROL_LAPTOP, Some(3), Some("key-of-bob@example.test"));
    late_accept(&mut w, call, BOB_LAPTOP, None, Some("another key"));
    assert_eq!(replies(&w), 0);
}
