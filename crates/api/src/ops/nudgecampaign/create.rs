//! `nudgecampaign create`: shows a nudge for a while.

use super::check;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::campaign::{self, Plan};

/// Makes a campaign: a nudge that is shown from a moment to another, so often and no more. It has
/// no people yet.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CreateCampaign {
    /// What is shown.
    pub nudgeid: i64,
    /// From when on.
    pub startdate: UnixTime,
    /// Until when; not before now.
    pub enddate: UnixTime,
    /// How often each of its people sees it at most.
    pub max_display_count: i64,
}

/// A campaign that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedCampaign {
    /// Its id.
    pub campaignid: i64,
}

impl Operation for CreateCampaign {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "create";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = CreatedCampaign;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CreatedCampaign> {
        let plan = Plan {
            nudge: self.nudgeid,
            start: self.startdate.0,
            end: self.enddate.0,
            display_max: self.max_display_count,
        };
        if plan.end <= tx.now() {
            return Err(Refusal::invalid_param("enddate", "expected a moment to come").into());
        }
        check(tx, &caller.client_id, &plan, "startdate")?;
        let campaignid = campaign::create(tx, &caller.client_id, &plan)?;
        Ok(CreatedCampaign { campaignid })
    }

    fn examples() -> Vec<Example<CreatedCampaign>> {
        let params = json!({
            "nudgeid": 9, "startdate": 1_795_330_131, "enddate": 1_797_922_131,
            "max_display_count": 30,
        });
        let reply = CreatedCampaign { campaignid: 3 };
        vec![Example { summary: "A month", params, reply }]
    }
}
