//! Making an account. An address that is taken is said to be taken: without e-mail there is no
//! other way to tell its owner, so the tries of one caller are counted instead.

use super::log_in::with_session;
use super::page::{Paged, Problem, Stop, Visit, answered, html, refusal_or_stop, refused, slowed};
use super::{HOME, leads_back};
use crate::web::App;
use api::account;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::Refusal;
use std::sync::Arc;
use store::Access;

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    next: &'a str,
    email: &'a str,
    time_zone: &'a str,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "sign_up_closed.html")]
struct ClosedPage {}

fn next_of(visit: &Visit) -> domain::Result<String> {
    let next = visit.field("next")?;
    Ok(if leads_back(&next) { next } else { HOME.to_owned() })
}

fn closed() -> Paged {
    let refusal = Refusal::rejected("sign_up", "sign-up is switched off");
    refused(StatusCode::FORBIDDEN, &refusal, &ClosedPage {})
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        if !app.rules.sign_up {
            return closed();
        }
        let next = next_of(&Visit::of(request).await?)?;
        let problem = Problem::default();
        let page = SignUpPage { next: &next, email: "", time_zone: "", problem };
        Ok::<_, Stop>(html(StatusCode::OK, &page)?)
    };
    answered("sign-up", answer.await)
}

pub(super) async fn make(State(app): State<App>, request: Request<Body>) -> Response {
    answered("sign-up", make_account(&app, request).await)
}

async fn make_account(app: &App, request: Request<Body>) -> Paged {
    if !app.rules.sign_up {
        return closed();
    }
    let visit = Visit::of(request).await?;
    visit.posted_here(app)?;
    let next = next_of(&visit)?;
    let (email, time_zone) = (visit.field("email")?, visit.field("time_zone")?);
    let password = visit.field("password")?;
    let page = |problem| {
        let (email, time_zone) = (email.as_str(), time_zone.as_str());
        SignUpPage { next: &next, email, time_zone, problem }
    };
    let show = |refusal: Refusal| {
        let problem = Problem::of(&refusal, &[("timezone", "time_zone")]);
        refused(StatusCode::BAD_REQUEST, &refusal, &page(problem))
    };
    if let Err(wait) = app.throttle.sign_up(visit.address) {
        return slowed(wait, &page(Problem::new("", super::log_in::SLOW)));
    }
    let hashed = app.verifier.hash(password, Arc::clone(&app.entropy)).await;
    let hash = match refusal_or_stop(hashed)? {
        Ok(hash) => hash,
        Err(refusal) => return show(refusal),
    };
    let (asked, zone) = (email.clone(), time_zone.clone());
    let work = move |tx: &mut store::Tx<'_>| account::sign_up(tx, &asked, &hash, &zone);
    match refusal_or_stop(app.db.run(Access::Write, work).await)? {
        Ok(secret) => Ok(with_session(app, Redirect::to(&next).into_response(), Some(&secret))),
        Err(refusal) => show(refusal),
    }
}
