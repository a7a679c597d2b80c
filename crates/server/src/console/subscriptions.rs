//! Who an application is told about, and each subscription with its buttons: try it, hold it back,
//! sign it. Of addresses the host alone is shown in lists, and never what stands in a query.

use super::developer::{developer, not_found, posting};
use super::page::{Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused};
use crate::web::App;
use api::account::{self, Deed, Done};
use api::admin;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::{Result, UserId};
use jiff::Timestamp;
use store::subscription::{APPLICATION, Filter, SECRET_OVERLAP_SECONDS, Subscription};
use store::{Access, Tx};

/// Subscriptions on one page.
const PAGE_ROWS: i64 = 50;

/// A subscription as a page shows it.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) user: Option<UserId>,
    pub(super) appli: i64,
    pub(super) category: &'static str,
    pub(super) host: String,
    pub(super) state: &'static str,
    pub(super) failures: i64,
    pub(super) failing_since: Option<String>,
    pub(super) is_signed: bool,
}

impl From<&Subscription> for Row {
    fn from(one: &Subscription) -> Self {
        Self {
            id: one.id,
            user: (one.user != APPLICATION).then_some(one.user),
            appli: one.appli.0,
            category: admin::category_name(one.appli),
            host: host(&one.callback),
            state: one.state.name(),
            failures: one.failures,
            failing_since: one.failing_since.map(moment),
            is_signed: one.is_signed,
        }
    }
}

/// A moment in words every program reads.
pub(super) fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

fn host(callback: &str) -> String {
    let url = callback.parse::<url::Url>().ok();
    let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => String::new(),
    }
}

/// Subscriptions of an application after one, and whether that is all; none if it is not theirs.
pub(super) fn rows(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    after: (UserId, i64),
) -> Result<Option<(Vec<Row>, Option<String>)>> {
    let filter = Filter { with_ended: true, ..Filter::default() };
    let found = account::own_subscriptions(tx, owner, client_id, &filter, after, PAGE_ROWS + 1)?;
    Ok(found.map(|mut found| {
        let shown = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
        let is_more = found.len() > shown;
        found.truncate(shown);
        let last = found.last().filter(|_| is_more);
        let more = last.map(|last| format!("{}.{}", last.user, last.id));
        (found.iter().map(Row::from).collect(), more)
    }))
}

/// Before all of them.
pub(super) const FROM_THE_FIRST: (UserId, i64) = (APPLICATION, i64::MIN);

#[derive(Template)]
#[template(path = "subscriptions.html")]
struct ListPage {
    frame: Frame,
    client_id: String,
    subscriptions: Vec<Row>,
    more: Option<String>,
}

pub(super) async fn list(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    let answer = async {
        let member = developer(&app, request).await?;
        let after = member.visit.field("after")?;
        let place = || {
            let (user, id) = after.split_once('.')?;
            Some((UserId(user.parse().ok()?), id.parse().ok()?))
        };
        let (user, id) = (member.user, client_id.clone());
        // What is no place is the beginning.
        let after = place().unwrap_or(FROM_THE_FIRST);
        let found = app.db.run(Access::Read, move |tx| rows(tx, user, &id, after)).await?;
        let Some((subscriptions, more)) = found else { return not_found(&member) };
        let page = ListPage { frame: member.frame(), client_id, subscriptions, more };
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("subscriptions", answer.await)
}

#[derive(Template)]
#[template(path = "subscription.html")]
struct OnePage {
    frame: Frame,
    problem: Problem,
    client_id: String,
    name: String,
    row: Row,
    callback: String,
    created: String,
    comment: Option<String>,
    overlap_hours: i64,
}

#[derive(Template)]
#[template(path = "webhook_secret.html")]
struct SecretPage {
    frame: Frame,
    client_id: String,
    id: i64,
    secret: String,
    overlap_hours: i64,
}

async fn one_page(app: &App, member: &Member, client_id: &str, id: i64) -> Result<Option<OnePage>> {
    let (user, client_id) = (member.user, client_id.to_owned());
    let work = move |tx: &mut Tx<'_>| account::own_subscription(tx, user, &client_id, id);
    let found = app.db.run(Access::Read, work).await?;
    Ok(found.map(|(application, one)| OnePage {
        frame: member.frame(),
        problem: Problem::default(),
        client_id: application.client_id,
        name: application.name,
        row: Row::from(&one),
        callback: admin::shown_callback(&one.callback),
        created: moment(one.created),
        comment: one.comment,
        overlap_hours: SECRET_OVERLAP_SECONDS / 3_600,
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
    answered("subscription", answer.await)
}

pub(super) async fn change(
    State(app): State<App>,
    Path((client_id, id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    answered("subscription", change_one(&app, client_id, &id, request).await)
}

async fn change_one(app: &App, client_id: String, id: &str, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let Ok(id) = id.parse::<i64>() else { return not_found(&member) };
    let deed = Deed::named(&member.visit.field("do")?)?;
    let (user, client) = (member.user, client_id.clone());
    let work = move |tx: &mut Tx<'_>| {
        tx.attempt(|tx| account::change_own_subscription(tx, user, &client, id, deed))
    };
    let page = format!("/developer/applications/{client_id}");
    match refusal_or_stop(app.db.run(Access::Write, work).await)? {
        Ok(None) => not_found(&member),
        Ok(Some(Done::Changed)) => {
            Ok(Redirect::to(&format!("{page}/subscriptions/{id}")).into_response())
        }
        Ok(Some(Done::Sent(sent))) => {
            Ok(Redirect::to(&format!("{page}/deliveries/{sent}")).into_response())
        }
        Ok(Some(Done::Signed(secret))) => {
            let (frame, overlap_hours) = (member.frame(), SECRET_OVERLAP_SECONDS / 3_600);
            let page = SecretPage { frame, client_id, id, secret, overlap_hours };
            Ok(html(StatusCode::OK, &page)?)
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
    use super::host;

    #[test]
    fn of_a_callback_the_host_is_shown() {
        assert_eq!(host("https://my.example.org/told?secret=x"), "my.example.org");
        assert_eq!(host("http://127.0.0.1:8000/told"), "127.0.0.1:8000");
        assert_eq!(host("nonsense"), "");
    }
}
