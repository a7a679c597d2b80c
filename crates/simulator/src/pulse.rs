//! The heart rate of every minute of a day, from what is done in it.
//!
//! What it deliberately does not do: stress.

use crate::calendar::{Calendar, MINUTE};
use crate::curve::{Point, smooth, whole};
use crate::fibrillation::{self, Episodes};
use crate::life::Routine;
use crate::person::{Course, Persona};
use crate::plan::Plan;
use crate::random::{Kind, Stream};
use crate::workout::Sport;

/// What a heart answers to: a minute of somebody.
pub(crate) struct Minute {
    pub(crate) at: i64,
    pub(crate) steps: i64,
    pub(crate) distance_m: i64,
    pub(crate) floors: i64,
    /// How hard it is: 1 at rest.
    pub(crate) met: f64,
    /// The heart rate of somebody in bed.
    pub(crate) asleep_bpm: Option<f64>,
}

/// Beats of the body's own day by hours after getting up: three at its height nine hours later
/// \[mem\].
const OWN_DAY: [Point; 3] = [(0.0, -1.0), (9.0, 3.0), (17.0, -1.5)];
/// Beats that sitting and being on one's feet add to rest. \[choice\]
const SITTING: f64 = 4.0;
const STANDING: f64 = 6.0;
/// Meals by the hour of the clock, and the beats they add, which go within two hours. \[mem\]
const MEALS: [(f64, f64); 3] = [(7.2, 4.0), (12.9, 6.0), (19.8, 6.0)];
const MEAL_HOURS: f64 = 2.0;
/// What a long effort adds with each minute, and at most (5 to 10 in 10 to 30 minutes \[mem\]).
const DRIFT: (f64, f64) = (0.25, 8.0);

/// How much of a minute's rate is of the minutes before it: an exponential of about 75 s (half a
/// minute to a minute and a half, J Sports Sci Med 2011;10:369).
const MEMORY: [f64; 5] = [0.55, 0.25, 0.12, 0.05, 0.03];
/// What the rate wavers by, bpm. \[mem\]
const WAVER: f64 = 2.2;

/// The lowest and highest a watch tells.
const ENDS: (i64, i64) = (40, 190);

/// The rate of each minute: what it is on its way to, and a little of where it was.
pub(crate) fn beats(
    persona: &Persona,
    calendar: &Calendar,
    plan: &Plan,
    minutes: &[Minute],
) -> Vec<i64> {
    let episodes = Episodes::about(persona, calendar, plan.day);
    let heart = Heart::of(persona, calendar, plan);
    let lowest = if persona.life.preset.is_some() { 34 } else { ENDS.0 };
    let wanted: Vec<f64> = minutes.iter().map(|minute| heart.wanted(minute)).collect();
    let noise = Stream::new(persona.seed, Kind::Pulse);
    let noises: Vec<f64> =
        (0..minutes.len() as u64 + 3).map(|draw| noise.normal(plan.day, draw)).collect();
    let beat = |at: usize| {
        let past = |(back, share): (usize, &f64)| share * wanted[at.saturating_sub(back)];
        let steady: f64 = MEMORY.iter().enumerate().map(past).sum();
        let near = noises[at..at + 4].iter().sum::<f64>() / 2.0;
        // In bed the heart wavers as the sensor under it sees; the watch adds its own error.
        let is_asleep = minutes[at].asleep_bpm.is_some();
        let waver = if is_asleep { 0.5 } else { WAVER };
        let mut bpm = steady + waver * near.clamp(-2.5, 2.5);
        if episodes.has(minutes[at].at) && !is_asleep {
            let spare = ((ENDS.1 as f64 - bpm) / 60.0).clamp(0.0, 1.0);
            let chance = fibrillation::WAVER_BPM * noises[at].clamp(-2.5, 2.5);
            bpm += (fibrillation::FASTER_BPM + chance) * spare;
        }
        whole(bpm).clamp(ENDS.0.min(lowest), ENDS.1)
    };
    (0..minutes.len()).map(beat).collect()
}

/// What a heart is like on a day.
struct Heart<'p> {
    plan: &'p Plan,
    rest_bpm: f64,
    most_bpm: f64,
    hardest_met: f64,
    /// When the body's own day begins, wherever the person is and whenever they work.
    dawn: i64,
}

impl<'p> Heart<'p> {
    fn of(persona: &Persona, calendar: &Calendar, plan: &'p Plan) -> Self {
        let course = Course::of(persona);
        Self {
            plan,
            rest_bpm: course.rest_bpm(plan.day),
            // Tanaka et al., from memory.
            most_bpm: 208.0 - 0.7 * course.age(plan.day),
            hardest_met: course.hardest_met(plan.day),
            dawn: if persona.life.routine == Routine::Shifts {
                plan.start + 7 * 3_600
            } else {
                plan.up + whole(calendar.lag_hours(plan.day) * 3_600.0)
            },
        }
    }

    /// The rate somebody would come to if the minute went on: the share of what they can do is that
    /// of the beats they have to spare.
    fn wanted(&self, minute: &Minute) -> f64 {
        if let Some(bpm) = minute.asleep_bpm {
            return bpm;
        }
        let share = ((minute.met - 1.0) / (self.hardest_met - 1.0)).clamp(0.0, 1.0);
        let effort = (self.most_bpm - self.rest_bpm) * share;
        let posture = if minute.steps > 0 { STANDING } else { SITTING };
        let hours = |from: i64| (minute.at - from) as f64 / 3_600.0;
        let own = smooth(&OWN_DAY, hours(self.dawn));
        let meal = MEALS.iter().map(|&(at, beats)| {
            let since = hours(self.plan.start) - at;
            if (0.0..MEAL_HOURS).contains(&since) {
                beats * (1.0 - since / MEAL_HOURS)
            } else {
                0.0
            }
        });
        // Who works hard has no beats to spare for these.
        let little = (posture + own + meal.sum::<f64>()) * (1.0 - share);
        let wanted = self.rest_bpm + little + effort + self.drift(minute);
        wanted.min(self.most_bpm)
    }

    fn drift(&self, minute: &Minute) -> f64 {
        let hard = |sport: Sport| matches!(sport, Sport::Run | Sport::Ride);
        let workout = self.plan.workout_at(minute.at).filter(|workout| hard(workout.sport));
        let passed = workout.map_or(0, |workout| (minute.at - workout.start) / MINUTE);
        (passed as f64 * DRIFT.0).min(DRIFT.1)
    }
}
