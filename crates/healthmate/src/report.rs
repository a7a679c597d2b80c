//! What came of a reading, file by file. It counts and names; it holds no value of anybody.

use serde::Serialize;

/// What came of a reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every file of the archive, in its order. Folders are left out.
    pub files: Vec<FileReport>,
}

impl Report {
    /// The items of all files.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.files.iter().map(|file| file.items).sum()
    }
}

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The last part of its name, shortened and without control characters.
    pub name: String,
    /// How far it was read.
    #[serde(flatten)]
    pub state: State,
    /// Rows read, without the header.
    pub rows: u64,
    /// Items given.
    pub items: u64,
    /// Rows that gave nothing, by the reason.
    pub skipped: Vec<Skipped>,
}

/// How far a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// To its end.
    Read,
    /// It has no row, not even a header.
    Empty,
    /// Its name is not one of an export.
    NotUnderstood,
    /// It is part of an export but holds nothing to import: notes, the profile, the account.
    LeftOut,
    /// Its header lacks a column that it cannot be read without.
    NoColumn {
        /// Which one, by its English name.
        column: &'static str,
    },
    /// It needs a password.
    Encrypted,
    /// It is packed in a way no export is.
    Unsupported,
    /// Its bytes are damaged. What came before that was given.
    Damaged,
    /// A row is too long, perhaps for want of a closing quote. What came before that was given.
    RowTooLong,
}

/// Rows that gave nothing, for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Why.
    #[serde(flatten)]
    pub reason: Reason,
    /// How many.
    pub rows: u64,
    /// The line on which the first of them starts.
    pub first_line: u64,
}

/// Why a row gave nothing. Columns have their English names, whatever the file calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// There is no value in it.
    NoValue,
    /// No date, or nothing that reads as one.
    BadDate {
        /// Where.
        column: &'static str,
    },
    /// Not a number, or one too large.
    BadNumber {
        /// Where.
        column: &'static str,
    },
    /// Not a list of numbers.
    BadList {
        /// Where.
        column: &'static str,
    },
    /// More samples than a row may have.
    ListTooLong,
    /// Two lists that belong together have different lengths.
    ListsDiffer,
    /// A kind of measure, or its unit, that is not known.
    UnknownType,
    /// It ends before it starts.
    EndsBeforeStart,
}

impl FileReport {
    pub(crate) fn new(name: String, state: State) -> Self {
        Self { name, state, rows: 0, items: 0, skipped: Vec::new() }
    }

    pub(crate) fn skip(&mut self, reason: Reason, line: u64) {
        match self.skipped.iter_mut().find(|skipped| skipped.reason == reason) {
            Some(skipped) => skipped.rows += 1,
            None => self.skipped.push(Skipped { reason, rows: 1, first_line: line }),
        }
    }
}
