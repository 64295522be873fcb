//! Commands about accounts: signing in and out, passwords, keys.

use call::{AccountId, CallId, Input, Redacted};
use identity::OwnKey;
use store::{Change, SecretKind};

use crate::{
    client::ClientId,
    commands::{Outcome, error},
    contract::{Answer, CommandError, ErrorCode, Event, Password},
    core::Core,
    happening::Happening,
    sign_in::{self, Extras, NewAccount},
    waking::Unfinished,
};

impl Core {
    pub(crate) fn sign_in(
        &self,
        client: ClientId,
        reply: u32,
        form: crate::contract::SignIn,
    ) -> Option<Outcome> {
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

    /// A sign-in succeeded: from now on the account runs.
    pub(crate) async fn signed_in(&mut self, client: ClientId, reply: u32, account: NewAccount) {
        let account_id = account.row.id;
        let outcome = match self.store.commit(vec![Change::PutAccount(account.row.clone())]).await {
            Ok(_) => {
                self.run_anew(account, Unfinished::default()).await;
                Ok(Answer::SignedIn { account: account_id })
            }
            // Asked for twice at the same time.
            Err(store::StoreError::AddressTaken) => Err(error(ErrorCode::AlreadySignedIn)),
            Err(cause) => Err(sign_in::storage(&cause)),
        };
        self.answer(client, reply, outcome);
    }

    /// A new password or key was taken, unless the account was removed meanwhile.
    pub(crate) async fn renewed(&mut self, client: ClientId, reply: u32, mut account: NewAccount) {
        let id = account.row.id;
        match self.own_account(id) {
            // Its name may have changed meanwhile.
            Ok(known) => account.row.clone_from(&known.row),
            Err(unknown) => {
                let secrets = self.store.secrets();
                tokio::spawn(async move { secrets.remove(account.row.secrets, id).await });
                return self.answer(client, reply, Err(unknown));
            }
        }
        // What could not be stored says which mails were taken back.
        let loaded = match self.keep_now(Vec::new()).await {
            Ok(()) => self.store.load().await,
            Err(cause) => Err(cause),
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(cause) => return self.answer(client, reply, Err(sign_in::storage(&cause))),
        };
        let positions = loaded.positions.into_iter().filter(|position| position.account == id).collect();
        // The postman who had them in his bag is gone.
        let mails = loaded.mails.into_iter().filter(|queued| queued.account == id).collect();
        let calls = self.calls_asleep(id);
        self.run_anew(account, Unfinished { positions, mails, calls }).await;
        self.answer(client, reply, Ok(Answer::Done));
    }

    pub(crate) async fn sign_out(
        &mut self,
        client: ClientId,
        reply: u32,
        account: AccountId,
    ) -> Option<Outcome> {
        if let Err(unknown) = self.own_account(account) {
            return Some(Err(unknown));
        }
        let live: Vec<CallId> =
            self.calls.values().filter(|c| c.account == account).map(|c| c.call).collect();
        for call in live {
            self.step(Input::HangUp { call }).await;
        }
        if let Err(cause) = self.keep_now(vec![Change::RemoveAccount(account)]).await {
            return Some(Err(sign_in::storage(&cause)));
        }
        self.accounts.remove(&account);
        self.contacts.retain(|(owner, _), _| *owner != account);
        self.changed_keys.retain(|(owner, _), _| *owner != account);
        drop(self.pins.forget_account(account));
        self.forget_self_test(account);
        self.policy_changed().await;
        self.read_history();
        self.tell(&Event::AccountRemoved { account });
        let contacts = self.contact_views();
        self.tell(&Event::ContactsChanged { contacts });
        // The key store may ask its user something first.
        let store = self.store.clone();
        self.aside(client, reply, async move {
            store.remove_account(account).await.map_err(|cause| sign_in::storage(&cause))?;
            Ok(Answer::Done)
        })
    }

    pub(crate) async fn set_name(&mut self, account: AccountId, name: &str) -> Outcome {
        let mut row = self.own_account(account)?.row.clone();
        row.display_name = sign_in::tidy_name(name);
        self.keep_now(vec![Change::PutAccount(row.clone())])
            .await
            .map_err(|cause| sign_in::storage(&cause))?;
        if let Some(known) = self.accounts.get_mut(&account) {
            known.row = row;
            let view = known.view();
            self.tell(&Event::AccountChanged { account: view });
        }
        Ok(Answer::Done)
    }

    /// Makes an account anew beside the loop, after whatever else is being changed of it; it runs with what changed
    /// once that has succeeded.
    fn renew<Work>(
        &self,
        client: ClientId,
        reply: u32,
        account: AccountId,
        change: impl FnOnce(store::Account, store::Store) -> Work,
    ) -> Option<Outcome>
    where
        Work: Future<Output = Result<NewAccount, CommandError>> + Send + 'static,
    {
        let (row, turn) = match self.own_account(account) {
            Ok(account) => (account.row.clone(), account.turn.clone()),
            Err(error) => return Some(Err(error)),
        };
        let (changed, happenings) = (change(row, self.store.clone()), self.happenings.clone());
        tokio::spawn(async move {
            let turn = turn.lock_owned().await;
            let happening = match changed.await {
                Ok(account) => Happening::Renewed { client, reply, account: Box::new(account), turn },
                Err(error) => Happening::Answered { client, reply, result: Err(error) },
            };
            let _ = happenings.send(happening).await;
        });
        None
    }

    pub(crate) fn set_password(
        &self,
        client: ClientId,
        reply: u32,
        account: AccountId,
        password: Password,
    ) -> Option<Outcome> {
        self.renew(client, reply, account, |row, store| async move {
            change_password(row, password, &store).await
        })
    }

    pub(crate) fn export_key(&self, account: AccountId) -> Outcome {
        let running = self.own_account(account)?.running().ok_or_else(|| error(ErrorCode::KeyStore))?;
        let key = running.key.export().map_err(|_| error(ErrorCode::BadKey))?;
        Ok(Answer::Key { key: key.into_inner() })
    }

    pub(crate) fn import_key(
        &self,
        client: ClientId,
        reply: u32,
        account: AccountId,
        key: Password,
    ) -> Option<Outcome> {
        self.renew(client, reply, account, |row, store| async move { change_key(row, key, &store).await })
    }
}

/// Takes a new password. Where the key was lost, too, there is a new one, as after signing in anew.
async fn change_password(
    row: store::Account,
    password: Password,
    store: &store::Store,
) -> Result<NewAccount, CommandError> {
    let (key, is_new) = match sign_in::read_key(&row, store).await {
        Ok(key) => (key, false),
        Err(asleep) if asleep.error.code == ErrorCode::SecretLost => {
            (OwnKey::generate(&row.address).map_err(|cause| sign_in::internal(&cause))?, true)
        }
        Err(asleep) => return Err(asleep.error),
    };
    let account = sign_in::with_secrets(row, password.0.clone(), key)?;
    sign_in::check(&account.mail).await.map_err(|failure| failure.told(sign_in::describe))?;
    if is_new {
        keep_key(&account, store).await?;
    }
    let secret = Redacted::new(password.0.into_inner().into_bytes());
    keep(&account, SecretKind::Password, secret, store).await?;
    Ok(account)
}

async fn change_key(
    row: store::Account,
    key: Password,
    store: &store::Store,
) -> Result<NewAccount, CommandError> {
    let password = sign_in::read_password(&row, store).await.map_err(|asleep| asleep.error)?;
    let key = OwnKey::import(key.0.reveal().as_bytes())
        .map_err(|cause| CommandError { detail: cause.to_string(), ..error(ErrorCode::BadKey) })?;
    let account = sign_in::with_secrets(row, password, key)?;
    keep_key(&account, store).await?;
    Ok(account)
}

async fn keep_key(account: &NewAccount, store: &store::Store) -> Result<(), CommandError> {
    let secret = account.key.secret_bytes().map_err(|_| error(ErrorCode::BadKey))?;
    keep(account, SecretKind::PrivateKey, secret, store).await
}

async fn keep(
    account: &NewAccount,
    kind: SecretKind,
    secret: Redacted<Vec<u8>>,
    store: &store::Store,
) -> Result<(), CommandError> {
    let (place, id) = (account.row.secrets, account.row.id);
    store.secrets().put(place, id, kind, secret).await.map_err(|cause| sign_in::storage(&cause))
}
