use std::{collections::BTreeMap, time::Duration};

use crate::{
    Address, CallId, CancelReason, Conference, ConferenceId, Direction, EndReason, MAX_LIFETIME_S, Signal,
    Verified,
    call::{Call, Stage},
    cx::{Cx, Env},
    head::Head,
    leg::Leg,
    memory::Omen,
    ringing::Ringing,
    text,
};

/// Live calls in all, with one person, and with strangers.
const MAX_LIVE: usize = 32;
const MAX_LIVE_PER_PEER: usize = 4;
const MAX_REQUESTS: usize = 8;
/// Invitations that one contact, or one stranger, is listened to within [`crate::Config::memory`]. What is not signed by
/// the pinned key counts apart: whoever forges a contact's address does not silence the contact.
const MAX_FROM_CONTACT: usize = 30;
const MAX_FROM_STRANGER: usize = 5;

/// What an invitation turns out to be when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// The call is live: the same mail again.
    Duplicate,
    /// The call is over: the same mail again.
    AlreadyEnded,
    /// More calls than a person makes.
    TooMany,
    /// Its `cancel` overtook it.
    CancelledBefore(CancelReason),
    /// Another device of this account was quicker than this mail.
    AnsweredElsewhere,
    /// It came after the end of its life.
    Expired,
    /// From a stranger.
    Request,
    /// From somebody whom this device is calling; our own call goes on.
    GlareOursGoesOn(CallId),
    /// From somebody whom this device is calling; theirs goes on.
    GlareTheirsGoesOn(CallId),
    /// Into a conference in which this device is, from somebody who was in it before.
    ComesBack(ConferenceId),
    /// Nothing speaks against ringing.
    Rings,
}

/// An invitation and how long it still lives.
pub(crate) struct Invitation<'a> {
    pub mail: &'a Verified,
    pub left: Duration,
}

impl<'a> Invitation<'a> {
    pub fn new(mail: &'a Verified, age: Duration) -> Self {
        let lifetime = match mail.signal() {
            Signal::Invite { lifetime_s, .. } => (*lifetime_s).min(MAX_LIFETIME_S),
            Signal::Ringing { .. }
            | Signal::Accept { .. }
            | Signal::Decline { .. }
            | Signal::Cancel { .. }
            | Signal::Offer(_)
            | Signal::Answer(_)
            | Signal::Answered { .. }
            | Signal::Courier { .. } => 0,
        };
        Self { mail, left: Duration::from_secs(lifetime.into()).saturating_sub(age) }
    }

    pub fn arrival(&self, env: &mut Env, calls: &BTreeMap<CallId, Call>, now: crate::Time) -> Arrival {
        let (mail, peer) = (self.mail, self.mail.from());
        if calls.contains_key(&mail.call()) {
            return Arrival::Duplicate;
        }
        if env.memory.is_over(mail.call()).is_some() {
            return Arrival::AlreadyEnded;
        }
        let contact = env.policy.contacts.contains(mail.account(), peer);
        if self.is_one_too_many(env, calls, contact, now) {
            return Arrival::TooMany;
        }
        match env.memory.foretold(mail) {
            Some(Omen::Cancelled(reason)) => return Arrival::CancelledBefore(reason),
            Some(Omen::AnsweredElsewhere) => return Arrival::AnsweredElsewhere,
            None => {}
        }
        if self.left.is_zero() {
            return Arrival::Expired;
        }
        if !contact {
            let together = self.is_together_with(calls, |head| &head.ways) && self.mail.sender().is_pinned();
            return if together { Arrival::Rings } else { Arrival::Request };
        }
        let ours = calls.values().find(|call| {
            matches!(call.stage, Stage::Dialling(_))
                && call.head.account == mail.account()
                && call.head.peer == *peer
        });
        match ours.map(|call| call.head.id) {
            Some(ours) if ours < mail.call() => Arrival::GlareOursGoesOn(ours),
            Some(ours) => Arrival::GlareTheirsGoesOn(ours),
            None => self.comes_back(env, calls).map_or(Arrival::Rings, Arrival::ComesBack),
        }
    }

    /// The conference into which it invites.
    fn conference(&self) -> Option<ConferenceId> {
        match self.mail.signal() {
            Signal::Invite { conference: Some(Conference { id, .. }), .. } => Some(*id),
            _ => None,
        }
    }

    /// Whether this device is in its conference, and the page of that counts its sender among these.
    fn is_together_with(&self, calls: &BTreeMap<CallId, Call>, those: impl Fn(&Head) -> &[Address]) -> bool {
        let here = |call: &&Call| {
            call.head.account == self.mail.account() && self.conference().is_some_and(|id| call.is_in(id))
        };
        calls.values().filter(here).any(|call| those(&call.head).contains(self.mail.from()))
    }

    /// Only whoever is proven to have been in the conference comes back into it.
    fn comes_back(&self, env: &Env, calls: &BTreeMap<CallId, Call>) -> Option<ConferenceId> {
        let id = &self.conference()?;
        let (account, peer) = (self.mail.account(), self.mail.from());
        let mut here = calls.values().filter(|call| call.is_in(*id)).peekable();
        here.peek()?;
        let talks = |call: &Call| {
            call.head.account == account && call.head.peer == *peer && call.head.connected.is_some()
        };
        let known = env.memory.talked_in(*id, account, peer)
            || here.any(talks)
            || self.is_together_with(calls, |head| &head.proven_in);
        (known && self.mail.sender().is_pinned()).then_some(*id)
    }

    fn is_one_too_many(
        &self,
        env: &mut Env,
        calls: &BTreeMap<CallId, Call>,
        contact: bool,
        now: crate::Time,
    ) -> bool {
        let (account, peer) = (self.mail.account(), self.mail.from());
        let proven = self.mail.sender().is_pinned();
        // Of the calls that only their conference carries there is one for each person.
        let live = || calls.values().filter(|call| !call.is_carried());
        let with_peer = live().filter(|call| {
            call.head.account == account && call.head.peer == *peer && call.head.verified == proven
        });
        if live().count() >= MAX_LIVE
            || with_peer.count() >= MAX_LIVE_PER_PEER
            || (!contact && calls.values().filter(|call| call.is_request()).count() >= MAX_REQUESTS)
        {
            return true;
        }
        let (rate, limit) = match (contact, proven) {
            (true, true) => (&mut env.memory.from_contacts, MAX_FROM_CONTACT),
            (true, false) => (&mut env.memory.as_contacts, MAX_FROM_CONTACT),
            (false, _) => (&mut env.memory.from_strangers, MAX_FROM_STRANGER),
        };
        !rate.allow(account, peer, limit, now)
    }

    /// The call that the invitation asks for, not ringing yet.
    pub fn call(&self, cx: &mut Cx) -> Option<Call> {
        let Signal::Invite { video, name, link, description, conference, .. } = self.mail.signal() else {
            return None;
        };
        let mut head = Head::new(
            self.mail.call(),
            self.mail.account(),
            Direction::Incoming,
            self.mail.from().clone(),
            *video,
            cx.now,
        );
        head.peer_name = text::name(name);
        head.conference.clone_from(conference);
        head.note(self.mail.sender());
        let mut leg = Leg::new(self.mail.device(), self.mail.sender().fingerprint().map(str::to_owned));
        leg.take_offer(crate::LinkDescription { link: *link, description: description.clone() });
        let ringing = Ringing::withheld(cx.now + self.left, leg, self.mail.sender().is_pinned());
        Some(Call::new(head, Stage::Ringing(ringing)))
    }
}

/// How a call ends that came too late to ring.
pub(crate) const fn stillborn(arrival: Arrival) -> Option<EndReason> {
    match arrival {
        Arrival::Expired => Some(EndReason::Missed),
        Arrival::CancelledBefore(CancelReason::AnsweredElsewhere) | Arrival::AnsweredElsewhere => {
            Some(EndReason::AnsweredElsewhere)
        }
        Arrival::CancelledBefore(
            CancelReason::HungUp | CancelReason::Superseded | CancelReason::NoAnswer | CancelReason::Other,
        ) => Some(EndReason::Cancelled),
        Arrival::GlareOursGoesOn(by) => Some(EndReason::Superseded { by }),
        Arrival::Duplicate
        | Arrival::AlreadyEnded
        | Arrival::TooMany
        | Arrival::Request
        | Arrival::GlareTheirsGoesOn(_)
        | Arrival::ComesBack(_)
        | Arrival::Rings => None,
    }
}
