//! The latest measures, nights and workouts of a person, each with a button that takes it away.

use super::page::{Frame, Member, Paged, Stop, answered, html};
use crate::web::App;
use api::account::{self, Section};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::{GroupId, Refusal};
use store::{Access, Tx};

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    frame: Frame,
    sections: Vec<Section>,
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let member = Member::of(&app, request).await?;
        let user = member.user;
        let work = move |tx: &mut Tx<'_>| account::latest(tx, user);
        let sections = app.db.run(Access::Read, work).await?;
        let frame = member.frame();
        Ok::<_, Stop>(html(StatusCode::OK, &DataPage { frame, sections })?)
    };
    answered("data", answer.await)
}

pub(super) async fn delete(State(app): State<App>, request: Request<Body>) -> Response {
    answered("data", delete_one(&app, request).await)
}

async fn delete_one(app: &App, request: Request<Body>) -> Paged {
    let member = Member::posting(app, request).await?;
    let (user, name) = (member.user, member.visit.field("name")?);
    let id = member.visit.field("id")?.parse().map(GroupId);
    let id =
        id.map_err(|_| domain::Error::from(Refusal::invalid_param("id", "expected a number")))?;
    let work = move |tx: &mut Tx<'_>| tx.attempt(|tx| account::take_away(tx, user, &name, id));
    app.db.run(Access::Write, work).await?;
    Ok(Redirect::to("/account/data").into_response())
}
