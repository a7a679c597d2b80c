//! Decimal digits of whole numbers, eight at once in one word: no table, no loop, and no branch
//! that depends on the number.

/// One more than the largest number of eight digits.
pub(super) const EIGHT: u64 = 100_000_000;

/// A zero in each byte of a text of digits.
const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// The eight digits of a number that has no more, the first in the lowest byte.
#[inline(always)]
const fn split(number: u64) -> u64 {
    // Two numbers of four digits, a half of the word each; then four of two, then eight of one. The
    // products are divisions: exact for numbers as small as these, and none reaches the next lane.
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let front = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let pairs = front | (fours - front * 100) << 16;
    let front = (pairs * 103) >> 10 & 0x000f_000f_000f_000f;
    front | (pairs - front * 10) << 8
}

/// The text of a number below [`EIGHT`] with zeros in front.
#[inline(always)]
pub(super) const fn eight(number: u64) -> [u8; 8] {
    (split(number) | ZEROS).to_le_bytes()
}

/// The text of a number below [`EIGHT`] without zeros in front, and its length; what stands behind
/// it means nothing.
#[inline(always)]
pub(super) const fn up_to_eight(number: u64) -> ([u8; 8], usize) {
    let digits = split(number);
    // The last digit stands, also where it is a zero.
    let zeros = (digits | 1 << 56).trailing_zeros() & !7;
    let text = (digits | ZEROS) >> zeros;
    (text.to_le_bytes(), 8 - zeros as usize / 8)
}

/// The same of a number below 10,000, at half the price.
#[inline(always)]
pub(super) const fn up_to_four(number: u32) -> ([u8; 4], usize) {
    let front = (number * 5_243) >> 19;
    let pairs = front | (number - front * 100) << 16;
    let front = (pairs * 103) >> 10 & 0x000f_000f;
    let digits = front | (pairs - front * 10) << 8;
    let zeros = (digits | 1 << 24).trailing_zeros() & !7;
    let text = (digits | ZEROS as u32) >> zeros;
    (text.to_le_bytes(), 4 - zeros as usize / 8)
}
