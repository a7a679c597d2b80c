//! Runs public client programs, unmodified as their authors published them, against a demo server.
//! What they must see is written in `tests/real-programs`; here they are only installed (in a
//! temporary folder) and started. Without Python or a package index the stage is skipped, aloud: it
//! never fails for what the machine lacks, and never passes over a program that fails.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::demo::Demo;
use crate::program;
use crate::python::{self, Installed};

const PROGRAMS: [&str; 1] = ["withings_api_2_4_0.py"];

/// The whole stage.
pub(crate) fn run(root: &Path) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("vitald-programs-").tempdir()?;
    let scripts = root.join("tests/real-programs");
    let python = match python::install(folder.path(), &scripts.join("requirements.txt"))? {
        Installed::Python(python) => python,
        Installed::Nothing(why) => {
            println!("real programs: skipped: {why}");
            return Ok(());
        }
    };
    program::run(program::cargo(root).args(["build", "--locked", "-p", "cli"]))?;
    let demo = Demo::start(&folder)?;
    let outcome = PROGRAMS.iter().try_for_each(|name| {
        println!("-- {name}");
        program::run(Command::new(&python).arg(scripts.join(name)).arg(demo.account()))
    });
    if outcome.is_err() {
        demo.print_log();
    }
    outcome.and(demo.stop())
}
