//! Whether every notification arrives, whatever breaks: builds the command, then has
//! `crates/faults` break things around it, with a throwaway PostgreSQL where there can be one. What
//! is broken, and what has to come out, is decided there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{postgres, program};

/// How much, and where to write it.
#[derive(Args)]
pub(crate) struct Faults {
    /// How many runs; odd numbers are on PostgreSQL
    #[arg(long, default_value_t = FEW)]
    runs: u64,
    /// What the runs are drawn from
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// The number of the first run
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Only `sqlite` or only `postgres`
    #[arg(long)]
    engine: Option<String>,
    /// Write the figures to this file too, as {runs, events, lost, duplicates, …}
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print what is broken when, too
    #[arg(long)]
    verbose: bool,
    /// Keep the data and the log of every run, not only of those that fail
    #[arg(long)]
    keep: bool,
}

/// One run an engine.
const FEW: u64 = 2;
const SEED: u64 = 1;

impl Faults {
    /// What continuous integration runs.
    pub(crate) const fn few() -> Self {
        Self {
            runs: FEW,
            seed: SEED,
            first: 0,
            engine: None,
            json: None,
            verbose: false,
            keep: false,
        }
    }

    /// The whole chore.
    pub(crate) fn run(self, root: &Path) -> Result<()> {
        let build = ["build", "--locked", "-p", "cli", "-p", "faults"];
        program::run(program::cargo(root).args(build))?;
        let mut faults = Command::new(program::beside_us("faults")?);
        faults.arg("--vitald").arg(program::beside_us("vitald")?).args(self.arguments());
        if self.engine.as_deref() == Some("sqlite") {
            return program::run(&mut faults);
        }
        let postgres = match postgres::Throwaway::start() {
            Ok(postgres) => postgres,
            Err(error) => {
                eprintln!("without PostgreSQL: {error:#}");
                return program::run(&mut faults);
            }
        };
        let outcome = program::run(postgres.tell(&mut faults));
        postgres.stop().and(outcome)
    }

    fn arguments(&self) -> Vec<OsString> {
        let numbers = [("--runs", self.runs), ("--seed", self.seed), ("--first", self.first)];
        let mut arguments: Vec<OsString> = Vec::new();
        for (name, number) in numbers {
            arguments.extend([name.into(), number.to_string().into()]);
        }
        if let Some(engine) = &self.engine {
            arguments.extend(["--engine".into(), engine.into()]);
        }
        if let Some(file) = &self.json {
            arguments.extend(["--json".into(), file.into()]);
        }
        let switches = [("--verbose", self.verbose), ("--keep", self.keep)];
        arguments.extend(switches.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name.into()));
        arguments
    }
}
