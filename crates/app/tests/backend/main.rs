//! The real `mailcalld` with a real mail server: what programs, other people on the machine, crashes and broken
//! disks meet.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story may stop"
)]

mod automation;
mod calls;
mod command_line;
mod conferences;
mod crash;
mod ending;
mod loopback;
mod lost;
mod messages;
mod redaction;
mod renewal;
mod several;
mod sign_in;
mod storage;
mod support;
mod written_by_hand;
