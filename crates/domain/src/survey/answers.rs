//! What people answer: by question, the suggestions they chose.

use super::{Problem, Question, QuestionType, Survey};
use std::collections::BTreeMap;

/// The ids of what was chosen, by the id of the question: `{"q1":[1],"q3":[1,3]}`.
pub type Answers = BTreeMap<String, Vec<i64>>;

impl Survey {
    /// Whether these can be answers to it. A question may be left out, not all of them.
    pub fn check_answers(&self, answers: &Answers) -> Result<(), Problem> {
        for (id, chosen) in answers {
            let Some(question) = self.data.iter().find(|question| question.id == *id) else {
                return Err(Problem::at("", "ids of questions of the survey"));
            };
            question.check_answer(chosen)?;
        }
        let is_asked = |question: &Question| question.kind != QuestionType::Statement;
        if answers.is_empty() && self.data.iter().any(is_asked) {
            return Err(Problem::at("", "an answer to one question or more"));
        }
        Ok(())
    }
}

impl Question {
    fn check_answer(&self, chosen: &[i64]) -> Result<(), Problem> {
        let place = self.id.as_str();
        let is_right = match self.kind {
            QuestionType::Statement => {
                return Err(Problem::at(place, "nothing: a statement is not answered"));
            }
            QuestionType::SingleChoice => chosen.len() == 1,
            QuestionType::MultipleChoice => !chosen.is_empty(),
        };
        if !is_right {
            let one = self.kind == QuestionType::SingleChoice;
            let expected = if one { "the id of one suggestion" } else { "ids of suggestions" };
            return Err(Problem::at(place, expected));
        }
        for (at, id) in chosen.iter().enumerate() {
            let place = format!("{place}[{at}]");
            if !self.suggestions.iter().any(|suggestion| suggestion.id == *id) {
                return Err(Problem::at(place, "the id of a suggestion of the question"));
            }
            if chosen[..at].contains(id) {
                return Err(Problem::at(place, "each suggestion once"));
            }
        }
        Ok(())
    }
}
