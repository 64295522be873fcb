use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Address, CallId, CallView, ConferenceId, CourierText, Description, DeviceId, LinkId, MailId,
    PageId, Signal, Time,
};

/// What must be done after an input. The caller stores all [`Output::Remember`]s and [`Output::Send`]s of one
/// input in one transaction, and only then carries anything out, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Keep this record of a call; it replaces the one with the same id.
    Remember(Box<CallRecord>),
    /// Post a signal by mail.
    Send {
        /// Its id in the outbox.
        mail: MailId,
        /// From which account.
        account: AccountId,
        /// To whom.
        to: Address,
        /// The one device it is for.
        to_device: Option<DeviceId>,
        /// The call.
        call: CallId,
        /// What it says.
        signal: Signal,
        /// When to give up posting it.
        until: Time,
        /// The key the other side proved in this call: with it, seal to this very key; the fingerprint in hex.
        key: Option<String>,
    },
    /// Take back a mail that is still in the outbox.
    Unsend {
        /// Which.
        mail: MailId,
    },
    /// Put an `answered` signal into the account's own INBOX for its other devices.
    TellSiblings {
        /// The account.
        account: AccountId,
        /// The call.
        call: CallId,
        /// [`Signal::Answered`].
        signal: Signal,
    },
    /// Tell one page.
    Page {
        /// Which.
        page: PageId,
        /// What.
        event: PageEvent,
    },
    /// A call changed: tell every page.
    Changed(CallView),
    /// What the person must notice (or no longer notice) of a call.
    Alert {
        /// The call.
        call: CallId,
        /// How.
        alert: Alert,
    },
    /// A call needs a page that can do WebRTC and none is connected: open one.
    NeedPage {
        /// The call.
        call: CallId,
    },
    /// The caller was dialled or accepted by the user: from now on a contact.
    BecameContact {
        /// The account.
        account: AccountId,
        /// Who.
        address: Address,
        /// The name the other side gave; empty if none.
        name: String,
    },
}

/// How a call makes itself noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alert {
    /// Notification, ring window, ring tone.
    Ring {
        /// Another call is going on: softly.
        softly: bool,
    },
    /// A stranger's request: a quiet notification.
    Request,
    /// A missed call: a notification that stays.
    Missed,
    /// Whatever was shown for the call goes away.
    Silence,
}

/// What one page is asked to do about a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type")]
pub enum PageEvent {
    /// Make a link and describe it (`Described` with an offer).
    MakeOffer {
        /// For this call.
        call: CallId,
        /// The new link.
        link: LinkId,
    },
    /// Make a link from this offer and describe it (`Described` with an answer).
    MakeAnswer {
        /// For this call.
        call: CallId,
        /// The new link.
        link: LinkId,
        /// The other side's offer.
        description: Description,
    },
    /// The other side's answer to a link's offer.
    UseAnswer {
        /// Which link.
        link: LinkId,
        /// The answer.
        description: Description,
    },
    /// The call was taken, on both sides as far as this link is concerned: media may flow on it.
    UseMedia {
        /// Which link.
        link: LinkId,
        /// Whether this side starts with its camera on.
        video: bool,
        /// Whether this side's conference is the one that goes on, and lets the other side in.
        hosts: bool,
        /// Into which conference the call leads; absent: it begins one.
        conference: Option<ConferenceId>,
    },
    /// Close a link, once what was sent on it has left.
    CloseLink {
        /// Which.
        link: LinkId,
    },
    /// Send a signal over a link's control channel.
    SendOnLink {
        /// Which.
        link: LinkId,
        /// What. Opaque to the page.
        #[cfg_attr(feature = "ts", ts(type = "unknown"))]
        signal: Signal,
    },
    /// Another participant of a conference, whom nothing else leads to, says something by mail. Who it is only what it
    /// says proves.
    TakeCourier {
        /// A call by which this device is in the conference.
        call: CallId,
        /// What it says.
        text: CourierText,
    },
}

/// What must outlive the process: enough to show a call in the history and to go on after a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The call as it is shown.
    pub view: CallView,
    /// When it began, on the machine's clock.
    pub began: Time,
    /// When it was connected.
    pub connected: Option<Time>,
    /// When it ended.
    pub ended: Option<Time>,
    /// What `Machine::restore` needs, as JSON; empty once the call has ended.
    pub resume: String,
}
