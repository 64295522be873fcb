//! How old a signal is, told without trusting the sender's clock or this device's.

use std::time::{Duration, Instant};

use mail_parser::HeaderValue;

use crate::parser;

/// The age of a message that no clock could tell: older than anything that still rings.
pub const UNKNOWN: Duration = Duration::from_secs(24 * 3600);

/// What is known about the moment a message reached the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// No earlier than this moment of our monotonic clock.
    Since(Instant),
    /// While we were not looking.
    Unwatched,
}

/// The mail server's clock, as a probe showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerClock {
    /// What the server's clock said, in seconds since 1970 …
    pub(crate) said: i64,
    /// … at this moment.
    pub(crate) at: Instant,
}

impl ServerClock {
    fn at(self, now: Instant) -> i64 {
        let passed = now.saturating_duration_since(self.at).as_secs();
        self.said.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
    }
}

/// The age at `now` of a message that arrived at `internal_date` (the server's INTERNALDATE, seconds since 1970)
/// and was first handed to a server at `handed_in` (its oldest Received header).
///
/// Watched, it counts from the moment it was announced; unwatched, from INTERNALDATE to what the server's own
/// clock says now. The time it was on its way comes on top.
pub(crate) fn age(
    arrival: Arrival,
    clock: Option<ServerClock>,
    internal_date: Option<i64>,
    handed_in: Option<i64>,
    now: Instant,
) -> Duration {
    let here = match (arrival, clock, internal_date) {
        (Arrival::Since(moment), ..) => now.saturating_duration_since(moment),
        (Arrival::Unwatched, Some(clock), Some(date)) => seconds_between(date, clock.at(now)),
        (Arrival::Unwatched, ..) => return UNKNOWN,
    };
    let on_its_way = match (handed_in, internal_date) {
        (Some(handed_in), Some(date)) => seconds_between(handed_in, date),
        _ => Duration::ZERO,
    };
    here.saturating_add(on_its_way)
}

/// From `earlier` to `later`, zero if the clocks disagree about which is which.
fn seconds_between(earlier: i64, later: i64) -> Duration {
    Duration::from_secs(u64::try_from(later.saturating_sub(earlier)).unwrap_or(0))
}

/// The date of the oldest Received header, the one that the sender's first server stamped, in seconds since 1970.
pub(crate) fn handed_in(message: &[u8]) -> Option<i64> {
    parser::head(message, |head| {
        let oldest = head.headers().iter().rev().find_map(|header| match header.value() {
            HeaderValue::Received(received) => received.date,
            _ => None,
        });
        oldest.map(|date| date.to_timestamp())
    })
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_800_000_000;

    fn seconds(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn in_idle_the_age_is_the_wait_here_and_the_way() {
        let announced = Instant::now();
        let now = announced + seconds(5);
        let arrival = Arrival::Since(announced);
        assert_eq!(age(arrival, None, Some(NOON), Some(NOON - 3), now), seconds(8));
        assert_eq!(age(arrival, None, None, Some(NOON), now), seconds(5));
    }

    #[test]
    fn a_first_server_with_a_fast_clock_makes_nothing_younger() {
        let now = Instant::now();
        assert_eq!(age(Arrival::Since(now), None, Some(NOON), Some(NOON + 600), now), seconds(0));
    }

    #[test]
    fn unwatched_the_servers_clock_decides() {
        let probed = Instant::now();
        let clock = ServerClock { said: NOON + 40, at: probed };
        let now = probed + seconds(2);
        assert_eq!(age(Arrival::Unwatched, Some(clock), Some(NOON), Some(NOON - 3), now), seconds(45));
    }

    #[test]
    fn what_no_clock_can_tell_is_old() {
        let now = Instant::now();
        assert_eq!(age(Arrival::Unwatched, None, Some(NOON), None, now), UNKNOWN);
        let clock = ServerClock { said: NOON, at: now };
        assert_eq!(age(Arrival::Unwatched, Some(clock), None, None, now), UNKNOWN);
    }

    #[test]
    fn the_oldest_received_header_counts_not_the_senders_date() {
        let message = b"Received: by b.example.test; Fri, 15 Jan 2027 08:00:10 +0000\r\n\
            Received: by a.example.test; Fri, 15 Jan 2027 09:00:00 +0100\r\n\
            Date: Fri, 15 Jan 2027 07:00:00 +0000\r\n\r\nhello";
        assert_eq!(handed_in(message), Some(NOON));
        assert_eq!(handed_in(b"Date: Fri, 15 Jan 2027 07:00:00 +0000\r\n\r\n"), None);
        assert_eq!(handed_in(b"Received: nonsense\r\n\r\n"), None);
    }
}
