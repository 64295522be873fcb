use serde::{Deserialize, Serialize};

use crate::{AccountId, Address, CallId, Conference, DeclineReason, LinkId};

/// Who started a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Direction {
    /// This account called.
    Outgoing,
    /// This account was called.
    Incoming,
}

/// Where a call stands, as a person would be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type")]
pub enum CallState {
    /// Outgoing: the page gathers the link.
    Preparing,
    /// Outgoing: the invitation is on its way to the user's mail server.
    Sending {
        /// True once a first attempt failed and it is tried again.
        retrying: bool,
    },
    /// Outgoing: the user's mail server took the invitation (SMTP 250). Nothing rings yet as far as we know.
    Sent,
    /// Outgoing: a device of the callee proved that it rings. Incoming: this device rings.
    Ringing {
        /// Outgoing: the name of the first device that rings. Incoming: empty.
        device_name: String,
    },
    /// Incoming, from a stranger: shown as a request, does not ring.
    Requested,
    /// Taken; the link is not up yet, or media is not yet allowed to flow.
    Connecting,
    /// Taken and the link is up.
    Connected,
    /// Was connected; the link is being restored.
    Reconnecting,
    /// Over.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// Why a call is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type")]
pub enum EndReason {
    /// One side hung up after the call was connected.
    HungUp {
        /// True: the other side did.
        by_peer: bool,
    },
    /// The caller took the call back before it was answered.
    Cancelled,
    /// The callee said no.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
    /// Outgoing: nobody answered in time, though a device rang.
    NoAnswer,
    /// Outgoing: no device ever said that it rings.
    NoDevice,
    /// Incoming: not answered here while the invitation lived.
    Missed,
    /// Another device of this account took or declined it.
    AnsweredElsewhere,
    /// Glare: the other person's own call goes on instead.
    Superseded {
        /// The call that goes on.
        by: CallId,
    },
    /// The link was lost and could not be restored.
    LinkLost,
    /// The link never came up after the call was taken.
    NeverConnected,
    /// The invitation could not be delivered.
    Unreachable {
        /// The mail server's own words, for the details line.
        words: String,
    },
    /// The user's own mail server could not be reached while the invitation lived.
    NotSent,
    /// No page that can do WebRTC was there to make the link.
    NoPage,
    /// The backend stopped while the call was connected.
    Interrupted,
}

/// All a page shows of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CallView {
    /// Which call.
    pub call: CallId,
    /// The account it belongs to.
    pub account: AccountId,
    /// Who started it.
    pub direction: Direction,
    /// The other person's address.
    pub peer: Address,
    /// The other person's name as far as known; empty if not.
    pub peer_name: String,
    /// Whether the other side is proven by the key pinned for it.
    pub verified: bool,
    /// True if the signing key is not the pinned one: shown as a warning.
    pub key_changed: bool,
    /// Whether the caller means to show a picture.
    pub video: bool,
    /// Where it stands.
    pub state: CallState,
    /// The link in use, once there is one.
    pub link: Option<LinkId>,
    /// Glare: this person is being called by us at the same time ("Bob is calling you too").
    pub calling_too: bool,
    /// Another call is going on: ring softly.
    pub waiting: bool,
    /// The conference to which it belongs.
    pub conference: Option<Conference>,
    /// The addresses of others who are in that conference, or were when this device was: the ways back into it.
    #[serde(default)]
    pub ways: Vec<Address>,
}
