use std::time::Duration;

use crate::{PageId, Time};

/// More pages than anybody has open; the oldest is forgotten.
const MAX_PAGES: usize = 32;

/// The pages that are connected, or vanished a moment ago, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    pages: Vec<Page>,
    focused: Option<PageId>,
    /// The page of the call that the user is in. What may become part of it is made there, too.
    pub carrier: Option<PageId>,
}

#[derive(Debug)]
struct Page {
    id: PageId,
    can_webrtc: bool,
    gone: Option<Time>,
}

impl Pages {
    /// A page connected, or came back with nothing of what it held.
    pub fn hello(&mut self, id: PageId, can_webrtc: bool) {
        self.forget(id);
        if self.pages.len() >= MAX_PAGES {
            self.pages.remove(0);
        }
        self.pages.push(Page { id, can_webrtc, gone: None });
    }

    pub fn focus(&mut self, id: PageId) {
        self.focused = Some(id);
    }

    pub fn gone(&mut self, id: PageId, now: Time) {
        if let Some(page) = self.pages.iter_mut().find(|page| page.id == id) {
            page.gone.get_or_insert(now);
        }
    }

    pub fn forget(&mut self, id: PageId) {
        self.pages.retain(|page| page.id != id);
    }

    /// Whether it is connected right now.
    pub fn is_here(&self, id: PageId) -> bool {
        self.pages.iter().any(|page| page.id == id && page.gone.is_none())
    }

    fn serves(&self, id: PageId) -> bool {
        self.pages.iter().any(|page| page.id == id && page.can_webrtc && page.gone.is_none())
    }

    /// The page that gets the next link: the one that carries the user's call if it can, else `wished`, else the
    /// focused one, else the newest that can.
    pub fn lease(&self, wished: Option<PageId>) -> Option<PageId> {
        let first_choice =
            [self.carrier, wished, self.focused].into_iter().flatten().find(|id| self.serves(*id));
        first_choice.or_else(|| {
            self.pages.iter().rev().find(|page| page.can_webrtc && page.gone.is_none()).map(|page| page.id)
        })
    }

    /// When the next vanished page has been away for `patience`.
    pub fn wake(&self, patience: Duration) -> Option<Time> {
        self.pages.iter().filter_map(|page| page.gone).map(|gone| gone + patience).min()
    }

    /// Takes out one page that has been away for `patience`.
    pub fn take_lost(&mut self, now: Time, patience: Duration) -> Option<PageId> {
        let lost = self.pages.iter().find(|page| page.gone.is_some_and(|gone| gone + patience <= now))?.id;
        self.forget(lost);
        Some(lost)
    }
}
