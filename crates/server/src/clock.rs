//! The wall clock: the one place that reads it.

use domain::Clock;
use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// The time of the machine, made to stand still where the machine's clock is set back: what was
/// stamped stays in order.
#[derive(Debug, Default)]
pub struct SystemClock(AtomicI64);

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        let now = Timestamp::now().as_second();
        self.0.fetch_max(now, Ordering::SeqCst).max(now)
    }
}
