//! People with more than one device.

use crate::world::*;
use call::{CancelReason, EndReason, Input, LinkState, PageEvent, Signal, SignalKind};

fn bob_has_two() -> World {
    World::with(&[ALICE_LAPTOP, BOB_LAPTOP, BOB_PHONE])
}

#[test]
fn both_of_bobs_devices_ring_and_each_has_a_channel_before_he_answers() {
    let mut w = bob_has_two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Offer]);
    for dev in [BOB_LAPTOP, BOB_PHONE] {
        assert!(w.has_channel(ALICE_LAPTOP, dev));
    }
    w.accept(BOB_PHONE, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_PHONE));
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
    assert!(!w.has_channel(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_declined_call_stops_ringing_on_the_other_device() {
    let mut w = bob_has_two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    w.decline(BOB_PHONE, call);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
}

#[test]
fn without_word_from_its_sibling_the_laptop_stops_at_the_callers_cancel() {
    let mut w = bob_has_two();
    w.policy(BOB_LAPTOP, |policy| policy.own.clear());
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    w.accept(BOB_PHONE, call);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_PHONE));
}

#[test]
fn without_word_from_its_sibling_the_laptop_hears_from_alice_that_the_phone_declined() {
    let mut w = bob_has_two();
    w.policy(BOB_LAPTOP, |policy| policy.own.clear());
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    w.decline(BOB_PHONE, call);
    w.run_s(1);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
}

#[test]
fn two_devices_accept_at_once_and_the_callers_first_wins() {
    let mut w = bob_has_two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    w.accept(BOB_PHONE, call);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_PHONE));
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
    assert!(w.live(BOB_PHONE).contains(&call));
}

#[test]
fn two_devices_accept_at_once_by_mail() {
    let mut w = bob_has_two();
    for dev in [BOB_LAPTOP, BOB_PHONE] {
        w.policy(dev, |policy| policy.hide_until_answer = true);
    }
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    w.accept(BOB_PHONE, call);
    w.accept(BOB_LAPTOP, call);
    w.run_s(3);
    let talking = [BOB_LAPTOP, BOB_PHONE].map(|dev| w.in_conversation(ALICE_LAPTOP, dev));
    assert_eq!(talking.iter().filter(|talks| **talks).count(), 1);
    let loser = if talking[0] { BOB_PHONE } else { BOB_LAPTOP };
    assert_eq!(w.end(loser, call), EndReason::AnsweredElsewhere);
}

#[test]
fn a_device_that_comes_late_hears_that_the_call_was_taken() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    w.open_page(BOB_PHONE);
    w.switch_on(BOB_PHONE);
    w.run_s(1);
    assert_eq!(w.end(BOB_PHONE, call), EndReason::AnsweredElsewhere);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn a_sibling_without_the_accounts_key_cannot_silence_this_device() {
    let mut w = bob_has_two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    let mut letter = w.letter(BOB_PHONE, BOB, call, Signal::Answered { accepted: true });
    letter.signed = Some("another key".into());
    w.forge(BOB_LAPTOP, letter.clone());
    letter.signed = None;
    w.forge(BOB_LAPTOP, letter.clone());
    assert!(w.live(BOB_LAPTOP).contains(&call));
    letter.from = address(ALICE);
    letter.signed = Some("key-of-alice@example.test".into());
    w.forge(BOB_LAPTOP, letter);
    assert!(w.live(BOB_LAPTOP).contains(&call));
}

#[test]
fn a_siblings_word_that_overtakes_the_invitation_keeps_this_device_silent() {
    let mut w = World::two();
    let call = call::CallId::new(7);
    let letter = w.letter(BOB_PHONE, BOB, call, Signal::Answered { accepted: true });
    w.forge(BOB_LAPTOP, letter);
    w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 7, 60);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
    assert!(w.alerts(BOB_LAPTOP).iter().all(|alert| *alert == call::Alert::Silence));
}

#[test]
fn a_signal_for_another_device_is_left_alone() {
    let mut w = bob_has_two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    let cancel = Signal::Cancel { reason: CancelReason::HungUp };
    let mut letter = w.letter(ALICE_LAPTOP, BOB, call, cancel);
    letter.to_device = Some(w.devices[BOB_PHONE.0].id);
    w.forge(BOB_LAPTOP, letter);
    assert!(w.live(BOB_LAPTOP).contains(&call));
}

#[test]
fn a_cancel_for_those_who_still_ring_does_not_end_the_call_that_was_taken() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let cancel = Signal::Cancel { reason: CancelReason::AnsweredElsewhere };
    let letter = w.letter(ALICE_LAPTOP, BOB, call, cancel);
    w.forge(BOB_LAPTOP, letter);
    assert!(w.live(BOB_LAPTOP).contains(&call));
}

#[test]
fn a_device_that_hides_gets_its_own_offer_and_answers_it_when_it_accepts() {
    let mut w = bob_has_two();
    w.policy(BOB_PHONE, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    assert_eq!(w.answers_made(BOB_PHONE), 0);
    w.accept(BOB_PHONE, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_PHONE));
    assert_eq!(w.answers_made(BOB_PHONE), 1);
    let taken = |event: &PageEvent| matches!(event, PageEvent::MakeOffer { .. });
    assert_eq!(w.page_events(ALICE_LAPTOP).iter().filter(|event| taken(event)).count(), 2);
}

#[test]
fn on_a_first_call_each_of_bobs_devices_may_have_its_own_key() {
    let mut w = bob_has_two();
    w.devices[ALICE_LAPTOP.0].seals = false;
    for dev in [BOB_LAPTOP, BOB_PHONE] {
        w.policy(dev, |policy| policy.hide_until_answer = true);
    }
    w.devices[BOB_PHONE.0].signs_with = Some("the phone's key".into());
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_PHONE, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_PHONE));
}

#[test]
fn a_sibling_alone_silences_the_laptop_when_alice_is_gone() {
    for accepts in [true, false] {
        let mut w = bob_has_two();
        let call = w.call(ALICE_LAPTOP, BOB);
        w.run_s(2);
        w.switch_off(ALICE_LAPTOP);
        if accepts {
            w.accept(BOB_PHONE, call);
        } else {
            w.decline(BOB_PHONE, call);
        }
        w.run_s(1);
        assert_eq!(w.end(BOB_LAPTOP, call), EndReason::AnsweredElsewhere);
    }
}

/// Bob takes the call where two links were answered while it rang: one is in use, the other is to spare.
fn one_link_to_spare() -> (World, call::CallId, Dev) {
    let mut w = bob_has_two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    let dev = if w.answers_made(BOB_PHONE) == 2 { BOB_PHONE } else { BOB_LAPTOP };
    assert_eq!(w.held(dev), 2, "it answered the invitation as well as its own offer");
    w.accept(dev, call);
    (w, call, dev)
}

#[test]
fn the_link_that_only_rang_is_closed_five_seconds_after_the_accept() {
    let (mut w, _, dev) = one_link_to_spare();
    w.run_ms(4_900);
    assert_eq!(w.held(dev), 2);
    w.run_ms(200);
    assert_eq!(w.held(dev), 1);
    assert!(w.in_conversation(ALICE_LAPTOP, dev));
}

#[test]
fn a_link_offered_too_late_is_closed_when_it_has_not_opened_within_a_minute() {
    let (mut w, call, dev) = one_link_to_spare();
    w.forged_offer(ALICE_LAPTOP, dev, call, 77);
    w.run_s(59);
    assert_eq!(w.held(dev), 2);
    w.run_s(2);
    assert_eq!(w.held(dev), 1);
    assert!(w.in_conversation(ALICE_LAPTOP, dev));
}

#[test]
fn while_no_link_is_open_none_is_to_spare() {
    let (mut w, call, dev) = one_link_to_spare();
    let (link, page) = (w.link(dev, call), w.page(dev));
    w.blocked = true;
    w.forget_link(link, page);
    w.input(dev, Input::LinkState { page, link, state: LinkState::Lost });
    w.forged_offer(ALICE_LAPTOP, dev, call, 77);
    w.run_s(6);
    assert_eq!(w.held(dev), 2, "either may open yet");
}

/// What Alice mails to a device that speaks up when the call has been taken.
fn cancels(w: &World) -> usize {
    w.mailed(ALICE_LAPTOP).iter().filter(|kind| **kind == SignalKind::Cancel).count()
}

fn late_device(w: &mut World, call: call::CallId, device: u128, signal: Signal, key: &str) {
    let mut letter = w.letter(BOB_PHONE, ALICE, call, signal);
    letter.device = call::DeviceId::new(device);
    letter.signed = Some(key.into());
    w.forge(ALICE_LAPTOP, letter);
}

#[test]
fn a_device_that_rings_late_is_turned_away_once_and_again_when_it_is_taken() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let rings = Signal::Ringing { device_name: String::new(), answer: None };
    let taken = Signal::Accept { video: true, answer: None, conference: None };
    let bobs = key(&address(BOB));
    late_device(&mut w, call, 100, rings.clone(), "another key");
    late_device(&mut w, call, 100, Signal::Decline { reason: call::DeclineReason::Declined }, &bobs);
    assert_eq!(cancels(&w), 0, "not Bob's device, or nothing to tell it");
    for signal in [rings.clone(), rings, taken] {
        late_device(&mut w, call, 100, signal, &bobs);
    }
    assert_eq!(cancels(&w), 2);
}

#[test]
fn a_flood_of_late_devices_is_turned_away_a_few_times() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    for device in 100..150 {
        let rings = Signal::Ringing { device_name: String::new(), answer: None };
        late_device(&mut w, call, device, rings, &key(&address(BOB)));
    }
    assert_eq!(cancels(&w), 16);
}
