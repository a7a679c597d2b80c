//! One signal as it was taken, without times: samples one after the other at a rate that others
//! know. An electrocardiogram and a pulse wave are integers, heart sounds are bytes of A-law. It
//! does not filter, and packs nothing that has gaps: `chunk` does.
//!
//! Version 1, after the version and the checksum: how it is packed, the number of samples, and the
//! samples.

use crate::framing::{Damaged, open, put, seal, take, take_count};
use crate::numbers::{compress, decompress};

const VERSION: u8 = 1;
/// Samples of one signal: nine hours at 500 Hz, an hour of heart sounds.
pub const SAMPLES_MAX: usize = 1 << 24;

/// Integers, by their distribution.
const INTEGERS: u64 = 0;
/// Bytes as they are: noise does not get smaller.
const PLAIN: u64 = 1;
/// Bytes of A-law by the order of what they sound.
const LEVELS: u64 = 2;

/// Packs a signal of integers. At most [`SAMPLES_MAX`] samples come back.
pub fn pack(samples: &[i64]) -> Vec<u8> {
    sealed(INTEGERS, samples.len(), &compress(samples))
}

/// Unpacks a signal of integers.
pub fn unpack(bytes: &[u8]) -> Result<Vec<i64>, Damaged> {
    let (kind, count, written) = opened(bytes)?;
    if kind != INTEGERS {
        return Err(Damaged::Nonsense);
    }
    exactly(count, decompress(written, count)?)
}

/// Packs a signal of A-law bytes, or of any others. At most [`SAMPLES_MAX`] of them come back.
pub fn pack_bytes(samples: &[u8]) -> Vec<u8> {
    let levels: Vec<u8> = samples.iter().copied().map(level).collect();
    let levels = compress(&levels);
    if levels.is_empty() || samples.len() <= levels.len() {
        sealed(PLAIN, samples.len(), samples)
    } else {
        sealed(LEVELS, samples.len(), &levels)
    }
}

/// Unpacks a signal of bytes.
pub fn unpack_bytes(bytes: &[u8]) -> Result<Vec<u8>, Damaged> {
    let (kind, count, written) = opened(bytes)?;
    match kind {
        PLAIN => exactly(count, written).map(<[u8]>::to_vec),
        LEVELS => {
            let levels: Vec<u8> = exactly(count, decompress(written, count)?)?;
            Ok(levels.into_iter().map(byte).collect())
        }
        _ => Err(Damaged::Nonsense),
    }
}

fn sealed(kind: u64, count: usize, written: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(written.len() + 8);
    put(&mut body, kind);
    put(&mut body, count as u64);
    body.extend_from_slice(written);
    seal(VERSION, &body)
}

fn opened(bytes: &[u8]) -> Result<(u64, usize, &[u8]), Damaged> {
    let mut rest = open(VERSION, bytes)?;
    let kind = take(&mut rest)?;
    let count = take_count(&mut rest, SAMPLES_MAX)?;
    Ok((kind, count, rest))
}

fn exactly<T, S: AsRef<[T]>>(count: usize, samples: S) -> Result<S, Damaged> {
    if samples.as_ref().len() == count { Ok(samples) } else { Err(Damaged::Nonsense) }
}

/// The rank of an A-law byte among all of them, from the lowest sample to the highest. What sounds
/// alike is then close, which the bytes themselves are not.
fn level(byte: u8) -> u8 {
    let code = byte ^ 0x55;
    if code & 0x80 == 0 { 0x7f - code } else { code }
}

/// The byte of a rank.
fn byte(level: u8) -> u8 {
    (if level & 0x80 == 0 { 0x7f - level } else { level }) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alaw;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn samples() -> impl Strategy<Value = Vec<i64>> {
        vec(prop_oneof![8 => -900..900_i64, 1 => any::<i64>()], 0..700)
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![vec(any::<u8>(), 0..700), vec(0x50..0x58_u8, 0..700)]
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(samples in samples(), bytes in bytes()) {
            prop_assert_eq!(unpack(&pack(&samples)), Ok(samples));
            prop_assert_eq!(unpack_bytes(&pack_bytes(&bytes)), Ok(bytes));
        }

        #[test]
        fn damaged_bytes_are_refused(samples in samples(), at: usize, change in 1..=255_u8) {
            let mut packed = pack(&samples);
            let at = at % packed.len();
            packed[at] ^= change;
            prop_assert!(unpack(&packed).is_err());
        }

        #[test]
        fn damaged_sounds_are_refused(bytes in bytes(), at: usize, change in 1..=255_u8) {
            let mut packed = pack_bytes(&bytes);
            let at = at % packed.len();
            packed[at] ^= change;
            prop_assert!(unpack_bytes(&packed).is_err());
        }

        #[test]
        fn what_was_never_packed_is_refused_without_a_panic(kind in 0..4_u64, body: Vec<u8>) {
            prop_assert!(unpack(&body).is_err());
            prop_assert!(unpack_bytes(&body).is_err());
            // Also where the checksum fits.
            for count in [0, 1, body.len(), SAMPLES_MAX, usize::MAX] {
                let packed = sealed(kind, count, &body);
                prop_assert!(unpack(&packed).map_or(true, |samples| samples.len() == count));
                prop_assert!(unpack_bytes(&packed).map_or(true, |bytes| bytes.len() == count));
            }
        }

        #[test]
        fn a_count_that_does_not_fit_is_refused(samples in samples(), wrong in 0..800_usize) {
            prop_assume!(wrong != samples.len());
            let packed = sealed(INTEGERS, wrong, &compress(&samples));
            prop_assert_eq!(unpack(&packed), Err(Damaged::Nonsense));
        }
    }

    #[test]
    fn nothing_and_one_sample_come_back() {
        assert_eq!(unpack(&pack(&[])), Ok(vec![]));
        assert_eq!(unpack(&pack(&[i64::MIN])), Ok(vec![i64::MIN]));
        assert_eq!(unpack_bytes(&pack_bytes(&[])), Ok(vec![]));
        assert_eq!(unpack_bytes(&pack_bytes(&[0xd5])), Ok(vec![0xd5]));
    }

    #[test]
    fn integers_are_no_sounds_and_sounds_no_integers() {
        assert_eq!(unpack_bytes(&pack(&[1, 2, 3])), Err(Damaged::Nonsense));
        assert_eq!(unpack(&pack_bytes(&[1, 2, 3])), Err(Damaged::Nonsense));
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let mut packed = pack(&[1, 2, 3]);
        packed[0] = 2;
        assert_eq!(unpack(&packed), Err(Damaged::Version));
    }

    #[test]
    fn ranks_follow_what_is_heard() {
        let heard: Vec<i16> = (0..=u8::MAX).map(|level| alaw::decode(byte(level))).collect();
        assert!(heard.is_sorted());
        assert!((0..=u8::MAX).all(|known| byte(level(known)) == known));
    }

    #[test]
    fn a_quiet_sound_gets_smaller_and_noise_hardly_longer() {
        let quiet: Vec<u8> = (0..4_000_i16).map(|at| alaw::encode(at % 50 * 8)).collect();
        assert!(pack_bytes(&quiet).len() < 3_000, "{}", pack_bytes(&quiet).len());
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(4_000)
        .collect();
        assert!(pack_bytes(&noise).len() <= 4_008);
    }
}
