-- One row: what this data directory is.
CREATE TABLE installation (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    -- Account ids are never used twice: secrets outside of the database are found by them.
    next_account INTEGER NOT NULL
) STRICT;
INSERT INTO installation VALUES (1, lower(hex(randomblob(16))), 1);

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    address TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    login TEXT NOT NULL,
    imap TEXT NOT NULL,
    smtp TEXT NOT NULL,
    secrets TEXT NOT NULL
) STRICT;

-- Secrets outside of the database that belong to no account (any more).
CREATE TABLE leftover_secret (
    account INTEGER NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE pin (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    address TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    key BLOB NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) STRICT;

CREATE TABLE call (
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    began_ms INTEGER NOT NULL,
    stored_ms INTEGER NOT NULL,
    live INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX call_history ON call (began_ms DESC, id DESC);
CREATE INDEX call_of_account ON call (account);
CREATE INDEX call_live ON call (began_ms) WHERE live;

CREATE TABLE mail (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    call TEXT NOT NULL,
    kind TEXT NOT NULL,
    message BLOB NOT NULL,
    until_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    words TEXT NOT NULL DEFAULT '',
    done_ms INTEGER
) STRICT;
CREATE INDEX mail_queued ON mail (seq) WHERE state = 'queued';
CREATE INDEX mail_of_account ON mail (account);

CREATE TABLE seen (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    key TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_age ON seen (at_ms);

CREATE TABLE position (
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    mailbox TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    next_uid INTEGER NOT NULL,
    PRIMARY KEY (account, mailbox)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
