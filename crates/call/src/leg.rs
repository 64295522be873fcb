use serde::{Deserialize, Serialize};

use crate::{
    ConferenceId, Description, DeviceId, LinkDescription, LinkId, LinkState, MailId, Output, PageEvent,
    PageId, Time, cx::Cx, head::Head,
};

/// Links of one leg at a time: the one in use, its replacement, and one late-comer.
const MAX_LINKS: usize = 3;
/// Offers of one device that are recognised when they come again.
const MAX_SEEN: usize = 16;

/// Our side of one RTCPeerConnection, made by a page.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub id: LinkId,
    pub page: PageId,
    pub stage: LinkStage,
    /// The mail with our offer, once it is written.
    pub mail: Option<MailId>,
    /// Our answer, where we made it; an `accept` repeats it.
    pub answer: Option<Description>,
    /// The page knows that media may flow.
    pub media: bool,
    /// When a link that the call does without is closed.
    pub spare_until: Option<Time>,
}

/// How far a link has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkStage {
    /// The page makes an offer.
    Offering,
    /// The offer is out.
    Offered,
    /// The page makes an answer.
    Answering,
    /// Both descriptions are known on this side.
    Trying { since: Time },
    /// The control channel is open.
    Open,
    /// It was open; the page tries to repair it.
    Failing,
    /// It was open and is lost, but others are there through whom its other end may be reached again.
    Lost,
}

impl LinkStage {
    /// Whether it may open for the first time.
    pub const fn is_coming(self) -> bool {
        match self {
            Self::Offering | Self::Offered | Self::Answering | Self::Trying { .. } => true,
            Self::Open | Self::Failing | Self::Lost => false,
        }
    }

    /// Whether both sides described themselves, so that the link may carry media some day.
    pub const fn is_answered(self) -> bool {
        match self {
            Self::Offering | Self::Offered | Self::Answering => false,
            Self::Trying { .. } | Self::Open | Self::Failing | Self::Lost => true,
        }
    }

    /// Whether our own offer is waiting for its answer.
    pub const fn is_our_offer(self) -> bool {
        match self {
            Self::Offering | Self::Offered => true,
            Self::Answering | Self::Trying { .. } | Self::Open | Self::Failing | Self::Lost => false,
        }
    }
}

impl Link {
    pub const fn new(id: LinkId, page: PageId, stage: LinkStage) -> Self {
        Self { id, page, stage, mail: None, answer: None, media: false, spare_until: None }
    }

    pub fn close(self, cx: &mut Cx) {
        if let Some(mail) = self.mail.filter(|_| self.stage == LinkStage::Offered) {
            cx.out.push(Output::Unsend { mail });
        }
        cx.page(self.page, PageEvent::CloseLink { link: self.id });
    }

    /// Follows the page's report. `Lost` is for the owner of the link to act on, where nobody may reach its other end.
    pub fn follow(&mut self, state: LinkState) {
        self.stage = match (self.stage, state) {
            (
                LinkStage::Trying { .. } | LinkStage::Open | LinkStage::Failing | LinkStage::Lost,
                LinkState::Open,
            ) => LinkStage::Open,
            (LinkStage::Open, LinkState::Failing) => LinkStage::Failing,
            (LinkStage::Open | LinkStage::Failing, LinkState::Lost) => LinkStage::Lost,
            (stage, LinkState::Open | LinkState::Failing | LinkState::Lost) => stage,
        };
    }
}

/// A description that a page made.
#[derive(Debug)]
pub(crate) enum Made {
    Offer(LinkDescription),
    Answer(LinkDescription),
}

/// One device of the other person, and the links to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Leg {
    pub device: DeviceId,
    /// The key that spoke first for this device; no other may speak for it in this call.
    pub key: Option<String>,
    /// What the device calls itself.
    pub name: String,
    /// It said that it rings.
    pub rings: bool,
    /// The one more offer went out.
    pub retried: bool,
    /// Its latest offer, not answered yet.
    pub offer: Option<LinkDescription>,
    seen: Vec<LinkId>,
    /// Links die with the page that holds them, and so with the process.
    #[serde(skip)]
    pub links: Vec<Link>,
}

impl Leg {
    pub const fn new(device: DeviceId, key: Option<String>) -> Self {
        Self {
            device,
            key,
            name: String::new(),
            rings: false,
            retried: false,
            offer: None,
            seen: Vec::new(),
            links: Vec::new(),
        }
    }

    pub fn open(&self) -> Option<&Link> {
        self.links.iter().rev().find(|link| link.stage == LinkStage::Open)
    }

    /// The link whose channel is open on a page that is there to use it.
    pub fn channel(&self, cx: &Cx) -> Option<&Link> {
        self.open().filter(|link| cx.env.pages.is_here(link.page))
    }

    pub fn link(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.iter_mut().find(|link| link.id == id)
    }

    pub fn has_link(&self, id: LinkId, page: PageId) -> bool {
        self.links.iter().any(|link| link.id == id && link.page == page)
    }

    /// Takes note of an offer; false if it is an old one coming again.
    pub fn take_offer(&mut self, offer: LinkDescription) -> bool {
        if self.seen.contains(&offer.link) {
            return false;
        }
        if self.seen.len() >= MAX_SEEN {
            self.seen.remove(0);
        }
        self.seen.push(offer.link);
        self.offer = Some(offer);
        true
    }

    /// Whether there is an offer that no page is answering.
    pub fn wants_answer(&self) -> bool {
        self.offer.as_ref().is_some_and(|offer| self.links.iter().all(|link| link.id != offer.link))
    }

    /// Asks a page for a link of our own to this device, if there is one.
    pub fn make_offer(&mut self, head: &mut Head, cx: &mut Cx) {
        let Some(page) = head.lease(cx) else { return };
        let id = cx.fresh_link();
        self.add(Link::new(id, page, LinkStage::Offering), cx);
        cx.page(page, PageEvent::MakeOffer { call: head.id, link: id });
    }

    /// Asks a page, if there is one, to answer the device's latest offer, unless one is at it.
    pub fn make_answer(&mut self, head: &mut Head, cx: &mut Cx) {
        if !self.wants_answer() {
            return;
        }
        let Some(LinkDescription { link, description }) = self.offer.clone() else { return };
        let Some(page) = head.lease(cx) else { return };
        self.add(Link::new(link, page, LinkStage::Answering), cx);
        cx.page(page, PageEvent::MakeAnswer { call: head.id, link, description });
    }

    /// A page made what it was asked for. Returns what must now be sent.
    pub fn described(&mut self, id: LinkId, page: PageId, made: &Description, now: Time) -> Option<Made> {
        let link = self.links.iter_mut().find(|link| link.id == id && link.page == page)?;
        let description = LinkDescription { link: id, description: made.clone() };
        match link.stage {
            LinkStage::Offering => {
                link.stage = LinkStage::Offered;
                Some(Made::Offer(description))
            }
            LinkStage::Answering => {
                link.stage = LinkStage::Trying { since: now };
                link.answer = Some(made.clone());
                self.offer.take_if(|offer| offer.link == id);
                Some(Made::Answer(description))
            }
            LinkStage::Offered
            | LinkStage::Trying { .. }
            | LinkStage::Open
            | LinkStage::Failing
            | LinkStage::Lost => None,
        }
    }

    /// Our latest answer to this device.
    pub fn answer(&self) -> Option<LinkDescription> {
        let answered = |link: &Link| {
            link.answer.clone().map(|description| LinkDescription { link: link.id, description })
        };
        self.links.iter().rev().find_map(answered)
    }

    fn add(&mut self, link: Link, cx: &mut Cx) {
        if self.links.len() >= MAX_LINKS {
            let dispensable = self.links.iter().position(|old| old.stage != LinkStage::Open).unwrap_or(0);
            self.links.remove(dispensable).close(cx);
        }
        self.links.push(link);
    }

    /// Hands the device's answer to the page that offered, if an offer of ours waits for it.
    pub fn use_answer(&mut self, answer: &LinkDescription, cx: &mut Cx) {
        let now = cx.now;
        let Some(link) = self.link(answer.link).filter(|link| link.stage == LinkStage::Offered) else {
            return;
        };
        link.stage = LinkStage::Trying { since: now };
        let (page, description) = (link.page, answer.description.clone());
        cx.page(page, PageEvent::UseAnswer { link: answer.link, description });
    }

    /// Tells the pages of all answered links that media may flow.
    pub fn use_media(&mut self, video: bool, hosts: bool, conference: Option<ConferenceId>, cx: &mut Cx) {
        for link in self.links.iter_mut().filter(|link| link.stage.is_answered() && !link.media) {
            link.media = true;
            cx.page(link.page, PageEvent::UseMedia { link: link.id, video, hosts, conference });
        }
    }

    /// Closes the links that `dispensable` picks.
    pub fn close_links(&mut self, cx: &mut Cx, dispensable: impl Fn(&Link) -> bool) {
        let (closed, kept) = std::mem::take(&mut self.links).into_iter().partition(dispensable);
        self.links = kept;
        let closed: Vec<Link> = closed;
        for link in closed {
            link.close(cx);
        }
    }

    /// Forgets the links on a page that is gone. True if there were any.
    pub fn lose_page(&mut self, page: PageId, cx: &mut Cx) -> bool {
        let before = self.links.len();
        self.close_links(cx, |link| link.page == page);
        self.links.len() < before
    }

    /// Since when the latest answered link has been trying.
    pub fn trying_since(&self) -> Option<Time> {
        self.links
            .iter()
            .filter_map(|link| match link.stage {
                LinkStage::Trying { since } => Some(since),
                LinkStage::Offering
                | LinkStage::Offered
                | LinkStage::Answering
                | LinkStage::Open
                | LinkStage::Failing
                | LinkStage::Lost => None,
            })
            .max()
    }

    /// When the one more offer is due, if the leg still needs it.
    pub fn retry_at(&self, after: std::time::Duration) -> Option<Time> {
        if self.retried || self.open().is_some() {
            return None;
        }
        self.trying_since().map(|since| since + after)
    }
}

/// The leg of the link that a page reports about.
pub(crate) fn find_link(legs: &mut [Leg], id: LinkId, page: PageId) -> Option<&mut Leg> {
    legs.iter_mut().find(|leg| leg.has_link(id, page))
}
