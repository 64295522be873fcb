//! A conference carries the calls of those who are in it: they end when nobody is left, and not with their links.

use std::time::Duration;

use crate::{
    conference::{HUNG_UP, LEFT, three_in, two_in},
    world::*,
};
use call::{CallState, CancelReason, EndReason, Input, LinkState, Signal};

#[test]
fn the_inviter_leaves_and_the_others_stay_until_the_last_of_them_does() {
    let (mut w, with_bob, with_carol, conference) = three_in();
    w.hang_up(ALICE_LAPTOP, with_bob);
    w.run_s(60);
    for (dev, call) in [(BOB_LAPTOP, with_bob), (CAROL_LAPTOP, with_carol)] {
        let view = w.view(dev, call).unwrap();
        assert_eq!((view.state, view.link), (CallState::Connected, None));
    }
    w.conference(CAROL_LAPTOP, with_carol, &conference, 0);
    assert_eq!(w.end(CAROL_LAPTOP, with_carol), LEFT);
    w.conference(BOB_LAPTOP, with_bob, &conference, 2);
    assert_eq!(w.state(BOB_LAPTOP, with_bob), CallState::Connected);
}

#[test]
fn the_inviter_crashes_and_the_others_stay() {
    let (mut w, with_bob, with_carol, conference) = three_in();
    w.crash(ALICE_LAPTOP, Duration::from_secs(45));
    w.run_s(5);
    for (dev, call) in [(BOB_LAPTOP, with_bob), (CAROL_LAPTOP, with_carol)] {
        assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Interrupted);
        assert_eq!(w.state(dev, call), CallState::Connected);
        w.conference(dev, call, &conference, 0);
        assert_eq!(w.end(dev, call), LEFT, "her backend said so when it was back");
    }
}

#[test]
fn a_link_that_is_lost_for_good_ends_no_call_that_others_carry() {
    let (mut w, with_bob, _, conference) = three_in();
    w.blocked = true;
    w.cut_links();
    w.run_s(35);
    assert_eq!(w.state(BOB_LAPTOP, with_bob), CallState::Reconnecting);
    w.run_s(3);
    let view = w.view(BOB_LAPTOP, with_bob).unwrap();
    assert_eq!((view.state, view.link), (CallState::Connected, None));
    assert_eq!(w.held(BOB_LAPTOP), 0);
    w.conference(BOB_LAPTOP, with_bob, &conference, 0);
    assert_eq!(w.end(BOB_LAPTOP, with_bob), EndReason::LinkLost);
}

#[test]
fn a_lost_link_is_as_good_as_before_once_the_others_reach_its_other_end() {
    let (mut w, with_bob, _, _) = three_in();
    let (link, page) = (w.link(ALICE_LAPTOP, with_bob), w.page(ALICE_LAPTOP));
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Reconnecting);
    assert!(!w.closed(ALICE_LAPTOP).contains(&link));
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Open });
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
    assert_eq!(w.link(ALICE_LAPTOP, with_bob), link);
    w.run_s(1);
    assert_eq!(w.held(ALICE_LAPTOP), 2, "the fresh link is not needed");
}

#[test]
fn a_lost_link_is_closed_when_a_fresh_one_takes_its_place() {
    let (mut w, with_bob, _, _) = three_in();
    let (link, page) = (w.link(ALICE_LAPTOP, with_bob), w.page(ALICE_LAPTOP));
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
    assert_ne!(w.link(ALICE_LAPTOP, with_bob), link);
    assert!(w.closed(ALICE_LAPTOP).contains(&link));
}

#[test]
fn a_hang_up_that_came_through_the_others_is_one() {
    let (mut w, with_bob, _, conference) = three_in();
    w.blocked = true;
    let (link, page) = (w.link(ALICE_LAPTOP, with_bob), w.page(ALICE_LAPTOP));
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: LinkState::Lost });
    let signal = Signal::Cancel { reason: CancelReason::HungUp };
    w.input(ALICE_LAPTOP, Input::SignalFromLink { page, link, signal });
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
    w.conference(ALICE_LAPTOP, with_bob, &conference, 0);
    assert_eq!(w.end(ALICE_LAPTOP, with_bob), LEFT);
}

#[test]
fn whoever_has_lost_everybody_and_reloads_is_linked_again() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.blocked = true;
    w.cut_links();
    w.run_s(40);
    w.blocked = false;
    w.reload(ALICE_LAPTOP);
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Reconnecting);
    w.run_s(2);
    for (dev, call) in [(BOB_LAPTOP, with_bob), (CAROL_LAPTOP, with_carol)] {
        assert!(w.in_conversation(ALICE_LAPTOP, dev));
        assert_eq!(w.state(dev, call), CallState::Connected);
        assert_eq!(w.view(dev, call).unwrap().link, Some(w.link(ALICE_LAPTOP, call)));
    }
}

#[test]
fn whoever_was_only_carried_and_reloads_is_out() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    w.reload(BOB_LAPTOP);
    assert_eq!(w.end(BOB_LAPTOP, with_bob), LEFT);
}

#[test]
fn a_window_that_carries_a_conference_and_does_not_come_back_ends_its_calls() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    w.kill_page(BOB_LAPTOP);
    w.kill_page(CAROL_LAPTOP);
    w.run_s(4);
    assert_eq!(w.state(BOB_LAPTOP, with_bob), CallState::Connected);
    w.run_s(2);
    assert_eq!(w.end(BOB_LAPTOP, with_bob), LEFT);
    assert!(w.live(CAROL_LAPTOP).is_empty());
}

#[test]
fn closing_the_window_of_a_conference_leaves_it() {
    let (mut w, with_bob, with_carol, conference) = three_in();
    let with_dora = w.invite(BOB_LAPTOP, DORA, &conference);
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    w.close_page(BOB_LAPTOP);
    assert_eq!(w.end(BOB_LAPTOP, with_bob), HUNG_UP);
    assert_eq!(w.end(BOB_LAPTOP, with_dora), EndReason::Cancelled);
}

#[test]
fn closing_another_window_leaves_a_carried_call_alone() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    w.open_page(BOB_LAPTOP);
    w.close_page(BOB_LAPTOP);
    w.run_s(10);
    assert_eq!(w.state(BOB_LAPTOP, with_bob), CallState::Connected);
}

#[test]
fn only_the_window_with_the_link_says_what_a_call_belongs_to() {
    let (mut w, with_bob, conference) = two_in();
    let other = w.open_page(BOB_LAPTOP);
    w.conference_says(BOB_LAPTOP, other, with_bob, &party(8), 5);
    assert_eq!(w.view(BOB_LAPTOP, with_bob).unwrap().conference, Some(conference));
    w.hang_up(ALICE_LAPTOP, with_bob);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, with_bob), LEFT, "nobody carries it");
}

#[test]
fn a_new_topic_is_known_of_all_calls_of_the_conference() {
    let (mut w, with_bob, with_carol, mut conference) = three_in();
    conference.topic = "The winter party".into();
    w.conference(ALICE_LAPTOP, with_carol, &conference, 1);
    for call in [with_bob, with_carol] {
        assert_eq!(w.view(ALICE_LAPTOP, call).unwrap().conference.as_ref(), Some(&conference));
    }
}

#[test]
fn a_caller_who_waits_goes_on_ringing_when_the_conference_is_left() {
    let (mut w, with_bob, _, _) = three_in();
    let doras = w.call(DORA_LAPTOP, ALICE);
    w.run_s(1);
    w.hang_up(ALICE_LAPTOP, with_bob);
    assert_eq!(w.live(ALICE_LAPTOP), [doras].into());
    assert!(!w.view(ALICE_LAPTOP, doras).unwrap().waiting);
}

#[test]
fn a_call_that_never_was_connected_is_not_carried() {
    let (mut w, _, conference) = two_in();
    w.blocked = true;
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    w.accept(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, with_carol, &conference, 1);
    w.hang_up(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, with_carol), LEFT);
}

#[test]
fn nothing_more_is_said_to_whoever_left() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(ALICE_LAPTOP, with_bob);
    w.run_s(1);
    let mailed = w.mailed(CAROL_LAPTOP).len();
    w.hang_up(CAROL_LAPTOP, with_carol);
    assert_eq!(w.end(CAROL_LAPTOP, with_carol), HUNG_UP);
    assert_eq!(w.mailed(CAROL_LAPTOP).len(), mailed);
}

#[test]
fn an_offer_from_whoever_left_is_not_answered() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    let answers = w.answers_made(BOB_LAPTOP);
    w.forged_offer(ALICE_LAPTOP, BOB_LAPTOP, with_bob, 99);
    assert_eq!(w.answers_made(BOB_LAPTOP), answers);
}

#[test]
fn alice_calls_bob_again_after_he_left_the_conference() {
    let (mut w, with_bob, _, conference) = three_in();
    w.hang_up(BOB_LAPTOP, with_bob);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
    let again = w.invite(ALICE_LAPTOP, BOB, &conference);
    assert_ne!(again, with_bob);
    w.run_s(1);
    w.accept(BOB_LAPTOP, again);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.live(ALICE_LAPTOP).len(), 3, "and her window still has what it began with");
}

#[test]
fn a_link_of_a_carried_call_that_comes_up_after_all_is_used() {
    let (mut w, with_bob, with_carol, conference) = three_in();
    w.blocked = true;
    w.cut_links();
    w.run_s(40);
    w.blocked = false;
    w.forged_offer(ALICE_LAPTOP, BOB_LAPTOP, with_bob, 99);
    w.run_s(1);
    let (page, link) = w.held_link(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::LinkState { page, link, state: LinkState::Open });
    assert_eq!(w.link(BOB_LAPTOP, with_bob), link);
    w.conference(BOB_LAPTOP, with_bob, &conference, 0);
    assert_eq!(w.state(BOB_LAPTOP, with_bob), CallState::Connected);
    assert_eq!(w.state(CAROL_LAPTOP, with_carol), CallState::Connected);
}

#[test]
fn what_a_page_said_before_a_crash_carries_nothing_after_it() {
    let (mut w, _, conference) = two_in();
    w.blocked = true;
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    w.accept(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, with_carol, &conference, 1);
    w.blocked = false;
    w.crash(ALICE_LAPTOP, Duration::from_secs(2));
    w.open_page(ALICE_LAPTOP);
    w.run_s(2);
    assert_eq!(w.state(ALICE_LAPTOP, with_carol), CallState::Connected);
    w.hang_up(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, with_carol), LEFT);
}
