//! What is read, counted: packed bytes where the archive is read, unpacked ones where rows are
//! made of them. Whatever is too much ends the reading, and the meter remembers why, because an
//! error that passes through other libraries no longer says it.

use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::limits::{DIRECTORY_BYTES_MAX, Limits, RATIO_FREE_BYTES};

/// Why a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breach {
    Directory,
    File,
    Total,
    Ratio,
    Row,
    /// The archive itself could not be read, whatever is in it.
    Archive,
}

/// The counters of one reading.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    breach: Cell<Option<Breach>>,
    is_open: Cell<bool>,
    packed: Cell<u64>,
    file: Cell<u64>,
    total: Cell<u64>,
    row: Cell<u64>,
    row_max: Cell<u64>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Rc<Self> {
        Rc::new(Self {
            limits,
            breach: Cell::default(),
            is_open: Cell::default(),
            packed: Cell::default(),
            file: Cell::default(),
            total: Cell::default(),
            row: Cell::default(),
            row_max: Cell::new(limits.row_bytes_max),
        })
    }

    /// The directory is read: from here on a file's size is what counts.
    pub(crate) fn opened(&self) {
        self.is_open.set(true);
    }

    /// A file, and how many bytes its rows may have.
    pub(crate) fn file_starts(&self, row_bytes_max: u64) {
        self.row_max.set(row_bytes_max);
        self.packed.set(0);
        self.file.set(0);
        self.row.set(0);
    }

    pub(crate) fn row_starts(&self) {
        self.row.set(0);
    }

    pub(crate) fn breach(&self) -> Option<Breach> {
        self.breach.get()
    }

    /// A row that was too long ends only its file.
    pub(crate) fn forgive(&self) {
        self.breach.set(None);
    }

    fn fail(&self, breach: Breach) -> io::Error {
        // The first reason is the true one.
        self.breach.set(self.breach.get().or(Some(breach)));
        io::Error::other("a limit of the archive is reached")
    }

    fn packed(&self, bytes: usize) -> io::Result<()> {
        add(&self.packed, bytes);
        if !self.is_open.get() && self.packed.get() > DIRECTORY_BYTES_MAX {
            return Err(self.fail(Breach::Directory));
        }
        Ok(())
    }

    fn unpacked(&self, bytes: usize) -> io::Result<()> {
        for counter in [&self.file, &self.total, &self.row] {
            add(counter, bytes);
        }
        let file = self.file.get();
        let allowed = self.packed.get().saturating_mul(self.limits.ratio_max);
        let breach = if file > self.limits.file_bytes_max {
            Breach::File
        } else if self.total.get() > self.limits.total_bytes_max {
            Breach::Total
        } else if file > RATIO_FREE_BYTES && file > allowed {
            Breach::Ratio
        } else if self.row.get() > self.row_max.get().saturating_add(READ_AHEAD_BYTES) {
            Breach::Row
        } else {
            return Ok(());
        };
        Err(self.fail(breach))
    }
}

/// What may be read of the rows that follow before a row is complete.
pub(crate) const READ_AHEAD_BYTES: u64 = 64 << 10;

fn add(counter: &Cell<u64>, bytes: usize) {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    counter.set(counter.get().saturating_add(bytes));
}

/// The archive, counted.
pub(crate) struct Packed<R> {
    pub(crate) inner: BufReader<R>,
    pub(crate) meter: Rc<Meter>,
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            match self.inner.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let bytes = read.inspect_err(|_| {
            self.meter.fail(Breach::Archive);
        })?;
        self.meter.packed(bytes)?;
        Ok(bytes)
    }
}

impl<R: Read + Seek> Seek for Packed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // A place before the start is the mistake of the archive, not of where it is read from:
        // no breach.
        self.inner.seek(to)
    }
}

/// A file of the archive, counted.
pub(crate) struct Unpacked<R> {
    pub(crate) inner: R,
    pub(crate) meter: Rc<Meter>,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.inner.read(buffer)?;
        self.meter.unpacked(bytes)?;
        Ok(bytes)
    }
}
