//! Runs public client programs, unmodified as their authors published them, each against a demo
//! server of its own, and keeps `docs/clients.md` as the run gives it. What they must see is
//! written in `tests/real-programs`; here they are only installed (in temporary folders) and
//! started. Without Python, Node or a registry a program is skipped, aloud: it never fails for what
//! the machine lacks, and never passes over a program that fails.

mod page;
mod programs;
mod seen;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use programs::{PROGRAMS, Program, Registry};
use seen::Steps;

use crate::demo::Demo;
use crate::python::Installed;
use crate::{npm, program, python};

/// What a run of one program showed.
struct Ran {
    program: &'static Program,
    version: String,
    steps: Steps,
    operations: BTreeSet<String>,
}

/// The whole stage; `write` has the page written rather than compared.
pub(crate) fn run(root: &Path, write: bool) -> Result<()> {
    program::run(program::cargo(root).args(["build", "--locked", "-p", "cli"]))?;
    let scripts = root.join("tests/real-programs");
    let (mut ran, mut skipped) = (Vec::new(), Vec::new());
    for program in PROGRAMS {
        let name = program.name;
        println!("-- {name}");
        match one(&scripts, program).with_context(|| format!("{name} could not be run"))? {
            Came::Ran(one) => ran.push(one),
            Came::Skipped(why) => {
                println!("real programs: {name} skipped: {why}");
                skipped.push(name);
            }
        }
    }
    let failed = ran.iter().filter(|one| !one.steps.failed.is_empty());
    let failed: Vec<_> = failed.map(|one| one.program.name).collect();
    let sound = if failed.is_empty() {
        Ok(())
    } else {
        Err(anyhow!("steps failed with {}", failed.join(", ")))
    };
    let path = root.join(page::PATH);
    if write {
        if !skipped.is_empty() {
            bail!("{} is not written: {} did not run", page::PATH, skipped.join(", "));
        }
        return keep(&path, &page::page(&ran), true).and(sound);
    }
    sound?;
    if !skipped.is_empty() {
        println!("{} was not compared: {} did not run", page::PATH, skipped.join(", "));
        return Ok(());
    }
    keep(&path, &page::page(&ran), false)
}

/// What came of one program.
enum Came {
    Ran(Ran),
    /// What the machine lacks.
    Skipped(String),
}

fn one(scripts: &Path, program: &'static Program) -> Result<Came> {
    let folder = tempfile::Builder::new().prefix("vitald-programs-").tempdir()?;
    let (version, mut driver) = match ready(scripts, program, folder.path())? {
        Ready::Driver { version, driver } => (version, driver),
        Ready::Nothing(why) => return Ok(Came::Skipped(why)),
    };
    println!("{} {version}, from {}", program.name, program.registry.name());
    let demo = Demo::start(&folder)?;
    let log = demo.log().to_owned();
    driver.arg(demo.account()).env("PYTHONPATH", scripts).env("PYTHONDONTWRITEBYTECODE", "1");
    // A program may look for settings where it is started.
    let outcome = drive(driver.current_dir(&folder));
    if !matches!(&outcome, Ok(steps) if steps.failed.is_empty()) {
        demo.print_log();
    }
    let steps = outcome?;
    demo.stop()?;
    let operations = seen::operations(&fs::read_to_string(log)?);
    Ok(Came::Ran(Ran { program, version, steps, operations }))
}

/// What came of an installation.
enum Ready {
    Driver {
        version: String,
        driver: Command,
    },
    /// What the machine lacks.
    Nothing(String),
}

fn ready(scripts: &Path, program: &Program, folder: &Path) -> Result<Ready> {
    let home = scripts.join(program.name);
    let file = program.registry.driver();
    let (version, interpreter, script): (String, PathBuf, PathBuf) = match program.registry {
        Registry::PyPi => match python::install(folder, &home.join("requirements.txt"))? {
            Installed::Python(python) => {
                (python::version(&python, program.name)?, python, home.join(file))
            }
            Installed::Nothing(why) => return Ok(Ready::Nothing(why)),
        },
        Registry::Npm => {
            // The person with the browser is played in Python.
            if program::output(Command::new("python3").arg("--version")).is_err() {
                return Ok(Ready::Nothing("there is no python3".to_owned()));
            }
            if let Some(why) = npm::install(folder, &home)? {
                return Ok(Ready::Nothing(why));
            }
            (npm::version(folder, program.name)?, PathBuf::from("node"), folder.join(file))
        }
    };
    let mut driver = Command::new(interpreter);
    driver.arg(script);
    Ok(Ready::Driver { version, driver })
}

/// Runs a driver, shows what it prints, and gives its steps.
fn drive(driver: &mut Command) -> Result<Steps> {
    driver.stdin(Stdio::null()).stdout(Stdio::piped());
    let started = driver.spawn();
    let mut child = started.with_context(|| format!("cannot start `{}`", program::line(driver)))?;
    let output = child.stdout.take().context("the driver has no standard output")?;
    let mut steps = Steps::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        steps.take(&line);
    }
    let status = child.wait()?;
    if !steps.is_whole() || status.success() != steps.failed.is_empty() {
        bail!("`{}` broke off ({status})", program::line(driver));
    }
    Ok(steps)
}

/// Writes the page, or says that the one in the repository is stale.
fn keep(path: &Path, page: &str, write: bool) -> Result<()> {
    let kept = fs::read_to_string(path).unwrap_or_default();
    if kept == page {
        println!("{} is as the run gives it", page::PATH);
    } else if write {
        fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", page::PATH);
    } else {
        let at = kept.lines().zip(page.lines()).take_while(|(old, new)| old == new).count();
        let found = page.lines().nth(at).unwrap_or("nothing more");
        bail!(
            "{} is stale: line {} would be \"{found}\"; mend it with `{}`",
            page::PATH,
            at + 1,
            page::MEND
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver that prints what is given, and ends with `code`.
    fn driven(printed: &str, code: u8) -> Result<Steps> {
        let script = format!("printf '{printed}'; exit {code}");
        drive(Command::new("sh").args(["-c", &script]))
    }

    #[test]
    fn a_driver_has_to_come_to_its_end_and_to_say_the_same_twice() {
        let passed = driven("ok a_step\\n1 passed, 0 failed\\n", 0).unwrap();
        assert_eq!(passed.passed, ["A step"]);
        let failed = driven("FAILED a_step: why\\n0 passed, 1 failed\\n", 1).unwrap();
        assert_eq!(failed.failed, ["A step"]);
        for (printed, code) in [
            ("ok a_step\\n", 0),
            ("ok a_step\\n1 passed, 0 failed\\n", 1),
            ("FAILED a_step: why\\n0 passed, 1 failed\\n", 0),
            ("", 0),
        ] {
            let error = driven(printed, code).unwrap_err().to_string();
            assert!(error.contains("broke off"), "{error}");
        }
    }

    #[test]
    fn a_page_that_says_something_else_is_stale_until_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clients.md");
        let error = keep(&path, "one\ntwo\n", false).unwrap_err().to_string();
        assert!(error.contains("line 1 would be \"one\""), "{error}");
        keep(&path, "one\ntwo\n", true).unwrap();
        keep(&path, "one\ntwo\n", false).unwrap();
        let error = keep(&path, "one\nthree\n", false).unwrap_err().to_string();
        assert!(error.contains("line 2 would be \"three\""), "{error}");
        assert!(error.contains("cargo xtask real-programs --write"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn every_program_has_a_folder_that_pins_it_and_a_driver() {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/real-programs");
        for Program { name, registry, .. } in PROGRAMS {
            let read = |file| fs::read_to_string(scripts.join(name).join(file)).unwrap();
            assert!(!read(registry.driver()).is_empty());
            match registry {
                Registry::PyPi => {
                    let pins = read("requirements.txt");
                    let is_pin = |line: &str| line.starts_with(&format!("{name}=="));
                    assert!(pins.lines().any(is_pin), "{name}: {pins}");
                }
                Registry::Npm => {
                    let package: serde_json::Value =
                        serde_json::from_str(&read("package.json")).unwrap();
                    let pin = package["dependencies"][name].as_str().unwrap();
                    assert!(pin.starts_with(|first: char| first.is_ascii_digit()), "{name}: {pin}");
                }
            }
        }
    }
}
