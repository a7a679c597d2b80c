//! Packages of Debian and its like, installed where that is possible: as root, with apt-get. Which
//! are needed is the chore's to say.

use std::process::Command;

use anyhow::Result;

use crate::program;

/// Whether packages can be installed.
pub(crate) fn can_install() -> Result<bool> {
    let has_apt_get = program::output(Command::new("apt-get").arg("--version")).is_ok();
    Ok(has_apt_get && is_root()?)
}

/// Whether we run as root.
pub(crate) fn is_root() -> Result<bool> {
    Ok(program::output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Installs packages from the newest lists.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    program::run(apt().arg("update"))?;
    program::run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("-q").env("DEBIAN_FRONTEND", "noninteractive");
    command
}
