use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use crate::{StoreError, dir, dir::DataDir, migrations};

/// The open database. Lives on the store's thread.
pub(crate) struct Db {
    pub(crate) connection: Connection,
    durable: bool,
}

impl Db {
    /// Opens the database of a data directory, making what is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let dir = DataDir::prepare(path)?;
        let file = dir.database();
        if was_emptied(&file, dir.secrets()) {
            return Err(StoreError::Corrupt);
        }
        // SQLite gives the files beside it the permissions of the database, so it must be private from the start.
        drop(dir::private_file(&file).map_err(StoreError::from_io)?);
        let unclean = file.with_extension("db-wal").metadata().is_ok_and(|wal| wal.len() > 0);

        let mut connection = Connection::open(&file)?;
        connection.busy_timeout(Duration::from_secs(2))?;
        for (pragma, value) in [
            // Takes effect only in a database without tables.
            ("auto_vacuum", "INCREMENTAL"),
            ("journal_mode", "WAL"),
            ("synchronous", "NORMAL"),
            // macOS: a plain fsync there does not reach the disk.
            ("fullfsync", "ON"),
            ("checkpoint_fullfsync", "ON"),
            ("foreign_keys", "ON"),
            // What the user removes is overwritten, not only unlinked.
            ("secure_delete", "ON"),
            ("temp_store", "MEMORY"),
            ("mmap_size", "0"),
            // The working set is a few pages of each table; the backend has to stay small.
            ("cache_size", "-256"),
            ("wal_autocheckpoint", "256"),
            ("journal_size_limit", "1048576"),
        ] {
            connection.pragma_update_and_check(None, pragma, value, |_| Ok(())).or_else(no_answer)?;
        }
        connection.set_prepared_statement_cache_capacity(24);
        if unclean {
            check(&connection)?;
        }
        migrations::run(&mut connection)?;
        Ok(Self { connection, durable: false })
    }

    /// Chooses what the next commits outlive: the end of the process (always), or a power cut as well.
    ///
    /// In WAL mode a commit is in the operating system's hands before it returns, so `kill -9` loses nothing even
    /// without fsync. After a power cut a call is over anyway, and what is lost is a tail of whole transactions: the
    /// mail is read again and becomes a missed call. Waiting for the disk on the way of every ring would cost more
    /// than it saves. The user's own decisions are different: they are flushed, and with them all before them.
    pub(crate) fn set_durable(&mut self, durable: bool) -> Result<(), StoreError> {
        if self.durable != durable {
            let level = if durable { "FULL" } else { "NORMAL" };
            self.connection.pragma_update(None, "synchronous", level)?;
            self.durable = durable;
        }
        Ok(())
    }

    /// Moves everything into the database file and empties the log, so that removed data is in neither.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

/// An empty file is a database without tables to SQLite, and would look like a first start to the user. Where there
/// are secrets there were accounts.
fn was_emptied(database: &Path, secrets: PathBuf) -> bool {
    let empty = database.metadata().is_ok_and(|database| database.len() == 0);
    empty && fs::read_dir(secrets).is_ok_and(|mut secrets| secrets.next().is_some())
}

/// Some pragmas return their new value, others nothing; both are fine.
fn no_answer(error: rusqlite::Error) -> Result<(), rusqlite::Error> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        error => Err(error),
    }
}

/// Looks for damage; done only after a run that did not end properly, because it reads the whole file.
fn check(connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt) }
}

#[cfg(test)]
#[path = "db_tests.rs"]
mod tests;
