//! How signals travel: IMAP in, SMTP out, MIME, server discovery.

mod error;
pub mod mark;
mod settings;

pub use error::MailError;
pub use settings::{Endpoint, MailAccount, Security, Trust};
