//! How signals travel: IMAP in, SMTP out, MIME, server discovery.

pub mod address;
pub mod age;
pub mod clock;
mod contain;
pub mod discovery;
mod error;
mod manners;
pub mod mark;
pub mod mime;
mod parser;
pub mod providers;
pub mod report;
mod session;
mod settings;
pub mod smtp;
mod stream;
pub mod tls;
pub mod watch;
mod wire;

pub use error::MailError;
pub use settings::{Endpoint, MailAccount, Security, Trust};
pub use watch::{
    Chores, MailEvent, MailNews, MessageRef, Position, Resolver, Timings, Watch, WatchOptions, WatchState,
    watch,
};
