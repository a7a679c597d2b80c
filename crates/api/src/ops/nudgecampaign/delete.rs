//! `nudgecampaign delete`: removes a campaign.

use super::{CampaignChanged, held};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::campaign;

/// Removes a campaign of the application, and what is known of its people in it. Its nudge stays.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteCampaign {
    /// Which one.
    pub nudgecampaignid: i64,
}

impl Operation for DeleteCampaign {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "delete";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = CampaignChanged;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CampaignChanged> {
        let known = held(tx, &caller.client_id, self.nudgecampaignid)?;
        campaign::remove(tx, known.id)?;
        Ok(CampaignChanged {})
    }

    fn examples() -> Vec<Example<CampaignChanged>> {
        let params = json!({ "nudgecampaignid": 3 });
        vec![Example { summary: "A campaign", params, reply: CampaignChanged {} }]
    }
}
