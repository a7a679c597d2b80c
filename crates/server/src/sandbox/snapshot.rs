//! `GET` and `POST /vitald/v1/snapshot`: states of a sandbox, saved and put back. Putting one back
//! is the one way in which the clock goes back, as everything that was stamped goes with it.

use super::{Sandbox, answered, done, of, turn};
use crate::clock::{Turn, TurnedClock};
use crate::web::App;
use api::form::Request as Form;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use domain::{Clock as _, Error, Refusal, Result};
use jiff::Timestamp;
use serde::Serialize;
use store::snapshot::{self, Snapshot};
use store::{Access, Db};

/// A snapshot as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// What it is called.
    pub name: String,
    /// What the clock showed, in Unix seconds.
    pub now: i64,
    /// The same for people.
    pub time: String,
    /// Whether the clock stood still.
    pub frozen: bool,
    /// How big it is.
    pub size_bytes: u64,
}

impl From<Snapshot> for Shown {
    fn from(snapshot: Snapshot) -> Self {
        let time = Timestamp::from_second(snapshot.moment).unwrap_or_default().to_string();
        let frozen = is_frozen(&snapshot);
        let Snapshot { name, moment: now, size_bytes, .. } = snapshot;
        Self { name, now, time, frozen, size_bytes }
    }
}

fn is_frozen(snapshot: &Snapshot) -> bool {
    let turn = snapshot.turn.as_deref().and_then(Turn::read);
    matches!(turn, Some(Turn::Frozen(_)))
}

/// Puts a snapshot back, and its clock with it.
pub fn restore(db: &Db, clock: &TurnedClock, name: &str) -> Result<Shown> {
    let restored = snapshot::restore(db, name, |snapshot| {
        clock.reset(clock.turn_to(snapshot.moment, is_frozen(snapshot)));
    })?;
    // What stands in it is how the clock was ahead of the wall clock when it was made.
    let turn = clock.turn().text();
    db.run_blocking(Access::Write, move |tx| store::sandbox::set_clock(tx, &turn))?;
    Ok(restored.into())
}

pub(super) async fn list(State(app): State<App>, request: Request<Body>) -> Response {
    let is_heard = of(&app, &request).map(|_| ());
    drop(request);
    let answer = async {
        is_heard?;
        all(&app).await
    };
    answered("snapshot", answer.await)
}

/// All there are.
pub(crate) async fn all(app: &App) -> Result<Vec<Shown>> {
    let db = app.db.clone();
    let all = beside(move || snapshot::list(&db)).await?;
    Ok(all.into_iter().map(Shown::from).collect())
}

pub(super) async fn change(State(app): State<App>, request: Request<Body>) -> Response {
    answered("snapshot", done(&app, request, ask).await)
}

/// Exactly one thing is done, with the name it is done with.
pub(crate) async fn ask(app: App, sandbox: Sandbox, form: Form) -> Result<Shown> {
    let asked = [form.text("save")?, form.text("restore")?, form.text("remove")?];
    let asked = asked.map(|name| name.map(str::to_owned));
    // Nobody turns the clock meanwhile.
    let _alone = sandbox.turning.lock().await;
    match asked {
        [Some(name), None, None] => save(&app, &sandbox, name).await,
        [None, Some(name), None] => put_back(&app, &sandbox, name).await,
        [None, None, Some(name)] => {
            let db = app.db.clone();
            beside(move || snapshot::remove(&db, &name)).await.map(Shown::from)
        }
        _ => Err(Refusal::invalid_param("save", "give one of save, restore and remove").into()),
    }
}

async fn save(app: &App, sandbox: &Sandbox, name: String) -> Result<Shown> {
    app.audit.flush(&app.db).await?;
    turn::keep(&app.db, &sandbox.clock).await?;
    let (db, moment) = (app.db.clone(), sandbox.clock.now());
    beside(move || snapshot::save(&db, &name, moment)).await.map(Shown::from)
}

async fn put_back(app: &App, sandbox: &Sandbox, name: String) -> Result<Shown> {
    let (db, clock) = (app.db.clone(), sandbox.clock.clone());
    let restored = sandbox.people.without(beside(move || restore(&db, &clock, &name)));
    let restored = match &app.deliverer {
        // What it knows of the outbox is not so any more.
        Some(deliverer) => deliverer.without(restored).await.map_err(Error::internal)?,
        None => restored.await,
    }?;
    app.audit.forget();
    app.limits.forget();
    app.throttle.forget();
    app.inspector.forget();
    Ok(restored)
}

/// Files take their time, and that is not an async thread's.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
