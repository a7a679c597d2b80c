//! The person's calendar: days counted from 1970-01-01 in their time zone, and clock times.
//!
//! What it deliberately does not do: it never asks for the present instant, and it does not fail;
//! an unknown zone is UTC.

use crate::person::Persona;
use crate::travel::Trips;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// Seconds in a day of 24 hours.
pub(crate) const DAY: i64 = 86_400;
/// Seconds in a minute.
pub(crate) const MINUTE: i64 = 60;
/// The instants simulated, in Unix seconds: from 1970 to shortly before the calendar ends in 9999.
pub(crate) const SIMULATED: std::ops::Range<i64> = 0..253_370_000_000;
/// The longest history made, in days: a century.
pub(crate) const LONGEST: i64 = 36_525;

/// Somebody's time zones, asked about days.
pub(crate) struct Calendar {
    zone: TimeZone,
    trips: Option<Trips>,
}

impl Calendar {
    /// The calendar of a person.
    pub(crate) fn of(persona: &Persona) -> Self {
        let home = Self::in_zone(persona.zone);
        Self { trips: Trips::of(persona, &home.zone), ..home }
    }

    /// The calendar of a zone by its IANA name.
    pub(crate) fn in_zone(zone: &str) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), trips: None }
    }

    /// The zone of a day by its name, if it is not the one at home.
    pub(crate) fn zone_name(&self, day: i64) -> Option<&'static str> {
        Some(self.trips.as_ref()?.on(day)?.0)
    }

    /// How many hours the body is behind the clock on a day.
    pub(crate) fn lag_hours(&self, day: i64) -> f64 {
        self.trips.as_ref().map_or(0.0, |trips| trips.lag_hours(day))
    }

    fn zone(&self, day: i64) -> &TimeZone {
        let away = self.trips.as_ref().and_then(|trips| trips.on(day));
        away.map_or(&self.zone, |(_, zone)| zone)
    }

    /// The local day an instant falls on.
    pub(crate) fn day(&self, instant: i64) -> i64 {
        let offset = Timestamp::from_second(instant)
            .map_or(0, |timestamp| i64::from(self.zone.to_offset(timestamp).seconds()));
        let at_home = (instant + offset).div_euclid(DAY);
        if self.trips.is_none() {
            return at_home;
        }
        // The last day that has begun, wherever it did.
        let has_begun =
            |day: &i64| self.unchecked(*day, 0).is_some_and(|midnight| midnight <= instant);
        let days = [at_home + 1, at_home, at_home - 1];
        days.into_iter().find(has_begun).unwrap_or(at_home)
    }

    /// The instants of a local day: from its first whole minute to the next day's. Not every day
    /// has 24 hours, and one that was skipped has none.
    pub(crate) fn span(&self, day: i64) -> Option<(i64, i64)> {
        if !(0..SIMULATED.end / DAY).contains(&day) {
            return None;
        }
        let start = self.instant(day, 0)?;
        // After a skipped day the next but one begins.
        let end = self.instant(day + 1, 0).or_else(|| self.instant(day + 2, 0))?;
        Some((up_to_minute(start), up_to_minute(end)))
    }

    /// The instant of a clock time, in seconds after midnight, on a local day.
    ///
    /// `None` if the day was skipped, as 2011-12-30 was in Samoa.
    pub(crate) fn instant(&self, day: i64, clock: i64) -> Option<i64> {
        let instant = self.unchecked(day, clock)?;
        (self.day(instant) == day).then_some(instant)
    }

    fn unchecked(&self, day: i64, clock: i64) -> Option<i64> {
        let naive = Timestamp::from_second(day * DAY + clock).ok()?;
        let local = Offset::UTC.to_datetime(naive);
        Some(self.zone(day).to_timestamp(local).ok()?.as_second())
    }
}

/// The day of the person's calendar an instant falls on, counted from 1970-01-01.
pub fn local_day(persona: &Persona, instant: i64) -> i64 {
    Calendar::of(persona).day(instant)
}

/// The first whole minute at or after an instant.
fn up_to_minute(instant: i64) -> i64 {
    (instant + MINUTE - 1).div_euclid(MINUTE) * MINUTE
}

/// The day of the week, 0 for Monday to 6 for Sunday.
pub(crate) fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// The week of a day, counted from Monday to Sunday; week 0 holds 1970-01-01.
pub(crate) fn week(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

/// Whether a day is a Saturday or a Sunday.
pub(crate) fn weekend(day: i64) -> bool {
    weekday(day) >= 5
}

/// The day of the year, from 1 to 366.
pub(crate) fn day_of_year(day: i64) -> f64 {
    Timestamp::from_second(day.saturating_mul(DAY))
        .map_or(1.0, |midnight| f64::from(Offset::UTC.to_datetime(midnight).date().day_of_year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_run_from_monday() {
        // 2025-01-06 was a Monday, 1970-01-01 a Thursday.
        assert_eq!(weekday(20_094), 0);
        assert_eq!(weekday(0), 3);
        assert_eq!(week(20_094), week(20_100));
        assert_eq!(week(20_094), week(20_093) + 1);
        assert!(weekend(20_093) && !weekend(20_094));
    }

    #[test]
    fn clock_times_follow_the_zone() {
        let paris = Calendar::in_zone("Europe/Paris");
        // 2025-03-29 and 2025-03-30, seven in the morning: 23 hours apart.
        let before = paris.instant(20_176, 7 * 3_600);
        let after = paris.instant(20_177, 7 * 3_600);
        assert_eq!(before, Some(1_743_228_000));
        assert_eq!(after, Some(1_743_228_000 + 23 * 3_600));
        assert_eq!(paris.day(1_743_228_000), 20_176);
    }

    #[test]
    fn a_skipped_day_has_no_morning() {
        // 2011-12-30 did not take place in Samoa.
        let apia = Calendar::in_zone("Pacific/Apia");
        assert_eq!(apia.instant(15_338, 7 * 3_600), None);
        assert!(apia.instant(15_337, 7 * 3_600).is_some());
    }

    #[test]
    fn days_follow_each_other_without_a_gap() {
        for zone in ["Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"] {
            let calendar = Calendar::in_zone(zone);
            let spans: Vec<_> = (14_500..16_000).filter_map(|day| calendar.span(day)).collect();
            assert!(spans.len() >= 1_499, "{zone}");
            assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0), "{zone}");
        }
        // 2025-03-30 has 23 hours in Paris.
        let (start, end) = Calendar::in_zone("Europe/Paris").span(20_177).unwrap();
        assert_eq!(end - start, 23 * 3_600);
        assert_eq!(Calendar::in_zone("UTC").span(i64::MAX), None);
    }

    #[test]
    fn an_unknown_zone_is_utc() {
        assert_eq!(Calendar::in_zone("Mars/Olympus").instant(1, 60), Some(DAY + 60));
    }

    #[test]
    fn days_of_the_year() {
        assert_eq!(day_of_year(0), 1.0);
        // 2024-12-31, a leap year.
        assert_eq!(day_of_year(20_088), 366.0);
    }
}
