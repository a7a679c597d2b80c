//! The applications that see something of a person, and the button that ends it.

use super::page::{Frame, Member, Paged, Stop, answered, html};
use crate::web::App;
use api::account;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::Access;
use store::grant::Connected;

#[derive(Template)]
#[template(path = "applications.html")]
struct ApplicationsPage {
    frame: Frame,
    connected: Vec<Connected>,
}

impl ApplicationsPage {
    fn day(seconds: &i64) -> String {
        let moment = Timestamp::from_second(*seconds).unwrap_or_default();
        moment.to_zoned(TimeZone::UTC).date().to_string()
    }
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let member = Member::of(&app, request).await?;
        let user = member.user;
        let work = move |tx: &mut store::Tx<'_>| account::connected(tx, user);
        let connected = app.db.run(Access::Read, work).await?;
        let frame = member.frame();
        Ok::<_, Stop>(html(StatusCode::OK, &ApplicationsPage { frame, connected })?)
    };
    answered("applications", answer.await)
}

pub(super) async fn revoke(State(app): State<App>, request: Request<Body>) -> Response {
    answered("revoke", revoke_one(&app, request).await)
}

async fn revoke_one(app: &App, request: Request<Body>) -> Paged {
    let member = Member::posting(app, request).await?;
    let (user, client_id) = (member.user, member.visit.field("client_id")?);
    let work = move |tx: &mut store::Tx<'_>| account::revoke(tx, user, &client_id);
    app.db.run(Access::Write, work).await?;
    Ok(Redirect::to("/account/applications").into_response())
}
