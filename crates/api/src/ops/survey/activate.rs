//! `survey activate`: the devices of people ask a survey from now on.

use super::{people, visible};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::survey;

/// Has the devices of people of the application ask a survey from now on, when a measure of them
/// triggers it.
///
/// Of all of them, or of none. Activated again it stays as it is. The guide calls this action
/// `addusers`, which does the same.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ActivateSurvey {
    /// The number of the survey, as `survey list` gives it.
    pub surveyid: String,
    /// People of the application, at most 1,000.
    pub userids: Vec<UserId>,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SurveyChanged")]
pub struct Nothing {}

impl Operation for ActivateSurvey {
    const PATH: &'static str = "/v2/survey";
    const ACTION: &'static str = "activate";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = Nothing;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<Nothing> {
        let id = visible(tx, &caller.client_id, &self.surveyid)?.survey.id;
        let users = people(tx, &caller.client_id, self.userids)?;
        survey::activate(tx, &caller.client_id, id, &users)?;
        Ok(Nothing {})
    }

    fn examples() -> Vec<Example<Nothing>> {
        let params = json!({ "surveyid": "120", "userids": [21_345_678] });
        vec![Example { summary: "For one person", params, reply: Nothing {} }]
    }
}
