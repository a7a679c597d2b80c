//! A year of somebody with a scale, a watch and a mat, as their devices hand it over: the batches,
//! and what they take on disk. The series have the shape of the fixed ones.

use crate::data::{self, Person};
use crate::figure::{Figure, RUNS, Runs, Target as Promise};
use crate::series::Drawn;
use anyhow::{Result, ensure};
use api::{admin, sync};
use domain::DAY_SECONDS;
use serde_json::{Value, json};
use std::path::Path;
use store::{Access, Db, Target, Tx};

pub(crate) const FIGURE: Figure = Figure {
    name: "person_year_mb",
    unit: "MB",
    target: Promise::AtMost(2.0),
    what: "the embedded store's file for a year of scale, watch, mat and 24 electrocardiograms",
    measure: |_| measure(),
};

const DAYS: i64 = 365;
/// A signal every so many days.
const ECG_DAYS: i64 = 15;

/// Devices of a person, each with a token.
#[derive(Clone)]
pub(crate) struct Devices {
    pub(crate) watch: String,
    pub(crate) mat: String,
}

pub(crate) fn devices(db: &Db, person: &Person) -> Result<Devices> {
    let user = person.user;
    let of = |kind: &str| person.mac.replacen("00:24:e4", kind, 1);
    let (watch, mat) = (of("00:24:e5"), of("00:24:e6"));
    let made = db.run_blocking(Access::Write, move |tx| {
        let mut tokens = Vec::new();
        for (mac, model_id) in [(&watch, 93), (&mat, 63)] {
            let (mac, users) = (mac.clone(), vec![user.to_string()]);
            let new = admin::NewDevice { mac: mac.clone(), model_id, users, ..Default::default() };
            admin::register_device(tx, &new)?;
            tokens.push(admin::issue_device_token(tx, &mac, false)?.1);
        }
        Ok(tokens)
    })?;
    let [watch, mat] = made.try_into().map_err(|_| anyhow::anyhow!("two devices"))?;
    Ok(Devices { watch, mat })
}

/// Hands a batch over as the server does.
pub(crate) fn hand_over(db: &Db, token: &str, records: &[Value]) -> Result<()> {
    let batch = json!({ "records": records }).to_string();
    let batch = sync::Batch::read(batch.as_bytes());
    let token = token.to_owned();
    let answer = db.run_blocking(Access::Write, move |tx: &mut Tx<'_>| {
        sync::answer(tx, Some(&token), &batch)
    })?;
    let answer: Value = serde_json::from_slice(&answer)?;
    let stored = answer["body"]["stored"].as_u64();
    ensure!(stored == Some(records.len() as u64), "a batch was not kept: {answer}");
    Ok(())
}

/// Midnight of a day, so many before today.
pub(crate) fn midnight(days_ago: i64) -> Result<i64> {
    #[expect(clippy::disallowed_methods, reason = "data that ends today is what servers hold")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    Ok((i64::try_from(now)? / DAY_SECONDS - days_ago) * DAY_SECONDS)
}

/// A day of a watch: a heart rate a minute while it is worn, and steps, distance and calories in
/// minutes with steps.
pub(crate) fn watch_day(start: i64, drawn: &mut Drawn) -> Value {
    let (mut beats, off, mut walking) = (60, 300 + drawn.below(900), 0);
    let none = || vec![Value::Null; 1_440];
    let (mut rates, mut steps, mut metres, mut burnt) = (none(), none(), none(), none());
    for minute in 0..1_440_usize {
        let at = minute as i64;
        let resting = if (420..1_380).contains(&at) { 72 } else { 56 };
        beats += (resting - beats) / 12 + drawn.around(3);
        if !(off..off + 120).contains(&at) {
            rates[minute] = json!(beats);
        }
        if walking == 0 && (420..1_320).contains(&at) && drawn.below(60) == 0 {
            walking = 3 + drawn.below(20);
        }
        walking = (walking - 1).max(0);
        if walking > 0 {
            let count = 95 + drawn.around(25);
            steps[minute] = json!(count);
            metres[minute] = json!(count * 72 / 100);
            burnt[minute] = json!((count as f64 * 0.4).round() / 10.0);
        }
    }
    let values =
        json!({ "heart_rate": rates, "steps": steps, "distance": metres, "calories": burnt });
    let id = format!("day/{start}");
    json!({ "id": id, "type": "intraday", "startdate": start, "values": values })
}

/// Eight hours on a mat: stages of some minutes, and four series.
pub(crate) fn night(start: i64, drawn: &mut Drawn) -> Value {
    const MINUTES: usize = 480;
    let (mut stages, mut minute, mut state) = (Vec::new(), 0, 0);
    while minute < MINUTES {
        let length = (2 + drawn.below(10) as usize).min(MINUTES - minute);
        let (from, to) = (minute as i64, (minute + length) as i64);
        stages.push(json!({
            "startdate": start + from * 60, "enddate": start + to * 60, "state": state,
        }));
        minute += length;
        let next = [1, 1, 1, 2, 2, 3][drawn.below(6) as usize];
        state = if drawn.below(30) == 0 { 0 } else { next };
    }
    let mut beats = 58;
    let mut rates = Vec::new();
    for _ in 0..MINUTES {
        beats += (56 - beats) / 8 + drawn.around(2);
        rates.push(beats);
    }
    let breaths: Vec<i64> = (0..MINUTES).map(|_| 14 + drawn.around(2)).collect();
    let snoring: Vec<i64> =
        (0..MINUTES).map(|_| if drawn.below(12) == 0 { drawn.below(60) } else { 0 }).collect();
    let moved: Vec<i64> =
        (0..MINUTES).map(|_| if drawn.below(9) == 0 { drawn.below(200) } else { 0 }).collect();
    let values = json!({ "hr": rates, "rr": breaths, "snoring": snoring, "mvt_score": moved });
    json!({
        "id": format!("night/{start}"), "type": "sleep", "stages": stages, "completed": true,
        "series": { "startdate": start, "values": values }, "summary": { "sleep_score": 80 },
    })
}

fn ecg(at: i64, signal: &[i64]) -> Value {
    json!({
        "id": format!("ecg/{at}"), "type": "ecg", "taken_at": at, "frequency": 300,
        "signal": signal, "wearposition": 1, "afib": 0, "heart_rate": 64,
    })
}

/// Days of a person up to yesterday.
pub(crate) fn live(db: &Db, devices: &Devices, days: i64) -> Result<()> {
    let signals = crate::series::signals()?;
    let mut drawn = Drawn::new(5);
    for ago in (1..=days).rev() {
        let start = midnight(ago)?;
        let mut records = vec![watch_day(start, &mut drawn)];
        if ago % ECG_DAYS == 0 {
            let signal = &signals[usize::try_from(ago / ECG_DAYS)? % signals.len()];
            records.push(ecg(start + 40_000, signal));
        }
        hand_over(db, &devices.watch, &records)?;
        hand_over(db, &devices.mat, &[night(start - 3_600, &mut drawn)])?;
    }
    Ok(())
}

fn measure() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("vitald.db");
    let target = Target::Sqlite(file.clone());
    let db = data::open(&target, folder.path())?;
    let person = data::person(&db, 1)?;
    let devices = devices(&db, &person)?;
    // Closed, so that the schema is in the file and not in the log beside it.
    db.close();
    let empty = bytes(&file)?;
    let db = data::open(&target, folder.path())?;
    let mornings = data::mornings(DAYS)?;
    data::fill(&db, &[person], &mornings)?;
    live(&db, &devices, DAYS)?;
    db.close();
    let taken = bytes(&file)? - empty;
    let megabytes = f64::from(u32::try_from(taken)?) / 1e6;
    // The same bytes each time, but for ids and the day it is.
    Ok(Runs {
        values: vec![megabytes; RUNS],
        baseline: format!("{DAYS} days, {} weighings, {taken} bytes", mornings.len()),
    })
}

fn bytes(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file)?.len())
}
