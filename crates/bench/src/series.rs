//! What series take when they are packed: bytes per sample, times, framing and checksum included.
//! The series are the fixed ones beside the project where they are there, else made here in their
//! shape.

use crate::figure::{Figure, RUNS, Runs, Target as Promise};
use anyhow::{Context as _, Result, ensure};
use signal::chunk::{Chunk, Column, Sample};
use std::path::Path;

pub(crate) const HEART_RATE: Figure = Figure {
    name: "hr_bytes_per_minute",
    unit: "bytes",
    target: Promise::AtMost(0.55),
    what: "a heart rate a minute, a chunk a day",
    measure: |_| measure("hr.csv", heart_rates, 1),
};
pub(crate) const STEPS: Figure = Figure {
    name: "steps_bytes_per_minute",
    unit: "bytes",
    target: Promise::AtMost(0.48),
    what: "steps a minute, a chunk a day",
    measure: |_| measure("steps.csv", steps, 1),
};
pub(crate) const ECG: Figure = Figure {
    name: "ecg_bytes_per_sample",
    unit: "bytes",
    target: Promise::AtMost(0.77),
    what: "an electrocardiogram at 300 Hz, a chunk a signal",
    measure: |_| measure("ecg.csv", heart_signals, 1),
};
pub(crate) const ACCELEROMETER: Figure = Figure {
    name: "accel_bytes_per_sample",
    unit: "bytes",
    target: Promise::AtMost(1.05),
    what: "an accelerometer at 25 Hz, each axis counted, a chunk an hour",
    measure: |_| measure("accel.csv", movements, 3),
};

/// Where the fixed series are, seen from this crate.
const FIXED: &str = "../../../shared/bench-series";

fn measure(file: &str, make: fn() -> Vec<Vec<Sample>>, columns: usize) -> Result<Runs> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXED).join(file);
    let (chunks, whose) = match std::fs::read_to_string(&path) {
        Ok(text) => (read(&text, columns)?, "the fixed series"),
        Err(_) => (make(), "series made here"),
    };
    let (mut bytes, mut count) = (0, 0);
    for samples in chunks {
        let packed = Chunk::of(samples.clone()).pack();
        let read: Vec<Sample> = Chunk::unpack(&packed)?.samples().collect();
        ensure!(read == samples, "what was packed does not come back");
        bytes += packed.len();
        count += samples.len() * columns;
    }
    let each = f64::from(u32::try_from(bytes)?) / f64::from(u32::try_from(count)?);
    // The same bytes each time: nothing here depends on the machine.
    Ok(Runs {
        values: vec![each; RUNS],
        baseline: format!("{whose}: {count} values, {bytes} bytes"),
    })
}

/// Lines of a chunk's number, a time if there is one more column than values, and the values.
fn read(text: &str, columns: usize) -> Result<Vec<Vec<Sample>>> {
    let mut chunks: Vec<(i64, Vec<Sample>)> = Vec::new();
    for line in text.lines().skip(1) {
        let numbers: Result<Vec<i64>, _> = line.split(',').map(str::parse).collect();
        let numbers = numbers.context("a line that is no numbers")?;
        let (number, rest) = numbers.split_first().context("an empty line")?;
        if chunks.last().is_none_or(|(last, _)| last != number) {
            chunks.push((*number, Vec::new()));
        }
        let samples = chunks.last_mut().map(|(_, samples)| samples).context("no chunk")?;
        // Signals have a sample a tick, and their frequency beside them.
        let (time, values) = if rest.len() > columns {
            rest.split_first().map(|(time, values)| (*time, values)).context("no time")?
        } else {
            (i64::try_from(samples.len())?, rest)
        };
        samples.push((time, (1..).map(Column).zip(values.iter().copied()).collect()));
    }
    Ok(chunks.into_iter().map(|(_, samples)| samples).collect())
}

/// Electrocardiograms in microvolts: the fixed ones, or some of their shape.
pub(crate) fn signals() -> Result<Vec<Vec<i64>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXED).join("ecg.csv");
    let chunks = match std::fs::read_to_string(&path) {
        Ok(text) => read(&text, 1)?,
        Err(_) => heart_signals(),
    };
    let value = |(_, values): Sample| values.first().map_or(0, |(_, value)| *value);
    Ok(chunks.into_iter().map(|chunk| chunk.into_iter().map(value).collect()).collect())
}

/// Numbers that look drawn and are the same each time (splitmix64).
pub(crate) struct Drawn(u64);

impl Drawn {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From `-most` to `most`, the middle more often.
    pub(crate) fn around(&mut self, most: i64) -> i64 {
        (0..3).map(|_| self.below(2 * most + 1) - most).sum::<i64>() / 3
    }

    pub(crate) fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or_default() % end.max(1)
    }
}

const BEGIN: i64 = 1_700_000_000;

fn a_day(day: i64, mut value: impl FnMut(i64) -> Option<i64>) -> Vec<Sample> {
    let minutes = (0..1_440).filter_map(|minute| Some((minute, value(minute)?)));
    minutes
        .map(|(minute, value)| (BEGIN + (day * 1_440 + minute) * 60, vec![(Column(1), value)]))
        .collect()
}

/// A slow walk around the time of day, and a watch that is off now and then.
fn heart_rates() -> Vec<Vec<Sample>> {
    let mut drawn = Drawn(1);
    let mut day = |day| {
        let (mut beats, off) = (60, 300 + drawn.below(900));
        a_day(day, |minute| {
            let resting = if (420..1_380).contains(&minute) { 72 } else { 56 };
            beats += (resting - beats) / 12 + drawn.around(3);
            (!(off..off + 120).contains(&minute)).then_some(beats)
        })
    };
    (0..14).map(&mut day).collect()
}

/// Mostly none, and walks of some minutes.
fn steps() -> Vec<Vec<Sample>> {
    let mut drawn = Drawn(2);
    let mut day = |day| {
        let mut walking = 0;
        a_day(day, |minute| {
            if walking == 0 && (420..1_320).contains(&minute) && drawn.below(60) == 0 {
                walking = 3 + drawn.below(20);
            }
            walking = (walking - 1).max(0);
            Some(if walking > 0 { 95 + drawn.around(25) } else { 0 })
        })
    };
    (0..14).map(&mut day).collect()
}

/// Beats of a peak and a wave, in microvolts, with a little noise.
fn heart_signals() -> Vec<Vec<Sample>> {
    let mut drawn = Drawn(3);
    let mut signal = |_| -> Vec<Sample> {
        (0..9_000)
            .map(|tick: i64| {
                let phase = tick % 270;
                let peak =
                    if (60..72).contains(&phase) { 900 - (phase - 66).abs() * 150 } else { 0 };
                let wave =
                    if (120..180).contains(&phase) { 200 - (phase - 150).abs() * 6 } else { 0 };
                (tick, vec![(Column(1), peak + wave + drawn.around(4))])
            })
            .collect()
    };
    (0..10).map(&mut signal).collect()
}

/// A quarter of an hour at rest and in movement, about 500 counts a g.
fn movements() -> Vec<Vec<Sample>> {
    let mut drawn = Drawn(4);
    let sample = |tick: i64| {
        let swing = if tick / 7_500 % 2 == 0 { 2 } else { 60 };
        let mut axis = |still: i64| still + drawn.around(swing);
        let values = [axis(20), axis(-35), axis(500)];
        (tick, (1..).map(Column).zip(values).collect())
    };
    vec![(0..22_500).map(sample).collect()]
}
