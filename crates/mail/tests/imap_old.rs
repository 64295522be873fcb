//! Bob's mail server is an old one: it offers neither UIDPLUS nor MOVE. His own mail is safe all the same.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod imap_device;
mod imap_scripted;

use std::sync::mpsc::{Receiver, channel};

use imap_device::{Device, PATIENCE};
use imap_scripted::{Server, hasty, polite};
use mail::Security;

/// An old server, where these messages are marked as deleted once the signal is; and what it hears.
fn old_server(deleted: &'static str) -> (Server, Receiver<String>) {
    let (heard, commands) = channel();
    let server = Server::start(move |_, line| {
        let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
        let _ = heard.send(command.to_owned());
        match command {
            "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK done\r\n"),
            "UID SEARCH DELETED" => format!("* SEARCH {deleted}\r\n{tag} OK done\r\n"),
            _ => polite(line),
        }
        .into()
    });
    (server, commands)
}

/// Bob's phone has seen the signal and is in IDLE; then it is told something of that signal. Returns what it says to
/// the server until it is in IDLE again.
fn says(
    server: &Server,
    commands: &Receiver<String>,
    told: impl FnOnce(&Device, mail::MessageRef),
) -> Vec<String> {
    let mut phone = Device::new(server.account(Security::Plain), hasty());
    let seen = phone.sees();
    phone.is_idle();
    while commands.try_recv().is_ok() {}
    told(&phone, seen.at);
    let mut said: Vec<String> = Vec::new();
    loop {
        match commands.recv_timeout(PATIENCE).unwrap() {
            command if command == "IDLE" && said.iter().any(|said| changes(said)) => return said,
            command => said.push(command),
        }
    }
}

/// Whether a command changes the mailbox.
fn changes(command: &str) -> bool {
    ["UID STORE", "UID COPY", "UID MOVE", "UID EXPUNGE", "EXPUNGE"]
        .iter()
        .any(|verb| command.starts_with(verb))
}

fn changing(said: Vec<String>) -> Vec<String> {
    said.into_iter().filter(|command| changes(command)).collect()
}

#[test]
fn a_signal_is_removed_where_nothing_else_is_marked() {
    let (server, commands) = old_server("1");
    let said = says(&server, &commands, |phone, at| phone.watch.remove(at));
    assert_eq!(changing(said), ["UID STORE 1 +FLAGS.SILENT (\\Deleted)", "EXPUNGE"]);
}

#[test]
fn a_mail_that_bob_marked_as_deleted_himself_is_not_removed_with_it() {
    let (server, commands) = old_server("1 9");
    let said = says(&server, &commands, |phone, at| phone.watch.remove(at));
    assert_eq!(changing(said), ["UID STORE 1 +FLAGS.SILENT (\\Deleted)"]);
}

#[test]
fn an_invitation_is_copied_to_its_folder_and_removed() {
    let (server, commands) = old_server("1");
    let said = says(&server, &commands, |phone, at| phone.watch.move_to_folder(at, "Mailcall"));
    assert_eq!(
        changing(said),
        ["UID COPY 1 \"Mailcall\"", "UID STORE 1 +FLAGS.SILENT (\\Deleted)", "EXPUNGE"]
    );
}
