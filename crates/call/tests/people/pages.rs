//! People with several windows open: which of them carries a link, and which may speak about it.

use crate::world::*;
use call::{
    CallState, CancelReason, Description, EndReason, Input, LinkId, LinkState, PageId, Signal, SignalKind,
};

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
    w.input(BOB_LAPTOP, Input::Accept { call, video: true, page: Some(here), conference: None });
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
    let (other_page, other_link) = (PageId::new(77), LinkId::new(78));
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

#[test]
fn a_link_lost_while_it_rings_is_closed_in_bobs_window_too() {
    let (mut w, call) = ringing();
    let (page, link) = (w.page(BOB_LAPTOP), w.link(BOB_LAPTOP, call));
    w.input(BOB_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
    assert_eq!(w.closed(BOB_LAPTOP), [link]);
    assert_eq!(w.view(BOB_LAPTOP, call).and_then(|view| view.link), None);
}

#[test]
fn a_cancel_is_taken_from_the_calls_own_link_alone() {
    let (mut w, call) = ringing();
    let (page, link) = (w.page(BOB_LAPTOP), w.link(BOB_LAPTOP, call));
    let strange = [(page, LinkId::new(78)), (PageId::new(77), link)];
    let cancel = || Signal::Cancel { reason: CancelReason::HungUp };
    for (page, link) in strange {
        w.input(BOB_LAPTOP, Input::SignalFromLink { page, link, signal: cancel() });
    }
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.accept(BOB_LAPTOP, call);
    for (page, link) in strange {
        w.input(BOB_LAPTOP, Input::SignalFromLink { page, link, signal: cancel() });
    }
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
}

#[test]
fn another_window_that_vanishes_is_nothing_to_the_conversation() {
    let (mut w, call) = World::talking();
    w.open_page(ALICE_LAPTOP);
    w.kill_page(ALICE_LAPTOP);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    w.run_s(10);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
}

#[test]
fn hanging_up_while_the_window_of_the_call_is_away_goes_by_mail_though_another_is_there() {
    let (mut w, call) = World::talking();
    let page = w.page(ALICE_LAPTOP);
    w.input(ALICE_LAPTOP, Input::PageHello { page: PageId::new(77), can_webrtc: true });
    w.kill_page(ALICE_LAPTOP);
    w.hang_up(ALICE_LAPTOP, call);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Cancel]);
    assert_ne!(page, PageId::new(77));
}

#[test]
fn a_window_is_asked_for_once_however_many_that_cannot_carry_a_call_come_and_go() {
    let mut w = World::with(&[BOB_LAPTOP]);
    w.switch_on(ALICE_LAPTOP);
    w.call(ALICE_LAPTOP, BOB);
    for _ in 0..3 {
        let page = PageId::new(77);
        w.input(ALICE_LAPTOP, Input::PageHello { page, can_webrtc: false });
        w.input(ALICE_LAPTOP, Input::PageClosed { page });
    }
    assert_eq!(w.needed_pages(ALICE_LAPTOP), 1);
}

#[test]
fn of_more_windows_than_anybody_opens_the_oldest_is_forgotten() {
    let mut w = World::with(&[BOB_LAPTOP]);
    w.switch_on(ALICE_LAPTOP);
    for page in 100..133 {
        w.input(ALICE_LAPTOP, Input::PageHello { page: PageId::new(page), can_webrtc: true });
    }
    for (wished, gets) in [(100, 132), (101, 101)] {
        let page = Some(PageId::new(wished));
        w.input(
            ALICE_LAPTOP,
            Input::Call { account: ACCOUNT, to: address(BOB), video: true, page, conference: None },
        );
        let told = &w.devices[ALICE_LAPTOP.0].told;
        let asked = told.iter().any(
            |(_, output)| matches!(output, call::Output::Page { page, .. } if *page == PageId::new(gets)),
        );
        assert!(asked);
        let call = w.known(ALICE_LAPTOP)[0];
        w.hang_up(ALICE_LAPTOP, call);
    }
}
