//! Integers through `pco`, which finds their distribution and takes about what an entropy coder
//! takes. Reading is bounded by what the caller expects, not by what the bytes claim. There is no
//! checksum here: `framing` has it.

use crate::framing::Damaged;
use pco::data_types::Number;
use pco::standalone::{DecompressorItem, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

/// Integers of one page: what `pco` writes by default. So each page that is really there may ask
/// for two megabytes, and a claim alone for none.
const PAGE_MAX: usize = 1 << 18;
/// How hard a column is tried at; from here on it costs time and saves nothing.
const COLUMN_LEVEL: usize = 6;

/// No integers are no bytes.
pub(crate) fn compress<T: Number>(numbers: &[T]) -> Vec<u8> {
    if numbers.is_empty() {
        return Vec::new();
    }
    // Bytes are refused without being asked for, as text would be no gain.
    let config = ChunkConfig::default().with_enable_8_bit(true);
    // It fails for settings that cannot be alone, and these are its own.
    pco::standalone::simple_compress(numbers, &config).unwrap_or_default()
}

/// The same for the few thousand integers of a column, of which there are many: instead of having
/// `pco` try everything on a sample, what columns turn out to want is tried on the whole, as they
/// are and by steps, and the shorter is taken. Numbers with a divisor in common, as tenths written
/// as hundredths, are divided by it. It takes less than half the time, and no more room.
pub(crate) fn compress_column(numbers: &[i64]) -> Vec<u8> {
    if numbers.is_empty() {
        return Vec::new();
    }
    let divisor = numbers.iter().fold(0, |divisor, number| common(divisor, number.unsigned_abs()));
    let mode = if divisor > 1 { ModeSpec::TryIntMult(divisor) } else { ModeSpec::Classic };
    let config = ChunkConfig::default()
        .with_compression_level(COLUMN_LEVEL)
        .with_mode_spec(mode)
        .with_enable_8_bit(true);
    let packed = |delta| {
        let config = config.clone().with_delta_spec(delta);
        pco::standalone::simple_compress(numbers, &config).unwrap_or_default()
    };
    let (as_they_are, by_steps) = (packed(DeltaSpec::NoOp), packed(DeltaSpec::TryConsecutive(1)));
    if by_steps.len() < as_they_are.len() { by_steps } else { as_they_are }
}

/// The greatest divisor of both; 0 has every divisor.
fn common(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// The integers again, if they are at most so many.
pub(crate) fn decompress<T: Number>(bytes: &[u8], most: usize) -> Result<Vec<T>, Damaged> {
    let mut numbers = Vec::new();
    if bytes.is_empty() {
        return Ok(numbers);
    }
    // What pco itself would reserve is what the bytes claim: up to four gigabytes.
    let (file, mut rest) = FileDecompressor::new(bytes).map_err(|_| Damaged::Nonsense)?;
    loop {
        let page = file.chunk_decompressor::<T, _>(rest).map_err(|_| Damaged::Nonsense)?;
        let mut page = match page {
            DecompressorItem::Chunk(page) => page,
            DecompressorItem::EndOfData([]) => return Ok(numbers),
            DecompressorItem::EndOfData(_) => return Err(Damaged::Nonsense),
        };
        let known = numbers.len();
        if page.n() > PAGE_MAX.min(most - known) {
            return Err(Damaged::Nonsense);
        }
        numbers.resize(known + page.n(), T::default());
        let progress = page.read(&mut numbers[known..]).map_err(|_| Damaged::Nonsense)?;
        if !progress.finished {
            return Err(Damaged::Nonsense);
        }
        rest = page.into_src();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_come_back_if_they_were_expected(numbers: Vec<i64>) {
            let column = compress_column(&numbers);
            prop_assert_eq!(decompress(&column, numbers.len()), Ok(numbers.clone()));
            let bytes = compress(&numbers);
            prop_assert_eq!(decompress(&bytes, numbers.len()), Ok(numbers.clone()));
            if let Some(fewer) = numbers.len().checked_sub(1) {
                prop_assert_eq!(decompress::<i64>(&bytes, fewer), Err(Damaged::Nonsense));
            }
        }

        #[test]
        fn what_was_changed_is_more_integers_than_expected_never(
            numbers in proptest::collection::vec(0..500_i64, 0..600),
            at: usize,
            change in 1..=255_u8,
        ) {
            let mut bytes = compress(&numbers);
            if !bytes.is_empty() {
                let at = at % bytes.len();
                bytes[at] ^= change;
            }
            if let Ok(changed) = decompress::<i64>(&bytes, numbers.len()) {
                prop_assert!(changed.len() <= numbers.len());
            }
        }
    }

    #[test]
    fn numbers_with_a_divisor_come_back_and_pay_for_what_is_left() {
        let few: Vec<i64> = (0..1_000).map(|at| (at * at) % 97).collect();
        let many: Vec<i64> = few.iter().map(|number| number * 1_000).collect();
        let (few, packed) = (compress_column(&few), compress_column(&many));
        assert_eq!(decompress(&packed, many.len()), Ok(many));
        assert!(packed.len() <= few.len() + few.len() / 10, "{} and {}", packed.len(), few.len());
        for edge in [vec![i64::MIN; 3], vec![0; 5], vec![i64::MIN, 0, i64::MAX]] {
            assert_eq!(decompress(&compress_column(&edge), edge.len()), Ok(edge));
        }
    }

    #[test]
    fn several_pages_come_back() {
        let numbers: Vec<i64> = (0..PAGE_MAX as i64 + 2).map(|at| at % 7).collect();
        assert_eq!(decompress(&compress(&numbers), numbers.len()), Ok(numbers));
    }

    #[test]
    fn what_comes_after_the_end_is_refused() {
        let mut bytes = compress(&[1_i64, 2, 3]);
        bytes.push(0);
        assert_eq!(decompress::<i64>(&bytes, 3), Err(Damaged::Nonsense));
    }
}
