//! Reads an archive: file by file, row by row, item by item.
//!
//! Files are found by the last part of their name, in the archive's order. A file that cannot be
//! read is told in the report and the next one follows; what looks like an attack ends the reading.
//! What is there twice is given twice.

use std::io::{BufReader, Read, Seek};
use std::rc::Rc;

use jiff::tz::TimeZone;
use zip::{CompressionMethod, ZipArchive};

use crate::kind::Kind;
use crate::limits::{Limits, NAME_CHARS_MAX};
use crate::meter::{Breach, Meter, Packed, Unpacked};
use crate::rows::{self, Decoder};
use crate::table::{Table, decoded};
use crate::{Error, FileReport, Item, Report, State, Stop};

mod directory;

/// How many rows are read between two calls of [`Sink::progress`].
const PROGRESS_ROWS: u64 = 1_000;

/// Takes what an archive holds.
pub trait Sink {
    /// Takes the next item.
    ///
    /// # Errors
    ///
    /// Whatever ends the reading: it comes back as [`Error::Stopped`].
    fn take(&mut self, item: Item) -> Result<(), Stop>;

    /// Hears how far a file is read: every thousand rows, and at its end.
    fn progress(&mut self, file: &str, rows: u64) {
        let _ = (file, rows);
    }
}

/// Reads an export. Local times are of the zone.
///
/// # Errors
///
/// [`Error::NotAZip`], one of the limits of [`Limits::default`], a failure to read, or the stop of
/// the sink. Items given before stay given.
pub fn read<R: Read + Seek>(
    archive: R,
    zone: &TimeZone,
    sink: &mut dyn Sink,
) -> Result<Report, Error> {
    read_within(archive, zone, Limits::default(), sink)
}

/// Reads an export that may be of another size.
///
/// # Errors
///
/// Those of [`read`].
pub fn read_within<R: Read + Seek>(
    mut archive: R,
    zone: &TimeZone,
    limits: Limits,
    sink: &mut dyn Sink,
) -> Result<Report, Error> {
    directory::check(&mut archive, limits.entries_max)?;
    let meter = Meter::new(limits);
    let packed = Packed { inner: BufReader::new(archive), meter: Rc::clone(&meter) };
    let mut archive = ZipArchive::new(packed).map_err(|error| match meter.breach() {
        Some(Breach::Archive) => unreadable(error),
        Some(_) => Error::TooManyEntries { max: limits.entries_max },
        None => Error::NotAZip,
    })?;
    if archive.len() > limits.entries_max {
        return Err(Error::TooManyEntries { max: limits.entries_max });
    }
    meter.opened();
    let mut reading = Reading { zone, limits, meter, sink };
    let mut report = Report::default();
    for index in 0..archive.len() {
        report.files.extend(reading.entry(&mut archive, index)?);
    }
    Ok(report)
}

/// What the files of an archive are read with.
struct Reading<'r> {
    zone: &'r TimeZone,
    limits: Limits,
    meter: Rc<Meter>,
    sink: &'r mut dyn Sink,
}

impl Reading<'_> {
    /// One entry of the archive. None for a folder.
    fn entry<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<Packed<R>>,
        index: usize,
    ) -> Result<Option<FileReport>, Error> {
        let entry = archive.by_index_data(index).map_err(|_| Error::NotAZip)?;
        let path = decoded(entry.name_raw());
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        if name.is_empty() {
            return Ok(None);
        }
        let (kind, name) = (Kind::of(name), shown(name));
        let (is_encrypted, method) = (entry.encrypted(), entry.compression());
        let state = match kind {
            None => State::NotUnderstood,
            Some(Kind::LeftOut) => State::LeftOut,
            Some(_) if is_encrypted => State::Encrypted,
            Some(kind) => match method {
                CompressionMethod::Stored | CompressionMethod::Deflated => {
                    return self.open(archive, index, kind, name).map(Some);
                }
                _ => State::Unsupported,
            },
        };
        Ok(Some(FileReport::new(name, state)))
    }

    fn open<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<Packed<R>>,
        index: usize,
        kind: Kind,
        name: String,
    ) -> Result<FileReport, Error> {
        self.meter.file_starts(self.limits.row_bytes_max_of(kind));
        let mut report = FileReport::new(name, State::Damaged);
        match archive.by_index(index) {
            Ok(inner) => {
                let file = Unpacked { inner, meter: Rc::clone(&self.meter) };
                report.state = self.file(file, kind, &mut report)?;
            }
            Err(error) if self.meter.breach().is_some() => return Err(unreadable(error)),
            Err(_) => {}
        }
        self.sink.progress(&report.name, report.rows);
        Ok(report)
    }

    /// The rows of a file.
    fn file(
        &mut self,
        file: impl Read,
        kind: Kind,
        report: &mut FileReport,
    ) -> Result<State, Error> {
        let mut table = match Table::open(file) {
            Ok(table) => table,
            Err(error) => return self.broken(error, report),
        };
        let mut decoder = match table.next() {
            Ok(None) => return Ok(State::Empty),
            Ok(Some((header, _))) => match rows::decoder(kind, &header, self.zone) {
                Ok(decoder) => decoder,
                Err(column) => return Ok(State::NoColumn { column }),
            },
            Err(error) => return self.broken(error, report),
        };
        let state = self.rows(&mut table, decoder.as_mut(), report)?;
        if let Some(item) = decoder.end() {
            self.give(item, report)?;
        }
        Ok(state)
    }

    fn rows(
        &mut self,
        table: &mut Table<impl Read>,
        decoder: &mut dyn Decoder,
        report: &mut FileReport,
    ) -> Result<State, Error> {
        loop {
            self.meter.row_starts();
            let (row, line) = match table.next() {
                Ok(Some(next)) => next,
                Ok(None) => return Ok(State::Read),
                Err(error) => return self.broken(error, report),
            };
            report.rows += 1;
            match decoder.row(&row) {
                Ok(Some(item)) => self.give(item, report)?,
                Ok(None) => {}
                Err(reason) => report.skip(reason, line),
            }
            if report.rows.is_multiple_of(PROGRESS_ROWS) {
                self.sink.progress(&report.name, report.rows);
            }
        }
    }

    fn give(&mut self, item: Item, report: &mut FileReport) -> Result<(), Error> {
        report.items += 1;
        self.sink.take(item).map_err(Error::Stopped)
    }

    /// What an error within a file means.
    fn broken(&self, error: csv::Error, report: &FileReport) -> Result<State, Error> {
        let file = report.name.clone();
        match self.meter.breach() {
            // Such as a checksum that is not right.
            None => Ok(State::Damaged),
            Some(Breach::Row) => {
                self.meter.forgive();
                Ok(State::RowTooLong)
            }
            Some(Breach::File) => {
                Err(Error::FileTooLarge { file, max: self.limits.file_bytes_max })
            }
            Some(Breach::Total) => Err(Error::TotalTooLarge { max: self.limits.total_bytes_max }),
            Some(Breach::Ratio) => Err(Error::RatioTooHigh { file, max: self.limits.ratio_max }),
            Some(Breach::Archive | Breach::Directory) => Err(Error::Io(match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                _ => std::io::Error::other("the archive could not be read"),
            })),
        }
    }
}

fn unreadable(error: zip::result::ZipError) -> Error {
    Error::Io(match error {
        zip::result::ZipError::Io(error) => error,
        _ => std::io::Error::other("the archive could not be read"),
    })
}

/// A name as reports and errors show it.
fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX).collect()
}
