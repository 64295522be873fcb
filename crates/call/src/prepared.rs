use crate::{
    AccountId, Address, CallId, Config, Description, LinkId, LinkState, PageEvent, PageId, Time,
    cx::Cx,
    leg::{Link, LinkStage},
};

/// A link that was gathered because the user looks at a contact, before there is a call.
#[derive(Debug)]
pub(crate) struct Prepared {
    account: AccountId,
    to: Address,
    call: CallId,
    link: Link,
    description: Option<Description>,
    gathered: Time,
    opened: Time,
}

impl Prepared {
    /// Asks a page, if there is one.
    pub fn gather(cx: &mut Cx, account: AccountId, to: Address) -> Option<Self> {
        let page = cx.env.pages.lease(None)?;
        let call = CallId::new(cx.ids.fresh());
        let link = cx.fresh_link();
        cx.page(page, PageEvent::MakeOffer { call, link });
        let link = Link::new(link, page, LinkStage::Offering);
        Some(Self { account, to, call, link, description: None, gathered: cx.now, opened: cx.now })
    }

    /// Whether it is for this contact and young enough; the user looks at the contact again.
    pub fn reopen(&mut self, account: AccountId, to: &Address, config: &Config, now: Time) -> bool {
        let good = self.serves(account, to, config, now);
        if good {
            self.opened = now;
        }
        good
    }

    pub fn serves(&self, account: AccountId, to: &Address, config: &Config, now: Time) -> bool {
        self.account == account && self.to == *to && now < self.gathered + config.prepared_fresh
    }

    pub const fn page(&self) -> PageId {
        self.link.page
    }

    pub fn describe(&mut self, id: LinkId, page: PageId, description: &Description) {
        if self.link.id == id && self.link.page == page {
            self.description = Some(description.clone());
        }
    }

    pub fn is_lost(&self, id: LinkId, page: PageId, state: LinkState) -> bool {
        self.link.id == id && self.link.page == page && state == LinkState::Lost
    }

    pub fn wake(&self, config: &Config) -> Time {
        self.opened + config.prepared_unused
    }

    pub fn close(self, cx: &mut Cx) {
        self.link.close(cx);
    }

    pub fn into_call(self) -> (CallId, Link, Option<Description>) {
        (self.call, self.link, self.description)
    }
}
