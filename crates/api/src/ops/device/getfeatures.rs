//! `device getfeatures`: what the application chose of what a model can do for a person. The guide
//! has it, the reference in hand does not (field-notes §8.1).

use super::member;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the application chose of a model for a person. What it never chose is not listed.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetFeatures {
    /// For whom.
    pub userid: UserId,
    /// The number of the model.
    pub model: i64,
}

/// Choices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Features {
    /// By their names.
    pub features: Vec<Choice>,
}

/// A choice.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Choice {
    /// The feature.
    pub feature_name: String,
    /// Whether it is on.
    pub active: bool,
}

impl Operation for GetFeatures {
    const PATH: &'static str = "/v2/device";
    const ACTION: &'static str = "getfeatures";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = Features;

    fn concerns(&self) -> Option<UserId> {
        Some(self.userid)
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<Features> {
        if domain::feature::of_model(self.model).next().is_none() {
            let problem = "expected a model that has features: 17 or 63";
            return Err(Refusal::invalid_param("model", problem).into());
        }
        member(tx, &caller.client_id, self.userid)?;
        let chosen = store::feature::chosen(tx, &caller.client_id, self.userid, self.model)?;
        let choices = chosen.into_iter();
        let features = choices
            .map(|choice| Choice { feature_name: choice.feature, active: choice.is_on })
            .collect();
        Ok(Features { features })
    }

    fn examples() -> Vec<Example<Features>> {
        let feature_name = "feature_eyes_closed_mode".to_owned();
        let reply = Features { features: vec![Choice { feature_name, active: true }] };
        let params = json!({ "userid": 21_345_678, "model": 17 });
        vec![Example { summary: "One choice", params, reply }]
    }
}
