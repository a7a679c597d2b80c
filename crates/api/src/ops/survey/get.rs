//! `survey get`: what a survey asks.

use super::{SurveyCondition, told, visible};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::account::is_language;
use domain::survey::{
    AnswerType, Category, Condition, Question, QuestionType, Suggestion, Survey, Trigger,
};
use domain::{Refusal, Result, measure::MeasureType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A survey with its questions, in a language.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetSurvey {
    /// The number of the survey, as `survey list` gives it.
    pub surveyid: String,
    /// A language such as `fr` or `fr_FR`: what there is of `fr_FR`, else of `fr`, else English.
    pub lang: Option<String>,
}

/// A survey.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundSurvey {
    /// The survey.
    pub survey: SurveyDetails,
}

/// A survey with its questions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SurveyDetails {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it is asked. 10: after a measure above a limit. 11: below one.
    #[schemars(with = "i64")]
    pub trigger_type: Trigger,
    /// The same as a word.
    pub trigger_type_name: &'static str,
    /// Limits, of which one is enough.
    pub trigger_conditions: Vec<SurveyCondition>,
    /// What kind of answers it takes. 1: of several kinds. `survey list` calls it `answers_type`.
    #[schemars(with = "i64")]
    pub answer_type: AnswerType,
    /// The same as a word.
    pub answer_type_name: &'static str,
    /// What it is about. 1: how somebody feels.
    #[schemars(with = "i64")]
    pub category: Category,
    /// The same as a word.
    pub category_name: &'static str,
    /// What is asked, in this order.
    pub data: Vec<SurveyQuestion>,
}

/// A thing that is asked or said.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveyQuestion {
    /// What answers name it by, such as `q1`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `statement`: it is said, and not answered. `single_choice`: by one suggestion.
    /// `multiple_choice`: by any of them.
    #[serde(rename = "type")]
    #[schemars(with = "String")]
    pub kind: QuestionType,
    /// Its text.
    pub content: String,
    /// What there is to choose from; nothing of a statement.
    pub suggestions: Vec<SurveySuggestion>,
}

/// Something to choose.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveySuggestion {
    /// What answers name it by.
    pub id: i64,
    /// Its text.
    pub text: String,
}

impl From<Question> for SurveyQuestion {
    fn from(question: Question) -> Self {
        let Question { id, title, kind, content, suggestions } = question;
        let suggestions = suggestions.into_iter();
        let suggestions =
            suggestions.map(|Suggestion { id, text }| SurveySuggestion { id, text }).collect();
        Self { id, title, kind, content, suggestions }
    }
}

impl From<Survey> for SurveyDetails {
    fn from(survey: Survey) -> Self {
        Self {
            id: survey.id,
            name: survey.name,
            description: survey.description,
            trigger_type: survey.trigger_type,
            trigger_type_name: survey.trigger_type.name(),
            trigger_conditions: told(survey.trigger_conditions),
            answer_type: survey.answer_type,
            answer_type_name: survey.answer_type.name(),
            category: survey.category,
            category_name: survey.category.name(),
            data: survey.data.into_iter().map(SurveyQuestion::from).collect(),
        }
    }
}

impl Operation for GetSurvey {
    const PATH: &'static str = "/v2/survey";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = FoundSurvey;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<FoundSurvey> {
        if self.lang.as_deref().is_some_and(|lang| !is_language(lang)) {
            let problem = "expected a language such as fr or fr_FR";
            return Err(Refusal::invalid_param("lang", problem).into());
        }
        let kept = visible(tx, &caller.client_id, &self.surveyid)?;
        let survey = kept.survey.in_language(self.lang.as_deref()).into();
        Ok(FoundSurvey { survey })
    }

    fn examples() -> Vec<Example<FoundSurvey>> {
        let condition = Condition { kind: MeasureType::SYSTOLIC, value: "180".to_owned() };
        let suggestion = |id, text: &str| Suggestion { id, text: text.to_owned() };
        let question = Question {
            id: "q1".to_owned(),
            title: "Your reading is high".to_owned(),
            kind: QuestionType::SingleChoice,
            content: "Do you have any symptoms?".to_owned(),
            suggestions: vec![suggestion(1, "Yes"), suggestion(2, "No")],
        };
        let survey = Survey {
            id: 120,
            name: "High blood pressure".to_owned(),
            description: "How somebody feels after a high reading.".to_owned(),
            trigger_type: Trigger::ThresholdAbove,
            trigger_conditions: vec![condition],
            answer_type: AnswerType::VariousChoice,
            category: Category::Symptom,
            data: vec![question],
            translations: Default::default(),
        };
        let params = json!({ "surveyid": "120", "lang": "en" });
        let reply = FoundSurvey { survey: survey.into() };
        vec![Example { summary: "One question", params, reply }]
    }
}
