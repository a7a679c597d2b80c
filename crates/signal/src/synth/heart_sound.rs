//! Heart sounds at 4 kHz in A-law bytes, to beats of an electrocardiogram: the first sound when
//! the ventricles close their valves, the second when they have emptied, and what blood says in
//! between where a valve is narrow or leaks. Lungs and microphone are heard too. It is made of
//! rules and no recording is in it; no murmur is fit to learn from.

use std::f64::consts::PI;

use super::ecg::onset_before_r_seconds;
use super::noise::{add_scaled, band};
use super::patient::Patient;
use super::random::{Kind, Origin, Stream};
use super::rhythm::{Beat, breath};
use crate::alaw;

/// Samples, and so bytes, a second.
pub const HERTZ: u32 = 4_000;
/// What is heard at most in one piece.
pub const SECONDS_MAX: u32 = 60;

/// Blood that can be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Murmur {
    /// Short and musical, of a healthy heart.
    Innocent,
    /// Rises and falls while the heart empties through a narrow valve.
    AorticStenosis,
    /// As loud from the first sound to the second: a valve leaks back.
    MitralRegurgitation,
    /// Falls from the second sound on.
    AorticRegurgitation,
    /// Low, while the heart fills through a narrow valve.
    MitralStenosis,
}

/// The sounds to these beats, one byte a sample, at most [`SECONDS_MAX`].
pub fn heart_sound(
    patient: &Patient,
    origin: Origin,
    beats: &[Beat],
    seconds: u32,
    murmur: Option<Murmur>,
) -> Vec<u8> {
    let samples = (seconds.min(SECONDS_MAX) * HERTZ) as usize;
    let cycles = cycles(patient, origin, beats);
    let mut line = vec![0.0; samples];
    let valves = Valves::of(origin);
    cycles.iter().for_each(|cycle| valves.add(&mut line, cycle));
    if let Some(murmur) = murmur {
        murmur.add(&mut line, origin, &cycles);
    }
    add_lungs(&mut line, patient, origin);
    // Where nothing beats the room is not made as loud as a heart.
    let highest = line.iter().fold(0.5_f64, |highest, value| highest.max(value.abs()));
    let peak = f64::from(i16::MAX) * Stream::new(origin, Kind::Loudness).between(0.25, 0.60);
    line.iter_mut().for_each(|value| *value *= peak / highest);
    let hiss = &mut Stream::new(origin, Kind::Microphone);
    let hiss: Vec<f64> = (0..samples).map(|_| hiss.normal()).collect();
    add_scaled(&mut line, &hiss, f64::from(i16::MAX) * HISS_SHARE);
    // The conversion saturates.
    line.into_iter().map(|value| alaw::encode(value.round() as i16)).collect()
}

/// The microphone's noise, of full scale.
const HISS_SHARE: f64 = 0.003;
/// What lungs are of the first sound: root mean square when breathing in, and when breathing out.
const LUNGS: (f64, f64) = (0.02, 0.01);

/// One beat as it is heard.
struct Cycle {
    /// The first sound begins.
    first_seconds: f64,
    /// The second begins.
    second_seconds: f64,
    /// The next first sound would, at this beat's pace.
    next_seconds: f64,
    /// The two halves of the second sound part when breathing in.
    split_seconds: f64,
    /// A heart that had little time to fill is not loud.
    loudness: f64,
}

fn cycles(patient: &Patient, origin: Origin, beats: &[Beat]) -> Vec<Cycle> {
    const TO_FIRST_SECONDS: f64 = 0.05;
    let Some(first) = beats.first() else { return Vec::new() };
    let mean = beats.iter().map(|beat| beat.since_last_seconds).sum::<f64>() / beats.len() as f64;
    let rate = 60.0 / mean;
    // Weissler's lines, of systole by the rate.
    let systole_ms =
        if patient.is_woman { 549.0 - 2.0 * rate } else { 546.0 - 2.1 * rate }.max(150.0);
    let breath = breath(patient, origin);
    // The second sound of the beat before is heard at the beginning.
    let before = Beat { at_seconds: first.at_seconds - first.since_last_seconds, ..*first };
    let cycle = |beat: &Beat| {
        let onset = beat.at_seconds - onset_before_r_seconds(patient);
        Cycle {
            first_seconds: onset + TO_FIRST_SECONDS,
            second_seconds: onset + systole_ms / 1_000.0,
            next_seconds: onset + TO_FIRST_SECONDS + mean,
            split_seconds: 0.035 + 0.012 * breath.at(beat.at_seconds),
            loudness: 1.0 - libm::exp(-beat.since_last_seconds / 0.35),
        }
    };
    [before].iter().chain(beats).map(cycle).collect()
}

/// How a person's valves sound.
struct Valves {
    /// The first sound beside the second; above 1 towards the tip of the heart.
    first: f64,
    /// The lower of the two tones of the first sound.
    tone_hertz: f64,
    first_seconds: f64,
    second_seconds: f64,
}

impl Valves {
    fn of(origin: Origin) -> Self {
        let person = Origin { day: 0, instance: 0, ..origin };
        let draws = &mut Stream::new(person, Kind::Valves);
        Self {
            first: draws.between(0.8, 1.5),
            tone_hertz: draws.between(45.0, 56.0),
            first_seconds: draws.between(0.10, 0.14),
            second_seconds: draws.between(0.06, 0.10),
        }
    }

    fn add(&self, line: &mut [f64], cycle: &Cycle) {
        let first = self.first * cycle.loudness;
        play(line, cycle.first_seconds, self.first_seconds, |_, after, share| {
            let tone = |hertz: f64| libm::sin(2.0 * PI * hertz * after);
            let valve = tone(self.tone_hertz) * libm::exp(-after / 0.030)
                + 0.5 * tone(3.0 * self.tone_hertz) * libm::exp(-after / 0.015);
            // The muscle: from 20 to 100 Hz and back again.
            let sweep = 80.0 * self.first_seconds / PI * (1.0 - libm::cos(PI * share));
            let sweep = 20.0 * after + sweep;
            let muscle = libm::sin(2.0 * PI * sweep) * libm::sin(PI * share);
            first * (valve + 0.6 * muscle) * ends(after, share)
        });
        for (after_second, height) in [(0.0, 1.0), (cycle.split_seconds, 0.6)] {
            let height = height * cycle.loudness;
            let from = cycle.second_seconds + after_second;
            play(line, from, self.second_seconds, |_, after, share| {
                // From 200 down to 60 Hz.
                let sweep = 200.0 * after - 70.0 * after * share;
                let ring = libm::sin(2.0 * PI * sweep) * libm::exp(-after / 0.022);
                height * ring * ends(after, share)
            });
        }
    }
}

/// No click at the beginning, nothing cut off at the end.
fn ends(after_seconds: f64, share: f64) -> f64 {
    (after_seconds / 0.006).min(1.0) * ((1.0 - share) / 0.2).min(1.0)
}

/// Adds a sound that is given by the sample, by the seconds since it began and by the share of it
/// that is over.
fn play(line: &mut [f64], from_seconds: f64, seconds: f64, sound: impl Fn(usize, f64, f64) -> f64) {
    let rate = f64::from(HERTZ);
    let first = (from_seconds * rate).max(0.0) as usize;
    let end = (((from_seconds + seconds) * rate).max(0.0) as usize).min(line.len());
    for (at, value) in line.iter_mut().enumerate().take(end).skip(first) {
        let after = at as f64 / rate - from_seconds;
        if after >= 0.0 {
            *value += sound(at, after, after / seconds);
        }
    }
}

impl Murmur {
    /// The frequencies it has, and how loud it is beside the sounds: root mean square.
    fn band(self) -> (f64, f64, f64) {
        match self {
            Self::Innocent => (80.0, 150.0, 0.08),
            Self::AorticStenosis => (100.0, 450.0, 0.25),
            Self::MitralRegurgitation => (150.0, 500.0, 0.18),
            Self::AorticRegurgitation => (150.0, 500.0, 0.12),
            Self::MitralStenosis => (30.0, 100.0, 0.15),
        }
    }

    /// From when to when it is heard in a beat.
    fn time(self, cycle: &Cycle) -> (f64, f64) {
        let (first, second) = (cycle.first_seconds, cycle.second_seconds);
        match self {
            Self::Innocent => (first + 0.06, first + 0.7 * (second - first)),
            Self::AorticStenosis => (first + 0.05, second),
            Self::MitralRegurgitation => (first, second),
            Self::AorticRegurgitation => (second, second + 0.75 * (cycle.next_seconds - second)),
            Self::MitralStenosis => (second + 0.09, cycle.next_seconds),
        }
    }

    /// How loud it is at a share of its time.
    fn height(self, share: f64) -> f64 {
        match self {
            Self::Innocent => libm::sin(PI * share),
            Self::AorticStenosis => 1.0 - (2.0 * share - 1.0).abs(),
            Self::MitralRegurgitation => (share / 0.1).min(1.0) * ((1.0 - share) / 0.1).min(1.0),
            Self::AorticRegurgitation => 1.0 - share,
            Self::MitralStenosis => 0.6 + 0.4 * share,
        }
    }

    fn add(self, line: &mut [f64], origin: Origin, cycles: &[Cycle]) {
        let (low_hertz, high_hertz, loudness) = self.band();
        let draws = &mut Stream::new(origin, Kind::Murmur);
        let noise = even(&band(draws, line.len(), HERTZ, low_hertz, high_hertz));
        for cycle in cycles {
            let (from, to) = self.time(cycle);
            let loudness = loudness * cycle.loudness;
            play(line, from, to - from, |at, _, share| noise[at] * loudness * self.height(share));
        }
    }
}

/// Air: louder when it comes in.
fn add_lungs(line: &mut [f64], patient: &Patient, origin: Origin) {
    let air = band(&mut Stream::new(origin, Kind::Lungs), line.len(), HERTZ, 100.0, 1_000.0);
    let (air, breath) = (even(&air), breath(patient, origin));
    for (at, (value, air)) in line.iter_mut().zip(&air).enumerate() {
        let depth = breath.at(at as f64 / f64::from(HERTZ));
        *value += air * depth.abs() * if depth > 0.0 { LUNGS.0 } else { LUNGS.1 };
    }
}

/// A line brought to a root mean square of 1.
fn even(line: &[f64]) -> Vec<f64> {
    let mut even = vec![0.0; line.len()];
    add_scaled(&mut even, line, 1.0);
    even
}

#[cfg(test)]
mod tests {
    use super::super::ecg::{self, Recorder, Recording};
    use super::*;
    use sha2::{Digest, Sha256};

    const ALL: [Option<Murmur>; 6] = [
        None,
        Some(Murmur::Innocent),
        Some(Murmur::AorticStenosis),
        Some(Murmur::MitralRegurgitation),
        Some(Murmur::AorticRegurgitation),
        Some(Murmur::MitralStenosis),
    ];

    fn made(person: u64, murmur: Option<Murmur>) -> (Recording, Vec<u8>) {
        let origin = Origin { seed: 11, person, day: 20_300, instance: 0 };
        let patient = Patient::of(11, person, 50, true);
        let recording = ecg::sinus(&patient, origin, Recorder::BloodPressureMonitor, 64);
        let bytes = heart_sound(&patient, origin, &recording.beats, 20, murmur);
        (recording, bytes)
    }

    fn heard(bytes: &[u8], from_seconds: f64, to_seconds: f64) -> f64 {
        let at = |seconds: f64| ((seconds.max(0.0) * 4_000.0) as usize).min(bytes.len());
        let part = bytes[at(from_seconds)..at(to_seconds)].iter();
        let squares =
            part.map(|byte| f64::from(alaw::decode(*byte)) * f64::from(alaw::decode(*byte)));
        (squares.sum::<f64>() / (at(to_seconds) - at(from_seconds)).max(1) as f64).sqrt()
    }

    /// What is heard in a stretch after each R peak, beside all that is heard.
    fn share(person: u64, murmur: Option<Murmur>, from_seconds: f64, to_seconds: f64) -> f64 {
        let (recording, bytes) = made(person, murmur);
        let beats = &recording.beats[1..recording.beats.len() - 1];
        let after = |beat: &Beat| {
            heard(&bytes, beat.at_seconds + from_seconds, beat.at_seconds + to_seconds)
        };
        beats.iter().map(after).sum::<f64>() / beats.len() as f64 / heard(&bytes, 0.0, 20.0)
    }

    #[test]
    fn a_sound_is_a_byte_a_sample_and_never_over_full_scale() {
        for murmur in ALL {
            let (_, bytes) = made(1, murmur);
            assert_eq!(bytes.len(), 80_000);
            let highest = bytes.iter().map(|byte| alaw::decode(*byte).abs()).max();
            assert!(highest.is_some_and(|highest| (7_500..22_000).contains(&highest)));
        }
    }

    #[test]
    fn two_sounds_follow_each_beat() {
        for person in 0..10 {
            // At 64 bpm the second is 421 ms after the beginning of QRS.
            assert!(share(person, None, 0.01, 0.10) > 1.5, "{person}");
            assert!(share(person, None, 0.37, 0.45) > 1.0, "{person}");
            assert!(share(person, None, 0.20, 0.34) < 0.3, "{person}");
            assert!(share(person, None, 0.55, 0.70) < 0.3, "{person}");
        }
    }

    #[test]
    fn a_murmur_is_heard_where_its_valve_has_it() {
        let systole = |murmur| share(3, murmur, 0.20, 0.34);
        let diastole = |murmur| share(3, murmur, 0.55, 0.70);
        let (quiet, rest) = (systole(None), diastole(None));
        for murmur in [Murmur::AorticStenosis, Murmur::MitralRegurgitation] {
            assert!(systole(Some(murmur)) > 2.0 * quiet, "{murmur:?}");
            assert!(diastole(Some(murmur)) < 1.5 * rest, "{murmur:?}");
        }
        for murmur in [Murmur::AorticRegurgitation, Murmur::MitralStenosis] {
            assert!(diastole(Some(murmur)) > 2.0 * rest, "{murmur:?}");
            assert!(systole(Some(murmur)) < 1.5 * quiet, "{murmur:?}");
        }
    }

    #[test]
    fn without_beats_there_is_only_the_room() {
        let origin = Origin { seed: 11, person: 1, day: 0, instance: 0 };
        let patient = Patient::of(11, 1, 50, true);
        let room = heart_sound(&patient, origin, &[], 2, None);
        assert!(room.len() == 8_000 && heard(&room, 0.0, 2.0) < 1_000.0);
        assert_eq!(heart_sound(&patient, origin, &[], 0, None), []);
        assert_eq!(heart_sound(&patient, origin, &[], u32::MAX, None).len(), 240_000);
    }

    #[test]
    fn the_bytes_are_the_same_in_any_order_and_on_every_machine() {
        let digest = |murmur: &Option<Murmur>| -> String {
            let hash = Sha256::digest(made(7, *murmur).1);
            hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
        };
        let there: Vec<String> = ALL.iter().map(digest).collect();
        let mut back: Vec<String> = ALL.iter().rev().map(digest).collect();
        back.reverse();
        assert_eq!(there, back);
        let known = [
            "ce4fc6dbeaa77457",
            "e67a610572801880",
            "df3f5840d0a95a33",
            "0fd694360d8f8a6d",
            "32927aaec55bb7b1",
            "48d4e758b0089ace",
        ];
        assert_eq!(there, known);
    }
}
