//! What comes and goes by mail.

use std::time::Duration;

use crate::{
    CallId, EndReason, MailId, Output, SendFailure, Signal, Verified,
    arrival::{Arrival, Invitation, stillborn},
    call::{Call, Stage, Step},
    cx::Cx,
    machine::Rest,
    memory::Omen,
};

impl Rest<'_> {
    pub(super) fn on_mail(&mut self, cx: &mut Cx, mail: &Verified, age: Duration) {
        let own = cx.env.config.device;
        if mail.device() == own || mail.to_device().is_some_and(|device| device != own) {
            return;
        }
        match mail.signal() {
            Signal::Answered { .. } => self.on_answered(cx, mail),
            Signal::Invite { .. } => self.on_invite(cx, &Invitation::new(mail, age)),
            Signal::Courier { conference, text } => self.on_courier(cx, mail, *conference, text),
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
                call.apply(cx, Step::End(EndReason::AnsweredElsewhere));
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
            | Arrival::ComesBack(_)
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
            Arrival::ComesBack(conference) => {
                let video = self.video_in(conference);
                self.accept(cx, id, video, None, Some(conference));
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
    /// on which the user dials them. Between two conferences the user chooses.
    fn on_glare(&mut self, cx: &mut Cx, ours: CallId, theirs: CallId, proven: bool) {
        self.with(theirs, |call| call.head.calling_too = Some(ours));
        self.with(ours, |call| call.head.calling_too = Some(theirs));
        let conference = |id| self.calls.get(id).and_then(Call::conference);
        let (into, invited) = (conference(&ours), conference(&theirs));
        if proven && (into == invited || into.is_none() || invited.is_none()) {
            let video = self.calls.get(&ours).is_some_and(|call| call.head.video);
            let page = self.calls.get(&ours).and_then(|call| call.head.page);
            let into = into.filter(|conference| self.is_in(*conference));
            self.accept(cx, theirs, video, page, into);
        } else {
            self.with(theirs, |call| call.ring(cx));
        }
    }

    pub(super) fn on_sent(&mut self, cx: &mut Cx, mail: MailId) {
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

    pub(super) fn on_failed(&mut self, cx: &mut Cx, mail: MailId, failure: &SendFailure) {
        self.each(|call| {
            if let Stage::Dialling(dialling) = &mut call.stage {
                let step = dialling.on_failed(mail, failure);
                call.apply(cx, step);
            }
        });
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
