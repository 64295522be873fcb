//! Conferences, as far as devices know of them.

use call::{
    CallId, CallState, CallView, Conference, ConferenceId, Direction, Input, Output, PageEvent, PageId,
};

use super::{ACCOUNT, ALICE, BOB, CAROL, DORA, Dev, World, address};

/// A conference with this id.
pub fn party(id: u128) -> Conference {
    Conference {
        id: ConferenceId::new(id),
        topic: "The summer party".into(),
        people: vec!["Alice".into(), "Bob".into()],
    }
}

impl World {
    /// Everybody knows everybody, and these devices are on.
    pub fn friends(on: &[Dev]) -> Self {
        let mut w = Self::with(on);
        for at in 0..w.devices.len() {
            w.policy(Dev(at), |policy| {
                policy.contacts.0.extend([ALICE, BOB, CAROL, DORA].map(|who| (ACCOUNT, address(who))));
            });
        }
        w
    }

    /// The page that carries the call says that it is part of a conference, with so many further participants.
    pub fn conference(&mut self, dev: Dev, call: CallId, conference: &Conference, others: u32) {
        let page = self.carrier(dev, call).expect("a page that has, or had, a link of the call");
        self.conference_says(dev, page, call, conference, others);
    }

    pub fn conference_says(
        &mut self,
        dev: Dev,
        page: PageId,
        call: CallId,
        conference: &Conference,
        others: u32,
    ) {
        let (ways, proven) = (Vec::new(), Vec::new());
        let conference = conference.clone();
        self.input(dev, Input::Conference { page, call, conference, others, ways, proven });
    }

    /// The page that carries the call says, too, who else is in its conference, and who of them is proven or was.
    pub fn conference_of(
        &mut self,
        dev: Dev,
        call: CallId,
        conference: &Conference,
        ways: &[&str],
        proven: &[&str],
    ) {
        let page = self.carrier(dev, call).expect("a page that has, or had, a link of the call");
        let [ways, proven] = [ways, proven].map(|all| all.iter().copied().map(address).collect());
        let conference = conference.clone();
        self.input(dev, Input::Conference { page, call, conference, others: 1, ways, proven });
    }

    /// Every page says of every call that it is part of a conference.
    pub fn every_page_says(&mut self, dev: Dev, conference: &Conference, others: u32) {
        for call in self.live(dev) {
            for page in self.devices[dev.0].pages.clone() {
                self.conference_says(dev, page, call, conference, others);
            }
        }
    }

    /// To which conferences the calls belong that the user of a device is busy with.
    pub fn parts(&self, dev: Dev) -> Vec<Option<ConferenceId>> {
        let waits = |view: &CallView| {
            let rings = matches!(view.state, CallState::Ringing { .. } | CallState::Requested);
            rings && view.direction == Direction::Incoming
        };
        let busy = self.devices[dev.0].machine.snapshot().into_iter().filter(|view| !waits(view));
        busy.map(|view| view.conference.map(|conference| conference.id)).collect()
    }

    pub fn is_of(&self, dev: Dev, who: &str) -> bool {
        self.devices[dev.0].address == address(who)
    }

    /// The page that was the last to be asked for a link of a call.
    pub fn carrier(&self, dev: Dev, call: CallId) -> Option<PageId> {
        let asked = |output: &Output| match output {
            Output::Page {
                page,
                event: PageEvent::MakeOffer { call: of, .. } | PageEvent::MakeAnswer { call: of, .. },
            } => (*of == call).then_some(*page),
            _ => None,
        };
        self.devices[dev.0].told.iter().rev().find_map(|(_, output)| asked(output))
    }

    /// Calls somebody into a conference; returns the call.
    pub fn invite(&mut self, dev: Dev, whom: &str, into: &Conference) -> CallId {
        self.call_with(dev, whom, true, Some(into))
    }

    pub fn call_with(&mut self, dev: Dev, whom: &str, video: bool, into: Option<&Conference>) -> CallId {
        let page = self.devices[dev.0].pages.last().copied();
        let before = self.devices[dev.0].told.len();
        let (to, conference) = (address(whom), into.cloned());
        self.input(dev, Input::Call { account: ACCOUNT, to, video, page, conference });
        let told = self.devices[dev.0].told[before..].iter().rev();
        let called = |output: &Output| match output {
            Output::Changed(view) if view.peer == address(whom) => Some(view.call),
            _ => None,
        };
        told.map(|(_, output)| output).find_map(called).expect("a call")
    }

    /// Adds a caller to the conference that the device is in.
    pub fn add(&mut self, dev: Dev, call: CallId, to: &Conference) {
        let page = self.devices[dev.0].pages.last().copied();
        self.input(dev, Input::Accept { call, video: true, page, conference: Some(to.id) });
    }

    /// Whether a device was told that its conference is the one that goes on, on the latest link of a call.
    pub fn hosts(&self, dev: Dev, call: CallId) -> bool {
        let mut links = Vec::new();
        let mut hosts = None;
        for event in self.page_events(dev) {
            match event {
                PageEvent::MakeOffer { call: of, link } | PageEvent::MakeAnswer { call: of, link, .. }
                    if of == call =>
                {
                    links.push(link);
                }
                PageEvent::UseMedia { link, hosts: says, .. } if links.contains(&link) => hosts = Some(says),
                _ => {}
            }
        }
        hosts.expect("media on the call")
    }
}
