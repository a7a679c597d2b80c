//! What vitald costs, measured on the machine it runs on and compared inside one run. Started by
//! `cargo xtask bench`; docs/bench.md says how each figure is taken. It is no test: nothing fails
//! because a machine is slow. It does fail when an answer it counted is not the right one.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement reports to its terminal"
)]

mod caller;
mod campaigns;
mod data;
mod deliveries;
mod figure;
mod footprint;
mod ingest;
mod over_time;
mod page;
mod people;
mod process;
mod receiver;
mod refresh;
mod sandbox;
mod series;
mod server;
mod size;
mod small;
mod ten_people;
mod year;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use figure::{Figure, Report};
use std::path::PathBuf;

// The allocator of the command, as it is the command that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures what vitald costs.
#[derive(Debug, Parser)]
#[command(name = "bench", subcommand_negates_reqs = true)]
struct Arguments {
    /// Only the figures whose name contains this.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Write the figures to this file too: {figure: {value, unit, baseline, runs}}.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the table between the marks of this Markdown file too.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// The command to measure.
    #[arg(long, value_name = "FILE", required = true)]
    vitald: Option<PathBuf>,
    /// The command as it is shipped (`cargo build --profile dist`), for the figures of its size.
    #[arg(long, value_name = "FILE")]
    shipped: Option<PathBuf>,
    /// A throwaway PostgreSQL, for the figures that need one.
    #[arg(long, env = "VITALD_TEST_POSTGRES", hide_env_values = true, value_name = "URL")]
    postgres: Option<String>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What the bench starts of itself, so that a server's cost is told from its callers'.
#[derive(Debug, Subcommand)]
#[command(hide = true)]
enum Part {
    /// A server on data that is there.
    Serve(server::Serve),
    /// A receiver of notifications.
    Receive(receiver::Receive),
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::Serve(serve)) => return serve.run(),
        Some(Part::Receive(receive)) => return receive.run(),
        None => {}
    }
    let Some(vitald) = arguments.vitald else { bail!("name the command with --vitald") };
    let mut report = Report::default();
    for figure in figures() {
        if arguments.only.as_ref().is_some_and(|only| !figure.name.contains(only.as_str())) {
            continue;
        }
        eprintln!("{} …", figure.name);
        let runs = (figure.measure)(&figure::Machine {
            vitald: &vitald,
            shipped: arguments.shipped.as_deref(),
            postgres: arguments.postgres.as_deref(),
        })?;
        report.add(&figure, runs);
    }
    if report.is_empty() {
        bail!("no figure has that name; there are: {}", figures().map(|f| f.name).join(", "));
    }
    println!("{}", report.table());
    if let Some(file) = arguments.json {
        std::fs::write(file, report.json()?)?;
    }
    if let Some(file) = arguments.markdown {
        report.write_into(&file)?;
    }
    Ok(())
}

/// Every figure, in the order of the table. A new one is a line here and a file beside this one.
const fn figures() -> [Figure; 31] {
    [
        page::SQLITE,
        page::POSTGRES,
        size::FIGURE,
        ingest::FIGURE,
        refresh::FIGURE,
        small::AUTH,
        small::AUDIT,
        footprint::START,
        footprint::IDLE,
        footprint::BINARY,
        sandbox::READY,
        sandbox::IDLE,
        sandbox::RESTORE,
        ten_people::FIGURE,
        series::HEART_RATE,
        series::STEPS,
        series::ECG,
        series::ACCELEROMETER,
        year::FIGURE,
        over_time::INTRADAY,
        over_time::SUMMARIES,
        over_time::SYNC,
        over_time::TEN_YEARS,
        deliveries::SQLITE,
        deliveries::POSTGRES,
        deliveries::FIRST_ATTEMPT,
        deliveries::DEAD,
        campaigns::ADD,
        campaigns::LAST_PAGE,
        campaigns::SYNC,
        people::FIGURE,
    ]
}
