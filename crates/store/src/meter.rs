//! What the store tells of its work, as numbers. It names no metric and renders none: `server`
//! makes the handles and hands them over, so that several stores of one process do not mix. A store
//! nobody measures pays one load for it.

use crate::Access;
use domain::Failure;
use metrics::{Counter, Histogram};

/// Where the store's numbers go.
pub struct Meter {
    /// Jobs that read.
    pub reads: QueueMeter,
    /// Jobs that may write.
    pub writes: QueueMeter,
    /// Jobs that shared one commit; PostgreSQL does one at a time.
    pub commit_jobs: Histogram,
    /// Seconds a commit took: what a write waits for the disk, or for PostgreSQL.
    pub commit_seconds: Histogram,
    /// Commits that failed.
    pub commits_failed: Counter,
}

/// The numbers of one queue.
pub struct QueueMeter {
    /// Seconds a job waited for a thread.
    pub wait_seconds: Histogram,
    /// Seconds one run of a job took, without the commit.
    pub work_seconds: Histogram,
    /// Jobs whose answer was handed over, refusals among them.
    pub done: Counter,
    /// Jobs that failed for another reason than those below.
    pub failed: Counter,
    /// Jobs that took too long.
    pub timed_out: Counter,
    /// Reads that had to write and were put into the other queue.
    pub escalated: Counter,
    /// Jobs that were turned away, as the queue was full.
    pub turned_away: Counter,
    /// Further runs of jobs, after a conflict or a lost transaction.
    pub retried: Counter,
}

/// What can be asked of a store at any time, at little cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Jobs that wait to read.
    pub reads_waiting: usize,
    /// Jobs that wait to write.
    pub writes_waiting: usize,
    /// The size of the database with its write-ahead log; PostgreSQL is not asked.
    pub size_bytes: Option<u64>,
}

impl Meter {
    pub(crate) const fn queue(&self, access: Access) -> &QueueMeter {
        match access {
            Access::Read => &self.reads,
            Access::Write => &self.writes,
        }
    }
}

impl QueueMeter {
    pub(crate) fn failed(&self, failure: &Failure) {
        match failure {
            Failure::TimedOut => self.timed_out.increment(1),
            Failure::NeedsWrite | Failure::NeedsAnswer(_) | Failure::NeedsDecision => {
                self.escalated.increment(1);
            }
            _ => self.failed.increment(1),
        }
    }
}
