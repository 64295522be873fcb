//! How signals travel: IMAP in, SMTP out, MIME, server discovery.

mod address;
mod error;
pub mod mark;
pub mod mime;
pub mod report;
mod settings;
pub mod smtp;
pub mod tls;
mod wire;

pub use error::MailError;
pub use settings::{Endpoint, MailAccount, Security, Trust};
