//! Units of the files, and their way into the metric ones that measures have.
//!
//! Converted values are integers of thousandths, rounded half away from zero; values that are
//! metric already keep their digits.

use domain::measure::{Measure, MeasureType};

use crate::fold::fold;
use crate::number::{Decimal, divided, exact};

/// What is converted is given in thousandths.
const CONVERTED_UNIT: i8 = -3;
/// More places than any device sends are the noise of a float: such a value is rounded to
/// thousandths as well.
const PLACES_MAX: u8 = 6;

/// The unit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// The one that the measure has, or none at all.
    Plain,
    Percent,
    Gram,
    Pound,
    Stone,
    Centimetre,
    Inch,
    Foot,
    Fahrenheit,
}

impl Unit {
    /// The unit that a text names; one that is not known counts as the measure's own.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        match (text, fold(text).as_str()) {
            ("%", _) => Self::Percent,
            ("\"" | "''" | "″", _) | (_, "in" | "inch" | "inches") => Self::Inch,
            ("'" | "′", _) | (_, "ft" | "foot" | "feet" | "ftin") => Self::Foot,
            (_, "g" | "gram" | "grams") => Self::Gram,
            (_, "lb" | "lbs" | "pound" | "pounds") => Self::Pound,
            (_, "st" | "stlb" | "stone" | "stones") => Self::Stone,
            (_, "cm") => Self::Centimetre,
            (_, "f" | "degf" | "fahrenheit") => Self::Fahrenheit,
            _ => Self::Plain,
        }
    }
}

/// A measure from its text. None if the text is no number or the number is too large.
pub(crate) fn measure(kind: MeasureType, text: &str, unit: Unit) -> Option<Measure> {
    let (factor, divisor) = match unit {
        Unit::Plain | Unit::Percent => return plain(kind, text),
        Unit::Gram => (1, 1_000),
        Unit::Pound => (45_359_237, 100_000_000),
        Unit::Stone => return stones(kind, text),
        Unit::Centimetre => (1, 100),
        Unit::Inch | Unit::Foot => return feet(kind, text, unit),
        Unit::Fahrenheit => return fahrenheit(kind, text),
    };
    converted(kind, exact(text)?, factor, divisor)
}

/// A height: the marks of feet and inches say more than the header.
pub(crate) fn height(text: &str, unit: Unit) -> Option<Measure> {
    let has_marks = text.contains(['\'', '"', '′', '″', '’', '”']);
    measure(MeasureType::HEIGHT, text, if has_marks { Unit::Foot } else { unit })
}

fn plain(kind: MeasureType, text: &str) -> Option<Measure> {
    let decimal = Decimal::parse(text)?;
    let places = if decimal.places > PLACES_MAX { 3 } else { decimal.places };
    let unit = i8::try_from(places).ok()?.checked_neg()?;
    Some(Measure::new(kind, decimal.scaled(places)?, unit))
}

/// A number times a ratio.
fn converted(
    kind: MeasureType,
    (digits, places): (i128, u8),
    factor: i128,
    divisor: i128,
) -> Option<Measure> {
    let power = 10_i128.checked_pow(u32::from(places))?.checked_mul(divisor)?;
    let thousandths = digits.checked_mul(factor)?.checked_mul(1_000)?;
    let value = i64::try_from(divided(thousandths, power)).ok()?;
    Some(Measure::new(kind, value, CONVERTED_UNIT))
}

/// `11.5` are stones; `11 st 7 lb` and `11:7` are stones and pounds.
fn stones(kind: MeasureType, text: &str) -> Option<Measure> {
    let pounds = joined(text, 14)?;
    converted(kind, pounds, 45_359_237, 100_000_000)
}

/// `5' 10.0''` are feet and inches; a single number is of the header's unit.
fn feet(kind: MeasureType, text: &str, unit: Unit) -> Option<Measure> {
    let inches = if unit == Unit::Inch { exact(text)? } else { joined(text, 12)? };
    converted(kind, inches, 254, 10_000)
}

/// One or two numbers with anything but digits between them: so many of the larger unit, and of
/// the smaller one. The result is of the smaller one.
fn joined(text: &str, smaller: i128) -> Option<(i128, u8)> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',');
    let mut parts = text.split(|letter| !is_part(letter)).filter(|part| !part.is_empty());
    let (first, second) = (exact(parts.next()?)?, parts.next());
    if parts.next().is_some() || text.contains('-') {
        return None;
    }
    let (digits, places) = (first.0.checked_mul(smaller)?, first.1);
    let Some(second) = second else {
        return Some((digits, places));
    };
    let (more, more_places) = exact(second)?;
    // Halves of a foot next to inches would say the same twice.
    if places > 0 {
        return None;
    }
    let power = 10_i128.checked_pow(u32::from(more_places))?;
    Some((digits.checked_mul(power)?.checked_add(more)?, more_places))
}

fn fahrenheit(kind: MeasureType, text: &str) -> Option<Measure> {
    let (digits, places) = exact(text)?;
    let zero = 10_i128.checked_pow(u32::from(places))?.checked_mul(32)?;
    converted(kind, (digits.checked_sub(zero)?, places), 5, 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, unit: &str) -> Option<(i64, i8)> {
        let found = measure(MeasureType::WEIGHT, text, Unit::parse(unit))?;
        Some((found.value, found.unit))
    }

    fn tall(text: &str, unit: &str) -> Option<i64> {
        height(text, Unit::parse(unit)).map(|found| found.value)
    }

    #[test]
    fn metric_values_keep_their_digits() {
        assert_eq!(value("66.850", "kg"), Some((66_850, -3)));
        assert_eq!(value("66,85", ""), Some((6_685, -2)));
        assert_eq!(value("66.849998474121094", "kg"), Some((66_850, -3)));
        assert_eq!(value("NaN", "kg"), None);
    }

    #[test]
    fn pounds_and_stones_become_grams() {
        assert_eq!(value("150", "lb"), Some((68_039, -3)));
        assert_eq!(value("10.5", "st"), Some((66_678, -3)));
        assert_eq!(value("10 st 7 lb", "st"), Some((66_678, -3)));
        assert_eq!(value("10:7.0", "st:lb"), Some((66_678, -3)));
        assert_eq!(value("-10", "st"), None);
        assert_eq!(value("10.5 st 7", "st"), None);
        assert_eq!(value("72500", "g"), Some((72_500, -3)));
    }

    #[test]
    fn feet_and_inches_become_millimetres() {
        assert_eq!(tall("5' 10.0''", "m"), Some(1_778));
        assert_eq!(tall("5' 10.5\"", "ft"), Some(1_791));
        assert_eq!(tall("6'", "ft"), Some(1_829));
        assert_eq!(tall("70", "in"), Some(1_778));
        assert_eq!(tall("178", "cm"), Some(1_780));
        assert_eq!(tall("5' 10' 2'", "ft"), None);
        assert_eq!(height("1.78", Unit::Plain), Some(Measure::new(MeasureType::HEIGHT, 178, -2)));
    }

    #[test]
    fn fahrenheit_becomes_celsius() {
        assert_eq!(value("98.6", "°F"), Some((37_000, -3)));
        assert_eq!(value("14", "°F"), Some((-10_000, -3)));
        assert_eq!(value("36.6", "°C"), Some((366, -1)));
    }
}
