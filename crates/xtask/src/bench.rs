//! Measures what vitald costs: builds the command as the README builds it, and as it is shipped
//! (for its size), then has `crates/bench` measure it, with a throwaway PostgreSQL beside it. What
//! is measured, and how, is decided there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{postgres, program};

/// What to measure, and where to write it.
#[derive(Args)]
pub(crate) struct Bench {
    /// Only the figures whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Write the figures to this file too, as {figure: {value, unit, baseline, runs}}
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the table into the README too
    #[arg(long, conflicts_with = "only")]
    readme: bool,
}

impl Bench {
    /// The whole chore.
    pub(crate) fn run(self, root: &Path) -> Result<()> {
        let build = ["build", "--release", "--locked", "-p", "cli", "-p", "bench"];
        program::run(program::cargo(root).args(build))?;
        let build = ["build", "--profile", "dist", "--locked", "-p", "cli"];
        program::run(program::cargo(root).args(build))?;
        // Ours is a debug binary: those measured stand in the folder beside its own.
        let built =
            |profile, name| Ok::<_, anyhow::Error>(of_profile(profile, &program::beside_us(name)?));
        let mut bench = Command::new(built("release", "bench")?);
        bench.arg("--vitald").arg(built("release", "vitald")?);
        bench.arg("--shipped").arg(built("dist", "vitald")?).args(self.arguments(root));
        let postgres = postgres::Throwaway::start()?;
        let outcome = program::run(postgres.tell(&mut bench));
        postgres.stop().and(outcome)
    }

    fn arguments(self, root: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        let mut add = |name: &str, value: Option<OsString>| {
            arguments.extend(value.into_iter().flat_map(|value| [name.into(), value]));
        };
        add("--only", self.only.map(OsString::from));
        add("--json", self.json.map(OsString::from));
        add("--markdown", self.readme.then(|| root.join("README.md").into()));
        arguments
    }
}

/// The binary of that name that was built with a profile: cargo keeps a folder each.
fn of_profile(profile: &str, debug: &Path) -> PathBuf {
    let name = debug.file_name().unwrap_or_default();
    let profiles = debug.parent().and_then(Path::parent).unwrap_or(debug);
    profiles.join(profile).join(name)
}

#[cfg(test)]
mod tests {
    use super::of_profile;
    use std::path::Path;

    #[test]
    fn the_measured_binary_stands_beside_the_folder_of_ours() {
        let built = of_profile("dist", Path::new("/t/debug/vitald"));
        assert_eq!(built, Path::new("/t/dist/vitald"));
    }
}
