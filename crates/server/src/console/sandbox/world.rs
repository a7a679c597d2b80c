//! What a sandbox is like now, and the buttons that turn it. What can go wrong in it is chosen on a
//! page of its own, `faults.rs`.

use super::super::log_in::with_session;
use super::super::page::{
    Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused,
};
use super::super::subscriptions::moment;
use super::door::{self, Opened};
use super::{PAGE, filled, only};
use crate::sandbox::{Sandbox, clock, fault, personas, snapshot, to_the_end};
use crate::web::App;
use api::form::Request as Form;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::fault::Scenario;
use domain::{Clock as _, Refusal, Result};

/// A page turns the clock by at most a leap year at once: it waits until the clock is turned.
const TURN_SECONDS_MAX: i64 = 366 * 86_400;
/// So many of a kind stand on the page.
const SHOWN_MAX: usize = 200;

/// What is typed.
struct Typed {
    advance: String,
    persona: String,
    seed: String,
    days: String,
    timezone: String,
    email: String,
    save: String,
}

impl Typed {
    fn nothing() -> Self {
        Self {
            advance: String::new(),
            persona: String::new(),
            seed: "1".to_owned(),
            days: "30".to_owned(),
            timezone: personas::ZONE.to_owned(),
            email: String::new(),
            save: String::new(),
        }
    }

    /// What one of the forms says, and nothing of the others.
    fn of(member: &Member) -> Result<Self> {
        let field = |name: &str, usual: String| {
            let form = &member.visit.form;
            Ok::<_, Refusal>(form.text(name)?.map_or(usual, str::to_owned))
        };
        let Self { advance, persona, seed, days, timezone, email, save } = Self::nothing();
        Ok(Self {
            advance: field("advance", advance)?,
            persona: field("persona", persona)?,
            seed: field("seed", seed)?,
            days: field("days", days)?,
            timezone: field("timezone", timezone)?,
            email: field("email", email)?,
            save: field("save", save)?,
        })
    }
}

#[derive(Template)]
#[template(path = "sandbox.html")]
struct WorldPage {
    frame: Frame,
    problem: Problem,
    told: Vec<String>,
    clock: clock::Shown,
    ahead: String,
    typed: Typed,
    personas: Vec<(&'static str, &'static str)>,
    people: Vec<personas::Shown>,
    more_people: usize,
    faults: Vec<fault::Shown>,
    /// Why there are no snapshots.
    no_snapshots: Option<String>,
    snapshots: Vec<snapshot::Shown>,
}

impl WorldPage {
    async fn of(app: &App, opened: &Opened) -> Result<Self> {
        let Opened { member, sandbox } = opened;
        let everybody = personas::everybody(app, sandbox).await?;
        let (snapshots, no_snapshots) = match snapshot::all(app).await {
            Ok(all) => (all, None),
            Err(domain::Error::Refused(refusal)) => (Vec::new(), Some(*refusal)),
            Err(failed) => return Err(failed),
        };
        let mut people = everybody.people;
        let more_people = people.len().saturating_sub(SHOWN_MAX);
        people.truncate(SHOWN_MAX);
        Ok(Self {
            frame: member.frame(),
            problem: Problem::default(),
            told: Vec::new(),
            clock: clock::shown(sandbox, None),
            ahead: ahead(sandbox),
            typed: Typed::nothing(),
            personas: everybody.personas.into_iter().map(|name| (name, name)).collect(),
            people,
            more_people,
            faults: fault::all(app).await?.faults,
            no_snapshots: no_snapshots.map(|refusal| problem_text(&refusal)),
            snapshots,
        })
    }

    fn moment(seconds: &i64) -> String {
        moment(*seconds)
    }

    /// A kilobyte is 1000 bytes.
    fn kilobytes(bytes: &u64) -> u64 {
        bytes.div_ceil(1_000)
    }
}

/// What a refusal says, without the name of a parameter that a page has no field for.
fn problem_text(refusal: &Refusal) -> String {
    let text = Problem::of(refusal, &[]).text;
    let text = text.strip_prefix("Please check: ").unwrap_or(&text).to_owned();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// How far the clock is from the machine's.
fn ahead(sandbox: &Sandbox) -> String {
    let seconds = sandbox.clock.now().saturating_sub(sandbox.clock.wall());
    match seconds {
        0 => "It shows the time of the machine.".to_owned(),
        1.. => format!("{} ahead of the machine's.", span(seconds)),
        _ => format!("{} behind the machine's.", span(-seconds)),
    }
}

/// The two largest parts of a span.
fn span(seconds: i64) -> String {
    let parts = [
        (seconds / 86_400, "days"),
        (seconds / 3_600 % 24, "hours"),
        (seconds / 60 % 60, "minutes"),
        (seconds % 60, "seconds"),
    ];
    let parts = parts.into_iter().skip_while(|(count, _)| *count == 0).take(2);
    let parts = parts.filter(|(count, _)| *count > 0).map(|(count, unit)| match count {
        1 => format!("1 {}", unit.trim_end_matches('s')),
        _ => format!("{count} {unit}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

pub(in super::super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let opened = door::visiting(&app, request).await?;
        let told = told(&opened.member)?;
        let page = WorldPage { told, ..WorldPage::of(&app, &opened).await? };
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("sandbox", answer.await)
}

/// What was done before the page was opened, as its address says.
fn told(member: &Member) -> Result<Vec<String>> {
    let (did, stops) = (member.visit.field("did")?, member.visit.field("stops")?);
    let stops = match stops.parse::<u64>().unwrap_or_default() {
        0 => "Nothing was due on the way.".to_owned(),
        1 => "At 1 moment on the way something was due, and happened.".to_owned(),
        stops => format!("At {stops} moments on the way something was due, and happened."),
    };
    let told = match did.as_str() {
        "turned" => return Ok(vec![format!("The clock is turned. {stops}")]),
        "frozen" => "The clock stands still.",
        "resumed" => "The clock goes on.",
        "made" => "Somebody is there who was not.",
        "wrong" => "It goes wrong from now on.",
        "right" => "It goes right again.",
        "saved" => "The state is saved.",
        "restored" => "Everything is as it was, and so is the clock.",
        "removed" => "The snapshot is gone.",
        _ => return Ok(Vec::new()),
    };
    let scenario = Scenario::named(&member.visit.field("scenario")?);
    let hint = scenario.filter(|_| did == "wrong").and_then(|scenario| scenario.hint);
    Ok(std::iter::once(told).chain(hint).map(str::to_owned).collect())
}

pub(in super::super) async fn change(State(app): State<App>, request: Request<Body>) -> Response {
    answered("sandbox", change_it(&app, request).await)
}

/// How the form calls what the rules call otherwise.
const NAMES: &[(&str, &str)] = &[("zone", "timezone"), ("preset", "persona"), ("snapshot", "save")];

async fn change_it(app: &App, request: Request<Body>) -> Paged {
    let opened = door::posting(app, request).await?;
    let does = opened.member.visit.field("do")?;
    match refusal_or_stop(done(app, &opened, &does).await)? {
        Ok(Did { told, stops }) => {
            let stops = stops.map(|stops| format!("&stops={stops}")).unwrap_or_default();
            let response = Redirect::to(&format!("{PAGE}?did={told}{stops}")).into_response();
            match told {
                "turned" | "restored" => stays_in(app, &opened, response).await,
                _ => Ok(response),
            }
        }
        Err(refusal) => {
            let mut problem = Problem::of(&refusal, NAMES);
            // What a button says has no field.
            if matches!(does.as_str(), "restore" | "remove" | "right") {
                problem.field.clear();
            }
            let typed = Typed::of(&opened.member)?;
            let page = WorldPage { problem, typed, ..WorldPage::of(app, &opened).await? };
            refused(StatusCode::BAD_REQUEST, &refusal, &page)
        }
    }
}

/// Whoever turned the clock past the end of every session is still there.
async fn stays_in(app: &App, opened: &Opened, response: Response) -> Paged {
    let Some(session) = opened.member.renewed(app).await? else {
        return Ok(with_session(app, response, None));
    };
    let response = with_session(app, response, Some(&session.secret));
    Ok(door::stays_open(app, &opened.sandbox, &session, response))
}

/// What was done.
struct Did {
    told: &'static str,
    stops: Option<u64>,
}

impl From<&'static str> for Did {
    fn from(told: &'static str) -> Self {
        Self { told, stops: None }
    }
}

async fn done(app: &App, opened: &Opened, does: &str) -> Result<Did> {
    let Opened { member, sandbox } = opened;
    let (app, sandbox) = (app.clone(), sandbox.clone());
    let said = |name: &str, text: &str| -> Result<Form> {
        Ok(Form::of_fields("", vec![(name.to_owned(), text.to_owned())], None)?)
    };
    Ok(match does {
        "advance" => {
            let by = filled(member, "advance", "say how far, such as 90m, 8h or 7d")?;
            if clock::seconds(&by)? > TURN_SECONDS_MAX {
                let problem = "a page turns by at most 366 days at once, as it waits for the end; \
                               vitald clock advance turns further";
                return Err(Refusal::invalid_param("advance", problem).into());
            }
            let turned = to_the_end(clock::ask(app, sandbox, said("advance", &by)?)).await?;
            Did { told: "turned", stops: turned.turned.map(|turned| turned.stops) }
        }
        "freeze" => {
            to_the_end(clock::ask(app, sandbox, said("freeze", "1")?)).await?;
            "frozen".into()
        }
        "resume" => {
            to_the_end(clock::ask(app, sandbox, said("freeze", "0")?)).await?;
            "resumed".into()
        }
        "person" => {
            let form = only(member, &["persona", "seed", "days", "timezone", "email"])?;
            to_the_end(personas::ask(app, sandbox, form)).await?;
            "made".into()
        }
        "right" => {
            to_the_end(fault::take_out(app, sandbox, only(member, &["id", "all"])?)).await?;
            "right".into()
        }
        "save" => {
            let name = filled(member, "save", "give it a name")?;
            to_the_end(snapshot::ask(app, sandbox, said("save", &name)?)).await?;
            "saved".into()
        }
        "restore" | "remove" => {
            let form = only(member, &[does])?;
            to_the_end(snapshot::ask(app, sandbox, form)).await?;
            if does == "restore" { "restored".into() } else { "removed".into() }
        }
        _ => return Err(Refusal::invalid_param("do", "choose one of the buttons").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_is_told_by_its_two_largest_parts() {
        for (seconds, told) in [
            (1, "1 second"),
            (62, "1 minute, 2 seconds"),
            (3_600, "1 hour"),
            (86_401, "1 day"),
            (2 * 86_400 + 3 * 3_600 + 5, "2 days, 3 hours"),
        ] {
            assert_eq!(span(seconds), told);
        }
    }
}
