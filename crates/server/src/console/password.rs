//! A new password. It ends every session but the one it is set in, which goes on under another id.

use super::log_in::{SLOW, with_session};
use super::page::{
    Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused, slowed,
};
use crate::throttle::Wait;
use crate::web::App;
use api::account;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use domain::{Refusal, Result};
use std::sync::Arc;
use store::{Access, person};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "password_changed.html")]
struct ChangedPage {}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let frame = Member::of(&app, request).await?.frame();
        let page = PasswordPage { frame, problem: Problem::default() };
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("password", answer.await)
}

pub(super) async fn change(State(app): State<App>, request: Request<Body>) -> Response {
    answered("password", change_password(&app, request).await)
}

/// What became of a password somebody was asked for again.
pub(super) enum Asked {
    /// It is right, and this is its hash.
    Right(String),
    Wrong,
    Slow(Wait),
}

/// Compares the password of somebody who is logged in: whoever found a session that was left open
/// does not have it, and may not guess.
pub(super) async fn asked_again(app: &App, member: &Member, field: &str) -> Result<Asked> {
    let tried = match app.throttle.password(member.visit.address, &member.email) {
        Ok(tried) => tried,
        Err(wait) => return Ok(Asked::Slow(wait)),
    };
    let (password, user) = (member.visit.field(field)?, member.user);
    let hash = app.db.run(Access::Read, move |tx| person::password_hash(tx, user)).await?;
    let is_right = app.verifier.matches(password, hash.clone()).await?;
    let Some(hash) = hash.filter(|_| is_right) else { return Ok(Asked::Wrong) };
    app.throttle.was_right(&tried);
    Ok(Asked::Right(hash))
}

/// Why the log says a password that was asked for again is refused.
pub(super) fn wrong() -> Refusal {
    Refusal::invalid_token("the password that was asked for again is wrong")
}

async fn change_password(app: &App, request: Request<Body>) -> Paged {
    let member = Member::posting(app, request).await?;
    let page = |problem| PasswordPage { frame: member.frame(), problem };
    let known = match asked_again(app, &member, "old_password").await? {
        Asked::Right(known) => known,
        Asked::Wrong => {
            let problem = Problem::new("old_password", "This is not your password.");
            return refused(StatusCode::FORBIDDEN, &wrong(), &page(problem));
        }
        Asked::Slow(wait) => return slowed(wait, &page(Problem::new("", SLOW))),
    };
    let new = member.visit.field("new_password")?;
    let hashed = app.verifier.hash(new, Arc::clone(&app.entropy)).await;
    let hash = match refusal_or_stop(hashed)? {
        Ok(hash) => hash,
        Err(refusal) => {
            let problem = Problem::of(&refusal, &[("password", "new_password")]);
            return refused(StatusCode::BAD_REQUEST, &refusal, &page(problem));
        }
    };
    let user = member.user;
    let work = move |tx: &mut store::Tx<'_>| account::change_password(tx, user, &known, &hash);
    let secret = app.db.run(Access::Write, work).await?;
    Ok(with_session(app, html(StatusCode::OK, &ChangedPage {})?, Some(&secret)))
}
