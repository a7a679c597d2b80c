//! The codes around a measure: what was measured, how it came to its person, measured or wished.
//!
//! All three are open sets. A code without a name here is stored and served unchanged, because new
//! devices send new codes before anybody documents them. This file holds no rules on which device
//! sends which code.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was measured.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct MeasureType(pub i32);

/// A measure type with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownType {
    /// The code on the wire.
    pub code: MeasureType,
    /// What is measured, for people.
    pub name: &'static str,
    /// The unit after the exponent is applied. Empty for scores, classes and ratios, and where no
    /// source states one.
    pub unit: &'static str,
}

/// One row per type: the constant, its code, its name, its unit.
macro_rules! known_types {
    ($($constant:ident = $code:literal, $name:literal, $unit:literal;)*) => {
        impl MeasureType {
            $(#[doc = concat!($name, ".")] pub const $constant: Self = Self($code);)*
        }

        /// Every type with a name, by ascending code.
        pub const KNOWN: &[KnownType] = &[
            $(KnownType { code: MeasureType::$constant, name: $name, unit: $unit },)*
        ];
    };
}

// From the contract, except: 119 to 151 and 204 to 251 are documented in newer guides (glucose, and
// the values of a urine analysis), 158, 159, 197 and 198 come from Body Scans, and 18 stands in old
// recorded answers without any explanation.
known_types! {
    WEIGHT = 1, "Weight", "kg";
    HEIGHT = 4, "Height", "m";
    FAT_FREE_MASS = 5, "Fat-free mass", "kg";
    FAT_RATIO = 6, "Fat ratio", "%";
    FAT_MASS = 8, "Fat mass", "kg";
    DIASTOLIC = 9, "Diastolic blood pressure", "mmHg";
    SYSTOLIC = 10, "Systolic blood pressure", "mmHg";
    HEART_PULSE = 11, "Heart rate of a scale or blood pressure monitor", "bpm";
    TEMPERATURE = 12, "Temperature", "°C";
    OLD_18 = 18, "Old type 18, meaning unknown", "";
    SPO2 = 54, "Blood oxygen saturation", "%";
    BODY_TEMPERATURE = 71, "Body temperature", "°C";
    SKIN_TEMPERATURE = 73, "Skin temperature", "°C";
    MUSCLE_MASS = 76, "Muscle mass", "kg";
    HYDRATION = 77, "Body water", "kg";
    BONE_MASS = 88, "Bone mass", "kg";
    PULSE_WAVE_VELOCITY = 91, "Pulse wave velocity", "m/s";
    GLUCOSE = 119, "Blood glucose", "";
    VO2_MAX = 123, "VO2 max", "ml/min/kg";
    ECG_AFIB = 130, "Atrial fibrillation class from an ECG", "";
    QRS_INTERVAL = 135, "QRS interval", "";
    PR_INTERVAL = 136, "PR interval", "";
    QT_INTERVAL = 137, "QT interval", "";
    QTC_INTERVAL = 138, "QT interval corrected for heart rate", "";
    PPG_AFIB = 139, "Atrial fibrillation class from a pulse signal", "";
    URINE_PH = 147, "Urine pH", "";
    URINE_SPECIFIC_GRAVITY = 148, "Urine specific gravity", "";
    URINE_NITRITES = 151, "Urine nitrites", "";
    VASCULAR_AGE = 155, "Vascular age", "years";
    NERVE_SCORE_LEFT_FOOT = 158, "Nerve health score, left foot", "";
    NERVE_SCORE_RIGHT_FOOT = 159, "Nerve health score, right foot", "";
    NERVE_SCORE_FEET = 167, "Nerve health score, both feet", "";
    EXTRACELLULAR_WATER = 168, "Extracellular water", "kg";
    INTRACELLULAR_WATER = 169, "Intracellular water", "kg";
    VISCERAL_FAT = 170, "Visceral fat index", "";
    SEGMENT_FAT_FREE_MASS = 173, "Fat-free mass of a body segment", "kg";
    SEGMENT_FAT_MASS = 174, "Fat mass of a body segment", "kg";
    SEGMENT_MUSCLE_MASS = 175, "Muscle mass of a body segment", "kg";
    ELECTRODERMAL_FEET = 196, "Electrodermal activity, both feet", "";
    ELECTRODERMAL_LEFT_FOOT = 197, "Electrodermal activity, left foot", "";
    ELECTRODERMAL_RIGHT_FOOT = 198, "Electrodermal activity, right foot", "";
    URINE_KETONES = 204, "Urine ketones", "";
    URINE_VITAMIN_C = 205, "Urine vitamin C", "";
    BASAL_METABOLIC_RATE = 226, "Basal metabolic rate", "";
    METABOLIC_AGE = 227, "Metabolic age", "years";
    SKIN_CONDUCTANCE = 229, "Electrochemical skin conductance", "";
    URINE_CALCIUM = 248, "Urine calcium", "";
    URINE_CREATININE = 249, "Urine creatinine", "";
    URINE_CALCIUM_CREATININE = 251, "Urine calcium to creatinine ratio", "";
}

impl MeasureType {
    /// What is known of this type, if anything is.
    #[must_use]
    pub fn known(self) -> Option<&'static KnownType> {
        let at = KNOWN.binary_search_by_key(&self, |known| known.code).ok()?;
        KNOWN.get(at)
    }

    /// What is measured, for people; none for a code without a name.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.known().map(|known| known.name)
    }
}

/// How a measure group came to its person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Attrib(pub i32);

impl Attrib {
    /// A device measured it and there is no doubt whose it is.
    pub const DEVICE: Self = Self(0);
    /// A device measured it and it may be somebody else's.
    pub const AMBIGUOUS: Self = Self(1);
    /// The person typed it in.
    pub const MANUAL: Self = Self(2);
    /// A device measured it and somebody picked the person afterwards. Not in the contract; a
    /// client library knows it.
    pub const USER_PICKED: Self = Self(3);
    /// Typed in while the account was made, so perhaps not accurate.
    pub const MANUAL_AT_CREATION: Self = Self(4);
    /// A blood pressure monitor took several readings and made this one of them.
    pub const AUTO: Self = Self(5);
    /// The person confirmed an activity that a device had detected.
    pub const CONFIRMED: Self = Self(7);
    /// To be read as [`Attrib::DEVICE`]. Recorded on groups of pulse wave velocity and vascular
    /// age.
    pub const DEVICE_ALSO: Self = Self(8);
    /// Taken under guided conditions, as for the nerve health score.
    pub const GUIDED: Self = Self(15);
    /// Not in the contract: recorded on a BPM Connect, and read as guided by a client library.
    pub const GUIDED_PRESSURE: Self = Self(17);
}

/// Whether a measure group was measured or is wished for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Category(pub i32);

impl Category {
    /// A real measure.
    pub const REAL: Self = Self(1);
    /// A goal the person has set.
    pub const OBJECTIVE: Self = Self(2);
    /// Both.
    pub const ALL: [Self; 2] = [Self::REAL, Self::OBJECTIVE];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_are_sorted_and_unique() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn types_are_named_by_code() {
        assert_eq!(MeasureType::WEIGHT, MeasureType(1));
        assert_eq!(MeasureType(1).name(), Some("Weight"));
        assert_eq!(MeasureType(251).known().map(|known| known.unit), Some(""));
        assert_eq!(MeasureType(0).name(), None);
        assert_eq!(MeasureType(-1).name(), None);
        assert!(KNOWN.iter().all(|known| known.code.name() == Some(known.name)));
    }

    #[test]
    fn codes_are_bare_integers_on_the_wire() {
        assert_eq!(serde_json::to_string(&MeasureType::SYSTOLIC).unwrap(), "10");
        assert_eq!(serde_json::to_string(&Attrib::GUIDED).unwrap(), "15");
        assert_eq!(serde_json::from_str::<Category>("2").unwrap(), Category::OBJECTIVE);
        let schema = serde_json::to_value(schemars::schema_for!(MeasureType)).unwrap();
        assert_eq!(schema["type"], "integer");
    }
}
