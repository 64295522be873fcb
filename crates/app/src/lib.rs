//! The running backend: one loop that joins `call`, `mail`, `identity` and `store`; commands and events for
//! pages; the loopback host.

mod account;
mod accounts;
mod backend;
pub mod browser;
pub mod cli;
mod client;
mod clock;
mod commands;
pub mod contract;
mod core;
mod device;
mod filing;
mod goodbye;
mod happening;
mod keeping;
mod key_store;
mod letters;
pub mod log;
mod loopback;
mod network;
mod post;
mod present;
mod proof;
mod self_test;
mod server_urls;
mod servers;
mod shell;
mod sign_in;
mod sweep;
mod waking;

pub use backend::{Backend, Options, StartError};
pub use call::{Alert, CallId, CallState, CallView, Direction, PageId};
pub use client::{Client, ClientSender, Clients};
pub use shell::ShellEvent;
