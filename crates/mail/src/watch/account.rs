//! The life of an account's thread: connect, watch, and after a failure wait and connect again.

use std::{
    cell::RefCell,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use super::{
    Chores, Listener, MailEvent, MailNews, MayRemove, MessageRef, Order, Position, Resolver, Timings,
    WatchOptions, WatchState,
};
use crate::{
    MailAccount, MailError,
    age::{Arrival, ServerClock},
    clock::Awake,
    manners::{Marked, Places},
    session::{Idled, Session},
    stream::{Reactor, Wire},
};
use rustls::ClientConfig;

/// How often a wait is interrupted to see whether the device slept.
const TICK: Duration = Duration::from_secs(15);
/// A device that slept for longer than this has likely lost its connection.
const SLEPT: Duration = Duration::from_secs(10);
/// After so many broken connections in a row while reading what came meanwhile, it is skipped: one message that
/// cannot be read must not keep an account from ringing for ever.
const CATCH_UP_FAILURES: u32 = 30;
/// What the server sent instead counts as so many of them.
const UNREADABLE: u32 = 10;

/// An account's thread.
pub(super) struct Watcher {
    pub(super) account: MailAccount,
    pub(super) timings: Timings,
    pub(super) positions: HashMap<String, Position>,
    pub(super) chores: Chores,
    pub(super) places: Option<Places>,
    pub(super) may_remove: MayRemove,
    pub(super) sweep_at: Instant,
    pub(super) marked: HashMap<MessageRef, Marked>,
    pub(super) catching_up: bool,
    pub(super) clock: Option<ServerClock>,
    pub(super) looked_into_junk: Option<Instant>,
    tls: Arc<ClientConfig>,
    resolve: Resolver,
    jitter: Box<dyn FnMut() -> f64 + Send>,
    listener: Listener,
    orders: mpsc::Receiver<Order>,
    reactor: Rc<RefCell<Reactor>>,
    /// Since when Junk is looked at often, if it is.
    junk_closely: Option<Instant>,
    failures: u32,
    /// The server has taken the password before.
    worked: bool,
    /// How often it has refused it since.
    refusals: u32,
    catch_up_failures: u32,
}

/// Why a connection, or the whole watch, ends.
#[derive(Debug)]
pub(super) enum End {
    /// The watch is over.
    Stop,
    /// Connect anew, now.
    Reconnect,
    /// Something went wrong.
    Failed(MailError),
}

impl From<MailError> for End {
    fn from(error: MailError) -> Self {
        Self::Failed(error)
    }
}

impl Watcher {
    pub(super) fn new(
        account: MailAccount,
        tls: Arc<ClientConfig>,
        options: WatchOptions,
        listener: Listener,
        orders: mpsc::Receiver<Order>,
        reactor: Reactor,
    ) -> Self {
        // Soon, as many sessions are short, but not among all that is to be done at the start.
        let sweep_at = Instant::now() + options.timings.sweep / 5;
        Self {
            account,
            timings: options.timings,
            positions: options.resume.into_iter().map(|at| (at.mailbox.clone(), at)).collect(),
            chores: options.chores,
            places: None,
            may_remove: options.may_remove,
            sweep_at,
            marked: HashMap::new(),
            catching_up: false,
            clock: None,
            looked_into_junk: None,
            tls,
            resolve: options.resolve,
            jitter: options.jitter,
            listener,
            orders,
            reactor: Rc::new(RefCell::new(reactor)),
            junk_closely: None,
            failures: 0,
            worked: options.worked,
            refusals: 0,
            catch_up_failures: 0,
        }
    }

    /// Runs until told to stop.
    pub(super) fn run(mut self) {
        loop {
            let wait = match self.connection() {
                End::Stop => return,
                End::Reconnect => {
                    self.failures = 0;
                    Ok(())
                }
                End::Failed(error @ MailError::WrongPassword { .. }) => self.signed_out(error),
                End::Failed(error) => self.back_off(error),
            };
            if wait.is_err() {
                return;
            }
        }
    }

    /// One connection, from connecting to its end.
    fn connection(&mut self) -> End {
        let result = self.tell(MailNews::State(WatchState::Connecting)).and_then(|()| {
            let session = self.open()?;
            // What parses mail is written not to panic; should it, the account must not fall silent.
            catch_unwind(AssertUnwindSafe(|| self.watch(session)))
                .unwrap_or_else(|_| Err(MailError::protocol("something the parser stumbles over").into()))
        });
        let end = match result {
            Ok(never) => match never {},
            Err(end) => end,
        };
        if std::mem::take(&mut self.catching_up) {
            self.catch_up_failures += match end {
                End::Failed(MailError::Protocol { .. } | MailError::TooLarge { .. }) => UNREADABLE,
                End::Failed(_) => 1,
                End::Reconnect | End::Stop => 0,
            };
            if self.catch_up_failures >= CATCH_UP_FAILURES {
                tracing::warn!(account = self.account.id.0, "mail that cannot be read is skipped");
            }
        }
        end
    }

    fn open(&mut self) -> Result<Session, End> {
        let (server, resolve, patience) =
            (self.account.imap.clone(), self.resolve.clone(), self.timings.patience);
        let reactor = self.reactor.clone();
        let wire = Wire::connect(&server, &resolve, patience, reactor, || self.take_orders())?;
        let session = Session::open(wire, &self.account, self.tls.clone(), patience)?;
        (self.worked, self.refusals) = (true, 0);
        Ok(session)
    }

    fn watch(&mut self, mut session: Session) -> Result<std::convert::Infallible, End> {
        let skip = self.catch_up_failures >= CATCH_UP_FAILURES;
        self.open_inbox(&mut session, skip)?;
        self.catch_up_failures = 0;
        self.find_places(&mut session)?;
        self.look_into_junk(&mut session)?;
        let mut polling = !session.can().idle;
        let mut told = None;
        loop {
            self.take_orders()?;
            self.do_tasks(&mut session)?;
            self.sweep_if_due(&mut session)?;
            if let Some(since) = session.take_news() {
                self.read_new(&mut session, Arrival::Since(since))?;
                continue;
            }
            if polling {
                self.failures = 0;
                self.tell_once(&mut told, WatchState::Polling)?;
                let woken = self.pause(self.slice_end(Instant::now(), self.timings.poll))?;
                session.noop()?;
                if let Some(since) = session.take_news() {
                    self.read_new(&mut session, Arrival::Since(since))?;
                }
                if !woken {
                    self.look_into_junk(&mut session)?;
                }
                continue;
            }
            match self.idle(&mut session, &mut told)? {
                Idled::Announced(at) => {
                    session.take_news();
                    self.read_new(&mut session, Arrival::Since(at))?;
                }
                Idled::Woken => {}
                Idled::TimedOut | Idled::Over => self.look_into_junk(&mut session)?,
                Idled::Unsupported => polling = true,
            }
        }
    }

    /// IDLE until something happens, looking up now and then to see whether the device slept.
    ///
    /// It is not left for an order that asks nothing of the server: some take a second or more until they announce
    /// mail at once again.
    fn idle(&mut self, session: &mut Session, told: &mut Option<bool>) -> Result<Idled, End> {
        let awake = Awake::now();
        let began = Instant::now();
        if !session.start_idle()? {
            return Ok(Idled::Unsupported);
        }
        self.failures = 0;
        self.tell_once(told, WatchState::Idle)?;
        loop {
            let until = self.slice_end(began, self.timings.idle_slice);
            match session.stay_idle(until.min(Instant::now() + TICK))? {
                // A connection that slept is not worth a farewell: it would wait for an answer.
                _ if awake.slept() > SLEPT => return Err(End::Reconnect),
                Idled::TimedOut if Instant::now() < until => {}
                Idled::Woken => {
                    self.take_orders()?;
                    if !self.chores.is_empty() {
                        return Ok(session.end_idle(Idled::Woken)?);
                    }
                }
                idled => return Ok(session.end_idle(idled)?),
            }
        }
    }

    /// When a wait that began then, and usually takes so long, is interrupted to look into Junk.
    fn slice_end(&self, began: Instant, usual: Duration) -> Instant {
        let closely = self.junk_closely.map(|since| since.max(began) + self.timings.junk);
        closely.map_or(began + usual, |soon| soon.min(began + usual))
    }

    /// Waits on no server; true if there are orders.
    fn pause(&mut self, until: Instant) -> Result<bool, End> {
        let awake = Awake::now();
        loop {
            let now = Instant::now();
            if self.reactor.borrow_mut().sleep(until.min(now + TICK)).map_err(MailError::from)? {
                return Ok(true);
            }
            if awake.slept() > SLEPT {
                return Err(End::Reconnect);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
        }
    }

    /// Takes what the handle says; chores are kept for when there is a connection.
    fn take_orders(&mut self) -> Result<(), End> {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Work) => {}
                Ok(Order::WatchJunk(closely)) => {
                    let since = self.junk_closely.unwrap_or_else(Instant::now);
                    self.junk_closely = closely.then_some(since);
                }
                Ok(Order::Reconnect) => return Err(End::Reconnect),
                Ok(Order::Stop) | Err(mpsc::TryRecvError::Disconnected) => return Err(End::Stop),
                Err(mpsc::TryRecvError::Empty) => return Ok(()),
            }
        }
    }

    fn back_off(&mut self, error: MailError) -> Result<(), End> {
        let after = self.spread(self.timings.backoff, self.failures, self.timings.backoff_max);
        self.failures = self.failures.saturating_add(1);
        tracing::info!(account = self.account.id.0, ?after, %error, "the mailbox is not watched");
        self.tell(MailNews::State(WatchState::Retrying { after, error }))?;
        self.rest(Instant::now() + after)
    }

    /// Servers that cannot ask whoever knows the passwords refuse good ones: what has worked is tried again, seldom
    /// enough not to be locked out for guessing.
    fn signed_out(&mut self, error: MailError) -> Result<(), End> {
        self.tell(MailNews::State(WatchState::SignedOut { error }))?;
        if self.worked {
            let after = self.spread(self.timings.refused, self.refusals, self.timings.refused_max);
            self.refusals = self.refusals.saturating_add(1);
            return self.rest(Instant::now() + after);
        }
        loop {
            match self.orders.recv() {
                Ok(Order::Stop) | Err(_) => return Err(End::Stop),
                Ok(_) => {}
            }
        }
    }

    /// The wait after so many failures: devices do not come back all at once.
    fn spread(&mut self, first: Duration, failures: u32, longest: Duration) -> Duration {
        let spread = 0.5 + (self.jitter)().clamp(0.0, 1.0) / 2.0;
        first.saturating_mul(1 << failures.min(16)).min(longest).mul_f64(spread)
    }

    /// Waits until then, or until there is a reason to try at once.
    fn rest(&mut self, until: Instant) -> Result<(), End> {
        loop {
            match self.take_orders() {
                Err(End::Reconnect) => {
                    self.failures = 0;
                    return Ok(());
                }
                other => other?,
            }
            match self.pause(until) {
                Ok(true) => {}
                // The time is over, or the device slept: either way, now.
                Ok(false) | Err(End::Reconnect) => return Ok(()),
                Err(end) => return Err(end),
            }
        }
    }

    /// Passes news on; waits while the receiver has no room.
    pub(super) fn tell(&self, news: MailNews) -> Result<(), End> {
        let event = MailEvent { account: self.account.id, news };
        if self.listener.hears(event) { Ok(()) } else { Err(End::Stop) }
    }

    /// Tells whether it is IDLE or polling when that is new.
    fn tell_once(&self, told: &mut Option<bool>, state: WatchState) -> Result<(), End> {
        let idle = matches!(state, WatchState::Idle);
        if told.replace(idle) == Some(idle) { Ok(()) } else { self.tell(MailNews::State(state)) }
    }
}
