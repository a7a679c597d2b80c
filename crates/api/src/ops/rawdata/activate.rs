//! `rawdata activate`: asks a device for the raw data of a sensor.

use super::{device, sensor};
use crate::caller::{RawData, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Asks a device of the person for the raw data of a sensor, from now to `enddate`, or until it is
/// deactivated.
///
/// The device is told in the answer of its next sync. Asked again, only the end changes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ActivateRawData {
    /// The device.
    pub hash_deviceid: String,
    /// 1: accelerometer. 2: optical sensor.
    pub rawdata_type: i64,
    /// When it ends; not before now.
    pub enddate: Option<UnixTime>,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Activated {}

impl Operation for ActivateRawData {
    const PATH: &'static str = "/v2/rawdata";
    const ACTION: &'static str = "activate";
    const ACCESS: Access = Access::Write;
    type Caller = Scoped<RawData>;
    type Reply = Activated;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<RawData>) -> Result<Activated> {
        let device = device(tx, caller.user, &self.hash_deviceid)?;
        let sensor = sensor(self.rawdata_type)?;
        if self.enddate.is_some_and(|end| end.0 <= tx.now()) {
            return Err(Refusal::invalid_param("enddate", "expected a moment to come").into());
        }
        let until = self.enddate.map(|end| end.0);
        store::raw::activate(tx, caller.user, device, sensor, until)?;
        Ok(Activated {})
    }

    fn examples() -> Vec<Example<Activated>> {
        let params = json!({
            "hash_deviceid": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
            "rawdata_type": 1, "enddate": 1_795_933_718,
        });
        vec![Example { summary: "The accelerometer, for a week", params, reply: Activated {} }]
    }
}
