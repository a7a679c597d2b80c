//! What the faults of a sandbox do to a notification: whether it is lost, late or comes twice.

use crate::sandbox::Faults;
use domain::fault::{Fault, Kind, Place, Strike};
use store::delivery::Waiting;

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
    /// None: it goes its way. What was late once is not late again.
    pub(super) fn of(
        faults: &Faults,
        waiting: &Waiting,
        was_delayed: bool,
        now: i64,
    ) -> Option<Self> {
        let client_id = Some(waiting.client_id.as_str());
        let draw = |kind: Kind| -> Option<Strike> {
            let can = |fault: &Fault| {
                let appli = fault.kind.number(&fault.settings, "appli");
                fault.kind == kind && appli.is_none_or(|appli| appli == waiting.appli.0)
            };
            faults.draw(Place::Notification, client_id, true, can).into_iter().next()
        };
        if draw(Kind::NotificationDrop).is_some() {
            return Some(Self::Lost);
        }
        if !was_delayed {
            let later = |strike: Strike| Self::Later(now + strike.number_of("seconds"));
            if let Some(strike) = draw(Kind::NotificationDelay) {
                return Some(later(strike));
            }
            // Of two the first is held back: every other one.
            let held = draw(Kind::NotificationReorder).filter(|strike| strike.number % 2 == 1);
            if let Some(strike) = held {
                return Some(later(strike));
            }
        }
        draw(Kind::NotificationDuplicate).map(|_| Self::Twice)
    }
}
