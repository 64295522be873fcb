//! Signals as letters: written out of the machine's words, read into them.

use std::time::Duration;

use call::{AccountId, Address, CallId, DeviceId, Input, MailId, Signal, SignalKind, Verified};
use identity::{Envelope, Incoming, Opened, Outcome, PinChange};
use mail::{
    MessageRef,
    mime::{self, Auto, ParsedMail, SignalMail, SignalPart},
};
use store::{Change, MailState, Pin, SeenKey};

use crate::{
    clock::OsIds,
    commands::{conference_of, is_taken},
    contract::{Answer, Event},
    core::Core,
    happening::PostOutcome,
};

/// A signal as it goes over the wire.
pub(crate) struct Written {
    pub(crate) message: Vec<u8>,
    /// The fingerprint it was sealed to.
    pub(crate) key: Option<String>,
}

/// What mails to oneself carry, instead of a signal.
pub(crate) const SELF_TEST: &str = r#"{"v":1,"type":"self_test"}"#;

impl Core {
    /// Writes a signal: sealed if a key of the recipient is known, else plain.
    #[allow(clippy::too_many_arguments, reason = "the parts of one output")]
    pub(crate) fn write(
        &self,
        mail: MailId,
        account: AccountId,
        to: &Address,
        to_device: Option<DeviceId>,
        call: CallId,
        signal: Signal,
        key: Option<&str>,
    ) -> Option<Written> {
        let own = self.accounts.get(&account)?;
        let running = own.running()?;
        let kind = signal.kind();
        let signal = self.introduced(account, signal);
        let envelope = Envelope { call, device: own.row.device, to_device, signal };
        let json =
            envelope.encode().inspect_err(|error| tracing::error!(%error, "a signal is too large")).ok()?;
        let name =
            if own.row.display_name.is_empty() { own.row.address.as_str() } else { &own.row.display_name };
        let (subject, text) = words(kind, name);
        let letter = SignalMail {
            id: mail,
            from: own.row.address.clone(),
            from_name: own.row.display_name.clone(),
            to: to.clone(),
            subject,
            text,
            json,
            auto: if kind == SignalKind::Ringing { Auto::Replied } else { Auto::Generated },
            autocrypt: Some(running.key.autocrypt_header(&own.row.address)),
            date: self.clock.wall_ms() / 1000,
        };
        let recipient = match key.or_else(|| self.reply_keys.get(&call).map(String::as_str)) {
            // The user's other devices have the same key.
            _ if *to == own.row.address => Some(running.key.public()),
            // A reply that was to be sealed never goes plain.
            Some(fingerprint) => Some(self.pins.key(account, to, fingerprint)?),
            None => self.pins.pinned(account, to),
        };
        let Some(recipient) = recipient else {
            return Some(Written { message: mime::plain(&letter), key: None });
        };
        let sealed = identity::seal(&mime::entity(&letter), &running.key, &[recipient])
            .inspect_err(|error| tracing::error!(%error, "a signal could not be sealed"))
            .ok()?;
        let message = mime::encrypted(&letter, &sealed.armored);
        Some(Written { message, key: Some(recipient.fingerprint().to_owned()) })
    }

    /// An invitation says who calls.
    fn introduced(&self, account: AccountId, mut signal: Signal) -> Signal {
        if let (Signal::Invite { name, .. }, Some(own)) = (&mut signal, self.accounts.get(&account)) {
            name.clone_from(&own.row.display_name);
        }
        signal
    }

    /// Writes an `answered` for the account's own INBOX.
    pub(crate) fn write_to_siblings(
        &self,
        account: AccountId,
        call: CallId,
        signal: Signal,
    ) -> Option<Vec<u8>> {
        let own = self.accounts.get(&account)?.row.address.clone();
        let mail = MailId::new(call::IdSource::fresh(&mut OsIds));
        Some(self.write(mail, account, &own, None, call, signal, None)?.message)
    }

    /// A mail to oneself, to see how long it takes.
    pub(crate) fn write_self_test(&self, account: AccountId, mail: MailId) -> Option<Vec<u8>> {
        let own = &self.accounts.get(&account)?.row;
        let letter = SignalMail {
            id: mail,
            from: own.address.clone(),
            from_name: own.display_name.clone(),
            to: own.address.clone(),
            subject: "Mailcall test".to_owned(),
            text: "Mailcall sent this to see how fast your mailbox is. It is removed by itself.".to_owned(),
            json: SELF_TEST.to_owned(),
            auto: Auto::Generated,
            autocrypt: None,
            date: self.clock.wall_ms() / 1000,
        };
        Some(mime::plain(&letter))
    }

    /// A mail came that may be a signal.
    pub(crate) async fn received(&mut self, account: AccountId, raw: &[u8], at: MessageRef, age: Duration) {
        let parsed = match mime::parse(raw) {
            Ok(parsed) => parsed,
            Err(error) => {
                tracing::debug!(%error, "a mail with our mark is no signal");
                return;
            }
        };
        if self.self_tested(account, &parsed, &at) {
            return;
        }
        let seen = parsed.message_id.clone().map_or_else(
            || SeenKey::Uid { mailbox: at.mailbox.clone(), uidvalidity: at.uidvalidity, uid: at.uid },
            SeenKey::MessageId,
        );
        match self.store.seen(account, seen.clone()).await {
            Ok(false) => {}
            Ok(true) => return,
            Err(error) => tracing::warn!(%error, "whether a mail is new cannot be told; taken as new"),
        }
        self.make_room_for_a_pin().await;
        let Examined { verified, pin, offered } = match self.examine(account, &parsed) {
            Ok(Some(found)) => found,
            Ok(None) => return,
            Err(Rejected::Identity(identity::IdentityError::NotForThisKey)) => {
                return self.sealed_elsewhere(account, &parsed.from);
            }
            Err(error) => {
                tracing::info!(%error, "a mail with our mark is not taken");
                return;
            }
        };
        let is_invitation = verified.signal().kind() == SignalKind::Invite;
        let now_ms = self.clock.wall_ms();
        let mut changes = vec![Change::SawMessage { account, key: seen, now_ms }];
        let pinned = pin.is_some();
        changes.extend(pin.map(|pin| pin_change(pin, now_ms)));
        if is_invitation {
            if self.is_of_the_past(account, verified.call()).await {
                tracing::info!("the invitation of a call of the past came again");
                drop(self.keep(changes).await);
                return;
            }
            let key = SeenKey::Invitation(verified.call());
            changes.push(Change::SawMessage { account, key, now_ms });
        }
        self.note_key(&verified, offered);
        // Only what was sealed is signed.
        if verified.sender().fingerprint().is_some() {
            self.readable(account, verified.from());
        }

        let for_this_device = self.is_for_this_device(account, &verified);
        let stored = self.step_with(Input::Mail { signal: verified, age }, changes).await;
        // What is not stored stays in the mailbox: after a restart it is read again.
        if let Some(running) = self.running(account).filter(|_| stored.is_ok()) {
            if for_this_device {
                running.watch.remove(at);
            } else if is_invitation && self.settings.file_invitations {
                self.file_later(account, at);
            }
        }
        if pinned {
            let contacts = self.contact_views();
            self.tell(&Event::ContactsChanged { contacts });
        }
    }

    /// Whether no other device of the user has a use for a signal.
    fn is_for_this_device(&self, account: AccountId, verified: &Verified) -> bool {
        match (verified.signal(), verified.to_device()) {
            (Signal::Courier { conference, .. }, _) => {
                self.calls.values().any(|view| is_taken(view) && conference_of(view) == Some(*conference))
            }
            (_, to) => to.is_some() && to == self.accounts.get(&account).map(|own| own.row.device),
        }
    }

    /// Forgets the key of a stranger if there is no room for another key.
    async fn make_room_for_a_pin(&mut self) {
        let (contacts, calls) = (&self.contacts, &self.calls);
        let gone = self.pins.make_room(|account, who| {
            contacts.contains_key(&(account, who.clone()))
                || calls.values().any(|call| call.account == account && call.peer == *who)
        });
        if let Some(gone) = gone {
            drop(self.keep(vec![pin_change(gone, self.clock.wall_ms())]).await);
        }
    }

    /// Whether a call is over. What signs an invitation does not cover when it was sent: whoever has one can mail it
    /// again as another message, long after the machine has forgotten the call, and the user the history.
    async fn is_of_the_past(&self, account: AccountId, call: CallId) -> bool {
        !self.calls.contains_key(&call)
            && (matches!(self.store.seen(account, SeenKey::Invitation(call)).await, Ok(true))
                || matches!(self.store.call(call).await, Ok(Some(_))))
    }

    fn examine(&mut self, account: AccountId, parsed: &ParsedMail) -> Result<Option<Examined>, Rejected> {
        let Some(own) = self.accounts.get(&account) else { return Ok(None) };
        let Some(running) = own.running() else { return Ok(None) };
        let opened: Option<Opened> = match &parsed.body {
            mime::Body::Encrypted { armored } => Some(identity::open(armored, &[&running.key])?),
            mime::Body::Plain { .. } => None,
        };
        let entity = match (&opened, &parsed.body) {
            (Some(opened), _) => opened.entity(),
            (None, mime::Body::Plain { entity }) => entity,
            (None, mime::Body::Encrypted { .. }) => return Ok(None),
        };
        let SignalPart { json, from, .. } = mime::parse_entity(entity)?;
        let incoming = Incoming {
            account,
            own_address: &own.row.address,
            from: &parsed.from,
            autocrypt: &parsed.autocrypt,
            body: match &opened {
                Some(opened) => identity::Body::Sealed { opened, from: from.as_ref() },
                None => identity::Body::Plain,
            },
            payload: json.as_bytes(),
        };
        match identity::verify(incoming, &running.key, &mut self.pins)? {
            Outcome::Signal { verified, pin, offered } => Ok(Some(Examined { verified, pin, offered })),
            Outcome::Unknown => Ok(None),
        }
    }

    /// Keeps which other key than the pinned one somebody uses: the user is shown it, and a reply to an unsigned
    /// invitation is sealed to the key that came with it, since its sender may have lost the pinned one.
    fn note_key(&mut self, verified: &Verified, offered: Option<String>) {
        let changed = match verified.sender() {
            call::Sender::Key { fingerprint, standing: call::Standing::Changed } => Some(fingerprint.clone()),
            call::Sender::Key { .. } => None,
            call::Sender::Unauthenticated => {
                let is_invitation = verified.signal().kind() == SignalKind::Invite;
                if let Some(key) = offered.as_ref().filter(|_| is_invitation) {
                    let live = &self.calls;
                    self.reply_keys.retain(|call, _| live.contains_key(call));
                    self.reply_keys.entry(verified.call()).or_insert_with(|| key.clone());
                }
                offered
            }
        };
        let who = (verified.account(), verified.from().clone());
        if let Some(key) = changed.filter(|_| self.contacts.contains_key(&who)) {
            self.changed_keys.insert(who, key);
            let contacts = self.contact_views();
            self.tell(&Event::ContactsChanged { contacts });
        }
    }

    /// Whether the mail is one to oneself that somebody waits for.
    fn self_tested(&mut self, account: AccountId, parsed: &ParsedMail, at: &MessageRef) -> bool {
        let own = self.accounts.get(&account).is_some_and(|own| own.row.address == parsed.from);
        let mime::Body::Plain { entity } = &parsed.body else { return false };
        let is_test = own && mime::parse_entity(entity).is_ok_and(|part| part.json.trim() == SELF_TEST);
        if !is_test {
            return false;
        }
        if let Some(running) = self.running(account) {
            running.watch.remove(at.clone());
        }
        let by_id = parsed
            .message_id
            .as_deref()
            .and_then(mail::mark::mail_of)
            .filter(|id| self.self_tests.contains_key(id));
        let found =
            by_id.or_else(|| self.self_tests.iter().find(|(_, t)| t.account == account).map(|(id, _)| *id));
        if let Some(mail) = found {
            self.end_self_test(mail, |test| {
                let ms = u32::try_from(test.began.elapsed().as_millis()).unwrap_or(u32::MAX);
                Ok(Answer::SelfTested { ms })
            });
        }
        true
    }

    /// A delivery report came.
    pub(crate) async fn bounced(&mut self, account: AccountId, raw: &[u8]) {
        let Ok(Some(mail::report::BounceReport { mail, permanent, words })) = mail::report::parse(raw) else {
            return;
        };
        if !permanent {
            return;
        }
        match self.store.mail(mail).await {
            Ok(Some(info)) if info.account == account => {
                self.mail_failed(mail, words.into_inner()).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a bounce could not be looked up"),
        }
    }

    /// What became of a mail.
    pub(crate) async fn posted(&mut self, _account: AccountId, mail: MailId, outcome: PostOutcome) {
        if self.self_tests.contains_key(&mail) {
            return self.self_test_posted(mail, outcome);
        }
        match outcome {
            PostOutcome::Sent => {
                let now_ms = self.clock.wall_ms();
                let change = Change::MailState { mail, state: MailState::Sent, now_ms };
                drop(self.step_with(Input::MailSent { mail }, vec![change]).await);
            }
            PostOutcome::Retrying => {
                self.step(Input::MailFailed { mail, failure: call::SendFailure::Temporary }).await;
            }
            PostOutcome::Refused(error) => self.mail_failed(mail, error.words()).await,
            PostOutcome::Expired => {
                let state = MailState::Failed { words: String::new() };
                let change = Change::MailState { mail, state, now_ms: self.clock.wall_ms() };
                drop(self.store.commit(vec![change]));
            }
        }
    }

    async fn mail_failed(&mut self, mail: MailId, words: String) {
        let state = MailState::Failed { words: words.clone() };
        let change = Change::MailState { mail, state, now_ms: self.clock.wall_ms() };
        let failure = call::SendFailure::Refused { words };
        drop(self.step_with(Input::MailFailed { mail, failure }, vec![change]).await);
    }
}

/// Who a mail is from, and what it says of keys.
struct Examined {
    verified: Verified,
    pin: Option<PinChange>,
    offered: Option<String>,
}

/// Why a mail with our mark is not taken.
#[derive(Debug, thiserror::Error)]
enum Rejected {
    #[error(transparent)]
    Identity(#[from] identity::IdentityError),
    #[error(transparent)]
    Mail(#[from] mail::MailError),
}

/// A pin as the store has it.
pub(crate) fn pin_change(pin: PinChange, since_ms: i64) -> Change {
    match pin {
        PinChange::Set(row) => Change::PutPin(Pin {
            account: row.account,
            address: row.address,
            fingerprint: row.fingerprint,
            key: row.public_key,
            since_ms,
        }),
        PinChange::Removed { account, address } => Change::RemovePin { account, address },
    }
}

/// What a person who reads the mail in an ordinary mail program sees.
fn words(kind: SignalKind, name: &str) -> (String, String) {
    match kind {
        SignalKind::Invite => (
            format!("{name} is calling you"),
            format!(
                "{name} is calling you with Mailcall. A device of yours that runs Mailcall rings now; without \
                 one, just write back."
            ),
        ),
        SignalKind::Ringing
        | SignalKind::Accept
        | SignalKind::Decline
        | SignalKind::Cancel
        | SignalKind::Offer
        | SignalKind::Answer
        | SignalKind::Answered
        | SignalKind::Courier => (
            "Mailcall".to_owned(),
            "A message between Mailcall programs about a call. It is removed by itself.".to_owned(),
        ),
    }
}
