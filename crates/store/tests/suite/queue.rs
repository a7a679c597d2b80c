//! Work that stands in a store's queue while the test goes on, and a gate that keeps it there.

use crate::harness::PATIENCE;
use crossbeam_channel::{Sender, bounded};
use domain::Result;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Instant;
use store::{Access, Db, Tx};

/// Work that was given to a store. Who drops it does not want the answer any more.
pub(crate) struct Queued<T> {
    early: Option<Result<T>>,
    answer: Pin<Box<dyn Future<Output = Result<T>>>>,
}

/// Gives work to the store, as the server does, and returns once it stands in the queue.
pub(crate) fn queue<T: Send + 'static>(
    db: &Db,
    access: Access,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
) -> Queued<T> {
    let db = db.clone();
    let mut answer: Pin<Box<dyn Future<Output = Result<T>>>> =
        Box::pin(async move { db.run(access, work).await });
    let early = match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    };
    Queued { early, answer }
}

impl<T> Queued<T> {
    /// What the store gives.
    pub(crate) fn answer(self) -> Result<T> {
        self.early.unwrap_or_else(|| wait_for(self.answer))
    }

    /// What the store gives without doing anything.
    pub(crate) fn early(self) -> Option<Result<T>> {
        self.early
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn wait_for<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < PATIENCE, "an answer never came");
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::park_timeout(PATIENCE),
        }
    }
}

/// A write that does not end before it is told to: what is queued after it waits.
pub(crate) struct Gate {
    shut: Sender<()>,
    holding: Queued<()>,
}

impl Gate {
    /// Returns once the write has begun.
    pub(crate) fn shut(db: &Db) -> Self {
        Self::shut_after(db, |_| Ok(()))
    }

    /// A gate that has done some work; it holds the locks of that.
    pub(crate) fn shut_after(
        db: &Db,
        work: impl Fn(&mut Tx<'_>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let (reached, is_reached) = bounded(1);
        let (shut, is_open) = bounded::<()>(0);
        let holding = queue(db, Access::Write, move |tx| {
            work(tx)?;
            let _ = reached.try_send(());
            let _ = is_open.recv(); // Ends when the other side is dropped.
            Ok(())
        });
        is_reached.recv_timeout(PATIENCE).expect("the gate's turn");
        Self { shut, holding }
    }

    /// Lets the write end, and gives its answer.
    pub(crate) fn open(self) -> Result<()> {
        drop(self.shut);
        self.holding.answer()
    }
}
