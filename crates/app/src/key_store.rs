//! Whether the key store of the system can be used: asked once, aside, when somebody may have to choose.

use store::Availability;

use crate::{contract::Event, core::Core, happening::Happening};

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStore {
    Unasked,
    Asked,
    Works,
    Unusable,
}

impl Core {
    /// Asks, unless that it works is known, or is being asked.
    pub(crate) fn probe_key_store(&mut self) {
        if matches!(self.key_store, KeyStore::Asked | KeyStore::Works) {
            return;
        }
        self.key_store = KeyStore::Asked;
        let (secrets, happenings) = (self.store.secrets(), self.happenings.clone());
        tokio::spawn(async move {
            let works = matches!(secrets.probe().await, Ok(Availability::Ready));
            let _ = happenings.send(Happening::KeyStore(works)).await;
        });
    }

    /// The answer. Pages that were told otherwise get a fresh snapshot.
    pub(crate) fn key_store_probed(&mut self, works: bool) {
        self.key_store = if works { KeyStore::Works } else { KeyStore::Unusable };
        if works {
            let snapshot = Event::Snapshot(Box::new(self.snapshot()));
            self.tell(&snapshot);
        }
    }
}
