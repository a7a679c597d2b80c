//! Workouts: two to four a week, after work or on a free morning. What the watch counts meanwhile
//! is in the minutes.
//!
//! What it deliberately does not do: swimming, pauses, training plans.

use crate::calendar::{Calendar, MINUTE, weekend};
use crate::habit::Habit;
use crate::person::{Course, Persona};
use crate::random::{Kind, Stream};

/// Two to four days a week. \[choice\]
const TRAINS: Habit = Habit { counts: &[0, 0, 30, 45], days: [2, 4, 2, 4, 1, 5, 4] };

/// Who cannot work harder than this, in MET, does not run.
const RUNNER_MET: f64 = 9.5;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sport {
    /// A brisk walk.
    Walk,
    /// A run.
    Run,
    /// A hike.
    Hike,
    /// A ride on a bicycle.
    Ride,
    /// Weights.
    Weights,
}

impl Sport {
    /// Its number in the reference.
    pub fn category(self) -> i64 {
        match self {
            Self::Walk => 1,
            Self::Run => 2,
            Self::Hike => 3,
            Self::Ride => 6,
            Self::Weights => 16,
        }
    }

    /// The share of what the person can do beyond rest, so that nobody is asked for more than that.
    pub(crate) fn effort(self) -> f64 {
        match self {
            Self::Walk => 0.31,
            Self::Run => 0.76,
            Self::Hike => 0.45,
            Self::Ride => 0.58,
            Self::Weights => 0.28,
        }
    }

    /// Its shortest and longest, in minutes. \[choice\]
    fn minutes(self) -> (i64, i64) {
        match self {
            Self::Walk => (35, 60),
            Self::Run => (25, 45),
            Self::Hike => (75, 110),
            Self::Ride => (40, 80),
            Self::Weights => (35, 50),
        }
    }
}

/// A workout, in Unix seconds; whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Workout {
    /// When it began.
    pub start: i64,
    /// When it ended: not part of it.
    pub end: i64,
    /// What was done.
    pub sport: Sport,
}

/// The workout of a day of the person's calendar, if there is one and it is over at `now`.
pub fn workouts(persona: &Persona, day: i64, now: i64) -> Vec<Workout> {
    let planned = planned(persona, &Calendar::of(persona), day);
    planned.into_iter().filter(|workout| workout.end <= now).collect()
}

/// The workout of a day.
pub(crate) fn planned(persona: &Persona, calendar: &Calendar, day: i64) -> Option<Workout> {
    calendar.span(day)?;
    if !TRAINS.picks(&Stream::new(persona.seed, Kind::WorkoutDays), day) {
        return None;
    }
    let draws = Stream::new(persona.seed, Kind::Workout);
    let sport = match (draws.below(day, 0, 100), weekend(day)) {
        (..40, _) => Sport::Run,
        (40..60, _) => Sport::Ride,
        (60..80, true) => Sport::Hike,
        (60..80, false) => Sport::Weights,
        _ => Sport::Walk,
    };
    let can_run = Course::of(persona).hardest_met(day) >= RUNNER_MET;
    let sport = if sport == Sport::Run && !can_run { Sport::Walk } else { sport };
    let (earliest, late) = if weekend(day) { (9 * 60 + 45, 60) } else { (18 * 60 + 30, 45) };
    let start = calendar.instant(day, (earliest + draws.below(day, 1, late)) * MINUTE)?;
    let start = start.div_euclid(MINUTE) * MINUTE;
    let (shortest, longest) = sport.minutes();
    let minutes = shortest + draws.below(day, 2, (longest - shortest + 1) as u32);
    Some(Workout { start, end: start + minutes * MINUTE, sport })
}
