//! A world of people with devices, pages, mail servers and networks, in virtual time.
//!
//! Each device has a clock of its own. The mail servers know how old a mail is; nothing else is shared.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a world that does not hold together must fail the test"
)]

mod act;
mod ask;
mod conference;
mod links;
mod mail;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use call::{
    AccountId, Address, CallId, CallRecord, CallState, CallView, Config, DeviceId, Direction, IdSource,
    Input, LinkId, Machine, Output, Own, PageEvent, PageId, Policy, Standing, Time,
};

pub use conference::party;
pub use mail::{Net, key};

pub const ALICE: &str = "alice@example.test";
pub const BOB: &str = "bob@example.test";
pub const CAROL: &str = "carol@example.test";
pub const DORA: &str = "dora@example.test";
pub const ACCOUNT: AccountId = AccountId(1);

/// A device in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dev(pub usize);

pub const ALICE_LAPTOP: Dev = Dev(0);
pub const ALICE_PHONE: Dev = Dev(1);
pub const BOB_LAPTOP: Dev = Dev(2);
pub const BOB_PHONE: Dev = Dev(3);
pub const CAROL_LAPTOP: Dev = Dev(4);
pub const DORA_LAPTOP: Dev = Dev(5);

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
    /// The links that its pages hold, and for which calls.
    held: BTreeMap<(PageId, LinkId), CallId>,
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
            ("Dora's laptop", DORA),
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
        let held = &mut self.devices[dev.0].held;
        match event {
            PageEvent::MakeOffer { call, link } | PageEvent::MakeAnswer { call, link, .. } => {
                held.insert((page, link), call);
            }
            PageEvent::CloseLink { link } => {
                held.remove(&(page, link));
            }
            PageEvent::UseAnswer { .. }
            | PageEvent::UseMedia { .. }
            | PageEvent::SendOnLink { .. }
            | PageEvent::TakeCourier { .. } => {}
        }
        for (after, dev, page, input) in self.links.on_event(dev, page, event, self.blocked) {
            self.schedule(after, Event::FromPage(dev, page, input));
        }
    }

    fn page_dies(&mut self, dev: Dev, page: PageId) {
        self.devices[dev.0].held.retain(|(holder, _), _| *holder != page);
        self.links.page_dies(page);
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
        self.check_links();
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
                    self.report_lost_links();
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
}

impl World {
    /// A call that is over holds no camera and no address open.
    fn check_links(&self) {
        for device in &self.devices {
            for ((_, link), call) in &device.held {
                let ended = device.store.get(call).is_some_and(|record| record.ended.is_some());
                assert!(!ended, "{}: {link:?} is left open after its call", device.name);
            }
        }
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
            held: BTreeMap::new(),
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
