//! What each model is known to yield: a hint for whoever writes a device bridge and registered it
//! as another model than it is. Never a gate: what is unusual is stored and served as anything
//! else, and of a model without a row everything is usual.
//!
//! Source: field-notes §11.2, after the vendor's table of health data by device.

use crate::device::model;
use crate::measure::MeasureType as M;

/// What a device tells beside single measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yield {
    /// Steps, distance, calories, heart rates by the minute.
    Intraday,
    /// Stages of a night and what goes with them.
    Sleep,
    /// Workouts.
    Workout,
    /// Electrocardiograms.
    Ecg,
    /// Sounds of heart or lungs.
    Stetho,
    /// Sensors as they are.
    RawData,
}

use Yield::{Ecg, Intraday, RawData, Sleep, Stetho, Workout};

/// Weight and what is derived from it, and the pulse of whoever stands there.
const BODY: &[M] = &[
    M::WEIGHT,
    M::FAT_FREE_MASS,
    M::FAT_RATIO,
    M::FAT_MASS,
    M::HEART_PULSE,
    M::MUSCLE_MASS,
    M::HYDRATION,
    M::BONE_MASS,
];
/// What some scales find besides.
const BODY_MORE: &[M] = &[
    M::TEMPERATURE,
    M::PULSE_WAVE_VELOCITY,
    M::VASCULAR_AGE,
    M::NERVE_SCORE_LEFT_FOOT,
    M::NERVE_SCORE_RIGHT_FOOT,
    M::NERVE_SCORE_FEET,
    M::EXTRACELLULAR_WATER,
    M::INTRACELLULAR_WATER,
    M::VISCERAL_FAT,
    M::SEGMENT_FAT_FREE_MASS,
    M::SEGMENT_FAT_MASS,
    M::SEGMENT_MUSCLE_MASS,
    M::ELECTRODERMAL_FEET,
    M::ELECTRODERMAL_LEFT_FOOT,
    M::ELECTRODERMAL_RIGHT_FOOT,
    M::BASAL_METABOLIC_RATE,
    M::METABOLIC_AGE,
    M::SKIN_CONDUCTANCE,
];
const PRESSURE: &[M] = &[M::DIASTOLIC, M::SYSTOLIC, M::HEART_PULSE];
/// Findings of an electrocardiogram.
const HEART: &[M] = &[
    M::HEART_PULSE,
    M::ECG_AFIB,
    M::QRS_INTERVAL,
    M::PR_INTERVAL,
    M::QT_INTERVAL,
    M::QTC_INTERVAL,
];
/// What is found at a wrist.
const WORN: &[M] = &[M::HEART_PULSE, M::SPO2, M::VO2_MAX, M::PPG_AFIB];
const WARMTH: &[M] = &[M::TEMPERATURE, M::BODY_TEMPERATURE, M::SKIN_TEMPERATURE];

/// What one model, or several, yield.
struct Yields {
    models: &'static [i64],
    measures: &'static [&'static [M]],
    series: &'static [Yield],
}

const MODELS: &[Yields] = &[
    Yields { models: &[10, 19], measures: &[BODY, BODY_MORE, HEART], series: &[Ecg] },
    Yields { models: &[44], measures: &[PRESSURE, HEART], series: &[Ecg, Stetho] },
    Yields {
        models: &[71],
        measures: &[WARMTH, HEART, &[M::SPO2, M::PPG_AFIB]],
        series: &[Ecg, Stetho],
    },
    Yields {
        models: &[91, 92, 93, 95],
        measures: &[WORN, HEART],
        series: &[Intraday, Workout, Sleep, Ecg, RawData],
    },
    Yields {
        models: &[94],
        measures: &[WORN, HEART, WARMTH],
        series: &[Intraday, Workout, Sleep, Ecg, RawData],
    },
];

/// What the other models of a class yield, by the class as answers name it.
const CLASSES: &[(&str, Yields)] = &[
    ("Scale", Yields { models: &[], measures: &[BODY, BODY_MORE], series: &[] }),
    ("Blood Pressure Monitor", Yields { models: &[], measures: &[PRESSURE], series: &[] }),
    (
        "Activity Tracker",
        Yields { models: &[], measures: &[WORN], series: &[Intraday, Workout, Sleep, RawData] },
    ),
    (
        "Sleep Monitor",
        Yields { models: &[], measures: &[&[M::HEART_PULSE]], series: &[Sleep, RawData] },
    ),
    ("Smart Connected Thermometer", Yields { models: &[], measures: &[WARMTH], series: &[] }),
];

/// Nothing if nobody knows what it yields.
fn of(model_id: i64) -> Option<&'static Yields> {
    let own = MODELS.iter().find(|yields| yields.models.contains(&model_id));
    own.or_else(|| {
        let class = model(model_id)?.kind;
        CLASSES.iter().find(|(name, _)| *name == class).map(|(_, yields)| yields)
    })
}

/// Whether such a measure is nothing to wonder about.
#[must_use]
pub fn is_usual_measure(model_id: i64, kind: M) -> bool {
    of(model_id).is_none_or(|yields| yields.measures.iter().any(|some| some.contains(&kind)))
}

/// Whether such a series is nothing to wonder about.
#[must_use]
pub fn is_usual(model_id: i64, series: Yield) -> bool {
    of(model_id).is_none_or(|yields| yields.series.contains(&series))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device;

    #[test]
    fn every_row_is_of_models_and_classes_that_exist() {
        for yields in MODELS {
            assert!(yields.models.iter().all(|id| model(*id).is_some()));
        }
        for (class, _) in CLASSES {
            assert!(device::MODELS.iter().any(|model| model.kind == *class), "{class}");
        }
    }

    #[test]
    fn what_the_table_says() {
        const SCAN_WATCH_2: i64 = 94;
        let (weight, fever) = (M::WEIGHT, M::BODY_TEMPERATURE);
        // A Smart Body Analyzer, a BPM Connect, a BPM Core.
        assert!(is_usual_measure(4, weight) && !is_usual_measure(4, fever));
        assert!(!is_usual_measure(45, weight) && is_usual_measure(45, M::SYSTOLIC));
        assert!(is_usual(44, Ecg) && !is_usual(45, Ecg));
        assert!(is_usual_measure(SCAN_WATCH_2, fever) && !is_usual_measure(93, fever));
        // An Aura and a ScanWatch.
        assert!(is_usual(63, Sleep) && !is_usual(63, Intraday));
        assert!(is_usual(93, Intraday) && !is_usual(93, Stetho));
    }

    #[test]
    fn of_unknown_models_and_of_phones_everything_is_usual() {
        for model in [-1, 4_711, 1_060, 1_061] {
            assert!(is_usual_measure(model, M(9_999)) && is_usual(model, Stetho));
        }
    }
}
