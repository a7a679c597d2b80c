//! The pages on which a person logs in and permits an application to see their data. They work
//! without JavaScript. What may be permitted is `api::authorize`.
//!
//! Logging in is a preflight: read the password's hash, compare outside of any transaction, then
//! write the session in a transaction that looks again.

use crate::incoming;
use crate::rpc::answer_page_error;
use crate::session::{Session, is_same_site, set_cookie};
use crate::trace::Traced;
use crate::web::App;
use api::authorize::{Ask, Checked, Flaw};
use api::form::Request as Form;
use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use domain::{Error, Refusal, Result, ScopeSet, Status, UserId};
use store::{Access, person, session};

const AUTHORIZE: &str = "/oauth2_user/authorize2";

/// The routes of the pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(AUTHORIZE, get(page).post(decide))
        .route("/oauth2_user/authorize2/", get(page).post(decide))
        .route("/oauth2_user/login", post(log_in))
        .route("/oauth2_user/logout", post(log_out))
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    application: &'a str,
    next: &'a str,
    email: &'a str,
    problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    application: &'a str,
    scopes: &'a ScopeSet,
    ask: &'a Ask,
    email: &'a str,
    is_demo: bool,
    form_token: &'a str,
    next: &'a str,
}

#[derive(Template)]
#[template(path = "flaw.html")]
struct FlawPage<'a> {
    problem: &'a str,
}

/// The parameters of a page's address or form, bounded in size and time like those of every call.
async fn read(request: Request<Body>) -> Result<(Parts, Form)> {
    let (parts, body) = request.into_parts();
    let form = incoming::read(&parts, body).await?;
    Ok((parts, form))
}

fn text(form: &Form, name: &str) -> Result<String> {
    Ok(form.text(name)?.unwrap_or_default().to_owned())
}

fn ask(app: &App, form: &Form) -> Result<Ask> {
    Ok(Ask {
        response_type: text(form, "response_type")?,
        client_id: text(form, "client_id")?,
        state: text(form, "state")?,
        scope: text(form, "scope")?,
        redirect_uri: text(form, "redirect_uri")?,
        mode: form.text("mode")?.map(str::to_owned),
        code_challenge: form.text("code_challenge")?.map(str::to_owned),
        code_challenge_method: form.text("code_challenge_method")?.map(str::to_owned),
        issuer: app.issuer(),
    })
}

async fn page(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let (parts, form) = read(request).await?;
        let address = parts.uri.query().map(|query| format!("{AUTHORIZE}?{query}"));
        let next = address.as_deref().unwrap_or(AUTHORIZE);
        show(&app, &parts.headers, &ask(&app, &form)?, next).await
    };
    answered("authorize", answer.await)
}

async fn show(app: &App, headers: &HeaderMap, ask: &Ask, next: &str) -> Result<Response> {
    let checked = match check(app, ask).await? {
        Ok(checked) => checked,
        Err(flaw) => return flaw_page(&flaw),
    };
    let application = checked.application.name.as_str();
    let session = if checked.is_demo { None } else { Session::of(app, headers).await? };
    let user = match (&session, checked.is_demo) {
        (Some(session), false) => Some(session.user),
        _ => None,
    };
    let found = app.db.run(Access::Read, move |tx| match user {
        Some(user) => person::find(tx, user),
        None => person::demo(tx),
    });
    let email = match (user, checked.is_demo) {
        (None, false) => {
            return html(
                StatusCode::OK,
                &LoginPage { application, next, email: "", problem: None },
            );
        }
        _ => found.await?.map(|person| person.email),
    };
    let Some(email) = email else {
        return flaw_page(&Flaw::Page("mode: this server has no demo person."));
    };
    let form_token = session.as_ref().map(Session::form_token).unwrap_or_default();
    let (scopes, is_demo) = (&checked.scopes, checked.is_demo);
    let (email, form_token) = (email.as_str(), form_token.as_str());
    let page = ConsentPage { application, scopes, ask, email, is_demo, form_token, next };
    html(StatusCode::OK, &page)
}

async fn check(app: &App, ask: &Ask) -> Result<std::result::Result<Checked, Flaw>> {
    let ask = ask.clone();
    app.db.run(Access::Read, move |tx| ask.check(tx)).await
}

async fn decide(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let (parts, form) = read(request).await?;
        decision(&app, &parts.headers, &form).await
    };
    answered("authorize", answer.await)
}

async fn decision(app: &App, headers: &HeaderMap, form: &Form) -> Result<Response> {
    if !is_same_site(app, headers) {
        return flaw_page(&Flaw::Page("The form was sent by another site."));
    }
    let form_token = text(form, "form_token")?;
    let decision = text(form, "decision")?;
    let ask = ask(app, form)?;
    let checked = match check(app, &ask).await? {
        Ok(checked) => checked,
        Err(flaw) => return flaw_page(&flaw),
    };
    let user = if checked.is_demo {
        let demo = app.db.run(Access::Read, person::demo).await?;
        demo.map(|person| person.id)
    } else {
        let session = Session::of(app, headers).await?;
        session.filter(|session| session.made(&form_token)).map(|session| session.user)
    };
    let Some(user) = user else {
        return flaw_page(&Flaw::Page("The page is too old: go back to the application."));
    };
    let outcome = match decision.as_str() {
        "allow" => app.db.run(Access::Write, move |tx| ask.permit(tx, user)).await?,
        "deny" => app.db.run(Access::Read, move |tx| ask.deny(tx)).await?,
        _ => return flaw_page(&Flaw::Page("decision: give allow or deny.")),
    };
    match outcome {
        Ok(address) => Ok(found(&address)),
        Err(flaw) => flaw_page(&flaw),
    }
}

/// 302 with the address as it is: axum's own redirect would refuse none, but would say 303.
fn found(address: &str) -> Response {
    let headers = [(header::LOCATION, address), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::FOUND, headers).into_response()
}

fn flaw_page(flaw: &Flaw) -> Result<Response> {
    let (response, cause) = match flaw {
        Flaw::Redirect { address, cause } => (found(address), *cause),
        Flaw::Page(problem) => (html(StatusCode::BAD_REQUEST, &FlawPage { problem })?, *problem),
    };
    Ok(Traced::because(Status::INVALID_PARAMS, cause, response))
}

/// The answer of a page, with its name for the log.
fn answered(page: &'static str, answer: Result<Response>) -> Response {
    let response = answer.unwrap_or_else(|error| answer_page_error(&error));
    Traced::named("page", page, response)
}

fn html(status: StatusCode, page: &impl Template) -> Result<Response> {
    let text = page.render().map_err(Error::internal)?;
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Html(text)).into_response())
}

async fn log_in(State(app): State<App>, request: Request<Body>) -> Response {
    let answer = async {
        let (parts, form) = read(request).await?;
        begin_session(&app, &parts.headers, &form).await
    };
    answered("login", answer.await)
}

async fn begin_session(app: &App, headers: &HeaderMap, form: &Form) -> Result<Response> {
    let (next, password) = (text(form, "next")?, text(form, "password")?);
    let next = next.as_str();
    if !is_same_site(app, headers) || !leads_back(next) {
        return flaw_page(&Flaw::Page("The form was sent by another site."));
    }
    let email = text(form, "email")?.trim().to_owned();
    let read = email.clone();
    let known = app.db.run(Access::Read, move |tx| person::password_of(tx, &read)).await?;
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let matches = app.verifier.matches(password, hash).await?;
    let cause = match known {
        Some(_) => "log-in: the password is wrong",
        None => "log-in: nobody has this e-mail address",
    };
    let (Some(known), true) = (known, matches) else {
        let problem = Some("This e-mail address and this password do not belong together.");
        let page = LoginPage { application: "", next, email: &email, problem };
        let response = html(StatusCode::FORBIDDEN, &page)?;
        return Ok(Traced::because(Status::INVALID_TOKEN, cause, response));
    };
    let secret = app.db.run(Access::Write, move |tx| log_in_again(tx, &email, &known)).await?;
    let mut response = Redirect::to(next).into_response();
    if let Some(cookie) = set_cookie(app, Some(&secret)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The write after the preflight: the password may have been changed meanwhile.
fn log_in_again(tx: &mut store::Tx<'_>, email: &str, known: &(UserId, String)) -> Result<String> {
    if person::password_of(tx, email)?.as_ref() != Some(known) {
        return Err(Refusal::invalid_token("the password changed while it was compared").into());
    }
    session::begin(tx, known.0)
}

async fn log_out(State(app): State<App>, request: Request<Body>) -> Response {
    let end = async {
        let (parts, form) = read(request).await?;
        let (headers, next) = (parts.headers, text(&form, "next")?);
        if !is_same_site(&app, &headers) || !leads_back(&next) {
            return flaw_page(&Flaw::Page("The form was sent by another site."));
        }
        if let Some(session) = Session::of(&app, &headers).await? {
            let secret = session.secret;
            app.db.run(Access::Write, move |tx| session::end(tx, &secret)).await?;
        }
        let mut response = Redirect::to(&next).into_response();
        if let Some(cookie) = set_cookie(&app, None) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    };
    answered("logout", end.await)
}

/// Only back to the page itself: never to another site, and nothing a header cannot hold.
fn leads_back(next: &str) -> bool {
    let back = |rest: &str| rest.is_empty() || rest.starts_with('?');
    next.strip_prefix(AUTHORIZE).is_some_and(back) && !next.contains(char::is_control)
}
