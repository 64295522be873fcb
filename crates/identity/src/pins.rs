use std::collections::{BTreeMap, VecDeque};

use call::{AccountId, Address};

use crate::PeerKey;

/// More people than this are not remembered; a key costs some 600 bytes. The app makes room by forgetting
/// strangers ([`Pins::make_room`]).
pub const MAX_PINS: usize = 4096;

/// As many proven keys that are not pinned are kept for replies.
const MAX_SEEN: usize = 64;

/// A pin as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRow {
    /// The account.
    pub account: AccountId,
    /// Whose key.
    pub address: Address,
    /// As [`PeerKey::fingerprint`].
    pub fingerprint: String,
    /// As [`PeerKey::as_bytes`].
    pub public_key: Vec<u8>,
}

/// What must be stored about pins before a signal that came with it is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinChange {
    /// Insert this row, or replace the one of the same account and address.
    Set(PinRow),
    /// Delete the row.
    Removed {
        /// The account.
        account: AccountId,
        /// Whose key.
        address: Address,
    },
}

/// Which key belongs to whom: per account and address, the first one seen.
///
/// Beside the pins it keeps, in memory only, the last few keys that signed something without being the pin: a
/// reply within a call is sealed to the very key that the other side proved in it.
#[derive(Debug, Default)]
pub struct Pins {
    pinned: BTreeMap<(AccountId, Address), PeerKey>,
    seen: VecDeque<(AccountId, Address, PeerKey)>,
}

impl Pins {
    /// The book as it was stored.
    pub fn load(rows: impl IntoIterator<Item = PinRow>) -> Self {
        let pin =
            |row: PinRow| ((row.account, row.address), PeerKey::stored(row.fingerprint, row.public_key));
        Self { pinned: rows.into_iter().map(pin).collect(), seen: VecDeque::new() }
    }

    /// The key pinned for an address: the one to seal a new call to.
    pub fn pinned(&self, account: AccountId, address: &Address) -> Option<&PeerKey> {
        self.pinned.get(&(account, address.clone()))
    }

    /// The key of an address with this fingerprint, pinned or not: the one to seal a reply within a call to.
    pub fn key(&self, account: AccountId, address: &Address, fingerprint: &str) -> Option<&PeerKey> {
        let pinned = self.pinned(account, address);
        pinned.into_iter().chain(self.seen(account, address)).find(|key| key.fingerprint() == fingerprint)
    }

    /// What to store before [`Pins::trust`]: what could not be stored may be decided again.
    pub fn trusting(&self, account: AccountId, address: &Address, fingerprint: &str) -> Option<PinChange> {
        let key = self.seen(account, address).find(|key| key.fingerprint() == fingerprint)?;
        Some(pinning(account, address, key))
    }

    /// The user decided that this key, which signed something, is the right one: it becomes the pin. `None` if
    /// no such key was seen since the start, or if it is the pin already.
    pub fn trust(&mut self, account: AccountId, address: &Address, fingerprint: &str) -> Option<PinChange> {
        let key = self.seen(account, address).find(|key| key.fingerprint() == fingerprint)?.clone();
        self.unsee(account, address, fingerprint);
        Some(self.set(account, address, key))
    }

    /// Unpins an address; the next key seen is pinned.
    pub fn forget(&mut self, account: AccountId, address: &Address) -> Option<PinChange> {
        self.seen.retain(|(a, who, _)| (*a, who) != (account, address));
        self.pinned.remove(&(account, address.clone()))?;
        Some(PinChange::Removed { account, address: address.clone() })
    }

    /// Forgets a pin that nobody needs, if there is no room for another: whoever can make us learn keys must not
    /// keep us from learning those of friends. `None` while there is room, or if all are needed.
    pub fn make_room(&mut self, is_needed: impl Fn(AccountId, &Address) -> bool) -> Option<PinChange> {
        if self.pinned.len() < MAX_PINS {
            return None;
        }
        let (account, address) =
            self.pinned.keys().find(|(account, address)| !is_needed(*account, address))?.clone();
        self.forget(account, &address)
    }

    /// Forgets everything of an account that is signed out.
    pub fn forget_account(&mut self, account: AccountId) -> Vec<PinChange> {
        let addresses: Vec<Address> =
            self.pinned.keys().filter(|(a, _)| *a == account).map(|(_, address)| address.clone()).collect();
        self.seen.retain(|(a, _, _)| *a != account);
        addresses.iter().filter_map(|address| self.forget(account, address)).collect()
    }

    /// Pins a key unless there is a pin or no room.
    pub(crate) fn learn(&mut self, account: AccountId, address: &Address, key: PeerKey) -> Option<PinChange> {
        if self.pinned(account, address).is_some() {
            return None;
        }
        if self.pinned.len() >= MAX_PINS {
            tracing::warn!(pins = self.pinned.len(), "no room for another pin");
            return None;
        }
        Some(self.set(account, address, key))
    }

    /// Keeps a key that signed something without being the pin.
    pub(crate) fn note(&mut self, account: AccountId, address: &Address, key: PeerKey) {
        self.unsee(account, address, key.fingerprint());
        if self.seen.len() >= MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back((account, address.clone(), key));
    }

    pub(crate) fn seen(&self, account: AccountId, address: &Address) -> impl Iterator<Item = &PeerKey> {
        self.seen.iter().filter(move |(a, who, _)| *a == account && who == address).map(|(_, _, key)| key)
    }

    fn unsee(&mut self, account: AccountId, address: &Address, fingerprint: &str) {
        self.seen.retain(|(a, who, key)| (*a, who, key.fingerprint()) != (account, address, fingerprint));
    }

    fn set(&mut self, account: AccountId, address: &Address, key: PeerKey) -> PinChange {
        let change = pinning(account, address, &key);
        self.pinned.insert((account, address.clone()), key);
        change
    }
}

fn pinning(account: AccountId, address: &Address, key: &PeerKey) -> PinChange {
    PinChange::Set(PinRow {
        account,
        address: address.clone(),
        fingerprint: key.fingerprint().to_owned(),
        public_key: key.as_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId(1);

    fn somebody(n: usize) -> Address {
        format!("somebody{n}@example.test").parse().unwrap()
    }

    fn key(n: usize) -> PeerKey {
        PeerKey::stored(format!("{n:040x}"), vec![0; 8])
    }

    #[test]
    fn a_flood_of_strangers_fills_the_book_and_moves_no_pin() {
        let mut pins = Pins::default();
        let learned =
            (0..MAX_PINS + 5).filter(|n| pins.learn(ACCOUNT, &somebody(*n), key(*n)).is_some()).count();

        assert_eq!(learned, MAX_PINS);
        assert_eq!(pins.pinned(ACCOUNT, &somebody(0)), Some(&key(0)));
        assert!(pins.forget(ACCOUNT, &somebody(1)).is_some());
        assert!(pins.learn(ACCOUNT, &somebody(MAX_PINS), key(MAX_PINS)).is_some());
    }

    #[test]
    fn room_is_made_by_forgetting_whom_nobody_needs() {
        let mut pins = Pins::default();
        pins.learn(ACCOUNT, &somebody(0), key(0));
        assert_eq!(pins.make_room(|_, _| false), None, "there is room");
        for n in 1..MAX_PINS {
            pins.learn(ACCOUNT, &somebody(n), key(n));
        }
        let friend = |_, who: &Address| *who == somebody(0);
        let Some(PinChange::Removed { address, .. }) = pins.make_room(friend) else { panic!("no room") };

        assert_ne!(address, somebody(0));
        assert!(pins.learn(ACCOUNT, &somebody(MAX_PINS), key(MAX_PINS)).is_some());
        assert_eq!(pins.make_room(|_, _| true), None);
        assert_eq!(pins.pinned(ACCOUNT, &somebody(0)), Some(&key(0)));
    }

    #[test]
    fn only_the_last_keys_that_are_no_pins_are_kept() {
        let (alice, mut pins) = (somebody(0), Pins::default());
        for n in 0..=MAX_SEEN {
            pins.note(ACCOUNT, &alice, key(n));
        }

        assert!(pins.key(ACCOUNT, &alice, key(0).fingerprint()).is_none());
        assert!(pins.key(ACCOUNT, &alice, key(1).fingerprint()).is_some());
    }

    #[test]
    fn a_key_noted_twice_takes_one_place() {
        let (alice, mut pins) = (somebody(0), Pins::default());
        pins.note(ACCOUNT, &alice, key(1));
        pins.note(ACCOUNT, &alice, key(1));

        assert_eq!(pins.seen(ACCOUNT, &alice).count(), 1);
    }

    #[test]
    fn what_a_decision_would_store_changes_nothing_yet() {
        let (alice, mut pins) = (somebody(0), Pins::default());
        pins.learn(ACCOUNT, &alice, key(1));
        pins.note(ACCOUNT, &alice, key(2));
        let change = pins.trusting(ACCOUNT, &alice, key(2).fingerprint());

        assert_eq!(pins.pinned(ACCOUNT, &alice), Some(&key(1)));
        assert!(change.is_some());
        assert_eq!(pins.trust(ACCOUNT, &alice, key(2).fingerprint()), change);
        assert_eq!(pins.pinned(ACCOUNT, &alice), Some(&key(2)));
    }
}
