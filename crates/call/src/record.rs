use std::time::Duration;

use crate::{
    Alert, CallRecord, CallState, CancelReason, EndReason, Output, Time,
    call::{Call, Stage},
    cx::Cx,
    machine::Machine,
    memory::Over,
};

impl Call {
    /// What must outlive the process.
    pub(crate) fn record(&self) -> CallRecord {
        let resume = match &self.stage {
            Stage::Ended(_) => String::new(),
            Stage::Dialling(_) | Stage::Ringing(_) | Stage::Taken(_) => {
                serde_json::to_string(self).unwrap_or_default()
            }
        };
        let head = &self.head;
        CallRecord {
            view: self.view(),
            began: head.began,
            connected: head.connected,
            ended: head.ended,
            resume,
        }
    }

    fn shift(&mut self, shift: impl Fn(&mut Time) + Copy) {
        let head = &mut self.head;
        [Some(&mut head.began), head.connected.as_mut(), head.ended.as_mut()]
            .into_iter()
            .flatten()
            .for_each(shift);
        match &mut self.stage {
            Stage::Dialling(dialling) => dialling.shift(shift),
            Stage::Ringing(ringing) => ringing.shift(shift),
            Stage::Taken(taken) => taken.shift(shift),
            Stage::Ended(_) => {}
        }
    }

    /// Goes on after the process was interrupted: no page is there and every link is gone.
    fn resume(&mut self, cx: &mut Cx) {
        let Self { head, stage } = self;
        match stage {
            Stage::Dialling(dialling) => dialling.want_links(head, cx),
            Stage::Ringing(ringing) => ringing.resume(head, cx),
            Stage::Taken(taken) if taken.is_connected() => {
                taken.hang_up(head, cx, CancelReason::HungUp);
                self.end(cx, EndReason::Interrupted);
            }
            Stage::Taken(taken) => taken.offer_myself(head, cx),
            Stage::Ended(_) => {}
        }
    }
}

impl Machine {
    /// Takes over the calls of a process that stopped. Call it once for each account, before any input about it.
    ///
    /// `elapsed` is what the clock of the records would read now, so that a moment `t` in them was
    /// `elapsed − t` ago. Whoever keeps a clock that goes on from process to process passes that clock's
    /// reading; a moment from before the origin of the new clock becomes its origin.
    ///
    /// Ringing goes on without a second `ringing`, dialling and connecting go on with fresh links, a connected
    /// call ends as [`EndReason::Interrupted`]. Records of calls that are over make their mails, should they
    /// come again, duplicates.
    pub fn restore(
        &mut self,
        now: Time,
        ids: &mut dyn crate::IdSource,
        elapsed: Duration,
        records: Vec<CallRecord>,
    ) -> Vec<Output> {
        // A clock that went back would make the calls live longer than they may.
        let latest = records.iter().map(|record| record.began).max().unwrap_or_default();
        let origin = (Time::default() + elapsed).max(latest);
        let shift = |time: &mut Time| *time = Time((now.0.saturating_add(time.0)).saturating_sub(origin.0));
        let (mut broken, mut out) = (Vec::new(), Vec::new());
        let mut restored = Vec::new();
        for mut record in records {
            if let CallState::Ended { .. } = record.view.state {
                record.ended.iter_mut().for_each(shift);
                self.env.memory.remember_over(over(&record, now));
                continue;
            }
            match serde_json::from_str::<Call>(&record.resume) {
                Ok(mut call) => {
                    call.shift(shift);
                    restored.push(call.head.id);
                    self.calls.insert(call.head.id, call);
                }
                Err(_) => broken.push(record),
            }
        }
        for mut record in broken {
            record.resume = String::new();
            record.view.state = CallState::Ended { reason: EndReason::Interrupted };
            record.ended = Some(now);
            self.env.memory.remember_over(over(&record, now));
            let call = record.view.call;
            out.push(Output::Changed(record.view.clone()));
            out.push(Output::Remember(Box::new(record)));
            out.push(Output::Alert { call, alert: Alert::Silence });
        }
        self.turn(now, ids, &mut out, |rest, cx| {
            for call in rest.calls.values_mut().filter(|call| restored.contains(&call.head.id)) {
                call.resume(cx);
            }
        });
        out
    }
}

fn over(record: &CallRecord, now: Time) -> Over {
    Over {
        call: record.view.call,
        account: record.view.account,
        peer: record.view.peer.clone(),
        key: None,
        reply: None,
        request: None,
        conference: record.connected.and(record.view.conference.as_ref()).map(|conference| conference.id),
        at: record.ended.unwrap_or(now),
        told: Vec::new(),
    }
}
