//! Temperature: of the core, by the hour, and what a thermometer and a wrist find.
//!
//! What it deliberately does not do: the days of a cycle, rooms and weather.

use crate::Persona;
use crate::calendar::Calendar;
use crate::person::Course;
use crate::random::{Kind, Stream};
use crate::wave::cosine;

/// The mean of the core, its spread between people and from day to day, in °C: 36.6 under the
/// tongue and 0.3 more; highest at six in the evening, half a degree above the early morning.
/// \[mem, after Harding et al., Chronobiol Int 2019;36:1646\]
const CORE: (f64, f64, f64) = (36.85, 0.2, 0.1);
const SWING: f64 = 0.25;

/// The temperature of somebody's core at an instant, in °C.
pub(crate) fn core(persona: &Persona, course: &Course, calendar: &Calendar, at: i64) -> f64 {
    let day = calendar.day(at);
    let draws = Stream::new(persona.seed, Kind::Warmth);
    let own = CORE.1 * draws.normal(i64::MIN, 0).clamp(-2.0, 2.0);
    let of_day = CORE.2 * draws.normal(day, 0).clamp(-2.0, 2.0);
    let midnight = calendar.span(day).map_or(at, |(start, _)| start);
    // The body's own clock is behind after a trip.
    let hour = (at - midnight) as f64 / 3_600.0 - calendar.lag_hours(day);
    let warmer = course.fever(day) + course.expecting(day).warmer;
    CORE.0 + own + of_day + SWING * cosine((hour - 18.0) / 24.0) + warmer
}

/// What a thermometer at the temple finds, in hundredths of °C.
pub(crate) fn taken(core: f64, draws: &Stream, day: i64, draw: u64) -> i64 {
    crate::curve::whole((core - 0.1 + 0.12 * draws.normal(day, draw).clamp(-2.5, 2.5)) * 100.0)
}
