//! Ten people who do not exist live for a year while the clock of a sandbox is turned: what a test
//! suite waits for that wants a past.

use crate::caller::{Caller, post};
use crate::figure::{Figure, Machine, Runs, Target as Promise};
use crate::receiver::Receiver;
use crate::sandbox::Sandbox;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::time::Instant;

pub(crate) const FIGURE: Figure = Figure {
    name: "year_of_ten_people_s",
    unit: "s",
    target: Promise::AtMost(30.0),
    what: "turning the clock of a sandbox by 365 days for ten simulated people of ten kinds: their \
           lives are drawn, handed over by device sync, stored, summed up, and every measure of a \
           weight or a blood pressure is told to a receiver before the clock goes on",
    measure,
};

const PERSONAS: [&str; 10] = [
    "sedentary",
    "runner",
    "hypertensive",
    "pregnant",
    "atrial-fibrillation",
    "sleep-apnoea",
    "shift-worker",
    "traveller",
    "elderly",
    "late-uploads",
];
/// The clock is turned by so many days at once.
const STEP_DAYS: u32 = 73;
/// The categories that are told: weight and blood pressure.
const APPLIS: [i64; 2] = [1, 4];

/// One run: it is as long as several of the others.
fn measure(machine: &Machine<'_>) -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let receiver = Receiver::start(1)?;
    let file = folder.path().join("seed.json");
    std::fs::write(&file, seed(&receiver.callbacks[0]).to_string())?;
    let arguments = ["--seed", file.to_str().unwrap_or_default()];
    let sandbox = Sandbox::start(machine.vitald, folder.path(), &arguments)?;
    let call = |path: &str, form: &str| -> Result<Value> {
        let mut caller = Caller::connect(sandbox.address)?;
        let answer: Value = serde_json::from_slice(caller.send(&post(path, "none", form))?)?;
        ensure!(answer["status"] == 0, "{form} was refused: {answer}");
        Ok(answer["body"].clone())
    };
    let begun = Instant::now();
    let mut stops = 0;
    // Whoever calls has patience for some of it.
    for _ in 0..365 / STEP_DAYS {
        let turned = call("/vitald/v1/clock", &format!("advance={STEP_DAYS}d"))?;
        stops += turned["turned"]["stops"].as_u64().unwrap_or_default();
    }
    let took = begun.elapsed().as_secs_f64();
    ensure!(stops > 10_000, "only {stops} moments: that was no year of ten people");
    Ok(Runs { values: vec![took], baseline: format!("{stops} moments at which something came") })
}

fn seed(callback: &str) -> Value {
    let email = |persona: &str| format!("{persona}@example.org");
    let people = PERSONAS.map(|persona| json!({ "email": email(persona), "persona": persona }));
    let tokens =
        PERSONAS.map(|persona| json!({ "application": "Bench", "person": email(persona) }));
    let told = |persona: &str, appli: i64| {
        json!({
            "application": "Bench", "person": email(persona), "appli": appli, "callback": callback,
        })
    };
    let subscriptions: Vec<Value> = PERSONAS
        .iter()
        .flat_map(|persona| APPLIS.iter().map(move |appli| told(persona, *appli)))
        .collect();
    json!({
        "clock": { "now": "2026-01-05T00:00:00Z", "frozen": true },
        "applications": [{ "name": "Bench", "redirect_uris": ["http://localhost"] }],
        "people": people,
        "tokens": tokens,
        "subscriptions": subscriptions,
    })
}
