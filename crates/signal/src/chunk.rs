//! A chunk: samples of one device over a stretch of time, each with a value in some of the chunk's
//! columns. It is the unit in which series are stored: reading a day unpacks one chunk.
//!
//! Version 1, after the version and the checksum: the number of samples, their times, the number of
//! columns, and for each its number, where it has values, and the values. Times are runs of equal
//! distances, or their distances packed like values where that is shorter; values are packed by
//! `pco`, which finds their distribution and takes about what an entropy coder takes (docs/bench.md
//! has the figures beside other codecs).

use crate::framing::{
    Damaged, open, put, put_bytes, put_signed, seal, take, take_bytes, take_count, take_signed,
};
use crate::numbers::{compress_column, decompress};
use std::collections::{BTreeMap, btree_map::Entry};

const VERSION: u8 = 1;
/// Samples of one chunk: a day at 100 Hz is stored in hours.
pub const SAMPLES_MAX: usize = 1 << 20;
/// Columns of one chunk.
pub const COLUMNS_MAX: usize = 64;

/// What a column holds; the numbers are given by whoever stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column(pub u16);

/// Samples in the order of their times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Rising, each once; what a tick is, is for others to say.
    times: Vec<i64>,
    /// A value, or none, for each time; a column without any value is not there.
    columns: BTreeMap<Column, Vec<Option<i64>>>,
}

/// One sample.
pub type Sample = (i64, Vec<(Column, i64)>);

impl Chunk {
    /// The chunk of samples in any order. Of two with one time the later in the list counts, column
    /// by column.
    pub fn of(samples: impl IntoIterator<Item = Sample>) -> Self {
        let mut sorted: BTreeMap<i64, BTreeMap<Column, i64>> = BTreeMap::new();
        for (time, values) in samples {
            sorted.entry(time).or_default().extend(values);
        }
        let mut chunk = Self { times: sorted.keys().copied().collect(), columns: BTreeMap::new() };
        let count = chunk.times.len();
        for (at, values) in sorted.into_values().enumerate() {
            for (column, value) in values {
                chunk.columns.entry(column).or_insert_with(|| vec![None; count])[at] = Some(value);
            }
        }
        chunk
    }

    /// The times of its samples.
    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// Its times, and its columns by number.
    pub fn into_parts(self) -> (Vec<i64>, BTreeMap<Column, Vec<Option<i64>>>) {
        (self.times, self.columns)
    }

    /// The columns that have values.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.columns.keys().copied()
    }

    /// The values of a column, one for each time; nothing if it has none at all.
    pub fn values(&self, column: Column) -> Option<&[Option<i64>]> {
        self.columns.get(&column).map(Vec::as_slice)
    }

    /// Its samples, with the values each has.
    pub fn samples(&self) -> impl Iterator<Item = Sample> {
        self.times.iter().enumerate().map(|(at, time)| {
            let values = self.columns.iter();
            (*time, values.filter_map(|(column, all)| Some((*column, all[at]?))).collect())
        })
    }

    /// This chunk with what came later: of two samples with one time the later counts, column by
    /// column.
    #[must_use]
    pub fn merged(&self, later: &Self) -> Self {
        match (self.times.last(), later.times.first()) {
            (None, _) => later.clone(),
            (_, None) => self.clone(),
            (Some(last), Some(first)) if last < first => self.followed_by(later),
            _ => Self::of(self.samples().chain(later.samples())),
        }
    }

    /// The usual case: what comes in is newer than all there is.
    fn followed_by(&self, later: &Self) -> Self {
        let (before, after) = (self.times.len(), later.times.len());
        let mut columns = self.columns.clone();
        for (column, values) in &later.columns {
            match columns.entry(*column) {
                Entry::Occupied(known) => known.into_mut().extend_from_slice(values),
                Entry::Vacant(new) => {
                    let mut all = vec![None; before];
                    all.extend_from_slice(values);
                    new.insert(all);
                }
            }
        }
        columns.values_mut().for_each(|values| values.resize(before + after, None));
        Self { times: [self.times.as_slice(), &later.times].concat(), columns }
    }

    /// Packs it. At most [`SAMPLES_MAX`] samples and [`COLUMNS_MAX`] columns come back.
    pub fn pack(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put(&mut body, self.times.len() as u64);
        put_times(&mut body, &self.times);
        put(&mut body, self.columns.len() as u64);
        for (column, values) in &self.columns {
            put(&mut body, u64::from(column.0));
            put_presence(&mut body, values);
            let present: Vec<i64> = values.iter().copied().flatten().collect();
            put_bytes(&mut body, &compress_column(&present));
        }
        seal(VERSION, &body)
    }

    /// Unpacks it.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Damaged> {
        let rest = &mut open(VERSION, bytes)?;
        let count = take_count(rest, SAMPLES_MAX)?;
        let times = take_times(rest, count)?;
        let mut columns = BTreeMap::new();
        for _ in 0..take_count(rest, COLUMNS_MAX)? {
            let column = u16::try_from(take(rest)?).map_err(|_| Damaged::Nonsense)?;
            let runs = take_bytes(rest)?;
            let present = decompress(take_bytes(rest)?, count)?;
            columns.insert(Column(column), take_values(runs, count, &present)?);
        }
        if rest.is_empty() { Ok(Self { times, columns }) } else { Err(Damaged::Nonsense) }
    }
}

/// How times are written: runs of equal distances.
const RUNS: u64 = 0;
/// How times are written: each distance, packed.
const EACH: u64 = 1;

fn put_times(out: &mut Vec<u8>, times: &[i64]) {
    let Some(first) = times.first() else { return };
    put_signed(out, *first);
    // Far apart they may not fit their distance; then it wraps, and wraps back.
    let distances: Vec<i64> = times.windows(2).map(|two| two[1].wrapping_sub(two[0])).collect();
    let mut runs = Vec::new();
    for run in distances.chunk_by(|one, next| one == next) {
        put_signed(&mut runs, run[0]);
        put(&mut runs, run.len() as u64);
    }
    let each = if runs.len() > 64 { compress_column(&distances) } else { Vec::new() };
    if each.is_empty() || runs.len() <= each.len() {
        put(out, RUNS);
        put_bytes(out, &runs);
    } else {
        put(out, EACH);
        put_bytes(out, &each);
    }
}

fn take_times(rest: &mut &[u8], count: usize) -> Result<Vec<i64>, Damaged> {
    let mut times = Vec::with_capacity(count);
    if count == 0 {
        return Ok(times);
    }
    let mut time = take_signed(rest)?;
    times.push(time);
    let kind = take(rest)?;
    let mut written = take_bytes(rest)?;
    let mut add = |distance: i64, repeat: usize| {
        for _ in 0..repeat {
            time = time.wrapping_add(distance);
            times.push(time);
        }
    };
    if kind == EACH {
        decompress(written, count - 1)?.into_iter().for_each(|distance| add(distance, 1));
    } else {
        let mut left = count - 1;
        while !written.is_empty() {
            let distance = take_signed(&mut written)?;
            let repeat = take_count(&mut written, left)?;
            left -= repeat;
            add(distance, repeat);
        }
    }
    if times.len() == count { Ok(times) } else { Err(Damaged::Nonsense) }
}

/// Runs of values and of gaps in turn, beginning with values; nothing at all where no value is
/// missing.
fn put_presence(out: &mut Vec<u8>, values: &[Option<i64>]) {
    let mut runs = Vec::new();
    if values.iter().any(Option::is_none) {
        let mut begins_with = true;
        for run in values.chunk_by(|one, next| one.is_some() == next.is_some()) {
            if run[0].is_some() != begins_with {
                put(&mut runs, 0);
                begins_with = !begins_with;
            }
            put(&mut runs, run.len() as u64);
            begins_with = !begins_with;
        }
    }
    put_bytes(out, &runs);
}

/// The values where they are, by runs of times that have one and of times that have none.
fn take_values(
    mut runs: &[u8],
    count: usize,
    mut present: &[i64],
) -> Result<Vec<Option<i64>>, Damaged> {
    let mut values = Vec::with_capacity(count);
    if runs.is_empty() {
        values.extend(present.iter().copied().map(Some));
        present = &[];
    }
    let mut is_present = true;
    while !runs.is_empty() {
        let run = take_count(&mut runs, count - values.len())?;
        if is_present {
            let (now, later) = present.split_at_checked(run).ok_or(Damaged::Nonsense)?;
            values.extend(now.iter().copied().map(Some));
            present = later;
        } else {
            values.resize(values.len() + run, None);
        }
        is_present = !is_present;
    }
    if values.len() == count && present.is_empty() { Ok(values) } else { Err(Damaged::Nonsense) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn samples() -> impl Strategy<Value = Vec<Sample>> {
        let time = prop_oneof![8 => 0..200_i64, 1 => any::<i64>()];
        let value = (0..4_u16, prop_oneof![4 => 0..150_i64, 1 => any::<i64>()]);
        let values = vec(value.prop_map(|(column, value)| (Column(column), value)), 0..4);
        vec((time, values), 0..40)
    }

    /// A second telling: every value by its time and column.
    fn model(samples: &[Sample]) -> BTreeMap<i64, BTreeMap<Column, i64>> {
        let mut model: BTreeMap<i64, BTreeMap<Column, i64>> = BTreeMap::new();
        for (time, values) in samples {
            model.entry(*time).or_default().extend(values.iter().copied());
        }
        model
    }

    fn told(chunk: &Chunk) -> BTreeMap<i64, BTreeMap<Column, i64>> {
        chunk.samples().map(|(time, values)| (time, values.into_iter().collect())).collect()
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(samples in samples()) {
            let chunk = Chunk::of(samples.clone());
            prop_assert_eq!(told(&chunk), model(&samples));
            prop_assert_eq!(Chunk::unpack(&chunk.pack()), Ok(chunk));
        }

        #[test]
        fn what_comes_later_counts(first in samples(), second in samples()) {
            let merged = Chunk::of(first.clone()).merged(&Chunk::of(second.clone()));
            prop_assert_eq!(told(&merged), model(&[first, second].concat()));
            prop_assert_eq!(Chunk::unpack(&merged.pack()), Ok(merged));
        }

        #[test]
        fn merging_again_changes_nothing(first in samples(), second in samples()) {
            let (first, second) = (Chunk::of(first), Chunk::of(second));
            let once = first.merged(&second);
            prop_assert_eq!(once.merged(&second), once);
        }

        #[test]
        fn damaged_bytes_are_refused(samples in samples(), at: usize, change in 1..=255_u8) {
            let mut packed = Chunk::of(samples).pack();
            let at = at % packed.len();
            packed[at] ^= change;
            prop_assert!(Chunk::unpack(&packed).is_err());
        }

        #[test]
        fn what_was_never_packed_is_refused_without_a_panic(body: Vec<u8>) {
            prop_assert!(Chunk::unpack(&body).is_err());
            // Also where the checksum fits.
            let _ = Chunk::unpack(&seal(VERSION, &body));
        }
    }

    #[test]
    fn a_regular_day_pays_for_its_values_alone() {
        let minutes = (0..1_440).map(|minute| (minute * 60, vec![(Column(1), 60 + minute % 7)]));
        let packed = Chunk::of(minutes).pack();
        assert!(packed.len() < 1_440 / 2, "{} bytes", packed.len());
        assert!(Chunk::default().pack().len() < 10);
        assert_eq!(Chunk::unpack(&Chunk::default().pack()), Ok(Chunk::default()));
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let mut packed = Chunk::default().pack();
        packed[0] = 2;
        assert_eq!(Chunk::unpack(&packed), Err(Damaged::Version));
    }
}
