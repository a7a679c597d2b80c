//! Sets of fields as they are stored: a version byte, then the number and the digits of each field
//! that has a value. A number that this program does not know was written by a later one, and is
//! passed over.

use crate::varint::{put, take, unzigzag, zigzag};
use domain::fields::{Fields, Sparse};
use domain::sleep::Events;
use domain::{Error, Result};

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
    Ok(unpack_some::<F>(bytes, u64::MAX)?.whole())
}

/// The fields whose bits are set, by their numbers.
pub(crate) fn unpack_some<F: Fields>(bytes: &[u8], wanted: u64) -> Result<Sparse<F>> {
    let read = || {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        // No set has so many fields; most have a third.
        let mut values = Vec::with_capacity(rest.len().div_ceil(3).min(64));
        while !rest.is_empty() {
            let number = take(&mut rest)?;
            let digits = unzigzag(take(&mut rest)?);
            if number < 64 && wanted >> number & 1 == 1 {
                values.push((number as u16, digits));
            }
        }
        Some(Sparse::new(values))
    };
    read().ok_or_else(|| Error::internal("a stored set of fields cannot be read"))
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
    fn a_field_of_a_later_version_is_passed_over() {
        let mut packed = pack(&Night { hr_min: Some(40), ..Night::default() });
        put(&mut packed, 60_000);
        put(&mut packed, zigzag(7));
        assert_eq!(unpack::<Night>(&packed), Ok(Night { hr_min: Some(40), ..Night::default() }));
    }
}
