//! Raw data of a watch: light and acceleration 25 times a second, minute by minute, as records of
//! device sync. A day of one sensor has two million numbers, so it is made for whom a program asked
//! alone, and of the span that is asked for.
//!
//! What it deliberately does not do: what goes on within a minute; a minute is walked or not. The
//! beats of a minute are not those of an electrocardiogram taken in it.

use crate::Persona;
use crate::beat::{self, Pace};
use crate::calendar::{Calendar, MINUTE};
use crate::device::DeviceKind;
use crate::fibrillation::Episodes;
use crate::motion::{self, Minute};
use crate::night::{Night, State, nights};
use crate::person::Course;
use crate::random::{Kind, Stream};
use serde_json::{Map, Value, json};
use signal::synth::Origin;
use signal::synth::light::{self, Skin};
use signal::synth::wrist::{self, Move};

/// A sensor of a watch, as the reference numbers them (`rawdata_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensor {
    /// The accelerometer: 1.
    Accelerometer,
    /// The optical sensor: 2.
    Optical,
}

impl Sensor {
    /// Its number in the reference.
    pub fn code(self) -> i64 {
        match self {
            Self::Accelerometer => 1,
            Self::Optical => 2,
        }
    }
}

/// The most minutes of one call: a day.
const MINUTES_MAX: i64 = 1_440;
const FORMAT_VERSION: i64 = 2;
const SAMPLES: i64 = 60 * 25;
/// How long a sleeper lies as they lie, in minutes: 10 to 30. \[mem\]
const POSTURE_MINUTES: i64 = 20;
/// Gain: full scale and current of each light, which stay. \[choice\]
const RANGE: i64 = 16;
const CURRENTS_UA: [i64; 3] = [18_000, 24_000, 22_000];
/// The variability that is aimed at awake, in ms, before age. \[choice\]
const AWAKE_RMSSD_MS: f64 = 30.0;

/// The records of a sensor for each whole minute, by Unix time, from an instant to another: at most
/// a day, from its beginning on. Of minutes in which the watch is charged there are none, nor of
/// people without a watch.
///
/// A minute is the same in whatever span it is asked for.
pub fn raw_data(persona: &Persona, sensor: Sensor, from: i64, until: i64) -> Vec<Value> {
    let devices = persona.devices();
    let Some(watch) = devices.iter().find(|device| device.kind == DeviceKind::Watch) else {
        return Vec::new();
    };
    let first = from.saturating_add(MINUTE - 1).div_euclid(MINUTE) * MINUTE;
    let until = until.min(first.saturating_add(MINUTES_MAX * MINUTE));
    let calendar = Calendar::of(persona);
    let days = calendar.day(first)..=calendar.day(until);
    let firmware: i64 = watch.firmware.parse().unwrap_or(0);
    let mut records = Vec::new();
    for day in days {
        let minutes = motion::minutes(persona, day, i64::MAX);
        let asked =
            |minute: &&Minute| minute.at >= first && minute.at.saturating_add(MINUTE) <= until;
        let mut asked = minutes.iter().filter(asked).peekable();
        if asked.peek().is_none() {
            continue;
        }
        let worn = Worn {
            persona,
            course: Course::of(persona),
            episodes: Episodes::about(persona, &calendar, day),
            nights: [day, day + 1]
                .into_iter()
                .flat_map(|day| nights(persona, day, i64::MAX))
                .collect(),
            day,
        };
        records.extend(asked.map(|minute| worn.record(sensor, minute, firmware)));
    }
    records
}

/// A day at a wrist.
struct Worn<'p> {
    persona: &'p Persona,
    course: Course,
    episodes: Episodes,
    nights: Vec<Night>,
    day: i64,
}

impl Worn<'_> {
    fn record(&self, sensor: Sensor, minute: &Minute, firmware: i64) -> Value {
        let start = minute.at;
        let number = start / MINUTE * SAMPLES;
        let mut data = Map::new();
        let mut column = |name: &str, values: Vec<i64>| {
            data.insert(name.to_owned(), values.into());
        };
        column("id", (number..number + SAMPLES).collect());
        column("timestamp", (0..SAMPLES).map(|sample| start + sample / 25).collect());
        let name = match sensor {
            Sensor::Accelerometer => {
                let felt = wrist::wrist(self.origin(minute), 60, self.doing(minute));
                column("acc_x", felt.x);
                column("acc_y", felt.y);
                column("acc_z", felt.z);
                "ADXL362_RAW"
            }
            Sensor::Optical => {
                let seen = self.light(minute);
                let lights = [("green", seen.green), ("ir", seen.infrared), ("red", seen.red)];
                for ((name, counts), current) in lights.into_iter().zip(CURRENTS_UA) {
                    let same = |value: i64| vec![value; SAMPLES as usize];
                    column(&format!("agc_{name}_adc_range"), same(RANGE));
                    column(&format!("agc_{name}_current_ua"), same(current));
                    column(&format!("ppg_{name}"), counts);
                }
                "MAX8614X_PPG_AGC"
            }
        };
        json!({
            "id": format!("r/{}/{start}", sensor.code()),
            "type": "rawdata",
            "rawdata_type": sensor.code(),
            "startdate": start,
            "enddate": start + MINUTE - 1,
            "format_version": FORMAT_VERSION,
            "firmware_version": firmware,
            "sensor_name": name,
            "data": data,
        })
    }

    fn origin(&self, minute: &Minute) -> Origin {
        let instance = u32::try_from(minute.at / MINUTE % 10_080).unwrap_or(0);
        let day = i32::try_from(self.day).unwrap_or(0);
        Origin { seed: self.persona.seed, person: 0, day, instance }
    }

    fn state(&self, at: i64) -> Option<State> {
        let stages = self.nights.iter().flat_map(|night| &night.stages);
        stages.into_iter().find(|stage| (stage.start..stage.end).contains(&at)).map(|one| one.state)
    }

    fn doing(&self, minute: &Minute) -> Move {
        if minute.steps > 0 {
            return Move::Steps(u32::try_from(minute.steps).unwrap_or(0));
        }
        match self.state(minute.at) {
            None | Some(State::OutOfBed) => Move::Still,
            Some(state) => {
                let stretch = minute.at / MINUTE / POSTURE_MINUTES;
                let draws = Stream::new(self.persona.seed, Kind::Beats);
                let posture = u32::try_from(draws.below(stretch, 900, 6)).unwrap_or(0);
                let turns = state == State::Awake || minute.at / MINUTE % POSTURE_MINUTES == 0;
                Move::Asleep { posture, turns }
            }
        }
    }

    fn light(&self, minute: &Minute) -> light::Light {
        let of_bed = self.nights.iter().flat_map(|night| &night.vitals);
        let in_bed = of_bed.into_iter().find(|one| one.at == minute.at);
        let bpm = minute.heart_rate_bpm.unwrap_or(70);
        let breaths = in_bed.map_or(15, |one| one.breaths_per_minute);
        let variability = self.persona.life.variability_permille as f64 / 1_000.0;
        let pace = Pace {
            bpm,
            breaths,
            rmssd_ms: AWAKE_RMSSD_MS * variability,
            slow: 1.5,
            fibrillates: self.episodes.has(minute.at),
        };
        let distances = beat::distances(self.persona, minute.at, pace);
        let years = self.course.years(self.day);
        let apnoea = self.nights.first().map_or(0, |night| night.apnoea_tenths);
        let oxygen = match self.state(minute.at).filter(|state| state.is_sleep()) {
            Some(_) => crate::oxygen::asleep(self.persona, years, apnoea, minute.at),
            None => 97,
        };
        let skin = Skin {
            age_years: years,
            oxygen_percent: oxygen as f64,
            breaths_per_minute: breaths as f64,
            steps_per_second: minute.steps as f64 / 60.0,
        };
        light::light(self.origin(minute), &distances, skin)
    }
}
