use std::str::FromStr;

use call::{AccountId, Address, CallId, MailId};
use rusqlite::{OptionalExtension, Params, Row, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Account, Contact, HistoryCursor, HistoryRow, LeftoverSecret, Loaded, MailInfo, MailState, Pin, Position,
    QueuedMail, SecretPlace, SeenKey, StoreError, StoredCall, db::Db,
};

impl Db {
    /// What this data directory is called among the secrets of a key store.
    pub(crate) fn installation(&self) -> Result<String, StoreError> {
        Ok(self.connection.query_row("SELECT id FROM installation", [], |row| row.get(0))?)
    }

    pub(crate) fn load(&self) -> Result<Loaded, StoreError> {
        Ok(Loaded {
            accounts: self.rows("SELECT * FROM account ORDER BY id", [], account)?,
            contacts: self.rows("SELECT * FROM contact ORDER BY account, address", [], contact)?,
            pins: self.rows("SELECT * FROM pin ORDER BY account, address", [], pin)?,
            calls: self.rows("SELECT * FROM call WHERE live ORDER BY began_ms, id", [], stored_call)?,
            mails: self.rows("SELECT * FROM mail WHERE state = 'queued' ORDER BY seq", [], queued_mail)?,
            positions: self.rows("SELECT * FROM position ORDER BY account, mailbox", [], position)?,
            settings: self
                .rows("SELECT key, json FROM setting", [], |row| Ok((row.get(0)?, row.get(1)?)))?
                .into_iter()
                .collect(),
            leftovers: self.rows("SELECT * FROM leftover_secret", [], |row| {
                Ok(LeftoverSecret { account: AccountId(row.get("account")?), place: place(row, "place")? })
            })?,
        })
    }

    pub(crate) fn history(
        &self,
        limit: u32,
        before: Option<HistoryCursor>,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let (began_ms, call) = before.map_or((i64::MAX, "~".into()), |at| (at.began_ms, at.call.to_string()));
        self.rows(
            "SELECT * FROM call WHERE (began_ms, id) < (?, ?) ORDER BY began_ms DESC, id DESC LIMIT ?",
            params![began_ms, call, limit],
            history_row,
        )
    }

    pub(crate) fn call(&self, call: CallId) -> Result<Option<HistoryRow>, StoreError> {
        Ok(self.rows("SELECT * FROM call WHERE id = ?", [call.to_string()], history_row)?.pop())
    }

    pub(crate) fn mail(&self, mail: MailId) -> Result<Option<MailInfo>, StoreError> {
        Ok(self.rows("SELECT * FROM mail WHERE id = ?", [mail.to_string()], mail_info)?.pop())
    }

    pub(crate) fn seen(&self, account: AccountId, key: &SeenKey) -> Result<bool, StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM seen WHERE account = ? AND key = ?")?
            .query_row(params![account.0, key.to_text()], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }

    /// The rows that can be read. One that cannot (written by a version that meant something else) is skipped: it
    /// must not keep the program from starting.
    fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            match read(row) {
                Ok(value) => found.push(value),
                Err(rusqlite::Error::FromSqlConversionFailure(column, ..)) => {
                    tracing::warn!(sql, column, "a stored row cannot be read and is skipped");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: AccountId(row.get("id")?),
        device: parsed(row, "device")?,
        address: address(row, "address")?,
        display_name: row.get("display_name")?,
        login: row.get("login")?,
        imap: row.get("imap")?,
        smtp: row.get("smtp")?,
        secrets: place(row, "secrets")?,
    })
}

fn contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    Ok(Contact {
        account: AccountId(row.get("account")?),
        address: address(row, "address")?,
        name: row.get("name")?,
        since_ms: row.get("since_ms")?,
    })
}

fn pin(row: &Row<'_>) -> rusqlite::Result<Pin> {
    Ok(Pin {
        account: AccountId(row.get("account")?),
        address: address(row, "address")?,
        fingerprint: row.get("fingerprint")?,
        key: row.get("key")?,
        since_ms: row.get("since_ms")?,
    })
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    Ok(Position {
        account: AccountId(row.get("account")?),
        mailbox: row.get("mailbox")?,
        uidvalidity: row.get("uidvalidity")?,
        next_uid: row.get("next_uid")?,
    })
}

fn stored_call(row: &Row<'_>) -> rusqlite::Result<StoredCall> {
    Ok(StoredCall {
        record: json(row, "record")?,
        began_ms: row.get("began_ms")?,
        stored_ms: row.get("stored_ms")?,
    })
}

fn history_row(row: &Row<'_>) -> rusqlite::Result<HistoryRow> {
    Ok(HistoryRow { record: json(row, "record")?, began_ms: row.get("began_ms")? })
}

fn queued_mail(row: &Row<'_>) -> rusqlite::Result<QueuedMail> {
    Ok(QueuedMail {
        mail: parsed(row, "id")?,
        account: AccountId(row.get("account")?),
        to: address(row, "recipient")?,
        call: parsed(row, "call")?,
        kind: json_word(row, "kind")?,
        message: row.get("message")?,
        until_ms: row.get("until_ms")?,
    })
}

fn mail_info(row: &Row<'_>) -> rusqlite::Result<MailInfo> {
    let state = match row.get_ref("state")?.as_str()? {
        "sent" => Some(MailState::Sent),
        "failed" => Some(MailState::Failed { words: row.get("words")? }),
        "withdrawn" => Some(MailState::Withdrawn),
        _ => None,
    };
    Ok(MailInfo {
        account: AccountId(row.get("account")?),
        to: address(row, "recipient")?,
        call: parsed(row, "call")?,
        kind: json_word(row, "kind")?,
        state,
    })
}

/// How a place is written in the database.
pub(crate) const fn place_to_text(place: SecretPlace) -> &'static str {
    match place {
        SecretPlace::KeyStore => "key_store",
        SecretPlace::File => "file",
    }
}

fn place(row: &Row<'_>, column: &str) -> rusqlite::Result<SecretPlace> {
    match row.get_ref(column)?.as_str()? {
        "key_store" => Ok(SecretPlace::KeyStore),
        "file" => Ok(SecretPlace::File),
        _ => Err(unreadable(row, column, "an unknown place".into())),
    }
}

/// The name that serde gives a fieldless variant.
pub(crate) fn to_json_word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(rusqlite::Error::ToSqlConversionFailure(format!("not a word: {other:?}").into()).into()),
    }
}

fn json_word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let word: String = row.get(column)?;
    serde_json::from_value(word.into()).map_err(|error| unreadable(row, column, error.into()))
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|error| unreadable(row, column, error.into()))
}

fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<T> {
    row.get_ref(column)?.as_str()?.parse().map_err(|error: T::Err| unreadable(row, column, error.into()))
}

fn address(row: &Row<'_>, column: &str) -> rusqlite::Result<Address> {
    parsed(row, column)
}

fn unreadable(row: &Row<'_>, column: &str, why: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    let index = row.as_ref().column_index(column).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, why)
}
