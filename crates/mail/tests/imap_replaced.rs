//! Bob's phone gets a new password, and with it a new watch.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod imap_device;
mod imap_scripted;

use std::sync::{Arc, Mutex, mpsc};

use imap_device::Device;
use imap_scripted::{Server, hasty, polite};
use mail::{Chores, MessageRef, Security, WatchOptions, WatchState};

/// A server that takes only the new password, and tells what it is asked to do to messages.
fn strict() -> (Server, mpsc::Receiver<String>) {
    let (asked, heard) = mpsc::channel();
    let asked = Arc::new(Mutex::new(asked));
    let server = Server::start(move |_, line| {
        let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
        if command.starts_with("LOGIN") && !command.contains("new") {
            return format!("{tag} NO [AUTHENTICATIONFAILED] no\r\n").into();
        }
        if ["UID STORE", "UID MOVE"].iter().any(|verb| command.starts_with(verb)) {
            asked.lock().unwrap().send(command.to_owned()).unwrap();
        }
        polite(line).into()
    });
    (server, heard)
}

#[test]
fn what_the_old_watch_was_told_the_new_one_does() {
    let (server, heard) = strict();
    let chores = Chores::default();
    let options = || WatchOptions { chores: chores.clone(), ..hasty() };
    let mut account = server.account(Security::Plain);
    let mut phone = Device::new(account.clone(), options());
    phone.comes_to(|state| matches!(state, WatchState::SignedOut { .. }));
    let message = |uidvalidity| MessageRef { mailbox: "INBOX".into(), uidvalidity, uid: 1 };
    // Of a mailbox that is not there any more.
    phone.watch.remove(message(9));
    phone.watch.move_to_folder(message(1), "Mailcall");
    phone.watch.remove(message(1));
    drop(phone);

    account.password = "new".to_owned().into();
    let mut phone = Device::new(account, options());
    phone.sees_and_is_idle();
    let done: Vec<_> = heard.try_iter().collect();
    assert_eq!(done, ["UID MOVE 1 \"Mailcall\"", "UID STORE 1 +FLAGS.SILENT (\\Deleted)"]);
}

#[test]
fn a_break_of_the_connection_over_a_chore_does_not_lose_it() {
    let (stored, heard) = mpsc::channel();
    let stored = Arc::new(Mutex::new(stored));
    let server = Server::start(move |connection, line| match line.split_once(' ') {
        Some((_, command)) if command.starts_with("UID STORE") => {
            stored.lock().unwrap().send(connection).unwrap();
            let bye = "* BYE see you\r\n".to_owned();
            if connection == 0 { imap_scripted::Does::SayAndClose(bye.into()) } else { polite(line).into() }
        }
        _ => polite(line).into(),
    });
    let mut phone = Device::new(server.account(Security::Plain), hasty());
    let seen = phone.sees();
    phone.watch.remove(seen.at);
    phone.fails();
    phone.is_idle_after_errors();
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [0, 1]);
}
