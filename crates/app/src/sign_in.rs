//! Signing in: find the servers, try them, make a key, keep the secrets. Runs beside the loop.

use call::{AccountId, Redacted};
use identity::OwnKey;
use mail::{
    Endpoint, MailAccount, MailError, MailNews, Security, Trust, WatchOptions, WatchState, smtp::Sender,
};
use serde::{Deserialize, Serialize};
use store::{SecretKind, Store, StoreError};
use tokio::sync::mpsc;

use crate::{
    contract::{
        CertificateView, CommandError, ErrorCode, SecretPlace, Server, ServerSecurity, Servers, SignIn,
    },
    device,
    servers::{describe_for, find_servers},
};

/// An account that can be started.
pub(crate) struct NewAccount {
    pub(crate) row: store::Account,
    pub(crate) mail: MailAccount,
    pub(crate) key: OwnKey,
}

/// What the store keeps of one server, as JSON.
#[derive(Serialize, Deserialize)]
struct ServerRow {
    endpoint: Endpoint,
    #[serde(default)]
    trust: Trust,
}

/// More than the form gives: what the command line may add.
#[derive(Default)]
pub(crate) struct Extras {
    /// A certificate authority of the user's own, DER.
    pub(crate) roots: Vec<Vec<u8>>,
    /// The key of another device of the account, armored.
    pub(crate) key: Option<Redacted<Vec<u8>>>,
}

/// Signs in; nothing is kept unless both servers took the password.
pub(crate) async fn sign_in(form: SignIn, extras: Extras, store: &Store) -> Result<NewAccount, CommandError> {
    let address = form.address.clone();
    let pins = [&form.pin, &form.other_pin].into_iter().flatten().map(|pin| pin_from_hex(pin));
    let trust = Trust { extra_roots_der: extras.roots, pinned_sha256: pins.collect::<Result<_, _>>()? };
    let password = form.password.0.clone();
    let mut mail = match &form.servers {
        Some(servers) => {
            let login = servers.login.clone().unwrap_or_else(|| address.as_str().to_owned());
            MailAccount {
                id: AccountId(0),
                address: address.clone(),
                login: login.into(),
                password,
                imap: endpoint(&servers.imap),
                smtp: endpoint(&servers.smtp),
                trust,
            }
        }
        None => find_servers(&address, password, trust).await?,
    };
    check(&mail).await.map_err(|failure| failure.told(|error| describe_for(&address, error)))?;

    let key = match extras.key {
        Some(key) => OwnKey::import(key.reveal()).map_err(|error| CommandError {
            code: ErrorCode::BadKey,
            detail: error.to_string(),
            certificate: None,
        })?,
        None => OwnKey::generate(&address).map_err(|error| internal(&error))?,
    };
    let place = match form.secrets {
        SecretPlace::KeyStore => store::SecretPlace::KeyStore,
        SecretPlace::File => store::SecretPlace::File,
    };
    mail.id = store.reserve_account(place).await.map_err(|error| storage(&error))?;
    let secrets = store.secrets();
    let password = Redacted::new(mail.password.reveal().clone().into_bytes());
    let private = key.secret_bytes().map_err(|error| internal(&error))?;
    for (kind, secret) in [(SecretKind::Password, password), (SecretKind::PrivateKey, private)] {
        secrets.put(place, mail.id, kind, secret).await.map_err(|error| storage(&error))?;
    }
    let loaded = store.load().await.map_err(|error| storage(&error))?;
    let row = store::Account {
        id: mail.id,
        device: device::of(store, &loaded).await.map_err(|error| storage(&error))?,
        address,
        display_name: tidy_name(&form.name),
        login: mail.login.reveal().clone(),
        imap: server_row(&mail.imap, &mail.trust)?,
        smtp: server_row(&mail.smtp, &mail.trust)?,
        secrets: place,
    };
    Ok(NewAccount { row, mail, key })
}

/// A user's own name, fit for a header of a mail.
pub(crate) fn tidy_name(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control()).take(100).collect()
}

/// Which server did not take an account, and why.
pub(crate) struct Failure {
    host: String,
    error: MailError,
}

impl Failure {
    /// As pages get it.
    pub(crate) fn told(&self, describe: impl FnOnce(&MailError) -> CommandError) -> CommandError {
        let mut told = describe(&self.error);
        if let Some(certificate) = &mut told.certificate {
            certificate.host.clone_from(&self.host);
        }
        told
    }
}

/// Tries both servers, at the same time.
pub(crate) async fn check(account: &MailAccount) -> Result<(), Failure> {
    let receives = async {
        let (events, mut news) = mpsc::channel(16);
        let _watch = mail::watch(account.clone(), WatchOptions::default(), events)?;
        while let Some(event) = news.recv().await {
            match event.news {
                MailNews::State(WatchState::Idle | WatchState::Polling) => return Ok(()),
                MailNews::State(WatchState::Retrying { error, .. } | WatchState::SignedOut { error }) => {
                    return Err(error);
                }
                _ => {}
            }
        }
        Err(MailError::Unreachable { cause: "the connection ended".to_owned() })
    };
    let sends = async { Sender::new(account.clone())?.warm().await };
    let (receives, sends) = tokio::join!(receives, sends);
    let at = |endpoint: &Endpoint| {
        let host = endpoint.host.clone();
        |error| Failure { host, error }
    };
    receives.map_err(at(&account.imap)).and(sends.map_err(at(&account.smtp)))
}

/// Why a stored account cannot be started.
#[derive(Debug)]
pub(crate) struct Asleep {
    pub(crate) error: CommandError,
    /// The key store is locked, or not there yet: it may work later.
    pub(crate) locked: bool,
}

impl From<StoreError> for Asleep {
    fn from(error: StoreError) -> Self {
        let error = storage(&error);
        Self { locked: error.code == ErrorCode::KeyStore, error }
    }
}

impl From<CommandError> for Asleep {
    fn from(error: CommandError) -> Self {
        Self { error, locked: false }
    }
}

/// Reads the secrets of a stored account.
pub(crate) async fn wake(row: store::Account, store: &Store) -> Result<NewAccount, Asleep> {
    let (password, key) = (read_password(&row, store).await?, read_key(&row, store).await?);
    Ok(with_secrets(row, password, key)?)
}

/// The password of a stored account.
pub(crate) async fn read_password(row: &store::Account, store: &Store) -> Result<Redacted<String>, Asleep> {
    let password = store.secrets().get(row.secrets, row.id, SecretKind::Password).await?;
    Ok(String::from_utf8(password.into_inner()).map(Redacted::new).map_err(|error| lost(&error))?)
}

/// The key of a stored account.
pub(crate) async fn read_key(row: &store::Account, store: &Store) -> Result<OwnKey, Asleep> {
    let private = store.secrets().get(row.secrets, row.id, SecretKind::PrivateKey).await?;
    Ok(OwnKey::import(private.reveal()).map_err(|error| lost(&error))?)
}

/// A stored account with these secrets.
pub(crate) fn with_secrets(
    row: store::Account,
    password: Redacted<String>,
    key: OwnKey,
) -> Result<NewAccount, CommandError> {
    let parse = |json: &str| serde_json::from_str::<ServerRow>(json).map_err(|error| internal(&error));
    let (imap, smtp) = (parse(&row.imap)?, parse(&row.smtp)?);
    let mail = MailAccount {
        id: row.id,
        address: row.address.clone(),
        login: row.login.clone().into(),
        password,
        imap: imap.endpoint,
        smtp: smtp.endpoint,
        trust: imap.trust,
    };
    Ok(NewAccount { row, mail, key })
}

/// The servers of a stored account, for showing them.
pub(crate) fn servers_of(row: &store::Account) -> Servers {
    let server = |json: &str| match serde_json::from_str::<ServerRow>(json) {
        Ok(row) => shown(&row.endpoint),
        Err(_) => Server { host: String::new(), port: 0, security: ServerSecurity::Tls },
    };
    let login = (row.login != row.address.as_str()).then(|| row.login.clone());
    Servers { imap: server(&row.imap), smtp: server(&row.smtp), login }
}

pub(crate) fn server_row(endpoint: &Endpoint, trust: &Trust) -> Result<String, CommandError> {
    let row = ServerRow { endpoint: endpoint.clone(), trust: trust.clone() };
    serde_json::to_string(&row).map_err(|error| internal(&error))
}

pub(crate) fn shown(endpoint: &Endpoint) -> Server {
    let security = match endpoint.security {
        Security::Tls => ServerSecurity::Tls,
        Security::StartTls => ServerSecurity::StartTls,
        Security::Plain => ServerSecurity::Plain,
    };
    Server { host: endpoint.host.clone(), port: endpoint.port, security }
}

pub(crate) fn endpoint(server: &Server) -> Endpoint {
    let security = match server.security {
        ServerSecurity::Tls => Security::Tls,
        ServerSecurity::StartTls => Security::StartTls,
        ServerSecurity::Plain => Security::Plain,
    };
    Endpoint { host: server.host.trim().to_owned(), port: server.port, security }
}

fn pin_from_hex(text: &str) -> Result<[u8; 32], CommandError> {
    let malformed = || CommandError {
        code: ErrorCode::Malformed,
        detail: "a certificate's SHA-256 is 64 hexadecimal digits".to_owned(),
        certificate: None,
    };
    let mut pin = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(malformed());
    }
    for (byte, pair) in pin.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| malformed())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| malformed())?;
    }
    Ok(pin)
}

/// A mail error as pages get it.
pub(crate) fn describe(error: &MailError) -> CommandError {
    let code = match error {
        MailError::WrongPassword { .. } => ErrorCode::WrongPassword,
        MailError::Certificate { .. } | MailError::Insecure { .. } => ErrorCode::Certificate,
        MailError::Unreachable { .. } => ErrorCode::ServerUnreachable,
        MailError::TimedOut { .. } => ErrorCode::TimedOut,
        MailError::Refused { .. } | MailError::Temporary { .. } => ErrorCode::Refused,
        _ => ErrorCode::ServerConfused,
    };
    let certificate = match error {
        MailError::Certificate { sha256, .. } => Some(CertificateView {
            host: String::new(),
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        }),
        _ => None,
    };
    let detail = error.words();
    CommandError { code, detail, certificate }
}

/// A store error as pages get it.
pub(crate) fn storage(error: &StoreError) -> CommandError {
    let code = match error {
        StoreError::KeyStoreMissing | StoreError::KeyStoreLocked | StoreError::KeyStoreFailed(_) => {
            ErrorCode::KeyStore
        }
        StoreError::SecretMissing { .. } => ErrorCode::SecretLost,
        _ => ErrorCode::Storage,
    };
    CommandError { code, detail: error.to_string(), certificate: None }
}

/// A secret that is there but cannot be what was kept.
fn lost(error: &dyn std::error::Error) -> CommandError {
    CommandError { code: ErrorCode::SecretLost, ..internal(error) }
}

pub(crate) fn internal(error: &dyn std::error::Error) -> CommandError {
    CommandError { code: ErrorCode::Storage, detail: error.to_string(), certificate: None }
}
