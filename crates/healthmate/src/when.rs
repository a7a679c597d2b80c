//! Dates and times of the files: local ones without an offset, ISO 8601 with one, and days.
//!
//! A local time that a change of clocks makes twice is the first of the two; one that it leaves out
//! is read with the offset before the change. [`local`] therefore writes an offset where a time is
//! there twice. Fractions of a second are cut off.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// The Unix seconds of `YYYY-MM-DD HH:MM:SS`, a blank or a `T` between, with or without an offset.
pub(crate) fn seconds(text: &str, zone: &TimeZone) -> Option<i64> {
    let mut text = Cursor(text.trim().as_bytes());
    let date = text.date()?;
    text.any_of(b"T tT")?;
    let (hour, _) = (text.number(2)?, text.any_of(b":")?);
    let minute = text.number(2)?;
    let second = if text.any_of(b":").is_some() { text.number(2)? } else { 0 };
    if text.any_of(b".,").is_some() {
        while text.number(1).is_some() {}
    }
    let [hour, minute, second] = [hour, minute, second].map(i8::try_from);
    let time = jiff::civil::Time::new(hour.ok()?, minute.ok()?, second.ok()?, 0).ok()?;
    let at = DateTime::from_parts(date, time);
    while text.any_of(b" ").is_some() {}
    let timestamp = match text.offset()? {
        Some(offset) => offset.to_timestamp(at).ok()?,
        None => zone.to_ambiguous_timestamp(at).compatible().ok()?,
    };
    text.0.is_empty().then(|| timestamp.as_second())
}

/// The day of `YYYY-MM-DD`; a time after it is ignored.
pub(crate) fn day(text: &str) -> Option<Date> {
    let mut text = Cursor(text.trim().as_bytes());
    let date = text.date()?;
    (text.0.is_empty() || text.any_of(b"T ").is_some()).then_some(date)
}

/// `YYYY-MM-DD HH:MM:SS` in a zone; with an offset where the clocks show that time twice. None for
/// years that four digits do not write.
pub(crate) fn local(at: i64, zone: &TimeZone) -> Option<String> {
    let timestamp = Timestamp::from_second(at).ok()?;
    let time = zone.to_datetime(timestamp);
    if zone.to_ambiguous_timestamp(time).is_ambiguous() {
        return iso(at, zone);
    }
    written(time, ' ')
}

/// ISO 8601 with the offset of a zone.
pub(crate) fn iso(at: i64, zone: &TimeZone) -> Option<String> {
    let timestamp = Timestamp::from_second(at).ok()?;
    let offset = zone.to_offset(timestamp).seconds();
    let time = written(zone.to_datetime(timestamp), 'T')?;
    let sign = if offset < 0 { '-' } else { '+' };
    let (minutes, seconds) = (offset.unsigned_abs() / 60, offset.unsigned_abs() % 60);
    let mut text = format!("{time}{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    // Zones of old had offsets to the second.
    if seconds > 0 {
        text.push_str(&format!(":{seconds:02}"));
    }
    Some(text)
}

/// `YYYY-MM-DD`. None for years that four digits do not write.
pub(crate) fn day_text(date: Date) -> Option<String> {
    let year = date.year();
    (year >= 0).then(|| format!("{year:04}-{:02}-{:02}", date.month(), date.day()))
}

fn written(time: DateTime, between: char) -> Option<String> {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    Some(format!("{}{between}{hour:02}:{minute:02}:{second:02}", day_text(time.date())?))
}

/// What is left of a text.
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    /// Exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i16> {
        let (head, rest) = self.0.split_at_checked(digits)?;
        let mut number = 0;
        for digit in head {
            number = number * 10 + digit.is_ascii_digit().then(|| i16::from(digit - b'0'))?;
        }
        self.0 = rest;
        Some(number)
    }

    /// One of some bytes.
    fn any_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn date(&mut self) -> Option<Date> {
        let (year, _) = (self.number(4)?, self.any_of(b"-/")?);
        let (month, _) = (self.number(2)?, self.any_of(b"-/")?);
        let day = self.number(2)?;
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// `Z`, `+01:00`, `+0100`, `+01`, `+00:09:21`, or nothing. None for anything else.
    fn offset(&mut self) -> Option<Option<Offset>> {
        let sign = match self.any_of(b"+-Zz") {
            None => return Some(None),
            Some(b'Z' | b'z') => return Some(Some(Offset::UTC)),
            Some(sign) => sign,
        };
        let mut seconds = i32::from(self.number(2)?) * 3_600;
        for part in [60, 1] {
            let has_colon = self.any_of(b":").is_some();
            match self.number(2) {
                Some(number) => seconds += i32::from(number) * part,
                None if has_colon => return None,
                None => break,
            }
        }
        let seconds = if sign == b'-' { -seconds } else { seconds };
        Offset::from_seconds(seconds).ok().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn at(text: &str) -> Option<i64> {
        seconds(text, &paris())
    }

    #[test]
    fn local_times_are_of_the_zone() {
        assert_eq!(at("2024-01-02 03:04:05"), Some(1_704_161_045));
        assert_eq!(at("2024-01-02T03:04:05.678"), Some(1_704_161_045));
        assert_eq!(at("2024-01-02 03:04"), Some(1_704_161_040));
    }

    #[test]
    fn an_offset_wins_over_the_zone() {
        for text in
            ["2024-01-02T02:04:05Z", "2024-01-02T04:04:05+02:00", "2024-01-01 22:04:05-0400"]
        {
            assert_eq!(at(text), Some(1_704_161_045), "{text}");
        }
    }

    #[test]
    fn an_hour_that_is_there_twice_is_the_first_of_the_two() {
        assert_eq!(at("2024-10-27 02:30:00"), at("2024-10-27T02:30:00+02:00"));
        assert_eq!(at("2024-03-31 02:30:00"), at("2024-03-31T03:30:00+02:00"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        let texts = [
            "",
            "2024-01-02",
            "2024-13-01 00:00:00",
            "2024-02-30 00:00:00",
            "02/01/2024 10:00:00",
            "2024-01-02 25:00:00",
            "2024-01-02 03:04:05 pm",
            "2024-01-02T03:04:05+99:00",
            "2024-01-02T03:04:05+01:",
            "1704161045",
            "2024-01-02 03:04:05é",
        ];
        for text in texts {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn days_may_have_a_time() {
        let expected = Date::new(2024, 2, 29).unwrap();
        assert_eq!(day("2024-02-29"), Some(expected));
        assert_eq!(day("2024-02-29 00:00:00"), Some(expected));
        assert_eq!(day("2024-02-29x"), None);
        assert_eq!(day("2023-02-29"), None);
    }

    #[test]
    fn only_times_that_are_there_twice_are_written_with_an_offset() {
        let first = at("2024-10-27T02:30:00+02:00").unwrap();
        assert_eq!(local(first, &paris()).unwrap(), "2024-10-27T02:30:00+02:00");
        assert_eq!(local(first + 3_600, &paris()).unwrap(), "2024-10-27T02:30:00+01:00");
        assert_eq!(local(first + 7_200, &paris()).unwrap(), "2024-10-27 03:30:00");
    }

    proptest! {
        #[test]
        fn a_written_time_is_read_again(at in -62_000_000_000_i64..253_000_000_000) {
            for zone in ["Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "UTC"] {
                let zone = TimeZone::get(zone).unwrap();
                prop_assert_eq!(seconds(&local(at, &zone).unwrap(), &zone), Some(at));
                prop_assert_eq!(seconds(&iso(at, &zone).unwrap(), &TimeZone::UTC), Some(at));
            }
        }

        #[test]
        fn any_text_is_a_time_or_none(text: String) {
            let _ = (at(&text), day(&text));
        }
    }
}
