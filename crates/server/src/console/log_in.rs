//! Logging in and out. Logging in is a preflight: read the password's hash, compare outside of any
//! transaction, then write the session in a transaction that looks again.

use super::page::{Paged, Stop, Visit, answered, flaw, html, member, slowed};
use super::{HOME, LOG_IN, leads_back};
use crate::session::{self, Session, set_cookie};
use crate::trace::Traced;
use crate::web::App;
use api::account;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::{Result, Status, UserId};
use store::{Access, person};

#[derive(Template)]
#[template(path = "login.html")]
struct LogInPage<'a> {
    application: &'a str,
    next: &'a str,
    email: &'a str,
    problem: &'a str,
    is_open: bool,
}

const WRONG: &str = "This e-mail address and this password do not belong together.";
pub(super) const SLOW: &str = "Too many tries. Please wait a quarter of an hour.";

/// The log-in page before an application's ask is looked at.
pub(crate) fn page(app: &App, application: &str, next: &str) -> Result<Response> {
    let is_open = app.rules.sign_up;
    let page = LogInPage { application, next, email: "", problem: "", is_open };
    html(StatusCode::OK, &page)
}

pub(super) async fn show(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let visit = Visit::of(request).await?;
        let asked = visit.field("next")?;
        let next = if leads_back(&asked) { asked.as_str() } else { HOME };
        if member(&app, &visit.headers).await?.is_some() {
            return Ok(Redirect::to(next).into_response());
        }
        Ok::<_, Stop>(page(&app, "", next)?)
    };
    answered("login", answer.await)
}

pub(super) async fn begin(State(app): State<App>, request: Request<Body>) -> Response {
    answered("login", begin_session(&app, request).await)
}

async fn begin_session(app: &App, request: Request<Body>) -> Paged {
    let visit = Visit::of(request).await?;
    let (next, password) = (visit.field("next")?, visit.field("password")?);
    let next = next.as_str();
    visit.posted_here(app)?;
    if !leads_back(next) {
        return Err(flaw("The form was sent by another site."));
    }
    let email = visit.field("email")?.trim().to_owned();
    let page = |problem| {
        let is_open = app.rules.sign_up;
        LogInPage { application: "", next, email: &email, problem, is_open }
    };
    let tried = match app.throttle.password(visit.address, &email) {
        Ok(tried) => tried,
        Err(wait) => return slowed(wait, &page(SLOW)),
    };
    let read = email.clone();
    let known = app.db.run(Access::Read, move |tx| person::password_of(tx, &read)).await?;
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let matches = app.verifier.matches(password, hash).await?;
    let cause = match known {
        Some(_) => "log-in: the password is wrong",
        None => "log-in: nobody has this e-mail address",
    };
    let (Some(known), true) = (known, matches) else {
        let response = html(StatusCode::FORBIDDEN, &page(WRONG))?;
        return Ok(Traced::because(Status::INVALID_TOKEN, cause, response));
    };
    app.throttle.was_right(&tried);
    let before = session::presented(app, &visit.headers);
    let secret = begun(app, email.clone(), known, before).await?;
    Ok(with_session(app, Redirect::to(next).into_response(), Some(&secret)))
}

async fn begun(
    app: &App,
    email: String,
    known: (UserId, String),
    before: Option<String>,
) -> Result<String> {
    let work = move |tx: &mut store::Tx<'_>| account::log_in(tx, &email, &known, before.as_deref());
    app.db.run(Access::Write, work).await
}

/// An answer with the cookie of a session that begins, or (without a secret) of one that ends.
pub(super) fn with_session(app: &App, mut response: Response, secret: Option<&str>) -> Response {
    if let Some(cookie) = set_cookie(app, secret) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

pub(super) async fn end(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let visit = Visit::of(request).await?;
        let next = visit.field("next")?;
        visit.posted_here(&app)?;
        if !leads_back(&next) {
            return Err(flaw("The form was sent by another site."));
        }
        if let Some(session) = Session::of(&app, &visit.headers).await? {
            if !session.made(&visit.field("form_token")?) {
                return Err(flaw("The page is too old: open it again."));
            }
            let secret = session.secret;
            app.db.run(Access::Write, move |tx| store::session::end(tx, &secret)).await?;
        }
        // Not to a page that would only send them on to the log-in.
        let next = if next == HOME { LOG_IN } else { next.as_str() };
        Ok(with_session(&app, Redirect::to(next).into_response(), None))
    };
    answered("logout", answer.await)
}
