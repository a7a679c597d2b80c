//! `nudgecampaign get`: what a campaign is.

use super::unknown;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::campaign;

/// A campaign of the application.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetCampaign {
    /// Which one.
    pub nudgecampaignid: i64,
}

/// A campaign.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundCampaign {
    /// What it is.
    pub campaign: Campaign,
}

/// What a campaign is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Campaign {
    /// Its id.
    pub id: i64,
    /// What is shown.
    pub nudgeid: i64,
    /// How often each of its people sees it at most.
    pub max_display_count: i64,
    /// From when on.
    pub startdate: UnixTime,
    /// Until when.
    pub enddate: UnixTime,
    /// How many people it has.
    pub user_count: i64,
    /// When it was made.
    pub created: UnixTime,
    /// When it, or who its people are, last changed.
    pub modified: UnixTime,
}

impl From<campaign::Campaign> for Campaign {
    fn from(campaign: campaign::Campaign) -> Self {
        Self {
            id: campaign.id,
            nudgeid: campaign.plan.nudge,
            max_display_count: campaign.plan.display_max,
            startdate: UnixTime(campaign.plan.start),
            enddate: UnixTime(campaign.plan.end),
            user_count: campaign.users,
            created: UnixTime(campaign.created),
            modified: UnixTime(campaign.modified),
        }
    }
}

impl Campaign {
    /// One for examples.
    pub(super) fn example() -> Self {
        Self {
            id: 3,
            nudgeid: 9,
            max_display_count: 30,
            startdate: UnixTime(1_795_330_131),
            enddate: UnixTime(1_797_922_131),
            user_count: 2,
            created: UnixTime(1_795_330_131),
            modified: UnixTime(1_795_330_131),
        }
    }
}

impl Operation for GetCampaign {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = FoundCampaign;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<FoundCampaign> {
        let found = campaign::find(tx, &caller.client_id, self.nudgecampaignid)?;
        Ok(FoundCampaign { campaign: found.ok_or_else(unknown)?.into() })
    }

    fn examples() -> Vec<Example<FoundCampaign>> {
        let reply = FoundCampaign { campaign: Campaign::example() };
        let params = json!({ "nudgecampaignid": 3 });
        vec![Example { summary: "A campaign of two people", params, reply }]
    }
}
