//! What stands around every packed thing: a version, a checksum, and integers of as many bytes as
//! they need. A byte that was changed is noticed before anything is unpacked.

/// Bytes that are not what was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// Of a later version of this program.
    #[error("packed by a version that is not known")]
    Version,
    /// The checksum is of other bytes.
    #[error("the checksum does not fit")]
    Checksum,
    /// The checksum fits, and what it covers makes no sense.
    #[error("what is packed makes no sense")]
    Nonsense,
}

/// Puts the version and the checksum in front of what was written.
pub(crate) fn seal(version: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 5);
    out.push(version);
    out.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// Takes them off again.
pub(crate) fn open(version: u8, bytes: &[u8]) -> Result<&[u8], Damaged> {
    let (found, rest) = bytes.split_first().ok_or(Damaged::Nonsense)?;
    if *found != version {
        return Err(Damaged::Version);
    }
    let (checksum, body) = rest.split_first_chunk::<4>().ok_or(Damaged::Nonsense)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return Err(Damaged::Checksum);
    }
    Ok(body)
}

/// Appends a number, seven bits a byte, the least first.
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a number of either sign.
pub(crate) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put(out, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

/// Appends bytes with their number in front.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Takes a number off the front.
pub(crate) fn take(rest: &mut &[u8]) -> Result<u64, Damaged> {
    const BYTES_MAX: usize = 10;
    let mut number = 0_u64;
    for (at, byte) in rest.iter().enumerate().take(BYTES_MAX) {
        let bits = u64::from(byte & 0x7f);
        if at == BYTES_MAX - 1 && bits > 1 {
            break;
        }
        number |= bits << (7 * at);
        if byte & 0x80 == 0 {
            *rest = &rest[at + 1..];
            return Ok(number);
        }
    }
    Err(Damaged::Nonsense)
}

/// Takes a number of either sign off the front.
pub(crate) fn take_signed(rest: &mut &[u8]) -> Result<i64, Damaged> {
    let number = take(rest)?;
    Ok((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
}

/// Takes a number that counts something off the front.
pub(crate) fn take_count(rest: &mut &[u8], most: usize) -> Result<usize, Damaged> {
    let count = usize::try_from(take(rest)?).map_err(|_| Damaged::Nonsense)?;
    if count <= most { Ok(count) } else { Err(Damaged::Nonsense) }
}

/// Takes bytes with their number off the front.
pub(crate) fn take_bytes<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Damaged> {
    let count = take_count(rest, rest.len())?;
    let (bytes, after) = rest.split_at_checked(count).ok_or(Damaged::Nonsense)?;
    *rest = after;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(unsigned: u64, signed: i64, bytes: Vec<u8>) {
            let mut out = Vec::new();
            put(&mut out, unsigned);
            put_signed(&mut out, signed);
            put_bytes(&mut out, &bytes);
            let rest = &mut out.as_slice();
            prop_assert_eq!(take(rest), Ok(unsigned));
            prop_assert_eq!(take_signed(rest), Ok(signed));
            prop_assert_eq!(take_bytes(rest), Ok(bytes.as_slice()));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn nothing_is_taken_of_what_is_no_number(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while take_bytes(&mut rest).is_ok() {}
        }

        #[test]
        fn a_byte_that_was_changed_is_noticed(body: Vec<u8>, at: usize, change in 1..=255_u8) {
            let mut sealed = seal(1, &body);
            prop_assert_eq!(open(1, &sealed), Ok(body.as_slice()));
            let at = at % sealed.len();
            sealed[at] ^= change;
            prop_assert!(open(1, &sealed).is_err());
        }
    }
}
