//! `/v2/survey`

mod activate;
mod deactivate;
mod get;
mod list;
mod listusers;

pub use activate::{ActivateSurvey, Nothing};
pub use deactivate::DeactivateSurvey;
pub use get::{GetSurvey, SurveyQuestion};
pub use list::{ListSurveys, PAGE_SURVEYS};
pub use listusers::ListSurveyUsers;

use crate::operation::Tx;
use domain::measure::MeasureType;
use domain::survey::Condition;
use domain::{OrganizationId, Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::Serialize;
use store::survey::{self, EVERYBODYS, Kept};
use store::{application, grant};

/// The most people of one call: a form has so many fields.
pub const USERS_MAX: usize = 1_000;

/// A limit that a measure has to be beyond.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SurveyCondition {
    /// The type of the measure.
    #[serde(rename = "type")]
    pub kind: MeasureType,
    /// The limit as a decimal number, in the unit of the measure.
    pub value: String,
}

/// Limits, of which one is enough, as they are told.
pub(crate) fn told(conditions: Vec<Condition>) -> Vec<SurveyCondition> {
    let told = |Condition { kind, value }| SurveyCondition { kind, value };
    conditions.into_iter().map(told).collect()
}

/// The organization of an application; one that has none sees what is everybody's.
pub(super) fn organization(tx: &mut Tx<'_>, client_id: &str) -> Result<OrganizationId> {
    let found = application::find(tx, client_id)?;
    Ok(found.and_then(|found| found.about.organization).unwrap_or(EVERYBODYS))
}

/// A survey that an application's organization sees, withdrawn or not. Unknown ones and those of
/// others are told apart by nobody.
pub(super) fn seen(tx: &mut Tx<'_>, client_id: &str, surveyid: &str) -> Result<Kept> {
    let is_number = surveyid.bytes().all(|byte| byte.is_ascii_digit());
    let id = surveyid.parse().ok().filter(|_| is_number);
    let problem = "expected the number of a survey";
    let id = id.ok_or_else(|| Refusal::invalid_param("surveyid", problem))?;
    let organization = organization(tx, client_id)?;
    let is_seen = |kept: &Kept| [EVERYBODYS, organization].contains(&kept.organization);
    let kept = survey::find(tx, id)?.filter(is_seen);
    let cause = "the application's organization sees no survey of this number";
    Ok(kept.ok_or_else(|| Refusal::rejected("surveyid", cause))?)
}

/// The same, of those that can be asked.
fn visible(tx: &mut Tx<'_>, client_id: &str, surveyid: &str) -> Result<Kept> {
    let kept = seen(tx, client_id, surveyid)?;
    if kept.is_withdrawn {
        return Err(Refusal::rejected("surveyid", "the survey is withdrawn").into());
    }
    Ok(kept)
}

/// People of an application, each once, in the order of their ids.
fn people(tx: &mut Tx<'_>, client_id: &str, mut users: Vec<UserId>) -> Result<Vec<UserId>> {
    users.sort_unstable();
    users.dedup();
    if users.is_empty() || users.len() > USERS_MAX {
        let problem = format!("give 1 to {USERS_MAX} people");
        return Err(Refusal::invalid_param("userids", problem).into());
    }
    for user in &users {
        if !grant::is_member(tx, client_id, *user)? {
            let cause = "one of them is none of the application's people";
            return Err(Refusal::rejected("userids", cause).into());
        }
    }
    Ok(users)
}
