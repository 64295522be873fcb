//! What pages and the backend say to each other. The TypeScript of every type here is generated into
//! `ui/src/bindings`; docs/automation.md explains the same words for programs.
//!
//! A client sends [`ClientMessage`]s and receives [`ServerMessage`]s, on the loopback host as WebSocket texts,
//! in the native webview as arguments of one Tauri command and payloads of one Tauri event.

use call::{
    AccountId, Address, CallId, CallView, Description, Direction, EndReason, LinkId, LinkState, PageEvent,
    PageId,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A command with the id its reply will carry.
#[derive(Debug, Deserialize, TS)]
pub struct ClientMessage {
    /// Chosen by the client; unique among its unanswered commands.
    pub id: u32,
    /// What to do.
    pub command: Command,
}

/// What a client receives.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(untagged)]
pub enum ServerMessage {
    /// The answer to one command.
    Reply {
        /// The command's id.
        reply: u32,
        /// How it went.
        result: CommandResult,
    },
    /// Something happened.
    Event {
        /// What.
        event: Event,
    },
}

/// How a command went.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CommandResult {
    /// It was done.
    Ok(Answer),
    /// It was not.
    Error(CommandError),
}

/// What a page or program may ask of the backend.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(tag = "type")]
pub enum Command {
    /// The first command of a client: who it is and what it can. Answered by a `Snapshot` event, then `Ok`.
    Hello {
        /// A page keeps its id across a reload (sessionStorage).
        page: PageId,
        /// Whether it can make links, that is, has `RTCPeerConnection` or brings descriptions of its own.
        can_webrtc: bool,
    },
    /// The page has the focus now.
    Focused,
    /// The page's window is being closed by its user: what it carries is hung up.
    Closed,
    /// The user opened a contact: connections and a link are made ready.
    OpenContact {
        /// From which account a call would go.
        account: AccountId,
        /// Whom it would reach.
        address: Address,
    },
    /// Call somebody. Answer: `Called`.
    Call {
        /// From which account.
        account: AccountId,
        /// Whom.
        address: Address,
        /// With picture.
        video: bool,
    },
    /// Take an incoming call.
    Accept {
        /// Which.
        call: CallId,
        /// With picture.
        video: bool,
    },
    /// Decline an incoming call; dismiss a request.
    Decline {
        /// Which.
        call: CallId,
    },
    /// End a call or take it back.
    HangUp {
        /// Which.
        call: CallId,
    },
    /// Make the stranger behind a request a contact; rings if the invitation still lives.
    AcceptRequest {
        /// Which.
        call: CallId,
    },
    /// Show a call's page: focuses the window that has it or opens the user's browser.
    ShowCall {
        /// Which.
        call: CallId,
    },
    /// A file that leads a browser of this user into Mailcall, once and within a minute. Answer: `PageFile`.
    OpenPage {
        /// What the page shows: `/`, `/call/ID` or `/ring/ID`.
        route: String,
    },
    /// Answers `MakeOffer` and `MakeAnswer`.
    Described {
        /// The link.
        link: LinkId,
        /// Its description.
        description: Description,
    },
    /// The state of a link changed.
    LinkState {
        /// The link.
        link: LinkId,
        /// How it is now.
        state: LinkState,
    },
    /// The other side sent a signal over the link's control channel.
    SignalFromLink {
        /// The link.
        link: LinkId,
        /// What came, as it came.
        #[ts(type = "unknown")]
        signal: serde_json::Value,
    },
    /// Find the mail servers of an address. Answer: `Discovered`.
    Discover {
        /// The address.
        address: Address,
    },
    /// Sign in to a mailbox. Answer: `SignedIn`.
    SignIn(SignIn),
    /// Forget an account and everything kept for it.
    SignOut {
        /// Which.
        account: AccountId,
    },
    /// Enter a new password for an account. Answer: `Done`.
    SetPassword {
        /// Which.
        account: AccountId,
        /// The new one.
        password: Password,
    },
    /// An account's private key, for another device of the user. Answer: `Key`.
    ExportKey {
        /// Which account.
        account: AccountId,
    },
    /// Use the private key of the user's other device for an account. Answer: `Done`.
    ImportKey {
        /// Which account.
        account: AccountId,
        /// What `ExportKey` answered there.
        key: Password,
    },
    /// Mail oneself and time how long it takes to come back. Answer: `SelfTested`.
    SelfTest {
        /// Which account.
        account: AccountId,
    },
    /// Add a contact or change its name.
    PutContact {
        /// Whose.
        account: AccountId,
        /// Who.
        address: Address,
        /// Shown instead of the address; may be empty.
        name: String,
    },
    /// Remove a contact: a stranger from now on.
    RemoveContact {
        /// Whose.
        account: AccountId,
        /// Who.
        address: Address,
    },
    /// Accept a contact's changed key as its new one.
    AcceptKey {
        /// Whose contact.
        account: AccountId,
        /// Who.
        address: Address,
    },
    /// Older calls. Answer: `History`.
    History {
        /// Only calls that began before this moment, ms since 1970; absent: the newest.
        #[ts(type = "number | null")]
        before: Option<u64>,
    },
    /// Remove calls from the history.
    Forget {
        /// Which; absent: all that are over.
        call: Option<CallId>,
    },
    /// Replace the settings.
    SetSettings {
        /// The new ones.
        settings: Settings,
    },
    /// The network changed (the page noticed): connections are checked at once.
    NetworkChanged,
}

/// A password, shown nowhere.
#[derive(Debug, Clone, Deserialize, TS)]
#[ts(type = "string")]
#[serde(from = "String")]
pub struct Password(pub call::Redacted<String>);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// All that is needed to sign in.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct SignIn {
    /// The mailbox.
    pub address: Address,
    /// The user's name as others will see it; may be empty.
    pub name: String,
    /// Its password or app password.
    pub password: Password,
    /// The servers; absent: discovered.
    pub servers: Option<Servers>,
    /// SHA-256 of the one certificate to trust although it does not verify, 64 hex digits.
    pub pin: Option<String>,
    /// Where the secrets are kept.
    pub secrets: SecretPlace,
}

/// Where password and private key are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// The key store of the operating system.
    KeyStore,
    /// A file that only this user can read.
    File,
}

/// The two servers of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct Servers {
    /// Receives.
    pub imap: Server,
    /// Sends.
    pub smtp: Server,
    /// The login name; absent: the address.
    pub login: Option<String>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct Server {
    /// Name or IP address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: ServerSecurity,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ServerSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS after STARTTLS; refused without.
    StartTls,
    /// Not at all; only when the user typed it in.
    Plain,
}

/// What a command that went well answers.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(tag = "type")]
pub enum Answer {
    /// Done, nothing to add.
    Done,
    /// The call that was started.
    Called {
        /// Its id.
        call: CallId,
    },
    /// The account that was made.
    SignedIn {
        /// Its id.
        account: AccountId,
    },
    /// What is known of an address's servers.
    Discovered {
        /// The servers, if any were found.
        servers: Option<Servers>,
        /// Only the DNS, which can be forged, names these servers: the user must see and confirm them before a
        /// password goes there.
        confirm: bool,
        /// What the provider wants, if it is one that wants something.
        hint: Option<ProviderHint>,
    },
    /// An account's private key.
    Key {
        /// Armored (RFC 9580, section 6); whoever has it can pose as the user.
        key: String,
    },
    /// How long a mail to oneself took.
    SelfTested {
        /// From sending to its arrival, in milliseconds.
        ms: u32,
    },
    /// The file to open in a browser.
    PageFile {
        /// Its path.
        path: String,
    },
    /// Older calls, newest first.
    History {
        /// At most 100.
        entries: Vec<HistoryEntry>,
    },
}

/// What a large provider wants before a program may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct ProviderHint {
    /// Its name.
    pub provider: String,
    /// What it wants.
    pub needs: ProviderNeeds,
    /// The page where the user does it.
    pub url: String,
}

/// What a provider wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderNeeds {
    /// The ordinary password.
    Password,
    /// IMAP must be switched on in the provider's settings first.
    ImapSwitch,
    /// An app password made on its page.
    AppPassword,
    /// It accepts no password of any kind.
    NoPasswords,
}

/// Why a command was not done. Clients decide on `code`; `detail` is for a details line only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct CommandError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The server's or the system's own words; may be empty.
    pub detail: String,
    /// With `certificate`: the certificate that did not verify.
    pub certificate: Option<CertificateView>,
}

/// A certificate that did not verify.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct CertificateView {
    /// The server that showed it.
    pub host: String,
    /// SHA-256 of it, 64 hex digits.
    pub sha256: String,
}

/// What can go wrong with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message is not a command.
    Malformed,
    /// `Hello` must come first.
    NoHello,
    /// No such account.
    UnknownAccount,
    /// No such call, or it is over.
    UnknownCall,
    /// That account is signed in already.
    AlreadySignedIn,
    /// The server refused name and password.
    WrongPassword,
    /// The provider wants an app password.
    NeedsAppPassword,
    /// The provider accepts no password.
    PasswordsNotAccepted,
    /// No mail server was found for the address.
    ServersNotFound,
    /// A server did not answer.
    ServerUnreachable,
    /// A server's certificate did not verify.
    Certificate,
    /// A server answered with something else than mail.
    ServerConfused,
    /// A server refused; `detail` has its words.
    Refused,
    /// It took too long.
    TimedOut,
    /// The OS has no key store, or it is locked.
    KeyStore,
    /// The data directory cannot be written (disk full, rights).
    Storage,
    /// Nobody can be called from here: one's own address.
    OwnAddress,
    /// No browser that can show a call was found.
    NoBrowser,
    /// That is not a private key that can be used.
    BadKey,
}

/// What the backend tells pages.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
#[serde(tag = "type")]
pub enum Event {
    /// Everything at once; replaces what the page knew.
    Snapshot(Box<Snapshot>),
    /// A call began or changed; replaces the call with the same id.
    CallChanged {
        /// The call.
        call: CallView,
    },
    /// An account was added or changed.
    AccountChanged {
        /// The account.
        account: AccountView,
    },
    /// An account is gone.
    AccountRemoved {
        /// Which.
        account: AccountId,
    },
    /// The contacts changed; replaces them.
    ContactsChanged {
        /// All of them.
        contacts: Vec<ContactView>,
    },
    /// The newest part of the history changed; replaces it.
    HistoryChanged {
        /// Newest first, at most 100.
        entries: Vec<HistoryEntry>,
    },
    /// The settings changed; replaces them.
    SettingsChanged {
        /// The new ones.
        settings: Settings,
    },
    /// A call needs this page in front, for example after Accept in a notification.
    Show {
        /// Which call.
        call: CallId,
    },
    /// What this page must do about a link.
    #[serde(untagged)]
    Link(PageEvent),
}

/// All a page needs to draw itself.
#[derive(Debug, Clone, Deserialize, Serialize, TS)]
pub struct Snapshot {
    /// The program's version.
    pub version: String,
    /// Where secrets can be kept on this machine.
    pub key_store: bool,
    /// The accounts of this device.
    pub accounts: Vec<AccountView>,
    /// All contacts of all accounts, by name.
    pub contacts: Vec<ContactView>,
    /// The calls that are not over.
    pub calls: Vec<CallView>,
    /// Newest first, at most 100.
    pub history: Vec<HistoryEntry>,
    /// The settings.
    pub settings: Settings,
}

/// One account as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct AccountView {
    /// Its id.
    pub account: AccountId,
    /// Its address.
    pub address: Address,
    /// The user's name; may be empty.
    pub name: String,
    /// How its mailbox is doing.
    pub state: AccountState,
    /// Fingerprint of its OpenPGP key, hex.
    pub fingerprint: String,
    /// Calls to it are sealed to the key of another device of the user: this one cannot ring until it has that
    /// key (`ImportKey`).
    pub sealed_elsewhere: bool,
    /// Its servers.
    pub servers: Servers,
    /// Where its secrets are kept.
    pub secrets: SecretPlace,
}

/// How a mailbox is doing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(tag = "type")]
pub enum AccountState {
    /// The connection is being made.
    Connecting,
    /// Ready: a call will ring at once.
    Ready,
    /// Ready, but the server has no IDLE: a call rings within 15 s.
    ReadySlowly,
    /// The server is not reached; tried again.
    Offline {
        /// Why.
        code: ErrorCode,
        /// The server's or the system's words.
        detail: String,
    },
    /// The server refuses the password: the user must act.
    SignedOut {
        /// Why.
        code: ErrorCode,
        /// The server's words.
        detail: String,
    },
}

/// One contact as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct ContactView {
    /// Whose.
    pub account: AccountId,
    /// Who.
    pub address: Address,
    /// Its name; may be empty.
    pub name: String,
    /// Fingerprint of its pinned key, hex; absent while none is known.
    pub fingerprint: Option<String>,
    /// Fingerprint of a key that it used lately and that is not the pinned one.
    pub changed_key: Option<String>,
}

/// One call of the past.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct HistoryEntry {
    /// Its id.
    pub call: CallId,
    /// The account it belonged to.
    pub account: AccountId,
    /// Who started it.
    pub direction: Direction,
    /// The other person.
    pub peer: Address,
    /// Its name, as far as known.
    pub peer_name: String,
    /// With picture.
    pub video: bool,
    /// When it began, ms since 1970.
    #[ts(type = "number")]
    pub began: u64,
    /// How long it was connected, in seconds; absent if it never was.
    pub talked_s: Option<u32>,
    /// How it ended; absent while it goes on.
    pub end: Option<EndReason>,
}

/// What the user can set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
#[serde(default)]
pub struct Settings {
    /// What this device is called ("laptop"), shown to the caller while it rings.
    pub device_name: String,
    /// "Hide my address until I answer."
    pub hide_until_answer: bool,
    /// How long an invitation rings, 5 to 120 s.
    pub ring_seconds: u32,
    /// STUN servers, as URLs; may be empty.
    pub stun: Vec<String>,
    /// TURN servers.
    pub turn: Vec<TurnServer>,
    /// Use only TURN servers: the other side never sees this device's network address.
    pub relay_only: bool,
    /// Move invitations to a `Mailcall` folder instead of leaving them in the INBOX.
    pub file_invitations: bool,
}

/// One TURN server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, TS)]
pub struct TurnServer {
    /// `turn:` or `turns:` URL.
    pub url: String,
    /// User name.
    pub username: String,
    /// Password.
    pub credential: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            device_name: String::new(),
            hide_until_answer: false,
            ring_seconds: 60,
            stun: Vec::new(),
            turn: Vec::new(),
            relay_only: false,
            file_invitations: false,
        }
    }
}
