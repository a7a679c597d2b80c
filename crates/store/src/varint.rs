//! Integers of as many bytes as they need: little-endian base 128, the sign in the lowest bit. What
//! they stand for is for others to say.

pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[inline]
pub(crate) fn take(rest: &mut &[u8]) -> Option<u64> {
    // Nearly every number is a small one.
    match rest {
        [byte @ ..0x80, after @ ..] => {
            *rest = after;
            Some(u64::from(*byte))
        }
        [low, high @ ..0x80, after @ ..] => {
            *rest = after;
            Some(u64::from(low & 0x7f) | u64::from(*high) << 7)
        }
        // Hours, in seconds.
        [low, mid, high @ ..0x80, after @ ..] => {
            *rest = after;
            Some(u64::from(low & 0x7f) | u64::from(mid & 0x7f) << 7 | u64::from(*high) << 14)
        }
        _ => take_long(rest),
    }
}

fn take_long(rest: &mut &[u8]) -> Option<u64> {
    const BYTES_MAX: usize = 10;
    let mut value = 0_u64;
    for (at, byte) in rest.iter().enumerate().take(BYTES_MAX) {
        let bits = u64::from(byte & 0x7f);
        if at == BYTES_MAX - 1 && bits > 1 {
            return None;
        }
        value |= bits << (7 * at);
        if byte & 0x80 == 0 {
            *rest = &rest[at + 1..];
            return Some(value);
        }
    }
    None
}
