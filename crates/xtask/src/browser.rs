//! Drives the pages in a real browser, Chromium without a window, against a demo server. What it
//! must see is written in `tests/browser`. Without a browser, Python or a package index the stage
//! is skipped, aloud: it never fails for what the machine lacks.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::demo::Demo;
use crate::python::{self, Installed};
use crate::{debian, program};

/// Debian's packages, and the programs that come in them.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];

/// The whole stage.
pub(crate) fn run(root: &Path) -> Result<()> {
    if let Some(why) = lacks_browser()? {
        println!("browser: skipped: {why}");
        return Ok(());
    }
    let folder = tempfile::Builder::new().prefix("vitald-browser-").tempdir()?;
    let scripts = root.join("tests/browser");
    let python = match python::install(folder.path(), &scripts.join("requirements.txt"))? {
        Installed::Python(python) => python,
        Installed::Nothing(why) => {
            println!("browser: skipped: {why}");
            return Ok(());
        }
    };
    program::run(program::cargo(root).args(["build", "--locked", "-p", "cli"]))?;
    let demo = Demo::start(&folder)?;
    let mut script = Command::new(&python);
    // Debian's programs are started by name, and nothing is fetched in their place.
    script.arg(scripts.join("pages.py")).arg(demo.account()).args(PROGRAMS);
    let outcome = program::run(&mut script);
    if outcome.is_err() {
        demo.print_log();
    }
    outcome.and(demo.stop())
}

/// What the machine lacks and cannot be given.
fn lacks_browser() -> Result<Option<String>> {
    if is_there() {
        return Ok(None);
    }
    if !debian::can_install()? {
        let packages = PACKAGES.join(" ");
        return Ok(Some(format!("there is no Chromium; `apt-get install {packages}`")));
    }
    eprintln!("Chromium is not installed: installing it with apt-get");
    if let Err(error) = debian::install(&PACKAGES) {
        return Ok(Some(format!("Chromium could not be installed: {error:#}")));
    }
    Ok((!is_there()).then(|| "what apt-get installed is no Chromium".to_owned()))
}

fn is_there() -> bool {
    PROGRAMS.iter().all(|name| program::output(Command::new(name).arg("--version")).is_ok())
}
