mod answers;

use serde::{Deserialize, Serialize};

use crate::{
    CallState, CancelReason, Config, Description, EndReason, LinkDescription, LinkId, LinkState, MailId,
    Output, PageEvent, PageId, SendFailure, Signal, Time,
    call::{Step, Timer},
    cx::Cx,
    head::Head,
    leg::{Leg, Link, LinkStage, Made, find_link},
    memory::Leftover,
};

/// A call of ours that nobody has taken yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dialling {
    pub stage: DialStage,
    /// The key that the invitation was sealed to: only it may answer.
    pub sealed_to: Option<String>,
    /// The devices that said something.
    legs: Vec<Leg>,
    /// The invitation's link, until the first device answers it.
    #[serde(skip)]
    offer: Option<Link>,
}

/// How far the invitation has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum DialStage {
    /// The page gathers its link.
    Preparing { since: Time },
    /// It is on its way to our mail server.
    Sending { mail: MailId, retrying: bool, until: Time },
    /// Our mail server took it.
    Sent { mail: MailId, until: Time },
    /// A device proved that it rings.
    Ringing { device_name: String, until: Time },
}

impl Dialling {
    /// Begins with a link that was gathered in advance, or asks for one.
    pub fn begin(head: &mut Head, cx: &mut Cx, prepared: Option<(Link, Option<Description>)>) -> Self {
        let mut dialling = Self {
            stage: DialStage::Preparing { since: cx.now },
            sealed_to: None,
            legs: Vec::new(),
            offer: None,
        };
        match prepared {
            Some((link, description)) => {
                let (id, page) = (link.id, link.page);
                dialling.offer = Some(link);
                if let Some(description) = description {
                    dialling.on_described(head, cx, id, page, &description);
                }
            }
            None => dialling.want_links(head, cx),
        }
        dialling
    }

    /// Asks for the links that are missing: the invitation's, or one for each device that rings.
    pub fn want_links(&mut self, head: &mut Head, cx: &mut Cx) {
        if self.offer.is_some() {
            return;
        }
        match self.stage {
            DialStage::Preparing { .. } => {
                let Some(page) = head.lease(cx) else { return };
                let link = cx.fresh_link();
                self.offer = Some(Link::new(link, page, LinkStage::Offering));
                cx.page(page, PageEvent::MakeOffer { call: head.id, link });
            }
            DialStage::Sending { .. } | DialStage::Sent { .. } | DialStage::Ringing { .. } => {
                for leg in self.legs.iter_mut().filter(|leg| leg.rings && leg.links.is_empty()) {
                    leg.make_offer(head, cx);
                }
            }
        }
    }

    pub fn on_described(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        id: LinkId,
        page: PageId,
        made: &Description,
    ) {
        let offering =
            |link: &&mut Link| link.id == id && link.page == page && link.stage == LinkStage::Offering;
        if let Some(link) = self.offer.as_mut().filter(offering) {
            link.stage = LinkStage::Offered;
            self.invite(head, cx, LinkDescription { link: id, description: made.clone() });
        } else if let Some(leg) = find_link(&mut self.legs, id, page)
            && let Some(Made::Offer(offer)) = leg.described(id, page, made, cx.now)
        {
            let until = cx.now + cx.env.config.give_up_connecting;
            head.send(cx, Some(leg.device), leg.key.as_deref(), Signal::Offer(offer), until);
        }
    }

    fn invite(&mut self, head: &Head, cx: &mut Cx, offer: LinkDescription) {
        let DialStage::Preparing { .. } = self.stage else { return };
        let lifetime = cx.env.config.lifetime();
        let until = cx.now + lifetime;
        let signal = Signal::Invite {
            lifetime_s: u32::try_from(lifetime.as_secs()).unwrap_or(crate::MAX_LIFETIME_S),
            video: head.video,
            name: cx.env.policy.own_name.clone(),
            link: offer.link,
            description: offer.description,
            conference: head.conference.clone(),
        };
        let mail = head.send(cx, None, None, signal, until);
        self.stage = DialStage::Sending { mail, retrying: false, until };
    }

    pub fn on_sealed(&mut self, mail: MailId, key: &str) {
        if self.invitation() == Some(mail) {
            self.sealed_to = Some(key.to_owned());
        }
    }

    pub fn on_sent(&mut self, cx: &Cx, mail: MailId) {
        if let DialStage::Sending { mail: invitation, .. } = self.stage
            && invitation == mail
        {
            self.stage = DialStage::Sent { mail, until: answer_until(cx) };
        }
    }

    pub fn on_failed(&mut self, mail: MailId, failure: &SendFailure) -> Step {
        if self.invitation() != Some(mail) {
            return Step::Stay;
        }
        match failure {
            SendFailure::Temporary => {
                if let DialStage::Sending { retrying, .. } = &mut self.stage {
                    *retrying = true;
                }
                Step::Stay
            }
            SendFailure::Refused { words } => Step::End(EndReason::Unreachable { words: words.clone() }),
        }
    }

    /// The invitation's mail, as long as its fate matters.
    const fn invitation(&self) -> Option<MailId> {
        match self.stage {
            DialStage::Sending { mail, .. } | DialStage::Sent { mail, .. } => Some(mail),
            DialStage::Preparing { .. } | DialStage::Ringing { .. } => None,
        }
    }

    /// Takes the invitation back. A mail goes out beside the channels, because a device may ring of which
    /// nothing was heard yet.
    pub fn cancel(&mut self, head: &Head, cx: &mut Cx, reason: CancelReason) {
        self.cancel_on_links(cx, reason);
        match self.stage {
            DialStage::Preparing { .. } => {}
            DialStage::Sending { mail, .. } => self.unsend(head, cx, mail, reason),
            DialStage::Sent { .. } | DialStage::Ringing { .. } => {
                let until = cx.now + cx.env.config.lifetime();
                head.send(cx, None, self.sealed_to.as_deref(), Signal::Cancel { reason }, until);
            }
        }
    }

    fn cancel_on_links(&self, cx: &mut Cx, reason: CancelReason) {
        for link in self.legs.iter().filter_map(Leg::open) {
            cx.page(link.page, PageEvent::SendOnLink { link: link.id, signal: Signal::Cancel { reason } });
        }
    }

    fn unsend(&self, head: &Head, cx: &mut Cx, mail: MailId, reason: CancelReason) {
        cx.out.push(Output::Unsend { mail });
        let Head { id: call, account, ref peer, .. } = *head;
        let (peer, key, at) = (peer.clone(), self.sealed_to.clone(), cx.now);
        cx.env.memory.leave_over(Leftover { mail, call, account, peer, key, reason, at });
    }

    pub fn on_link_state(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        id: LinkId,
        page: PageId,
        state: LinkState,
    ) {
        if let Some(offer) = self.offer.take_if(|link| link.id == id && link.page == page) {
            match state {
                LinkState::Lost => {
                    offer.close(cx);
                    self.want_links(head, cx);
                }
                LinkState::Open | LinkState::Failing => self.offer = Some(offer),
            }
        } else if let Some(leg) = find_link(&mut self.legs, id, page) {
            match state {
                // A fresh one is made when the device takes the call; it may as well have stopped ringing.
                LinkState::Lost => leg.close_links(cx, |link| link.id == id),
                LinkState::Open | LinkState::Failing => {
                    if let Some(link) = leg.link(id) {
                        link.follow(state);
                    }
                }
            }
        }
    }

    pub fn lose_page(&mut self, head: &mut Head, cx: &mut Cx, page: PageId) -> Step {
        self.drop_page(cx, page);
        self.want_links(head, cx);
        Step::Stay
    }

    /// Forgets the links that `page` holds. True if there were any.
    pub fn drop_page(&mut self, cx: &mut Cx, page: PageId) -> bool {
        let offer = self.offer.take_if(|offer| offer.page == page);
        let mut dropped = offer.is_some();
        if let Some(offer) = offer {
            offer.close(cx);
        }
        for leg in &mut self.legs {
            dropped |= leg.lose_page(page, cx);
        }
        dropped
    }

    pub fn timer(&self, config: &Config) -> Option<(Time, Timer)> {
        let end = match self.stage {
            DialStage::Preparing { since } => (since + config.page_wait, Timer::NoPage),
            DialStage::Sending { until, .. }
            | DialStage::Sent { until, .. }
            | DialStage::Ringing { until, .. } => (until, Timer::Expired),
        };
        let retry =
            |leg: &Leg| leg.retry_at(config.offer_retry).map(|at| (at, Timer::RetryOffer(leg.device)));
        self.legs.iter().filter_map(retry).chain([end]).min_by_key(|(at, _)| *at)
    }

    pub fn fire(&mut self, head: &mut Head, cx: &mut Cx, timer: Timer) -> Step {
        match timer {
            Timer::NoPage => Step::End(EndReason::NoPage),
            Timer::Expired => Step::End(self.expired(head, cx)),
            Timer::RetryOffer(device) => {
                if let Some(leg) = self.legs.iter_mut().find(|leg| leg.device == device) {
                    leg.retried = true;
                    leg.make_offer(head, cx);
                }
                Step::Stay
            }
            Timer::Announce
            | Timer::GiveUp
            | Timer::OfferBeside
            | Timer::OfferMyself
            | Timer::CloseSpares => Step::Stay,
        }
    }

    /// Nobody took it in time. The callee's devices know the time as well as we do, so no mail goes out.
    fn expired(&mut self, head: &Head, cx: &mut Cx) -> EndReason {
        self.cancel_on_links(cx, CancelReason::NoAnswer);
        match self.stage {
            DialStage::Preparing { .. } => EndReason::NoPage,
            DialStage::Sending { mail, .. } => {
                self.unsend(head, cx, mail, CancelReason::NoAnswer);
                EndReason::NotSent
            }
            DialStage::Sent { .. } => EndReason::NoDevice,
            DialStage::Ringing { .. } => EndReason::NoAnswer,
        }
    }

    pub fn close(&mut self, cx: &mut Cx) {
        if let Some(offer) = self.offer.take() {
            offer.close(cx);
        }
        for leg in &mut self.legs {
            leg.close_links(cx, |_| true);
        }
    }

    pub fn state(&self) -> CallState {
        match &self.stage {
            DialStage::Preparing { .. } => CallState::Preparing,
            DialStage::Sending { retrying, .. } => CallState::Sending { retrying: *retrying },
            DialStage::Sent { .. } => CallState::Sent,
            DialStage::Ringing { device_name, .. } => CallState::Ringing { device_name: device_name.clone() },
        }
    }

    pub fn link(&self) -> Option<LinkId> {
        let open = self.legs.iter().find_map(Leg::open);
        open.or(self.offer.as_ref())
            .or_else(|| self.legs.iter().find_map(|leg| leg.links.last()))
            .map(|link| link.id)
    }

    pub fn shift(&mut self, shift: impl Fn(&mut Time)) {
        match &mut self.stage {
            DialStage::Preparing { since } => shift(since),
            DialStage::Sending { until, .. }
            | DialStage::Sent { until, .. }
            | DialStage::Ringing { until, .. } => shift(until),
        }
    }
}

/// Until when an answer to an invitation that leaves now is taken.
fn answer_until(cx: &Cx) -> Time {
    cx.now + cx.env.config.lifetime() + cx.env.config.answer_grace
}
