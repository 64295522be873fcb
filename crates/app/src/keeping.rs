//! Storing, also when the disk is full for a while.

use store::{Change, StoreError};

use crate::core::Core;

/// More changes than these are not kept for later.
const MAX_UNSAVED: usize = 512;

/// Changes that were made although they could not be stored; stored as soon as that is possible again.
#[derive(Default)]
pub(crate) struct Unsaved(Vec<Change>);

impl Unsaved {
    /// Keeps what is worth it: all but mails, which are not posted unless they are stored. That one was taken back is
    /// kept: it may have been stored before.
    pub(crate) fn add(&mut self, changes: Vec<Change>) {
        let room = MAX_UNSAVED.saturating_sub(self.0.len());
        let worth = |change: &Change| !matches!(change, Change::QueueMail(_));
        self.0.extend(changes.into_iter().filter(worth).take(room));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Core {
    /// Stores changes that follow from what has happened; if that fails for now, they are stored later.
    pub(crate) async fn keep(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        if changes.is_empty() {
            drop(self.catch_up().await);
            return Ok(());
        }
        let stored = self.keep_now(changes.clone()).await;
        if stored.as_ref().is_err_and(may_pass) {
            self.unsaved.add(changes);
        }
        stored
    }

    /// Stores changes or leaves it.
    pub(crate) async fn keep_now(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.catch_up().await?;
        self.store.commit(changes).await.map(drop)
    }

    async fn catch_up(&mut self) -> Result<(), StoreError> {
        if self.unsaved.is_empty() {
            return Ok(());
        }
        match self.store.commit(self.unsaved.0.clone()).await {
            Ok(_) => tracing::info!("what could not be stored before is stored"),
            Err(error) if may_pass(&error) => return Err(error),
            Err(error) => tracing::error!(%error, "what could not be stored before never can be"),
        }
        self.unsaved.0.clear();
        Ok(())
    }
}

/// Whether the same changes may be stored later.
const fn may_pass(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::DiskFull
            | StoreError::ReadOnly
            | StoreError::InUse
            | StoreError::Io(_)
            | StoreError::Database(_)
    )
}

#[cfg(test)]
mod tests {
    use call::MailId;
    use store::MailState;

    use super::*;

    #[test]
    fn that_a_mail_was_taken_back_is_not_forgotten() {
        let mut unsaved = Unsaved::default();
        unsaved.add(vec![Change::MailState { mail: MailId::new(1), state: MailState::Withdrawn, now_ms: 0 }]);
        assert!(!unsaved.is_empty());
    }
}
