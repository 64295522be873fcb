//! As [`crate::schedules`], with conferences: whatever is said of them and in whatever order, every call comes to an
//! end or goes on between two devices, and what goes on at once is one conference.

use call::CallState;
use proptest::prelude::*;

use crate::{
    schedules::{Happening, anything, happens, worlds},
    world::*,
};

const DEVICES: [Dev; 5] = [ALICE_LAPTOP, ALICE_PHONE, BOB_LAPTOP, BOB_PHONE, CAROL_LAPTOP];

#[derive(Clone, Debug)]
enum Meeting {
    Other(Happening),
    /// Into one of two conferences, in which the device may be or not.
    Invites {
        dev: Dev,
        whom: &'static str,
        into: u128,
    },
    /// The device's pages say to which conference its calls belong.
    Says {
        dev: Dev,
        conference: u128,
        others: u32,
    },
    /// Takes whatever rings into the conference.
    Adds {
        dev: Dev,
        to: u128,
    },
}

fn dev() -> impl Strategy<Value = Dev> {
    prop::sample::select(DEVICES.to_vec())
}

fn conference() -> impl Strategy<Value = u128> {
    prop_oneof![4 => Just(7_u128), 1 => Just(8_u128)]
}

fn meeting() -> impl Strategy<Value = Meeting> {
    let whom = prop::sample::select(vec![ALICE, BOB, CAROL]);
    prop_oneof![
        4 => anything().prop_map(Meeting::Other),
        1 => dev().prop_map(|dev| Meeting::Other(Happening::Accept(dev))),
        2 => (dev(), whom, conference()).prop_map(|(dev, whom, into)| Meeting::Invites { dev, whom, into }),
        3 => (dev(), conference(), 0u32..3)
            .prop_map(|(dev, conference, others)| Meeting::Says { dev, conference, others }),
        2 => (dev(), conference()).prop_map(|(dev, to)| Meeting::Adds { dev, to }),
    ]
}

fn meets(w: &mut World, what: &Meeting) {
    match *what {
        Meeting::Other(ref happening) => happens(w, happening),
        Meeting::Invites { dev, whom, into } => {
            if w.is_on(dev) && !w.is_of(dev, whom) {
                w.invite(dev, whom, &party(into));
            }
        }
        Meeting::Says { dev, conference, others } if w.is_on(dev) => {
            w.every_page_says(dev, &party(conference), others);
        }
        Meeting::Adds { dev, to } if w.is_on(dev) => {
            for call in w.live(dev) {
                w.add(dev, call, &party(to));
            }
        }
        Meeting::Says { .. } | Meeting::Adds { .. } => {}
    }
}

/// A device may be in several calls at once only if they are all of one conference.
fn is_in_one_thing(w: &World, dev: Dev) -> bool {
    let parts = w.parts(dev);
    parts.len() <= 1 || parts.iter().all(|part| part.is_some() && parts.first() == Some(part))
}

fn all_is_settled(w: &mut World) {
    w.calm_down();
    for dev in DEVICES {
        // Nobody is carried for ever by what a page said once.
        w.every_page_says(dev, &party(7), 0);
    }
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
            assert!(talks, "{dev:?} has no link in {call:?}\n{}", w.tale());
        }
        assert_eq!(w.held(dev), w.live(dev).len(), "{dev:?} holds a link too many\n{}", w.tale());
    }
}

proptest! {
    #![proptest_config(worlds())]

    #[test]
    fn whatever_is_said_of_conferences_every_call_comes_to_an_end(
        seed in any::<u32>(),
        meetings in prop::collection::vec(meeting(), 1..40),
    ) {
        let mut w = World::friends(&DEVICES);
        w.seed(seed.into());
        for meeting in &meetings {
            meets(&mut w, meeting);
            for dev in DEVICES {
                prop_assert!(is_in_one_thing(&w, dev), "{dev:?} after {meeting:?}\n{}", w.tale());
            }
        }
        all_is_settled(&mut w);
        let most = 40 + 25 * meetings.len();
        prop_assert!(w.log.posted <= most, "{} mails for {} meetings", w.log.posted, meetings.len());
    }
}
