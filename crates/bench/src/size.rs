//! What years of measures take on disk: the embedded store's file after its write-ahead log was
//! taken in, with its indexes and everything else that storing them leaves behind.

use crate::data;
use crate::figure::{Figure, RUNS, Runs, Target as Promise};
use anyhow::Result;
use store::Target;

pub(crate) const FIGURE: Figure = Figure {
    name: "sqlite_mb_per_million_measures",
    unit: "MB",
    target: Promise::AtMost(25.0),
    what: "the file of the embedded store, indexes and receipts included, per million measures",
    measure: |_| measure(),
};

const PEOPLE: usize = 20;
const DAYS: i64 = 1_000;

fn measure() -> Result<Runs> {
    let mut values = Vec::new();
    let mut baseline = String::new();
    for run in 0..RUNS {
        // Other people each time; the bytes are the same but for their ids.
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("vitald.db");
        let target = Target::Sqlite(file.clone());
        let db = data::open(&target, folder.path())?;
        let people = (0..PEOPLE).map(|number| data::person(&db, run * PEOPLE + number));
        let people = people.collect::<Result<Vec<_>>>()?;
        // Closed, so that the schema is in the file and not in the log beside it: its pages are
        // no measures.
        db.close();
        let empty = file_bytes(&file)?;
        let db = data::open(&target, folder.path())?;
        let mornings = data::mornings(DAYS)?;
        data::fill(&db, &people, &mornings)?;
        db.close();
        let bytes = file_bytes(&file)? - empty;
        let each: usize = mornings.iter().map(|reading| reading.values.len()).sum();
        let measures = u32::try_from(each * PEOPLE)?;
        let groups = mornings.len() * PEOPLE;
        // Bytes per measure are megabytes per million.
        values.push(f64::from(u32::try_from(bytes)?) / f64::from(measures));
        baseline = format!("{measures} measures in {groups} groups of {PEOPLE} people");
    }
    Ok(Runs { values, baseline })
}

fn file_bytes(file: &std::path::Path) -> Result<u64> {
    Ok(std::fs::metadata(file)?.len())
}
