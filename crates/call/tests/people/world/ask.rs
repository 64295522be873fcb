//! What the stories ask.

use std::collections::BTreeSet;

use call::{
    Address, Alert, CallId, CallState, CallView, EndReason, LinkId, MailId, Output, PageEvent, PageId,
    Signal, SignalKind,
};

use super::{Dev, Device, World};

impl World {
    /// What a device says of a call, live or remembered.
    pub fn state(&self, dev: Dev, call: CallId) -> CallState {
        self.view(dev, call).expect("the device knows the call").state
    }

    pub fn view(&self, dev: Dev, call: CallId) -> Option<CallView> {
        let told = self.devices[dev.0].told.iter().rev();
        told.filter_map(|(_, output)| match output {
            Output::Changed(view) if view.call == call => Some(view.clone()),
            _ => None,
        })
        .next()
    }

    pub fn end(&self, dev: Dev, call: CallId) -> EndReason {
        match self.state(dev, call) {
            CallState::Ended { reason } => reason,
            state => panic!("{}: not over but {state:?}", self.devices[dev.0].name),
        }
    }

    pub fn alerts(&self, dev: Dev) -> Vec<Alert> {
        let alert = |output: &Output| match output {
            Output::Alert { alert, .. } => Some(*alert),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| alert(output)).collect()
    }

    /// The kinds of signals that a device mailed.
    pub fn mailed(&self, dev: Dev) -> Vec<SignalKind> {
        let kind = |output: &Output| match output {
            Output::Send { signal, .. } => Some(signal.kind()),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| kind(output)).collect()
    }

    pub fn page_events(&self, dev: Dev) -> Vec<PageEvent> {
        let event = |output: &Output| match output {
            Output::Page { event, .. } => Some(event.clone()),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| event(output)).collect()
    }

    pub fn needed_pages(&self, dev: Dev) -> usize {
        self.devices[dev.0]
            .told
            .iter()
            .filter(|(_, output)| matches!(output, Output::NeedPage { .. }))
            .count()
    }

    /// Whether media may flow between the two devices: both were told so, on the same open link.
    pub fn in_conversation(&self, one: Dev, other: Dev) -> bool {
        self.links.media_between(one, other)
    }

    /// Calls that a device still shows as live.
    pub fn live(&self, dev: Dev) -> BTreeSet<CallId> {
        self.devices[dev.0].machine.snapshot().into_iter().map(|view| view.call).collect()
    }

    pub fn first_mail(&self, dev: Dev) -> MailId {
        let sent = |output: &Output| match output {
            Output::Send { mail, .. } => Some(*mail),
            _ => None,
        };
        self.devices[dev.0].told.iter().find_map(|(_, output)| sent(output)).expect("a mail")
    }

    pub fn contacts_made(&self, dev: Dev) -> Vec<Address> {
        let made = |output: &Output| match output {
            Output::BecameContact { address, .. } => Some(address.clone()),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| made(output)).collect()
    }

    pub fn answers_made(&self, dev: Dev) -> usize {
        self.page_events(dev).iter().filter(|event| matches!(event, PageEvent::MakeAnswer { .. })).count()
    }

    pub fn has_channel(&self, one: Dev, other: Dev) -> bool {
        self.links.open_between(one, other)
    }

    /// The pages that were asked for offers, in order.
    pub fn offering_pages(&self, dev: Dev) -> Vec<PageId> {
        let offering = |output: &Output| match output {
            Output::Page { page, event: PageEvent::MakeOffer { .. } } => Some(*page),
            _ => None,
        };
        self.devices[dev.0].told.iter().filter_map(|(_, output)| offering(output)).collect()
    }

    /// The link that a device shows for a call.
    pub fn link(&self, dev: Dev, call: CallId) -> LinkId {
        self.view(dev, call).and_then(|view| view.link).expect("a link")
    }

    /// The links that pages were told to close, in order.
    pub fn closed(&self, dev: Dev) -> Vec<LinkId> {
        let closed = |event: PageEvent| match event {
            PageEvent::CloseLink { link } => Some(link),
            _ => None,
        };
        self.page_events(dev).into_iter().filter_map(closed).collect()
    }

    /// How many links the pages of a device hold.
    pub fn held(&self, dev: Dev) -> usize {
        self.devices[dev.0].held.len()
    }

    /// A link that a device holds, and the page that holds it.
    pub fn held_link(&self, dev: Dev) -> (PageId, LinkId) {
        *self.devices[dev.0].held.keys().next().expect("a link")
    }

    /// The calls that a device ever knew.
    pub fn known(&self, dev: Dev) -> Vec<CallId> {
        self.devices[dev.0].store.keys().copied().collect()
    }

    /// Whether a device ever showed the call as connected.
    pub fn was_connected(&self, dev: Dev, call: CallId) -> bool {
        self.devices[dev.0].store.get(&call).is_some_and(|record| record.connected.is_some())
    }

    pub fn has_page(&self, dev: Dev) -> bool {
        !self.devices[dev.0].pages.is_empty()
    }

    /// Everything that was told, by everybody, in order: for the message of a test that fails.
    pub fn tale(&self) -> String {
        let told = |device: &Device| {
            let name = device.name;
            let told = device.told.iter().filter(|(_, output)| !matches!(output, Output::Remember(_)));
            told.map(|(at, output)| (*at, format!("{name}: {output:?}"))).collect::<Vec<_>>()
        };
        let mut all: Vec<(u64, String)> = self.devices.iter().flat_map(told).collect();
        all.sort_by_key(|(at, _)| *at);
        all.iter().map(|(at, what)| format!("{at} {what}\n")).collect()
    }

    pub fn is_on(&self, dev: Dev) -> bool {
        self.devices[dev.0].online
    }

    /// How long each break of a call was shown, in milliseconds, and how many links were offered by mail meanwhile.
    pub fn outages(&self, dev: Dev, call: CallId) -> Vec<(u64, usize)> {
        let (mut outages, mut current) = (Vec::new(), None);
        for (at, output) in &self.devices[dev.0].told {
            match (output, &mut current) {
                (Output::Changed(view), None)
                    if view.call == call && view.state == CallState::Reconnecting =>
                {
                    current = Some((*at, 0));
                }
                (Output::Changed(view), Some((since, offers)))
                    if view.call == call && view.state != CallState::Reconnecting =>
                {
                    outages.push((at - *since, *offers));
                    current = None;
                }
                (Output::Send { signal: Signal::Offer(_), .. }, Some((_, offers))) => *offers += 1,
                _ => {}
            }
        }
        outages
    }
}
