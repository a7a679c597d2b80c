//! Archives that are broken or made to harm: each has a defined end, and none a panic.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use healthmate::{Error, Item, Limits, State};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{AT, Taken, archive, group, paris, read_bytes, read_files};

const HEIGHT: &[u8] = b"Date,Height (m)\n2024-01-02 03:04:05,1.78\n";

fn failure(bytes: &[u8], limits: Limits) -> Error {
    read_bytes(bytes, limits).unwrap_err()
}

/// The bytes of an archive of one file that is packed in no way.
fn stored(name: &str, text: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    archive.start_file(name, options).unwrap();
    archive.write_all(text).unwrap();
    archive.finish().unwrap().into_inner()
}

fn find(bytes: &[u8], mark: &[u8]) -> usize {
    bytes.windows(mark.len()).position(|window| window == mark).unwrap()
}

#[test]
fn what_is_no_zip_is_told() {
    let height = archive(&[("height.csv", HEIGHT)]);
    let bytes: [&[u8]; 5] = [b"", b"PK", HEIGHT, &[0; 70_000], &height[..height.len() - 30]];
    for bytes in bytes {
        assert!(matches!(failure(bytes, Limits::default()), Error::NotAZip));
    }
}

#[test]
fn an_empty_zip_has_no_files() {
    let (items, report) = read_files(&[]);
    assert_eq!((items.len(), report.files.len()), (0, 0));
}

#[test]
fn only_the_last_part_of_a_name_is_looked_at() {
    let names = ["../../etc/height.csv", "/height.csv", "C:\\x\\height.csv", "a/b/height.csv"];
    for name in names {
        let (items, report) = read_files(&[(name, HEIGHT)]);
        assert_eq!(items, [Item::Group(group(AT, &[(4, 178, -2)]))], "{name}");
        assert_eq!(report.files[0].name, "height.csv");
    }
    for name in ["height.csv/..", "..", "...", "height.csv\u{0}", "._height.csv"] {
        let (_, report) = read_files(&[(name, HEIGHT)]);
        assert_eq!(report.files[0].state, State::NotUnderstood, "{name}");
    }
    let (_, report) = read_files(&[("height.csv/", b"")]);
    assert_eq!(report.files, []);
}

#[test]
fn names_in_reports_are_short_and_have_no_control_characters() {
    let name = format!("a\n\u{1b}[31m{}", "x".repeat(5_000));
    let (_, report) = read_files(&[(&name, b"")]);
    assert_eq!(report.files[0].name, format!("a[31m{}", "x".repeat(95)));
}

#[test]
fn more_entries_than_an_export_has_are_refused() {
    let names: Vec<String> = (0..11).map(|at| format!("{at}.csv")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), HEIGHT)).collect();
    let limits = Limits { entries_max: 10, ..Limits::default() };
    assert!(read_bytes(&archive(&files[..10]), limits).is_ok());
    let error = failure(&archive(&files), limits);
    assert!(matches!(error, Error::TooManyEntries { max: 10 }));
}

#[test]
fn a_directory_larger_than_any_is_not_read_to_its_end() {
    let name = "x".repeat(60_000);
    let names: Vec<String> = (0..90).map(|at| format!("{at}{name}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    let error = failure(&archive(&files), Limits::default());
    assert!(matches!(error, Error::TooManyEntries { max: 1_000 }));
}

/// An archive of the large form, which claims so many entries and whose locator leads there.
fn large_form(entries: u64, shift: u64) -> Vec<u8> {
    let mut bytes = stored("height.csv", HEIGHT);
    let (end, directory) = (find(&bytes, b"PK\x05\x06"), find(&bytes, b"PK\x01\x02"));
    bytes.truncate(end);
    let mut put = |part: &[u8]| bytes.extend_from_slice(part);
    put(b"PK\x06\x06");
    put(&44_u64.to_le_bytes());
    put(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    put(&entries.to_le_bytes());
    put(&entries.to_le_bytes());
    put(&((end - directory) as u64).to_le_bytes());
    put(&(directory as u64).to_le_bytes());
    put(b"PK\x06\x07\0\0\0\0");
    put(&(end as u64 - shift).to_le_bytes());
    put(&1_u32.to_le_bytes());
    put(b"PK\x05\x06\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0");
    bytes
}

#[test]
fn the_large_form_is_read_but_may_not_claim_what_it_likes() {
    let (items, _) = read_bytes(&large_form(1, 0), Limits::default()).unwrap();
    assert_eq!(items.len(), 1);
    for claimed in [1_001, u64::MAX] {
        let error = failure(&large_form(claimed, 0), Limits::default());
        assert!(matches!(error, Error::TooManyEntries { .. }));
    }
    assert!(matches!(failure(&large_form(1, 5), Limits::default()), Error::NotAZip));
}

/// Rows that pack to next to nothing.
fn bomb() -> Vec<u8> {
    let row = format!("2024-01-02,1,{}\n", "x".repeat(10_000));
    [b"date,value\n", row.repeat(2_000).as_bytes()].concat()
}

#[test]
fn a_bomb_ends_the_reading() {
    let bytes = archive(&[("height.csv", HEIGHT), ("aggregates_steps.csv", &bomb())]);
    let error = failure(&bytes, Limits::default());
    let Error::RatioTooHigh { file, max } = error else { panic!("{error}") };
    assert_eq!((file.as_str(), max), ("aggregates_steps.csv", 500));
}

#[test]
fn a_file_larger_than_the_directory_says_is_damaged() {
    let mut bytes = archive(&[("aggregates_steps.csv", &bomb())]);
    let directory = find(&bytes, b"PK\x01\x02");
    // The unpacked size, in the directory and before the file.
    for at in [directory + 24, 22] {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    let (items, report) = read_bytes(&bytes, Limits::default()).unwrap();
    assert_eq!((items.len(), report.files[0].state), (0, State::Damaged));
}

#[test]
fn one_file_and_all_files_have_a_limit() {
    let rows = [b"date,value\n".to_vec(), b"2024-01-02,1\n".repeat(20_000)].concat();
    let bytes = archive(&[("aggregates_steps.csv", &rows), ("aggregates_distance.csv", &rows)]);
    let file = Limits { file_bytes_max: 200_000, ..Limits::default() };
    let error = failure(&bytes, file);
    let Error::FileTooLarge { file, max: 200_000 } = error else { panic!("{error}") };
    assert_eq!(file, "aggregates_steps.csv");
    let total = Limits { total_bytes_max: 400_000, ..Limits::default() };
    assert!(matches!(failure(&bytes, total), Error::TotalTooLarge { max: 400_000 }));
}

#[test]
fn a_row_has_a_limit() {
    let limits = Limits { row_bytes_max: 1_000, ..Limits::default() };
    let row = format!("date,value\n2024-01-02,1\n2024-01-02,\"{}\"\n", "1".repeat(200_000));
    let bytes = archive(&[("aggregates_steps.csv", row.as_bytes()), ("height.csv", HEIGHT)]);
    let (items, report) = read_bytes(&bytes, limits).unwrap();
    assert_eq!(report.files[0].state, State::RowTooLong);
    assert_eq!(items.len(), 2);
}

#[test]
fn files_that_need_a_password_or_another_method_are_told() {
    let bytes = stored("height.csv", HEIGHT);
    let directory = find(&bytes, b"PK\x01\x02");
    let mut locked = bytes.clone();
    (locked[6], locked[directory + 8]) = (1, 1);
    let mut packed = bytes;
    (packed[8], packed[directory + 10]) = (14, 14);
    for (bytes, state) in [(locked, State::Encrypted), (packed, State::Unsupported)] {
        let (_, report) = read_bytes(&bytes, Limits::default()).unwrap();
        assert_eq!(report.files[0].state, state);
    }
}

#[test]
fn a_damaged_file_is_told_and_the_next_one_is_read() {
    let files = [("height.csv", HEIGHT), ("weight.csv", b"Date,Weight\n")];
    let mut bytes = archive(&files);
    // The checksum, in the directory.
    let directory = find(&bytes, b"PK\x01\x02");
    bytes[directory + 16] ^= 1;
    let (_, report) = read_bytes(&bytes, Limits::default()).unwrap();
    assert_eq!(report.files[0].state, State::Damaged);
    assert_eq!(report.files[1].state, State::Read);
    let mut bytes = archive(&files);
    // The start of the packed bytes.
    bytes[40..50].fill(0xFF);
    let (_, report) = read_bytes(&bytes, Limits::default()).unwrap();
    assert_eq!(report.files[0].state, State::Damaged);
    assert_eq!(report.files[1].state, State::Read);
}

/// A place that can be read once only, and then fails.
struct Failing {
    bytes: Cursor<Vec<u8>>,
    left: usize,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(1).ok_or_else(|| io::Error::other("gone"))?;
        self.bytes.read(buffer)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[test]
fn a_place_that_cannot_be_read_is_not_blamed_on_the_archive() {
    let bytes = archive(&[("height.csv", HEIGHT)]);
    let read = |left| {
        let failing = Failing { bytes: Cursor::new(bytes.clone()), left };
        healthmate::read(failing, &paris(), &mut Taken::default())
    };
    let enough = (0..100).find(|left| read(*left).is_ok()).unwrap();
    assert!(enough > 2);
    for left in 0..enough {
        let error = read(left).unwrap_err();
        assert!(matches!(&error, Error::Io(cause) if cause.to_string() == "gone"), "{error:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_bytes(&bytes, Limits::default());
    }

    #[test]
    fn any_bytes_in_any_file_are_read_or_skipped(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        name in proptest::sample::select(NAMES),
    ) {
        let (header, name) = (name.1, name.0);
        read_files(&[(name, &bytes)]);
        read_files(&[(name, &[header.as_bytes(), &bytes].concat())]);
    }

    #[test]
    fn any_cells_are_read_or_skipped(
        cells in proptest::collection::vec(CELLS, 1..30),
        name in proptest::sample::select(NAMES),
    ) {
        let row = cells.join(",");
        read_files(&[(name.0, format!("{}{row}\n", name.1).as_bytes())]);
    }

    #[test]
    fn a_damaged_archive_is_read_or_refused(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = archive(&[("height.csv", HEIGHT), ("weight.csv", b"Date,Weight\n")]);
        for (index, byte) in damage {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read_bytes(&bytes, Limits::default());
    }
}

const CELLS: &str = "\"?\\[?(-?[0-9]{1,25}(\\.[0-9]{0,20})?(e-?[0-9]{1,3})?|NaN|inf|[0-9]{4}-[0-9]\
                     {2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})?|BMR|)\
                     \\]?\"?";

/// Every layout, with a header of its columns.
const NAMES: &[(&str, &str)] = &[
    ("weight.csv", "Date,Weight (lb),Fat mass (st),Comments\n"),
    ("height.csv", "Date,Height (ft)\n"),
    ("bp.csv", "Date,Heart rate,Systolic,Diastolic\n"),
    ("other.csv", "date,type,value,unit,position\n"),
    ("sleep.csv", "from,to,light (s),deep (s),rem (s),wake up\n"),
    ("activities.csv", "from,to,from (manual),Timezone,Activity type,Data\n"),
    ("signal.csv", "date,signal,frequency,duration,wearposition\n"),
    ("aggregates_distance.csv", "date,value\n"),
    ("raw_tracker_distance.csv", "start,duration,value\n"),
    ("raw_location_latitude.csv", "start,duration,value\n"),
];
