use serde::{Deserialize, Serialize};

use crate::{
    CallState, CancelReason, DeclineReason, Description, EndReason, LinkDescription, LinkId, LinkState,
    PageId, Signal, Time, Verified,
    call::{Step, Timer},
    cx::Cx,
    head::Head,
    leg::{Leg, Made},
    memory::sender_matches,
};

/// An incoming call that is not taken here yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ringing {
    /// The end of the invitation's life.
    pub until: Time,
    /// The calling device.
    pub leg: Leg,
    announce: Announce,
    /// The invitation was signed by the key pinned for the caller.
    pinned: bool,
}

/// What the caller was told of our ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Announce {
    /// Nothing: the caller is a stranger.
    Withheld,
    /// Soon: the early answer may make it.
    Held { until: Time },
    /// That we ring.
    Made,
}

impl Ringing {
    /// An invitation that does not ring yet.
    pub const fn withheld(until: Time, leg: Leg, pinned: bool) -> Self {
        Self { until, leg, announce: Announce::Withheld, pinned }
    }

    /// Whether it is a stranger's request.
    pub const fn is_request(&self) -> bool {
        match self.announce {
            Announce::Withheld => true,
            Announce::Held { .. } | Announce::Made => false,
        }
    }

    /// Begins to ring, and says so: with the early answer, if one can be had in a moment.
    pub fn ring(&mut self, head: &mut Head, cx: &mut Cx) {
        let Announce::Withheld = self.announce else { return };
        self.announce = Announce::Held { until: cx.now + cx.env.config.early_answer_wait };
        self.answer_early(head, cx);
        if self.leg.links.is_empty() {
            self.announce(head, cx, None);
            head.lease(cx);
        }
    }

    /// Goes on after a crash. Nothing can be held for a page that is gone.
    pub fn resume(&mut self, head: &mut Head, cx: &mut Cx) {
        match self.announce {
            Announce::Withheld => return,
            Announce::Held { .. } => self.announce(head, cx, None),
            Announce::Made => {}
        }
        head.lease(cx);
    }

    fn announce(&mut self, head: &Head, cx: &mut Cx, answer: Option<LinkDescription>) {
        self.announce = Announce::Made;
        let signal = Signal::Ringing { device_name: cx.env.policy.device_name.clone(), answer };
        head.send(cx, Some(self.leg.device), self.leg.key.as_deref(), signal, self.until);
    }

    /// Answers the offer while it rings, if the caller is proven and the user lets callers learn where this
    /// device is, and not more often than a contact gets it.
    pub fn answer_early(&mut self, head: &mut Head, cx: &mut Cx) {
        let env = &mut *cx.env;
        let allowed = self.pinned
            && !self.is_request()
            && !env.policy.hide_until_answer
            && env.policy.contacts.contains(head.account, &head.peer)
            && self.leg.wants_answer()
            && env.pages.lease(head.page).is_some();
        let limit = env.config.early_answers;
        if allowed && env.memory.early_answers.allow(head.account, &head.peer, limit, cx.now) {
            self.leg.make_answer(head, cx);
        }
    }

    pub fn on_described(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        link: LinkId,
        page: PageId,
        made: &Description,
    ) {
        let Some(Made::Answer(answer)) = self.leg.described(link, page, made, cx.now) else { return };
        match self.announce {
            Announce::Withheld => {}
            Announce::Held { .. } => self.announce(head, cx, Some(answer)),
            Announce::Made => {
                let key = self.leg.key.as_deref();
                head.send(cx, Some(self.leg.device), key, Signal::Answer(answer), self.until);
            }
        }
    }

    pub fn on_mail(&mut self, head: &mut Head, cx: &mut Cx, mail: &Verified) -> Step {
        if mail.device() != self.leg.device || !sender_matches(self.leg.key.as_deref(), mail.sender()) {
            return Step::Stay;
        }
        match mail.signal() {
            Signal::Cancel { reason } => Step::End(taken_back(head, *reason)),
            Signal::Offer(offer) => {
                if self.leg.take_offer(offer.clone()) {
                    self.answer_early(head, cx);
                }
                Step::Stay
            }
            Signal::Invite { .. }
            | Signal::Ringing { .. }
            | Signal::Accept { .. }
            | Signal::Decline { .. }
            | Signal::Answer(_)
            | Signal::Answered { .. }
            | Signal::Courier { .. } => Step::Stay,
        }
    }

    /// Before the local accept nothing but `cancel` is taken from the link.
    pub fn on_link_signal(&self, head: &Head, link: LinkId, page: PageId, signal: &Signal) -> Step {
        match signal {
            Signal::Cancel { reason } if self.leg.has_link(link, page) => {
                Step::End(taken_back(head, *reason))
            }
            Signal::Cancel { .. }
            | Signal::Invite { .. }
            | Signal::Ringing { .. }
            | Signal::Accept { .. }
            | Signal::Decline { .. }
            | Signal::Offer(_)
            | Signal::Answer(_)
            | Signal::Answered { .. }
            | Signal::Courier { .. } => Step::Stay,
        }
    }

    pub fn on_link_state(&mut self, cx: &mut Cx, id: LinkId, page: PageId, state: LinkState) {
        if !self.leg.has_link(id, page) {
            return;
        }
        match state {
            LinkState::Lost => self.leg.close_links(cx, |link| link.id == id),
            LinkState::Open | LinkState::Failing => {
                if let Some(link) = self.leg.link(id) {
                    link.follow(state);
                }
            }
        }
    }

    pub fn lose_page(&mut self, cx: &mut Cx, page: PageId) -> Step {
        self.leg.lose_page(page, cx);
        Step::Stay
    }

    /// The user does not take it. A stranger does not hear of that.
    pub fn decline(&self, head: &Head, cx: &mut Cx, reason: DeclineReason) -> EndReason {
        if !self.is_request() {
            head.tell(cx, &self.leg, Signal::Decline { reason });
        }
        head.tell_siblings(cx, false);
        EndReason::Declined { reason }
    }

    pub fn timer(&self) -> (Time, Timer) {
        match self.announce {
            Announce::Held { until } if until < self.until => (until, Timer::Announce),
            Announce::Held { .. } | Announce::Withheld | Announce::Made => (self.until, Timer::Expired),
        }
    }

    pub fn fire(&mut self, head: &mut Head, cx: &mut Cx, timer: Timer) -> Step {
        match timer {
            Timer::Expired => Step::End(EndReason::Missed),
            Timer::Announce => {
                self.announce(head, cx, None);
                Step::Stay
            }
            Timer::NoPage
            | Timer::RetryOffer(_)
            | Timer::GiveUp
            | Timer::OfferBeside
            | Timer::OfferMyself
            | Timer::CloseSpares => Step::Stay,
        }
    }

    pub fn state(&self) -> CallState {
        if self.is_request() {
            CallState::Requested
        } else {
            CallState::Ringing { device_name: String::new() }
        }
    }

    pub fn shift(&mut self, shift: impl Fn(&mut Time)) {
        shift(&mut self.until);
        if let Announce::Held { until } = &mut self.announce {
            shift(until);
        }
    }
}

/// How a call ends here that its caller took back.
pub(crate) fn taken_back(head: &Head, reason: CancelReason) -> EndReason {
    match reason {
        CancelReason::HungUp | CancelReason::Other => EndReason::Cancelled,
        CancelReason::AnsweredElsewhere => EndReason::AnsweredElsewhere,
        CancelReason::NoAnswer => EndReason::Missed,
        CancelReason::Superseded => {
            head.calling_too.map_or(EndReason::Cancelled, |by| EndReason::Superseded { by })
        }
    }
}
