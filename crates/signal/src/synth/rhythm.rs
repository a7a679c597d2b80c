//! When a heart beats: regular with the breath, or without any order while the atria fibrillate.
//! It gives the rate that was asked for. It draws no waves, and knows no rate of samples.

use std::f64::consts::PI;

use super::patient::Patient;
use super::random::{Kind, Origin, Stream};

/// One beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// Of its R peak, from the beginning of the recording.
    pub at_seconds: f64,
    /// Since the R peak before.
    pub since_last_seconds: f64,
}

/// Beats after the last whose distances are fitted: enough for the waves at the end.
const BEYOND: usize = 8;
/// No two beats are closer.
const DISTANCE_MIN_SECONDS: f64 = 0.2;
/// The first and the last beat are whole.
const EDGE_SECONDS: f64 = 0.05;

/// The beats of a healthy heart. Their distances follow blood pressure, every ten seconds, and
/// breath; they vary less the faster they come.
pub(crate) fn sinus(
    patient: &Patient,
    origin: Origin,
    heart_rate_bpm: f64,
    seconds: f64,
) -> Vec<Beat> {
    let draws = &mut Stream::new(origin, Kind::SinusBeats);
    let mean = 60.0 / heart_rate_bpm;
    let start = mean * draws.between(0.15, 0.85);
    let mut waves = around(draws, 0.1, 0.01, SLOW_POWER);
    waves.extend(around(draws, patient.breaths_per_minute / 60.0, 0.02, 1.0 - SLOW_POWER));
    let inside = inside(start, mean, seconds);
    let distances = (0..inside + 1 + BEYOND).map(|beat| {
        let at = beat as f64 * mean;
        1.0 + waves.iter().map(|wave| wave.at(at)).sum::<f64>()
    });
    let spread = patient.rmssd_ms * SPREAD_OF_RMSSD * libm::exp(0.025 * (66.0 - heart_rate_bpm));
    let share = (spread / 1_000.0 / mean).clamp(0.025, 0.09);
    placed(&fitted(distances.collect(), inside, mean, (share, share)), start, seconds)
}

/// The share of the slow waves in the variance: sitting, awake.
const SLOW_POWER: f64 = 0.6;
/// The standard deviation that goes with a difference from beat to beat, for that share, waves of
/// 0.1 and 0.25 Hz and 66 beats per minute.
const SPREAD_OF_RMSSD: f64 = 1.08;

/// The beats while the atria fibrillate: hundreds of impulses a minute arrive, and the node between
/// atria and ventricles conducts those that find it rested.
pub(crate) fn fibrillation(origin: Origin, heart_rate_bpm: f64, seconds: f64) -> Vec<Beat> {
    let draws = &mut Stream::new(origin, Kind::FibrillationBeats);
    let mean = 60.0 / heart_rate_bpm;
    let start = mean * draws.between(0.15, 0.85);
    let impulses_per_second = draws.between(5.0, 8.0);
    let inside = inside(start, mean, seconds);
    let mut last = 0.63;
    let distances = (0..inside + 1 + BEYOND).map(|_| {
        last = conducted(draws, impulses_per_second, last);
        last
    });
    placed(&fitted(distances.collect(), inside, mean, (0.18, 0.36)), start, seconds)
}

/// Impulses that are looked at for one beat; a tenth of a second after the node has rested none is
/// blocked any more.
const IMPULSES_MAX: usize = 32;

/// Seconds to the next beat.
fn conducted(draws: &mut Stream, impulses_per_second: f64, last: f64) -> f64 {
    let slow_path = if draws.uniform() < 0.6 { 0.0 } else { 0.2 };
    let rested = 0.25 + 0.15 * last + slow_path;
    let mut since = 0.0;
    for _ in 0..IMPULSES_MAX {
        since += draws.exponential() / impulses_per_second;
        if draws.uniform() >= 1.0 - 10.0 * since {
            break;
        }
    }
    rested + since
}

/// One wave of a sum.
pub(super) struct Cosine {
    hertz: f64,
    phase: f64,
    height: f64,
}

impl Cosine {
    /// With a phase drawn.
    pub(super) fn new(draws: &mut Stream, hertz: f64, height: f64) -> Self {
        Self { hertz, phase: 2.0 * PI * draws.uniform(), height }
    }

    /// Its value.
    pub(super) fn at(&self, seconds: f64) -> f64 {
        self.height * libm::cos(2.0 * PI * self.hertz * seconds + self.phase)
    }
}

/// The breath during a recording, from -1 to 1: one and the same for all that it moves.
pub(super) fn breath(patient: &Patient, origin: Origin) -> Cosine {
    Cosine::new(&mut Stream::new(origin, Kind::Breath), patient.breaths_per_minute / 60.0, 1.0)
}

/// Waves about a frequency, with the power of all of them: a bell in the spectrum.
fn around(draws: &mut Stream, hertz: f64, width_hertz: f64, power: f64) -> Vec<Cosine> {
    const SIDE: i32 = 10;
    let bell = |step: i32| {
        let off = 2.5 * f64::from(step) / f64::from(SIDE);
        (off, libm::exp(-0.5 * off * off))
    };
    let all = (-SIDE..=SIDE).map(|step| bell(step).1).sum::<f64>();
    (-SIDE..=SIDE)
        .map(|step| {
            let (off, share) = bell(step);
            Cosine::new(draws, hertz + off * width_hertz, (2.0 * power * share / all).sqrt())
        })
        .collect()
}

/// How many distances are whole in the recording.
fn inside(start: f64, mean: f64, seconds: f64) -> usize {
    ((seconds - start - EDGE_SECONDS) / mean) as usize
}

/// Distances whose mean inside the recording is exactly this, and whose standard deviation there
/// is a share of it within these bounds: half a minute is too short to leave it to chance.
fn fitted(distances: Vec<f64>, inside: usize, mean: f64, share: (f64, f64)) -> Vec<f64> {
    let within = &distances[1..=inside];
    let count = inside as f64;
    let found = within.iter().sum::<f64>() / count;
    let squares = within.iter().map(|distance| (distance - found) * (distance - found));
    let spread = (squares.sum::<f64>() / count).sqrt() / found;
    let stretch = if spread > 0.0 { spread.clamp(share.0, share.1) / spread } else { 0.0 };
    let fit = |distance: f64| mean * (1.0 + stretch * (distance / found - 1.0));
    distances.into_iter().map(|distance| fit(distance).max(DISTANCE_MIN_SECONDS)).collect()
}

/// Beats with these distances, from the one before the recording to the first after it.
fn placed(distances: &[f64], start: f64, seconds: f64) -> Vec<Beat> {
    let Some((first, rest)) = distances.split_first() else { return Vec::new() };
    // However close: the beat before is before the recording.
    let first = first.max(start + EDGE_SECONDS);
    let mut beats = vec![
        Beat { at_seconds: start - first, since_last_seconds: first },
        Beat { at_seconds: start, since_last_seconds: first },
    ];
    let mut at_seconds = start;
    for distance in rest {
        at_seconds += distance;
        beats.push(Beat { at_seconds, since_last_seconds: *distance });
        if at_seconds > seconds + 0.5 {
            break;
        }
    }
    beats
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distances(beats: &[Beat]) -> Vec<f64> {
        let inside = beats.iter().filter(|beat| (0.0..30.0).contains(&beat.at_seconds));
        inside.skip(1).map(|beat| beat.since_last_seconds).collect()
    }

    /// Mean rate, and the standard deviation as a share of the mean distance.
    fn told(beats: &[Beat]) -> (f64, f64) {
        let distances = distances(beats);
        let count = distances.len() as f64;
        let mean = distances.iter().sum::<f64>() / count;
        let squares = distances.iter().map(|distance| (distance - mean) * (distance - mean));
        (60.0 / mean, (squares.sum::<f64>() / count).sqrt() / mean)
    }

    fn many() -> impl Iterator<Item = (Patient, Origin, f64)> {
        (0..200_u32).map(|person| {
            let origin = Origin { seed: 5, person: person.into(), day: 3, instance: 0 };
            let patient = Patient::of(5, person.into(), (20 + person % 60) as u8, person % 2 == 0);
            (patient, origin, f64::from(45 + person % 100))
        })
    }

    #[test]
    fn a_healthy_heart_is_regular_at_the_rate_that_was_asked_for() {
        for (patient, origin, rate) in many() {
            let (found, share) = told(&sinus(&patient, origin, rate, 30.0));
            assert!((found - rate).abs() < 2.0, "{rate}: {found}");
            assert!((0.02..0.10).contains(&share), "{rate}: {share}");
        }
    }

    #[test]
    fn fibrillation_has_no_order_and_its_rate() {
        for (_, origin, rate) in many() {
            let (found, share) = told(&fibrillation(origin, rate, 30.0));
            assert!((found - rate).abs() < 2.0, "{rate}: {found}");
            assert!((0.15..0.40).contains(&share), "{rate}: {share}");
        }
    }

    #[test]
    fn beats_cover_the_recording_and_a_little_more() {
        for (patient, origin, rate) in many() {
            for beats in [sinus(&patient, origin, rate, 20.0), fibrillation(origin, rate, 20.0)] {
                assert!(beats[0].at_seconds < 0.0);
                assert!(beats[beats.len() - 1].at_seconds > 20.4, "{rate}");
                assert!(beats.windows(2).all(|two| {
                    let distance = two[1].at_seconds - two[0].at_seconds;
                    (distance - two[1].since_last_seconds).abs() < 1e-9 && distance > 0.19
                }));
            }
        }
    }

    #[test]
    fn in_fibrillation_a_distance_says_little_of_the_next() {
        let mut sums = (0.0, 0.0);
        for (_, origin, rate) in many() {
            let distances = distances(&fibrillation(origin, rate, 30.0));
            let mean = distances.iter().sum::<f64>() / distances.len() as f64;
            let off = |distance: f64| distance / mean - 1.0;
            sums.0 += distances.windows(2).map(|two| off(two[0]) * off(two[1])).sum::<f64>();
            sums.1 += distances.iter().map(|distance| off(*distance) * off(*distance)).sum::<f64>();
        }
        assert!((sums.0 / sums.1).abs() < 0.25, "{}", sums.0 / sums.1);
    }
}
