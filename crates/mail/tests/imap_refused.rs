//! Bob's phone and servers that refuse the password that he has.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod imap_device;
mod imap_scripted;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use imap_device::Device;
use imap_scripted::{Does, Server, hasty, polite};
use mail::{MailError, MailNews, Security, WatchOptions, WatchState};

/// Answers the sign-ins whose numbers are in `these` like this, the others politely, and cuts the first connection
/// where IDLE would begin.
fn refuses(these: &'static [usize], how: &'static str) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = Server::start(move |connection, line| match line.split_once(' ') {
        Some((tag, rest)) if rest.starts_with("LOGIN") => {
            let number = count.fetch_add(1, Ordering::SeqCst);
            if these.contains(&number) { format!("{tag} {how}\r\n").into() } else { polite(line).into() }
        }
        Some((_, "IDLE")) if connection == 0 => Does::SayAndClose(Vec::new()),
        _ => polite(line).into(),
    });
    (server, asked)
}

fn phone(server: &Server, options: WatchOptions) -> Device {
    Device::new(server.account(Security::Plain), options)
}

/// The next time that its sign-in is refused, whatever comes before.
fn is_signed_out(phone: &mut Device) {
    loop {
        if let MailNews::State(WatchState::SignedOut { error: MailError::WrongPassword { .. } }) =
            phone.next()
        {
            return;
        }
    }
}

#[test]
fn a_password_that_worked_is_tried_again_after_one_refusal() {
    let (server, _) = refuses(&[1], "NO authentication failed");
    let mut phone = phone(&server, hasty());
    is_signed_out(&mut phone);
    phone.is_idle_after_errors();
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_password_that_worked_on_another_day_is_tried_again() {
    let (server, _) = refuses(&[0, 1], "NO authentication failed");
    let mut phone = phone(&server, WatchOptions { worked: true, ..hasty() });
    is_signed_out(&mut phone);
    is_signed_out(&mut phone);
    phone.is_idle_after_errors();
}

#[test]
fn a_password_that_worked_is_tried_again_when_the_network_changes() {
    let (server, _) = refuses(&[0], "NO authentication failed");
    let mut options = WatchOptions { worked: true, ..hasty() };
    options.timings.refused = Duration::from_secs(3600);
    options.timings.refused_max = options.timings.refused;
    let mut phone = phone(&server, options);
    is_signed_out(&mut phone);
    phone.watch.network_changed();
    phone.is_idle_after_errors();
}

#[test]
fn a_password_that_never_worked_is_tried_once() {
    let (server, asked) = refuses(&[0], "NO authentication failed");
    let mut phone = phone(&server, hasty());
    is_signed_out(&mut phone);
    phone.watch.network_changed();
    assert!(phone.next_within(Duration::from_millis(200)).is_none());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_server_that_does_not_understand_the_sign_in_is_asked_later() {
    let (server, _) = refuses(&[0, 1, 2], "BAD internal error");
    let mut phone = phone(&server, hasty());
    for _again in 0..3 {
        assert!(matches!(phone.fails(), MailError::Temporary { .. }));
    }
    phone.is_idle_after_errors();
}
