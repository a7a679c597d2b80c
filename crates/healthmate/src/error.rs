//! Why an archive could not be read or written at all. What is wrong with single rows or files is
//! no error: it stands in the report, or in what was written.

use std::error::Error as StdError;
use std::io;

use thiserror::Error as Derive;

/// What a taker of items ends the reading with.
pub type Stop = Box<dyn StdError + Send + Sync>;

/// Why an archive could not be read or written. No text repeats a value.
#[derive(Debug, Derive)]
pub enum Error {
    /// The bytes are no ZIP archive, or a broken one.
    #[error("this is not a ZIP archive, or it is damaged")]
    NotAZip,
    /// More files than any export has.
    #[error("the archive has more than {max} entries, or a directory too large to be an export's")]
    TooManyEntries {
        /// The largest number that is read.
        max: usize,
    },
    /// A file is larger than any of an export.
    #[error("{file} has more than {max} bytes once unpacked")]
    FileTooLarge {
        /// Which file.
        file: String,
        /// The largest number that is read or written.
        max: u64,
    },
    /// All files together are larger than any export.
    #[error("the archive has more than {max} bytes once unpacked")]
    TotalTooLarge {
        /// The largest number that is read or written.
        max: u64,
    },
    /// A file grows like a bomb while it is unpacked.
    #[error("{file} unpacks to more than {max} times its size")]
    RatioTooHigh {
        /// Which file.
        file: String,
        /// The largest ratio that is read.
        max: u64,
    },
    /// The archive could not be read from where it is, or not written to where it goes.
    #[error("reading or writing the archive failed")]
    Io(#[from] io::Error),
    /// The taker of the items wants no more.
    #[error("the items were not taken")]
    Stopped(#[source] Stop),
}
