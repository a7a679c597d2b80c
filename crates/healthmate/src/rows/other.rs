//! `other.csv`: a measure a row, its type spelled out.
//!
//! Rows that follow each other with the same date are one group, as a scale measured them at once;
//! a measure of which the group has one already begins another group.

use domain::measure::MeasureType;
use jiff::tz::TimeZone;

use super::{DATE_NAMES, Decoder, VALUE_NAMES, needed, seconds};
use crate::head::{Head, Names};
use crate::limits::GROUP_MEASURES_MAX;
use crate::report::Reason;
use crate::table::Row;
use crate::unit::{self, Unit};
use crate::{Group, Item, names};

const NAMES: [Names; 5] = [
    &["type", "typ", "tipo", "measure", "mesure", "messung", "medida", "misura"],
    DATE_NAMES,
    VALUE_NAMES,
    &["unit", "unite", "einheit", "unidad", "unita"],
    &["position", "posicion", "posizione"],
];
const TYPE: usize = 0;
const DATE: usize = 1;
const VALUE: usize = 2;
const UNIT: usize = 3;
const POSITION: usize = 4;

/// Reads rows with a measure each.
pub(super) struct Other {
    head: Head<5>,
    zone: TimeZone,
    /// The group that more rows may belong to.
    open: Option<Group>,
}

impl Other {
    pub(super) fn new(header: &Row<'_>, zone: TimeZone) -> Result<Self, &'static str> {
        let head = Head::find(header, &NAMES);
        needed(&head, TYPE, "type")?;
        needed(&head, DATE, "date")?;
        needed(&head, VALUE, "value")?;
        Ok(Self { head, zone, open: None })
    }
}

impl Decoder for Other {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let date = seconds(&self.head, row, DATE, "date", &self.zone)?;
        let kind = names::measure(&self.head.value(row, TYPE)).ok_or(Reason::UnknownType)?;
        let text = self.head.value(row, VALUE);
        if text.is_empty() {
            return Err(Reason::NoValue);
        }
        let named = self.head.value(row, UNIT);
        // Without a column for it, the header of the values may name the unit.
        let unit = if named.is_empty() { self.head.unit(VALUE) } else { Unit::parse(&named) };
        let measure = match kind {
            MeasureType::HEIGHT => unit::height(&text, unit),
            _ => unit::measure(kind, &text, unit),
        };
        let mut measure = measure.ok_or(Reason::BadNumber { column: "value" })?;
        let position = self.head.value(row, POSITION);
        if !position.is_empty() {
            let part = names::part(&position);
            measure.position = Some(part.ok_or(Reason::BadNumber { column: "position" })?);
        }
        if let Some(open) = self.open.as_mut().filter(|open| open.date == date) {
            let mut had = open.measures.iter();
            let is_again = had.any(|had| had.kind == kind && had.position == measure.position);
            if !is_again && open.measures.len() < GROUP_MEASURES_MAX {
                open.measures.push(measure);
                return Ok(None);
            }
        }
        let group = Group { date, measures: vec![measure], comment: None };
        Ok(self.open.replace(group).map(Item::Group))
    }

    fn end(&mut self) -> Option<Item> {
        self.open.take().map(Item::Group)
    }
}
