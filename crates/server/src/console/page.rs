//! What every page is made with: the form that came, the answer that goes, and who is there. What a
//! page says is in the file of the page.

use crate::gateway::is_home;
use crate::incoming;
use crate::rpc::answer_page_error;
use crate::serve::Peer;
use crate::session::{Session, is_same_site};
use crate::throttle::Wait;
use crate::trace::Traced;
use crate::web::App;
use api::form::Request as Form;
use askama::Template;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use domain::{Error, Refusal, Result, Status, UserId};
use std::net::{IpAddr, Ipv4Addr};
use store::{Access, person};

/// Something that cannot go on, and nothing to do about it here.
#[derive(Template)]
#[template(path = "flaw.html")]
pub(crate) struct FlawPage<'a> {
    pub(crate) problem: &'a str,
}

/// The parameters of a page's address or form, bounded in size and time like those of every call.
pub(crate) async fn read(request: Request<Body>) -> Result<(Parts, Form)> {
    let (parts, body) = request.into_parts();
    let form = incoming::read(&parts, body).await?;
    Ok((parts, form))
}

/// A field of a form; one that is missing is empty.
pub(crate) fn text(form: &Form, name: &str) -> Result<String> {
    Ok(form.text(name)?.unwrap_or_default().to_owned())
}

/// A page on its way out.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Result<Response> {
    let text = page.render().map_err(Error::internal)?;
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Html(text)).into_response())
}

/// The answer of a page, with its name for the log.
pub(crate) fn answered(
    page: &'static str,
    answer: std::result::Result<Response, impl Into<Stop>>,
) -> Response {
    let response = answer.unwrap_or_else(|stop| match stop.into() {
        Stop::Answer(response) => *response,
        Stop::Error(error) => answer_page_error(&error),
    });
    Traced::named("page", page, response)
}

/// Why a page is not shown.
pub(crate) enum Stop {
    /// Something else is, instead.
    Answer(Box<Response>),
    /// It could not be made.
    Error(Error),
}

/// What a page comes to.
pub(crate) type Paged<T = Response> = std::result::Result<T, Stop>;

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Response> for Stop {
    fn from(response: Response) -> Self {
        Self::Answer(Box::new(response))
    }
}

/// The page that says why a form is not taken.
pub(super) fn flaw(problem: &'static str) -> Stop {
    match html(StatusCode::BAD_REQUEST, &FlawPage { problem }) {
        Ok(response) => Traced::because(Status::INVALID_PARAMS, problem, response).into(),
        Err(error) => error.into(),
    }
}

/// A page that shows what is wrong with the form that was sent, and why for the log.
pub(super) fn refused(status: StatusCode, refusal: &Refusal, page: &impl Template) -> Paged {
    Ok(Traced::because(refusal.status, &refusal.cause, html(status, page)?))
}

/// The same of somebody who has to wait.
pub(super) fn slowed(wait: Wait, page: &impl Template) -> Paged {
    let Wait(seconds) = wait;
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page)?;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    Ok(Traced::because(Status::TOO_MANY_REQUESTS, "too many tries", response))
}

/// What is wrong with which field of a form.
#[derive(Debug, Default)]
pub(super) struct Problem {
    pub(super) field: String,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(field: &str, text: impl Into<String>) -> Self {
        Self { field: field.to_owned(), text: text.into() }
    }

    /// Of a refused parameter: `names` says how the form calls those that are called otherwise.
    pub(super) fn of(refusal: &Refusal, names: &[(&str, &str)]) -> Self {
        let text = refusal.text.strip_prefix("Invalid Params: invalid ").unwrap_or(&refusal.text);
        let (name, problem) = text.split_once(": ").unwrap_or(("", text));
        let renamed = names.iter().find(|(given, _)| *given == name).map(|(_, field)| *field);
        Self::new(renamed.unwrap_or(name), format!("Please check: {problem}."))
    }

    /// Whether it is about that field.
    pub(super) fn at(&self, field: &str) -> bool {
        self.field == field && !self.text.is_empty()
    }
}

/// A refusal of a form, to be shown on its page; a failure is none.
pub(super) fn refusal_or_stop<T>(answer: Result<T>) -> Paged<std::result::Result<T, Refusal>> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Refused(refusal)) => Ok(Err(*refusal)),
        Err(failure) => Err(failure.into()),
    }
}

/// A request of anybody.
pub(super) struct Visit {
    pub(super) headers: HeaderMap,
    pub(super) form: Form,
    pub(super) address: IpAddr,
    /// The page with its query, to come back to.
    here: String,
}

impl Visit {
    pub(super) async fn of(request: Request<Body>) -> Paged<Self> {
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
        let (parts, form) = read(request).await?;
        let address = client_address(peer, &parts.headers);
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
        Ok(Self { headers: parts.headers, form, address, here })
    }

    pub(super) fn field(&self, name: &str) -> Result<String> {
        text(&self.form, name)
    }

    /// Lets a form pass that a page of this site sent.
    pub(super) fn posted_here(&self, app: &App) -> Paged<()> {
        if is_same_site(app, &self.headers) {
            return Ok(());
        }
        Err(flaw("The form was sent by another site."))
    }
}

/// A request of somebody who is logged in.
pub(super) struct Member {
    pub(super) visit: Visit,
    pub(super) user: UserId,
    pub(super) email: String,
    session: Session,
    is_developer: bool,
    has_sandbox: bool,
}

/// What the navigation of a page needs.
pub(super) struct Frame {
    pub(super) email: String,
    pub(super) form_token: String,
    pub(super) is_developer: bool,
    /// Whether there is a sandbox to turn.
    pub(super) has_sandbox: bool,
}

impl Member {
    /// Whoever is logged in; anybody else is sent to log in and come back.
    pub(super) async fn of(app: &App, request: Request<Body>) -> Paged<Self> {
        let is_get = request.method() == axum::http::Method::GET;
        let visit = Visit::of(request).await?;
        let here = if is_get { visit.here.as_str() } else { super::HOME };
        match member(app, &visit.headers).await? {
            Some((session, email)) => {
                let (user, is_developer) = (session.user, app.rules.developers);
                let has_sandbox = app.sandbox.is_some();
                Ok(Self { visit, user, email, session, is_developer, has_sandbox })
            }
            None => {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("next", here)
                    .finish();
                Err(Redirect::to(&format!("{}?{query}", super::LOG_IN)).into_response().into())
            }
        }
    }

    /// The same with a form that one of this session's own pages sent.
    pub(super) async fn posting(app: &App, request: Request<Body>) -> Paged<Self> {
        let member = Self::of(app, request).await?;
        member.visit.posted_here(app)?;
        if !member.session.made(&member.visit.field("form_token")?) {
            return Err(flaw("The page is too old: open it again."));
        }
        Ok(member)
    }

    pub(super) fn frame(&self) -> Frame {
        Frame {
            email: self.email.clone(),
            form_token: self.session.form_token(),
            is_developer: self.is_developer,
            has_sandbox: self.has_sandbox,
        }
    }

    pub(super) const fn session(&self) -> &Session {
        &self.session
    }

    /// A session that begins now in place of this one, which a clock that was turned has ended.
    /// None: whoever this is is not there any more.
    pub(super) async fn renewed(&self, app: &App) -> Result<Option<Session>> {
        let (user, email, before) = (self.user, self.email.clone(), self.session.secret.clone());
        let work = move |tx: &mut store::Tx<'_>| {
            store::session::end(tx, &before)?;
            // After a state that was put back the same number may be somebody else's.
            let is_there = person::find(tx, user)?.is_some_and(|person| person.email == email);
            is_there.then(|| store::session::begin(tx, user)).transpose()
        };
        let secret = app.db.run(Access::Write, work).await?;
        Ok(secret.map(|secret| Session { secret, user }))
    }
}

/// The session of a request, and the address of whose it is. Whoever is gone is not logged in.
pub(super) async fn member(app: &App, headers: &HeaderMap) -> Result<Option<(Session, String)>> {
    let Some(session) = Session::of(app, headers).await? else { return Ok(None) };
    let user = session.user;
    let found = app.db.run(Access::Read, move |tx| person::find(tx, user)).await?;
    Ok(found.map(|person| (session, person.email)))
}

/// Whose computer it is: the peer, or what a proxy at home says of the peer it had. What else that
/// header holds was written by callers.
fn client_address(peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last =
        forwarded.and_then(|text| text.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    if is_home(peer) { last.unwrap_or(peer) } else { peer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_at_home_says_who_calls_and_nobody_else_does() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.1"));
        headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.2, 192.0.2.3"));
        let of = |peer: &str, headers: &HeaderMap| {
            client_address(Some(peer.parse().expect("an address")), headers).to_string()
        };
        assert_eq!(of("127.0.0.1", &headers), "192.0.2.3");
        assert_eq!(of("8.8.8.8", &headers), "8.8.8.8");
        assert_eq!(of("127.0.0.1", &HeaderMap::new()), "127.0.0.1");
        headers.append("x-forwarded-for", HeaderValue::from_static("unknown"));
        assert_eq!(of("127.0.0.1", &headers), "127.0.0.1");
    }
}
