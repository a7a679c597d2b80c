//! Test orders go on: what is due on the server's clock happens. Whoever of several servers on one
//! store gets there first does it; what each event is stands in `store::order`.

use std::time::Duration;
use store::order::{self, STEPS_MAX};
use store::{Access, Db};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

/// How often the store is looked at: a read of one row.
const TICK: Duration = Duration::from_secs(1);

/// The task that lets test orders go on.
pub(crate) struct Playing {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Playing {
    pub(crate) fn start(db: &Db) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(run(db.clone(), stopped)) }
    }

    /// Begins nothing more, and waits for the transaction that goes on.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has nothing left to finish.
        let _ = self.task.await;
    }
}

async fn run(db: Db, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = catch_up(&db, &stopped).await {
            tracing::warn!(%error, "test orders could not go on; again soon");
        }
    }
}

pub(crate) async fn catch_up(db: &Db, stopped: &watch::Receiver<bool>) -> domain::Result<()> {
    let is_due = db.run(Access::Read, |tx| {
        let now = tx.now();
        Ok(order::next_due(tx)?.is_some_and(|due| due <= now))
    });
    if !is_due.await? {
        return Ok(());
    }
    // In parts, so that nobody waits long for one of them.
    while db.run(Access::Write, |tx| order::advance(tx, STEPS_MAX)).await? == STEPS_MAX {
        if *stopped.borrow() {
            break;
        }
    }
    Ok(())
}
