//! Which rows a list of days is asked for: from a day to a day, changed since a moment, and which
//! fields. Three operations share it; what a row is they say themselves.

use domain::calendar;
use domain::fields::{Field, Fields};
use domain::{Refusal, Result, UnixTime};

/// Days and changes, as they were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// From this day to this, both included, in days since 1970-01-01.
    pub(crate) days: Option<(i64, i64)>,
    /// Changed after.
    pub(crate) changed_after: Option<i64>,
}

impl Window {
    /// Reads `startdateymd`, `enddateymd` and `lastupdate`. Programs send all three by habit: then
    /// rows of both are given (wire-quirks 44).
    pub(crate) fn of(
        start: Option<&str>,
        end: Option<&str>,
        lastupdate: Option<UnixTime>,
    ) -> Result<Self> {
        let days = match (start, end) {
            (Some(start), Some(end)) => {
                Some((day("startdateymd", start)?, day("enddateymd", end)?))
            }
            (None, None) => None,
            (Some(_), None) => return Err(Refusal::missing_param("enddateymd").into()),
            (None, Some(_)) => return Err(Refusal::missing_param("startdateymd").into()),
        };
        if days.is_none() && lastupdate.is_none() {
            let problem = "give startdateymd and enddateymd, or lastupdate";
            return Err(Refusal::invalid_param("startdateymd", problem).into());
        }
        Ok(Self { days, changed_after: lastupdate.map(|time| time.0) })
    }
}

fn day(name: &str, text: &str) -> Result<i64> {
    let date = text.trim().parse::<jiff::civil::Date>();
    let problem = "expected a day such as 2026-01-31";
    Ok(date.map(calendar::number).map_err(|_| Refusal::invalid_param(name, problem))?)
}

/// The offset of a page: programs that page by habit begin with 0.
pub(crate) fn offset(offset: Option<i64>) -> Result<Option<i64>> {
    let offset = offset.filter(|offset| *offset != 0);
    if offset.is_some_and(|offset| !(0..1 << 31).contains(&offset)) {
        let problem = "give the offset of the answer before, unchanged";
        return Err(Refusal::invalid_param("offset", problem).into());
    }
    Ok(offset)
}

/// The rows of a page, of which one more than that was drawn to learn whether there is more.
pub(crate) fn page<T>(mut rows: Vec<T>, rows_max: usize) -> (Vec<T>, bool) {
    let more = rows.len() > rows_max;
    rows.truncate(rows_max);
    (rows, more)
}

/// How many rows to draw for a page.
pub(crate) fn draw(rows_max: usize) -> i64 {
    i64::try_from(rows_max + 1).unwrap_or(i64::MAX)
}

/// Which fields are given: looked up by name once, not for every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted(u64);

impl Wanted {
    /// Every field.
    pub(crate) const ALL: Self = Self(u64::MAX);

    /// Fields that were asked for, separated by commas; names that are no field ask for nothing.
    /// Without a list those of `default`, and where that is empty all.
    pub(crate) fn of<F: Fields>(asked: Option<&str>, default: &[&str]) -> Self {
        let is_wanted = |field: &&Field| match asked {
            Some(asked) => is_asked(asked, field.name),
            None => default.is_empty() || default.contains(&field.name),
        };
        let numbers = F::ALL.iter().filter(is_wanted).map(|field| 1 << field.number);
        Self(numbers.fold(0, |all, one: u64| all | one))
    }

    /// A bit for each number of a field.
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    /// Whether a field is.
    pub(crate) const fn has(self, number: u16) -> bool {
        self.0 >> number & 1 == 1
    }

    /// Takes away what is not.
    pub(crate) fn keep<F: Fields>(self, fields: &mut F) {
        fields.keep(|field| self.has(field.number));
    }
}

/// Whether a list of names has this one.
pub(crate) fn is_asked(asked: &str, name: &str) -> bool {
    let between = |byte: char| byte == ',' || byte.is_whitespace();
    asked.split(between).any(|one| one == name)
}

/// From a moment to a moment, both included; what is not said is without end.
pub(crate) fn time(start: Option<UnixTime>, end: Option<UnixTime>) -> (i64, i64) {
    (start.map_or(i64::MIN, |time| time.0), end.map_or(i64::MAX, |time| time.0))
}
