//! What an application was told and what became of it: the log with its filters, and each
//! notification with its attempts and a button that sends it again.

use super::developer::{developer, not_found, posting};
use super::page::{Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused};
use super::subscriptions::moment;
use crate::web::App;
use api::{account, admin};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::notification::{Appli, MessageId};
use domain::{Refusal, Result, UserId};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use store::delivery::{Filter, Logged, State as Became};
use store::subscription::APPLICATION;
use store::{Access, Tx};

/// Notifications on one page.
const PAGE_ROWS: i64 = 50;

/// A notification as a list shows it.
struct Row {
    id: MessageId,
    user: Option<UserId>,
    category: &'static str,
    created: String,
    state: &'static str,
    tries: usize,
    last: &'static str,
    http: Option<u16>,
}

impl From<&Logged> for Row {
    fn from(line: &Logged) -> Self {
        let last = line.attempts.last();
        Self {
            id: line.name(),
            user: (line.user != APPLICATION).then_some(line.user),
            category: admin::category_name(line.appli),
            created: moment(line.created),
            state: line.state.name(),
            tries: line.tries(),
            last: last.map_or("not tried yet", |last| last.outcome.meaning()),
            http: last.and_then(|last| last.http),
        }
    }
}

/// What is typed about which notifications are wanted.
#[derive(Debug, Clone, Default)]
struct Typed {
    state: String,
    appli: String,
    user: String,
    subscription: String,
    since: String,
    until: String,
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct LogPage {
    frame: Frame,
    problem: Problem,
    client_id: String,
    name: String,
    typed: Typed,
    states: Vec<(&'static str, &'static str)>,
    categories: Vec<(String, &'static str)>,
    lines: Vec<Row>,
    /// The query of the next page.
    more: Option<String>,
}

fn states() -> Vec<(&'static str, &'static str)> {
    let all = Became::ALL.into_iter().map(|(.., word)| (word, word));
    std::iter::once(("", "any")).chain(all).collect()
}

fn categories() -> Vec<(String, &'static str)> {
    let known = Appli::KNOWN.iter().map(|known| (known.appli.0.to_string(), known.name));
    let first = [(String::new(), "any"), ("0".to_owned(), "Orders")];
    first.into_iter().chain(known).collect()
}

fn refusal(name: &str, problem: &'static str) -> Refusal {
    Refusal::invalid_param(name, problem)
}

fn number(name: &str, text: &str) -> Result<Option<i64>> {
    let text = text.trim();
    let parsed = (!text.is_empty()).then(|| text.parse());
    parsed.transpose().map_err(|_| refusal(name, "expected a whole number").into())
}

/// A moment with its zone, or one of UTC, or a day of UTC.
fn when(name: &str, text: &str) -> Result<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let local = || {
        let typed: DateTime = text.parse().ok()?;
        Some(typed.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let found = text.parse::<Timestamp>().ok().or_else(local);
    let problem = "expected a moment such as 2026-11-22T07:30:00Z, or a day";
    found.map(|at| Some(at.as_second())).ok_or_else(|| refusal(name, problem).into())
}

impl Typed {
    fn of(member: &Member) -> Result<Self> {
        let field = |name| member.visit.field(name);
        Ok(Self {
            state: field("state")?,
            appli: field("appli")?,
            user: field("user")?,
            subscription: field("subscription")?,
            since: field("since")?,
            until: field("until")?,
        })
    }

    fn filter(&self) -> Result<Filter> {
        let state = Some(self.state.as_str()).filter(|word| !word.is_empty());
        let state = state.map(|word| {
            Became::named(word).ok_or_else(|| refusal("state", "choose one of the list"))
        });
        Ok(Filter {
            state: state.transpose()?,
            appli: number("appli", &self.appli)?.map(admin::category).transpose()?,
            user: number("user", &self.user)?.map(UserId),
            subscription: number("subscription", &self.subscription)?,
            since: when("since", &self.since)?,
            until: when("until", &self.until)?,
        })
    }

    /// The query that asks for the same before a line.
    fn before(&self, line: MessageId) -> String {
        let fields = [
            ("state", &self.state),
            ("appli", &self.appli),
            ("user", &self.user),
            ("subscription", &self.subscription),
            ("since", &self.since),
            ("until", &self.until),
        ];
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.into_iter().filter(|(_, text)| !text.is_empty()))
            .append_pair("before", &line.to_string())
            .finish()
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    answered("deliveries", list_some(&app, client_id, request).await)
}

async fn list_some(app: &App, client_id: String, request: Request<Body>) -> Paged {
    let member = developer(app, request).await?;
    let (typed, user) = (Typed::of(&member)?, member.user);
    let (filter, refusal) = match refusal_or_stop(typed.filter())? {
        Ok(filter) => (filter, None),
        Err(refusal) => (Filter::default(), Some(refusal)),
    };
    // What is no name is the newest.
    let before = member.visit.field("before")?.parse::<MessageId>().ok().map(|id| id.number);
    let limit = if refusal.is_some() { 0 } else { PAGE_ROWS + 1 };
    let work =
        move |tx: &mut Tx<'_>| account::own_log(tx, user, &client_id, &filter, before, limit);
    let Some((application, mut lines)) = app.db.run(Access::Read, work).await? else {
        return not_found(&member);
    };
    let shown = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let is_more = lines.len() > shown;
    lines.truncate(shown);
    let more = lines.last().filter(|_| is_more).map(|last| typed.before(last.name()));
    let page = LogPage {
        frame: member.frame(),
        problem: refusal.as_ref().map_or_else(Problem::default, |why| Problem::of(why, &[])),
        client_id: application.client_id,
        name: application.name,
        typed,
        states: states(),
        categories: categories(),
        lines: lines.iter().map(Row::from).collect(),
        more,
    };
    match refusal {
        None => Ok(html(StatusCode::OK, &page)?),
        Some(refusal) => refused(StatusCode::BAD_REQUEST, &refusal, &page),
    }
}

/// An attempt as a page shows it.
struct Tried {
    at: String,
    is_made: bool,
    name: &'static str,
    meaning: &'static str,
    http: Option<u16>,
    took_ms: u32,
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct OnePage {
    frame: Frame,
    problem: Problem,
    client_id: String,
    name: String,
    row: Row,
    subscription: Option<i64>,
    callback: String,
    body: String,
    due: Option<String>,
    attempts: Vec<Tried>,
}

async fn one_page(
    app: &App,
    member: &Member,
    client_id: &str,
    id: MessageId,
) -> Result<Option<OnePage>> {
    let (user, client_id) = (member.user, client_id.to_owned());
    let work = move |tx: &mut Tx<'_>| account::own_notification(tx, user, &client_id, id);
    let found = app.db.run(Access::Read, work).await?;
    Ok(found.map(|(application, line)| OnePage {
        frame: member.frame(),
        problem: Problem::default(),
        client_id: application.client_id,
        name: application.name,
        row: Row::from(&line),
        subscription: line.subscription,
        callback: admin::shown_callback(&line.callback),
        body: admin::shown_body(&line),
        due: line.due.map(moment),
        attempts: line
            .attempts
            .iter()
            .map(|attempt| Tried {
                at: moment(attempt.at),
                is_made: attempt.is_made(),
                name: attempt.outcome.name(),
                meaning: attempt.outcome.meaning(),
                http: attempt.http,
                took_ms: attempt.took_ms,
            })
            .collect(),
    }))
}

pub(super) async fn show(
    State(app): State<App>,
    Path((client_id, id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let answer = async {
        let member = developer(&app, request).await?;
        let Ok(id) = id.parse() else { return not_found(&member) };
        match one_page(&app, &member, &client_id, id).await? {
            Some(page) => Ok::<_, Stop>(html(StatusCode::OK, &page)?),
            None => not_found(&member),
        }
    };
    answered("delivery", answer.await)
}

pub(super) async fn resend(
    State(app): State<App>,
    Path((client_id, id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    answered("resend", resend_one(&app, client_id, &id, request).await)
}

async fn resend_one(app: &App, client_id: String, id: &str, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let Ok(id) = id.parse::<MessageId>() else { return not_found(&member) };
    let (user, client) = (member.user, client_id.clone());
    let work = move |tx: &mut Tx<'_>| tx.attempt(|tx| account::resend_own(tx, user, &client, id));
    match refusal_or_stop(app.db.run(Access::Write, work).await)? {
        Ok(None) => not_found(&member),
        Ok(Some(_)) => {
            let page = format!("/developer/applications/{client_id}/deliveries/{id}");
            Ok(Redirect::to(&page).into_response())
        }
        Err(refusal) => match one_page(app, &member, &client_id, id).await? {
            Some(page) => {
                let problem = Problem::new("", Problem::of(&refusal, &[]).text);
                refused(StatusCode::BAD_REQUEST, &refusal, &OnePage { problem, ..page })
            }
            None => not_found(&member),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_be_typed_as_a_day() {
        assert_eq!(when("since", " "), Ok(None));
        assert_eq!(when("since", "2026-09-21T14:13:20Z"), Ok(Some(1_790_000_000)));
        assert_eq!(when("since", "2026-09-21T14:13:20"), Ok(Some(1_790_000_000)));
        assert_eq!(when("since", "1970-01-02"), Ok(Some(86_400)));
        assert!(when("since", "yesterday").is_err());
    }
}
