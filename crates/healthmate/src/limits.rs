//! How large an export may be. What is beyond is a mistake or an attack, and ends the reading.

use crate::kind::Kind;

/// A dozen scalars, a few dozen sensors: real exports have some fifty files.
const ENTRIES_MAX: usize = 1_000;
/// Ten years of a heart rate every minute are some 200 MB; positions come more often.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// A handful of such files.
const TOTAL_BYTES_MAX: u64 = 4 << 30;
/// Rows of a day of samples that are all alike, which differ in their date alone, pack to a
/// two-hundredth. Deflate reaches a thousandth.
const RATIO_MAX: u64 = 500;
/// A day of samples of a sensor every second, which no export has in one row.
const ROW_BYTES_MAX: u64 = 1 << 20;
/// An ECG of 30 seconds is about 60 KB of text. The longest one that is kept has
/// [`SIGNAL_SAMPLES_MAX`] samples, and twelve megabytes if each has nineteen digits and a sign.
const SIGNAL_ROW_BYTES_MAX: u64 = 16 << 20;

/// Up to here no ratio is looked at: what small files unpack to harms nobody.
pub(crate) const RATIO_FREE_BYTES: u64 = 16 << 20;
/// What may be read to find and read the directory of an archive: that of a thousand entries with
/// long names, and the search for it.
pub(crate) const DIRECTORY_BYTES_MAX: u64 = 4 << 20;
/// Columns whose headers are looked at. The widest file has sixteen.
pub(crate) const HEADERS_MAX: usize = 200;
/// Samples of one row of a sensor: more than a day has seconds. A row's bytes limit them too; this
/// limits what they take up in memory.
pub(crate) const SAMPLES_MAX: usize = 100_000;
/// Samples of one signal: as many as a device may send, so that what is kept can leave and return.
pub(crate) const SIGNAL_SAMPLES_MAX: usize = domain::recording::SAMPLES_MAX;
/// Measures of one instant: a scale with segments sends about thirty, and no more are kept.
pub(crate) const GROUP_MEASURES_MAX: usize = 256;
/// Numbers of one workout: the reference has about thirty.
pub(crate) const WORKOUT_NUMBERS_MAX: usize = 500;
/// Characters of a file's name that stand in reports and errors.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// Characters of a number. A float at its longest has 25.
pub(crate) const NUMBER_CHARS_MAX: usize = 40;

/// The limits of one reading; [`Limits::default`] lets every real export through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of the archive.
    pub entries_max: usize,
    /// Unpacked bytes of one file.
    pub file_bytes_max: u64,
    /// Unpacked bytes of all files.
    pub total_bytes_max: u64,
    /// Unpacked bytes for each packed one.
    pub ratio_max: u64,
    /// Bytes of one row. Reading ahead makes it some 100 KB more.
    pub row_bytes_max: u64,
    /// Bytes of one row of signals, which hold all samples of a recording.
    pub signal_row_bytes_max: u64,
}

impl Limits {
    /// Bytes of one row of a file. Only signals have long ones: elsewhere the rest of the file is
    /// no row for want of a closing quote.
    pub(crate) const fn row_bytes_max_of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Signals => self.signal_row_bytes_max,
            _ => self.row_bytes_max,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries_max: ENTRIES_MAX,
            file_bytes_max: FILE_BYTES_MAX,
            total_bytes_max: TOTAL_BYTES_MAX,
            ratio_max: RATIO_MAX,
            row_bytes_max: ROW_BYTES_MAX,
            signal_row_bytes_max: SIGNAL_ROW_BYTES_MAX,
        }
    }
}
