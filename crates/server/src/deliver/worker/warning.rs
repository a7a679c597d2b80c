//! The worker says that a subscription fails: in the log, and to who looks after its application.

use super::super::mail::{cancelled_text, failing_text};
use super::Worker;
use store::delivery::Notice;
use store::{Access, application, person};

impl Worker {
    pub(super) fn warn(&self, notice: Notice) {
        let (subject, text, subscription) = match notice {
            Notice::Failing(one) => {
                tracing::warn!(
                    subscription = one.id,
                    appli = one.appli.0,
                    failures = one.failures,
                    "notifications of a subscription fail"
                );
                ("Notifications fail", failing_text(&one), one)
            }
            Notice::Cancelled(one) => {
                tracing::warn!(
                    subscription = one.id,
                    appli = one.appli.0,
                    failures = one.failures,
                    "a subscription was cancelled, as its notifications fail"
                );
                ("A subscription was cancelled", cancelled_text(&one), one)
            }
        };
        let Some(mailer) = self.parts.mailer.clone() else { return };
        let db = self.parts.db.clone();
        tokio::spawn(async move {
            let client_id = subscription.client_id;
            let owner = db.run(Access::Read, move |tx| {
                let found = application::find(tx, &client_id)?;
                let owner = found.and_then(|found| found.about.owner);
                owner.map(|owner| person::get(tx, owner).map(|owner| owner.email)).transpose()
            });
            let Ok(Some(to)) = owner.await else { return };
            if let Err(problem) = mailer.send(&to, subject, text).await {
                tracing::warn!(problem, "a warning could not be mailed");
            }
        });
    }
}
