//! What devices ask people: what a survey says, which measures make it due, what counts as an
//! answer. How a survey is read from a file and checked stands in `survey/check.rs`, its languages
//! in `survey/language.rs`. Field-notes 8.3 is all there is on record; what is ours says so.

mod answers;
mod check;
mod language;

pub use answers::Answers;
pub use check::{
    CONDITIONS_MAX, CONTENT_CHARS_MAX, ID_MAX, LANGUAGES_MAX, NAME_CHARS_MAX, Problem,
    QUESTIONS_MAX, SUGGESTIONS_MAX, TEXT_CHARS_MAX,
};

use crate::measure::{Measure, MeasureType};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The models that ask: BPM Pro 2.
pub const MODELS: &[i64] = &[47];
/// A measure makes a survey due when it is not older than this, and the survey stays due until it
/// is.
pub const DUE_SECONDS: i64 = crate::DAY_SECONDS;
/// An answer that does not say which measure it is about is about one of these seconds before it.
pub const ANSWER_SECONDS: i64 = 900;

/// Whether a model asks surveys.
#[must_use]
pub fn asks(model_id: i64) -> bool {
    MODELS.contains(&model_id)
}

/// A survey as its file says it. Texts outside of `translations` are English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survey {
    /// Its number, which its file gives.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it is asked.
    pub trigger_type: Trigger,
    /// Of which one is enough.
    pub trigger_conditions: Vec<Condition>,
    /// What kind of answers it takes.
    pub answer_type: AnswerType,
    /// What it is about.
    pub category: Category,
    /// What is asked, in this order.
    pub data: Vec<Question>,
    /// Its texts in other languages, by language.
    #[serde(default)]
    pub translations: BTreeMap<String, Translation>,
}

/// A limit that a measure has to be beyond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The type of the measure.
    #[serde(rename = "type")]
    pub kind: MeasureType,
    /// The limit as a decimal number, in the unit of the measure.
    pub value: String,
}

/// A thing that is asked or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What answers name it by, such as `q1`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How it is answered.
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// Its text.
    #[serde(default)]
    pub content: String,
    /// What there is to choose from; nothing of a statement.
    #[serde(default)]
    pub suggestions: Vec<Suggestion>,
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    /// What answers name it by.
    pub id: i64,
    /// Its text.
    pub text: String,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionType {
    /// Not at all: it is said and not asked.
    Statement,
    /// By one suggestion.
    SingleChoice,
    /// By any of the suggestions.
    MultipleChoice,
}

/// The texts of a survey in another language. What is left out stays English.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Of [`Survey::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of [`Survey::description`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// By the id of a question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, QuestionTexts>,
}

/// The texts of a question in another language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionTexts {
    /// Of [`Question::title`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of [`Question::content`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Of suggestions, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub suggestions: BTreeMap<String, String>,
}

macro_rules! codes {
    ($(
        $(#[$doc:meta])* $name:ident($expected:literal) {
            $($(#[$one_doc:meta])* $one:ident = $code:literal, $word:literal;)*
        }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub enum $name {
            $($(#[$one_doc])* $one,)*
        }

        impl $name {
            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self { $(Self::$one => $code,)* }
            }

            /// The word for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$one => $word,)* }
            }
        }

        impl From<$name> for i64 {
            fn from(one: $name) -> Self {
                one.code()
            }
        }

        impl TryFrom<i64> for $name {
            type Error = &'static str;

            fn try_from(code: i64) -> Result<Self, Self::Error> {
                match code {
                    $($code => Ok(Self::$one),)*
                    _ => Err(concat!("an unknown number, expected ", $expected)),
                }
            }
        }
    )* };
}

codes! {
    /// When a survey is asked.
    Trigger("10 or 11") {
        /// After a measure above a limit.
        ThresholdAbove = 10, "threshold_above";
        /// After a measure below a limit. Ours: no other number than 10 is on record.
        ThresholdBelow = 11, "threshold_below";
    }

    /// What kind of answers a survey takes.
    AnswerType("1") {
        /// Of several kinds, as its questions say.
        VariousChoice = 1, "various_choice";
    }

    /// What a survey is about.
    Category("1") {
        /// How somebody feels.
        Symptom = 1, "symptom";
    }
}

impl Condition {
    /// The most digits of a limit, and the most of them after the point.
    const DIGITS_MAX: usize = 18;
    const PLACES_MAX: usize = 9;

    /// The limit as a measure, exactly; none if it is no plain decimal number.
    #[must_use]
    pub fn limit(&self) -> Option<Measure> {
        let text = self.value.strip_prefix('-').unwrap_or(&self.value);
        let (whole, places) = match text.split_once('.') {
            Some((whole, places)) if !places.is_empty() => (whole, places),
            Some(_) => return None,
            None => (text, ""),
        };
        let digits = format!("{whole}{places}");
        let is_plain = !whole.is_empty()
            && digits.len() <= Self::DIGITS_MAX
            && places.len() <= Self::PLACES_MAX
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = is_plain.then(|| digits.parse().ok())??;
        let value = if text.len() < self.value.len() { -number } else { number };
        let unit = i8::try_from(places.len()).ok()?;
        Some(Measure::new(self.kind, value, -unit))
    }
}

impl Survey {
    /// Whether any of these measures makes it due: one condition is enough, and a limit itself is
    /// not beyond it.
    #[must_use]
    pub fn is_triggered_by(&self, measures: &[Measure]) -> bool {
        let beyond = match self.trigger_type {
            Trigger::ThresholdAbove => Ordering::Greater,
            Trigger::ThresholdBelow => Ordering::Less,
        };
        self.trigger_conditions.iter().any(|condition| {
            let of_kind = |measure: &&Measure| measure.kind == condition.kind;
            condition.limit().is_some_and(|limit| {
                measures.iter().filter(of_kind).any(|one| one.cmp_value(&limit) == beyond)
            })
        })
    }
}

#[cfg(test)]
mod tests;
