//! `nudge update`: changes what a nudge shows.

use super::{own, position};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use domain::nudge::Screen;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Changes a nudge of the application; what is not given stays. Devices show the new screen from
/// their next sync on.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UpdateNudge {
    /// Which one.
    pub nudgeid: i64,
    /// See `create`.
    pub iconids: Option<Vec<i64>>,
    /// See `create`.
    #[schemars(with = "Option<Vec<String>>")]
    pub content: Option<[String; 2]>,
    /// See `create`.
    pub model: Option<i64>,
    /// See `create`.
    pub position: Option<String>,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangedNudge {}

impl Operation for UpdateNudge {
    const PATH: &'static str = "/v2/nudge";
    const ACTION: &'static str = "update";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = ChangedNudge;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<ChangedNudge> {
        let position = position(self.position.as_deref())?;
        let known = own(tx, &caller.client_id, self.nudgeid)?.screen;
        let screen = Screen {
            icons: self.iconids.unwrap_or(known.icons),
            lines: self.content.unwrap_or(known.lines),
            model_id: self.model.unwrap_or(known.model_id),
            position: position.unwrap_or(known.position),
        };
        screen.check()?;
        store::nudge::change(tx, &caller.client_id, self.nudgeid, &screen)?;
        Ok(ChangedNudge {})
    }

    fn examples() -> Vec<Example<ChangedNudge>> {
        let params = json!({ "nudgeid": 9, "content": ["Have you had", "your water today?"] });
        vec![Example { summary: "Another text", params, reply: ChangedNudge {} }]
    }
}
