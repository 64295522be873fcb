//! The one dispatch that serves every host: commands in, replies out.

use call::{AccountId, Address, CallId, IdSource as _, Input, MailId, PageId, Signal};
use store::{Change, Contact, HistoryCursor, SecretKind};
use tokio::time::Instant;

use crate::{
    client::ClientId,
    clock::OsIds,
    contract::{
        Answer, ClientMessage, Command, CommandError, CommandResult, ErrorCode, Event, Password,
        ServerMessage, Settings,
    },
    core::{Core, SelfTest},
    happening::{Happening, PostOutcome},
    letters::pin_change,
    post::Mailing,
    present,
    shell::ShellEvent,
    sign_in::{self, Extras, NewAccount},
};

/// The key of the settings in the store.
pub(crate) const SETTINGS: &str = "settings";

/// How long a mail to oneself may take.
const SELF_TEST_PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

type Outcome = Result<Answer, CommandError>;

impl Core {
    pub(crate) async fn command(&mut self, client: ClientId, message: ClientMessage) {
        let ClientMessage { id, command } = message;
        let page = match (self.clients.get(&client), &command) {
            (None, _) => return,
            (Some(_), Command::Hello { page, .. }) => *page,
            (Some(connected), _) => match connected.page {
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
            Command::Call { account, address, video } => self.call(account, address, video, page).await,
            Command::Accept { call, video } => {
                self.on_call(call, Input::Accept { call, video, page: Some(page) }).await
            }
            Command::Decline { call } => self.on_call(call, Input::Decline { call }).await,
            Command::HangUp { call } => self.on_call(call, Input::HangUp { call }).await,
            Command::AcceptRequest { call } => self.on_call(call, Input::AcceptRequest { call }).await,
            Command::ShowCall { call } => self.show_call(call),
            Command::OpenPage { route } => self.open_page(&route),
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
                return self.aside(client, id, async move { Ok(crate::servers::discover(&address).await) });
            }
            Command::SignIn(form) => return self.sign_in(client, id, form),
            Command::SignOut { account } => self.sign_out(account).await,
            Command::SetPassword { account, password } => {
                return self.set_password(client, id, account, password);
            }
            Command::ExportKey { account } => self.export_key(account),
            Command::ImportKey { account, key } => return self.import_key(client, id, account, key),
            Command::SelfTest { account } => return self.self_test(client, id, account),
            Command::PutContact { account, address, name } => self.put_contact(account, address, name).await,
            Command::RemoveContact { account, address } => self.remove_contact(account, address).await,
            Command::AcceptKey { account, address } => self.accept_key(account, address).await,
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
    pub(crate) fn answer(&self, client: ClientId, reply: u32, outcome: Outcome) {
        let result = match outcome {
            Ok(answer) => CommandResult::Ok(answer),
            Err(error) => CommandResult::Error(error),
        };
        if let Some(client) = self.clients.get(&client) {
            let _ = client.to_client.try_send(ServerMessage::Reply { reply, result });
        }
    }

    /// Does something that takes long beside the loop.
    fn aside(
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
        self.step(input).await;
        Ok(Answer::Done)
    }

    async fn on_call(&mut self, call: CallId, input: Input) -> Outcome {
        if !self.calls.contains_key(&call) {
            return Err(error(ErrorCode::UnknownCall));
        }
        self.give(input).await
    }

    async fn hello(&mut self, client: ClientId, page: PageId, can_webrtc: bool) -> Outcome {
        let snapshot = Box::new(self.snapshot());
        if let Some(connected) = self.clients.get_mut(&client) {
            connected.page = Some(page);
            let event = Event::Snapshot(snapshot);
            let _ = connected.to_client.try_send(ServerMessage::Event { event });
        }
        self.give(Input::PageHello { page, can_webrtc }).await
    }

    fn own_account(&self, account: AccountId) -> Result<&crate::account::Account, CommandError> {
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

    async fn call(&mut self, account: AccountId, to: Address, video: bool, page: PageId) -> Outcome {
        self.callable(account, &to)?;
        if let Some(running) = self.running(account) {
            running.postman.warm();
        }
        let input = Input::Call { account, to: to.clone(), video, page: Some(page) };
        let outputs = self.machine.handle(self.clock.now(), &mut OsIds, input);
        let started = outputs.iter().find_map(|output| match output {
            call::Output::Changed(view) if view.peer == to && view.direction == call::Direction::Outgoing => {
                Some(view.call)
            }
            _ => None,
        });
        self.carry_out(outputs, Vec::new()).await;
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

    fn sign_in(&self, client: ClientId, reply: u32, form: crate::contract::SignIn) -> Option<Outcome> {
        if self.accounts.values().any(|account| account.row.address == form.address) {
            return Some(Err(error(ErrorCode::AlreadySignedIn)));
        }
        let store = self.store.clone();
        let happenings = self.happenings.clone();
        tokio::spawn(async move {
            let happening = match sign_in::sign_in(form, Extras::default(), &store).await {
                Ok(account) => Happening::SignedIn { client, reply, account: Box::new(account) },
                Err(error) => Happening::Answered { client, reply, result: Err(error) },
            };
            let _ = happenings.send(happening).await;
        });
        None
    }

    /// A sign-in or a new password succeeded: from now on the account runs.
    pub(crate) async fn signed_in(&mut self, client: ClientId, reply: u32, account: NewAccount) {
        let id = account.row.id;
        if let Err(cause) = self.store.commit(vec![Change::PutAccount(account.row.clone())]).await {
            return self.answer(client, reply, Err(sign_in::storage(&cause)));
        }
        self.start_account(account, Vec::new());
        self.policy_changed().await;
        if let Some(account) = self.accounts.get(&id) {
            let view = account.view();
            self.tell(&Event::AccountChanged { account: view });
        }
        self.answer(client, reply, Ok(Answer::SignedIn { account: id }));
    }

    async fn sign_out(&mut self, account: AccountId) -> Outcome {
        self.own_account(account)?;
        let live: Vec<CallId> =
            self.calls.values().filter(|c| c.account == account).map(|c| c.call).collect();
        for call in live {
            self.step(Input::HangUp { call }).await;
        }
        self.store.remove_account(account).await.map_err(|cause| sign_in::storage(&cause))?;
        self.accounts.remove(&account);
        self.contacts.retain(|(owner, _), _| *owner != account);
        self.changed_keys.retain(|(owner, _), _| *owner != account);
        drop(self.pins.forget_account(account));
        self.policy_changed().await;
        self.read_history();
        self.tell(&Event::AccountRemoved { account });
        let contacts = self.contact_views();
        self.tell(&Event::ContactsChanged { contacts });
        Ok(Answer::Done)
    }

    fn set_password(
        &self,
        client: ClientId,
        reply: u32,
        account: AccountId,
        password: Password,
    ) -> Option<Outcome> {
        let row = match self.own_account(account) {
            Ok(account) => account.row.clone(),
            Err(error) => return Some(Err(error)),
        };
        let (store, happenings) = (self.store.clone(), self.happenings.clone());
        tokio::spawn(async move {
            let happening = match change_password(row, password, &store).await {
                Ok(account) => Happening::SignedIn { client, reply, account: Box::new(account) },
                Err(error) => Happening::Answered { client, reply, result: Err(error) },
            };
            let _ = happenings.send(happening).await;
        });
        None
    }

    fn export_key(&self, account: AccountId) -> Outcome {
        let running = self.own_account(account)?.running().ok_or_else(|| error(ErrorCode::KeyStore))?;
        let key = running.key.export().map_err(|_| error(ErrorCode::BadKey))?;
        Ok(Answer::Key { key: key.into_inner() })
    }

    fn import_key(&self, client: ClientId, reply: u32, account: AccountId, key: Password) -> Option<Outcome> {
        let row = match self.own_account(account) {
            Ok(account) => account.row.clone(),
            Err(error) => return Some(Err(error)),
        };
        let (store, happenings) = (self.store.clone(), self.happenings.clone());
        tokio::spawn(async move {
            let happening = match change_key(row, key, &store).await {
                Ok(account) => Happening::SignedIn { client, reply, account: Box::new(account) },
                Err(error) => Happening::Answered { client, reply, result: Err(error) },
            };
            let _ = happenings.send(happening).await;
        });
        None
    }

    fn self_test(&mut self, client: ClientId, reply: u32, account: AccountId) -> Option<Outcome> {
        let to = match self.own_account(account) {
            Ok(own) => own.row.address.clone(),
            Err(error) => return Some(Err(error)),
        };
        let mail = MailId::new(OsIds.fresh());
        let Some((message, running)) = self.write_self_test(account, mail).zip(self.running(account)) else {
            return Some(Err(error(ErrorCode::KeyStore)));
        };
        let began = Instant::now();
        running.postman.post(Mailing {
            mail,
            to,
            message: message.into(),
            until: began + SELF_TEST_PATIENCE,
        });
        running.watch.watch_junk(true);
        self.self_tests.insert(mail, SelfTest { account, client, reply, began });
        let happenings = self.happenings.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SELF_TEST_PATIENCE).await;
            let _ = happenings.send(Happening::Posted { account, mail, outcome: PostOutcome::Expired }).await;
        });
        None
    }

    pub(crate) fn self_test_posted(&mut self, mail: MailId, outcome: PostOutcome) {
        let failed = match outcome {
            PostOutcome::Sent | PostOutcome::Retrying => return,
            PostOutcome::Refused(cause) => sign_in::describe(&cause),
            PostOutcome::Expired => error(ErrorCode::TimedOut),
        };
        if let Some(test) = self.self_tests.remove(&mail) {
            self.answer(test.client, test.reply, Err(failed));
        }
    }

    async fn put_contact(&mut self, account: AccountId, address: Address, name: String) -> Outcome {
        self.callable(account, &address)?;
        let name: String = name.trim().chars().take(100).collect();
        let contact = Contact { account, address: address.clone(), name, since_ms: self.clock.wall_ms() };
        self.keep(vec![Change::PutContact(contact.clone())]).await?;
        self.contacts.insert((account, address), contact);
        self.contacts_changed().await
    }

    async fn remove_contact(&mut self, account: AccountId, address: Address) -> Outcome {
        self.keep(vec![Change::RemoveContact { account, address: address.clone() }]).await?;
        self.contacts.remove(&(account, address));
        self.contacts_changed().await
    }

    async fn accept_key(&mut self, account: AccountId, address: Address) -> Outcome {
        let who = (account, address);
        let Some(fingerprint) = self.changed_keys.get(&who) else { return Ok(Answer::Done) };
        if let Some(pin) = self.pins.trust(who.0, &who.1, fingerprint) {
            self.keep(vec![pin_change(pin, self.clock.wall_ms())]).await?;
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
        self.keep(vec![call.map_or(Change::ClearHistory, Change::RemoveCall)]).await?;
        self.read_history();
        Ok(Answer::Done)
    }

    async fn set_settings(&mut self, mut settings: Settings) -> Outcome {
        settings.ring_seconds = settings.ring_seconds.clamp(5, call::MAX_LIFETIME_S);
        settings.device_name = settings.device_name.trim().chars().take(64).collect();
        let json = serde_json::to_string(&settings).map_err(|_| error(ErrorCode::Malformed))?;
        self.keep(vec![Change::PutSetting { key: SETTINGS.to_owned(), json }]).await?;
        self.machine.set_lifetime(settings.ring_seconds);
        self.settings = settings.clone();
        self.policy_changed().await;
        self.tell(&Event::SettingsChanged { settings });
        Ok(Answer::Done)
    }

    async fn keep(&self, changes: Vec<Change>) -> Result<(), CommandError> {
        self.store.commit(changes).await.map(drop).map_err(|cause| sign_in::storage(&cause))
    }
}

async fn change_password(
    row: store::Account,
    password: Password,
    store: &store::Store,
) -> Result<NewAccount, CommandError> {
    let mut account = sign_in::wake(row, store).await.map_err(|(_, error)| error)?;
    account.mail.password = password.0.clone();
    sign_in::check(&account.mail).await.map_err(|cause| sign_in::describe(&cause))?;
    let secret = call::Redacted::new(password.0.into_inner().into_bytes());
    store
        .secrets()
        .put(account.row.secrets, account.row.id, SecretKind::Password, secret)
        .await
        .map_err(|cause| sign_in::storage(&cause))?;
    Ok(account)
}

async fn change_key(
    row: store::Account,
    key: Password,
    store: &store::Store,
) -> Result<NewAccount, CommandError> {
    let mut account = sign_in::wake(row, store).await.map_err(|(_, error)| error)?;
    account.key = identity::OwnKey::import(key.0.reveal().as_bytes())
        .map_err(|cause| CommandError { detail: cause.to_string(), ..error(ErrorCode::BadKey) })?;
    let secret = account.key.secret_bytes().map_err(|_| error(ErrorCode::BadKey))?;
    store
        .secrets()
        .put(account.row.secrets, account.row.id, SecretKind::PrivateKey, secret)
        .await
        .map_err(|cause| sign_in::storage(&cause))?;
    Ok(account)
}

fn error(code: ErrorCode) -> CommandError {
    CommandError { code, detail: String::new(), certificate: None }
}
