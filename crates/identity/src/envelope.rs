use call::{CallId, DeviceId, Signal, SignalKind};
use serde::{Deserialize, Serialize};

use crate::IdentityError;

/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 16 * 1024;

const VERSION: u64 = 1;

/// What travels as `application/vnd.mailcall+json`: a signal and what it belongs to, as one flat JSON object.
///
/// ```json
/// {"v":1,"call":"<32 hex>","device":"<32 hex>","type":"decline","reason":"busy"}
/// ```
///
/// It names no sender: who sent it is a matter of signatures, never of the payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The call it belongs to.
    pub call: CallId,
    /// The sender's device.
    pub device: DeviceId,
    /// The one device it is for; `None`: every device of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_device: Option<DeviceId>,
    /// What it says.
    #[serde(flatten)]
    pub signal: Signal,
}

/// What a payload turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made, matched and gone; never kept in numbers")]
pub enum Decoded {
    /// A signal of this version.
    Signal(Envelope),
    /// Of a later version, or of a type that this version does not have: to be ignored.
    Unknown,
}

#[derive(Serialize)]
struct Versioned<'a> {
    v: u64,
    #[serde(flatten)]
    envelope: &'a Envelope,
}

#[derive(Deserialize)]
struct Head {
    v: u64,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl Envelope {
    /// The JSON text.
    ///
    /// # Errors
    /// [`IdentityError::TooLarge`] if it exceeds [`MAX_PAYLOAD`], which only an overlong name can cause.
    pub fn encode(&self) -> Result<String, IdentityError> {
        let versioned = Versioned { v: VERSION, envelope: self };
        let json = serde_json::to_string(&versioned).map_err(|_| IdentityError::Malformed)?;
        if json.len() > MAX_PAYLOAD {
            return Err(IdentityError::TooLarge);
        }
        Ok(json)
    }

    /// Reads a payload. Unknown fields are ignored.
    ///
    /// # Errors
    /// [`IdentityError::TooLarge`], or [`IdentityError::Malformed`] if it is no JSON object with a version, or
    /// claims to be of this version and is not.
    pub fn decode(payload: &[u8]) -> Result<Decoded, IdentityError> {
        if payload.len() > MAX_PAYLOAD {
            return Err(IdentityError::TooLarge);
        }
        let head: Head = serde_json::from_slice(payload).map_err(|_| IdentityError::Malformed)?;
        if head.v != VERSION {
            return Ok(Decoded::Unknown);
        }
        let kind = head.kind.ok_or(IdentityError::Malformed)?;
        if SignalKind::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(&kind))
            .is_err()
        {
            return Ok(Decoded::Unknown);
        }
        serde_json::from_slice(payload).map(Decoded::Signal).map_err(|_| IdentityError::Malformed)
    }
}
