//! Surveys: loaded from files, withdrawn, activated for people, and what was answered. What a
//! survey is stands in `domain::survey`.

use super::account::find_account;
use super::application::find_application;
use crate::sync::read;
use domain::survey::Survey;
use domain::{OrganizationId, Refusal, Result, UserId};
use serde_json::Value;
use store::survey::{self, Answer, Asked, EVERYBODYS, Kept, Loaded};
use store::{Tx, grant, organization};

/// A file with a survey has at most this many bytes.
pub const SURVEY_BYTES_MAX: u64 = 1 << 20;

/// A survey that somebody wrote, if it can be asked; else where it cannot and what would do.
pub fn read_survey(written: Value) -> Result<Survey> {
    let survey: Survey = read(written, "")?;
    let wrong = |problem: domain::survey::Problem| {
        Refusal::invalid_param(&problem.place, format!("expected {}", problem.expected))
    };
    survey.check().map_err(wrong)?;
    Ok(survey)
}

/// Keeps a survey for an organization, or for everybody; again it replaces what was there.
pub fn load_survey(
    tx: &mut Tx<'_>,
    organization: Option<OrganizationId>,
    survey: &Survey,
) -> Result<Loaded> {
    let organization = known(tx, organization)?;
    survey::load(tx, organization, survey)
}

/// What [`load_survey`] would do.
pub fn compare_survey(
    tx: &mut Tx<'_>,
    organization: Option<OrganizationId>,
    survey: &Survey,
) -> Result<Loaded> {
    let organization = known(tx, organization)?;
    survey::compare(tx, organization, survey)
}

fn known(tx: &mut Tx<'_>, organization: Option<OrganizationId>) -> Result<OrganizationId> {
    if let Some(id) = organization
        && organization::find(tx, id)?.is_none()
    {
        return Err(Refusal::invalid_param("organization", "no such organization").into());
    }
    Ok(organization.unwrap_or(EVERYBODYS))
}

/// Surveys in the order of their numbers, withdrawn ones too, after `after`.
pub fn list_surveys(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Kept>> {
    survey::list(tx, after, super::LIST_ROWS)
}

/// The survey of that number.
pub fn find_survey(tx: &mut Tx<'_>, id: i64) -> Result<Kept> {
    let problem = "no survey has this number; see `vitald survey list`";
    survey::find(tx, id)?.ok_or_else(|| Refusal::invalid_param("survey", problem).into())
}

/// Asks a survey nobody any more; again is the same as once.
pub fn withdraw_survey(tx: &mut Tx<'_>, id: i64) -> Result<Kept> {
    find_survey(tx, id)?;
    survey::withdraw(tx, id)?;
    find_survey(tx, id)
}

/// Activates a survey for people of an application, as `survey activate` does: who they are.
pub fn activate_survey(
    tx: &mut Tx<'_>,
    client_id: &str,
    id: i64,
    users: &[String],
) -> Result<Vec<UserId>> {
    let users = askable(tx, client_id, id, users)?;
    survey::activate(tx, client_id, id, &users)?;
    Ok(users)
}

/// The opposite of [`activate_survey`].
pub fn deactivate_survey(
    tx: &mut Tx<'_>,
    client_id: &str,
    id: i64,
    users: &[String],
) -> Result<Vec<UserId>> {
    let users = askable(tx, client_id, id, users)?;
    survey::deactivate(tx, client_id, id, &users)?;
    Ok(users)
}

fn askable(tx: &mut Tx<'_>, client_id: &str, id: i64, users: &[String]) -> Result<Vec<UserId>> {
    let organization = find_application(tx, client_id)?.about.organization;
    let kept = find_survey(tx, id)?;
    if ![Some(EVERYBODYS), organization].contains(&Some(kept.organization)) {
        let problem = "another organization's than the application's";
        return Err(Refusal::invalid_param("survey", problem).into());
    }
    if kept.is_withdrawn {
        let problem = "it is withdrawn; `vitald survey load` brings it back";
        return Err(Refusal::invalid_param("survey", problem).into());
    }
    let mut ids = Vec::new();
    for user in users {
        let user = find_account(tx, user)?.id;
        if !grant::is_member(tx, client_id, user)? {
            let problem = "not one of the application's people";
            return Err(Refusal::invalid_param("user", problem).into());
        }
        ids.push(user);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// What a person answered from a moment on, oldest first, at most [`super::LIST_ROWS`] of it.
pub fn list_answers(
    tx: &mut Tx<'_>,
    user: UserId,
    (since, survey): (i64, Option<i64>),
) -> Result<Vec<Answer>> {
    let asked = Asked { between: (since, i64::MAX), survey, by: None };
    survey::answers(tx, user, &asked, super::LIST_ROWS)
}
