//! The totals of days.

use super::{DATE_NAMES, Decoder, VALUE_NAMES, needed};
use crate::head::{Head, Names};
use crate::report::Reason;
use crate::table::Row;
use crate::{Day, DayColumn, Item, number, when};

const NAMES: [Names; 2] = [DATE_NAMES, VALUE_NAMES];
const DATE: usize = 0;
const VALUE: usize = 1;

/// Reads rows of a day and a value.
pub(super) struct Days {
    head: Head<2>,
    column: DayColumn,
}

impl Days {
    pub(super) fn new(header: &Row<'_>, column: DayColumn) -> Result<Self, &'static str> {
        let head = Head::find(header, &NAMES);
        needed(&head, DATE, "date")?;
        needed(&head, VALUE, "value")?;
        Ok(Self { head, column })
    }
}

impl Decoder for Days {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let column = self.column;
        let date = when::day(&self.head.value(row, DATE));
        let date = date.ok_or(Reason::BadDate { column: "date" })?;
        let text = self.head.value(row, VALUE);
        if text.is_empty() {
            return Err(Reason::NoValue);
        }
        let digits = number::scaled(&text, column.places());
        let digits = digits.ok_or(Reason::BadNumber { column: "value" })?;
        Ok(Some(Item::Day(Day { date, column, digits })))
    }
}
