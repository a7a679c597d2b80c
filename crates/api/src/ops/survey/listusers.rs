//! `survey listusers`: for whom a survey is activated.

use super::visible;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::survey;

/// Everybody for whom the application has activated a survey, in the order of their ids.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListSurveyUsers {
    /// The number of the survey, as `survey list` gives it.
    pub surveyid: String,
}

/// People.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SurveyUsers {
    /// In the order of their ids, all of them.
    pub users: Vec<SurveyUser>,
}

/// Somebody who is asked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SurveyUser {
    /// Their id.
    pub userid: UserId,
    /// Since when.
    pub activation_date: UnixTime,
}

impl Operation for ListSurveyUsers {
    const PATH: &'static str = "/v2/survey";
    const ACTION: &'static str = "listusers";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = SurveyUsers;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<SurveyUsers> {
        let id = visible(tx, &caller.client_id, &self.surveyid)?.survey.id;
        let people = survey::people(tx, &caller.client_id, id)?.into_iter();
        let users = people
            .map(|(userid, activated)| SurveyUser { userid, activation_date: UnixTime(activated) });
        Ok(SurveyUsers { users: users.collect() })
    }

    fn examples() -> Vec<Example<SurveyUsers>> {
        let (userid, activation_date) = (UserId(21_345_678), UnixTime(1_795_330_118));
        let reply = SurveyUsers { users: vec![SurveyUser { userid, activation_date }] };
        vec![Example { summary: "One person", params: json!({ "surveyid": "120" }), reply }]
    }
}
