//! The numbers of a workout: an object in the manner of JSON, whose exact form no source states.
//!
//! Names may be in double, single or no quotes. Only numbers are taken; texts, `null`, lists and
//! objects within are passed over, and the first thing that cannot be read ends it.

use crate::Decimal;
use crate::limits::WORKOUT_NUMBERS_MAX;

/// The names and numbers of a text.
pub(crate) fn read(text: &str) -> Vec<(String, Decimal)> {
    let mut numbers = Vec::new();
    let mut text = Text(text.trim());
    if !text.skip('{') {
        return numbers;
    }
    while numbers.len() < WORKOUT_NUMBERS_MAX {
        let Some(name) = text.word() else { break };
        if !text.skip(':') {
            break;
        }
        if text.is_nested() {
            text.pass();
        } else {
            let is_quoted = text.0.starts_with(QUOTES);
            let Some(value) = text.word() else { break };
            if let Some(number) = Decimal::parse(&value).filter(|_| !is_quoted) {
                numbers.push((name, number));
            }
        }
        if !text.skip(',') {
            break;
        }
    }
    numbers
}

/// An object with these numbers. None where a name could not be read again.
pub(crate) fn write(numbers: &[(String, Decimal)]) -> Option<String> {
    let mut text = String::from("{");
    for (at, (name, number)) in numbers.iter().enumerate() {
        if name.contains(QUOTES) || name.contains('\\') {
            return None;
        }
        let comma = if at > 0 { "," } else { "" };
        text.push_str(&format!("{comma}\"{name}\":{number}"));
    }
    text.push('}');
    (numbers.len() <= WORKOUT_NUMBERS_MAX).then_some(text)
}

const QUOTES: [char; 2] = ['"', '\''];

/// What is left of the text.
struct Text<'t>(&'t str);

impl Text<'_> {
    /// Steps over a sign and the blanks around it.
    fn skip(&mut self, sign: char) -> bool {
        let rest = self.0.trim_start().strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0).trim_start();
        rest.is_some()
    }

    fn is_nested(&self) -> bool {
        self.0.starts_with(['{', '['])
    }

    /// A name or a simple value.
    fn word(&mut self) -> Option<String> {
        if let Some(quote) = self.0.chars().next().filter(|first| QUOTES.contains(first)) {
            let (word, rest) = self.0.get(1..)?.split_once(quote)?;
            self.0 = rest;
            return Some(word.to_owned());
        }
        let end = self.0.find([',', ':', '}', '{', '[', ']', '"', '\'']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        let word = word.trim();
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// Steps over a list or an object, with whatever is in it. Quotes are looked at, so that a
    /// bracket in a text closes nothing.
    fn pass(&mut self) {
        let mut depth = 0_usize;
        let mut quote = None;
        for (at, letter) in self.0.char_indices() {
            match (quote, letter) {
                (Some(open), _) if open == letter => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(letter),
                (None, '{' | '[') => depth += 1,
                (None, '}' | ']') => depth = depth.saturating_sub(1),
                (None, _) => {}
            }
            if depth == 0 {
                self.0 = self.0.get(at + letter.len_utf8()..).unwrap_or_default();
                return;
            }
        }
        self.0 = "";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(text: &str) -> Vec<(String, String)> {
        read(text).into_iter().map(|(name, number)| (name, number.to_string())).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, number)| ((*name).to_owned(), (*number).to_owned())).collect()
    }

    #[test]
    fn numbers_are_taken_under_their_names() {
        let expected = pairs(&[("calories", "120.50"), ("steps", "4000")]);
        assert_eq!(numbers(r#"{"calories":120.50,"steps":4000}"#), expected);
        assert_eq!(numbers("{ 'calories' : 120.50 , 'steps' : 4000 }"), expected);
        assert_eq!(numbers("{calories: 120.50, steps: 4000}"), expected);
    }

    #[test]
    fn what_is_no_number_is_passed_over() {
        let text = r#"{"a":null,"b":"7","c":[1,{"d":"]"}],"e":{"f":1},"g":-2,"h":true,"i":3}"#;
        assert_eq!(numbers(text), pairs(&[("g", "-2"), ("i", "3")]));
    }

    #[test]
    fn what_cannot_be_read_ends_it() {
        assert_eq!(numbers("{\"a\":1,b"), pairs(&[("a", "1")]));
        for text in ["", "12", "{", "{}", "[]", "{\"a", "{\"a\":", "{\"a\":[", "{:1}", "null"] {
            assert_eq!(numbers(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_numbers_or_none(text in r#"[a-z{}\[\]:,"' 0-9é]*"#) {
            let _ = read(&text);
        }
    }
}
