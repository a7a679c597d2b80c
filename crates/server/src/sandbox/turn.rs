//! Turning the clock of a sandbox. It goes from one moment at which something is due to the next,
//! and stays at each until that has ended: test orders have moved, and every attempt to deliver was
//! really made and written down. Attempts end by the wall clock, so a receiver that answers nothing
//! costs its time-out and no more.

use super::Sandbox;
use crate::clock::{Turn, TurnedClock};
use crate::playing;
use crate::web::App;
use domain::{Clock as _, Error, Result};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use store::{Access, Db, Tx, delivery, order, sandbox};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

/// How often it is looked whether everything has ended, where nobody says so.
const LOOK: Duration = Duration::from_millis(10);
/// How often whoever delivers is woken meanwhile.
const RING: Duration = Duration::from_millis(100);
/// How often simulated people are looked after.
const TICK: Duration = Duration::from_secs(1);
/// What goes on at one moment ends within this time, or the clock stays where it is.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a turn went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Turned {
    /// So many seconds.
    pub(crate) seconds: i64,
    /// Moments at which something was due.
    pub(crate) stops: u64,
}

/// Turns the clock to a moment, and says whether it then stands still. Whoever else turns it waits.
pub(super) async fn turn(
    app: &App,
    sandbox: &Sandbox,
    to: Option<i64>,
    freeze: Option<bool>,
) -> Result<Option<Turned>> {
    let _alone = sandbox.turning.lock().await;
    let clock = &sandbox.clock;
    let goes = matches!(clock.turn(), Turn::Ahead(_));
    let turned = match to {
        None => None,
        // It stands still on the way, or it would pass by what it is to stop at.
        Some(to) => {
            clock.freeze();
            let turned = go(app, sandbox, to, goes).await;
            if goes {
                clock.resume();
            }
            keep(&app.db, clock).await?;
            Some(turned?)
        }
    };
    match freeze {
        Some(true) => clock.freeze(),
        Some(false) => clock.resume(),
        None => {}
    }
    keep(&app.db, clock).await?;
    Ok(turned)
}

async fn go(app: &App, sandbox: &Sandbox, to: i64, goes: bool) -> Result<Turned> {
    let clock = &sandbox.clock;
    let begun = clock.now();
    let mut stops = 0;
    loop {
        let now = clock.now();
        sandbox.people.live(&app.db, now).await?;
        let due = settle(app).await?;
        if now >= to {
            return Ok(Turned { seconds: now - begun, stops });
        }
        let next = due.filter(|due| (now..to).contains(due));
        let note = {
            let clock = Arc::clone(clock);
            move |moment| clock.turn_to(moment, !goes).text()
        };
        // Up to there nothing happens but what people do.
        let passed = sandbox.people.live_on(&app.db, next.unwrap_or(to), note).await?;
        stops += passed.map_or_else(|| u64::from(next.is_some()), |passed| passed.stops);
        clock.show(passed.map_or_else(|| next.unwrap_or(to), |passed| passed.to));
    }
}

/// When the next thing happens by itself that has nothing to do with simulated people.
pub(super) fn next_due(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    Ok([delivery::next_due(tx)?, order::next_due(tx)?].into_iter().flatten().min())
}

/// What is due at the moment the clock shows, and when something is next.
struct Due {
    orders: bool,
    /// Buckets in which something is to be delivered, a bit each.
    buckets: u64,
    next: Option<i64>,
}

impl Due {
    fn at(tx: &mut Tx<'_>) -> Result<Self> {
        let next = next_due(tx)?;
        if next.is_none_or(|next| next > tx.now()) {
            return Ok(Self { orders: false, buckets: 0, next });
        }
        let orders = order::next_due(tx)?.is_some_and(|due| due <= tx.now());
        Ok(Self { orders, buckets: delivery::due_buckets(tx)?, next })
    }
}

/// Lets everything that is due happen, and waits until it has: when something is due next.
async fn settle(app: &App) -> Result<Option<i64>> {
    let (begun, mut rung) = (Instant::now(), None);
    loop {
        let due = app.db.run(Access::Read, Due::at).await?;
        if due.orders {
            playing::catch_up(&app.db, &app.stopped).await?;
            continue;
        }
        if due.buckets == 0 || app.deliverer.is_none() {
            return Ok(due.next);
        }
        if begun.elapsed() > PATIENCE {
            return Err(Error::internal("what is due at this moment does not come to an end"));
        }
        let wake = app.db.wake();
        // Not each time: whoever delivers takes the buckets in turn.
        if rung.is_none_or(|rung: Instant| rung.elapsed() > RING) {
            wake.ring(due.buckets);
            rung = Some(Instant::now());
        }
        // It need not be said: another node may deliver.
        let _ = tokio::time::timeout(LOOK, wake.settled()).await;
    }
}

/// Lets simulated people live while the clock goes by itself, until the server stops.
pub(crate) async fn keep_up(db: Db, sandbox: Sandbox, mut stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            _ = tick.tick() => {}
        }
        // Whoever turns the clock lets them live too.
        let Ok(_alone) = sandbox.turning.try_lock() else { continue };
        if let Err(error) = sandbox.people.live(&db, sandbox.clock.now()).await {
            tracing::warn!(%error, "simulated people could not live on; again soon");
        }
    }
}

/// Writes down how the clock is turned, so that it is after a restart.
pub(super) async fn keep(db: &Db, clock: &TurnedClock) -> Result<()> {
    let turn = clock.turn().text();
    db.run(Access::Write, move |tx| sandbox::set_clock(tx, &turn)).await
}

/// Turns a clock as a store says it was turned; a store that was no sandbox says nothing.
pub fn restore_clock(db: &Db, clock: &TurnedClock) -> Result<()> {
    let Some(kept) = db.run_blocking(Access::Read, sandbox::clock)? else { return Ok(()) };
    let turn = Turn::read(&kept);
    clock.reset(turn.ok_or_else(|| Error::internal("the sandbox's clock cannot be read"))?);
    Ok(())
}
