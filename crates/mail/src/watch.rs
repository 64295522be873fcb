//! Watching a mailbox: one thread per account, in IDLE or polling, that tells of signals as they come.
//!
//! It looks only at what the outer marks ([`crate::mark`]) set apart; other mail is never fetched beyond the
//! header fields they are in, never flagged, never touched.

mod account;
mod chores;
mod inbox;
mod tasks;

use std::{
    fmt, io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use call::AccountId;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;

use self::account::Watcher;
pub use self::chores::Chores;
use self::chores::Task;
use crate::{MailAccount, MailError, stream::Reactor};

/// One message in one mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageRef {
    /// The mailbox's name, as the server spells it.
    pub mailbox: String,
    /// UIDVALIDITY of the mailbox (RFC 3501): with another one, the UID means nothing.
    pub uidvalidity: u32,
    /// UID of the message.
    pub uid: u32,
}

/// How far a mailbox has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The mailbox's name.
    pub mailbox: String,
    /// Its UIDVALIDITY; with another one, reading starts anew.
    pub uidvalidity: u32,
    /// The first UID that has not been looked at.
    pub next_uid: u32,
}

/// What a watched account has to tell.
#[derive(Debug)]
pub struct MailEvent {
    /// Which account.
    pub account: AccountId,
    /// What.
    pub news: MailNews,
}

/// See [`MailEvent`].
#[derive(Debug)]
pub enum MailNews {
    /// How the connection is now.
    State(WatchState),
    /// A message bears our mark; it is being fetched. A good moment to open SMTP for the reply.
    Suspect,
    /// A message with our mark came. Whether it is a signal, and whose, is still to be found out.
    Signal {
        /// The whole message (RFC 5322).
        raw: Vec<u8>,
        /// Where it is.
        at: MessageRef,
        /// How old it is; [`crate::age::UNKNOWN`] if nothing could tell.
        age: Duration,
        /// It was in the Junk mailbox.
        junk: bool,
    },
    /// A delivery report (`multipart/report`, RFC 3462) that names one of our messages. It stays where it is.
    Report {
        /// The whole report.
        raw: Vec<u8>,
        /// Where it is.
        at: MessageRef,
    },
    /// A mailbox has been read this far: keep it for [`WatchOptions::resume`]. Comes after the signals it covers.
    Position(Position),
}

/// How an account's connection to its IMAP server is.
#[derive(Debug)]
pub enum WatchState {
    /// Connecting or signing in.
    Connecting,
    /// In IDLE: new mail is announced at once.
    Idle,
    /// The server has no IDLE that works: it is asked every [`Timings::poll`].
    Polling,
    /// No connection; it is tried again.
    Retrying {
        /// In how long.
        after: Duration,
        /// What went wrong.
        error: MailError,
    },
    /// The server does not take the password. One that has worked before ([`WatchOptions::worked`]) is tried again
    /// after [`Timings::refused`] and when the network changes; with another, nothing more happens until a new watch
    /// is started.
    SignedOut {
        /// In the server's words.
        error: MailError,
    },
}

/// How long things take. The default is for real life; tests shorten it.
#[derive(Clone, Debug)]
pub struct Timings {
    /// Longest stay in one IDLE.
    pub idle_slice: Duration,
    /// How often a server without IDLE is asked.
    pub poll: Duration,
    /// How often Junk is looked at while [`Watch::watch_junk`].
    pub junk: Duration,
    /// How long a server may take to answer.
    pub patience: Duration,
    /// The first wait after a broken connection; it doubles each time …
    pub backoff: Duration,
    /// … up to this.
    pub backoff_max: Duration,
    /// The first wait after a password that has worked before is refused; it doubles each time …
    pub refused: Duration,
    /// … up to this.
    pub refused_max: Duration,
    /// How often left-over signals are looked for.
    pub sweep: Duration,
    /// How old a left-over signal must be to be swept.
    pub stale: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            idle_slice: Duration::from_secs(120),
            poll: Duration::from_secs(15),
            junk: Duration::from_secs(10),
            patience: Duration::from_secs(30),
            backoff: Duration::from_secs(1),
            backoff_max: Duration::from_secs(60),
            refused: Duration::from_secs(5 * 60),
            refused_max: Duration::from_secs(60 * 60),
            sweep: Duration::from_secs(15 * 60),
            stale: Duration::from_secs(15 * 60),
        }
    }
}

/// Whether a message (raw) is one of our signals and of a kind that does not stay in the mailbox.
pub type MayRemove = Box<dyn FnMut(&[u8]) -> bool + Send>;

/// Finds the addresses of a server by its name and port, the best first.
pub type Resolver = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// How to watch.
pub struct WatchOptions {
    /// How far the mailboxes have been read; those not named are looked back into a little.
    pub resume: Vec<Position>,
    /// How long things take.
    pub timings: Timings,
    /// Returns a number from 0 to 1 that spreads the waits after a broken connection, so that devices do not
    /// come back all at once.
    pub jitter: Box<dyn FnMut() -> f64 + Send>,
    /// Decides which left-over messages with our mark are swept.
    pub may_remove: MayRemove,
    /// The password has worked before: a refusal may be the server's mistake.
    pub worked: bool,
    /// What an earlier watch of the account was told to do, and has not done.
    pub chores: Chores,
    /// Asked for the server's addresses each time it is connected to; by default the system.
    pub resolve: Resolver,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            resume: Vec::new(),
            timings: Timings::default(),
            jitter: Box::new(|| 0.5),
            may_remove: Box::new(|_| false),
            worked: false,
            chores: Chores::default(),
            resolve: Arc::new(|host, port| Ok((host, port).to_socket_addrs()?.collect())),
        }
    }
}

impl fmt::Debug for WatchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchOptions")
            .field("resume", &self.resume)
            .field("timings", &self.timings)
            .finish_non_exhaustive()
    }
}

/// A watched account. Dropping it ends the watch.
///
/// What it is told to do is done on the account's thread, at once or when there is a connection again, if need be by
/// the watch that takes its place ([`Chores`]); what the server refuses is given up.
#[derive(Debug)]
pub struct Watch {
    orders: mpsc::Sender<Order>,
    chores: Chores,
    waker: Arc<mio::Waker>,
    /// Seen also by a thread that is busy connecting and takes no orders.
    over: Arc<AtomicBool>,
}

impl Watch {
    /// Puts a message into INBOX: an `answered` signal, which wakes the account's other devices.
    pub fn append_to_inbox(&self, raw: Vec<u8>) {
        self.task(Task::Append(raw));
    }

    /// Removes a message, and no other (Gmail: into the Trash).
    pub fn remove(&self, at: MessageRef) {
        self.task(Task::Remove(at));
    }

    /// Moves a message into a folder of this name, which is made if there is none.
    pub fn move_to_folder(&self, at: MessageRef, folder: &str) {
        self.task(Task::Move(at, folder.to_owned()));
    }

    /// Looks at Junk every [`Timings::junk`] from now on, or no longer.
    pub fn watch_junk(&self, closely: bool) {
        self.order(Order::WatchJunk(closely));
    }

    /// The network is another one, or the device woke up: connect anew, now.
    pub fn network_changed(&self) {
        self.order(Order::Reconnect);
    }

    /// Ends the watch; no event comes any more once the channel is drained.
    pub fn stop(self) {
        drop(self);
    }

    fn task(&self, task: Task) {
        self.chores.add(task);
        self.order(Order::Work);
    }

    fn order(&self, order: Order) {
        // The thread is gone once nobody listens to its events: then nobody needs this done either.
        if self.orders.send(order).is_ok()
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a mailbox thread cannot be woken");
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.order(Order::Stop);
    }
}

/// Who hears of what is watched, as long as the [`Watch`] is there.
struct Listener {
    events: Sender<MailEvent>,
    ended: Arc<AtomicBool>,
}

impl Listener {
    /// Passes news on, and waits while there is no room; false once nobody listens.
    fn hears(&self, event: MailEvent) -> bool {
        !self.ended.load(Ordering::Acquire) && self.events.blocking_send(event).is_ok()
    }
}

/// What a [`Watch`] tells its thread.
enum Order {
    /// There is a chore.
    Work,
    WatchJunk(bool),
    Reconnect,
    Stop,
}

/// Watches the mailbox of `account` and tells `events`, until the handle is dropped or the receiver is.
///
/// # Errors
/// The system gives no thread or nothing to wait on; or [`MailError::Certificate`] for an unusable root.
pub fn watch(
    account: MailAccount,
    options: WatchOptions,
    events: Sender<MailEvent>,
) -> Result<Watch, MailError> {
    let tls = crate::tls::client_config(&account.trust)?;
    let (orders, inbox) = mpsc::channel();
    let (ready, made) = mpsc::channel();
    let name = format!("mailbox-{}", account.id.0);
    let chores = options.chores.clone();
    let over = Arc::<AtomicBool>::default();
    let ended = over.clone();
    // What waits is made on the thread that waits: it does not leave it.
    let run = move || match Reactor::new() {
        Ok((reactor, waker)) => {
            if ready.send(Ok(waker)).is_ok() {
                Watcher::new(account, tls, options, Listener { events, ended }, inbox, reactor).run();
            }
        }
        // The other side has gone only if the program is ending.
        Err(error) => drop(ready.send(Err(error))),
    };
    thread::Builder::new().name(name).stack_size(1024 * 1024).spawn(run)?;
    let waker = made.recv().map_err(|_| io::Error::other("the mailbox thread did not start"))??;
    Ok(Watch { orders, chores, waker, over })
}
