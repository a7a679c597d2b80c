//! Where people arrive: the page of a server nobody knows yet, and the page of somebody who is
//! logged in.

use super::page::{Frame, Member, Stop, Visit, answered, html, member};
use crate::web::App;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;

#[derive(Template)]
#[template(path = "landing.html")]
struct LandingPage {
    is_member: bool,
    is_open: bool,
    is_developer: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
}

pub(super) async fn landing(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let visit = Visit::of(request).await?;
        let is_member = member(&app, &visit.headers).await?.is_some();
        let (is_open, is_developer) = (app.rules.sign_up, app.rules.developers);
        Ok::<_, Stop>(html(StatusCode::OK, &LandingPage { is_member, is_open, is_developer })?)
    };
    answered("landing", answer.await)
}

pub(super) async fn home(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let frame = Member::of(&app, request).await?.frame();
        Ok::<_, Stop>(html(StatusCode::OK, &HomePage { frame })?)
    };
    answered("account", answer.await)
}
