//! The two clocks of the backend, and fresh ids.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use call::{IdSource, Time};

/// The machine's clock and the wall clock.
///
/// The machine's clock reads what the wall clock read when the process started, plus what passed since. Nothing
/// that happens to the wall clock afterwards disturbs it, and a record of an earlier process can be read with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
    slept: Duration,
    wall_origin: SystemTime,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { origin: Instant::now(), slept: Duration::ZERO, wall_origin: SystemTime::now() }
    }

    /// Now, for the machine.
    pub(crate) fn now(&self) -> Time {
        let start = self.wall_origin.duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(0) + start + self.origin.elapsed() + self.slept
    }

    /// Now, for people: milliseconds since 1970.
    pub(crate) fn wall_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// The wall-clock moment of a moment on the machine's clock.
    pub(crate) fn to_wall_ms(self, at: Time) -> i64 {
        let ahead = i64::try_from(at.0).unwrap_or(i64::MAX).saturating_sub_unsigned(self.now().0);
        self.wall_ms().saturating_add(ahead)
    }

    /// How long from now until `at`.
    pub(crate) fn until(&self, at: Time) -> Duration {
        at.since(self.now())
    }

    /// The monotonic clock stands still while the computer sleeps. If the wall clock has run ahead of it by more
    /// than `tolerance`, that much time passed: moves the machine's clock on and tells how far.
    pub(crate) fn notice_sleep(&mut self, tolerance: Duration) -> Option<Duration> {
        let wall = SystemTime::now().duration_since(self.wall_origin).ok()?;
        let ahead = wall.checked_sub(self.origin.elapsed() + self.slept)?;
        (ahead > tolerance).then(|| {
            self.slept += ahead;
            ahead
        })
    }
}

/// Ids from the operating system's random numbers.
pub(crate) struct OsIds;

impl IdSource for OsIds {
    #[expect(clippy::panic, reason = "without randomness nothing here is safe, and nobody could go on")]
    fn fresh(&mut self) -> u128 {
        let mut bytes = [0; 16];
        if let Err(error) = getrandom::fill(&mut bytes) {
            std::panic::panic_any(format!("the operating system gives no random numbers: {error}"));
        }
        u128::from_ne_bytes(bytes)
    }
}
