use std::{
    fmt,
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use call::{AccountId, CallId, MailId};

use crate::{
    Change, HistoryCursor, HistoryRow, KeyStore, LeftoverSecret, Loaded, MailInfo, Pruned, Reply,
    SecretPlace, SecretStore, SeenKey, StoreError, db::Db, secrets::OsKeyStore,
};

type Job = Box<dyn FnOnce(&mut Db) + Send>;

/// What is remembered. A handle to the one thread that has the database open; clones share it, and when the last
/// one is dropped the database is closed.
///
/// Requests are carried out in the order in which they were made, whether or not anybody waits for the [`Reply`].
#[derive(Clone)]
pub struct Store {
    thread: Arc<DbThread>,
    secrets: SecretStore,
}

/// Proof that changes are stored: from now on they may be acted on.
#[derive(Debug, PartialEq, Eq)]
pub struct Committed(());

impl Store {
    /// Opens what is remembered in `dir`, making it at first use; brings an older format up to date. Blocks for a
    /// few milliseconds. Claim the directory with [`crate::DataDir::lock`] first.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, OsKeyStore)
    }

    /// As [`Store::open`], with another key store than the operating system's.
    pub fn open_with(dir: &Path, key_store: impl KeyStore) -> Result<Self, StoreError> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (opened, result) = mpsc::sync_channel(1);
        let path = dir.to_owned();
        let handle = thread::Builder::new()
            .name("store".into())
            .spawn(move || {
                let mut db = match Db::open(&path).and_then(|db| Ok((db.installation()?, db))) {
                    Ok((installation, db)) => {
                        let _ = opened.send(Ok(installation));
                        db
                    }
                    Err(error) => {
                        let _ = opened.send(Err(error));
                        return;
                    }
                };
                for job in inbox {
                    job(&mut db);
                }
            })
            .map_err(StoreError::from_io)?;
        let thread = Arc::new(DbThread { jobs: Some(jobs), handle: Some(handle) });
        let installation: String = result.recv().unwrap_or(Err(StoreError::Closed))?;
        Ok(Self { thread, secrets: SecretStore::new(dir, &installation, key_store) })
    }

    /// The secrets of this data directory.
    pub fn secrets(&self) -> SecretStore {
        self.secrets.clone()
    }

    /// Stores all changes in one transaction, in order; on an error none. What is answered with [`Committed`] outlives
    /// the end of the process, however it ends; decisions of the user outlive a power cut as well.
    pub fn commit(&self, changes: Vec<Change>) -> Reply<Committed> {
        self.ask(move |db| db.commit(&changes).map(Committed))
    }

    /// Everything the backend needs when it starts.
    pub fn load(&self) -> Reply<Loaded> {
        self.ask(|db| db.load())
    }

    /// A fresh account id for a sign-in that keeps its secrets in `place`, never one under which a file holds a key
    /// from before the database was moved away. They may be put there at once; if no
    /// [`Change::PutAccount`] follows before the program ends, they are among the leftovers at the next start.
    pub fn reserve_account(&self, place: SecretPlace) -> Reply<AccountId> {
        let secrets = self.secrets();
        self.ask(move |db| db.reserve_account(place, |id| secrets.has_file(id)))
    }

    /// At most `limit` calls, newest first, those after `before` in that order.
    pub fn history(&self, limit: u32, before: Option<HistoryCursor>) -> Reply<Vec<HistoryRow>> {
        self.ask(move |db| db.history(limit, before))
    }

    /// One call of the history, ended or not.
    pub fn call(&self, call: CallId) -> Reply<Option<HistoryRow>> {
        self.ask(move |db| db.call(call))
    }

    /// What is remembered of a message of the outbox.
    pub fn mail(&self, mail: MailId) -> Reply<Option<MailInfo>> {
        self.ask(move |db| db.mail(mail))
    }

    /// Whether a message was dealt with before.
    pub fn seen(&self, account: AccountId, key: SeenKey) -> Reply<bool> {
        self.ask(move |db| db.seen(account, &key))
    }

    /// Removes what is of no use any more; for the start and every hour.
    pub fn prune(&self, now_ms: i64) -> Reply<Pruned> {
        self.ask(move |db| db.prune(now_ms))
    }

    /// Removes secrets that belong to no account any more, as far as their place can be reached; the rest stays noted
    /// for the next time. Returns how many were dealt with.
    ///
    /// Takes what [`Store::load`] found, so that a sign-in that has begun since keeps its secrets.
    pub async fn remove_leftovers(&self, leftovers: Vec<LeftoverSecret>) -> Result<usize, StoreError> {
        let secrets = self.secrets();
        let mut gone = Vec::new();
        for leftover in leftovers {
            match secrets.remove(leftover.place, leftover.account).await {
                Ok(()) => gone.push(Change::RemovedLeftover(leftover)),
                Err(error) => tracing::info!(code = error.code(), "leftover secrets stay for now"),
            }
        }
        let count = gone.len();
        if count > 0 {
            self.commit(gone).await?;
        }
        Ok(count)
    }

    /// Removes an account, all that is remembered of it, and its secrets. If the key store cannot be reached just
    /// now, the secrets are removed at a later start.
    pub async fn remove_account(&self, account: AccountId) -> Result<(), StoreError> {
        self.commit(vec![Change::RemoveAccount(account)]).await?;
        let leftovers = self.load().await?.leftovers.into_iter().filter(|l| l.account == account).collect();
        self.remove_leftovers(leftovers).await?;
        Ok(())
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Reply<T> {
        let (send, reply) = Reply::channel();
        let job: Job = Box::new(move |db| {
            // Nobody waiting is fine.
            let _ = send.send(work(db));
        });
        if let Some(jobs) = &self.thread.jobs {
            // If the thread is gone, so is the sender within the job, and the reply says `Closed`.
            let _ = jobs.send(job);
        }
        reply
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

struct DbThread {
    jobs: Option<mpsc::Sender<Job>>,
    handle: Option<JoinHandle<()>>,
}

impl Drop for DbThread {
    /// Waits for what was asked for and for the database to be closed.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(handle) = self.handle.take() {
            let _ = handle.join();
        }
    }
}
