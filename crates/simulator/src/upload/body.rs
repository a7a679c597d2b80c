//! Scales, blood pressure monitors and thermometers: groups of measures in the units, with the
//! marks and in the groups that the same devices were seen to make (field notes of the reference,
//! "one weigh-in arrives as several groups").
//!
//! `attrib` stands in a group where it is not 0, though device sync passes it over today.

use super::{Item, Maker};
use crate::curve::whole;
use crate::fibrillation::Episodes;
use crate::person::{Course, Sex};
use crate::random::{Kind, Stream};
use crate::scale::{self, Weighed};
use crate::{Reading, Value as Measured, artery, cuff, thermometer};
use serde_json::{Value, json};
use signal::synth::ecg::{self, Recorder};
use signal::synth::heart_sound::{self, heart_sound};
use signal::synth::{Origin, Patient};

/// Marks seen beside values of the body, of pressure, and of arteries. \[choice of those seen\]
const FM_BODY: i64 = 131;
const FM_PRESSURE: i64 = 128;
const FM_ARTERY: i64 = 3;
/// What a group of arteries has for `attrib`.
const ATTRIB_ARTERY: i64 = 8;
/// Segments: right and left arm, left and right leg, trunk; their shares of what is lean and of
/// fat. \[choice\]
const SEGMENTS: [(i64, f64, f64); 5] =
    [(2, 0.056, 0.055), (3, 0.055, 0.055), (10, 0.168, 0.175), (11, 0.17, 0.175), (12, 0.5, 0.48)];
/// The whole body among positions.
const WHOLE: i64 = 7;

/// Of 100 pressures with a recorded heart, and of those with its sounds. \[choice\]
const RECORDED: i64 = 22;
const HEARD: i64 = 20;
const HEARD_SECONDS: u32 = 20;

/// A record of measures.
fn group(id: &str, at: i64, measures: Vec<Value>) -> Value {
    json!({ "id": id, "type": "measures", "taken_at": at, "measures": measures })
}

fn measure(kind: i64, value: i64, unit: i64) -> Value {
    json!({ "type": kind, "value": value, "unit": unit })
}

/// One with the device's marks.
fn marked(kind: i64, value: i64, unit: i64, fm: i64) -> Value {
    json!({ "type": kind, "value": value, "unit": unit, "algo": 0, "fm": fm })
}

impl Maker<'_> {
    /// The weigh-in of a day: up to four groups of one second.
    pub(super) fn weighings(&self) -> Vec<Item> {
        let Some((at, found)) = scale::of_day(self.persona, self.calendar, self.day) else {
            return Vec::new();
        };
        let course = Course::of(self.persona);
        // Who shares the scale may stand on it in the same second.
        let whose = if self.device.is_shared {
            format!("/{:x}", self.persona.seed & 0xffff)
        } else {
            String::new()
        };
        let id = |number: i64| format!("m/{at}/{number}{whose}");
        let mut records = vec![group(&id(0), at, self.composition(&course, &found))];
        if self.device.has_composition()
            && let Some(rate) = found.rate_bpm
        {
            records.push(group(&id(1), at, vec![marked(11, rate, 0, FM_BODY)]));
        }
        if self.device.has_arteries() {
            let pressure = cuff::pressure(self.persona, at);
            let years = course.years(self.day);
            let velocity = artery::velocity(self.persona, years, pressure, self.day);
            let measures = vec![
                marked(91, velocity, -3, FM_ARTERY),
                marked(155, artery::age_tenths(velocity), -1, FM_ARTERY),
            ];
            let mut arteries = group(&id(2), at, measures);
            arteries["attrib"] = ATTRIB_ARTERY.into();
            records.push(arteries);
        }
        if self.device.has_segments() {
            records.push(group(&id(3), at, self.feet()));
        }
        vec![self.item(at, 0, records)]
    }

    fn composition(&self, course: &Course, found: &Weighed) -> Vec<Value> {
        let Weighed { weight, fat, lean, bone, water, fat_ratio, .. } = *found;
        let mut measures = vec![marked(1, weight * 10, -3, FM_BODY)];
        if !self.device.has_composition() {
            return measures;
        }
        measures.extend([
            marked(5, lean, -2, FM_BODY),
            // The ratio has no marks.
            measure(6, fat_ratio, -3),
            marked(8, fat, -2, FM_BODY),
            marked(76, lean - bone, -2, FM_BODY),
            marked(77, water, -2, FM_BODY),
            marked(88, bone, -2, FM_BODY),
        ]);
        if self.device.has_segments() {
            measures.extend(self.segments(course, found));
        }
        measures
    }

    /// What a scale with a handle adds: fat and what is lean once more, of the whole body, water
    /// outside and inside of cells, fat about the bowels, the parts, and energy at rest.
    fn segments(&self, course: &Course, found: &Weighed) -> Vec<Value> {
        let Weighed { fat, lean, bone, water, .. } = *found;
        let placed = |kind: i64, value: i64, unit: i64, position: i64| {
            let mut measure = marked(kind, value, unit, FM_BODY);
            measure["position"] = position.into();
            measure
        };
        let outside = whole(water as f64 * 0.41);
        let (index, years) = (course.index(self.day), course.years(self.day));
        let men = if course.sex() == Sex::Man { 2.0 } else { 0.0 };
        let bowels = ((index - 21.0) * 0.7 + men + (years - 30.0) / 15.0).clamp(1.0, 25.0);
        let mut measures = vec![
            placed(5, lean, -2, WHOLE),
            placed(8, fat, -2, WHOLE),
            marked(168, outside, -2, FM_BODY),
            marked(169, water - outside, -2, FM_BODY),
            marked(170, whole(bowels * 10.0), -1, FM_BODY),
        ];
        let part = |kind: i64, whole_of: i64, share: f64, position: i64| {
            placed(kind, whole(whole_of as f64 * share), -2, position)
        };
        let noise = Stream::new(self.persona.seed, Kind::Segments);
        for (place, (position, lean_share, fat_share)) in SEGMENTS.into_iter().enumerate() {
            let noise = 1.0 + 0.01 * noise.normal(self.day, place as u64).clamp(-2.0, 2.0);
            measures.push(part(173, lean, lean_share * noise, position));
            measures.push(part(174, fat, fat_share * noise, position));
            measures.push(part(175, lean - bone, lean_share * noise, position));
        }
        // Katch and McArdle: 370 and 21.6 for each lean kilogram.
        measures.push(marked(226, whole(370.0 + 0.216 * lean as f64), 0, FM_BODY));
        measures
    }

    /// Sweat of the feet: both, left, right. \[choice\]
    fn feet(&self) -> Vec<Value> {
        let draws = Stream::new(self.persona.seed, Kind::Segments);
        let foot = |draw: u64| 62 + draws.below(self.day, draw, 18);
        let (left, right) = (foot(60), foot(61));
        vec![measure(196, (left + right) / 2, 0), measure(197, left, 0), measure(198, right, 0)]
    }

    /// The blood pressures of a day, some with a recorded heart.
    pub(super) fn pressures(&self) -> Vec<Item> {
        let readings = cuff::of_day(self.persona, self.calendar, self.day);
        readings
            .iter()
            .enumerate()
            .map(|(number, reading)| {
                let at = reading.taken_at;
                let values = reading.values.iter();
                let values = values
                    .map(|one| marked(one.kind.into(), one.value, one.unit.into(), FM_PRESSURE));
                let mut records = vec![group(&format!("m/{at}/0"), at, values.collect())];
                if self.device.has_heart() {
                    records.extend(self.recorded(number as u64, reading));
                }
                self.item(at, number as u64, records)
            })
            .collect()
    }

    /// An electrocardiogram with a blood pressure, and now and then the sounds to its beats.
    fn recorded(&self, number: u64, reading: &Reading) -> Vec<Value> {
        let (at, day) = (reading.taken_at, self.day);
        let draws = Stream::new(self.persona.seed, Kind::Heart);
        let fibrillates = Episodes::about(self.persona, self.calendar, day).has(at);
        if !fibrillates && draws.below(day, 20 + number, 100) >= RECORDED {
            return Vec::new();
        }
        let of = |kind: i32| {
            let found = reading.values.iter().find(|value| value.kind == kind);
            found.map_or(0, |value| value.value)
        };
        let bpm = u16::try_from(of(Measured::PULSE)).unwrap_or(ecg::HEART_RATE_MAX_BPM);
        let course = Course::of(self.persona);
        let (seed, is_woman) = (self.persona.seed, course.sex() == Sex::Woman);
        let patient = Patient::of(seed, 0, course.age(day) as u8, is_woman);
        let day_number = i32::try_from(day).unwrap_or(0);
        let instance = 1 + u32::try_from(number).unwrap_or(0);
        let origin = Origin { seed, person: 0, day: day_number, instance };
        let make = if fibrillates { ecg::atrial_fibrillation } else { ecg::sinus };
        let recording = make(&patient, origin, Recorder::BloodPressureMonitor, bpm);
        let told = recording.intervals;
        let mut records = vec![json!({
            "id": format!("e/{at}"),
            "type": "ecg",
            "taken_at": at,
            "frequency": recording.hertz,
            "signal": recording.samples,
            "afib": i64::from(fibrillates),
            "heart_rate": recording.heart_rate_bpm,
            "bloodpressure": {
                "systole": of(Measured::SYSTOLIC),
                "diastole": of(Measured::DIASTOLIC),
            },
            "intervals": {
                "pr": told.pr_ms, "qrs": told.qrs_ms, "qt": told.qt_ms, "qtc": told.qtc_ms,
            },
        })];
        if draws.below(day, 30 + number, 100) < HEARD {
            let sounds = heart_sound(&patient, origin, &recording.beats, HEARD_SECONDS, None);
            records.push(json!({
                "id": format!("t/{at}"),
                "type": "stetho",
                "taken_at": at,
                "frequency": heart_sound::HERTZ,
                "signal": sounds,
                "vhd": 0,
            }));
        }
        records
    }

    /// The temperatures of a day.
    pub(super) fn temperatures(&self) -> Vec<Item> {
        let taken = thermometer::of_day(self.persona, self.calendar, self.day);
        let item = |(number, (at, hundredths)): (usize, (i64, i64))| {
            let measures = vec![measure(71, hundredths, -2)];
            self.item(at, number as u64, vec![group(&format!("m/{at}/0"), at, measures)])
        };
        taken.into_iter().enumerate().map(item).collect()
    }

    /// Records of an instant, on their way.
    pub(super) fn item(&self, at: i64, number: u64, records: Vec<Value>) -> Item {
        let leaves = self.schedule.leaves(self.calendar, self.device, self.day, at, number);
        Item { leaves, records }
    }
}
