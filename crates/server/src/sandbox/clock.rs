//! `GET` and `POST /vitald/v1/clock`: what the clock of a sandbox shows, and turning it.

use super::{Sandbox, answered, done, of, turn};
use crate::clock::Turn;
use crate::web::App;
use api::form::Request as Form;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use domain::{Clock as _, Refusal, Result};
use jiff::{Span, SpanRelativeTo, Timestamp, Unit};
use serde::Serialize;

/// The clock is not turned further at once: ten years.
const SECONDS_MAX: i64 = 3_660 * 86_400;

/// What the clock shows.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    /// Unix seconds.
    pub(crate) now: i64,
    /// The same for people.
    pub(crate) time: String,
    /// Whether it stands still.
    pub(crate) frozen: bool,
    /// How far it was turned in this call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) turned: Option<turn::Turned>,
}

/// What the clock of a sandbox shows.
pub(crate) fn shown(sandbox: &Sandbox, turned: Option<turn::Turned>) -> Shown {
    let now = sandbox.clock.now();
    let time = Timestamp::from_second(now).unwrap_or_default().to_string();
    let frozen = matches!(sandbox.clock.turn(), Turn::Frozen(_));
    Shown { now, time, frozen, turned }
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    answered("clock", of(&app, &request).map(|sandbox| shown(sandbox, None)))
}

pub(super) async fn turn(State(app): State<App>, request: Request<Body>) -> Response {
    answered("clock", done(&app, request, ask).await)
}

/// What is asked for: at most one way to turn it, and whether it then goes.
pub(crate) async fn ask(app: App, sandbox: Sandbox, form: Form) -> Result<Shown> {
    let (by, to) = (form.text("advance")?, form.text("to")?);
    let now = sandbox.clock.now();
    let to = match (by, to) {
        (Some(_), Some(_)) => {
            let problem = "give advance or to, not both";
            return Err(Refusal::invalid_param("advance", problem).into());
        }
        (Some(by), None) => Some(now.saturating_add(seconds(by)?)),
        (None, Some(to)) => Some(moment(to)?),
        (None, None) => None,
    };
    if to.is_some_and(|to| to < now) {
        let problem = "the clock is past it, and goes forward alone: what was stamped stays in \
                       order. Restore a snapshot, or begin a new sandbox";
        return Err(Refusal::invalid_param("to", problem).into());
    }
    if to.is_some_and(|to| to - now > SECONDS_MAX) {
        return Err(Refusal::invalid_param("advance", "expected at most ten years").into());
    }
    let freeze = form.text("freeze")?.map(flag).transpose()?;
    let turned = turn::turn(&app, &sandbox, to, freeze).await?;
    Ok(shown(&sandbox, turned))
}

fn flag(text: &str) -> Result<bool> {
    match text {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Refusal::invalid_param("freeze", "expected true or false").into()),
    }
}

/// Seconds, or a span such as `1d 12h`.
pub(crate) fn seconds(text: &str) -> Result<i64> {
    let span = || {
        let span: Span = text.trim().parse().ok()?;
        let days = SpanRelativeTo::days_are_24_hours();
        span.total((Unit::Second, days)).ok().map(|seconds| seconds as i64)
    };
    let seconds = text.trim().parse().ok().or_else(span).filter(|seconds| *seconds >= 0);
    let problem = "expected seconds, or a span such as 90m, 8h or 7d";
    seconds.ok_or_else(|| Refusal::invalid_param("advance", problem).into())
}

fn moment(text: &str) -> Result<i64> {
    let written = || text.trim().parse::<Timestamp>().ok().map(Timestamp::as_second);
    let moment = text.trim().parse().ok().or_else(written);
    let moment = moment.filter(|at| Timestamp::from_second(*at).is_ok());
    let problem = "expected Unix seconds or a time such as 2026-11-22T07:30:00Z";
    moment.ok_or_else(|| Refusal::invalid_param("to", problem).into())
}
