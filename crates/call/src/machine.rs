mod conference;
mod post;
mod user;

use std::collections::BTreeMap;

use crate::{
    Alert, CallId, CallView, Config, IdSource, Input, Output, PageId, Policy, Time,
    call::{Call, Stage},
    cx::{Cx, Env},
    dialling::Dialling,
    machine::conference::Told,
    memory::Memory,
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
        rest.note_carrier(&mut cx);
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
            Input::Call { account, to, video, page, conference } => {
                self.call(cx, account, to, video, page, conference);
            }
            Input::Accept { call, video, page, conference } => {
                self.accept(cx, call, video, page, conference);
            }
            Input::Decline { call } => self.decline(cx, call),
            Input::HangUp { call } => self.hang_up(cx, call),
            Input::Expel { call } => self.expel(cx, call),
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
            Input::Conference { page, call, conference, others, ways, proven } => {
                self.on_conference(cx, page, call, &Told { conference, ways, proven }, others);
            }
            Input::Courier { page, call, to, text } => self.send_courier(cx, page, call, to, text),
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

    fn on_hello(&mut self, cx: &mut Cx, page: PageId, can_webrtc: bool) {
        cx.env.pages.hello(page, can_webrtc);
        self.lose_page(cx, page, true);
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
        let mut carried = Vec::new();
        self.each(|call| {
            if call.close_page(cx, page) {
                carried.push(call.head.id);
            }
        });
        for call in carried {
            self.hang_up(cx, call);
        }
        self.lose_page(cx, page, false);
    }

    fn lose_page(&mut self, cx: &mut Cx, page: PageId, comes_back: bool) {
        if let Some(lost) = self.prepared.take_if(|prepared| prepared.page() == page) {
            lost.close(cx);
        }
        self.each(|call| call.lose_page(cx, page, comes_back));
    }

    fn fire_timers(&mut self, cx: &mut Cx) {
        for _ in 0..MAX_TIMERS {
            self.note_carrier(cx);
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
        self.drop_carried(cx);
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
