//! A call that belongs to a conference.

use crate::{Conference, PageId, head::Head, taken::Taken};

impl Taken {
    /// The page says to which conference the call belongs. Counts only from the page that holds its link.
    pub fn on_conference(&mut self, head: &mut Head, page: PageId, conference: Conference, others: u32) {
        if head.page == Some(page) || self.leg.links.iter().any(|link| link.page == page) {
            head.conference = Some(conference);
            self.others = others;
        }
    }
}
