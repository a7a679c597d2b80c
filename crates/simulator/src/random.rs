//! Draws without a generator: each is a hash of (seed, kind, index, draw).
//!
//! Nobody shares a generator, so neither the order in which things are made nor the span asked for
//! changes a draw, and a new kind of signal leaves the old ones as they were. The hash is the
//! output function of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014), applied once per part of the key.
//!
//! What it deliberately does not do: it is no source of secrets, and it asks nothing of the system.

/// The odd constant of SplitMix64: 2⁶⁴ divided by the golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// How far back [`Stream::wandering`] looks, in days, and the share of a push it no longer sees.
const MEMORY: i64 = 28;
const FORGOTTEN: f64 = 1e-6;

/// What a stream of draws is for.
///
/// The numbers are part of what a seed means: append, never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Kind {
    /// Which mornings of a week have no weigh-in; index: week.
    MissedMornings = 1,
    /// When in the morning the person steps on the scale; index: day.
    MorningTime = 2,
    /// Water and gut content in the weight; index: day.
    LightWeight = 3,
    /// Noise of the bioimpedance; index: day.
    Impedance = 4,
    /// Resting heart rate from day to day; index: day.
    RestingRate = 5,
    /// Standing heart rate on the scale: whether it was caught, and its noise; index: day.
    StandingRate = 6,
    /// How long before the end of its window a moved weigh-in is placed; index: day.
    EarlyRise = 7,
    /// Which days of a week have a blood pressure; index: week.
    PressureDays = 8,
    /// Morning, evening or both, and when; index: day.
    PressureTime = 9,
    /// Blood pressure of the day; index: day.
    PressureDay = 10,
    /// Blood pressure of one reading; index: twice the day, plus one in the evening.
    PressureReading = 11,
    /// How much somebody moves on a day, and how long their walks are; index: day.
    Pace = 12,
    /// When the walks of a day begin; index: day.
    Walks = 13,
    /// Steps of single minutes; index: day.
    Steps = 14,
    /// Which days of a week have a workout; index: week.
    WorkoutDays = 15,
    /// What a workout is, and when; index: day.
    Workout = 16,
    /// Which days have a nap, and when; index: day.
    Nap = 17,
    /// Which days of a week the watch is charged; index: week.
    ChargingDays = 18,
    /// When the watch is charged; index: day.
    Charging = 19,
    /// Heart rate of single minutes; index: day.
    Pulse = 20,
    /// When somebody goes to bed and gets up; index: the day they get up.
    Bed = 21,
    /// Stages of a night; index: the day it ends.
    Stages = 22,
    /// Stages of a nap; index: day.
    NapStages = 23,
    /// What single minutes in bed are like, evenly drawn; index: the day they get up.
    InBed = 24,
    /// Heart and breathing in bed, normally drawn; index: the day they get up.
    InBedNoise = 25,
    /// Which days of a week have an electrocardiogram; index: week.
    HeartDays = 26,
    /// When an electrocardiogram is taken, and how it turns out; index: day.
    Heart = 27,
    /// What a person is made of; index: what.
    Birth = 28,
    /// Trips to other zones; index: block of six weeks.
    Trips = 29,
    /// Where somebody is in the roster of shifts; index: 0.
    Roster = 30,
    /// Fevers; index: month of thirty days.
    Fevers = 31,
    /// Which days the atria fibrillate, and when; index: day.
    Fibrillation = 32,
    /// Disturbed breathing from night to night; index: the day somebody gets up.
    Apnoea = 33,
    /// Oxygen in the blood of single minutes; index: day.
    Oxygen = 34,
    /// Temperature from day to day, and of single readings; index: day.
    Warmth = 35,
    /// Distances of single beats; index: minute since 1970.
    Beats = 36,
    /// The arteries from weigh-in to weigh-in; index: day.
    Arteries = 37,
    /// When devices hand over; index: day.
    HandOver = 38,
    /// Segments of the body on the scale, and feet; index: day.
    Segments = 39,
    /// When a temperature is taken; index: day.
    Thermometer = 40,
}

/// The draws of one person for one purpose.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The stream of a seed and a kind.
    pub fn new(seed: u64, kind: Kind) -> Self {
        Self { key: mix(mix(seed.wrapping_add(GAMMA)) ^ (kind as u64).wrapping_mul(GAMMA)) }
    }

    /// 64 uniform bits: number `draw` of those at `index`.
    pub fn word(&self, index: i64, draw: u64) -> u64 {
        let place = mix(self.key.wrapping_add((index as u64).wrapping_mul(GAMMA)));
        mix(place.wrapping_add(draw.wrapping_add(1).wrapping_mul(GAMMA)))
    }

    /// A uniform integer in `0..bound`, or 0 for an empty range.
    ///
    /// The high half of a product: one draw each, the bias is below `bound` / 2⁶⁴.
    pub fn below(&self, index: i64, draw: u64, bound: u32) -> i64 {
        ((u128::from(self.word(index, draw)) * u128::from(bound)) >> 64) as i64
    }

    /// A nearly normal value of mean 0 and standard deviation 1, within ±6.
    ///
    /// The sum of twelve 16-bit uniforms (Irwin-Hall), so no logarithm is needed. Takes draws
    /// `3 * draw` to `3 * draw + 2`.
    pub(crate) fn normal(&self, index: i64, draw: u64) -> f64 {
        let mut sum = 0_i64;
        for part in 0..3 {
            let word = self.word(index, draw * 3 + part);
            sum += (0..4).map(|piece| ((word >> (16 * piece)) & 0xffff) as i64).sum::<i64>();
        }
        (sum - 6 * 0xffff) as f64 / 65_536.0
    }

    /// A roughly normal value of mean 0 and standard deviation 1, within ±3.5: four 16-bit uniforms
    /// of one draw, for what there is very much of.
    pub(crate) fn rough(&self, index: i64, draw: u64) -> f64 {
        let word = self.word(index, draw);
        let sum: i64 = (0..4).map(|piece| ((word >> (16 * piece)) & 0xffff) as i64).sum();
        // A uniform has the variance 1/12, four of them a third.
        (sum - 2 * 0xffff) as f64 / 65_536.0 * 1.732_050_8
    }

    /// A first-order autoregression of mean 0: `persistence` is its correlation with yesterday.
    ///
    /// Each day's push is a normal value cut at ±`limit`; uncut the standard deviation would be 1.
    /// Summed over a finite past, so that no day needs the day before.
    pub(crate) fn wandering(&self, index: i64, persistence: f64, limit: f64) -> f64 {
        let mut share = (1.0 - persistence * persistence).sqrt();
        let mut sum = 0.0;
        for back in 0..MEMORY {
            sum += share * self.normal(index.saturating_sub(back), 0).clamp(-limit, limit);
            share *= persistence;
            if share < FORGOTTEN {
                break;
            }
        }
        sum
    }
}

/// The output function of SplitMix64.
fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixer_is_splitmix64() {
        // The first outputs of the published generator for seed 0.
        assert_eq!(mix(GAMMA), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(GAMMA.wrapping_mul(2)), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn draws_keep_their_bits() {
        let stream = Stream::new(1, Kind::LightWeight);
        assert_eq!(stream.word(20_000, 0), 1_230_647_222_018_208_491);
        assert_ne!(stream.word(20_000, 0), stream.word(20_000, 1));
        assert_ne!(stream.word(20_000, 0), stream.word(20_001, 0));
        assert_ne!(stream.word(20_000, 0), Stream::new(2, Kind::LightWeight).word(20_000, 0));
        assert_ne!(stream.word(20_000, 0), Stream::new(1, Kind::Impedance).word(20_000, 0));
    }

    #[test]
    fn bounded_draws_fill_their_range() {
        let stream = Stream::new(7, Kind::MorningTime);
        let mut seen = [0_u32; 7];
        for index in -3_500..3_500 {
            seen[stream.below(index, 0, 7) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1_150).contains(&count)), "{seen:?}");
        assert_eq!(stream.below(1, 0, 0), 0);
    }

    #[test]
    fn normal_values_have_mean_zero_and_spread_one() {
        let stream = Stream::new(7, Kind::Impedance);
        let draws: Vec<f64> = (0..20_000).map(|index| stream.normal(index, 0)).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn wandering_remembers_yesterday() {
        let stream = Stream::new(7, Kind::RestingRate);
        let days: Vec<f64> = (0..5_000).map(|index| stream.wandering(index, 0.6, 6.0)).collect();
        let variance = days.iter().map(|day| day * day).sum::<f64>() / 5_000.0;
        let lagged = days.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / 4_999.0;
        assert!((variance - 1.0).abs() < 0.1, "{variance}");
        assert!((lagged / variance - 0.6).abs() < 0.05, "{lagged}");
    }
}
