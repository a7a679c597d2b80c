//! Decimal numbers as integers: text to digits and back, never through a float.

use std::fmt;

use crate::limits::NUMBER_CHARS_MAX;

/// A number that text had: `digits` with `places` of them behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits, with the sign.
    pub digits: i64,
    /// How many of them are behind the point.
    pub places: u8,
}

impl Decimal {
    /// The number in a text: an optional sign, digits, a point or a comma, an optional exponent.
    ///
    /// Two separators are refused, because nobody can tell which one groups thousands. Digits that
    /// are no longer held behind the point are rounded away, half away from zero.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (digits, places) = exact(text)?;
        if let Ok(digits) = i64::try_from(digits) {
            return Some(Self { digits, places });
        }
        let too_many = u8::try_from(digits.unsigned_abs().ilog10()).ok()?.checked_sub(17)?;
        let kept = places.checked_sub(too_many)?;
        let digits = i64::try_from(rescale(digits, places, kept)?).ok()?;
        Some(Self { digits, places: kept })
    }

    /// The digits under another number of places, rounded half away from zero. None if they do
    /// not fit.
    #[must_use]
    pub fn scaled(self, places: u8) -> Option<i64> {
        i64::try_from(rescale(i128::from(self.digits), self.places, places)?).ok()
    }

    /// Without the zeros at its end.
    pub(crate) fn trimmed(mut self) -> Self {
        while self.places > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.places -= 1;
        }
        self
    }
}

impl fmt::Display for Decimal {
    /// With all its places, so that reading it again gives the same digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::from(self.places);
        if places == 0 {
            return write!(f, "{}", self.digits);
        }
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.digits < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// A whole number in a text; a fraction is rounded.
pub(crate) fn whole(text: &str) -> Option<i64> {
    scaled(text, 0)
}

/// The digits of a text's number with so many places, rounded half away from zero.
pub(crate) fn scaled(text: &str, places: u8) -> Option<i64> {
    let (digits, had) = exact(text)?;
    i64::try_from(rescale(digits, had, places)?).ok()
}

/// All digits of a text's number, and how many are behind the point.
pub(crate) fn exact(text: &str) -> Option<(i128, u8)> {
    let text = text.trim();
    if text.len() > NUMBER_CHARS_MAX {
        return None;
    }
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut digits: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
        digits = digits.checked_mul(10)?.checked_add(digit)?;
    }
    let places = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    if places < 0 {
        digits = digits.checked_mul(10_i128.checked_pow(places.unsigned_abs())?)?;
    }
    let digits = if negative { -digits } else { digits };
    Some((digits, u8::try_from(places.max(0)).ok()?))
}

/// Digits with other places, rounded half away from zero.
fn rescale(digits: i128, had: u8, places: u8) -> Option<i128> {
    if places >= had {
        return digits.checked_mul(10_i128.checked_pow(u32::from(places - had))?);
    }
    match 10_i128.checked_pow(u32::from(had - places)) {
        Some(power) => Some(divided(digits, power)),
        // More places than any digits reach: less than half of one.
        None => Some(0),
    }
}

/// A quotient, rounded half away from zero. The divisor is positive.
pub(crate) fn divided(number: i128, divisor: i128) -> i128 {
    let rest = (number % divisor).abs();
    let away = if rest >= divisor - rest { number.signum() } else { 0 };
    number / divisor + away
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Option<(i64, u8)> {
        Decimal::parse(text).map(|decimal| (decimal.digits, decimal.places))
    }

    #[test]
    fn a_number_keeps_its_digits_with_a_point_or_a_comma() {
        assert_eq!(parsed("66.850"), Some((66_850, 3)));
        assert_eq!(parsed("66,85"), Some((6_685, 2)));
        assert_eq!(parsed("-0.5"), Some((-5, 1)));
        assert_eq!(parsed("+7"), Some((7, 0)));
        assert_eq!(parsed(".5"), Some((5, 1)));
        assert_eq!(parsed("1.5e-3"), Some((15, 4)));
        assert_eq!(parsed("1.5E3"), Some((1_500, 0)));
    }

    #[test]
    fn what_is_no_number_is_none() {
        let texts = ["", ".", "-", "NaN", "inf", "-Infinity", "1,234.5", "1 2", "0x10", "1e", "٣"];
        for text in texts {
            assert_eq!(parsed(text), None, "{text}");
        }
        assert_eq!(parsed(&"9".repeat(39)), None);
        assert_eq!(parsed("1e400"), None);
        assert_eq!(parsed("9223372036854775808"), None);
        assert_eq!(parsed("9223372036854775807"), Some((i64::MAX, 0)));
    }

    #[test]
    fn the_noise_of_floats_is_rounded_away() {
        assert_eq!(scaled("44.099998474121094", 3), Some(44_100));
        assert_eq!(scaled("0.00000000000000000000000001", 3), Some(0));
        assert_eq!(scaled("-2.5", 0), Some(-3));
        assert_eq!(parsed("12.3456789012345678901"), Some((123_456_789_012_345_679, 16)));
    }

    proptest! {
        #[test]
        fn a_decimal_comes_back_from_its_text(digits: i64, places in 0_u8..19) {
            let decimal = Decimal { digits, places };
            prop_assert_eq!(Decimal::parse(&decimal.to_string()), Some(decimal));
            prop_assert_eq!(decimal.trimmed().scaled(places), Some(digits));
        }

        #[test]
        fn any_text_is_a_number_or_none(text: String) {
            let _ = (Decimal::parse(&text), whole(&text), scaled(&text, 7));
        }
    }
}
