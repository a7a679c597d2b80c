//! Oxygen in the blood of somebody asleep.
//!
//! What it deliberately does not do: mountains, aircraft, lungs that ail.

use crate::Persona;
use crate::curve::whole;
use crate::random::{Kind, Stream};

/// The mean asleep, in per cent, and its spread between people; over 60 it is lower (Gries &
/// Brooks, Chest 1996;110:1489). The error of a wrist. \[choice\]
const ASLEEP: (f64, f64) = (96.6, 0.6);
const PER_YEAR: f64 = 0.03;
const ERROR: f64 = 0.7;
/// How long an apnoea lowers it, in minutes, and by how much: 3 to 10 points. \[mem\]
const DIP_MINUTES: f64 = 0.5;
const DIP: (i64, u32) = (3, 7);

/// What a watch finds in a minute of sleep, in per cent.
pub(crate) fn asleep(persona: &Persona, years: f64, apnoea_tenths: i64, at: i64) -> i64 {
    let draws = Stream::new(persona.seed, Kind::Oxygen);
    let minute = at.div_euclid(60);
    let own = ASLEEP.1 * draws.normal(i64::MIN, 0).clamp(-2.0, 2.0);
    let aged = PER_YEAR * (years - 40.0).max(0.0);
    let found = ASLEEP.0 + own - aged + ERROR * draws.rough(minute, 0);
    // Of 1,000 such minutes, those in the shadow of an event.
    let shadow = apnoea_tenths as f64 / 10.0 / 60.0 * DIP_MINUTES * 1_000.0;
    let dips = (draws.below(minute, 1, 1_000) as f64) < shadow;
    let dip = if dips { DIP.0 + draws.below(minute, 2, DIP.1) } else { 0 };
    (whole(found) - dip).clamp(70, 100)
}
