//! Bob's phone and a mail server that goes away and comes back. Its server is its own.

mod gate;
mod imap_device;
mod imap_support;

use std::time::Duration;

use gate::Gate;
use imap_device::Device;
use imap_support::{Server, options, signal};
use mail::MailError;

#[test]
fn what_came_while_the_server_was_restarted_is_told_once_it_is_back() {
    let server = Server::start("restart", "stock");
    let bob = server.newcomer();
    let gate = Gate::to(server.port("imaps"));
    let mut account = bob.account();
    account.imap.port = gate.port;
    let mut phone = Device::new(account, options());
    phone.is_idle();
    bob.gets(&signal("before"));
    let before = phone.sees();
    gate.close();
    server.run("stop");
    let error = phone.fails();
    assert!(matches!(error, MailError::Unreachable { .. }), "{error:?}");
    // Said while there was no connection, done once there is one.
    phone.watch.remove(before.at);
    gate.has_somebody_waiting();
    server.run("start");
    bob.gets(&signal("after"));
    gate.open();
    let after = phone.sees();
    assert!(after.raw.ends_with("after\r\n"), "{}", after.raw);
    assert!(after.age < Duration::from_secs(10), "{:?}", after.age);
    phone.is_idle();
    bob.other_client().count_becomes("INBOX", 1);
    bob.gets(&signal("later"));
    assert!(phone.sees().raw.ends_with("later\r\n"));
}
