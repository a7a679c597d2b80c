//! A throwaway Python with packages of the public index. What the machine lacks (Python, an index)
//! is told apart from what is wrong: a chore may be skipped for the first, never for the second.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::program;

/// What pip prints when it got no answer from a package index, as opposed to a wrong one.
const INDEX_UNREACHABLE: [&str; 4] =
    ["connection broken by", "from versions: none", "Max retries exceeded", "Connection refused"];

/// What pip prints when it left out versions for the interpreter's sake.
const PYTHON_TOO_OLD: &str = "require a different python version";

/// What came of an installation.
pub(crate) enum Installed {
    /// The interpreter that has the packages.
    Python(PathBuf),
    /// What the machine lacks.
    Nothing(String),
}

/// Makes a virtual environment in `folder` with what `requirements` lists.
pub(crate) fn install(folder: &Path, requirements: &Path) -> Result<Installed> {
    if program::output(Command::new("python3").arg("--version")).is_err() {
        return Ok(Installed::Nothing("there is no python3".to_owned()));
    }
    let venv = folder.join("venv");
    let made = program::output(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    if let Err(error) = made {
        return Ok(Installed::Nothing(format!("no virtual environment: {error:#}")));
    }
    let python = venv.join("bin/python");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "-r"]);
    match program::output(pip.arg(requirements)) {
        Ok(_) => Ok(Installed::Python(python)),
        Err(error) if format!("{error:#}").contains(PYTHON_TOO_OLD) => {
            Ok(Installed::Nothing("python3 is too old for what is asked for".to_owned()))
        }
        Err(error) if is_unreachable(&format!("{error:#}")) => {
            Ok(Installed::Nothing("pip reaches no package index".to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// The version of a package that is installed, as Python's own records of packages have it.
pub(crate) fn version(python: &Path, package: &str) -> Result<String> {
    let ask = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";
    let version = program::output(Command::new(python).args(["-c", ask, package]))?;
    Ok(version.trim().to_owned())
}

fn is_unreachable(pip_said: &str) -> bool {
    INDEX_UNREACHABLE.iter().any(|sign| pip_said.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::is_unreachable;

    #[test]
    fn only_a_silent_package_index_excuses_pip() {
        assert!(is_unreachable(
            "WARNING: Retrying after connection broken by 'NewConnectionError'"
        ));
        assert!(is_unreachable("Could not find a version of x (from versions: none)"));
        assert!(!is_unreachable("Could not find a version of x (from versions: 1.0, 2.0)"));
    }
}
