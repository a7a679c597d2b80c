//! The stages of a night, minute by minute: cycles from a template, broken by being awake.
//!
//! What it deliberately does not do: the drive to sleep; a short night does not deepen the next.

use super::State;
use crate::curve::{Point, straight, whole};
use crate::person::{Course, Persona};
use crate::random::{Kind, Stream};

/// Minutes before the first sleep by a lot of 1,000: median 13, log spread 0.7, as a sensor tells
/// it (pooled mean 15 min, Boulos et al., Lancet Respir Med 2019).
const LATENCY: [Point; 6] =
    [(0.0, 3.0), (160.0, 6.0), (500.0, 13.0), (840.0, 26.0), (975.0, 38.0), (1_000.0, 45.0)];

/// Minutes of a time awake by a lot of 1,000: P(longer than t) is t to the −1.3, of those of a
/// minute and more \[mem: Lo et al., Europhys Lett 2002\], cut at 30.
const AWAKE: [Point; 7] = [
    (0.0, 1.0),
    (594.0, 2.0),
    (760.0, 3.0),
    (876.0, 5.0),
    (950.0, 10.0),
    (980.0, 20.0),
    (1_000.0, 30.0),
];

/// No night is broken for longer than this in all, in minutes: the tail of [`AWAKE`] has no mean to
/// rely on, and a few of its longest in one night would be an illness. \[choice\]
const AWAKE_MOST: i64 = 60;

/// The cycles of a night: minutes, and the shares of deep and REM sleep, at 30. \[choice\]
const CYCLES: [(f64, f64, f64); 5] = [
    (85.0, 0.48, 0.09),
    (100.0, 0.34, 0.19),
    (100.0, 0.17, 0.25),
    (95.0, 0.06, 0.29),
    (90.0, 0.03, 0.31),
];
const CYCLE_SPREAD: f64 = 12.0;
/// Their draws, beside those of the minutes.
const LENGTHS: u64 = 1 << 41;
/// No night has more cycles.
const CYCLES_MAX: usize = 10;
/// What is left of a night makes no cycle of its own if it is shorter, in minutes.
const CYCLE_SHORTEST: i64 = 45;

/// Deep and REM sleep by age, in parts of those at 30 (24 − 2 and 23 − 0.6 points a decade from
/// 20).
const DEEP_BY_AGE: [Point; 3] = [(7.0, 1.25), (20.0, 1.09), (90.0, 0.45)];
const REM_BY_AGE: [Point; 2] = [(20.0, 1.03), (90.0, 0.84)];

/// How often people of a preset wake by age, in parts of the usual: 9.7 minutes more awake in a
/// decade (Boulos et al.).
const RESTLESS: [Point; 5] = [(8.0, 0.35), (20.0, 0.55), (40.0, 1.0), (60.0, 1.5), (80.0, 2.0)];
/// What ten disturbances of the breath in an hour add to that. \[choice\]
const DISTURBED: f64 = 0.16;
/// Of 100 nights, those in which they get up once: one of 60 does so each night. \[mem\]
const GETS_UP_BY_AGE: [Point; 5] =
    [(8.0, 3.0), (30.0, 10.0), (45.0, 30.0), (60.0, 65.0), (75.0, 85.0)];
/// Minutes it takes longer to fall asleep for an hour between the body's clock and the wall's, and
/// at most. \[choice\]
const LAG: (f64, f64) = (6.0, 45.0);

/// Of 100 places in a cycle, those at which somebody wakes: while falling deeper, while rising from
/// it, in the middle of REM, after it. \[choice\]
const WAKES: [i64; 4] = [45, 55, 35, 70];

/// Of 100 nights, those in which somebody gets up once. \[choice\]
const GETS_UP: i64 = 10;

/// What each minute of a night in bed is.
pub(super) fn night(persona: &Persona, day: i64, minutes: i64, lag_hours: f64) -> Vec<State> {
    let mut draws = Draws::of(persona, Kind::Stages, day);
    let lag = whole((lag_hours.abs() * LAG.0).min(LAG.1));
    let latency = whole(straight(&LATENCY, draws.lot() as f64)) + lag;
    let up_after = 1 + draws.below(9);
    let mut cycles = Cycles::of(persona, day, &mut draws);
    let gets_up = (draws.below(100) < draws.gets_up).then(|| 1 + draws.below(3) as usize);
    let mut states = Vec::with_capacity(minutes as usize);
    lay(&mut states, State::Awake, latency);
    let mut left = minutes - latency - up_after;
    for number in 0..CYCLES_MAX {
        let mut length = cycles.length(number, &mut draws).min(left);
        if left - length < CYCLE_SHORTEST || number + 1 == CYCLES_MAX {
            length = left;
        }
        cycles.lay(&mut states, number, length, gets_up == Some(number), &mut draws);
        left -= length;
        if left <= 0 {
            break;
        }
    }
    states.resize(usize::try_from(minutes).unwrap_or(0), State::Awake);
    states
}

/// What each minute of a nap is: deep sleep only after half an hour, and no REM.
pub(super) fn nap(persona: &Persona, day: i64, minutes: i64) -> Vec<State> {
    let mut draws = Draws::of(persona, Kind::NapStages, day);
    let latency = 5 + draws.below(8);
    let slept = minutes - latency - 2;
    let deep = (slept - 32).clamp(0, 18);
    let mut states = Vec::with_capacity(minutes as usize);
    lay(&mut states, State::Awake, latency);
    lay(&mut states, State::Light, (slept - deep) * 2 / 3);
    lay(&mut states, State::Deep, deep);
    lay(&mut states, State::Light, (slept - deep) - (slept - deep) * 2 / 3);
    states.resize(usize::try_from(minutes).unwrap_or(0), State::Awake);
    states
}

fn lay(states: &mut Vec<State>, state: State, minutes: i64) {
    states.extend(std::iter::repeat_n(state, usize::try_from(minutes).unwrap_or(0)));
}

/// How the cycles of one night are.
struct Cycles {
    noise: Stream,
    day: i64,
    deep: f64,
    rem: f64,
}

impl Cycles {
    fn of(persona: &Persona, day: i64, draws: &mut Draws) -> Self {
        let age = Course::of(persona).years(day).clamp(5.0, 90.0);
        // From night to night, so that both stay within four points of their mean.
        let mut night = || 0.85 + 0.3 * draws.lot() as f64 / 1_000.0;
        Self {
            noise: Stream::new(persona.seed, Kind::InBedNoise),
            day,
            deep: straight(&DEEP_BY_AGE, age) * night(),
            rem: straight(&REM_BY_AGE, age) * night(),
        }
    }

    fn length(&self, number: usize, draws: &mut Draws) -> i64 {
        let (minutes, ..) = CYCLES[number.min(CYCLES.len() - 1)];
        let spread = self.noise.normal(self.day, LENGTHS + draws.number()).clamp(-2.0, 2.0);
        whole(minutes + CYCLE_SPREAD * spread)
    }

    /// One cycle: light sleep, deep sleep, light sleep, REM sleep; being awake takes of them.
    fn lay(
        &mut self,
        states: &mut Vec<State>,
        number: usize,
        length: i64,
        gets_up: bool,
        draws: &mut Draws,
    ) {
        let (_, deep, rem) = CYCLES[number.min(CYCLES.len() - 1)];
        let part = |share: f64| whole(length as f64 * share);
        let (deep, rem) = (part(deep * self.deep), part(rem * self.rem));
        let light = (length - deep - rem).max(0);
        // The first deep sleep comes soon.
        let falling = if number == 0 { light * 2 / 5 } else { light / 2 };
        if gets_up && falling >= 16 {
            let out = 3 + draws.below(5);
            lay(states, State::Light, falling - out - 4);
            lay(states, State::Awake, 2);
            lay(states, State::OutOfBed, out);
            lay(states, State::Awake, 2);
        } else {
            broken(states, State::Light, falling, draws.wakes(0), draws);
        }
        lay(states, State::Deep, deep);
        broken(states, State::Light, light - falling, draws.wakes(1), draws);
        broken(states, State::Rem, rem, draws.wakes(2), draws);
        if draws.below(100) < draws.wakes(3) && states.len() > 1 {
            // A turn after REM sleep takes its last minute.
            if let Some(last) = states.last_mut() {
                *last = State::Awake;
            }
        }
    }
}

/// A stage, in a part of nights broken by being awake for up to half of it.
fn broken(states: &mut Vec<State>, state: State, minutes: i64, wakes: i64, draws: &mut Draws) {
    let (lot, place, long) = (draws.below(100), draws.lot(), draws.lot());
    let awake = whole(straight(&AWAKE, long as f64)).min(minutes / 2).min(draws.awake_left);
    if lot >= wakes || minutes < 8 || awake == 0 {
        return lay(states, state, minutes);
    }
    draws.awake_left -= awake;
    let before = 3 + place * (minutes - awake - 6).max(0) / 1_000;
    lay(states, state, before);
    lay(states, State::Awake, awake);
    lay(states, state, minutes - before - awake);
}

/// Draws of one night, one after the other: a night is always made whole.
struct Draws {
    stream: Stream,
    day: i64,
    next: u64,
    /// What is left of [`AWAKE_MOST`].
    awake_left: i64,
    /// How often the person wakes, in parts of the usual; of 100 nights, those in which they get
    /// up.
    restless: f64,
    gets_up: i64,
}

impl Draws {
    fn of(persona: &Persona, kind: Kind, day: i64) -> Self {
        let stream = Stream::new(persona.seed, kind);
        let usual =
            Self { stream, day, next: 0, awake_left: AWAKE_MOST, restless: 1.0, gets_up: GETS_UP };
        if persona.life.preset.is_none() {
            return usual;
        }
        let years = Course::of(persona).years(day);
        let disturbed = DISTURBED * persona.life.apnoea_tenths as f64 / 100.0;
        let restless = straight(&RESTLESS, years) + disturbed;
        let awake_left = whole(AWAKE_MOST as f64 * restless.clamp(0.4, 2.2));
        let gets_up = whole(straight(&GETS_UP_BY_AGE, years));
        Self { awake_left, restless, gets_up, ..usual }
    }

    /// Of 100 such places in a cycle, those at which the person wakes.
    fn wakes(&self, place: usize) -> i64 {
        whole(WAKES[place] as f64 * self.restless)
    }

    /// The number of a draw, for a stream beside this one.
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn below(&mut self, bound: u32) -> i64 {
        let draw = self.number();
        self.stream.below(self.day, draw, bound)
    }

    /// A lot of 1,000.
    fn lot(&mut self) -> i64 {
        self.below(1_000)
    }
}
