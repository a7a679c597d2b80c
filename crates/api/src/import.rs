//! Recorded answers become a person's groups, days, minutes, nights, workouts and hearts. What is
//! kept of them, and what a group becomes that is known already, is said in `docs/api-design.md`.
//! It reads no file: the text of an answer is given, and the caller takes one slice a transaction.

mod answer;
pub mod healthmate;
mod recorded;
pub mod rows;

use self::rows::Row;
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{Refusal, Result, UserId};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use store::imported::{self, Change, Device, NewImport};
use store::measure::{self, GROUP_MEASURES_MAX, NewGroup};
use store::{Tx, person};

/// The most one file holds.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// The most groups that are imported at once.
pub const GROUPS_MAX: usize = 500_000;
/// Groups that share one transaction.
pub const SLICE_GROUPS: usize = 300;

/// A group of another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id there.
    pub grpid: i64,
    /// How it is known whose it is.
    pub attrib: Attrib,
    /// When it was taken.
    pub date: i64,
    /// When it was stored there.
    pub created: i64,
    /// When it last changed there; when it was stored, where the answer does not say.
    pub modified: i64,
    /// Real, or an objective.
    pub category: Category,
    /// What took it.
    pub device: Option<Device>,
    /// At least one.
    pub measures: Vec<Measure>,
}

/// A group that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it stands: the file, and the place in its JSON.
    pub at: String,
    /// Why, without any value of it.
    pub reason: String,
}

/// The groups of several answers, each once.
#[derive(Debug, Default)]
pub struct Gathered {
    groups: BTreeMap<i64, Source>,
    rows: Vec<Row>,
    /// How many groups and rows were read.
    pub read: usize,
    /// How many of them were the same group again, perhaps with other measures.
    pub repeated: usize,
    /// Those that cannot be kept, in the order in which they were read.
    pub refused: Vec<Refused>,
}

/// What became of the groups of a slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// They were not there before.
    pub new: usize,
    /// They got measures or an `attrib` they did not have.
    pub changed: usize,
    /// They were there already.
    pub known: usize,
}

impl Gathered {
    /// Adds the answers in the text of a file: all of them, or with a refusal none.
    pub fn add(&mut self, name: &str, text: &[u8], now: i64) -> Result<()> {
        let pages = answer::read(name, text)?;
        let read: usize = pages.iter().map(|page| page.groups.len() + page.rows.len()).sum();
        if self.read + read > GROUPS_MAX {
            let problem = format!("more than {GROUPS_MAX} groups at once; give fewer files");
            return Err(Refusal::invalid_param("file", problem).into());
        }
        self.read += read;
        for page in pages {
            for (number, group) in page.groups.into_iter().enumerate() {
                let at = |key: &str| format!("{}[{number}]{key}", page.place);
                match group.check(now) {
                    Ok(source) => self.gather(source, at("")),
                    Err((key, reason)) => self.refuse(at(key), reason),
                }
            }
            for (number, row) in page.rows.into_iter().enumerate() {
                match row {
                    Ok(row) => self.rows.push(row),
                    Err((key, reason)) => {
                        self.refuse(format!("{}[{number}]{key}", page.place), reason);
                    }
                }
            }
        }
        Ok(())
    }

    fn gather(&mut self, source: Source, at: String) {
        match self.groups.entry(source.grpid) {
            Entry::Vacant(place) => _ = place.insert(source),
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let merged = merge(known.attrib, &known.measures, known.modified, &source);
                if merged.1.len() > GROUP_MEASURES_MAX {
                    let reason = "together with the answers before it has too many measures";
                    return self.refuse(at, reason.to_owned());
                }
                (known.attrib, known.measures) = merged;
                known.modified = known.modified.max(source.modified);
                self.repeated += 1;
            }
        }
    }

    fn refuse(&mut self, at: String, reason: String) {
        self.refused.push(Refused { at, reason });
    }

    /// How many groups and rows there are to store.
    pub fn len(&self) -> usize {
        self.groups.len() + self.rows.len()
    }

    /// Takes the rows that are no measures, in parts that each fit one transaction.
    pub fn take_rows(&mut self) -> Vec<Vec<Row>> {
        rows::slices(std::mem::take(&mut self.rows))
    }

    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The groups in parts that each fit one transaction.
    pub fn into_slices(self) -> Vec<Vec<Source>> {
        let groups: Vec<Source> = self.groups.into_values().collect();
        groups.chunks(SLICE_GROUPS).map(<[Source]>::to_vec).collect()
    }
}

/// What a group's `attrib` and measures are to be, when another answer has it too. One that changed
/// later there counts for all it has; else only measures that were missing are taken from it, as an
/// answer may hold only the types that were asked for.
fn merge(
    attrib: Attrib,
    measures: &[Measure],
    modified: i64,
    other: &Source,
) -> (Attrib, Vec<Measure>) {
    let is_later = other.modified > modified;
    let (first, second) =
        if is_later { (&other.measures[..], measures) } else { (measures, &other.measures[..]) };
    let has = |one: &Measure| first.iter().any(|known| place(known) == place(one));
    let added = second.iter().filter(|one| !has(one));
    let merged: Vec<Measure> = first.iter().chain(added).copied().collect();
    // The same measures in another order are no change.
    let is_same = merged.len() == measures.len() && merged.iter().all(|one| measures.contains(one));
    let merged = if is_same { measures.to_vec() } else { merged };
    (if is_later { other.attrib } else { attrib }, merged)
}

/// What tells the measures of one group apart.
const fn place(measure: &Measure) -> (MeasureType, Option<i32>) {
    (measure.kind, measure.position)
}

/// What has to be written for a slice.
struct Plan {
    outcome: Outcome,
    new: Vec<NewImport>,
    changes: Vec<Change>,
}

/// Says what [`store()`] would do.
pub fn foresee(tx: &mut Tx<'_>, user: UserId, slice: &[Source]) -> Result<Outcome> {
    plan(tx, user, slice).map(|plan| plan.outcome)
}

/// Stores a slice. Of groups that are known as they are it writes nothing.
pub fn store(tx: &mut Tx<'_>, user: UserId, slice: &[Source]) -> Result<Outcome> {
    let plan = plan(tx, user, slice)?;
    imported::store(tx, user, &plan.new, &plan.changes)?;
    Ok(plan.outcome)
}

fn plan(tx: &mut Tx<'_>, user: UserId, slice: &[Source]) -> Result<Plan> {
    person::get(tx, user)?;
    let mut plan = Plan { outcome: Outcome::default(), new: Vec::new(), changes: Vec::new() };
    for source in slice {
        let Some(known) = imported::find(tx, user, source.grpid)? else {
            plan.outcome.new += 1;
            plan.new.push(as_new(source));
            continue;
        };
        // One that was denied stays away.
        let before = measure::find(tx, known.id)?;
        let change = before.and_then(|before| change(source, known.modified, before));
        match &change {
            Some(change) if change.after != change.before => plan.outcome.changed += 1,
            _ => plan.outcome.known += 1,
        }
        plan.changes.extend(change);
    }
    Ok(plan)
}

fn as_new(source: &Source) -> NewImport {
    NewImport {
        source: source.grpid,
        modified: source.modified,
        created: source.created,
        device: source.device.clone(),
        group: NewGroup {
            date: source.date,
            category: source.category,
            attrib: source.attrib,
            device: None,
            measures: source.measures.clone(),
        },
    }
}

fn change(source: &Source, modified: i64, before: measure::Group) -> Option<Change> {
    let (attrib, measures) = merge(before.attrib, &before.measures, modified, source);
    if measures.len() > GROUP_MEASURES_MAX {
        return None;
    }
    let is_same = attrib == before.attrib && measures == before.measures;
    // A later stamp is noted even so: what the person says here afterwards then holds.
    if is_same && source.modified <= modified {
        return None;
    }
    let after = measure::Group { attrib, measures, ..before.clone() };
    Some(Change { source: source.grpid, modified: modified.max(source.modified), before, after })
}

#[cfg(test)]
mod tests;
