//! Finding the servers of an address.

use call::{AccountId, Address, Redacted};
use mail::{
    Endpoint, MailAccount, MailError, Security, Trust,
    discovery::{self, Candidate, Protocol},
    providers::{self, SignIn},
};

use crate::{
    contract::{Answer, CommandError, ErrorCode, ProviderHint, ProviderNeeds, Servers},
    sign_in::{describe, shown},
};

/// How long a server may take to show whether it speaks TLS at once.
const PROBE: std::time::Duration = std::time::Duration::from_secs(5);

/// The servers to sign in at, where the user named none. A server that only the DNS vouches for gets no password
/// before the user has seen its name (RFC 6186, section 6).
pub(crate) async fn find_servers(
    address: &Address,
    password: Redacted<String>,
    trust: Trust,
) -> Result<MailAccount, CommandError> {
    let found = discovery::discover(address, &trust).await.map_err(|error| describe(&error))?;
    if let Some(hint) = &found.hint
        && let SignIn::NoPassword { url } = hint.sign_in
    {
        return Err(CommandError {
            code: ErrorCode::PasswordsNotAccepted,
            detail: url.to_owned(),
            certificate: None,
        });
    }
    let candidate = found.candidates.into_iter().find(|candidate| !candidate.confirm);
    let Some(candidate) = candidate else {
        return Err(CommandError {
            code: ErrorCode::ServersNotFound,
            detail: String::new(),
            certificate: None,
        });
    };
    Ok(MailAccount {
        id: AccountId(0),
        address: address.clone(),
        login: candidate.login,
        password,
        imap: candidate.imap,
        smtp: candidate.smtp,
        trust,
    })
}

/// What is known of an address's servers, for the form.
pub(crate) async fn discover(address: &Address) -> Answer {
    let found = match discovery::discover(address, &Trust::default()).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "servers cannot be looked for");
            discovery::Discovery::default()
        }
    };
    let best = found.candidates.into_iter().next();
    let confirm = best.as_ref().is_some_and(|candidate| candidate.confirm);
    let servers = best.map(|Candidate { imap, smtp, login, .. }| Servers {
        imap: shown(&imap),
        smtp: shown(&smtp),
        login: (login.reveal() != address.as_str()).then(|| login.into_inner()),
    });
    Answer::Discovered { servers, confirm, hint: found.hint.as_ref().map(hint) }
}

/// The protection of a server of which only host and port are known: TLS at once if it answers to it, else
/// STARTTLS. A certificate that does not verify is an answer, too.
pub(crate) async fn protection(protocol: Protocol, host: &str, port: u16, trust: &Trust) -> Security {
    let at_once = Endpoint { host: host.to_owned(), port, security: Security::Tls };
    let Ok(tls) = mail::tls::client_config(trust) else { return Security::StartTls };
    match discovery::probe(protocol, &at_once, &tls, PROBE).await {
        Ok(()) | Err(MailError::Certificate { .. }) => Security::Tls,
        Err(_) => Security::StartTls,
    }
}

fn hint(hint: &providers::ProviderHint) -> ProviderHint {
    let (needs, url) = match hint.sign_in {
        SignIn::AppPassword { url } => (ProviderNeeds::AppPassword, url),
        SignIn::PasswordOnceAllowed { url } => (ProviderNeeds::ImapSwitch, url),
        SignIn::NoPassword { url } => (ProviderNeeds::NoPasswords, url),
    };
    ProviderHint { provider: hint.name.to_owned(), needs, url: url.to_owned() }
}

/// A wrong password at a provider that wants an app password says so.
pub(crate) fn describe_for(address: &Address, error: &MailError) -> CommandError {
    let mut described = describe(error);
    if described.code == ErrorCode::WrongPassword {
        match providers::of_address(address).map(|hint| hint.sign_in) {
            Some(SignIn::AppPassword { .. }) => described.code = ErrorCode::NeedsAppPassword,
            Some(SignIn::NoPassword { .. }) => described.code = ErrorCode::PasswordsNotAccepted,
            Some(SignIn::PasswordOnceAllowed { .. }) | None => {}
        }
    }
    described
}
