//! Writes an export: takes items in any order and makes the files of the layout of them, in metric
//! units and English unless a [`Layout`] says otherwise.
//!
//! The entries of a ZIP follow each other, and items do not: so rows wait in one temporary file
//! for each file of the archive, which has no name and is gone with the writer; little ones stay
//! in memory. Rows keep the order of their items. The same items make the same bytes.
//!
//! What the layout has no column for is not written: the marks of measures (`algo`, `fm` and
//! those of apps), and comments of groups without weight, height or blood pressure, which are
//! counted. What a column cannot hold, or a row that is longer than can be read again, is left out
//! too, counted, and told at the end of the README: one absurd value keeps nobody from the rest.

mod cells;
mod layout;

use std::collections::{BTreeMap, btree_map};
use std::io::{self, Seek, Write};

use jiff::tz::TimeZone;
use serde::Serialize;
use tempfile::SpooledTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::archive::Sink;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::{Error, Item, Stop};
use cells::Unheld;
pub use layout::Layout;

const README: &str = include_str!("readme.txt");
/// Some fifty files may be open at once.
const MEMORY_BYTES: usize = 256 << 10;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many bytes of one file may wait in memory before they go to a temporary file.
    pub memory_bytes: usize,
    /// How large the export may get. What is written within the limits of a reading can be read
    /// again within them.
    pub limits: Limits,
    /// How the rows are laid out.
    pub layout: Layout,
}

impl Default for Options {
    fn default() -> Self {
        Self { memory_bytes: MEMORY_BYTES, limits: Limits::default(), layout: Layout::default() }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Every file with its rows, without the header, in the order of the archive.
    pub files: Vec<(String, u64)>,
    /// Comments for which no file had a column.
    pub comments_left_out: u64,
    /// What the layout cannot hold, file by file.
    pub left_out: Vec<LeftOut>,
}

/// What one column of a file cannot hold, counted. It names no value of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Which file.
    pub file: String,
    /// Which column; none for rows that are longer than can be read again.
    pub column: Option<&'static str>,
    /// How many measures, or rows of anything else.
    pub count: u64,
}

/// Makes an export of items.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    zone: TimeZone,
    options: Options,
    sheets: BTreeMap<Kind, Sheet>,
    bytes: u64,
    comments_left_out: u64,
    left_out: BTreeMap<Unheld, u64>,
}

/// The rows of one file, waiting.
#[derive(Debug)]
struct Sheet {
    rows: csv::Writer<SpooledTempFile>,
    count: u64,
    bytes: u64,
    /// A row that comes after the next one.
    held: Option<Vec<String>>,
}

impl<W: Write + Seek> Writer<W> {
    /// A writer of local times of a zone. Nothing goes out before [`Writer::finish`].
    #[must_use]
    pub fn new(out: W, zone: TimeZone, options: Options) -> Self {
        let (sheets, left_out) = (BTreeMap::new(), BTreeMap::new());
        Self { out, zone, options, sheets, bytes: 0, comments_left_out: 0, left_out }
    }

    /// Takes an item. One without any value makes no row, and what the layout cannot hold of it is
    /// counted.
    ///
    /// # Errors
    ///
    /// [`Error::FileTooLarge`], [`Error::TotalTooLarge`], [`Error::Io`].
    pub fn put(&mut self, item: &Item) -> Result<(), Error> {
        let (mut rows, mut left_out) = (Vec::new(), Vec::new());
        let zone = &self.zone;
        let held = match item {
            Item::Group(group) => {
                let has_comment = cells::group(group, zone, &mut rows, &mut left_out);
                self.comments_left_out += u64::from(group.comment.is_some() && !has_comment);
                Ok(())
            }
            Item::Minutes(minutes) => cells::minutes(minutes, zone, &mut rows),
            Item::Night(night) => cells::night(night, zone).map(|row| rows.push(row)),
            Item::Day(day) => cells::day(day).map(|row| rows.push(row)),
            Item::Workout(workout) => cells::workout(workout, zone).map(|row| rows.push(row)),
            Item::Signal(signal) => cells::signal(signal, zone).map(|row| rows.extend(row)),
        };
        left_out.extend(held.err());
        left_out.into_iter().for_each(|unheld| self.leave_out(unheld));
        rows.into_iter().try_for_each(|(kind, cells)| self.row(kind, cells))
    }

    fn leave_out(&mut self, unheld: Unheld) {
        *self.left_out.entry(unheld).or_default() += 1;
    }

    fn row(&mut self, kind: Kind, cells: Vec<String>) -> Result<(), Error> {
        let Options { limits, layout, memory_bytes } = self.options;
        let cells = match layout == Layout::default() {
            true => cells,
            false => {
                let named = cells::header(kind).iter().zip(&cells);
                named.map(|(name, text)| layout.cell(kind, name, text)).collect()
            }
        };
        // A cell in quotes with each of its quotes twice, and what separates it.
        let size = |cell: &String| cell.len() + cell.matches('"').count() + 3;
        let bytes = u64::try_from(cells.iter().map(size).sum::<usize>()).unwrap_or(u64::MAX);
        if bytes > limits.row_bytes_max_of(kind) {
            self.leave_out(Unheld { kind, column: None });
            return Ok(());
        }
        let sheet = match self.sheets.entry(kind) {
            btree_map::Entry::Occupied(sheet) => sheet.into_mut(),
            btree_map::Entry::Vacant(place) => {
                place.insert(Sheet::open(kind, memory_bytes, layout)?)
            }
        };
        if sheet.bytes.saturating_add(bytes) > limits.file_bytes_max {
            return Err(Error::FileTooLarge { file: kind.file_name(), max: limits.file_bytes_max });
        }
        if self.bytes.saturating_add(bytes) > limits.total_bytes_max {
            return Err(Error::TotalTooLarge { max: limits.total_bytes_max });
        }
        match sheet.held.take() {
            None if layout.is_unordered => sheet.held = Some(cells),
            earlier => {
                sheet.rows.write_record(&cells).map_err(failed)?;
                earlier.map_or(Ok(()), |row| sheet.rows.write_record(row)).map_err(failed)?;
            }
        }
        sheet.bytes += bytes;
        sheet.count += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// Writes the archive.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn finish(self) -> Result<(W, Written), Error> {
        let comments_left_out = self.comments_left_out;
        let left_out = self.left_out.iter().map(|(unheld, count)| LeftOut {
            file: unheld.kind.file_name(),
            column: unheld.column,
            count: *count,
        });
        let left_out = left_out.collect();
        let mut written = Written { files: Vec::new(), comments_left_out, left_out };
        let mut archive = ZipWriter::new(self.out);
        // The first day a ZIP can name, so that the same items make the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        archive.start_file(Kind::LeftOut.file_name(), options).map_err(unwritten)?;
        archive.write_all(readme(&written.left_out).as_bytes())?;
        for (kind, mut sheet) in self.sheets {
            let last = sheet.held.take();
            last.map_or(Ok(()), |row| sheet.rows.write_record(row)).map_err(failed)?;
            archive.start_file(kind.file_name(), options).map_err(unwritten)?;
            let mut rows = sheet.rows.into_inner().map_err(|error| error.into_error())?;
            rows.rewind()?;
            io::copy(&mut rows, &mut archive)?;
            written.files.push((kind.file_name(), sheet.count));
        }
        Ok((archive.finish().map_err(unwritten)?, written))
    }
}

/// What the files are, and what is not in them.
fn readme(left_out: &[LeftOut]) -> String {
    let mut text = README.to_owned();
    if !left_out.is_empty() {
        text.push_str("\nWhat is left out because this layout cannot hold it, and how often:\n\n");
    }
    for LeftOut { file, column, count } in left_out {
        let column = column.unwrap_or("a row that is too long");
        text.push_str(&format!("  {file:18} {column}: {count}\n"));
    }
    text
}

impl<W: Write + Seek> Sink for Writer<W> {
    fn take(&mut self, item: Item) -> Result<(), Stop> {
        Ok(self.put(&item)?)
    }
}

impl Sheet {
    fn open(kind: Kind, memory_bytes: usize, layout: Layout) -> Result<Self, Error> {
        let header = cells::header(kind);
        let mut rows = csv::WriterBuilder::new()
            .delimiter(layout.delimiter(kind))
            .from_writer(SpooledTempFile::new(memory_bytes));
        let columns = header.iter().map(|name| layout.column(kind, name));
        rows.write_record(columns.map(|column| column.into_owned())).map_err(failed)?;
        let bytes = header.iter().map(|name| name.len() + 3).sum::<usize>();
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Ok(Self { rows, count: 0, bytes, held: None })
    }
}

fn failed(error: csv::Error) -> Error {
    Error::Io(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other("a row could not be written"),
    })
}

fn unwritten(error: zip::result::ZipError) -> Error {
    Error::Io(match error {
        zip::result::ZipError::Io(error) => error,
        _ => io::Error::other("the archive could not be written"),
    })
}
