use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Conference, ConferenceId, LinkId};

/// The longest description, in bytes of its base64url text.
pub const MAX_DESCRIPTION: usize = 1024;

/// The longest an invitation may ring, in seconds.
pub const MAX_LIFETIME_S: u32 = 120;

/// The longest text that goes by courier, in bytes.
pub const MAX_COURIER_TEXT: usize = 4096;

/// The text cannot go by courier.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("what goes by courier is 1 to 4,096 bytes of text")]
pub struct BadCourierText;

/// What one participant of a conference says to another, signed with its key of the conference and opaque here; pages
/// make and read it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[serde(into = "String", try_from = "String")]
pub struct CourierText(String);

impl TryFrom<String> for CourierText {
    type Error = BadCourierText;

    fn try_from(text: String) -> Result<Self, BadCourierText> {
        if text.is_empty() || text.len() > MAX_COURIER_TEXT { Err(BadCourierText) } else { Ok(Self(text)) }
    }
}

impl From<CourierText> for String {
    fn from(text: CourierText) -> Self {
        text.0
    }
}

impl fmt::Debug for CourierText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CourierText({} bytes)", self.0.len())
    }
}

/// The text is not a description.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a description is 1 to 1,024 characters of base64url")]
pub struct BadDescription;

/// The compact form of a link's SDP, opaque here; pages make and read it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[serde(into = "String", try_from = "String")]
pub struct Description(String);

impl Description {
    /// The base64url text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Description {
    type Error = BadDescription;

    fn try_from(text: String) -> Result<Self, BadDescription> {
        let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > MAX_DESCRIPTION || !text.bytes().all(base64url) {
            return Err(BadDescription);
        }
        Ok(Self(text))
    }
}

impl From<Description> for String {
    fn from(description: Description) -> Self {
        description.0
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Description({} bytes)", self.0.len())
    }
}

/// Why a callee does not take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The person said no.
    Declined,
    /// The person is in another call and said no to this one.
    Busy,
    /// A reason of a later version.
    #[serde(other)]
    Other,
}

/// Why a caller takes a call back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The caller hung up before an answer, or ends a call with no channel left.
    HungUp,
    /// Another device of the callee was first.
    AnsweredElsewhere,
    /// Glare: the other person's call goes on instead.
    Superseded,
    /// Nobody answered while the invitation lived.
    NoAnswer,
    /// A reason of a later version.
    #[serde(other)]
    Other,
}

/// A call message, version 1. Who sent it, to which call it belongs and from which device it comes stand
/// around it ([`crate::Verified`]), never in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// Caller → every device of the callee: please ring.
    Invite {
        /// How long the invitation lives from its sending, in seconds (≤ [`MAX_LIFETIME_S`]).
        lifetime_s: u32,
        /// Whether the caller means to show a picture.
        video: bool,
        /// The caller's name as it wishes to be shown; empty if none.
        #[serde(default)]
        name: String,
        /// The link that is offered.
        link: LinkId,
        /// Its description (an offer).
        description: Description,
        /// The running conference into which it invites.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conference: Option<Conference>,
    },
    /// Callee device → caller: this device rings now.
    Ringing {
        /// What the device calls itself ("laptop").
        #[serde(default)]
        device_name: String,
        /// Early answer: the link of the invitation and its answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<LinkDescription>,
    },
    /// Callee device → caller: the person took the call on this device.
    Accept {
        /// Whether the callee shows a picture.
        video: bool,
        /// The answer if one was made and the channel is not up, also if `ringing` brought it already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<LinkDescription>,
        /// The callee adds the caller to this conference, in which it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conference: Option<ConferenceId>,
    },
    /// Callee → caller: the person does not take the call.
    Decline {
        /// Why.
        reason: DeclineReason,
    },
    /// Caller → callee's devices: stop ringing. After an accept, from either side: the call is over.
    Cancel {
        /// Why.
        reason: CancelReason,
    },
    /// One device → one device: a link of its own, or a fresh one instead of a broken one.
    Offer(LinkDescription),
    /// The answer to an invitation's or an offer's link.
    Answer(LinkDescription),
    /// A device → its own account's other devices: this call is dealt with here, stop ringing.
    Answered {
        /// True: taken; false: declined.
        accepted: bool,
    },
    /// Participant → participant, between whom nothing else is left: about a link between the two. It belongs to no
    /// call.
    Courier {
        /// The conference of both.
        conference: ConferenceId,
        /// What it says.
        text: CourierText,
    },
}

/// Which of the signals, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// [`Signal::Invite`]
    Invite,
    /// [`Signal::Ringing`]
    Ringing,
    /// [`Signal::Accept`]
    Accept,
    /// [`Signal::Decline`]
    Decline,
    /// [`Signal::Cancel`]
    Cancel,
    /// [`Signal::Offer`]
    Offer,
    /// [`Signal::Answer`]
    Answer,
    /// [`Signal::Answered`]
    Answered,
    /// [`Signal::Courier`]
    Courier,
}

impl Signal {
    /// Which of the signals this is.
    pub const fn kind(&self) -> SignalKind {
        match self {
            Self::Invite { .. } => SignalKind::Invite,
            Self::Ringing { .. } => SignalKind::Ringing,
            Self::Accept { .. } => SignalKind::Accept,
            Self::Decline { .. } => SignalKind::Decline,
            Self::Cancel { .. } => SignalKind::Cancel,
            Self::Offer(_) => SignalKind::Offer,
            Self::Answer(_) => SignalKind::Answer,
            Self::Answered { .. } => SignalKind::Answered,
            Self::Courier { .. } => SignalKind::Courier,
        }
    }
}

/// A link and one description of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LinkDescription {
    /// Which link.
    pub link: LinkId,
    /// Its offer or answer.
    pub description: Description,
}
