//! What an export holds, as items: one row of the archive, or the rows of one instant.
//!
//! Numbers are integers with known places, never floats. Which row makes which item is in `rows`.

use domain::measure::Measure;
use jiff::civil::Date;

use crate::Decimal;

/// One thing of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Measures of one instant: scales, blood pressure, height, and what was typed in.
    Group(Group),
    /// Consecutive samples of a sensor.
    Minutes(Minutes),
    /// A night.
    Night(Night),
    /// A total of a day.
    Day(Day),
    /// A workout.
    Workout(Workout),
    /// A recorded signal, such as an ECG.
    Signal(Signal),
}

/// Measures of one instant.
///
/// Metric values keep the digits they were written with. Imperial ones are converted with the
/// exact factors (0.45359237 kg to the pound, 0.0254 m to the inch) and rounded half away from
/// zero to thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// When, in Unix seconds.
    pub date: i64,
    /// What was measured, in the order of the columns or rows.
    pub measures: Vec<Measure>,
    /// What the person wrote.
    pub comment: Option<String>,
}

/// Consecutive samples of a sensor: each starts where the one before it ends, the first at `at`.
///
/// Of positions only the first sample of a row is read: what follows in such a row is not usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes {
    /// Which sensor.
    pub source: Source,
    /// What it sensed.
    pub column: Column,
    /// When the first sample starts, in Unix seconds.
    pub at: i64,
    /// How long each sample is, in seconds. As many as `digits`.
    pub durations: Vec<i64>,
    /// The samples, with [`Column::places`] decimal places.
    pub digits: Vec<i64>,
}

/// The sensor behind a file of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A watch, or a phone that counts steps.
    Tracker,
    /// A mat below the mattress.
    Bed,
    /// The optical sensor of a watch.
    Hr,
    /// The oxygen sensor of a watch.
    Spo2,
    /// A receiver of positions.
    Location,
    /// A watch in the water.
    Swim,
    /// A watch that estimates the temperature of the body's core.
    CoreTemperature,
}

/// What a sensor sensed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// Steps.
    Steps,
    /// Metres, in thousandths.
    Distance,
    /// Metres climbed, in thousandths.
    Elevation,
    /// Kilocalories earned by moving, in thousandths.
    Calories,
    /// Beats per minute.
    HeartRate,
    /// Percent of oxygen saturation, measured without being asked.
    Spo2,
    /// The mark of how good such a measurement was.
    Spo2Quality,
    /// Laps of a pool.
    PoolLap,
    /// 0 awake, 1 light, 2 deep, 3 REM.
    SleepState,
    /// Breaths per minute.
    RespiratoryRate,
    /// Seconds of snoring.
    Snoring,
    /// The score of movement.
    Movement,
    /// The largest movement.
    MaximumMovement,
    /// Degrees Celsius, in thousandths.
    CoreBodyTemperature,
    /// Degrees north, with seven places: about a centimetre.
    Latitude,
    /// Degrees east, with seven places.
    Longitude,
    /// Metres above the sea, in thousandths.
    Altitude,
    /// Degrees from north, in thousandths.
    Direction,
    /// Metres per second, in thousandths.
    Speed,
    /// Metres of doubt sideways, in thousandths.
    HorizontalRadius,
    /// Metres of doubt upwards, in thousandths.
    VerticalRadius,
}

impl Column {
    /// How many decimal places the digits of a sample have. What is more exact is rounded.
    #[must_use]
    pub const fn places(self) -> u8 {
        match self {
            Self::Latitude | Self::Longitude => 7,
            Self::Distance
            | Self::Elevation
            | Self::Calories
            | Self::CoreBodyTemperature
            | Self::Altitude
            | Self::Direction
            | Self::Speed
            | Self::HorizontalRadius
            | Self::VerticalRadius => 3,
            _ => 0,
        }
    }
}

/// A night, as `sleep.csv` sums it up. What the device could not tell is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Night {
    /// When it starts, in Unix seconds.
    pub start: i64,
    /// When it ends, in Unix seconds.
    pub end: i64,
    /// Seconds of light sleep.
    pub light_s: Option<i64>,
    /// Seconds of deep sleep.
    pub deep_s: Option<i64>,
    /// Seconds of REM sleep.
    pub rem_s: Option<i64>,
    /// Seconds awake.
    pub awake_s: Option<i64>,
    /// How often the person woke up.
    pub wakeups: Option<i64>,
    /// Seconds until sleep came.
    pub duration_to_sleep_s: Option<i64>,
    /// Seconds between waking up and getting up.
    pub duration_to_wakeup_s: Option<i64>,
    /// Seconds of snoring.
    pub snoring_s: Option<i64>,
    /// How often snoring began.
    pub snoring_episodes: Option<i64>,
    /// The average heart rate in beats per minute.
    pub hr_average_bpm: Option<i64>,
    /// The lowest.
    pub hr_min_bpm: Option<i64>,
    /// The highest.
    pub hr_max_bpm: Option<i64>,
    /// The events of the night, as the text in the file.
    pub night_events: Option<String>,
    /// What the person wrote.
    pub note: Option<String>,
}

/// A total of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day of the person's own calendar.
    pub date: Date,
    /// Of what.
    pub column: DayColumn,
    /// The total, with [`DayColumn::places`] decimal places.
    pub digits: i64,
}

/// What is summed up by the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DayColumn {
    /// Steps.
    Steps,
    /// Metres, in thousandths.
    Distance,
    /// Metres climbed, in thousandths.
    Elevation,
    /// Kilocalories earned by moving, in thousandths.
    CaloriesEarned,
    /// Kilocalories of being alive, in thousandths.
    CaloriesPassive,
    /// Percent of oxygen saturation, measured on demand.
    ManualSpo2,
}

impl DayColumn {
    /// How many decimal places the digits of a total have. What is more exact is rounded.
    #[must_use]
    pub const fn places(self) -> u8 {
        match self {
            Self::Steps | Self::ManualSpo2 => 0,
            _ => 3,
        }
    }
}

/// A workout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workout {
    /// When it starts, in Unix seconds: as the person corrected it, where they did.
    pub start: i64,
    /// When it ends.
    pub end: i64,
    /// The number of the sport in the reference; [`crate::OTHER_SPORT`] for a name that is not
    /// known. None where the file names none.
    pub category: Option<i64>,
    /// The name of the sport as it stands in the file.
    pub name: Option<String>,
    /// The numbers of the `Data` column under their names. What is no number is left out.
    pub data: Vec<(String, Decimal)>,
    /// The zone it took place in, as it stands in the file.
    pub timezone: Option<String>,
}

/// A recorded signal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// When it starts, in Unix seconds.
    pub at: i64,
    /// What kind of signal, as it stands in the file.
    pub kind: String,
    /// Samples per second.
    pub frequency_hz: Option<i64>,
    /// How long it is, in seconds.
    pub duration_s: Option<i64>,
    /// Where the device was, as the reference numbers it.
    pub wear_position: Option<i64>,
    /// The samples. A list with a fraction in it is of millivolts, as blood pressure monitors
    /// write it; one of whole numbers alone is of microvolts, as watches do.
    pub microvolts: Vec<i64>,
    /// What a doctor found.
    pub assessment: Option<String>,
    /// Which doctor.
    pub doctor_name: Option<String>,
    /// When the doctor looked, as it stands in the file.
    pub checkup_date: Option<String>,
}
