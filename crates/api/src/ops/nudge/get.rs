//! `nudge get`: what a nudge shows.

use super::own;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::campaign;

/// A nudge of the application.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetNudge {
    /// Which one.
    pub nudgeid: i64,
}

/// A nudge.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundNudge {
    /// What it is.
    pub nudge: AboutNudge,
}

/// What a nudge is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AboutNudge {
    /// What is pictured.
    pub iconids: Vec<i64>,
    /// The two lines.
    pub content: Vec<String>,
    /// The campaigns that show it.
    pub campaignids: Vec<i64>,
    /// The number of the devices' model.
    pub model: i64,
    /// Among the device's screens.
    pub position: &'static str,
    /// When it was made.
    pub created: UnixTime,
    /// When it last changed.
    pub modified: UnixTime,
}

impl AboutNudge {
    /// A nudge and its campaigns.
    pub(super) fn of(tx: &mut Tx<'_>, nudge: store::nudge::Nudge) -> Result<Self> {
        Ok(Self {
            campaignids: campaign::of_nudge(tx, nudge.id)?,
            iconids: nudge.screen.icons,
            content: nudge.screen.lines.into(),
            model: nudge.screen.model_id,
            position: nudge.screen.position.name(),
            created: UnixTime(nudge.created),
            modified: UnixTime(nudge.modified),
        })
    }

    /// One for examples.
    pub(super) fn example() -> Self {
        Self {
            iconids: vec![5],
            content: vec!["Time for a glass".to_owned(), "of water".to_owned()],
            campaignids: vec![3],
            model: 17,
            position: "first",
            created: UnixTime(1_795_330_131),
            modified: UnixTime(1_795_330_131),
        }
    }
}

impl Operation for GetNudge {
    const PATH: &'static str = "/v2/nudge";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = FoundNudge;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<FoundNudge> {
        let nudge = own(tx, &caller.client_id, self.nudgeid)?;
        Ok(FoundNudge { nudge: AboutNudge::of(tx, nudge)? })
    }

    fn examples() -> Vec<Example<FoundNudge>> {
        let reply = FoundNudge { nudge: AboutNudge::example() };
        vec![Example { summary: "A nudge of one campaign", params: json!({ "nudgeid": 9 }), reply }]
    }
}
