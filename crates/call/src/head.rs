use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Address, Alert, CallId, CallRecord, Conference, DeviceId, Direction, MailId, Output,
    PageEvent, PageId, Sender, Signal, Standing, Time, cx::Cx, leg::Leg,
};

/// What stays the same, or is known, in every stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub id: CallId,
    pub account: AccountId,
    pub direction: Direction,
    pub peer: Address,
    pub peer_name: String,
    pub video: bool,
    pub verified: bool,
    pub key_changed: bool,
    /// Glare: the call of the same two people the other way round.
    pub calling_too: Option<CallId>,
    pub waiting: bool,
    /// To which conference it belongs, as its own page or the invitation says.
    pub conference: Option<Conference>,
    /// Who else is in it, by address.
    #[serde(default)]
    pub ways: Vec<Address>,
    /// Whose participants in it are proven and were not put out; what pages say dies with them.
    #[serde(skip)]
    pub proven_in: Vec<Address>,
    pub began: Time,
    pub connected: Option<Time>,
    pub ended: Option<Time>,
    /// The page that holds, or shall hold, the links.
    #[serde(skip)]
    pub page: Option<PageId>,
    /// Since when a page is asked for in vain.
    #[serde(skip)]
    pub needs_page: Option<Time>,
    #[serde(skip)]
    pub alerted: Option<Alert>,
    /// What was last told of this call.
    #[serde(skip)]
    pub remembered: Option<Box<CallRecord>>,
}

impl Head {
    pub const fn new(
        id: CallId,
        account: AccountId,
        direction: Direction,
        peer: Address,
        video: bool,
        began: Time,
    ) -> Self {
        Self {
            id,
            account,
            direction,
            peer,
            peer_name: String::new(),
            video,
            verified: false,
            key_changed: false,
            calling_too: None,
            waiting: false,
            conference: None,
            ways: Vec::new(),
            proven_in: Vec::new(),
            began,
            connected: None,
            ended: None,
            page: None,
            needs_page: None,
            alerted: None,
            remembered: None,
        }
    }

    /// Posts a signal of this call.
    pub fn send(
        &self,
        cx: &mut Cx,
        to_device: Option<DeviceId>,
        key: Option<&str>,
        signal: Signal,
        until: Time,
    ) -> MailId {
        let mail = cx.fresh_mail();
        cx.out.push(Output::Send {
            mail,
            account: self.account,
            to: self.peer.clone(),
            to_device,
            call: self.id,
            signal,
            until,
            key: key.map(str::to_owned),
        });
        mail
    }

    /// Posts a signal to one device, or hands it to the channel that is open to it.
    pub fn tell(&self, cx: &mut Cx, leg: &Leg, signal: Signal) {
        if let Some(link) = leg.channel(cx) {
            cx.page(link.page, PageEvent::SendOnLink { link: link.id, signal });
        } else {
            let until = cx.now + cx.env.config.give_up_connecting;
            self.send(cx, Some(leg.device), leg.key.as_deref(), signal, until);
        }
    }

    pub fn tell_siblings(&self, cx: &mut Cx, accepted: bool) {
        let signal = Signal::Answered { accepted };
        cx.out.push(Output::TellSiblings { account: self.account, call: self.id, signal });
    }

    /// The page for the next link; asks for one if there is none.
    pub fn lease(&mut self, cx: &mut Cx) -> Option<PageId> {
        let page = cx.env.pages.lease(self.page);
        match page {
            Some(_) => {
                self.page = page;
                self.needs_page = None;
            }
            None if self.needs_page.is_none() => {
                self.needs_page = Some(cx.now);
                cx.out.push(Output::NeedPage { call: self.id });
            }
            None => {}
        }
        page
    }

    pub fn alert(&mut self, cx: &mut Cx, alert: Alert) {
        let nothing_to_silence = self.alerted.is_none() && alert == Alert::Silence;
        if self.alerted != Some(alert) && !nothing_to_silence {
            self.alerted = Some(alert);
            cx.out.push(Output::Alert { call: self.id, alert });
        }
    }

    pub fn is_contact(&self, cx: &Cx) -> bool {
        cx.env.policy.contacts.contains(self.account, &self.peer)
    }

    /// Shows how the other side is proven.
    pub fn note(&mut self, sender: &Sender) {
        self.verified = sender.is_pinned();
        self.key_changed = matches!(sender, Sender::Key { standing: Standing::Changed, .. });
    }
}
