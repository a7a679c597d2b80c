//! What a store tells of its work: every job is counted once, by how it ended.

use crate::harness::{Harness, ONE_AT_A_TIME, Works as _};
use crate::queue::{Gate, queue};
use domain::{Failure, Refusal};
use metrics::{Counter, Histogram, HistogramFn};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::{Access, Db, Limits, Meter, QueueMeter};

on_both!(
    a_job_is_counted_by_how_it_ended,
    who_is_turned_away_is_counted_and_who_waits_is_seen,
    every_write_is_in_one_commit,
);

/// Keeps what it is given.
#[derive(Default)]
struct Kept(Mutex<Vec<f64>>);

impl HistogramFn for Kept {
    fn record(&self, value: f64) {
        self.0.lock().expect("nobody failed").push(value);
    }
}

/// The other end of a meter's handles.
#[derive(Default)]
struct Numbers {
    counters: Vec<(&'static str, Arc<AtomicU64>)>,
    waits: [Arc<Kept>; 2],
    commit_jobs: Arc<Kept>,
}

impl Numbers {
    fn of(db: &Db) -> Self {
        let mut numbers = Self::default();
        let [reads, writes] = numbers.waits.clone();
        let meter = Meter {
            reads: numbers.queue(["", "", "", "escalated", "", ""], reads),
            writes: numbers
                .queue(["done", "failed", "timed out", "", "turned away", "retried"], writes),
            commit_jobs: Histogram::from_arc(Arc::clone(&numbers.commit_jobs)),
            commit_seconds: Histogram::noop(),
            commits_failed: numbers.counter("commits failed"),
        };
        db.measure(meter);
        numbers
    }

    fn queue(&mut self, names: [&'static str; 6], waits: Arc<Kept>) -> QueueMeter {
        let [done, failed, timed_out, escalated, turned_away, retried] = names;
        QueueMeter {
            wait_seconds: Histogram::from_arc(waits),
            work_seconds: Histogram::noop(),
            done: self.counter(done),
            failed: self.counter(failed),
            timed_out: self.counter(timed_out),
            escalated: self.counter(escalated),
            turned_away: self.counter(turned_away),
            retried: self.counter(retried),
        }
    }

    fn counter(&mut self, name: &'static str) -> Counter {
        let counter = Arc::new(AtomicU64::new(0));
        self.counters.push((name, Arc::clone(&counter)));
        Counter::from_arc(counter)
    }

    /// The numbers that are not 0.
    fn counted(&self) -> Vec<(&'static str, u64)> {
        let all = self.counters.iter().map(|(name, count)| (*name, count.load(Ordering::SeqCst)));
        all.filter(|(name, count)| !name.is_empty() && *count != 0).collect()
    }
}

fn a_job_is_counted_by_how_it_ended(h: &Harness) {
    let db = h.open();
    let numbers = Numbers::of(&db);
    db.write(|_| Ok(()));
    let refused = db.try_write(|_| Err::<(), _>(Refusal::missing_param("x").into()));
    assert!(refused.is_err());
    assert_eq!(numbers.counted(), [("done", 2)], "a refusal is an answer");
    for failure in [Failure::TimedOut, Failure::Internal("a defect".to_owned())] {
        let failing = failure.clone();
        let failed = db.try_write(move |_| Err::<(), _>(failing.clone().into()));
        assert_eq!(failed, Err(failure.into()));
    }
    assert_eq!(numbers.counted(), [("done", 2), ("failed", 1), ("timed out", 1)]);
    db.read(|tx| tx.need_write());
    assert_eq!(numbers.counted()[0], ("escalated", 1), "and then done as a write");
    assert_eq!(numbers.counted()[1], ("done", 3));
    let has_run = AtomicBool::new(false);
    let conflicted =
        db.run_blocking(Access::Write, move |_| match has_run.swap(true, Ordering::SeqCst) {
            false => Err(Failure::Conflict("once".to_owned()).into()),
            true => Ok(()),
        });
    // SQLite has one writer: nothing can be in its way, so nothing is run again for that.
    assert_eq!(conflicted.is_ok(), h.is_postgres());
    assert_eq!(numbers.counted().contains(&("retried", 1)), h.is_postgres());
    let waits = numbers.waits.each_ref().map(|kept| kept.0.lock().expect("nobody failed").len());
    assert_eq!(waits, [1, 6], "each job waited once, however often it ran");
}

fn who_is_turned_away_is_counted_and_who_waits_is_seen(h: &Harness) {
    let db = h.open_with(Limits { queue_jobs: 1, ..ONE_AT_A_TIME });
    let numbers = Numbers::of(&db);
    let gate = Gate::shut(&db);
    let waiting = queue(&db, Access::Write, |_| Ok(()));
    assert_eq!(db.figures().writes_waiting, 1);
    let refused = queue(&db, Access::Write, |_| Ok(())).early();
    assert_eq!(refused, Some(Err(Failure::Busy.into())));
    assert_eq!(numbers.counted(), [("turned away", 1)]);
    gate.open().expect("done");
    waiting.answer().expect("done");
    assert_eq!(db.figures().writes_waiting, 0);
    assert_eq!(db.figures().size_bytes.is_some_and(|bytes| bytes > 0), !h.is_postgres());
}

fn every_write_is_in_one_commit(h: &Harness) {
    let db = h.open_with(ONE_AT_A_TIME);
    let numbers = Numbers::of(&db);
    let gate = Gate::shut(&db);
    let waiting: Vec<_> = (0..5).map(|_| queue(&db, Access::Write, |_| Ok(()))).collect();
    gate.open().expect("done");
    waiting.into_iter().for_each(|job| job.answer().expect("done"));
    let commits = numbers.commit_jobs.0.lock().expect("nobody failed").clone();
    assert_eq!(commits.iter().sum::<f64>(), 6.0, "{commits:?}");
    assert!(commits.iter().all(|jobs| *jobs >= 1.0), "{commits:?}");
    assert!(!h.is_postgres() || commits.len() == 6, "one at a time: {commits:?}");
}
