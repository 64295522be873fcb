//! How long it takes from the delivery of a signal to its event, beside its mere announcement, and from a start to IDLE, with an
//! INBOX of any size: `cargo run --release -p mail --example watch_latency [MESSAGES]`.
//!
//! Prints milliseconds.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measurement with the tools of the tests"
)]

#[path = "../tests/imap_device/mod.rs"]
mod imap_device;
#[path = "../tests/imap_support/mod.rs"]
mod imap_support;

use std::{sync::mpsc, thread, time::Instant};

use imap_device::Device;
use imap_support::{Server, letter, options, signal};
use mail::{MailNews, WatchOptions, WatchState};

const ROUNDS: usize = 30;

fn main() {
    let messages: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    let bob = Server::shared().newcomer();
    let mut other = bob.other_client();
    for number in 0..messages {
        other.appends("INBOX", "03-Jan-2026 12:00:00 +0000", &letter(&number.to_string()));
    }
    drop(other);
    let mut first = bob.device();
    first.is_idle();
    let resume = first.positions.clone();
    first.watch.stop();

    let mut ready: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            let mut phone = Device::new(bob.account(), WatchOptions { resume: resume.clone(), ..options() });
            phone.comes_to(|state| matches!(state, WatchState::Idle));
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    report("start → IDLE", &mut ready);
    let mut bare: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            bob.other_client().does("SELECT INBOX");
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    report("of that, to sign in and SELECT alone", &mut bare);

    // The floor is another person's: of two hibernating clients of one mailbox, Dovecot 2.3 was seen to forget one.
    let carol = Server::shared().newcomer();
    let mut reader = carol.other_client();
    let mut phone = Device::new(bob.account(), WatchOptions { resume, ..options() });
    phone.is_idle();
    let (announced, floor) = mpsc::channel();
    thread::spawn(move || {
        reader.does("EXAMINE INBOX");
        reader.idles(|line| !line.contains("EXISTS") || announced.send(Instant::now()).is_ok());
    });
    let (mut raw, mut whole) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mail = signal(&round.to_string()) + &"x".repeat(4000);
        // Longer than Dovecot waits before it hibernates an IDLE connection.
        thread::sleep(std::time::Duration::from_millis(1300));
        let sent = Instant::now();
        carol.gets(&mail);
        let seen = floor.recv().expect("the other client sees it, too");
        raw.push((seen - sent).as_secs_f64() * 1000.0);
        let sent = Instant::now();
        bob.gets(&mail);
        while !matches!(phone.next(), MailNews::Signal { .. }) {}
        whole.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    report("delivery begun → announced to a client that only reads lines", &mut raw);
    report("delivery begun → event", &mut whole);
}

fn report(what: &str, values: &mut [f64]) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    println!("{what}: p50 {:.2} p90 {:.2} n {}", at(0.5), at(0.9), values.len());
}
