//! Where somebody is on a day: at home, or on one of the trips of whoever travels. One in six
//! weeks, on days that follow from the seed alone.
//!
//! What it deliberately does not do: the way there; somebody is in the one zone until midnight
//! there, and in the other from then on, which makes days of 15 and of 33 hours.

use crate::Persona;
use crate::random::{Kind, Stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// From the beginning of one trip's weeks to that of the next, in days.
const EVERY: i64 = 42;
/// Days of a block before a trip at the earliest and how much later it may begin; its shortest
/// length in days, and how much longer it may be. \[choice\]
const BEGINS: (i64, u32) = (6, 18);
const LASTS: (i64, u32) = (4, 9);

/// Where to. At least one is far enough from every zone, and not too far.
const PLACES: [&str; 7] = [
    "America/New_York",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "Asia/Singapore",
    "America/Los_Angeles",
    "Asia/Dubai",
    "Europe/London",
];
/// How far the clocks of a place are from those at home, in seconds: less is no trip to another
/// zone, and of more nothing would be left of the day.
const FAR: std::ops::RangeInclusive<i64> = 7_200..=32_400;

/// How far the body's clock comes in a day, in minutes: eastward and westward (Aschoff 1975).
/// \[mem\]
const CATCHES_UP: (i64, i64) = (57, 92);

/// Somebody's trips.
pub(crate) struct Trips {
    draws: Stream,
    home: TimeZone,
    places: Vec<(&'static str, TimeZone)>,
}

impl Trips {
    /// The trips of somebody who travels.
    pub(crate) fn of(persona: &Persona, home: &TimeZone) -> Option<Self> {
        if !persona.life.travels {
            return None;
        }
        let place = |name| Some((name, TimeZone::get(name).ok()?));
        Some(Self {
            draws: Stream::new(persona.seed, Kind::Trips),
            home: home.clone(),
            places: PLACES.into_iter().filter_map(place).collect(),
        })
    }

    /// Where somebody is on a day; none at home.
    pub(crate) fn on(&self, day: i64) -> Option<&(&'static str, TimeZone)> {
        let block = day.div_euclid(EVERY);
        let first = block * EVERY + BEGINS.0 + self.draws.below(block, 0, BEGINS.1);
        let after = first + LASTS.0 + self.draws.below(block, 1, LASTS.1);
        if !(first..after).contains(&day) {
            return None;
        }
        let begin = self.draws.below(block, 2, self.places.len() as u32) as usize;
        let order = self.places.iter().cycle().skip(begin).take(self.places.len());
        // Of the trip's first day, so that a change of clocks does not move somebody.
        order.into_iter().find(|(_, zone)| FAR.contains(&self.ahead(zone, first).abs()))
    }

    /// How far ahead of home a zone is on a day, in seconds.
    fn ahead(&self, zone: &TimeZone, day: i64) -> i64 {
        let Ok(noon) = Timestamp::from_second(day.saturating_mul(86_400).saturating_add(43_200))
        else {
            return 0;
        };
        let offset = |zone: &TimeZone| i64::from(zone.to_offset(noon).seconds());
        offset(zone) - offset(&self.home)
    }

    /// How many hours the body is behind (below 0: ahead of) the clock on a day.
    pub(crate) fn lag_hours(&self, day: i64) -> f64 {
        let ahead = |day: i64| self.on(day).map_or(0, |(_, zone)| self.ahead(zone, day)) / 60;
        let mut lag = 0;
        for day in day - 20..=day {
            lag += ahead(day) - ahead(day - 1);
            lag = if lag > 0 { (lag - CATCHES_UP.0).max(0) } else { (lag + CATCHES_UP.1).min(0) };
        }
        lag as f64 / 60.0
    }
}
