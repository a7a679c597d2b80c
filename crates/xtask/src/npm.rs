//! A throwaway folder with one package of the npm registry. What the machine lacks (Node, a
//! registry) is told apart from what is wrong, as for Python. Nothing of the package is built or
//! run here.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::program;

/// Older ones lack what packages of today are written for.
const NODE_MIN: u32 = 20;

/// What npm prints when it got no answer from a registry, as opposed to a wrong one.
const REGISTRY_UNREACHABLE: [&str; 5] =
    ["ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH"];

/// Installs what `package.json` of `home` asks for into `folder`, beside a copy of the scripts that
/// stand there. It gives what the machine lacks, if anything.
pub(crate) fn install(folder: &Path, home: &Path) -> Result<Option<String>> {
    let Ok(node) = program::output(Command::new("node").arg("--version")) else {
        return Ok(Some("there is no node".to_owned()));
    };
    if major(&node).is_none_or(|major| major < NODE_MIN) {
        return Ok(Some(format!("node {} is older than {NODE_MIN}", node.trim())));
    }
    if program::output(Command::new("npm").arg("--version")).is_err() {
        return Ok(Some("there is no npm".to_owned()));
    }
    // Node looks for packages beside the script that names them.
    for entry in fs::read_dir(home).with_context(|| format!("no folder {}", home.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]);
    match program::output(npm.current_dir(folder)) {
        Ok(_) => Ok(None),
        Err(error) if is_unreachable(&format!("{error:#}")) => {
            Ok(Some("npm reaches no registry".to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// The version of a package that is installed in `folder`, as npm itself reads it.
pub(crate) fn version(folder: &Path, package: &str) -> Result<String> {
    let mut npm = Command::new("npm");
    let list = program::output(npm.args(["ls", "--json", package]).current_dir(folder))?;
    let list: Value = serde_json::from_str(&list).context("`npm ls --json` printed no JSON")?;
    match list["dependencies"][package]["version"].as_str() {
        Some(version) => Ok(version.to_owned()),
        None => bail!("npm knows no version of {package}"),
    }
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn is_unreachable(npm_said: &str) -> bool {
    REGISTRY_UNREACHABLE.iter().any(|sign| npm_said.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::{is_unreachable, major};

    #[test]
    fn only_a_silent_registry_excuses_npm() {
        assert!(is_unreachable("npm error code ENOTFOUND\nnpm error network request failed"));
        assert!(!is_unreachable("npm error code E404\nnpm error 404 Not Found"));
    }

    #[test]
    fn the_age_of_node_is_its_first_number() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.20.2"), None);
    }
}
