//! Runs other programs and says in one sentence how one failed. It gives no program a time limit.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Cargo in the repository, as if started from a shell: build scripts that look at what cargo says
/// of the crate it runs would otherwise see ours, and build anew each time they see another.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    let ours =
        |name: &String| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(ours) {
        cargo.env_remove(name);
    }
    cargo.current_dir(root);
    cargo
}

/// Runs `command` on our own terminal; an error when it does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs `command` with nothing to read and gives what it printed; its error output is in the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start `{}`", line(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", line(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something other than text", line(command)))
}

/// The command as one would type it, for people to read.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Another debug binary of the workspace: cargo puts it beside this one.
pub(crate) fn beside_us(name: &str) -> Result<PathBuf> {
    let ourselves = std::env::current_exe().context("cannot find ourselves")?;
    Ok(ourselves.with_file_name(name))
}
