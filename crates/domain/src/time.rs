//! Moments, and the clock as a parameter. Nothing here reads the time of the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds of a day that has no change of clocks.
pub const DAY_SECONDS: i64 = 86_400;

/// A moment in whole seconds since 1970-01-01T00:00:00Z, as every date on the wire is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// The first moment a device can plausibly report, 2009-01-01T00:00:00Z: no Wi-Fi scale is
    /// older, and a clock that was never set counts from 1970 or 2000.
    pub const PLAUSIBLE_MIN: Self = Self(1_230_768_000);
    /// A device's clock may run this far ahead.
    pub const AHEAD_SECONDS: i64 = DAY_SECONDS;

    /// Whether a measurement that arrives at `now` can carry this date.
    pub fn is_plausible(self, now: i64) -> bool {
        self >= Self::PLAUSIBLE_MIN && self.0 <= now.saturating_add(Self::AHEAD_SECONDS)
    }
}

/// Tells the time, in whole Unix seconds. An implementation never goes back.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> i64;
    /// What the clocks of everybody else show: the same, but where this one was turned.
    fn wall(&self) -> i64 {
        self.now()
    }
}

/// A clock that stands still until it is turned: for tests and sandboxes.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub const fn new(now: i64) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Turns the clock forward.
    pub fn advance(&self, seconds: u32) {
        self.0.fetch_add(i64::from(seconds), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
