use serde::{Deserialize, Serialize};

use crate::{AccountId, Address, CallId, DeviceId, Signal};

/// How the key that signed a signal stands to the sender's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is the key pinned for this contact.
    Pinned,
    /// No key was pinned; this one is now.
    FirstUse,
    /// Another key is pinned. The pin stays; the user is told.
    Changed,
}

/// Who is proven to have sent a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sender {
    /// No signature: the address is what the mail says.
    Unauthenticated,
    /// Signed by the OpenPGP key with this fingerprint (hex).
    Key {
        /// Hex, as long as the key version makes it.
        fingerprint: String,
        /// What this device knows of the key.
        standing: Standing,
    },
}

impl Sender {
    /// The fingerprint of the signing key.
    pub fn fingerprint(&self) -> Option<&str> {
        match self {
            Self::Unauthenticated => None,
            Self::Key { fingerprint, .. } => Some(fingerprint),
        }
    }

    /// Whether the key pinned for the address signed it.
    pub const fn is_pinned(&self) -> bool {
        matches!(self, Self::Key { standing: Standing::Pinned, .. })
    }
}

/// A signal whose origin has been examined. The call machine takes no other.
///
/// Only the `identity` crate may make one (checked in CI); tests of this crate may, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    account: AccountId,
    from: Address,
    sender: Sender,
    device: DeviceId,
    to_device: Option<DeviceId>,
    call: CallId,
    signal: Signal,
}

impl Verified {
    /// States that the origin of `signal` has been examined with the outcome `sender`.
    #[allow(clippy::too_many_arguments, reason = "every part is one examined fact")]
    pub fn vouch(
        account: AccountId,
        from: Address,
        sender: Sender,
        device: DeviceId,
        to_device: Option<DeviceId>,
        call: CallId,
        signal: Signal,
    ) -> Self {
        Self { account, from, sender, device, to_device, call, signal }
    }

    /// The account that received it.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The sender's address; proven only as far as [`Verified::sender`] says.
    pub const fn from(&self) -> &Address {
        &self.from
    }

    /// Who is proven to have sent it.
    pub const fn sender(&self) -> &Sender {
        &self.sender
    }

    /// The device that sent it.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// The one device it is for; `None`: every device of the account.
    pub const fn to_device(&self) -> Option<DeviceId> {
        self.to_device
    }

    /// The call it belongs to.
    pub const fn call(&self) -> CallId {
        self.call
    }

    /// What it says.
    pub const fn signal(&self) -> &Signal {
        &self.signal
    }
}
