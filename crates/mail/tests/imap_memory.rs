//! How much memory a hostile server can make Bob's phone take. Alone in its process, which it measures.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod imap_device;
mod imap_scripted;

use imap_device::Device;
use imap_scripted::{Does, Server, hasty, polite};
use mail::{MailError, Security};

/// The most memory this process ever had, in KiB.
fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn lines_and_literals_of_100_mb_take_next_to_nothing() {
    let polite_ones = Server::start(|_, line| polite(line).into());
    Device::new(polite_ones.account(Security::Plain), hasty()).sees_and_is_idle();
    let before = peak_kib();
    let server = Server::start(move |connection, line| {
        let (_, verb) = line.split_once(' ').unwrap_or_default();
        let chunk = vec![b'x'; 1 << 16];
        match connection {
            0 if line.is_empty() => Does::SayForever(chunk),
            1 if verb.starts_with("SELECT") => Does::SayForever(chunk),
            2 if verb.starts_with("FETCH") => {
                let literal = b"* 1 FETCH (BODY[] {104857600}\r\n".to_vec();
                Does::SayForever([literal, chunk].concat())
            }
            3 if verb.starts_with("UID FETCH") => Does::SayForever(chunk),
            4 if verb.starts_with("LIST") => Does::SayForever(chunk),
            5 if verb.starts_with("IDLE") => Does::SayForever(chunk),
            _ => polite(line).into(),
        }
    });
    let mut phone = Device::new(server.account(Security::Plain), hasty());
    for _ in 0..6 {
        assert!(matches!(phone.fails(), MailError::TooLarge { .. }));
    }
    phone.is_idle_after_errors();
    let grown = peak_kib() - before;
    assert!(grown < 12 * 1024, "{grown} KiB");
}
