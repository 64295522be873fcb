//! Calls that belong to a conference: people are invited into it, come from a call that was waiting, and leave together.

use std::time::Duration;

use crate::world::*;
use call::{
    Alert, CallId, CallState, Conference, DeclineReason, Direction, EndReason, Input, Signal, SignalKind,
};

const RINGS: CallState = CallState::Ringing { device_name: String::new() };
pub const HUNG_UP: EndReason = EndReason::HungUp { by_peer: false };
pub const LEFT: EndReason = EndReason::HungUp { by_peer: true };

/// Alice and Bob are in a conference: their call, and what an invitation into the conference names.
pub fn two_in() -> (World, CallId, Conference) {
    two_in_world(0)
}

/// As [`two_in`], with other ids: their order decides a glare.
fn two_in_world(seed: u64) -> (World, CallId, Conference) {
    let mut w = World::friends(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP, DORA_LAPTOP]);
    w.seed(seed);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let conference = party(7);
    for dev in [ALICE_LAPTOP, BOB_LAPTOP] {
        w.conference(dev, call, &conference, 0);
    }
    (w, call, conference)
}

/// Carol came in by Alice's invitation: also that call.
pub fn three_in() -> (World, CallId, CallId, Conference) {
    let (mut w, with_bob, conference) = two_in();
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    w.accept(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    for (dev, call) in [(ALICE_LAPTOP, with_bob), (BOB_LAPTOP, with_bob)] {
        w.conference(dev, call, &conference, 1);
    }
    for dev in [ALICE_LAPTOP, CAROL_LAPTOP] {
        w.conference(dev, with_carol, &conference, 1);
    }
    (w, with_bob, with_carol, conference)
}

#[test]
fn alice_invites_carol_while_she_talks_with_bob_and_the_ring_shows_the_topic_and_who_is_in() {
    let (mut w, with_bob, conference) = two_in();
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    assert_eq!(w.state(CAROL_LAPTOP, with_carol), RINGS);
    assert_eq!(w.view(CAROL_LAPTOP, with_carol).unwrap().conference, Some(conference));

    w.accept(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP) && w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
    assert!(w.hosts(ALICE_LAPTOP, with_carol) && !w.hosts(CAROL_LAPTOP, with_carol));
    assert_eq!(w.mailed(CAROL_LAPTOP), [SignalKind::Ringing], "two mails for a guest");
}

#[test]
fn several_people_are_invited_at_once() {
    let (mut w, with_bob, conference) = two_in();
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    let with_dora = w.invite(ALICE_LAPTOP, DORA, &conference);
    w.run_s(1);
    w.accept(DORA_LAPTOP, with_dora);
    w.accept(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    for (dev, call) in [(BOB_LAPTOP, with_bob), (CAROL_LAPTOP, with_carol), (DORA_LAPTOP, with_dora)] {
        assert!(w.in_conversation(ALICE_LAPTOP, dev));
        assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    }
}

#[test]
fn an_invitation_from_within_goes_out_from_the_window_that_carries_the_conference() {
    let (mut w, with_bob, conference) = two_in();
    let here = w.carrier(ALICE_LAPTOP, with_bob);
    let other = w.open_page(ALICE_LAPTOP);
    w.input(ALICE_LAPTOP, Input::PageFocused { page: other });
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    assert_eq!(w.carrier(ALICE_LAPTOP, with_carol), here);
}

#[test]
fn a_call_of_its_own_ends_the_conference() {
    let (mut w, with_bob, with_carol, _) = three_in();
    let with_dora = w.call(ALICE_LAPTOP, DORA);
    for call in [with_bob, with_carol] {
        assert_eq!(w.end(ALICE_LAPTOP, call), HUNG_UP);
    }
    assert_eq!(w.state(ALICE_LAPTOP, with_dora), CallState::Preparing);
}

#[test]
fn hanging_up_ends_every_call_of_the_conference_and_takes_its_invitations_back() {
    let (mut w, with_bob, with_carol, conference) = three_in();
    let with_dora = w.invite(ALICE_LAPTOP, DORA, &conference);
    w.run_s(1);
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    assert!(w.live(ALICE_LAPTOP).is_empty());
    assert_eq!(w.end(ALICE_LAPTOP, with_bob), HUNG_UP);
    assert_eq!(w.end(ALICE_LAPTOP, with_dora), EndReason::Cancelled);
    assert_eq!(w.end(DORA_LAPTOP, with_dora), EndReason::Cancelled);
}

#[test]
fn taking_an_invitation_back_leaves_the_conference_alone() {
    let (mut w, with_bob, conference) = two_in();
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    assert_eq!(w.end(CAROL_LAPTOP, with_carol), EndReason::Cancelled);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.live(ALICE_LAPTOP), [with_bob].into());
}

#[test]
fn bob_adds_a_waiting_caller_by_the_link_that_was_answered_early() {
    let (mut w, with_alice, conference) = two_in();
    let here = w.carrier(BOB_LAPTOP, with_alice);
    let other = w.open_page(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::PageFocused { page: other });
    let carols = w.call(CAROL_LAPTOP, BOB);
    w.run_s(1);
    assert!(w.view(BOB_LAPTOP, carols).unwrap().waiting);
    let link = w.link(BOB_LAPTOP, carols);

    w.add(BOB_LAPTOP, carols, &conference);
    w.run_s(1);
    assert!(w.in_conversation(BOB_LAPTOP, CAROL_LAPTOP) && w.in_conversation(BOB_LAPTOP, ALICE_LAPTOP));
    assert_eq!((w.link(BOB_LAPTOP, carols), w.carrier(BOB_LAPTOP, carols)), (link, here));
    assert!(w.hosts(BOB_LAPTOP, carols) && !w.hosts(CAROL_LAPTOP, carols));
    let known = |dev| w.view(dev, carols).unwrap().conference.unwrap();
    assert_eq!(known(BOB_LAPTOP), conference);
    assert_eq!(known(CAROL_LAPTOP).id, conference.id);
}

#[test]
fn what_another_window_answered_early_is_made_anew_where_the_conference_is() {
    let mut w = World::friends(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP]);
    let here = w.page(BOB_LAPTOP);
    let other = w.open_page(BOB_LAPTOP);
    w.input(BOB_LAPTOP, Input::PageFocused { page: other });
    let carols = w.call(CAROL_LAPTOP, BOB);
    w.run_s(1);
    assert_eq!(w.carrier(BOB_LAPTOP, carols), Some(other));
    let (account, to) = (ACCOUNT, address(ALICE));
    w.input(BOB_LAPTOP, Input::Call { account, to, video: true, page: Some(here), conference: None });
    w.run_s(1);
    let with_alice = *w.live(ALICE_LAPTOP).first().unwrap();
    w.accept(ALICE_LAPTOP, with_alice);
    w.run_s(1);
    let conference = party(7);
    w.conference(BOB_LAPTOP, with_alice, &conference, 0);

    w.add(BOB_LAPTOP, carols, &conference);
    w.run_s(3);
    assert!(w.in_conversation(BOB_LAPTOP, CAROL_LAPTOP) && w.in_conversation(BOB_LAPTOP, ALICE_LAPTOP));
    assert_eq!(w.carrier(BOB_LAPTOP, carols), Some(here));
    assert!(w.hosts(BOB_LAPTOP, carols) && !w.hosts(CAROL_LAPTOP, carols));
}

#[test]
fn nobody_is_added_to_a_conference_that_is_not_here() {
    let (mut w, with_alice, _) = two_in();
    let carols = w.call(CAROL_LAPTOP, BOB);
    w.run_s(1);
    w.add(BOB_LAPTOP, carols, &party(8));
    assert_eq!(w.state(BOB_LAPTOP, carols), RINGS);
    assert_eq!(w.state(BOB_LAPTOP, with_alice), CallState::Connected);
}

#[test]
fn an_invitation_into_one_conference_is_not_added_to_another() {
    let (mut w, _, conference) = two_in();
    let doras = w.invite(DORA_LAPTOP, BOB, &party(8));
    w.run_s(1);
    w.add(BOB_LAPTOP, doras, &conference);
    assert_eq!(w.state(BOB_LAPTOP, doras), RINGS);
}

#[test]
fn switching_to_another_conference_ends_all_calls_of_this_one() {
    let (mut w, with_bob, with_carol, _) = three_in();
    let doras = w.invite(DORA_LAPTOP, ALICE, &party(8));
    w.run_s(1);
    w.accept(ALICE_LAPTOP, doras);
    w.run_s(1);
    for call in [with_bob, with_carol] {
        assert_eq!(w.end(ALICE_LAPTOP, call), HUNG_UP);
    }
    assert!(w.in_conversation(ALICE_LAPTOP, DORA_LAPTOP));
    assert!(w.hosts(DORA_LAPTOP, doras) && !w.hosts(ALICE_LAPTOP, doras));
}

#[test]
fn a_caller_whom_the_callee_claims_for_another_conference_stays_in_the_one_that_invited() {
    let (mut w, _, conference) = two_in();
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    let answer = None;
    let accept = Signal::Accept { video: true, answer, conference: Some(party(8).id) };
    let letter = w.letter(CAROL_LAPTOP, ALICE, with_carol, accept);
    w.forge(ALICE_LAPTOP, letter);
    assert_eq!(w.view(ALICE_LAPTOP, with_carol).unwrap().conference, Some(conference));
    assert!(w.hosts(ALICE_LAPTOP, with_carol));
}

/// Carol calls Alice, who is in a conference and invites Carol at that moment.
fn glare(seed: u64) -> (World, Conference) {
    let (mut w, _, conference) = two_in_world(seed);
    w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.call(CAROL_LAPTOP, ALICE);
    w.run_s(2);
    (w, conference)
}

#[test]
fn whoever_calls_the_one_who_invites_them_comes_in_by_themselves() {
    for seed in 0..6 {
        let (w, conference) = glare(seed);
        assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP) && w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
        let call = *w.live(CAROL_LAPTOP).first().unwrap();
        assert!(w.hosts(ALICE_LAPTOP, call) && !w.hosts(CAROL_LAPTOP, call));
        for dev in [ALICE_LAPTOP, CAROL_LAPTOP] {
            assert_eq!(w.view(dev, call).unwrap().conference.unwrap().id, conference.id);
        }
        assert!(!w.alerts(CAROL_LAPTOP).iter().any(|alert| matches!(alert, Alert::Ring { .. })));
    }
}

#[test]
fn two_who_invite_each_other_into_different_conferences_are_asked() {
    for seed in 0..6 {
        let (mut w, with_bob, conference) = two_in_world(seed);
        let talk = w.call(CAROL_LAPTOP, DORA);
        w.run_s(1);
        w.accept(DORA_LAPTOP, talk);
        w.run_s(1);
        w.conference(CAROL_LAPTOP, talk, &party(8), 0);
        w.invite(ALICE_LAPTOP, CAROL, &conference);
        w.invite(CAROL_LAPTOP, ALICE, &party(8));
        w.run_s(2);
        assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
        assert_eq!(w.state(CAROL_LAPTOP, talk), CallState::Connected);
        let asked = |dev: Dev| {
            let calls = w.live(dev).into_iter().filter_map(|call| w.view(dev, call));
            calls.filter(|view| view.direction == Direction::Incoming && view.state == RINGS).count()
        };
        assert_eq!(asked(ALICE_LAPTOP) + asked(CAROL_LAPTOP), 1);
    }
}

#[test]
fn whoever_waits_for_bob_hears_that_he_is_busy_if_he_adds_nobody() {
    let (mut w, _, _) = two_in();
    let carols = w.call(CAROL_LAPTOP, BOB);
    w.run_s(1);
    w.decline(BOB_LAPTOP, carols);
    w.run_s(1);
    assert_eq!(w.end(CAROL_LAPTOP, carols), EndReason::Declined { reason: DeclineReason::Busy });
}

#[test]
fn what_a_call_belonged_to_is_remembered() {
    let (mut w, with_bob, conference) = two_in();
    w.hang_up(ALICE_LAPTOP, with_bob);
    w.run_s(1);
    for dev in [ALICE_LAPTOP, BOB_LAPTOP] {
        assert_eq!(w.devices[dev.0].store[&with_bob].view.conference, Some(conference.clone()));
    }
}

#[test]
fn an_invitation_that_rings_during_a_crash_still_names_its_conference() {
    let (mut w, _, conference) = two_in();
    let with_carol = w.invite(ALICE_LAPTOP, CAROL, &conference);
    w.run_s(1);
    w.crash(CAROL_LAPTOP, Duration::from_secs(2));
    w.open_page(CAROL_LAPTOP);
    let view = w.devices[CAROL_LAPTOP.0].machine.snapshot().remove(0);
    assert_eq!((view.call, view.conference), (with_carol, Some(conference)));
}

/// Carol calls Alice, into a conference or none; meanwhile Alice presses Call, or invites her. Whether that takes
/// Carol's call.
fn takes_carols_call(into: Option<&Conference>, hers: Option<&Conference>) -> bool {
    let (mut w, _, _) = two_in();
    let carols = w.call_with(CAROL_LAPTOP, ALICE, true, into);
    w.run_s(1);
    w.call_with(ALICE_LAPTOP, CAROL, true, hers) == carols
}

#[test]
fn alice_who_dials_carol_takes_her_call_wherever_it_leads() {
    assert!(takes_carols_call(Some(&party(8)), None));
}

#[test]
fn alice_who_invites_carol_takes_her_plain_call() {
    assert!(takes_carols_call(None, Some(&party(7))));
}

#[test]
fn alice_who_invites_carol_takes_her_call_into_the_same_conference() {
    assert!(takes_carols_call(Some(&party(7)), Some(&party(7))));
}

#[test]
fn alice_who_invites_carol_while_she_calls_into_another_conference_sends_her_own_invitation() {
    assert!(!takes_carols_call(Some(&party(8)), Some(&party(7))));
}

#[test]
fn carol_who_rings_while_alices_first_call_becomes_a_conference_is_no_part_of_it() {
    let mut w = World::friends(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP]);
    let with_bob = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, with_bob);
    w.run_s(1);
    let carols = w.call(CAROL_LAPTOP, ALICE);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, with_bob, &party(7), 0);
    let views = w.devices[ALICE_LAPTOP.0].machine.snapshot();
    let of = |call| views.iter().find(|view| view.call == call).unwrap().conference.clone();
    assert_eq!((of(with_bob), of(carols)), (Some(party(7)), None));
}

#[test]
fn carol_is_put_out_and_alice_goes_on_talking_with_bob() {
    let (mut w, with_bob, with_carol, conference) = three_in();
    w.expel(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, with_carol), HUNG_UP);
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
    w.conference(CAROL_LAPTOP, with_carol, &conference, 0);
    assert_eq!(w.end(CAROL_LAPTOP, with_carol), LEFT);

    let again = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, again), RINGS, "she does not come back by herself");
}

#[test]
fn nobody_is_put_out_of_a_call_that_belongs_to_no_conference() {
    let mut w = World::friends(&[ALICE_LAPTOP, BOB_LAPTOP]);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    w.expel(ALICE_LAPTOP, call);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
}
