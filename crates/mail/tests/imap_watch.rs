//! Bob's mailbox on a real server, watched by his phone and his laptop.

mod imap_device;
mod imap_support;

use std::time::Duration;

use imap_device::Device;
use imap_support::{Server, letter, options, signal, timings};
use mail::{MailError, MailNews, Position, WatchOptions, WatchState};

#[test]
fn bobs_phone_is_told_of_a_signal_as_it_comes() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&signal("one"));
    assert!(matches!(phone.next(), MailNews::Suspect));
    let seen = phone.sees();
    assert!(seen.raw.ends_with("one\r\n"), "{}", seen.raw);
    assert!(!seen.junk);
    assert!(seen.age < Duration::from_secs(3), "{:?}", seen.age);
    bob.gets(&signal("two"));
    assert!(phone.sees().raw.ends_with("two\r\n"));
}

#[test]
fn other_mail_is_neither_told_nor_touched() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&letter("hello"));
    bob.gets(&signal("after"));
    assert!(phone.sees().raw.ends_with("after\r\n"));
    let mut other = bob.other_client();
    other.does("SELECT INBOX");
    let flags = other.does("FETCH 1:2 (FLAGS)");
    assert!(!flags.contains("Seen") && !flags.contains("Deleted"), "{flags}");
}

#[test]
fn a_signal_is_removed_and_nothing_else() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&signal("invitation"));
    let seen = phone.sees();
    let mut other = bob.other_client();
    bob.gets(&letter("hello"));
    other.does("SELECT INBOX");
    other.does("STORE 2 +FLAGS (\\Deleted)");
    other.does("UNSELECT");
    phone.watch.remove(seen.at);
    other.count_becomes("INBOX", 1);
    other.does("EXAMINE INBOX");
    assert!(other.does("FETCH 1 (ENVELOPE)").contains("hello"));
}

#[test]
fn an_answered_signal_wakes_bobs_laptop() {
    let bob = Server::shared().newcomer();
    let (mut phone, mut laptop) = (bob.device(), bob.device());
    phone.is_idle();
    laptop.is_idle();
    phone.watch.append_to_inbox(signal("answered").into_bytes());
    let seen = laptop.sees();
    assert!(seen.raw.ends_with("answered"), "{}", seen.raw);
    assert!(seen.age < Duration::from_secs(3), "{:?}", seen.age);
}

#[test]
fn an_invitation_goes_to_a_folder_that_is_made_for_it() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    let mut other = bob.other_client();
    for word in ["one", "two"] {
        bob.gets(&signal(word));
        let seen = phone.sees();
        phone.watch.move_to_folder(seen.at, "Mailcall");
        other.count_becomes("INBOX", 0);
    }
    assert_eq!(other.count("Mailcall"), 2);
}

#[test]
fn a_call_that_went_to_junk_is_found_there_during_a_call() {
    let bob = Server::shared().newcomer();
    let quick = WatchOptions {
        timings: mail::Timings { junk: Duration::from_millis(50), ..timings() },
        ..WatchOptions::default()
    };
    let mut phone = Device::new(bob.account(), quick);
    phone.is_idle();
    phone.watch.watch_junk(true);
    bob.gets_as_junk(&signal("ringing"));
    let seen = phone.sees();
    assert!(seen.junk);
    assert_eq!(seen.at.mailbox, "Junk");
    assert!(seen.age < Duration::from_secs(5), "{:?}", seen.age);
    phone.watch.remove(seen.at);
    bob.other_client().count_becomes("Junk", 0);
    bob.gets(&signal("next"));
    assert!(!phone.sees().junk);
}

#[test]
fn what_came_while_the_phone_was_off_is_told_with_its_age_by_the_servers_clock() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&signal("old"));
    phone.sees();
    // The position comes after the signal, as the state does after a reconnect.
    phone.watch.network_changed();
    phone.is_idle();
    let resume = phone.positions.clone();
    phone.watch.stop();
    let mut other = bob.other_client();
    let late = signal("late");
    other.appends("INBOX", "03-Jan-2020 12:00:00 +0000", &late);
    bob.gets(&signal("new"));
    let mut phone = Device::new(bob.account(), WatchOptions { resume, ..options() });
    let (late, new) = (phone.sees(), phone.sees());
    assert!(late.raw.ends_with("late"), "{}", late.raw);
    assert!(late.age > Duration::from_secs(3 * 365 * 86_400), "{:?}", late.age);
    assert!(new.raw.ends_with("new\r\n"), "{}", new.raw);
    assert!(new.age < Duration::from_secs(5), "{:?}", new.age);
    // The probe of the server's clock is gone.
    phone.is_idle();
    assert_eq!(other.count("INBOX"), 3);
}

#[test]
fn a_mailbox_made_anew_is_read_anew() {
    let bob = Server::shared().newcomer();
    bob.gets(&signal("first"));
    let resume = vec![Position { mailbox: "INBOX".into(), uidvalidity: 7, next_uid: 1000 }];
    let mut phone = Device::new(bob.account(), WatchOptions { resume, ..options() });
    let seen = phone.sees();
    assert!(seen.raw.ends_with("first\r\n"));
    assert_ne!(seen.at.uidvalidity, 7);
    // What was meant for the old mailbox is not done to the new one.
    phone.watch.remove(mail::MessageRef { uidvalidity: 7, ..seen.at });
    phone.watch.append_to_inbox(signal("second").into_bytes());
    phone.sees();
    assert_eq!(bob.other_client().count("INBOX"), 2);
}

#[test]
fn a_wrong_password_is_said_once_and_not_tried_again() {
    let bob = Server::shared().newcomer();
    let mut account = bob.account();
    account.password = "guess".to_owned().into();
    let mut phone = Device::new(account, options());
    let state = phone.comes_to(|state| !matches!(state, WatchState::Connecting));
    assert!(matches!(state, WatchState::SignedOut { error: MailError::WrongPassword { .. } }), "{state:?}");
    phone.watch.network_changed();
    assert!(phone.next_within(Duration::from_millis(300)).is_none());
}

#[test]
fn an_unknown_certificate_is_refused_until_it_is_pinned() {
    let bob = Server::shared().newcomer();
    let mut account = bob.account();
    account.trust.extra_roots_der.clear();
    let mut phone = Device::new(account.clone(), options());
    let state = phone.comes_to(|state| !matches!(state, WatchState::Connecting));
    let WatchState::Retrying { error: MailError::Certificate { sha256, .. }, .. } = state else {
        panic!("{state:?}")
    };
    account.trust.pinned_sha256 = vec![sha256];
    Device::new(account, options()).is_idle();
}

#[test]
fn starttls_leads_to_the_same_mailbox() {
    let bob = Server::shared().newcomer();
    let mut account = bob.account();
    account.imap.port = bob.server.port("imap");
    account.imap.security = mail::Security::StartTls;
    let mut phone = Device::new(account, options());
    phone.is_idle();
    bob.gets(&signal("one"));
    assert!(phone.sees().raw.ends_with("one\r\n"));
}

#[test]
fn a_bounce_of_ours_is_reported_and_one_of_others_is_not() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    let bounce = |id: &str| {
        format!(
            "From: <>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}@example.test>\r\n\r\n--b--"
        )
    };
    bob.gets(&bounce("letter"));
    bob.gets(&bounce("mailcall.0"));
    let MailNews::Report { raw, .. } = phone.next() else { panic!("not a report") };
    assert!(String::from_utf8(raw).unwrap().contains("<mailcall.0@"));
}

#[test]
fn left_over_signals_are_swept_and_others_stay() {
    let bob = Server::shared().newcomer();
    let mut other = bob.other_client();
    for mailbox in ["INBOX", "Sent"] {
        for word in ["invite", "cancel"] {
            other.appends(mailbox, "03-Jan-2020 12:00:00 +0000", &signal(word));
        }
        other.appends(mailbox, "03-Jan-2020 13:00:00 +0000", &letter("cancel"));
        other.appends(mailbox, "03-Jan-2020 13:00:00 +0000", &signal("cancel"));
    }
    let tidy = WatchOptions {
        timings: mail::Timings { sweep: Duration::ZERO, ..timings() },
        may_remove: Box::new(|raw| raw.ends_with(b"cancel")),
        ..WatchOptions::default()
    };
    let _phone = Device::new(bob.account(), tidy);
    other.count_becomes("INBOX", 3);
    other.count_becomes("Sent", 3);
    other.does("SELECT Sent");
    assert!(other.does("FETCH 1 (BODY.PEEK[TEXT])").contains("invite"));
}

#[test]
fn a_left_over_signal_behind_many_other_mails_is_swept() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&letter("before"));
    phone.watch.network_changed();
    phone.is_idle();
    let resume = phone.positions.clone();
    phone.watch.stop();
    let mut other = bob.other_client();
    other.appends("INBOX", "03-Jan-2020 12:00:00 +0000", &signal("cancel"));
    for _ in 0..70 {
        other.appends("INBOX", "03-Jan-2020 13:00:00 +0000", &letter("meanwhile"));
    }
    let tidy = WatchOptions {
        resume,
        timings: mail::Timings { sweep: Duration::ZERO, ..timings() },
        may_remove: Box::new(|raw| raw.ends_with(b"cancel")),
        ..WatchOptions::default()
    };
    let _phone = Device::new(bob.account(), tidy);
    other.count_becomes("INBOX", 71);
}

#[test]
fn a_long_absence_is_caught_up_newest_first() {
    let bob = Server::shared().newcomer();
    let mut phone = bob.device();
    phone.is_idle();
    bob.gets(&signal("before"));
    phone.sees();
    phone.watch.network_changed();
    phone.is_idle();
    let resume = phone.positions.clone();
    phone.watch.stop();
    let mut other = bob.other_client();
    let now = "03-Jan-2020 12:00:00 +0000";
    other.appends("INBOX", now, &signal("early"));
    for _ in 0..200 {
        other.appends("INBOX", now, &letter("meanwhile"));
    }
    other.appends("INBOX", now, &signal("recent"));
    let mut phone = Device::new(bob.account(), WatchOptions { resume, ..options() });
    assert!(phone.sees().raw.ends_with("recent"));
    assert!(phone.sees().raw.ends_with("early"));
}
