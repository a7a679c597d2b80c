//! Workouts: two to four a week, after work or on a free morning. What the watch counts meanwhile
//! is in the minutes.
//!
//! What it deliberately does not do: swimming, pauses, training plans.

use crate::body;
use crate::calendar::{Calendar, MINUTE, weekday, weekend};
use crate::habit::Habit;
use crate::life::Training;
use crate::person::{Course, Persona};
use crate::random::{Kind, Stream};

/// Two to four days a week, for a bit of everything. \[choice\]
const MIXED: Habit = Habit { counts: &[0, 0, 30, 45], days: [2, 4, 2, 4, 1, 5, 4] };
/// Four to six, for runners. \[choice\]
const RUNS: Habit = Habit { counts: &[0, 0, 0, 5, 35, 40], days: [1, 4, 3, 4, 2, 4, 6] };
/// One to three, for whoever walks. \[choice\]
const WALKS: Habit = Habit { counts: &[5, 35, 40], days: [2, 3, 2, 3, 2, 4, 4] };
/// Nobody with this fever trains, in °C.
const TOO_ILL: f64 = 0.4;

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
    let habit = match persona.life.training {
        Training::Mixed => MIXED,
        Training::Runner => RUNS,
        Training::Walks => WALKS,
        Training::Never => return None,
    };
    let trains = habit.picks(&Stream::new(persona.seed, Kind::WorkoutDays), day);
    if !trains || body::fever(persona, day) > TOO_ILL {
        return None;
    }
    let draws = Stream::new(persona.seed, Kind::Workout);
    let sport = match (draws.below(day, 0, 100), weekend(day)) {
        _ if persona.life.training == Training::Walks => Sport::Walk,
        (..85, _) if persona.life.training == Training::Runner => Sport::Run,
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
    let (shortest, longest) = match (persona.life.training, sport) {
        // The long run of a Sunday.
        (Training::Runner, Sport::Run) if weekday(day) == 6 => (75, 115),
        (Training::Runner, Sport::Run) => (35, 65),
        _ => sport.minutes(),
    };
    let minutes = shortest + draws.below(day, 2, (longest - shortest + 1) as u32);
    Some(Workout { start, end: start + minutes * MINUTE, sport })
}
