//! Sleep: stages, what is noticed meanwhile, which stages make a night, and what a night adds up
//! to. Definitions and where they are from: docs/summaries.md. What a night is called and where it
//! is stored are not decided here.

mod night;
#[cfg(test)]
mod tests;

pub use night::{Events, summary};

use crate::fields::{Decimal, TemperatureStatus, fields};

fields! {
    /// What is noticed of somebody in bed at a moment.
    pub struct Vitals {
        /// Heart rate, in beats per minute.
        1 hr: i64,
        /// Breaths per minute.
        2 rr: i64,
        /// Snoring, in seconds.
        3 snoring: i64,
        /// Standard deviation of the intervals of heart beats over a minute, in milliseconds.
        4 sdnn_1: i64,
        /// Root mean square of the differences of successive heart beats, in milliseconds.
        5 rmssd: i64,
        /// How good the two are.
        6 hrv_quality: i64,
        /// Movement in bed, from 0 to 255.
        7 mvt_score: i64,
        /// Movements of the chest per minute.
        8 chest_movement_rate: i64,
        /// Breathing events per hour.
        9 withings_index: i64,
        /// Sounds of breathing, in seconds.
        10 breathing_sounds: i64,
        /// Core body temperature, in degrees Celsius.
        11 core_body_temperature: Decimal<3>,
    }
}

fields! {
    /// What a night adds up to.
    pub struct Night {
        /// Time in bed, in seconds.
        1 total_timeinbed: i64,
        /// Light, deep and REM sleep, in seconds.
        2 total_sleep_time: i64,
        /// Sleep of which no stages are known, in seconds.
        3 asleepduration: i64,
        /// Light sleep, in seconds.
        4 lightsleepduration: i64,
        /// REM sleep, in seconds.
        5 remsleepduration: i64,
        /// Deep sleep, in seconds.
        6 deepsleepduration: i64,
        /// The share of the time in bed that was slept, from 0 to 1.
        7 sleep_efficiency: Decimal<2>,
        /// Time in bed before sleep, in seconds.
        8 sleep_latency: i64,
        /// Time in bed after the last sleep, in seconds.
        9 wakeup_latency: i64,
        /// Time awake in bed, in seconds.
        10 wakeupduration: i64,
        /// How often sleep was broken without getting up.
        11 wakeupcount: i64,
        /// Time awake in bed after the first sleep, in seconds.
        12 waso: i64,
        /// How many stretches of REM sleep there were.
        13 nb_rem_episodes: i64,
        /// How disturbed breathing was.
        14 breathing_disturbances_intensity: i64,
        /// Apnoeas and hypopnoeas per hour, as the device says.
        15 apnea_hypopnea_index: i64,
        /// Breathing events per hour.
        16 withings_index: i64,
        /// The same as `sleep_latency`, by an older name.
        17 durationtosleep: i64,
        /// The same as `wakeup_latency`, by an older name.
        18 durationtowakeup: i64,
        /// How often the person got up during the night.
        19 out_of_bed_count: i64,
        /// Mean heart rate asleep, in beats per minute.
        20 hr_average: i64,
        /// Lowest heart rate asleep.
        21 hr_min: i64,
        /// Highest heart rate asleep.
        22 hr_max: i64,
        /// Mean breathing rate asleep, in breaths per minute.
        23 rr_average: i64,
        /// Lowest breathing rate asleep.
        24 rr_min: i64,
        /// Highest breathing rate asleep.
        25 rr_max: i64,
        /// How disturbed breathing was, as the device says.
        26 breathing_quality_assessment: i64,
        /// Snoring, in seconds.
        27 snoring: i64,
        /// Stretches of snoring of at least a minute.
        28 snoringepisodecount: i64,
        /// The device's score of the night.
        29 sleep_score: i64,
        /// Mean of the scores of movement.
        30 mvt_score_avg: i64,
        /// Movement in bed, in seconds.
        31 mvt_active_duration: i64,
        /// Mean RMSSD over the first third of the sleep, in milliseconds.
        32 rmssd_start_avg: Decimal<1>,
        /// Mean RMSSD over the last third of the sleep, in milliseconds.
        33 rmssd_end_avg: Decimal<1>,
        /// Mean breathing rate, under another name.
        34 chest_movement_rate_wellness_average: i64,
        /// Lowest breathing rate, under another name.
        35 chest_movement_rate_wellness_min: i64,
        /// Highest breathing rate, under another name.
        36 chest_movement_rate_wellness_max: i64,
        /// Sounds of breathing, in seconds.
        37 breathing_sounds: i64,
        /// Stretches of sounds of breathing of at least a minute.
        38 breathing_sounds_episode_count: i64,
        /// Mean rate of the chest's movements asleep, per minute.
        39 chest_movement_rate_average: i64,
        /// Lowest rate of the chest's movements asleep.
        40 chest_movement_rate_min: i64,
        /// Highest rate of the chest's movements asleep.
        41 chest_movement_rate_max: i64,
        /// Lowest core body temperature asleep, in degrees Celsius.
        42 core_body_temperature_min: Decimal<3>,
        /// Highest core body temperature asleep, in degrees Celsius.
        43 core_body_temperature_max: Decimal<3>,
        /// Mean core body temperature asleep, in degrees Celsius.
        44 core_body_temperature_avg: Decimal<3>,
        /// How the temperature compares with the usual: unknown, usual or elevated.
        45 core_body_temperature_status: TemperatureStatus,
    }
}

impl Night {
    /// What follows from the stages of a night alone: nobody else has the say of it.
    pub const OF_STAGES: [&'static str; 16] = [
        "total_timeinbed",
        "total_sleep_time",
        "asleepduration",
        "lightsleepduration",
        "remsleepduration",
        "deepsleepduration",
        "sleep_efficiency",
        "sleep_latency",
        "wakeup_latency",
        "wakeupduration",
        "wakeupcount",
        "waso",
        "nb_rem_episodes",
        "durationtosleep",
        "durationtowakeup",
        "out_of_bed_count",
    ];

    /// What an answer holds where nobody asked for certain fields (wire-quirks 28).
    pub const DEFAULT: [&'static str; 15] = [
        "wakeupduration",
        "wakeupcount",
        "durationtosleep",
        "remsleepduration",
        "durationtowakeup",
        "total_timeinbed",
        "total_sleep_time",
        "sleep_efficiency",
        "sleep_latency",
        "wakeup_latency",
        "waso",
        "nb_rem_episodes",
        "out_of_bed_count",
        "lightsleepduration",
        "deepsleepduration",
    ];
}

/// What somebody in bed does. Other numbers are kept and given out, and count as awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct State(pub i64);

impl State {
    /// Awake.
    pub const AWAKE: Self = Self(0);
    /// In light sleep.
    pub const LIGHT: Self = Self(1);
    /// In deep sleep.
    pub const DEEP: Self = Self(2);
    /// In REM sleep.
    pub const REM: Self = Self(3);
    /// Asleep, as somebody typed in.
    pub const MANUAL: Self = Self(4);
    /// Asleep, nobody knows how.
    pub const UNSPECIFIED: Self = Self(5);
    /// Out of bed.
    pub const OUT_OF_BED: Self = Self(15);

    /// Whether it is sleep.
    pub fn is_sleep(self) -> bool {
        (Self::LIGHT..=Self::UNSPECIFIED).contains(&self)
    }

    /// Whether it is in bed.
    pub fn is_in_bed(self) -> bool {
        self != Self::OUT_OF_BED
    }
}

/// A stretch of one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// When it began.
    pub start: i64,
    /// When it ended: not part of it.
    pub end: i64,
    /// What it was.
    pub state: State,
}

impl Stage {
    /// How long it lasted.
    pub fn seconds(&self) -> i64 {
        self.end.saturating_sub(self.start)
    }
}

/// What was noticed at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vital {
    /// When.
    pub at: i64,
    /// What.
    pub values: Vitals,
}

/// What a device said first, with what it said later: where they overlap, the later counts, and
/// what is left of the earlier is cut. In the order of their beginnings.
pub fn overlaid(earlier: &[Stage], later: &[Stage]) -> Vec<Stage> {
    let mut all = earlier.to_vec();
    for over in later.iter().filter(|stage| stage.seconds() > 0) {
        let mut left = Vec::with_capacity(all.len() + 2);
        for stage in all {
            let before = Stage { end: stage.end.min(over.start), ..stage };
            let after = Stage { start: stage.start.max(over.end), ..stage };
            left.extend([before, after].into_iter().filter(|part| part.seconds() > 0));
        }
        left.push(*over);
        all = left;
    }
    all.sort_by_key(|stage| stage.start);
    all
}

/// Somebody who is out of bed for as long has ended the night; what comes after is another.
pub const NIGHT_GAP_SECONDS: i64 = 2 * 3_600;
/// A night that lasts longer is cut: somebody who never gets up has nights all the same.
pub const NIGHT_SECONDS_MAX: i64 = 24 * 3_600;

/// Cuts stages, which are in order and do not overlap, into nights. A stage out of bed belongs to
/// no night's beginning or end.
pub fn nights(stages: &[Stage]) -> Vec<&[Stage]> {
    let mut nights = Vec::new();
    let mut rest = stages;
    while let Some(first) = rest.iter().position(|stage| stage.state.is_in_bed()) {
        rest = &rest[first..];
        let mut length = 1;
        let (start, mut left_bed) = (rest[0].start, rest[0].end);
        for (at, stage) in rest.iter().enumerate().skip(1) {
            let is_over = stage.start - left_bed >= NIGHT_GAP_SECONDS
                || stage.end - start > NIGHT_SECONDS_MAX;
            if !stage.state.is_in_bed() {
                continue;
            }
            if is_over {
                break;
            }
            (length, left_bed) = (at + 1, stage.end);
        }
        let (night, after) = rest.split_at(length);
        nights.push(night);
        rest = after;
    }
    nights
}
