//! What is done on the server besides reading.

use std::time::Instant;

use super::{
    MessageRef,
    account::{End, Watcher},
    chores::Task,
    inbox::INBOX,
};
use crate::{
    MailError,
    manners::{self, Places},
    session::Session,
};

impl Watcher {
    /// Learns once where Junk, Sent and Trash are.
    pub(super) fn find_places(&mut self, session: &mut Session) -> Result<(), End> {
        if self.places.is_none() {
            // Should the list be too much for us, the next connection does without it.
            self.places = Some(Places::default());
            match session.list() {
                Ok(listed) => self.places = Some(Places::find(&listed)),
                Err(MailError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Does what the handle asked for. What the server refuses is given up; what a broken connection kept from
    /// being done is done on the next.
    pub(super) fn do_tasks(&mut self, session: &mut Session) -> Result<(), End> {
        while let Some(chore) = self.chores.next(Instant::now()) {
            match self.do_task(session, &chore.task) {
                Ok(()) => {}
                Err(End::Failed(error @ (MailError::Refused { .. } | MailError::Unsupported { .. }))) => {
                    tracing::warn!(account = self.account.id.0, %error, "a mailbox task is given up");
                }
                Err(end) => {
                    if let End::Failed(
                        MailError::Unreachable { .. }
                        | MailError::TimedOut { .. }
                        | MailError::Temporary { .. },
                    ) = end
                    {
                        self.chores.again(chore);
                    }
                    return Err(end);
                }
            }
        }
        Ok(())
    }

    fn do_task(&mut self, session: &mut Session, task: &Task) -> Result<(), End> {
        match task {
            Task::Append(message) => {
                session.append(INBOX, message, false)?;
                Ok(())
            }
            Task::Remove(at) => {
                self.at_message(session, at, |session, places| manners::remove(session, places, at.uid))
            }
            Task::Move(at, folder) => self.at_message(session, at, |session, places| {
                manners::move_to_folder(session, places, at.uid, folder)
            }),
        }
    }

    /// Does something with a message where it is, if it still is what it was; INBOX is selected again afterwards.
    fn at_message(
        &mut self,
        session: &mut Session,
        at: &MessageRef,
        action: impl FnOnce(&mut Session, &Places) -> Result<(), MailError>,
    ) -> Result<(), End> {
        self.marked.remove(at);
        let places = self.places.clone().unwrap_or_default();
        if at.mailbox == INBOX {
            let same = self.positions.get(INBOX).is_some_and(|here| here.uidvalidity == at.uidvalidity);
            return if same { Ok(action(session, &places)?) } else { Ok(()) };
        }
        let left = Instant::now();
        let result = session.select(&at.mailbox).and_then(|standing| {
            if standing.uidvalidity == at.uidvalidity { action(session, &places) } else { Ok(()) }
        });
        if let Err(error) = result {
            if !matches!(error, MailError::Refused { .. }) {
                return Err(error.into());
            }
            tracing::warn!(account = self.account.id.0, %error, "a mailbox task is given up");
        }
        self.back_to_inbox(session, left)
    }

    /// Sweeps INBOX, Junk and Sent when it is time.
    pub(super) fn sweep_if_due(&mut self, session: &mut Session) -> Result<(), End> {
        let left = Instant::now();
        if left < self.sweep_at {
            return Ok(());
        }
        self.sweep_at = left + self.timings.sweep;
        let places = self.places.clone().unwrap_or_default();
        for mailbox in [places.junk.as_deref(), places.sent.as_deref(), Some(INBOX)].into_iter().flatten() {
            let swept = manners::sweep(
                session,
                &places,
                mailbox,
                self.timings.stale,
                &mut self.marked,
                &mut self.may_remove,
            );
            match swept {
                Ok(0) | Err(MailError::Refused { .. }) => {}
                Ok(count) => tracing::debug!(account = self.account.id.0, count, "left-over signals swept"),
                Err(error) => return Err(error.into()),
            }
        }
        self.back_to_inbox(session, left)
    }
}
