//! The demo person's watch and the sensor under their mattress: sixty days, as batches of device
//! sync. Only hours and nights that are over are handed over, so that a record is whole when its
//! name comes first.

use super::DAYS_WORN;
use anyhow::Context as _;
use domain::calendar;
use serde_json::{Map, Value, json};
use server::Local;
use simulator::{Heart, Minute, Night, Persona, Vitals, Workout};
use std::collections::BTreeMap;

/// Days of one batch.
const DAYS_AT_ONCE_MAX: usize = 10;
const MINUTE_SECONDS: i64 = 60;
const HOUR_SECONDS: i64 = 3_600;
/// At the left wrist.
const WEARPOSITION: i64 = 1;
/// The person confirmed a workout the watch noticed.
const CONFIRMED: i64 = 7;
/// What a watch makes of a rhythm.
const REGULAR: i64 = 0;
const INCONCLUSIVE: i64 = 2;

/// Sixty days of minutes, workouts, electrocardiograms and nights, up to the last full hour.
pub(super) async fn sixty_days(
    running: &Local,
    watch_token: &str,
    mat_token: &str,
    now: i64,
) -> anyhow::Result<()> {
    let (persona, until) = (Persona::demo(), last_hour(now));
    let today = simulator::local_day(&persona, until);
    let days: Vec<i64> = (today - DAYS_WORN..=today).collect();
    tracing::info!(days = DAYS_WORN, "the demo person wears a watch and sleeps on a sensor");
    for days in days.chunks(DAYS_AT_ONCE_MAX) {
        let worn = days.iter().flat_map(|day| worn(&persona, *day, until)).collect();
        hand_over(running, watch_token, worn).await.context("the demo watch could not sync")?;
        let slept = days.iter().flat_map(|day| slept(&persona, *day, until)).collect();
        hand_over(running, mat_token, slept).await.context("the demo sensor could not sync")?;
    }
    let watch = status(until, 71, "2631");
    hand_over(running, watch_token, vec![watch]).await.context("the demo watch could not sync")?;
    let mat = status(until, 100, "2151");
    hand_over(running, mat_token, vec![mat]).await.context("the demo sensor could not sync")
}

/// The demo person's day, counted from 1970-01-01.
pub(super) fn today(now: i64) -> i64 {
    simulator::local_day(&Persona::demo(), now)
}

/// The day on which the last night ended that was handed over.
pub(super) fn last_night(now: i64) -> i64 {
    let (persona, today) = (Persona::demo(), today(now));
    let is_over = |day: &i64| {
        let nights = simulator::nights(&persona, *day, last_hour(now));
        nights.iter().any(|night| !night.is_nap)
    };
    Some(today).filter(is_over).unwrap_or(today - 1)
}

/// The devices sync on the hour.
fn last_hour(now: i64) -> i64 {
    now - now.rem_euclid(HOUR_SECONDS)
}

async fn hand_over(running: &Local, token: &str, records: Vec<Value>) -> anyhow::Result<()> {
    running.post_json(api::sync::PATH, token, &json!({ "records": records })).await?;
    Ok(())
}

/// What the watch has of a day.
fn worn(persona: &Persona, day: i64, until: i64) -> Vec<Value> {
    let mut hours: BTreeMap<i64, Vec<Minute>> = BTreeMap::new();
    // The person lives in a zone whose days begin with an hour of UTC: no hour is of two days.
    for minute in simulator::minutes(persona, day, until) {
        hours.entry(minute.at.div_euclid(HOUR_SECONDS)).or_default().push(minute);
    }
    let minutes = hours.into_iter().map(|(hour, minutes)| intraday(hour * HOUR_SECONDS, &minutes));
    let workouts = simulator::workouts(persona, day, until);
    let workouts = workouts.iter().map(|one| workout(day, one));
    let hearts = simulator::hearts(persona, day, until);
    minutes.chain(workouts).chain(hearts.iter().map(|heart| ecg(day, heart))).collect()
}

/// What the sensor has of the night that ended on a day, and of its nap.
fn slept(persona: &Persona, day: i64, until: i64) -> Vec<Value> {
    simulator::nights(persona, day, until).iter().map(sleep).collect()
}

fn intraday(start: i64, minutes: &[Minute]) -> Value {
    let minutes: BTreeMap<i64, &Minute> = minutes.iter().map(|one| (one.at, one)).collect();
    let (moments, some) = (start..start + HOUR_SECONDS, |count: i64| (count > 0).then_some(count));
    let values = columns(moments, &minutes, |minute| {
        [
            ("steps", some(minute.steps).map(Value::from)),
            ("distance", some(minute.distance_m).map(Value::from)),
            ("elevation", some(minute.floors).map(Value::from)),
            ("calories", some(minute.tenths_kcal).map(|tenths| json!(tenths as f64 / 10.0))),
            ("heart_rate", minute.heart_rate_bpm.map(Value::from)),
        ]
    });
    let hour = jiff::Timestamp::from_second(start).unwrap_or_default().strftime("%Y-%m-%dT%H");
    let id = format!("intraday/{hour}");
    json!({ "id": id, "type": "intraday", "startdate": start, "values": values })
}

fn workout(day: i64, workout: &Workout) -> Value {
    json!({
        "id": format!("workout/{}", calendar::date(day)),
        "type": "workout",
        "startdate": workout.start,
        "enddate": workout.end,
        "category": workout.sport.category(),
        "attrib": CONFIRMED,
    })
}

fn ecg(day: i64, heart: &Heart) -> Value {
    let recording = &heart.recording;
    let mut record = json!({
        "id": format!("ecg/{}", calendar::date(day)),
        "type": "ecg",
        "taken_at": heart.taken_at,
        "frequency": recording.hertz,
        "wearposition": WEARPOSITION,
        "heart_rate": recording.heart_rate_bpm,
        "afib": if heart.is_inconclusive { INCONCLUSIVE } else { REGULAR },
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

fn sleep(night: &Night) -> Value {
    let stages = night.stages.iter().map(|stage| {
        json!({ "startdate": stage.start, "enddate": stage.end, "state": stage.state.code() })
    });
    let vitals: BTreeMap<i64, &Vitals> = night.vitals.iter().map(|one| (one.at, one)).collect();
    let start = night.vitals.first().map_or(0, |first| first.at);
    let end = night.vitals.last().map_or(0, |last| last.at + MINUTE_SECONDS);
    let values = columns(start..end, &vitals, |vitals| {
        let (rmssd, sdnn) = vitals.variability_ms.unzip();
        [
            ("hr", Some(vitals.heart_rate_bpm.into())),
            ("rr", Some(vitals.breaths_per_minute.into())),
            ("snoring", Some(vitals.snoring_seconds.into())),
            ("mvt_score", Some(vitals.movement.into())),
            ("rmssd", rmssd.map(Value::from)),
            ("sdnn_1", sdnn.map(Value::from)),
        ]
    });
    let kind = if night.is_nap { "nap" } else { "sleep" };
    let mut record = json!({
        "id": format!("{kind}/{}", calendar::date(night.day)),
        "type": "sleep",
        "completed": true,
        "stages": stages.collect::<Vec<_>>(),
        "series": { "startdate": start, "values": values },
    });
    if let Some(score) = night.score {
        record["summary"] = json!({ "sleep_score": score });
    }
    record
}

/// A list for each field that has a value at any minute; null where there is nothing.
fn columns<T, const FIELDS: usize>(
    moments: std::ops::Range<i64>,
    minutes: &BTreeMap<i64, &T>,
    fields: impl Fn(&T) -> [(&'static str, Option<Value>); FIELDS],
) -> Map<String, Value> {
    let count = (moments.end - moments.start) / MINUTE_SECONDS;
    let nothing = vec![Value::Null; usize::try_from(count).unwrap_or(0)];
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (place, at) in moments.step_by(MINUTE_SECONDS as usize).enumerate() {
        let Some(minute) = minutes.get(&at) else { continue };
        for (name, value) in fields(minute) {
            if let Some(value) = value {
                lists.entry(name).or_insert_with(|| nothing.clone())[place] = value;
            }
        }
    }
    lists.into_iter().map(|(name, list)| (name.to_owned(), list.into())).collect()
}

/// How a device is, when it handed over the last hour.
fn status(until: i64, battery_percent: i64, firmware: &str) -> Value {
    json!({
        "id": format!("status/{until}"),
        "type": "status",
        "battery_percent": battery_percent,
        "firmware": firmware,
        "timezone": Persona::demo().zone,
    })
}
