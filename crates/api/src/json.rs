//! JSON by hand, for answers so long that serde's way of writing them costs more than making them.
//! What is written here must equal what serde writes of the same reply: each user has a test of
//! that.

mod digits;
mod staged;

pub(crate) use staged::Staged;

use digits::{EIGHT, eight, up_to_eight};
use std::ops::Range;

/// The texts of 0 to 999 without zeros in front, each with room for a fourth byte.
const SHORT: [[u8; 4]; 1_000] = {
    let mut texts = [[b'0'; 4]; 1_000];
    let mut number = 0;
    while number < 1_000 {
        let digits = [number / 100, number / 10 % 10, number % 10];
        let zeros = 3 - short_length(number as u64);
        let mut at = zeros;
        while at < 3 {
            texts[number][at - zeros] = b'0' + digits[at] as u8;
            at += 1;
        }
        number += 1;
    }
    texts
};

/// How many digits a number below 1,000 has.
const fn short_length(number: u64) -> usize {
    1 + (number >= 10) as usize + (number >= 100) as usize
}

/// A text of at most `ROOM` bytes, kept where it is.
#[derive(Clone, Copy)]
pub(crate) struct Short<const ROOM: usize> {
    room: [u8; ROOM],
    length: usize,
}

impl<const ROOM: usize> Short<ROOM> {
    /// The text, if there is room for it.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let mut room = [0; ROOM];
        room.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { room, length: text.len() })
    }
}

/// Appends pieces of JSON to bytes.
pub(crate) struct Writer<'o>(pub(crate) &'o mut Vec<u8>);

impl Writer<'_> {
    /// Text of this program: keys, brackets, commas. Inlined, so that its length is known.
    #[inline]
    pub(crate) fn raw(&mut self, text: &'static str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Writes a piece; where it stands.
    pub(crate) fn piece(&mut self, write: impl FnOnce(&mut Self)) -> Range<usize> {
        let start = self.0.len();
        write(self);
        start..self.0.len()
    }

    /// Writes once more what stands there; where it stands now.
    pub(crate) fn again(&mut self, piece: &Range<usize>) -> Range<usize> {
        let start = self.0.len();
        self.0.extend_from_within(piece.clone());
        start..self.0.len()
    }

    /// Appends a short text. Copying all its room takes less time than asking how much of it is
    /// used: the length is known when this is compiled.
    #[inline]
    pub(crate) fn short<const ROOM: usize>(&mut self, short: &Short<ROOM>) {
        let end = self.0.len() + short.length;
        self.0.extend_from_slice(&short.room);
        self.0.truncate(end);
    }

    /// Most numbers of a series are small: those stand in a table.
    #[inline(always)]
    pub(crate) fn int(&mut self, number: impl Into<i64>) {
        let number = number.into();
        if (0..1_000).contains(&number) {
            self.first(number.unsigned_abs());
        } else {
            self.large(number);
        }
    }

    #[inline(never)]
    fn large(&mut self, number: i64) {
        if number < 0 {
            self.0.push(b'-');
        }
        self.digits(number.unsigned_abs());
    }

    /// By eights, each as one word: no loop, and no copy whose length is known only when it runs.
    #[inline]
    fn digits(&mut self, number: u64) {
        let (front, last) = (number / EIGHT, number % EIGHT);
        if front == 0 {
            return self.up_to_eight(last);
        }
        if front < EIGHT {
            self.up_to_eight(front);
        } else {
            self.up_to_eight(front / EIGHT);
            self.0.extend_from_slice(&eight(front % EIGHT));
        }
        self.0.extend_from_slice(&eight(last));
    }

    /// Up to eight digits, without zeros in front.
    #[inline(always)]
    fn up_to_eight(&mut self, number: u64) {
        let (text, length) = up_to_eight(number);
        let end = self.0.len() + length;
        self.0.extend_from_slice(&text);
        self.0.truncate(end);
    }

    /// Up to three digits, without zeros in front.
    #[inline(always)]
    fn first(&mut self, number: u64) {
        let end = self.0.len() + short_length(number);
        self.0.extend_from_slice(&SHORT[number as usize]);
        self.0.truncate(end);
    }

    /// Digits with so many of them after the point, which stands only where it is needed: as
    /// [`domain::fields::Decimal`] writes itself.
    #[inline]
    pub(crate) fn decimal(&mut self, digits: i64, places: u8) {
        // Dividing by a number that is known when this is compiled takes a fraction of the time.
        match places {
            3 => self.fraction(digits, 3, 1_000),
            2 => self.fraction(digits, 2, 100),
            _ => self.fraction(digits, places, 10_i64.pow(places.into())),
        }
    }

    #[inline(always)]
    fn fraction(&mut self, digits: i64, places: u8, scale: i64) {
        let (whole, fraction) = (digits / scale, (digits % scale).unsigned_abs());
        if fraction == 0 {
            return self.int(whole);
        }
        if digits < 0 && whole == 0 {
            self.0.push(b'-');
        }
        self.int(whole);
        self.0.push(b'.');
        let (mut rest, mut left) = (fraction, places);
        let mut scale = scale.unsigned_abs();
        while left > 0 && rest > 0 {
            scale /= 10;
            self.0.push(b'0' + (rest / scale) as u8);
            rest %= scale;
            left -= 1;
        }
    }

    pub(crate) fn int_or_null(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.int(number),
            None => self.raw("null"),
        }
    }

    /// A key with its value, if there is one; `key` brings the comma in front and the colon.
    pub(crate) fn int_if_some(&mut self, key: &'static str, number: Option<impl Into<i64>>) {
        if let Some(number) = number {
            self.raw(key);
            self.int(number);
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
        if text.as_bytes().iter().all(is_plain) {
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
        } else {
            self.0.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
        }
    }

    pub(crate) fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(number: i64) -> String {
        let mut out = Vec::new();
        Writer(&mut out).int(number);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn numbers_of_every_length() {
        for digits in 0..19 {
            let power = 10_i64.pow(digits);
            for number in [power - 1, power, power + 1, 1 - power, -power, 5 * (power / 7)] {
                assert_eq!(written(number), number.to_string());
            }
        }
        for number in [i64::MIN, i64::MAX] {
            assert_eq!(written(number), number.to_string());
        }
    }

    proptest! {
        #[test]
        fn every_number(number: i64) {
            prop_assert_eq!(written(number), number.to_string());
        }
    }

    #[test]
    fn a_short_text_has_its_own_length() {
        let mut out = b"a".to_vec();
        Writer(&mut out).short(&Short::<4>::of(b"bc").expect("room"));
        assert_eq!(out, b"abc");
        assert!(Short::<4>::of(b"bcdef").is_none());
    }
}
