//! An item as rows: which file each belongs to, and the text of its cells; and what of it no cell
//! can hold. Whether a row is too long is not decided here.

use domain::measure::{Measure, MeasureType};
use jiff::tz::TimeZone;

use crate::kind::Kind;
use crate::limits::{GROUP_MEASURES_MAX, SAMPLES_MAX, SIGNAL_SAMPLES_MAX};
use crate::{Day, Decimal, Group, Minutes, Night, Signal, Source, Workout};
use crate::{data, list, names, sports, when};

/// A row: the kind of its file, and its cells.
pub(super) type Cells = (Kind, Vec<String>);

/// What a column of a file cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unheld {
    pub(super) kind: Kind,
    /// None for a row that is too long as a whole.
    pub(super) column: Option<&'static str>,
}

/// The measures with a column of their own, by file.
const WEIGHT: &[MeasureType] = &[
    MeasureType::WEIGHT,
    MeasureType::FAT_MASS,
    MeasureType::BONE_MASS,
    MeasureType::MUSCLE_MASS,
    MeasureType::HYDRATION,
];
const BLOOD_PRESSURE: &[MeasureType] =
    &[MeasureType::HEART_PULSE, MeasureType::SYSTOLIC, MeasureType::DIASTOLIC];
const TABLES: &[(Kind, &[MeasureType])] = &[
    (Kind::Weight, WEIGHT),
    (Kind::Height, &[MeasureType::HEIGHT]),
    (Kind::BloodPressure, BLOOD_PRESSURE),
    (Kind::PulseWave, &[MeasureType::PULSE_WAVE_VELOCITY]),
    (Kind::ManualSpo2, &[MeasureType::SPO2]),
];

/// The columns of a file.
pub(super) fn header(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Weight => &[
            "Date",
            "Weight (kg)",
            "Fat mass (kg)",
            "Bone mass (kg)",
            "Muscle mass (kg)",
            "Hydration (kg)",
            "Comments",
        ],
        Kind::Height => &["Date", "Height (m)", "Comments"],
        Kind::BloodPressure => &["Date", "Heart rate", "Systolic", "Diastolic", "Comments"],
        Kind::PulseWave | Kind::ManualSpo2 | Kind::Days(_) => &["date", "value"],
        Kind::Other => &["type", "date", "value", "unit", "position"],
        Kind::Nights => &[
            "from",
            "to",
            "light (s)",
            "deep (s)",
            "rem (s)",
            "awake (s)",
            "wake up",
            "Duration to sleep (s)",
            "Duration to wake up (s)",
            "Snoring (s)",
            "Snoring episodes",
            "Average heart rate",
            "Heart rate (min)",
            "Heart rate (max)",
            "Night events",
            "Notes",
        ],
        Kind::Workouts => &[
            "from",
            "to",
            "from (manual)",
            "to (manual)",
            "Timezone",
            "Activity type",
            "Data",
            "GPS",
            "Modified",
        ],
        Kind::Signals => &[
            "date",
            "type",
            "frequency",
            "duration",
            "wearposition",
            "signal",
            "doctor_assessment",
            "doctor_name",
            "checkup_date",
        ],
        Kind::Samples(..) => &["start", "duration", "value"],
        Kind::LeftOut => &[],
    }
}

/// The rows of a group, and whether its comment is in one of them. A measure that its cell cannot
/// hold is left out by itself.
pub(super) fn group(
    group: &Group,
    zone: &TimeZone,
    rows: &mut Vec<Cells>,
    left_out: &mut Vec<Unheld>,
) -> bool {
    if group.measures.len() > GROUP_MEASURES_MAX {
        left_out.push(unheld(Kind::Other, "value"));
        return false;
    }
    let date = when::local(group.date, zone);
    let mut left: Vec<&Measure> = group.measures.iter().collect();
    let mut comment = group.comment.as_ref();
    for (kind, columns) in TABLES {
        let mut cells = Vec::new();
        for (column, name) in columns.iter().zip(header(*kind).iter().skip(1)) {
            let at = left.iter().position(|one| one.kind == *column && one.position.is_none());
            let text = at.map_or(Some(String::new()), |at| decimal(left.remove(at)));
            cells.push(text.unwrap_or_else(|| {
                left_out.push(unheld(*kind, name));
                String::new()
            }));
        }
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let Some(date) = date.clone() else {
            left_out.push(unheld(*kind, "date"));
            continue;
        };
        cells.insert(0, date);
        if header(*kind).contains(&"Comments") {
            cells.push(comment.take().cloned().unwrap_or_default());
        }
        rows.push((*kind, cells));
    }
    for measure in left {
        let cells = date.clone().ok_or("date").and_then(|date| {
            let unit = measure.kind.known().map_or("", |known| known.unit);
            let position = measure.position.map(names::part_name).unwrap_or_default();
            let value = decimal(measure).ok_or("value")?;
            Ok(vec![names::measure_name(measure.kind), date, value, unit.to_owned(), position])
        });
        match cells {
            Ok(cells) => rows.push((Kind::Other, cells)),
            Err(column) => left_out.push(unheld(Kind::Other, column)),
        }
    }
    comment.is_none()
}

/// A measure's value, if it is one that is read again.
fn decimal(measure: &Measure) -> Option<String> {
    let can_be_read = measure.unit >= -18 && (measure.unit <= 0 || measure.scaled(0).is_some());
    (can_be_read && measure.unit <= 18).then(|| measure.decimal())
}

/// The rows of samples: one, or one for each position.
pub(super) fn minutes(
    minutes: &Minutes,
    zone: &TimeZone,
    rows: &mut Vec<Cells>,
) -> Result<(), Unheld> {
    let Minutes { source, column, at, durations, digits } = minutes;
    let kind = Kind::Samples(*source, *column);
    let is_even = durations.len() == digits.len() && durations.len() <= SAMPLES_MAX;
    if !is_even || durations.iter().any(|duration| *duration < 0) {
        return Err(unheld(kind, "duration"));
    }
    let samples = match source {
        // Readers take the first sample of such a row alone.
        Source::Location => 1,
        _ => durations.len().max(1),
    };
    let mut start = *at;
    for (durations, digits) in durations.chunks(samples).zip(digits.chunks(samples)) {
        let end = durations.iter().try_fold(start, |end, duration| end.checked_add(*duration));
        let end = end.ok_or_else(|| unheld(kind, "duration"))?;
        let values = digits.iter().map(|digits| {
            Decimal { digits: *digits, places: column.places() }.trimmed().to_string()
        });
        rows.push((
            kind,
            vec![
                when::iso(start, zone).ok_or_else(|| unheld(kind, "start"))?,
                list::write(durations.iter().map(i64::to_string)),
                list::write(values),
            ],
        ));
        start = end;
    }
    Ok(())
}

pub(super) fn night(night: &Night, zone: &TimeZone) -> Result<Cells, Unheld> {
    let kind = Kind::Nights;
    if night.end < night.start {
        return Err(unheld(kind, "to"));
    }
    let mut cells = vec![
        when::iso(night.start, zone).ok_or_else(|| unheld(kind, "from"))?,
        when::iso(night.end, zone).ok_or_else(|| unheld(kind, "to"))?,
    ];
    let numbers = [
        night.light_s,
        night.deep_s,
        night.rem_s,
        night.awake_s,
        night.wakeups,
        night.duration_to_sleep_s,
        night.duration_to_wakeup_s,
        night.snoring_s,
        night.snoring_episodes,
        night.hr_average_bpm,
        night.hr_min_bpm,
        night.hr_max_bpm,
    ];
    cells.extend(numbers.map(number));
    cells.extend([&night.night_events, &night.note].map(|text| text.clone().unwrap_or_default()));
    Ok((kind, cells))
}

pub(super) fn day(day: &Day) -> Result<Cells, Unheld> {
    let kind = Kind::Days(day.column);
    let date = when::day_text(day.date).ok_or_else(|| unheld(kind, "date"))?;
    let value = Decimal { digits: day.digits, places: day.column.places() };
    Ok((kind, vec![date, value.trimmed().to_string()]))
}

pub(super) fn workout(workout: &Workout, zone: &TimeZone) -> Result<Cells, Unheld> {
    let kind = Kind::Workouts;
    if workout.end < workout.start {
        return Err(unheld(kind, "to"));
    }
    let timezone = workout.timezone.clone().unwrap_or_default();
    let own = workout.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
    let zone = own.as_ref().unwrap_or(zone);
    let name = match (workout.category, &workout.name) {
        // A name that stands for another number would be read as that one.
        (Some(category), Some(name)) if sports::number(name) != category => sports::name(category),
        (_, Some(name)) => name.clone(),
        (Some(category), None) => sports::name(category),
        (None, None) => String::new(),
    };
    Ok((
        kind,
        vec![
            when::iso(workout.start, zone).ok_or_else(|| unheld(kind, "from"))?,
            when::iso(workout.end, zone).ok_or_else(|| unheld(kind, "to"))?,
            String::new(),
            String::new(),
            timezone,
            name,
            data::write(&workout.data).ok_or_else(|| unheld(kind, "Data"))?,
            String::new(),
            String::new(),
        ],
    ))
}

/// None for a signal without samples.
pub(super) fn signal(signal: &Signal, zone: &TimeZone) -> Result<Option<Cells>, Unheld> {
    let kind = Kind::Signals;
    if signal.microvolts.is_empty() {
        return Ok(None);
    }
    if signal.microvolts.len() > SIGNAL_SAMPLES_MAX {
        return Err(unheld(kind, "signal"));
    }
    let mut cells = vec![
        when::local(signal.at, zone).ok_or_else(|| unheld(kind, "date"))?,
        signal.kind.clone(),
        number(signal.frequency_hz),
        number(signal.duration_s),
        signal.wear_position.map(names::place_name).unwrap_or_default(),
        list::write(signal.microvolts.iter().map(i64::to_string)),
    ];
    let texts = [&signal.assessment, &signal.doctor_name, &signal.checkup_date];
    cells.extend(texts.map(|text| text.clone().unwrap_or_default()));
    Ok(Some((kind, cells)))
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn unheld(kind: Kind, column: &'static str) -> Unheld {
    Unheld { kind, column: Some(column) }
}
