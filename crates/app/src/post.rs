//! The postman of one account: keeps the SMTP connection warm, posts in order, tries again until a mail's time
//! is over.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use call::{AccountId, Address, MailId, Time};
use mail::{MailAccount, MailError, smtp::Sender};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    clock::{Clock, Clocks},
    happening::{Happening, PostOutcome},
};

const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(15);

/// A mail to post.
#[derive(Clone, Debug)]
pub(crate) struct Mailing {
    pub(crate) mail: MailId,
    pub(crate) to: Address,
    pub(crate) message: Arc<[u8]>,
    /// On the machine's clock, which goes on while the computer sleeps.
    pub(crate) until: Time,
}

enum Order {
    Warm,
    Post(Mailing),
    Withdraw(MailId),
    /// A connection may lead nowhere, and a server that was not reached may be now.
    NetworkChanged,
}

/// The way to an account's postman; dropping it sends him home after what he has in hand.
pub(crate) struct Postman {
    orders: mpsc::UnboundedSender<Order>,
    /// An order to connect in advance waits: another one would say nothing new.
    warming: Arc<AtomicBool>,
}

impl Postman {
    /// # Errors
    /// The account's certificates cannot be used.
    pub(crate) fn hire<D: Clocks + Send + Sync + 'static>(
        account: MailAccount,
        clock: Clock<D>,
        happenings: mpsc::Sender<Happening>,
    ) -> Result<Self, MailError> {
        let (orders, inbox) = mpsc::unbounded_channel();
        let warming = Arc::<AtomicBool>::default();
        let round = Round {
            account: account.id,
            clock,
            warming: warming.clone(),
            sender: Sender::new(account)?,
            bag: VecDeque::new(),
            back_off: FIRST_BACK_OFF,
            again_at: None,
            happenings,
        };
        tokio::spawn(round.walk(inbox));
        Ok(Self { orders, warming })
    }

    /// Connects in advance.
    pub(crate) fn warm(&self) {
        if !self.warming.swap(true, Ordering::AcqRel) {
            let _ = self.orders.send(Order::Warm);
        }
    }

    pub(crate) fn post(&self, mailing: Mailing) {
        let _ = self.orders.send(Order::Post(mailing));
    }

    /// Takes a mail back if it was not posted yet.
    pub(crate) fn withdraw(&self, mail: MailId) {
        let _ = self.orders.send(Order::Withdraw(mail));
    }

    /// The network is another one, or the device slept.
    pub(crate) fn network_changed(&self) {
        let _ = self.orders.send(Order::NetworkChanged);
    }
}

struct Round<D> {
    account: AccountId,
    clock: Clock<D>,
    warming: Arc<AtomicBool>,
    sender: Sender,
    bag: VecDeque<Waiting>,
    /// For a connection; mails that the server puts off have their own.
    back_off: Duration,
    again_at: Option<Instant>,
    happenings: mpsc::Sender<Happening>,
}

/// A mail in the bag.
struct Waiting {
    mailing: Mailing,
    back_off: Duration,
    /// The server has put this one off.
    again_at: Option<Instant>,
}

/// What an attempt came to.
enum Attempt {
    Over(PostOutcome),
    /// The server does not take this mail now; others it may.
    PutOff,
    /// There is no connection, for no mail.
    Cut,
}

impl From<Result<(), MailError>> for Attempt {
    fn from(result: Result<(), MailError>) -> Self {
        /// The server closes the connection.
        const CLOSING: u16 = 421;
        match result {
            Ok(()) => Self::Over(PostOutcome::Sent),
            Err(
                error @ (MailError::Refused { .. }
                | MailError::WrongPassword { .. }
                | MailError::Unsupported { .. }
                | MailError::TooLarge { .. }
                | MailError::Malformed { .. }),
            ) => Self::Over(PostOutcome::Refused(error)),
            Err(error) => {
                tracing::info!(%error, "a mail is tried again");
                match error {
                    MailError::Temporary { code, .. } if code != CLOSING => Self::PutOff,
                    _ => Self::Cut,
                }
            }
        }
    }
}

impl<D: Clocks> Round<D> {
    async fn walk(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        loop {
            let wait = self.wake();
            let order = tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => Some(order),
                    None => return,
                },
                () = sleep_until(wait.unwrap_or_else(Instant::now)), if wait.is_some() => None,
            };
            match order {
                Some(Order::Warm) => {
                    self.warming.store(false, Ordering::Release);
                    if let Err(error) = self.sender.warm().await {
                        tracing::debug!(%error, "the mail server for sending is not reached in advance");
                    }
                    continue;
                }
                Some(Order::Withdraw(mail)) => {
                    self.bag.retain(|waiting| waiting.mailing.mail != mail);
                    continue;
                }
                // A fresh mail is worth an attempt at once.
                Some(Order::Post(mailing)) => {
                    self.bag.push_back(Waiting { mailing, back_off: FIRST_BACK_OFF, again_at: None });
                }
                Some(Order::NetworkChanged) => {
                    self.sender.distrust();
                    self.back_off = FIRST_BACK_OFF;
                }
                None => {}
            }
            self.empty_bag().await;
        }
    }

    /// When there is something to do, if nobody says anything. Without a connection no mail has a time of its own.
    fn wake(&self) -> Option<Instant> {
        self.again_at.or_else(|| self.bag.iter().filter_map(|waiting| waiting.again_at).min())
    }

    async fn empty_bag(&mut self) {
        self.again_at = None;
        let mut bag = std::mem::take(&mut self.bag);
        while let Some(mut waiting) = bag.pop_front() {
            let Mailing { mail, until, .. } = waiting.mailing;
            if until <= self.clock.now() {
                self.report(mail, PostOutcome::Expired).await;
                continue;
            }
            if waiting.again_at.is_some_and(|at| Instant::now() < at) {
                self.bag.push_back(waiting);
                continue;
            }
            match self.sender.send(&waiting.mailing.to, &waiting.mailing.message).await.into() {
                Attempt::Over(outcome) => {
                    self.back_off = FIRST_BACK_OFF;
                    self.report(mail, outcome).await;
                }
                Attempt::PutOff => {
                    self.back_off = FIRST_BACK_OFF;
                    waiting.again_at = Some(later(&mut waiting.back_off, self.clock.until(until)));
                    self.bag.push_back(waiting);
                    self.report(mail, PostOutcome::Retrying).await;
                }
                Attempt::Cut => {
                    self.again_at = Some(later(&mut self.back_off, self.clock.until(until)));
                    waiting.again_at = None;
                    self.bag.push_back(waiting);
                    self.bag.append(&mut bag);
                    return self.report(mail, PostOutcome::Retrying).await;
                }
            }
        }
    }

    async fn report(&self, mail: MailId, outcome: PostOutcome) {
        let posted = Happening::Posted { account: self.account, mail, outcome };
        let _ = self.happenings.send(posted).await;
    }
}

/// When to try again, after a longer time each time, and in time to tell that it is too late.
fn later(back_off: &mut Duration, left: Duration) -> Instant {
    let at = Instant::now() + (*back_off).min(left);
    *back_off = (*back_off * 2).min(LONGEST_BACK_OFF);
    at
}

#[cfg(test)]
mod tests;
