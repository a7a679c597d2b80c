//! What a body is about, beside ageing: a child that grows, a woman who carries one, a fever now
//! and then.
//!
//! What it deliberately does not do: puberty early or late, twins, complications, an illness that
//! stays.

use crate::Persona;
use crate::curve::{Point, smooth, straight};
use crate::life::Body;
use crate::random::{Kind, Stream};

/// Medians of boys and girls by age: kg (WHO 2006 and 2007, CDC) and cm. \[mem\]
const BOYS_KG: [Point; 11] = [
    (1.0, 9.6),
    (2.0, 12.2),
    (3.0, 14.3),
    (5.0, 18.3),
    (8.0, 25.5),
    (10.0, 32.0),
    (12.0, 40.0),
    (14.0, 51.0),
    (16.0, 61.0),
    (18.0, 67.0),
    (22.0, 71.0),
];
const GIRLS_KG: [Point; 11] = [
    (1.0, 8.9),
    (2.0, 11.5),
    (3.0, 13.9),
    (5.0, 18.2),
    (8.0, 25.0),
    (10.0, 33.0),
    (12.0, 42.0),
    (14.0, 49.0),
    (16.0, 54.0),
    (18.0, 56.0),
    (22.0, 58.0),
];
const BOYS_CM: [Point; 10] = [
    (1.0, 75.7),
    (2.0, 87.8),
    (3.0, 96.1),
    (5.0, 110.0),
    (8.0, 127.0),
    (10.0, 138.0),
    (12.0, 149.0),
    (14.0, 163.0),
    (16.0, 173.0),
    (18.0, 176.0),
];
const GIRLS_CM: [Point; 10] = [
    (1.0, 74.0),
    (2.0, 86.4),
    (3.0, 95.1),
    (5.0, 109.4),
    (8.0, 127.0),
    (10.0, 138.0),
    (12.0, 151.0),
    (14.0, 160.0),
    (16.0, 162.0),
    (18.0, 163.0),
];
/// Spread of weight and of height, as the S of the tables' L, M and S. \[mem\]
const SPREAD: (f64, f64) = (0.13, 0.04);

/// Weight of a child of an age, in kg, so many standard deviations from the median.
pub(crate) fn child_kg(is_girl: bool, years: f64, z: f64) -> f64 {
    let median = straight(if is_girl { &GIRLS_KG } else { &BOYS_KG }, years);
    median * near_exp(SPREAD.0 * z)
}

/// Height of a child of an age, in m.
pub(crate) fn child_m(is_girl: bool, years: f64, z: f64) -> f64 {
    let median = straight(if is_girl { &GIRLS_CM } else { &BOYS_CM }, years);
    median / 100.0 * near_exp(SPREAD.1 * z)
}

/// The exponential of a number near 0, by its series: within ±0.5 true to five digits.
pub(crate) fn near_exp(x: f64) -> f64 {
    1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0))))
}

/// The part of the gain of a pregnancy by its weeks: little in the first trimester, then as much
/// each week (IOM 2009: 0.5 to 2 kg, then 0.42 kg a week for 11.5 to 16 kg in all).
const GAIN: [Point; 5] = [(4.0, 0.0), (9.0, 0.03), (13.0, 0.1), (40.0, 1.0), (43.0, 1.06)];
/// Of the gain, what is still there by weeks after birth: 5 to 6 kg go at once, half a kilogram a
/// week for six weeks, the rest in a year. \[mem\]
const AFTER: [Point; 5] = [(0.0, 0.57), (1.0, 0.5), (6.0, 0.32), (26.0, 0.12), (52.0, 0.04)];

/// What carrying a child does on a day, in parts of its most; all 0 before and long after.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expecting {
    /// kg on the scale.
    pub(crate) kg: f64,
    /// Of those the fat.
    pub(crate) fat_kg: f64,
    /// Beats per minute at rest: 12 to 18 in the third trimester. \[mem\]
    pub(crate) bpm: f64,
    /// mmHg, systolic: lowest in the middle, as before at the end. \[mem\]
    pub(crate) systolic: f64,
    /// Part of the steps that are no longer made: 30 per cent at the end. \[mem\]
    pub(crate) slower: f64,
    /// °C: 0.2 at the beginning, then less. \[mem\]
    pub(crate) warmer: f64,
    /// Breaths per minute: one to two at the end. \[mem\]
    pub(crate) breaths: f64,
    /// Part of the variability of the heart that is gone: 30 per cent at the end. \[mem\]
    pub(crate) stiller: f64,
}

impl Expecting {
    pub(crate) fn on(body: Body, day: i64) -> Self {
        let Body::Expecting { since, gain_g, days } = body else { return Self::default() };
        let passed = day.saturating_sub(since);
        if passed < 0 {
            return Self::default();
        }
        let week = passed as f64 / 7.0;
        let gain = gain_g as f64 / 1_000.0;
        // The curves over the weeks, and their fall in the weeks after birth.
        let after = (passed - days) as f64 / 7.0;
        let whole = |curve: &[Point], back_weeks: f64| {
            if after < 0.0 {
                smooth(curve, week)
            } else {
                smooth(curve, days as f64 / 7.0) * (1.0 - after / back_weeks).clamp(0.0, 1.0)
            }
        };
        let share = if after < 0.0 { straight(&GAIN, week) } else { straight(&AFTER, after) };
        Self {
            kg: gain * share,
            // A third of the gain is fat at the end, all that stays is. [mem]
            fat_kg: gain * if after < 0.0 { share * 0.3 } else { share * 0.6 },
            bpm: whole(&[(2.0, 0.0), (12.0, 6.0), (32.0, 15.0), (41.0, 15.5)], 6.0),
            systolic: whole(&[(4.0, 0.0), (20.0, -6.0), (30.0, -3.0), (39.0, 1.0)], 4.0),
            slower: whole(&[(10.0, 0.0), (26.0, 0.08), (40.0, 0.38)], 8.0),
            warmer: whole(&[(2.0, 0.0), (5.0, 0.2), (16.0, 0.15), (30.0, 0.0)], 1.0),
            breaths: whole(&[(8.0, 0.0), (36.0, 1.6)], 3.0),
            stiller: whole(&[(8.0, 0.0), (34.0, 0.3)], 8.0),
        }
    }
}

/// Of 1,000 months, those in which a fever begins: one or two a year, in winter more. \[choice\]
const FEVERS: [i64; 12] = [190, 200, 160, 110, 80, 60, 50, 50, 90, 120, 150, 180];
/// How warm a fever is by its days, in parts of its most.
const FEVER: [Point; 6] =
    [(-1.0, 0.0), (0.0, 0.35), (1.0, 1.0), (2.5, 0.85), (5.0, 0.2), (7.0, 0.0)];
/// A fever lasts at most so many days.
const FEVER_DAYS: i64 = 8;
/// What calls a month: thirty days.
const MONTH: i64 = 30;

/// The fever of a day, in °C above the usual.
pub(crate) fn fever(persona: &Persona, day: i64) -> f64 {
    if !persona.life.falls_ill {
        return 0.0;
    }
    let draws = Stream::new(persona.seed, Kind::Fevers);
    let of_month = |month: i64| {
        let season = (month.saturating_mul(MONTH).rem_euclid(365) / 31).clamp(0, 11) as usize;
        if draws.below(month, 0, 1_000) >= FEVERS[season] {
            return 0.0;
        }
        let first = month * MONTH + draws.below(month, 1, MONTH as u32);
        let most = 0.9 + draws.below(month, 2, 120) as f64 / 100.0;
        let since = day.saturating_sub(first);
        if since < FEVER_DAYS { most * straight(&FEVER, since as f64) } else { 0.0 }
    };
    let month = day.div_euclid(MONTH);
    // The day before a fever of the next month knows of it, and the week after one of the last.
    of_month(month - 1).max(of_month(month)).max(of_month(month + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_exponential() {
        for (x, exp) in [(0.0, 1.0), (0.4, 1.491_824_7), (-0.4, 0.670_320_0)] {
            assert!((near_exp(x) - exp).abs() < 1e-4, "{x}");
        }
    }

    #[test]
    fn a_pregnancy_begins_slowly_and_leaves_little() {
        let body = Body::Expecting { since: 20_000, gain_g: 13_000, days: 280 };
        let kg = |week: i64| Expecting::on(body, 20_000 + week * 7).kg;
        assert_eq!(kg(-1), 0.0);
        assert!((0.5..2.0).contains(&kg(13)), "{}", kg(13));
        assert!((0.35..0.5).contains(&(kg(30) - kg(29))));
        assert!((4.5..6.5).contains(&(kg(39) - kg(40))), "{}", kg(39) - kg(40));
        assert!(kg(95) < 1.0);
    }

    #[test]
    fn fevers_are_rare_and_short() {
        let life = crate::Life { falls_ill: true, ..crate::Life::usual() };
        let persona = Persona { life, ..Persona::demo() };
        let ill = (20_000..23_650).filter(|&day| fever(&persona, day) > 0.5).count();
        assert!((20..120).contains(&ill), "{ill}");
    }
}
