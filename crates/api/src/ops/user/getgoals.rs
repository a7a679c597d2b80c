//! `user getgoals`: what a person aims at.

use crate::caller::{Metrics, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The goals of one person. A goal that is not set is left out.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetGoals {}

/// The goals of a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GoalsOfPerson {
    /// An empty object when none is set.
    pub goals: Goals,
}

/// What a person aims at.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Goals {
    /// Steps a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub steps: Option<i64>,
    /// Sleep a night, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub sleep: Option<i64>,
    /// The weight of the newest objective that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Weight")]
    pub weight: Option<Weight>,
}

/// A weight in kilograms: `value * 10^unit`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Weight {
    /// Its digits.
    pub value: i64,
    /// The power of ten the digits are multiplied by.
    pub unit: i8,
}

impl Operation for GetGoals {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "getgoals";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Metrics>;
    type Reply = GoalsOfPerson;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Metrics>) -> Result<GoalsOfPerson> {
        let goals = store::goal::get(tx, caller.user)?;
        let weight = store::measure::weight_goal(tx, caller.user)?;
        let weight = weight.map(|weight| Weight { value: weight.value, unit: weight.unit });
        let goals = Goals { steps: goals.steps, sleep: goals.sleep_seconds, weight };
        Ok(GoalsOfPerson { goals })
    }

    fn examples() -> Vec<Example<GoalsOfPerson>> {
        let weight = Some(Weight { value: 70_500, unit: -3 });
        let goals = Goals { steps: Some(10_000), sleep: Some(28_800), weight };
        let reply = GoalsOfPerson { goals };
        vec![Example { summary: "Steps, sleep and weight", params: json!({}), reply }]
    }
}
