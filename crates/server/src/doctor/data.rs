//! The folder, the key, the database, its schema, the clock and the disk.

use super::{Finding, Means};
use crate::config::{Settings, key_file};
use rustix::fs::{Access, StatVfs, StatVfsMountFlags, access, statvfs};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use store::secrets::{KeyError, Keyring};
use store::{Inspection, OpenError, Target, inspect};

/// Nobody runs this program before it was written.
const CLOCK_FIRST: i64 = 1_767_225_600;
/// Nor, without a wrong clock, after 2100.
const CLOCK_LAST: i64 = 4_102_444_800;
/// What two clocks may differ without notice, and what the store's rules allow them to.
const SKEW_NOTED_SECONDS: i64 = 1;
const SKEW_MAX_SECONDS: i64 = 5;
const MIB: u64 = 1 << 20;
/// Below it a disk will soon be full, and below the other it is.
const FREE_NOTED: u64 = 1_024 * MIB;
const FREE_LEAST: u64 = 64 * MIB;
/// The first tables with their log, and the first days.
const NEW_STORE_MIB: u64 = 16;

pub(super) fn examine(settings: &Settings, means: &Means) -> Vec<Finding> {
    let mut findings = vec![folder(settings)];
    let file = key_file(&settings.data);
    let key = Keyring::read(&file);
    let kept = key.as_ref().ok().is_some_and(Option::is_some);
    let (key, broken) = match key {
        Ok(key) => (key.map(Arc::new), None),
        Err(error) => (None, Some(error)),
    };
    let target = settings.target();
    let found = inspect(&target, key, means.clock.clone(), means.entropy.clone());
    findings.push(self::key(&file, kept, broken.as_ref(), found.as_ref().ok()));
    findings.push(database(&target, &found));
    if let Ok(found) = &found {
        findings.push(migrations(found));
    }
    findings.push(clock(means.clock.now(), found.as_ref().ok()));
    findings.push(disk(settings, found.as_ref().ok()));
    findings
}

fn folder(settings: &Settings) -> Finding {
    const CHECK: &str = "folder";
    let folder = settings.data.as_path();
    let shown = folder.display();
    if folder.is_dir() {
        return match access(folder, Access::WRITE_OK | Access::READ_OK | Access::EXEC_OK) {
            Ok(()) => Finding::ok(CHECK, format!("{shown} can be read and written")),
            Err(error) => {
                let mend = "give it to the user vitald runs as, or run vitald as its owner";
                Finding::problem(CHECK, format!("{shown} cannot be written: {error}"), mend)
            }
        };
    }
    if folder.exists() {
        let says = format!("{shown} is not a folder");
        return Finding::problem(CHECK, says, "name another with --data, or move it away");
    }
    match access(above(folder), Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Finding::ok(CHECK, format!("{shown} is not there yet; the first start makes it")),
        Err(error) => {
            let says = format!("{shown} is not there and cannot be made: {error}");
            Finding::problem(CHECK, says, "make it for the user vitald runs as")
        }
    }
}

/// The nearest folder that is there.
fn above(folder: &Path) -> &Path {
    let there = folder.ancestors().find(|above| above.exists());
    there.unwrap_or_else(|| Path::new(if folder.is_absolute() { "/" } else { "." }))
}

fn key(
    file: &Path,
    is_there: bool,
    broken: Option<&KeyError>,
    found: Option<&Inspection>,
) -> Finding {
    const CHECK: &str = "key";
    const RESTORE: &str = "restore it from where you keep it; backups of the database leave it out";
    let shown = file.display();
    if let Some(error) = broken {
        return Finding::problem(CHECK, error.to_string(), RESTORE);
    }
    if !is_there {
        return match found {
            Some(found) if !found.has_key => {
                Finding::ok(CHECK, format!("{shown} is not there yet; the first start makes it"))
            }
            Some(_) => {
                Finding::problem(CHECK, format!("the database's key {shown} is missing"), RESTORE)
            }
            None => Finding::warning(CHECK, format!("{shown} is not there"), RESTORE),
        };
    }
    let mode = std::fs::metadata(file).map_or(0, |file| file.permissions().mode() & 0o777);
    if found.is_some_and(|found| found.is_key_right == Some(false)) {
        return Finding::problem(CHECK, KeyError::Wrong.to_string(), RESTORE);
    }
    if mode & 0o077 != 0 {
        let says = format!("others on this machine may open {shown} (mode {mode:o})");
        return Finding::problem(CHECK, says, format!("chmod 600 {shown}"));
    }
    match found.map(|found| found.is_key_right) {
        Some(Some(_)) => Finding::ok(CHECK, format!("{shown} is private and the database's own")),
        Some(None) => Finding::ok(CHECK, format!("{shown} is private; the database is new")),
        None => Finding::ok(CHECK, format!("{shown} is private; the database did not answer")),
    }
}

fn database(target: &Target, found: &Result<Inspection, OpenError>) -> Finding {
    const CHECK: &str = "database";
    match (found, target) {
        (Ok(found), Target::Sqlite(file)) if found.size_bytes.is_none() => {
            let file = file.display();
            let engine = &found.engine;
            Finding::ok(
                CHECK,
                format!("{file} is not there yet; the first start makes it ({engine})"),
            )
        }
        (Ok(found), Target::Sqlite(file)) => match access(file, Access::WRITE_OK) {
            Ok(()) => Finding::ok(CHECK, format!("{} opens {}", found.engine, file.display())),
            Err(error) => {
                let says = format!("{} cannot be written: {error}", file.display());
                Finding::problem(CHECK, says, "give it to the user vitald runs as")
            }
        },
        (Ok(found), Target::Postgres(_)) => Finding::ok(CHECK, format!("{} answers", found.engine)),
        (Err(error), Target::Sqlite(_)) => {
            let mend = "name the right folder with --data, or restore the file from a backup";
            Finding::problem(CHECK, error.to_string(), mend)
        }
        (Err(error), Target::Postgres(_)) => {
            let mend = "see that the server runs, that its address in `database` is right, and \
                that its user may use it";
            Finding::problem(CHECK, error.to_string(), mend)
        }
    }
}

pub(super) fn migrations(found: &Inspection) -> Finding {
    const CHECK: &str = "migrations";
    if let Err(error) = found.check()
        && (!found.unknown.is_empty() || !found.altered.is_empty())
    {
        let mend = "use the version of vitald that wrote it, or a newer one";
        return Finding::problem(CHECK, error.to_string(), mend);
    }
    match found.missing.as_slice() {
        [] => Finding::ok(CHECK, "the schema is this version's"),
        missing if !found.is_there => {
            let says = format!("the store is new; the first start applies {}", missing.join(", "));
            Finding::ok(CHECK, says)
        }
        missing => {
            let says = format!("the schema lacks {}", missing.join(", "));
            Finding::warning(
                CHECK,
                says,
                "back it up; the next start, or `vitald migrate`, adds it",
            )
        }
    }
}

pub(super) fn clock(now: i64, found: Option<&Inspection>) -> Finding {
    const CHECK: &str = "clock";
    const MEND: &str = "set the clock, and keep it right with NTP";
    let shown =
        jiff::Timestamp::from_second(now).map_or_else(|_| now.to_string(), |now| now.to_string());
    if !(CLOCK_FIRST..CLOCK_LAST).contains(&now) {
        return Finding::problem(CHECK, format!("this machine's clock says {shown}"), MEND);
    }
    if let Some(stamp) = found.and_then(|found| found.newest_stamp)
        && stamp > now + SKEW_MAX_SECONDS
    {
        let says = format!("the clock says {shown}, {} s before the newest entry", stamp - now);
        return Finding::problem(CHECK, says, MEND);
    }
    let skew = found.and_then(|found| found.clock).map_or(0, |theirs| (theirs - now).abs());
    if skew > SKEW_NOTED_SECONDS {
        let says = format!("this machine's clock and PostgreSQL's differ by {skew} s");
        return if skew > SKEW_MAX_SECONDS {
            Finding::problem(CHECK, says, MEND)
        } else {
            Finding::warning(CHECK, says, MEND)
        };
    }
    Finding::ok(CHECK, format!("it is {shown}"))
}

fn disk(settings: &Settings, found: Option<&Inspection>) -> Finding {
    const CHECK: &str = "disk";
    let folder = above(&settings.data);
    let shown = folder.display();
    let stat = match statvfs(folder) {
        Ok(stat) => stat,
        Err(error) => {
            let says = format!("{shown} cannot be measured: {error}");
            return Finding::warning(CHECK, says, "see whether it is mounted");
        }
    };
    if stat.f_flag.contains(StatVfsMountFlags::RDONLY) {
        let says = format!("the file system of {shown} is mounted read-only");
        return Finding::problem(
            CHECK,
            says,
            "mount it writable, or name another folder with --data",
        );
    }
    if settings.database.is_none()
        && let Some(kind) = network_file_system(folder)
    {
        let says = format!("{shown} is on {kind}, which does not carry SQLite's write-ahead log");
        let mend = "use a local disk, or PostgreSQL with `database`";
        return Finding::problem(CHECK, says, mend);
    }
    let free = free(&stat);
    let size = found.and_then(|found| found.size_bytes);
    let size = size.map_or_else(String::new, |size| {
        format!("; the database takes {} MiB", size.div_ceil(MIB))
    });
    let says = format!("{} MiB are free at {shown}{size}", free / MIB);
    if free < FREE_LEAST {
        Finding::problem(CHECK, says, "make room: writes will fail")
    } else if free < FREE_NOTED {
        Finding::warning(CHECK, says, "make room before it is full")
    } else {
        Finding::ok(CHECK, says)
    }
}

fn free(stat: &StatVfs) -> u64 {
    stat.f_bavail.saturating_mul(stat.f_frsize)
}

/// Why no new store can be made in a folder, if the disk has no room for one: it is not begun then.
pub fn no_room(folder: &Path) -> Option<String> {
    let free = free(&statvfs(above(folder)).ok()?) / MIB;
    let shown = folder.display();
    (free < NEW_STORE_MIB).then(|| {
        format!(
            "{free} MiB are free for {shown}, and a new store needs {NEW_STORE_MIB}; make room, or \
             name another folder with --data"
        )
    })
}

/// The name of a file system that is shared over a network, if the folder is on one.
#[cfg(target_os = "linux")]
fn network_file_system(folder: &Path) -> Option<&'static str> {
    // Of linux/magic.h.
    match u64::try_from(rustix::fs::statfs(folder).ok()?.f_type).ok()? & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0xff53_4d42 | 0xfe53_4d42 | 0x517b => Some("SMB"),
        0x0102_1997 => Some("9p"),
        0x00c3_6400 => Some("Ceph"),
        _ => None,
    }
}

/// Elsewhere the first start finds out.
#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> Option<&'static str> {
    None
}
