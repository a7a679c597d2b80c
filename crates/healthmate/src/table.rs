//! The rows of a file: which delimiter it has, where a row starts, and which letters its bytes are.
//!
//! Text is UTF-8, and Latin-1 where it is not. What the columns mean is not known here.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::meter::READ_AHEAD_BYTES;

/// The first bytes of a file, in which its header ends.
const HEADER_BYTES: usize = 32 << 10;

/// A row.
pub(crate) struct Row<'r>(&'r ByteRecord);

impl Row<'_> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The text at a place; empty where the row is shorter.
    pub(crate) fn text(&self, at: usize) -> Cow<'_, str> {
        decoded(self.0.get(at).unwrap_or_default())
    }
}

/// UTF-8, or Latin-1, in which every byte is a letter.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect::<String>().into(),
    }
}

/// The rows of a file, one at a time.
pub(crate) struct Table<R> {
    rows: Reader<BufReader<R>>,
    record: ByteRecord,
    /// Whether lines end in two bytes. A row then starts, for the library, before the second one.
    has_two_ends: bool,
}

impl<R: Read> Table<R> {
    pub(crate) fn open(file: R) -> Result<Self, csv::Error> {
        let mut file = BufReader::with_capacity(HEADER_BYTES, file);
        let head = file.fill_buf()?;
        let (delimiter, has_two_ends) = (delimiter(head), ends_twice(head));
        // Both buffers together are what may be read ahead.
        let capacity = usize::try_from(READ_AHEAD_BYTES).unwrap_or(HEADER_BYTES) - HEADER_BYTES;
        let rows = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(capacity)
            .from_reader(file);
        Ok(Self { rows, record: ByteRecord::new(), has_two_ends })
    }

    /// The next row and the line it starts on, or none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(Row<'_>, u64)>, csv::Error> {
        if !self.rows.read_byte_record(&mut self.record)? {
            return Ok(None);
        }
        let start = self.record.position();
        let is_late = self.has_two_ends && start.is_some_and(|start| start.byte() > 0);
        let line = start.map_or(0, csv::Position::line) + u64::from(is_late);
        Ok(Some((Row(&self.record), line)))
    }
}

/// A comma; a semicolon or a tab where the header has one of them and no comma.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty());
    let has = |byte: u8| line.is_some_and(|line| line.contains(&byte));
    *b",;\t".iter().find(|byte| has(**byte)).unwrap_or(&b',')
}

fn ends_twice(head: &[u8]) -> bool {
    let end = head.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    end.and_then(|end| head.get(end..)).is_some_and(|rest| rest.starts_with(b"\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut table = Table::open(bytes).unwrap();
        let mut rows = Vec::new();
        while let Some((row, line)) = table.next().unwrap() {
            rows.push((line, (0..row.len()).map(|at| row.text(at).into_owned()).collect()));
        }
        rows
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_header() {
        assert_eq!(rows(b"\xEF\xBB\xBFDate,a\n1,2"), [row(1, &["Date", "a"]), row(2, &["1", "2"])]);
    }

    #[test]
    fn semicolons_and_tabs_separate_where_there_is_no_comma() {
        let expected = [row(1, &["Date", "a"]), row(2, &["1,5", "2"])];
        assert_eq!(rows(b"Date;a\n1,5;2\n"), expected);
        assert_eq!(rows(b"Date\ta\r\n1,5\t2\r\n"), expected);
    }

    #[test]
    fn what_is_not_utf_8_is_latin_1() {
        assert_eq!(rows(b"caf\xE9,caf\xC3\xA9\n"), [row(1, &["café", "café"])]);
    }

    #[test]
    fn rows_may_have_other_lengths_and_line_breaks_in_quotes() {
        let expected = [row(1, &["a", "b"]), row(2, &["x\ny"]), row(4, &["1", "2", "3"])];
        assert_eq!(rows(b"a,b\n\"x\ny\"\n1,2,3\n"), expected);
    }
}
