//! Workouts: what is known of one, and what the minutes of its time add to that. Where it is stored
//! is not decided here.

use crate::activity::{Body, Pulse, Sample};
use crate::fields::{Fields as _, TemperatureStatus, fields};

fields! {
    /// What is known of a workout.
    pub struct Workout {
        /// Active calories, in kilocalories.
        1 calories: i64,
        /// How hard it was, from 0 to 100, as the person says; 0: not said.
        2 intensity: i64,
        /// The same, typed in.
        3 manual_intensity: i64,
        /// Distance, in metres, typed in.
        4 manual_distance: i64,
        /// Active calories, in kilocalories, typed in.
        5 manual_calories: i64,
        /// Mean heart rate, in beats per minute.
        6 hr_average: i64,
        /// Lowest heart rate.
        7 hr_min: i64,
        /// Highest heart rate.
        8 hr_max: i64,
        /// Heart rate below half of the highest for the age, in seconds.
        9 hr_zone_0: i64,
        /// From 50 to below 70 percent of it, in seconds.
        10 hr_zone_1: i64,
        /// From 70 to below 90 percent of it, in seconds.
        11 hr_zone_2: i64,
        /// From 90 percent of it, in seconds.
        12 hr_zone_3: i64,
        /// Pauses the person entered, in seconds.
        13 pause_duration: i64,
        /// Pauses the device noticed, in seconds.
        14 algo_pause_duration: i64,
        /// Mean oxygen saturation, in percent.
        15 spo2_average: i64,
        /// Mean core body temperature, in degrees Celsius.
        16 core_body_temperature_avg: i64,
        /// Lowest core body temperature, in degrees Celsius.
        17 core_body_temperature_min: i64,
        /// Highest core body temperature, in degrees Celsius.
        18 core_body_temperature_max: i64,
        /// How the temperature compares with the usual: unknown, usual or elevated.
        19 core_body_temperature_status: TemperatureStatus,
        /// Steps.
        20 steps: i64,
        /// Distance, in metres.
        21 distance: i64,
        /// Floors climbed.
        22 elevation: i64,
        /// Laps in a pool.
        23 pool_laps: i64,
        /// Swimming strokes.
        24 strokes: i64,
        /// Length of the pool, in metres.
        25 pool_length: i64,
    }
}

/// Categories that are stored under another number of the reference's table, `Other`.
pub const OTHER: i64 = 36;

/// What a workout adds up to: what was said of it counts, and the samples of its time fill in what
/// was not. A sample belongs to it if it began in it.
pub fn summary<'s>(
    said: &Workout,
    samples: impl Iterator<Item = &'s Sample>,
    body: &Body,
) -> Workout {
    let mut found = Found::default();
    let mut pulse = Pulse::new(body);
    for sample in samples {
        pulse.add(sample);
        found.add(sample);
    }
    let pulse = pulse.activity();
    let whole = |sum: Option<i64>| sum.map(|sum| (sum + 500) / 1_000);
    let computed = Workout {
        calories: whole(found.calories),
        hr_average: pulse.hr_average,
        hr_min: pulse.hr_min,
        hr_max: pulse.hr_max,
        hr_zone_0: pulse.hr_zone_0,
        hr_zone_1: pulse.hr_zone_1,
        hr_zone_2: pulse.hr_zone_2,
        hr_zone_3: pulse.hr_zone_3,
        steps: found.steps,
        distance: whole(found.distance),
        elevation: whole(found.elevation),
        pool_laps: found.pool_laps,
        strokes: found.strokes,
        spo2_average: mean(&found.oxygen),
        core_body_temperature_avg: mean(&found.degrees),
        core_body_temperature_min: whole(found.degrees.iter().min().copied()),
        core_body_temperature_max: whole(found.degrees.iter().max().copied()),
        ..Workout::default()
    };
    computed.under(said)
}

#[derive(Default)]
struct Found {
    steps: Option<i64>,
    calories: Option<i64>,
    distance: Option<i64>,
    elevation: Option<i64>,
    pool_laps: Option<i64>,
    strokes: Option<i64>,
    oxygen: Vec<i64>,
    degrees: Vec<i64>,
}

impl Found {
    fn add(&mut self, sample: &Sample) {
        let add = |sum: &mut Option<i64>, digits: Option<i64>| {
            if let Some(digits) = digits {
                *sum = Some(sum.unwrap_or(0).saturating_add(digits.max(0)));
            }
        };
        let values = &sample.values;
        add(&mut self.steps, values.steps);
        add(&mut self.calories, values.calories.map(|digits| digits.0));
        add(&mut self.distance, values.distance.map(|digits| digits.0));
        add(&mut self.elevation, values.elevation.map(|digits| digits.0));
        add(&mut self.pool_laps, values.pool_lap);
        add(&mut self.strokes, values.stroke);
        self.oxygen.extend(values.spo2_auto.map(|digits| digits.0));
        self.degrees.extend(values.core_body_temperature.map(|digits| digits.0));
    }
}

/// The mean of thousandths, as a whole number.
fn mean(thousandths: &[i64]) -> Option<i64> {
    let count = i64::try_from(thousandths.len()).ok().filter(|count| *count > 0)?;
    let sum = thousandths.iter().fold(0_i64, |sum, one| sum.saturating_add(*one));
    Some((sum / count + 500).div_euclid(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Intraday;
    use crate::fields::Decimal;

    #[test]
    fn what_was_said_counts_and_the_minutes_fill_in_the_rest() {
        let minute = |at: i64, steps: i64, rate: i64| Sample {
            at,
            values: Intraday {
                steps: Some(steps),
                heart_rate: Some(rate),
                distance: Some(Decimal(100_400)),
                spo2_auto: Some(Decimal(96_500)),
                ..Intraday::default()
            },
        };
        let said = Workout { steps: Some(500), pool_length: Some(25), ..Workout::default() };
        let body = Body { age_years: Some(40), ..Body::default() };
        let samples = [minute(0, 150, 100), minute(60, 160, 131)];
        let workout = summary(&said, samples.iter(), &body);
        assert_eq!((workout.steps, workout.pool_length), (Some(500), Some(25)));
        assert_eq!((workout.distance, workout.calories), (Some(201), None));
        // (100 + 131) / 2 = 115.5; 55 and 72 percent of 180.
        assert_eq!(
            (workout.hr_average, workout.hr_min, workout.hr_max),
            (Some(116), Some(100), Some(131))
        );
        assert_eq!((workout.hr_zone_1, workout.hr_zone_2), (Some(60), Some(60)));
        assert_eq!((workout.spo2_average, workout.strokes), (Some(97), None));
    }

    #[test]
    fn of_nothing_there_is_nothing() {
        assert!(summary(&Workout::default(), [].iter(), &Body::default()).is_empty());
    }
}
