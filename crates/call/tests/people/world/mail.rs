//! Mail servers: what was sent arrives late, twice, in another order, or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use call::{
    Address, CallId, DeviceId, Input, MailId, Output, SendFailure, Sender, Signal, Standing, Verified,
};

use super::{ACCOUNT, Dev, Event, Smtp, World};

/// How mail travels, in milliseconds and per cent.
#[derive(Clone, Debug)]
pub struct Net {
    pub submit: u64,
    pub transit: std::ops::Range<u64>,
    pub loss: u64,
    pub duplicates: u64,
}

impl Net {
    pub fn quick() -> Self {
        Self { submit: 30, transit: 50..60, loss: 0, duplicates: 0 }
    }
}

/// A mail on its way.
#[derive(Clone, Debug)]
pub struct Letter {
    pub mail: Option<MailId>,
    pub from: Address,
    pub device: DeviceId,
    pub to: Address,
    pub to_device: Option<DeviceId>,
    pub call: CallId,
    pub signal: Signal,
    /// The key that signed it.
    pub signed: Option<String>,
    /// When the sender's server took it.
    pub submitted: u64,
    until: u64,
}

/// What really happened, for the checks.
#[derive(Default)]
pub struct Log {
    expiry: BTreeMap<CallId, u64>,
    ringing: BTreeSet<(Dev, CallId)>,
    unsent: BTreeSet<MailId>,
    pub posted: usize,
}

impl Log {
    pub fn proved_ringing(&self, dev: Dev, call: CallId) -> bool {
        self.ringing.contains(&(dev, call))
    }

    /// The end of an invitation's life, counted from the moment the first mail server took it.
    pub fn expiry(&self, call: CallId) -> Option<u64> {
        self.expiry.get(&call).copied()
    }

    /// A hostile sender's invitation is known, too.
    pub fn invited(&mut self, call: CallId, submitted: u64, signal: &Signal) {
        if let Signal::Invite { lifetime_s, .. } = signal {
            self.expiry.insert(call, submitted + u64::from((*lifetime_s).min(120)) * 1000);
        }
    }
}

/// The one key of an address.
pub fn key(address: &Address) -> String {
    format!("key-of-{}", address.as_str())
}

impl World {
    pub(super) fn post(&mut self, dev: Dev, output: Output) {
        let device = &self.devices[dev.0];
        let (from, id) = (device.address.clone(), device.id);
        let signed = Some(device.signs_with.clone().unwrap_or_else(|| key(&from)));
        match output {
            Output::Send { mail, to, to_device, call, signal, until, key: wanted, .. } => {
                let sealed = wanted.or_else(|| device.seals.then(|| key(&to)));
                let until = until.0 + device.origin;
                let letter = Letter {
                    mail: Some(mail),
                    from,
                    device: id,
                    to,
                    to_device,
                    call,
                    signal,
                    signed,
                    submitted: 0,
                    until,
                };
                self.log.posted += 1;
                let after = self.net.submit;
                self.schedule(after, Event::Submit(dev, letter));
                if let Some(key) = sealed {
                    self.input(dev, Input::Sealed { mail, key });
                }
            }
            Output::TellSiblings { call, signal, .. } => {
                let to = from.clone();
                let letter = Letter {
                    mail: None,
                    from,
                    device: id,
                    to,
                    to_device: None,
                    call,
                    signal,
                    signed,
                    submitted: self.now,
                    until: u64::MAX,
                };
                self.spread(&letter);
            }
            Output::Unsend { mail } => {
                self.log.unsent.insert(mail);
            }
            _ => {}
        }
    }

    pub(super) fn submit(&mut self, dev: Dev, mut letter: Letter) {
        let Some(mail) = letter.mail else { return };
        if self.log.unsent.contains(&mail) || self.now > letter.until {
            return;
        }
        match self.devices[dev.0].smtp.clone() {
            Smtp::Takes => {
                letter.submitted = self.now;
                self.log.invited(letter.call, self.now, &letter.signal);
                self.spread(&letter);
                if self.devices[dev.0].online {
                    self.input(dev, Input::MailSent { mail });
                }
            }
            Smtp::Down => {
                if self.devices[dev.0].online {
                    self.input(dev, Input::MailFailed { mail, failure: SendFailure::Temporary });
                }
                self.schedule(2000, Event::Submit(dev, letter));
            }
            Smtp::Refuses(words) => {
                let failure = SendFailure::Refused { words: words.into() };
                self.input(dev, Input::MailFailed { mail, failure });
            }
        }
    }

    fn spread(&mut self, letter: &Letter) {
        let to: Vec<Dev> =
            (0..self.devices.len()).map(Dev).filter(|dev| self.devices[dev.0].address == letter.to).collect();
        for dev in to {
            if self.random(100) < self.net.loss {
                continue;
            }
            let copies = 1 + u64::from(self.random(100) < self.net.duplicates);
            for _ in 0..copies {
                let Net { transit, .. } = self.net.clone();
                let after = transit.start + self.random(transit.end - transit.start);
                self.schedule(after, Event::Deliver(dev, letter.clone()));
            }
        }
    }

    /// A mail from outside: whatever its sender wants it to be.
    pub fn forge(&mut self, dev: Dev, letter: Letter) {
        self.log.invited(letter.call, letter.submitted, &letter.signal);
        self.deliver(dev, letter);
    }

    pub(super) fn deliver(&mut self, dev: Dev, letter: Letter) {
        let device = &mut self.devices[dev.0];
        if !device.online {
            device.inbox.push(letter);
            return;
        }
        let sender = match (&letter.signed, device.standing.get(&letter.from)) {
            (None, _) | (_, Some(None)) => Sender::Unauthenticated,
            (Some(fingerprint), standing) => {
                let known =
                    if *fingerprint == key(&letter.from) { Standing::Pinned } else { Standing::Changed };
                let standing = standing.copied().flatten().unwrap_or(known);
                Sender::Key { fingerprint: fingerprint.clone(), standing }
            }
        };
        if let Signal::Ringing { .. } = letter.signal {
            self.log.ringing.insert((dev, letter.call));
        }
        let age = Duration::from_millis(self.now - letter.submitted);
        let Letter { from, device, to_device, call, signal, .. } = letter;
        let signal = Verified::vouch(ACCOUNT, from, sender, device, to_device, call, signal);
        self.input(dev, Input::Mail { signal, age });
    }

    /// A letter as `from`'s device would write it, sent right now.
    pub fn letter(&self, from: Dev, to: &str, call: CallId, signal: Signal) -> Letter {
        let device = &self.devices[from.0];
        Letter {
            mail: None,
            from: device.address.clone(),
            device: device.id,
            to: super::address(to),
            to_device: None,
            call,
            signal,
            signed: Some(key(&device.address)),
            submitted: self.now,
            until: u64::MAX,
        }
    }
}
