//! What a client may ask.

use call::{
    AccountId, Address, CallId, Conference, ConferenceId, CourierText, Description, LinkId, LinkState,
    PageId, ParticipantId,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use ts_rs::TS;

use super::{SecretPlace, Servers, Settings};

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
        #[serde(deserialize_with = "typed")]
        address: Address,
    },
    /// Call somebody. Answer: `Called`.
    Call {
        /// From which account.
        account: AccountId,
        /// Whom.
        #[serde(deserialize_with = "typed")]
        address: Address,
        /// With picture.
        video: bool,
        /// Into this conference, in which the user is, or to which the user wants to come back; absent: a call of its
        /// own, and what the user is busy with ends.
        #[ts(optional = nullable)]
        conference: Option<Conference>,
    },
    /// Take an incoming call.
    Accept {
        /// Which.
        call: CallId,
        /// With picture.
        video: bool,
        /// Adds the caller to this conference, in which the user is; absent: the call takes the place of what the user
        /// is busy with, unless it is an invitation into that very conference. Refused with `unknown_call` if no
        /// taken call belongs to it, or if the invitation is one into another conference.
        #[ts(optional = nullable)]
        conference: Option<ConferenceId>,
    },
    /// This call belongs to that conference. Counts only from the page that holds the call's link.
    Conference {
        /// Which call; a taken one.
        call: CallId,
        /// Its conference.
        conference: Conference,
        /// How many are in it beside this device and the other end of this call. As long as there are any the call
        /// stays `Connected` whatever becomes of its link, then without one.
        others: u32,
        /// The addresses of all others who are in, as they say; kept with the history as ways back, at most 16.
        #[serde(default, deserialize_with = "addresses")]
        ways: Vec<Address>,
        /// The addresses of those whom `CheckProof` proved, and who are in or left by themselves: they come back without
        /// ringing. At most 64.
        #[serde(default, deserialize_with = "addresses")]
        proven: Vec<Address>,
    },
    /// Tell a participant of the conference something by mail: nothing else leads there. Counts only from the page that
    /// holds the call's link; each address gets so much and no more. What comes in the same way is `TakeCourier`.
    Courier {
        /// A taken call by which this device is in the conference.
        call: CallId,
        /// The participant's address, as it says.
        #[serde(deserialize_with = "typed")]
        address: Address,
        /// What it is told, signed; at most 4,096 bytes.
        text: CourierText,
    },
    /// A proof, for the other participants of a conference, of who this one is. Answer: `Proof`.
    Prove {
        /// As which account.
        account: AccountId,
        /// The conference.
        conference: ConferenceId,
        /// This participant in it.
        participant: ParticipantId,
    },
    /// Check what another participant's `Prove` answered. Answer: `Proven`.
    CheckProof {
        /// The account whose contacts' keys count.
        account: AccountId,
        /// The conference.
        conference: ConferenceId,
        /// The other participant in it.
        participant: ParticipantId,
        /// The address it says it has.
        #[serde(deserialize_with = "typed")]
        address: Address,
        /// Its proof, as it came.
        proof: String,
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
    /// The organiser put the other end of a taken call out of its conference: end the call with it, and no other.
    Expel {
        /// Which.
        call: CallId,
    },
    /// Make the stranger behind a request a contact; rings if the invitation still lives.
    AcceptRequest {
        /// Which.
        call: CallId,
    },
    /// Show a call's page: focuses the native window that has it, or opens the user's browser unless it is open there
    /// already; browsers let no program raise their windows.
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
        #[serde(deserialize_with = "typed")]
        address: Address,
    },
    /// Sign in to a mailbox. Answer: `SignedIn`.
    SignIn(SignIn),
    /// Forget an account and everything kept for it.
    SignOut {
        /// Which.
        account: AccountId,
    },
    /// Change the user's own name, as others see it. Answer: `Done`.
    SetName {
        /// Of which account.
        account: AccountId,
        /// The new one; may be empty: others see the address.
        name: String,
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
        #[serde(deserialize_with = "typed")]
        address: Address,
        /// Shown instead of the address; may be empty.
        name: String,
    },
    /// Remove a contact: a stranger from now on.
    RemoveContact {
        /// Whose.
        account: AccountId,
        /// Who.
        #[serde(deserialize_with = "typed")]
        address: Address,
    },
    /// Accept a contact's changed key as its new one.
    AcceptKey {
        /// Whose contact.
        account: AccountId,
        /// Who.
        #[serde(deserialize_with = "typed")]
        address: Address,
        /// The key that the user was shown (`changed_key` of the contact); refused with `bad_key` if the contact has
        /// shown yet another one since.
        fingerprint: String,
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
    #[serde(deserialize_with = "typed")]
    pub address: Address,
    /// The user's name as others will see it; may be empty.
    pub name: String,
    /// Its password or app password.
    pub password: Password,
    /// The servers; absent: discovered.
    pub servers: Option<Servers>,
    /// SHA-256 of the one certificate to trust although it does not verify, 64 hex digits.
    pub pin: Option<String>,
    /// As `pin`, where the other server has another such certificate.
    #[ts(optional = nullable)]
    pub other_pin: Option<String>,
    /// Where the secrets are kept.
    pub secrets: SecretPlace,
}

/// An address as somebody typed it: a domain that was pasted in its encoded form is the same domain.
fn typed<'de, D: Deserializer<'de>>(from: D) -> Result<Address, D::Error> {
    mail::address::read(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// What participants say of themselves; what is no address is left out, and the rest counts.
fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    Ok(all.iter().filter_map(|one| one.parse().ok()).collect())
}
