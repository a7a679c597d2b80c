//! `vitald import health-mate`: the ZIP of a Health Mate export; the rules stand in
//! `api::import::healthmate`, the layout in the crate `healthmate`.

use super::{How, found};
use crate::audit;
use crate::location::Location;
use crate::output::Output;
use anyhow::Context as _;
use api::import::healthmate::{Pieces, store_groups};
use api::import::{Outcome, SLICE_GROUPS, rows};
use clap::Args;
use domain::UserId;
use healthmate::{Item, Report, Sink, Stop};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use store::{Access, Db, Tx, person};

/// Rows that wait to be sorted and stored.
const WAITING_MAX: usize = 50_000;

/// The ZIP of a Health Mate export becomes a person's data; what is there already is left.
///
/// Files are read one by one and stored in parts. What cannot be kept is skipped and said why. A
/// run that was cut short is simply run again.
#[derive(Debug, Args)]
pub(crate) struct HealthMate {
    /// The ZIP, as the export's mail leads to it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose data it is: an id or an e-mail address.
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
    new: usize,
    changed: usize,
    known: usize,
    /// What was read and is not kept, by why.
    left: BTreeMap<&'static str, u64>,
    files: Report,
}

/// A line a file, for people.
#[derive(Serialize)]
struct FileLine {
    file: String,
    state: String,
    rows: u64,
    items: u64,
    skipped: String,
}

impl HealthMate {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let (db, userid) = found(location, self.user)?;
        let of = db.run_blocking(Access::Read, move |tx| person::get(tx, userid))?;
        let zone = domain::person::time_zone(&of.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let name = self.file.display();
        let file = File::open(&self.file).with_context(|| format!("cannot read {name}"))?;
        let mut into = Into {
            db: &db,
            userid,
            how: How { is_dry: self.dry_run, is_hushed: self.no_notify },
            pieces: Pieces::default(),
            done: Outcome::default(),
        };
        let files = healthmate::read(BufReader::new(file), &zone, &mut into)
            .with_context(|| format!("{name} cannot be read as a Health Mate export"))?;
        into.flush(true)?;
        let (done, left) = (into.done, std::mem::take(&mut into.pieces.left));
        db.close();
        let Outcome { new, changed, known } = done;
        Summary { userid, dry_run: self.dry_run, new, changed, known, left, files }.print(output)
    }
}

impl Summary {
    fn print(self, output: &Output) -> anyhow::Result<()> {
        if output.is_json() {
            return output.one(&self);
        }
        let mut counts = serde_json::to_value(&self)?;
        if let Some(counts) = counts.as_object_mut() {
            counts.remove("files");
            let left: Vec<String> =
                self.left.iter().map(|(reason, count)| format!("{count} × {reason}")).collect();
            counts.insert("left".to_owned(), left.join("; ").into());
        }
        output.one(&counts)?;
        let line = |file: &healthmate::FileReport| {
            let skipped = file.skipped.iter().map(|skipped| {
                let reason = serde_json::to_value(skipped.reason).unwrap_or_default();
                let (rows, line) = (skipped.rows, skipped.first_line);
                format!("{rows} from line {line}: {reason}")
            });
            let state = serde_json::to_value(file.state).unwrap_or_default();
            FileLine {
                file: file.name.clone(),
                state: state.as_str().map_or_else(|| state.to_string(), str::to_owned),
                rows: file.rows,
                items: file.items,
                skipped: skipped.collect::<Vec<_>>().join("; "),
            }
        };
        let lines: Vec<FileLine> = self.files.files.iter().map(line).collect();
        output.many(&lines)
    }
}

/// Where items go: stored in parts, sorted, each in a transaction of its own.
struct Into<'d> {
    db: &'d Db,
    userid: UserId,
    how: How,
    pieces: Pieces,
    done: Outcome,
}

impl Sink for Into<'_> {
    fn take(&mut self, item: Item) -> Result<(), Stop> {
        self.pieces.add(item);
        if self.pieces.rows.len() + self.pieces.groups.len() >= WAITING_MAX {
            self.flush(false)?;
        }
        Ok(())
    }

    fn progress(&mut self, file: &str, rows: u64) {
        const LINE_ROWS: u64 = 100_000;
        if rows.is_multiple_of(LINE_ROWS) && rows > 0 {
            tracing::info!(file, rows, "importing");
        }
    }
}

impl Into<'_> {
    /// Stores what waits. Days wait for the last of their fields, and so for the end.
    fn flush(&mut self, is_end: bool) -> domain::Result<()> {
        let groups = std::mem::take(&mut self.pieces.groups);
        for slice in groups.chunks(SLICE_GROUPS) {
            let (slice, user) = (slice.to_vec(), self.userid);
            self.store(move |tx| store_groups(tx, user, &slice))?;
        }
        let mut rows = std::mem::take(&mut self.pieces.rows);
        if is_end {
            let days = std::mem::take(&mut self.pieces.days);
            rows.extend(days.into_values().map(rows::Row::Day));
        }
        for slice in rows::slices(rows) {
            let user = self.userid;
            self.store(move |tx| rows::store(tx, user, &slice))?;
        }
        Ok(())
    }

    fn store(
        &mut self,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<Outcome> + Send + Sync + 'static,
    ) -> domain::Result<()> {
        let (how, user) = (self.how, self.userid);
        let part = self.db.run_blocking(Access::Write, move |tx| {
            if how.is_dry {
                return rows::rehearse(tx, |tx| work(tx));
            }
            if how.is_hushed {
                tx.hush();
            }
            tx.attempt(|tx| {
                let done = work(tx)?;
                audit::staff(tx, Some(user), "import health-mate")?;
                Ok(done)
            })
        })?;
        self.done.new += part.new;
        self.done.changed += part.changed;
        self.done.known += part.known;
        Ok(())
    }
}
