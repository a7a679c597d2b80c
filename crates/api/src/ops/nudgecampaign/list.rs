//! `nudgecampaign list`: the campaigns of an application.

use super::super::nudge::{PAGE_ROWS, after, cut, one_more};
use super::get::Campaign;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::campaign;

/// The campaigns of the application, in the order of their ids, by the hundred.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ListCampaigns {
    /// Of the answer before, unchanged; 0 is the beginning.
    pub offset: Option<i64>,
}

/// A page of campaigns.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Campaigns {
    /// In the order of their ids.
    pub campaigns: Vec<Campaign>,
    /// Whether there are more.
    pub more: bool,
    /// Where to go on; 0 when there are no more.
    pub offset: i64,
}

impl Operation for ListCampaigns {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "list";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = Campaigns;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<Campaigns> {
        let rows_max = tx.page_rows(PAGE_ROWS);
        let (after, limit) = (after(self.offset)?, one_more(rows_max));
        let mut rows = campaign::list(tx, &caller.client_id, after, limit)?;
        let (more, offset) = cut(&mut rows, rows_max, |campaign| campaign.id);
        let campaigns = rows.into_iter().map(Campaign::from).collect();
        Ok(Campaigns { campaigns, more, offset })
    }

    fn examples() -> Vec<Example<Campaigns>> {
        let reply = Campaigns { campaigns: vec![Campaign::example()], more: false, offset: 0 };
        vec![Example { summary: "One campaign", params: json!({}), reply }]
    }
}
