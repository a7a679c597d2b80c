//! Who may see and turn a sandbox on its pages: a developer who is logged in, and who beside that
//! could ask over HTTP too. Without `sandbox_token` that is somebody at this machine; with it,
//! somebody who has said it once in this session. A session that ends takes it along.

use super::super::developer;
use super::super::page::{Frame, Member, Paged, Problem, answered, refused};
use super::PAGE;
use crate::sandbox::Sandbox;
use crate::session::Session;
use crate::web::App;
use crate::{bearer, session};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use cookie::{Cookie, SameSite};
use data_encoding::HEXLOWER;
use domain::{Refusal, Status};
use sha2::{Digest as _, Sha256};

/// The cookie that says that the token was said.
const COOKIE: &str = "vitald-sandbox";
/// What only proxies add.
const PROXIES: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

#[derive(Template)]
#[template(path = "sandbox_door.html")]
struct DoorPage {
    frame: Frame,
    problem: Problem,
    /// Whether saying the token would help.
    has_token: bool,
}

/// Somebody who may.
pub(super) struct Opened {
    pub(super) member: Member,
    pub(super) sandbox: Sandbox,
}

/// Whoever may see the pages; anybody else is told what is missing.
pub(super) async fn visiting(app: &App, request: Request<Body>) -> Paged<Opened> {
    opened(app, developer::developer(app, request).await?)
}

/// The same with a form.
pub(super) async fn posting(app: &App, request: Request<Body>) -> Paged<Opened> {
    opened(app, developer::posting(app, request).await?)
}

fn opened(app: &App, member: Member) -> Paged<Opened> {
    let Some(sandbox) = app.sandbox.clone() else { return Err(absent(&member)?.into()) };
    let is_open = match &sandbox.token {
        None => is_here(&member),
        Some(token) => said(app, &member.visit.headers, member.session(), token),
    };
    if is_open {
        return Ok(Opened { member, sandbox });
    }
    let has_token = sandbox.token.is_some();
    let page = DoorPage { frame: member.frame(), problem: Problem::default(), has_token };
    let cause = "the token of the sandbox was not said, or it is asked from another machine";
    let refusal = Refusal::new(Status::INVALID_TOKEN, cause, cause);
    Err(refused(StatusCode::FORBIDDEN, &refusal, &page)?.into())
}

/// A server that is no sandbox has no such page.
fn absent(member: &Member) -> Paged {
    let refusal = Refusal::not_implemented("the server is no sandbox");
    developer::nothing_there(member, &refusal)
}

/// Whether somebody sits at this machine. What came by a proxy may be from anywhere.
fn is_here(member: &Member) -> bool {
    let is_proxied = PROXIES.iter().any(|name| member.visit.headers.contains_key(*name));
    !is_proxied && member.visit.address.to_canonical().is_loopback()
}

/// What the cookie holds: it proves the token in this session alone, and does not tell it.
fn proof(session: &Session, token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("sandbox:{}:{token}", session.secret)))
}

fn said(app: &App, headers: &HeaderMap, session: &Session, token: &str) -> bool {
    let given = session::cookie_of(headers, &name(app));
    given.is_some_and(|given| bearer::is_same(&given, &proof(session, token)))
}

fn name(app: &App) -> String {
    format!("{}{COOKIE}", if app.is_https() { "__Secure-" } else { "" })
}

/// An answer that takes along that the token was said, for a session.
pub(super) fn stays_open(
    app: &App,
    sandbox: &Sandbox,
    session: &Session,
    mut response: Response,
) -> Response {
    let Some(token) = &sandbox.token else { return response };
    let cookie = Cookie::build((name(app), proof(session, token)))
        .path(PAGE)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.is_https());
    if let Ok(cookie) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

pub(in super::super) async fn open(State(app): State<App>, request: Request<Body>) -> Response {
    answered("sandbox-open", open_it(&app, request).await)
}

async fn open_it(app: &App, request: Request<Body>) -> Paged {
    let member = developer::posting(app, request).await?;
    let Some(sandbox) = app.sandbox.clone() else { return absent(&member) };
    let given = member.visit.field("sandbox_token")?;
    if sandbox.token.as_ref().is_some_and(|token| bearer::is_same(given.trim(), token)) {
        let response = Redirect::to(PAGE).into_response();
        return Ok(stays_open(app, &sandbox, member.session(), response));
    }
    let has_token = sandbox.token.is_some();
    let text = if has_token { "This is not the token of the sandbox." } else { "" };
    let problem = Problem::new("sandbox_token", text);
    let page = DoorPage { frame: member.frame(), problem, has_token };
    let refusal = Refusal::rejected("sandbox_token", "not the token of the sandbox");
    refused(StatusCode::FORBIDDEN, &refusal, &page)
}
