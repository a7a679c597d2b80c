//! An account that was made for somebody, taken over by them. Whether there is one is not told; the
//! tries of one caller are counted like passwords, those for one account in `api::account` too.

use super::HOME;
use super::log_in::{SLOW, with_session};
use super::page::{Paged, Problem, Stop, Visit, answered, html, refusal_or_stop, refused, slowed};
use crate::web::App;
use api::account;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use std::sync::Arc;
use store::{Access, Tx};

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimPage<'a> {
    email: &'a str,
    has_phones: bool,
    is_sent: bool,
    problem: Problem,
}

fn page<'a>(app: &App, email: &'a str, problem: Problem) -> ClaimPage<'a> {
    ClaimPage { email, has_phones: app.sms.is_some(), is_sent: false, problem }
}

pub(super) async fn show(State(app): State<App>, _: Request<Body>) -> Response {
    answered("claim", html(StatusCode::OK, &page(&app, "", Problem::default())))
}

pub(super) async fn ask(State(app): State<App>, request: Request<Body>) -> Response {
    answered("claim", ask_for_code(&app, request).await)
}

async fn ask_for_code(app: &App, request: Request<Body>) -> Paged {
    let visit = Visit::of(request).await?;
    visit.posted_here(app)?;
    let email = visit.field("email")?;
    if let Err(wait) = app.throttle.password(visit.address, &email) {
        return slowed(wait, &page(app, &email, Problem::new("", SLOW)));
    }
    if let Some(hook) = &app.sms {
        let asked = email.clone();
        let work = move |tx: &mut Tx<'_>| account::ask(tx, &asked);
        let sms = app.db.run(Access::Write, work).await?;
        // Beside the answer: how long it takes would tell whether there is an account.
        if let Some(sms) = sms {
            let hook = Arc::clone(hook);
            tokio::spawn(async move { hook.send(&sms).await });
        }
    }
    let page = ClaimPage { is_sent: app.sms.is_some(), ..page(app, &email, Problem::default()) };
    Ok::<_, Stop>(html(StatusCode::OK, &page)?)
}

pub(super) async fn claim(State(app): State<App>, request: Request<Body>) -> Response {
    answered("claim", claim_account(&app, request).await)
}

async fn claim_account(app: &App, request: Request<Body>) -> Paged {
    let visit = Visit::of(request).await?;
    visit.posted_here(app)?;
    let (email, code) = (visit.field("email")?, visit.field("code")?);
    let tried = match app.throttle.password(visit.address, &email) {
        Ok(tried) => tried,
        Err(wait) => return slowed(wait, &page(app, &email, Problem::new("", SLOW))),
    };
    let hashed = app.verifier.hash(visit.field("password")?, Arc::clone(&app.entropy)).await;
    let hash = match refusal_or_stop(hashed)? {
        Ok(hash) => hash,
        Err(refusal) => {
            let shown = page(app, &email, Problem::of(&refusal, &[]));
            return refused(StatusCode::BAD_REQUEST, &refusal, &shown);
        }
    };
    let asked = email.clone();
    let work = move |tx: &mut Tx<'_>| account::claim(tx, &asked, &code, &hash);
    match refusal_or_stop(app.db.run(Access::Write, work).await)? {
        Ok(secret) => {
            app.throttle.was_right(&tried);
            Ok(with_session(app, Redirect::to(HOME).into_response(), Some(&secret)))
        }
        Err(refusal) => {
            let shown = page(app, &email, Problem::of(&refusal, &[]));
            refused(StatusCode::FORBIDDEN, &refusal, &shown)
        }
    }
}
