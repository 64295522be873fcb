//! People with two accounts: what comes to one of them says nothing about the other.

use std::time::Duration;

use call::{
    AccountId, Alert, CallId, CallState, CancelReason, EndReason, Input, Own, Sender, Signal, SignalKind,
    Standing, Verified,
};

use crate::world::*;

/// Bob's second account.
const WORK: AccountId = AccountId(2);

/// What a device of Alice's, or of Bob's own, mails to Bob's second account, signed by the right key.
fn mail_to_work(w: &mut World, from: Dev, call: CallId, signal: Signal) {
    let letter = w.letter(from, BOB, call, signal);
    let sender = Sender::Key { fingerprint: key(&letter.from), standing: Standing::Pinned };
    let signal = Verified::vouch(WORK, letter.from, sender, letter.device, None, call, letter.signal);
    w.input(BOB_LAPTOP, Input::Mail { signal, age: Duration::ZERO });
}

fn ringing_at_home() -> (World, CallId) {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    (w, call)
}

const RINGS: CallState = CallState::Ringing { device_name: String::new() };

#[test]
fn a_cancel_to_the_other_account_does_not_take_the_call_back() {
    let (mut w, call) = ringing_at_home();
    mail_to_work(&mut w, ALICE_LAPTOP, call, Signal::Cancel { reason: CancelReason::HungUp });
    assert_eq!(w.state(BOB_LAPTOP, call), RINGS);
}

#[test]
fn a_cancel_to_the_other_account_that_comes_early_does_not_silence_the_call() {
    let mut w = World::two();
    mail_to_work(&mut w, ALICE_LAPTOP, CallId::new(9), Signal::Cancel { reason: CancelReason::HungUp });
    let call = w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 9, 60);
    assert_eq!(w.state(BOB_LAPTOP, call), RINGS);
}

#[test]
fn a_sibling_of_the_other_account_cannot_silence_the_call() {
    let (mut w, call) = ringing_at_home();
    w.policy(BOB_LAPTOP, |policy| {
        let own = Own { address: address(BOB), fingerprint: key(&address(BOB)) };
        policy.own.insert(WORK, own);
    });
    mail_to_work(&mut w, BOB_PHONE, call, Signal::Answered { accepted: true });
    assert_eq!(w.state(BOB_LAPTOP, call), RINGS);
}

#[test]
fn an_accept_that_comes_too_late_to_the_other_account_is_not_answered() {
    let mut w = World::two();
    let call = w.call(BOB_LAPTOP, ALICE);
    w.run_s(1);
    w.hang_up(BOB_LAPTOP, call);
    let mailed = w.mailed(BOB_LAPTOP);
    mail_to_work(&mut w, ALICE_PHONE, call, Signal::Accept { video: true, answer: None, conference: None });
    assert_eq!(w.mailed(BOB_LAPTOP), mailed);
}

#[test]
fn bob_dials_alice_from_work_while_she_calls_him_at_home() {
    let (mut w, hers) = ringing_at_home();
    let page = Some(w.page(BOB_LAPTOP));
    w.input(
        BOB_LAPTOP,
        Input::Call { account: WORK, to: address(ALICE), video: true, page, conference: None },
    );
    assert_eq!(w.state(BOB_LAPTOP, hers), RINGS, "it is another call");
    assert_eq!(w.live(BOB_LAPTOP).len(), 2);
}

#[test]
fn a_link_gathered_for_a_call_from_home_is_not_used_from_work() {
    let mut w = World::two();
    let page = Some(w.page(BOB_LAPTOP));
    w.input(BOB_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(ALICE) });
    w.run_s(1);
    w.input(
        BOB_LAPTOP,
        Input::Call { account: WORK, to: address(ALICE), video: true, page, conference: None },
    );
    assert_eq!(w.closed(BOB_LAPTOP).len(), 1);
    assert!(w.mailed(BOB_LAPTOP).is_empty(), "its own link is being gathered");
}

#[test]
fn bob_takes_the_call_to_work_and_so_ends_the_one_he_dials_from_home() {
    let mut w = World::two();
    let his = w.call(BOB_LAPTOP, ALICE);
    let hers = CallId::new(7);
    let link = call::LinkId::new(8);
    let description = call::Description::try_from(format!("offer-{link}")).unwrap();
    let invite = Signal::Invite {
        lifetime_s: 60,
        video: true,
        name: String::new(),
        link,
        description,
        conference: None,
    };
    w.policy(BOB_LAPTOP, |policy| {
        policy.contacts.0.insert((WORK, address(ALICE)));
        policy.hide_until_answer = true;
    });
    w.log.invited(hers, w.now, &invite);
    mail_to_work(&mut w, ALICE_LAPTOP, hers, invite);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Ring { softly: true }]);
    w.input(BOB_LAPTOP, Input::Accept { call: hers, video: true, page: None, conference: None });
    assert_eq!(w.end(BOB_LAPTOP, his), EndReason::Cancelled, "not superseded: these are two calls");
    assert!(!w.mailed(BOB_LAPTOP).contains(&SignalKind::Invite));
}
