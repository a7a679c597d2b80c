//! Turning the clock of a sandbox. It goes from one moment at which something is due to the next,
//! and stays at each until that has ended: test orders have moved, and every attempt to deliver was
//! really made and written down. Attempts end by the wall clock, so a receiver that answers nothing
//! costs its time-out and no more.

use super::{Sandbox, people};
use crate::clock::{Turn, TurnedClock};
use crate::playing;
use crate::web::App;
use domain::{Clock as _, Error, Result};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use store::{Access, Db, delivery, sandbox};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

/// How often it is looked whether everything has ended.
const LOOK: Duration = Duration::from_millis(2);
/// How often whoever delivers is woken meanwhile.
const LOOKS_PER_RING: u32 = 50;
/// How often simulated people are looked after.
const TICK: Duration = Duration::from_secs(1);
/// What goes on at one moment ends within this time, or the clock stays where it is.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a turn went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Turned {
    /// So many seconds.
    seconds: i64,
    /// Moments at which something was due.
    stops: u64,
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
        settle(app).await?;
        if now >= to {
            return Ok(Turned { seconds: now - begun, stops });
        }
        let due = app.db.run(Access::Read, people::next_due).await?;
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

/// Lets everything that is due happen, and waits until it has.
async fn settle(app: &App) -> Result<()> {
    playing::catch_up(&app.db, &app.stopped).await?;
    let begun = Instant::now();
    for looks in 0_u32.. {
        let buckets = app.db.run(Access::Read, delivery::due_buckets).await?;
        if buckets == 0 || app.deliverer.is_none() {
            break;
        }
        if begun.elapsed() > PATIENCE {
            return Err(Error::internal("what is due at this moment does not come to an end"));
        }
        // Not each time: whoever delivers takes the buckets in turn.
        if looks.is_multiple_of(LOOKS_PER_RING) {
            app.db.wake().ring(buckets);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
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
