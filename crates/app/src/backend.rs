//! Starting and stopping the backend.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use call::Machine;
use identity::{PinRow, Pins};
use store::{Change, DataDir, DataDirLock, Loaded, QueuedMail, Store, StoreError};
use thiserror::Error;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::Instant,
};

use crate::{
    client::Clients,
    clock::Clock,
    commands::SETTINGS,
    contract::Settings,
    core::Core,
    device,
    filing::Filing,
    happening::Happening,
    keeping::Unsaved,
    key_store::KeyStore,
    loopback::{Door, Loopback, sweep_keys},
    network,
    post::Mailing,
    server_urls::is_whole,
    shell::{Ready, ShellEvent},
    waking::Unfinished,
};

/// The setting that holds the port of the last time.
const PORT: &str = "port";

/// As many happenings may wait for the loop before their senders do.
const QUEUE: usize = 256;

/// No mail is worth posting for longer than this.
const LONGEST_MAIL: Duration = Duration::from_secs(120);

/// How a backend is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything is kept. Made if it is not there.
    pub data_dir: PathBuf,
    /// The port of the loopback host; 0: any.
    pub port: u16,
    /// How long invitations ring, in seconds, instead of what the settings say.
    pub ring_seconds: Option<u32>,
}

/// Why a backend does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error("{cause} ({dir})", dir = dir.display())]
    Store {
        /// Which.
        dir: PathBuf,
        /// Why.
        cause: StoreError,
    },
    /// The loopback host has no port.
    #[error("no port on 127.0.0.1 can be used: {0}")]
    NoPort(std::io::Error),
    /// The loopback host cannot have the port that was asked for.
    #[error(
        "port {port} on 127.0.0.1 cannot be used ({cause}); choose another --port, or leave it out for any"
    )]
    Port {
        /// Which.
        port: u16,
        /// Why.
        cause: std::io::Error,
    },
}

impl StartError {
    /// Whether another Mailcall runs on the data directory.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::Store { cause: StoreError::InUse, .. })
    }
}

/// A running backend. Dropping it stops it.
pub struct Backend {
    clients: Clients,
    happenings: mpsc::Sender<Happening>,
    ready: watch::Receiver<Ready>,
    door: std::sync::Arc<Door>,
    data_dir: PathBuf,
    host: JoinHandle<()>,
    network: JoinHandle<()>,
    core: Option<JoinHandle<()>>,
    _lock: DataDirLock,
}

impl Backend {
    /// Starts everything. `shell` gets what needs a window, a notification or a sound.
    ///
    /// # Errors
    /// Another Mailcall uses the data directory, or it cannot be read; the port is taken.
    pub async fn start(
        options: Options,
        shell: Option<mpsc::UnboundedSender<ShellEvent>>,
    ) -> Result<Self, StartError> {
        let dir = options.data_dir.clone();
        let unusable = |cause| StartError::Store { dir: dir.clone(), cause };
        let lock = DataDir::lock(&dir).map_err(unusable)?;
        let store = Store::open(&dir).map_err(unusable)?;
        Self::start_on(lock, store, options, shell).await
    }

    /// Starts everything on what is remembered.
    pub(crate) async fn start_on(
        lock: DataDirLock,
        store: Store,
        options: Options,
        shell: Option<mpsc::UnboundedSender<ShellEvent>>,
    ) -> Result<Self, StartError> {
        let unusable = |cause| StartError::Store { dir: options.data_dir.clone(), cause };
        let loaded = store.load().await.map_err(unusable)?;
        sweep_keys(&options.data_dir);
        let loopback = bind(options.port, &loaded, &store).await?;
        let door = loopback.door.clone();

        let (happenings, inbox) = mpsc::channel(QUEUE);
        let (mail_events, mails) = mpsc::channel(QUEUE);
        let (ready, ready_seen) = watch::channel(Ready::NotYet);
        let clients = Clients::new(happenings.clone());
        let host = tokio::spawn(loopback.serve(clients.clone()));
        let clock = Clock::start();
        let settings = settings(&loaded, options.ring_seconds);
        let device = device::of(&store, &loaded).await.map_err(unusable)?;
        let mut machine = Machine::new(call::Config::new(device), call::Policy::default());
        machine.set_lifetime(settings.ring_seconds);
        let core = Core {
            machine,
            settings,
            pins: pins(&loaded),
            contacts: loaded.contacts.iter().map(|c| ((c.account, c.address.clone()), c.clone())).collect(),
            store: store.clone(),
            clock,
            accounts: BTreeMap::new(),
            changed_keys: BTreeMap::new(),
            reply_keys: BTreeMap::new(),
            calls: BTreeMap::new(),
            clients: BTreeMap::new(),
            self_tests: BTreeMap::new(),
            unposted: BTreeSet::new(),
            history: Vec::new(),
            history_readings: (0, 0),
            key_store: KeyStore::Unasked,
            unsaved: Unsaved::default(),
            filing: Filing::default(),
            happenings: happenings.clone(),
            mail_events,
            shell,
            ready,
            door: door.clone(),
            data_dir: options.data_dir.clone(),
            prune_at: Instant::now() + Duration::from_secs(60),
        };
        let network = tokio::spawn(network::watch(happenings.clone()));
        let core = tokio::spawn(async move { core.begin(loaded).await.run(inbox, mails).await });
        let data_dir = options.data_dir;
        Ok(Self {
            clients,
            happenings,
            ready: ready_seen,
            door,
            data_dir,
            host,
            network,
            core: Some(core),
            _lock: lock,
        })
    }

    /// Where clients join.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The URL of the loopback host, ending in `/`.
    pub fn url(&self) -> String {
        format!("{}/", self.door.origin())
    }

    /// What a program shows to come in.
    pub fn token(&self) -> &str {
        self.door.token()
    }

    /// A file that leads a browser to `route` (`/`, `/call/ID`, `/ring/ID`), once and within a minute.
    ///
    /// # Errors
    /// The data directory cannot be written.
    pub fn page_file(&self, route: &str) -> std::io::Result<PathBuf> {
        self.door.leave_key(&self.data_dir, route)
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Waits until every account is watched or has failed to be.
    pub async fn ready(&mut self) {
        let _ = self.ready.wait_for(|ready| *ready == Ready::Yes).await;
    }

    /// Waits until the backend ends by itself, which only a fault in it can bring about: whoever runs it must end,
    /// too, so that it can be started anew and goes on with what is stored.
    pub async fn ended(&mut self) {
        if let Some(core) = &mut self.core {
            let _ = core.await;
            self.core = None;
        }
    }

    /// Stops: hangs up what the user is busy with, and gives it a moment to reach the other side. What only rings
    /// goes on ringing after a restart.
    pub async fn stop(mut self) {
        let _ = self.happenings.send(Happening::Stop).await;
        if let Some(core) = self.core.take() {
            let _ = core.await;
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.host.abort();
        self.network.abort();
        if let Some(core) = &self.core {
            core.abort();
        }
    }
}

/// Where no port is asked for it is that of the last time, if it is free: browsers remember what a page keeps (which
/// camera, which microphone) by its port.
async fn bind(port: u16, loaded: &Loaded, store: &Store) -> Result<Loopback, StartError> {
    if port != 0 {
        return Loopback::bind(port).await.map_err(|cause| StartError::Port { port, cause });
    }
    let last = loaded.settings.get(PORT).and_then(|json| json.parse().ok()).filter(|last| *last != 0);
    if let Some(last) = last
        && let Ok(loopback) = Loopback::bind(last).await
    {
        return Ok(loopback);
    }
    let loopback = Loopback::bind(0).await.map_err(StartError::NoPort)?;
    // Nothing is lost if it cannot be stored.
    drop(store.commit(vec![Change::PutSetting { key: PORT.to_owned(), json: loopback.port().to_string() }]));
    Ok(loopback)
}

fn settings(loaded: &Loaded, ring_seconds: Option<u32>) -> Settings {
    let mut settings: Settings = loaded
        .settings
        .get(SETTINGS)
        .and_then(|json| {
            serde_json::from_str(json).inspect_err(|error| tracing::warn!(%error, "settings")).ok()
        })
        .unwrap_or_default();
    // With one of them no call can be made, and no other setting changed.
    settings.turn.retain(is_whole);
    if let Some(seconds) = ring_seconds {
        settings.ring_seconds = seconds.clamp(1, call::MAX_LIFETIME_S);
    }
    settings
}

fn pins(loaded: &Loaded) -> Pins {
    Pins::load(loaded.pins.iter().map(|pin| PinRow {
        account: pin.account,
        address: pin.address.clone(),
        fingerprint: pin.fingerprint.clone(),
        public_key: pin.key.clone(),
    }))
}

impl Core {
    /// Starts the accounts and goes on with what a crash interrupted.
    async fn begin(mut self, loaded: Loaded) -> Self {
        let Loaded { accounts, mut positions, mut mails, mut calls, leftovers, .. } = loaded;
        for row in accounts {
            let id = row.id;
            let unfinished = Unfinished {
                positions: positions.extract_if(.., |position| position.account == id).collect(),
                mails: mails.extract_if(.., |queued| queued.account == id).collect(),
                calls: calls.extract_if(.., |stored| stored.record.view.account == id).collect(),
            };
            self.wake(row, unfinished);
        }
        self.check_ready();
        self.policy_changed().await;
        self.read_history();
        self.tidy(leftovers);
        self
    }

    /// Posts what an earlier postman of its account had not posted yet, or had not said so.
    pub(crate) fn post_again(&self, queued: QueuedMail) {
        let QueuedMail { mail, account, to, message, until_ms, .. } = queued;
        let left = u64::try_from(until_ms.saturating_sub(self.clock.wall_ms())).unwrap_or_default();
        // However the wall clock was turned meanwhile, no mail lives longer.
        let until = self.clock.now() + Duration::from_millis(left).min(LONGEST_MAIL);
        if let Some(running) = self.running(account) {
            running.postman.post(Mailing { mail, to, message: message.into(), until });
        }
    }

    /// What may take its time: secrets nobody owns any more.
    fn tidy(&self, leftovers: Vec<store::LeftoverSecret>) {
        let store = self.store.clone();
        if !leftovers.is_empty() {
            tokio::spawn(async move {
                if let Err(error) = store.remove_leftovers(leftovers).await {
                    tracing::warn!(%error, "leftover secrets stay for now");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_turn_server_with_which_no_call_can_be_made_is_left_out() {
        let server = |username: &str| {
            let url = "turn:example.test";
            serde_json::json!({ "url": url, "username": username, "credential": "secret" })
        };
        let json = serde_json::json!({ "turn": [server(""), server("alice")] }).to_string();
        let loaded = Loaded { settings: BTreeMap::from([(SETTINGS.to_owned(), json)]), ..Loaded::default() };
        let names: Vec<String> =
            settings(&loaded, None).turn.into_iter().map(|server| server.username).collect();
        assert_eq!(names, ["alice"]);
    }
}
