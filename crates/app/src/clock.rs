//! The two clocks of the backend, and fresh ids.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use call::{IdSource, Time};

/// Nobody naps longer, to notice that the computer slept.
const LONGEST_NAP: Duration = Duration::from_secs(60);
/// Timers stand still while the computer sleeps: a moment that came meanwhile is noticed so soon after waking.
const NAP_BEFORE_DEADLINE: Duration = Duration::from_secs(3);

/// The machine's clock and the wall clock.
///
/// The machine's clock reads what the wall clock read when the process started, plus what passed since, sleep
/// included. Nothing that happens to the wall clock afterwards disturbs it, and a record of an earlier process can be
/// read with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock<D = Device> {
    device: D,
    start: Reading,
    /// How much sleep has been told of.
    slept: Duration,
}

/// What the clocks of a device say at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Goes on while the device sleeps; nobody can set it.
    since_boot: Duration,
    /// Stands still while the device sleeps.
    awake: Instant,
    /// Anybody can set it.
    wall: SystemTime,
}

/// Where the time comes from.
pub(crate) trait Clocks {
    fn read(&self) -> Reading;
}

/// The clocks of this device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device;

impl Clocks for Device {
    fn read(&self) -> Reading {
        Reading { since_boot: mail::clock::since_boot(), awake: Instant::now(), wall: SystemTime::now() }
    }
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self::on(Device)
    }
}

impl<D: Clocks> Clock<D> {
    pub(crate) fn on(device: D) -> Self {
        Self { start: device.read(), device, slept: Duration::ZERO }
    }

    /// Now, for the machine.
    pub(crate) fn now(&self) -> Time {
        let start = self.start.wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(0) + start + self.device.read().since_boot.saturating_sub(self.start.since_boot)
    }

    /// Now, for people: milliseconds since 1970.
    pub(crate) fn wall_ms(&self) -> i64 {
        let since = self.device.read().wall.duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// The wall-clock moment of a moment on the machine's clock.
    pub(crate) fn to_wall_ms(&self, at: Time) -> i64 {
        let ahead = i64::try_from(at.0).unwrap_or(i64::MAX).saturating_sub_unsigned(self.now().0);
        self.wall_ms().saturating_add(ahead)
    }

    /// How long from now until `at`.
    pub(crate) fn until(&self, at: Time) -> Duration {
        at.since(self.now())
    }

    /// How long to wait for the first of these moments before looking at the clock again.
    pub(crate) fn nap(&self, deadlines: impl IntoIterator<Item = Time>) -> Duration {
        let soonest = deadlines.into_iter().min();
        soonest.map_or(LONGEST_NAP, |at| self.until(at).min(NAP_BEFORE_DEADLINE))
    }

    /// Tells, once, of sleep that was longer than `tolerance`.
    pub(crate) fn notice_sleep(&mut self, tolerance: Duration) -> Option<Duration> {
        let now = self.device.read();
        let passed = now.since_boot.saturating_sub(self.start.since_boot);
        let slept = passed.saturating_sub(now.awake.saturating_duration_since(self.start.awake));
        let news = slept.saturating_sub(self.slept);
        (news > tolerance).then(|| {
            self.slept = slept;
            news
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

#[cfg(test)]
pub(crate) mod moved {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A device whose clocks a story moves.
    pub(crate) struct Moved(Mutex<Reading>);

    impl Clocks for Arc<Moved> {
        fn read(&self) -> Reading {
            *self.0.lock().unwrap()
        }
    }

    impl Moved {
        pub(super) fn on(&self, change: impl FnOnce(&mut Reading)) {
            change(&mut self.0.lock().unwrap());
        }

        pub(crate) fn works_for(&self, time: Duration) {
            self.sleeps_for(time);
            self.on(|reading| reading.awake += time);
        }

        pub(crate) fn sleeps_for(&self, time: Duration) {
            self.on(|reading| {
                reading.since_boot += time;
                reading.wall += time;
            });
        }
    }

    pub(crate) fn laptop() -> Arc<Moved> {
        Arc::new(Moved(Mutex::new(Device.read())))
    }
}

#[cfg(test)]
mod tests {
    use super::{moved::laptop, *};

    const HOUR: Duration = Duration::from_secs(3600);
    const TOLERANCE: Duration = Duration::from_secs(5);

    #[test]
    fn a_wall_clock_that_is_set_forward_is_no_sleep_and_makes_nothing_older() {
        let laptop = laptop();
        let mut clock = Clock::on(laptop.clone());
        let (began, wall) = (clock.now(), clock.wall_ms());
        laptop.works_for(TOLERANCE);
        laptop.on(|reading| reading.wall += HOUR);

        assert_eq!(clock.notice_sleep(Duration::ZERO), None);
        assert_eq!(clock.now().since(began), TOLERANCE);
        assert_eq!(clock.wall_ms() - wall, 3_605_000);
        assert_eq!(clock.to_wall_ms(clock.now()), clock.wall_ms());
    }

    #[test]
    fn a_wall_clock_that_is_set_back_does_not_stop_time() {
        let laptop = laptop();
        let mut clock = Clock::on(laptop.clone());
        let began = clock.now();
        laptop.on(|reading| reading.wall -= HOUR);
        laptop.sleeps_for(HOUR);

        assert_eq!(clock.now().since(began), HOUR);
        assert_eq!(clock.notice_sleep(TOLERANCE), Some(HOUR));
    }

    #[test]
    fn sleep_counts_and_is_told_once() {
        let laptop = laptop();
        let mut clock = Clock::on(laptop.clone());
        let began = clock.now();
        laptop.works_for(HOUR);
        laptop.sleeps_for(HOUR);

        assert_eq!(clock.now().since(began), 2 * HOUR);
        assert_eq!(clock.notice_sleep(TOLERANCE), Some(HOUR));
        assert_eq!(clock.notice_sleep(TOLERANCE), None);
        laptop.sleeps_for(TOLERANCE);
        assert_eq!(clock.notice_sleep(TOLERANCE), None);
        laptop.sleeps_for(TOLERANCE);
        assert_eq!(clock.notice_sleep(TOLERANCE), Some(2 * TOLERANCE));
    }

    #[test]
    fn a_deadline_that_passed_in_sleep_is_noticed_soon_after_waking() {
        let laptop = laptop();
        let clock = Clock::on(laptop.clone());
        let ring_ends = clock.now() + Duration::from_secs(60);
        assert!(clock.nap([ring_ends]) <= Duration::from_secs(5));
        laptop.sleeps_for(HOUR);

        assert_eq!(clock.nap([ring_ends]), Duration::ZERO);
    }

    #[test]
    fn a_deadline_that_is_near_is_met() {
        let clock = Clock::on(laptop());
        let soon = Duration::from_millis(200);
        assert_eq!(clock.nap([clock.now() + HOUR, clock.now() + soon]), soon);
    }

    #[test]
    fn without_a_deadline_the_device_has_its_peace() {
        assert_eq!(Clock::on(laptop()).nap([]), LONGEST_NAP);
    }
}
