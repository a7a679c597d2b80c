//! Single beats: the distances of those of one minute, from which variability is computed and
//! pulses are made.
//!
//! A minute holds as many beats as its rate says, and begins with one, so that no minute needs the
//! one before. Breath and the ten-second waves of blood pressure come out even in a minute, and go
//! on in the next. Two waves and a little chance make the distances of a regular heart (McSharry et
//! al., IEEE TBME 2003;50:289, in time rather than in frequency); while the atria fibrillate they
//! are a floor and an exponential tail (Hennig et al., arXiv cond-mat/0605295).
//!
//! What it deliberately does not do: beats out of order, changes of rate within a minute.

use crate::Persona;
use crate::calendar::MINUTE;
use crate::curve::{Point, straight, whole};
use crate::random::{Kind, Stream};
use crate::wave::{cosine, sine};

/// What the heart does in a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace {
    pub(crate) bpm: i64,
    /// Breaths per minute.
    pub(crate) breaths: i64,
    /// The root mean square of the differences of successive distances that is aimed at, in ms.
    pub(crate) rmssd_ms: f64,
    /// The slow wave in parts of the breath's: more when standing and in REM sleep. \[mem\]
    pub(crate) slow: f64,
    pub(crate) fibrillates: bool,
}

/// Chance in parts of the breath's wave.
const CHANCE: f64 = 0.35;
/// Waves of blood pressure in a minute: one in ten seconds (Mayer).
const SLOW_WAVES: f64 = 6.0;
/// An exponential value by a lot of 1,000, of mean 1.
const TAIL: [Point; 9] = [
    (0.0, 0.0),
    (221.0, 0.25),
    (394.0, 0.5),
    (632.0, 1.0),
    (777.0, 1.5),
    (865.0, 2.0),
    (950.0, 3.0),
    (982.0, 4.0),
    (1_000.0, 5.5),
];
/// The floor of the distances while the atria fibrillate, in parts of their mean: with it they vary
/// by a quarter. \[mem\]
const FLOOR: f64 = 0.74;

/// The distances between the beats of a minute, in seconds. They fill it.
pub(crate) fn distances(persona: &Persona, at: i64, pace: Pace) -> Vec<f64> {
    let count = pace.bpm.clamp(20, 240) as usize;
    let minute = at.div_euclid(MINUTE);
    let draws = Stream::new(persona.seed, Kind::Beats);
    let mean = 60.0 / count as f64;
    let mut distances = Vec::with_capacity(count);
    if pace.fibrillates {
        for beat in 0..count as u64 {
            let lot = draws.below(minute, beat, 1_000) as f64;
            distances.push(mean * (FLOOR + (1.0 - FLOOR) * straight(&TAIL, lot)));
        }
    } else {
        let fast = pace.breaths.clamp(4, 40) as f64;
        let height = height(pace, mean, fast / 60.0);
        for beat in 0..count {
            let turns = beat as f64 / count as f64;
            let chance = CHANCE * draws.rough(minute, beat as u64);
            let swing = sine(fast * turns) + pace.slow * sine(SLOW_WAVES * turns) + chance;
            distances.push((mean + height * swing).max(mean * 0.5));
        }
    }
    let sum: f64 = distances.iter().sum();
    distances.iter_mut().for_each(|distance| *distance *= 60.0 / sum);
    distances
}

/// The height of the breath's wave, in seconds, that gives the wanted differences: those of a wave
/// are its height times the root of 1 − cos of the turns between two beats.
fn height(pace: Pace, mean: f64, hertz: f64) -> f64 {
    let of_wave = |hertz: f64| 1.0 - cosine(hertz * mean);
    let slow = pace.slow * pace.slow * of_wave(SLOW_WAVES / 60.0);
    let unit = (of_wave(hertz) + slow + 2.0 * CHANCE * CHANCE).sqrt();
    // No heart swings by more than a fifth.
    (pace.rmssd_ms / 1_000.0 / unit).min(mean * 0.2)
}

/// RMSSD and SDNN of distances, in ms.
pub(crate) fn variability(distances: &[f64]) -> (i64, i64) {
    let count = distances.len().max(2) as f64;
    let mean = distances.iter().sum::<f64>() / count;
    let square = |value: f64| value * value;
    let apart: f64 = distances.windows(2).map(|pair| square(pair[1] - pair[0])).sum();
    let spread: f64 = distances.iter().map(|distance| square(distance - mean)).sum();
    let ms = |squares: f64, count: f64| whole((squares / count).sqrt() * 1_000.0);
    (ms(apart, count - 1.0).clamp(2, 400), ms(spread, count).clamp(2, 400))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGULAR: Pace =
        Pace { bpm: 60, breaths: 15, rmssd_ms: 40.0, slow: 1.0, fibrillates: false };

    #[test]
    fn beats_fill_the_minute_and_vary_as_asked() {
        let demo = Persona::demo();
        for bpm in [45, 60, 75, 110] {
            for rmssd_ms in [15.0, 30.0, 60.0] {
                let pace = Pace { bpm, rmssd_ms, ..REGULAR };
                let beats = distances(&demo, 1_795_376_880, pace);
                assert_eq!(beats.len() as i64, bpm);
                assert!((beats.iter().sum::<f64>() - 60.0).abs() < 1e-9);
                let (rmssd, _) = variability(&beats);
                let off = rmssd as f64 / rmssd_ms;
                assert!((0.75..1.3).contains(&off), "{bpm} {rmssd_ms} {rmssd}");
            }
        }
    }

    #[test]
    fn there_is_no_order_while_the_atria_fibrillate() {
        let demo = Persona::demo();
        let beats = distances(&demo, 60_000, Pace { bpm: 90, fibrillates: true, ..REGULAR });
        let (rmssd, sdnn) = variability(&beats);
        let share = sdnn as f64 / (60_000.0 / 90.0);
        assert!((0.15..0.4).contains(&share), "{share}");
        assert!(rmssd > 100, "{rmssd}");
    }
}
