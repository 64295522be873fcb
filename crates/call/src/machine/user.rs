//! What the user does.

use crate::{
    AccountId, Address, CallId, CancelReason, Conference, ConferenceId, Direction, Output, PageId,
    call::{Call, Stage},
    cx::Cx,
    dialling::Dialling,
    head::Head,
    machine::Rest,
    prepared::Prepared,
};

impl Rest<'_> {
    pub(super) fn open_contact(&mut self, cx: &mut Cx, account: AccountId, to: Address) {
        let again = |prepared: &mut Prepared| prepared.reopen(account, &to, &cx.env.config, cx.now);
        if self.prepared.as_mut().is_some_and(again) {
            return;
        }
        if let Some(old) = self.prepared.take() {
            old.close(cx);
        }
        *self.prepared = Prepared::gather(cx, account, to);
    }

    pub(super) fn call(
        &mut self,
        cx: &mut Cx,
        account: AccountId,
        to: Address,
        video: bool,
        page: Option<PageId>,
        conference: Option<Conference>,
    ) {
        let named = conference.as_ref().map(|conference| conference.id);
        let into = named.filter(|conference| self.is_in(*conference));
        let with_peer = |call: &&mut Call| call.head.account == account && call.head.peer == to;
        let goes_on = |call: &Call| call.stage.is_busy() && !call.is_carried();
        let proven =
            |call: &Call| call.head.verified && matches!(call.stage, Stage::Ringing(_)) && !call.is_request();
        let leads_there =
            |call: &Call| named.is_none() || call.conference().is_none() || call.conference() == named;
        let mut known = self.calls.values_mut().filter(with_peer);
        if let Some(call) = known.find(|call| goes_on(call) || (proven(call) && leads_there(call))) {
            // Tells whoever asks again which call it is.
            call.head.remembered = None;
            let id = call.head.id;
            self.accept(cx, id, video, page, into);
            return;
        }
        self.end_busy(cx, None, named);
        add_contact(cx, account, &to, String::new());
        let prepared = self.prepared.take().and_then(|prepared| {
            let page = cx.env.pages.lease(page);
            let good = prepared.serves(account, &to, &cx.env.config, cx.now) && Some(prepared.page()) == page;
            if good {
                return Some(prepared.into_call());
            }
            prepared.close(cx);
            None
        });
        let (id, link) = match prepared {
            Some((id, link, description)) => (id, Some((link, description))),
            None => (CallId::new(cx.ids.fresh()), None),
        };
        let mut head = Head::new(id, account, Direction::Outgoing, to, video, cx.now);
        head.conference = conference;
        head.page = link.as_ref().map(|(link, _)| link.page).or(page);
        let dialling = Dialling::begin(&mut head, cx, link);
        self.calls.insert(id, Call::new(head, Stage::Dialling(dialling)));
        self.ring_new_contacts(cx);
    }

    /// Ends what the user is busy with, because `by` or a new call of theirs takes its place; but not the conference
    /// to which that one belongs.
    fn end_busy(&mut self, cx: &mut Cx, by: Option<&Head>, goes_on: Option<ConferenceId>) {
        for call in self.calls.values_mut().filter(|call| call.stage.is_busy()) {
            let same = |by: &&Head| by.account == call.head.account && by.peer == call.head.peer;
            match by.filter(same) {
                Some(by) if matches!(call.stage, Stage::Dialling(_)) => call.supersede(cx, by.id),
                Some(_) | None if goes_on.is_some() && call.conference() == goes_on => {}
                Some(_) | None => call.hang_up(cx, CancelReason::HungUp),
            }
        }
        self.note_carrier(cx);
    }

    /// The user takes a call. `into`: adds the caller to the conference in which this device is; an invitation into
    /// that very conference does so by itself.
    pub(super) fn accept(
        &mut self,
        cx: &mut Cx,
        id: CallId,
        video: bool,
        page: Option<PageId>,
        into: Option<ConferenceId>,
    ) {
        let invited = self.calls.get(&id).and_then(Call::conference);
        let inside = into.or(invited).filter(|conference| self.is_in(*conference));
        let joined = inside.and_then(|conference| self.conference(conference));
        let possible = into.is_none() || (inside.is_some() && (invited.is_none() || invited == into));
        let ringing = |call: &&mut Call| possible && matches!(call.stage, Stage::Ringing(_));
        let Some(call) = self.calls.get_mut(&id).filter(ringing) else { return };
        call.head.page = call.head.page.or(page);
        call.head.conference = joined.or(call.head.conference.take());
        let head = call.head.clone();
        self.end_busy(cx, Some(&head), inside.or(invited));
        if self.calls.get(&id).is_some_and(Call::is_request) {
            add_contact(cx, head.account, &head.peer, head.peer_name);
        }
        self.with(id, |call| call.accept(cx, video, inside.is_some()));
    }

    pub(super) fn decline(&mut self, cx: &mut Cx, id: CallId) {
        self.with(id, |call| {
            if matches!(call.stage, Stage::Ringing(_)) {
                call.hang_up(cx, CancelReason::HungUp);
            }
        });
    }

    pub(super) fn accept_request(&mut self, cx: &mut Cx, id: CallId) {
        if let Some(call) = self.calls.get(&id).filter(|call| call.is_request()) {
            let Head { account, ref peer, ref peer_name, .. } = call.head;
            let (peer, name) = (peer.clone(), peer_name.clone());
            add_contact(cx, account, &peer, name);
        } else if let Some(over) = cx.env.memory.is_over(id)
            && let Some(name) = over.request.take()
        {
            let (account, peer) = (over.account, over.peer.clone());
            add_contact(cx, account, &peer, name);
        }
        self.ring_new_contacts(cx);
    }

    /// Requests of people who are contacts by now ring.
    pub(super) fn ring_new_contacts(&mut self, cx: &mut Cx) {
        self.each(|call| {
            if call.is_request() && call.head.is_contact(cx) {
                call.ring(cx);
            }
        });
    }
}

fn add_contact(cx: &mut Cx, account: AccountId, address: &Address, name: String) {
    if cx.env.policy.contacts.0.insert((account, address.clone())) {
        cx.out.push(Output::BecameContact { account, address: address.clone(), name });
    }
}
