//! The command line of `mailcalld`.

mod parse;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use call::{Address, Redacted};
use mail::{Trust, discovery::Protocol};
pub use parse::parse;
use store::{Availability, Change, Contact, DataDir, Store};
use thiserror::Error;

use crate::{
    clock::Clock,
    contract::{Answer, ErrorCode, Password, SecretPlace, Server, ServerSecurity, Servers, SignIn},
    sign_in::{self, Extras},
};

/// How to use it.
pub const HELP: &str = "\
Usage: mailcalld --data-dir DIR [--port N] [--ring-seconds S]
       mailcalld --data-dir DIR account add ADDRESS --password-file F [--name NAME]
                 [--imap HOST:PORT] [--smtp HOST:PORT] [--ca FILE] [--key FILE]
                 [--secrets key-store|file] [--tls tls|starttls|plain]
       mailcalld --data-dir DIR account export-key ADDRESS FILE
       mailcalld --data-dir DIR contact add ADDRESS [--name NAME] [--account ADDRESS]
       mailcalld --help | --version

Without --imap and --smtp the servers are discovered. Whether a server speaks TLS at once or STARTTLS is found
out, unless --tls says; it is never without. Without --secrets the key store of the system is used where there is
one, else a file in DIR that only you can read. A further device of an account needs its key: export it on the
first device, give it with --key on the next.
";

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// Show how to use it.
    Help,
    /// Say which version it is.
    Version,
    /// Run.
    Serve {
        /// `--data-dir`
        data_dir: PathBuf,
        /// `--port`; 0: any.
        port: u16,
        /// `--ring-seconds`
        ring_seconds: Option<u32>,
    },
    /// Sign in.
    AddAccount(Box<AddAccount>),
    /// Add a contact.
    AddContact(AddContact),
    /// Write an account's private key to a file.
    ExportKey {
        /// `--data-dir`
        data_dir: PathBuf,
        /// The account.
        address: Address,
        /// Where to.
        file: PathBuf,
    },
}

/// `account add`
#[derive(Debug)]
pub struct AddAccount {
    data_dir: PathBuf,
    address: Address,
    name: String,
    password_file: PathBuf,
    imap: Option<(String, u16)>,
    smtp: Option<(String, u16)>,
    tls: Option<ServerSecurity>,
    ca: Option<PathBuf>,
    key: Option<PathBuf>,
    secrets: Option<SecretPlace>,
}

/// `contact add`
#[derive(Debug)]
pub struct AddContact {
    data_dir: PathBuf,
    address: Address,
    name: String,
    account: Option<Address>,
}

/// The command line cannot be understood; says why.
#[derive(Debug)]
pub struct Usage(pub String);

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CliError {
    /// What is remembered cannot be used.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A file cannot be read or written.
    #[error("{path}: {cause}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file holds no certificate.
    #[error("{} holds no certificate (PEM)", .0.display())]
    NoCertificate(PathBuf),
    /// A file that is to be written is there already.
    #[error("{} exists already; choose another name", .0.display())]
    Exists(PathBuf),
    /// The file holds no password.
    #[error("{} is empty; write the password into it", .0.display())]
    NoPassword(PathBuf),
    /// Signing in failed.
    #[error("{0}")]
    SignIn(String),
    /// There is no such account.
    #[error("there is no such account here; sign in first: mailcalld --data-dir DIR account add ADDRESS …")]
    NoAccount,
    /// One's own address.
    #[error("that is your own address")]
    OwnAddress,
}

/// Signs in. Returns the address and a sentence on where the secrets are.
///
/// # Errors
/// The data directory is in use, a file cannot be read, or the servers refuse.
pub async fn add_account(command: AddAccount) -> Result<(String, &'static str), CliError> {
    let _lock = DataDir::lock(&command.data_dir)?;
    let store = Store::open(&command.data_dir)?;
    if store.load().await?.accounts.iter().any(|account| account.address == command.address) {
        return Err(CliError::SignIn("this account is signed in already".into()));
    }
    let password = read(&command.password_file)?;
    let password =
        String::from_utf8(password).map_err(|_| CliError::SignIn("the password is not text".into()))?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(CliError::NoPassword(command.password_file));
    }
    let roots = command.ca.as_deref().map(certificates).transpose()?.unwrap_or_default();
    let key = command.key.as_deref().map(read).transpose()?.map(Redacted::new);
    let secrets = match command.secrets {
        Some(place) => place,
        None => place_for(store.secrets().probe().await?)?,
    };
    let trust = Trust { extra_roots_der: roots.clone(), ..Trust::default() };
    let form = SignIn {
        servers: servers(&command, &trust).await?,
        address: command.address.clone(),
        name: command.name,
        password: Password(password.to_owned().into()),
        pin: None,
        other_pin: None,
        secrets,
    };
    let account = sign_in::sign_in(form, Extras { roots, key }, &store)
        .await
        .map_err(|error| CliError::SignIn(sentence(error.code, &error.detail)))?;
    store.commit(vec![Change::PutAccount(account.row)]).await?;
    let place = match secrets {
        SecretPlace::KeyStore => "Its password and key are in the system's key store.",
        SecretPlace::File => {
            "Its password and key are in a file in the data directory that only you can read."
        }
    };
    Ok((command.address.as_str().to_owned(), place))
}

/// What was given, completed by discovery where only one of the two servers was.
async fn servers(command: &AddAccount, trust: &Trust) -> Result<Option<Servers>, CliError> {
    let imap = server(Protocol::Imap, command.imap.as_ref(), command.tls, trust).await;
    let smtp = server(Protocol::Smtp, command.smtp.as_ref(), command.tls, trust).await;
    match (imap, smtp) {
        (None, None) => Ok(None),
        (Some(imap), Some(smtp)) => Ok(Some(Servers { imap, smtp, login: None })),
        (imap, smtp) => {
            let found = vouched(crate::servers::discover(&command.address).await)?;
            let (imap, smtp) = (imap.unwrap_or(found.imap), smtp.unwrap_or(found.smtp));
            Ok(Some(Servers { imap, smtp, login: found.login }))
        }
    }
}

/// The servers that were found. One that only the DNS vouches for gets no password (RFC 6186, section 6).
fn vouched(answer: Answer) -> Result<Servers, CliError> {
    let detail = match answer {
        Answer::Discovered { servers: Some(found), confirm: false, .. } => return Ok(found),
        Answer::Discovered { servers: Some(Servers { imap, smtp, .. }), .. } => format!(
            "the DNS names {}:{} and {}:{}, but nobody vouches for it",
            imap.host, imap.port, smtp.host, smtp.port
        ),
        _ => String::new(),
    };
    Err(CliError::SignIn(sentence(ErrorCode::ServersNotFound, &detail)))
}

/// A server as given; how it is protected is known by its port, or found out.
async fn server(
    protocol: Protocol,
    given: Option<&(String, u16)>,
    tls: Option<ServerSecurity>,
    trust: &Trust,
) -> Option<Server> {
    let (host, port) = given.cloned()?;
    let security = match (tls, port) {
        (Some(security), _) => security,
        (None, 993 | 465) => ServerSecurity::Tls,
        (None, 143 | 25 | 587) => ServerSecurity::StartTls,
        (None, _) => match crate::servers::protection(protocol, &host, port, trust).await {
            mail::Security::Tls => ServerSecurity::Tls,
            mail::Security::StartTls | mail::Security::Plain => ServerSecurity::StartTls,
        },
    };
    Some(Server { host, port, security })
}

/// Adds a contact. Returns what to say.
///
/// # Errors
/// The data directory is in use, or there is no such account.
pub async fn add_contact(command: AddContact) -> Result<String, CliError> {
    let _lock = DataDir::lock(&command.data_dir)?;
    let store = Store::open(&command.data_dir)?;
    let accounts = store.load().await?.accounts;
    let owner = match &command.account {
        Some(address) => accounts.iter().find(|account| account.address == *address),
        None => accounts.first(),
    };
    let owner = owner.ok_or(CliError::NoAccount)?;
    if owner.address == command.address {
        return Err(CliError::OwnAddress);
    }
    let contact = Contact {
        account: owner.id,
        address: command.address.clone(),
        name: command.name,
        since_ms: Clock::start().wall_ms(),
    };
    store.commit(vec![Change::PutContact(contact)]).await?;
    Ok(format!("{} is a contact of {}.", command.address.as_str(), owner.address.as_str()))
}

/// Writes an account's private key to a file that only the user can read. Returns what to say.
///
/// # Errors
/// The data directory is in use, there is no such account, its key cannot be read, or the file exists already.
pub async fn export_key(data_dir: &Path, address: &Address, file: &Path) -> Result<String, CliError> {
    let _lock = DataDir::lock(data_dir)?;
    let store = Store::open(data_dir)?;
    let accounts = store.load().await?.accounts;
    let row = accounts.into_iter().find(|account| account.address == *address).ok_or(CliError::NoAccount)?;
    let account = sign_in::wake(row, &store)
        .await
        .map_err(|asleep| CliError::SignIn(sentence(asleep.error.code, &asleep.error.detail)))?;
    let key = account.key.export().map_err(|error| CliError::SignIn(error.to_string()))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = |mut out: fs::File| io::Write::write_all(&mut out, key.reveal().as_bytes());
    options.open(file).and_then(write).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => CliError::Exists(file.to_owned()),
        _ => CliError::File { path: file.to_owned(), cause },
    })?;
    let (address, file) = (address.as_str(), file.display());
    Ok(format!(
        "The key of {address} is in {file}, which only you can read. Whoever has it can pose as you: delete it when \
         your other device has it."
    ))
}

/// Where secrets are kept if nothing was chosen. A key store that is locked is the user's all the same: a file
/// instead of it only if they say so.
fn place_for(key_store: Availability) -> Result<SecretPlace, CliError> {
    match key_store {
        Availability::Ready => Ok(SecretPlace::KeyStore),
        Availability::Locked => Err(CliError::SignIn(sentence(ErrorCode::KeyStore, "it is locked"))),
        Availability::Missing => Ok(SecretPlace::File),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path).map_err(|cause| CliError::File { path: path.to_owned(), cause })
}

/// The certificates of a PEM file, DER.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, CliError> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    let found: Vec<_> = text
        .split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .filter_map(|rest| {
            let base64: String = rest.split("-----END").next()?.split_whitespace().collect();
            STANDARD.decode(base64).ok()
        })
        .collect();
    if found.is_empty() { Err(CliError::NoCertificate(path.to_owned())) } else { Ok(found) }
}

/// A sentence that says what to do.
fn sentence(code: ErrorCode, detail: &str) -> String {
    let advice = match code {
        ErrorCode::WrongPassword => "the mail server refused the address or the password; check both",
        ErrorCode::NeedsAppPassword => "this provider wants an app password; make one in its settings",
        ErrorCode::PasswordsNotAccepted => "this provider accepts no passwords from programs",
        ErrorCode::ServersNotFound => "no mail server was found for this address; give --imap and --smtp",
        ErrorCode::ServerUnreachable => "the mail server cannot be reached; check host, port and network",
        ErrorCode::TimedOut => "the mail server did not answer in time; check host, port and --tls",
        ErrorCode::ServerConfused => "that is not the mail server it should be; check host, port and --tls",
        ErrorCode::BadKey => "that is not a key of Mailcall; export it on the other device of this account",
        ErrorCode::SecretLost => {
            "sign in to this account again in Mailcall, or give its password with SetPassword"
        }
        ErrorCode::Certificate => {
            "the mail server's certificate does not verify; give its authority with --ca, if you trust it"
        }
        ErrorCode::KeyStore => "the key store cannot be used; unlock it, or choose --secrets file",
        ErrorCode::Storage => "the data directory cannot be written",
        _ => "signing in failed",
    };
    if detail.is_empty() { advice.to_owned() } else { format!("{advice} ({detail})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_key_store_is_not_passed_over_in_silence() {
        assert_eq!(place_for(Availability::Ready).ok(), Some(SecretPlace::KeyStore));
        assert_eq!(place_for(Availability::Missing).ok(), Some(SecretPlace::File));
        let refused = place_for(Availability::Locked).unwrap_err().to_string();
        assert!(refused.contains("unlock") && refused.contains("--secrets file"), "{refused}");
    }

    fn found(confirm: bool) -> Answer {
        let server = |host: &str| Server { host: host.into(), port: 993, security: ServerSecurity::Tls };
        let servers =
            Servers { imap: server("imap.example.test"), smtp: server("smtp.example.test"), login: None };
        Answer::Discovered { servers: Some(servers), confirm, hint: None }
    }

    #[test]
    fn a_server_that_only_the_dns_names_is_told_and_gets_no_password() {
        assert!(vouched(found(false)).is_ok());
        let refused = vouched(found(true)).unwrap_err().to_string();
        assert!(refused.contains("--smtp") && refused.contains("smtp.example.test"), "{refused}");
    }
}
