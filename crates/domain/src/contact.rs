//! How somebody is reached: phone numbers and countries.

use celes::Country;
use phonenumber::Mode;

/// Digits of a phone number with its country code (E.164, section 6.1).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A phone number in E.164, such as `+33612345678`, if that is how it is written. Whether somebody
/// has it is not asked: numbers kept free for tests and stories are numbers too.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let number = phonenumber::parse(None, text).ok()?;
    let written = number.format().mode(Mode::E164).to_string();
    let digits = written.strip_prefix('+')?;
    let is_plain = PHONE_DIGITS.contains(&digits.len()) && written == text;
    is_plain.then_some(written)
}

/// A country by its two letters of ISO 3166-1, in upper case.
#[must_use]
pub fn country(text: &str) -> Option<&'static str> {
    Country::from_alpha2(text.trim()).ok().map(|country| country.alpha2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_has_a_plus_and_its_country() {
        for good in ["+33612345678", "+12025550123", "+447700900123", " +4915112345678 "] {
            assert_eq!(phone(good), Some(good.trim().to_owned()), "{good}");
        }
        let bad = ["0612345678", "33612345678", "+999123456789", "+33 6 12 34 56 78", "", "+"];
        for bad in
            bad.into_iter().chain(["+336123456781234567", "+33x12345678", "tel:+33612345678"])
        {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_country_has_two_letters() {
        assert_eq!(country("fr"), Some("FR"));
        assert_eq!(country(" US "), Some("US"));
        for bad in ["", "F", "FRA", "XX", "France", "1F"] {
            assert_eq!(country(bad), None, "{bad}");
        }
    }
}
