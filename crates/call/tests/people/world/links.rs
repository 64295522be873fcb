//! Peer connections: they open when both sides know both descriptions and both pages live.

use std::collections::{BTreeMap, BTreeSet};

use call::{Description, Input, LinkId, LinkState, PageEvent, PageId};

use super::Dev;

const GATHER: u64 = 40;
const CONNECT: u64 = 25;
const CHANNEL: u64 = 20;
const NOTICE: u64 = 6000;
/// How long a page tries to repair a link, and how soon it says that one broke.
const PATIENCE: u64 = 10_000;
const BREAKS: u64 = 10;

#[derive(Clone, Copy, PartialEq)]
struct End {
    dev: Dev,
    page: PageId,
    open: bool,
    /// It was open, and its page tries to repair it.
    broken: bool,
    media: bool,
}

#[derive(Default)]
struct Pair {
    offerer: Option<End>,
    answerer: Option<End>,
    /// Everybody who made an answer to an invitation's link; the caller uses one.
    candidates: Vec<End>,
    /// Both descriptions are applied.
    answered: bool,
}

#[derive(Default)]
pub struct Links {
    pairs: BTreeMap<LinkId, Pair>,
    lost: Vec<Report>,
    dead: BTreeSet<PageId>,
}

type Report = (u64, Dev, PageId, Input);

fn describe(what: &str, link: LinkId) -> Description {
    Description::try_from(format!("{what}-{link}")).unwrap()
}

impl End {
    fn lost(&self, link: LinkId, after: u64) -> Report {
        let state = LinkState::Lost;
        (after, self.dev, self.page, Input::LinkState { page: self.page, link, state })
    }
}

impl Pair {
    fn ends(&mut self) -> impl Iterator<Item = &mut End> {
        self.offerer.iter_mut().chain(self.answerer.iter_mut())
    }
}

impl Links {
    pub fn on_event(&mut self, dev: Dev, page: PageId, event: PageEvent, blocked: bool) -> Vec<Report> {
        self.dead.remove(&page);
        let end = End { dev, page, open: false, broken: false, media: false };
        match event {
            PageEvent::MakeOffer { link, .. } => {
                self.pairs.insert(link, Pair { offerer: Some(end), ..Pair::default() });
                vec![(
                    GATHER,
                    dev,
                    page,
                    Input::Described { page, link, description: describe("offer", link) },
                )]
            }
            PageEvent::MakeAnswer { link, description, .. } => {
                assert_eq!(description, describe("offer", link), "an answer to something that is no offer");
                let pair = self.pairs.entry(link).or_default();
                pair.candidates.retain(|candidate| candidate.page != page);
                pair.candidates.push(end);
                let description = Description::try_from(format!("answer-{link}-{}", dev.0)).unwrap();
                vec![(GATHER, dev, page, Input::Described { page, link, description })]
            }
            PageEvent::UseAnswer { link, description } => {
                let Some(pair) = self.pairs.get_mut(&link) else { return Vec::new() };
                let by = |end: &End| format!("answer-{link}-{}", end.dev.0) == description.as_str();
                pair.answerer = pair.candidates.iter().copied().find(by);
                pair.answered = pair.answerer.is_some();
                if blocked || !pair.answered {
                    return Vec::new();
                }
                let open = LinkState::Open;
                pair.ends()
                    .map(|end| {
                        (CONNECT, end.dev, end.page, Input::LinkState { page: end.page, link, state: open })
                    })
                    .collect()
            }
            PageEvent::UseMedia { link, .. } => {
                if let Some(pair) = self.pairs.get_mut(&link) {
                    pair.ends().filter(|end| end.page == page).for_each(|end| end.media = true);
                    // The answerer may be told before its answer is used.
                    pair.candidates
                        .iter_mut()
                        .filter(|end| end.page == page)
                        .for_each(|end| end.media = true);
                }
                Vec::new()
            }
            PageEvent::TakeCourier { .. } => Vec::new(),
            PageEvent::CloseLink { link } => {
                self.drop_end(link, page, 1000);
                self.take_lost()
            }
            PageEvent::SendOnLink { link, signal } => {
                let Some(pair) = self.pairs.get_mut(&link) else { return Vec::new() };
                let other = pair.ends().find(|end| end.page != page && end.open).copied();
                other
                    .map(|End { dev, page, .. }| {
                        (CHANNEL, dev, page, Input::SignalFromLink { page, link, signal })
                    })
                    .into_iter()
                    .collect()
            }
        }
    }

    fn drop_end(&mut self, link: LinkId, page: PageId, notice: u64) {
        let Some(pair) = self.pairs.get_mut(&link) else { return };
        let was_there = pair.ends().any(|end| end.page == page);
        pair.offerer.take_if(|end| end.page == page);
        pair.answerer.take_if(|end| end.page == page);
        pair.candidates.retain(|end| end.page != page);
        if was_there {
            self.lost
                .extend(pair.ends().filter(|end| end.open || end.broken).map(|end| end.lost(link, notice)));
        }
    }

    /// Breaks every open link between living pages, as a network change would.
    pub fn cut(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        for (link, pair) in &mut self.pairs {
            let open: Vec<End> = pair.ends().filter(|end| end.open || end.broken).map(|end| *end).collect();
            reports.extend(open.iter().map(|end| end.lost(*link, NOTICE)));
            if !open.is_empty() {
                pair.answered = false;
            }
        }
        reports
    }

    /// Nothing gets through any more, as the pages of one device notice, on these links; they try to repair it for a while.
    pub fn break_at(&mut self, dev: Dev, breaks: impl Fn(LinkId) -> bool) -> Vec<Report> {
        let mut reports = Vec::new();
        for (link, pair) in self.pairs.iter_mut().filter(|(link, _)| breaks(**link)) {
            for end in pair.ends().filter(|end| end.dev == dev && end.open && !end.broken) {
                end.broken = true;
                let says = |state| Input::LinkState { page: end.page, link: *link, state };
                reports.push((BREAKS, dev, end.page, says(LinkState::Failing)));
                reports.push(end.lost(*link, BREAKS + PATIENCE));
            }
        }
        reports
    }

    /// What is broken at a device works again.
    pub fn repair_at(&mut self, dev: Dev) -> Vec<Report> {
        let mut reports = Vec::new();
        for (link, pair) in &mut self.pairs {
            for end in pair.ends().filter(|end| end.dev == dev && end.broken) {
                let open = Input::LinkState { page: end.page, link: *link, state: LinkState::Open };
                reports.push((2 * BREAKS, dev, end.page, open));
            }
        }
        reports
    }

    pub fn forget(&mut self, link: LinkId, page: PageId) {
        self.drop_end(link, page, NOTICE);
        self.lost.clear();
    }

    pub fn page_dies(&mut self, page: PageId) {
        self.dead.insert(page);
        let links: Vec<LinkId> = self.pairs.keys().copied().collect();
        for link in links {
            self.drop_end(link, page, NOTICE);
        }
    }

    pub fn take_lost(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.lost)
    }

    /// Whether a report on its way from a page still holds, now that it arrives.
    pub fn still_true(&mut self, page: PageId, input: &Input) -> bool {
        let (Input::LinkState { link, .. } | Input::SignalFromLink { link, .. }) = input else {
            return true;
        };
        let Some(pair) = self.pairs.get_mut(link) else { return false };
        let whole = pair.offerer.is_some() && pair.answerer.is_some() && pair.answered;
        let is_open_report = matches!(input, Input::LinkState { state: LinkState::Open, .. });
        if is_open_report && !whole {
            return false;
        }
        let Some(end) = pair.ends().find(|end| end.page == page) else { return false };
        let Input::LinkState { state, .. } = input else { return true };
        let stale = match state {
            LinkState::Open => false,
            LinkState::Failing => !end.broken,
            // It came back meanwhile.
            LinkState::Lost => whole && !end.broken,
        };
        if stale {
            return false;
        }
        end.open = *state == LinkState::Open;
        end.broken = *state == LinkState::Failing;
        if *state == LinkState::Lost {
            pair.answered = false;
            let others = pair.ends().filter(|end| end.page != page && (end.open || end.broken));
            self.lost.extend(others.map(|end| end.lost(*link, NOTICE)));
        }
        true
    }

    pub fn media_between(&self, one: Dev, other: Dev) -> bool {
        self.pairs.values().any(|pair| {
            let ends: Vec<&End> = pair.offerer.iter().chain(pair.answerer.iter()).collect();
            let at = |dev: Dev| ends.iter().any(|end| end.dev == dev && end.open && end.media);
            at(one) && at(other)
        })
    }

    pub fn open_between(&self, one: Dev, other: Dev) -> bool {
        self.pairs.values().any(|pair| {
            let at = |dev: Dev| {
                [&pair.offerer, &pair.answerer].into_iter().flatten().any(|end| end.dev == dev && end.open)
            };
            at(one) && at(other)
        })
    }

    /// Whether `dev` was told that media may flow on any link.
    pub fn media_at(&self, dev: Dev) -> bool {
        self.pairs.values().any(|pair| {
            pair.offerer.iter().chain(pair.answerer.iter()).any(|end| end.dev == dev && end.media)
        })
    }
}
