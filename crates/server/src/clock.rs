//! The wall clock, the one place that reads it; and the clock of a server, which is the wall clock
//! until a sandbox turns it.

use domain::Clock;
use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

/// The time of the machine, made to stand still where the machine's clock is set back: what was
/// stamped stays in order.
#[derive(Debug, Default)]
pub struct SystemClock(AtomicI64);

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
        let now = Timestamp::now().as_second();
        self.0.fetch_max(now, Ordering::SeqCst).max(now)
    }
}

/// A clock that can be turned, forward alone. Nobody has turned it: the wall clock.
#[derive(Debug, Default)]
pub struct TurnedClock {
    wall: SystemClock,
    turn: RwLock<Turn>,
}

/// How a clock is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It goes, so many seconds ahead of the wall clock.
    Ahead(i64),
    /// It stands still.
    Frozen(i64),
}

impl Default for Turn {
    fn default() -> Self {
        Self::Ahead(0)
    }
}

impl Turn {
    /// As it is written down.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Ahead(seconds) => format!("ahead {seconds}"),
            Self::Frozen(moment) => format!("frozen {moment}"),
        }
    }

    /// What [`Self::text`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (kind, number) = text.split_once(' ')?;
        let number = number.parse().ok()?;
        match kind {
            "ahead" => Some(Self::Ahead(number)),
            "frozen" => Some(Self::Frozen(number)),
            _ => None,
        }
    }
}

impl TurnedClock {
    /// How it is turned.
    pub fn turn(&self) -> Turn {
        *self.turn.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns it. A turn that would set it back is left: what was stamped stays in order.
    pub fn set(&self, turn: Turn) {
        let mut known = self.turn.write().unwrap_or_else(PoisonError::into_inner);
        if self.shows(turn) >= self.shows(*known) {
            *known = turn;
        }
    }

    /// Turns it wherever it is to be, also back. Only where everything that was stamped goes too: a
    /// new store, or one that is put back.
    pub fn reset(&self, turn: Turn) {
        *self.turn.write().unwrap_or_else(PoisonError::into_inner) = turn;
    }

    /// The turn that shows a moment now.
    pub fn turn_to(&self, moment: i64, is_frozen: bool) -> Turn {
        if is_frozen {
            return Turn::Frozen(moment);
        }
        Turn::Ahead(moment.saturating_sub(self.wall.now()))
    }

    /// Turns it so that it shows a moment from now on, and goes or stands still as before.
    pub fn show(&self, moment: i64) {
        self.set(match self.turn() {
            Turn::Ahead(_) => Turn::Ahead(moment.saturating_sub(self.wall.now())),
            Turn::Frozen(_) => Turn::Frozen(moment),
        });
    }

    /// Lets it stand still.
    pub fn freeze(&self) {
        self.set(Turn::Frozen(self.now()));
    }

    /// Lets it go on from where it is.
    pub fn resume(&self) {
        self.set(Turn::Ahead(self.now().saturating_sub(self.wall.now())));
    }

    fn shows(&self, turn: Turn) -> i64 {
        match turn {
            Turn::Ahead(seconds) => self.wall.now().saturating_add(seconds),
            Turn::Frozen(moment) => moment,
        }
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> i64 {
        self.shows(self.turn())
    }

    fn wall(&self) -> i64 {
        self.wall.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_turned_forward_alone() {
        let clock = TurnedClock::default();
        let begun = clock.now();
        clock.freeze();
        let frozen = clock.now();
        assert!((begun..begun + 60).contains(&frozen));
        clock.show(frozen + 86_400);
        assert_eq!(clock.now(), frozen + 86_400);
        for back in [Turn::Frozen(frozen), Turn::Ahead(0)] {
            clock.set(back);
            assert_eq!(clock.now(), frozen + 86_400);
        }
        clock.resume();
        assert!(matches!(clock.turn(), Turn::Ahead(ahead) if ahead > 86_000));
        assert!(clock.now() >= frozen + 86_400);
        clock.show(frozen + 200_000);
        assert!(matches!(clock.turn(), Turn::Ahead(_)) && clock.now() >= frozen + 200_000);
        clock.reset(clock.turn_to(frozen, false));
        assert!((frozen..frozen + 60).contains(&clock.now()));
        clock.reset(clock.turn_to(1_000, true));
        assert_eq!(clock.now(), 1_000);
        assert_eq!(Turn::read(&clock.turn().text()), Some(clock.turn()));
    }
}
