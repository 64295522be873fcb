use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    AccountId, Address, CallId, CancelReason, ConferenceId, DeviceId, MailId, Sender, Time, Verified,
};

/// How many of anything are remembered; beyond it the oldest goes.
const MAX_REMEMBERED: usize = 512;
/// How many of them one address may fill.
const MAX_FORETOLD_PER_PEER: usize = 16;
/// How many devices of one finished call are told that it is over.
const MAX_TOLD: usize = 4;

/// What is known of calls that are not live, bounded in number and age.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    over: VecDeque<Over>,
    foretold: VecDeque<Foretold>,
    leftovers: VecDeque<Leftover>,
    /// Early answers given to each contact.
    pub early_answers: Rate,
    /// Invitations taken from each contact, signed by the pinned key.
    pub from_contacts: Rate,
    /// Invitations taken that only say that they come from a contact.
    pub as_contacts: Rate,
    /// Invitations taken from each stranger.
    pub from_strangers: Rate,
    /// What went to each participant by courier.
    pub couriers_to: Rate,
    /// What came from each by courier, signed by the pinned key.
    pub couriers_from: Rate,
    /// What came by courier and only says who it comes from.
    pub couriers_as: Rate,
}

/// A call that is over.
#[derive(Clone, Debug)]
pub(crate) struct Over {
    pub call: CallId,
    pub account: AccountId,
    pub peer: Address,
    /// The key that proved the other side, if any did.
    pub key: Option<String>,
    /// What a device hears that still believes in the call; `None`: nothing.
    pub reply: Option<CancelReason>,
    /// The name in a stranger's request that was never accepted.
    pub request: Option<String>,
    /// The conference in which the two talked.
    pub conference: Option<ConferenceId>,
    pub at: Time,
    pub told: Vec<DeviceId>,
}

/// A signal that came before the invitation it belongs to.
#[derive(Clone, Debug)]
struct Foretold {
    call: CallId,
    account: AccountId,
    from: Address,
    sender: Option<String>,
    device: DeviceId,
    what: Omen,
    at: Time,
}

/// What a signal that came before its invitation says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Omen {
    /// The caller takes it back.
    Cancelled(CancelReason),
    /// Another device of this account dealt with it.
    AnsweredElsewhere,
}

/// An invitation that was unsent; if it left all the same, a `cancel` follows it.
#[derive(Clone, Debug)]
pub(crate) struct Leftover {
    pub mail: MailId,
    pub call: CallId,
    pub account: AccountId,
    pub peer: Address,
    pub key: Option<String>,
    pub reason: CancelReason,
    pub at: Time,
}

impl Memory {
    pub fn forget_old(&mut self, now: Time, age: Duration, over_age: Duration) {
        let old = |at: Time| at + age <= now;
        self.over.retain(|over| over.at + over_age > now);
        self.foretold.retain(|foretold| !old(foretold.at));
        self.leftovers.retain(|leftover| !old(leftover.at));
        let Self {
            early_answers,
            from_contacts,
            as_contacts,
            from_strangers,
            couriers_to,
            couriers_from,
            couriers_as,
            ..
        } = self;
        let invitations = [early_answers, from_contacts, as_contacts, from_strangers];
        for rate in invitations.into_iter().chain([couriers_to, couriers_from, couriers_as]) {
            rate.forget_old(now, age);
        }
    }

    pub fn is_over(&mut self, call: CallId) -> Option<&mut Over> {
        self.over.iter_mut().find(|over| over.call == call)
    }

    pub fn remember_over(&mut self, over: Over) {
        self.over.retain(|known| known.call != over.call);
        push_bounded(&mut self.over, over);
    }

    /// Whether this device talked with `peer` in a conference.
    pub fn talked_in(&self, conference: ConferenceId, account: AccountId, peer: &Address) -> bool {
        let with_peer = |over: &&Over| over.account == account && over.peer == *peer;
        self.over.iter().filter(with_peer).any(|over| over.conference == Some(conference))
    }

    /// Somebody was put out of a conference: having talked there is no way back.
    pub fn forget_in(&mut self, conference: ConferenceId, account: AccountId, peer: &Address) {
        let theirs = |over: &&mut Over| over.account == account && over.peer == *peer;
        for over in self.over.iter_mut().filter(theirs) {
            over.conference.take_if(|known| *known == conference);
        }
    }

    pub fn foretell(&mut self, signal: &Verified, what: Omen, now: Time) {
        let same = |known: &Foretold| known.from == *signal.from() && known.account == signal.account();
        let again = |known: &Foretold| same(known) && known.call == signal.call() && known.what == what;
        if self.foretold.iter().any(again)
            || self.foretold.iter().filter(|known| same(known)).count() >= MAX_FORETOLD_PER_PEER
        {
            return;
        }
        let foretold = Foretold {
            call: signal.call(),
            account: signal.account(),
            from: signal.from().clone(),
            sender: signal.sender().fingerprint().map(str::to_owned),
            device: signal.device(),
            what,
            at: now,
        };
        push_bounded(&mut self.foretold, foretold);
    }

    /// What was said about `invitation` before it came, by somebody who may say it.
    pub fn foretold(&self, invitation: &Verified) -> Option<Omen> {
        let about =
            |known: &&Foretold| known.call == invitation.call() && known.account == invitation.account();
        self.foretold.iter().filter(about).find_map(|known| match known.what {
            Omen::AnsweredElsewhere => Some(known.what),
            Omen::Cancelled(_) => (known.from == *invitation.from()
                && known.device == invitation.device()
                && key_matches(invitation.sender().fingerprint(), known.sender.as_deref()))
            .then_some(known.what),
        })
    }

    pub fn leave_over(&mut self, leftover: Leftover) {
        push_bounded(&mut self.leftovers, leftover);
    }

    pub fn take_leftover(&mut self, mail: MailId) -> Option<Leftover> {
        let place = self.leftovers.iter().position(|leftover| leftover.mail == mail)?;
        self.leftovers.remove(place)
    }
}

impl Over {
    /// Whether a late signal gets the reply, which every device gets once.
    pub fn replies_to(&mut self, late: &Verified) -> Option<CancelReason> {
        let reply = self.reply?;
        let known = self.peer == *late.from()
            && self.account == late.account()
            && key_matches(self.key.as_deref(), late.sender().fingerprint());
        if !known || self.told.contains(&late.device()) || self.told.len() >= MAX_TOLD {
            return None;
        }
        self.told.push(late.device());
        Some(reply)
    }
}

/// Whether a signal signed by `actual` may speak where `expected` spoke before.
pub(crate) fn key_matches(expected: Option<&str>, actual: Option<&str>) -> bool {
    expected.is_none() || expected == actual
}

/// [`key_matches`] for a sender.
pub(crate) fn sender_matches(expected: Option<&str>, sender: &Sender) -> bool {
    key_matches(expected, sender.fingerprint())
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() >= MAX_REMEMBERED {
        queue.pop_front();
    }
    queue.push_back(item);
}

/// How often each peer did something lately.
#[derive(Debug, Default)]
pub(crate) struct Rate(BTreeMap<(AccountId, Address), VecDeque<Time>>);

impl Rate {
    /// Counts one more for `peer`, unless that would make more than `limit` lately.
    pub fn allow(&mut self, account: AccountId, peer: &Address, limit: usize, now: Time) -> bool {
        let key = (account, peer.clone());
        if self.0.len() >= MAX_REMEMBERED && !self.0.contains_key(&key) {
            return false;
        }
        let times = self.0.entry(key).or_default();
        let allowed = times.len() < limit;
        if allowed {
            times.push_back(now);
        }
        allowed
    }

    /// How often all peers of an account did it lately.
    pub fn all(&self, account: AccountId) -> usize {
        self.0.iter().filter(|((of, _), _)| *of == account).map(|(_, times)| times.len()).sum()
    }

    fn forget_old(&mut self, now: Time, age: Duration) {
        self.0.retain(|_, times| {
            times.retain(|at| *at + age > now);
            !times.is_empty()
        });
    }
}
