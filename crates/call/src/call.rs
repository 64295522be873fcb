use serde::{Deserialize, Serialize};

use crate::{
    Alert, CallId, CallState, CallView, CancelReason, ConferenceId, Config, DeclineReason, Description,
    DeviceId, EndReason, LinkId, LinkState, PageId, Signal, Time, Verified, cx::Cx, dialling::Dialling,
    head::Head, memory::Over, ringing::Ringing, taken::Taken,
};

/// One live call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub head: Head,
    pub stage: Stage,
}

/// How far a call has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Outgoing, nobody has taken it yet.
    Dialling(Dialling),
    /// Incoming, not taken here yet.
    Ringing(Ringing),
    /// Taken on both, or soon both, sides.
    Taken(Taken),
    /// Over.
    Ended(EndReason),
}

/// What a stage makes of an input.
#[derive(Debug)]
pub(crate) enum Step {
    /// It stays what it is.
    Stay,
    /// The call goes on as a taken one.
    Take(Box<Taken>),
    /// The call is over.
    End(EndReason),
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The invitation's life is over.
    Expired,
    /// `ringing` waits no longer for the early answer.
    Announce,
    /// No page made the description that is needed.
    NoPage,
    /// The channel to a device is not open yet: one more offer.
    RetryOffer(DeviceId),
    /// The link will not come up any more.
    GiveUp,
    /// A link is broken, and its page was not able to repair it so soon: a fresh one beside it.
    OfferBeside,
    /// A callee that lost its link heard nothing from the caller.
    OfferMyself,
    /// Links that a connected call does without are closed.
    CloseSpares,
}

impl Stage {
    /// Whether the person is busy with it: an incoming call that rings meanwhile has to wait.
    pub const fn is_busy(&self) -> bool {
        match self {
            Self::Dialling(_) | Self::Taken(_) => true,
            Self::Ringing(_) | Self::Ended(_) => false,
        }
    }

    pub const fn is_ended(&self) -> bool {
        match self {
            Self::Ended(_) => true,
            Self::Dialling(_) | Self::Ringing(_) | Self::Taken(_) => false,
        }
    }
}

impl Call {
    pub fn new(head: Head, stage: Stage) -> Self {
        Self { head, stage }
    }

    pub fn apply(&mut self, cx: &mut Cx, step: Step) {
        match step {
            Step::Stay => {}
            Step::Take(taken) => self.stage = Stage::Taken(*taken),
            Step::End(reason) => self.end(cx, reason),
        }
    }

    /// A signal of this call came by mail.
    pub fn on_mail(&mut self, cx: &mut Cx, signal: &Verified) {
        let Self { head, stage } = self;
        let step = match stage {
            Stage::Dialling(dialling) => dialling.on_mail(head, cx, signal),
            Stage::Ringing(ringing) => ringing.on_mail(head, cx, signal),
            Stage::Taken(taken) => taken.on_mail(head, cx, signal),
            Stage::Ended(_) => Step::Stay,
        };
        self.apply(cx, step);
    }

    /// A signal came over a control channel.
    pub fn on_link_signal(&mut self, cx: &mut Cx, link: LinkId, page: PageId, signal: &Signal) {
        let Self { head, stage } = self;
        let step = match stage {
            Stage::Dialling(dialling) => dialling.on_link_signal(head, cx, link, page, signal),
            Stage::Ringing(ringing) => ringing.on_link_signal(head, link, page, signal),
            Stage::Taken(taken) => taken.on_link_signal(head, cx, link, page, signal),
            Stage::Ended(_) => Step::Stay,
        };
        self.apply(cx, step);
    }

    pub fn on_described(&mut self, cx: &mut Cx, link: LinkId, page: PageId, description: &Description) {
        let Self { head, stage } = self;
        match stage {
            Stage::Dialling(dialling) => dialling.on_described(head, cx, link, page, description),
            Stage::Ringing(ringing) => ringing.on_described(head, cx, link, page, description),
            Stage::Taken(taken) => taken.on_described(head, cx, link, page, description),
            Stage::Ended(_) => {}
        }
    }

    pub fn on_link_state(&mut self, cx: &mut Cx, link: LinkId, page: PageId, state: LinkState) {
        let Self { head, stage } = self;
        match stage {
            Stage::Dialling(dialling) => dialling.on_link_state(head, cx, link, page, state),
            Stage::Ringing(ringing) => ringing.on_link_state(cx, link, page, state),
            Stage::Taken(taken) => taken.on_link_state(head, cx, link, page, state),
            Stage::Ended(_) => {}
        }
    }

    /// Whether a page may say to which conference it belongs.
    pub fn listens_to(&self, page: PageId) -> bool {
        match &self.stage {
            Stage::Taken(taken) => taken.is_of(&self.head, page),
            Stage::Dialling(_) | Stage::Ringing(_) | Stage::Ended(_) => false,
        }
    }

    /// So many further participants of its conference are there to carry it.
    pub fn set_others(&mut self, cx: &mut Cx, others: u32) {
        let step = match &mut self.stage {
            Stage::Taken(taken) => taken.set_others(others),
            Stage::Dialling(_) | Stage::Ringing(_) | Stage::Ended(_) => Step::Stay,
        };
        self.apply(cx, step);
    }

    /// A page that can do WebRTC is there.
    pub fn on_page(&mut self, cx: &mut Cx) {
        let Self { head, stage } = self;
        head.needs_page = None;
        match stage {
            Stage::Dialling(dialling) => dialling.want_links(head, cx),
            Stage::Ringing(ringing) => ringing.answer_early(head, cx),
            Stage::Taken(taken) => taken.want_link(head, cx),
            Stage::Ended(_) => {}
        }
    }

    /// A page vanished a moment ago, and may come back.
    pub fn on_page_away(&mut self, cx: &mut Cx, page: PageId) {
        match &mut self.stage {
            Stage::Taken(taken) => taken.on_page_away(cx, page),
            Stage::Dialling(_) | Stage::Ringing(_) | Stage::Ended(_) => {}
        }
    }

    /// What a page held is lost: it was reloaded, or did not come back.
    pub fn lose_page(&mut self, cx: &mut Cx, page: PageId, comes_back: bool) {
        let Self { head, stage } = self;
        let step = match stage {
            Stage::Dialling(dialling) => dialling.lose_page(head, cx, page),
            Stage::Ringing(ringing) => ringing.lose_page(cx, page),
            Stage::Taken(taken) => taken.lose_page(head, cx, page, comes_back),
            Stage::Ended(_) => Step::Stay,
        };
        if !comes_back && head.page == Some(page) {
            head.page = None;
        }
        self.apply(cx, step);
    }

    /// The user ends it. `reason`: what the other side hears of a call nobody has taken yet.
    pub fn hang_up(&mut self, cx: &mut Cx, reason: CancelReason) {
        let Self { head, stage } = self;
        let end = match stage {
            Stage::Dialling(dialling) => {
                dialling.cancel(head, cx, reason);
                EndReason::Cancelled
            }
            Stage::Ringing(ringing) => {
                let reason = if head.waiting { DeclineReason::Busy } else { DeclineReason::Declined };
                ringing.decline(head, cx, reason)
            }
            Stage::Taken(taken) => taken.hang_up(head, cx, reason),
            Stage::Ended(_) => return,
        };
        self.end(cx, end);
    }

    pub fn end(&mut self, cx: &mut Cx, reason: EndReason) {
        let rings_here = match &mut self.stage {
            Stage::Dialling(dialling) => {
                dialling.close(cx);
                false
            }
            Stage::Ringing(ringing) => {
                ringing.leg.close_links(cx, |_| true);
                self.head.is_contact(cx)
            }
            Stage::Taken(taken) => {
                taken.leg.close_links(cx, |_| true);
                false
            }
            Stage::Ended(_) => return,
        };
        let missed = rings_here && matches!(reason, EndReason::Missed | EndReason::Cancelled);
        self.head.alert(cx, if missed { Alert::Missed } else { Alert::Silence });
        self.head.ended = Some(cx.now);
        cx.env.memory.remember_over(self.over(&reason, cx.now));
        self.stage = Stage::Ended(reason);
    }

    fn over(&self, reason: &EndReason, at: Time) -> Over {
        let (key, reply, request) = match &self.stage {
            Stage::Dialling(dialling) => (dialling.sealed_to.clone(), Some(late_reply(reason)), None),
            Stage::Taken(taken) => (taken.leg.key.clone(), Some(late_reply(reason)), None),
            Stage::Ringing(ringing) => {
                let request = ringing.is_request().then(|| self.head.peer_name.clone());
                (ringing.leg.key.clone(), None, request)
            }
            Stage::Ended(_) => (None, None, None),
        };
        let Head { id, account, ref peer, .. } = self.head;
        let conference = self.head.connected.and(self.conference());
        Over { call: id, account, peer: peer.clone(), key, reply, request, conference, at, told: Vec::new() }
    }

    /// The user takes an incoming call. `hosts`: the caller comes into a conference in which this device is.
    pub fn accept(&mut self, cx: &mut Cx, video: bool, hosts: bool) {
        let Self { head, stage } = self;
        let Stage::Ringing(ringing) = stage else { return };
        if let Some(carrier) = cx.env.pages.carrier {
            // What another page answered early cannot become part of what goes on here.
            ringing.leg.close_links(cx, |link| link.page != carrier);
            head.page = Some(carrier);
        }
        head.tell_siblings(cx, true);
        head.alert(cx, Alert::Silence);
        head.needs_page = None;
        let taken = Taken::here(head, cx, ringing.leg.clone(), video, hosts);
        *stage = Stage::Taken(taken);
    }

    /// Begins to ring, if it is incoming and does not ring yet.
    pub fn ring(&mut self, cx: &mut Cx) {
        let Self { head, stage } = self;
        match stage {
            Stage::Ringing(ringing) => ringing.ring(head, cx),
            Stage::Dialling(_) | Stage::Taken(_) | Stage::Ended(_) => {}
        }
    }

    pub const fn is_request(&self) -> bool {
        match &self.stage {
            Stage::Ringing(ringing) => ringing.is_request(),
            Stage::Dialling(_) | Stage::Taken(_) | Stage::Ended(_) => false,
        }
    }

    /// Glare: the other person's call goes on instead.
    pub fn supersede(&mut self, cx: &mut Cx, by: CallId) {
        if let Stage::Dialling(dialling) = &mut self.stage {
            dialling.cancel(&self.head, cx, CancelReason::Superseded);
            self.end(cx, EndReason::Superseded { by });
        }
    }

    /// The user closed a page. True if the user is busy with this call there.
    pub fn close_page(&mut self, cx: &mut Cx, page: PageId) -> bool {
        match &mut self.stage {
            Stage::Dialling(dialling) => dialling.drop_page(cx, page),
            Stage::Taken(taken) => taken.leg.lose_page(page, cx) || taken.is_carried_by(&self.head, page),
            Stage::Ringing(_) | Stage::Ended(_) => false,
        }
    }

    /// The conference to which it belongs.
    pub fn conference(&self) -> Option<ConferenceId> {
        self.head.conference.as_ref().map(|conference| conference.id)
    }

    /// Whether this device is in that conference by it.
    pub fn is_in(&self, conference: ConferenceId) -> bool {
        matches!(self.stage, Stage::Taken(_)) && self.conference() == Some(conference)
    }

    /// Whether only its conference still goes on.
    pub const fn is_carried(&self) -> bool {
        match &self.stage {
            Stage::Taken(taken) => taken.is_carried(),
            Stage::Dialling(_) | Stage::Ringing(_) | Stage::Ended(_) => false,
        }
    }

    /// What is due next, and when.
    pub fn timer(&self, config: &Config) -> Option<(Time, Timer)> {
        match &self.stage {
            Stage::Dialling(dialling) => dialling.timer(config),
            Stage::Ringing(ringing) => Some(ringing.timer()),
            Stage::Taken(taken) => taken.timer(&self.head, config),
            Stage::Ended(_) => None,
        }
    }

    pub fn fire(&mut self, cx: &mut Cx, timer: Timer) {
        let Self { head, stage } = self;
        let step = match stage {
            Stage::Dialling(dialling) => dialling.fire(head, cx, timer),
            Stage::Ringing(ringing) => ringing.fire(head, cx, timer),
            Stage::Taken(taken) => taken.fire(head, cx, timer),
            Stage::Ended(_) => Step::Stay,
        };
        self.apply(cx, step);
    }

    pub fn view(&self) -> CallView {
        let (state, link) = match &self.stage {
            Stage::Dialling(dialling) => (dialling.state(), dialling.link()),
            Stage::Ringing(ringing) => (ringing.state(), ringing.leg.links.last().map(|link| link.id)),
            Stage::Taken(taken) => (taken.state(), taken.link()),
            Stage::Ended(reason) => (CallState::Ended { reason: reason.clone() }, None),
        };
        let head = &self.head;
        CallView {
            call: head.id,
            account: head.account,
            direction: head.direction,
            peer: head.peer.clone(),
            peer_name: head.peer_name.clone(),
            verified: head.verified,
            key_changed: head.key_changed,
            video: head.video,
            state,
            link,
            calling_too: head.calling_too.is_some(),
            waiting: head.waiting,
            conference: head.conference.clone(),
            ways: head.ways.clone(),
        }
    }
}

/// What a device hears that speaks of a call which ended here for `reason`.
const fn late_reply(reason: &EndReason) -> CancelReason {
    match reason {
        EndReason::NoAnswer | EndReason::NoDevice | EndReason::NotSent => CancelReason::NoAnswer,
        EndReason::AnsweredElsewhere | EndReason::Declined { .. } => CancelReason::AnsweredElsewhere,
        EndReason::Superseded { .. } => CancelReason::Superseded,
        EndReason::HungUp { .. }
        | EndReason::Cancelled
        | EndReason::Missed
        | EndReason::LinkLost
        | EndReason::NeverConnected
        | EndReason::Unreachable { .. }
        | EndReason::NoPage
        | EndReason::Interrupted => CancelReason::HungUp,
    }
}
