//! What others may try.

use crate::world::*;
use call::{
    CallState, CancelReason, DeclineReason, Description, EndReason, Input, LinkDescription, LinkId, Signal,
    SignalKind,
};

fn ringing() -> (World, call::CallId) {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    (w, call)
}

/// Every signal that could move Alice's call.
fn signals_of_a_callee() -> Vec<Signal> {
    vec![
        Signal::Ringing { device_name: "trap".into(), answer: None },
        Signal::Accept { video: true, answer: None, conference: None },
        Signal::Decline { reason: DeclineReason::Declined },
        Signal::Cancel { reason: CancelReason::HungUp },
    ]
}

#[test]
fn only_the_key_the_invitation_was_sealed_to_may_answer() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    for signal in signals_of_a_callee() {
        for signed in [None, Some("another key".to_owned())] {
            let mut letter = w.letter(BOB_LAPTOP, ALICE, call, signal.clone());
            letter.signed = signed;
            w.forge(ALICE_LAPTOP, letter);
            assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sent);
        }
    }
}

#[test]
fn only_the_address_called_may_answer() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    w.devices[ALICE_LAPTOP.0].seals = false;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    for signal in signals_of_a_callee() {
        let letter = w.letter(CAROL_LAPTOP, ALICE, call, signal);
        w.forge(ALICE_LAPTOP, letter);
        assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sent);
    }
}

#[test]
fn nobody_else_may_speak_for_a_device_that_has_spoken() {
    let (mut w, call) = {
        let mut w = World::two();
        w.devices[ALICE_LAPTOP.0].seals = false;
        let call = w.call(ALICE_LAPTOP, BOB);
        w.run_s(1);
        (w, call)
    };
    for signed in [None, Some("another key".to_owned())] {
        let mut letter =
            w.letter(BOB_LAPTOP, ALICE, call, Signal::Accept { video: true, answer: None, conference: None });
        letter.signed = signed;
        w.forge(ALICE_LAPTOP, letter);
    }
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
}

#[test]
fn nobody_but_alices_device_and_key_takes_her_call_back() {
    let (mut w, call) = ringing();
    let cancel = Signal::Cancel { reason: CancelReason::HungUp };
    let mut unsigned = w.letter(ALICE_LAPTOP, BOB, call, cancel.clone());
    unsigned.signed = None;
    let mut other_key = unsigned.clone();
    other_key.signed = Some("another key".into());
    let other_device = w.letter(ALICE_PHONE, BOB, call, cancel.clone());
    let other_person = w.letter(CAROL_LAPTOP, BOB, call, cancel);
    for letter in [unsigned, other_key, other_device, other_person] {
        w.forge(BOB_LAPTOP, letter);
    }
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
}

#[test]
fn nobody_but_bobs_device_and_key_ends_the_conversation() {
    let (mut w, call) = ringing();
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let cancel = Signal::Cancel { reason: CancelReason::HungUp };
    let mut other_key = w.letter(BOB_LAPTOP, ALICE, call, cancel.clone());
    other_key.signed = Some("another key".into());
    let other_device = w.letter(BOB_PHONE, ALICE, call, cancel);
    for letter in [other_key, other_device] {
        w.forge(ALICE_LAPTOP, letter);
    }
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Connected);
}

#[test]
fn before_bob_accepts_the_link_can_only_cancel() {
    let (mut w, call) = ringing();
    let page = w.page(BOB_LAPTOP);
    let link = w.view(BOB_LAPTOP, call).unwrap().link.unwrap();
    for signal in signals_of_a_callee().into_iter().take(3) {
        w.input(BOB_LAPTOP, Input::SignalFromLink { page, link, signal });
        assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    }
    let signal = Signal::Cancel { reason: CancelReason::HungUp };
    w.input(BOB_LAPTOP, Input::SignalFromLink { page, link, signal });
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled);
}

#[test]
fn an_answer_to_a_link_that_was_never_offered_is_not_used() {
    let (mut w, call) = ringing();
    let used = |w: &World| {
        w.page_events(ALICE_LAPTOP).iter().filter(|e| matches!(e, call::PageEvent::UseAnswer { .. })).count()
    };
    let before = used(&w);
    let description = Description::try_from("evil".to_owned()).unwrap();
    let answer = LinkDescription { link: LinkId::new(666), description };
    let letter = w.letter(BOB_LAPTOP, ALICE, call, Signal::Answer(answer));
    w.forge(ALICE_LAPTOP, letter);
    assert_eq!(used(&w), before);
}

#[test]
fn an_answer_to_a_link_that_was_never_offered_takes_no_other_link_away() {
    let mut w = World::two();
    w.policy(BOB_LAPTOP, |policy| policy.hide_until_answer = true);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    let description = Description::try_from("evil".to_owned()).unwrap();
    let answer = LinkDescription { link: LinkId::new(666), description };
    let letter = w.letter(BOB_PHONE, ALICE, call, Signal::Answer(answer));
    w.forge(ALICE_LAPTOP, letter);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert!(!w.mailed(ALICE_LAPTOP).contains(&SignalKind::Offer), "the invitation's link is the one in use");
}

#[test]
fn a_second_answer_to_the_same_link_is_not_used() {
    let (mut w, call) = ringing();
    let link = w.view(ALICE_LAPTOP, call).unwrap().link.unwrap();
    let description = Description::try_from("evil".to_owned()).unwrap();
    let letter = w.letter(BOB_LAPTOP, ALICE, call, Signal::Answer(LinkDescription { link, description }));
    w.forge(ALICE_LAPTOP, letter);
    let used = |e: &&call::PageEvent| matches!(e, call::PageEvent::UseAnswer { .. });
    assert_eq!(w.page_events(ALICE_LAPTOP).iter().filter(used).count(), 1);
}

#[test]
fn a_flood_of_strangers_is_a_few_requests() {
    let mut w = World::two();
    for n in 0..2000_u128 {
        let call = call::CallId::new(n + 100);
        w.forged_invitation_from(&format!("s{n}@example.test"), BOB_LAPTOP, call, 60);
    }
    assert_eq!(w.live(BOB_LAPTOP).len(), 8);
    assert!(w.mailed(BOB_LAPTOP).is_empty());
}

#[test]
fn a_contact_that_floods_is_a_few_calls() {
    let mut w = World::two();
    for n in 0..200 {
        w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, n + 100, 60);
    }
    assert_eq!(w.live(BOB_LAPTOP).len(), 4);
}

#[test]
fn whoever_forges_alices_address_uses_up_nothing_of_hers() {
    let mut w = World::with(&[ALICE_LAPTOP, BOB_LAPTOP]);
    for n in 0..200_u128 {
        w.forged_invitation_from(ALICE, BOB_LAPTOP, call::CallId::new(n + 100), 60);
    }
    assert_eq!(w.live(BOB_LAPTOP).len(), 4);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
}

#[test]
fn a_flood_of_expired_invitations_is_forgotten() {
    let mut w = World::two();
    for n in 0..200 {
        w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, n + 100, 0);
    }
    assert_eq!(w.known(BOB_LAPTOP).len(), 30);
}

#[test]
fn a_flood_of_ringing_devices_gets_a_few_offers() {
    let (mut w, call) = ringing();
    for n in 0..100 {
        let ringing = Signal::Ringing { device_name: "x".repeat(500), answer: None };
        let mut letter = w.letter(BOB_PHONE, ALICE, call, ringing);
        letter.device = call::DeviceId::new(n + 1000);
        w.forge(ALICE_LAPTOP, letter);
    }
    w.run_s(1);
    assert!(w.mailed(ALICE_LAPTOP).len() <= 9);
}

#[test]
fn a_flood_of_offers_holds_a_few_links() {
    let (mut w, call) = ringing();
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    let in_use = w.link(BOB_LAPTOP, call);
    for n in 0..100 {
        let link = LinkId::new(n + 1000);
        let description = Description::try_from(format!("offer-{link}")).unwrap();
        let letter = w.letter(ALICE_LAPTOP, BOB, call, Signal::Offer(LinkDescription { link, description }));
        w.forge(BOB_LAPTOP, letter);
    }
    let count =
        |wanted: fn(&call::PageEvent) -> bool| w.page_events(BOB_LAPTOP).iter().filter(|e| wanted(e)).count();
    let made = count(|e| matches!(e, call::PageEvent::MakeAnswer { .. }));
    let closed = count(|e| matches!(e, call::PageEvent::CloseLink { .. }));
    assert!(made - closed <= 3);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
    assert!(!w.closed(BOB_LAPTOP).contains(&in_use), "the open link stays");
}

#[test]
fn names_that_would_deceive_are_cleaned() {
    let mut w = World::two();
    let call = call::CallId::new(5);
    let link = LinkId::new(6);
    let description = Description::try_from("offer-x".to_owned()).unwrap();
    let name = format!("  Al\u{202e}ice\n\u{0}{}", "x".repeat(500));
    let signal = Signal::Invite { lifetime_s: 60, video: false, name, link, description, conference: None };
    w.stranger(BOB_LAPTOP, ALICE);
    let letter = w.letter(ALICE_LAPTOP, BOB, call, signal);
    w.forge(BOB_LAPTOP, letter);
    let shown = w.view(BOB_LAPTOP, call).unwrap().peer_name;
    assert!(shown.starts_with("Alicexxx") && shown.chars().count() <= 64);
}
