use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Address, CallId, Conference, ConferenceId, CourierText, Description, LinkId, MailId, PageId,
    Signal, Verified,
};

/// What can happen to the call machine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A signal came by mail and was examined.
    Mail {
        /// The signal.
        signal: Verified,
        /// How old it is as far as the mail servers' own clocks tell.
        age: Duration,
    },
    /// A mail was encrypted. Comes before the mail leaves, so that no reply can overtake it.
    Sealed {
        /// Which mail.
        mail: MailId,
        /// The fingerprint (hex) of the one key, beside our own, that can read it.
        key: String,
    },
    /// The mail server took a mail (SMTP 250). Reported also for a mail that was unsent too late.
    MailSent {
        /// Which.
        mail: MailId,
    },
    /// A mail was not taken.
    MailFailed {
        /// Which.
        mail: MailId,
        /// For good, or will it be tried again.
        failure: SendFailure,
    },
    /// A page connected, or said anew what it can do.
    PageHello {
        /// Which.
        page: PageId,
        /// Whether it has `RTCPeerConnection`.
        can_webrtc: bool,
    },
    /// A page got the focus.
    PageFocused {
        /// Which.
        page: PageId,
    },
    /// A page's connection closed without a word; it has 5 s to come back.
    PageGone {
        /// Which.
        page: PageId,
    },
    /// The user closed the window of a page: hangs up what it carries.
    PageClosed {
        /// Which.
        page: PageId,
    },
    /// The user opened a contact: a link is gathered in advance.
    OpenContact {
        /// From which account a call would go.
        account: AccountId,
        /// Whom it would reach.
        to: Address,
    },
    /// The user calls.
    Call {
        /// From which account.
        account: AccountId,
        /// Whom.
        to: Address,
        /// With picture.
        video: bool,
        /// The page on which the user did it, if any.
        page: Option<PageId>,
        /// The conference into which the other person is invited, or to which the user wants to come back.
        conference: Option<Conference>,
    },
    /// The user takes a call.
    Accept {
        /// Which.
        call: CallId,
        /// With picture.
        video: bool,
        /// The page on which the user did it; `None`: a notification.
        page: Option<PageId>,
        /// Adds the caller to this conference, in which this device is; else the call takes the place of what the
        /// user is busy with.
        conference: Option<ConferenceId>,
    },
    /// The user declines a call.
    Decline {
        /// Which.
        call: CallId,
    },
    /// The user ends a call, in whatever state.
    HangUp {
        /// Which.
        call: CallId,
    },
    /// The organiser put the other end of a taken call out of its conference: the call ends, and no other.
    Expel {
        /// Which.
        call: CallId,
    },
    /// The user accepted a stranger's request: rings if the invitation still lives.
    AcceptRequest {
        /// Which.
        call: CallId,
    },
    /// A page made a description it was asked for (offer or answer).
    Described {
        /// The page that reports.
        page: PageId,
        /// Of which link.
        link: LinkId,
        /// The description.
        description: Description,
    },
    /// The state of a link, as its page sees it.
    LinkState {
        /// The page that reports.
        page: PageId,
        /// Which link.
        link: LinkId,
        /// How it is.
        state: LinkState,
    },
    /// A signal came over a link's control channel.
    SignalFromLink {
        /// The page that reports.
        page: PageId,
        /// Which link.
        link: LinkId,
        /// What it says.
        signal: Signal,
    },
    /// The page that holds a call's link says to which conference the call belongs. Other pages are not heard.
    Conference {
        /// The page that reports.
        page: PageId,
        /// Which call.
        call: CallId,
        /// Its conference.
        conference: Conference,
        /// How many are in it beside this device and the other end of this call: as long as there are any, the call
        /// does not end with its link.
        others: u32,
        /// The addresses of all others who are in; of more than 16 the rest is not kept.
        ways: Vec<Address>,
        /// The addresses of those whom their keys prove, and who are in or were and left by themselves: they come back
        /// without ringing. Of more than 64 the rest is not kept.
        proven: Vec<Address>,
    },
    /// A participant of a conference is to be told something by mail, since nothing else leads there. Only the page that
    /// holds the call's link is heard.
    Courier {
        /// The page that asks.
        page: PageId,
        /// A call by which this device is in the conference.
        call: CallId,
        /// The participant's address.
        to: Address,
        /// What it is told.
        text: CourierText,
    },
    /// Contacts or policy changed; replaces what was known.
    Policy(Policy),
    /// Nothing but time passed.
    Tick,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// It will be tried again while the call lives.
    Temporary,
    /// The server refused it for good, or it bounced.
    Refused {
        /// The server's own words.
        words: String,
    },
}

/// What a page reports of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum LinkState {
    /// The control channel is open.
    Open,
    /// ICE failed; the page keeps trying as the late-answer rules say.
    Failing,
    /// The page gave the link up; a fresh one is needed.
    Lost,
}

/// What the user decided about people and privacy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who rings.
    pub contacts: Contacts,
    /// "Hide my address until I answer": no early answer.
    pub hide_until_answer: bool,
    /// What this device calls itself in `ringing`.
    pub device_name: String,
    /// The user's name in invitations.
    pub own_name: String,
    /// Who the user is on each account: only with it do the account's other devices silence this one.
    pub own: BTreeMap<AccountId, Own>,
}

/// The user on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The account's address.
    pub address: Address,
    /// The fingerprint (hex) of the account's OpenPGP key.
    pub fingerprint: String,
}

/// The accepted addresses of every account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts(pub BTreeSet<(AccountId, Address)>);

impl Contacts {
    /// Whether `address` is a contact of `account`.
    pub fn contains(&self, account: AccountId, address: &Address) -> bool {
        self.0.contains(&(account, address.clone()))
    }
}
