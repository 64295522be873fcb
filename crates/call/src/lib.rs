//! What a call is: signals, states, timers, policy.
//!
//! Pure: no IO, no clock, no randomness. Time and fresh ids are arguments; everything that happens is an
//! [`Input`], everything that must be done about it an [`Output`].

mod ids;
mod input;
mod output;
mod redacted;
mod signal;
mod verified;
mod view;

pub use ids::{
    AccountId, Address, BadAddress, BadId, CallId, DeviceId, IdSource, LinkId, MailId, PageId, Time,
};
pub use input::{Contacts, Input, LinkState, Own, Policy, SendFailure};
pub use output::{Alert, CallRecord, Output, PageEvent};
pub use redacted::Redacted;
pub use signal::{
    BadDescription, CancelReason, DeclineReason, Description, LinkDescription, MAX_DESCRIPTION,
    MAX_LIFETIME_S, Signal, SignalKind,
};
pub use verified::{Sender, Standing, Verified};
pub use view::{CallState, CallView, Direction, EndReason};
