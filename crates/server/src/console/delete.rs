//! The end of an account. The page says what will happen; the password is asked for again.

use super::log_in::{SLOW, with_session};
use super::page::{Frame, Member, Paged, Problem, Stop, answered, html, refused, slowed};
use super::password::{Asked, asked_again, wrong};
use crate::web::App;
use api::account;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use store::Access;

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    frame: Frame,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "deleted.html")]
struct DeletedPage {}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let frame = Member::of(&app, request).await?.frame();
        let page = DeletePage { frame, problem: Problem::default() };
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("delete", answer.await)
}

pub(super) async fn delete(State(app): State<App>, request: Request<Body>) -> Response {
    answered("delete", delete_account(&app, request).await)
}

async fn delete_account(app: &App, request: Request<Body>) -> Paged {
    let member = Member::posting(app, request).await?;
    let page = |problem| DeletePage { frame: member.frame(), problem };
    let known = match asked_again(app, &member, "password").await? {
        Asked::Right(known) => known,
        Asked::Wrong => {
            let problem = Problem::new("password", "This is not your password.");
            return refused(StatusCode::FORBIDDEN, &wrong(), &page(problem));
        }
        Asked::Slow(wait) => return slowed(wait, &page(Problem::new("", SLOW))),
    };
    let user = member.user;
    let work = move |tx: &mut store::Tx<'_>| account::delete(tx, user, &known);
    app.db.run(Access::Write, work).await?;
    Ok(with_session(app, html(StatusCode::OK, &DeletedPage {})?, None))
}
