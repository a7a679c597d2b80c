//! The filtered version of an electrocardiogram: what the heart does, without the slow wander of
//! the skin and without muscles and mains. No wave is shifted, as each filter runs forwards and
//! backwards. It finds no beats and judges no signal.
//!
//! Everything is + − × ÷ √ on 64-bit floats, and `libm` for one tangent a filter, so that every
//! machine answers the same integers.

use std::f64::consts::{PI, SQRT_2};

/// Below it is what moves the line: breathing and the skin.
const LOW_HERTZ: f64 = 0.5;
/// Above it is what shakes the line: muscles and mains.
const HIGH_HERTZ: f64 = 40.0;
/// Reflected before the first and after the last sample: in so many seconds a filter of 0.5 Hz
/// forgets where it began.
const REFLECTED_SECONDS: u32 = 4;

/// The samples of an electrocardiogram between 0.5 and 40 Hz; above 0.5 Hz where the rate is too
/// low for more. As many come back as were given.
pub fn electrocardiogram(samples: &[i64], hertz: u32) -> Vec<i64> {
    let nyquist = f64::from(hertz) / 2.0;
    // There is nothing in between.
    if nyquist <= LOW_HERTZ {
        return vec![0; samples.len()];
    }
    let mut sections = vec![Section::high_pass(LOW_HERTZ, hertz)];
    if nyquist > HIGH_HERTZ {
        sections.push(Section::low_pass(HIGH_HERTZ, hertz));
    }
    let reflected_samples = REFLECTED_SECONDS.saturating_mul(hertz) as usize;
    let around = samples.len().saturating_sub(1).min(reflected_samples);
    let mut line = reflected(samples, around);
    for _ in 0..2 {
        sections.iter().for_each(|section| section.run(&mut line));
        line.reverse();
    }
    line[around..around + samples.len()].iter().copied().map(rounded).collect()
}

/// To the nearest integer, half away from zero, and to the last there is if it is beyond.
pub(crate) fn rounded(value: f64) -> i64 {
    value.round() as i64
}

/// The samples, with so many of them turned around each end: value and slope go on.
fn reflected(samples: &[i64], around: usize) -> Vec<f64> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Vec::new() };
    let turned = |end: i64, sample: &i64| 2.0 * end as f64 - *sample as f64;
    let mut line = Vec::with_capacity(samples.len() + 2 * around);
    line.extend(samples[1..=around].iter().rev().map(|sample| turned(*first, sample)));
    line.extend(samples.iter().map(|sample| *sample as f64));
    let before_last = samples.iter().rev().skip(1).take(around);
    line.extend(before_last.map(|sample| turned(*last, sample)));
    line
}

/// One filter of second order, of Butterworth's shape: flat where it passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section {
    /// Of this sample, the one before, and the one before that.
    forward: [f64; 3],
    /// Of the two results before.
    back: [f64; 2],
    /// What is left of a constant.
    constant: f64,
}

impl Section {
    /// What is above a frequency, which is below half the rate.
    pub(crate) fn high_pass(hertz: f64, rate: u32) -> Self {
        let (_, gain, back) = shape(hertz, rate);
        Self { forward: [gain, -2.0 * gain, gain], back, constant: 0.0 }
    }

    /// What is below a frequency, which is below half the rate.
    pub(crate) fn low_pass(hertz: f64, rate: u32) -> Self {
        let (warped, gain, back) = shape(hertz, rate);
        let gain = gain * warped * warped;
        Self { forward: [gain, 2.0 * gain, gain], back, constant: 1.0 }
    }

    /// Filters in place, as if the first sample had been there for ever.
    pub(crate) fn run(&self, line: &mut [f64]) {
        let Some(&first) = line.first() else { return };
        let ([b0, b1, b2], [a1, a2]) = (self.forward, self.back);
        let settled = self.constant * first;
        let mut second = b2 * first - a2 * settled;
        let mut next = b1 * first - a1 * settled + second;
        for value in line {
            let result = b0 * *value + next;
            next = b1 * *value - a1 * result + second;
            second = b2 * *value - a2 * result;
            *value = result;
        }
    }
}

/// The tangent that stands for a frequency, the gain of a high-pass there, and its way back: the
/// bilinear transform of s² + √2 s + 1.
fn shape(hertz: f64, rate: u32) -> (f64, f64, [f64; 2]) {
    let warped = libm::tan(PI * hertz / f64::from(rate));
    let square = warped * warped;
    let gain = 1.0 / (1.0 + SQRT_2 * warped + square);
    let back = [2.0 * (square - 1.0) * gain, (1.0 - SQRT_2 * warped + square) * gain];
    (warped, gain, back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: u32 = 300;

    fn sine(hertz: f64, rate: u32) -> Vec<i64> {
        let at = |at: u32| libm::sin(2.0 * PI * hertz * f64::from(at) / f64::from(rate));
        (0..30 * rate).map(|sample| rounded(1_000.0 * at(sample))).collect()
    }

    /// What is left of a sine, away from its ends.
    fn left_of(hertz: f64, rate: u32) -> f64 {
        let (before, after) = (sine(hertz, rate), electrocardiogram(&sine(hertz, rate), rate));
        let middle = (10 * rate) as usize..(20 * rate) as usize;
        let power = |line: &[i64]| {
            line[middle.clone()].iter().map(|sample| (sample * sample) as f64).sum::<f64>()
        };
        (power(&after) / power(&before)).sqrt()
    }

    #[test]
    fn an_offset_vanishes() {
        for offset in [-2_000_000, 7, 4_000] {
            let filtered = electrocardiogram(&vec![offset; 9_000], RATE);
            assert!(filtered.iter().all(|sample| *sample == 0));
        }
    }

    #[test]
    fn what_the_heart_does_passes() {
        for rate in [250, RATE, 500] {
            assert!((left_of(10.0, rate) - 1.0).abs() < 0.02, "{}", left_of(10.0, rate));
            assert!((left_of(1.5, rate) - 1.0).abs() < 0.02, "{}", left_of(1.5, rate));
        }
    }

    #[test]
    fn what_wanders_and_what_shakes_is_damped() {
        for hertz in [0.1, 100.0, 140.0] {
            assert!(left_of(hertz, RATE) < 0.1, "{hertz} Hz: {}", left_of(hertz, RATE));
        }
    }

    #[test]
    fn nothing_is_shifted() {
        let mut samples = vec![0_i64; 3_000];
        (0..=10_i64).for_each(|at| samples[1_495 + at as usize] = 1_000 - 180 * (at - 5).abs());
        let filtered = electrocardiogram(&samples, RATE);
        assert_eq!((0..3_000).max_by_key(|at| filtered[*at]), Some(1_500));
        assert!((1..50).all(|away| filtered[1_500 - away] == filtered[1_500 + away]));
    }

    #[test]
    fn a_slow_rate_is_only_kept_from_wandering() {
        assert!((left_of(30.0, 75) - 1.0).abs() < 0.02, "{}", left_of(30.0, 75));
        assert!(left_of(0.1, 75) < 0.1);
        assert_eq!(electrocardiogram(&[5, 9, 2], 1), [0, 0, 0]);
        assert_eq!(electrocardiogram(&[5, 9, 2], 0), [0, 0, 0]);
    }

    #[test]
    fn so_few_samples_are_filtered_too() {
        assert_eq!(electrocardiogram(&[], RATE), []);
        assert_eq!(electrocardiogram(&[800], RATE), [0]);
        assert_eq!(electrocardiogram(&[800, 800], RATE), [0, 0]);
        assert_eq!(electrocardiogram(&[0, 600], RATE).len(), 2);
    }

    #[test]
    fn a_half_is_rounded_away_from_zero() {
        assert_eq!([0.5, -0.5, 1.5, -2.5, 0.49].map(rounded), [1, -1, 2, -3, 0]);
        assert_eq!([1e300, -1e300, f64::NAN].map(rounded), [i64::MAX, i64::MIN, 0]);
    }

    #[test]
    fn what_is_too_large_stays_the_largest_there_is() {
        let mut samples = vec![i64::MIN; 900];
        samples[300..330].fill(i64::MAX);
        let filtered = electrocardiogram(&samples, RATE);
        assert_eq!(filtered.iter().max(), Some(&i64::MAX));
        assert!(filtered[280] < 0 && filtered[350] < 0);
    }

    #[test]
    fn the_integers_are_the_same_on_every_machine() {
        let samples: Vec<i64> = (0..12).map(|at| at * at % 7 * 100).collect();
        let known = [-87, 40, 130, 167, 157, 115, 62, 32, 44, 72, 81, 66];
        assert_eq!(electrocardiogram(&samples, RATE), known);
    }

    proptest! {
        #[test]
        fn as_many_come_back_as_were_given(
            samples: Vec<i64>, rate in prop_oneof![0..1_000_u32, any::<u32>()],
        ) {
            prop_assert_eq!(electrocardiogram(&samples, rate).len(), samples.len());
        }
    }
}
