//! What the faults of a sandbox do to one call: before it is worked on, and on its way back. A call
//! reads them once; where there are none, that is all it costs.

use super::cut::{Cut, CutBody};
use super::{faults, rewrite};
use crate::web::App;
use api::form::Request;
use api::operation::Entry;
use api::visit::Who;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Uri, header};
use axum::response::Response;
use domain::fault::{Fault, Grant, Kind, Place, Presented, Strike};
use domain::notification::Callbacks;
use domain::{Failure, Refusal, Result, UserId};
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;
use std::time::Duration;
use store::Access;

/// A call that something may happen to.
pub(crate) struct Faulted {
    /// Those that may strike at this call.
    live: Vec<Fault>,
    /// The host that is called.
    host: String,
    grant: Option<Grant>,
    /// Who calls, once that is proven and somebody may refuse them.
    caller: OnceLock<(String, Option<UserId>)>,
    decided: OnceLock<Decision>,
}

/// What was decided of a call before anything is done for it.
#[derive(Default)]
struct Decision {
    refused: Option<Refusal>,
    page_rows: Option<usize>,
}

impl Faulted {
    /// None: nothing happens to it.
    pub(crate) async fn of(
        app: &App,
        entry: &Entry,
        parts: &Parts,
        request: &Request,
    ) -> Result<Option<Self>> {
        if app.sandbox.is_none() {
            return Ok(None);
        }
        let (service, action) = (entry.service(), entry.action.unwrap_or_default());
        let mut live = faults::live(&app.db).await?;
        live.retain(|one| one.is_at(service, action));
        if live.is_empty() {
            return Ok(None);
        }
        let grant = match (service, action, request.text("grant_type")) {
            ("oauth2", "requesttoken", Ok(Some("authorization_code"))) => Some(Grant::Code),
            ("oauth2", "requesttoken", Ok(Some("refresh_token"))) => {
                let token = request.text("refresh_token").ok().flatten().unwrap_or_default();
                let hash = Sha256::digest(token.as_bytes()).into();
                Some(Grant::Refresh { after: faults::refreshes(&app.db, &live, hash).await? })
            }
            _ => None,
        };
        let (caller, decided) = (OnceLock::new(), OnceLock::new());
        Ok(Some(Self { live, host: host(parts), grant, caller, decided }))
    }

    /// It is proven who calls: whether the call is refused, or has small pages. What is to be drawn
    /// for that is drawn outside of the call's transaction, by [`Self::decide`].
    pub(crate) fn judge(&self, who: Who<'_>) -> Result<()> {
        if let Some(decided) = self.decided.get() {
            return decided.refused.clone().map_or(Ok(()), |refusal| Err(refusal.into()));
        }
        let [refusing, shrinking] = self.deciding(who.client_id, who.user);
        if refusing.is_empty() && shrinking.is_empty() {
            let _ = self.decided.set(Decision::default());
            return Ok(());
        }
        let _ = self.caller.set((who.client_id.to_owned(), who.user));
        Err(Failure::NeedsDecision.into())
    }

    /// Those that may refuse a call, and those that may make its pages small.
    fn deciding(&self, client_id: &str, user: Option<UserId>) -> [Vec<Fault>; 2] {
        let presented = self.presented(user);
        let of = |place, can: &dyn Fn(&Fault) -> bool| {
            faults::of_place(&self.live, place, Some(client_id), can)
        };
        [of(Place::Call, &|one| one.can_refuse(presented)), of(Place::Pages, &|_| true)]
    }

    fn presented(&self, user: Option<UserId>) -> Presented<'_> {
        Presented { host: &self.host, user, grant: self.grant }
    }

    /// Decides what [`Self::judge`] is to say.
    pub(crate) async fn decide(&self, app: &App) -> Result<()> {
        let Some((client_id, user)) = self.caller.get() else { return Ok(()) };
        let [refusing, shrinking] = self.deciding(client_id, *user);
        let drawn = app.db.run(Access::Write, move |tx| {
            let refused = faults::first(tx, &refusing)?;
            let small = match refused {
                Some(_) => None,
                None => faults::first(tx, &shrinking)?,
            };
            Ok((refused, small))
        });
        let (refused, small) = drawn.await?;
        let rows = |strike: Strike| usize::try_from(strike.number_of("rows")).unwrap_or(1);
        let refused = refused.map(|strike| strike.refusal(self.presented(*user)));
        let _ = self.decided.set(Decision { refused, page_rows: small.map(rows) });
        Ok(())
    }

    /// How many rows a page has at most.
    pub(crate) fn page_rows(&self) -> Option<usize> {
        self.decided.get()?.page_rows
    }

    /// Why an address will not do as a callback, without asking it.
    pub(crate) async fn callback(
        &self,
        app: &App,
        client_id: Option<&str>,
        address: &str,
    ) -> Result<Option<String>> {
        let unfit = Callbacks::Public.check(address).err();
        let can = |one: &Fault| one.kind != Kind::LocalRefused || unfit.is_some();
        let asked = faults::of_place(&self.live, Place::Callback, client_id, can);
        if asked.is_empty() {
            return Ok(None);
        }
        let drawn = app.db.run(Access::Write, move |tx| faults::first(tx, &asked)).await?;
        let Some(strike) = drawn else { return Ok(None) };
        let why = match (strike.kind, unfit, strike.text_of("cause").as_str()) {
            (Kind::LocalRefused, Some(unfit), _) => unfit.to_string(),
            (_, _, "redirect") => "it answered 302: redirects are not followed".to_owned(),
            (_, _, "port") => "its port is neither 443 nor 80".to_owned(),
            (_, _, "private") => {
                "its name leads to an address of a private network or of this machine".to_owned()
            }
            (_, _, "timeout") => "it did not answer HEAD in time".to_owned(),
            _ => "it answered HEAD with 405, not 2xx".to_owned(),
        };
        Ok(Some(format!("the callback was refused: {why} ({})", strike.cause())))
    }

    /// The answer is there: what becomes of it. What faults have done is written down.
    pub(crate) async fn answered(
        &self,
        app: &App,
        client_id: Option<&str>,
        answer: &mut Result<Vec<u8>>,
    ) -> Result<Late> {
        let mut late = Late::default();
        let is_good = answer.is_ok();
        let changing = faults::of_place(&self.live, Place::Answer, client_id, |_| is_good);
        let is_refreshed = matches!(self.grant, Some(Grant::Refresh { .. })) && is_good;
        let can = |one: &Fault| one.kind != Kind::RefreshLost || is_refreshed;
        let delaying = faults::of_place(&self.live, Place::Way, client_id, can);
        if changing.is_empty() && delaying.is_empty() {
            return Ok(late);
        }
        let drawn = app.db.run(Access::Write, move |tx| {
            Ok((faults::each(tx, &changing)?, faults::each(tx, &delaying)?))
        });
        let (changed, delayed) = drawn.await?;
        late.causes.extend(changed.iter().chain(&delayed).map(Strike::cause));
        if let (Ok(bytes), false) = (answer, changed.is_empty()) {
            *bytes = rewrite::rewritten(bytes, &changed);
        }
        for strike in delayed {
            match strike.kind {
                Kind::Latency => {
                    let ms = u64::try_from(strike.number_of("ms")).unwrap_or_default();
                    late.wait = late.wait.saturating_add(Duration::from_millis(ms));
                }
                Kind::Cut => late.cut_after(strike.number_of("after")),
                _ => late.cut_after(0),
            }
        }
        Ok(late)
    }
}

/// The host that is called, without its port.
fn host(parts: &Parts) -> String {
    let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = named.and_then(|host| host.parse::<Uri>().ok());
    let host = named.as_ref().and_then(Uri::host).or_else(|| parts.uri.host());
    host.unwrap_or_default().to_owned()
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
