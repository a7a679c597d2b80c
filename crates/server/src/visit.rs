//! One call of the API as the server sees it: who calls is learnt while the call is worked on,
//! counted once however often the work runs, and told to whoever writes about the call afterwards.

use crate::limits::call_digest;
use crate::sandbox::Faulted;
use crate::web::App;
use api::visit::{Visit, Who};
use domain::{Refusal, UserId};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A call under way.
pub(crate) struct Visitor {
    app: App,
    path: String,
    /// What is asked for, if somebody looks for the same call twice.
    asked: Option<[u8; 32]>,
    /// What may happen to it in a sandbox.
    faulted: Option<Arc<Faulted>>,
    client_id: OnceLock<String>,
    user: OnceLock<UserId>,
    admitted: OnceLock<Result<(), Refusal>>,
    /// The address that was asked, and why it will not do.
    answered: Mutex<Option<(String, Result<(), String>)>>,
}

impl Visitor {
    pub(crate) fn new(
        app: &App,
        path: &str,
        asked: Option<[u8; 32]>,
        faulted: Option<Arc<Faulted>>,
    ) -> Self {
        Self {
            app: app.clone(),
            path: path.to_owned(),
            asked,
            faulted,
            client_id: OnceLock::new(),
            user: OnceLock::new(),
            admitted: OnceLock::new(),
            answered: Mutex::default(),
        }
    }

    /// The application that called, or was named by who called.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.client_id.get().map(String::as_str)
    }

    /// Whose data was asked for.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.user.get().copied()
    }

    /// Notes what became of asking an address.
    pub(crate) fn heard(&self, address: String, answer: Result<(), String>) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        *answered = Some((address, answer));
    }

    fn counts(&self, who: Who<'_>) -> Result<(), Refusal> {
        let now = self.app.clock.now();
        if let Some(asked) = self.asked {
            let call = call_digest(who.client_id, who.user, &self.path, asked);
            self.app.limits.guard(call, now)?;
        }
        self.app.limits.count(who.client_id, now)
    }
}

impl Visit for Visitor {
    fn names(&self, client_id: &str) {
        // The first stays: it is the same one each time the work runs.
        let _ = self.client_id.set(client_id.to_owned());
    }

    fn wants_limit(&self, client_id: &str) -> bool {
        self.admitted.get().is_none() && self.app.limits.wants(client_id, self.app.clock.now())
    }

    fn learns_limit(&self, client_id: &str, requests_per_minute: Option<i64>) {
        self.app.limits.learn(client_id, requests_per_minute, self.app.clock.now());
    }

    fn concerns(&self, user: UserId) {
        let _ = self.user.set(user);
    }

    fn answered(&self, address: &str) -> Option<Result<(), String>> {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let known = answered.as_ref().filter(|(asked, _)| asked == address);
        known.map(|(_, answer)| answer.clone())
    }

    fn page_rows(&self) -> Option<usize> {
        self.faulted.as_ref().and_then(|faulted| faulted.page_rows())
    }

    fn admits(&self, who: Who<'_>) -> domain::Result<()> {
        if let Some(user) = who.user {
            let _ = self.user.set(user);
        }
        self.admitted.get_or_init(|| self.counts(who)).clone()?;
        self.faulted.as_ref().map_or(Ok(()), |faulted| faulted.judge(who))
    }
}
