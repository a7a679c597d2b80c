//! Finds the columns of a file by their headers, whatever their order, language and unit.
//!
//! A header is compared twice: with what stands in brackets (`Heart rate (min)`), and, if nothing
//! is called so, without it (`Weight (lb)`). Columns nobody asked for are ignored, and of two that
//! are called alike the first counts.

use std::borrow::Cow;

use crate::fold::fold;
use crate::limits::HEADERS_MAX;
use crate::table::Row;
use crate::unit::Unit;

/// The names of a column in the languages that are known, folded: see [`fold`].
pub(crate) type Names = &'static [&'static str];

/// Where the columns of a file are, in the order of the names they were asked by.
pub(crate) struct Head<const N: usize> {
    found: [Option<(usize, Unit)>; N],
}

impl<const N: usize> Head<N> {
    pub(crate) fn find(header: &Row<'_>, names: &[Names; N]) -> Self {
        let mut found = [None; N];
        for at in 0..header.len().min(HEADERS_MAX) {
            let text = header.text(at);
            let (name, unit) = match text.split_once(['(', '[']) {
                Some((name, unit)) => (name, unit.trim_end_matches([')', ']', ' '])),
                None => (&*text, ""),
            };
            let column = position(names, &fold(&text)).or_else(|| position(names, &fold(name)));
            let Some(column) = column else { continue };
            if let Some(slot) = found.get_mut(column).filter(|slot| slot.is_none()) {
                *slot = Some((at, Unit::parse(unit)));
            }
        }
        Self { found }
    }

    /// The text of a row in a column: empty where there is no such column or nothing in it.
    pub(crate) fn text<'r>(&self, row: &'r Row<'_>, column: usize) -> Cow<'r, str> {
        match self.found.get(column) {
            Some(Some((at, _))) => row.text(*at),
            _ => "".into(),
        }
    }

    /// The same without what files write for nothing.
    pub(crate) fn value<'r>(&self, row: &'r Row<'_>, column: usize) -> Cow<'r, str> {
        let text = self.text(row, column);
        let trimmed = text.trim();
        let is_blank = matches!(trimmed, "" | "-" | "--" | "null" | "NULL" | "None" | "N/A");
        match is_blank {
            true => "".into(),
            false if trimmed.len() == text.len() => text,
            false => trimmed.to_owned().into(),
        }
    }

    /// The text as somebody wrote it, if there is any.
    pub(crate) fn words(&self, row: &Row<'_>, column: usize) -> Option<String> {
        let text = self.text(row, column);
        (!text.trim().is_empty()).then(|| text.into_owned())
    }

    pub(crate) fn unit(&self, column: usize) -> Unit {
        self.found.get(column).copied().flatten().map_or(Unit::Plain, |(_, unit)| unit)
    }

    pub(crate) fn has(&self, column: usize) -> bool {
        matches!(self.found.get(column), Some(Some(_)))
    }
}

fn position<const N: usize>(names: &[Names; N], folded: &str) -> Option<usize> {
    names.iter().position(|names| names.contains(&folded))
}
