//! Snapshots of an embedded store: whole files in a folder beside it, each with the moment its
//! clock showed. Putting one back exchanges the file under the store's threads.

use crate::db::{Db, Target};
use crate::inspect::{inspect, open_read_only};
use crate::sandbox::CLOCK;
use crate::sqlite;
use domain::{EntropyExt as _, Error, Refusal, Result};
use rusqlite::{Connection, OptionalExtension as _};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of the snapshots, beside the store's file.
const FOLDER: &str = "snapshots";
/// A name has at most this many characters.
const NAME_CHARS_MAX: usize = 64;
/// A store has at most this many snapshots: each is as big as it.
const SNAPSHOTS_MAX: usize = 100;
/// What a snapshot says of itself beside its tables.
const MOMENT: &str = "snapshot_moment";

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What whoever made it called it.
    pub name: String,
    /// What the clock showed.
    pub moment: i64,
    /// How the clock was turned, as it was written down; none: it was not.
    pub turn: Option<String>,
    /// How big it is.
    pub size_bytes: u64,
}

/// Makes a snapshot; one of the same name is replaced. `moment`: what the clock shows.
pub fn save(db: &Db, name: &str, moment: i64) -> Result<Snapshot> {
    let (source, folder) = place(db)?;
    let file = file(&folder, name)?;
    if !file.exists() && names(&folder)?.len() >= SNAPSHOTS_MAX {
        let problem = format!("there are {SNAPSHOTS_MAX}; remove one first");
        return Err(Refusal::invalid_param("snapshot", problem).into());
    }
    make_folder(&folder)?;
    let draft = Draft(folder.join(format!(".{}", db.environment().entropy.token())));
    write(source, &draft.0, moment)?;
    std::fs::rename(&draft.0, &file).map_err(|error| failed(&file, &error))?;
    read(&file, name)
}

/// Puts a snapshot back in place of all that is in the store. What it was made from and what this
/// program is are looked at first; then whoever works on the store ends, `between` is done, and
/// the store goes on with what was in the snapshot.
pub fn restore(db: &Db, name: &str, between: impl FnOnce(&Snapshot)) -> Result<Snapshot> {
    let (source, folder) = place(db)?;
    let file = file(&folder, name)?;
    let snapshot = read(&file, name)?;
    check(db, &file)?;
    // Copied beside the store while that goes on: exchanging the two is a rename.
    let draft = Draft(source.with_extension("restoring"));
    std::fs::copy(&file, &draft.0).map_err(|error| failed(&draft.0, &error))?;
    db.exchange(&draft.0, || between(&snapshot))?;
    Ok(snapshot)
}

/// The snapshots of a store, by name.
pub fn list(db: &Db) -> Result<Vec<Snapshot>> {
    let (_, folder) = place(db)?;
    names(&folder)?.iter().map(|name| read(&file(&folder, name)?, name)).collect()
}

/// Takes a snapshot away: which it was.
pub fn remove(db: &Db, name: &str) -> Result<Snapshot> {
    let (_, folder) = place(db)?;
    let file = file(&folder, name)?;
    let snapshot = read(&file, name)?;
    std::fs::remove_file(&file).map_err(|error| failed(&file, &error))?;
    Ok(snapshot)
}

/// The store's file and the folder of its snapshots.
fn place(db: &Db) -> Result<(&Path, PathBuf)> {
    let file = db.file().ok_or_else(|| {
        let problem = "the store is in PostgreSQL, and snapshots are of the embedded store alone; \
                       use PostgreSQL's own means";
        Refusal::invalid_param("snapshot", problem)
    })?;
    Ok((file, file.with_file_name(FOLDER)))
}

fn file(folder: &Path, name: &str) -> Result<PathBuf> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let is_name = (1..=NAME_CHARS_MAX).contains(&name.len())
        && !name.starts_with('.')
        && name.chars().all(is_plain);
    if !is_name {
        let problem = format!(
            "expected a name of 1 to {NAME_CHARS_MAX} letters, digits, dots, dashes and underscores"
        );
        return Err(Refusal::invalid_param("snapshot", problem).into());
    }
    Ok(folder.join(format!("{name}.db")))
}

fn make_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| failed(folder, &error))
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(folder, &error))?,
    };
    let name = |entry: std::fs::DirEntry| {
        let file = entry.file_name().into_string().ok()?;
        file.strip_suffix(".db").filter(|name| !name.starts_with('.')).map(str::to_owned)
    };
    let mut names: Vec<String> = entries.filter_map(|entry| name(entry.ok()?)).collect();
    names.sort_unstable();
    Ok(names)
}

/// Writes a store, as it is at one moment, into a new file.
fn write(source: &Path, draft: &Path, moment: i64) -> Result<()> {
    sqlite::make_private(draft).map_err(Error::internal)?;
    let write = || -> rusqlite::Result<usize> {
        let reading = open_read_only(source, false)?;
        // It takes a transaction that reads, and leaves out what is free.
        reading.execute("vacuum into ?1", [draft.to_string_lossy()])?;
        let written = Connection::open(draft)?;
        let sql = "insert into setting (name, value) values (?1, ?2) \
                   on conflict (name) do update set value = excluded.value";
        written.execute(sql, (MOMENT, moment.to_string().into_bytes()))
    };
    write().map(drop).map_err(|error| Error::internal(sqlite::unreachable(draft, &error)))
}

fn read(file: &Path, name: &str) -> Result<Snapshot> {
    let size_bytes = match std::fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(absent()),
        found => found.map_err(|error| failed(file, &error))?.len(),
    };
    let Ok((Some(moment), turn)) = said(file) else {
        let problem = "its file is no snapshot of vitald, or it is damaged; save it again";
        return Err(Refusal::invalid_param("snapshot", problem).into());
    };
    Ok(Snapshot { name: name.to_owned(), moment, turn, size_bytes })
}

/// The moment and the turn of the clock that stand in a snapshot.
fn said(file: &Path) -> rusqlite::Result<(Option<i64>, Option<String>)> {
    let reading = open_read_only(file, true)?;
    let text = |name: &str| -> rusqlite::Result<Option<String>> {
        let sql = "select value from setting where name = ?1";
        let kept = reading.query_row(sql, [name], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        Ok(kept.and_then(|kept| String::from_utf8(kept).ok()))
    };
    Ok((text(MOMENT)?.and_then(|moment| moment.parse().ok()), text(CLOCK)?))
}

/// Refuses a snapshot that this program could not go on with.
fn check(db: &Db, file: &Path) -> Result<()> {
    let environment = db.environment();
    let (clock, entropy) = (Arc::clone(&environment.clock), Arc::clone(&environment.entropy));
    let keyring = Some(Arc::clone(&environment.keyring));
    let found = inspect(&Target::Sqlite(file.to_owned()), keyring, clock, entropy);
    let found = found.map_err(Error::internal)?;
    if found.is_key_right == Some(false) {
        let problem = "it was made with another key than this store's";
        return Err(Refusal::invalid_param("snapshot", problem).into());
    }
    if found.check().is_err() || !found.missing.is_empty() {
        let problem = "it was made by another version of vitald, with another schema; make it \
                       anew with this one";
        return Err(Refusal::invalid_param("snapshot", problem).into());
    }
    Ok(())
}

fn absent() -> Error {
    let problem = "there is none of this name; see `vitald snapshot list`";
    Refusal::invalid_param("snapshot", problem).into()
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("{}: {error}", path.display()))
}

/// A file that goes unless it became another.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone where all went well.
        let _ = std::fs::remove_file(&self.0);
    }
}
