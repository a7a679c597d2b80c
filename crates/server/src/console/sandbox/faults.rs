//! What can go wrong in a sandbox, to be asked for: scenarios that were told of in public, and each
//! kind of fault with its settings. Those that were asked for stand on `world.rs`'s page.

use super::super::page::{Frame, Paged, Problem, Stop, answered, html, refusal_or_stop, refused};
use super::door::{self, Opened};
use super::{PAGE, only};
use crate::sandbox::threads::{Thread, threads};
use crate::sandbox::{self, KnownKind, fault, to_the_end};
use crate::web::App;
use api::admin;
use api::form::Request as Form;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::{Refusal, Result};
use serde_json::{Map, Value};
use store::Access;

/// What is asked of one fault, apart from its settings.
const FIELDS: [&str; 6] = ["name", "client_id", "operation", "count", "probability", "seed"];

/// What is typed.
#[derive(Debug, Default)]
struct Typed {
    name: String,
    client_id: String,
    operation: String,
    count: String,
    probability: String,
    seed: String,
    settings: String,
}

/// A kind of fault as the page tells it.
struct Kind {
    known: KnownKind,
    threads: Vec<Thread>,
}

impl From<KnownKind> for Kind {
    fn from(known: KnownKind) -> Self {
        Self { threads: threads(known.thread), known }
    }
}

/// A scenario as the page tells it.
struct Scenario {
    name: &'static str,
    about: &'static str,
    hint: Option<&'static str>,
    threads: Vec<Thread>,
}

/// Scenarios of one kind of trouble: what stands before the dot of their names.
struct Group {
    name: &'static str,
    scenarios: Vec<Scenario>,
}

#[derive(Template)]
#[template(path = "sandbox_faults.html")]
struct FaultsPage {
    frame: Frame,
    problem: Problem,
    typed: Typed,
    names: Vec<(&'static str, &'static str)>,
    kinds: Vec<Kind>,
    applications: Vec<(String, String)>,
    groups: Vec<Group>,
}

impl FaultsPage {
    async fn of(app: &App, opened: &Opened) -> Result<Self> {
        let applications = app.db.run(Access::Read, |tx| admin::list_applications(tx, "")).await?;
        let applications = applications.into_iter().map(|one| {
            let shown = format!("{} ({})", one.name, one.client_id);
            (one.client_id, shown)
        });
        let known = sandbox::known();
        let mut groups: Vec<Group> = Vec::new();
        for one in known.scenarios {
            let name = one.name.split('.').next().unwrap_or_default();
            let scenario = Scenario {
                name: one.name,
                about: one.about,
                hint: one.hint,
                threads: threads(one.thread),
            };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.scenarios.push(scenario),
                None => groups.push(Group { name, scenarios: vec![scenario] }),
            }
        }
        Ok(Self {
            frame: opened.member.frame(),
            problem: Problem::default(),
            typed: Typed::default(),
            names: known.kinds.iter().map(|kind| (kind.name, kind.name)).collect(),
            kinds: known.kinds.into_iter().map(Kind::from).collect(),
            applications: std::iter::once((String::new(), "all".to_owned()))
                .chain(applications)
                .collect(),
            groups,
        })
    }
}

pub(in super::super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let opened = door::visiting(&app, request).await?;
        Ok::<_, Stop>(html(StatusCode::OK, &FaultsPage::of(&app, &opened).await?)?)
    };
    answered("sandbox-faults", answer.await)
}

pub(in super::super) async fn add(State(app): State<App>, request: Request<Body>) -> Response {
    answered("sandbox-faults", add_some(&app, request).await)
}

async fn add_some(app: &App, request: Request<Body>) -> Paged {
    let opened = door::posting(app, request).await?;
    let scenario = opened.member.visit.field("scenario")?;
    match refusal_or_stop(added(app, &opened, &scenario).await)? {
        Ok(()) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("did", "wrong")
                .append_pair("scenario", &scenario)
                .finish();
            Ok(Redirect::to(&format!("{PAGE}?{query}")).into_response())
        }
        Err(refusal) => {
            let mut problem = Problem::of(&refusal, &[]);
            if !scenario.is_empty() {
                // A button has no field.
                problem.field.clear();
            } else if !FIELDS.contains(&problem.field.as_str()) {
                // What is wrong with a setting is told by its name.
                "settings".clone_into(&mut problem.field);
            }
            let field = |name: &str| opened.member.visit.field(name);
            let typed = Typed {
                name: field("name")?,
                client_id: field("client_id")?,
                operation: field("operation")?,
                count: field("count")?,
                probability: field("probability")?,
                seed: field("seed")?,
                settings: field("settings")?,
            };
            let page = FaultsPage { problem, typed, ..FaultsPage::of(app, &opened).await? };
            refused(StatusCode::BAD_REQUEST, &refusal, &page)
        }
    }
}

async fn added(app: &App, opened: &Opened, scenario: &str) -> Result<()> {
    let Opened { member, sandbox } = opened;
    let form = if scenario.is_empty() {
        let settings = settings(&member.visit.field("settings")?)?;
        let field = |name: &&str| Ok(((*name).to_owned(), member.visit.field(name)?));
        let fields = FIELDS.iter().map(field).collect::<Result<Vec<_>>>()?;
        let trimmed = fields.into_iter().map(|(name, text)| (name, text.trim().to_owned()));
        let settings = ("settings".to_owned(), settings);
        Form::of_fields("", trimmed.chain([settings]).collect(), None)?
    } else {
        only(member, &["scenario", "client_id"])?
    };
    to_the_end(fault::ask(app.clone(), sandbox.clone(), form)).await.map(drop)
}

/// Lines of a name and a value, as the JSON that programs send.
fn settings(text: &str) -> Result<String> {
    let mut settings = Map::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let problem = "expected a name and a value in each line, as wait_seconds=30";
        let pair = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let pair = pair.filter(|(name, _)| !name.is_empty());
        let (name, value) = pair.ok_or_else(|| Refusal::invalid_param("settings", problem))?;
        if settings.insert(name.to_owned(), Value::String(value.to_owned())).is_some() {
            let problem = "a name is there twice";
            return Err(Refusal::invalid_param("settings", problem).into());
        }
    }
    Ok(if settings.is_empty() { String::new() } else { Value::Object(settings).to_string() })
}
