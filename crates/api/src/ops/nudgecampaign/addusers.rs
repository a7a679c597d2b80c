//! `nudgecampaign addusers`: brings a campaign to people.

use super::{held, members, people};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::campaign;

/// Adds people to a campaign of the application: all of the list, or none. Who is in it already
/// stays in it, with what was counted.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AddUsers {
    /// Which campaign.
    pub nudgecampaignid: i64,
    /// Up to a thousand people, who let the application read their data or whose accounts it made.
    pub userids: Vec<UserId>,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CampaignChanged {}

impl Operation for AddUsers {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "addusers";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = CampaignChanged;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CampaignChanged> {
        let users = people(self.userids)?;
        let known = held(tx, &caller.client_id, self.nudgecampaignid)?;
        members(tx, &caller.client_id, &users)?;
        campaign::add_users(tx, known.id, &users)?;
        Ok(CampaignChanged {})
    }

    fn examples() -> Vec<Example<CampaignChanged>> {
        let params = json!({ "nudgecampaignid": 3, "userids": [21_345_678, 21_345_679] });
        vec![Example { summary: "Two people", params, reply: CampaignChanged {} }]
    }
}
