//! `nudgecampaign update`: changes a campaign.

use super::{CampaignChanged, check, held};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UnixTime};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::campaign::{self, Plan};

/// Changes a campaign of the application; what is not given stays. Whoever has seen the nudge as
/// often as it is now to be seen is done, and whoever has not goes on.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UpdateCampaign {
    /// Which one.
    pub nudgecampaignid: i64,
    /// What is shown.
    pub nudgeid: Option<i64>,
    /// From when on.
    pub startdate: Option<UnixTime>,
    /// Until when. A moment that is over ends it.
    pub enddate: Option<UnixTime>,
    /// How often each of its people sees it at most.
    pub max_display_count: Option<i64>,
}

impl Operation for UpdateCampaign {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "update";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = CampaignChanged;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CampaignChanged> {
        let known = held(tx, &caller.client_id, self.nudgecampaignid)?;
        let plan = Plan {
            nudge: self.nudgeid.unwrap_or(known.plan.nudge),
            start: self.startdate.map_or(known.plan.start, |start| start.0),
            end: self.enddate.map_or(known.plan.end, |end| end.0),
            display_max: self.max_display_count.unwrap_or(known.plan.display_max),
        };
        let last = if self.startdate.is_some() { "startdate" } else { "enddate" };
        check(tx, &caller.client_id, &plan, last)?;
        campaign::change(tx, known.id, &plan)?;
        Ok(CampaignChanged {})
    }

    fn examples() -> Vec<Example<CampaignChanged>> {
        let params = json!({ "nudgecampaignid": 3, "max_display_count": 60 });
        vec![Example { summary: "Twice as often", params, reply: CampaignChanged {} }]
    }
}
