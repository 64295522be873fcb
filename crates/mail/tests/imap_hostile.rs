//! Bob's phone and servers that are odd, broken or hostile: a clear error, another try, no hang, little memory.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod imap_device;
mod imap_scripted;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use imap_device::Device;
use imap_scripted::{Does, MESSAGE, Server, hasty, polite};
use mail::{MailError, MailNews, Security, WatchState};

fn phone(server: &Server) -> Device {
    Device::new(server.account(Security::Plain), hasty())
}

/// A server that is polite except on its first connection, where it answers `verb` like this.
fn odd(verb: &'static str, answer: impl Fn(&str) -> Does + Send + Sync + 'static) -> Server {
    Server::start(move |connection, line| {
        let (tag, rest) = line.split_once(' ').unwrap_or((line, ""));
        if connection == 0
            && rest.split(" (").next().unwrap().starts_with(verb)
            && (verb.is_empty() == line.is_empty())
        {
            answer(tag)
        } else {
            polite(line).into()
        }
    })
}

/// The first connection fails; the error is returned after another has brought the signal.
fn fails_then_works(server: &Server) -> MailError {
    let mut phone = phone(server);
    let error = phone.fails();
    phone.sees_and_is_idle();
    assert_eq!(server.connections(), 2);
    error
}

#[test]
fn a_polite_server_is_understood() {
    let server = Server::start(|_, line| polite(line).into());
    let mut phone = phone(&server);
    let seen = phone.sees();
    assert_eq!((seen.raw.as_str(), seen.at.uid, seen.at.uidvalidity), (MESSAGE, 1, 1));
    phone.is_idle();
}

#[test]
fn a_watch_that_ended_while_it_connected_says_nothing_any_more() {
    let server = Server::start(|_, _| "".into());
    let (sender, mut events) = tokio::sync::mpsc::channel(8);
    let watch = mail::watch(server.account(Security::Plain), hasty(), sender).unwrap();
    assert!(matches!(events.blocking_recv().unwrap().news, MailNews::State(WatchState::Connecting)));
    drop(watch);
    let after = events.blocking_recv();
    assert!(after.is_none(), "{after:?}");
}

#[test]
fn a_mail_that_a_parser_stumbles_over_costs_a_connection_and_not_the_watch() {
    let server = Server::start(|_, line| polite(line).into());
    let mut options = hasty();
    (options.timings.sweep, options.timings.stale) = (Duration::ZERO, Duration::ZERO);
    options.may_remove = Box::new(|_| panic!("a parser of this mail"));
    let mut phone = Device::new(server.account(Security::Plain), options);
    for _again in 0..2 {
        assert!(matches!(phone.fails(), MailError::Protocol { .. }));
    }
}

#[test]
fn a_call_does_not_take_the_phone_out_of_idle() {
    let left = Arc::new(AtomicUsize::new(0));
    let count = left.clone();
    let server = Server::start(move |_, line| {
        count.fetch_add(usize::from(line.ends_with(" DONE")), Ordering::SeqCst);
        polite(line).into()
    });
    let mut phone = phone(&server);
    phone.sees_and_is_idle();
    phone.watch.watch_junk(true);
    assert!(phone.next_within(Duration::from_millis(200)).is_none());
    assert_eq!(
        left.load(Ordering::SeqCst),
        0,
        "news may be late on a connection that has just begun to idle"
    );
}

#[test]
fn mail_that_is_announced_in_a_slow_answer_is_not_taken_for_younger() {
    let slow = Duration::from_millis(5);
    let server = Server::start(move |_, line| match line.split_once(' ').unwrap_or_default() {
        (tag, command) if command.starts_with("SELECT") => {
            format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] first\r\n* OK [UIDNEXT 1] next\r\n{tag} OK done\r\n")
                .into()
        }
        (tag, command) if command.starts_with("LIST") => {
            let answer = format!("* 1 EXISTS\r\n* LIST () \"/\" INBOX\r\n{tag} OK done\r\n");
            Does::Drip(answer.into_bytes(), slow)
        }
        _ => polite(line).into(),
    });
    let seen = phone(&server).sees();
    assert!(seen.age > slow * 45, "{:?}", seen.age);
    assert!(seen.age < Duration::from_secs(5), "{:?}", seen.age);
}

#[test]
fn an_ok_instead_of_idle_means_polling() {
    let server = Server::start(|_, line| match line.split_once(" IDLE") {
        Some((tag, _)) => format!("{tag} OK IDLE completed\r\n").into(),
        None => polite(line).into(),
    });
    let mut phone = phone(&server);
    phone.sees();
    phone.comes_to(|state| matches!(state, WatchState::Polling));
    assert_eq!(server.connections(), 1);
}

#[test]
fn an_idle_that_ends_at_once_means_polling() {
    let server = Server::start(|_, line| match line.split_once(" IDLE") {
        Some((tag, _)) => format!("+ idling\r\n{tag} OK that was it\r\n").into(),
        None => polite(line).into(),
    });
    let mut phone = phone(&server);
    phone.sees();
    phone.comes_to(|state| matches!(state, WatchState::Polling));
}

#[test]
fn mail_announced_before_idle_has_begun_is_not_lost() {
    let told = AtomicBool::new(false);
    let server = Server::start(move |_, line| match line.split_once(' ') {
        Some((_, "IDLE")) if !told.swap(true, Ordering::SeqCst) => {
            "* OK wait\r\n* 2 EXISTS\r\n* 1 RECENT\r\n+ idling\r\n".into()
        }
        Some((tag, rest)) if rest.starts_with("UID FETCH 2:*") => format!(
            "{}{tag} OK done\r\n",
            polite(&format!("{tag} FETCH"))
                .replace("* 1 FETCH (UID 1", "* 2 FETCH (UID 2")
                .split(tag)
                .next()
                .unwrap()
        )
        .into(),
        Some((_, rest)) if rest.starts_with("UID FETCH 2 ") => {
            polite(line).replace("* 1 FETCH (UID 1", "* 2 FETCH (UID 2").into()
        }
        _ => polite(line).into(),
    });
    let mut phone = phone(&server);
    assert_eq!(phone.sees().at.uid, 1);
    let seen = phone.sees();
    assert_eq!(seen.at.uid, 2);
    assert!(seen.age < Duration::from_secs(5));
}

#[test]
fn a_server_without_idle_is_polled() {
    let arrived = Arc::new(AtomicBool::new(false));
    let there = arrived.clone();
    let server = Server::start(move |_, line| match line.split_once(' ') {
        Some((tag, "CAPABILITY")) => format!("* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n").into(),
        Some((tag, "NOOP")) if there.load(Ordering::SeqCst) => format!("* 2 EXISTS\r\n{tag} OK\r\n").into(),
        Some((_, rest)) if rest.starts_with("UID FETCH 2") => {
            polite(line).replace("* 1 FETCH (UID 1", "* 2 FETCH (UID 2").into()
        }
        _ => polite(line).into(),
    });
    let mut phone = phone(&server);
    phone.sees();
    phone.comes_to(|state| matches!(state, WatchState::Polling));
    arrived.store(true, Ordering::SeqCst);
    assert_eq!(phone.sees().at.uid, 2);
}

#[test]
fn an_endless_literal_is_not_waited_for() {
    let server = odd("UID FETCH", |_| "* 1 FETCH (UID 1 BODY[]<0> {4294967295}\r\nabc".into());
    assert!(matches!(fails_then_works(&server), MailError::TooLarge { .. }));
}

#[test]
fn a_literal_that_does_not_come_is_given_up() {
    let server = odd("UID FETCH", |_| "* 1 FETCH (UID 1 BODY[]<0> {100}\r\nabc".into());
    assert!(matches!(fails_then_works(&server), MailError::TimedOut { .. }));
}

#[test]
fn an_endless_line_is_not_listened_to() {
    let server = odd("SELECT", |_| Does::SayForever(vec![b'x'; 1 << 16]));
    assert!(matches!(fails_then_works(&server), MailError::TooLarge { .. }));
}

#[test]
fn endless_lines_are_not_listened_to() {
    let server = odd("CAPABILITY", |_| Does::SayForever(b"* OK still thinking\r\n".repeat(100)));
    assert!(matches!(fails_then_works(&server), MailError::TooLarge { .. }));
}

#[test]
fn endless_talk_in_idle_is_not_listened_to() {
    let server = Server::start(|connection, line| {
        if connection == 0 && line.ends_with(" IDLE") {
            Does::SayForever(b"+ idling\r\n* OK Still here\r\n".to_vec())
        } else {
            polite(line).into()
        }
    });
    let mut phone = phone(&server);
    phone.sees();
    phone.is_idle();
    phone.comes_to(|state| matches!(state, WatchState::Retrying { error: MailError::Protocol { .. }, .. }));
    phone.is_idle();
}

#[test]
fn lists_in_lists_do_not_exhaust_the_stack() {
    let server = odd("FETCH", |_| format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(60_000)).into());
    assert!(matches!(fails_then_works(&server), MailError::Protocol { .. }));
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = odd("", |_| "".into());
    assert!(matches!(fails_then_works(&server), MailError::TimedOut { .. }));
}

#[test]
fn a_server_that_drips_is_given_up() {
    let server = odd("SELECT", |_| Does::Drip(vec![b'*'; 1000], Duration::from_millis(20)));
    assert!(matches!(fails_then_works(&server), MailError::TimedOut { .. }));
}

#[test]
fn a_web_server_is_no_mail_server() {
    let server = odd("", |_| "HTTP/1.1 400 Bad Request\r\n\r\n".into());
    assert!(matches!(fails_then_works(&server), MailError::Protocol { .. }));
}

#[test]
fn a_server_that_takes_everyone_for_signed_in_is_not_trusted() {
    let server = odd("", |_| "* PREAUTH hello root\r\n".into());
    assert!(matches!(fails_then_works(&server), MailError::Insecure { .. }));
}

#[test]
fn a_busy_server_is_asked_later() {
    let server = odd("", |_| Does::SayAndClose(b"* BYE too many of you\r\n".to_vec()));
    assert_eq!(fails_then_works(&server).words(), "too many of you");
}

#[test]
fn a_sign_in_that_may_work_later_is_tried_later() {
    let server = odd("LOGIN", |tag| format!("{tag} NO [UNAVAILABLE] try later\r\n").into());
    assert!(matches!(fails_then_works(&server), MailError::Temporary { .. }));
}

#[test]
fn odd_answers_are_clear_errors() {
    for (verb, answer) in [
        ("SELECT", "zz9 OK not yours\r\n"),
        ("SELECT", "* 1 EXISTS\r\n\0\0\0\r\n"),
        ("SELECT", "* OK [UIDVALIDITY 99999999999] big\r\n"),
        ("CAPABILITY", "+ \r\n* \r\n"),
        ("FETCH", "* 1 FETCH (UID -1)\r\n"),
        ("FETCH", "* 4294967296 FETCH (UID 1)\r\n"),
        ("FETCH", "* 1 FETCH (UID 1 BODY[] \"\r\n"),
        ("FETCH", "* 1 FETCH (UID 1 BODY[] {-5}\r\n"),
        ("LIST", "* LIST (\\Junk) \"/\" {5}\r\nab\r\n"),
        ("IDLE", "idle1 what\r\n* BYE\r\n"),
        ("IDLE", "* BYE I am tired\r\n"),
    ] {
        let server = odd(verb, move |_| Does::SayAndClose(answer.as_bytes().to_vec()));
        let mut phone = phone(&server);
        phone.fails();
        phone.is_idle_after_errors();
        assert_eq!(server.connections(), 2, "{verb}: {answer}");
    }
}

#[test]
fn what_was_added_to_the_answer_to_starttls_is_not_taken_for_the_server() {
    let server = Server::start(|_, line| match line {
        "tls STARTTLS" => "tls OK go on\r\n* CAPABILITY IMAP4rev1\r\n".into(),
        _ => polite(line).into(),
    });
    let mut phone = Device::new(server.account(Security::StartTls), hasty());
    phone.comes_to(|state| matches!(state, WatchState::Retrying { error: MailError::Insecure { .. }, .. }));
}

#[test]
fn a_server_that_does_not_do_starttls_never_hears_the_password() {
    let heard = Arc::new(AtomicBool::new(false));
    let login = heard.clone();
    let server = Server::start(move |_, line| {
        login.fetch_or(line.contains("LOGIN"), Ordering::SeqCst);
        if line == "tls STARTTLS" { "tls BAD what?\r\n".into() } else { polite(line).into() }
    });
    let mut phone = Device::new(server.account(Security::StartTls), hasty());
    phone.comes_to(|state| matches!(state, WatchState::Retrying { error: MailError::Insecure { .. }, .. }));
    assert!(!heard.load(Ordering::SeqCst));
}

#[test]
fn one_message_that_cannot_be_read_does_not_silence_the_account_for_ever() {
    let server = Server::start(|_, line| {
        if line.contains("BODY.PEEK[]") {
            Does::Say(b"* 1 FETCH (UID 1 BODY[] {99999999}\r\n".to_vec())
        } else {
            polite(line).into()
        }
    });
    phone(&server).is_idle_after_errors();
}

/// Says all that a polite server says, but no more than `most` bytes of it on the first connection; counts them.
fn cut_after(most: usize) -> (Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let said = count.clone();
    let server = Server::start(move |connection, line| {
        let answer = polite(line).into_bytes();
        if connection > 0 {
            return Does::Say(answer);
        }
        let before = said.fetch_add(answer.len(), Ordering::SeqCst);
        match most.checked_sub(before) {
            Some(left) if left >= answer.len() => Does::Say(answer),
            left => Does::SayAndClose(answer[..left.unwrap_or(0)].to_vec()),
        }
    });
    (server, count)
}

#[test]
fn a_connection_cut_after_any_byte_is_replaced_by_another() {
    let (server, said) = cut_after(usize::MAX);
    phone(&server).sees_and_is_idle();
    let whole = said.load(Ordering::SeqCst);
    for most in 0..whole {
        let (server, _) = cut_after(most);
        phone(&server).sees_and_is_idle();
        assert_eq!(server.connections(), 2, "after byte {most} of {whole}");
    }
}
