//! Calls that belong together because they are of one conference.

use std::collections::BTreeMap;

use crate::{
    Address, CallId, CancelReason, Conference, ConferenceId, CourierText, Output, PageEvent, PageId, Signal,
    Verified,
    call::{Call, Stage},
    cx::Cx,
    machine::Rest,
    taken::Taken,
};

/// How much of it one address is sent by courier, or is heard, within [`crate::Config::memory`].
const MAX_COURIERS: usize = 30;
/// How much of it one account sends, to whomever, in that time.
const MAX_COURIERS_SENT: usize = 90;

/// How many addresses of one conference are kept.
const MAX_WAYS: usize = 16;
const MAX_PROVEN: usize = 64;

/// What a page says of a conference.
pub(super) struct Told {
    pub conference: Conference,
    pub ways: Vec<Address>,
    pub proven: Vec<Address>,
}

impl Rest<'_> {
    fn taken(&self) -> impl Iterator<Item = (&Call, &Taken)> {
        self.calls.values().filter_map(|call| match &call.stage {
            Stage::Taken(taken) => Some((call, taken)),
            Stage::Dialling(_) | Stage::Ringing(_) | Stage::Ended(_) => None,
        })
    }

    /// Whether this device is in a conference.
    pub(super) fn is_in(&self, conference: ConferenceId) -> bool {
        self.calls.values().any(|call| call.is_in(conference))
    }

    /// A conference in which this device is, as it is known here.
    pub(super) fn conference(&self, id: ConferenceId) -> Option<Conference> {
        self.calls.values().find(|call| call.is_in(id))?.head.conference.clone()
    }

    /// Whether this side showed its picture from the start in a conference.
    pub(super) fn video_in(&self, conference: ConferenceId) -> bool {
        self.taken().any(|(call, taken)| call.is_in(conference) && taken.video)
    }

    /// A page says to which conference a call belongs, and with it all calls that belong together with that one.
    pub(super) fn on_conference(&mut self, cx: &mut Cx, page: PageId, id: CallId, told: &Told, others: u32) {
        let Some(call) = self.calls.get(&id).filter(|call| call.listens_to(page)) else { return };
        let before = call.conference();
        for call in self.calls.values_mut() {
            // Of none there is never more than the one call.
            if call.stage.is_busy() && call.conference() == before {
                call.head.conference = Some(told.conference.clone());
                call.head.ways = told.ways.iter().take(MAX_WAYS).cloned().collect();
                call.head.proven_in = told.proven.iter().take(MAX_PROVEN).cloned().collect();
            }
        }
        self.with(id, |call| call.set_others(cx, others));
    }

    /// What a page has to say by mail to a participant whom nothing else leads to. Each gets so much and no more,
    /// whatever pages ask.
    pub(super) fn send_courier(&self, cx: &mut Cx, page: PageId, id: CallId, to: Address, text: CourierText) {
        let Some(call) = self.calls.get(&id).filter(|call| call.listens_to(page)) else { return };
        let (account, now) = (call.head.account, cx.now);
        let Some(conference) = call.conference() else { return };
        let sent = &mut cx.env.memory.couriers_to;
        if sent.all(account) >= MAX_COURIERS_SENT || !sent.allow(account, &to, MAX_COURIERS, now) {
            return;
        }
        let mail = cx.fresh_mail();
        let send = Output::Send {
            mail,
            account,
            to,
            to_device: None,
            call: CallId::new(cx.ids.fresh()),
            signal: Signal::Courier { conference, text },
            until: now + cx.env.config.give_up_connecting,
            key: None,
        };
        cx.out.push(send);
    }

    /// Somebody says by mail to be a participant of a conference. The page that carries it sees whether that is true.
    pub(super) fn on_courier(
        &self,
        cx: &mut Cx,
        mail: &Verified,
        conference: ConferenceId,
        text: &CourierText,
    ) {
        let mut here = self
            .taken()
            .filter(|(call, _)| call.is_in(conference) && call.head.account == mail.account())
            .filter_map(|(call, taken)| Some((call.head.id, page_of(call, taken)?)));
        let Some((call, page)) = here.next() else { return };
        // What others write in somebody's name does not count against what is proven to be theirs.
        let heard = match mail.sender().is_pinned() {
            true => &mut cx.env.memory.couriers_from,
            false => &mut cx.env.memory.couriers_as,
        };
        if heard.allow(mail.account(), mail.from(), MAX_COURIERS, cx.now) {
            cx.page(page, PageEvent::TakeCourier { call, text: text.clone() });
        }
    }

    /// Notes which page carries what the user is in: the one with the oldest open link.
    pub(super) fn note_carrier(&self, cx: &mut Cx) {
        let page = |(call, taken): (&Call, &Taken)| -> Option<(bool, crate::Time, PageId)> {
            Some((taken.leg.open().is_none(), call.head.began, page_of(call, taken)?))
        };
        cx.env.pages.carrier = self.taken().filter_map(page).min().map(|(_, _, page)| page);
    }

    /// The user ends a call; of a conference in which this device is, all calls.
    pub(super) fn hang_up(&mut self, cx: &mut Cx, id: CallId) {
        let left = self.calls.get(&id).and_then(|call| call.conference().filter(|of| call.is_in(*of)));
        for call in self.calls.values_mut() {
            let with_it = left.is_some() && call.conference() == left && call.stage.is_busy();
            if call.head.id == id || with_it {
                call.hang_up(cx, CancelReason::HungUp);
            }
        }
    }

    /// The other end of a call was put out of the conference in which this device is, and does not come back into it
    /// without ringing.
    pub(super) fn expel(&mut self, cx: &mut Cx, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let Some(conference) = call.conference().filter(|of| call.is_in(*of)) else { return };
        let (account, peer) = (call.head.account, call.head.peer.clone());
        let with_peer = |call: &&mut Call| {
            call.head.account == account && call.head.peer == peer && call.is_in(conference)
        };
        for call in self.calls.values_mut().filter(with_peer) {
            call.head.conference = None;
            call.hang_up(cx, CancelReason::HungUp);
        }
        cx.env.memory.forget_in(conference, account, &peer);
    }

    /// Of the calls with one person that only their conference carries the oldest stays: however often somebody comes
    /// and goes, it is one.
    pub(super) fn drop_carried(&mut self, cx: &mut Cx) {
        let mut oldest = BTreeMap::new();
        for call in self.calls.values().filter(|call| call.is_carried()) {
            let age = (call.head.began, call.head.id);
            let with = (call.head.account, call.head.peer.clone(), call.conference());
            let first = oldest.entry(with).or_insert(age);
            *first = age.min(*first);
        }
        let stays = |call: &Call| oldest.values().any(|(_, id)| *id == call.head.id);
        for call in self.calls.values_mut().filter(|call| !stays(call)) {
            if let Stage::Taken(taken) = &call.stage
                && let Some(end) = taken.carried_end()
            {
                call.end(cx, end);
            }
        }
    }
}

/// The page that has its open link, or had it.
fn page_of(call: &Call, taken: &Taken) -> Option<PageId> {
    taken.leg.open().map(|link| link.page).or(call.head.page)
}
