//! `vitald export …`: a person's data as files; what is in them is `api::export`'s.

use crate::audit;
use crate::import::found;
use crate::location::Location;
use crate::output::Output;
use anyhow::{Context as _, ensure};
use api::export::{self, Place};
use clap::{Args, Subcommand};
use domain::UserId;
use healthmate::{LeftOut, Options, Writer};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use store::{Access, Db, Tx, person};

/// Take a person's data out, for the person.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// The ZIP of a Health Mate export, which `vitald import health-mate` and other programs read.
    HealthMate(To),
    /// Lines of JSON: everything that is kept.
    Lines(To),
}

/// Whose data, and where to.
#[derive(Debug, Args)]
pub(crate) struct To {
    /// Whose data: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: String,
    /// The file to write; it must not exist.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Summary {
    userid: UserId,
    file: PathBuf,
    /// Rows, or lines.
    rows: u64,
    bytes: u64,
    /// What the layout of the file cannot hold.
    left_out: Vec<LeftOut>,
}

impl Export {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let (Self::HealthMate(to) | Self::Lines(to)) = &self;
        let (db, userid) = found(location, to.user.clone())?;
        let file = to.file.clone();
        let out = create(&file)?;
        let written = match &self {
            Self::HealthMate(_) => zip(&db, userid, out),
            Self::Lines(_) => lines(&db, userid, out).map(|lines| (lines, Vec::new())),
        };
        let (rows, left_out) = match written {
            Ok(written) => written,
            Err(error) => {
                // Half a file is worse than none.
                let _ = std::fs::remove_file(&file);
                return Err(error);
            }
        };
        db.run_blocking(Access::Write, move |tx| audit::staff(tx, Some(userid), "export"))?;
        db.close();
        let bytes = std::fs::metadata(&file)?.len();
        output.one(&Summary { userid, file, rows, bytes, left_out })
    }
}

/// A file of its own that only its owner reads: health data are in it.
fn create(file: &Path) -> anyhow::Result<File> {
    ensure!(!file.exists(), "{} is there already; name another file", file.display());
    let mut options = OpenOptions::new();
    options.create_new(true).write(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).with_context(|| format!("cannot write {}", file.display()))
}

fn zip(db: &Db, user: UserId, out: File) -> anyhow::Result<(u64, Vec<LeftOut>)> {
    let of = db.run_blocking(Access::Read, move |tx| person::get(tx, user))?;
    let zone = domain::person::time_zone(&of.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut writer = Writer::new(out, zone, Options::default());
    let (mut place, mut items_done) = (Place::FIRST, 0);
    loop {
        let part = move |tx: &mut Tx<'_>| export::part(tx, user, place);
        let (items, next) = db.run_blocking(Access::Read, part)?;
        items.iter().try_for_each(|item| writer.put(item))?;
        items_done += items.len();
        tracing::debug!(items = items_done, "exporting");
        match next {
            Some(next) => place = next,
            None => break,
        }
    }
    let (file, written) = writer.finish()?;
    file.sync_all()?;
    Ok((written.files.iter().map(|(_, rows)| rows).sum(), written.left_out))
}

fn lines(db: &Db, user: UserId, out: File) -> anyhow::Result<u64> {
    let mut out = BufWriter::new(out);
    let (mut after, mut rows) = (None, 0);
    loop {
        let part = move |tx: &mut Tx<'_>| export::lines(tx, user, after);
        let (lines, next) = db.run_blocking(Access::Read, part)?;
        for line in &lines {
            writeln!(out, "{line}")?;
        }
        rows += lines.len() as u64;
        tracing::debug!(rows, "exporting");
        after = next;
        if after.is_none() {
            break;
        }
    }
    let file = out.into_inner().map_err(|error| error.into_error())?;
    file.sync_all()?;
    Ok(rows)
}
