//! `survey list`: the surveys that can be activated.

use super::{SurveyCondition, organization, told};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window;
use domain::survey::{AnswerType, Category, Condition, Trigger};
use domain::{Result, measure::MeasureType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::survey::{self, Kept};

/// Surveys of one page.
pub const PAGE_SURVEYS: usize = 100;

/// The surveys of the application's organization and those for everybody, in the order of their
/// numbers, in English.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListSurveys {
    /// Of the answer before, unchanged; 0 is the beginning.
    pub offset: Option<i64>,
}

/// A page of surveys.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedSurveys {
    /// In the order of their numbers.
    pub surveys: Vec<ListedSurvey>,
    /// Whether there are more.
    pub more: bool,
    /// Where to go on; 0 when there are no more.
    pub offset: i64,
}

/// A survey in short.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedSurvey {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it is asked. 10: after a measure above a limit. 11: below one.
    #[schemars(with = "i64")]
    pub trigger_type: Trigger,
    /// Limits, of which one is enough.
    pub trigger_conditions: Vec<SurveyCondition>,
    /// What it is about. 1: how somebody feels.
    #[schemars(with = "i64")]
    pub category: Category,
    /// What kind of answers it takes. 1: of several kinds. `survey get` calls it `answer_type`.
    #[schemars(with = "i64")]
    pub answers_type: AnswerType,
}

impl From<Kept> for ListedSurvey {
    fn from(kept: Kept) -> Self {
        let survey = kept.survey;
        Self {
            id: survey.id,
            name: survey.name,
            description: survey.description,
            trigger_type: survey.trigger_type,
            trigger_conditions: told(survey.trigger_conditions),
            category: survey.category,
            answers_type: survey.answer_type,
        }
    }
}

impl Operation for ListSurveys {
    const PATH: &'static str = "/v2/survey";
    const ACTION: &'static str = "list";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = ListedSurveys;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<ListedSurveys> {
        let after = window::offset(self.offset)?.unwrap_or_default();
        let organization = organization(tx, &caller.client_id)?;
        let rows_max = tx.page_rows(PAGE_SURVEYS);
        let rows = survey::visible(tx, organization, after, window::draw(rows_max))?;
        let (rows, more) = window::page(rows, rows_max);
        let offset = rows.last().filter(|_| more).map_or(0, |last| last.survey.id);
        let surveys = rows.into_iter().map(ListedSurvey::from).collect();
        Ok(ListedSurveys { surveys, more, offset })
    }

    fn examples() -> Vec<Example<ListedSurveys>> {
        let condition = Condition { kind: MeasureType::SYSTOLIC, value: "180".to_owned() };
        let survey = ListedSurvey {
            id: 120,
            name: "High blood pressure".to_owned(),
            description: "How somebody feels after a high reading.".to_owned(),
            trigger_type: Trigger::ThresholdAbove,
            trigger_conditions: told(vec![condition]),
            category: Category::Symptom,
            answers_type: AnswerType::VariousChoice,
        };
        let reply = ListedSurveys { surveys: vec![survey], more: false, offset: 0 };
        vec![Example { summary: "One survey", params: json!({}), reply }]
    }
}
