//! A real mail server, people with mailboxes, their devices, and programs at these devices.

mod client;
mod device;
#[path = "../../../../mail/tests/gate/mod.rs"]
mod gate;
mod mail;

use std::path::{Path, PathBuf};

pub use client::{Client, description};
pub use device::{Device, mailcalld};
pub use gate::Gate;
pub use mail::{MailServer, PASSWORD, Person};

/// How long anything may take on a busy machine.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// The checkout.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
