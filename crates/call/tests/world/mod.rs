//! A world of people with devices, pages, mail servers and networks, in virtual time.
//!
//! Each device has a clock of its own. The mail servers know how old a mail is; nothing else is shared.
#![allow(dead_code, reason = "each test binary uses its part of the world")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a world that does not hold together must fail the test"
)]

mod links;
mod mail;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    time::Duration,
};

use call::{
    AccountId, Address, Alert, CallId, CallRecord, CallState, CallView, Config, DeviceId, Direction,
    EndReason, IdSource, Input, Machine, Output, Own, PageEvent, PageId, Policy, SignalKind, Standing, Time,
};

pub use mail::Net;

pub const ALICE: &str = "alice@example.test";
pub const BOB: &str = "bob@example.test";
pub const CAROL: &str = "carol@example.test";
pub const ACCOUNT: AccountId = AccountId(1);

/// A device in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dev(pub usize);

pub const ALICE_LAPTOP: Dev = Dev(0);
pub const ALICE_PHONE: Dev = Dev(1);
pub const BOB_LAPTOP: Dev = Dev(2);
pub const BOB_PHONE: Dev = Dev(3);
pub const CAROL_LAPTOP: Dev = Dev(4);

/// The ids of one world: 1, 2, 3 … spread so that their order is not the order of their making.
#[derive(Clone, Default)]
pub struct Ids(u128);

impl IdSource for Ids {
    fn fresh(&mut self) -> u128 {
        self.0 += 1;
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    }
}

pub struct Device {
    pub name: &'static str,
    pub address: Address,
    pub id: DeviceId,
    pub machine: Machine,
    pub policy: Policy,
    /// World time minus the device's own, in milliseconds.
    origin: u64,
    pub pages: Vec<PageId>,
    pub online: bool,
    /// Off: the mails wait.
    inbox: Vec<mail::Letter>,
    /// All that was told, in order.
    pub told: Vec<(u64, Output)>,
    pub store: BTreeMap<CallId, CallRecord>,
    pub smtp: Smtp,
    /// How this device stands to the keys of others; who is missing is pinned.
    pub standing: BTreeMap<Address, Option<Standing>>,
    /// Instead of the one key of its address.
    pub signs_with: Option<String>,
    /// Seals to the addressee's key.
    pub seals: bool,
}

/// What the device's own mail server does with a mail.
#[derive(Clone, Debug, PartialEq)]
pub enum Smtp {
    Takes,
    Down,
    Refuses(&'static str),
}

pub struct World {
    pub now: u64,
    pub devices: Vec<Device>,
    pub ids: Ids,
    pub net: Net,
    /// No link opens.
    pub blocked: bool,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    serial: u64,
    links: links::Links,
    pub log: mail::Log,
    rng: u64,
}

enum Event {
    Submit(Dev, mail::Letter),
    Deliver(Dev, mail::Letter),
    FromPage(Dev, PageId, Input),
    Wake(Dev),
}

pub fn address(text: &str) -> Address {
    text.parse().unwrap()
}

impl World {
    /// Alice and Bob, contacts of each other, with the named devices switched on, a page on each.
    pub fn with(on: &[Dev]) -> Self {
        let mut world = Self::dark();
        for dev in on {
            world.devices[dev.0].online = true;
            world.open_page(*dev);
        }
        world
    }

    /// Alice's laptop and Bob's laptop.
    pub fn two() -> Self {
        Self::with(&[ALICE_LAPTOP, BOB_LAPTOP])
    }

    fn dark() -> Self {
        let names = [
            ("Alice's laptop", ALICE),
            ("Alice's phone", ALICE),
            ("Bob's laptop", BOB),
            ("Bob's phone", BOB),
            ("Carol's laptop", CAROL),
        ];
        let devices = names.iter().enumerate().map(|(at, (name, who))| Device::new(at, name, who)).collect();
        Self {
            now: 10_000_000,
            devices,
            ids: Ids::default(),
            net: Net::quick(),
            blocked: false,
            queue: BinaryHeap::new(),
            events: BTreeMap::new(),
            serial: 0,
            links: links::Links::default(),
            log: mail::Log::default(),
            rng: 0x2545_f491_4f6c_dd1d,
        }
    }

    pub fn seed(&mut self, seed: u64) {
        self.rng ^= seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        self.ids.0 = u128::from(seed) << 32;
    }

    fn random(&mut self, below: u64) -> u64 {
        self.rng ^= self.rng << 13;
        self.rng ^= self.rng >> 7;
        self.rng ^= self.rng << 17;
        if below == 0 { 0 } else { self.rng % below }
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
        self.links.page_dies(page);
        self.input(dev, Input::PageHello { page, can_webrtc: true });
        self.report_lost_links();
    }

    /// The page's connection breaks and the page with it.
    pub fn kill_page(&mut self, dev: Dev) -> PageId {
        let page = self.devices[dev.0].pages.pop().unwrap();
        self.links.page_dies(page);
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
        self.input(dev, Input::PageClosed { page });
        self.links.page_dies(page);
        self.report_lost_links();
    }

    /// Calls; returns the call.
    pub fn call(&mut self, dev: Dev, whom: &str) -> CallId {
        let page = self.devices[dev.0].pages.last().copied();
        let before = self.devices[dev.0].told.len();
        self.input(dev, Input::Call { account: ACCOUNT, to: address(whom), video: true, page });
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
        self.input(dev, Input::Accept { call, video: true, page });
    }

    pub fn decline(&mut self, dev: Dev, call: CallId) {
        self.input(dev, Input::Decline { call });
    }

    pub fn hang_up(&mut self, dev: Dev, call: CallId) {
        self.input(dev, Input::HangUp { call });
    }

    /// The process dies; what it stored stays. It comes back after `away` with a clock of its own.
    pub fn crash(&mut self, dev: Dev, away: Duration) {
        let pages = std::mem::take(&mut self.devices[dev.0].pages);
        for page in &pages {
            self.links.page_dies(*page);
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

    pub fn input(&mut self, dev: Dev, input: Input) {
        let device = &mut self.devices[dev.0];
        let now = Time(self.now - device.origin);
        let outputs = device.machine.handle(now, &mut self.ids, input);
        self.carry_out(dev, outputs);
        self.check(dev);
        self.arm(dev);
    }

    fn arm(&mut self, dev: Dev) {
        let device = &self.devices[dev.0];
        if let Some(at) = device.machine.next_wake() {
            let at = (at.0 + device.origin).max(self.now);
            self.schedule(at - self.now, Event::Wake(dev));
        }
    }

    fn schedule(&mut self, after: u64, event: Event) {
        self.serial += 1;
        self.queue.push(Reverse((self.now + after, self.serial)));
        self.events.insert(self.serial, event);
    }

    fn carry_out(&mut self, dev: Dev, outputs: Vec<Output>) {
        for output in &outputs {
            if let Output::Remember(record) = output {
                self.devices[dev.0].store.insert(record.view.call, (**record).clone());
            }
        }
        for output in outputs {
            self.devices[dev.0].told.push((self.now, output.clone()));
            match output {
                Output::Send { .. } | Output::TellSiblings { .. } | Output::Unsend { .. } => {
                    self.post(dev, output)
                }
                Output::Page { page, event } => self.on_page_event(dev, page, event),
                Output::Changed(view) => self.check_view(dev, &view),
                Output::Remember(_)
                | Output::Alert { .. }
                | Output::NeedPage { .. }
                | Output::BecameContact { .. } => {}
            }
        }
    }

    fn on_page_event(&mut self, dev: Dev, page: PageId, event: PageEvent) {
        if !self.devices[dev.0].pages.contains(&page) {
            return;
        }
        for (after, dev, page, input) in self.links.on_event(dev, page, event, self.blocked) {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    fn report_lost_links(&mut self) {
        for (after, dev, page, input) in self.links.take_lost() {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    /// Everything that happens within the next `ms` milliseconds.
    pub fn run_ms(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(Reverse((at, serial))) = self.queue.peek().copied() {
            if at > end {
                break;
            }
            self.queue.pop();
            self.now = self.now.max(at);
            if let Some(event) = self.events.remove(&serial) {
                self.happen(event);
            }
        }
        self.now = end;
    }

    pub fn run_s(&mut self, seconds: u64) {
        self.run_ms(seconds * 1000);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Submit(dev, letter) => self.submit(dev, letter),
            Event::Deliver(dev, letter) => self.deliver(dev, letter),
            Event::FromPage(dev, page, input) => {
                let device = &self.devices[dev.0];
                if !device.online {
                    // A laptop that sleeps; its page reports when it wakes.
                    self.schedule(1000, Event::FromPage(dev, page, input));
                } else if device.pages.contains(&page) && self.links.still_true(page, &input) {
                    self.input(dev, input);
                }
            }
            Event::Wake(dev) => {
                let device = &self.devices[dev.0];
                let due = device.machine.next_wake().is_some_and(|at| at.0 + device.origin <= self.now);
                if device.online && due {
                    self.input(dev, Input::Tick);
                    let device = &self.devices[dev.0];
                    let next = device.machine.next_wake().map(|at| at.0 + device.origin);
                    assert!(
                        next.is_none_or(|at| at > self.now),
                        "{}: a timer that fired is due again",
                        device.name
                    );
                }
            }
        }
    }

    /// What a device says of a call, live or remembered.
    pub fn state(&self, dev: Dev, call: CallId) -> CallState {
        self.view(dev, call).expect("the device knows the call").state
    }

    pub fn view(&self, dev: Dev, call: CallId) -> Option<CallView> {
        let told = self.devices[dev.0].told.iter().rev();
        told.filter_map(|(_, output)| match output {
            Output::Changed(view) if view.call == call => Some(view.clone()),
            _ => None,
        })
        .next()
    }

    pub fn end(&self, dev: Dev, call: CallId) -> EndReason {
        match self.state(dev, call) {
            CallState::Ended { reason } => reason,
            state => panic!("{}: not over but {state:?}", self.devices[dev.0].name),
        }
    }

    pub fn alerts(&self, dev: Dev) -> Vec<Alert> {
        let alert = |output: &Output| match output {
            Output::Alert { alert, .. } => Some(*alert),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| alert(output)).collect()
    }

    /// The kinds of signals that a device mailed.
    pub fn mailed(&self, dev: Dev) -> Vec<SignalKind> {
        let kind = |output: &Output| match output {
            Output::Send { signal, .. } => Some(signal.kind()),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| kind(output)).collect()
    }

    pub fn page_events(&self, dev: Dev) -> Vec<PageEvent> {
        let event = |output: &Output| match output {
            Output::Page { event, .. } => Some(event.clone()),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| event(output)).collect()
    }

    pub fn needed_pages(&self, dev: Dev) -> usize {
        self.devices[dev.0]
            .told
            .iter()
            .filter(|(_, output)| matches!(output, Output::NeedPage { .. }))
            .count()
    }

    /// Whether media may flow between the two devices: both were told so, on the same open link.
    pub fn in_conversation(&self, one: Dev, other: Dev) -> bool {
        self.links.media_between(one, other)
    }

    /// What must hold whatever happens, seen in what a device tells.
    fn check_view(&mut self, dev: Dev, view: &CallView) {
        let device = &self.devices[dev.0];
        let known_end = device.told.iter().rev().skip(1).find_map(|(_, output)| match output {
            Output::Changed(old) if old.call == view.call => Some(old.state.clone()),
            _ => None,
        });
        if let Some(CallState::Ended { reason }) = known_end {
            panic!("{}: a call that ended ({reason:?}) came back as {:?}", device.name, view.state);
        }
        if let (Direction::Outgoing, CallState::Ringing { .. }) = (view.direction, &view.state) {
            assert!(self.log.proved_ringing(dev, view.call), "{}: shows Ringing without proof", device.name);
        }
    }

    /// What must hold at every moment.
    fn check(&self, dev: Dev) {
        let device = &self.devices[dev.0];
        for view in device.machine.snapshot() {
            if let (Direction::Incoming, CallState::Ringing { .. }) = (view.direction, &view.state) {
                let dead = self.log.expiry(view.call).is_none_or(|expiry| expiry < self.now);
                assert!(!dead, "{}: rings after the end of the invitation", device.name);
            }
        }
        assert!(device.machine.snapshot().len() <= 64, "{}: too many calls", device.name);
    }

    /// Calls that a device still shows as live.
    pub fn live(&self, dev: Dev) -> BTreeSet<CallId> {
        self.devices[dev.0].machine.snapshot().into_iter().map(|view| view.call).collect()
    }
}

impl Device {
    fn new(at: usize, name: &'static str, who: &str) -> Self {
        let id = DeviceId::new(at as u128 + 1);
        let others = [ALICE, BOB].into_iter().filter(|other| *other != who);
        let own = Own { address: address(who), fingerprint: mail::key(&address(who)) };
        let policy = Policy {
            contacts: call::Contacts(others.map(|other| (ACCOUNT, address(other))).collect()),
            hide_until_answer: false,
            device_name: name.into(),
            own_name: who.into(),
            own: BTreeMap::from([(ACCOUNT, own)]),
        };
        Self {
            name,
            address: address(who),
            id,
            machine: Machine::new(Config::new(id), policy.clone()),
            policy,
            origin: 10_000_000 - 300_000 * (at as u64 + 1),
            pages: Vec::new(),
            online: false,
            inbox: Vec::new(),
            told: Vec::new(),
            store: BTreeMap::new(),
            smtp: Smtp::Takes,
            standing: BTreeMap::new(),
            signs_with: None,
            seals: true,
        }
    }
}

impl World {
    /// The network between all devices changes; every open link is lost.
    pub fn cut_links(&mut self) {
        for (after, dev, page, input) in self.links.cut() {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    pub fn media_at(&self, dev: Dev) -> bool {
        self.links.media_at(dev)
    }
}

/// What the stories ask.
impl World {
    pub fn first_mail(&self, dev: Dev) -> call::MailId {
        let sent = |output: &Output| match output {
            Output::Send { mail, .. } => Some(*mail),
            _ => None,
        };
        self.devices[dev.0].told.iter().find_map(|(_, output)| sent(output)).expect("a mail")
    }

    pub fn contacts_made(&self, dev: Dev) -> Vec<Address> {
        let made = |output: &Output| match output {
            Output::BecameContact { address, .. } => Some(address.clone()),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| made(output)).collect()
    }

    pub fn answers_made(&self, dev: Dev) -> usize {
        self.page_events(dev).iter().filter(|event| matches!(event, PageEvent::MakeAnswer { .. })).count()
    }

    /// An invitation that `from` writes by hand.
    pub fn forged_invitation(&mut self, from: Dev, to: Dev, call: u128, lifetime_s: u32) -> CallId {
        let call = CallId::new(call);
        let link = call::LinkId::new(self.ids.fresh());
        let description = call::Description::try_from(format!("offer-{link}")).unwrap();
        let signal = call::Signal::Invite { lifetime_s, video: true, name: String::new(), link, description };
        let letter = self.letter(from, self.devices[to.0].address.clone().as_str(), call, signal);
        self.forge(to, letter);
        call
    }
}

impl World {
    pub fn has_channel(&self, one: Dev, other: Dev) -> bool {
        self.links.open_between(one, other)
    }

    pub fn carol_knows_bob(&mut self) {
        let carol = (ACCOUNT, address(CAROL));
        self.policy(BOB_LAPTOP, |policy| {
            policy.contacts.0.insert(carol);
        });
    }
}

impl World {
    /// One side loses its end of a link without the other noticing.
    pub fn forget_link(&mut self, link: call::LinkId, page: PageId) {
        self.links.forget(link, page);
    }

    /// The pages that were asked for offers, in order.
    pub fn offering_pages(&self, dev: Dev) -> Vec<PageId> {
        let offering = |output: &Output| match output {
            Output::Page { page, event: PageEvent::MakeOffer { .. } } => Some(*page),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| offering(output)).collect()
    }

    /// An invitation from an address that no device of this world has.
    pub fn forged_invitation_from(&mut self, from: &str, to: Dev, call: CallId, lifetime_s: u32) {
        let link = call::LinkId::new(self.ids.fresh());
        let description = call::Description::try_from(format!("offer-{link}")).unwrap();
        let signal = call::Signal::Invite { lifetime_s, video: true, name: String::new(), link, description };
        let mut letter = self.letter(CAROL_LAPTOP, BOB, call, signal);
        letter.from = address(from);
        letter.signed = None;
        self.forge(to, letter);
    }
}

impl World {
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

    /// The calls that a device ever knew.
    pub fn known(&self, dev: Dev) -> Vec<CallId> {
        self.devices[dev.0].store.keys().copied().collect()
    }

    /// Whether a device ever showed the call as connected.
    pub fn was_connected(&self, dev: Dev, call: CallId) -> bool {
        self.devices[dev.0].store.get(&call).is_some_and(|record| record.connected.is_some())
    }
}

impl World {
    pub fn has_page(&self, dev: Dev) -> bool {
        !self.devices[dev.0].pages.is_empty()
    }
}

impl World {
    /// Everything that was told, by everybody, in order: for the message of a test that fails.
    pub fn tale(&self) -> String {
        let told = |device: &Device| {
            let name = device.name;
            let told = device.told.iter().filter(|(_, output)| !matches!(output, Output::Remember(_)));
            told.map(|(at, output)| (*at, format!("{name}: {output:?}"))).collect::<Vec<_>>()
        };
        let mut all: Vec<(u64, String)> = self.devices.iter().flat_map(told).collect();
        all.sort_by_key(|(at, _)| *at);
        all.iter().map(|(at, what)| format!("{at} {what}\n")).collect()
    }
}
