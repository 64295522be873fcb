//! Calls that come about.

use crate::world::*;
use call::{CallState, EndReason, Input, PageEvent, Signal, SignalKind};

#[test]
fn bob_answers_alice_and_they_talk() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Preparing);
    w.run_ms(60);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sending { retrying: false });
    w.run_ms(20);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sent);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });

    w.accept(BOB_LAPTOP, call);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
    w.run_ms(20);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));

    w.hang_up(ALICE_LAPTOP, call);
    w.run_ms(20);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::HungUp { by_peer: false });
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
    assert_eq!(w.log.posted, 2, "the invitation and the ringing, nothing else");
}

#[test]
fn before_bob_accepts_no_media_flows_though_the_channel_is_open() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(5);
    assert!(!w.media_at(ALICE_LAPTOP) && !w.media_at(BOB_LAPTOP));
    w.accept(BOB_LAPTOP, call);
    assert!(w.media_at(BOB_LAPTOP) && !w.media_at(ALICE_LAPTOP), "Alice has not heard of it yet");
    w.run_ms(20);
    assert!(w.media_at(ALICE_LAPTOP));
}

#[test]
fn bob_hides_his_address_until_he_answers() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
    assert!(w.page_events(BOB_LAPTOP).is_empty());
    w.accept(BOB_LAPTOP, call);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connecting);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Accept]);
}

#[test]
fn a_link_gathered_when_alice_opened_the_contact_is_used_at_once() {
    let mut w = World::two();
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(BOB) });
    w.run_s(2);
    let call = w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sending { retrying: false });
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    let offers = w.page_events(ALICE_LAPTOP).into_iter().filter(|e| matches!(e, PageEvent::MakeOffer { .. }));
    assert_eq!(offers.count(), 1);
}

#[test]
fn an_accept_that_comes_twice_counts_once() {
    let mut w = World::two();
    w.net.duplicates = 100;
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    let accepts = |e: &PageEvent| matches!(e, PageEvent::SendOnLink { signal: Signal::Accept { .. }, .. });
    assert_eq!(w.page_events(BOB_LAPTOP).iter().filter(|e| accepts(e)).count(), 1);
    assert_eq!(w.mailed(BOB_LAPTOP).iter().filter(|kind| **kind == SignalKind::Accept).count(), 1);
}
