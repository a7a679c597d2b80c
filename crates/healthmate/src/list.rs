//! Lists of numbers in brackets, as the files of samples and signals have them.

use crate::limits::{SAMPLES_MAX, SIGNAL_SAMPLES_MAX};
use crate::number;
use crate::report::Reason;

/// The parts of a list: `[60,60]`, `60,60`, `[60; 60]`, or a single `60`. None for `[]`.
fn parts(text: &str) -> Option<impl Iterator<Item = &str>> {
    let text = text.trim();
    let text = text.strip_prefix(['[', '(']).unwrap_or(text);
    let text = text.strip_suffix([']', ')']).unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.split([',', ';']).map(str::trim))
}

/// The numbers of a list with so many places. An empty list has none.
pub(crate) fn scaled(text: &str, places: u8, column: &'static str) -> Result<Vec<i64>, Reason> {
    within(SAMPLES_MAX, text, places, column)
}

fn within(max: usize, text: &str, places: u8, column: &'static str) -> Result<Vec<i64>, Reason> {
    let mut numbers = Vec::new();
    for part in parts(text).into_iter().flatten() {
        if numbers.len() == max {
            return Err(Reason::ListTooLong);
        }
        let number = number::scaled(part, places).ok_or(Reason::BadList { column })?;
        numbers.push(number);
    }
    Ok(numbers)
}

/// The first number of a list, as a list; what follows it is not looked at.
pub(crate) fn first(text: &str, places: u8, column: &'static str) -> Result<Vec<i64>, Reason> {
    let first = parts(text).and_then(|mut parts| parts.next());
    let first = first.map(|part| number::scaled(part, places).ok_or(Reason::BadList { column }));
    Ok(first.transpose()?.into_iter().collect())
}

/// The samples of a signal in microvolts: millivolts if one has a point, else microvolts already.
///
/// The files do not say which of the two they hold. Monitors of blood pressure write millivolts,
/// which have fractions; watches write whole microvolts.
pub(crate) fn microvolts(text: &str, column: &'static str) -> Result<Vec<i64>, Reason> {
    let is_millivolts = text.contains(['.', 'e', 'E']);
    within(SIGNAL_SAMPLES_MAX, text, if is_millivolts { 3 } else { 0 }, column)
}

/// A list as the files write it.
pub(crate) fn write(numbers: impl Iterator<Item = String>) -> String {
    let mut text = String::from("[");
    for (at, number) in numbers.enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&number);
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_and_without_brackets() {
        assert_eq!(scaled("[60,60]", 0, "duration"), Ok(vec![60, 60]));
        assert_eq!(scaled(" [ 44.1, 0.25 ] ", 3, "value"), Ok(vec![44_100, 250]));
        assert_eq!(scaled("60", 0, "duration"), Ok(vec![60]));
        assert_eq!(scaled("[]", 0, "duration"), Ok(vec![]));
        assert_eq!(scaled("", 0, "duration"), Ok(vec![]));
    }

    #[test]
    fn what_is_no_number_spoils_the_list() {
        let bad = Err(Reason::BadList { column: "value" });
        for text in ["[1,,2]", "[1,NaN]", "[inf]", "[[1]]", "[1e99]", "[a]"] {
            assert_eq!(scaled(text, 3, "value"), bad, "{text}");
        }
        let long = vec!["1"; SAMPLES_MAX + 1].join(",");
        assert_eq!(scaled(&long, 0, "value"), Err(Reason::ListTooLong));
        let longest = vec!["1"; SIGNAL_SAMPLES_MAX].join(",");
        assert_eq!(microvolts(&longest, "signal").map(|all| all.len()), Ok(SIGNAL_SAMPLES_MAX));
        let longer = longest + ",1";
        assert_eq!(microvolts(&longer, "signal"), Err(Reason::ListTooLong));
    }

    #[test]
    fn a_fraction_makes_a_signal_one_of_millivolts() {
        assert_eq!(microvolts("[12,-7]", "signal"), Ok(vec![12, -7]));
        assert_eq!(microvolts("[0.012,-0.007,1]", "signal"), Ok(vec![12, -7, 1_000]));
    }
}
