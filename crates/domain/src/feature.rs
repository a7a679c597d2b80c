//! What can be switched on and off on devices: the table of the guide (field-notes §8.1).

/// Something a model of devices can do, or not, for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// The name on the wire.
    pub name: &'static str,
    /// The model that has it.
    pub model_id: i64,
    /// Whether it is on where nobody chose.
    pub is_on: bool,
}

const BODY_PRO_2: i64 = 17;
const SLEEP: i64 = 63;

const fn of(model_id: i64, name: &'static str, is_on: bool) -> Feature {
    Feature { name, model_id, is_on }
}

/// Every one.
pub const FEATURES: [Feature; 14] = [
    of(BODY_PRO_2, "feature_muscle_mass", true),
    of(BODY_PRO_2, "feature_fat_mass", true),
    of(BODY_PRO_2, "feature_bone_mass", true),
    of(BODY_PRO_2, "feature_water_percent", true),
    of(BODY_PRO_2, "feature_body_mass_index", true),
    of(BODY_PRO_2, "feature_visceral_fat", true),
    of(BODY_PRO_2, "feature_standing_hr", true),
    of(BODY_PRO_2, "feature_vascular_age", true),
    // On models sold in the European Union alone; a model's number does not say where it was sold.
    of(BODY_PRO_2, "feature_nhs", true),
    // Hides the weight from who stands on the scale.
    of(BODY_PRO_2, "feature_eyes_closed_mode", false),
    of(BODY_PRO_2, "feature_pacemaker", false),
    of(BODY_PRO_2, "feature_pwv", false),
    // By prescription.
    of(BODY_PRO_2, "feature_esc", false),
    of(SLEEP, "feature_sleep_rx", false),
];

/// The features of a model.
pub fn of_model(model_id: i64) -> impl Iterator<Item = &'static Feature> {
    FEATURES.iter().filter(move |feature| feature.model_id == model_id)
}

/// The feature of a model with that name.
#[must_use]
pub fn find(model_id: i64, name: &str) -> Option<&'static Feature> {
    of_model(model_id).find(|feature| feature.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_of_its_model() {
        assert_eq!(find(17, "feature_pwv").map(|feature| feature.is_on), Some(false));
        assert_eq!(find(17, "feature_fat_mass").map(|feature| feature.is_on), Some(true));
        assert_eq!(find(63, "feature_pwv"), None);
        assert_eq!(find(17, "pwv"), None);
        assert_eq!((of_model(17).count(), of_model(63).count(), of_model(47).count()), (13, 1, 0));
    }
}
