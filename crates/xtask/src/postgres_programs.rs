//! Finds the programs of a PostgreSQL server and, as root on a Debian-like system, installs them.
//! It starts no server, and it never changes a PostgreSQL that is already there.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{debian, program};

/// The oldest major version the tests are run against.
const VERSION_MIN: u32 = 14;
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "createdb"];
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// The folder of the newest suitable PostgreSQL, installed first if need be and possible.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !debian::can_install()? {
        bail!(
            "the tests need PostgreSQL {VERSION_MIN} or newer and found none in \
             {DEBIAN_VERSIONS}/*/bin or PATH; install its server programs \
             (`apt-get install postgresql`) and run this again"
        );
    }
    eprintln!("PostgreSQL is not installed: installing it with apt-get");
    debian::install(&["postgresql"])?;
    match find() {
        Some(found) => Ok(found),
        None => bail!("`apt-get install postgresql` gave no PostgreSQL {VERSION_MIN} or newer"),
    }
}

fn find() -> Option<PathBuf> {
    debian_folders().into_iter().chain(path_folders()).find(|folder| suits(folder))
}

/// Debian keeps one folder per major version; newest first.
fn debian_folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(DEBIAN_VERSIONS).into_iter().flatten().flatten();
    let numbered = entries.filter_map(|entry| {
        let major: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((Reverse(major), entry.path().join("bin")))
    });
    let mut folders: Vec<_> = numbered.collect();
    folders.sort_unstable();
    folders.into_iter().map(|(_, folder)| folder).collect()
}

fn path_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}

fn suits(folder: &Path) -> bool {
    if !NEEDED.iter().all(|name| folder.join(name).is_file()) {
        return false;
    }
    let version = program::output(Command::new(folder.join("initdb")).arg("--version"));
    version.is_ok_and(|text| major(&text).is_some_and(|major| major >= VERSION_MIN))
}

/// The major version in a line like `initdb (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn major(version: &str) -> Option<u32> {
    let number = version.split(") ").nth(1)?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_initdb_prints() {
        assert_eq!(major("initdb (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("initdb (PostgreSQL) 17.2\n"), Some(17));
        assert_eq!(major("initdb (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major("initdb (PostgreSQL) devel\n"), None);
        assert_eq!(major(""), None);
    }
}
