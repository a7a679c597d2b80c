//! `/v2/rawdata`

mod activate;
mod deactivate;
mod get;

pub use activate::ActivateRawData;
pub use deactivate::DeactivateRawData;
pub use get::{GetRawData, PAGE_SEGMENTS};

use crate::operation::Tx;
use domain::{DeviceId, Refusal, Result, UserId};

/// The sensors of the reference: accelerometer and optical sensor.
const SENSORS: [i64; 2] = [1, 2];

/// A device of the person by its hash. Unknown ones and those of others are told apart by nobody.
fn device(tx: &mut Tx<'_>, user: UserId, hash: &str) -> Result<DeviceId> {
    let devices = store::device::of_user(tx, user)?;
    let found = devices.into_iter().find(|device| device.hash == hash);
    let problem = "expected the hash_deviceid of a device the person uses";
    Ok(found.ok_or_else(|| Refusal::invalid_param("hash_deviceid", problem))?.id)
}

fn sensor(number: i64) -> Result<i64> {
    let problem = "expected 1 (accelerometer) or 2 (optical sensor)";
    let known = SENSORS.contains(&number);
    Ok(known.then_some(number).ok_or_else(|| Refusal::invalid_param("rawdata_type", problem))?)
}
