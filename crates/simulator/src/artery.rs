//! Arteries: how fast a pulse wave runs along them, and how old that makes them.
//!
//! What it deliberately does not do: illness of vessels.

use crate::Persona;
use crate::curve::{Point, straight, whole};
use crate::random::{Kind, Stream};

/// Carotid-femoral pulse wave velocity by age, m/s (Eur Heart J 2010;31:2338). \[mem\]
const NORMAL: [Point; 6] =
    [(25.0, 6.2), (35.0, 6.5), (45.0, 7.2), (55.0, 8.3), (65.0, 10.3), (75.0, 10.9)];
/// The same from velocity to age: ages beyond the table go on.
const AGES: [Point; 8] = [
    (5.6, 20.0),
    (6.2, 25.0),
    (6.5, 35.0),
    (7.2, 45.0),
    (8.3, 55.0),
    (10.3, 65.0),
    (10.9, 75.0),
    (12.5, 90.0),
];
/// Spread between people \[choice\] and from weigh-in to weigh-in, and what ten mmHg of mean
/// pressure above 93 add. \[mem\]
const SPREAD: (f64, f64) = (0.5, 0.3);
const PER_TEN: f64 = 0.6;

/// The velocity of a day, in mm/s.
pub(crate) fn velocity(persona: &Persona, age: f64, pressure: (i64, i64), day: i64) -> i64 {
    let draws = Stream::new(persona.seed, Kind::Arteries);
    let own = SPREAD.0 * draws.normal(i64::MIN, 0).clamp(-2.0, 2.0);
    let of_day = SPREAD.1 * draws.normal(day, 0).clamp(-2.0, 2.0);
    let mean = (pressure.0 + 2 * pressure.1) as f64 / 3.0;
    let more = PER_TEN * (mean - 93.0) / 10.0;
    whole((straight(&NORMAL, age) + own + of_day + more).clamp(4.5, 18.0) * 1_000.0)
}

/// The age at which a velocity in mm/s is usual, in tenths of years.
pub(crate) fn age_tenths(velocity: i64) -> i64 {
    whole(straight(&AGES, velocity as f64 / 1_000.0) * 10.0)
}
