//! `GET` and `POST /vitald/v1/persona`: the simulated people of a sandbox, and making one.

use super::people::NewPerson;
use super::{Sandbox, answered, done, of};
use crate::web::App;
use api::admin::NewAccount;
use api::form::Request as Form;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use domain::{Clock as _, Refusal, Result, UserId};
use serde::Serialize;
use simulator::Preset;
use store::simulated::Simulated;

/// The zone of whoever says none.
pub(crate) const ZONE: &str = "Europe/Paris";

/// Somebody who does not exist.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) userid: UserId,
    pub(crate) persona: String,
    pub(crate) seed: i64,
    /// 0: whom the persona names. From 1 on: who lives with them.
    pub(crate) member: i64,
    pub(crate) timezone: String,
    /// Up to when what their devices hand over is here.
    pub(crate) lived: i64,
}

impl From<Simulated> for Shown {
    fn from(one: Simulated) -> Self {
        let Simulated { user, preset, seed, member, zone, lived, .. } = one;
        Self { userid: user, persona: preset, seed, member, timezone: zone, lived }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct People {
    pub(crate) people: Vec<Shown>,
    /// Whom there is to choose from.
    pub(crate) personas: Vec<&'static str>,
}

pub(super) async fn list(State(app): State<App>, request: Request<Body>) -> Response {
    let sandbox = of(&app, &request).cloned();
    drop(request);
    let answer = async { everybody(&app, &sandbox?).await };
    answered("persona", answer.await)
}

/// Everybody there is, and whom there is to choose from.
pub(crate) async fn everybody(app: &App, sandbox: &Sandbox) -> Result<People> {
    let people = sandbox.people.list(&app.db).await?.into_iter().map(Shown::from).collect();
    Ok(People { people, personas: Preset::ALL.iter().map(|preset| preset.name()).collect() })
}

pub(super) async fn add(State(app): State<App>, request: Request<Body>) -> Response {
    answered("persona", done(&app, request, ask).await)
}

/// Makes whom is asked for.
pub(crate) async fn ask(app: App, sandbox: Sandbox, form: Form) -> Result<People> {
    let number = |name: &str| -> Result<i64> {
        let read = |text: &str| {
            let problem = "expected a whole number";
            text.parse().map_err(|_| Refusal::invalid_param(name, problem))
        };
        Ok(form.text(name)?.map_or(Ok(0), read)?)
    };
    let preset = form.required("persona")?.parse::<Preset>();
    let new = NewPerson {
        preset: preset.map_err(|why| Refusal::invalid_param("persona", why.problem))?,
        seed: number("seed")?,
        zone: form.text("timezone")?.unwrap_or(ZONE).to_owned(),
        days: number("days")?,
        account: NewAccount {
            email: form.text("email")?.unwrap_or_default().to_owned(),
            ..NewAccount::default()
        },
    };
    let _alone = sandbox.turning.lock().await;
    new.check(sandbox.clock.now())?;
    let made = sandbox.people.add(&app.db, sandbox.clock.now(), new).await?;
    Ok(People { people: made.into_iter().map(Shown::from).collect(), personas: Vec::new() })
}
