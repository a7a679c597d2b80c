//! What the faults of a sandbox do to a notification: whether it is lost, late or comes twice.

use super::queue::Item;
use crate::sandbox::faults;
use domain::Result;
use domain::fault::{Fault, Kind, Place};
use store::delivery::Waiting;
use store::{Access, Db, Tx};

/// What becomes of a notification that a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is not sent, and counts as delivered.
    Lost,
    /// It goes out from that moment on.
    Later(i64),
    /// It is sent twice.
    Twice,
}

impl Fate {
    /// What becomes of each; none: it goes its way. Where faults cannot be asked, all do.
    pub(super) async fn of_each(db: &Db, items: Vec<Item>, now: i64) -> Vec<(Item, Option<Self>)> {
        let failed = |error| tracing::error!(%error, "faults of this sandbox could not be asked");
        let live = faults::live(db).await.map_err(failed).unwrap_or_default();
        let mut fated = Vec::with_capacity(items.len());
        for item in items {
            let fate = Self::of(db, &live, &item.waiting, now).await;
            fated.push((item, fate.map_err(failed).unwrap_or_default()));
        }
        fated
    }

    async fn of(db: &Db, live: &[Fault], waiting: &Waiting, now: i64) -> Result<Option<Self>> {
        let of = |kind: Kind| {
            let can = |fault: &Fault| {
                let appli = fault.kind.number(&fault.settings, "appli");
                fault.kind == kind && appli.is_none_or(|appli| appli == waiting.appli.0)
            };
            faults::of_place(live, Place::Notification, Some(&waiting.client_id), can)
        };
        let (dropping, doubling) = (of(Kind::NotificationDrop), of(Kind::NotificationDuplicate));
        // Late is what would go out for the first time: not what was late once, nor what failed.
        let is_first = waiting.attempts.is_empty() && waiting.due <= waiting.created;
        let [delaying, reordering] = match is_first {
            true => [of(Kind::NotificationDelay), of(Kind::NotificationReorder)],
            false => [Vec::new(), Vec::new()],
        };
        if [&dropping, &doubling, &delaying, &reordering].iter().all(|asked| asked.is_empty()) {
            return Ok(None);
        }
        db.run(Access::Write, move |tx: &mut Tx<'_>| {
            if faults::first(tx, &dropping)?.is_some() {
                return Ok(Some(Self::Lost));
            }
            if let Some(strike) = faults::first(tx, &delaying)? {
                return Ok(Some(Self::Later(now + strike.number_of("seconds"))));
            }
            // Of two the first is held back: every other one.
            let held = faults::first(tx, &reordering)?.filter(|strike| strike.number % 2 == 1);
            if let Some(strike) = held {
                return Ok(Some(Self::Later(now + strike.number_of("seconds"))));
            }
            Ok(faults::first(tx, &doubling)?.map(|_| Self::Twice))
        })
        .await
    }
}
