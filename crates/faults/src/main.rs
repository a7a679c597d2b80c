//! Whether every notification arrives at least once, whatever breaks meanwhile: seeded runs of a
//! real server that is killed, starved and lied to, and a ledger of what its receivers were told.
//! Started by `cargo xtask faults`; docs/faults.md says what is broken and how a run is repeated.
//! It measures no speed, and no moment decides whether it passes.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it reports to its terminal")]

mod database;
mod http;
mod ledger;
mod names;
mod plan;
mod receiver;
mod report;
mod run;
mod server;
mod site;
mod storm;
mod writers;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum as _};
use database::Cluster;
use plan::{Engine, Plan};
use report::Report;
use run::{Machine, Outcome};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Runs that one call may ask for.
const RUNS_MAX: u64 = 10_000;
/// Lines that are shown of what a failed run lost.
const SHOWN_MAX: usize = 20;

/// Breaks things while notifications are on their way, and counts what arrives.
#[derive(Debug, Parser)]
#[command(name = "faults")]
struct Arguments {
    /// How many runs.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=RUNS_MAX))]
    runs: u64,
    /// What the runs are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of the first run.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Only this engine; else odd runs are on PostgreSQL where there is one.
    #[arg(long)]
    engine: Option<Engine>,
    /// Write the figures to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the plan of each run, too.
    #[arg(long)]
    verbose: bool,
    /// Keep the data and the log of every run, not only of those that fail.
    #[arg(long)]
    keep: bool,
    /// The command whose server is watched.
    #[arg(long, value_name = "FILE")]
    vitald: PathBuf,
    /// A throwaway PostgreSQL on this machine. It is stopped and started again.
    #[arg(long, env = "VITALD_TEST_POSTGRES", hide_env_values = true, value_name = "URL")]
    postgres: Option<String>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let cluster = arguments.postgres.as_deref().map(Cluster::at).transpose();
    let cluster = cluster.context("the PostgreSQL cannot be used")?;
    let vitald = arguments.vitald.canonicalize().context("there is no such vitald")?;
    let machine = Machine { vitald, cluster, can_fill_disks: server::can_fill_disks() };
    let mut skipped = Vec::new();
    if !machine.can_fill_disks {
        skipped.push("disk full: there is no prlimit");
    }
    if machine.cluster.is_none() && arguments.engine != Some(Engine::Sqlite) {
        skipped.push("everything on PostgreSQL: there is none");
    }
    let report = Mutex::new(Report::new(arguments.seed, skipped));
    // The engines share no server, so their runs go side by side.
    thread::scope(|scope| {
        for lane in [Engine::Sqlite, Engine::Postgres] {
            let (arguments, machine, report) = (&arguments, &machine, &report);
            scope.spawn(move || {
                for number in arguments.first..arguments.first.saturating_add(arguments.runs) {
                    let plan =
                        Plan::of(arguments.seed, number, arguments.engine_of(number, machine));
                    if plan.engine == lane {
                        one(&plan, arguments, machine, report);
                    }
                }
            });
        }
    });
    let report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{}", report.text());
    if let Some(file) = &arguments.json {
        std::fs::write(file, report.json()?)?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Arguments {
    fn engine_of(&self, number: u64, machine: &Machine) -> Engine {
        let is_odd = !number.is_multiple_of(2) && machine.cluster.is_some();
        self.engine.unwrap_or(if is_odd { Engine::Postgres } else { Engine::Sqlite })
    }
}

/// A run from its folder to its line in the report.
fn one(plan: &Plan, arguments: &Arguments, machine: &Machine, report: &Mutex<Report>) {
    if arguments.verbose {
        print!("{plan}");
    }
    let folder = tempfile::Builder::new().prefix("vitald-faults-").tempdir();
    let outcome = match &folder {
        Ok(folder) => run::run(plan, machine, folder.path()),
        Err(error) => Err(anyhow::anyhow!("no folder can be made: {error}")),
    };
    let line = report.lock().unwrap_or_else(PoisonError::into_inner).add(plan, &outcome);
    println!("{line}");
    let Ok(folder) = folder else { return };
    if !outcome.as_ref().is_ok_and(Outcome::is_good) {
        if let Ok(outcome) = &outcome {
            for problem in outcome.lost.iter().chain(&outcome.strange).take(SHOWN_MAX) {
                eprintln!("  {problem}");
            }
        }
        eprintln!("-- what its servers said last:\n{}", run::last_words(plan, folder.path()));
        eprintln!("-- its data stays in {}", folder.keep().display());
        let Plan { seed, number, .. } = plan;
        let engine = plan.engine.to_possible_value();
        let engine = engine.as_ref().map_or("", |engine| engine.get_name());
        eprintln!(
            "-- again: cargo xtask faults --runs 1 --seed {seed} --first {number} \
             --engine {engine} --verbose"
        );
    } else if arguments.keep {
        println!("its data stays in {}", folder.keep().display());
    }
}
