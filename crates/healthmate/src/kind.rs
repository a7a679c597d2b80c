//! What a file of the archive is, by the last part of its name, and the name a kind is written
//! under. Folders are not looked at, and nothing is opened by name.

use crate::fold::fold;
use crate::{Column, DayColumn, Source};

/// What a file of an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Weight,
    Height,
    BloodPressure,
    /// A table of dates and values of one measure.
    PulseWave,
    ManualSpo2,
    Other,
    Nights,
    Workouts,
    Signals,
    Days(DayColumn),
    Samples(Source, Column),
    /// Part of an export, with nothing to import.
    LeftOut,
}

/// Whole names, folded.
const NAMES: &[(&str, Kind)] = &[
    ("weight", Kind::Weight),
    ("height", Kind::Height),
    ("bp", Kind::BloodPressure),
    ("pwv", Kind::PulseWave),
    ("manualspo2", Kind::ManualSpo2),
    ("spo2", Kind::ManualSpo2),
    ("other", Kind::Other),
    ("othermeasures", Kind::Other),
    ("sleep", Kind::Nights),
    ("activities", Kind::Workouts),
    ("signal", Kind::Signals),
    ("note", Kind::LeftOut),
    ("notes", Kind::LeftOut),
    ("user", Kind::LeftOut),
    ("account", Kind::LeftOut),
];

/// How a source stands in a name, folded, and how it is written. An older spelling comes after the
/// one that is written.
const SOURCES: &[(&str, Source, &str)] = &[
    ("tracker", Source::Tracker, "tracker"),
    ("bed", Source::Bed, "bed"),
    ("sleepmonitor", Source::Bed, "sleep-monitor"),
    ("hr", Source::Hr, "hr"),
    ("spo2", Source::Spo2, "spo2"),
    ("location", Source::Location, "location"),
    ("swim", Source::Swim, "swim"),
    ("corebodytemperature", Source::CoreTemperature, "core_body_temperature"),
];

/// The same for what was sensed.
const COLUMNS: &[(&str, Column, &str)] = &[
    ("steps", Column::Steps, "steps"),
    ("distance", Column::Distance, "distance"),
    ("elevation", Column::Elevation, "elevation"),
    ("caloriesearned", Column::Calories, "calories-earned"),
    ("calories", Column::Calories, "calories"),
    ("hr", Column::HeartRate, "hr"),
    ("heartrate", Column::HeartRate, "heart-rate"),
    ("autospo2", Column::Spo2, "auto_spo2"),
    ("spo2auto", Column::Spo2, "spo2-auto"),
    ("spo2", Column::Spo2, "spo2"),
    ("qualityscore", Column::Spo2Quality, "quality_score"),
    ("lappool", Column::PoolLap, "lap-pool"),
    ("poollap", Column::PoolLap, "pool-lap"),
    ("sleepstate", Column::SleepState, "sleep-state"),
    ("respiratoryrate", Column::RespiratoryRate, "respiratory-rate"),
    ("snoring", Column::Snoring, "snoring"),
    ("movementpim", Column::Movement, "movement_pim"),
    ("mvtscore", Column::Movement, "mvt-score"),
    ("movement", Column::Movement, "movement"),
    ("maximummovement", Column::MaximumMovement, "maximum_movement"),
    ("corebodytemperature", Column::CoreBodyTemperature, "Core body temperature"),
    ("latitude", Column::Latitude, "latitude"),
    ("longitude", Column::Longitude, "longitude"),
    ("altitude", Column::Altitude, "altitude"),
    ("direction", Column::Direction, "direction"),
    ("gpsspeed", Column::Speed, "gps-speed"),
    ("speed", Column::Speed, "speed"),
    ("horizontalradius", Column::HorizontalRadius, "horizontal-radius"),
    ("verticalradius", Column::VerticalRadius, "vertical-radius"),
];

/// The same for the totals of days.
const DAYS: &[(&str, DayColumn, &str)] = &[
    ("steps", DayColumn::Steps, "steps"),
    ("distance", DayColumn::Distance, "distance"),
    ("elevation", DayColumn::Elevation, "elevation"),
    ("caloriesearned", DayColumn::CaloriesEarned, "calories_earned"),
    ("calories", DayColumn::CaloriesEarned, "calories"),
    ("caloriespassive", DayColumn::CaloriesPassive, "calories_passive"),
    ("manualspo2", DayColumn::ManualSpo2, "manual_spo2"),
];

impl Kind {
    /// What a file of that name is. None for a name no export has.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (stem, ending) = name.rsplit_once('.')?;
        // Hidden: what some systems put beside a file when they pack it, under nearly its name.
        if name.starts_with('.') {
            return None;
        }
        let folded = fold(stem);
        if ending.eq_ignore_ascii_case("txt") {
            return folded.starts_with("readme").then_some(Self::LeftOut);
        }
        if !ending.eq_ignore_ascii_case("csv") {
            return None;
        }
        if let Some(rest) = folded.strip_prefix("aggregates") {
            return DAYS.iter().find(|row| row.0 == rest).map(|row| Self::Days(row.1));
        }
        if let Some(rest) = folded.strip_prefix("raw") {
            return SOURCES.iter().find_map(|(name, source, _)| {
                let rest = rest.strip_prefix(name)?;
                let column = COLUMNS.iter().find(|row| row.0 == rest)?;
                Some(Self::Samples(*source, column.1))
            });
        }
        NAMES.iter().find(|(name, _)| *name == folded).map(|(_, kind)| *kind)
    }

    /// The name of a file of this kind. What is left out has none of its own.
    pub(crate) fn file_name(self) -> String {
        match self {
            Self::Weight => "weight.csv".to_owned(),
            Self::Height => "height.csv".to_owned(),
            Self::BloodPressure => "bp.csv".to_owned(),
            Self::PulseWave => "pwv.csv".to_owned(),
            Self::ManualSpo2 => "manual_spo2.csv".to_owned(),
            Self::Other => "other.csv".to_owned(),
            Self::Nights => "sleep.csv".to_owned(),
            Self::Workouts => "activities.csv".to_owned(),
            Self::Signals => "signal.csv".to_owned(),
            Self::LeftOut => "README.txt".to_owned(),
            Self::Days(column) => format!("aggregates_{}.csv", written(DAYS, column)),
            Self::Samples(source, column) => {
                format!("raw_{}_{}.csv", written(SOURCES, source), written(COLUMNS, column))
            }
        }
    }
}

/// The spelling that is written: the first of a table.
fn written<T: Copy + PartialEq>(table: &[(&str, T, &'static str)], of: T) -> &'static str {
    table.iter().find(|row| row.1 == of).map_or("", |row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        let samples = |source, column| Some(Kind::Samples(source, column));
        let expected = [
            ("weight.csv", Some(Kind::Weight)),
            ("WEIGHT.CSV", Some(Kind::Weight)),
            ("raw_tracker_calories-earned.csv", samples(Source::Tracker, Column::Calories)),
            ("raw_hr_hr.csv", samples(Source::Hr, Column::HeartRate)),
            ("raw_sleep-monitor_hr.csv", samples(Source::Bed, Column::HeartRate)),
            ("raw_bed_movement_pim.csv", samples(Source::Bed, Column::Movement)),
            ("raw_spo2_auto_spo2.csv", samples(Source::Spo2, Column::Spo2)),
            ("raw_spo2_quality_score.csv", samples(Source::Spo2, Column::Spo2Quality)),
            (
                "raw_core_body_temperature_Core body temperature.csv",
                samples(Source::CoreTemperature, Column::CoreBodyTemperature),
            ),
            ("aggregates_calories_passive.csv", Some(Kind::Days(DayColumn::CaloriesPassive))),
            ("README.txt", Some(Kind::LeftOut)),
            ("account.csv", Some(Kind::LeftOut)),
            ("weight.exe", None),
            ("raw_tracker_mood.csv", None),
            ("aggregates_.csv", None),
            ("..", None),
            ("", None),
        ];
        for (name, kind) in expected {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }

    #[test]
    fn every_source_and_column_is_found_under_the_name_it_is_written_with() {
        for (_, source, _) in SOURCES {
            for (_, column, _) in COLUMNS {
                let kind = Kind::Samples(*source, *column);
                assert_eq!(Kind::of(&kind.file_name()), Some(kind));
            }
        }
        let days = DAYS.iter().map(|row| Kind::Days(row.1));
        for kind in days.chain(NAMES.iter().map(|row| row.1)) {
            assert_eq!(Kind::of(&kind.file_name()), Some(kind));
        }
    }
}
