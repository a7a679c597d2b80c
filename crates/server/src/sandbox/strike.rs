//! What the faults of a sandbox do to one call: before it is worked on, and on its way back. Where
//! there are none, a call costs one look at a number.

use super::cut::{Cut, CutBody};
use super::faults::Faults;
use super::rewrite;
use crate::web::App;
use api::form::Request;
use api::operation::Entry;
use api::visit::Who;
use axum::body::Body;
use axum::response::Response;
use domain::fault::{Grant, Kind, Place, Presented, Strike};
use domain::{Refusal, Result};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A call that something may happen to.
pub(crate) struct Faulted {
    faults: Arc<Faults>,
    service: &'static str,
    action: &'static str,
    grant: Option<Grant>,
    page_rows: OnceLock<usize>,
}

impl Faulted {
    /// None: there are no faults.
    pub(crate) async fn of(app: &App, entry: &Entry, request: &Request) -> Result<Option<Self>> {
        let Some(sandbox) = &app.sandbox else { return Ok(None) };
        if sandbox.faults.are_quiet(&app.db).await? {
            return Ok(None);
        }
        let (service, action) = (entry.service(), entry.action.unwrap_or_default());
        let faults = Arc::clone(&sandbox.faults);
        let grant = match (service, action, request.text("grant_type")) {
            ("oauth2", "requesttoken", Ok(Some("authorization_code"))) => Some(Grant::Code),
            ("oauth2", "requesttoken", Ok(Some("refresh_token"))) => {
                let token = request.text("refresh_token").ok().flatten().unwrap_or_default();
                let digest = Sha256::digest(token.as_bytes()).into();
                Some(Grant::Refresh { after: faults.refreshes(digest, app.clock.now()) })
            }
            _ => None,
        };
        Ok(Some(Self { faults, service, action, grant, page_rows: OnceLock::new() }))
    }

    fn draw(&self, place: Place, client_id: Option<&str>, is_one: bool) -> Vec<Strike> {
        let can = |one: &domain::fault::Fault| one.is_at(self.service, self.action);
        self.faults.draw(place, client_id, is_one, can)
    }

    /// It is proven who calls: whether the call is refused, or has small pages.
    pub(crate) fn judge(&self, who: Who<'_>) -> std::result::Result<(), Refusal> {
        let presented = Presented { user: who.user, grant: self.grant };
        let can = |one: &domain::fault::Fault| {
            one.is_at(self.service, self.action) && one.can_refuse(presented)
        };
        let refused = self.faults.draw(Place::Call, Some(who.client_id), true, can);
        if let Some(strike) = refused.first() {
            return Err(strike.refusal());
        }
        let small = self.draw(Place::Pages, Some(who.client_id), true);
        if let Some(strike) = small.first() {
            let rows = usize::try_from(strike.number_of("rows")).unwrap_or(1);
            let _ = self.page_rows.set(rows);
        }
        Ok(())
    }

    /// How many rows a page has at most.
    pub(crate) fn page_rows(&self) -> Option<usize> {
        self.page_rows.get().copied()
    }

    /// Why an address will not do as a callback, without asking it.
    pub(crate) fn callback(&self, client_id: Option<&str>) -> Option<String> {
        let strikes = self.draw(Place::Callback, client_id, true);
        let strike = strikes.first()?;
        let why = match strike.text_of("cause").as_str() {
            "redirect" => "it answered 302: redirects are not followed",
            "port" => "its port is neither 443 nor 80",
            "private" => "its name leads to an address of a private network or of this machine",
            "timeout" => "it did not answer HEAD in time",
            _ => "it answered HEAD with 405, not 2xx",
        };
        Some(format!("the callback was refused: {why} ({})", strike.cause()))
    }

    /// The answer is there: what becomes of it. What faults have done is written down.
    pub(crate) async fn answered(
        &self,
        app: &App,
        client_id: Option<&str>,
        answer: &mut Result<Vec<u8>>,
    ) -> Result<Late> {
        let mut late = Late::default();
        if let Ok(bytes) = answer {
            let strikes = self.draw(Place::Answer, client_id, false);
            if !strikes.is_empty() {
                *bytes = rewrite::rewritten(bytes, &strikes);
                late.causes.extend(strikes.iter().map(Strike::cause));
            }
        }
        let is_refreshed = matches!(self.grant, Some(Grant::Refresh { .. })) && answer.is_ok();
        let can = |one: &domain::fault::Fault| {
            let is_there = one.kind != Kind::RefreshLost || is_refreshed;
            is_there && one.is_at(self.service, self.action)
        };
        for strike in self.faults.draw(Place::Way, client_id, false, can) {
            late.causes.push(strike.cause());
            match strike.kind {
                Kind::Latency => {
                    let ms = u64::try_from(strike.number_of("ms")).unwrap_or_default();
                    late.wait = late.wait.saturating_add(Duration::from_millis(ms));
                }
                Kind::Cut => late.cut_after(strike.number_of("after")),
                _ => late.cut_after(0),
            }
        }
        self.faults.keep(&app.db).await?;
        Ok(late)
    }
}

/// What becomes of an answer on its way.
#[derive(Debug, Default)]
pub(crate) struct Late {
    wait: Duration,
    cut: Option<usize>,
    causes: Vec<String>,
}

impl Late {
    /// Where two cut, the earlier does.
    fn cut_after(&mut self, bytes: i64) {
        let bytes = usize::try_from(bytes).unwrap_or_default();
        self.cut = Some(self.cut.map_or(bytes, |other| other.min(bytes)));
    }

    /// What an operator reads.
    pub(crate) fn cause(&self) -> Option<String> {
        (!self.causes.is_empty()).then(|| self.causes.join("; "))
    }

    /// The answer as it leaves.
    pub(crate) async fn send(self, mut response: Response) -> Response {
        if !self.wait.is_zero() {
            tokio::time::sleep(self.wait).await;
        }
        match self.cut {
            None => response,
            Some(0) => {
                response.extensions_mut().insert(Cut);
                response
            }
            Some(bytes) => response.map(|body| Body::new(CutBody::new(body, bytes))),
        }
    }
}
