//! Links that break while their pages try to repair them, and the fresh one that is offered beside.

use std::time::Duration;

use crate::{
    conference::{LEFT, three_in},
    world::*,
};
use call::{CallId, CallState, CancelReason, EndReason, Signal, SignalKind};

const BOTH: [Dev; 2] = [ALICE_LAPTOP, BOB_LAPTOP];

/// As [`World::talking`], and then nothing gets through any more; both pages noticed a second ago and try to repair it.
fn broken() -> (World, CallId) {
    let (mut w, call) = World::talking();
    for dev in BOTH {
        w.break_links(dev);
    }
    w.run_ms(1_010);
    for dev in BOTH {
        assert_eq!(w.state(dev, call), CallState::Reconnecting);
    }
    (w, call)
}

fn offers(w: &World, dev: Dev) -> usize {
    w.mailed(dev).into_iter().filter(|kind| *kind == SignalKind::Offer).count()
}

/// They talk, on a link each, and the mails of the repair were so many.
fn all_is_well(w: &mut World, call: CallId, mailed: [usize; 2]) {
    w.run_s(70);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP), "{}", w.tale());
    assert_eq!(BOTH.map(|dev| w.state(dev, call)), [CallState::Connected, CallState::Connected]);
    assert_eq!(BOTH.map(|dev| w.held(dev)), [1, 1], "one link each\n{}", w.tale());
    assert_eq!(w.link(ALICE_LAPTOP, call), w.link(BOB_LAPTOP, call));
    assert_eq!(BOTH.map(|dev| offers(w, dev)), mailed, "{}", w.tale());
}

#[test]
fn the_caller_offers_a_fresh_link_after_three_seconds_and_it_takes_the_place_of_the_broken_one() {
    let (mut w, call) = broken();
    let old = w.link(ALICE_LAPTOP, call);
    w.run_ms(1_990);
    assert_eq!(offers(&w, ALICE_LAPTOP), 0);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert!(w.closed(ALICE_LAPTOP).contains(&old));
    all_is_well(&mut w, call, [1, 0]);
}

#[test]
fn the_broken_link_is_not_closed_while_the_fresh_one_is_on_its_way() {
    let (mut w, call) = broken();
    let old = w.link(ALICE_LAPTOP, call);
    w.blocked = true;
    w.run_s(8);
    assert_eq!(offers(&w, ALICE_LAPTOP), 1);
    assert!(BOTH.iter().all(|dev| !w.closed(*dev).contains(&old)));
}

#[test]
fn nothing_is_mailed_if_the_broken_link_comes_back_at_once() {
    let (mut w, call) = broken();
    w.run_ms(1_900);
    BOTH.iter().for_each(|dev| w.repair_links(*dev));
    all_is_well(&mut w, call, [0, 0]);
}

#[test]
fn nothing_is_mailed_if_the_broken_link_comes_back_while_the_page_makes_the_offer() {
    let (mut w, call) = broken();
    w.run_ms(1_990);
    BOTH.iter().for_each(|dev| w.repair_links(*dev));
    all_is_well(&mut w, call, [0, 0]);
    assert_eq!(w.closed(ALICE_LAPTOP).len(), 1, "the page began with one");
}

#[test]
fn a_broken_link_that_comes_back_while_the_offer_is_on_its_way_is_used_again() {
    let (mut w, call) = broken();
    let old = w.link(ALICE_LAPTOP, call);
    w.net.transit = 500..501;
    w.run_ms(2_300);
    BOTH.iter().for_each(|dev| w.repair_links(*dev));
    all_is_well(&mut w, call, [1, 0]);
    assert_eq!(w.link(ALICE_LAPTOP, call), old);
}

#[test]
fn a_broken_link_that_comes_back_before_the_answer_makes_it_harmless() {
    let (mut w, call) = broken();
    let old = w.link(BOB_LAPTOP, call);
    w.net.transit = 500..501;
    w.run_ms(2_700);
    assert_eq!(w.answers_made(BOB_LAPTOP), 2, "the first was the invitation's");
    BOTH.iter().for_each(|dev| w.repair_links(*dev));
    all_is_well(&mut w, call, [1, 0]);
    assert_eq!(w.link(BOB_LAPTOP, call), old);
}

#[test]
fn an_offer_that_waits_in_the_outbox_is_withdrawn_when_the_broken_link_comes_back() {
    let (mut w, call) = broken();
    w.mail_server(ALICE_LAPTOP, Smtp::Down);
    w.run_s(4);
    BOTH.iter().for_each(|dev| w.repair_links(*dev));
    w.run_s(1);
    w.mail_server(ALICE_LAPTOP, Smtp::Takes);
    all_is_well(&mut w, call, [1, 0]);
    assert_eq!(w.answers_made(BOB_LAPTOP), 1, "only the invitation's");
}

#[test]
fn a_broken_link_that_is_lost_while_the_offer_is_out_brings_no_second_one() {
    let (mut w, call) = broken();
    w.net.transit = 9_000..9_001;
    w.run_s(19);
    assert_eq!(BOTH.map(|dev| offers(&w, dev)), [1, 1], "Bob had heard nothing for ten seconds");
    w.net = Net::quick();
    all_is_well(&mut w, call, [1, 1]);
}

#[test]
fn bob_answers_while_he_has_not_noticed_and_the_fresh_link_is_not_closed_when_he_does() {
    let (mut w, call) = World::talking();
    w.blocked = true;
    w.break_links(ALICE_LAPTOP);
    w.run_s(4);
    assert_eq!(w.answers_made(BOB_LAPTOP), 2);
    let fresh = w.link(ALICE_LAPTOP, call);
    w.break_links(BOB_LAPTOP);
    w.run_s(4);
    assert!(!w.closed(BOB_LAPTOP).contains(&fresh));
    w.blocked = false;
    all_is_well(&mut w, call, [2, 0]);
}

#[test]
fn bob_does_not_offer_while_his_page_tries_to_repair_the_link() {
    let (mut w, _) = World::talking();
    w.break_links(BOB_LAPTOP);
    w.run_s(9);
    assert_eq!(BOTH.map(|dev| offers(&w, dev)), [0, 0]);
}

#[test]
fn bob_reloads_meanwhile_and_offers_too_and_the_callers_offer_wins() {
    let (mut w, call) = broken();
    w.net.transit = 500..501;
    w.run_ms(2_000);
    w.reload(BOB_LAPTOP);
    all_is_well(&mut w, call, [1, 1]);
    assert_eq!(w.answers_made(ALICE_LAPTOP), 0);
}

#[test]
fn bob_reloads_after_he_answered_and_his_own_offer_brings_them_together() {
    let (mut w, call) = broken();
    w.blocked = true;
    w.run_s(3);
    w.blocked = false;
    w.reload(BOB_LAPTOP);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [1, 1]);
}

#[test]
fn alice_reloads_after_she_offered_and_offers_anew() {
    let (mut w, call) = broken();
    w.blocked = true;
    w.run_s(3);
    w.blocked = false;
    w.reload(ALICE_LAPTOP);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [2, 0]);
}

#[test]
fn a_page_that_vanished_is_not_replaced_by_another_one() {
    let (mut w, call) = broken();
    w.open_page(ALICE_LAPTOP);
    w.devices[ALICE_LAPTOP.0].pages.reverse();
    w.kill_page(ALICE_LAPTOP);
    w.run_s(4);
    assert_eq!((offers(&w, ALICE_LAPTOP), w.needed_pages(ALICE_LAPTOP)), (0, 0));
    w.run_s(2);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::LinkLost);
}

#[test]
fn hanging_up_while_the_offer_is_out_ends_the_call_on_both_sides() {
    let (mut w, call) = broken();
    w.net.transit = 500..501;
    w.run_ms(2_300);
    w.hang_up(ALICE_LAPTOP, call);
    w.run_s(3);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::HungUp { by_peer: true });
    assert_eq!(BOTH.map(|dev| w.held(dev)), [0, 0]);
}

#[test]
fn a_fresh_link_that_does_not_open_is_followed_by_one_more_after_ten_seconds() {
    let (mut w, call) = broken();
    w.blocked = true;
    w.run_s(11);
    assert_eq!(offers(&w, ALICE_LAPTOP), 1);
    w.blocked = false;
    w.run_s(3);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [2, 0]);
}

#[test]
fn a_call_that_needed_one_more_offer_to_connect_gets_one_more_for_a_break_too() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(8);
    w.blocked = false;
    w.run_s(3);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
    w.run_s(10);
    BOTH.iter().for_each(|dev| w.break_links(*dev));
    w.blocked = true;
    w.run_s(11);
    w.blocked = false;
    w.run_s(3);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [3, 0]);
}

#[test]
fn alice_does_not_offer_while_a_link_that_bob_offered_may_open() {
    let (mut w, call) = World::talking();
    w.break_links(ALICE_LAPTOP);
    w.run_s(1);
    w.blocked = true;
    w.reload(BOB_LAPTOP);
    w.run_s(9);
    assert_eq!((offers(&w, ALICE_LAPTOP), w.answers_made(ALICE_LAPTOP)), (0, 1));
    w.blocked = false;
    all_is_well(&mut w, call, [1, 1]);
}

#[test]
fn a_late_offer_that_was_answered_in_vain_does_not_keep_alice_from_offering() {
    let (mut w, call) = World::talking();
    w.forged_offer(BOB_LAPTOP, ALICE_LAPTOP, call, 99);
    w.run_s(1);
    BOTH.iter().for_each(|dev| w.break_links(*dev));
    w.run_s(4);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [1, 0]);
}

#[test]
fn a_late_offer_that_was_answered_in_vain_does_not_keep_alice_from_replacing_a_lost_link() {
    let (mut w, call) = World::talking();
    w.forged_offer(BOB_LAPTOP, ALICE_LAPTOP, call, 99);
    w.run_s(20);
    w.cut_links();
    w.run_s(7);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [1, 0]);
}

#[test]
fn a_late_offer_that_was_answered_in_vain_is_no_reason_for_a_second_offer() {
    let (mut w, call) = World::talking();
    w.forged_offer(BOB_LAPTOP, ALICE_LAPTOP, call, 99);
    w.run_s(1);
    BOTH.iter().for_each(|dev| w.break_links(*dev));
    w.net.transit = 12_000..12_001;
    w.run_s(12);
    assert_eq!(offers(&w, ALICE_LAPTOP), 1);
}

#[test]
fn what_is_not_restored_is_over_thirty_seconds_after_the_break() {
    let (mut w, call) = broken();
    w.blocked = true;
    w.run_ms(28_900);
    assert_eq!(BOTH.map(|dev| w.state(dev, call)), [CallState::Reconnecting, CallState::Reconnecting]);
    w.run_ms(100);
    assert_eq!(BOTH.map(|dev| w.end(dev, call)), [EndReason::LinkLost, EndReason::LinkLost]);
    assert_eq!(BOTH.map(|dev| offers(&w, dev)), [2, 0], "one, and one more");
}

#[test]
fn each_break_gets_a_fresh_link() {
    let (mut w, call) = broken();
    w.run_s(20);
    BOTH.iter().for_each(|dev| w.break_links(*dev));
    w.run_s(4);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    all_is_well(&mut w, call, [2, 0]);
}

#[test]
fn a_backend_that_crashes_meanwhile_ends_the_call_and_an_answer_on_its_way_brings_nothing_back() {
    let (mut w, call) = broken();
    w.net.transit = 500..501;
    w.run_ms(2_700);
    w.crash(ALICE_LAPTOP, Duration::from_secs(1));
    w.run_s(5);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Interrupted);
    assert_eq!(w.end(BOB_LAPTOP, call), LEFT);
    assert_eq!(BOTH.map(|dev| w.held(dev)), [0, 0]);
}

#[test]
fn carol_is_linked_anew_to_a_conference_that_goes_on_while_her_link_is_broken() {
    let (mut w, with_bob, with_carol, _) = three_in();
    for dev in [ALICE_LAPTOP, CAROL_LAPTOP] {
        w.break_link_of(dev, with_carol);
    }
    w.run_s(4);
    assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP));
    w.run_s(70);
    assert_eq!(
        [ALICE_LAPTOP, CAROL_LAPTOP].map(|dev| w.state(dev, with_carol)),
        [CallState::Connected, CallState::Connected]
    );
    assert_eq!([ALICE_LAPTOP, CAROL_LAPTOP].map(|dev| w.held(dev)), [2, 1]);
    assert_eq!(w.state(ALICE_LAPTOP, with_bob), CallState::Connected);
}

#[test]
fn a_call_that_its_conference_carries_is_offered_nothing() {
    let (mut w, with_bob, with_carol, _) = three_in();
    BOTH.iter().for_each(|dev| w.break_link_of(*dev, with_bob));
    w.run_s(1);
    let hung_up = Signal::Cancel { reason: CancelReason::HungUp };
    let letter = w.letter(BOB_LAPTOP, ALICE, with_bob, hung_up);
    w.forge(ALICE_LAPTOP, letter);
    w.run_s(40);
    assert_eq!(w.view(ALICE_LAPTOP, with_bob).unwrap().link, None);
    assert_eq!(offers(&w, ALICE_LAPTOP), 0);
    assert_eq!(w.state(ALICE_LAPTOP, with_carol), CallState::Connected);
}
