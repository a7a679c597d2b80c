//! When somebody gets up and when they have to work: mornings of all kinds of people, and the
//! roster of shifts.
//!
//! What it deliberately does not do: holidays, days swapped with a colleague.

use crate::calendar::{MINUTE, weekend};
use crate::life::{Life, Routine};
use crate::random::{Kind, Stream};
use crate::{Persona, calendar::Calendar};

/// What a day is in a roster that goes forward: early, late and night shifts, two each, then two
/// days off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    /// From six in the morning on.
    Early,
    /// From two in the afternoon on.
    Late,
    /// From ten in the evening on, after a night in bed.
    FirstNight,
    /// The same after a night at work.
    SecondNight,
    /// None, after a night at work.
    Recovers,
    /// None.
    Off,
}

const ROSTER: [Shift; 8] = [
    Shift::Early,
    Shift::Early,
    Shift::Late,
    Shift::Late,
    Shift::FirstNight,
    Shift::SecondNight,
    Shift::Recovers,
    Shift::Off,
];
/// How long a shift lasts, in minutes.
const SHIFT_MINUTES: i64 = 8 * 60;

/// What a day of somebody who works shifts is; none of others.
pub(crate) fn shift(persona: &Persona, day: i64) -> Option<Shift> {
    if persona.life.routine != Routine::Shifts {
        return None;
    }
    let phase = Stream::new(persona.seed, Kind::Roster).below(0, 0, ROSTER.len() as u32);
    Some(ROSTER[day.saturating_add(phase).rem_euclid(ROSTER.len() as i64) as usize])
}

/// When somebody works on shifts that touch a day: the one that began the evening before, and the
/// day's own.
pub(crate) fn duties(persona: &Persona, calendar: &Calendar, day: i64) -> Vec<(i64, i64)> {
    let duty = |day: i64| {
        let clock = match shift(persona, day)? {
            Shift::Early => 6 * 60,
            Shift::Late => 14 * 60,
            Shift::FirstNight | Shift::SecondNight => 22 * 60,
            Shift::Recovers | Shift::Off => return None,
        };
        let start = calendar.instant(day, clock * MINUTE)?.div_euclid(MINUTE) * MINUTE;
        Some((start, start + SHIFT_MINUTES * MINUTE))
    };
    [duty(day - 1), duty(day)].into_iter().flatten().collect()
}

/// When somebody steps on the scale if they do, in minutes of the clock: the earliest, and how much
/// later it may be. They got up a little before.
///
/// At weekends 36 minutes later (Kelly et al., Clocks & Sleep 2022;4:658). After a night at work
/// somebody sleeps five to six hours of the day (Pilcher et al. 2000). \[mem\]
pub(crate) fn morning(persona: &Persona, day: i64) -> (i64, i64) {
    let of_week = |workday: (i64, i64), free: (i64, i64)| if weekend(day) { free } else { workday };
    match persona.life.routine {
        Routine::Commuter | Routine::Office => of_week((6 * 60 + 30, 45), (7 * 60 + 10, 45)),
        Routine::Retired => of_week((6 * 60 + 50, 50), (7 * 60, 60)),
        Routine::School => of_week((6 * 60 + 50, 20), (8 * 60, 70)),
        Routine::Shifts => match shift(persona, day) {
            Some(Shift::Early) => (4 * 60 + 40, 20),
            Some(Shift::SecondNight) => (13 * 60, 50),
            Some(Shift::Recovers) => (12 * 60 + 20, 50),
            _ => (8 * 60, 60),
        },
    }
}

/// How long somebody is in bed before a morning, in minutes: mean and ends.
pub(crate) fn in_bed(persona: &Persona, day: i64) -> (i64, i64, i64) {
    let usual = persona.life.in_bed_minutes;
    if persona.life == Life::usual() {
        return (usual, 390, 550);
    }
    match shift(persona, day) {
        Some(Shift::SecondNight | Shift::Recovers) => (320, 290, 340),
        Some(Shift::Early) => (400, 360, 440),
        _ => (usual, usual - 80, usual + 95),
    }
}

/// Nobody goes to bed earlier on the clock of the day before, in minutes: the evening's blood
/// pressure comes first. None where that day is one with its night at work.
pub(crate) fn earliest_bed(persona: &Persona, day: i64) -> i64 {
    match (persona.life.routine, shift(persona, day)) {
        (Routine::School, _) => 20 * 60,
        (Routine::Retired, _) => 21 * 60 + 40,
        (_, Some(Shift::Early)) => 20 * 60 + 30,
        _ => 22 * 60 + 15,
    }
}
