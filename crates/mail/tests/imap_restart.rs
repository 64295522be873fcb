//! Bob's phone and a mail server that goes away and comes back. Its server is its own.

mod imap_device;
mod imap_support;

use std::time::Duration;

use imap_support::{Server, signal};
use mail::MailError;

#[test]
fn what_came_while_the_server_was_restarted_is_told_once_it_is_back() {
    let server = Server::start("restart");
    let bob = server.newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&signal("before"));
    let before = phone.sees();
    server.run("stop");
    let error = phone.fails();
    assert!(matches!(error, MailError::Unreachable { .. }), "{error:?}");
    // Said while there was no connection, done once there is one.
    phone.watch.remove(before.at);
    server.run("start");
    bob.gets(&signal("after"));
    let after = phone.sees();
    assert!(after.raw.ends_with("after\r\n"), "{}", after.raw);
    assert!(after.age < Duration::from_secs(10), "{:?}", after.age);
    bob.other_client().count_becomes("INBOX", 1);
    // Whether it was in IDLE again before or after that mail, it is now.
    bob.gets(&signal("later"));
    assert!(phone.sees().raw.ends_with("later\r\n"));
}
