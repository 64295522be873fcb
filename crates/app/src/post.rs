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

use call::{AccountId, Address, MailId};
use mail::{MailAccount, MailError, smtp::Sender};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::happening::{Happening, PostOutcome};

const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(15);

/// A mail to post.
#[derive(Clone, Debug)]
pub(crate) struct Mailing {
    pub(crate) mail: MailId,
    pub(crate) to: Address,
    pub(crate) message: Arc<[u8]>,
    pub(crate) until: Instant,
}

enum Order {
    Warm,
    Post(Mailing),
    Withdraw(MailId),
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
    pub(crate) fn hire(account: MailAccount, happenings: mpsc::Sender<Happening>) -> Result<Self, MailError> {
        let (orders, inbox) = mpsc::unbounded_channel();
        let warming = Arc::<AtomicBool>::default();
        let round = Round {
            account: account.id,
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
}

struct Round {
    account: AccountId,
    warming: Arc<AtomicBool>,
    sender: Sender,
    bag: VecDeque<Mailing>,
    back_off: Duration,
    again_at: Option<Instant>,
    happenings: mpsc::Sender<Happening>,
}

impl Round {
    async fn walk(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        loop {
            let wait = self.again_at;
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
                    self.bag.retain(|mailing| mailing.mail != mail);
                    continue;
                }
                // A fresh mail is worth an attempt at once.
                Some(Order::Post(mailing)) => self.bag.push_back(mailing),
                None => {}
            }
            self.empty_bag().await;
        }
    }

    async fn empty_bag(&mut self) {
        self.again_at = None;
        while let Some(mailing) = self.bag.pop_front() {
            if mailing.until <= Instant::now() {
                self.report(mailing.mail, PostOutcome::Expired).await;
                continue;
            }
            match self.sender.send(&mailing.to, &mailing.message).await {
                Ok(()) => {
                    self.back_off = FIRST_BACK_OFF;
                    self.report(mailing.mail, PostOutcome::Sent).await;
                }
                Err(error @ (MailError::Refused { .. } | MailError::WrongPassword { .. })) => {
                    self.report(mailing.mail, PostOutcome::Refused(error)).await;
                }
                Err(error) => {
                    tracing::info!(%error, "a mail is tried again");
                    self.report(mailing.mail, PostOutcome::Retrying).await;
                    self.again_at = Some((Instant::now() + self.back_off).min(mailing.until));
                    self.back_off = (self.back_off * 2).min(LONGEST_BACK_OFF);
                    self.bag.push_front(mailing);
                    return;
                }
            }
        }
    }

    async fn report(&self, mail: MailId, outcome: PostOutcome) {
        let posted = Happening::Posted { account: self.account, mail, outcome };
        let _ = self.happenings.send(posted).await;
    }
}
