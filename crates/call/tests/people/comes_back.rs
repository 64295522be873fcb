//! People who were in a conference and come back into it.

use std::time::Duration;

use crate::{conference::three_in, world::*};
use call::{Alert, CallId, CallState, Conference, PageEvent, SignalKind, Standing};

const RINGS: CallState = CallState::Ringing { device_name: String::new() };

/// Alice, Bob and Carol were in a conference, and Carol has left.
fn carol_left() -> (World, CallId, Conference) {
    carol_left_world(0)
}

fn carol_left_world(seed: u64) -> (World, CallId, Conference) {
    carol_left_calls(seed, true)
}

/// `video`: whether Alice called with picture.
fn carol_left_calls(seed: u64, video: bool) -> (World, CallId, Conference) {
    let mut w = World::friends(&[ALICE_LAPTOP, BOB_LAPTOP, CAROL_LAPTOP, DORA_LAPTOP]);
    w.seed(seed);
    let conference = party(7);
    let with_bob = w.call_with(ALICE_LAPTOP, BOB, video, None);
    w.run_s(1);
    w.accept(BOB_LAPTOP, with_bob);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, with_bob, &conference, 0);
    let with_carol = w.call_with(ALICE_LAPTOP, CAROL, video, Some(&conference));
    w.run_s(1);
    w.accept(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    for call in [with_bob, with_carol] {
        w.conference(ALICE_LAPTOP, call, &conference, 1);
    }
    w.hang_up(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    (w, with_carol, conference)
}

fn rang(w: &World, dev: Dev) -> bool {
    w.alerts(dev).iter().any(|alert| matches!(alert, Alert::Ring { .. }))
}

#[test]
fn carol_comes_back_without_ringing_at_anybody() {
    let (mut w, _, conference) = carol_left();
    let here = w.carrier(ALICE_LAPTOP, *w.live(ALICE_LAPTOP).first().unwrap());
    let other = w.open_page(ALICE_LAPTOP);
    w.input(ALICE_LAPTOP, call::Input::PageFocused { page: other });
    let mailed = w.mailed(ALICE_LAPTOP).len();
    let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP) && w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert!(!rang(&w, ALICE_LAPTOP));
    assert!(w.hosts(ALICE_LAPTOP, back) && !w.hosts(CAROL_LAPTOP, back));
    assert_eq!(w.carrier(ALICE_LAPTOP, back), here);
    assert_eq!(w.mailed(ALICE_LAPTOP)[mailed..], [SignalKind::Accept]);
}

#[test]
fn alice_shows_herself_to_whoever_comes_back_as_she_does_to_the_others() {
    for video in [true, false] {
        let (mut w, _, conference) = carol_left_calls(0, video);
        let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
        w.run_s(1);
        let link = w.link(ALICE_LAPTOP, back);
        let shown = w.page_events(ALICE_LAPTOP).into_iter().find_map(|event| match event {
            PageEvent::UseMedia { link: on, video, .. } => (on == link).then_some(video),
            _ => None,
        });
        assert_eq!(shown, Some(video));
    }
}

#[test]
fn carol_rings_when_alice_has_left_too() {
    let (mut w, with_carol, conference) = carol_left();
    w.hang_up(ALICE_LAPTOP, with_carol);
    w.run_s(1);
    let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, back), RINGS);
}

#[test]
fn carol_rings_when_alice_is_in_another_conference() {
    let (mut w, with_carol, conference) = carol_left();
    w.hang_up(ALICE_LAPTOP, with_carol);
    let with_dora = w.call(ALICE_LAPTOP, DORA);
    w.run_s(1);
    w.accept(DORA_LAPTOP, with_dora);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, with_dora, &party(8), 0);
    let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, back), RINGS);
}

#[test]
fn dora_who_was_never_in_it_rings_and_is_let_in_by_an_ordinary_accept() {
    let (mut w, with_carol, conference) = carol_left();
    let doras = w.invite(DORA_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.alerts(ALICE_LAPTOP).last(), Some(&Alert::Ring { softly: true }));
    w.accept(ALICE_LAPTOP, doras);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, DORA_LAPTOP) && w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert!(w.hosts(ALICE_LAPTOP, doras) && !w.hosts(DORA_LAPTOP, doras));
    assert!(w.live(ALICE_LAPTOP).contains(&with_carol), "what carries the conference stays");
}

#[test]
fn whoever_was_invited_and_never_came_rings() {
    let (mut w, _, conference) = carol_left();
    let declined = w.invite(ALICE_LAPTOP, DORA, &conference);
    w.run_s(1);
    w.decline(DORA_LAPTOP, declined);
    w.run_s(1);
    let missed = w.invite(DORA_LAPTOP, ALICE, &conference);
    w.run_s(1);
    w.decline(ALICE_LAPTOP, missed);
    w.run_s(1);
    let doras = w.invite(DORA_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, doras), RINGS);
}

#[test]
fn somebody_in_carols_name_rings() {
    for standing in [None, Some(Standing::FirstUse), Some(Standing::Changed)] {
        let (mut w, _, conference) = carol_left();
        w.standing(ALICE_LAPTOP, CAROL, standing);
        let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
        w.run_s(1);
        assert_eq!(w.state(ALICE_LAPTOP, back), RINGS, "{standing:?}");
    }
}

#[test]
fn carol_comes_back_before_anybody_noticed_that_she_was_gone() {
    let (mut w, _, conference) = carol_left();
    let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, back, &conference, 1);
    // Her computer dies, and its backend says goodbye when it is back.
    w.crash(CAROL_LAPTOP, Duration::from_secs(1));
    w.open_page(CAROL_LAPTOP);
    w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP));
    assert!(!rang(&w, ALICE_LAPTOP));
}

#[test]
fn however_often_carol_comes_and_goes_one_call_with_her_is_carried() {
    let (mut w, with_carol, conference) = carol_left();
    for _ in 0..8 {
        let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
        w.run_s(1);
        assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP));
        w.conference(ALICE_LAPTOP, back, &conference, 1);
        w.hang_up(CAROL_LAPTOP, back);
        w.run_s(1);
    }
    assert_eq!(w.live(ALICE_LAPTOP).len(), 2);
    assert!(w.live(ALICE_LAPTOP).contains(&with_carol), "the oldest");
}

#[test]
fn alice_crashes_comes_back_and_lets_carol_back_in_as_before() {
    let (mut w, _, conference) = carol_left();
    let with_bob = *w.live(BOB_LAPTOP).first().unwrap();
    w.conference(BOB_LAPTOP, with_bob, &conference, 1);
    w.crash(ALICE_LAPTOP, Duration::from_secs(20));
    w.open_page(ALICE_LAPTOP);
    let hers = w.invite(ALICE_LAPTOP, BOB, &conference);
    w.run_s(2);
    assert!(w.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
    assert!(w.hosts(BOB_LAPTOP, hers) && !w.hosts(ALICE_LAPTOP, hers));

    w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP));
    assert!(!rang(&w, ALICE_LAPTOP));
}

/// Carol comes back and leaves once more: beside the call that is carried there is one that is over.
fn comes_and_goes(w: &mut World, conference: &Conference) {
    let back = w.invite(CAROL_LAPTOP, ALICE, conference);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, back, conference, 1);
    w.hang_up(CAROL_LAPTOP, back);
    w.run_s(1);
}

#[test]
fn dora_rings_also_when_carol_has_come_and_gone() {
    let (mut w, _, conference) = carol_left();
    comes_and_goes(&mut w, &conference);
    let doras = w.invite(DORA_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.alerts(ALICE_LAPTOP).last(), Some(&Alert::Ring { softly: true }));
    assert_eq!(w.state(ALICE_LAPTOP, doras), RINGS);
}

#[test]
fn carol_who_had_come_and_gone_rings_once_she_was_put_out() {
    let (mut w, _, conference) = carol_left();
    comes_and_goes(&mut w, &conference);
    let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, back, &conference, 1);
    w.expel(ALICE_LAPTOP, back);
    w.run_s(1);
    let again = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert_eq!(w.state(ALICE_LAPTOP, again), RINGS);
}

#[test]
fn carol_is_put_out_and_dora_comes_back_as_before() {
    let (mut w, _, conference) = carol_left();
    let with_dora = w.invite(ALICE_LAPTOP, DORA, &conference);
    w.run_s(1);
    w.accept(DORA_LAPTOP, with_dora);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, with_dora, &conference, 1);
    w.hang_up(DORA_LAPTOP, with_dora);
    w.run_s(1);
    // Alice's backend forgets its calls, and knows who talked with her.
    let with_bob = *w.live(BOB_LAPTOP).first().unwrap();
    w.conference(BOB_LAPTOP, with_bob, &conference, 1);
    w.crash(ALICE_LAPTOP, Duration::from_secs(20));
    w.open_page(ALICE_LAPTOP);
    w.invite(ALICE_LAPTOP, BOB, &conference);
    w.run_s(2);

    let carols = w.invite(CAROL_LAPTOP, ALICE, &conference);
    w.run_s(1);
    w.conference(ALICE_LAPTOP, carols, &conference, 1);
    w.expel(ALICE_LAPTOP, carols);
    w.run_s(1);
    w.invite(DORA_LAPTOP, ALICE, &conference);
    w.run_s(1);
    assert!(w.in_conversation(ALICE_LAPTOP, DORA_LAPTOP));
    assert!(!rang(&w, ALICE_LAPTOP));
}

#[test]
fn two_who_look_for_each_other_after_the_conference_lost_its_links_find_each_other() {
    for seed in 0..6 {
        let (mut w, _, conference) = carol_left_world(seed);
        let back = w.invite(CAROL_LAPTOP, ALICE, &conference);
        w.run_s(1);
        for dev in [ALICE_LAPTOP, CAROL_LAPTOP] {
            w.conference(dev, back, &conference, 1);
        }
        w.blocked = true;
        w.cut_links();
        w.run_s(40);
        w.blocked = false;
        w.invite(ALICE_LAPTOP, CAROL, &conference);
        w.invite(CAROL_LAPTOP, ALICE, &conference);
        w.run_s(2);
        assert!(w.in_conversation(ALICE_LAPTOP, CAROL_LAPTOP));
        assert!(!rang(&w, ALICE_LAPTOP));
    }
}

/// Alice, who invited Bob and Carol, has left, and so has Carol; what Bob's page says of who is in, and who is proven.
fn bob_is_left(ways: &[&str], proven: &[&str]) -> (World, Conference) {
    let (mut w, with_bob, with_carol, conference) = three_in();
    w.conference_of(BOB_LAPTOP, with_bob, &conference, &[ALICE, CAROL], proven);
    w.hang_up(ALICE_LAPTOP, with_bob);
    w.run_s(1);
    w.hang_up(CAROL_LAPTOP, with_carol);
    w.run_s(1);
    w.conference_of(BOB_LAPTOP, with_bob, &conference, ways, proven);
    (w, conference)
}

#[test]
fn carol_whom_alice_had_invited_comes_back_over_bob_whose_page_knows_that_it_is_she() {
    let (mut w, conference) = bob_is_left(&[DORA], &[CAROL]);
    let back = w.invite(CAROL_LAPTOP, BOB, &conference);
    w.run_s(1);
    assert!(w.in_conversation(BOB_LAPTOP, CAROL_LAPTOP) && w.hosts(BOB_LAPTOP, back));
    assert!(!w.alerts(BOB_LAPTOP)[1..].contains(&Alert::Ring { softly: true }));
}

#[test]
fn carol_rings_at_bob_whose_page_had_only_alices_word_for_who_she_was() {
    let (mut w, conference) = bob_is_left(&[DORA], &[]);
    let back = w.invite(CAROL_LAPTOP, BOB, &conference);
    w.run_s(1);
    assert_eq!(w.state(BOB_LAPTOP, back), RINGS);
}

#[test]
fn somebody_in_carols_name_rings_at_bob_too() {
    let (mut w, conference) = bob_is_left(&[DORA], &[CAROL]);
    w.standing(BOB_LAPTOP, CAROL, Some(Standing::Changed));
    let back = w.invite(CAROL_LAPTOP, BOB, &conference);
    w.run_s(1);
    assert_eq!(w.state(BOB_LAPTOP, back), RINGS);
}

#[test]
fn a_stranger_who_is_in_the_same_conference_rings_and_any_other_asks() {
    for (ways, state) in [(vec![CAROL], RINGS), (vec![DORA], CallState::Requested)] {
        let (mut w, conference) = bob_is_left(&ways, &[]);
        w.stranger(BOB_LAPTOP, CAROL);
        w.standing(BOB_LAPTOP, CAROL, Some(Standing::Pinned));
        let back = w.invite(CAROL_LAPTOP, BOB, &conference);
        w.run_s(1);
        assert_eq!(w.state(BOB_LAPTOP, back), state);
    }
}

#[test]
fn bob_who_leaves_knows_over_whom_he_can_come_back() {
    let (mut w, with_bob, _, conference) = three_in();
    w.conference_of(BOB_LAPTOP, with_bob, &conference, &[ALICE, CAROL], &[]);
    w.hang_up(BOB_LAPTOP, with_bob);
    assert_eq!(w.view(BOB_LAPTOP, with_bob).unwrap().ways, [address(ALICE), address(CAROL)]);
}
