//! kill -9 at any moment loses nothing that was acknowledged and leaves no half step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a story may stop")]

mod common;

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use call::{CallId, MailId};
use common::*;
use store::{Change, Store};

const DIR: &str = "MAILCALL_TEST_KILL_DIR";

/// Not a test of its own: the process that is killed. Commits a step for each number and says so.
#[test]
#[ignore = "started and killed by the other test"]
fn victim() {
    let dir = PathBuf::from(env::var_os(DIR).expect("the directory to work in"));
    let store = Store::open(&dir).unwrap();
    let loaded = store.load().wait().unwrap();
    let account = loaded.accounts[0].id;
    let first = loaded.positions.first().map_or(1, |position| position.next_uid);
    let mut out = std::io::stdout();
    for n in first.. {
        let id = u128::from(n);
        let mut step = vec![
            saw(account, id, NOW_MS),
            put_call(ringing(account, id), NOW_MS),
            Change::QueueMail(mail(account, id)),
            Change::PutPosition(inbox(account, n + 1)),
        ];
        // Now and then a decision of the user, which is flushed and changes the journalling mode.
        if n % 7 == 0 {
            step.push(Change::PutSetting { key: "last".into(), json: n.to_string() });
        }
        store.commit(step).wait().unwrap();
        writeln!(out, "committed {n}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn whatever_was_acknowledged_survives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let account = alice(&store).id;
    drop(store);

    let mut total = 0;
    for patience in [1, 2, 3, 10, 40, 150] {
        let acknowledged = run_and_kill(dir.path(), patience);
        let store = Store::open(dir.path()).unwrap();
        let loaded = store.load().wait().unwrap();
        let stored = loaded.positions[0].next_uid - 1;
        assert!(stored >= acknowledged, "{acknowledged} were acknowledged, {stored} are there");
        assert!(stored <= acknowledged + 1, "one step at most was on its way");

        assert_eq!(loaded.calls.len(), stored as usize);
        assert_eq!(loaded.mails.len(), stored as usize);
        for n in [stored, acknowledged].map(u128::from) {
            assert!(store.call(CallId::new(n)).wait().unwrap().is_some());
            assert!(store.mail(MailId::new(n)).wait().unwrap().is_some());
            assert!(store.seen(account, message_id(n)).wait().unwrap());
        }
        let next = u128::from(stored) + 1;
        assert!(!store.seen(account, message_id(next)).wait().unwrap(), "no half step");
        assert!(acknowledged >= total + patience);
        total = stored;
    }
}

/// Starts the victim, kills it after it acknowledged `patience` steps, and returns the last one it acknowledged.
fn run_and_kill(dir: &std::path::Path, patience: u32) -> u32 {
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "victim", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let (mut last, mut count) = (0, 0);
    // After the kill, what is still in the pipe was acknowledged, too.
    for line in lines {
        let Some(n) = line.unwrap().rsplit_once("committed ").and_then(|(_, n)| n.parse().ok()) else {
            continue;
        };
        last = n;
        count += 1;
        if count == patience {
            victim.kill().unwrap();
        }
    }
    victim.wait().unwrap();
    last
}
