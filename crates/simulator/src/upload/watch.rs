//! A watch: minutes, workouts, electrocardiograms, nights, and how fit somebody is.

use super::bed::{self, Tells, bounds, is_asleep};
use super::columns::Columns;
use crate::calendar::{Calendar, MINUTE, weekday};
use crate::curve::whole;
use crate::device::Device;
use crate::heart::Heart;
use crate::motion::{self, Minute};
use crate::night::nights;
use crate::person::Course;
use crate::workout::Workout;
use crate::{Persona, hearts, oxygen, warmth, workouts};
use serde_json::{Value, json};

const HOUR: i64 = 3_600;
/// At the left wrist.
const WEARPOSITION: i64 = 1;
/// The person confirmed a workout the watch noticed.
const CONFIRMED: i64 = 7;
/// What a watch makes of a rhythm.
const REGULAR: i64 = 0;
const FIBRILLATES: i64 = 1;
const INCONCLUSIVE: i64 = 2;
/// Minutes from one value of oxygen to the next, asleep; of temperature. \[choice\]
const OXYGEN_MINUTES: i64 = 10;
const WARMTH_MINUTES: i64 = 10;
/// How long an electrocardiogram takes, in seconds.
const RECORDING: i64 = 30;

/// What a watch has of a minute beside what it counts.
struct Extra {
    at: i64,
    field: &'static str,
    value: Value,
}

/// What a watch has of a day, each thing with the instant it is over.
pub(super) struct Day {
    minutes: Vec<Minute>,
    extras: Vec<Extra>,
    records: Vec<(i64, Value)>,
}

impl Day {
    pub(super) fn of(persona: &Persona, device: &Device, day: i64, sleeps: bool) -> Self {
        let calendar = Calendar::of(persona);
        let minutes = motion::minutes(persona, day, i64::MAX);
        let workouts = workouts(persona, day, i64::MAX);
        let hearts = hearts(persona, day, i64::MAX);
        let mut records: Vec<(i64, Value)> =
            workouts.iter().map(|one| (one.end, workout(one))).collect();
        records.extend(hearts.iter().map(|one| (one.taken_at + RECORDING, ecg(one))));
        records.extend(fitness(persona, &calendar, day));
        let mut extras = Vec::new();
        let course = Course::of(persona);
        if device.has_warmth() {
            for minute in minutes.iter().filter(|one| one.at % (WARMTH_MINUTES * MINUTE) == 0) {
                let core = warmth::core(persona, &course, &calendar, minute.at);
                // Hundredths; effort warms by what the heart says.
                let effort = minute
                    .heart_rate_bpm
                    .map_or(0.0, |bpm| ((bpm as f64 - 110.0) / 200.0).clamp(0.0, 0.4));
                let value = whole((core + effort) * 100.0) as f64 / 100.0;
                extras.push(Extra {
                    at: minute.at,
                    field: "core_body_temperature",
                    value: value.into(),
                });
            }
        }
        for night in nights(persona, day, i64::MAX) {
            let worn = |at: i64| at % (OXYGEN_MINUTES * MINUTE) == 0 && is_asleep(&night, at);
            let mut push = |at, field, value: i64| {
                extras.push(Extra { at, field, value: value.into() });
            };
            for one in &night.vitals {
                if device.has_oxygen() && worn(one.at) {
                    let years = course.years(day);
                    let found = oxygen::asleep(persona, years, night.apnoea_tenths, one.at);
                    push(one.at, "spo2_auto", found);
                }
                if device.has_warmth()
                    && let Some((rmssd, sdnn)) = one.variability_ms
                {
                    push(one.at, "rr", one.breaths_per_minute);
                    push(one.at, "rmssd", rmssd);
                    push(one.at, "sdnn1", sdnn);
                }
            }
            if sleeps {
                let tells = Tells {
                    breath: device.has_warmth(),
                    movement: false,
                    variability: device.has_warmth(),
                    apnoea: false,
                };
                records.push((bounds(&night).1, bed::record(&night, &tells)));
            }
        }
        Self { minutes, extras, records }
    }
}

/// The records of a watch between two syncs: of everything that was over at the second and not at
/// the first. Minutes are cut at the hours.
pub(super) fn records(days: &[&Day], before: i64, at: i64) -> Vec<Value> {
    let is_new = |end: i64| end > before && end <= at;
    let first = (before - MINUTE).div_euclid(MINUTE) * MINUTE + MINUTE;
    let last = at.div_euclid(MINUTE) * MINUTE;
    let mut records = Vec::new();
    let mut start = first;
    while start < last {
        let end = ((start.div_euclid(HOUR) + 1) * HOUR).min(last);
        records.extend(intraday(days, start, end));
        start = end;
    }
    let mut others: Vec<&(i64, Value)> =
        days.iter().flat_map(|day| &day.records).filter(|(end, _)| is_new(*end)).collect();
    others.sort_by_key(|(end, _)| *end);
    records.extend(others.into_iter().map(|(_, record)| record.clone()));
    records
}

/// The minutes from one up to another.
fn intraday(days: &[&Day], start: i64, end: i64) -> Option<Value> {
    let mut columns = Columns::of(usize::try_from((end - start) / MINUTE).unwrap_or(0));
    let moment = |at: i64| usize::try_from((at - start) / MINUTE).unwrap_or(usize::MAX);
    for day in days {
        let from = day.minutes.partition_point(|minute| minute.at < start);
        for minute in day.minutes[from..].iter().take_while(|minute| minute.at < end) {
            let moment = moment(minute.at);
            let mut some = |name, count: i64| {
                if count > 0 {
                    columns.set(name, moment, count);
                }
            };
            some("steps", minute.steps);
            some("distance", minute.distance_m);
            some("elevation", minute.floors);
            some("heart_rate", minute.heart_rate_bpm.unwrap_or(0));
            if minute.tenths_kcal > 0 {
                columns.set("calories", moment, minute.tenths_kcal as f64 / 10.0);
            }
        }
        for extra in day.extras.iter().filter(|extra| (start..end).contains(&extra.at)) {
            columns.set(extra.field, moment(extra.at), extra.value.clone());
        }
    }
    if columns.is_empty() {
        return None;
    }
    Some(json!({
        "id": format!("i/{start}"),
        "type": "intraday",
        "startdate": start,
        "values": columns.into_values(),
    }))
}

fn workout(workout: &Workout) -> Value {
    json!({
        "id": format!("w/{}", workout.start),
        "type": "workout",
        "startdate": workout.start,
        "enddate": workout.end,
        "category": workout.sport.category(),
        "attrib": CONFIRMED,
    })
}

fn ecg(heart: &Heart) -> Value {
    let recording = &heart.recording;
    let mut record = json!({
        "id": format!("e/{}", heart.taken_at),
        "type": "ecg",
        "taken_at": heart.taken_at,
        "frequency": recording.hertz,
        "wearposition": WEARPOSITION,
        "heart_rate": recording.heart_rate_bpm,
        "afib": match (heart.is_inconclusive, heart.fibrillates) {
            (true, _) => INCONCLUSIVE,
            (_, true) => FIBRILLATES,
            _ => REGULAR,
        },
        "signal": recording.samples,
    });
    // In noise there is nothing to measure.
    if !heart.is_inconclusive {
        let told = recording.intervals;
        record["intervals"] = json!({
            "pr": told.pr_ms, "qrs": told.qrs_ms, "qt": told.qt_ms, "qtc": told.qtc_ms,
        });
    }
    record
}

/// The most oxygen somebody takes up, once a week, on Sunday evening.
fn fitness(persona: &Persona, calendar: &Calendar, day: i64) -> Option<(i64, Value)> {
    let at = calendar.instant(day, 20 * HOUR).filter(|_| weekday(day) == 6)?;
    let oxygen = whole(Course::of(persona).oxygen(day));
    let record = json!({
        "id": format!("m/{at}/0"),
        "type": "measures",
        "taken_at": at,
        "measures": [{ "type": 123, "value": oxygen, "unit": 0 }],
    });
    Some((at, record))
}
