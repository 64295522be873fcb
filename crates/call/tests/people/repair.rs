//! Links that do not open, are lost, and come back; pages that vanish.

use crate::world::*;
use call::{CallState, EndReason, Input, PageEvent, SignalKind};

#[test]
fn a_link_that_does_not_open_gets_one_more_offer_after_ten_seconds() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(8);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite]);
    w.blocked = false;
    w.run_s(3);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Offer]);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_link_that_never_opens_ends_after_a_minute_with_the_answer() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(59);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connecting);
    w.run_s(15);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NeverConnected);
    assert!(w.live(BOB_LAPTOP).is_empty());
    let offers = w.mailed(ALICE_LAPTOP).into_iter().filter(|kind| *kind == SignalKind::Offer);
    assert_eq!(offers.count(), 1, "one more, not a stream of them");
}

#[test]
fn an_accept_that_is_lost_with_the_link_ends_on_both_sides() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.net.loss = 100;
    w.accept(BOB_LAPTOP, call);
    w.run_s(120);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::NeverConnected);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoAnswer);
}

#[test]
fn a_lost_link_is_restored_by_the_callers_offer() {
    let (mut w, call) = World::talking();
    w.cut_links();
    w.run_ms(6050);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Reconnecting);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Reconnecting);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Offer]);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Answer]);
}

#[test]
fn a_link_that_is_not_restored_ends_the_call_on_both_sides() {
    let (mut w, call) = World::talking();
    w.blocked = true;
    w.cut_links();
    w.run_s(35);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Reconnecting);
    w.run_s(3);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::LinkLost);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::LinkLost);
}

#[test]
fn alice_reloads_her_page_and_the_call_goes_on() {
    let (mut w, call) = World::talking();
    w.reload(ALICE_LAPTOP);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Reconnecting);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    w.run_s(20);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn bob_reloads_his_page_and_offers_a_link_himself() {
    let (mut w, call) = World::talking();
    w.reload(BOB_LAPTOP);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Reconnecting);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Offer]);
    w.run_s(20);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
}

#[test]
fn both_reload_at_once_and_the_callers_offer_wins() {
    let (mut w, call) = World::talking();
    w.reload(ALICE_LAPTOP);
    w.reload(BOB_LAPTOP);
    w.run_s(20);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.answers_made(ALICE_LAPTOP), 0);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
}

#[test]
fn bob_offers_when_nothing_comes_from_alice() {
    let (mut w, call) = World::talking();
    let link = w.view(BOB_LAPTOP, call).unwrap().link.unwrap();
    let page = w.page(BOB_LAPTOP);
    w.forget_link(link, page);
    w.input(BOB_LAPTOP, Input::LinkState { page, link, state: call::LinkState::Lost });
    w.run_s(9);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing]);
    w.run_s(2);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Offer]);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_page_that_comes_back_within_five_seconds_keeps_the_call() {
    let (mut w, call) = World::talking();
    let page = w.kill_page(ALICE_LAPTOP);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Reconnecting);
    w.run_ms(4900);
    w.revive_page(ALICE_LAPTOP, page);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_page_that_does_not_come_back_ends_the_call() {
    let (mut w, call) = World::talking();
    w.kill_page(ALICE_LAPTOP);
    w.run_s(6);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::LinkLost);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
}

#[test]
fn closing_the_window_hangs_up() {
    let (mut w, call) = World::talking();
    w.close_page(ALICE_LAPTOP);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::HungUp { by_peer: false });
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
}

#[test]
fn closing_another_window_does_not() {
    let (mut w, call) = World::talking();
    w.open_page(ALICE_LAPTOP);
    w.close_page(ALICE_LAPTOP);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
}

#[test]
fn closing_the_ring_window_is_no_decline() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.close_page(BOB_LAPTOP);
    w.run_s(1);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.open_page(BOB_LAPTOP);
    w.accept(BOB_LAPTOP, call);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn alice_reloads_while_bob_rings() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.reload(ALICE_LAPTOP);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    w.run_s(20);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn alice_reloads_while_her_page_gathers() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.reload(ALICE_LAPTOP);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite], "it carries the link that still exists");
}

#[test]
fn bob_reloads_while_it_rings() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.reload(BOB_LAPTOP);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(3);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    w.run_s(20);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_failing_link_is_shown_and_may_recover_by_itself() {
    let (mut w, call) = World::talking();
    let link = w.view(BOB_LAPTOP, call).unwrap().link.unwrap();
    let page = w.page(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::LinkState { page, link, state: call::LinkState::Failing });
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Reconnecting);
    w.input(BOB_LAPTOP, Input::LinkState { page, link, state: call::LinkState::Open });
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing]);
}

#[test]
fn a_page_cannot_report_about_the_link_of_another_page() {
    let (mut w, call) = World::talking();
    let link = w.view(BOB_LAPTOP, call).unwrap().link.unwrap();
    let other = w.open_page(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::LinkState { page: other, link, state: call::LinkState::Lost });
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
}

fn closed(w: &World) -> usize {
    w.page_events(ALICE_LAPTOP).iter().filter(|event| matches!(event, PageEvent::CloseLink { .. })).count()
}

#[test]
fn a_link_gathered_in_advance_is_closed_when_it_is_not_used() {
    let mut w = World::two();
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(BOB) });
    w.run_s(59);
    assert_eq!(closed(&w), 0);
    w.run_s(1);
    assert_eq!(closed(&w), 1);
}

#[test]
fn a_link_gathered_for_bob_is_closed_when_alice_opens_carol() {
    let mut w = World::two();
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(BOB) });
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(CAROL) });
    assert_eq!(closed(&w), 1);
}

#[test]
fn a_link_gathered_too_long_ago_is_gathered_anew() {
    let mut w = World::two();
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(BOB) });
    w.run_s(25);
    let call = w.call(ALICE_LAPTOP, BOB);
    assert_eq!(closed(&w), 1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Preparing);
}

#[test]
fn the_focused_page_gets_the_link_and_else_the_newest_that_can() {
    let mut w = World::two();
    let first = w.page(ALICE_LAPTOP);
    let second = w.open_page(ALICE_LAPTOP);
    w.input(ALICE_LAPTOP, Input::PageHello { page: call::PageId::new(77), can_webrtc: false });
    w.input(ALICE_LAPTOP, Input::PageFocused { page: call::PageId::new(77) });
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(BOB) });
    w.input(ALICE_LAPTOP, Input::PageFocused { page: first });
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(CAROL) });
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [second, first]);
}

#[test]
fn hanging_up_while_the_page_is_away_is_said_by_mail() {
    let (mut w, call) = World::talking();
    w.kill_page(ALICE_LAPTOP);
    w.hang_up(ALICE_LAPTOP, call);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
}

#[test]
fn the_clock_asks_for_nothing_when_nothing_is_going_on() {
    let (mut w, call) = World::talking();
    w.hang_up(BOB_LAPTOP, call);
    w.run_s(10);
    for dev in [ALICE_LAPTOP, BOB_LAPTOP] {
        assert_eq!(w.devices[dev.0].machine.next_wake(), None);
    }
}

#[test]
fn a_link_that_fails_before_it_was_open_is_not_taken_for_an_open_one() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    let (page, link) = w.held_link(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::LinkState { page, link, state: call::LinkState::Failing });
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connecting);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Accept], "and says nothing twice");
}
