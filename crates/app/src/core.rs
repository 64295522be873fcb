//! The loop: takes one happening after the other, hands it to the call machine, stores what must be stored, and
//! only then does what must be done.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use call::{AccountId, Address, CallId, CallView, Input, Machine, MailId, Output, PageId};
use identity::Pins;
use store::{Change, Contact, Store, StoreError};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use crate::{
    account::Account,
    client::{ClientId, Connected},
    clock::{Clock, OsIds},
    contract::{Event, ServerMessage, Settings},
    filing::Filing,
    happening::Happening,
    keeping::Unsaved,
    key_store::KeyStore,
    loopback::Door,
    post::Mailing,
    shell::{Ready, ShellEvent},
};

/// How far wall clock and monotonic clock may differ before it counts as sleep.
const SLEEP_TOLERANCE: Duration = Duration::from_secs(5);
/// How often what is of no use any more is removed.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// A mail to oneself that is on its way.
pub(crate) struct SelfTest {
    pub(crate) account: AccountId,
    /// Who waits for it, and under which ids.
    pub(crate) waiting: Vec<(ClientId, u32)>,
    pub(crate) began: Instant,
}

/// The running backend's state; owned by its loop.
pub(crate) struct Core {
    pub(crate) machine: Machine,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) pins: Pins,
    pub(crate) settings: Settings,
    /// All accounts, also those that could not be started.
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) contacts: BTreeMap<(AccountId, Address), Contact>,
    /// Keys that contacts used and that are not the pinned ones.
    pub(crate) changed_keys: BTreeMap<(AccountId, Address), String>,
    /// The keys to which replies in calls are sealed whose invitation came unsigned, with another key than the
    /// pinned one.
    pub(crate) reply_keys: BTreeMap<CallId, String>,
    pub(crate) calls: BTreeMap<CallId, CallView>,
    pub(crate) clients: BTreeMap<ClientId, Connected>,
    pub(crate) self_tests: BTreeMap<MailId, SelfTest>,
    /// Mails that were given to a postman who has not tried them yet.
    pub(crate) unposted: BTreeSet<MailId>,
    pub(crate) history: Vec<store::HistoryRow>,
    /// How often it was read, and the number of the reading that is known.
    pub(crate) history_readings: (u64, u64),
    pub(crate) key_store: KeyStore,
    pub(crate) unsaved: Unsaved,
    pub(crate) filing: Filing,
    pub(crate) happenings: mpsc::Sender<Happening>,
    pub(crate) mail_events: mpsc::Sender<mail::MailEvent>,
    pub(crate) shell: Option<mpsc::UnboundedSender<ShellEvent>>,
    pub(crate) ready: watch::Sender<Ready>,
    pub(crate) door: Arc<Door>,
    pub(crate) data_dir: std::path::PathBuf,
    pub(crate) prune_at: Instant,
}

/// What is done once a step is stored.
enum Deed {
    Post(AccountId, Mailing),
    Withdraw(MailId),
    Append(AccountId, Vec<u8>),
    Tell(Event),
    TellPage(PageId, call::PageEvent),
    Shell(ShellEvent),
    History,
    Contacts,
}

impl Core {
    /// Runs until told to stop, or until nobody can tell anything any more.
    pub(crate) async fn run(
        mut self,
        mut happenings: mpsc::Receiver<Happening>,
        mut mails: mpsc::Receiver<mail::MailEvent>,
    ) {
        loop {
            let nap = self.clock.nap(self.machine.next_wake().into_iter().chain(self.filing.next()));
            let happening = tokio::select! {
                happening = happenings.recv() => match happening {
                    Some(happening) => Some(happening),
                    None => return,
                },
                Some(event) = mails.recv() => Some(Happening::Mail(event)),
                () = sleep(nap) => None,
            };
            match happening {
                Some(Happening::Stop) => return self.say_goodbye(&mut happenings).await,
                Some(happening) => self.take(happening).await,
                None => self.pass_time().await,
            }
        }
    }

    pub(crate) async fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Joined { client, to_client } => {
                self.clients.insert(client, Connected::new(to_client));
            }
            Happening::Command { client, message } => self.command(client, message).await,
            Happening::Left { client } => {
                if let Some(page) = self.clients.remove(&client).and_then(|connected| connected.page()) {
                    self.left(page).await;
                }
            }
            Happening::Mail(event) => self.mail_event(event).await,
            Happening::Posted { account, mail, outcome } => {
                self.unposted.remove(&mail);
                self.posted(account, mail, outcome).await;
            }
            Happening::Woken { account, result } => self.woken(account, result).await,
            Happening::SignedIn { client, reply, account } => self.signed_in(client, reply, *account).await,
            Happening::Renewed { client, reply, account, turn } => {
                self.renewed(client, reply, *account).await;
                drop(turn);
            }
            Happening::NetworkChanged => {
                self.network_changed();
                self.tell(&Event::NetworkChanged);
            }
            Happening::KeyStore(works) => self.key_store_probed(works),
            Happening::Answered { client, reply, result } => self.answer(client, reply, result),
            // One that overtook another is the newer one.
            Happening::History(number, _) if number < self.history_readings.1 => {}
            Happening::History(number, rows) => {
                self.history_readings.1 = number;
                self.history = rows;
                let entries = self.history_entries();
                self.tell(&Event::HistoryChanged { entries });
            }
            Happening::Stop => {}
        }
    }

    /// A client that was `page` is so no more.
    pub(crate) async fn left(&mut self, page: PageId) {
        match self.carrier(page).map(|other| other.can_webrtc()) {
            // A page that came back on a new connection is not gone, but what the old one carried is.
            Some(can_webrtc) => self.step(Input::PageHello { page, can_webrtc }).await,
            None => {
                if let Some(shell) = &self.shell
                    && !self.clients.values().any(Connected::can_webrtc)
                {
                    let _ = shell.send(ShellEvent::PagesWent);
                }
                self.step(Input::PageGone { page }).await;
            }
        }
    }

    /// The client that carries the links of a page: the latest of those that say they are it.
    fn carrier(&mut self, page: PageId) -> Option<&mut Connected> {
        self.clients.values_mut().rev().find(|client| client.page() == Some(page))
    }

    async fn pass_time(&mut self) {
        if let Some(slept) = self.clock.notice_sleep(SLEEP_TOLERANCE) {
            tracing::info!(seconds = slept.as_secs(), "the computer slept; connections are checked");
            self.network_changed();
        }
        if Instant::now() >= self.prune_at {
            self.prune_at = Instant::now() + PRUNE_EVERY;
            drop(self.store.prune(self.clock.wall_ms()));
        }
        self.file_due();
        self.step(Input::Tick).await;
    }

    /// Gives one input to the machine and does all that follows from it.
    pub(crate) async fn step(&mut self, input: Input) {
        // What could not be stored is told where it is noticed.
        drop(self.try_step(input).await);
    }

    /// As [`Core::step`]; an error says that it could not be stored, and therefore not all was done.
    pub(crate) async fn try_step(&mut self, input: Input) -> Result<(), StoreError> {
        self.step_with(input, Vec::new()).await
    }

    /// As [`Core::try_step`], storing `changes` in the same transaction.
    pub(crate) async fn step_with(&mut self, input: Input, changes: Vec<Change>) -> Result<(), StoreError> {
        let outputs = self.machine.handle(self.clock.now(), &mut OsIds, input);
        self.carry_out(outputs, changes).await
    }

    /// Stores, then acts.
    pub(crate) async fn carry_out(
        &mut self,
        outputs: Vec<Output>,
        mut changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        let mut deeds = Vec::new();
        self.prepare_all(outputs, &mut changes, &mut deeds);
        let stored = self.keep(changes).await;
        if let Err(error) = &stored {
            self.not_stored(error, &mut deeds);
        }
        for deed in deeds {
            self.perform(deed);
        }
        stored
    }

    fn prepare_all(&mut self, outputs: Vec<Output>, changes: &mut Vec<Change>, deeds: &mut Vec<Deed>) {
        let mut outputs = VecDeque::from(outputs);
        while let Some(output) = outputs.pop_front() {
            self.prepare(output, &mut outputs, changes, deeds);
        }
    }

    fn prepare(
        &mut self,
        output: Output,
        more: &mut VecDeque<Output>,
        changes: &mut Vec<Change>,
        deeds: &mut Vec<Deed>,
    ) {
        match output {
            Output::Remember(mut record) => {
                self.call_by_name(&mut record.view);
                deeds.push(Deed::History);
                changes.push(Change::PutCall { record, now_ms: self.clock.wall_ms() });
            }
            Output::Send { mail, account, to, to_device, call, signal, until, key } => {
                let kind = signal.kind();
                let Some(written) = self.write(mail, account, &to, to_device, call, signal, key.as_deref())
                else {
                    let failure = call::SendFailure::Refused { words: String::new() };
                    let input = Input::MailFailed { mail, failure };
                    more.extend(self.machine.handle(self.clock.now(), &mut OsIds, input));
                    return;
                };
                if let Some(key) = written.key {
                    let sealed = Input::Sealed { mail, key };
                    more.extend(self.machine.handle(self.clock.now(), &mut OsIds, sealed));
                }
                let until_ms = self.clock.to_wall_ms(until);
                let message: Arc<[u8]> = written.message.into();
                changes.push(Change::QueueMail(store::QueuedMail {
                    mail,
                    account,
                    to: to.clone(),
                    call,
                    kind,
                    message: message.to_vec(),
                    until_ms,
                }));
                deeds.push(Deed::Post(account, Mailing { mail, to, message, until }));
            }
            Output::Unsend { mail } => {
                let now_ms = self.clock.wall_ms();
                changes.push(Change::MailState { mail, state: store::MailState::Withdrawn, now_ms });
                deeds.push(Deed::Withdraw(mail));
            }
            Output::TellSiblings { account, call, signal } => {
                if let Some(message) = self.write_to_siblings(account, call, signal) {
                    deeds.push(Deed::Append(account, message));
                }
            }
            Output::Page { page, event } => deeds.push(Deed::TellPage(page, event)),
            Output::Changed(mut view) => {
                self.call_by_name(&mut view);
                let over = matches!(view.state, call::CallState::Ended { .. });
                if over {
                    self.calls.remove(&view.call);
                } else {
                    self.calls.insert(view.call, view.clone());
                }
                self.mind_junk(view.account);
                deeds.push(Deed::Tell(Event::CallChanged { call: view }));
            }
            Output::Alert { call, alert } => deeds.push(Deed::Shell(ShellEvent::Alert { call, alert })),
            Output::NeedPage { call } => deeds.push(Deed::Shell(ShellEvent::NeedPage { call })),
            Output::BecameContact { account, address, name } => {
                if !self.contacts.contains_key(&(account, address.clone())) {
                    let contact = Contact { account, address, name, since_ms: self.clock.wall_ms() };
                    changes.push(Change::PutContact(contact.clone()));
                    self.contacts.insert((account, contact.address.clone()), contact);
                    let policy = Input::Policy(self.policy());
                    more.extend(self.machine.handle(self.clock.now(), &mut OsIds, policy));
                    deeds.push(Deed::Contacts);
                }
            }
        }
    }

    /// What could not be stored is not posted; the user is told through the call, which ends.
    fn not_stored(&mut self, error: &StoreError, deeds: &mut Vec<Deed>) {
        tracing::error!(%error, "a step could not be stored");
        loop {
            let lost: Vec<MailId> = deeds
                .extract_if(.., |deed| matches!(deed, Deed::Post(..) | Deed::Append(..) | Deed::History))
                .filter_map(|deed| match deed {
                    Deed::Post(_, mailing) => Some(mailing.mail),
                    _ => None,
                })
                .collect();
            if lost.is_empty() {
                return;
            }
            let mut changes = Vec::new();
            for mail in lost {
                let failure = call::SendFailure::Refused { words: error.to_string() };
                let input = Input::MailFailed { mail, failure };
                let outputs = self.machine.handle(self.clock.now(), &mut OsIds, input);
                self.prepare_all(outputs, &mut changes, deeds);
            }
            self.unsaved.add(changes);
        }
    }

    fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::Post(account, mailing) => {
                let mail = mailing.mail;
                if let Some(running) = self.running(account) {
                    running.postman.post(mailing);
                    self.unposted.insert(mail);
                }
            }
            Deed::Withdraw(mail) => {
                self.unposted.remove(&mail);
                for account in self.accounts.values().filter_map(Account::running) {
                    account.postman.withdraw(mail);
                }
            }
            Deed::Append(account, message) => {
                if let Some(running) = self.running(account) {
                    running.watch.append_to_inbox(message);
                }
            }
            Deed::Tell(event) => {
                if let (Some(shell), Event::CallChanged { call }) = (&self.shell, &event) {
                    let _ = shell.send(ShellEvent::Changed(Box::new(call.clone())));
                }
                self.tell(&event);
            }
            Deed::TellPage(page, event) => {
                if let Some(client) = self.carrier(page) {
                    client.say(ServerMessage::Event { event: Event::Link(event) });
                }
            }
            Deed::Shell(event) => {
                if let Some(shell) = &self.shell {
                    let _ = shell.send(event);
                }
            }
            Deed::History => self.read_history(),
            Deed::Contacts => {
                let contacts = self.contact_views();
                self.tell(&Event::ContactsChanged { contacts });
            }
        }
    }

    /// Reads the newest part of the history aside; the answer comes as a happening.
    pub(crate) fn read_history(&mut self) {
        self.history_readings.0 += 1;
        let number = self.history_readings.0;
        let reply = self.store.history(crate::present::HISTORY_PAGE, None);
        let happenings = self.happenings.clone();
        tokio::spawn(async move {
            match reply.await {
                Ok(rows) => drop(happenings.send(Happening::History(number, rows)).await),
                Err(error) => tracing::warn!(%error, "the history could not be read"),
            }
        });
    }

    /// Tells every client that said hello.
    pub(crate) fn tell(&mut self, event: &Event) {
        for client in self.clients.values_mut().filter(|client| client.page().is_some()) {
            client.say(ServerMessage::Event { event: event.clone() });
        }
    }
}
