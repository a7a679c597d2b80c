//! A bell between those who commit something to deliver and whoever delivers it, in one process.
//! Nothing depends on it but the time until the first attempt: who delivers looks by itself too.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// The bell.
#[derive(Default)]
pub struct Wake {
    buckets: AtomicU64,
    bell: Notify,
    settled: Notify,
}

impl Wake {
    /// Says in which buckets there is something new, or something due as the clock was turned.
    pub fn ring(&self, buckets: u64) {
        if buckets != 0 {
            self.buckets.fetch_or(buckets, Ordering::SeqCst);
            self.bell.notify_one();
        }
    }

    /// Says that it was written down what became of something.
    pub fn settle(&self) {
        self.settled.notify_one();
    }

    /// Waits until that was said since somebody waited last: for the one who turns a clock.
    pub async fn settled(&self) {
        self.settled.notified().await;
    }

    /// Waits until it has rung since it was last asked: for which buckets.
    pub async fn rung(&self) -> u64 {
        loop {
            let buckets = self.buckets.swap(0, Ordering::SeqCst);
            if buckets != 0 {
                return buckets;
            }
            self.bell.notified().await;
        }
    }
}
