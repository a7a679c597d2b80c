//! One piece of work on its way through a queue, with its type erased. It can be run again: engines
//! ask for that after a conflict, and when a neighbour ended the transaction both shared.

use crate::tx::Tx;
use domain::{Error, Failure, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::oneshot;

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
    work: Work<T>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

/// A job, and where its answer arrives.
pub(crate) fn new<T: Send + 'static>(
    work: Work<T>,
) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>) {
    let (reply, answer) = oneshot::channel();
    (Box::new(Typed { work, outcome: None, reply }), answer)
}

impl<T: Send> Job for Typed<T> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        let work = AssertUnwindSafe(|| (self.work)(tx));
        let outcome = catch_unwind(work).unwrap_or_else(|_| Err(Error::internal("a panic")));
        let verdict = match (&outcome, tx.broken()) {
            (Err(Error::Failed(Failure::Conflict(_))), _) | (_, Some(Failure::Conflict(_))) => {
                Verdict::Again
            }
            (Err(Error::Failed(failure)), _) => Verdict::Undo(failure.clone()),
            (_, Some(failure)) => Verdict::Undo(failure),
            _ => Verdict::Keep,
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn committed(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(Error::internal("a job that never ran")));
        // Nobody may be waiting any more; what was written is written.
        let _ = self.reply.send(outcome);
    }

    fn failed(self: Box<Self>, failure: Failure) {
        let _ = self.reply.send(Err(failure.into()));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}
