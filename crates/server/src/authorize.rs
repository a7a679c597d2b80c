//! The page on which a person permits an application to see their data. It works without
//! JavaScript. What may be permitted is `api::authorize`; logging in is `console::log_in`.

use crate::console::log_in;
use crate::console::page::{FlawPage, answered, html, read, text};
use crate::session::{Session, is_same_site};
use crate::trace::Traced;
use crate::web::App;
use api::authorize::{Ask, Checked, Flaw};
use api::form::Request as Form;
use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::{Result, ScopeSet, Status};
use store::{Access, person};

pub(crate) const AUTHORIZE: &str = "/oauth2_user/authorize2";

/// The routes of the pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(AUTHORIZE, get(page).post(decide))
        .route("/oauth2_user/authorize2/", get(page).post(decide))
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
            return log_in::page(app, application, next);
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
