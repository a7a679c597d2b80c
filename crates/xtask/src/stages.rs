//! The checks of the whole workspace, in order, each with a heading and its duration, and a table
//! at the end. It stops at the first failure. It decides nothing about lints or formats: those
//! stand in the workspace's own configuration. Every stage uses the same profile, so that nothing
//! is compiled twice for want of a flag.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::{
    browser, deny, faults, generate, openapi_valid, postgres, program, real_programs, tidy,
};

/// The command the README names: tidiness, format, lints, tests, documentation, dependencies.
pub(crate) fn test(root: &Path, no_lint: bool, cargo_test: &[OsString]) -> Result<()> {
    let mut done = Stages::default();
    let outcome = checks(&mut done, root, no_lint, cargo_test);
    done.print();
    outcome
}

/// All of `test`, the validator of the OpenAPI document, the real programs, the browser, a few runs
/// with faults.
pub(crate) fn ci(root: &Path) -> Result<()> {
    let mut done = Stages::default();
    let outcome = checks(&mut done, root, false, &[])
        .and_then(|()| done.stage("openapi", || openapi_valid::run(root)))
        .and_then(|()| done.stage("real programs", || real_programs::run(root, false)))
        .and_then(|()| done.stage("browser", || browser::run(root)))
        .and_then(|()| done.stage("faults", || faults::Faults::few().run(root)));
    done.print();
    outcome
}

fn checks(done: &mut Stages, root: &Path, no_lint: bool, cargo_test: &[OsString]) -> Result<()> {
    if !no_lint {
        done.stage("tidy", || tidy::run(root))?;
        done.stage("format", || program::run(&mut cargo(root, "fmt --all --check")))?;
        let lints = "clippy --workspace --all-targets --locked -- -D warnings";
        done.stage("lints", || program::run(&mut cargo(root, lints)))?;
    }
    done.stage("tests", || {
        let postgres = postgres::Throwaway::start()?;
        let mut tests = cargo(root, "test --workspace --locked");
        let outcome = program::run(postgres.tell(tests.args(cargo_test)));
        postgres.stop().and(outcome)
    })?;
    if !no_lint {
        let pages = "doc --workspace --no-deps --document-private-items --locked";
        let mut pages = cargo(root, pages);
        done.stage("documentation", || program::run(pages.env("RUSTDOCFLAGS", "-D warnings")))?;
        done.stage("reference", || generate::run(root, true))?;
        done.stage("dependencies", || deny::run(root))?;
    }
    Ok(())
}

fn cargo(root: &Path, arguments: &str) -> Command {
    let mut command = program::cargo(root);
    command.args(arguments.split(' '));
    command
}

#[derive(Default)]
struct Stages(Vec<Stage>);

struct Stage {
    name: &'static str,
    took: Duration,
    passed: bool,
}

impl Stages {
    fn stage(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        let stage = Stage { name, took: start.elapsed(), passed: outcome.is_ok() };
        println!("== {name}: {:.1} s", stage.took.as_secs_f64());
        self.0.push(stage);
        outcome.with_context(|| format!("the stage \"{name}\" failed; nothing after it was run"))
    }

    fn print(&self) {
        println!("\n{:<16}{:>10}", "stage", "seconds");
        for Stage { name, took, passed } in &self.0 {
            let mark = if *passed { "" } else { "  FAILED" };
            println!("{name:<16}{:>10.1}{mark}", took.as_secs_f64());
        }
        let total: Duration = self.0.iter().map(|stage| stage.took).sum();
        println!("{:<16}{:>10.1}", "total", total.as_secs_f64());
    }
}
