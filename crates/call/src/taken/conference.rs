//! A call that belongs to a conference. While further participants are in it the call is *carried*: it does not end
//! with its link, for the conference goes on without it.

use crate::{
    EndReason, PageId,
    call::Step,
    cx::Cx,
    head::Head,
    taken::{Phase, Taken},
};

impl Taken {
    /// Whether a page has its link, or had it.
    pub fn is_of(&self, head: &Head, page: PageId) -> bool {
        head.page == Some(page) || self.leg.links.iter().any(|link| link.page == page)
    }

    pub fn set_others(&mut self, others: u32) -> Step {
        self.others = others;
        match self.phase {
            Phase::Carried { hung_up } if others == 0 => Step::End(end(hung_up)),
            Phase::Carried { .. } | Phase::Connecting | Phase::Connected | Phase::Reconnecting { .. } => {
                Step::Stay
            }
        }
    }

    /// The other side hung up, or the link could not be restored.
    pub(super) fn end_or_carry(&mut self, cx: &mut Cx, hung_up: bool) -> Step {
        if self.others == 0 || !self.is_connected() {
            return Step::End(end(hung_up));
        }
        self.leg.offer = None;
        self.leg.close_links(cx, |_| true);
        self.phase = Phase::Carried { hung_up };
        Step::Stay
    }

    /// How it ends once nobody is left who carries it.
    pub const fn carried_end(&self) -> Option<EndReason> {
        match self.phase {
            Phase::Carried { hung_up } => Some(end(hung_up)),
            Phase::Connecting | Phase::Connected | Phase::Reconnecting { .. } => None,
        }
    }

    pub const fn is_carried(&self) -> bool {
        matches!(self.phase, Phase::Carried { .. })
    }

    pub fn is_carried_by(&self, head: &Head, page: PageId) -> bool {
        self.is_carried() && head.page == Some(page)
    }

    /// With what a page held the conference is lost, and nobody is left who carries the call; a link that could not
    /// be restored while others did is tried once more if the page is there again.
    pub(super) fn lose_conference(&mut self, cx: &Cx, comes_back: bool) -> Option<EndReason> {
        self.others = 0;
        if let Phase::Carried { hung_up: false } = self.phase
            && comes_back
        {
            self.phase = self.broken(cx.now);
        }
        self.carried_end()
    }
}

const fn end(hung_up: bool) -> EndReason {
    if hung_up { EndReason::HungUp { by_peer: true } } else { EndReason::LinkLost }
}
