//! `nudge create`: a screen for devices.

use super::position;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use domain::nudge::Screen;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Makes a screen of icons and two lines. Nobody sees it before a campaign brings it to them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CreateNudge {
    /// What is pictured: one to four numbers of the table of icons.
    pub iconids: Vec<i64>,
    /// Two lines of up to 40 characters each.
    #[schemars(with = "Vec<String>")]
    pub content: [String; 2],
    /// The number of the devices' model: 17 (Body Pro 2) or 47 (BPM Pro 2).
    pub model: i64,
    /// Among the device's screens: `first`, which is the usual, or `last`.
    pub position: Option<String>,
}

/// A nudge that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedNudge {
    /// Its id.
    pub nudgeid: i64,
}

impl Operation for CreateNudge {
    const PATH: &'static str = "/v2/nudge";
    const ACTION: &'static str = "create";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = CreatedNudge;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CreatedNudge> {
        let position = position(self.position.as_deref())?.unwrap_or_default();
        let screen =
            Screen { icons: self.iconids, lines: self.content, model_id: self.model, position };
        screen.check()?;
        let nudgeid = store::nudge::create(tx, &caller.client_id, &screen)?;
        Ok(CreatedNudge { nudgeid })
    }

    fn examples() -> Vec<Example<CreatedNudge>> {
        let params = json!({
            "iconids": [5], "content": ["Time for a glass", "of water"], "model": 17,
            "position": "first",
        });
        let reply = CreatedNudge { nudgeid: 9 };
        vec![Example { summary: "A screen for the Body Pro 2", params, reply }]
    }
}
