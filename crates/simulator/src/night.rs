//! Nights and naps as a sensor under the mattress tells them: stages in whole minutes, and what
//! each minute in bed is like.
//!
//! What it deliberately does not do: insomnia, alcohol, a second sleeper.

mod stages;
mod vitals;

use crate::calendar::{Calendar, MINUTE};
use crate::curve::{Point, straight, whole};
use crate::person::Persona;
use crate::random::{Kind, Stream};
use crate::{plan, roster, scale};

/// Spread of how long somebody is in bed from night to night, in minutes (an hour, less in people
/// who keep to it \[mem\]); the mean is the person's (7.6 h at 45).
const IN_BED_SPREAD: f64 = 42.0;

/// Minutes from getting up to stepping on the scale. \[choice\]
const UP_BEFORE_SCALE: (i64, u32) = (5, 12);

/// What somebody in bed does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Awake.
    Awake,
    /// In light sleep.
    Light,
    /// In deep sleep.
    Deep,
    /// In REM sleep.
    Rem,
    /// Out of bed.
    OutOfBed,
}

impl State {
    /// Its number in the reference.
    pub fn code(self) -> i64 {
        match self {
            Self::Awake => 0,
            Self::Light => 1,
            Self::Deep => 2,
            Self::Rem => 3,
            Self::OutOfBed => 15,
        }
    }

    /// Whether it is sleep.
    pub fn is_sleep(self) -> bool {
        matches!(self, Self::Light | Self::Deep | Self::Rem)
    }
}

/// A stretch of one state, in Unix seconds; whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stage {
    /// When it began.
    pub start: i64,
    /// When it ended: not part of it.
    pub end: i64,
    /// What it was.
    pub state: State,
}

/// What the sensor noticed in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vitals {
    /// When the minute began, in Unix seconds.
    pub at: i64,
    /// Heart rate, in beats per minute.
    pub heart_rate_bpm: i64,
    /// Breaths per minute.
    pub breaths_per_minute: i64,
    /// Snoring, in seconds.
    pub snoring_seconds: i64,
    /// Movement, from 0 to 255.
    pub movement: i64,
    /// The root mean square of the differences of successive beats, and the standard deviation of
    /// their distances, in ms; not every minute, and not every night.
    pub variability_ms: Option<(i64, i64)>,
}

/// A night or a nap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Night {
    /// The local day on which it ended.
    pub day: i64,
    /// Whether it was in the middle of the day.
    pub is_nap: bool,
    /// From getting into bed to getting up, without a gap.
    pub stages: Vec<Stage>,
    /// Every minute in bed.
    pub vitals: Vec<Vitals>,
    /// What the sensor makes of a night, up to 100; nothing of a nap.
    pub score: Option<i64>,
    /// Apnoeas and hypopnoeas in an hour of sleep, in tenths.
    pub apnoea_tenths: i64,
}

/// Disturbed breathing from night to night, by a normal draw: lognormal with a log spread of 0.35.
/// \[choice\]
const DISTURBED: [Point; 5] = [(-2.0, 0.5), (-1.0, 0.7), (0.0, 1.0), (1.0, 1.42), (2.0, 2.0)];

/// The night that ends on a day of the person's calendar, and the nap of that day if there is one,
/// as far as they are over at `now`.
///
/// The night ends some minutes before the scale's time, which is before the watch counts the first
/// steps of the day. It does not depend on `now`: one that is not over is not there.
pub fn nights(persona: &Persona, day: i64, now: i64) -> Vec<Night> {
    let calendar = Calendar::of(persona);
    let slept = Slept::night(persona, &calendar, day);
    let nap = Slept::nap(persona, &calendar, day);
    let over = slept.into_iter().chain(nap).filter(|slept| slept.end() <= now);
    over.map(|slept| slept.told(persona)).collect()
}

/// A time in bed: what each of its minutes is. Also the watch and the legs go by it.
pub(crate) struct Slept {
    pub(crate) day: i64,
    pub(crate) is_nap: bool,
    pub(crate) start: i64,
    pub(crate) states: Vec<State>,
}

impl Slept {
    /// The night that ends on a day.
    pub(crate) fn night(persona: &Persona, calendar: &Calendar, day: i64) -> Option<Self> {
        let (start, end) = bed(persona, calendar, day)?;
        let lag_hours = calendar.lag_hours(day);
        let states = stages::night(persona, day, (end - start) / MINUTE, lag_hours);
        Some(Self { day, is_nap: false, start, states })
    }

    /// The nap of a day.
    pub(crate) fn nap(persona: &Persona, calendar: &Calendar, day: i64) -> Option<Self> {
        let (start, minutes) = plan::nap(persona, calendar, day)?;
        let states = stages::nap(persona, day, minutes);
        Some(Self { day, is_nap: true, start, states })
    }

    /// When it is over.
    pub(crate) fn end(&self) -> i64 {
        self.start + self.states.len() as i64 * MINUTE
    }

    /// Which of its minutes an instant is in, and what that is.
    pub(crate) fn at(&self, instant: i64) -> Option<(usize, State)> {
        let minute = usize::try_from((instant - self.start).div_euclid(MINUTE)).ok()?;
        Some((minute, *self.states.get(minute)?))
    }

    /// The heart rate of each of its minutes, before a device rounds it.
    pub(crate) fn beats(&self, persona: &Persona) -> Vec<f64> {
        vitals::beats(persona, self)
    }

    fn told(&self, persona: &Persona) -> Night {
        let mut stages: Vec<Stage> = Vec::new();
        for (minute, &state) in self.states.iter().enumerate() {
            let start = self.start + minute as i64 * MINUTE;
            match stages.last_mut().filter(|last| last.state == state) {
                Some(last) => last.end = start + MINUTE,
                None => stages.push(Stage { start, end: start + MINUTE, state }),
            }
        }
        Night {
            day: self.day,
            is_nap: self.is_nap,
            stages,
            vitals: vitals::of(persona, self),
            score: (!self.is_nap).then(|| score(&self.states)),
            apnoea_tenths: whole(
                persona.life.apnoea_tenths as f64
                    * straight(
                        &DISTURBED,
                        Stream::new(persona.seed, Kind::Apnoea).normal(self.day, 0),
                    ),
            ),
        }
    }
}

/// From getting into bed to getting up, in the night that ends on a day.
pub(crate) fn bed(persona: &Persona, calendar: &Calendar, day: i64) -> Option<(i64, i64)> {
    calendar.span(day)?;
    let draws = Stream::new(persona.seed, Kind::Bed);
    let before = UP_BEFORE_SCALE.0 + draws.below(day, 0, UP_BEFORE_SCALE.1);
    let up = scale::morning(persona, calendar, day)? - before * MINUTE;
    let end = up.div_euclid(MINUTE) * MINUTE;
    let (usual, shortest, longest) = roster::in_bed(persona, day);
    let wanted = (usual as f64 + IN_BED_SPREAD * draws.normal(day, 1)) as i64;
    let start = end - wanted.clamp(shortest, longest) * MINUTE;
    // Where yesterday was skipped the night is as long as it is.
    let earliest = roster::earliest_bed(persona, day) * MINUTE;
    let earliest = calendar.instant(day - 1, earliest).unwrap_or(start);
    Some((start.max(earliest.div_euclid(MINUTE) * MINUTE), end))
}

/// A score of 100: half for eight hours of sleep, a quarter for time in bed that was slept, a
/// quarter for sleep that was deep or REM. \[choice\]
fn score(states: &[State]) -> i64 {
    let count = |is: fn(State) -> bool| states.iter().filter(|&&state| is(state)).count() as i64;
    let (slept, all) = (count(State::is_sleep), states.len() as i64);
    let sound = count(|state| matches!(state, State::Deep | State::Rem));
    let length = slept.min(480) * 50 / 480;
    let unbroken = slept * 25 / all.max(1);
    let depth = (sound * 100 / slept.max(1)).min(45) * 25 / 45;
    length + unbroken + depth
}
