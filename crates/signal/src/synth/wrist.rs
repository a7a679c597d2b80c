//! What an accelerometer at a wrist feels: gravity from where it hangs, steps, turns in sleep,
//! small moves at a desk. Three axes, 25 times a second, about 500 counts a g, up to four.

use std::f64::consts::PI;

use super::random::{Kind, Origin, Stream};

/// Samples a second.
pub const HERTZ: u32 = 25;
/// Counts of one g.
pub const COUNTS_PER_G: f64 = 500.0;
/// The highest count.
pub const COUNT_MAX: i64 = 2_000;

/// What an arm does for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Move {
    /// Lies as whoever sleeps lies, in one of some postures; whether they turn.
    Asleep {
        /// A number of the posture.
        posture: u32,
        /// Whether there is a turn.
        turns: bool,
    },
    /// Rests on a desk, with small moves.
    Still,
    /// Swings beside somebody who walks or runs so many steps, from the beginning on.
    Steps(u32),
}

/// Counts of each axis, one a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrist {
    /// Along the arm.
    pub x: Vec<i64>,
    /// Across it.
    pub y: Vec<i64>,
    /// Out of the watch's face.
    pub z: Vec<i64>,
}

/// Postures of a sleeper, as the direction of gravity.
const POSTURES: [[f64; 3]; 6] = [
    [0.1, 0.15, 0.983],
    [0.0, -0.6, 0.8],
    [0.3, 0.9, 0.316],
    [-0.2, 0.3, -0.933],
    [0.6, 0.0, 0.8],
    [0.0, 0.97, -0.243],
];
/// On a desk, and hanging beside whoever walks.
const DESK: [f64; 3] = [0.12, 0.08, 0.99];
const HANGING: [f64; 3] = [0.96, 0.2, 0.196];
/// Noise, in g. \[mem\]
const NOISE: f64 = 0.003;
/// Steps a second above which somebody runs; and of whoever takes a few steps only.
const RUNS: f64 = 2.4;
const STROLLS: f64 = 1.7;

/// The acceleration of so many seconds of a move.
pub fn wrist(origin: Origin, seconds: u32, doing: Move) -> Wrist {
    let draws = &mut Stream::new(origin, Kind::Wrist);
    let samples = (seconds * HERTZ) as usize;
    let turn_at = draws.between(0.1, 0.85) * f64::from(seconds);
    let fidget_at = draws.between(0.0, 0.8) * f64::from(seconds);
    let fidget = draws.between(0.01, 0.04);
    let phase = draws.uniform();
    let mut wrist = Wrist { x: vec![], y: vec![], z: vec![] };
    for sample in 0..samples {
        let at = sample as f64 / f64::from(HERTZ);
        let (mut gravity, mut moved) = (DESK, [0.0; 3]);
        match doing {
            Move::Asleep { posture, turns } => {
                gravity = POSTURES[posture as usize % POSTURES.len()];
                let breath = 0.002 * libm::sin(2.0 * PI * 0.25 * at);
                moved = [0.0, breath, breath];
                if turns && (turn_at..turn_at + 3.0).contains(&at) {
                    let swing = 0.5 * libm::sin(PI * (at - turn_at) / 3.0);
                    moved = [swing, swing * libm::sin(9.0 * at), -swing * 0.6];
                }
            }
            Move::Still => {
                if (fidget_at..fidget_at + 4.0).contains(&at) {
                    moved = [fidget * libm::sin(7.0 * at), fidget * libm::sin(11.0 * at), 0.0];
                }
            }
            Move::Steps(steps) => {
                let usual = f64::from(steps) / f64::from(seconds.max(1));
                let hertz = if usual < 1.2 { STROLLS } else { usual };
                if at * hertz < f64::from(steps) {
                    (gravity, moved) = step(hertz, at, phase);
                }
            }
        }
        let mut count = |axis: usize| {
            let g = gravity[axis] + moved[axis] + NOISE * draws.normal();
            ((g * COUNTS_PER_G).round() as i64).clamp(-COUNT_MAX, COUNT_MAX)
        };
        let (x, y, z) = (count(0), count(1), count(2));
        wrist.x.push(x);
        wrist.y.push(y);
        wrist.z.push(z);
    }
    wrist
}

/// Gravity and motion in a step: up and down at each, a swing at every other, and half as fast a
/// shake. A runner's arm is bent, and everything is stronger. \[mem\]
fn step(hertz: f64, at: f64, phase: f64) -> ([f64; 3], [f64; 3]) {
    let wave = |times: f64| libm::sin(2.0 * PI * (hertz * times * at + phase));
    let (gravity, up, swing) = if hertz > RUNS { (DESK, 1.5, 0.7) } else { (HANGING, 0.3, 0.35) };
    let vertical = up * wave(1.0) + 0.3 * up * wave(2.0);
    let moved = [vertical * gravity[0], swing * wave(0.5), vertical * gravity[2]];
    (gravity, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin { seed: 1, person: 0, day: 20_000, instance: 7 };

    fn norms(wrist: &Wrist) -> Vec<f64> {
        let square = |value: i64| (value * value) as f64;
        (0..wrist.x.len())
            .map(|at| {
                let (x, y, z) = (wrist.x[at], wrist.y[at], wrist.z[at]);
                (square(x) + square(y) + square(z)).sqrt() / COUNTS_PER_G
            })
            .collect()
    }

    fn beyond_gravity(wrist: &Wrist) -> f64 {
        let all = norms(wrist);
        all.iter().map(|norm| (norm - 1.0).max(0.0)).sum::<f64>() / all.len() as f64
    }

    #[test]
    fn whoever_lies_still_feels_one_g() {
        for posture in 0..6 {
            let felt = wrist(ORIGIN, 60, Move::Asleep { posture, turns: false });
            assert_eq!(felt.x.len(), 1_500);
            assert!(norms(&felt).iter().all(|norm| (norm - 1.0).abs() < 0.03));
        }
    }

    #[test]
    fn the_harder_somebody_moves_the_more_is_felt() {
        // Means of |acc| − 1 g: light below 0.1, moderate 0.1 to 0.4, vigorous above (Hildebrand
        // et al. 2014, from memory).
        let of = |doing| beyond_gravity(&wrist(ORIGIN, 60, doing));
        let (still, walk, run) = (of(Move::Still), of(Move::Steps(110)), of(Move::Steps(165)));
        assert!(still < 0.015, "{still}");
        assert!((0.06..0.4).contains(&walk), "{walk}");
        assert!(run > 0.4, "{run}");
    }

    #[test]
    fn steps_can_be_counted() {
        let felt = wrist(ORIGIN, 60, Move::Steps(108));
        let up = |pair: &&[i64]| pair[0] < 480 && pair[1] >= 480;
        let crossings = felt.x.windows(2).filter(up).count();
        assert!((95..=135).contains(&crossings), "{crossings}");
    }
}
