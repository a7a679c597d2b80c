//! A person's days: which day a moment is in, and when a day begins and ends. A person's zone may
//! have changed; days before that keep theirs, and every moment is in exactly one day.

use crate::person::time_zone;
use crate::time::DAY_SECONDS;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

/// The days of one person, by their number since 1970-01-01.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// From a day on a zone counts; rising, at least one, the first from ever.
    zones: Vec<(i64, TimeZone)>,
}

impl Calendar {
    /// The calendar of somebody whose zone is `now`, and was others from certain days on. Before
    /// the first of those days its zone counts too.
    pub fn new<'z>(now: &str, history: impl IntoIterator<Item = (i64, &'z str)>) -> Self {
        let zone = |name: &str| time_zone(name).unwrap_or(TimeZone::UTC);
        let zones = history.into_iter().map(|(day, name)| (day, zone(name)));
        let mut zones: Vec<(i64, TimeZone)> = zones.collect();
        if zones.is_empty() {
            zones.push((i64::MIN, zone(now)));
        }
        Self { zones }
    }

    fn zone(&self, day: i64) -> &TimeZone {
        let after = self.zones.partition_point(|(first, _)| *first <= day);
        &self.zones[after.saturating_sub(1)].1
    }

    /// The name of the zone a day is counted in.
    pub fn zone_name(&self, day: i64) -> &str {
        self.zone(day).iana_name().unwrap_or("UTC")
    }

    /// Midnight in the zone of a day, or the first moment after it where clocks skip that.
    fn midnight(&self, day: i64) -> i64 {
        let start = date(day).to_zoned(self.zone(day).clone());
        start.map_or(day.saturating_mul(DAY_SECONDS), |start| start.timestamp().as_second())
    }

    /// When a day begins: at its midnight, or at that of the next where a move across the line of
    /// dates makes that the earlier one.
    pub fn start(&self, day: i64) -> i64 {
        self.midnight(day).min(self.midnight(day.saturating_add(1)))
    }

    /// When a day ends: when the next one begins. It may have 23 or 25 hours, and more or fewer
    /// when the person's zone changes; never fewer than none.
    pub fn end(&self, day: i64) -> i64 {
        self.start(day.saturating_add(1))
    }

    /// The day a moment is in.
    pub fn day(&self, at: i64) -> i64 {
        let mut day = at.div_euclid(DAY_SECONDS).saturating_add(2);
        // No zone is more than a day away from UTC.
        while self.start(day) > at {
            day -= 1;
        }
        day
    }

    /// The days that moments, which rise, are in: each once.
    pub fn days(&self, moments: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut days = Vec::new();
        let mut end = i64::MIN;
        for at in moments {
            if at >= end || days.is_empty() {
                let day = self.day(at);
                end = self.end(day);
                days.push(day);
            }
        }
        days.dedup();
        days
    }
}

/// The day of that number.
pub fn date(day: i64) -> Date {
    let seconds = day.checked_mul(DAY_SECONDS);
    let moment = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let far = if day < 0 { Date::MIN } else { Date::MAX };
    moment.map_or(far, |moment| Offset::UTC.to_datetime(moment).date())
}

/// The number of a day.
pub fn number(date: Date) -> i64 {
    let seconds = date.to_zoned(TimeZone::UTC).map(|start| start.timestamp().as_second());
    seconds.map_or(0, |seconds| seconds.div_euclid(DAY_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> i64 {
        number(text.parse().unwrap())
    }

    #[test]
    fn numbers_and_days() {
        assert_eq!((day("1970-01-01"), day("1969-12-31"), day("2026-11-26")), (0, -1, 20_783));
        assert_eq!(date(20_783).to_string(), "2026-11-26");
    }

    #[test]
    fn days_have_23_24_and_25_hours() {
        let paris = Calendar::new("Europe/Paris", []);
        let hours = |text: &str| (paris.end(day(text)) - paris.start(day(text))) / 3_600;
        assert_eq!(hours("2026-03-29"), 23);
        assert_eq!(hours("2026-06-01"), 24);
        assert_eq!(hours("2026-10-25"), 25);
        assert_eq!(paris.zone_name(0), "Europe/Paris");
    }

    #[test]
    fn a_traveller_has_long_and_short_days_and_none_is_lost() {
        let moved = day("2026-06-10");
        let west = Calendar::new(
            "America/New_York",
            [(i64::MIN, "Europe/Paris"), (moved, "America/New_York")],
        );
        let hours = |day: i64| (west.end(day) - west.start(day)) / 3_600;
        assert_eq!([hours(moved - 2), hours(moved - 1), hours(moved)], [24, 30, 24]);
        assert_eq!(west.zone_name(moved - 1), "Europe/Paris");
        let east = Calendar::new("Asia/Tokyo", [(i64::MIN, "Europe/Paris"), (moved, "Asia/Tokyo")]);
        assert_eq!((east.end(moved - 1) - east.start(moved - 1)) / 3_600, 17);
        // Samoa went over the line of dates: a day of no hours.
        let leap = Calendar::new(
            "Pacific/Apia",
            [(i64::MIN, "Pacific/Pago_Pago"), (moved, "Pacific/Apia")],
        );
        assert_eq!(leap.end(moved - 1), leap.start(moved - 1));
    }

    fn zones() -> impl Strategy<Value = Vec<(i64, &'static str)>> {
        const ZONES: [&str; 8] = [
            "UTC",
            "Europe/Paris",
            "America/New_York",
            "Asia/Tokyo",
            "Pacific/Apia",
            "Pacific/Pago_Pago",
            "Asia/Kathmandu",
            "America/Sao_Paulo",
        ];
        proptest::collection::vec((20_000..20_700_i64, 0..ZONES.len()), 0..5).prop_map(|changes| {
            let mut zones = vec![(i64::MIN, ZONES[0])];
            let sorted: std::collections::BTreeMap<_, _> = changes.into_iter().collect();
            zones.extend(sorted.into_iter().map(|(day, zone)| (day, ZONES[zone])));
            zones
        })
    }

    proptest! {
        #[test]
        fn every_moment_is_in_one_day(zones in zones(), at in 1_728_000_000..1_788_000_000_i64) {
            let calendar = Calendar::new("UTC", zones);
            let day = calendar.day(at);
            prop_assert!(calendar.start(day) <= at && at < calendar.end(day));
            let days = calendar.days([at, at + 1, at + 100_000]);
            prop_assert_eq!(days[0], day);
            prop_assert!(calendar.end(day - 1) <= at && at < calendar.start(day + 1));
        }
    }
}
