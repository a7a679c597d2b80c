//! `nudge delete`: removes a nudge.

use super::ChangedNudge;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{campaign, nudge};

/// Removes a nudge of the application. One that a campaign shows is refused: delete its campaigns
/// first.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteNudge {
    /// Which one.
    pub nudgeid: i64,
}

impl Operation for DeleteNudge {
    const PATH: &'static str = "/v2/nudge";
    const ACTION: &'static str = "delete";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = ChangedNudge;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<ChangedNudge> {
        if !nudge::lock(tx, &caller.client_id, self.nudgeid)? {
            return Err(Refusal::rejected("nudgeid", "no such nudge of the application").into());
        }
        if !campaign::of_nudge(tx, self.nudgeid)?.is_empty() {
            let problem = "a campaign shows it; delete its campaigns first";
            return Err(Refusal::invalid_param("nudgeid", problem).into());
        }
        nudge::remove(tx, &caller.client_id, self.nudgeid)?;
        Ok(ChangedNudge {})
    }

    fn examples() -> Vec<Example<ChangedNudge>> {
        let params = json!({ "nudgeid": 9 });
        vec![Example { summary: "A nudge that is not shown", params, reply: ChangedNudge {} }]
    }
}
