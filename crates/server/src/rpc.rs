//! The public API over HTTP: every answer is 200, `application/json`, and the envelope.

use crate::incoming;
use crate::sandbox::{Faulted, Late};
use crate::trace::Traced;
use crate::visit::Visitor;
use crate::web::App;
use api::dispatch;
use api::visit::Visit;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::{Error, Failure, Refusal, Result, Status};
use std::sync::Arc;
use store::Tx;

/// Answers every path that is no other route.
pub(crate) async fn answer(State(app): State<App>, request: Request<Body>) -> Response {
    let path = request.uri().path();
    if dispatch::service(path).is_none() && !path.starts_with("/v2/") {
        let text = "Not found. The API is below /v2; see the project's README.\n";
        return (StatusCode::NOT_FOUND, text).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::POST) {
        let allow = [(header::ALLOW, "GET, POST")];
        return (StatusCode::METHOD_NOT_ALLOWED, allow, "GET or POST\n").into_response();
    }
    let mut traced = Traced::default();
    let mut late = Late::default();
    let result = call(&app, request, &mut traced, &mut late).await;
    let bytes = match result {
        Ok(written) => app.buffers.send(written),
        Err(error) => {
            let (status, bytes) = dispatch::envelope(&error);
            traced.refused(status, &error);
            bytes.into()
        }
    };
    traced.cause = traced.cause.or_else(|| late.cause());
    let mut response = json_answer(bytes);
    response.extensions_mut().insert(traced);
    late.send(response).await
}

/// An envelope on its way out.
pub(crate) fn json_answer(envelope: Bytes) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, envelope).into_response()
}

async fn call(
    app: &App,
    request: Request<Body>,
    traced: &mut Traced,
    late: &mut Late,
) -> Result<Vec<u8>> {
    let (parts, body) = request.into_parts();
    let request = incoming::read(&parts, body).await?;
    let entry = dispatch::entry(parts.uri.path(), &request)?;
    traced.service = entry.service();
    traced.action = entry.action.unwrap_or_default();
    let built = dispatch::built(entry)?;
    let asked = app.limits.guards_duplicates().then(|| request.digest());
    let faulted = Faulted::of(app, entry, &parts, &request).await?.map(Arc::new);
    let visitor = Arc::new(Visitor::new(app, parts.uri.path(), asked, faulted.clone()));
    let request = request.visiting(Arc::clone(&visitor) as Arc<dyn Visit>);
    let request = Arc::new(request);
    let once = || {
        let (request, call, buffers) = (Arc::clone(&request), built.call, app.buffers.clone());
        app.db.run(built.access, move |tx: &mut Tx<'_>| {
            let mut envelope = buffers.take();
            call(tx, &request, &mut envelope).map(|()| envelope)
        })
    };
    let mut answer = once().await;
    if let (Err(Error::Failed(Failure::NeedsDecision)), Some(faulted)) = (&answer, &faulted) {
        faulted.decide(app).await?;
        answer = once().await;
    }
    // A preflight: what has to answer first is asked between two transactions.
    if let Err(Error::Failed(Failure::NeedsAnswer(address))) = &answer {
        let faulty = match &faulted {
            Some(faulted) => faulted.callback(app, visitor.client_id(), address).await?,
            None => None,
        };
        let heard = match faulty {
            Some(cause) => Err(cause),
            None => app.outbound.verify(address).await,
        };
        visitor.heard(address.clone(), heard);
        answer = once().await;
    }
    traced.client_id = visitor.client_id().map(str::to_owned);
    traced.user = visitor.user();
    if let Some(faulted) = faulted {
        *late = faulted.answered(app, visitor.client_id(), &mut answer).await?;
    }
    answer
}

impl Traced {
    /// Notes why an answer has a non-zero status; the wire does not say.
    pub(crate) fn refused(&mut self, status: Status, error: &Error) {
        self.status = status.code();
        self.cause = Some(match error {
            Error::Refused(refusal) => refusal.cause.clone(),
            Error::Failed(failure) => failure.to_string(),
        });
        self.is_failure = matches!(error, Error::Failed(_));
    }
}

impl From<&Refusal> for Traced {
    fn from(refusal: &Refusal) -> Self {
        let mut traced = Self::default();
        traced.refused(refusal.status, &refusal.clone().into());
        traced
    }
}

/// A page that could not be made: a plain sentence for the person, the cause for the log.
pub(crate) fn answer_page_error(error: &Error) -> Response {
    let (status, _) = dispatch::envelope(error);
    let mut traced = Traced { service: "page", ..Traced::default() };
    traced.refused(status, error);
    let http = match error {
        Error::Refused(_) => StatusCode::BAD_REQUEST,
        Error::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = (http, "Something went wrong. Please try again.\n").into_response();
    response.extensions_mut().insert(traced);
    response
}
