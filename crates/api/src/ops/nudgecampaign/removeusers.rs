//! `nudgecampaign removeusers`: takes people out of a campaign.

use super::{CampaignChanged, held, people};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::campaign;

/// Takes people out of a campaign of the application, with what was counted. Who is not in it is
/// not told apart.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RemoveUsers {
    /// Which campaign.
    pub nudgecampaignid: i64,
    /// Up to a thousand people.
    pub userids: Vec<UserId>,
}

impl Operation for RemoveUsers {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "removeusers";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = CampaignChanged;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CampaignChanged> {
        let users = people(self.userids)?;
        let known = held(tx, &caller.client_id, self.nudgecampaignid)?;
        campaign::remove_users(tx, known.id, &users)?;
        Ok(CampaignChanged {})
    }

    fn examples() -> Vec<Example<CampaignChanged>> {
        let params = json!({ "nudgecampaignid": 3, "userids": [21_345_679] });
        vec![Example { summary: "One person", params, reply: CampaignChanged {} }]
    }
}
