//! `/v2/nudgecampaign`

mod addusers;
mod create;
mod delete;
mod get;
mod list;
mod listusers;
mod removeusers;
mod update;

pub use addusers::{AddUsers, CampaignChanged};
pub use create::{CreateCampaign, CreatedCampaign};
pub use delete::DeleteCampaign;
pub use get::{Campaign, GetCampaign};
pub use list::ListCampaigns;
pub use listusers::{CampaignUser, ListCampaignUsers};
pub use removeusers::RemoveUsers;
pub use update::UpdateCampaign;

use crate::form::FIELDS_MAX;
use domain::{Refusal, Result, UserId};
use store::campaign::Plan;
use store::{Tx, grant};

/// More often than anybody wants to see anything.
const DISPLAYS_MAX: i64 = 100_000;

fn unknown() -> Refusal {
    Refusal::rejected("nudgecampaignid", "no such campaign of the application")
}

/// A campaign of the application, held until the end of the transaction.
fn held(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<store::campaign::Campaign> {
    store::campaign::lock(tx, client_id, id)?.ok_or_else(|| unknown().into())
}

/// Checks a plan, and holds its nudge. `last` is which of its ends was said last.
fn check(tx: &mut Tx<'_>, client_id: &str, plan: &Plan, last: &str) -> Result<()> {
    if !(1..=DISPLAYS_MAX).contains(&plan.display_max) {
        let problem = format!("expected 1 to {DISPLAYS_MAX}");
        return Err(Refusal::invalid_param("max_display_count", problem).into());
    }
    if plan.start < 0 {
        return Err(Refusal::invalid_param("startdate", "expected Unix seconds").into());
    }
    if plan.end <= plan.start {
        return Err(Refusal::invalid_param(last, "startdate has to be before enddate").into());
    }
    if !store::nudge::lock(tx, client_id, plan.nudge)? {
        return Err(Refusal::rejected("nudgeid", "no such nudge of the application").into());
    }
    Ok(())
}

/// People of a list, each once and in order, so that two calls do not wait for each other.
fn people(userids: Vec<UserId>) -> Result<Vec<UserId>> {
    let mut users = userids;
    users.sort_unstable();
    users.dedup();
    if users.is_empty() {
        let problem = format!("give 1 to {FIELDS_MAX} ids");
        return Err(Refusal::invalid_param("userids", problem).into());
    }
    Ok(users)
}

/// Checks that everybody lets the application read their data, or has an account it made.
fn members(tx: &mut Tx<'_>, client_id: &str, users: &[UserId]) -> Result<()> {
    for user in users {
        if !grant::is_member(tx, client_id, *user)? {
            let cause = "one of the people is none of the application's";
            return Err(Refusal::rejected("userids", cause).into());
        }
    }
    Ok(())
}
