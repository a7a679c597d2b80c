//! Who a person is, as far as devices and programs ask. Accounts and passwords are not here.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The sex a scale's formulas are told (0 man, 1 woman, on the wire and in the scale's protocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// 0
    Man,
    /// 1
    Woman,
}

impl Gender {
    /// The number on the wire.
    pub const fn code(self) -> i64 {
        match self {
            Self::Man => 0,
            Self::Woman => 1,
        }
    }

    /// The gender of that number.
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Man),
            1 => Some(Self::Woman),
            _ => None,
        }
    }
}

/// A person's three-letter name on a scale: two to five letters or digits, upper case.
pub fn short_name(text: &str) -> Option<String> {
    let name = text.trim().to_uppercase();
    let usable = (2..=5).contains(&name.chars().count()) && name.chars().all(char::is_alphanumeric);
    usable.then_some(name)
}

/// A zone of the time zone database, such as `Europe/Paris`.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    let is_known = |zone: &TimeZone| zone.iana_name().is_some_and(|name| name != "Etc/Unknown");
    TimeZone::get(name).ok().filter(is_known)
}

/// Full years from a day of birth to the day that is `now` in the zone.
pub fn age_years(birth: Date, now: i64, zone: &TimeZone) -> i64 {
    let Ok(now) = Timestamp::from_second(now) else { return 0 };
    let today = now.to_zoned(zone.clone()).date();
    let before = (today.month(), today.day()) < (birth.month(), birth.day());
    i64::from(today.year()) - i64::from(birth.year()) - i64::from(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_turns_on_the_birthday_of_the_zone() {
        let birth = Date::constant(1980, 6, 15);
        let zone = time_zone("Europe/Paris").expect("a zone");
        let noon_before = 1_749_902_400; // 2025-06-14T12:00:00Z
        assert_eq!(age_years(birth, noon_before, &zone), 44);
        assert_eq!(age_years(birth, noon_before + 11 * 3_600, &zone), 45);
    }

    #[test]
    fn short_names_are_upper_case_and_short() {
        assert_eq!(short_name(" zoé "), Some("ZOÉ".to_owned()));
        assert_eq!(short_name("x"), None);
        assert_eq!(short_name("a b"), None);
        assert_eq!(time_zone("Mars/Olympus").map(|_| ()), None);
    }
}
