//! What a survey that somebody wrote has to keep to. Every problem names its place.

use super::{Condition, Question, QuestionTexts, QuestionType, Survey, Translation};
use crate::account::is_language;
use std::collections::BTreeSet;

/// Ids of surveys and suggestions are at most this large: programs keep them in 32 bits.
pub const ID_MAX: i64 = i32::MAX as i64;
/// A survey has at most this many conditions.
pub const CONDITIONS_MAX: usize = 16;
/// A survey has at most this many questions: more than anybody answers on a cuff.
pub const QUESTIONS_MAX: usize = 50;
/// A question has at most this many suggestions.
pub const SUGGESTIONS_MAX: usize = 32;
/// A survey is in at most this many other languages.
pub const LANGUAGES_MAX: usize = 64;
/// A name has at most this many characters.
pub const NAME_CHARS_MAX: usize = 100;
/// A title or a suggestion has at most this many characters.
pub const TEXT_CHARS_MAX: usize = 200;
/// A description or the text of a question has at most this many characters.
pub const CONTENT_CHARS_MAX: usize = 2_000;
/// What answers name a question by has at most this many characters.
const QUESTION_ID_CHARS_MAX: usize = 32;
/// The language of the texts that are no translation.
const BASE_LANGUAGE: &str = "en";

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Such as `data[2].suggestions[0].text`.
    pub place: String,
    /// What would do.
    pub expected: String,
}

impl Problem {
    pub(super) fn at(place: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { place: place.into(), expected: expected.into() }
    }
}

type Checked = Result<(), Problem>;

impl Survey {
    /// Whether it can be asked.
    pub fn check(&self) -> Checked {
        id("id", self.id)?;
        line("name", &self.name, NAME_CHARS_MAX)?;
        text("description", &self.description)?;
        count("trigger_conditions", self.trigger_conditions.len(), CONDITIONS_MAX)?;
        for (at, condition) in self.trigger_conditions.iter().enumerate() {
            condition.check(&format!("trigger_conditions[{at}]"))?;
        }
        count("data", self.data.len(), QUESTIONS_MAX)?;
        let mut seen = BTreeSet::new();
        for (at, question) in self.data.iter().enumerate() {
            let place = format!("data[{at}]");
            question.check(&place)?;
            if !seen.insert(question.id.as_str()) {
                return Err(Problem::at(format!("{place}.id"), "another id for each question"));
            }
        }
        if self.translations.len() > LANGUAGES_MAX {
            return Err(Problem::at("translations", format!("at most {LANGUAGES_MAX}")));
        }
        let mut seen = BTreeSet::new();
        for (language, translation) in &self.translations {
            // A key is repeated only once it is known to be a plain tag.
            if !is_language(language) {
                let expected = "tags of languages such as fr or fr_CA";
                return Err(Problem::at("translations", expected));
            }
            let place = format!("translations.{language}");
            if language.eq_ignore_ascii_case(BASE_LANGUAGE) {
                let expected = "other languages: the texts themselves are English";
                return Err(Problem::at(place, expected));
            }
            if !seen.insert(super::language::tag(language)) {
                return Err(Problem::at(place, "each language once"));
            }
            translation.check(self, &place)?;
        }
        Ok(())
    }
}

impl Condition {
    fn check(&self, place: &str) -> Checked {
        if self.kind.0 < 1 {
            return Err(Problem::at(format!("{place}.type"), "a type of measure, 1 or more"));
        }
        if self.limit().is_none() {
            let expected = "a decimal number in a text, such as \"180\" or \"37.5\", of at most 18 \
                            digits, 9 of them after the point";
            return Err(Problem::at(format!("{place}.value"), expected));
        }
        Ok(())
    }
}

impl Question {
    fn check(&self, place: &str) -> Checked {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let length = 1..=QUESTION_ID_CHARS_MAX;
        if !length.contains(&self.id.len()) || !self.id.bytes().all(is_plain) {
            let expected = format!("1 to {QUESTION_ID_CHARS_MAX} letters, digits, - and _");
            return Err(Problem::at(format!("{place}.id"), expected));
        }
        line(&format!("{place}.title"), &self.title, TEXT_CHARS_MAX)?;
        text(&format!("{place}.content"), &self.content)?;
        let suggestions = format!("{place}.suggestions");
        match self.kind {
            QuestionType::Statement if self.suggestions.is_empty() => return Ok(()),
            QuestionType::Statement => {
                return Err(Problem::at(suggestions, "none: a statement is not answered"));
            }
            QuestionType::SingleChoice | QuestionType::MultipleChoice => {
                count(&suggestions, self.suggestions.len(), SUGGESTIONS_MAX)?;
            }
        }
        let mut seen = BTreeSet::new();
        for (at, suggestion) in self.suggestions.iter().enumerate() {
            let place = format!("{suggestions}[{at}]");
            id(&format!("{place}.id"), suggestion.id)?;
            if !seen.insert(suggestion.id) {
                let expected = "another id for each suggestion of a question";
                return Err(Problem::at(format!("{place}.id"), expected));
            }
            line(&format!("{place}.text"), &suggestion.text, TEXT_CHARS_MAX)?;
        }
        Ok(())
    }
}

impl Translation {
    fn check(&self, of: &Survey, place: &str) -> Checked {
        if let Some(name) = &self.name {
            line(&format!("{place}.name"), name, NAME_CHARS_MAX)?;
        }
        if let Some(description) = &self.description {
            text(&format!("{place}.description"), description)?;
        }
        for (id, texts) in &self.data {
            let Some(question) = of.data.iter().find(|question| question.id == *id) else {
                return Err(Problem::at(format!("{place}.data"), "ids of questions of the survey"));
            };
            texts.check(question, &format!("{place}.data.{id}"))?;
        }
        Ok(())
    }
}

impl QuestionTexts {
    fn check(&self, of: &Question, place: &str) -> Checked {
        if let Some(title) = &self.title {
            line(&format!("{place}.title"), title, TEXT_CHARS_MAX)?;
        }
        if let Some(content) = &self.content {
            text(&format!("{place}.content"), content)?;
        }
        let place = format!("{place}.suggestions");
        for (id, translated) in &self.suggestions {
            if !of.suggestions.iter().any(|suggestion| suggestion.id.to_string() == *id) {
                return Err(Problem::at(place, "ids of suggestions of the question"));
            }
            line(&format!("{place}.{id}"), translated, TEXT_CHARS_MAX)?;
        }
        Ok(())
    }
}

fn id(place: &str, id: i64) -> Checked {
    if (1..=ID_MAX).contains(&id) {
        return Ok(());
    }
    Err(Problem::at(place, format!("a whole number from 1 to {ID_MAX}")))
}

fn count(place: &str, count: usize, max: usize) -> Checked {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(Problem::at(place, format!("1 to {max} of them")))
}

/// One line that is not blank.
fn line(place: &str, text: &str, chars_max: usize) -> Checked {
    let is_short = text.chars().count() <= chars_max;
    if is_short && !text.trim().is_empty() && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(Problem::at(place, format!("1 to {chars_max} characters on one line")))
}

/// Lines, or nothing.
fn text(place: &str, text: &str) -> Checked {
    let is_control = |letter: char| letter.is_control() && letter != '\n';
    if text.chars().count() <= CONTENT_CHARS_MAX && !text.contains(is_control) {
        return Ok(());
    }
    Err(Problem::at(place, format!("at most {CONTENT_CHARS_MAX} characters on lines")))
}
