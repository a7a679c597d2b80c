//! What the device is to do, or not, for its people, where an application chose.

use domain::{Result, UserId, feature};
use schemars::JsonSchema;
use serde::Serialize;
use store::Tx;
use store::device::Device;

/// A choice. What nobody chose is as the device's model has it.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Feature {
    /// For whom.
    pub userid: UserId,
    /// What, such as `feature_eyes_closed_mode`.
    pub feature_name: String,
    /// Whether it is on.
    pub active: bool,
}

/// What was chosen for the device's people.
pub(super) fn features(tx: &mut Tx<'_>, device: &Device, users: &[UserId]) -> Result<Vec<Feature>> {
    let mut features = Vec::new();
    if feature::of_model(device.model_id).next().is_none() {
        return Ok(features);
    }
    for userid in users {
        let choices = store::feature::of_user(tx, *userid, device.model_id)?.into_iter();
        features.extend(choices.map(|choice| Feature {
            userid: *userid,
            feature_name: choice.feature,
            active: choice.is_on,
        }));
    }
    Ok(features)
}
