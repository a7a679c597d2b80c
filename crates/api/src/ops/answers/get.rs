//! `answers get`: what a person answered.

use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::survey::{organization, seen};
use crate::ops::window;
use domain::{GroupId, Refusal, Result, UnixTime, UserId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use store::grant;
use store::survey::{self, Answer, Asked};

/// The most answers of one call: it has no pages.
pub const ANSWERS_MAX: usize = 10_000;

/// What a person of the application answered to surveys between two moments, oldest first: to
/// surveys of the application's organization, and to those that the application activated for the
/// person at some time.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetAnswers {
    /// The person.
    pub userid: UserId,
    /// Answers given at or after.
    pub startdate: UnixTime,
    /// Answers given at or before; until now without it.
    pub enddate: Option<UnixTime>,
    /// The number of a survey: answers to it alone.
    pub surveyid: Option<String>,
}

/// What somebody answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundAnswers {
    /// Oldest first.
    pub answers: Vec<AnsweredSurvey>,
}

/// The answers to one survey.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnsweredSurvey {
    /// The survey.
    pub surveyid: i64,
    /// The measures it was asked after; null where the device did not say and none is near.
    pub grpid: Option<GroupId>,
    /// One object: by question, the ids of the suggestions that were chosen.
    pub answers: [ByQuestion; 1],
    /// When it was answered.
    pub timestamp: UnixTime,
}

/// The ids of what was chosen, by question.
#[derive(Debug, Serialize)]
pub struct ByQuestion(domain::survey::Answers);

impl JsonSchema for ByQuestion {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ByQuestion".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "array", "items": { "type": "integer" } },
        })
    }
}

impl From<Answer> for AnsweredSurvey {
    fn from(answer: Answer) -> Self {
        Self {
            surveyid: answer.survey,
            grpid: answer.group,
            answers: [ByQuestion(answer.answers)],
            timestamp: UnixTime(answer.taken),
        }
    }
}

impl Operation for GetAnswers {
    const PATH: &'static str = "/v2/answers";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = FoundAnswers;

    fn concerns(&self) -> Option<UserId> {
        Some(self.userid)
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<FoundAnswers> {
        let client = caller.client_id.as_str();
        if !grant::is_member(tx, client, self.userid)? {
            let cause = "none of the application's people";
            return Err(Refusal::rejected("userid", cause).into());
        }
        if self.enddate.is_some_and(|end| end < self.startdate) {
            let problem = "expected startdate or later";
            return Err(Refusal::invalid_param("enddate", problem).into());
        }
        let survey = self.surveyid.as_deref().map(|id| seen(tx, client, id)).transpose()?;
        let asked = Asked {
            between: window::time(Some(self.startdate), self.enddate),
            survey: survey.map(|kept| kept.survey.id),
            by: Some((client, organization(tx, client)?)),
        };
        let rows = survey::answers(tx, self.userid, &asked, window::draw(ANSWERS_MAX))?;
        if rows.len() > ANSWERS_MAX {
            let problem = format!("there are more than {ANSWERS_MAX}; ask for a shorter time");
            return Err(Refusal::invalid_param("startdate", problem).into());
        }
        Ok(FoundAnswers { answers: rows.into_iter().map(AnsweredSurvey::from).collect() })
    }

    fn examples() -> Vec<Example<FoundAnswers>> {
        let chosen = [("q1", vec![1]), ("q3", vec![1, 3])];
        let chosen = chosen.map(|(question, ids)| (question.to_owned(), ids)).into();
        let answer = AnsweredSurvey {
            surveyid: 120,
            grpid: Some(GroupId(89_530_512_539_649)),
            answers: [ByQuestion(chosen)],
            timestamp: UnixTime(1_795_330_131),
        };
        let params = json!({ "userid": 21_345_678, "startdate": 1_795_330_000 });
        let reply = FoundAnswers { answers: vec![answer] };
        vec![Example { summary: "A survey after a high reading", params, reply }]
    }
}
