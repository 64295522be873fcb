//! Mailing oneself, to see how long it takes.

use call::{AccountId, IdSource as _, MailId};
use tokio::time::Instant;

use crate::{
    client::ClientId,
    clock::OsIds,
    commands::{Outcome, error},
    contract::ErrorCode,
    core::{Core, SelfTest},
    happening::{Happening, PostOutcome},
    post::Mailing,
    sign_in,
};

/// How long a mail to oneself may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);
/// Who asks while so many wait for the same test gets no answer of its own.
const MAX_WAITING: usize = 64;

impl Core {
    /// Begins a test. While one is under way for the account, its answer is everybody's.
    pub(crate) fn self_test(&mut self, client: ClientId, reply: u32, account: AccountId) -> Option<Outcome> {
        let to = match self.own_account(account) {
            Ok(own) => own.row.address.clone(),
            Err(error) => return Some(Err(error)),
        };
        if let Some(test) = self.self_tests.values_mut().find(|test| test.account == account) {
            if test.waiting.len() >= MAX_WAITING {
                return Some(Err(error(ErrorCode::TimedOut)));
            }
            test.waiting.push((client, reply));
            return None;
        }
        let mail = MailId::new(OsIds.fresh());
        let Some((message, running)) = self.write_self_test(account, mail).zip(self.running(account)) else {
            return Some(Err(error(ErrorCode::KeyStore)));
        };
        let began = Instant::now();
        let until = self.clock.now() + PATIENCE;
        running.postman.post(Mailing { mail, to, message: message.into(), until });
        running.watch.watch_junk(true);
        self.self_tests.insert(mail, SelfTest { account, waiting: vec![(client, reply)], began });
        let happenings = self.happenings.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
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
        self.end_self_test(mail, |_| Err(failed.clone()));
    }

    /// The account of a test is gone.
    pub(crate) fn forget_self_test(&mut self, account: AccountId) {
        let test = self.self_tests.iter().find(|(_, test)| test.account == account).map(|(mail, _)| *mail);
        if let Some(mail) = test {
            self.end_self_test(mail, |_| Err(error(ErrorCode::UnknownAccount)));
        }
    }

    /// Answers everybody who waits, and looks at Junk no more often than before.
    pub(crate) fn end_self_test(&mut self, mail: MailId, outcome: impl Fn(&SelfTest) -> Outcome) {
        let Some(test) = self.self_tests.remove(&mail) else { return };
        for (client, reply) in &test.waiting {
            self.answer(*client, *reply, outcome(&test));
        }
        if let Some(running) = self.running(test.account) {
            running.watch.watch_junk(running.watching_junk);
        }
    }
}
