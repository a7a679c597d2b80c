//! The names that files have for measures, parts of the body and places of a device.
//!
//! Measures are found by the names that `domain` has for them as well; only what is spelled
//! differently stands here. A bare number is always understood.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::measure::{KNOWN, MeasureType};

use crate::fold::fold;

/// The spellings of measures, folded. The first of a type is the one that is written.
const MEASURES: &[(&str, i32, &str)] = &[
    ("musclemassforsegments", 175, "Muscle Mass for segments"),
    ("segmentalmusclemass", 175, "segmental muscle mass"),
    ("fatmassforsegments", 174, "Fat Mass for segments"),
    ("segmentalfatmass", 174, "segmental fat mass"),
    ("fatfreemassforsegments", 173, "Fat Free Mass for segments"),
    ("segmentalfatfreemass", 173, "segmental fat free mass"),
    ("visceralfat", 170, "Visceral fat"),
    ("visceralfatindex", 170, "visceral fat index"),
    ("bmr", 226, "BMR"),
    ("basalmetabolicratebmr", 226, "basal metabolic rate (BMR)"),
    ("heartrate", 11, "Heart Rate"),
    ("pulse", 11, "pulse"),
    ("heartpulse", 11, "heart pulse"),
    ("systolic", 10, "Systolic"),
    ("systolicpressure", 10, "systolic pressure"),
    ("diastolic", 9, "Diastolic"),
    ("diastolicpressure", 9, "diastolic pressure"),
    ("hydration", 77, "Hydration"),
    ("watermass", 77, "water mass"),
    ("bodywater", 77, "body water"),
    ("pulsewavevelocity", 91, "Pulse Wave Velocity"),
    ("pwv", 91, "PWV"),
    ("spo2", 54, "SpO2"),
    ("oxygensaturation", 54, "oxygen saturation"),
    ("extracellularwater", 168, "Extracellular Water"),
    ("ecw", 168, "ECW"),
    ("intracellularwater", 169, "Intracellular Water"),
    ("icw", 169, "ICW"),
    ("nervehealthscore", 167, "Nerve Health Score"),
    ("nervehealthscorefeet", 167, "nerve health score feet"),
    ("nervescore", 167, "nerve score"),
    ("nervehealthscoreleftfoot", 158, "Nerve Health Score left foot"),
    ("nervescoreleftfoot", 158, "nerve score left foot"),
    ("nervehealthscorerightfoot", 159, "Nerve Health Score right foot"),
    ("nervescorerightfoot", 159, "nerve score right foot"),
    ("electrochemicalskinconductance", 229, "Electrochemical skin conductance"),
    ("esc", 229, "ESC"),
    ("afibecg", 130, "AFib ECG"),
    ("ecgafib", 130, "ECG AFib"),
    ("atrialfibrillationfromecg", 130, "atrial fibrillation from ECG"),
    ("afibppg", 139, "AFib PPG"),
    ("ppgafib", 139, "PPG AFib"),
    ("atrialfibrillationfromppg", 139, "atrial fibrillation from PPG"),
    ("qtcinterval", 138, "QTc interval"),
    ("correctedqtinterval", 138, "corrected QT interval"),
    ("vo2max", 123, "VO2max"),
    ("vascularage", 155, "Vascular age"),
    ("metabolicage", 227, "Metabolic age"),
];

/// Parts of the body, as the reference numbers them; 7 is only seen in answers.
const PARTS: &[(&str, i32, &str)] = &[
    ("rightarm", 2, "Right arm"),
    ("brasdroit", 2, "bras droit"),
    ("rechterarm", 2, "rechter arm"),
    ("brazoderecho", 2, "brazo derecho"),
    ("bracciodestro", 2, "braccio destro"),
    ("leftarm", 3, "Left arm"),
    ("brasgauche", 3, "bras gauche"),
    ("linkerarm", 3, "linker arm"),
    ("brazoizquierdo", 3, "brazo izquierdo"),
    ("bracciosinistro", 3, "braccio sinistro"),
    ("wholebody", 7, "Whole body"),
    ("body", 7, "body"),
    ("leftleg", 10, "Left leg"),
    ("jambegauche", 10, "jambe gauche"),
    ("linkesbein", 10, "linkes bein"),
    ("piernaizquierda", 10, "pierna izquierda"),
    ("gambasinistra", 10, "gamba sinistra"),
    ("rightleg", 11, "Right leg"),
    ("jambedroite", 11, "jambe droite"),
    ("rechtesbein", 11, "rechtes bein"),
    ("piernaderecha", 11, "pierna derecha"),
    ("gambadestra", 11, "gamba destra"),
    ("torso", 12, "Torso"),
    ("trunk", 12, "trunk"),
    ("torse", 12, "torse"),
    ("tronc", 12, "tronc"),
    ("rumpf", 12, "rumpf"),
    ("tronco", 12, "tronco"),
];

/// Where a device was during a recording.
const PLACES: &[(i64, &str)] = &[
    (0, "Right Wrist"),
    (1, "Left Wrist"),
    (2, "Right Arm"),
    (3, "Left Arm"),
    (4, "Right Foot"),
    (5, "Left Foot"),
    (6, "Between Legs"),
    (8, "Left part of the body"),
    (9, "Right part of the body"),
    (10, "Left leg"),
    (11, "Right leg"),
    (12, "Torso"),
    (13, "Left hand"),
    (14, "Right hand"),
    (15, "Cardiovascular aortic area"),
    (16, "Cardiovascular pulmonic area"),
    (17, "Cardiovascular tricuspid area"),
    (18, "Cardiovascular mitral area"),
    (19, "Cardiovascular apex area"),
    (20, "Pulmonary front upper right area"),
    (21, "Pulmonary front upper left area"),
    (22, "Pulmonary front bottom right area"),
    (23, "Pulmonary front bottom left area"),
    (24, "Pulmonary back upper left area"),
    (25, "Pulmonary back upper right area"),
    (26, "Pulmonary back bottom left area"),
    (27, "Pulmonary back bottom right area"),
    (28, "Wide mode area"),
    (29, "Between arms"),
    (30, "Hold Right"),
    (31, "Hold Left"),
];

/// Every spelling of a measure, folded: there may be as many rows to look up as an archive likes.
static MEASURE_CODES: LazyLock<HashMap<String, MeasureType>> = LazyLock::new(|| {
    let known = KNOWN.iter().map(|known| (fold(known.name), known.code));
    let spelled = MEASURES.iter().map(|row| (row.0.to_owned(), MeasureType(row.1)));
    known.chain(spelled).collect()
});

/// The same for places of a device.
static PLACE_CODES: LazyLock<HashMap<String, i64>> =
    LazyLock::new(|| PLACES.iter().map(|(code, name)| (fold(name), *code)).collect());

/// The measure that a text names.
pub(crate) fn measure(text: &str) -> Option<MeasureType> {
    let bare = text.trim();
    let bare = bare.strip_prefix("Type ").unwrap_or(bare);
    let named = MEASURE_CODES.get(&fold(text)).copied();
    named.or_else(|| bare.parse().ok().map(MeasureType))
}

/// The name a measure is written under.
pub(crate) fn measure_name(kind: MeasureType) -> String {
    let spelled = MEASURES.iter().find(|row| row.1 == kind.0).map(|row| row.2);
    match spelled.or_else(|| kind.name()) {
        Some(name) => name.to_owned(),
        None => format!("Type {}", kind.0),
    }
}

/// The part of the body that a text names.
pub(crate) fn part(text: &str) -> Option<i32> {
    let folded = fold(text);
    let named = PARTS.iter().find(|row| row.0 == folded).map(|row| row.1);
    named.or_else(|| text.trim().parse().ok())
}

/// The name a part of the body is written under.
pub(crate) fn part_name(part: i32) -> String {
    let named = PARTS.iter().find(|row| row.1 == part);
    named.map_or_else(|| part.to_string(), |row| row.2.to_owned())
}

/// The place of a device that a text names.
pub(crate) fn place(text: &str) -> Option<i64> {
    let named = PLACE_CODES.get(&fold(text)).copied();
    named.or_else(|| crate::number::whole(text))
}

/// The name the place of a device is written under.
pub(crate) fn place_name(place: i64) -> String {
    let named = PLACES.iter().find(|(code, _)| *code == place);
    named.map_or_else(|| place.to_string(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_is_written_is_read_as_the_same() {
        let known = KNOWN.iter().map(|known| known.code);
        for kind in known.chain([MeasureType(999), MeasureType(-1), MeasureType(i32::MIN)]) {
            assert_eq!(measure(&measure_name(kind)), Some(kind));
        }
        for code in -1..40 {
            assert_eq!(part(&part_name(code)), Some(code));
            assert_eq!(place(&place_name(code.into())), Some(code.into()));
        }
    }

    #[test]
    fn the_tables_are_folded() {
        for (folded, _, name) in MEASURES.iter().chain(PARTS) {
            assert_eq!(*folded, fold(name));
        }
    }

    #[test]
    fn names_are_found_loosely() {
        assert_eq!(measure("Muscle Mass for Segments"), Some(MeasureType(175)));
        assert_eq!(measure("bmr"), Some(MeasureType(226)));
        assert_eq!(measure("Vascular Age"), Some(MeasureType(155)));
        assert_eq!(measure("moon phase"), None);
        assert_eq!(part("Linker Arm"), Some(3));
        assert_eq!(place("left wrist"), Some(1));
        assert_eq!(place("nowhere"), None);
    }
}
