//! How a sandbox is to be, and finding the command that runs it.

use crate::process::Process;
use crate::turn::Caller;
use crate::{Error, Result, Sandbox};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A debug build with a large seed on a busy machine needs a while.
const START_MAX: Duration = Duration::from_secs(120);
/// Names the command.
const PROGRAM: &str = "VITALD";

/// How a sandbox is to be.
#[derive(Debug, Clone, Default)]
pub struct Options {
    program: Option<PathBuf>,
    seed: Option<PathBuf>,
    data: Option<PathBuf>,
}

impl Options {
    /// The command `vitald`. Without this it is what the environment names as `VITALD`, or else
    /// the one on the path.
    #[must_use]
    pub fn program(self, program: impl Into<PathBuf>) -> Self {
        Self { program: Some(program.into()), ..self }
    }

    /// The file of the world it begins with. Without this it is an application and a person.
    #[must_use]
    pub fn seed(self, file: impl Into<PathBuf>) -> Self {
        Self { seed: Some(file.into()), ..self }
    }

    /// A folder that stays. Without this it is one that goes with the sandbox.
    #[must_use]
    pub fn data(self, folder: impl Into<PathBuf>) -> Self {
        Self { data: Some(folder.into()), ..self }
    }

    /// Starts it, and returns when it listens.
    pub fn start(self) -> Result<Sandbox> {
        let goes = self.data.is_none();
        let (mut process, line) = Process::start(self.command(), START_MAX)?;
        let ready: crate::Ready = serde_json::from_str(&line).map_err(Error::strange)?;
        if goes {
            process.sweeps(ready.data.clone());
        }
        let caller = Caller::new(&ready.base_url, ready.sandbox_token.clone());
        Ok(Sandbox { ready, caller, process })
    }

    fn command(self) -> Command {
        let mut command = Command::new(named(self.program, std::env::var_os(PROGRAM)));
        // What is set for another vitald is not meant for this one.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VITALD_") {
                command.env_remove(name);
            }
        }
        command.args(["sandbox", "--json", "--end-with-stdin"]);
        for (flag, value) in [("--seed", self.seed), ("--data", self.data)] {
            command.args(
                value.map(|value| [OsString::from(flag), value.into()]).into_iter().flatten(),
            );
        }
        command
    }
}

fn named(program: Option<PathBuf>, environment: Option<OsString>) -> PathBuf {
    let environment = environment.filter(|path| !path.is_empty()).map(PathBuf::from);
    program.or(environment).unwrap_or_else(|| PathBuf::from("vitald"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_what_was_said_or_the_environments_or_the_paths() {
        let (here, there) = (Some(PathBuf::from("here")), Some(OsString::from("there")));
        assert_eq!(named(here.clone(), there.clone()), PathBuf::from("here"));
        assert_eq!(named(None, there), PathBuf::from("there"));
        assert_eq!(named(None, Some(OsString::new())), PathBuf::from("vitald"));
        assert_eq!(named(None, None), PathBuf::from("vitald"));
    }
}
