//! A row of each kind of file, as an item. Each file here knows one layout: the names of its
//! columns in the languages that are known, and what is made of them.

mod days;
mod measures;
mod nights;
mod other;
mod samples;
mod signals;
mod workouts;

use std::borrow::Cow;

use jiff::tz::TimeZone;

use crate::head::{Head, Names};
use crate::kind::Kind;
use crate::report::Reason;
use crate::table::Row;
use crate::{Item, number};

/// Makes items of the rows of one file.
pub(crate) trait Decoder {
    /// What a row is; none where it only adds to what is given later.
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason>;

    /// What is left after the last row.
    fn end(&mut self) -> Option<Item> {
        None
    }
}

/// Dates, in files that have one column of them.
const DATE_NAMES: Names = &["date", "datum", "fecha", "data", "dateheure", "time", "timestamp"];
const VALUE_NAMES: Names = &["value", "values", "valeur", "valeurs", "wert", "valor", "valore"];

/// What reads the rows below a header. Err with the column without which it cannot.
pub(crate) fn decoder(
    kind: Kind,
    header: &Row<'_>,
    zone: &TimeZone,
) -> Result<Box<dyn Decoder>, &'static str> {
    let zone = zone.clone();
    Ok(match kind {
        Kind::Weight => Box::new(measures::weight(header, zone)?),
        Kind::Height => Box::new(measures::height(header, zone)?),
        Kind::BloodPressure => Box::new(measures::blood_pressure(header, zone)?),
        Kind::PulseWave => Box::new(measures::pulse_wave(header, zone)?),
        Kind::ManualSpo2 => Box::new(measures::manual_spo2(header, zone)?),
        Kind::Other => Box::new(other::Other::new(header, zone)?),
        Kind::Nights => Box::new(nights::Nights::new(header, zone)?),
        Kind::Workouts => Box::new(workouts::Workouts::new(header, zone)?),
        Kind::Signals => Box::new(signals::Signals::new(header, zone)?),
        Kind::Days(column) => Box::new(days::Days::new(header, column)?),
        Kind::Samples(source, column) => {
            Box::new(samples::Samples::new(header, zone, source, column)?)
        }
        Kind::LeftOut => Box::new(Nothing),
    })
}

/// Reads nothing.
struct Nothing;

impl Decoder for Nothing {
    fn row(&mut self, _: &Row<'_>) -> Result<Option<Item>, Reason> {
        Ok(None)
    }
}

/// A column that must be there.
fn needed<const N: usize>(
    head: &Head<N>,
    column: usize,
    name: &'static str,
) -> Result<(), &'static str> {
    if head.has(column) { Ok(()) } else { Err(name) }
}

/// A whole number, or none where the cell is blank.
fn whole<const N: usize>(
    head: &Head<N>,
    row: &Row<'_>,
    column: usize,
    name: &'static str,
) -> Result<Option<i64>, Reason> {
    let text = head.value(row, column);
    if text.is_empty() {
        return Ok(None);
    }
    number::whole(&text).map(Some).ok_or(Reason::BadNumber { column: name })
}

/// The Unix seconds of a cell.
fn seconds<const N: usize>(
    head: &Head<N>,
    row: &Row<'_>,
    column: usize,
    name: &'static str,
    zone: &TimeZone,
) -> Result<i64, Reason> {
    let text: Cow<'_, str> = head.value(row, column);
    crate::when::seconds(&text, zone).ok_or(Reason::BadDate { column: name })
}
