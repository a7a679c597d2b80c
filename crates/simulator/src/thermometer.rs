//! When somebody takes their temperature: some times a day in a fever, else once in a few weeks.
//!
//! What it deliberately does not do: places other than the temple.

use crate::Persona;
use crate::body::fever;
use crate::calendar::{Calendar, MINUTE};
use crate::person::Course;
use crate::random::{Kind, Stream};
use crate::warmth;

/// Fever at which somebody looks, in °C; how often a day then; and of 100 other days, those with a
/// look. \[choice\]
const LOOKS: f64 = 0.3;
const TIMES: [i64; 4] = [7 * 60 + 40, 12 * 60 + 30, 16 * 60 + 30, 19 * 60 + 20];
const IN_HEALTH: i64 = 4;

/// Temperatures of a day: when, and hundredths of °C.
pub(crate) fn of_day(persona: &Persona, calendar: &Calendar, day: i64) -> Vec<(i64, i64)> {
    let draws = Stream::new(persona.seed, Kind::Thermometer);
    let course = Course::of(persona);
    let is_ill = fever(persona, day) > LOOKS;
    let looks = if is_ill {
        2 + draws.below(day, 0, 3)
    } else {
        i64::from(draws.below(day, 1, 100) < IN_HEALTH)
    };
    let first = if is_ill { 0 } else { 3 };
    let times = TIMES.iter().skip(first).take(looks as usize).enumerate();
    let taken = times.filter_map(|(place, clock)| {
        let late = draws.below(day, 10 + place as u64, 40 * MINUTE as u32);
        let at = calendar.instant(day, clock * MINUTE + late)?;
        let core = warmth::core(persona, &course, calendar, at);
        Some((at, warmth::taken(core, &draws, day, 20 + place as u64)))
    });
    taken.collect()
}
