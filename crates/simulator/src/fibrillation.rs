//! When the atria fibrillate: on some days, for some hours.
//!
//! What it deliberately does not do: fibrillation that stays, flutter, single beats out of order.

use crate::Persona;
use crate::calendar::{Calendar, MINUTE};
use crate::random::{Kind, Stream};

/// The length of an episode, in minutes: paroxysms last from minutes to a day. \[choice\]
const LASTS: (i64, u32) = (90, 780);
/// Beats per minute that the ventricles are faster meanwhile, and what they waver by more.
/// \[choice\]
pub(crate) const FASTER_BPM: f64 = 24.0;
pub(crate) const WAVER_BPM: f64 = 9.0;

/// The episodes about a day.
pub(crate) struct Episodes(Vec<(i64, i64)>);

impl Episodes {
    /// Those that begin on a day, the day before or the day after.
    pub(crate) fn about(persona: &Persona, calendar: &Calendar, day: i64) -> Self {
        let share = persona.life.fibrillation_percent;
        if share == 0 {
            return Self(Vec::new());
        }
        let draws = Stream::new(persona.seed, Kind::Fibrillation);
        let episode = |day: i64| {
            let (start, _) = calendar.span(day).filter(|_| draws.below(day, 0, 100) < share)?;
            let start = start + draws.below(day, 1, 1_380) * MINUTE;
            Some((start, start + (LASTS.0 + draws.below(day, 2, LASTS.1)) * MINUTE))
        };
        Self((day - 1..=day + 1).filter_map(episode).collect())
    }

    /// Whether the atria fibrillate at an instant.
    pub(crate) fn has(&self, at: i64) -> bool {
        self.0.iter().any(|(start, end)| (*start..*end).contains(&at))
    }

    /// The first of them that begins on a day whose bounds these are.
    pub(crate) fn first_in(&self, start: i64, end: i64) -> Option<(i64, i64)> {
        self.0.iter().copied().find(|(begins, _)| (start..end).contains(begins))
    }
}
