//! A sandbox for one test in Rust: the standard library, and serde_json for what it says.

use std::io::{BufRead as _, BufReader, Error, Result};
use std::process::{Child, Command, Stdio};

/// A sandbox that runs, and what opens it. It ends with this.
pub(crate) struct Sandbox {
    child: Child,
    pub(crate) ready: serde_json::Value,
}

impl Sandbox {
    pub(crate) fn start(vitald: &str, seed: &str) -> Result<Self> {
        let mut command = Command::new(vitald);
        command.args(["sandbox", "--json", "--seed", seed]).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let ready = serde_json::from_str(&line).map_err(Error::other)?;
        Ok(Self { child, ready })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // SIGTERM, so that it takes its folder along; std alone knows only how to kill.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
