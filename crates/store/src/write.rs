use call::{AccountId, CallRecord, Direction, MailId};
use rusqlite::{Transaction, params};

use crate::{
    Account, Change, LeftoverSecret, MailState, QueuedMail, SecretPlace, StoreError,
    db::Db,
    prune::forget_strangers,
    read::{place_to_text, to_json_word},
};

impl Db {
    /// Stores all changes or none.
    pub(crate) fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.set_durable(changes.iter().any(Change::is_decision))?;
        let transaction = self.connection.transaction()?;
        for change in changes {
            apply(&transaction, change)?;
        }
        transaction.commit()?;
        if changes.iter().any(Change::erases)
            && let Err(error) = self.checkpoint()
        {
            // The changes are stored; only their old traces stay in the log until the next checkpoint.
            tracing::warn!(%error, "removed data could not be wiped from the log yet");
        }
        Ok(())
    }

    /// An account id that was never used, noted as leftover until an account takes it.
    pub(crate) fn reserve_account(
        &mut self,
        place: SecretPlace,
        is_taken: impl Fn(AccountId) -> bool,
    ) -> Result<AccountId, StoreError> {
        self.set_durable(true)?;
        let transaction = self.connection.transaction()?;
        let id = loop {
            let id = AccountId(transaction.query_row(
                "UPDATE installation SET next_account = next_account + 1 RETURNING next_account - 1",
                [],
                |row| row.get(0),
            )?);
            if !is_taken(id) {
                break id;
            }
        };
        transaction
            .execute("INSERT INTO leftover_secret VALUES (?, ?)", params![id.0, place_to_text(place)])?;
        transaction.commit()?;
        Ok(id)
    }
}

fn apply(on: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<(), StoreError> {
        on.prepare_cached(sql)?.execute(values)?;
        Ok(())
    };
    match change {
        Change::PutAccount(account) => put_account(on, account),
        Change::RemoveAccount(id) => {
            run(
                "INSERT OR IGNORE INTO leftover_secret SELECT id, secrets FROM account WHERE id = ?",
                params![id.0],
            )?;
            run("DELETE FROM account WHERE id = ?", params![id.0])
        }
        Change::PutContact(contact) => run(
            "INSERT INTO contact VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name",
            params![contact.account.0, contact.address.as_str(), contact.name, contact.since_ms],
        ),
        Change::RemoveContact { account, address } => {
            run("DELETE FROM contact WHERE account = ? AND address = ?", params![account.0, address.as_str()])
        }
        Change::PutPin(pin) => run(
            "INSERT OR REPLACE INTO pin VALUES (?, ?, ?, ?, ?)",
            params![pin.account.0, pin.address.as_str(), pin.fingerprint, pin.key, pin.since_ms],
        ),
        Change::RemovePin { account, address } => {
            run("DELETE FROM pin WHERE account = ? AND address = ?", params![account.0, address.as_str()])
        }
        Change::PutCall { record, now_ms } => put_call(on, record, *now_ms),
        Change::RemoveCall(call) => run("DELETE FROM call WHERE id = ?", params![call.to_string()]),
        Change::ClearHistory => run("DELETE FROM call WHERE NOT live", params![]),
        Change::QueueMail(mail) => queue_mail(on, mail),
        Change::MailState { mail, state, now_ms } => mail_state(on, *mail, state, *now_ms),
        Change::SawMessage { account, key, now_ms } => run(
            "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            params![account.0, key.to_text(), now_ms],
        ),
        Change::PutPosition(position) => run(
            "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?)",
            params![position.account.0, position.mailbox, position.uidvalidity, position.next_uid],
        ),
        Change::PutSetting { key, json } => {
            run("INSERT OR REPLACE INTO setting VALUES (?, ?)", params![key, json])
        }
        Change::RemoveSetting { key } => run("DELETE FROM setting WHERE key = ?", params![key]),
        Change::RemovedLeftover(LeftoverSecret { account, place }) => run(
            "DELETE FROM leftover_secret WHERE account = ? AND place = ?",
            params![account.0, place_to_text(*place)],
        ),
    }
}

fn put_account(on: &Transaction<'_>, account: &Account) -> Result<(), StoreError> {
    let place = place_to_text(account.secrets);
    // Secrets that the account kept elsewhere until now are to be removed there.
    on.prepare_cached(
        "INSERT OR IGNORE INTO leftover_secret SELECT id, secrets FROM account WHERE id = ? AND secrets <> ?",
    )?
    .execute(params![account.id.0, place])?;
    on.prepare_cached("DELETE FROM leftover_secret WHERE account = ? AND place = ?")?
        .execute(params![account.id.0, place])?;
    // Not `INSERT OR REPLACE`: that deletes the old row, and everything that belongs to it.
    on.prepare_cached(
        "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
           device = excluded.device, address = excluded.address, display_name = excluded.display_name,
           login = excluded.login, imap = excluded.imap, smtp = excluded.smtp, secrets = excluded.secrets",
    )?
    .execute(params![
        account.id.0,
        account.device.to_string(),
        account.address.as_str(),
        account.display_name,
        account.login,
        account.imap,
        account.smtp,
        place,
    ])?;
    Ok(())
}

fn put_call(on: &Transaction<'_>, record: &CallRecord, now_ms: i64) -> Result<(), StoreError> {
    let json =
        serde_json::to_string(record).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    on.prepare_cached(
        "INSERT INTO call (id, account, began_ms, stored_ms, live, record) VALUES (?1, ?2, ?3, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET stored_ms = excluded.stored_ms, live = excluded.live, record = excluded.record",
    )?
    .execute(params![
        record.view.call.to_string(),
        record.view.account.0,
        now_ms,
        !record.resume.is_empty(),
        json
    ])?;
    // Already now: until the next pruning, a flood would hide what came before it.
    if may_be_forgotten(on, record)? {
        forget_strangers(on)?;
    }
    Ok(())
}

/// Whether a call is one that a stranger made and nobody took.
fn may_be_forgotten(on: &Transaction<'_>, record: &CallRecord) -> Result<bool, StoreError> {
    let view = &record.view;
    if !record.resume.is_empty() || view.direction == Direction::Outgoing || record.connected.is_some() {
        return Ok(false);
    }
    let contact = on
        .prepare_cached("SELECT 1 FROM contact WHERE account = ? AND address = ?")?
        .exists(params![view.account.0, view.peer.as_str()])?;
    Ok(!contact)
}

fn queue_mail(on: &Transaction<'_>, mail: &QueuedMail) -> Result<(), StoreError> {
    on.prepare_cached(
        "INSERT INTO mail (id, account, recipient, call, kind, message, until_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        mail.mail.to_string(),
        mail.account.0,
        mail.to.as_str(),
        mail.call.to_string(),
        to_json_word(&mail.kind)?,
        mail.message,
        mail.until_ms,
    ])?;
    Ok(())
}

fn mail_state(on: &Transaction<'_>, mail: MailId, state: &MailState, now_ms: i64) -> Result<(), StoreError> {
    // A withdrawal can cross with the server's 250: what the server said is what happened.
    let (state, words, only_from) = match state {
        MailState::Sent => ("sent", "", "state IN ('queued', 'withdrawn')"),
        MailState::Failed { words } => ("failed", words.as_str(), "state <> 'failed'"),
        MailState::Withdrawn => ("withdrawn", "", "state = 'queued'"),
    };
    // The message itself is of no use any more; the row stays a while so that a bounce finds its call.
    on.prepare_cached(&format!(
        "UPDATE mail SET state = ?, words = ?, done_ms = ?, message = x'' WHERE id = ? AND {only_from}"
    ))?
    .execute(params![state, words, now_ms, mail.to_string()])?;
    Ok(())
}
