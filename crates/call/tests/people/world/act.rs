//! What people do, and what happens to their devices.

use std::time::Duration;

use call::{CallId, Config, IdSource, Input, LinkId, Machine, Output, PageId, Policy, Standing, Time};

use super::{
    ACCOUNT, ALICE_LAPTOP, BOB, BOB_LAPTOP, CAROL, CAROL_LAPTOP, Dev, Event, Net, Smtp, World, address,
};

impl World {
    /// Alice called Bob, and they talk.
    pub fn talking() -> (Self, CallId) {
        let mut world = Self::two();
        let call = world.talk();
        (world, call)
    }

    /// Alice calls Bob, and they talk.
    pub fn talk(&mut self) -> CallId {
        let call = self.call(ALICE_LAPTOP, BOB);
        self.run_s(1);
        self.accept(BOB_LAPTOP, call);
        self.run_s(1);
        assert!(self.in_conversation(ALICE_LAPTOP, BOB_LAPTOP));
        call
    }

    pub fn policy(&mut self, dev: Dev, change: impl FnOnce(&mut Policy)) {
        change(&mut self.devices[dev.0].policy);
        let policy = self.devices[dev.0].policy.clone();
        self.input(dev, Input::Policy(policy));
    }

    /// The device knows nothing of `whom`.
    pub fn stranger(&mut self, dev: Dev, whom: &str) {
        let whom = address(whom);
        self.devices[dev.0].standing.insert(whom.clone(), Some(Standing::FirstUse));
        self.policy(dev, |policy| {
            policy.contacts.0.remove(&(ACCOUNT, whom));
        });
    }

    pub fn standing(&mut self, dev: Dev, whom: &str, standing: Option<Standing>) {
        self.devices[dev.0].standing.insert(address(whom), standing);
    }

    pub fn open_page(&mut self, dev: Dev) -> PageId {
        let page = PageId::new(self.ids.fresh());
        self.devices[dev.0].pages.push(page);
        self.input(dev, Input::PageHello { page, can_webrtc: true });
        page
    }

    pub fn page(&self, dev: Dev) -> PageId {
        *self.devices[dev.0].pages.last().unwrap()
    }

    /// The page's content is loaded anew, too quickly for the backend to miss it.
    pub fn reload(&mut self, dev: Dev) {
        let page = self.page(dev);
        self.page_dies(dev, page);
        self.input(dev, Input::PageHello { page, can_webrtc: true });
        self.report_lost_links();
    }

    /// The page's connection breaks and the page with it.
    pub fn kill_page(&mut self, dev: Dev) -> PageId {
        let page = self.devices[dev.0].pages.pop().unwrap();
        self.page_dies(dev, page);
        self.input(dev, Input::PageGone { page });
        self.report_lost_links();
        page
    }

    pub fn revive_page(&mut self, dev: Dev, page: PageId) {
        self.devices[dev.0].pages.push(page);
        self.input(dev, Input::PageHello { page, can_webrtc: true });
    }

    pub fn close_page(&mut self, dev: Dev) {
        let page = self.devices[dev.0].pages.pop().unwrap();
        self.page_dies(dev, page);
        self.input(dev, Input::PageClosed { page });
        self.report_lost_links();
    }

    /// Calls; returns the call.
    pub fn call(&mut self, dev: Dev, whom: &str) -> CallId {
        let page = self.devices[dev.0].pages.last().copied();
        let before = self.devices[dev.0].told.len();
        self.input(
            dev,
            Input::Call { account: ACCOUNT, to: address(whom), video: true, page, conference: None },
        );
        let views = self.devices[dev.0].told[before..].iter().rev();
        views
            .filter_map(|(_, output)| match output {
                Output::Changed(view) if view.peer == address(whom) => Some(view.call),
                _ => None,
            })
            .next()
            .expect("a call")
    }

    pub fn accept(&mut self, dev: Dev, call: CallId) {
        let page = self.devices[dev.0].pages.last().copied();
        self.input(dev, Input::Accept { call, video: true, page, conference: None });
    }

    pub fn decline(&mut self, dev: Dev, call: CallId) {
        self.input(dev, Input::Decline { call });
    }

    pub fn hang_up(&mut self, dev: Dev, call: CallId) {
        self.input(dev, Input::HangUp { call });
    }

    pub fn expel(&mut self, dev: Dev, call: CallId) {
        self.input(dev, Input::Expel { call });
    }

    /// The process dies; what it stored stays. It comes back after `away` with a clock of its own.
    pub fn crash(&mut self, dev: Dev, away: Duration) {
        let pages = std::mem::take(&mut self.devices[dev.0].pages);
        for page in &pages {
            self.page_dies(dev, *page);
        }
        let was_online = std::mem::replace(&mut self.devices[dev.0].online, false);
        self.report_lost_links();
        self.run_ms(u64::try_from(away.as_millis()).unwrap());
        let device = &mut self.devices[dev.0];
        let elapsed = Duration::from_millis(self.now - device.origin);
        device.origin = self.now - 3_600_000;
        device.machine = Machine::new(Config::new(device.id), device.policy.clone());
        let records = device.store.values().cloned().collect();
        let outputs = device.machine.restore(Time(3_600_000), &mut self.ids, elapsed, records);
        self.carry_out(dev, outputs);
        self.check(dev);
        if was_online {
            self.switch_on(dev);
        }
    }

    pub fn switch_off(&mut self, dev: Dev) {
        self.devices[dev.0].online = false;
    }

    pub fn switch_on(&mut self, dev: Dev) {
        self.devices[dev.0].online = true;
        for letter in std::mem::take(&mut self.devices[dev.0].inbox) {
            self.deliver(dev, letter);
        }
        self.arm(dev);
    }

    /// An invitation that `from` writes by hand.
    pub fn forged_invitation(&mut self, from: Dev, to: Dev, call: u128, lifetime_s: u32) -> CallId {
        let call = CallId::new(call);
        let link = LinkId::new(self.ids.fresh());
        let description = call::Description::try_from(format!("offer-{link}")).unwrap();
        let signal = call::Signal::Invite {
            lifetime_s,
            video: true,
            name: String::new(),
            link,
            description,
            conference: None,
        };
        let letter = self.letter(from, self.devices[to.0].address.clone().as_str(), call, signal);
        self.forge(to, letter);
        call
    }

    /// An offer that `from` writes by hand, or that comes very late.
    pub fn forged_offer(&mut self, from: Dev, to: Dev, call: CallId, link: u128) {
        let link = LinkId::new(link);
        let description = call::Description::try_from(format!("offer-{link}")).unwrap();
        let offer = call::Signal::Offer(call::LinkDescription { link, description });
        let letter = self.letter(from, self.devices[to.0].address.clone().as_str(), call, offer);
        self.forge(to, letter);
    }

    pub fn carol_knows_bob(&mut self) {
        let carol = (ACCOUNT, address(CAROL));
        self.policy(BOB_LAPTOP, |policy| {
            policy.contacts.0.insert(carol);
        });
    }

    /// One side loses its end of a link without the other noticing.
    pub fn forget_link(&mut self, link: LinkId, page: PageId) {
        self.links.forget(link, page);
    }

    /// An invitation from an address that no device of this world has.
    pub fn forged_invitation_from(&mut self, from: &str, to: Dev, call: CallId, lifetime_s: u32) {
        let link = LinkId::new(self.ids.fresh());
        let description = call::Description::try_from(format!("offer-{link}")).unwrap();
        let signal = call::Signal::Invite {
            lifetime_s,
            video: true,
            name: String::new(),
            link,
            description,
            conference: None,
        };
        let mut letter = self.letter(CAROL_LAPTOP, BOB, call, signal);
        letter.from = address(from);
        letter.signed = None;
        self.forge(to, letter);
    }

    /// Sets how far a device's clock is from the others', in minutes back from the world's beginning.
    pub fn skew(&mut self, dev: Dev, minutes: u64) {
        self.devices[dev.0].origin = self.now - minutes * 60_000;
    }

    /// Everybody is there again and nothing is lost any more.
    pub fn calm_down(&mut self) {
        self.net = Net::quick();
        self.blocked = false;
        for at in 0..self.devices.len() {
            self.devices[at].smtp = Smtp::Takes;
            if !self.devices[at].online {
                self.switch_on(Dev(at));
            }
        }
    }

    pub fn mail_server(&mut self, dev: Dev, does: Smtp) {
        self.devices[dev.0].smtp = does;
    }
}

impl World {
    /// The network between all devices changes; every open link is lost.
    pub fn cut_links(&mut self) {
        for (after, dev, page, input) in self.links.cut() {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    /// Nothing gets through any more; the pages of one device notice, and try for ten seconds to repair it.
    pub fn break_links(&mut self, dev: Dev) {
        self.break_some(dev, |_| true);
    }

    /// As [`Self::break_links`], of one call only.
    pub fn break_link_of(&mut self, dev: Dev, call: CallId) {
        let of_call = self.link(dev, call);
        self.break_some(dev, |link| link == of_call);
    }

    fn break_some(&mut self, dev: Dev, breaks: impl Fn(LinkId) -> bool) {
        for (after, dev, page, input) in self.links.break_at(dev, breaks) {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    /// The pages of one device were able to repair their links.
    pub fn repair_links(&mut self, dev: Dev) {
        for (after, dev, page, input) in self.links.repair_at(dev) {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    pub fn media_at(&self, dev: Dev) -> bool {
        self.links.media_at(dev)
    }
}
