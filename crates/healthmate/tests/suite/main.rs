//! What exports hold and how they are read, written and refused. The people in them are invented.
#![expect(clippy::unwrap_used, reason = "tests")]

mod english;
mod hostile;
mod languages;
mod loose;
mod round_trip;
mod writing;

use std::io::{Cursor, Write};

use domain::measure::{Measure, MeasureType};
use healthmate::{Error, FileReport, Item, Limits, Reason, Report, Sink, State, Stop};
use jiff::tz::TimeZone;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// 2024-01-02 03:04:05 in Paris.
const AT: i64 = 1_704_161_045;

#[derive(Default)]
struct Taken {
    items: Vec<Item>,
    progress: Vec<(String, u64)>,
}

impl Sink for Taken {
    fn take(&mut self, item: Item) -> Result<(), Stop> {
        self.items.push(item);
        Ok(())
    }

    fn progress(&mut self, file: &str, rows: u64) {
        self.progress.push((file.to_owned(), rows));
    }
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

/// An archive of these files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn read_bytes(bytes: &[u8], limits: Limits) -> Result<(Vec<Item>, Report), Error> {
    let mut taken = Taken::default();
    let report = healthmate::read_within(Cursor::new(bytes), &paris(), limits, &mut taken)?;
    assert_eq!(report.items(), taken.items.len() as u64);
    Ok((taken.items, report))
}

fn read_files(files: &[(&str, &[u8])]) -> (Vec<Item>, Report) {
    read_bytes(&archive(files), Limits::default()).unwrap()
}

/// The items of an archive of one file, all rows of which gave one.
fn items(name: &str, text: &str) -> Vec<Item> {
    let (items, report) = read_files(&[(name, text.as_bytes())]);
    assert_eq!(report.files[0].state, State::Read, "{name}");
    assert_eq!(report.files[0].skipped, [], "{name}");
    items
}

/// What came of an archive of one file.
fn report(name: &str, text: &str) -> FileReport {
    read_files(&[(name, text.as_bytes())]).1.files.remove(0)
}

/// Why rows of a file were skipped, how many, and where first.
fn skipped(name: &str, text: &str) -> Vec<(Reason, u64, u64)> {
    let report = report(name, text);
    report
        .skipped
        .iter()
        .map(|skipped| (skipped.reason, skipped.rows, skipped.first_line))
        .collect()
}

fn group(date: i64, measures: &[(i32, i64, i8)]) -> healthmate::Group {
    let measure = |&(kind, value, unit): &_| Measure::new(MeasureType(kind), value, unit);
    healthmate::Group { date, measures: measures.iter().map(measure).collect(), comment: None }
}
