//! A figure: its name, its target, its runs, and the median that counts.

use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What is measured, and how.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) target: Target,
    /// One sentence for the table.
    pub(crate) what: &'static str,
    pub(crate) measure: fn(&Machine<'_>) -> Result<Runs>,
}

/// What the project promises.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

/// What a measurement may use.
pub(crate) struct Machine<'m> {
    /// The command, built as the README builds it.
    pub(crate) vitald: &'m Path,
    /// The command as it is shipped.
    pub(crate) shipped: Option<&'m Path>,
    /// A throwaway PostgreSQL.
    pub(crate) postgres: Option<&'m str>,
}

impl<'m> Machine<'m> {
    /// The command as it is shipped, for what depends on that.
    pub(crate) fn shipped(&self) -> Result<&'m Path> {
        self.shipped.context("name the command that `cargo build --profile dist` made: --shipped")
    }
}

/// What the runs gave.
pub(crate) struct Runs {
    /// One value a run.
    pub(crate) values: Vec<f64>,
    /// What the value is a ratio to, in words with its own median; empty if it is no ratio.
    pub(crate) baseline: String,
}

/// At least so many runs stand behind a figure.
pub(crate) const RUNS: usize = 5;

#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

struct Line {
    name: &'static str,
    unit: &'static str,
    target: Target,
    what: &'static str,
    value: f64,
    runs: Runs,
}

impl Report {
    pub(crate) fn add(&mut self, figure: &Figure, runs: Runs) {
        let value = median(&runs.values);
        let Figure { name, unit, target, what, .. } = *figure;
        eprintln!("  {} {unit}", shown(value));
        self.0.push(Line { name, unit, target, what, value, runs });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A Markdown table.
    pub(crate) fn table(&self) -> String {
        let mut table =
            "| figure | measured | promised | what it is |\n|---|---|---|---|\n".to_owned();
        for line in &self.0 {
            let (sign, target) = match line.target {
                Target::AtMost(target) => ('≤', target),
                Target::AtLeast(target) => ('≥', target),
            };
            let (value, target) = (shown(line.value), shown(target));
            let Line { name, unit, what, .. } = line;
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            // Writing to a text cannot fail.
            let _ =
                writeln!(table, "| `{name}` | {value}{unit} | {sign} {target}{unit} | {what} |");
        }
        table
    }

    pub(crate) fn json(&self) -> Result<String> {
        #[derive(Serialize)]
        struct Measured<'l> {
            value: f64,
            unit: &'l str,
            baseline: &'l str,
            runs: &'l [f64],
        }
        let measured = self.0.iter().map(|line| {
            let (baseline, runs) = (line.runs.baseline.as_str(), line.runs.values.as_slice());
            (line.name, Measured { value: line.value, unit: line.unit, baseline, runs })
        });
        Ok(serde_json::to_string_pretty(&measured.collect::<BTreeMap<_, _>>())?)
    }

    /// Puts the table between the marks of a Markdown file.
    pub(crate) fn write_into(&self, file: &Path) -> Result<()> {
        const BEGIN: &str = "<!-- bench: begin -->\n";
        const END: &str = "<!-- bench: end -->";
        let text = std::fs::read_to_string(file)?;
        let (before, rest) = text.split_once(BEGIN).context("the file has no mark to begin at")?;
        let (_, after) = rest.split_once(END).context("the file has no mark to end at")?;
        Ok(std::fs::write(file, format!("{before}{BEGIN}\n{}\n{END}{after}", self.table()))?)
    }
}

/// The middle value; of an even number of them the lower middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

fn shown(value: f64) -> String {
    match value.abs() {
        1_000.0.. => {
            let digits = format!("{value:.0}");
            let (head, tail) = digits.split_at(digits.len() - 3);
            format!("{head},{tail}")
        }
        100.0.. => format!("{value:.0}"),
        2.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
