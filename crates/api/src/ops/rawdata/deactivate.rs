//! `rawdata deactivate`: asks a device for no more raw data.

use super::{device, sensor};
use crate::caller::{RawData, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Ends what `activate` began, for a sensor or for all of a device. What was captured stays. Where
/// nothing is active nothing happens.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeactivateRawData {
    /// The device.
    pub hash_deviceid: String,
    /// 1: accelerometer. 2: optical sensor. Without it both.
    pub rawdata_type: Option<i64>,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deactivated {}

impl Operation for DeactivateRawData {
    const PATH: &'static str = "/v2/rawdata";
    const ACTION: &'static str = "deactivate";
    const ACCESS: Access = Access::Write;
    type Caller = Scoped<RawData>;
    type Reply = Deactivated;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<RawData>) -> Result<Deactivated> {
        let device = device(tx, caller.user, &self.hash_deviceid)?;
        let sensor = self.rawdata_type.map(sensor).transpose()?;
        store::raw::deactivate(tx, caller.user, device, sensor)?;
        Ok(Deactivated {})
    }

    fn examples() -> Vec<Example<Deactivated>> {
        let params = json!({ "hash_deviceid": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334" });
        vec![Example { summary: "Every sensor of a device", params, reply: Deactivated {} }]
    }
}
