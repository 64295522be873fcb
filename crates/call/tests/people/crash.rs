//! The process dies and comes back.

use std::time::Duration;

use crate::world::*;
use call::{Alert, CallState, EndReason, SignalKind};

const TWO_SECONDS: Duration = Duration::from_secs(2);

#[test]
fn bob_goes_on_ringing_without_saying_so_twice() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(5);
    w.crash(BOB_LAPTOP, TWO_SECONDS);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    assert_eq!(w.needed_pages(BOB_LAPTOP), 1, "a window to answer in");
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Ring { softly: false }, Alert::Ring { softly: false }]);
    w.open_page(BOB_LAPTOP);
    w.run_s(5);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing]);
    w.accept(BOB_LAPTOP, call);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn bob_stops_ringing_at_the_same_moment_as_without_the_crash() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(20);
    w.crash(BOB_LAPTOP, Duration::from_secs(10));
    w.run_s(29);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.run_s(2);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
}

#[test]
fn bob_comes_back_after_the_end() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(20);
    w.crash(BOB_LAPTOP, Duration::from_secs(100));
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    assert_eq!(w.alerts(BOB_LAPTOP).last(), Some(&Alert::Missed));
}

#[test]
fn bob_crashes_before_he_could_say_that_he_rings() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_ms(135);
    assert!(w.mailed(BOB_LAPTOP).is_empty(), "the early answer is being made");
    w.crash(BOB_LAPTOP, TWO_SECONDS);
    w.open_page(BOB_LAPTOP);
    w.run_s(1);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Answer]);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn the_invitation_that_comes_again_after_the_crash_is_a_duplicate() {
    let mut w = World::two();
    let call = w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 5, 60);
    w.decline(BOB_LAPTOP, call);
    w.crash(BOB_LAPTOP, TWO_SECONDS);
    let before = w.alerts(BOB_LAPTOP).len();
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 5, 60);
    assert_eq!(w.alerts(BOB_LAPTOP).len(), before);
}

#[test]
fn alice_crashes_while_bob_rings_and_he_can_still_answer() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(5);
    w.crash(ALICE_LAPTOP, TWO_SECONDS);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
    w.open_page(ALICE_LAPTOP);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(10);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn alice_crashes_while_her_page_gathers() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.crash(ALICE_LAPTOP, TWO_SECONDS);
    w.open_page(ALICE_LAPTOP);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn bob_crashes_after_he_accepted_and_before_the_link_was_open() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.crash(BOB_LAPTOP, TWO_SECONDS);
    w.open_page(BOB_LAPTOP);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_connected_call_is_interrupted_and_the_other_side_hears_it() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    w.crash(ALICE_LAPTOP, TWO_SECONDS);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Interrupted);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
}

#[test]
fn a_record_that_cannot_be_read_any_more_ends_as_interrupted() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.devices[BOB_LAPTOP.0].store.get_mut(&call).unwrap().resume = "{".into();
    w.crash(BOB_LAPTOP, TWO_SECONDS);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Interrupted);
}

#[test]
fn a_request_survives_and_still_does_not_ring() {
    let mut w = World::two();
    w.stranger(BOB_LAPTOP, ALICE);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.crash(BOB_LAPTOP, TWO_SECONDS);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Requested);
    assert!(w.mailed(BOB_LAPTOP).is_empty());
}
