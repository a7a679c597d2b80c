//! How fast simulated people live: everything their devices would hand over, made and thrown away.

use crate::figure::{Figure, RUNS, Runs, Target as Promise};
use anyhow::{Result, ensure};
use simulator::{Feed, Persona, Preset};
use std::time::Instant;

pub(crate) const FIGURE: Figure = Figure {
    name: "simulated_person_days_per_minute",
    unit: "",
    target: Promise::AtLeast(10_000.0),
    what: "days of simulated people, as records of device sync, on one core",
    measure: |_| measure(),
};

/// 2026-03-01, in a story's ninth week.
const FROM: i64 = 20_513;
const DAYS: i64 = 60;
const DAY_SECONDS: i64 = 86_400;

fn measure() -> Result<Runs> {
    // The first warms up.
    let rates = (0..=RUNS as u64).map(rate).collect::<Result<Vec<_>>>()?;
    let baseline = format!("{DAYS} days of one person of each preset a run");
    Ok(Runs { values: rates[1..].to_vec(), baseline })
}

/// Person-days a minute.
fn rate(seed: u64) -> Result<f64> {
    let began = Instant::now();
    let mut days = 0;
    for preset in Preset::ALL {
        let mut feed = Feed::of(&Persona::of(preset, seed, "Europe/Paris")?);
        let mut records = 0;
        // Day by day, as a clock that is turned asks.
        for day in FROM..FROM + DAYS {
            let uploads = feed.between(day * DAY_SECONDS, (day + 1) * DAY_SECONDS);
            records += uploads.iter().map(|upload| upload.records.len()).sum::<usize>();
            days += 1;
        }
        ensure!(records > 0, "nothing was made of {preset}");
    }
    Ok(f64::from(days) * 60.0 / began.elapsed().as_secs_f64())
}
