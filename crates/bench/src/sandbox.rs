//! What a test suite waits for: how soon a sandbox answers, and how long going back to a snapshot
//! takes.

use crate::caller::{Caller, post};
use crate::data;
use crate::figure::{Figure, Machine, RUNS, Runs, Target as Promise};
use crate::footprint::ask;
use crate::process;
use crate::series::Drawn;
use crate::year::{self, hand_over, midnight, watch_day};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::{Access, Target};

pub(crate) const READY: Figure = Figure {
    name: "sandbox_ready_ms",
    unit: "ms",
    target: Promise::AtMost(100.0),
    what: "from starting `vitald sandbox --seed` with one application and one person to its first \
           answer of the API",
    measure: measure_ready,
};
pub(crate) const IDLE: Figure = Figure {
    name: "sandbox_idle_rss_mb",
    unit: "MB",
    target: Promise::AtMost(30.0),
    what: "resident memory of that sandbox, of the command as it is shipped, after its answers",
    measure: measure_idle,
};
pub(crate) const RESTORE: Figure = Figure {
    name: "snapshot_restore_ms",
    unit: "ms",
    target: Promise::AtMost(100.0),
    what: "going back to a snapshot of 1,000 people with 30 days of minutes, from the request to \
           its answer",
    measure: measure_restore,
};

const PEOPLE: usize = 1_000;
const DAYS: i64 = 30;
/// People who have the same minutes: drawing them is not what is measured.
const ALIKE: usize = 50;
const SEED: &str = "[[applications]]\nname = \"Bench\"\nredirect_uris = [\"http://localhost\"]\n\
    client_id = \"bench-client\"\nclient_secret = \"bench-secret\"\n\
    [[people]]\nemail = \"anna@example.org\"\npassword = \"correct horse\"\n\
    [[tokens]]\napplication = \"Bench\"\nperson = \"anna@example.org\"\n\
    access_token = \"bench-access\"\n";

/// A sandbox that runs, ended with this.
pub(crate) struct Sandbox {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Sandbox {
    pub(crate) fn start(vitald: &Path, folder: &Path, arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(vitald)
            .args(["sandbox", "--json"])
            .args(arguments)
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the command does not start")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut started = Self { child, address: ([127, 0, 0, 1], 0).into() };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let line: Value = serde_json::from_str(&line).context("the sandbox says nothing")?;
        let url = line["base_url"].as_str().and_then(|url| url.strip_prefix("http://"));
        started.address = url.context("no address")?.parse()?;
        Ok(started)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn measure_ready(machine: &Machine<'_>) -> Result<Runs> {
    seeded(machine.vitald, |_, took| Ok(took.as_secs_f64() * 1_000.0))
}

fn measure_idle(machine: &Machine<'_>) -> Result<Runs> {
    seeded(machine.shipped()?, |sandbox, _| {
        (0..20).try_for_each(|_| ask(sandbox.address, "bench-access").map(|_| ()))?;
        process::resident_mib(sandbox.child.id())
    })
}

/// Sandboxes with one application and one person, each looked at after its first answer.
fn seeded(vitald: &Path, look: impl Fn(&Sandbox, Duration) -> Result<f64>) -> Result<Runs> {
    let mut values = Vec::new();
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("seed.toml");
        std::fs::write(&file, SEED)?;
        let seed = file.to_str().context("a folder whose name is no text")?;
        let begun = Instant::now();
        let sandbox = Sandbox::start(vitald, folder.path(), &["--seed", seed])?;
        let answer = ask(sandbox.address, "bench-access")?;
        let took = begun.elapsed();
        ensure!(answer.contains("\"status\":0"), "the first answer is not the right one");
        values.push(look(&sandbox, took)?);
    }
    Ok(Runs { values, baseline: "one application, one person, one token".to_owned() })
}

fn measure_restore(machine: &Machine<'_>) -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    fill(folder.path())?;
    let data = folder.path().to_str().context("a folder whose name is no text")?;
    let sandbox = Sandbox::start(machine.vitald, folder.path(), &["--data", data])?;
    let call = |form: &str| -> Result<Value> {
        let request = post("/vitald/v1/snapshot", "none", form);
        let mut caller = Caller::connect(sandbox.address)?;
        let answer: Value = serde_json::from_slice(caller.send(&request)?)?;
        ensure!(answer["status"] == 0, "{form} was refused: {answer}");
        Ok(answer["body"].clone())
    };
    let saved = call("save=bench")?;
    let mut values = Vec::new();
    for round in 0..=RUNS {
        let begun = Instant::now();
        let restored = call("restore=bench")?;
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        ensure!(restored["now"] == saved["now"], "another moment than that of the snapshot");
        if round > 0 {
            values.push(took); // The first round warms up.
        }
    }
    let megabytes = saved["size_bytes"].as_f64().unwrap_or_default() / 1e6;
    Ok(Runs { values, baseline: format!("a snapshot of {megabytes:.0} MB") })
}

/// A sandbox's store with people who wear a watch.
fn fill(folder: &Path) -> Result<()> {
    let db = data::open(&Target::Sqlite(folder.join("vitald.db")), folder)?;
    db.run_blocking(Access::Write, store::sandbox::make)?;
    let mut drawn = Drawn::new(9);
    let mut days = Vec::new();
    for number in 0..PEOPLE {
        if number % ALIKE == 0 {
            let drawn = (1..=DAYS).map(|ago| Ok(watch_day(midnight(ago)?, &mut drawn)));
            days = drawn.collect::<Result<_>>()?;
        }
        let person = data::person(&db, number)?;
        let devices = year::devices(&db, &person)?;
        hand_over(&db, &devices.watch, &days)?;
    }
    db.close();
    Ok(())
}
