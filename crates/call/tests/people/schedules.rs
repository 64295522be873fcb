//! Whatever happens, in whatever order: some things always hold. The world itself checks at every step that
//! nobody is shown a ringing without proof, that nothing rings after the end of an invitation, that a call
//! which ended stays so, and that a timer which fired is not due again.

use std::time::Duration;

use crate::world::*;
use call::{CallId, CallState, EndReason, Input};
use proptest::prelude::*;

const DEVICES: [Dev; 4] = [ALICE_LAPTOP, ALICE_PHONE, BOB_LAPTOP, BOB_PHONE];

#[derive(Clone, Debug)]
pub enum Happening {
    Call(Dev),
    Accept(Dev),
    Decline(Dev),
    HangUp(Dev),
    OpenContact(Dev),
    Reload(Dev),
    PageVanishes { dev: Dev, comes_back_ms: Option<u64> },
    ClosePage(Dev),
    OpenPage(Dev),
    Crash { dev: Dev, away_s: u64 },
    Off(Dev),
    On(Dev),
    MailServer { dev: Dev, up: bool },
    CutLinks,
    BreakLinks(Dev),
    RepairLinks(Dev),
    Blocked(bool),
    Net(Net),
    Run(u64),
}

fn dev() -> impl Strategy<Value = Dev> {
    prop::sample::select(DEVICES.to_vec())
}

/// What people do, and what time does.
fn daily() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => dev().prop_map(Happening::Call),
        4 => dev().prop_map(Happening::Accept),
        1 => dev().prop_map(Happening::Decline),
        1 => dev().prop_map(Happening::HangUp),
        1 => dev().prop_map(Happening::OpenContact),
        6 => (0u64..2_000).prop_map(Happening::Run),
        2 => (0u64..30_000).prop_map(Happening::Run),
    ]
}

/// What goes wrong on the way, short of losing mail.
fn trouble() -> impl Strategy<Value = Happening> {
    prop_oneof![
        dev().prop_map(Happening::Reload),
        (dev(), prop::option::of(0u64..8_000))
            .prop_map(|(dev, comes_back_ms)| Happening::PageVanishes { dev, comes_back_ms }),
        dev().prop_map(Happening::ClosePage),
        dev().prop_map(Happening::OpenPage),
        (dev(), 0u64..90).prop_map(|(dev, away_s)| Happening::Crash { dev, away_s }),
        dev().prop_map(Happening::Off),
        dev().prop_map(Happening::On),
        (dev(), any::<bool>()).prop_map(|(dev, up)| Happening::MailServer { dev, up }),
        Just(Happening::CutLinks),
        dev().prop_map(Happening::BreakLinks),
        dev().prop_map(Happening::RepairLinks),
        any::<bool>().prop_map(Happening::Blocked),
    ]
}

pub fn net(loss: u64) -> impl Strategy<Value = Net> {
    let transit = prop_oneof![Just(50..60), Just(50..3_000), Just(1_000..20_000), Just(0..900_000)];
    (0u64..5_000, transit, 0..=loss, 0u64..60).prop_map(|(submit, transit, loss, duplicates)| Net {
        submit,
        transit,
        loss,
        duplicates,
    })
}

pub fn anything() -> impl Strategy<Value = Happening> {
    prop_oneof![6 => daily(), 2 => trouble(), 1 => net(40).prop_map(Happening::Net)]
}

pub fn happens(w: &mut World, what: &Happening) {
    let newest = |w: &World, dev: Dev| w.live(dev).last().copied();
    let what = what.clone();
    if let Happening::Call(dev) | Happening::Accept(dev) | Happening::Decline(dev) | Happening::HangUp(dev) =
        what
        && !w.is_on(dev)
    {
        return;
    }
    match what {
        Happening::Call(dev) => {
            let whom = if dev < BOB_LAPTOP { BOB } else { ALICE };
            w.call(dev, whom);
        }
        Happening::Accept(dev) => {
            if let Some(call) = newest(w, dev) {
                w.accept(dev, call);
            }
        }
        Happening::Decline(dev) => {
            if let Some(call) = newest(w, dev) {
                w.decline(dev, call);
            }
        }
        Happening::HangUp(dev) => {
            if let Some(call) = newest(w, dev) {
                w.hang_up(dev, call);
            }
        }
        Happening::OpenContact(dev) => {
            let whom = if dev < BOB_LAPTOP { BOB } else { ALICE };
            w.input(dev, Input::OpenContact { account: ACCOUNT, to: address(whom) });
        }
        Happening::Reload(dev) if w.has_page(dev) => w.reload(dev),
        Happening::PageVanishes { dev, comes_back_ms } if w.has_page(dev) => {
            let page = w.kill_page(dev);
            if let Some(after) = comes_back_ms {
                w.run_ms(after);
                w.revive_page(dev, page);
            }
        }
        Happening::ClosePage(dev) if w.has_page(dev) => w.close_page(dev),
        Happening::Reload(_) | Happening::PageVanishes { .. } | Happening::ClosePage(_) => {}
        Happening::OpenPage(dev) => {
            w.open_page(dev);
        }
        Happening::Crash { dev, away_s } => {
            w.crash(dev, Duration::from_secs(away_s));
            w.open_page(dev);
        }
        Happening::Off(dev) => w.switch_off(dev),
        Happening::On(dev) => w.switch_on(dev),
        Happening::MailServer { dev, up } => {
            w.mail_server(dev, if up { Smtp::Takes } else { Smtp::Down });
        }
        Happening::CutLinks => w.cut_links(),
        Happening::BreakLinks(dev) => w.break_links(dev),
        Happening::RepairLinks(dev) => w.repair_links(dev),
        Happening::Blocked(blocked) => w.blocked = blocked,
        Happening::Net(net) => w.net = net,
        Happening::Run(ms) => w.run_ms(ms),
    }
}

/// What happens to a call whose links break, seen by one page or by both, and come back or do not.
fn breaks() -> impl Strategy<Value = Happening> {
    let dev = || prop::sample::select(vec![ALICE_LAPTOP, BOB_LAPTOP]);
    prop_oneof![
        6 => dev().prop_map(Happening::BreakLinks),
        4 => dev().prop_map(Happening::RepairLinks),
        1 => Just(Happening::CutLinks),
        2 => any::<bool>().prop_map(Happening::Blocked),
        6 => (0u64..1_000).prop_map(Happening::Run),
        4 => (0u64..15_000).prop_map(Happening::Run),
    ]
}

/// What else people and pages do meanwhile.
fn meanwhile() -> impl Strategy<Value = Happening> {
    let dev = || prop::sample::select(vec![ALICE_LAPTOP, BOB_LAPTOP]);
    prop_oneof![
        dev().prop_map(Happening::Reload),
        (dev(), prop::option::of(0u64..8_000))
            .prop_map(|(dev, comes_back_ms)| Happening::PageVanishes { dev, comes_back_ms }),
        dev().prop_map(Happening::OpenPage),
        dev().prop_map(Happening::HangUp),
        (dev(), any::<bool>()).prop_map(|(dev, up)| Happening::MailServer { dev, up }),
        net(40).prop_map(Happening::Net),
    ]
}

/// Alice and Bob talk; then this happens.
fn talk(seed: u64, happenings: &[Happening]) -> (World, CallId) {
    let mut w = World::two();
    w.seed(seed);
    let call = w.talk();
    for happening in happenings {
        happens(&mut w, happening);
    }
    (w, call)
}

fn live(skews: &[u64], seed: u64, happenings: &[Happening]) -> World {
    let mut w = World::with(&DEVICES);
    w.seed(seed);
    for (dev, minutes) in DEVICES.into_iter().zip(skews) {
        w.skew(dev, *minutes);
    }
    for happening in happenings {
        happens(&mut w, happening);
    }
    w
}

/// After the storm every call is over, or goes on between exactly two devices which both know it; and no mail
/// goes back and forth any more.
fn all_is_settled(w: &mut World) {
    w.calm_down();
    w.run_s(1_800);
    let posted = w.log.posted;
    w.run_s(600);
    assert_eq!(w.log.posted, posted, "somebody still writes\n{}", w.tale());
    for dev in DEVICES {
        for call in w.live(dev) {
            assert_eq!(w.state(dev, call), CallState::Connected, "{dev:?} is stuck in {call:?}");
            let partners: Vec<Dev> =
                DEVICES.into_iter().filter(|other| *other != dev && w.live(*other).contains(&call)).collect();
            assert_eq!(partners.len(), 1, "{dev:?} is in {call:?} with {partners:?}\n{}", w.tale());
            let talks = partners.iter().all(|partner| w.in_conversation(dev, *partner));
            assert!(talks, "{dev:?} and {partners:?} have no link in {call:?}");
        }
        assert!(w.live(dev).len() <= 1, "nobody talks twice at once");
        assert_eq!(w.held(dev), w.live(dev).len(), "{dev:?} holds a link too many\n{}", w.tale());
    }
}

fn outgoing_calls(w: &World) -> Vec<(CallId, Dev)> {
    let is_outgoing = |dev: Dev, call: CallId| {
        w.view(dev, call).is_some_and(|view| view.direction == call::Direction::Outgoing)
    };
    let of = |dev: Dev| w.known(dev).into_iter().map(move |call| (call, dev));
    DEVICES.into_iter().flat_map(of).filter(|(call, dev)| is_outgoing(*dev, *call)).collect()
}

/// Where nothing is lost and nothing breaks, the stories that both sides tell of a call fit together.
fn ends_agree(w: &World) {
    for (call, caller) in outgoing_calls(w) {
        let CallState::Ended { reason } = w.state(caller, call) else { continue };
        let callees = DEVICES.into_iter().filter(|dev| *dev != caller && w.view(*dev, call).is_some());
        let callees: Vec<Dev> = callees.collect();
        let ends: Vec<EndReason> = callees.iter().map(|dev| w.end(*dev, call)).collect();
        let talked = callees.iter().filter(|dev| w.was_connected(**dev, call)).count();
        let said_no = |end: &EndReason| {
            matches!(
                end,
                EndReason::Declined { .. } | EndReason::HungUp { by_peer: false } | EndReason::NoPage
            )
        };
        let story = format!("{caller:?} says {reason:?}, {callees:?} say {ends:?}, of whom {talked} talked");
        if w.was_connected(caller, call) {
            assert!(talked >= 1, "{story}");
        }
        match reason {
            EndReason::Declined { .. } => assert!(ends.iter().any(said_no), "{story}"),
            EndReason::HungUp { by_peer: true } => {
                assert!(ends.contains(&EndReason::HungUp { by_peer: false }), "{story}");
            }
            EndReason::HungUp { by_peer: false } => {
                let heard =
                    |end: &EndReason| matches!(end, EndReason::HungUp { .. } | EndReason::AnsweredElsewhere);
                assert!(ends.iter().any(heard), "{story}");
            }
            EndReason::NoDevice => assert_eq!(talked, 0, "{story}"),
            EndReason::LinkLost | EndReason::NotSent | EndReason::NoPage | EndReason::Interrupted => {
                unreachable!("nothing broke, but {story}");
            }
            EndReason::Cancelled
            | EndReason::NoAnswer
            | EndReason::NeverConnected
            | EndReason::Unreachable { .. }
            | EndReason::Missed
            | EndReason::AnsweredElsewhere
            | EndReason::Superseded { .. } => {
                assert!(!w.was_connected(caller, call), "{story}");
            }
        }
    }
}

/// As many worlds as `PROPTEST_CASES` says, for runs that take longer or must be quick.
pub fn worlds() -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { usual } else { ProptestConfig { cases: 1500, ..usual } }
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn whatever_happens_nobody_is_deceived_and_every_call_comes_to_an_end(
        skews in prop::collection::vec(0u64..20, 4),
        seed in any::<u32>(),
        happenings in prop::collection::vec(anything(), 1..40),
    ) {
        let mut w = live(&skews, seed.into(), &happenings);
        all_is_settled(&mut w);
        let most = 30 + 20 * happenings.len();
        assert!(w.log.posted <= most, "{} mails for {} happenings", w.log.posted, happenings.len());
    }

    #[test]
    fn however_a_call_breaks_it_comes_back_on_one_link_or_ends_after_thirty_seconds(
        seed in any::<u32>(),
        happenings in prop::collection::vec(prop_oneof![5 => breaks(), 1 => meanwhile()], 1..40),
    ) {
        let (mut w, call) = talk(seed.into(), &happenings);
        all_is_settled(&mut w);
        for dev in [ALICE_LAPTOP, BOB_LAPTOP] {
            for (ms, _) in w.outages(dev, call) {
                assert!(ms <= 30_000, "{dev:?} was without a link for {ms} ms\n{}", w.tale());
            }
        }
    }

    #[test]
    fn however_a_call_breaks_a_break_costs_few_mails(
        seed in any::<u32>(),
        happenings in prop::collection::vec(breaks(), 1..40),
    ) {
        let (mut w, call) = talk(seed.into(), &happenings);
        w.run_s(60);
        for (dev, most) in [(ALICE_LAPTOP, 2), (BOB_LAPTOP, 1)] {
            for (_, offers) in w.outages(dev, call) {
                assert!(offers <= most, "{dev:?} offered {offers} links\n{}", w.tale());
            }
        }
    }

    #[test]
    fn where_nothing_breaks_both_sides_tell_the_same_story(
        skews in prop::collection::vec(0u64..20, 4),
        seed in any::<u32>(),
        net in net(0),
        happenings in prop::collection::vec(daily(), 1..30),
    ) {
        let mut all = vec![Happening::Net(net)];
        all.extend(happenings);
        let mut w = live(&skews, seed.into(), &all);
        w.run_s(1_800);
        all_is_settled(&mut w);
        ends_agree(&w);
    }
}
