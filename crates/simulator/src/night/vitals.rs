//! Heart, breath, snoring and movement of each minute in bed, from its stage.
//!
//! What it deliberately does not do: breathing events one by one.

use super::{Slept, State, Vitals};
use crate::beat::{self, Pace};
use crate::calendar::{Calendar, MINUTE};
use crate::curve::{Point, smooth, straight, whole};
use crate::fibrillation::{self, Episodes};
use crate::person::{Course, Persona};
use crate::random::{Kind, Stream};

/// The heart rate above rest, bpm, through the night from 0 to 1: lowest at 60 to 80 per cent of
/// it, 4 to 8 bpm below the evening. \[mem\]
const THROUGH_THE_NIGHT: [Point; 4] = [(0.0, 2.0), (0.25, -0.5), (0.7, -2.0), (1.0, 0.5)];

/// Breaths per minute asleep, and their spread between people and between nights (15.4, 90 % of
/// people 11.8 to 19.2: Natarajan et al., npj Digit Med 2021;4:136).
const BREATHS: (f64, f64, f64) = (15.0, 1.6, 0.4);

/// Breaths of a child above those of grown people by age, and what a degree of fever adds (one to
/// five: Natarajan et al.).
const BREATHS_YOUNG: [Point; 4] = [(5.0, 6.0), (8.0, 4.0), (12.0, 2.5), (18.0, 0.0)];
const BREATHS_FEVER: f64 = 2.2;

/// RMSSD by age, ms: 67 exp(−0.0289 (age − 13.5)), level from 60 (Tegegne et al., Eur J Prev
/// Cardiol 2019).
const RMSSD: [Point; 7] = [
    (12.0, 70.0),
    (18.0, 59.0),
    (20.0, 55.0),
    (30.0, 42.0),
    (40.0, 31.0),
    (50.0, 23.0),
    (60.0, 17.5),
];
/// RMSSD of nights in parts of that of days, its spread between nights, and what a beat above rest
/// takes off. \[mem\]
const RMSSD_NIGHT: (f64, f64, f64) = (1.4, 0.15, 0.025);

/// Minutes from one RMSSD to the next, and nights of 100 that have it. \[choice\]
const VARIABILITY: (usize, i64) = (5, 65);

/// Minutes of a stretch in which somebody snores or does not. \[choice\]
const SNORE_MINUTES: usize = 8;

/// Draws of one minute; a nap has those above a night's.
const DRAWS: u64 = 8;
const NAP_DRAWS: u64 = 1_024;
/// Draws of a whole night.
const OF_NIGHT: u64 = 1 << 40;

/// Every minute in bed: nothing is noticed of somebody who is up.
pub(super) fn of(persona: &Persona, slept: &Slept) -> Vec<Vitals> {
    let made = Minutes::of(persona, slept);
    let minutes = slept.states.iter().zip(beats(persona, slept)).enumerate();
    let in_bed = minutes.filter(|(_, (state, _))| **state != State::OutOfBed);
    in_bed.map(|(minute, (&state, bpm))| made.minute(minute, state, bpm)).collect()
}

/// The heart rate of each minute, before it is rounded.
///
/// Relative to REM sleep 1.06 awake, 0.98 in light and 0.99 in deep sleep (Penzel et al.,
/// PMC5078504), a little further apart, as the rate falls meanwhile.
pub(super) fn beats(persona: &Persona, slept: &Slept) -> Vec<f64> {
    let noise = Stream::new(persona.seed, Kind::InBedNoise);
    let rest = Course::of(persona).rest_bpm(slept.day);
    let minutes = slept.states.len();
    let episodes = Episodes::about(persona, &Calendar::of(persona), slept.day);
    let wobble = |minute: usize| noise.normal(slept.day, base(slept) + minute as u64);
    let beat = |(minute, &state): (usize, &State)| {
        let through = minute as f64 / minutes.max(1) as f64;
        let level = if slept.is_nap { 1.0 } else { smooth(&THROUGH_THE_NIGHT, through) };
        let (factor, spread) = match state {
            State::Awake => (1.05, 2.0),
            State::Light => (0.985, 1.5),
            State::Deep => (0.96, 0.8),
            State::Rem => (1.025, 2.8),
            State::OutOfBed => (1.18, 2.0),
        };
        let near = (wobble(minute) + wobble(minute + 1) + wobble(minute + 2)) / 1.75;
        let bpm = (rest + level) * factor + spread * near.clamp(-2.5, 2.5);
        if episodes.has(slept.start + minute as i64 * MINUTE) {
            let chance = fibrillation::WAVER_BPM * wobble(minute).clamp(-2.5, 2.5);
            return bpm + fibrillation::FASTER_BPM * 0.8 + chance;
        }
        bpm
    };
    slept.states.iter().enumerate().map(beat).collect()
}

fn base(slept: &Slept) -> u64 {
    if slept.is_nap { NAP_DRAWS } else { 0 }
}

/// What is the same in all minutes of a night.
struct Minutes<'s> {
    persona: &'s Persona,
    episodes: Episodes,
    slept: &'s Slept,
    even: Stream,
    noise: Stream,
    rest_bpm: f64,
    breaths: f64,
    rmssd_ms: Option<f64>,
    snores: i64,
}

impl<'s> Minutes<'s> {
    fn of(persona: &'s Persona, slept: &'s Slept) -> Self {
        let even = Stream::new(persona.seed, Kind::InBed);
        let noise = Stream::new(persona.seed, Kind::InBedNoise);
        let (course, day) = (Course::of(persona), slept.day);
        // A day that nobody lives through: its draws are the person's own.
        let own = |draw: u64| noise.normal(i64::MIN, draw).clamp(-2.0, 2.0);
        let night = |draw: u64| noise.normal(day, OF_NIGHT + draw).clamp(-2.0, 2.0);
        let (usual, between, _) = RMSSD_NIGHT;
        let (expecting, fever) = (course.expecting(day), course.fever(day));
        let own_share = persona.life.variability_permille as f64 / 1_000.0;
        let calm = own_share * (1.0 - expecting.stiller) * (1.0 - 0.25 * fever.min(2.0));
        let years = course.years(day).clamp(5.0, 90.0);
        let of_age = straight(&RMSSD, years);
        let rmssd = of_age * usual * (1.0 + between * night(0)) * calm;
        let is_usual = persona.life.preset.is_none();
        let has = even.below(day, OF_NIGHT, 100) < VARIABILITY.1 || !is_usual;
        let snores = if is_usual {
            5 + even.below(day, OF_NIGHT + 1, 25)
        } else {
            persona.life.snoring_percent * (60 + even.below(day, OF_NIGHT + 1, 81)) / 100
        };
        let young = if years < 18.0 { straight(&BREATHS_YOUNG, years) } else { 0.0 };
        let faster = expecting.breaths + BREATHS_FEVER * fever + young;
        Self {
            persona,
            episodes: Episodes::about(persona, &Calendar::of(persona), day),
            slept,
            even,
            noise,
            rest_bpm: course.rest_bpm(day),
            breaths: BREATHS.0 + BREATHS.1 * own(0) + BREATHS.2 * night(1) + faster,
            rmssd_ms: (has && !slept.is_nap).then_some(rmssd),
            snores,
        }
    }

    fn minute(&self, minute: usize, state: State, bpm: f64) -> Vitals {
        let at = self.slept.start + minute as i64 * MINUTE;
        let variability_ms =
            self.rmssd_ms.filter(|_| minute.is_multiple_of(VARIABILITY.0) && state.is_sleep());
        let breaths = self.breaths(minute, state);
        let variability_ms = variability_ms.map(|rmssd| {
            let slowed = 1.0 - RMSSD_NIGHT.2 * (bpm - self.rest_bpm);
            if self.persona.life.preset.is_some() {
                return self.counted(at, state, bpm, breaths, rmssd * slowed.max(0.3));
            }
            let one = rmssd * slowed * (1.0 + 0.08 * self.normal(minute, 1));
            (whole(one).clamp(5, 200), whole(one * 0.9 + 8.0).clamp(8, 220))
        });
        Vitals {
            at,
            heart_rate_bpm: whole(bpm).clamp(self.lowest(), 120),
            breaths_per_minute: breaths,
            snoring_seconds: self.snoring(minute, state),
            movement: self.movement(minute, state),
            variability_ms,
        }
    }

    /// The lowest rate that is told.
    fn lowest(&self) -> i64 {
        if self.persona.life.preset.is_some() { 34 } else { 40 }
    }

    /// RMSSD and SDNN of the beats of a minute. The waves of blood pressure are small in deep sleep
    /// and large in REM sleep (Penzel et al.).
    fn counted(&self, at: i64, state: State, bpm: f64, breaths: i64, rmssd_ms: f64) -> (i64, i64) {
        let slow = match state {
            State::Deep => 0.6,
            State::Rem => 1.7,
            _ => 1.1,
        };
        let fibrillates = self.episodes.has(at);
        let pace = Pace { bpm: whole(bpm), breaths, rmssd_ms, slow, fibrillates };
        beat::variability(&beat::distances(self.persona, at, pace))
    }

    /// Relative to REM sleep 1.02 awake, 0.95 in light and 0.92 in deep sleep (Penzel et al.); less
    /// even in REM sleep. \[mem\]
    fn breaths(&self, minute: usize, state: State) -> i64 {
        let (factor, spread) = match state {
            State::Awake | State::OutOfBed => (1.02, 1.2),
            State::Light => (0.95, 0.8),
            State::Deep => (0.92, 0.4),
            State::Rem => (1.0, 1.6),
        };
        whole(self.breaths * factor + spread * self.normal(minute, 0)).clamp(8, 26)
    }

    /// In stretches; louder in deep sleep, less in REM sleep. \[choice\]
    fn snoring(&self, minute: usize, state: State) -> i64 {
        let likely = match state {
            State::Awake | State::OutOfBed => return 0,
            State::Light => self.snores,
            State::Deep => self.snores * 2,
            State::Rem => self.snores / 3,
        };
        let stretch = minute - minute % SNORE_MINUTES;
        if self.below(stretch, 0, 100) < likely { 12 + self.below(minute, 1, 46) } else { 0 }
    }

    fn movement(&self, minute: usize, state: State) -> i64 {
        let (likely, most) = match state {
            State::Awake | State::OutOfBed => (90, 160),
            State::Light => (14, 45),
            State::Deep => (2, 20),
            State::Rem => (7, 35),
        };
        if self.below(minute, 2, 100) < likely { 3 + self.below(minute, 3, most) } else { 0 }
    }

    fn below(&self, minute: usize, draw: u64, bound: u32) -> i64 {
        let place = (base(self.slept) + minute as u64) * DRAWS + draw;
        self.even.below(self.slept.day, place, bound)
    }

    /// A normal draw without the far tails, beside those of the heart.
    fn normal(&self, minute: usize, draw: u64) -> f64 {
        let place = (base(self.slept) + minute as u64 + 2 * NAP_DRAWS) * DRAWS + draw;
        self.noise.normal(self.slept.day, place).clamp(-2.5, 2.5)
    }
}
