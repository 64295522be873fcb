//! A clock that nobody can set, and that goes on while the device sleeps.

use std::time::{Duration, Instant};

/// What the clock reads; only differences mean something. `std`'s [`Instant`] may stand still during sleep, and the
/// wall clock may be set.
///
/// Linux and Android have `CLOCK_BOOTTIME`. On Apple's systems `CLOCK_MONOTONIC` counts sleep, on Windows `Instant`
/// does. Elsewhere this is `Instant`, and sleep may pass unnoticed.
pub fn since_boot() -> Duration {
    platform::since_boot()
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod platform {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    #[cfg(not(target_vendor = "apple"))]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(target_vendor = "apple")]
    const CLOCK: ClockId = ClockId::Monotonic;

    pub(super) fn since_boot() -> Duration {
        // It began at zero.
        Duration::try_from(clock_gettime(CLOCK)).unwrap_or_default()
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod platform {
    use std::{
        sync::LazyLock,
        time::{Duration, Instant},
    };

    pub(super) fn since_boot() -> Duration {
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        ORIGIN.elapsed()
    }
}

/// Tells whether the device has slept since a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Awake {
    instant: Instant,
    since_boot: Duration,
}

impl Awake {
    pub(crate) fn now() -> Self {
        Self { instant: Instant::now(), since_boot: since_boot() }
    }

    /// For how long. Zero on systems whose [`Instant`] goes on.
    pub(crate) fn slept(&self) -> Duration {
        since_boot().saturating_sub(self.since_boot).saturating_sub(self.instant.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_as_time_does() {
        let (begun, awake) = (since_boot(), Awake::now());
        let instant = Instant::now();
        while instant.elapsed() < Duration::from_millis(2) {}
        assert!(since_boot() - begun >= Duration::from_millis(2));
        assert!(awake.slept() < Duration::from_secs(1), "{:?}", awake.slept());
    }
}
