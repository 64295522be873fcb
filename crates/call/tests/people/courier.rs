//! Bob and Carol are in a conference to which Alice invited both, and nothing but mail leads from one to the other.

use crate::{conference::three_in, world::*};
use call::{CallId, Conference, CourierText, Input, PageEvent, PageId, Signal, SignalKind};

fn words(text: &str) -> CourierText {
    CourierText::try_from(text.to_owned()).unwrap_or_else(|bad| unreachable!("{bad}"))
}

/// What the pages of a device were told by mail, and of which call.
fn heard(w: &World, dev: Dev) -> Vec<(CallId, CourierText)> {
    let by_courier = |event: PageEvent| match event {
        PageEvent::TakeCourier { call, text } => Some((call, text)),
        _ => None,
    };
    w.page_events(dev).into_iter().filter_map(by_courier).collect()
}

fn bob_says_to(w: &mut World, call: CallId, whom: &str, text: &str) {
    let Some(page) = w.carrier(BOB_LAPTOP, call) else { unreachable!("nobody carries it") };
    w.input(BOB_LAPTOP, Input::Courier { page, call, to: address(whom), text: words(text) });
    w.run_s(1);
}

#[test]
fn what_bobs_page_has_to_say_reaches_carols_page() {
    let (mut w, with_bob, with_carol, _) = three_in();
    bob_says_to(&mut w, with_bob, CAROL, "an offer");
    assert_eq!(heard(&w, CAROL_LAPTOP), [(with_carol, words("an offer"))]);
    assert_eq!(w.mailed(BOB_LAPTOP).last(), Some(&SignalKind::Courier));
}

#[test]
fn it_does_so_after_alice_has_left() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(ALICE_LAPTOP, with_bob);
    w.run_s(60);
    bob_says_to(&mut w, with_bob, CAROL, "an offer");
    assert_eq!(heard(&w, CAROL_LAPTOP), [(with_carol, words("an offer"))]);
}

#[test]
fn carol_who_has_left_hears_nothing_and_nothing_rings() {
    let (mut w, with_bob, with_carol, _) = three_in();
    w.hang_up(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    let alerts = w.alerts(CAROL_LAPTOP).len();
    bob_says_to(&mut w, with_bob, CAROL, "an offer");
    assert_eq!((heard(&w, CAROL_LAPTOP), w.alerts(CAROL_LAPTOP).len()), (Vec::new(), alerts));
}

#[test]
fn what_is_said_of_another_conference_is_not_heard() {
    let (mut w, _, _, _) = three_in();
    let Conference { id, .. } = party(99);
    let signal = Signal::Courier { conference: id, text: words("an offer") };
    let letter = w.letter(BOB_LAPTOP, CAROL, CallId::new(5), signal);
    w.forge(CAROL_LAPTOP, letter);
    w.run_s(1);
    assert_eq!(heard(&w, CAROL_LAPTOP), []);
}

#[test]
fn no_page_speaks_for_a_call_that_another_holds() {
    let (mut w, with_bob, _, _) = three_in();
    let page: PageId = w.open_page(BOB_LAPTOP);
    let input = Input::Courier { page, call: with_bob, to: address(CAROL), text: words("an offer") };
    w.input(BOB_LAPTOP, input);
    w.run_s(1);
    assert_eq!(heard(&w, CAROL_LAPTOP), []);
}

#[test]
fn nobodys_mailbox_is_flooded_whatever_a_page_asks() {
    let (mut w, with_bob, _, _) = three_in();
    for n in 0..100 {
        bob_says_to(&mut w, with_bob, CAROL, &n.to_string());
    }
    let sent = w.mailed(BOB_LAPTOP).into_iter().filter(|kind| *kind == SignalKind::Courier);
    assert_eq!(sent.count(), 30);
}

#[test]
fn a_page_hears_so_much_from_one_address_and_no_more() {
    let (mut w, _, _, conference) = three_in();
    for n in 0..100_u32 {
        let signal = Signal::Courier { conference: conference.id, text: words(&n.to_string()) };
        let letter = w.letter(BOB_LAPTOP, CAROL, CallId::new(5), signal);
        w.forge(CAROL_LAPTOP, letter);
    }
    w.run_s(1);
    assert_eq!(heard(&w, CAROL_LAPTOP).len(), 30);
}

#[test]
fn nobody_is_flooded_through_many_addresses_either() {
    let (mut w, with_bob, _, _) = three_in();
    for n in 0..100 {
        bob_says_to(&mut w, with_bob, &format!("guest-{n}@example.test"), "an offer");
    }
    let sent = w.mailed(BOB_LAPTOP).into_iter().filter(|kind| *kind == SignalKind::Courier);
    assert_eq!(sent.count(), 90);
}

#[test]
fn what_others_write_in_bobs_name_does_not_keep_carol_from_hearing_him() {
    let (mut w, _, _, conference) = three_in();
    let say = |w: &mut World, text: &str, signed: bool| {
        let signal = Signal::Courier { conference: conference.id, text: words(text) };
        let mut letter = w.letter(BOB_LAPTOP, CAROL, CallId::new(5), signal);
        letter.signed.take_if(|_| !signed);
        w.forge(CAROL_LAPTOP, letter);
    };
    for _ in 0..100 {
        say(&mut w, "nonsense", false);
    }
    say(&mut w, "an offer", true);
    w.run_s(1);
    assert!(heard(&w, CAROL_LAPTOP).iter().any(|(_, text)| *text == words("an offer")));
}
