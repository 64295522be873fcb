use std::{collections::BTreeMap, time::Duration};

use crate::{
    AccountId, Address, Alert, CallId, CallView, CancelReason, Config, Direction, IdSource, Input, Output,
    PageId, Policy, SendFailure, Signal, Time, Verified,
    arrival::{Arrival, Invitation, stillborn},
    call::{Call, Head, Stage, Step},
    cx::{Cx, Env},
    dialling::Dialling,
    memory::{Memory, Omen},
    pages::Pages,
    prepared::Prepared,
};

/// More than are ever due at one moment; beyond it, the next turn goes on.
const MAX_TIMERS: usize = 1024;

/// All calls of one installation.
///
/// Every input is a turn: first what time brought about, then the input, then what changed is told. The
/// machine never reads a clock; it asks to be woken ([`Machine::next_wake`]).
#[derive(Debug)]
pub struct Machine {
    pub(crate) env: Env,
    pub(crate) calls: BTreeMap<CallId, Call>,
    prepared: Option<Prepared>,
}

impl Machine {
    /// A machine without calls and pages.
    pub fn new(config: Config, policy: Policy) -> Self {
        let env = Env { config, policy, pages: Pages::default(), memory: Memory::default() };
        Self { env, calls: BTreeMap::new(), prepared: None }
    }

    /// Takes one input. `now` never goes back.
    pub fn handle(&mut self, now: Time, ids: &mut dyn IdSource, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.turn(now, ids, &mut out, |rest, cx| rest.dispatch(cx, input));
        out
    }

    /// When the next [`Input::Tick`] is due, unless something else happens before.
    pub fn next_wake(&self) -> Option<Time> {
        let config = &self.env.config;
        let calls = self.calls.values().filter_map(|call| call.timer(config)).map(|(at, _)| at);
        let prepared = self.prepared.as_ref().map(|prepared| prepared.wake(config));
        calls.chain(prepared).chain(self.env.pages.wake(config.page_return)).min()
    }

    /// How long invitations live from now on, in seconds (≤ [`crate::MAX_LIFETIME_S`]).
    pub const fn set_lifetime(&mut self, seconds: u32) {
        self.env.config.lifetime_s = seconds;
    }

    /// The live calls, oldest id first.
    pub fn snapshot(&self) -> Vec<CallView> {
        self.calls.values().map(Call::view).collect()
    }

    pub(crate) fn turn(
        &mut self,
        now: Time,
        ids: &mut dyn IdSource,
        out: &mut Vec<Output>,
        act: impl FnOnce(&mut Rest, &mut Cx),
    ) {
        let Self { env, calls, prepared } = self;
        env.memory.forget_old(now, env.config.memory, env.config.over_memory);
        let mut done = Vec::new();
        let mut cx = Cx { now, ids, env, out: &mut done };
        let mut rest = Rest { calls, prepared };
        rest.fire_timers(&mut cx);
        act(&mut rest, &mut cx);
        rest.settle(&mut cx, out);
        out.append(&mut done);
    }
}

/// The machine without what [`Cx`] holds of it.
pub(crate) struct Rest<'a> {
    pub calls: &'a mut BTreeMap<CallId, Call>,
    prepared: &'a mut Option<Prepared>,
}

impl Rest<'_> {
    fn dispatch(&mut self, cx: &mut Cx, input: Input) {
        match input {
            Input::Mail { signal, age } => self.on_mail(cx, &signal, age),
            Input::Sealed { mail, key } => self.each_dialling(|dialling| dialling.on_sealed(mail, &key)),
            Input::MailSent { mail } => self.on_sent(cx, mail),
            Input::MailFailed { mail, failure } => self.on_failed(cx, mail, &failure),
            Input::PageHello { page, can_webrtc } => self.on_hello(cx, page, can_webrtc),
            Input::PageFocused { page } => cx.env.pages.focus(page),
            Input::PageGone { page } => self.on_gone(cx, page),
            Input::PageClosed { page } => self.on_closed(cx, page),
            Input::OpenContact { account, to } => self.open_contact(cx, account, to),
            Input::Call { account, to, video, page } => self.call(cx, account, to, video, page),
            Input::Accept { call, video, page } => self.accept(cx, call, video, page),
            Input::Decline { call } => self.decline(cx, call),
            Input::HangUp { call } => self.with(call, |call| call.hang_up(cx, CancelReason::HungUp)),
            Input::AcceptRequest { call } => self.accept_request(cx, call),
            Input::Described { page, link, description } => {
                if let Some(prepared) = self.prepared {
                    prepared.describe(link, page, &description);
                }
                self.each(|call| call.on_described(cx, link, page, &description));
            }
            Input::LinkState { page, link, state } => {
                if let Some(lost) = self.prepared.take_if(|prepared| prepared.is_lost(link, page, state)) {
                    lost.close(cx);
                }
                self.each(|call| call.on_link_state(cx, link, page, state));
            }
            Input::SignalFromLink { page, link, signal } => {
                self.each(|call| call.on_link_signal(cx, link, page, &signal));
            }
            Input::Policy(policy) => {
                cx.env.policy = policy;
                self.ring_new_contacts(cx);
            }
            Input::Tick => {}
        }
    }

    fn each(&mut self, act: impl FnMut(&mut Call)) {
        self.calls.values_mut().for_each(act);
    }

    fn with(&mut self, call: CallId, act: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls.get_mut(&call) {
            act(call);
        }
    }

    fn each_dialling(&mut self, mut act: impl FnMut(&mut Dialling)) {
        self.each(|call| {
            if let Stage::Dialling(dialling) = &mut call.stage {
                act(dialling);
            }
        });
    }

    fn on_mail(&mut self, cx: &mut Cx, mail: &Verified, age: Duration) {
        let own = cx.env.config.device;
        if mail.device() == own || mail.to_device().is_some_and(|device| device != own) {
            return;
        }
        match mail.signal() {
            Signal::Answered { .. } => self.on_answered(cx, mail),
            Signal::Invite { .. } => self.on_invite(cx, &Invitation::new(mail, age)),
            Signal::Ringing { .. }
            | Signal::Accept { .. }
            | Signal::Decline { .. }
            | Signal::Cancel { .. }
            | Signal::Offer(_)
            | Signal::Answer(_) => match self.calls.get_mut(&mail.call()) {
                Some(call) if call.head.account == mail.account() && call.head.peer == *mail.from() => {
                    call.on_mail(cx, mail);
                }
                Some(_) => {}
                None => too_late_or_too_early(cx, mail),
            },
        }
    }

    /// Another device of this account dealt with a call. Only the account's own key can say so.
    fn on_answered(&mut self, cx: &mut Cx, mail: &Verified) {
        let proven = cx.env.policy.own.get(&mail.account()).is_some_and(|own| {
            own.address == *mail.from() && mail.sender().fingerprint() == Some(own.fingerprint.as_str())
        });
        if !proven {
            return;
        }
        match self.calls.get_mut(&mail.call()) {
            Some(call) if matches!(call.stage, Stage::Ringing(_)) && call.head.account == mail.account() => {
                call.apply(cx, Step::End(crate::EndReason::AnsweredElsewhere));
            }
            // Two devices were taken at once: the caller decides.
            Some(_) => {}
            None => cx.env.memory.foretell(mail, Omen::AnsweredElsewhere, cx.now),
        }
    }

    fn on_invite(&mut self, cx: &mut Cx, invitation: &Invitation) {
        let arrival = invitation.arrival(cx.env, self.calls, cx.now);
        match arrival {
            Arrival::Duplicate | Arrival::AlreadyEnded | Arrival::TooMany => return,
            Arrival::CancelledBefore(_)
            | Arrival::AnsweredElsewhere
            | Arrival::Expired
            | Arrival::Request
            | Arrival::GlareOursGoesOn(_)
            | Arrival::GlareTheirsGoesOn(_)
            | Arrival::Rings => {}
        }
        let Some(mut call) = invitation.call(cx) else { return };
        if let Some(reason) = stillborn(arrival) {
            call.end(cx, reason);
        }
        let id = call.head.id;
        self.calls.insert(id, call);
        match arrival {
            Arrival::GlareOursGoesOn(ours) => self.with(ours, |call| call.head.calling_too = Some(id)),
            Arrival::GlareTheirsGoesOn(ours) => {
                self.on_glare(cx, ours, id, invitation.mail.sender().is_pinned())
            }
            Arrival::Rings => self.with(id, |call| call.ring(cx)),
            Arrival::Duplicate
            | Arrival::AlreadyEnded
            | Arrival::TooMany
            | Arrival::CancelledBefore(_)
            | Arrival::AnsweredElsewhere
            | Arrival::Expired
            | Arrival::Request => {}
        }
    }

    /// The other person's call goes on: taken by itself if it is proven to be theirs, for this is the device
    /// on which the user dials them.
    fn on_glare(&mut self, cx: &mut Cx, ours: CallId, theirs: CallId, proven: bool) {
        self.with(theirs, |call| call.head.calling_too = Some(ours));
        self.with(ours, |call| call.head.calling_too = Some(theirs));
        if proven {
            let video = self.calls.get(&ours).is_some_and(|call| call.head.video);
            let page = self.calls.get(&ours).and_then(|call| call.head.page);
            self.accept(cx, theirs, video, page);
        } else {
            self.with(theirs, |call| call.ring(cx));
        }
    }

    fn on_sent(&mut self, cx: &mut Cx, mail: crate::MailId) {
        if let Some(left) = cx.env.memory.take_leftover(mail) {
            let mail = cx.fresh_mail();
            let until = cx.now + cx.env.config.lifetime();
            cx.out.push(Output::Send {
                mail,
                account: left.account,
                to: left.peer,
                to_device: None,
                call: left.call,
                signal: Signal::Cancel { reason: left.reason },
                until,
                key: left.key,
            });
        }
        self.each_dialling(|dialling| dialling.on_sent(cx, mail));
    }

    fn on_failed(&mut self, cx: &mut Cx, mail: crate::MailId, failure: &SendFailure) {
        self.each(|call| {
            if let Stage::Dialling(dialling) = &mut call.stage {
                let step = dialling.on_failed(mail, failure);
                call.apply(cx, step);
            }
        });
    }

    fn on_hello(&mut self, cx: &mut Cx, page: PageId, can_webrtc: bool) {
        if cx.env.pages.hello(page, can_webrtc) {
            self.lose_page(cx, page, true);
        }
        if can_webrtc {
            self.each(|call| call.on_page(cx));
        }
    }

    fn on_gone(&mut self, cx: &mut Cx, page: PageId) {
        cx.env.pages.gone(page, cx.now);
        self.each(|call| call.on_page_away(cx, page));
    }

    fn on_closed(&mut self, cx: &mut Cx, page: PageId) {
        cx.env.pages.forget(page);
        self.each(|call| call.close_page(cx, page));
        self.lose_page(cx, page, false);
    }

    fn lose_page(&mut self, cx: &mut Cx, page: PageId, comes_back: bool) {
        if let Some(lost) = self.prepared.take_if(|prepared| prepared.page() == page) {
            lost.close(cx);
        }
        self.each(|call| call.lose_page(cx, page, comes_back));
    }

    fn open_contact(&mut self, cx: &mut Cx, account: AccountId, to: Address) {
        let again = |prepared: &mut Prepared| prepared.reopen(account, &to, &cx.env.config, cx.now);
        if self.prepared.as_mut().is_some_and(again) {
            return;
        }
        if let Some(old) = self.prepared.take() {
            old.close(cx);
        }
        *self.prepared = Prepared::gather(cx, account, to);
    }

    fn call(&mut self, cx: &mut Cx, account: AccountId, to: Address, video: bool, page: Option<PageId>) {
        let with_peer = |call: &&mut Call| call.head.account == account && call.head.peer == to;
        let proven =
            |call: &Call| call.head.verified && matches!(call.stage, Stage::Ringing(_)) && !call.is_request();
        let mut known = self.calls.values_mut().filter(with_peer);
        if let Some(call) = known.find(|call| call.stage.is_busy() || proven(call)) {
            // Tells whoever asks again which call it is.
            call.head.remembered = None;
            let id = call.head.id;
            self.accept(cx, id, video, page);
            return;
        }
        self.end_busy(cx, None);
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
        head.page = link.as_ref().map(|(link, _)| link.page).or(page);
        let dialling = Dialling::begin(&mut head, cx, link);
        self.calls.insert(id, Call::new(head, Stage::Dialling(dialling)));
        self.ring_new_contacts(cx);
    }

    /// Ends what the user is busy with, because `by` or a new call of theirs takes its place.
    fn end_busy(&mut self, cx: &mut Cx, by: Option<&Head>) {
        for call in self.calls.values_mut().filter(|call| call.stage.is_busy()) {
            let same = |by: &&Head| by.account == call.head.account && by.peer == call.head.peer;
            match by.filter(same) {
                Some(by) if matches!(call.stage, Stage::Dialling(_)) => call.supersede(cx, by.id),
                Some(_) | None => call.hang_up(cx, CancelReason::HungUp),
            }
        }
    }

    fn accept(&mut self, cx: &mut Cx, id: CallId, video: bool, page: Option<PageId>) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| matches!(call.stage, Stage::Ringing(_)))
        else {
            return;
        };
        call.head.page = call.head.page.or(page);
        let head = call.head.clone();
        self.end_busy(cx, Some(&head));
        if self.calls.get(&id).is_some_and(Call::is_request) {
            add_contact(cx, head.account, &head.peer, head.peer_name);
        }
        self.with(id, |call| call.accept(cx, video));
    }

    fn decline(&mut self, cx: &mut Cx, id: CallId) {
        self.with(id, |call| {
            if matches!(call.stage, Stage::Ringing(_)) {
                call.hang_up(cx, CancelReason::HungUp);
            }
        });
    }

    fn accept_request(&mut self, cx: &mut Cx, id: CallId) {
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
    fn ring_new_contacts(&mut self, cx: &mut Cx) {
        self.each(|call| {
            if call.is_request() && call.head.is_contact(cx) {
                call.ring(cx);
            }
        });
    }

    fn fire_timers(&mut self, cx: &mut Cx) {
        for _ in 0..MAX_TIMERS {
            let patience = cx.env.config.page_return;
            if let Some(page) = cx.env.pages.take_lost(cx.now, patience) {
                self.lose_page(cx, page, false);
                continue;
            }
            if let Some(unused) = self.prepared.take_if(|prepared| prepared.wake(&cx.env.config) <= cx.now) {
                unused.close(cx);
            }
            let due = |call: &&mut Call| call.timer(&cx.env.config).is_some_and(|(at, _)| at <= cx.now);
            let Some(call) = self.calls.values_mut().find(due) else { return };
            if let Some((_, timer)) = call.timer(&cx.env.config) {
                call.fire(cx, timer);
            }
        }
    }

    /// Tells what the turn changed.
    fn settle(&mut self, cx: &mut Cx, out: &mut Vec<Output>) {
        let busy = self.calls.values().any(|call| call.stage.is_busy());
        self.each(|call| match &call.stage {
            Stage::Ringing(ringing) if ringing.is_request() => call.head.alert(cx, Alert::Request),
            Stage::Ringing(_) => {
                call.head.waiting = busy;
                call.head.alert(cx, Alert::Ring { softly: busy });
            }
            Stage::Dialling(_) | Stage::Taken(_) | Stage::Ended(_) => {}
        });
        self.each(|call| {
            let record = Box::new(call.record());
            if call.head.remembered.as_ref() != Some(&record) {
                let seen = call.head.remembered.as_ref().is_some_and(|old| old.view == record.view);
                out.push(Output::Remember(record.clone()));
                if !seen {
                    out.push(Output::Changed(record.view.clone()));
                }
                call.head.remembered = Some(record);
            }
        });
        self.calls.retain(|_, call| !call.stage.is_ended());
    }
}

/// A signal of a call that is not live: the call is over, or its invitation is still on its way.
fn too_late_or_too_early(cx: &mut Cx, mail: &Verified) {
    if let Some(over) = cx.env.memory.is_over(mail.call()) {
        let believes = matches!(mail.signal(), Signal::Accept { .. } | Signal::Offer(_));
        if let Some(reason) = believes.then(|| over.replies_to(mail)).flatten() {
            let id = cx.fresh_mail();
            let until = cx.now + cx.env.config.give_up_connecting;
            cx.out.push(Output::Send {
                mail: id,
                account: mail.account(),
                to: mail.from().clone(),
                to_device: Some(mail.device()),
                call: mail.call(),
                signal: Signal::Cancel { reason },
                until,
                key: mail.sender().fingerprint().map(str::to_owned),
            });
        }
    } else if let Signal::Cancel { reason } = mail.signal() {
        cx.env.memory.foretell(mail, Omen::Cancelled(*reason), cx.now);
    }
}

fn add_contact(cx: &mut Cx, account: AccountId, address: &Address, name: String) {
    if cx.env.policy.contacts.0.insert((account, address.clone())) {
        cx.out.push(Output::BecameContact { account, address: address.clone(), name });
    }
}
