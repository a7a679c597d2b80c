//! `vitald import …`: the files, the slices and what is printed; the rules stand in `api::import`.

mod healthmate;

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use anyhow::{Context as _, bail, ensure};
use api::import::rows::{self, Row};
use api::import::{self, Gathered, Outcome, Source};
use api::{admin, import::FILE_BYTES_MAX};
use clap::{Args, Subcommand};
use domain::UserId;
use serde::Serialize;
use std::path::{Path, PathBuf};
use store::{Access, Db};

/// Bring in what was recorded elsewhere.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Recorded answers become a person's data; what is there already is left.
    Answers(Answers),
    /// The ZIP of a Health Mate export becomes a person's data; what is there already is left.
    HealthMate(healthmate::HealthMate),
}

/// Recorded answers become a person's data; what is there already is left.
///
/// Answers of getmeas, getactivity, getintradayactivity, getworkouts, sleep get and getsummary, and
/// heart list, in any order. Every file is read before anything is stored: one that is broken stops
/// them all. A run that was cut short is simply run again.
#[derive(Debug, Args)]
pub(crate) struct Answers {
    /// Files of JSON: answers as they came, their bodies alone, or lists of them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Whose data they are: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: String,
    /// Say what would be done and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Tell no application of it; otherwise those are told that subscribed to the person's data.
    #[arg(long)]
    no_notify: bool,
}

#[derive(Serialize)]
struct Summary {
    userid: UserId,
    dry_run: bool,
    files: usize,
    /// Groups and rows in the files.
    read: usize,
    /// Of them, groups that an answer before had too.
    repeated: usize,
    new: usize,
    changed: usize,
    known: usize,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Refused {
    at: String,
    reason: String,
}

impl Import {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Answers(answers) => answers.run(location, output),
            Self::HealthMate(export) => export.run(location, output),
        }
    }
}

/// The store that is there, and the person that is meant.
pub(crate) fn found(location: &Location, user: String) -> anyhow::Result<(Db, UserId)> {
    if !location.exists() {
        bail!("{}", location.absent());
    }
    let (db, _) = location.open()?;
    let find = move |tx: &mut store::Tx<'_>| admin::find_account(tx, &user).map(|it| it.id);
    let userid = db.run_blocking(Access::Read, find)?;
    Ok((db, userid))
}

impl Answers {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        if !location.exists() {
            bail!("{}", location.absent());
        }
        let (db, environment) = location.open()?;
        let user = self.user;
        let find = move |tx: &mut store::Tx<'_>| admin::find_account(tx, &user).map(|it| it.id);
        let userid = db.run_blocking(Access::Read, find)?;
        let mut gathered = Gathered::default();
        for file in &self.files {
            gathered.add(&file.display().to_string(), &read(file)?, environment.clock.now())?;
        }
        let (read, repeated) = (gathered.read, gathered.repeated);
        let refused = std::mem::take(&mut gathered.refused);
        let how = How { is_dry: self.dry_run, is_hushed: self.no_notify };
        let done = store_all(&db, userid, gathered, how)?;
        db.close();
        let summary = Summary {
            userid,
            dry_run: self.dry_run,
            files: self.files.len(),
            read,
            repeated,
            new: done.new,
            changed: done.changed,
            known: done.known,
            refused: refused
                .into_iter()
                .map(|it| Refused { at: it.at, reason: it.reason })
                .collect(),
        };
        summary.print(output)
    }
}

impl Summary {
    fn print(mut self, output: &Output) -> anyhow::Result<()> {
        if output.is_json() {
            return output.one(&self);
        }
        let refused = std::mem::take(&mut self.refused);
        let mut counts = serde_json::to_value(&self)?;
        counts["refused"] = refused.len().into();
        output.one(&counts)?;
        if refused.is_empty() { Ok(()) } else { output.many(&refused) }
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", file.display());
    let size = std::fs::metadata(file).with_context(cannot)?.len();
    let megabytes = FILE_BYTES_MAX >> 20;
    ensure!(size <= FILE_BYTES_MAX, "{} has more than {megabytes} MiB", file.display());
    std::fs::read(file).with_context(cannot)
}

/// How rows are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// They are not: only what would become of them is said.
    pub(crate) is_dry: bool,
    /// Nobody is told of them.
    pub(crate) is_hushed: bool,
}

/// A slice a transaction, so that a server on the same data is never kept waiting for long.
fn store_all(db: &Db, user: UserId, groups: Gathered, how: How) -> anyhow::Result<Outcome> {
    let mut groups = groups;
    let (mut done, mut stored, all) = (Outcome::default(), 0, groups.len());
    for slice in groups.take_rows() {
        stored += slice.len();
        let part = store_rows(db, user, slice, how)?;
        done.new += part.new;
        done.changed += part.changed;
        done.known += part.known;
        if all > import::SLICE_GROUPS {
            tracing::info!(rows = stored, of = all, "importing");
        }
    }
    for slice in groups.into_slices() {
        stored += slice.len();
        let part = store_slice(db, user, slice, how)?;
        done.new += part.new;
        done.changed += part.changed;
        done.known += part.known;
        if all > import::SLICE_GROUPS {
            tracing::info!(groups = stored, of = all, "importing");
        }
    }
    Ok(done)
}

fn store_rows(db: &Db, user: UserId, slice: Vec<Row>, how: How) -> domain::Result<Outcome> {
    db.run_blocking(Access::Write, move |tx| {
        if how.is_dry {
            return rows::rehearse(tx, |tx| rows::store(tx, user, &slice));
        }
        if how.is_hushed {
            tx.hush();
        }
        tx.attempt(|tx| {
            let done = rows::store(tx, user, &slice)?;
            audit::staff(tx, Some(user), "import answers")?;
            Ok(done)
        })
    })
}

fn store_slice(db: &Db, user: UserId, slice: Vec<Source>, how: How) -> domain::Result<Outcome> {
    if how.is_dry {
        return db.run_blocking(Access::Read, move |tx| import::foresee(tx, user, &slice));
    }
    db.run_blocking(Access::Write, move |tx| {
        if how.is_hushed {
            tx.hush();
        }
        tx.attempt(|tx| {
            let done = import::store(tx, user, &slice)?;
            audit::staff(tx, Some(user), "import answers")?;
            Ok(done)
        })
    })
}
