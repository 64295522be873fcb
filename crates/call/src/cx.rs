use crate::{
    Config, IdSource, LinkId, MailId, Output, PageEvent, PageId, Policy, Time, memory::Memory, pages::Pages,
};

/// What every call may look at.
#[derive(Debug)]
pub(crate) struct Env {
    pub config: Config,
    pub policy: Policy,
    pub pages: Pages,
    pub memory: Memory,
}

/// One turn of the machine: the moment, the source of ids, and what must be done at its end.
pub(crate) struct Cx<'a> {
    pub now: Time,
    pub ids: &'a mut dyn IdSource,
    pub env: &'a mut Env,
    pub out: &'a mut Vec<Output>,
}

impl Cx<'_> {
    pub fn fresh_link(&mut self) -> LinkId {
        LinkId::new(self.ids.fresh())
    }

    pub fn fresh_mail(&mut self) -> MailId {
        MailId::new(self.ids.fresh())
    }

    /// Tells a page, unless it is away: when it comes back its links are gone anyway.
    pub fn page(&mut self, page: PageId, event: PageEvent) {
        if self.env.pages.is_here(page) {
            self.out.push(Output::Page { page, event });
        }
    }
}
