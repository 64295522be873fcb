//! Finding the servers of an address.

use call::{Address, Redacted};
use mail::{MailAccount, MailError, Trust};

use crate::{
    contract::{CommandError, ErrorCode, ProviderHint, Servers},
    sign_in::describe,
};

pub(crate) async fn find_servers(
    _address: &Address,
    _password: Redacted<String>,
    _trust: Trust,
) -> Result<MailAccount, CommandError> {
    Err(CommandError { code: ErrorCode::ServersNotFound, detail: String::new(), certificate: None })
}

/// What is known of an address's servers, for the form.
pub(crate) async fn discover(_address: &Address) -> (Option<Servers>, Option<ProviderHint>) {
    (None, None)
}

pub(crate) fn describe_for(_address: &Address, error: &MailError) -> CommandError {
    describe(error)
}
