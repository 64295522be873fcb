//! What is remembered: SQLite on one thread, forward-only migrations; secrets in the OS key store.
