//! Calls that do not come about.

use crate::world::*;
use call::{Alert, CallState, DeclineReason, EndReason, Input, SignalKind, Standing};

#[test]
fn nobody_answers_and_both_sides_stop() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(59);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.run_s(2);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    w.run_s(3);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoAnswer);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Ring { softly: false }, Alert::Missed]);
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite]);
}

#[test]
fn no_device_of_bobs_is_on() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(60);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sent, "never Ringing without proof");
    w.run_s(4);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoDevice);
}

#[test]
fn bob_comes_online_in_time_and_rings_for_the_rest_of_the_minute() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(40);
    w.open_page(BOB_LAPTOP);
    w.switch_on(BOB_LAPTOP);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
    w.run_ms(19_100);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
}

#[test]
fn bob_comes_online_too_late_and_finds_a_missed_call() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(300);
    w.open_page(BOB_LAPTOP);
    w.switch_on(BOB_LAPTOP);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Missed]);
    assert!(w.mailed(BOB_LAPTOP).is_empty());
}

#[test]
fn bob_declines() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.decline(BOB_LAPTOP, call);
    w.run_s(1);
    let declined = EndReason::Declined { reason: DeclineReason::Declined };
    assert_eq!(w.end(BOB_LAPTOP, call), declined);
    assert_eq!(w.end(ALICE_LAPTOP, call), declined);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing], "the channel is open: no mail");
}

#[test]
fn bob_declines_by_mail_where_no_channel_is_open() {
    let mut w = World::two();
    w.blocked = true;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.decline(BOB_LAPTOP, call);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Declined { reason: DeclineReason::Declined });
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Decline]);
}

#[test]
fn alice_cancels_while_bob_rings() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(5);
    w.hang_up(ALICE_LAPTOP, call);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Cancelled);
    w.run_ms(30);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Cancelled, "over the channel, faster than mail");
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Ring { softly: false }, Alert::Missed]);
}

#[test]
fn alice_cancels_before_the_invitation_leaves_and_bob_hears_nothing() {
    let mut w = World::two();
    w.devices[ALICE_LAPTOP.0].smtp = Smtp::Down;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(5);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sending { retrying: true });
    w.hang_up(ALICE_LAPTOP, call);
    w.devices[ALICE_LAPTOP.0].smtp = Smtp::Takes;
    w.run_s(60);
    assert!(w.view(BOB_LAPTOP, call).is_none());
}

#[test]
fn an_invitation_that_leaves_although_it_was_unsent_is_followed_by_a_cancel() {
    let mut w = World::two();
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_ms(50);
    let mail = w.first_mail(ALICE_LAPTOP);
    w.hang_up(ALICE_LAPTOP, call);
    w.input(ALICE_LAPTOP, Input::MailSent { mail });
    assert_eq!(w.mailed(ALICE_LAPTOP), [SignalKind::Invite, SignalKind::Cancel]);
}

#[test]
fn alices_own_mail_server_is_away_for_a_minute() {
    let mut w = World::two();
    w.devices[ALICE_LAPTOP.0].smtp = Smtp::Down;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(70);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NotSent);
    assert!(w.view(BOB_LAPTOP, call).is_none());
}

#[test]
fn alices_mail_server_comes_back_after_half_a_minute_and_the_minute_begins_then() {
    let mut w = World::two();
    w.devices[ALICE_LAPTOP.0].smtp = Smtp::Down;
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(30);
    w.devices[ALICE_LAPTOP.0].smtp = Smtp::Takes;
    w.run_s(50);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn the_server_refuses_the_address_in_its_own_words() {
    let mut w = World::two();
    w.devices[ALICE_LAPTOP.0].smtp = Smtp::Refuses("550 no such user");
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Unreachable { words: "550 no such user".into() });
}

#[test]
fn without_a_page_alice_cannot_call() {
    let mut w = World::with(&[BOB_LAPTOP]);
    w.switch_on(ALICE_LAPTOP);
    let call = w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.needed_pages(ALICE_LAPTOP), 1);
    w.run_s(14);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Preparing);
    w.run_s(1);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoPage);
}

#[test]
fn a_page_that_opens_late_carries_the_call_all_the_same() {
    let mut w = World::with(&[BOB_LAPTOP]);
    w.switch_on(ALICE_LAPTOP);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(5);
    w.open_page(ALICE_LAPTOP);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn bob_has_no_page_while_it_rings_and_opens_one_to_answer() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    w.switch_on(BOB_LAPTOP);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_ms(250);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
    assert_eq!(w.needed_pages(BOB_LAPTOP), 1);
    w.accept(BOB_LAPTOP, call);
    assert_eq!(w.needed_pages(BOB_LAPTOP), 2, "asked once more, for a host that opens pages only now");
    w.open_page(BOB_LAPTOP);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn bobs_page_opens_while_it_rings_and_answers_early() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    w.switch_on(BOB_LAPTOP);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.open_page(BOB_LAPTOP);
    w.run_s(1);
    assert_eq!(w.mailed(BOB_LAPTOP), [SignalKind::Ringing, SignalKind::Answer]);
    w.accept(BOB_LAPTOP, call);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Connected);
}

#[test]
fn bob_accepts_but_no_page_ever_opens() {
    let mut w = World::with(&[ALICE_LAPTOP]);
    w.switch_on(BOB_LAPTOP);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(16);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::NoPage);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::Declined { reason: DeclineReason::Other });
}

#[test]
fn a_strangers_call_is_a_request_that_does_not_ring_and_answers_nothing() {
    let mut w = World::two();
    w.stranger(BOB_LAPTOP, ALICE);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(30);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Requested);
    assert_eq!(w.alerts(BOB_LAPTOP), [Alert::Request]);
    w.run_s(40);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
    assert_eq!(w.end(ALICE_LAPTOP, call), EndReason::NoDevice);
    assert!(w.mailed(BOB_LAPTOP).is_empty() && w.page_events(BOB_LAPTOP).is_empty());
}

#[test]
fn bob_accepts_the_request_in_time_and_it_rings() {
    let mut w = World::two();
    w.stranger(BOB_LAPTOP, ALICE);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(10);
    w.input(BOB_LAPTOP, Input::AcceptRequest { call });
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    assert_eq!(w.contacts_made(BOB_LAPTOP), [address(ALICE)]);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Ringing { device_name: "Bob's laptop".into() });
    assert!(w.page_events(BOB_LAPTOP).is_empty(), "a key seen for the first time gets no early answer");
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
}

#[test]
fn bob_takes_the_request_at_once() {
    let mut w = World::two();
    w.stranger(BOB_LAPTOP, ALICE);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.accept(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert_eq!(w.contacts_made(BOB_LAPTOP), [address(ALICE)]);
}

#[test]
fn a_request_accepted_too_late_makes_a_contact_but_does_not_ring() {
    let mut w = World::two();
    w.stranger(BOB_LAPTOP, ALICE);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(100);
    w.input(BOB_LAPTOP, Input::AcceptRequest { call });
    assert_eq!(w.contacts_made(BOB_LAPTOP), [address(ALICE)]);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
}

#[test]
fn a_request_declined_is_not_told_to_the_stranger() {
    let mut w = World::two();
    w.stranger(BOB_LAPTOP, ALICE);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    w.decline(BOB_LAPTOP, call);
    w.run_s(1);
    assert!(w.mailed(BOB_LAPTOP).is_empty());
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Sent);
}

#[test]
fn a_changed_key_rings_with_a_warning_and_gets_no_early_answer() {
    let mut w = World::two();
    w.standing(BOB_LAPTOP, ALICE, Some(Standing::Changed));
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    let view = w.view(BOB_LAPTOP, call).unwrap();
    assert!(view.key_changed && !view.verified);
    assert!(w.page_events(BOB_LAPTOP).is_empty());
}

#[test]
fn an_unsigned_call_from_a_contact_rings_unverified_and_gets_no_early_answer() {
    let mut w = World::two();
    w.standing(BOB_LAPTOP, ALICE, None);
    let call = w.call(ALICE_LAPTOP, BOB);
    w.run_s(1);
    let view = w.view(BOB_LAPTOP, call).unwrap();
    assert!(!view.key_changed && !view.verified);
    assert_eq!(view.state, CallState::Ringing { device_name: String::new() });
    assert!(w.page_events(BOB_LAPTOP).is_empty());
}

#[test]
fn the_fourth_call_in_ten_minutes_gets_no_early_answer() {
    let mut w = World::two();
    for _ in 0..4 {
        let call = w.call(ALICE_LAPTOP, BOB);
        w.run_s(2);
        w.hang_up(ALICE_LAPTOP, call);
        w.run_s(2);
    }
    assert_eq!(w.answers_made(BOB_LAPTOP), 3);
    w.run_s(600);
    w.call(ALICE_LAPTOP, BOB);
    w.run_s(2);
    assert_eq!(w.answers_made(BOB_LAPTOP), 4);
}

#[test]
fn a_lifetime_longer_than_two_minutes_is_two_minutes() {
    let mut w = World::two();
    w.switch_off(ALICE_LAPTOP);
    let call = w.forged_invitation(ALICE_LAPTOP, BOB_LAPTOP, 1, 100_000);
    w.run_s(119);
    assert_eq!(w.state(BOB_LAPTOP, call), CallState::Ringing { device_name: String::new() });
    w.run_s(2);
    assert_eq!(w.end(BOB_LAPTOP, call), EndReason::Missed);
}
