//! Sets of fields as they are stored: a version byte, then the number and the digits of each field
//! that has a value. A number that this program does not know was written by a later one, and is
//! passed over.

use crate::varint::{put, take, unzigzag, zigzag};
use domain::fields::Fields;
use domain::sleep::Events;
use domain::{Error, Result};
use std::marker::PhantomData;

const VERSION: u8 = 1;

pub(crate) fn pack<F: Fields>(fields: &F) -> Vec<u8> {
    let mut out = vec![VERSION];
    for (number, digits) in fields.present() {
        put(&mut out, number.into());
        put(&mut out, zigzag(digits));
    }
    out
}

pub(crate) fn unpack<F: Fields>(bytes: &[u8]) -> Result<F> {
    let mut whole = F::default();
    each(bytes, u64::MAX, |number, digits| whole.set(number, Some(digits)))?;
    Ok(whole)
}

/// Each number up to the last that matters, with its digits.
#[inline]
fn each(bytes: &[u8], last: u64, mut see: impl FnMut(u16, i64)) -> Result<()> {
    let mut read = || {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        while !rest.is_empty() {
            let number = take(&mut rest)?;
            // Sets are packed by number: what comes now is not asked for either.
            if number > last {
                break;
            }
            let digits = unzigzag(take(&mut rest)?);
            if let Ok(number) = u16::try_from(number) {
                see(number, digits);
            }
        }
        Some(())
    };
    read().ok_or_else(|| Error::internal("a stored set of fields cannot be read"))
}

/// Some fields of a set as they are stored, for pages of many sets: they are taken apart where they
/// are written, and lie in no other form in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed<F> {
    bytes: Box<[u8]>,
    /// A bit for each number that is asked for.
    wanted: u64,
    fields: PhantomData<F>,
}

impl<F: Fields> Packed<F> {
    /// All of a set.
    pub fn of(fields: &F) -> Self {
        Self::stored(&pack(fields), u64::MAX)
    }

    pub(crate) fn stored(bytes: &[u8], wanted: u64) -> Self {
        Self { bytes: bytes.into(), wanted, fields: PhantomData }
    }

    /// Each number with its digits, in the order in which the fields are told.
    #[inline]
    pub fn each(&self, mut see: impl FnMut(u16, i64)) -> Result<()> {
        let last = u64::from(u64::BITS - self.wanted.leading_zeros()).saturating_sub(1);
        each(&self.bytes, last, |number, digits| {
            if number < 64 && self.wanted >> number & 1 == 1 {
                see(number, digits);
            }
        })
    }

    /// The set itself, as far as it is asked for.
    pub fn whole(&self) -> Result<F> {
        let mut whole = F::default();
        self.each(|number, digits| whole.set(number, Some(digits)))?;
        Ok(whole)
    }
}

/// The events of a night: for each kind its number, how many there are, and their distances.
pub(crate) fn pack_events(events: &Events) -> Vec<u8> {
    let mut out = vec![VERSION];
    for (kind, times) in events {
        put(&mut out, u64::from(*kind));
        put(&mut out, times.len() as u64);
        let mut last = 0;
        for time in times {
            put(&mut out, zigzag(time.wrapping_sub(last)));
            last = *time;
        }
    }
    out
}

pub(crate) fn unpack_events(bytes: &[u8]) -> Result<Events> {
    let read = || {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        let mut events = Events::new();
        while !rest.is_empty() {
            let kind = u8::try_from(take(&mut rest)?).ok()?;
            let mut last = 0_i64;
            let mut times = Vec::new();
            for _ in 0..take(&mut rest)? {
                last = last.wrapping_add(unzigzag(take(&mut rest)?));
                times.push(last);
            }
            events.insert(kind, times);
        }
        Some(events)
    };
    read().ok_or_else(|| Error::internal("the stored events of a night cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::sleep::Night;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            digits in proptest::collection::vec(any::<Option<i64>>(), 44),
        ) {
            let mut night = Night::default();
            for (number, digits) in (1..).zip(digits) {
                night.set(number, digits);
            }
            prop_assert_eq!(unpack::<Night>(&pack(&night)).unwrap(), night);
        }

        #[test]
        fn events_come_back(events: Events) {
            prop_assert_eq!(unpack_events(&pack_events(&events)).unwrap(), events);
        }

        #[test]
        fn damaged_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            let _ = unpack::<Night>(&bytes);
            let _ = unpack_events(&bytes);
        }
    }

    #[test]
    fn what_is_asked_for_is_given_whatever_lies_around_it() {
        assert!(Night::ALL.is_sorted_by_key(|field| field.number), "they are packed by number");
        let mut night = Night::default();
        for field in Night::ALL {
            night.set(field.number, Some(i64::from(field.number) * 100));
        }
        let all = night.present().collect::<Vec<_>>();
        for wanted in [0, 1 << 1, 1 << 7 | 1 << 20, 1 << 45, u64::MAX] {
            let mut seen = Vec::new();
            let packed = Packed::<Night>::stored(&pack(&night), wanted);
            packed.each(|number, digits| seen.push((number, digits))).unwrap();
            let asked = all.iter().filter(|(number, _)| wanted >> number & 1 == 1);
            assert_eq!(seen, asked.copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_field_of_a_later_version_is_passed_over() {
        let mut packed = pack(&Night { hr_min: Some(40), ..Night::default() });
        put(&mut packed, 60_000);
        put(&mut packed, zigzag(7));
        assert_eq!(unpack::<Night>(&packed), Ok(Night { hr_min: Some(40), ..Night::default() }));
    }
}
