//! People with several windows open: which of them carries a link, and which may speak about it.

use crate::world::*;
use call::{CallState, Description, EndReason, Input, LinkState, PageId, SignalKind};

const RINGS_AT_BOBS: &str = "Bob's laptop";

fn ringing() -> (World, call::CallId) {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: RINGS_AT_BOBS.into() });
    (w, call)
}

#[test]
fn bob_talks_in_the_window_where_he_accepted_when_the_one_that_rang_is_gone() {
    let (mut w, call) = ringing();
    w.close_page(BOB_LAPTOP);
    let here = w.open_page(BOB_LAPTOP);
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    w.open_page(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::Accept { call, video: true, page: Some(here) });
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.offering_pages(BOB_LAPTOP), [here]);
}

#[test]
fn alice_closes_another_window_and_her_call_stays_where_it_is() {
    let mut w = World::two();
    let here = w.page(ALICE_LAPTOP);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.open_page(ALICE_LAPTOP);
    let other = w.open_page(ALICE_LAPTOP);
    w.close_page(ALICE_LAPTOP);
    assert_ne!(other, here);
    let link = w.link(ALICE_LAPTOP, call);
    w.input(ALICE_LAPTOP, Input::LinkState { page: here, link, state: LinkState::Lost });
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [here, here]);
}

#[test]
fn alice_reloads_the_window_she_dials_in_and_it_stays_the_calls_window() {
    let mut w = World::two();
    let here = w.page(ALICE_LAPTOP);
    w.call(ALICE_LAPTOP, BOB);
    let other = PageId::new(77);
    w.input(ALICE_LAPTOP, Input::PageHello { page: other, can_webrtc: true });
    w.input(ALICE_LAPTOP, Input::PageFocused { page: other });
    w.reload(ALICE_LAPTOP);
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [here, here]);
}

#[test]
fn alice_closes_the_window_while_bob_rings_and_that_takes_her_call_back() {
    let (mut w, call) = ringing();
    assert!(w.has_channel(ALICE_LAPTOP, BOB_LAPTOP));
    w.close_page(ALICE_LAPTOP);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Cancelled);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
}

#[test]
fn alice_closes_a_window_that_does_not_carry_her_call_while_bob_rings() {
    let (mut w, call) = ringing();
    w.open_page(ALICE_LAPTOP);
    w.close_page(ALICE_LAPTOP);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: RINGS_AT_BOBS.into() });
}

#[test]
fn a_link_that_fails_while_it_is_gathered_is_closed_and_gathered_anew() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    let (page, link) = (w.page(ALICE_LAPTOP), w.link(ALICE_LAPTOP, call));
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
    assert_eq!(w.closed(ALICE_LAPTOP), [link]);
    assert_ne!(w.link(ALICE_LAPTOP, call), link);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite]);
}

#[test]
fn only_the_window_that_gathers_a_link_may_say_that_it_failed_or_describe_it() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    let (page, link) = (w.page(ALICE_LAPTOP), w.link(ALICE_LAPTOP, call));
    let (other_page, other_link) = (PageId::new(77), call::LinkId::new(78));
    w.input(ALICE_LAPTOP, Input::PageHello { page: other_page, can_webrtc: true });
    for (page, link) in [(other_page, link), (page, other_link), (other_page, other_link)] {
        w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
        let description = Description::try_from("offer-x".to_owned()).unwrap();
        w.input(ALICE_LAPTOP, Input::Described { page, link, description });
        assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Preparing);
    }
    assert_eq!(w.closed(ALICE_LAPTOP), []);
    assert_eq!(w.link(ALICE_LAPTOP, call), link);
}

#[test]
fn a_link_lost_while_bob_rings_is_closed_and_replaced_when_he_accepts() {
    let (mut w, call) = ringing();
    let (page, link) = (w.page(ALICE_LAPTOP), w.link(ALICE_LAPTOP, call));
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
    assert_eq!(w.closed(ALICE_LAPTOP), [link]);
    w.run_s(2);
    w.accept(BOB_LAPTOP, call);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}
