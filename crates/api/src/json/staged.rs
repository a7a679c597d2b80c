//! A way to write rows of many short fields: into memory of a fixed size first, where a field needs
//! one look at the room that is left and not one for each of its pieces.

use super::digits::{EIGHT, eight, up_to_eight, up_to_four};
use super::{Short, Writer};

/// Bytes that are filled before they go on their way: a power of two.
const ROOM: usize = 4_096;
/// Bytes of the longest field, also where more is copied than is used: a key of 63, a sign, and 24
/// digits or 8 digits and a fraction.
const FIELD: usize = 128;

/// Appends fields to bytes. They are all there once it is dropped.
pub(crate) struct Staged<'o> {
    out: &'o mut Vec<u8>,
    room: [u8; ROOM + FIELD],
    length: usize,
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}

impl<'o> Staged<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out, room: [0; ROOM + FIELD], length: 0 }
    }

    #[inline(never)]
    fn flush(&mut self) {
        self.out.extend_from_slice(&self.room[..self.length]);
        self.length = 0;
    }

    /// For what is rare, or longer than a field.
    pub(crate) fn writer(&mut self) -> Writer<'_> {
        self.flush();
        Writer(self.out)
    }

    #[inline(always)]
    fn field(&mut self) -> Field<'_> {
        if self.length >= ROOM {
            self.flush();
        }
        // The mask changes nothing. It shows that there is room for a field.
        match self.room[self.length % ROOM..].first_chunk_mut() {
            Some(room) => Field { room, length: 0, written: &mut self.length },
            None => unreachable!("less room than was made"),
        }
    }

    /// Text of this program, no longer than a field.
    #[inline(always)]
    pub(crate) fn raw(&mut self, text: &'static str) {
        self.field().text(text);
    }

    /// Text of this program and a number.
    #[inline(always)]
    pub(crate) fn int(&mut self, key: &'static str, number: i64) {
        let mut field = self.field();
        field.text(key);
        field.int(number);
    }

    /// A text as it is.
    #[inline(always)]
    pub(crate) fn short(&mut self, short: &Short<64>) {
        self.field().short(short);
    }

    /// Ten bytes as they are.
    #[inline(always)]
    pub(crate) fn ten(&mut self, bytes: [u8; 10]) {
        self.field().put(bytes, bytes.len());
    }

    /// A byte, a key with its colon, and a number.
    #[inline(always)]
    pub(crate) fn keyed(&mut self, before: u8, key: &Short<48>, number: i64) {
        let mut field = self.field();
        field.put([before], 1);
        field.short(key);
        field.int(number);
    }

    /// The same with digits of which so many stand after the point, at most three.
    #[inline(always)]
    pub(crate) fn keyed_decimal(&mut self, before: u8, key: &Short<48>, digits: i64, places: u8) {
        let mut field = self.field();
        field.put([before], 1);
        field.short(key);
        field.decimal(digits, places);
    }

    /// A byte and a key with its colon.
    pub(crate) fn key(&mut self, before: u8, key: &Short<48>) {
        let mut field = self.field();
        field.put([before], 1);
        field.short(key);
    }
}

/// A field in the making.
struct Field<'r> {
    room: &'r mut [u8; FIELD],
    length: usize,
    /// How much is used of the memory the field lies in: it counts once the field is there.
    written: &'r mut usize,
}

impl Drop for Field<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        *self.written += self.length;
    }
}

impl Field<'_> {
    /// Copies all the bytes, whose number is known when this is compiled, of which so many count.
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N], used: usize) {
        // Short as fields are, the mask changes nothing; it shows that there is room.
        let at = if N > 24 { self.length % 64 } else { self.length % (FIELD - 24) };
        if let Some(place) = self.room[at..].first_chunk_mut() {
            *place = bytes;
        }
        self.length += used;
    }

    #[inline(always)]
    fn text(&mut self, text: &'static str) {
        self.room[self.length..][..text.len()].copy_from_slice(text.as_bytes());
        self.length += text.len();
    }

    #[inline(always)]
    fn short<const N: usize>(&mut self, short: &Short<N>) {
        self.put(short.room, short.length);
    }

    /// Most numbers are small and none is below zero, which one look tells apart.
    #[inline(always)]
    fn int(&mut self, number: i64) {
        if (0..10_000).contains(&number) {
            let (text, length) = up_to_four(number as u32);
            self.put(text, length);
        } else {
            self.put([b'-'], usize::from(number < 0));
            self.whole(number.unsigned_abs());
        }
    }

    #[inline(always)]
    fn whole(&mut self, number: u64) {
        if number < EIGHT {
            let (text, length) = up_to_eight(number);
            self.put(text, length);
        } else {
            self.long(number);
        }
    }

    #[inline(always)]
    fn long(&mut self, number: u64) {
        let (front, last) = (number / EIGHT, number % EIGHT);
        if front < EIGHT {
            let (text, length) = up_to_eight(front);
            self.put(text, length);
        } else {
            let (text, length) = up_to_eight(front / EIGHT);
            self.put(text, length);
            self.put(eight(front % EIGHT), 8);
        }
        self.put(eight(last), 8);
    }

    /// As [`domain::fields::Decimal`] writes itself: the point stands only where it is needed.
    #[inline(always)]
    fn decimal(&mut self, digits: i64, places: u8) {
        self.put([b'-'], usize::from(digits < 0));
        let digits = digits.unsigned_abs();
        let (whole, thousandths) = match places {
            0 => (digits, 0),
            1 => (digits / 10, digits % 10 * 100),
            2 => (digits / 100, digits % 100 * 10),
            _ => (digits / 1_000, digits % 1_000),
        };
        self.whole(whole);
        if thousandths > 0 {
            let [.., a, b, c] = eight(thousandths);
            let zeros = usize::from(c == b'0') + usize::from([b, c] == *b"00");
            self.put([b'.', a, b, c], 4 - zeros);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::Decimal;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = i64> {
        let near = (0..19_u32, -2..3_i64).prop_map(|(power, by)| 10_i64.pow(power) + by);
        prop_oneof![any::<i64>(), near.clone(), near.prop_map(|near| -near), 0..100_000_i64]
    }

    proptest! {
        #[test]
        fn numbers_of_every_length(numbers in proptest::collection::vec(numbers(), 0..400)) {
            let (mut out, mut expected) = (Vec::new(), String::new());
            let mut to = Staged::new(&mut out);
            let key = Short::<48>::of(format!("\"{}\":", "k".repeat(45)).as_bytes()).unwrap();
            for number in numbers {
                to.int("a longer piece of text of this program", number);
                to.keyed(b',', &key, number);
                expected.push_str("a longer piece of text of this program");
                let key = "k".repeat(45);
                expected.push_str(&format!("{number},\"{key}\":{number}"));
            }
            drop(to);
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }

        #[test]
        fn decimals(number in -100_000_000_000_i64..100_000_000_000, small in -2_000..2_000_i64) {
            let key = Short::of(b"").unwrap();
            for digits in [number, small] {
                let mut out = Vec::new();
                let mut to = Staged::new(&mut out);
                to.keyed_decimal(b' ', &key, digits, 1);
                to.keyed_decimal(b' ', &key, digits, 2);
                to.keyed_decimal(b' ', &key, digits, 3);
                drop(to);
                let text = |decimal: Result<String, serde_json::Error>| decimal.unwrap();
                let expected = format!(
                    " {} {} {}",
                    text(serde_json::to_string(&Decimal::<1>(digits))),
                    text(serde_json::to_string(&Decimal::<2>(digits))),
                    text(serde_json::to_string(&Decimal::<3>(digits))),
                );
                prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
            }
        }
    }

    #[test]
    fn what_is_long_comes_in_its_place() {
        let mut out = Vec::new();
        let mut to = Staged::new(&mut out);
        to.raw("a");
        to.writer().raw("b");
        to.ten(*b"0123456789");
        drop(to);
        assert_eq!(out, b"ab0123456789");
    }
}
