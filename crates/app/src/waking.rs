//! Starting the stored accounts: each in its own time, since their secrets may be behind a lock.

use std::time::Duration;

use call::AccountId;
use store::{Position, QueuedMail, Store, StoredCall};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    account::Account,
    clock::OsIds,
    contract::{AccountState, Event},
    core::Core,
    happening::Happening,
    sign_in::{self, Asleep, NewAccount},
};

/// How long until a locked key store is asked again: it doubles each time, as every question may be a window that
/// asks for a password …
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// … up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// What an account goes on with once it runs.
#[derive(Default)]
pub(crate) struct Unfinished {
    pub(crate) positions: Vec<Position>,
    pub(crate) mails: Vec<QueuedMail>,
    pub(crate) calls: Vec<StoredCall>,
}

/// An account whose secrets are being read. Dropping it ends that.
pub(crate) struct Waking {
    unfinished: Unfinished,
    sooner: mpsc::Sender<()>,
}

impl Core {
    /// Shows an account and reads its secrets beside the loop, for as long as the key store is locked.
    pub(crate) fn wake(&mut self, row: store::Account, unfinished: Unfinished) {
        let (sooner, asked) = mpsc::channel(1);
        tokio::spawn(wake_up(row.clone(), self.store.clone(), self.happenings.clone(), asked, FIRST_WAIT));
        let account = Account { waking: Some(Waking { unfinished, sooner }), ..Account::new(row) };
        self.accounts.insert(account.row.id, account);
    }

    /// Somebody has come who may unlock the key store, or just has.
    pub(crate) fn wake_sooner(&self) {
        for waking in self.accounts.values().filter_map(|account| account.waking.as_ref()) {
            // Where one question waits already, another one would say nothing new.
            let _ = waking.sooner.try_send(());
        }
    }

    /// The secrets of an account were read, or could not be.
    pub(crate) async fn woken(&mut self, id: AccountId, result: Result<Box<NewAccount>, Asleep>) {
        // Meanwhile it may have been removed, or have got a new password.
        let Some(known) = self.accounts.get_mut(&id).filter(|known| known.waking.is_some()) else { return };
        match result {
            Ok(mut account) => {
                let waking = known.waking.take();
                account.row.clone_from(&known.row);
                self.run_anew(*account, waking.map(|waking| waking.unfinished).unwrap_or_default()).await;
            }
            Err(Asleep { error, locked: true }) => {
                known.state = AccountState::Offline { code: error.code, detail: error.detail };
                self.show_account(id);
            }
            Err(Asleep { error, locked: false }) => {
                let waking = known.waking.take();
                known.state = AccountState::SignedOut { code: error.code, detail: error.detail };
                self.show_account(id);
                self.resume_calls(waking.map(|waking| waking.unfinished.calls).unwrap_or_default()).await;
            }
        }
    }

    /// The calls that an account goes on with when it wakes. From now on somebody else sees to them.
    pub(crate) fn calls_asleep(&mut self, account: AccountId) -> Vec<StoredCall> {
        let waking = self.accounts.get_mut(&account).and_then(|known| known.waking.take());
        waking.map(|waking| waking.unfinished.calls).unwrap_or_default()
    }

    /// Runs an account from now on, and goes on with what it was about.
    pub(crate) async fn run_anew(&mut self, account: NewAccount, unfinished: Unfinished) {
        let id = account.row.id;
        self.start_account(account, unfinished.positions);
        self.policy_changed().await;
        self.show_account(id);
        for queued in unfinished.mails {
            self.post_again(queued);
        }
        self.resume_calls(unfinished.calls).await;
    }

    async fn resume_calls(&mut self, calls: Vec<StoredCall>) {
        let now = self.clock.now();
        let records = calls.into_iter().map(|stored| stored.record).collect();
        let outputs = self.machine.restore(now, &mut OsIds, Duration::from_millis(now.0), records);
        drop(self.carry_out(outputs, Vec::new()).await);
    }

    fn show_account(&mut self, id: AccountId) {
        if let Some(account) = self.accounts.get(&id) {
            let view = account.view();
            self.tell(&Event::AccountChanged { account: view });
        }
        self.check_ready();
    }
}

/// Reads the secrets of an account; asks a locked key store again and again until nobody wants to know any more.
async fn wake_up(
    row: store::Account,
    store: Store,
    happenings: mpsc::Sender<Happening>,
    mut asked: mpsc::Receiver<()>,
    mut wait: Duration,
) {
    loop {
        let result = sign_in::wake(row.clone(), &store).await;
        let locked = result.as_ref().is_err_and(|asleep| asleep.locked);
        let woken = Happening::Woken { account: row.id, result: result.map(Box::new) };
        if happenings.send(woken).await.is_err() || !locked {
            return;
        }
        if timeout(wait, asked.recv()).await.is_ok_and(|sooner| sooner.is_none()) {
            return;
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        sync::{
            Arc, Mutex,
            atomic::{AtomicBool, Ordering},
        },
    };

    use call::{PageId, Redacted};
    use identity::OwnKey;
    use mail::{Endpoint, Security, Trust};
    use store::{Change, DataDir, KeyStore, SecretKind, SecretPlace, StoreError};
    use tempfile::TempDir;

    use super::*;
    use crate::{
        backend::{Backend, Options},
        client::Client,
        contract::{AccountView, ClientMessage, Command, ErrorCode, ServerMessage},
    };

    const SOON: Duration = Duration::from_millis(1);

    /// A key store that its user locks and unlocks, or that is not always there.
    #[derive(Clone, Default)]
    struct Lockable {
        locked: Arc<AtomicBool>,
        away: Arc<AtomicBool>,
        shelf: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    }

    impl Lockable {
        fn lock(&self, locked: bool) {
            self.locked.store(locked, Ordering::SeqCst);
        }

        fn shelf(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>>, StoreError> {
            match (self.away.load(Ordering::SeqCst), self.locked.load(Ordering::SeqCst)) {
                (true, _) => Err(StoreError::KeyStoreMissing),
                (_, true) => Err(StoreError::KeyStoreLocked),
                _ => Ok(self.shelf.lock().unwrap()),
            }
        }
    }

    impl KeyStore for Lockable {
        fn set(&self, user: &str, secret: &[u8]) -> Result<(), StoreError> {
            self.shelf()?.insert(user.into(), secret.into());
            Ok(())
        }

        fn get(&self, user: &str) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(self.shelf()?.get(user).cloned())
        }

        fn delete(&self, user: &str) -> Result<(), StoreError> {
            self.shelf()?.remove(user);
            Ok(())
        }
    }

    /// What Alice's last session has left: an account with its secrets in a key store, locked now.
    async fn left_by_alice() -> (TempDir, Store, Lockable, store::Account) {
        let dir = tempfile::tempdir().unwrap();
        let key_store = Lockable::default();
        let store = Store::open_with(dir.path(), key_store.clone()).unwrap();
        let id = store.reserve_account(SecretPlace::KeyStore).await.unwrap();
        let address: call::Address = "alice@example.test".parse().unwrap();
        let key = OwnKey::generate(&address).unwrap().secret_bytes().unwrap();
        let password = Redacted::new(b"hers".to_vec());
        for (kind, secret) in [(SecretKind::Password, password), (SecretKind::PrivateKey, key)] {
            store.secrets().put(SecretPlace::KeyStore, id, kind, secret).await.unwrap();
        }
        // Nobody listens there.
        let nobody = Endpoint { host: "127.0.0.1".into(), port: 9, security: Security::Plain };
        let server = sign_in::server_row(&nobody, &Trust::default()).unwrap();
        let row = store::Account {
            id,
            device: call::DeviceId::new(1),
            address,
            display_name: "Alice".into(),
            login: "alice".into(),
            imap: server.clone(),
            smtp: server,
            secrets: SecretPlace::KeyStore,
        };
        store.commit(vec![Change::PutAccount(row.clone())]).await.unwrap();
        key_store.lock(true);
        (dir, store, key_store, row)
    }

    async fn hello(client: &mut Client, page: u128) {
        let command = Command::Hello { page: PageId::new(page), can_webrtc: false };
        client.send(ClientMessage { id: 1, command }).await;
    }

    /// Reads on until the account is as wanted.
    async fn shows(client: &mut Client, wanted: impl Fn(&AccountView) -> bool) -> AccountView {
        loop {
            let account = match client.next().await.unwrap() {
                ServerMessage::Event { event: Event::Snapshot(snapshot) } => snapshot.accounts[0].clone(),
                ServerMessage::Event { event: Event::AccountChanged { account } } => account,
                _ => continue,
            };
            if wanted(&account) {
                return account;
            }
        }
    }

    fn is_offline(account: &AccountView, why: ErrorCode) -> bool {
        matches!(&account.state, AccountState::Offline { code, .. } if *code == why)
    }

    #[tokio::test]
    async fn alice_unlocks_the_key_store_after_the_start_and_looks_again() {
        let (dir, store, key_store, row) = left_by_alice().await;
        let options = Options { data_dir: dir.path().to_owned(), port: 0, ring_seconds: None };
        let lock = DataDir::lock(dir.path()).unwrap();
        let mut backend = Backend::start_on(lock, store, options, None).await.unwrap();

        backend.ready().await;
        let mut page = backend.clients().join().await;
        hello(&mut page, 1).await;
        let account = shows(&mut page, |account| is_offline(account, ErrorCode::KeyStore)).await;
        assert_eq!((account.account, account.fingerprint.as_str()), (row.id, ""));

        key_store.lock(false);
        hello(&mut backend.clients().join().await, 2).await;
        let account = shows(&mut page, |account| is_offline(account, ErrorCode::ServerUnreachable)).await;
        assert_ne!(account.fingerprint, "");
        backend.stop().await;
    }

    #[tokio::test]
    async fn a_locked_key_store_is_asked_again_by_itself() {
        let (_dir, store, key_store, row) = left_by_alice().await;
        let (happenings, mut inbox) = mpsc::channel(1);
        let (_sooner, asked) = mpsc::channel(1);
        tokio::spawn(wake_up(row.clone(), store, happenings, asked, SOON));

        let Some(Happening::Woken { result: Err(asleep), .. }) = inbox.recv().await else { panic!() };
        assert!(asleep.locked);
        key_store.lock(false);
        loop {
            match inbox.recv().await {
                Some(Happening::Woken { result: Ok(account), .. }) => return assert_eq!(account.row, row),
                Some(Happening::Woken { result: Err(asleep), .. }) => assert!(asleep.locked),
                _ => panic!("it gave up"),
            }
        }
    }

    #[tokio::test]
    async fn a_key_store_that_starts_after_mailcall_is_asked_again() {
        let (_dir, store, key_store, row) = left_by_alice().await;
        key_store.lock(false);
        key_store.away.store(true, Ordering::SeqCst);
        let (happenings, mut inbox) = mpsc::channel(1);
        let (_sooner, asked) = mpsc::channel(1);
        tokio::spawn(wake_up(row, store, happenings, asked, SOON));

        assert!(matches!(inbox.recv().await, Some(Happening::Woken { result: Err(_), .. })));
        key_store.away.store(false, Ordering::SeqCst);
        loop {
            match inbox.recv().await {
                Some(Happening::Woken { result: Ok(_), .. }) => return,
                Some(Happening::Woken { result: Err(_), .. }) => {}
                _ => panic!("it gave up"),
            }
        }
    }

    #[tokio::test]
    async fn an_account_that_is_removed_is_not_waited_for() {
        let (_dir, store, _key_store, row) = left_by_alice().await;
        let (happenings, mut inbox) = mpsc::channel(1);
        let (sooner, asked) = mpsc::channel(1);
        let waking = tokio::spawn(wake_up(row, store, happenings, asked, LONGEST_WAIT));

        assert!(matches!(inbox.recv().await, Some(Happening::Woken { result: Err(_), .. })));
        drop(sooner);
        waking.await.unwrap();
    }
}
