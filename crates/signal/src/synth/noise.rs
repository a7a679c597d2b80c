//! What stands on an electrocardiogram and is not of the heart: the wandering line, muscles, the
//! mains, an electrode that moves. It adds to a line in microvolts; whether what comes out can
//! still be read is for others to say.

use std::f64::consts::PI;

use super::random::{Kind, Origin, Stream};
use super::rhythm::Cosine;
use crate::filter::Section;

/// How much of it there is: who sits still, or who does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    /// Every wave can be seen.
    Clean,
    /// Too much to say anything.
    Poor,
}

/// Adds noise to a line of so many samples a second.
pub(crate) fn add(line: &mut [f64], hertz: u32, origin: Origin, quality: Quality) {
    let draws = &mut Stream::new(origin, Kind::NoiseLevels);
    let is_poor = quality == Quality::Poor;
    let mut level = |clean: (f64, f64), poor: (f64, f64)| {
        let (low, high) = if is_poor { poor } else { clean };
        draws.between(low, high)
    };
    let wander_uv = level((20.0, 60.0), (200.0, 500.0));
    let muscle_uv = level((5.0, 15.0), (60.0, 200.0));
    let mains_uv = level((1.0, 5.0), (20.0, 60.0));
    let mains_hertz = draws.between(49.9, 50.1);
    add_scaled(line, &wander(line.len(), hertz, origin), wander_uv);
    add_scaled(line, &muscle(line.len(), hertz, origin), muscle_uv);
    add_mains(line, hertz, mains_hertz, mains_uv);
    if is_poor {
        add_electrode(line, hertz, origin);
    }
}

/// Adds one line to another, brought to this root mean square.
pub(crate) fn add_scaled(line: &mut [f64], other: &[f64], root_mean_square: f64) {
    let squares = other.iter().map(|value| value * value).sum::<f64>();
    let found = (squares / other.len() as f64).sqrt();
    if found > 0.0 {
        let gain = root_mean_square / found;
        line.iter_mut().zip(other).for_each(|(value, other)| *value += gain * other);
    }
}

/// White noise between two frequencies, or above the lower one where the rate is too low.
pub(crate) fn band(
    draws: &mut Stream,
    samples: usize,
    rate: u32,
    low_hertz: f64,
    high_hertz: f64,
) -> Vec<f64> {
    let mut line: Vec<f64> = (0..samples).map(|_| draws.normal()).collect();
    Section::high_pass(low_hertz, rate).run(&mut line);
    if high_hertz < f64::from(rate) / 2.0 {
        Section::low_pass(high_hertz, rate).run(&mut line);
    }
    line
}

/// Breath and skin: the slower the more, as in a walk without aim that is kept near the line.
fn wander(samples: usize, hertz: u32, origin: Origin) -> Vec<f64> {
    let draws = &mut Stream::new(origin, Kind::Wander);
    let waves: Vec<Cosine> = (1..=28)
        .map(|step| {
            let hertz = 0.05 + 0.45 * (f64::from(step) - draws.uniform()) / 28.0;
            Cosine::new(draws, hertz, 1.0 / hertz)
        })
        .collect();
    let value = |at: usize| {
        let seconds = at as f64 / f64::from(hertz);
        waves.iter().map(|wave| wave.at(seconds)).sum::<f64>()
    };
    (0..samples).map(value).collect()
}

/// Quiet most of the time, and louder in bursts.
fn muscle(samples: usize, hertz: u32, origin: Origin) -> Vec<f64> {
    let draws = &mut Stream::new(origin, Kind::Muscle);
    let mut line = band(draws, samples, hertz, 20.0, 150.0);
    let second = hertz as usize;
    for from in (0..samples).step_by(second) {
        // Three draws, used or not.
        let (chance, begins) = (draws.uniform(), draws.uniform());
        let length = (draws.between(0.2, 2.0) * f64::from(hertz)) as usize;
        if chance < 0.12 {
            let from = from + (begins * f64::from(hertz)) as usize;
            line.iter_mut().skip(from).take(length).for_each(|value| *value *= 2.5);
        }
    }
    line
}

fn add_mains(line: &mut [f64], rate: u32, mains_hertz: f64, peak_uv: f64) {
    for (at, value) in line.iter_mut().enumerate() {
        let turn = 2.0 * PI * mains_hertz * at as f64 / f64::from(rate);
        *value += peak_uv * libm::sin(turn);
        // Where the rate is too low for it the recorder has taken it away.
        if 3.0 * mains_hertz < 0.49 * f64::from(rate) {
            *value += 0.2 * peak_uv * libm::sin(3.0 * turn);
        }
    }
}

/// A step, from which the line comes back.
fn add_electrode(line: &mut [f64], hertz: u32, origin: Origin) {
    const STEPS_MAX: u32 = 6;
    let draws = &mut Stream::new(origin, Kind::Electrode);
    let steps = 1 + (draws.uniform() * f64::from(STEPS_MAX)) as u32;
    for _ in 0..steps {
        let from = (draws.uniform() * line.len() as f64) as usize;
        let height_uv = draws.between(300.0, 2_000.0);
        let height_uv = if draws.uniform() < 0.5 { -height_uv } else { height_uv };
        let decay = draws.between(0.3, 1.0) * f64::from(hertz);
        for (after, value) in line.iter_mut().skip(from).enumerate() {
            *value += height_uv * libm::exp(-(after as f64) / decay);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root_mean_square(line: &[f64]) -> f64 {
        (line.iter().map(|value| value * value).sum::<f64>() / line.len() as f64).sqrt()
    }

    fn noise(person: u64, quality: Quality) -> Vec<f64> {
        let mut line = vec![0.0; 9_000];
        add(&mut line, 300, Origin { seed: 1, person, day: 0, instance: 0 }, quality);
        line
    }

    #[test]
    fn clean_is_quiet_and_poor_is_not() {
        for person in 0..20 {
            let clean = root_mean_square(&noise(person, Quality::Clean));
            let poor = root_mean_square(&noise(person, Quality::Poor));
            assert!((20.0..70.0).contains(&clean), "{clean}");
            assert!((200.0..900.0).contains(&poor), "{poor}");
        }
    }

    #[test]
    fn a_band_holds_what_is_in_it() {
        let origin = Origin { seed: 1, person: 1, day: 0, instance: 0 };
        let mut line = band(&mut Stream::new(origin, Kind::Lungs), 20_000, 4_000, 100.0, 400.0);
        let whole = root_mean_square(&line);
        Section::low_pass(30.0, 4_000).run(&mut line);
        assert!(root_mean_square(&line) < 0.1 * whole);
    }
}
