//! What a partner says of a person whose account it makes: the models of the reference (unit
//! preferences, measures, goals) and the fields beside them, each read from text into a type. What
//! cannot be read is refused with what would do; values are never repeated.

use crate::contact;
use crate::measure::{Measure, MeasureType};
use crate::person::{Gender, time_zone};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;

/// Names have at most this many characters.
const NAME_CHARS_MAX: usize = 64;
/// What others call a person has at most this many characters.
const EXTERNAL_ID_CHARS_MAX: usize = 128;
/// A recovery code has at least as many characters as nobody guesses in the tries there are.
const RECOVERY_CHARS: std::ops::RangeInclusive<usize> = 6..=128;
/// A language tag has at most this many characters (RFC 5646, section 4.4.1).
const LANGUAGE_CHARS_MAX: usize = 35;
/// Nobody alive was born before.
const BIRTH_YEAR_MIN: i16 = 1900;
/// More steps than anybody walks in a day.
const STEPS_MAX: i64 = 1_000_000;

/// Why a text is not what it should be: what would do.
pub type Problem = String;

macro_rules! read_from_text {
    ($($name:ty),* $(,)?) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )* };
}
read_from_text!(
    Birth,
    ExternalId,
    Goals,
    Language,
    Measures,
    Name,
    Phone,
    RecoveryCode,
    ShortName,
    Sex,
    Units,
    Zone
);

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $rule:expr, $problem:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub String);

        impl FromStr for $name {
            type Err = Problem;
            fn from_str(text: &str) -> Result<Self, Problem> {
                let rule: fn(&str) -> Option<String> = $rule;
                rule(text.trim()).map(Self).ok_or_else(|| $problem.to_string())
            }
        }
    )* };
}
texts! {
    /// Three letters or digits, which devices show.
    ShortName: |text| {
        let fits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| text.to_owned())
    }, "expected 3 letters or digits, such as ROB";
    /// A first or last name.
    Name: |text| {
        let fits = (1..=NAME_CHARS_MAX).contains(&text.chars().count());
        (fits && !text.contains(char::is_control)).then(|| text.to_owned())
    }, format!("expected 1 to {NAME_CHARS_MAX} characters");
    /// What the partner calls the person.
    ExternalId: |text| {
        let fits = (1..=EXTERNAL_ID_CHARS_MAX).contains(&text.chars().count());
        (fits && !text.contains(char::is_control)).then(|| text.to_owned())
    }, format!("expected 1 to {EXTERNAL_ID_CHARS_MAX} characters");
    /// A phone number in E.164.
    Phone: contact::phone, "expected a phone number in E.164, such as +33612345678";
    /// A language tag such as `en_US`.
    Language: |text| is_language(text).then(|| text.to_owned()),
        "expected a language tag, such as en_US or fr_FR";
    /// A zone of the time zone database.
    Zone: |text| time_zone(text).and_then(|zone| zone.iana_name().map(str::to_owned)),
        "expected a zone of the time zone database, such as Europe/Paris";
    /// What the person can claim the account with.
    RecoveryCode: |text| {
        let fits = RECOVERY_CHARS.contains(&text.chars().count());
        (fits && !text.contains(char::is_control)).then(|| text.to_owned())
    }, format!("expected {} to {} characters", RECOVERY_CHARS.start(), RECOVERY_CHARS.end());
}

/// Subtags of letters and digits, separated by a hyphen or, as in the reference, an underscore.
#[must_use]
pub fn is_language(text: &str) -> bool {
    let mut tags = text.split(['-', '_']);
    let first = tags.next().unwrap_or_default();
    text.len() <= LANGUAGE_CHARS_MAX
        && (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && tags.all(|tag| {
            (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// The sex as the reference counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sex(pub Gender);

impl FromStr for Sex {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let code = text.trim().parse().ok().and_then(Gender::from_code);
        code.map(Self).ok_or_else(|| "expected 0 (man) or 1 (woman)".to_owned())
    }
}

/// When somebody was born, as it is told: a moment in Unix seconds, or a day (field-notes §10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// Unix seconds.
    Moment(i64),
    /// `YYYY-MM-DD`
    Day(Date),
}

impl FromStr for Birth {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let moment = text.parse().ok().filter(|at| Timestamp::from_second(*at).is_ok());
        let problem = "expected Unix seconds, before 1970 with a minus, such as -320630400";
        match moment {
            Some(moment) => Ok(Self::Moment(moment)),
            None => text.parse().map(Self::Day).map_err(|_| problem.to_owned()),
        }
    }
}

impl Birth {
    /// The day of birth: of a moment at midnight of UTC that day, of any other moment the day it is
    /// in the person's zone, as some count from their own midnight. None where nobody was born
    /// then.
    #[must_use]
    pub fn day(self, zone: &TimeZone, now: i64) -> Option<Date> {
        let local = |at: i64, zone: &TimeZone| {
            Timestamp::from_second(at).ok().map(|at| at.to_zoned(zone.clone()).date())
        };
        let day = match self {
            Self::Day(day) => day,
            Self::Moment(at) if at.rem_euclid(crate::DAY_SECONDS) == 0 => {
                local(at, &TimeZone::UTC)?
            }
            Self::Moment(at) => local(at, zone)?,
        };
        (day.year() >= BIRTH_YEAR_MIN && day <= local(now, zone)?).then_some(day)
    }

    /// The moment a day of birth is told as: its midnight in UTC.
    #[must_use]
    pub fn moment(day: Date) -> i64 {
        let midnight = day.to_zoned(TimeZone::UTC);
        midnight.map(|midnight| midnight.timestamp().as_second()).unwrap_or_default()
    }
}

/// The units somebody likes; what is not said is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Units {
    /// 1 kilogram, 2 pound, 14 stone and pound.
    pub weight: Option<i64>,
    /// 6 metre, 7 inch.
    pub height: Option<i64>,
    /// 6 kilometre, 8 yard.
    pub distance: Option<i64>,
    /// 11 degrees Celsius, 13 degrees Fahrenheit.
    pub temperature: Option<i64>,
}

/// The numbers of units there are, by what they measure.
pub const UNITS: [(&str, &[i64]); 4] = [
    ("weight", &[1, 2, 14]),
    ("height", &[6, 7]),
    ("distance", &[6, 8]),
    ("temperature", &[11, 13]),
];

impl FromStr for Units {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let members =
            object(text, "{\"weight\":1,\"height\":6,\"distance\":6,\"temperature\":11}")?;
        let mut units = Self::default();
        for (name, value) in &members {
            let known = UNITS.iter().find(|(known, _)| known == name).map(|(_, numbers)| *numbers);
            let names = "it has weight, height, distance and temperature alone";
            let known = known.ok_or_else(|| names.to_owned())?;
            let number = value.as_i64().filter(|number| known.contains(number));
            let number = number.ok_or_else(|| format!("{name} is one of the numbers {known:?}"))?;
            let place = match name.as_str() {
                "weight" => &mut units.weight,
                "height" => &mut units.height,
                "distance" => &mut units.distance,
                _ => &mut units.temperature,
            };
            *place = Some(number);
        }
        Ok(units)
    }
}

/// The height and the weight somebody begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// In metres: 0.1 to 3.
    pub height: Measure,
    /// In kilograms: 1 to 600.
    pub weight: Measure,
}

impl FromStr for Measures {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let problem = "expected a JSON list of a height and a weight, such as [{\"value\":180,\
                       \"unit\":-2,\"type\":4},{\"value\":8000,\"unit\":-2,\"type\":1}]";
        let list: Vec<Value> = serde_json::from_str(text).map_err(|_| problem.to_owned())?;
        let (mut height, mut weight) = (None, None);
        for (at, item) in list.iter().enumerate() {
            let item = item.as_object().ok_or_else(|| problem.to_owned())?;
            let whole = |name: &str| match item.get(name) {
                Some(Value::Number(number)) if number.is_f64() => Err(format!(
                    "[{at}].{name} has to be a whole number: 1.80 m is value 180 with unit -2. A \
                     fraction would be misread"
                )),
                Some(value) => value.as_i64().ok_or_else(|| format!("[{at}].{name} is no number")),
                None => Err(format!("[{at}].{name} is missing")),
            };
            let (kind, range, unit) = match whole("type")? {
                4 => (MeasureType::HEIGHT, 10..=300, -2),
                1 => (MeasureType::WEIGHT, 1_000..=600_000, -3),
                _ => return Err(format!("[{at}].type is 4 (height) or 1 (weight)")),
            };
            let exponent = i8::try_from(whole("unit")?).ok().filter(|unit| (-9..=3).contains(unit));
            let exponent = exponent.ok_or_else(|| format!("[{at}].unit is -9 to 3"))?;
            let measure = Measure::new(kind, whole("value")?, exponent);
            if !within(measure, range, unit) {
                return Err(format!(
                    "[{at}] is a height of 0.1 to 3 m, or a weight of 1 to 600 kg"
                ));
            }
            let place = if kind == MeasureType::HEIGHT { &mut height } else { &mut weight };
            if place.replace(measure).is_some() {
                return Err("it has one height and one weight".to_owned());
            }
        }
        let (Some(height), Some(weight)) = (height, weight) else {
            return Err(problem.to_owned());
        };
        Ok(Self { height, weight })
    }
}

/// Whether a measure is in a range given in another unit: exactly, whatever its digits.
fn within(measure: Measure, range: std::ops::RangeInclusive<i64>, unit: i8) -> bool {
    let (value, shift) = (i128::from(measure.value), i32::from(measure.unit) - i32::from(unit));
    let power = |places: i32| 10_i128.pow(places.unsigned_abs());
    let (value, by) = if shift < 0 { (value, power(shift)) } else { (value * power(shift), 1) };
    i128::from(*range.start()) * by <= value && value <= i128::from(*range.end()) * by
}

/// What somebody aims at; what is not said is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Goals {
    /// Steps a day.
    pub steps: Option<i64>,
    /// Sleep a night.
    pub sleep_seconds: Option<i64>,
    /// In kilograms.
    pub weight: Option<Measure>,
}

impl FromStr for Goals {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let sample = "{\"steps\":10000,\"sleep\":28800,\"weight\":{\"value\":70500,\"unit\":-3}}";
        let members = object(text, sample)?;
        let mut goals = Self::default();
        for (name, value) in &members {
            let whole = |range: std::ops::RangeInclusive<i64>| {
                let number = value.as_i64().filter(|number| range.contains(number));
                let (first, last) = (range.start(), range.end());
                number.ok_or_else(|| format!("{name} is a whole number from {first} to {last}"))
            };
            match name.as_str() {
                "steps" => goals.steps = Some(whole(1..=STEPS_MAX)?),
                "sleep" => goals.sleep_seconds = Some(whole(1..=crate::DAY_SECONDS)?),
                "weight" => {
                    let number = |name: &str| value.get(name).and_then(Value::as_i64);
                    let unit = number("unit").and_then(|unit| i8::try_from(unit).ok());
                    let measure = number("value")
                        .zip(unit)
                        .map(|(value, unit)| Measure::new(MeasureType::WEIGHT, value, unit));
                    let sane = |one: &Measure| {
                        (-9..=3).contains(&one.unit) && within(*one, 1_000..=600_000, -3)
                    };
                    let problem = "weight has a whole value and a unit, together 1 to 600 kg";
                    let measure = measure.filter(sane).ok_or_else(|| problem.to_owned())?;
                    goals.weight = Some(measure);
                }
                _ => return Err("it has steps, sleep and weight alone".to_owned()),
            }
        }
        Ok(goals)
    }
}

fn object(text: &str, sample: &str) -> Result<serde_json::Map<String, Value>, Problem> {
    serde_json::from_str(text).map_err(|_| format!("expected a JSON object, such as {sample}"))
}

#[cfg(test)]
mod tests;
