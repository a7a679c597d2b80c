//! Random streams without a shared generator: each (seed, person, day, kind, instance) has its own.
//!
//! So neither the order in which signals are made nor which of them are asked for changes a draw,
//! and a new kind of signal leaves the old ones as they were. A person's key is a hash of seed and
//! person, the rest chooses one of ChaCha8's 2⁶⁴ streams. Distributions are written here, one draw
//! each: a library's may take other draws in its next version.
//!
//! What it deliberately does not do: it is no source of secrets, and it asks nothing of the system.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// Separates these keys from all other hashes of a seed; another label is another world.
const LABEL: &[u8] = b"vitald signal 1";

/// Whose signal it is, and when it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Of the whole world.
    pub seed: u64,
    /// Which of its people.
    pub person: u64,
    /// Days since any day all agree on; the lowest 24 bits count.
    pub day: i32,
    /// Which recording of that day; the lowest 24 bits count.
    pub instance: u32,
}

/// What a stream of draws is for.
///
/// The numbers are part of what a seed means: append, never renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Kind {
    /// A person's waves and intervals.
    Patient = 1,
    /// Where in a breath a recording begins.
    Breath = 2,
    /// Distances between the beats of a healthy heart.
    SinusBeats = 3,
    /// Distances between beats while the atria fibrillate.
    FibrillationBeats = 4,
    /// What fibrillating atria draw between the beats.
    FibrillatoryWaves = 5,
    /// How loud each noise is, and the mains.
    NoiseLevels = 6,
    /// The line that wanders.
    Wander = 7,
    /// Muscles.
    Muscle = 8,
    /// An electrode that moves.
    Electrode = 9,
    /// How a person's heart sounds.
    Valves = 10,
    /// How loud a recording is.
    Loudness = 11,
    /// The noise of the microphone.
    Microphone = 12,
    /// Air in the lungs.
    Lungs = 13,
    /// Blood that can be heard.
    Murmur = 14,
    /// How a wrist is lit.
    Light = 15,
    /// The noise of that.
    LightNoise = 16,
    /// What a wrist does.
    Wrist = 17,
}

/// The draws of one recording for one purpose.
#[derive(Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of an origin and a kind.
    pub fn new(origin: Origin, kind: Kind) -> Self {
        let hash = Sha256::new_with_prefix(LABEL);
        let hash = hash.chain_update(origin.seed.to_le_bytes());
        let key = hash.chain_update(origin.person.to_le_bytes()).finalize();
        let low_bits = |number: u32| u64::from(number & 0x00ff_ffff);
        let day = low_bits(origin.day.cast_unsigned());
        let mut draws = ChaCha8Rng::from_seed(key.into());
        draws.set_stream(day << 40 | (kind as u64) << 24 | low_bits(origin.instance));
        Self(draws)
    }

    /// 64 uniform bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 up to, and without, 1.
    pub fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From one number up to another.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }

    /// Of mean 0 and standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        // In the middle of its step, so neither 0 nor 1, whose values are infinite.
        normal_quantile(((self.word() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64)
    }

    /// Above 0, of this mean; the standard deviation is a share of it.
    pub fn lognormal(&mut self, mean: f64, share: f64) -> f64 {
        let spread = 1.0 + share * share;
        mean / spread.sqrt() * libm::exp(libm::log(spread).sqrt() * self.normal())
    }
}

/// Up to here, and as far from 1, the tails have a fraction of their own.
const TAIL: f64 = 0.02425;

/// The normal value with so much probability below it: Acklam's fractions of polynomials, wrong by
/// less than 1.2 · 10⁻⁹ of the value.
fn normal_quantile(probability: f64) -> f64 {
    let tail = |probability: f64| {
        let root = (-2.0 * libm::log(probability)).sqrt();
        polynomial(&TAIL_OVER, root) / polynomial(&TAIL_UNDER, root)
    };
    if probability < TAIL {
        tail(probability)
    } else if probability > 1.0 - TAIL {
        -tail(1.0 - probability)
    } else {
        let off = probability - 0.5;
        let square = off * off;
        off * polynomial(&MIDDLE_OVER, square) / polynomial(&MIDDLE_UNDER, square)
    }
}

/// The highest power first.
fn polynomial(factors: &[f64], at: f64) -> f64 {
    factors.iter().fold(0.0, |sum, factor| sum * at + factor)
}

const MIDDLE_OVER: [f64; 6] = [
    -39.69683028665376,
    220.9460984245205,
    -275.9285104469687,
    138.357751867269,
    -30.66479806614716,
    2.506628277459239,
];
const MIDDLE_UNDER: [f64; 6] = [
    -54.47609879822406,
    161.5858368580409,
    -155.6989798598866,
    66.80131188771972,
    -13.28068155288572,
    1.0,
];
const TAIL_OVER: [f64; 6] = [
    -0.007784894002430293,
    -0.3223964580411365,
    -2.400758277161838,
    -2.549732539343734,
    4.374664141464968,
    2.938163982698783,
];
const TAIL_UNDER: [f64; 5] =
    [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ORIGIN: Origin = Origin { seed: 1, person: 2, day: 20_000, instance: 0 };

    #[test]
    fn the_generator_is_chacha_of_eight_rounds() {
        let first = |stream| {
            let mut draws = ChaCha8Rng::from_seed([0; 32]);
            draws.set_stream(stream);
            draws.next_u64().to_le_bytes()
        };
        assert_eq!(first(0), [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
        assert_eq!(first(1), [0x2b, 0x8f, 0x4b, 0xb3, 0x79, 0x83, 0x06, 0xca]);
    }

    #[test]
    fn a_stream_keeps_its_bits() {
        assert_eq!(Stream::new(ORIGIN, Kind::Wander).word(), 4_995_873_462_579_540_674);
    }

    #[test]
    fn whatever_differs_is_another_stream() {
        let other = [
            Origin { seed: 2, ..ORIGIN },
            Origin { person: 1, ..ORIGIN },
            Origin { day: -1, ..ORIGIN },
            Origin { instance: 1, ..ORIGIN },
            // Seed and person are not one number.
            Origin { seed: 2, person: 1, ..ORIGIN },
        ];
        let mut first: BTreeSet<u64> =
            other.map(|origin| Stream::new(origin, Kind::Wander).word()).into();
        first.insert(Stream::new(ORIGIN, Kind::Wander).word());
        first.insert(Stream::new(ORIGIN, Kind::Muscle).word());
        assert_eq!(first.len(), 7);
    }

    #[test]
    fn each_value_takes_one_draw() {
        let mut known = Stream::new(ORIGIN, Kind::Muscle);
        let after: Vec<u64> = (0..6).map(|_| known.word()).collect();
        let mut stream = Stream::new(ORIGIN, Kind::Muscle);
        stream.uniform();
        stream.between(1.0, 2.0);
        stream.exponential();
        stream.normal();
        stream.lognormal(1.0, 0.2);
        assert_eq!(stream.word(), after[5]);
    }

    #[test]
    fn distributions_have_their_means_and_spreads() {
        let told = |draw: fn(&mut Stream) -> f64| {
            let mut stream = Stream::new(ORIGIN, Kind::Muscle);
            let draws: Vec<f64> = (0..20_000).map(|_| draw(&mut stream)).collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum::<f64>();
            (mean, (variance / 20_000.0).sqrt())
        };
        let close = |(mean, spread): (f64, f64), to: (f64, f64)| {
            (mean - to.0).abs() < 0.03 && (spread - to.1).abs() < 0.03
        };
        assert!(close(told(Stream::uniform), (0.5, 0.2887)));
        assert!(close(told(Stream::exponential), (1.0, 1.0)));
        assert!(close(told(Stream::normal), (0.0, 1.0)));
        assert!(close(told(|stream| stream.lognormal(2.0, 0.25)), (2.0, 0.5)));
    }

    #[test]
    fn normal_values_are_where_tables_have_them() {
        let known =
            [(0.5, 0.0), (0.975, 1.959_963_985), (0.01, -2.326_347_874), (1e-9, -5.997_807_015)];
        for (probability, value) in known {
            assert!((normal_quantile(probability) - value).abs() < 1e-8, "{probability}");
        }
    }
}
