//! The dashboard of people who make programs: their applications, the secrets (shown once), who
//! uses them and how their calls went. An application of somebody else's answers exactly like one
//! that is not there.

use super::page::{Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused};
use super::subscriptions;
use crate::inspector::Seen;
use crate::web::App;
use api::account;
use api::admin::{ENVIRONMENTS, NewApplication, OVERLAP_SECONDS};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use domain::{Refusal, Result};
use jiff::Timestamp;
use store::Access;
use store::application::{About, Application};

#[derive(Template)]
#[template(path = "developer.html")]
struct ListPage {
    frame: Frame,
    applications: Vec<Application>,
}

/// What is typed about an application.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    description: String,
    redirect_uris: String,
    notify_uri: String,
    environment: String,
}

#[derive(Template)]
#[template(path = "application_new.html")]
struct NewPage {
    frame: Frame,
    problem: Problem,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "application.html")]
struct ApplicationPage {
    frame: Frame,
    problem: Problem,
    typed: Typed,
    is_saved: bool,
    client_id: String,
    limit: i64,
    people: i64,
    people_names: Vec<String>,
    subscriptions: Vec<subscriptions::Row>,
    has_more_subscriptions: bool,
    has_organization: bool,
    calls: Vec<Seen>,
    overlap_hours: i64,
}

impl ApplicationPage {
    fn moment(seconds: &i64) -> String {
        Timestamp::from_second(*seconds).unwrap_or_default().to_string()
    }
}

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage<'a> {
    frame: Frame,
    client_id: &'a str,
    client_secret: &'a str,
    /// How long the one before stays good; 0: there was none.
    overlap_hours: i64,
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFoundPage {
    frame: Frame,
}

/// The page of an application that is not there, or not the person's.
pub(super) fn not_found(member: &Member) -> Paged {
    let refusal = Refusal::rejected("client_id", "no such application of this person");
    nothing_there(member, &refusal)
}

/// A page that is not there, and why for the log.
pub(super) fn nothing_there(member: &Member, refusal: &Refusal) -> Paged {
    refused(StatusCode::NOT_FOUND, refusal, &NotFoundPage { frame: member.frame() })
}

pub(super) async fn developer(app: &App, request: Request<Body>) -> Paged<Member> {
    let member = Member::of(app, request).await?;
    if app.rules.developers { Ok(member) } else { Err(not_found(&member)?.into()) }
}

pub(super) async fn posting(app: &App, request: Request<Body>) -> Paged<Member> {
    let member = Member::posting(app, request).await?;
    if app.rules.developers { Ok(member) } else { Err(not_found(&member)?.into()) }
}

pub(super) async fn list(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let member = developer(&app, request).await?;
        let (user, frame) = (member.user, member.frame());
        let applications = app.db.run(Access::Read, move |tx| account::own(tx, user)).await?;
        Ok::<_, Stop>(html(StatusCode::OK, &ListPage { frame, applications })?)
    };
    answered("developer", answer.await)
}

pub(super) async fn new(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let frame = developer(&app, request).await?.frame();
        let page = NewPage { frame, problem: Problem::default(), typed: Typed::default() };
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("application-new", answer.await)
}

/// How the form calls what the rules call otherwise.
const NAMES: &[(&str, &str)] = &[("redirect-uri", "redirect_uris"), ("notify-uri", "notify_uri")];

impl Typed {
    fn of(member: &Member) -> Result<Self> {
        let field = |name| member.visit.field(name);
        Ok(Self {
            name: field("name")?,
            description: field("description")?,
            redirect_uris: field("redirect_uris")?,
            notify_uri: field("notify_uri")?,
            environment: field("environment")?,
        })
    }

    fn known(application: &Application) -> Self {
        let about = &application.about;
        Self {
            name: application.name.clone(),
            description: about.description.clone().unwrap_or_default(),
            redirect_uris: application.redirect_uris.join("\n"),
            notify_uri: about.notify_uri.clone().unwrap_or_default(),
            environment: about.environment.clone().unwrap_or_default(),
        }
    }

    fn new_application(&self) -> NewApplication {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        NewApplication {
            name: self.name.clone(),
            redirect_uris: self.redirect_uris.lines().map(str::to_owned).collect(),
            about: About {
                description: said(&self.description),
                environment: said(&self.environment),
                notify_uri: said(&self.notify_uri),
                ..About::default()
            },
        }
    }

    fn environments(&self) -> [&'static str; 3] {
        ENVIRONMENTS
    }
}

pub(super) async fn create(State(app): State<App>, request: Request<Body>) -> Response {
    answered("application-new", create_one(&app, request).await)
}

async fn create_one(app: &App, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let typed = Typed::of(&member)?;
    let (user, new) = (member.user, typed.new_application());
    let work = move |tx: &mut store::Tx<'_>| {
        let made = account::create_own(tx, user, &new)?;
        Ok((made.client_id, made.client_secret))
    };
    match refusal_or_stop(app.db.run(Access::Write, work).await)? {
        Ok((client_id, secret)) => secret_page(&member, &client_id, &secret, 0),
        Err(refusal) => {
            let problem = Problem::of(&refusal, NAMES);
            let page = NewPage { frame: member.frame(), problem, typed };
            refused(StatusCode::BAD_REQUEST, &refusal, &page)
        }
    }
}

fn secret_page(member: &Member, client_id: &str, secret: &str, overlap_seconds: i64) -> Paged {
    let page = SecretPage {
        frame: member.frame(),
        client_id,
        client_secret: secret,
        overlap_hours: overlap_seconds / 3_600,
    };
    Ok(html(StatusCode::OK, &page)?)
}

pub(super) async fn show(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    let answer = async {
        let member = developer(&app, request).await?;
        match application_page(&app, &member, client_id).await? {
            Some(page) => Ok::<_, Stop>(html(StatusCode::OK, &page)?),
            None => not_found(&member),
        }
    };
    answered("application", answer.await)
}

async fn application_page(
    app: &App,
    member: &Member,
    client_id: String,
) -> Result<Option<ApplicationPage>> {
    let user = member.user;
    let work = move |tx: &mut store::Tx<'_>| {
        let Some(found) = account::find_own(tx, user, &client_id)? else { return Ok(None) };
        let people = account::people(tx, &found.client_id)?;
        let first = subscriptions::FROM_THE_FIRST;
        let told = subscriptions::rows(tx, user, &found.client_id, first)?.unwrap_or_default();
        Ok(Some((found, people, told)))
    };
    let Some((application, (people, people_names), (subscriptions, more))) =
        app.db.run(Access::Read, work).await?
    else {
        return Ok(None);
    };
    let usual = i64::from(app.rules.requests_per_minute);
    Ok(Some(ApplicationPage {
        frame: member.frame(),
        problem: Problem::default(),
        typed: Typed::known(&application),
        is_saved: false,
        limit: application.about.requests_per_minute.unwrap_or(usual),
        people,
        people_names,
        subscriptions,
        has_more_subscriptions: more.is_some(),
        has_organization: application.about.organization.is_some(),
        calls: app.inspector.recent(&application.client_id),
        overlap_hours: OVERLAP_SECONDS / 3_600,
        client_id: application.client_id,
    }))
}

pub(super) async fn change(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    answered("application", change_one(&app, client_id, request).await)
}

async fn change_one(app: &App, client_id: String, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let typed = Typed::of(&member)?;
    let (user, new, id) = (member.user, typed.new_application(), client_id.clone());
    let work = move |tx: &mut store::Tx<'_>| account::change_own(tx, user, &id, &new);
    let changed = refusal_or_stop(app.db.run(Access::Write, work).await)?;
    if changed == Ok(false) {
        return not_found(&member);
    }
    let Some(page) = application_page(app, &member, client_id).await? else {
        return not_found(&member);
    };
    match changed {
        Ok(_) => Ok(html(StatusCode::OK, &ApplicationPage { is_saved: true, ..page })?),
        Err(refusal) => {
            let problem = Problem::of(&refusal, NAMES);
            let page = ApplicationPage { problem, typed, ..page };
            refused(StatusCode::BAD_REQUEST, &refusal, &page)
        }
    }
}

pub(super) async fn rotate(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    answered("secret", rotate_one(&app, client_id, request).await)
}

async fn rotate_one(app: &App, client_id: String, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let (user, id) = (member.user, client_id.clone());
    let work = move |tx: &mut store::Tx<'_>| account::rotate_own(tx, user, &id);
    match app.db.run(Access::Write, work).await? {
        Some(secret) => secret_page(&member, &client_id, &secret, OVERLAP_SECONDS),
        None => not_found(&member),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_calls_are_shown_with_their_true_cause() {
        let call = Seen {
            at: 1_790_000_000,
            request_id: "0123456789abcdef".to_owned(),
            service: "measure",
            action: "getmeas",
            status: 401,
            cause: Some("expired <access> token".to_owned()),
            duration_us: 512,
        };
        let (email, form_token) = ("dev@example.org".to_owned(), "x".to_owned());
        let page = ApplicationPage {
            frame: Frame { email, form_token, is_developer: true, has_sandbox: false },
            problem: Problem::default(),
            typed: Typed::default(),
            is_saved: false,
            client_id: "0a".to_owned(),
            limit: 0,
            people: 0,
            people_names: Vec::new(),
            subscriptions: Vec::new(),
            has_more_subscriptions: false,
            has_organization: false,
            calls: vec![call],
            overlap_hours: 24,
        };
        let html = page.render().expect("a page");
        for part in ["2026-09-21T14:13:20Z", "measure getmeas", "401", "512 µs", "0123456789abcdef"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains("expired") && !html.contains("<access>"), "{html}");
        assert!(html.contains("As many calls as it likes"), "{html}");
    }
}
