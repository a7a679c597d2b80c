//! `GET`, `POST` and `DELETE /vitald/v1/fault`: which faults there are, and asking for more. What
//! is asked for is looked at whole before anything changes.

use super::known::known;
use super::people::NewPerson;
use super::personas::Shown as Person;
use super::{Sandbox, answered, done, faults, of};
use crate::web::App;
use api::admin::{NewAccount, SeedFault};
use api::form::Request as Form;
use api::ops;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use domain::fault::{
    Calls, Draws, Fault, Kind, Living, PARTS, Place, SCENARIOS, Scenario, Settings, When,
};
use domain::{Clock as _, Error, Refusal, Result};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Access, Tx, application};

/// A name is probably the one that was meant if it is at least so much like it.
const ALIKE: f64 = 0.8;

/// A fault as it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) scenario: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) operation: Option<String>,
    pub(crate) when: String,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) struck: u32,
    pub(crate) remaining: Option<u32>,
    created: i64,
}

impl From<Fault> for Shown {
    fn from(fault: Fault) -> Self {
        let when = match fault.when {
            When::Always => "always".to_owned(),
            When::Count(1) => "once".to_owned(),
            When::Count(count) => format!("{count} times"),
            When::Probability { parts, seed } => {
                format!("with probability {}, seed {seed}", decimal(parts))
            }
        };
        Self {
            id: fault.id,
            name: fault.kind.name(),
            scenario: fault.scenario,
            client_id: fault.client_id,
            operation: fault.operation.map(|calls| calls.to_string()),
            when,
            settings: fault.settings.0,
            struck: fault.draws.struck,
            remaining: fault.when.remaining(fault.draws),
            created: fault.created,
        }
    }
}

fn decimal(parts: u32) -> String {
    let text = format!("{}.{:06}", parts / PARTS, parts % PARTS);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) faults: Vec<Shown>,
    /// Who was made, and makes the scenario by living.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) people: Vec<Person>,
    /// What is to be done beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

fn listed(faults: Vec<Fault>, people: Vec<Person>, hint: Option<&'static str>) -> Listed {
    Listed { faults: faults.into_iter().map(Shown::from).collect(), people, hint }
}

#[derive(Debug, Serialize)]
pub(crate) struct Removed {
    removed: u64,
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let is_heard = of(&app, &request).map(drop);
    drop(request);
    let answer = async { is_heard.and(all(&app).await) };
    answered("fault", answer.await)
}

/// All there are.
pub(crate) async fn all(app: &App) -> Result<Listed> {
    faults::list(&app.db).await.map(|faults| listed(faults, Vec::new(), None))
}

pub(super) async fn kinds(State(app): State<App>, request: Request<Body>) -> Response {
    answered("fault", of(&app, &request).map(|_| known()))
}

pub(super) async fn add(State(app): State<App>, request: Request<Body>) -> Response {
    answered("fault", done(&app, request, ask).await)
}

/// Adds what is asked for.
pub(crate) async fn ask(app: App, sandbox: Sandbox, form: Form) -> Result<Listed> {
    let Asked { faults: new, person, hint } = asked(&form)?;
    if let Some(client_id) = form.text("client_id")?.map(str::to_owned) {
        let find = move |tx: &mut Tx<'_>| application::find(tx, &client_id);
        if app.db.run(Access::Read, find).await?.is_none() {
            return Err(Refusal::invalid_param("client_id", "no application has it").into());
        }
    }
    let people = match person {
        Some(person) => born(&app, &sandbox, person).await?,
        None => Vec::new(),
    };
    Ok(listed(faults::add(&app.db, new).await?, people, hint))
}

/// Refuses what a seed cannot ask for.
pub(super) fn check_of_seed(one: &SeedFault) -> Result<()> {
    of_seed(one, one.is_for_one().then_some("whatever id it has")).map(drop)
}

/// Adds what a seed asks for.
pub(super) fn make_of_seed(
    tx: &mut Tx<'_>,
    one: &SeedFault,
    client_id: Option<&str>,
) -> Result<()> {
    let Asked { faults: new, person, .. } = of_seed(one, client_id)?;
    if let Some(living) = person {
        who(living)?.make(tx)?;
    }
    faults::keep(tx, &new).map(drop)
}

fn of_seed(one: &SeedFault, client_id: Option<&str>) -> Result<Asked> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, text: String| fields.push((name.to_owned(), text));
    one.fields().into_iter().for_each(|(name, text)| add(name, text));
    if let Some(client_id) = client_id {
        add("client_id", client_id.to_owned());
    }
    asked(&Form::of_fields("", fields, None)?)
}

/// Makes who makes a scenario by living.
async fn born(app: &App, sandbox: &Sandbox, living: Living) -> Result<Vec<Person>> {
    let new = who(living)?;
    let _alone = sandbox.turning.lock().await;
    let made = sandbox.people.add(&app.db, sandbox.clock.now(), new).await?;
    Ok(made.into_iter().map(Person::from).collect())
}

fn who(living: Living) -> Result<NewPerson> {
    let preset = living.preset.parse().map_err(|_| Error::internal("a scenario of nobody"))?;
    let Living { seed, zone, days, .. } = living;
    let account = NewAccount::default();
    Ok(NewPerson { preset, seed, zone: zone.to_owned(), days, account })
}

pub(super) async fn remove(State(app): State<App>, request: Request<Body>) -> Response {
    answered("fault", done(&app, request, take_out).await)
}

/// Takes out what is named.
pub(crate) async fn take_out(app: App, _: Sandbox, form: Form) -> Result<Removed> {
    let id = match (form.text("id")?, form.text("all")?) {
        (Some(id), None) => {
            let problem = "expected the number of a fault; a list shows them";
            let id = id.parse::<i64>().map_err(|_| Refusal::invalid_param("id", problem))?;
            Some(id)
        }
        (None, Some("1" | "true")) => None,
        _ => return Err(Refusal::invalid_param("id", "give id, or all=1").into()),
    };
    let removed = faults::remove(&app.db, id).await?;
    if removed == 0 && id.is_some() {
        return Err(Refusal::invalid_param("id", "there is no fault of that number").into());
    }
    Ok(Removed { removed })
}

/// What is asked for.
struct Asked {
    faults: Vec<Fault>,
    person: Option<Living>,
    hint: Option<&'static str>,
}

/// What is asked for: one fault, or what makes a scenario.
fn asked(form: &Form) -> Result<Asked> {
    let client_id = form.text("client_id")?.map(str::to_owned);
    match (form.text("name")?, form.text("scenario")?) {
        (Some(_), Some(_)) => {
            Err(Refusal::invalid_param("name", "give name or scenario, not both").into())
        }
        (None, None) => {
            let problem = "give the name of a fault, or a scenario; kinds lists both";
            Err(Refusal::invalid_param("name", problem).into())
        }
        (Some(name), None) => {
            let known = || Kind::ALL.iter().map(|kind| kind.name());
            let kind = Kind::named(name).ok_or_else(|| unknown("name", name, known()))?;
            for_everybody(client_id.as_deref(), kind.place() == Place::Archive)?;
            Ok(Asked { faults: vec![one(form, kind, client_id)?], person: None, hint: None })
        }
        (None, Some(name)) => {
            let known = || SCENARIOS.iter().map(|scenario| scenario.name);
            let scenario =
                Scenario::named(name).ok_or_else(|| unknown("scenario", name, known()))?;
            for name in ["operation", "count", "probability", "seed", "settings"] {
                if form.text(name)?.is_some() {
                    let problem = "the scenario says it; a fault of its own can be asked for";
                    return Err(Refusal::invalid_param(name, problem).into());
                }
            }
            let is_archive = |part: &domain::fault::Part| part.kind.place() == Place::Archive;
            let is_of_people = scenario.person.is_some() || scenario.parts.iter().any(is_archive);
            for_everybody(client_id.as_deref(), is_of_people)?;
            let faults = of_scenario(scenario, client_id.as_deref());
            Ok(Asked { faults, person: scenario.person, hint: scenario.hint })
        }
    }
}

/// What concerns people, whichever application they use, is for no single application.
fn for_everybody(client_id: Option<&str>, is_of_people: bool) -> Result<()> {
    if client_id.is_some() && is_of_people {
        let problem = "this is about people, and no application has a part in it: leave it out";
        return Err(Refusal::invalid_param("client_id", problem).into());
    }
    Ok(())
}

fn of_scenario(scenario: &Scenario, client_id: Option<&str>) -> Vec<Fault> {
    let of_part = |part: &domain::fault::Part| Fault {
        id: 0,
        kind: part.kind,
        scenario: Some(scenario.name.to_owned()),
        client_id: client_id.map(str::to_owned),
        operation: part.calls(),
        when: part.when,
        settings: part.settings(),
        draws: Draws::default(),
        created: 0,
    };
    scenario.parts.iter().map(of_part).collect()
}

fn one(form: &Form, kind: Kind, client_id: Option<String>) -> Result<Fault> {
    let operation = form.text("operation")?.map(|text| operation(kind, text)).transpose()?;
    let settings = form.text("settings")?.map(|text| settings(kind, text)).transpose()?;
    let when = when(form.text("count")?, form.text("probability")?, form.text("seed")?)?;
    let (settings, draws) = (settings.unwrap_or_default(), Draws::default());
    Ok(Fault {
        id: 0,
        kind,
        scenario: None,
        client_id,
        operation,
        when,
        settings,
        draws,
        created: 0,
    })
}

fn when(count: Option<&str>, probability: Option<&str>, seed: Option<&str>) -> Result<When> {
    let refused = |name: &str, problem: &str| Err(Refusal::invalid_param(name, problem).into());
    match (count, probability, seed) {
        (Some(_), Some(_), _) => refused("count", "give count or probability, not both"),
        (_, None, Some(_)) => refused("seed", "a seed goes with a probability"),
        (None, None, None) => Ok(When::Always),
        (Some(count), None, None) => match count.parse() {
            Ok(count @ 1..=1_000_000) => Ok(When::Count(count)),
            _ => refused("count", "expected a whole number, 1 to 1000000"),
        },
        (None, Some(probability), seed) => {
            let Some(parts) = parts(probability) else {
                return refused("probability", "expected a number above 0 and up to 1, as 0.25");
            };
            match seed.unwrap_or("1").parse() {
                Ok(seed) => Ok(When::Probability { parts, seed }),
                Err(_) => refused("seed", "expected a whole number"),
            }
        }
    }
}

/// A decimal number of at most six places, as parts of a million.
fn parts(text: &str) -> Option<u32> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if places.len() > 6 || whole.len() > 1 || !is_digits(whole) || !is_digits(places) {
        return None;
    }
    let parts = format!("{whole}{places:0<6}").parse::<u32>().ok()?;
    (1..=PARTS).contains(&parts).then_some(parts)
}

fn operation(kind: Kind, text: &str) -> Result<Calls> {
    let refused = |problem: String| Err(Refusal::invalid_param("operation", problem).into());
    if kind.place() == Place::Notification {
        return refused("notifications are no call; the setting appli chooses among them".into());
    }
    if kind.place() == Place::Archive {
        return refused("an archive is taken out on a page, and is no call".into());
    }
    let expected = || "expected service/action, such as measure/getmeas, or service/*".to_owned();
    let Some((service, action)) = text.split_once('/') else { return refused(expected()) };
    let is_all = action == "*";
    let all = || ops::every().filter_map(|entry| Some((entry.service(), entry.action?)));
    let is_asked = |of: &(&str, &str)| of.0 == service && (is_all || of.1 == action);
    if !all().any(|of| is_asked(&of)) {
        let names: Vec<String> =
            all().map(|(service, action)| format!("{service}/{action}")).collect();
        let nearest = nearest(text, names.iter().map(String::as_str));
        let meant = nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
        return refused(format!("no such operation{meant}"));
    }
    let calls = kind.calls();
    if !calls.is_empty() && !calls.iter().any(is_asked) {
        let names: Vec<_> =
            calls.iter().map(|(service, action)| format!("{service}/{action}")).collect();
        return refused(format!("{} has an effect on {} alone", kind.name(), names.join(", ")));
    }
    let action = (!is_all).then(|| action.to_owned());
    Ok(Calls { service: service.to_owned(), action })
}

/// A JSON object of names and values.
fn settings(kind: Kind, text: &str) -> Result<Settings> {
    let given: BTreeMap<String, Value> = serde_json::from_str(text).map_err(|_| {
        let problem = "expected a JSON object, such as {\"wait_seconds\": 30}";
        Refusal::invalid_param("settings", problem)
    })?;
    let mut settings = Settings::default();
    for (name, value) in given {
        let Some(setting) = kind.setting(&name) else {
            let known = || kind.settings().iter().map(|setting| setting.name);
            if kind.settings().is_empty() {
                let problem = format!("{} has none", kind.name());
                return Err(Refusal::invalid_param("settings", problem).into());
            }
            return Err(unknown("settings", &name, known()).into());
        };
        let value = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        setting.check(&value)?;
        settings.0.insert(name, value);
    }
    Ok(settings)
}

/// A name nobody knows: the one that was probably meant, else all of them.
fn unknown<'k>(
    parameter: &str,
    given: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Refusal {
    let problem = match nearest(given, known.clone()) {
        Some(name) => format!("there is none of that name; did you mean {name}?"),
        None => {
            let all: Vec<_> = known.collect();
            format!("there is none of that name; there are {}", all.join(", "))
        }
    };
    Refusal::invalid_param(parameter, problem)
}

fn nearest<'k>(given: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let likeness = known.map(|name| (strsim::jaro_winkler(&given.to_lowercase(), name), name));
    let likest = likeness.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (likest.0 >= ALIKE).then_some(likest.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_above_0_and_up_to_1() {
        assert_eq!(parts("0.25"), Some(250_000));
        assert_eq!(
            (parts("1"), parts("1.0"), parts(".5")),
            (Some(PARTS), Some(PARTS), Some(500_000))
        );
        for wrong in ["0", "0.0", "1.1", "2", "-0.5", "0.1234567", "half", "1e-3", "", "."] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
        assert_eq!((decimal(250_000), decimal(PARTS)), ("0.25".to_owned(), "1".to_owned()));
    }
}
