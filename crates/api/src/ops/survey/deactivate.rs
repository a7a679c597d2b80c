//! `survey deactivate`: the devices of people ask a survey no longer.

use super::{Nothing, people, visible};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::survey;

/// Has the devices of people of the application ask a survey no longer, unless another application
/// activated it for them too.
///
/// Of all of them, or of none; those for whom it was not activated stay as they are. What was
/// answered can still be read. The guide calls this action `removeusers`, which does the same.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeactivateSurvey {
    /// The number of the survey, as `survey list` gives it.
    pub surveyid: String,
    /// People of the application, at most 1,000.
    pub userids: Vec<UserId>,
}

impl Operation for DeactivateSurvey {
    const PATH: &'static str = "/v2/survey";
    const ACTION: &'static str = "deactivate";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = Nothing;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<Nothing> {
        let id = visible(tx, &caller.client_id, &self.surveyid)?.survey.id;
        let users = people(tx, &caller.client_id, self.userids)?;
        survey::deactivate(tx, &caller.client_id, id, &users)?;
        Ok(Nothing {})
    }

    fn examples() -> Vec<Example<Nothing>> {
        let params = json!({ "surveyid": "120", "userids": [21_345_678] });
        vec![Example { summary: "For one person", params, reply: Nothing {} }]
    }
}
