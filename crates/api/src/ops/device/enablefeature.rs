//! `device enablefeature`: switches a feature of a model on for a person.

use super::switch;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Switches a feature on for a person who uses a device of a model, or will use one. The device
/// is told in the answer of its next sync.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct EnableFeature {
    /// The feature, such as `feature_eyes_closed_mode`.
    pub feature_name: String,
    /// For whom.
    pub userid: UserId,
    /// The number of the model.
    pub model: i64,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Chosen {}

impl Operation for EnableFeature {
    const PATH: &'static str = "/v2/device";
    const ACTION: &'static str = "enablefeature";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = Chosen;

    fn concerns(&self) -> Option<UserId> {
        Some(self.userid)
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<Chosen> {
        let feature = (self.model, self.feature_name.as_str());
        switch(tx, &caller.client_id, self.userid, feature, true)?;
        Ok(Chosen {})
    }

    fn examples() -> Vec<Example<Chosen>> {
        let params = json!({
            "feature_name": "feature_eyes_closed_mode", "userid": 21_345_678, "model": 17,
        });
        vec![Example { summary: "The weight is hidden from the person", params, reply: Chosen {} }]
    }
}
