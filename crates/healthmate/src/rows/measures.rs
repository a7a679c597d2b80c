//! The files with a column for each measure: weight, height, blood pressure, pulse wave velocity
//! and oxygen measured on demand. Each row is a group of its own.

use domain::measure::{Measure, MeasureType};
use jiff::tz::TimeZone;

use super::{DATE_NAMES, Decoder, VALUE_NAMES, needed, seconds};
use crate::head::{Head, Names};
use crate::report::Reason;
use crate::table::Row;
use crate::unit::{self, Unit};
use crate::{Group, Item};

const COMMENT_NAMES: Names = &[
    "comments",
    "comment",
    "commentaires",
    "commentaire",
    "kommentare",
    "kommentar",
    "comentarios",
    "comentario",
    "commenti",
    "commento",
    "note",
    "notes",
    "notizen",
];

/// The date, the comment, and up to five measures.
const COLUMNS: usize = 7;
const DATE: usize = 0;
const COMMENT: usize = 1;
const FIRST: usize = 2;

/// A column of a measure: its English name, the names in other languages, the measure.
type Column = (&'static str, Names, MeasureType);

const WEIGHT: &[Column] = &[
    ("Weight", &["weight", "poids", "gewicht", "peso"], MeasureType::WEIGHT),
    (
        "Fat mass",
        &[
            "fatmass",
            "fat",
            "massegrasse",
            "fettmasse",
            "fett",
            "masagrasa",
            "grasa",
            "massagrassa",
        ],
        MeasureType::FAT_MASS,
    ),
    (
        "Bone mass",
        &["bonemass", "masseosseuse", "knochenmasse", "masaosea", "massaossea"],
        MeasureType::BONE_MASS,
    ),
    (
        "Muscle mass",
        &["musclemass", "massemusculaire", "muskelmasse", "masamuscular", "massamuscolare"],
        MeasureType::MUSCLE_MASS,
    ),
    (
        "Hydration",
        &[
            "hydration",
            "watermass",
            "hydratation",
            "masseeau",
            "massehydrique",
            "wasser",
            "wassermasse",
            "wasseranteil",
            "hydrierung",
            "hidratacion",
            "idratazione",
        ],
        MeasureType::HYDRATION,
    ),
];

const HEIGHT: &[Column] = &[(
    "Height",
    &["height", "taille", "grosse", "groesse", "korpergrosse", "altura", "estatura", "altezza"],
    MeasureType::HEIGHT,
)];

const BLOOD_PRESSURE: &[Column] = &[
    (
        "Heart rate",
        &[
            "heartrate",
            "pulse",
            "frequencecardiaque",
            "rythmecardiaque",
            "pouls",
            "herzfrequenz",
            "puls",
            "frecuenciacardiaca",
            "ritmocardiaco",
            "pulso",
            "frequenzacardiaca",
            "battitocardiaco",
        ],
        MeasureType::HEART_PULSE,
    ),
    (
        "Systolic",
        &[
            "systolic",
            "systolicbloodpressure",
            "systolique",
            "pressionsystolique",
            "systolisch",
            "systole",
            "systolischerblutdruck",
            "sistolica",
            "presionsistolica",
            "pressionesistolica",
        ],
        MeasureType::SYSTOLIC,
    ),
    (
        "Diastolic",
        &[
            "diastolic",
            "diastolicbloodpressure",
            "diastolique",
            "pressiondiastolique",
            "diastolisch",
            "diastole",
            "diastolischerblutdruck",
            "diastolica",
            "presiondiastolica",
            "pressionediastolica",
        ],
        MeasureType::DIASTOLIC,
    ),
];

const PULSE_WAVE: &[Column] = &[("Value", VALUE_NAMES, MeasureType::PULSE_WAVE_VELOCITY)];
const MANUAL_SPO2: &[Column] = &[("Value", VALUE_NAMES, MeasureType::SPO2)];

pub(super) fn weight(header: &Row<'_>, zone: TimeZone) -> Result<Measures, &'static str> {
    Measures::new(header, zone, WEIGHT)
}

pub(super) fn height(header: &Row<'_>, zone: TimeZone) -> Result<Measures, &'static str> {
    Measures::new(header, zone, HEIGHT)
}

pub(super) fn blood_pressure(header: &Row<'_>, zone: TimeZone) -> Result<Measures, &'static str> {
    Measures::new(header, zone, BLOOD_PRESSURE)
}

pub(super) fn pulse_wave(header: &Row<'_>, zone: TimeZone) -> Result<Measures, &'static str> {
    Measures::new(header, zone, PULSE_WAVE)
}

pub(super) fn manual_spo2(header: &Row<'_>, zone: TimeZone) -> Result<Measures, &'static str> {
    Measures::new(header, zone, MANUAL_SPO2)
}

/// Reads rows with a column for each measure.
pub(super) struct Measures {
    head: Head<COLUMNS>,
    columns: &'static [Column],
    zone: TimeZone,
}

impl Measures {
    fn new(
        header: &Row<'_>,
        zone: TimeZone,
        columns: &'static [Column],
    ) -> Result<Self, &'static str> {
        let mut names: [Names; COLUMNS] = [&[]; COLUMNS];
        names[DATE] = DATE_NAMES;
        names[COMMENT] = COMMENT_NAMES;
        for (slot, column) in names.iter_mut().skip(FIRST).zip(columns) {
            *slot = column.1;
        }
        let head = Head::find(header, &names);
        needed(&head, DATE, "Date")?;
        let first = columns.first().map_or("", |column| column.0);
        let has_any = (FIRST..COLUMNS).any(|at| head.has(at));
        if has_any { Ok(Self { head, columns, zone }) } else { Err(first) }
    }
}

impl Decoder for Measures {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let mut measures = Vec::new();
        for (at, (name, _, kind)) in (FIRST..).zip(self.columns) {
            let text = self.head.value(row, at);
            if !text.is_empty() {
                let measure = measured(*kind, &text, self.head.unit(at));
                measures.push(measure.ok_or(Reason::BadNumber { column: name })?);
            }
        }
        let date = seconds(&self.head, row, DATE, "Date", &self.zone)?;
        if measures.is_empty() {
            return Err(Reason::NoValue);
        }
        let comment = self.head.words(row, COMMENT);
        Ok(Some(Item::Group(Group { date, measures, comment })))
    }
}

fn measured(kind: MeasureType, text: &str, unit: Unit) -> Option<Measure> {
    match (kind, unit) {
        (MeasureType::HEIGHT, _) => unit::height(text, unit),
        // Some files have the fat in percent, which is another measure.
        (MeasureType::FAT_MASS, Unit::Percent) => unit::measure(MeasureType::FAT_RATIO, text, unit),
        _ => unit::measure(kind, text, unit),
    }
}
