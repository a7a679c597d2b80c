//! The files of samples: a start, and a list each of durations and values.

use jiff::tz::TimeZone;

use super::{Decoder, VALUE_NAMES, needed, seconds};
use crate::head::{Head, Names};
use crate::report::Reason;
use crate::table::Row;
use crate::{Column, Item, Minutes, Source, list};

const NAMES: [Names; 3] = [
    &["start", "from", "date", "debut", "beginn", "inicio", "inizio"],
    &["duration", "durations", "duree", "dauer", "duracion", "durata"],
    VALUE_NAMES,
];
const START: usize = 0;
const DURATION: usize = 1;
const VALUE: usize = 2;

/// Reads rows of samples.
pub(super) struct Samples {
    head: Head<3>,
    zone: TimeZone,
    source: Source,
    column: Column,
}

impl Samples {
    pub(super) fn new(
        header: &Row<'_>,
        zone: TimeZone,
        source: Source,
        column: Column,
    ) -> Result<Self, &'static str> {
        let head = Head::find(header, &NAMES);
        needed(&head, START, "start")?;
        needed(&head, DURATION, "duration")?;
        needed(&head, VALUE, "value")?;
        Ok(Self { head, zone, source, column })
    }
}

impl Decoder for Samples {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let (source, column) = (self.source, self.column);
        let at = seconds(&self.head, row, START, "start", &self.zone)?;
        let (durations, values) = (self.head.text(row, DURATION), self.head.text(row, VALUE));
        let numbers = match source {
            // What follows the first is not usable, and may not even be numbers.
            Source::Location => list::first,
            _ => list::scaled,
        };
        let durations = numbers(&durations, 0, "duration")?;
        let digits = numbers(&values, column.places(), "value")?;
        if durations.len() != digits.len() {
            return Err(Reason::ListsDiffer);
        }
        if digits.is_empty() {
            return Err(Reason::NoValue);
        }
        let end = durations.iter().try_fold(at, |end, duration| {
            let is_forward = *duration >= 0;
            is_forward.then(|| end.checked_add(*duration)).flatten()
        });
        end.ok_or(Reason::BadList { column: "duration" })?;
        Ok(Some(Item::Minutes(Minutes { source, column, at, durations, digits })))
    }
}
