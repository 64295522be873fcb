//! The link that a page gathers because Alice looks at a contact, before she calls.

use call::{CallState, Description, Input, LinkId, LinkState, PageId};

use crate::world::*;

fn looks_at(w: &mut World, whom: &str) {
    w.input(ALICE_LAPTOP, Input::OpenContact { account: ACCOUNT, to: address(whom) });
}

/// Alice looks at Bob; the page that gathers, and the link.
fn looking_at_bob() -> (World, PageId, LinkId) {
    let mut w = World::two();
    looks_at(&mut w, BOB);
    let (page, link) = w.held_link(ALICE_LAPTOP);
    (w, page, link)
}

#[test]
fn looking_at_bob_again_gathers_nothing_again_and_keeps_the_link() {
    let (mut w, page, link) = looking_at_bob();
    w.run_s(20);
    looks_at(&mut w, BOB);
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [page]);
    w.run_s(59);
    assert_eq!(w.closed(ALICE_LAPTOP), []);
    w.run_s(1);
    assert_eq!(w.closed(ALICE_LAPTOP), [link]);
}

#[test]
fn the_link_gathered_for_bob_is_not_used_to_call_carol() {
    let (mut w, _, link) = looking_at_bob();
    w.run_s(1);
    let call = w.call(ALICE_LAPTOP, CAROL);
    assert_eq!(w.closed(ALICE_LAPTOP), [link]);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Preparing);
}

#[test]
fn a_call_from_another_window_gathers_its_link_there() {
    let (mut w, page, link) = looking_at_bob();
    let other = w.open_page(ALICE_LAPTOP);
    w.run_s(1);
    w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.closed(ALICE_LAPTOP), [link]);
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [page, other]);
}

#[test]
fn only_the_window_that_gathers_describes_the_link() {
    let (mut w, page, link) = looking_at_bob();
    for (page, link) in [(PageId::new(77), link), (page, LinkId::new(78))] {
        let description = Description::try_from("offer-x".to_owned()).unwrap();
        w.input(ALICE_LAPTOP, Input::Described { page, link, description });
    }
    let call = w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.state(ALICE_LAPTOP, call), CallState::Preparing, "nothing to send yet");
}

#[test]
fn only_the_window_that_gathers_says_that_the_link_is_lost() {
    let (mut w, page, link) = looking_at_bob();
    let lost = LinkState::Lost;
    for (page, link, state) in
        [(PageId::new(77), link, lost), (page, LinkId::new(78), lost), (page, link, LinkState::Failing)]
    {
        w.input(ALICE_LAPTOP, Input::LinkState { page, link, state });
        assert_eq!(w.closed(ALICE_LAPTOP), []);
    }
    w.input(ALICE_LAPTOP, Input::LinkState { page, link, state: lost });
    assert_eq!(w.closed(ALICE_LAPTOP), [link]);
    w.call(ALICE_LAPTOP, BOB);
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [page, page]);
}

#[test]
fn the_link_stays_when_another_window_closes_and_goes_with_its_own() {
    let (mut w, page, _) = looking_at_bob();
    w.open_page(ALICE_LAPTOP);
    w.close_page(ALICE_LAPTOP);
    looks_at(&mut w, BOB);
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [page]);
    w.reload(ALICE_LAPTOP);
    looks_at(&mut w, BOB);
    assert_eq!(w.offering_pages(ALICE_LAPTOP), [page, page]);
}
