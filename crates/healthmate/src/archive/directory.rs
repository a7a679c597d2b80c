//! A look at the end of an archive before a library reads its directory.
//!
//! An archive says itself how many entries it has, and a reader makes room for them before it sees
//! one. Archives of the usual form cannot say more than 65,535; those of the large form can say
//! anything, so theirs is looked at first. Whether the rest holds together is the library's matter.

use std::io::{Read, Seek, SeekFrom};

use crate::Error;

/// The end of an archive: its record of 22 bytes, a comment of 64 KiB at most, and the locator of
/// the large form before it.
const TAIL_BYTES_MAX: u64 = 22 + 0xFFFF + LOCATOR_BYTES as u64 + 4;
const END_MARK: &[u8] = b"PK\x05\x06";
const LOCATOR_MARK: &[u8] = b"PK\x06\x07";
const LARGE_END_MARK: &[u8] = b"PK\x06\x06";
const LOCATOR_BYTES: usize = 20;
const LARGE_END_BYTES: usize = 56;

/// Refuses an archive that claims too many entries in the large form, or whose large form is not
/// laid out as every writer does it: record, locator, end.
pub(super) fn check<R: Read + Seek>(archive: &mut R, entries_max: usize) -> Result<(), Error> {
    let length = archive.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(TAIL_BYTES_MAX);
    archive.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    archive.by_ref().take(TAIL_BYTES_MAX).read_to_end(&mut tail)?;
    archive.rewind()?;
    for (at, _) in tail.windows(END_MARK.len()).enumerate().filter(|(_, mark)| *mark == END_MARK) {
        let Some(locator) = before(&tail, at, LOCATOR_BYTES) else { continue };
        if !locator.starts_with(LOCATOR_MARK) {
            continue;
        }
        let place = at - LOCATOR_BYTES;
        let record = before(&tail, place, LARGE_END_BYTES).ok_or(Error::NotAZip)?;
        let record_at = start + (place - LARGE_END_BYTES) as u64;
        if !record.starts_with(LARGE_END_MARK) || number(locator, 8) != Some(record_at) {
            return Err(Error::NotAZip);
        }
        let entries = number(record, 32).and_then(|entries| usize::try_from(entries).ok());
        if entries.is_none_or(|entries| entries > entries_max) {
            return Err(Error::TooManyEntries { max: entries_max });
        }
    }
    Ok(())
}

/// So many bytes before a place.
fn before(bytes: &[u8], place: usize, count: usize) -> Option<&[u8]> {
    bytes.get(place.checked_sub(count)?..place)
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}
