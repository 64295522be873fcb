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

/// How often the pages of a device heard that media may flow.
fn told_of_media(w: &World, dev: Dev) -> usize {
    w.page_events(dev).iter().filter(|event| matches!(event, PageEvent::UseMedia { .. })).count()
}

#[test]
fn media_may_flow_once_there_is_an_answer_and_each_page_hears_it_once() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    assert_eq!(told_of_media(&w, BOB_LAPTOP), 0, "his page has not made the answer yet");
    w.run_s(1);
    assert_eq!([ALICE_LAPTOP, BOB_LAPTOP].map(|dev| told_of_media(&w, dev)), [1, 1]);
}

#[test]
fn on_a_new_link_of_the_conversation_media_waits_for_the_answer_again() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    w.reload(ALICE_LAPTOP);
    w.run_ms(50);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Offer]);
    assert_eq!(told_of_media(&w, ALICE_LAPTOP), 1, "of the old link");
    w.run_s(1);
    assert_eq!(told_of_media(&w, ALICE_LAPTOP), 2);
}

#[test]
fn an_invitation_lives_as_long_as_alice_set_it() {
    let mut w = World::two();
    w.devices[ALICE_LAPTOP.0].machine.set_lifetime(5);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(4);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.run_s(2);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    w.run_s(3);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoAnswer);
}

#[test]
fn a_window_that_opens_while_another_answers_early_is_not_asked_as_well() {
    let mut w = World::two();
    w.call(ALICE_LAPTOP, BOB);
    w.run_ms(140);
    assert_eq!(w.answers_made(BOB_LAPTOP), 1, "it is making the answer");
    w.open_page(BOB_LAPTOP);
    w.run_s(1);
    assert_eq!(w.answers_made(BOB_LAPTOP), 1);
}

/// Bob's only window is there, but does nothing it is asked for.
fn bobs_window_hangs() -> World {
    let mut w = World::with(&[ALICE_LAPTOP]);
    w.switch_on(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::PageHello { page: call::PageId::new(77), can_webrtc: true });
    w
}

#[test]
fn alice_hears_that_it_rings_though_bobs_window_is_slow_to_answer() {
    let mut w = bobs_window_hangs();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_ms(490);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sent, "the early answer would go along");
    w.run_ms(200);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
}

#[test]
fn an_invitation_about_to_end_rings_no_longer_for_an_early_answer() {
    let mut w = bobs_window_hangs();
    w.net.transit = 59_800..59_801;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_ms(59_900);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    assert!(w.mailed(BOB_LAPTOP).is_empty());
}
