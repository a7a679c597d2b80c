//! Care: programmes of remote patient monitoring and the people in them. The reference says little
//! of it; what is decided here stands in docs/care.md.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person has at most this many external ids.
pub const EXTERNAL_IDS_MAX: usize = 32;
/// A person has at most this many diagnoses.
pub const CODES_MAX: usize = 100;
/// The kind of an external id has at most this many characters.
const TYPE_CHARS_MAX: usize = 32;
/// An external id has at most this many characters.
const IDENTIFIER_CHARS_MAX: usize = 200;
/// A programme's name has at most this many characters.
const NAME_CHARS_MAX: usize = 100;

/// What another system calls a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalId {
    /// What kind of number it is, such as `MRN`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The number itself.
    pub identifier: String,
}

impl ExternalId {
    /// The member that cannot be, and what would do.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        for (name, text, chars_max) in [
            ("type", &self.kind, TYPE_CHARS_MAX),
            ("identifier", &self.identifier, IDENTIFIER_CHARS_MAX),
        ] {
            if !is_line(text, chars_max) {
                return Err((name, format!("1 to {chars_max} characters on one line")));
            }
        }
        Ok(())
    }
}

/// The section of a programme in which a person is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// 0: in the programme, and without an alert.
    Followed,
    /// -6: until somebody has looked.
    ToValidate,
}

impl Section {
    /// The number on the wire.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Followed => 0,
            Self::ToValidate => -6,
        }
    }

    /// The section of that number.
    #[must_use]
    pub const fn of(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Followed),
            -6 => Some(Self::ToValidate),
            _ => None,
        }
    }
}

/// A name that a programme can have.
#[must_use]
pub fn program_name(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|name| is_line(name, NAME_CHARS_MAX))
}

/// A diagnosis of ICD-10 or ICD-11 by the form of its code, such as `I10` or `E11.9`: whether there
/// is such a one is not asked.
#[must_use]
pub fn diagnosis(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let mut parts = code.split('.');
    let (stem, rest) = (parts.next().unwrap_or_default(), parts.next());
    let is_plain = |part: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_code = is_plain(stem, 3..=4)
        && stem.bytes().any(|byte| byte.is_ascii_digit())
        && rest.is_none_or(|rest| is_plain(rest, 1..=4))
        && parts.next().is_none();
    is_code.then_some(code)
}

/// The number of a kind of device, as the first version of the API had it (`devtype`). Kinds it did
/// not have yet have none, but for thermometers.
#[must_use]
pub fn device_type(kind: &str) -> Option<i64> {
    match kind {
        "Scale" => Some(1),
        "Blood Pressure Monitor" => Some(4),
        "Activity Tracker" => Some(16),
        "Sleep Monitor" => Some(32),
        "Smart Connected Thermometer" => Some(64),
        _ => None,
    }
}

fn is_line(text: &str, chars_max: usize) -> bool {
    let is_short = text.chars().count() <= chars_max;
    is_short && !text.trim().is_empty() && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnosis_has_the_form_of_a_code() {
        for (text, code) in
            [("I10", "I10"), (" e11.9 ", "E11.9"), ("BA00", "BA00"), ("5A11.Z", "5A11.Z")]
        {
            assert_eq!(diagnosis(text).as_deref(), Some(code));
        }
        for bad in ["", "I", "I1", "hypertension", "ABC", "I10.", "I10.12345", "I10.1.2", "I 10"] {
            assert_eq!(diagnosis(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_external_id_is_two_short_lines() {
        let check = |kind: &str, identifier: &str| {
            let id = ExternalId { kind: kind.to_owned(), identifier: identifier.to_owned() };
            id.check().map_err(|(name, _)| name)
        };
        assert_eq!(check("MRN", "BB8C3P0R2D2"), Ok(()));
        assert_eq!(check("", "1"), Err("type"));
        assert_eq!(check(&"x".repeat(33), "1"), Err("type"));
        assert_eq!(check("MRN", " "), Err("identifier"));
        assert_eq!(check("MRN", "a\nb"), Err("identifier"));
        assert_eq!(check("MRN", &"x".repeat(201)), Err("identifier"));
    }

    #[test]
    fn every_kind_of_device_the_first_api_had_has_its_number() {
        let numbers = [17, 47, 93, 63, 70, 22]
            .map(|model| crate::device::model(model).and_then(|model| device_type(model.kind)));
        assert_eq!(numbers, [Some(1), Some(4), Some(16), Some(32), Some(64), None]);
    }

    #[test]
    fn a_section_has_a_number() {
        for section in [Section::Followed, Section::ToValidate] {
            assert_eq!(Section::of(section.code()), Some(section));
        }
        assert_eq!(Section::of(1), None);
    }
}
