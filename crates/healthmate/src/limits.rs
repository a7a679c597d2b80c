//! How large an export may be. What is beyond is a mistake or an attack, and ends the reading.

/// A dozen scalars, a few dozen sensors: real exports have some fifty files.
const ENTRIES_MAX: usize = 1_000;
/// Ten years of a heart rate every minute are some 200 MB; positions come more often.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// A handful of such files.
const TOTAL_BYTES_MAX: u64 = 4 << 30;
/// Rows of a day of samples that are all alike, which differ in their date alone, pack to a
/// two-hundredth. Deflate reaches a thousandth.
const RATIO_MAX: u64 = 500;
/// An ECG of 30 seconds is about 60 KB of text.
const ROW_BYTES_MAX: u64 = 1 << 20;

/// Up to here no ratio is looked at: what small files unpack to harms nobody.
pub(crate) const RATIO_FREE_BYTES: u64 = 16 << 20;
/// What may be read to find and read the directory of an archive: that of a thousand entries with
/// long names, and the search for it.
pub(crate) const DIRECTORY_BYTES_MAX: u64 = 4 << 20;
/// Columns whose headers are looked at. The widest file has sixteen.
pub(crate) const HEADERS_MAX: usize = 200;
/// Samples of one row. A row's bytes limit them too; this limits what they take up in memory.
pub(crate) const SAMPLES_MAX: usize = 100_000;
/// Measures of one instant: a scale with segments sends about thirty.
pub(crate) const GROUP_MEASURES_MAX: usize = 200;
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries_max: ENTRIES_MAX,
            file_bytes_max: FILE_BYTES_MAX,
            total_bytes_max: TOTAL_BYTES_MAX,
            ratio_max: RATIO_MAX,
            row_bytes_max: ROW_BYTES_MAX,
        }
    }
}
