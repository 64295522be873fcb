mod conference;
mod repair;

use serde::{Deserialize, Serialize};

use crate::{
    CallState, CancelReason, Config, DeclineReason, Description, DeviceId, EndReason, LinkId, PageId, Signal,
    Time, Verified,
    call::{Step, Timer},
    cx::Cx,
    head::Head,
    leg::{Leg, Made},
    memory::sender_matches,
    ringing::taken_back,
};

/// Devices that were told that another one was first.
const MAX_TURNED_AWAY: usize = 16;

/// A call that was taken, and the one device it goes on with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub leg: Leg,
    part: Part,
    phase: Phase,
    /// Whether this side starts with its camera on.
    pub video: bool,
    /// Whether it goes on in the conference of this side, which lets the other side in.
    hosts: bool,
    /// Further participants of its conference, as its page says; what pages say dies with them.
    #[serde(skip)]
    others: u32,
    /// When it was taken.
    since: Time,
    /// The key the invitation was sealed to.
    sealed_to: Option<String>,
    turned_away: Vec<DeviceId>,
}

/// On which side of the call this device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    Caller,
    Callee {
        accept: Told,
        /// The link was lost on this side: do not wait for the caller's offer.
        must_offer: bool,
    },
}

/// How the caller was told of the accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    NotYet,
    ByMail,
    OnLink,
}

/// How the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    Connecting,
    Connected,
    Reconnecting {
        since: Time,
        /// A fresh link was offered beside one that its page tries to repair.
        beside: bool,
    },
    /// Gone for good, because the other side hung up or because it could not be restored; the conference goes on.
    Carried {
        hung_up: bool,
    },
}

impl Taken {
    /// A device of the callee took our call.
    pub fn by_peer(
        head: &mut Head,
        cx: &mut Cx,
        leg: Leg,
        hosts: bool,
        sealed_to: Option<String>,
        turned_away: Vec<DeviceId>,
    ) -> Self {
        let video = head.video;
        let mut taken = Self {
            leg,
            part: Part::Caller,
            phase: Phase::Connecting,
            video,
            hosts,
            others: 0,
            since: cx.now,
            sealed_to,
            turned_away,
        };
        taken.begin(head, cx);
        taken
    }

    /// The user took a call.
    pub fn here(head: &mut Head, cx: &mut Cx, leg: Leg, video: bool, hosts: bool) -> Self {
        let mut taken = Self {
            leg,
            part: Part::Callee { accept: Told::NotYet, must_offer: false },
            phase: Phase::Connecting,
            video,
            hosts,
            others: 0,
            since: cx.now,
            sealed_to: None,
            turned_away: Vec::new(),
        };
        if taken.leg.answer().is_some() {
            taken.tell_accept(head, cx);
        }
        taken.begin(head, cx);
        taken
    }

    /// Goes on with the link that is open already, or sees to it that there will be one.
    fn begin(&mut self, head: &mut Head, cx: &mut Cx) {
        if let Some(id) = self.leg.open().map(|link| link.id) {
            self.settle_on(cx, id);
        }
        self.follow_links(head, cx);
        self.want_link(head, cx);
    }

    /// Says that the user took the call, on the channel if it is open, else by mail with our answer.
    fn tell_accept(&mut self, head: &Head, cx: &mut Cx) {
        let Part::Callee { accept, .. } = &mut self.part else { return };
        let answer = if self.leg.channel(cx).is_some() {
            *accept = Told::OnLink;
            None
        } else {
            *accept = Told::ByMail;
            self.leg.answer()
        };
        let conference = head.conference.as_ref().map(|conference| conference.id).filter(|_| self.hosts);
        head.tell(cx, &self.leg, Signal::Accept { video: self.video, answer, conference });
    }

    /// Keeps the phase and the pages in step with the links.
    fn follow_links(&mut self, head: &mut Head, cx: &mut Cx) {
        let conference = head.conference.as_ref().map(|conference| conference.id);
        self.leg.use_media(self.video, self.hosts, conference, cx);
        self.phase = match (self.phase, self.leg.open().is_some()) {
            (Phase::Connecting | Phase::Connected | Phase::Reconnecting { .. }, true) => {
                head.connected.get_or_insert(cx.now);
                Phase::Connected
            }
            (Phase::Carried { .. }, true) => Phase::Connected,
            (Phase::Connected, false) => self.broken(cx.now),
            (phase @ (Phase::Connecting | Phase::Reconnecting { .. } | Phase::Carried { .. }), false) => {
                phase
            }
        };
    }

    pub fn on_described(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        link: LinkId,
        page: PageId,
        made: &Description,
    ) {
        let signal = match (self.leg.described(link, page, made, cx.now), self.part) {
            (None, _) => return,
            (Some(Made::Offer(offer)), _) => Signal::Offer(offer),
            (Some(Made::Answer(_)), Part::Callee { accept: Told::NotYet, .. }) => {
                self.tell_accept(head, cx);
                self.follow_links(head, cx);
                return;
            }
            (Some(Made::Answer(answer)), _) => Signal::Answer(answer),
        };
        let until = cx.now + cx.env.config.give_up_connecting;
        let mail = head.send(cx, Some(self.leg.device), self.leg.key.as_deref(), signal, until);
        if let Some(link) = self.leg.link(link) {
            link.mail = Some(mail);
        }
        self.follow_links(head, cx);
    }

    pub fn on_mail(&mut self, head: &mut Head, cx: &mut Cx, mail: &Verified) -> Step {
        if mail.device() != self.leg.device {
            self.turn_away(head, cx, mail);
            return Step::Stay;
        }
        if !sender_matches(self.leg.key.as_deref(), mail.sender()) {
            return Step::Stay;
        }
        match mail.signal() {
            Signal::Ringing { answer: Some(answer), .. }
            | Signal::Accept { answer: Some(answer), .. }
            | Signal::Answer(answer) => {
                self.leg.use_answer(answer, cx);
                self.follow_links(head, cx);
                Step::Stay
            }
            Signal::Offer(_) if matches!(self.phase, Phase::Carried { hung_up: true }) => Step::Stay,
            Signal::Offer(offer) => {
                self.on_offer(head, cx, offer.clone());
                Step::Stay
            }
            Signal::Cancel { reason } => self.cancelled(head, cx, *reason, mail.to_device().is_some()),
            Signal::Ringing { answer: None, .. }
            | Signal::Accept { answer: None, .. }
            | Signal::Invite { .. }
            | Signal::Decline { .. }
            | Signal::Answered { .. }
            | Signal::Courier { .. } => Step::Stay,
        }
    }

    /// Another device of the callee rings or was taken, too: once it hears that it is too late.
    fn turn_away(&mut self, head: &Head, cx: &mut Cx, mail: &Verified) {
        let late = matches!(mail.signal(), Signal::Ringing { .. } | Signal::Accept { .. });
        if self.part != Part::Caller
            || !late
            || !sender_matches(self.sealed_to.as_deref(), mail.sender())
            || self.turned_away.len() >= MAX_TURNED_AWAY
        {
            return;
        }
        // A device that was dismissed while it rang hears it again when it is taken all the same: the first
        // word may have been lost.
        let again =
            matches!(mail.signal(), Signal::Ringing { .. }) && self.turned_away.contains(&mail.device());
        if !again {
            self.turned_away.push(mail.device());
            let signal = Signal::Cancel { reason: CancelReason::AnsweredElsewhere };
            let until = cx.now + cx.env.config.give_up_connecting;
            head.send(cx, Some(mail.device()), mail.sender().fingerprint(), signal, until);
        }
    }

    fn cancelled(&mut self, head: &Head, cx: &mut Cx, reason: CancelReason, to_us: bool) -> Step {
        match (reason, self.part) {
            // Meant for the devices that still ring.
            (CancelReason::AnsweredElsewhere, _) if !to_us => Step::Stay,
            (
                CancelReason::AnsweredElsewhere | CancelReason::NoAnswer | CancelReason::Superseded,
                Part::Callee { .. },
            ) => Step::End(taken_back(head, reason)),
            (_, Part::Caller) | (CancelReason::HungUp | CancelReason::Other, Part::Callee { .. }) => {
                self.end_or_carry(cx, true)
            }
        }
    }

    pub fn on_link_signal(
        &mut self,
        head: &Head,
        cx: &mut Cx,
        link: LinkId,
        page: PageId,
        signal: &Signal,
    ) -> Step {
        match signal {
            Signal::Cancel { reason } if self.leg.has_link(link, page) => {
                self.cancelled(head, cx, *reason, true)
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

    /// The user, or the user's next call, ends it.
    pub fn hang_up(&self, head: &Head, cx: &mut Cx, reason: CancelReason) -> EndReason {
        self.say_over(head, cx, reason, DeclineReason::Declined);
        EndReason::HungUp { by_peer: false }
    }

    /// `decline` is for a caller that has not heard of our accept.
    fn say_over(&self, head: &Head, cx: &mut Cx, reason: CancelReason, decline: DeclineReason) {
        if let Phase::Carried { hung_up: true } = self.phase {
            return;
        }
        let signal = match self.part {
            Part::Callee { accept: Told::NotYet, .. } => Signal::Decline { reason: decline },
            Part::Callee { accept: Told::ByMail | Told::OnLink, .. } | Part::Caller => {
                Signal::Cancel { reason }
            }
        };
        head.tell(cx, &self.leg, signal);
    }

    pub fn timer(&self, head: &Head, config: &Config) -> Option<(Time, Timer)> {
        let no_page = match self.part {
            Part::Callee { accept: Told::NotYet, .. } => Some(self.since),
            Part::Callee { accept: Told::ByMail | Told::OnLink, .. } | Part::Caller => {
                head.needs_page.filter(|_| self.leg.links.is_empty())
            }
        };
        let no_page = no_page.map(|since| (since + config.page_wait, Timer::NoPage));
        let latest = self.leg.trying_since().map_or(self.since, |since| since.max(self.since));
        let phase = match (self.phase, self.part) {
            (Phase::Connected | Phase::Carried { .. }, _) => [None, None, None],
            (Phase::Connecting, Part::Caller) => {
                let retry = self.leg.retry_at(config.offer_retry);
                let give_up = (latest + config.give_up_connecting, Timer::GiveUp);
                [no_page, Some(give_up), retry.map(|at| (at, Timer::RetryOffer(self.leg.device)))]
            }
            (Phase::Connecting, Part::Callee { .. }) => {
                let patience = config.give_up_connecting + config.callee_patience;
                [no_page, Some((latest + patience, Timer::GiveUp)), self.own_offer_timer(self.since, config)]
            }
            (Phase::Reconnecting { since, beside }, Part::Caller) => {
                let give_up = (since + config.reconnect, Timer::GiveUp);
                [None, Some(give_up), self.fresh_offer_timer(since, beside, config)]
            }
            (Phase::Reconnecting { since, .. }, Part::Callee { .. }) => {
                let give_up = (since + config.reconnect, Timer::GiveUp);
                [None, Some(give_up), self.own_offer_timer(since, config)]
            }
        };
        let spares = self.leg.links.iter().filter_map(|link| link.spare_until).min();
        phase.into_iter().flatten().chain(spares.map(|at| (at, Timer::CloseSpares))).min_by_key(|(at, _)| *at)
    }

    pub fn fire(&mut self, head: &mut Head, cx: &mut Cx, timer: Timer) -> Step {
        match timer {
            Timer::NoPage => {
                self.say_over(head, cx, CancelReason::HungUp, DeclineReason::Other);
                Step::End(EndReason::NoPage)
            }
            Timer::GiveUp => match self.phase {
                Phase::Connecting => {
                    self.say_over(head, cx, CancelReason::HungUp, DeclineReason::Other);
                    Step::End(EndReason::NeverConnected)
                }
                Phase::Connected | Phase::Reconnecting { .. } | Phase::Carried { .. } => {
                    self.end_or_carry(cx, false)
                }
            },
            Timer::RetryOffer(_) => {
                self.leg.retried = true;
                self.leg.make_offer(head, cx);
                Step::Stay
            }
            Timer::OfferBeside => {
                self.offer_beside(head, cx);
                Step::Stay
            }
            Timer::OfferMyself => {
                self.offer_myself(head, cx);
                Step::Stay
            }
            Timer::CloseSpares => {
                self.close_spares(cx);
                Step::Stay
            }
            Timer::Expired | Timer::Announce => Step::Stay,
        }
    }

    pub const fn is_connected(&self) -> bool {
        match self.phase {
            Phase::Connecting => false,
            Phase::Connected | Phase::Reconnecting { .. } | Phase::Carried { .. } => true,
        }
    }

    pub const fn state(&self) -> CallState {
        match self.phase {
            Phase::Connecting => CallState::Connecting,
            Phase::Connected | Phase::Carried { .. } => CallState::Connected,
            Phase::Reconnecting { .. } => CallState::Reconnecting,
        }
    }

    pub fn link(&self) -> Option<LinkId> {
        self.leg.open().or_else(|| self.leg.links.last()).map(|link| link.id)
    }

    pub fn shift(&mut self, shift: impl Fn(&mut Time)) {
        shift(&mut self.since);
        if let Phase::Reconnecting { since, .. } = &mut self.phase {
            shift(since);
        }
    }
}
