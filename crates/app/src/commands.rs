//! The one dispatch that serves every host: commands in, replies out.

use call::{AccountId, Address, CallId, CallView, Conference, ConferenceId, Input, PageId, Signal};
use store::{Change, Contact, HistoryCursor};

use crate::{
    client::ClientId,
    clock::OsIds,
    contract::{
        Answer, ClientMessage, Command, CommandError, CommandResult, ErrorCode, Event, ServerMessage,
        Settings,
    },
    core::Core,
    happening::Happening,
    letters::pin_change,
    present,
    server_urls::check_servers,
    shell::ShellEvent,
    sign_in,
};

/// The key of the settings in the store.
pub(crate) const SETTINGS: &str = "settings";

pub(crate) type Outcome = Result<Answer, CommandError>;

impl Core {
    pub(crate) async fn command(&mut self, client: ClientId, message: ClientMessage) {
        let ClientMessage { id, command } = message;
        let page = match (self.clients.get(&client), &command) {
            (None, _) => return,
            (Some(_), Command::Hello { page, .. }) => *page,
            (Some(connected), _) => match connected.page() {
                Some(page) => page,
                None => return self.answer(client, id, Err(error(ErrorCode::NoHello))),
            },
        };
        if let Some(outcome) = self.obey(client, id, page, command).await {
            self.answer(client, id, outcome);
        }
    }

    /// Does what a command says. `None`: the answer comes later, by a happening.
    async fn obey(&mut self, client: ClientId, id: u32, page: PageId, command: Command) -> Option<Outcome> {
        let outcome = match command {
            Command::Hello { can_webrtc, .. } => self.hello(client, page, can_webrtc).await,
            Command::Focused => self.give(Input::PageFocused { page }).await,
            Command::Closed => self.give(Input::PageClosed { page }).await,
            Command::OpenContact { account, address } => self.open_contact(account, address).await,
            Command::Call { account, address, video, conference } => {
                self.call(account, address, video, page, conference).await
            }
            Command::Accept { call, video, conference } => self.accept(call, video, page, conference).await,
            Command::Decline { call } => self.on_call(call, Input::Decline { call }).await,
            Command::HangUp { call } => self.on_call(call, Input::HangUp { call }).await,
            Command::Expel { call } => self.on_call(call, Input::Expel { call }).await,
            Command::AcceptRequest { call } => self.accept_request(call).await,
            Command::ShowCall { call } => self.show_call(call),
            Command::OpenPage { route } => self.open_page(&route),
            Command::Conference { call, conference, others, ways, proven } => {
                self.on_call(call, Input::Conference { page, call, conference, others, ways, proven }).await
            }
            Command::Courier { call, address, text } => {
                self.on_call(call, Input::Courier { page, call, to: address, text }).await
            }
            Command::Prove { account, conference, participant } => {
                self.prove(account, conference, participant)
            }
            Command::CheckProof { account, conference, participant, address, proof } => {
                self.check_proof(account, conference, participant, &address, &proof)
            }
            Command::Described { link, description } => {
                self.give(Input::Described { page, link, description }).await
            }
            Command::LinkState { link, state } => self.give(Input::LinkState { page, link, state }).await,
            Command::SignalFromLink { link, signal } => match serde_json::from_value::<Signal>(signal) {
                Ok(signal) => self.give(Input::SignalFromLink { page, link, signal }).await,
                // Of a later version, or hostile: ignored either way.
                Err(_) => Ok(Answer::Done),
            },
            Command::Discover { address } => {
                // Whoever asks is about to sign in, and to choose where the password is kept.
                self.probe_key_store();
                return self.aside(client, id, async move { Ok(crate::servers::discover(&address).await) });
            }
            Command::SignIn(form) => return self.sign_in(client, id, form),
            Command::SignOut { account } => return self.sign_out(client, id, account).await,
            Command::SetName { account, name } => self.set_name(account, &name).await,
            Command::SetPassword { account, password } => {
                return self.set_password(client, id, account, password);
            }
            Command::ExportKey { account } => self.export_key(account),
            Command::ImportKey { account, key } => return self.import_key(client, id, account, key),
            Command::SelfTest { account } => return self.self_test(client, id, account),
            Command::PutContact { account, address, name } => self.put_contact(account, address, name).await,
            Command::RemoveContact { account, address } => self.remove_contact(account, address).await,
            Command::AcceptKey { account, address, fingerprint } => {
                self.accept_key(account, address, &fingerprint).await
            }
            Command::History { before } => return self.older_history(client, id, before),
            Command::Forget { call } => self.forget(call).await,
            Command::SetSettings { settings } => self.set_settings(settings).await,
            Command::NetworkChanged => {
                self.network_changed();
                Ok(Answer::Done)
            }
        };
        Some(outcome)
    }

    /// Answers a command.
    pub(crate) fn answer(&mut self, client: ClientId, reply: u32, outcome: Outcome) {
        let result = match outcome {
            Ok(answer) => CommandResult::Ok(answer),
            Err(error) => CommandResult::Error(error),
        };
        if let Some(client) = self.clients.get_mut(&client) {
            client.say(ServerMessage::Reply { reply, result });
        }
    }

    /// Does something that takes long beside the loop.
    pub(crate) fn aside(
        &self,
        client: ClientId,
        reply: u32,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> Option<Outcome> {
        let happenings = self.happenings.clone();
        tokio::spawn(async move {
            let result = work.await;
            let _ = happenings.send(Happening::Answered { client, reply, result }).await;
        });
        None
    }

    async fn give(&mut self, input: Input) -> Outcome {
        match self.try_step(input).await {
            Ok(()) => Ok(Answer::Done),
            Err(cause) => Err(sign_in::storage(&cause)),
        }
    }

    async fn on_call(&mut self, call: CallId, input: Input) -> Outcome {
        if !self.calls.contains_key(&call) {
            return Err(error(ErrorCode::UnknownCall));
        }
        self.give(input).await
    }

    /// An accept that cannot be stored is never sent: the call would only seem to be taken.
    async fn accept(
        &mut self,
        call: CallId,
        video: bool,
        page: PageId,
        conference: Option<ConferenceId>,
    ) -> Outcome {
        if conference.is_some_and(|conference| !self.can_add(call, conference)) {
            return Err(error(ErrorCode::UnknownCall));
        }
        let input = Input::Accept { call, video, page: Some(page), conference };
        let outcome = self.on_call(call, input).await;
        let unstored = outcome.as_ref().is_err_and(|error| error.code == ErrorCode::Storage);
        // Of a conference it would end all: this one ends by itself when nothing comes of it.
        if unstored && !self.calls.get(&call).is_some_and(|view| self.is_in_conference_of(view)) {
            self.step(Input::HangUp { call }).await;
        }
        outcome
    }

    /// Whether the caller of `call` can be added to a conference: this device is in it, and the caller is not in
    /// another one.
    fn can_add(&self, call: CallId, conference: ConferenceId) -> bool {
        self.calls.values().any(|view| is_taken(view) && conference_of(view) == Some(conference))
            && self.calls.get(&call).and_then(conference_of).is_none_or(|invited| invited == conference)
    }

    /// Whether this device is in the conference of a call by another call.
    fn is_in_conference_of(&self, call: &CallView) -> bool {
        let other = |view: &CallView| view.call != call.call && is_taken(view);
        conference_of(call)
            .is_some_and(|id| self.calls.values().any(|view| other(view) && conference_of(view) == Some(id)))
    }

    /// Also the request of a call that is over by now.
    async fn accept_request(&mut self, call: CallId) -> Outcome {
        let outputs = self.machine.handle(self.clock.now(), &mut OsIds, Input::AcceptRequest { call });
        let known = self.calls.contains_key(&call)
            || outputs.iter().any(|output| matches!(output, call::Output::BecameContact { .. }));
        self.carry_out(outputs, Vec::new()).await.map_err(|cause| sign_in::storage(&cause))?;
        if known { Ok(Answer::Done) } else { Err(error(ErrorCode::UnknownCall)) }
    }

    async fn hello(&mut self, client: ClientId, page: PageId, can_webrtc: bool) -> Outcome {
        if self.accounts.is_empty() {
            self.probe_key_store();
        }
        self.wake_sooner();
        let snapshot = ServerMessage::Event { event: Event::Snapshot(Box::new(self.snapshot())) };
        let before = self.clients.get_mut(&client).and_then(|connected| {
            let before = connected.becomes(page, can_webrtc);
            connected.say(snapshot);
            before
        });
        if let Some(former) = before.filter(|former| *former != page) {
            self.left(former).await;
        }
        if let Some(shell) = self.shell.as_ref().filter(|_| can_webrtc) {
            let _ = shell.send(ShellEvent::PageCame);
        }
        self.give(Input::PageHello { page, can_webrtc }).await
    }

    pub(crate) fn own_account(&self, account: AccountId) -> Result<&crate::account::Account, CommandError> {
        self.accounts.get(&account).ok_or_else(|| error(ErrorCode::UnknownAccount))
    }

    /// Calling one's own address reaches nobody.
    fn callable(&self, account: AccountId, address: &Address) -> Result<(), CommandError> {
        if self.own_account(account)?.row.address == *address {
            return Err(error(ErrorCode::OwnAddress));
        }
        Ok(())
    }

    async fn open_contact(&mut self, account: AccountId, to: Address) -> Outcome {
        self.callable(account, &to)?;
        if let Some(running) = self.running(account) {
            running.postman.warm();
        }
        self.give(Input::OpenContact { account, to }).await
    }

    async fn call(
        &mut self,
        account: AccountId,
        to: Address,
        video: bool,
        page: PageId,
        conference: Option<Conference>,
    ) -> Outcome {
        self.callable(account, &to)?;
        if let Some(running) = self.running(account) {
            running.postman.warm();
        }
        let input = Input::Call { account, to: to.clone(), video, page: Some(page), conference };
        let outputs = self.machine.handle(self.clock.now(), &mut OsIds, input);
        // With somebody who is calling, or is being called already, it is that call.
        let started = outputs.iter().rev().find_map(|output| match output {
            call::Output::Changed(view) if view.account == account && view.peer == to => {
                (!matches!(view.state, call::CallState::Ended { .. })).then_some(view.call)
            }
            _ => None,
        });
        if let Err(cause) = self.carry_out(outputs, Vec::new()).await {
            if let Some(call) = started {
                self.step(Input::HangUp { call }).await;
            }
            return Err(sign_in::storage(&cause));
        }
        started.map(|call| Answer::Called { call }).ok_or_else(|| error(ErrorCode::UnknownCall))
    }

    fn show_call(&self, call: CallId) -> Outcome {
        match &self.shell {
            Some(shell) if shell.send(ShellEvent::Show { call }).is_ok() => Ok(Answer::Done),
            _ => Err(error(ErrorCode::NoBrowser)),
        }
    }

    fn open_page(&self, route: &str) -> Outcome {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
        if !route.starts_with('/') || route.len() > 64 || !route.chars().all(plain) {
            return Err(error(ErrorCode::Malformed));
        }
        match self.door.leave_key(&self.data_dir, route) {
            Ok(path) => Ok(Answer::PageFile { path: path.to_string_lossy().into_owned() }),
            Err(cause) => Err(CommandError { detail: cause.to_string(), ..error(ErrorCode::Storage) }),
        }
    }

    async fn put_contact(&mut self, account: AccountId, address: Address, name: String) -> Outcome {
        self.callable(account, &address)?;
        let name: String = name.trim().chars().take(100).collect();
        let contact = Contact { account, address: address.clone(), name, since_ms: self.clock.wall_ms() };
        self.decide(vec![Change::PutContact(contact.clone())]).await?;
        self.contacts.insert((account, address), contact);
        self.contacts_changed().await
    }

    async fn remove_contact(&mut self, account: AccountId, address: Address) -> Outcome {
        self.own_account(account)?;
        self.decide(vec![Change::RemoveContact { account, address: address.clone() }]).await?;
        self.readable(account, &address);
        self.contacts.remove(&(account, address));
        self.contacts_changed().await
    }

    /// Pins the very key that the user was shown: the latest one may be another by now.
    async fn accept_key(&mut self, account: AccountId, address: Address, fingerprint: &str) -> Outcome {
        self.own_account(account)?;
        let who = (account, address);
        if self.changed_keys.get(&who).is_none_or(|latest| latest != fingerprint) {
            return Err(error(ErrorCode::BadKey));
        }
        if let Some(pin) = self.pins.trusting(who.0, &who.1, fingerprint) {
            self.decide(vec![pin_change(pin, self.clock.wall_ms())]).await?;
            self.pins.trust(who.0, &who.1, fingerprint);
        }
        self.changed_keys.remove(&who);
        self.contacts_changed().await
    }

    async fn contacts_changed(&mut self) -> Outcome {
        self.policy_changed().await;
        let contacts = self.contact_views();
        self.tell(&Event::ContactsChanged { contacts });
        Ok(Answer::Done)
    }

    fn older_history(&self, client: ClientId, reply: u32, before: Option<u64>) -> Option<Outcome> {
        let cursor = before.map(|ms| HistoryCursor {
            began_ms: i64::try_from(ms).unwrap_or(i64::MAX),
            call: CallId::new(0),
        });
        let rows = self.store.history(present::HISTORY_PAGE, cursor);
        self.aside(client, reply, async move {
            let rows = rows.await.map_err(|cause| sign_in::storage(&cause))?;
            Ok(Answer::History { entries: rows.iter().map(present::entry).collect() })
        })
    }

    async fn forget(&mut self, call: Option<CallId>) -> Outcome {
        if call.is_some_and(|call| self.calls.contains_key(&call)) {
            return Err(CommandError {
                detail: "the call is not over".to_owned(),
                ..error(ErrorCode::UnknownCall)
            });
        }
        self.decide(vec![call.map_or(Change::ClearHistory, Change::RemoveCall)]).await?;
        self.read_history();
        Ok(Answer::Done)
    }

    async fn set_settings(&mut self, mut settings: Settings) -> Outcome {
        if let Err(problem) = check_servers(&settings) {
            return Err(CommandError { detail: problem.to_owned(), ..error(ErrorCode::Malformed) });
        }
        settings.ring_seconds = settings.ring_seconds.clamp(5, call::MAX_LIFETIME_S);
        settings.device_name = settings.device_name.trim().chars().take(64).collect();
        let json = serde_json::to_string(&settings).map_err(|_| error(ErrorCode::Malformed))?;
        self.decide(vec![Change::PutSetting { key: SETTINGS.to_owned(), json }]).await?;
        self.machine.set_lifetime(settings.ring_seconds);
        self.settings = settings.clone();
        self.policy_changed().await;
        self.tell(&Event::SettingsChanged { settings });
        Ok(Answer::Done)
    }

    async fn decide(&mut self, changes: Vec<Change>) -> Result<(), CommandError> {
        self.keep_now(changes).await.map_err(|cause| sign_in::storage(&cause))
    }
}

pub(crate) fn conference_of(view: &CallView) -> Option<ConferenceId> {
    view.conference.as_ref().map(|conference| conference.id)
}

pub(crate) const fn is_taken(view: &CallView) -> bool {
    use call::CallState::{Connected, Connecting, Reconnecting};
    matches!(view.state, Connecting | Connected | Reconnecting)
}

pub(crate) fn error(code: ErrorCode) -> CommandError {
    CommandError { code, detail: String::new(), certificate: None }
}
