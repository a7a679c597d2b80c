//! Electrocardiograms in lead I, with what they were made with: beats, rate and intervals. Each
//! wave is a bell about its place in the beat, the closed form of McSharry's dynamical model, so
//! no beat needs the beats before it. The intervals of a recording are the places of its bells;
//! nothing is measured on the line.

use std::f64::consts::PI;

use super::noise::{self, Quality, add_scaled};
use super::patient::Patient;
use super::random::{Kind, Origin, Stream};
use super::rhythm::{self, Beat, Cosine};
use crate::filter::rounded;

/// No sample is beyond, in microvolts: what a recorder can tell.
pub const SAMPLE_MAX_UV: i64 = 5_000;
/// No heart is asked to beat slower.
pub const HEART_RATE_MIN_BPM: u16 = 30;
/// Nor faster: waves of neighbouring beats would lie on one another.
pub const HEART_RATE_MAX_BPM: u16 = 200;

/// What records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorder {
    /// 30 seconds at 300 Hz.
    Watch,
    /// 20 seconds at 500 Hz.
    BloodPressureMonitor,
}

impl Recorder {
    /// Samples a second.
    pub fn hertz(self) -> u32 {
        match self {
            Self::Watch => 300,
            Self::BloodPressureMonitor => 500,
        }
    }

    /// How long it records.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Watch => 30,
            Self::BloodPressureMonitor => 20,
        }
    }
}

/// An electrocardiogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// In microvolts.
    pub samples: Vec<i64>,
    /// Samples a second.
    pub hertz: u32,
    /// Those whose R peak is in it.
    pub beats: Vec<Beat>,
    /// The rate of those.
    pub heart_rate_bpm: i64,
    /// What it was made with.
    pub intervals: Intervals,
}

/// How long the heart takes for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intervals {
    /// From the atria's wave to the ventricles'; none while the atria fibrillate.
    pub pr_ms: Option<i64>,
    /// Of the ventricles' wave.
    pub qrs_ms: i64,
    /// From the beginning of that to the end of the recovery.
    pub qt_ms: i64,
    /// The same at 60 beats per minute, as Fridericia has it: of the two numbers beside it.
    pub qtc_ms: i64,
}

/// A healthy rhythm of somebody who sits still.
pub fn sinus(
    patient: &Patient,
    origin: Origin,
    recorder: Recorder,
    heart_rate_bpm: u16,
) -> Recording {
    record(patient, origin, recorder, heart_rate_bpm, Rhythm::Sinus, Quality::Clean)
}

/// Fibrillating atria: no order in the beats, no P, the flicker of the atria instead.
pub fn atrial_fibrillation(
    patient: &Patient,
    origin: Origin,
    recorder: Recorder,
    heart_rate_bpm: u16,
) -> Recording {
    record(patient, origin, recorder, heart_rate_bpm, Rhythm::Fibrillation, Quality::Clean)
}

/// A healthy rhythm under so much noise that nobody can say so.
pub fn noisy(
    patient: &Patient,
    origin: Origin,
    recorder: Recorder,
    heart_rate_bpm: u16,
) -> Recording {
    record(patient, origin, recorder, heart_rate_bpm, Rhythm::Sinus, Quality::Poor)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rhythm {
    Sinus,
    Fibrillation,
}

fn record(
    patient: &Patient,
    origin: Origin,
    recorder: Recorder,
    heart_rate_bpm: u16,
    rhythm: Rhythm,
    quality: Quality,
) -> Recording {
    let rate = f64::from(heart_rate_bpm.clamp(HEART_RATE_MIN_BPM, HEART_RATE_MAX_BPM));
    let (hertz, seconds) = (recorder.hertz(), f64::from(recorder.seconds()));
    let mut line = vec![0.0; (hertz * recorder.seconds()) as usize];
    let mut beats = match rhythm {
        Rhythm::Sinus => rhythm::sinus(patient, origin, rate, seconds),
        Rhythm::Fibrillation => rhythm::fibrillation(origin, rate, seconds),
    };
    let waves = Waves::of(patient, rate, rhythm);
    // Breath turns the heart a little, and R with it.
    let breath = rhythm::breath(patient, origin);
    for beat in &beats {
        let height = 1.0 + patient.r_share_of_breath * breath.at(beat.at_seconds);
        waves.add(&mut line, hertz, beat.at_seconds, height);
    }
    if rhythm == Rhythm::Fibrillation {
        let flicker = flicker(patient, origin, line.len(), hertz);
        add_scaled(&mut line, &flicker, patient.fibrillation_uv);
    }
    noise::add(&mut line, hertz, origin, quality);
    let uv = |value: f64| rounded(value).clamp(-SAMPLE_MAX_UV, SAMPLE_MAX_UV);
    let samples = line.into_iter().map(uv).collect();
    beats.retain(|beat| (0.0..seconds).contains(&beat.at_seconds));
    let heart_rate_bpm = mean_rate(&beats);
    Recording { samples, hertz, intervals: waves.intervals(heart_rate_bpm), heart_rate_bpm, beats }
}

/// The rate of these beats; at least two of them are in every recording.
fn mean_rate(beats: &[Beat]) -> i64 {
    let (Some(first), Some(last)) = (beats.first(), beats.last()) else { return 0 };
    rounded(60.0 * (beats.len() - 1) as f64 / (last.at_seconds - first.at_seconds))
}

/// A bell: its place after the R peak, its widths before and after its middle, its height.
#[derive(Clone, Copy)]
struct Wave {
    middle_ms: f64,
    before_ms: f64,
    after_ms: f64,
    height_uv: f64,
}

/// The waves of each beat of a recording: half a minute is too short for QT to follow single beats.
struct Waves {
    p: Option<Wave>,
    qrs: [Wave; 3],
    t: Wave,
    intervals: Intervals,
}

/// Where a bell begins and ends to the eye, in widths: of P, and of T by the tangent.
const P_ENDS: f64 = 2.5;
const T_ENDS: f64 = 2.0;
/// The table of waves is of a QRS so long, which begins so long before R.
const QRS_MS: f64 = 90.0;
const BEFORE_R_MS: f64 = 42.0;
const P_WIDTH_MS: f64 = 22.0;

/// How long before R the ventricles begin.
pub(super) fn onset_before_r_seconds(patient: &Patient) -> f64 {
    BEFORE_R_MS * patient.qrs_ms / QRS_MS / 1_000.0
}

impl Waves {
    fn of(patient: &Patient, heart_rate_bpm: f64, rhythm: Rhythm) -> Self {
        let rested = libm::cbrt(60.0 / heart_rate_bpm);
        let pr_ms = (patient.pr_ms - 0.3 * (heart_rate_bpm - 66.0)).clamp(100.0, 220.0);
        let qt_ms = patient.qtc_ms * rested;
        let scale = patient.qrs_ms / QRS_MS;
        let onset_ms = -BEFORE_R_MS * scale;
        let wave = |middle_ms: f64, before_ms: f64, after_ms: f64, height_uv: f64| Wave {
            middle_ms,
            before_ms,
            after_ms,
            height_uv,
        };
        // Without a Q it is R that begins there.
        let rise_ms = if patient.q_uv > 0.0 { 10.0 } else { BEFORE_R_MS / P_ENDS };
        let qrs = [
            wave(-28.0 * scale, 7.0 * scale, 7.0 * scale, -patient.q_uv),
            wave(0.0, rise_ms * scale, 10.0 * scale, patient.r_uv),
            wave(30.0 * scale, 9.0 * scale, 9.0 * scale, -patient.s_uv),
        ];
        let p_middle_ms = onset_ms - pr_ms + P_ENDS * P_WIDTH_MS;
        let p = wave(p_middle_ms, P_WIDTH_MS, P_WIDTH_MS, patient.p_uv);
        let is_sinus = rhythm == Rhythm::Sinus;
        let t_after_ms = 42.0 * rested;
        let t_middle_ms = onset_ms + qt_ms - T_ENDS * t_after_ms;
        let t_uv = if is_sinus { patient.t_uv } else { 0.85 * patient.t_uv };
        let intervals = Intervals {
            pr_ms: is_sinus.then(|| rounded(pr_ms)),
            qrs_ms: rounded(patient.qrs_ms),
            qt_ms: rounded(qt_ms),
            qtc_ms: rounded(patient.qtc_ms),
        };
        let t = wave(t_middle_ms, 55.0 * rested, t_after_ms, t_uv);
        Self { p: is_sinus.then_some(p), qrs, t, intervals }
    }

    /// The intervals, corrected for the rate that is told beside them.
    fn intervals(&self, heart_rate_bpm: i64) -> Intervals {
        let rested = libm::cbrt(60.0 / heart_rate_bpm as f64);
        let qtc_ms = rounded(self.intervals.qt_ms as f64 / rested);
        Intervals { qtc_ms, ..self.intervals }
    }

    fn add(&self, line: &mut [f64], hertz: u32, at_seconds: f64, height: f64) {
        for wave in self.p.iter().chain([&self.t]) {
            wave.add(line, hertz, at_seconds, 1.0);
        }
        self.qrs.iter().for_each(|wave| wave.add(line, hertz, at_seconds, height));
    }
}

impl Wave {
    fn add(&self, line: &mut [f64], hertz: u32, at_seconds: f64, gain: f64) {
        // Beyond it no bell of a heart reaches half a microvolt.
        const WIDTHS: f64 = 4.5;
        let per_ms = f64::from(hertz) / 1_000.0;
        let middle = at_seconds * f64::from(hertz) + self.middle_ms * per_ms;
        let (before, after) = (self.before_ms * per_ms, self.after_ms * per_ms);
        let first = (middle - WIDTHS * before).max(0.0) as usize;
        let end = ((middle + WIDTHS * after).max(0.0) as usize).min(line.len());
        for (at, value) in line.iter_mut().enumerate().take(end).skip(first) {
            let off = at as f64 - middle;
            let off = off / if off < 0.0 { before } else { after };
            *value += gain * self.height_uv * libm::exp(-0.5 * off * off);
        }
    }
}

/// The line of fibrillating atria: a saw whose height and pace waver every five seconds, and as
/// much about it that has no order. Its height is for others to choose.
fn flicker(patient: &Patient, origin: Origin, samples: usize, rate: u32) -> Vec<f64> {
    const WAVER_HERTZ: f64 = 0.2;
    let draws = &mut Stream::new(origin, Kind::FibrillatoryWaves);
    let hertz = patient.fibrillation_hertz;
    let (phase, waver_phase) = (2.0 * PI * draws.uniform(), 2.0 * PI * draws.uniform());
    // An equal share of the power on either side.
    let unordered: Vec<Cosine> = (0..16)
        .map(|wave| {
            let (low, high) = if wave < 8 { (0.7, 0.9) } else { (1.1, 1.3) };
            let share = draws.between(low, high);
            Cosine::new(draws, hertz * share, 0.067)
        })
        .collect();
    let value = |at: usize| {
        let seconds = at as f64 / f64::from(rate);
        let waver = libm::sin(2.0 * PI * WAVER_HERTZ * seconds + waver_phase);
        let turn = phase + 2.0 * PI * hertz * seconds + 0.25 / WAVER_HERTZ * waver;
        let saw = [1.0, 2.0, 3.0].map(|part| 2.0 / (PI * part) * libm::sin(part * turn));
        let saw = -(1.0 + waver / 3.0) * saw.iter().sum::<f64>();
        0.5 * saw + unordered.iter().map(|wave| wave.at(seconds)).sum::<f64>()
    };
    (0..samples).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter;
    use sha2::{Digest, Sha256};

    type Make = fn(&Patient, Origin, Recorder, u16) -> Recording;
    const ALL: [Make; 3] = [sinus, atrial_fibrillation, noisy];

    fn origin(person: u64) -> Origin {
        Origin { seed: 11, person, day: 20_300, instance: 0 }
    }

    fn patient(person: u64) -> Patient {
        Patient::of(11, person, 30 + (person % 50) as u8, person.is_multiple_of(2))
    }

    fn made(make: Make, person: u64, recorder: Recorder, rate: u16) -> Recording {
        make(&patient(person), origin(person), recorder, rate)
    }

    /// The beginning of a SHA-256 tells as well that not a bit has changed.
    fn digest(recording: &Recording) -> String {
        let bytes: Vec<u8> = recording.samples.iter().flat_map(|uv| uv.to_le_bytes()).collect();
        Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Seconds at which the filtered line peaks above half its height, and a little.
    fn peaks(recording: &Recording) -> Vec<f64> {
        let line = filter::electrocardiogram(&recording.samples, recording.hertz);
        let half = line.iter().max().copied().unwrap_or_default() * 11 / 20;
        let (mut found, mut peak) = (Vec::new(), None::<usize>);
        for at in 0..line.len() {
            let is_high = line[at] > half;
            let known = peak.filter(|known| at - known < recording.hertz as usize / 6);
            match (known, peak) {
                (Some(known), _) if is_high && line[at] > line[known] => peak = Some(at),
                (None, Some(known)) => {
                    found.push(known);
                    peak = is_high.then_some(at);
                }
                (None, None) => peak = is_high.then_some(at),
                _ => {}
            }
        }
        found.extend(peak);
        found.into_iter().map(|at| at as f64 / f64::from(recording.hertz)).collect()
    }

    /// The mean line about the beats, from so many milliseconds before R to so many after it.
    fn mean_beat(recording: &Recording, from_ms: i64, to_ms: i64) -> Vec<f64> {
        let at = |beat: &Beat, ms: i64| {
            rounded((beat.at_seconds + ms as f64 / 1_000.0) * f64::from(recording.hertz))
        };
        let whole = recording.beats[1..recording.beats.len() - 1].iter();
        let lines = whole.clone().map(|beat| at(beat, from_ms));
        let length = rounded((to_ms - from_ms) as f64 * f64::from(recording.hertz) / 1_000.0);
        let sums = lines.fold(vec![0.0; length as usize], |mut sums, first| {
            for (sum, sample) in sums.iter_mut().zip(&recording.samples[first as usize..]) {
                *sum += *sample as f64;
            }
            sums
        });
        sums.into_iter().map(|sum| sum / whole.len() as f64).collect()
    }

    #[test]
    fn a_recording_is_as_long_as_its_recorder_makes_it() {
        for make in ALL {
            assert_eq!(made(make, 1, Recorder::Watch, 70).samples.len(), 9_000);
            assert_eq!(made(make, 1, Recorder::BloodPressureMonitor, 70).samples.len(), 10_000);
        }
    }

    #[test]
    fn the_rate_is_the_one_that_was_asked_for() {
        for person in 0..14 {
            for recorder in [Recorder::Watch, Recorder::BloodPressureMonitor] {
                let rate = 45 + 10 * person as u16;
                for make in ALL {
                    let found = made(make, person, recorder, rate).heart_rate_bpm;
                    assert!((found - i64::from(rate)).abs() <= 2, "{person}, {rate}: {found}");
                }
            }
        }
    }

    #[test]
    fn r_peaks_can_be_counted_and_are_where_the_beats_are() {
        for person in 0..40 {
            for make in [sinus, atrial_fibrillation] {
                let recording = made(make, person, Recorder::Watch, 50 + 2 * person as u16);
                let whole = |at: &f64| (0.04..29.96).contains(at);
                let found: Vec<f64> = peaks(&recording).into_iter().filter(whole).collect();
                let beats = recording.beats.iter().map(|beat| beat.at_seconds).filter(whole);
                let beats: Vec<f64> = beats.collect();
                assert_eq!(found.len(), beats.len(), "{person}");
                let near =
                    found.iter().zip(&beats).all(|(found, beat)| (found - beat).abs() < 0.02);
                assert!(near, "{person}");
            }
        }
    }

    #[test]
    fn the_atria_have_a_wave_unless_they_fibrillate() {
        for person in 0..20 {
            let healthy = made(sinus, person, Recorder::Watch, 62);
            let ill = made(atrial_fibrillation, person, Recorder::Watch, 62);
            let pr_ms = healthy.intervals.pr_ms.unwrap_or_default();
            // The middle of P, before R by PR less a little, above what is before that.
            let rise = |recording: &Recording| {
                let before = mean_beat(recording, -pr_ms - 70, -pr_ms - 40);
                let before = before.iter().sum::<f64>() / before.len() as f64;
                mean_beat(recording, -pr_ms + 3, -pr_ms + 23).iter().sum::<f64>() / 6.0 - before
            };
            let p_uv = patient(person).p_uv;
            assert!(rise(&healthy) > 0.7 * p_uv, "{person}: {}", rise(&healthy) / p_uv);
            assert!(rise(&ill) < 0.4 * p_uv, "{person}: {}", rise(&ill) / p_uv);
            assert_eq!(ill.intervals.pr_ms, None);
        }
    }

    #[test]
    fn no_sample_is_beyond_what_a_recorder_can_tell() {
        for person in 0..15 {
            for make in ALL {
                let recording = made(make, person, Recorder::Watch, 75);
                assert!(recording.samples.iter().all(|uv| uv.abs() <= SAMPLE_MAX_UV));
            }
        }
    }

    #[test]
    fn intervals_fit_the_rate_beside_them() {
        for person in 0..15 {
            let slow = made(sinus, person, Recorder::Watch, 50);
            let fast = made(sinus, person, Recorder::Watch, 110);
            assert!(slow.intervals.qt_ms > fast.intervals.qt_ms + 60);
            for Recording { intervals, heart_rate_bpm, .. } in [slow, fast] {
                let rested = libm::cbrt(60.0 / heart_rate_bpm as f64);
                assert_eq!(intervals.qtc_ms, rounded(intervals.qt_ms as f64 / rested));
                assert!((f64::from(intervals.qtc_ms as i32) - patient(person).qtc_ms).abs() < 4.0);
            }
        }
    }

    #[test]
    fn noise_hides_what_is_under_it() {
        for person in 0..10 {
            let recording = made(noisy, person, Recorder::Watch, 70);
            let clean = made(sinus, person, Recorder::Watch, 70);
            assert_eq!(recording.beats, clean.beats);
            let off = recording.samples.iter().zip(&clean.samples).map(|(one, other)| one - other);
            let squares = off.map(|off| off * off).sum::<i64>() / 9_000;
            assert!(squares > 200 * 200, "{squares}");
        }
    }

    #[test]
    fn the_bytes_are_the_same_in_any_order_and_on_every_machine() {
        let asked: Vec<(usize, Recorder)> = (0..3)
            .flat_map(|make| [Recorder::Watch, Recorder::BloodPressureMonitor].map(|to| (make, to)))
            .collect();
        let digest =
            |(make, recorder): &(usize, Recorder)| digest(&made(ALL[*make], 7, *recorder, 64));
        let there: Vec<String> = asked.iter().map(digest).collect();
        let mut back: Vec<String> = asked.iter().rev().map(digest).collect();
        back.reverse();
        assert_eq!(there, back);
        let known = [
            "c07124bbe274e22c",
            "e4c0755b7c14de09",
            "2f07592abc6b3d0e",
            "4b084a948191379f",
            "c9163cbda5a41756",
            "20825f74f8bf2668",
        ];
        assert_eq!(there, known);
    }
}
