//! What a call is: signals, states, timers, policy.
//!
//! Pure: no IO, no clock, no randomness. Time and fresh ids are arguments; everything that happens is an
//! [`Input`], everything that must be done about it an [`Output`]. [`Machine::handle`] turns the one into the
//! other; [`Machine::next_wake`] says when to come back if nothing happens.

mod arrival;
mod call;
mod conference;
mod config;
mod cx;
mod dialling;
mod head;
mod ids;
mod input;
mod leg;
mod machine;
mod memory;
mod output;
mod pages;
mod prepared;
mod record;
mod redacted;
mod ringing;
mod signal;
mod taken;
mod text;
mod verified;
mod view;

pub use conference::Conference;
pub use config::Config;
pub use ids::{
    AccountId, Address, BadAddress, BadId, CallId, ConferenceId, DeviceId, IdSource, LinkId, MailId, PageId,
    ParticipantId, Time,
};
pub use input::{Contacts, Input, LinkState, Own, Policy, SendFailure};
pub use machine::Machine;
pub use output::{Alert, CallRecord, Output, PageEvent};
pub use redacted::Redacted;
pub use signal::{
    BadCourierText, BadDescription, CancelReason, CourierText, DeclineReason, Description, LinkDescription,
    MAX_COURIER_TEXT, MAX_DESCRIPTION, MAX_LIFETIME_S, Signal, SignalKind,
};
pub use verified::{Sender, Standing, Verified};
pub use view::{CallState, CallView, Direction, EndReason};
