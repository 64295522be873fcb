use rusqlite::Connection;

use crate::StoreError;

/// Each entry takes the database from the format of its index to the next. Entries are never changed once released.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// The format this program writes.
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Brings the database to the format this program knows; all or nothing.
pub(crate) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > KNOWN {
        return Err(StoreError::Newer { found, known: KNOWN });
    }
    let missing = MIGRATIONS.get(found as usize..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", KNOWN)?;
    transaction.commit()?;
    Ok(())
}
