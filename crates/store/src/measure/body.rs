//! The packed measures of a group: a version byte, then each measure as variable-length integers. A
//! weight takes about 8 bytes. It compresses nothing across groups; series do that.
//!
//! Version 1, per measure: type, unit and value (zigzag), a mask of which optional fields follow,
//! the fields (zigzag). Integers are little-endian base 128.

use crate::varint::{put, take, unzigzag, zigzag};
use domain::measure::{Measure, MeasureType};
use domain::{Error, Result};

const VERSION: u8 = 1;

/// Packs the measures in their order.
pub(crate) fn pack(measures: &[Measure]) -> Vec<u8> {
    let mut out = vec![VERSION];
    for measure in measures {
        put(&mut out, zigzag(measure.kind.0.into()));
        put(&mut out, zigzag(measure.unit.into()));
        put(&mut out, zigzag(measure.value));
        let optional = optional(measure);
        let mask =
            optional.iter().enumerate().map(|(bit, field)| u64::from(field.is_some()) << bit);
        put(&mut out, mask.sum());
        optional.iter().flatten().for_each(|field| put(&mut out, zigzag((*field).into())));
    }
    out
}

fn optional(measure: &Measure) -> [Option<i32>; 5] {
    [measure.algo, measure.fm, measure.position, measure.apppfmid, measure.appliver]
}

/// Unpacks what [`pack`] made.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<Measure>> {
    let read = || {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        // A measure takes eight bytes or so.
        let mut measures = Vec::with_capacity(rest.len() / 8 + 1);
        while !rest.is_empty() {
            measures.push(unpack_one(&mut rest)?);
        }
        Some(measures)
    };
    read().ok_or_else(|| Error::internal("a stored measure group cannot be read"))
}

fn unpack_one(rest: &mut &[u8]) -> Option<Measure> {
    let kind = MeasureType(unzigzag(take(rest)?).try_into().ok()?);
    let unit = unzigzag(take(rest)?).try_into().ok()?;
    let value = unzigzag(take(rest)?);
    let mask = take(rest).filter(|mask| *mask < 1 << 5)?;
    let mut field = |bit: u64| match mask & (1 << bit) {
        0 => Some(None),
        _ => unzigzag(take(rest)?).try_into().ok().map(Some),
    };
    Some(Measure {
        value,
        kind,
        unit,
        algo: field(0)?,
        fm: field(1)?,
        position: field(2)?,
        apppfmid: field(3)?,
        appliver: field(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn measure() -> impl Strategy<Value = Measure> {
        let optional = || proptest::option::of(any::<i32>());
        let fields = (optional(), optional(), optional(), optional(), optional());
        (any::<i32>(), any::<i64>(), any::<i8>(), fields).prop_map(|(kind, value, unit, fields)| {
            let mut measure = Measure::new(MeasureType(kind), value, unit);
            measure.algo = fields.0;
            measure.fm = fields.1;
            measure.position = fields.2;
            measure.apppfmid = fields.3;
            measure.appliver = fields.4;
            measure
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(measures in proptest::collection::vec(measure(), 0..20)) {
            prop_assert_eq!(unpack(&pack(&measures)), Ok(measures));
        }

        #[test]
        fn damaged_bodies_are_refused_without_a_panic(bytes: Vec<u8>) {
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn a_weight_takes_nine_bytes() {
        let mut weight = Measure::new(MeasureType::WEIGHT, 66_850, -3);
        (weight.algo, weight.fm) = (Some(0), Some(3));
        assert_eq!(pack(&[weight]).len(), 9);
    }
}
