//! What is remembered, as pages see it.

use std::collections::{BTreeMap, BTreeSet};

use call::{CallView, Contacts, EndReason, Own, Policy};
use store::HistoryRow;

use crate::{
    contract::{ContactView, HistoryEntry, Snapshot},
    core::Core,
    key_store::KeyStore,
};

/// How many calls a page gets at once.
pub(crate) const HISTORY_PAGE: u32 = 100;

impl Core {
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            key_store: self.key_store == KeyStore::Works,
            accounts: self.accounts.values().map(crate::account::Account::view).collect(),
            contacts: self.contact_views(),
            calls: self.calls.values().cloned().collect(),
            history: self.history_entries(),
            settings: self.settings.clone(),
        }
    }

    pub(crate) fn contact_views(&self) -> Vec<ContactView> {
        let mut views: Vec<_> = self
            .contacts
            .iter()
            .map(|(who @ (account, address), contact)| ContactView {
                account: *account,
                address: address.clone(),
                name: contact.name.clone(),
                fingerprint: self.pins.pinned(*account, address).map(|key| key.fingerprint().to_owned()),
                changed_key: self.changed_keys.get(who).cloned(),
            })
            .collect();
        views.sort_by_cached_key(|view| {
            if view.name.is_empty() { view.address.as_str().to_owned() } else { view.name.to_lowercase() }
        });
        views
    }

    /// A contact has the name that the user gave it, whatever it calls itself.
    pub(crate) fn call_by_name(&self, view: &mut CallView) {
        let contact = self.contacts.get(&(view.account, view.peer.clone()));
        if let Some(contact) = contact.filter(|contact| !contact.name.is_empty()) {
            view.peer_name.clone_from(&contact.name);
        }
    }

    pub(crate) fn history_entries(&self) -> Vec<HistoryEntry> {
        self.history.iter().map(entry).collect()
    }

    /// What the machine must know about people and privacy.
    pub(crate) fn policy(&self) -> Policy {
        let contacts: BTreeSet<_> = self.contacts.keys().cloned().collect();
        let own: BTreeMap<_, _> = self
            .accounts
            .iter()
            .filter_map(|(id, account)| {
                let fingerprint = account.running()?.key.fingerprint().to_owned();
                Some((*id, Own { address: account.row.address.clone(), fingerprint }))
            })
            .collect();
        Policy {
            contacts: Contacts(contacts),
            hide_until_answer: self.settings.hide_until_answer,
            device_name: self.settings.device_name.clone(),
            own_name: String::new(),
            own,
        }
    }
}

/// One row of the history.
pub(crate) fn entry(row: &HistoryRow) -> HistoryEntry {
    let record = &row.record;
    let view = &record.view;
    let talked = record.connected.zip(record.ended).map(|(from, to)| to.since(from).as_secs());
    let end = match &view.state {
        call::CallState::Ended { reason } => Some(reason.clone()),
        _ => None::<EndReason>,
    };
    HistoryEntry {
        call: view.call,
        account: view.account,
        direction: view.direction,
        peer: view.peer.clone(),
        peer_name: view.peer_name.clone(),
        video: view.video,
        began: u64::try_from(row.began_ms).unwrap_or_default(),
        talked_s: talked.map(|s| u32::try_from(s).unwrap_or(u32::MAX)),
        end,
        conference: view.conference.clone(),
        ways: view.ways.clone(),
    }
}
