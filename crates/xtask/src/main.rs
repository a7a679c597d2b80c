//! The project's own chores, run as `cargo xtask <chore>`: all checks, continuous integration,
//! generated pages, measurements, a throwaway PostgreSQL, real client programs, a real browser. It
//! is not shipped, and it knows the other crates only by the commands that build, test and start
//! them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore reports to its terminal")]

mod bench;
mod browser;
mod debian;
mod demo;
mod deny;
mod faults;
mod generate;
mod npm;
mod openapi_valid;
mod postgres;
mod postgres_programs;
mod program;
mod python;
mod real_programs;
mod stages;
mod tidy;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's own chores.")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Format, lints, every test (on SQLite and a throwaway PostgreSQL), documentation
    Test {
        /// Only the tests: no format, lint or documentation checks
        #[arg(long)]
        no_lint: bool,
        /// Given to `cargo test`, as in `cargo xtask test -- some_name`
        #[arg(last = true)]
        cargo_test: Vec<OsString>,
    },
    /// What continuous integration runs: `test`, `openapi-valid`, `real-programs`, `browser`,
    /// `faults`
    Ci,
    /// Writes `docs/reference` from what vitald prints
    Generate {
        /// Only say which files are stale
        #[arg(long)]
        check: bool,
    },
    /// Measures what vitald costs; see docs/bench.md
    Bench(bench::Bench),
    /// Whether every notification arrives, whatever breaks; see docs/faults.md
    Faults(faults::Faults),
    /// Whether files, words, links and names keep the project's rules
    Tidy,
    /// Whether every dependency's licence and source is allowed by deny.toml
    Deny,
    /// Runs a command with a throwaway PostgreSQL, named in VITALD_TEST_POSTGRES
    Postgres {
        /// The command and its arguments, after `--`
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    /// Has a public validator judge what `vitald openapi` prints
    OpenapiValid,
    /// Runs unmodified public client programs against demo servers; see docs/clients.md
    RealPrograms {
        /// Write docs/clients.md from what came of it, rather than compare
        #[arg(long)]
        write: bool,
    },
    /// Drives the pages in Chromium against a demo server
    Browser,
    /// Holds the throwaway PostgreSQL until standard input closes; started by the chores themselves
    #[command(hide = true)]
    KeepPostgres { programs: PathBuf },
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<ExitCode> {
    let root = repository()?;
    match chore {
        Chore::Test { no_lint, cargo_test } => stages::test(&root, no_lint, &cargo_test)?,
        Chore::Ci => stages::ci(&root)?,
        Chore::Generate { check } => generate::run(&root, check)?,
        Chore::Bench(bench) => bench.run(&root)?,
        Chore::Faults(faults) => faults.run(&root)?,
        Chore::Tidy => tidy::run(&root)?,
        Chore::Deny => deny::run(&root)?,
        Chore::Postgres { command } => return postgres::run_with(&command),
        Chore::OpenapiValid => openapi_valid::run(&root)?,
        Chore::RealPrograms { write } => real_programs::run(&root, write)?,
        Chore::Browser => browser::run(&root)?,
        Chore::KeepPostgres { programs } => postgres::keep(&programs)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn repository() -> Result<PathBuf> {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.nth(2).map(Path::to_owned).context("crates/xtask is not two folders below the root")
}
