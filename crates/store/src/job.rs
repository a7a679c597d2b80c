//! One piece of work on its way through a queue, with its type erased. It can be run again: engines
//! ask for that after a conflict, and when a neighbour ended the transaction both shared.

use crate::Access;
use crate::meter::Meter;
use crate::tx::Tx;
use crate::wake::Wake;
use domain::{Error, Failure, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::Span;

/// What has to become of the transaction after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Commit: it succeeded, or it refused.
    Keep,
    /// Roll back, and answer with this failure.
    Undo(Failure),
    /// Roll back and run it again.
    Again,
}

pub(crate) trait Job: Send {
    /// Does the work. A panic is caught and becomes a failure.
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;
    /// Hands over what the last run gave.
    fn committed(self: Box<Self>);
    /// Hands over a failure instead.
    fn failed(self: Box<Self>, failure: Failure);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// The work of a job: callable any number of times.
pub(crate) type Work<T> = Arc<dyn Fn(&mut Tx<'_>) -> Result<T> + Send + Sync>;

struct Typed<T> {
    access: Access,
    work: Work<T>,
    /// Who asked, so that what is logged on a database thread carries the request's id.
    span: Span,
    queued: Instant,
    runs: u32,
    meter: Option<Arc<Meter>>,
    outcome: Option<Result<T>>,
    announced: u64,
    wake: Arc<Wake>,
    reply: oneshot::Sender<Result<T>>,
}

/// A job, and where its answer arrives.
pub(crate) fn new<T: Send + 'static>(
    access: Access,
    work: Work<T>,
    meter: Option<Arc<Meter>>,
    wake: Arc<Wake>,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>) {
    let (reply, answer) = oneshot::channel();
    let (span, queued) = (Span::current(), Instant::now());
    let job = Typed {
        access,
        work,
        span,
        queued,
        runs: 0,
        meter,
        outcome: None,
        announced: 0,
        wake,
        reply,
    };
    (Box::new(job), answer)
}

impl<T: Send> Job for Typed<T> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        let span = self.span.clone();
        let _entered = span.enter();
        self.runs += 1;
        let begun = Instant::now();
        let work = AssertUnwindSafe(|| {
            let outcome = (self.work)(tx);
            match outcome {
                Err(Error::Failed(_)) => outcome,
                // What the proof of a refused call wrote is kept, and told, too.
                kept => tx.conclude().and(kept),
            }
        });
        let outcome = catch_unwind(work).unwrap_or_else(|_| Err(Error::internal("a panic")));
        let verdict = match (&outcome, tx.broken()) {
            (Err(Error::Failed(Failure::Conflict(_))), _) | (_, Some(Failure::Conflict(_))) => {
                Verdict::Again
            }
            (Err(Error::Failed(failure)), _) => Verdict::Undo(failure.clone()),
            (_, Some(failure)) => Verdict::Undo(failure),
            _ => Verdict::Keep,
        };
        self.announced = tx.announced();
        self.note_run(begun, &verdict);
        self.outcome = Some(outcome);
        verdict
    }

    fn committed(self: Box<Self>) {
        self.wake.ring(self.announced);
        if let Some(meter) = &self.meter {
            meter.queue(self.access).done.increment(1);
        }
        let outcome = self.outcome.unwrap_or_else(|| Err(Error::internal("a job that never ran")));
        // Nobody may be waiting any more; what was written is written.
        let _ = self.reply.send(outcome);
    }

    fn failed(self: Box<Self>, failure: Failure) {
        if let Some(meter) = &self.meter {
            meter.queue(self.access).failed(&failure);
        }
        let _ = self.reply.send(Err(failure.into()));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

impl<T> Typed<T> {
    fn note_run(&self, begun: Instant, verdict: &Verdict) {
        let work = begun.elapsed();
        if let Some(meter) = &self.meter {
            let queue = meter.queue(self.access);
            queue.work_seconds.record(work);
            if self.runs == 1 {
                queue.wait_seconds.record(begun.duration_since(self.queued));
            } else {
                queue.retried.increment(1);
            }
        }
        tracing::debug!(
            access = ?self.access,
            run = self.runs,
            queue_us = micros(begun.duration_since(self.queued)),
            work_us = micros(work),
            outcome = verdict.name(),
            "job"
        );
    }
}

impl Verdict {
    /// For the log: never the words of a failure, which are logged where it is handled.
    const fn name(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Undo(Failure::NeedsWrite) => "needs a write",
            Self::Undo(Failure::NeedsAnswer(_)) => "needs an answer",
            Self::Undo(Failure::NeedsDecision) => "needs a decision",
            Self::Undo(Failure::TimedOut) => "timed out",
            Self::Undo(_) => "undo",
            Self::Again => "again",
        }
    }
}

/// 64 bits: a wider number is written as text.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
