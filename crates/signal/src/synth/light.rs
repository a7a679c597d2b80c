//! What an optical sensor sees at a wrist: green, infrared and red light that comes back, on 19
//! bits, 25 times a second. More blood is less light, so a pulse is a dip.
//!
//! It is given the beats, and knows no person; nothing in it is fit to learn a diagnosis from.

use std::f64::consts::PI;

use super::random::{Kind, Origin, Stream};

/// Samples a second.
pub const HERTZ: u32 = 25;
/// The highest count.
pub const COUNT_MAX: i64 = (1 << 19) - 1;

/// What the light goes through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skin {
    /// The age, which makes a pulse rounder.
    pub age_years: f64,
    /// Oxygen in the blood, in per cent.
    pub oxygen_percent: f64,
    /// Breaths per minute.
    pub breaths_per_minute: f64,
    /// Steps a second, which shake it; 0 at rest.
    pub steps_per_second: f64,
}

/// Counts, one a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Light {
    /// Green light.
    pub green: Vec<i64>,
    /// Infrared light.
    pub infrared: Vec<i64>,
    /// Red light.
    pub red: Vec<i64>,
}

/// Two bells over the phase of a beat: height, place and width of each (Tang et al., Sci Rep
/// 2020;10:13883, table 1): of the young, and of the old.
const YOUNG: [(f64, f64, f64); 2] = [(1.0, -1.5161, 0.6303), (0.1999, 0.8186, 1.0225)];
const OLD: [(f64, f64, f64); 2] = [(0.7303, -1.5510, 0.7283), (0.5291, -0.2553, 1.2271)];
/// The ages of the two. \[choice\]
const AGES: (f64, f64) = (20.0, 65.0);

/// Parts of the light that a pulse takes: green and infrared. \[mem\]
const GREEN_SHARE: (f64, f64) = (0.014, 0.03);
const INFRARED_SHARE: (f64, f64) = (0.006, 0.012);
/// Noise, root mean square, in counts. \[mem\]
const NOISE: f64 = 70.0;
/// What steps add, in parts of the pulse. \[choice\]
const SHAKEN: f64 = 1.6;

/// The light over these beats, from the first to the end of the last.
pub fn light(origin: Origin, distances_seconds: &[f64], skin: Skin) -> Light {
    let draws = &mut Stream::new(origin, Kind::Light);
    let green_dc = draws.between(140_000.0, 260_000.0);
    let infrared_dc = draws.between(200_000.0, 340_000.0);
    let red_dc = draws.between(140_000.0, 260_000.0);
    let green_share = draws.between(GREEN_SHARE.0, GREEN_SHARE.1);
    let infrared_share = draws.between(INFRARED_SHARE.0, INFRARED_SHARE.1);
    // The ratio of ratios: oxygen is 110 − 25 times it. [mem]
    let red_share = infrared_share * (110.0 - skin.oxygen_percent) / 25.0;
    let shape = blend(skin.age_years);
    let pulse = pulse_line(distances_seconds, &shape);
    let breath = |sample: usize| {
        let turns = sample as f64 / f64::from(HERTZ) * skin.breaths_per_minute / 60.0;
        0.15 * libm::sin(2.0 * PI * turns)
    };
    let shaken = |sample: usize| {
        let turns = sample as f64 / f64::from(HERTZ) * skin.steps_per_second;
        let moves = if skin.steps_per_second > 0.0 { SHAKEN } else { 0.0 };
        moves * libm::sin(2.0 * PI * turns)
    };
    let noise = &mut Stream::new(origin, Kind::LightNoise);
    let mut channel = |dc: f64, share: f64| -> Vec<i64> {
        let count = |(sample, pulse): (usize, &f64)| {
            let blood = pulse + breath(sample) + shaken(sample);
            let counts = dc * (1.0 - share * blood) + NOISE * noise.normal();
            (counts.round() as i64).clamp(0, COUNT_MAX)
        };
        pulse.iter().enumerate().map(count).collect()
    };
    Light {
        green: channel(green_dc, green_share),
        infrared: channel(infrared_dc, infrared_share),
        red: channel(red_dc, red_share),
    }
}

/// The shape at an age, between those of the young and the old.
fn blend(age_years: f64) -> [(f64, f64, f64); 2] {
    let part = ((age_years - AGES.0) / (AGES.1 - AGES.0)).clamp(0.0, 1.0);
    let mix = |young: f64, old: f64| young + (old - young) * part;
    let bell = |bell: usize| {
        let ((a, at, b), (c, other, d)) = (YOUNG[bell], OLD[bell]);
        (mix(a, c), mix(at, other), mix(b, d))
    };
    [bell(0), bell(1)]
}

/// The volume of blood over the beats; a heart that had little time to fill pushes little.
fn pulse_line(distances: &[f64], shape: &[(f64, f64, f64); 2]) -> Vec<f64> {
    let seconds: f64 = distances.iter().sum();
    let samples = (seconds * f64::from(HERTZ)).round() as usize;
    let mut line = Vec::with_capacity(samples);
    let (mut beat, mut began) = (0, 0.0);
    let mut before = distances.last().copied().unwrap_or(1.0);
    for sample in 0..samples {
        let at = sample as f64 / f64::from(HERTZ);
        while beat + 1 < distances.len() && at >= began + distances[beat] {
            began += distances[beat];
            before = distances[beat];
            beat += 1;
        }
        let length = distances.get(beat).copied().unwrap_or(1.0);
        let phase = 2.0 * PI * ((at - began) / length) - PI;
        let filled = 1.0 - libm::exp(-before / 0.35);
        let bells = shape.iter().map(|(height, centre, width)| {
            let off = (phase - centre) / width;
            height * libm::exp(-off * off / 2.0)
        });
        line.push(filled * bells.sum::<f64>());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin { seed: 1, person: 0, day: 20_000, instance: 7 };
    const SKIN: Skin = Skin {
        age_years: 40.0,
        oxygen_percent: 95.0,
        breaths_per_minute: 15.0,
        steps_per_second: 0.0,
    };

    fn share(line: &[i64]) -> f64 {
        let mean = line.iter().sum::<i64>() as f64 / line.len() as f64;
        let square = |value: &i64| (*value as f64 - mean) * (*value as f64 - mean);
        (line.iter().map(square).sum::<f64>() / line.len() as f64).sqrt() / mean
    }

    #[test]
    fn red_and_infrared_tell_the_oxygen() {
        for oxygen_percent in [88.0, 92.0, 95.0, 98.0] {
            let beats = [60.0 / 62.0; 62];
            let light = light(ORIGIN, &beats, Skin { oxygen_percent, ..SKIN });
            assert_eq!(light.green.len(), 1_500);
            let told = 110.0 - 25.0 * share(&light.red) / share(&light.infrared);
            assert!((told - oxygen_percent).abs() < 2.0, "{told} for {oxygen_percent}");
        }
    }

    #[test]
    fn every_beat_is_a_dip() {
        let beats = [60.0 / 70.0; 70];
        let green = light(ORIGIN, &beats, SKIN).green;
        let mean = green.iter().sum::<i64>() / green.len() as i64;
        let crossings = green.windows(2).filter(|pair| pair[0] >= mean && pair[1] < mean).count();
        assert!((66..=76).contains(&crossings), "{crossings}");
        assert!(green.iter().all(|count| (0..=COUNT_MAX).contains(count)));
    }

    #[test]
    fn the_same_origin_gives_the_same_light() {
        let beats = [1.0; 60];
        assert_eq!(light(ORIGIN, &beats, SKIN), light(ORIGIN, &beats, SKIN));
        let other = Origin { instance: 8, ..ORIGIN };
        assert_ne!(light(other, &beats, SKIN), light(ORIGIN, &beats, SKIN));
    }
}
