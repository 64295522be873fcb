//! How the link of a call that was taken comes up, and comes back.
//!
//! Links are restored like this: the caller offers; the callee offers only if its own page was reloaded, or if
//! nothing comes from the caller for a while. When both offer, the caller's offer wins. When two links are
//! open, the caller closes the older one.
//!
//! A link that is broken and not lost yet is kept beside the fresh one: whichever works first is used.

use crate::{
    CancelReason, Config, DeclineReason, EndReason, LinkDescription, LinkId, LinkState, PageId, Time,
    call::{Step, Timer},
    cx::Cx,
    head::Head,
    leg::{Link, LinkStage},
    taken::{Part, Phase, Taken, Told},
};

impl Taken {
    /// Sees to it that there is a link, or that one is being made.
    pub fn want_link(&mut self, head: &mut Head, cx: &mut Cx) {
        if self.leg.offer.is_some() {
            self.leg.make_answer(head, cx);
            return;
        }
        if self.leg.links.iter().any(|link| link.stage != LinkStage::Lost) || self.is_carried() {
            return;
        }
        match self.part {
            Part::Caller | Part::Callee { must_offer: true, .. } => {
                self.leg.make_offer(head, cx);
            }
            Part::Callee { accept: Told::NotYet, .. } => {
                self.tell_accept(head, cx);
                self.offer_myself(head, cx);
            }
            Part::Callee { accept: Told::ByMail | Told::OnLink, .. } => {}
        }
    }

    /// The link that was in use is not open any more.
    pub(super) const fn broken(&mut self, since: Time) -> Phase {
        self.leg.retried = false;
        Phase::Reconnecting { since, beside: false }
    }

    /// When the caller offers a link although the ones there are may come up yet.
    pub(super) fn fresh_offer_timer(
        &self,
        since: Time,
        beside: bool,
        config: &Config,
    ) -> Option<(Time, Timer)> {
        let links = &self.leg.links;
        // What was a spare of the broken link may well be as useless as that.
        let is_coming = |link: &Link| link.stage.is_coming() && link.spare_until.is_none();
        let may_return = links.iter().any(|link| link.stage == LinkStage::Failing);
        if !beside && may_return && !links.iter().any(is_coming) {
            return Some((since + config.repair_alone, Timer::OfferBeside));
        }
        if links.iter().any(|link| link.stage.is_coming() && !link.stage.is_answered()) {
            return None;
        }
        self.leg.retry_at(config.offer_retry).map(|at| (at, Timer::RetryOffer(self.leg.device)))
    }

    pub(super) fn offer_beside(&mut self, head: &mut Head, cx: &mut Cx) {
        let Phase::Reconnecting { beside, .. } = &mut self.phase else { return };
        *beside = true;
        // A page that is away loses its links, or is lost with them.
        let is_repaired = |link: &Link| link.stage == LinkStage::Failing && cx.env.pages.is_here(link.page);
        if self.leg.links.iter().any(is_repaired) {
            self.leg.make_offer(head, cx);
        }
    }

    /// What this side lost it restores itself.
    pub fn offer_myself(&mut self, head: &mut Head, cx: &mut Cx) {
        if let Part::Callee { must_offer, .. } = &mut self.part {
            *must_offer = true;
        }
        self.want_link(head, cx);
    }

    pub(super) fn on_offer(&mut self, head: &mut Head, cx: &mut Cx, offer: LinkDescription) {
        let ours_is_out = self.leg.links.iter().any(|link| link.stage.is_our_offer());
        match self.part {
            Part::Caller if ours_is_out => return,
            Part::Caller => {}
            Part::Callee { .. } => self.leg.close_links(cx, |link| link.stage.is_our_offer()),
        }
        let (id, is_open) = (offer.link, self.leg.open().is_some());
        if !self.leg.take_offer(offer) {
            return;
        }
        self.leg.make_answer(head, cx);
        // The offer may be a late one, of a link that the other side has long given up.
        if let Some(link) = self.leg.link(id).filter(|_| is_open) {
            link.spare_until = Some(cx.now + cx.env.config.give_up_connecting);
        }
    }

    pub fn on_link_state(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        id: LinkId,
        page: PageId,
        state: LinkState,
    ) {
        if !self.leg.has_link(id, page) {
            return;
        }
        let was_open =
            |link: &mut Link| matches!(link.stage, LinkStage::Open | LinkStage::Failing | LinkStage::Lost);
        let may_return = self.others > 0 && self.leg.link(id).is_some_and(was_open);
        if state == LinkState::Lost && !may_return {
            self.leg.close_links(cx, |link| link.id == id);
        } else if let Some(link) = self.leg.link(id) {
            let was = link.stage;
            link.follow(state);
            if was != LinkStage::Open && link.stage == LinkStage::Open {
                self.opened(head, cx, id);
            }
        }
        self.follow_links(head, cx);
        self.want_link(head, cx);
    }

    fn opened(&mut self, head: &Head, cx: &mut Cx, id: LinkId) {
        self.settle_on(cx, id);
        if let Part::Callee { accept, must_offer } = &mut self.part {
            *must_offer = false;
            match *accept {
                // The channel may well be faster than the mail.
                Told::NotYet | Told::ByMail => self.tell_accept(head, cx),
                Told::OnLink => {}
            }
        }
    }

    /// One link is open: the call does without the others.
    pub(super) fn settle_on(&mut self, cx: &mut Cx, id: LinkId) {
        if self.part == Part::Caller {
            self.leg.offer = None;
            self.leg.close_links(cx, |link| link.id != id);
        }
        let until = cx.now + cx.env.config.spare_links;
        for link in &mut self.leg.links {
            link.spare_until = (link.id != id).then_some(until);
        }
    }

    pub fn on_page_away(&mut self, cx: &mut Cx, page: PageId) {
        let lives_here = self.leg.open().is_some_and(|link| link.page == page);
        if lives_here && self.phase == Phase::Connected {
            self.phase = self.broken(cx.now);
        }
    }

    pub fn lose_page(&mut self, head: &mut Head, cx: &mut Cx, page: PageId, comes_back: bool) -> Step {
        let carries = head.page == Some(page);
        if !(self.leg.lose_page(page, cx) || carries && self.is_carried()) {
            return Step::Stay;
        }
        if carries && let Some(end) = self.lose_conference(cx, comes_back) {
            self.say_over(head, cx, CancelReason::HungUp, DeclineReason::Other);
            return Step::End(end);
        }
        self.follow_links(head, cx);
        if comes_back {
            self.offer_myself(head, cx);
            return Step::Stay;
        }
        if self.leg.links.is_empty() {
            self.say_over(head, cx, CancelReason::HungUp, DeclineReason::Other);
            return Step::End(EndReason::LinkLost);
        }
        Step::Stay
    }

    pub(super) fn own_offer_timer(&self, since: Time, config: &Config) -> Option<(Time, Timer)> {
        match self.part {
            Part::Callee { accept: Told::ByMail | Told::OnLink, must_offer: false } => {
                Some((since + config.offer_retry, Timer::OfferMyself))
            }
            Part::Callee { .. } | Part::Caller => None,
        }
    }

    pub(super) fn close_spares(&mut self, cx: &mut Cx) {
        let now = cx.now;
        if self.leg.links.iter().any(|link| link.stage == LinkStage::Open && link.spare_until.is_none()) {
            self.leg.close_links(cx, |link| link.spare_until.is_some_and(|at| at <= now));
        }
        for link in &mut self.leg.links {
            link.spare_until.take_if(|at| *at <= now);
        }
    }
}
