//! The watch: steps, distance, calories and heart rate of every minute it is worn.
//!
//! What it deliberately does not do: oxygen, temperature, strokes in a pool, the way of a ride.

use crate::calendar::{Calendar, MINUTE};
use crate::curve::{Point, straight, whole};
use crate::life::Routine;
use crate::night::{Slept, State};
use crate::person::{Course, Persona};
use crate::plan::Plan;
use crate::pulse::{self, Minute as Moving};
use crate::random::{Kind, Stream};
use crate::workout::{Sport, Workout};

/// How likely a minute of somebody awake has steps, by the hour of the clock, at the usual pace:
/// people are on their feet before work, at noon and in the evening. \[choice\]
const ABOUT: [Point; 11] = [
    (0.0, 0.05),
    (6.0, 0.2),
    (7.0, 0.42),
    (8.5, 0.36),
    (10.0, 0.2),
    (12.5, 0.4),
    (14.0, 0.2),
    (17.0, 0.32),
    (18.5, 0.42),
    (20.5, 0.26),
    (23.0, 0.08),
];

/// The same of pupils, who run about, and of the old, who do so before noon. \[choice\]
const ABOUT_SCHOOL: [Point; 9] = [
    (0.0, 0.02),
    (7.0, 0.5),
    (8.5, 0.3),
    (10.0, 0.5),
    (11.0, 0.3),
    (13.0, 0.55),
    (16.0, 0.65),
    (19.0, 0.4),
    (20.5, 0.1),
];
const ABOUT_RETIRED: [Point; 8] = [
    (0.0, 0.05),
    (7.0, 0.35),
    (10.0, 0.42),
    (12.5, 0.3),
    (14.0, 0.18),
    (16.0, 0.36),
    (19.0, 0.24),
    (22.0, 0.06),
];
/// On a shift, whatever the hour. \[choice\]
const ON_DUTY: f64 = 0.62;

/// Steps of such a minute by a lot of 1,000: from 6 on as a power with exponent −1.6; three of four
/// are below 40 (Orendurff et al., J Rehabil Res Dev 2008;45:1077). \[choice\]
const BOUT: [Point; 6] =
    [(0.0, 6.0), (500.0, 9.0), (750.0, 14.0), (900.0, 25.0), (970.0, 54.0), (1_000.0, 90.0)];

/// Of 1,000 minutes with a dozen steps and more, those with a floor climbed, and its MET (stairs).
const CLIMBS: i64 = 28;
const FLOOR_MET: f64 = 1.7;

/// Draws of one minute.
const DRAWS: u64 = 8;

/// What the watch counted in a minute. What is 0 or none was not noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Minute {
    /// When it began, in Unix seconds: a whole minute.
    pub at: i64,
    /// Steps.
    pub steps: i64,
    /// Distance, in whole metres.
    pub distance_m: i64,
    /// Floors climbed.
    pub floors: i64,
    /// Active calories, in tenths of a kilocalorie.
    pub tenths_kcal: i64,
    /// Heart rate, in beats per minute, while the watch is worn.
    pub heart_rate_bpm: Option<i64>,
}

/// The minutes of a day of the person's calendar in which there is something to report, as far as
/// they are over at `now`, in order.
///
/// While the watch is charged there is nothing: gaps, not zeros. Nobody takes steps asleep; who
/// gets up at night does.
pub fn minutes(persona: &Persona, day: i64, now: i64) -> Vec<Minute> {
    let calendar = Calendar::of(persona);
    let Some(plan) = Plan::of(persona, &calendar, day) else { return Vec::new() };
    let nights = [
        Slept::night(persona, &calendar, day),
        Slept::nap(persona, &calendar, day),
        Slept::night(persona, &calendar, day + 1),
    ];
    let body = Body::of(persona, &plan);
    let nights: Vec<(Slept, Vec<f64>)> =
        nights.into_iter().flatten().map(|slept| (slept.beats(persona), slept)).map(swap).collect();
    let instants: Vec<i64> = (plan.start..plan.end).step_by(MINUTE as usize).collect();
    let moving: Vec<Moving> = instants.iter().map(|&at| body.minute(at, &nights)).collect();
    let beats = pulse::beats(persona, &calendar, &plan, &moving);
    let told = moving.into_iter().zip(beats).filter(|(moving, _)| plan.is_worn(moving.at));
    let told = told.map(|(moving, bpm)| Minute {
        at: moving.at,
        steps: moving.steps,
        distance_m: moving.distance_m,
        floors: moving.floors,
        tenths_kcal: whole(body.kcal_per_met * (moving.met - 1.0) * 10.0),
        heart_rate_bpm: Some(bpm),
    });
    told.filter(|minute| minute.at + MINUTE <= now).collect()
}

fn swap((beats, slept): (Vec<f64>, Slept)) -> (Slept, Vec<f64>) {
    (slept, beats)
}

/// How somebody moves on a day.
struct Body<'p> {
    plan: &'p Plan,
    steps: Stream,
    /// Kilocalories a minute for each MET.
    kcal_per_met: f64,
    hardest_met: f64,
    height_m: f64,
    routine: Routine,
    /// Nobody moves about less, in parts of the usual.
    stillest: f64,
}

impl<'p> Body<'p> {
    fn of(persona: &Persona, plan: &'p Plan) -> Self {
        let course = Course::of(persona);
        Self {
            plan,
            steps: Stream::new(persona.seed, Kind::Steps),
            // A MET is near a kilocalorie an hour and kilogram.
            kcal_per_met: course.weight_kg(plan.day) / 60.0,
            hardest_met: course.hardest_met(plan.day),
            height_m: course.height_m(plan.day),
            routine: persona.life.routine,
            stillest: if persona.life.preset.is_some() { 0.15 } else { 0.4 },
        }
    }

    fn minute(&self, at: i64, nights: &[(Slept, Vec<f64>)]) -> Moving {
        let still = Moving { at, steps: 0, distance_m: 0, floors: 0, met: 1.0, asleep_bpm: None };
        let in_bed = nights.iter().find_map(|(slept, beats)| {
            let (minute, state) = slept.at(at)?;
            Some((state, *beats.get(minute)?))
        });
        if let Some((state, bpm)) = in_bed {
            let steps = if state == State::OutOfBed { 6 + self.below(at, 0, 20) } else { 0 };
            return Moving { asleep_bpm: Some(bpm), ..self.walked(still, steps as f64) };
        }
        if let Some(workout) = self.plan.workout_at(at) {
            return self.trained(still, workout);
        }
        if let Some(walk) = self.plan.walk_at(at) {
            let is_end = at == walk.start || at + MINUTE == walk.end;
            let waits = self.below(at, 1, 100) < 10;
            let part =
                if is_end || waits { 0.45 + self.below(at, 2, 35) as f64 / 100.0 } else { 1.0 };
            let cadence = walk.cadence + self.below(at, 0, 9) as f64 - 4.0;
            return self.climbed(self.walked(still, cadence * part));
        }
        let hour = (at - self.plan.start) as f64 / 3_600.0;
        let about = match self.routine {
            _ if self.plan.is_on_duty(at) => ON_DUTY,
            Routine::School => straight(&ABOUT_SCHOOL, hour),
            Routine::Retired => straight(&ABOUT_RETIRED, hour),
            _ => straight(&ABOUT, hour),
        };
        let likely = about * self.plan.pace.clamp(self.stillest, 1.9);
        if self.below(at, 3, 1_000) as f64 >= likely * 1_000.0 {
            return still;
        }
        self.climbed(self.walked(still, straight(&BOUT, self.below(at, 0, 1_000) as f64)))
    }

    /// A minute with steps: 3 MET at 100 a minute and one more for every ten (Tudor-Locke et al.,
    /// IJBNPA 2019;16:8); below 90 by their number, from somebody who stands. \[choice\]
    fn walked(&self, still: Moving, steps: f64) -> Moving {
        let steps = whole(steps);
        if steps == 0 {
            return still;
        }
        let cadence = steps as f64;
        let met = if cadence < 90.0 {
            1.3 + 0.7 * cadence / 90.0
        } else {
            3.0 + (cadence - 100.0) / 10.0
        };
        // 0.415 of the height, longer the quicker (walk ratio, Sekiya et al.). \[mem\]
        let length = self.height_m * (0.415 + 0.001 * (cadence.max(60.0) - 105.0));
        Moving { steps, distance_m: whole(cadence * length), met, ..still }
    }

    fn climbed(&self, moving: Moving) -> Moving {
        if moving.steps < 12 || self.below(moving.at, 4, 1_000) >= CLIMBS {
            return moving;
        }
        Moving { floors: 1, met: moving.met + FLOOR_MET, ..moving }
    }

    /// A minute of a workout, which begins more gently.
    fn trained(&self, still: Moving, workout: &Workout) -> Moving {
        let passed = (still.at - workout.start) / MINUTE;
        let left = (workout.end - still.at) / MINUTE;
        let ramp = [0.55, 0.8, 0.92].get(passed as usize).copied().unwrap_or(1.0);
        let ramp = if left <= 2 { 0.8 } else { ramp };
        let waver = 0.95 + self.below(still.at, 0, 100) as f64 / 1_000.0;
        let met = 1.0 + (self.hardest_met - 1.0) * workout.sport.effort() * ramp * waver;
        let noise = self.below(still.at, 1, 9) as f64 - 4.0;
        let climbs = |moving: Moving, parts: i64| {
            let floors = i64::from(self.below(moving.at, 4, 1_000) < parts);
            Moving { floors, met, ..moving }
        };
        match workout.sport {
            // The cadence at which walking costs as much.
            Sport::Walk => {
                climbs(self.walked(still, (70.0 + 10.0 * met).clamp(95.0, 125.0) + noise), 40)
            }
            Sport::Hike => climbs(self.walked(still, 103.0 + noise), 220),
            Sport::Run => self.ran(still, met, ramp, noise),
            Sport::Ride => Moving { met, ..still },
            Sport::Weights => {
                let moves = self.below(still.at, 2, 100) < 35;
                let steps = if moves { 6.0 + self.below(still.at, 3, 16) as f64 } else { 0.0 };
                Moving { met, ..self.walked(still, steps) }
            }
        }
    }

    /// A run on the flat takes 3.5 + 0.2 v ml/kg/min at v m/min (ACSM, from memory).
    fn ran(&self, still: Moving, met: f64, ramp: f64, noise: f64) -> Moving {
        let metres = (met - 1.0) * 3.5 / 0.2;
        let cadence = (155.0 + 4.0 * (metres / 60.0 - 2.5)).clamp(150.0, 190.0) + noise;
        let steps = whole(cadence * (0.5 + ramp / 2.0));
        Moving { steps, distance_m: whole(metres), met, ..still }
    }

    fn below(&self, at: i64, draw: u64, bound: u32) -> i64 {
        let minute = ((at - self.plan.start) / MINUTE) as u64;
        self.steps.below(self.plan.day, minute * DRAWS + draw, bound)
    }
}
