use rusqlite::{Transaction, params};

use crate::{StoreError, db::Db};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Mail servers keep trying for days; a message older than this is expired beyond doubt.
const SEEN_MS: i64 = 30 * DAY_MS;
/// The longest that mail servers usually try before they bounce (RFC 5321 section 4.5.4.1: 4 to 5 days).
const MAIL_MS: i64 = 7 * DAY_MS;
/// The most messages to remember; flooding must not fill the disk.
const MAX_SEEN: u32 = 50_000;
/// The most calls the history keeps.
const MAX_CALLS: u32 = 10_000;
/// The most calls in it that strangers made and nobody took, of all strangers together: addresses cost nothing.
const MAX_OF_STRANGERS: u32 = 50;

/// What [`crate::Store::prune`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Notes of messages that were dealt with.
    pub seen: usize,
    /// Messages that left the outbox or can never be posted any more.
    pub mails: usize,
    /// The oldest calls of the history.
    pub calls: usize,
}

impl Db {
    pub(crate) fn prune(&mut self, now_ms: i64) -> Result<Pruned, StoreError> {
        self.set_durable(false)?;
        let transaction = self.connection.transaction()?;
        let mut pruned = Pruned::default();
        pruned.seen += transaction.execute("DELETE FROM seen WHERE at_ms < ?", [now_ms - SEEN_MS])?;
        pruned.seen += transaction.execute(
            "DELETE FROM seen WHERE (account, key) IN
               (SELECT account, key FROM seen ORDER BY at_ms DESC LIMIT -1 OFFSET ?)",
            [MAX_SEEN],
        )?;
        pruned.mails += transaction.execute(
            "DELETE FROM mail WHERE done_ms < ?1 OR (state = 'queued' AND until_ms < ?1)",
            params![now_ms - MAIL_MS],
        )?;
        // First, so that they never take the place of others.
        pruned.calls += forget_strangers(&transaction)?;
        pruned.calls += transaction.execute(
            "DELETE FROM call WHERE NOT live AND id IN
               (SELECT id FROM call ORDER BY began_ms DESC, id DESC LIMIT -1 OFFSET ?)",
            [MAX_CALLS],
        )?;
        transaction.commit()?;
        if pruned != Pruned::default() {
            self.connection.execute_batch("PRAGMA incremental_vacuum")?;
        }
        Ok(pruned)
    }
}

/// Removes the oldest calls that strangers made and nobody took, but for [`MAX_OF_STRANGERS`].
pub(crate) fn forget_strangers(on: &Transaction<'_>) -> Result<usize, StoreError> {
    let removed = on
        .prepare_cached(
            "DELETE FROM call WHERE id IN
               (SELECT id FROM call WHERE NOT live
                  AND record ->> '$.view.direction' = 'Incoming' AND record ->> '$.connected' IS NULL
                  AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.account = call.account
                                    AND contact.address = record ->> '$.view.peer')
                ORDER BY began_ms DESC, id DESC LIMIT -1 OFFSET ?)",
        )?
        .execute([MAX_OF_STRANGERS])?;
    Ok(removed)
}
