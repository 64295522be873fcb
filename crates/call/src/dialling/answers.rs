//! What the callee's devices say.

use crate::{
    CancelReason, Conference, ConferenceId, DeclineReason, DeviceId, EndReason, LinkDescription, LinkId,
    PageId, Signal, Verified,
    call::Step,
    cx::Cx,
    dialling::{DialStage, Dialling, answer_until},
    head::Head,
    leg::{Leg, Link, LinkStage, find_link},
    memory::{key_matches, sender_matches},
    taken::Taken,
    text,
};

/// Devices of the callee that are kept apart.
const MAX_LEGS: usize = 8;

impl Dialling {
    pub fn on_mail(&mut self, head: &mut Head, cx: &mut Cx, mail: &Verified) -> Step {
        if !sender_matches(self.sealed_to.as_deref(), mail.sender()) || !self.knows(mail) {
            return Step::Stay;
        }
        let device = mail.device();
        match mail.signal() {
            Signal::Ringing { device_name, answer } => {
                let Some(leg) = self.leg(mail) else { return Step::Stay };
                leg.rings = true;
                leg.name = text::name(device_name);
                let device_name = leg.name.clone();
                head.note(mail.sender());
                if let Some(answer) = answer {
                    self.use_answer(cx, device, answer);
                }
                self.rings(cx, device_name);
                self.want_links(head, cx);
                Step::Stay
            }
            Signal::Answer(answer) => {
                if self.leg(mail).is_some() {
                    self.use_answer(cx, device, answer);
                    self.want_links(head, cx);
                }
                Step::Stay
            }
            Signal::Offer(offer) => {
                if let Some(leg) = self.leg(mail) {
                    leg.take_offer(offer.clone());
                }
                Step::Stay
            }
            Signal::Accept { answer, conference, .. } => {
                if self.leg(mail).is_none() {
                    return Step::Stay;
                }
                head.note(mail.sender());
                if let Some(answer) = answer {
                    self.use_answer(cx, device, answer);
                }
                self.take(head, cx, device, *conference)
            }
            Signal::Decline { reason } => {
                head.note(mail.sender());
                self.declined(head, cx, device, *reason)
            }
            Signal::Cancel { .. } => self.taken_and_over(head, cx, device),
            Signal::Invite { .. } | Signal::Answered { .. } | Signal::Courier { .. } => Step::Stay,
        }
    }

    pub fn on_link_signal(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        link: LinkId,
        page: PageId,
        signal: &Signal,
    ) -> Step {
        let Some(device) = find_link(&mut self.legs, link, page).map(|leg| leg.device) else {
            return Step::Stay;
        };
        match signal {
            Signal::Accept { conference, .. } => self.take(head, cx, device, *conference),
            Signal::Decline { reason } => self.declined(head, cx, device, *reason),
            Signal::Cancel { .. } => self.taken_and_over(head, cx, device),
            Signal::Invite { .. }
            | Signal::Ringing { .. }
            | Signal::Offer(_)
            | Signal::Answer(_)
            | Signal::Answered { .. }
            | Signal::Courier { .. } => Step::Stay,
        }
    }

    /// Whether nobody else's key has spoken for this device.
    fn knows(&self, mail: &Verified) -> bool {
        let leg = self.legs.iter().find(|leg| leg.device == mail.device());
        leg.is_none_or(|leg| key_matches(leg.key.as_deref(), mail.sender().fingerprint()))
    }

    fn leg(&mut self, mail: &Verified) -> Option<&mut Leg> {
        let key = mail.sender().fingerprint().map(str::to_owned);
        if let Some(at) = self.legs.iter().position(|leg| leg.device == mail.device()) {
            let leg = self.legs.get_mut(at)?;
            leg.key = key;
            return Some(leg);
        }
        if self.legs.len() >= MAX_LEGS {
            return None;
        }
        self.legs.push(Leg::new(mail.device(), key));
        self.legs.last_mut()
    }

    /// The first answer to the invitation's link takes that link.
    fn use_answer(&mut self, cx: &mut Cx, device: DeviceId, answer: &LinkDescription) {
        let Some(leg) = self.legs.iter_mut().find(|leg| leg.device == device) else { return };
        let free = |link: &mut Link| link.id == answer.link && link.stage == LinkStage::Offered;
        if let Some(link) = self.offer.take_if(free) {
            leg.links.push(link);
        }
        leg.use_answer(answer, cx);
    }

    fn rings(&mut self, cx: &Cx, device_name: String) {
        let until = match self.stage {
            DialStage::Preparing { .. } | DialStage::Ringing { .. } => return,
            DialStage::Sending { .. } => answer_until(cx),
            DialStage::Sent { until, .. } => until,
        };
        self.stage = DialStage::Ringing { device_name, until };
    }

    fn take(
        &mut self,
        head: &mut Head,
        cx: &mut Cx,
        device: DeviceId,
        added_to: Option<ConferenceId>,
    ) -> Step {
        let (mut taker, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.legs).into_iter().partition(|leg| leg.device == device);
        let Some(leg) = taker.pop() else { return Step::Stay };
        let turned_away = dismiss(head, cx, others);
        if let Some(offer) = self.offer.take() {
            offer.close(cx);
        }
        let hosts = lets_in(head, added_to);
        Step::Take(Box::new(Taken::by_peer(head, cx, leg, hosts, self.sealed_to.take(), turned_away)))
    }

    fn declined(&mut self, head: &Head, cx: &mut Cx, device: DeviceId, reason: DeclineReason) -> Step {
        self.dismiss_others(head, cx, device);
        Step::End(EndReason::Declined { reason })
    }

    /// The callee's `cancel` overtook its `accept`.
    fn taken_and_over(&mut self, head: &Head, cx: &mut Cx, device: DeviceId) -> Step {
        self.dismiss_others(head, cx, device);
        Step::End(EndReason::HungUp { by_peer: true })
    }

    fn dismiss_others(&mut self, head: &Head, cx: &mut Cx, device: DeviceId) {
        let (own, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.legs).into_iter().partition(|leg| leg.device == device);
        self.legs = own;
        dismiss(head, cx, others);
    }
}

/// Whether this side's conference goes on, and not the callee's. The callee adds nobody to another conference than the
/// one that the invitation named.
fn lets_in(head: &mut Head, added_to: Option<ConferenceId>) -> bool {
    added_to
        .is_none_or(|theirs| head.conference.get_or_insert_with(|| Conference::unknown(theirs)).id != theirs)
}

/// Tells devices that another one was first; returns which.
fn dismiss(head: &Head, cx: &mut Cx, legs: Vec<Leg>) -> Vec<DeviceId> {
    let reason = CancelReason::AnsweredElsewhere;
    legs.into_iter()
        .map(|mut leg| {
            head.tell(cx, &leg, Signal::Cancel { reason });
            leg.close_links(cx, |_| true);
            leg.device
        })
        .collect()
}
