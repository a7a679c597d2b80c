//! How exports of other people's apps are laid out: in the units and the language of whoever took
//! them out, and in no order. It changes rows that are made, not what they say.

use std::borrow::Cow;

use crate::kind::Kind;
use crate::number::{divided, exact};

/// How the rows of an export are laid out, beside what is usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Weights in pounds, heights in feet and inches.
    pub is_imperial: bool,
    /// Weights, heights and blood pressures as a French app writes them: its names of columns,
    /// semicolons between them, and commas in numbers.
    pub is_french: bool,
    /// Of each two rows the later one comes first.
    pub is_unordered: bool,
}

/// French names of columns, without their units.
const FRENCH: &[(&str, &str)] = &[
    ("Weight", "Poids"),
    ("Fat mass", "Masse grasse"),
    ("Bone mass", "Masse osseuse"),
    ("Muscle mass", "Masse musculaire"),
    ("Hydration", "Hydratation"),
    ("Height", "Taille"),
    ("Heart rate", "Fréquence cardiaque"),
    ("Systolic", "Systolique"),
    ("Diastolic", "Diastolique"),
    ("Comments", "Commentaires"),
];

impl Layout {
    pub(super) fn delimiter(self, kind: Kind) -> u8 {
        if self.is_french && is_of_body(kind) { b';' } else { b',' }
    }

    /// A column of a file.
    pub(super) fn column(self, kind: Kind, name: &'static str) -> Cow<'static, str> {
        let mut column = Cow::Borrowed(name);
        if self.is_imperial && is_of_body(kind) {
            column = column.replace("(kg)", "(lb)").replace("(m)", "(ft)").into();
        }
        let (stem, unit) = column.split_once(" (").unwrap_or((&column, ""));
        let french = FRENCH.iter().find(|(english, _)| *english == stem);
        match french.filter(|_| self.is_french && is_of_body(kind)) {
            Some((_, french)) if unit.is_empty() => (*french).into(),
            Some((_, french)) => format!("{french} ({unit}").into(),
            None => column,
        }
    }

    /// A cell of a column.
    pub(super) fn cell(self, kind: Kind, name: &str, text: &str) -> String {
        let imperial = match (self.is_imperial && is_of_body(kind), name) {
            (true, "Height (m)") => feet(text),
            (true, name) if name.ends_with("(kg)") => pounds(text),
            _ => None,
        };
        let text = imperial.unwrap_or_else(|| text.to_owned());
        let is_number = !matches!(name, "Date" | "Comments");
        match self.is_french && is_of_body(kind) && is_number {
            true => text.replace('.', ","),
            false => text,
        }
    }
}

const fn is_of_body(kind: Kind) -> bool {
    matches!(kind, Kind::Weight | Kind::Height | Kind::BloodPressure)
}

/// Hundredths of a pound of kilograms.
fn pounds(text: &str) -> Option<String> {
    let (digits, places) = exact(text)?;
    let divisor = 10_i128.checked_pow(u32::from(places))?.checked_mul(45_359_237)?;
    let hundredths = divided(digits.checked_mul(100 * 100_000_000)?, divisor);
    let sign = if hundredths < 0 { "-" } else { "" };
    let hundredths = hundredths.unsigned_abs();
    Some(format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100))
}

/// Feet, and tenths of an inch, of metres.
fn feet(text: &str) -> Option<String> {
    let (digits, places) = exact(text)?;
    let divisor = 10_i128.checked_pow(u32::from(places))?.checked_mul(254)?;
    let tenths = divided(digits.checked_mul(100_000)?, divisor);
    let inches = tenths.rem_euclid(120);
    Some(format!("{}' {}.{}''", tenths.div_euclid(120), inches / 10, inches % 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_values_become_pounds_and_feet() {
        assert_eq!(pounds("66.85").as_deref(), Some("147.38"));
        assert_eq!(pounds("-0.5").as_deref(), Some("-1.10"));
        assert_eq!(feet("1.778").as_deref(), Some("5' 10.0''"));
        assert_eq!(feet("1.83").as_deref(), Some("6' 0.0''"));
        assert_eq!((pounds(""), feet("tall")), (None, None));
    }

    #[test]
    fn what_is_not_of_a_body_stays_as_it_is() {
        let layout = Layout { is_imperial: true, is_french: true, is_unordered: true };
        assert_eq!(layout.column(Kind::Nights, "Heart rate (min)"), "Heart rate (min)");
        assert_eq!(layout.column(Kind::Weight, "Fat mass (kg)"), "Masse grasse (lb)");
        assert_eq!(layout.column(Kind::BloodPressure, "Heart rate"), "Fréquence cardiaque");
        assert_eq!(layout.cell(Kind::BloodPressure, "Comments", "e.g."), "e.g.");
        assert_eq!(layout.delimiter(Kind::Other), b',');
    }
}
