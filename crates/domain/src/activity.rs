//! What a person does in a day: samples of minutes, the day they add up to, and which of several
//! devices counts. Formulas and where they are from: docs/summaries.md. When a day begins and what
//! is stored are not decided here.

mod energy;
#[cfg(test)]
mod tests;

pub use energy::Body;

use crate::fields::{Decimal, Fields, fields};
use std::collections::BTreeMap;

fields! {
    /// What a device noticed in a minute, or however long it says.
    pub struct Intraday {
        /// Steps.
        1 steps: i64,
        /// Floors climbed.
        2 elevation: Decimal<3>,
        /// Active calories, in kilocalories.
        3 calories: Decimal<3>,
        /// Distance, in metres.
        4 distance: Decimal<3>,
        /// Swimming strokes.
        5 stroke: i64,
        /// Laps in a pool.
        6 pool_lap: i64,
        /// How long it was, in seconds.
        7 duration: i64,
        /// Heart rate, in beats per minute.
        8 heart_rate: i64,
        /// Oxygen saturation the device took by itself, in percent.
        9 spo2_auto: Decimal<3>,
        /// Root mean square of the differences of successive heart beats, in milliseconds.
        10 rmssd: Decimal<3>,
        /// Standard deviation of the intervals of heart beats over a minute, in milliseconds.
        11 sdnn1: Decimal<3>,
        /// How good the two are.
        12 hrv_quality: i64,
        /// Core body temperature, in degrees Celsius.
        13 core_body_temperature: Decimal<3>,
        /// Breaths per minute.
        14 rr: i64,
        /// Movements of the chest per minute.
        15 chest_movement_rate: i64,
    }
}

fields! {
    /// What a day adds up to.
    pub struct Activity {
        /// Steps.
        1 steps: i64,
        /// Distance, in metres.
        2 distance: Decimal<3>,
        /// Floors climbed.
        3 elevation: Decimal<3>,
        /// Soft activity, in seconds.
        4 soft: i64,
        /// Moderate activity, in seconds.
        5 moderate: i64,
        /// Intense activity, in seconds.
        6 intense: i64,
        /// Moderate and intense activity, in seconds.
        7 active: i64,
        /// Active calories, in kilocalories.
        8 calories: Decimal<3>,
        /// Active and passive calories, in kilocalories.
        9 totalcalories: Decimal<3>,
        /// Mean heart rate, in beats per minute.
        10 hr_average: i64,
        /// Lowest heart rate.
        11 hr_min: i64,
        /// Highest heart rate.
        12 hr_max: i64,
        /// Heart rate below half of the highest for the age, in seconds.
        13 hr_zone_0: i64,
        /// From 50 to below 70 percent of it, in seconds.
        14 hr_zone_1: i64,
        /// From 70 to below 90 percent of it, in seconds.
        15 hr_zone_2: i64,
        /// From 90 percent of it, in seconds.
        16 hr_zone_3: i64,
    }
}

/// A sample lasts this long where it does not say.
pub const SAMPLE_SECONDS: i64 = 60;

/// What a device noticed from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When it began.
    pub at: i64,
    /// What was noticed.
    pub values: Intraday,
}

impl Sample {
    /// How long it lasted.
    pub fn seconds(&self) -> i64 {
        self.values.duration.unwrap_or(SAMPLE_SECONDS).max(1)
    }

    fn end(&self) -> i64 {
        self.at.saturating_add(self.seconds())
    }
}

/// Fields of which one device has the say at a time: the steps of a watch do not go with the
/// distance of a phone. [`Intraday::duration`] belongs to all of them.
const TOGETHER: [&[u16]; 5] = [&[1, 2, 3, 4, 5, 6], &[8, 10, 11, 12], &[9], &[13], &[14, 15]];

/// Samples of several devices as if they were of one: what a device of an earlier list says of a
/// stretch of time counts, and what later ones say of it does not. With each sample the number of
/// the list its device stands for.
pub fn merged(mut sources: Vec<Vec<Sample>>) -> Vec<(usize, Sample)> {
    sources.iter_mut().for_each(|samples| samples.sort_by_key(|sample| sample.at));
    if let [only] = sources.as_mut_slice() {
        return std::mem::take(only).into_iter().map(|sample| (0, sample)).collect();
    }
    let mut taken: [Vec<(i64, i64)>; TOGETHER.len()] = Default::default();
    let mut all: BTreeMap<i64, (usize, Intraday)> = BTreeMap::new();
    for (source, samples) in sources.into_iter().enumerate() {
        let mut new: [Vec<(i64, i64)>; TOGETHER.len()] = Default::default();
        for sample in samples {
            let (start, end) = (sample.at, sample.end());
            let mut kept = Intraday::default();
            for (group, numbers) in TOGETHER.iter().enumerate() {
                let has = numbers.iter().any(|number| sample.values.digits(*number).is_some());
                if !has || overlaps(&taken[group], start, end) {
                    continue;
                }
                numbers.iter().for_each(|number| kept.set(*number, sample.values.digits(*number)));
                new[group].push((start, end));
            }
            if kept.is_empty() {
                continue;
            }
            // Said in any case: the length of another device's sample is not this one's.
            kept.duration = Some(sample.seconds());
            let entry = all.entry(start).or_insert((source, Intraday::default()));
            // What stood there first stays: it is of a device that counts more.
            entry.1 = kept.under(&entry.1);
        }
        for (group, spans) in new.into_iter().enumerate() {
            taken[group].extend(spans);
            taken[group] = joined(std::mem::take(&mut taken[group]));
        }
    }
    all.into_iter().map(|(at, (source, values))| (source, Sample { at, values })).collect()
}

/// Stretches of time as few as can be, in their order.
fn joined(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut out: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

fn overlaps(spans: &[(i64, i64)], start: i64, end: i64) -> bool {
    let before = spans.partition_point(|span| span.0 < end);
    before.checked_sub(1).is_some_and(|last| spans[last].1 > start)
}

/// What samples of one day, each counted once, add up to. `seconds` is how long the day is: not
/// every day has 24 hours.
pub fn day<'s>(samples: impl Iterator<Item = &'s Sample>, body: &Body, seconds: i64) -> Activity {
    let mut sums = Sums::default();
    let mut pulse = Pulse::new(body);
    for sample in samples {
        sums.add(sample, body);
        pulse.add(sample);
    }
    let distance = sums.distance.unwrap_or_else(|| body.walked_millimetres(sums.steps));
    let passive = body.basal_kilocalories(seconds);
    let calories = sums.calories;
    Activity {
        steps: Some(sums.steps),
        distance: Some(Decimal(distance)),
        elevation: Some(Decimal(sums.elevation)),
        soft: Some(sums.soft),
        moderate: Some(sums.moderate),
        intense: Some(sums.intense),
        active: Some(sums.moderate + sums.intense),
        calories: Some(Decimal(calories)),
        totalcalories: Some(Decimal(calories.saturating_add(passive))),
        ..pulse.activity()
    }
}

#[derive(Default)]
struct Sums {
    steps: i64,
    /// In millimetres, if any sample says.
    distance: Option<i64>,
    elevation: i64,
    calories: i64,
    soft: i64,
    moderate: i64,
    intense: i64,
}

impl Sums {
    fn add(&mut self, sample: &Sample, body: &Body) {
        let values = &sample.values;
        let steps = values.steps.unwrap_or(0).max(0);
        self.steps = self.steps.saturating_add(steps);
        if let Some(distance) = values.distance {
            let sum = self.distance.unwrap_or(0).saturating_add(distance.0.max(0));
            self.distance = Some(sum);
        }
        let positive = |digits: Option<Decimal<3>>| digits.map_or(0, |digits| digits.0.max(0));
        self.elevation = self.elevation.saturating_add(positive(values.elevation));
        let calories = match values.calories {
            Some(calories) => calories.0.max(0),
            None => body.walking_kilocalories(steps, sample.seconds()),
        };
        self.calories = self.calories.saturating_add(calories);
        let seconds = sample.seconds();
        match body.intensity(steps, values.calories.map(|_| calories), seconds) {
            Intensity::Rest => {}
            Intensity::Soft => self.soft = self.soft.saturating_add(seconds),
            Intensity::Moderate => self.moderate = self.moderate.saturating_add(seconds),
            Intensity::Intense => self.intense = self.intense.saturating_add(seconds),
        }
    }
}

/// How hard somebody moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intensity {
    /// Not to speak of.
    Rest,
    /// As in a stroll.
    Soft,
    /// As in a walk.
    Moderate,
    /// As in a run.
    Intense,
}

/// Heart rates, added up.
#[derive(Debug)]
pub struct Pulse {
    beats_max: i64,
    seconds: i64,
    weighted: i64,
    min: i64,
    max: i64,
    zones: [i64; 4],
}

impl Pulse {
    /// None yet.
    pub fn new(body: &Body) -> Self {
        let beats_max = body.heart_rate_max_bpm();
        Self { beats_max, seconds: 0, weighted: 0, min: i64::MAX, max: i64::MIN, zones: [0; 4] }
    }

    /// Adds the heart rate of a sample, if it has one. One of 0 says that none was found.
    pub fn add(&mut self, sample: &Sample) {
        let Some(rate) = sample.values.heart_rate.filter(|rate| (1..1_000).contains(rate)) else {
            return;
        };
        let seconds = sample.seconds();
        self.seconds = self.seconds.saturating_add(seconds);
        self.weighted = self.weighted.saturating_add(rate.saturating_mul(seconds));
        self.min = self.min.min(rate);
        self.max = self.max.max(rate);
        let zone = match rate * 100 / self.beats_max {
            ..50 => 0,
            50..70 => 1,
            70..90 => 2,
            90.. => 3,
        };
        self.zones[zone] = self.zones[zone].saturating_add(seconds);
    }

    /// What they come to; nothing where there was none.
    pub fn activity(&self) -> Activity {
        if self.seconds == 0 {
            return Activity::default();
        }
        let [light, moderate, intense, maximal] = self.zones;
        Activity {
            hr_average: Some((self.weighted.saturating_mul(2) / self.seconds + 1) / 2),
            hr_min: Some(self.min),
            hr_max: Some(self.max),
            hr_zone_0: Some(light),
            hr_zone_1: Some(moderate),
            hr_zone_2: Some(intense),
            hr_zone_3: Some(maximal),
            ..Activity::default()
        }
    }
}
