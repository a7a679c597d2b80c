//! Series: samples of minutes and the stages of nights, a packed chunk a person, kind, day and
//! device (`signal::chunk`). What is stored again lies over what was there; what changes nothing
//! writes nothing. What a series adds up to is stored elsewhere.

use crate::person::Stamp;
use crate::tx::{Tx, values};
use domain::activity::{Intraday, Sample};
use domain::fields::Fields;
use domain::sleep::{NIGHT_SECONDS_MAX, Stage, State, Vital, Vitals, overlaid};
use domain::{DAY_SECONDS, DeviceId, Error, Result, UserId};
use signal::chunk::{Chunk, Column};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a series is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What somebody does, minute by minute.
    Intraday,
    /// Stages of sleep, and what is noticed meanwhile.
    Sleep,
}

impl Kind {
    const fn number(self) -> i64 {
        match self {
            Self::Intraday => 1,
            Self::Sleep => 2,
        }
    }

    /// The kind of that number.
    fn of(number: i64) -> Result<Self> {
        match number {
            1 => Ok(Self::Intraday),
            2 => Ok(Self::Sleep),
            _ => Err(Error::internal("a stored series is of no known kind")),
        }
    }

    /// The day whose chunk a moment is in: of UTC, so that it is the same whatever zone the person
    /// is in; for sleep from noon to noon, as a European night is then in one chunk.
    const fn day_of(self, at: i64) -> i64 {
        match self {
            Self::Intraday => at.div_euclid(DAY_SECONDS),
            Self::Sleep => at.saturating_add(DAY_SECONDS / 2).div_euclid(DAY_SECONDS),
        }
    }
}

/// The column of a stage's state; its sample is at the beginning of the stage.
const STATE: Column = Column(1_001);
/// The column of how long a stage lasts, in seconds.
const DURATION: Column = Column(1_002);

/// Sleep as one device told it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sleep {
    /// In order, none over another.
    pub stages: Vec<Stage>,
    /// In order.
    pub vitals: Vec<Vital>,
}

/// A chunk as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What the series is of.
    pub kind: Kind,
    /// Whose it is, among the person's devices.
    pub device: DeviceId,
    /// Days since 1970 of UTC; of sleep from noon the day before to noon.
    pub day: i64,
    /// The stamp of its last change.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
    chunk: Chunk,
}

impl Stored {
    /// The samples, if it is of minutes.
    pub fn samples(&self) -> Vec<Sample> {
        Minutes::of(self.chunk.clone(), i64::MIN, i64::MAX).samples()
    }

    /// The stages and vitals, if it is of sleep.
    pub fn sleep(&self) -> Sleep {
        let mut sleep = Sleep::default();
        add_sleep(&self.chunk, i64::MIN, i64::MAX, &mut sleep);
        sleep
    }
}

/// Stores samples of one device. Whether anything is new.
pub fn add_samples(
    tx: &mut Tx<'_>,
    user: UserId,
    device: DeviceId,
    samples: &[Sample],
    stamp: &Stamp,
) -> Result<bool> {
    let mut days: BTreeMap<i64, Vec<signal::chunk::Sample>> = BTreeMap::new();
    for sample in samples {
        let day = days.entry(Kind::Intraday.day_of(sample.at)).or_default();
        day.push((sample.at, columns(&sample.values)));
    }
    let mut is_new = false;
    for (day, samples) in days {
        let place = Place { user, kind: Kind::Intraday, day, device };
        let before = place.load(tx)?;
        let after = before.merged(&Chunk::of(samples));
        is_new |= place.save(tx, &before, &after, stamp)?;
    }
    Ok(is_new)
}

/// Stores stages, none over another, and vitals of one device; stages lie over those that were
/// there. Whether anything is new.
pub fn add_sleep_of(
    tx: &mut Tx<'_>,
    user: UserId,
    device: DeviceId,
    sleep: &Sleep,
    stamp: &Stamp,
) -> Result<bool> {
    let kind = Kind::Sleep;
    // A stage that began the day before may reach into one of these; what it leaves after the end
    // of one may begin the next day.
    let of_stages = sleep.stages.iter().flat_map(|stage| {
        kind.day_of(stage.start.saturating_sub(NIGHT_SECONDS_MAX))..=kind.day_of(stage.end)
    });
    let of_vitals = sleep.vitals.iter().map(|vital| kind.day_of(vital.at));
    let days: BTreeSet<i64> = of_stages.chain(of_vitals).collect();
    let mut before = BTreeMap::new();
    let mut stages = Vec::new();
    for day in days {
        let chunk = Place { user, kind, day, device }.load(tx)?;
        let mut there = Sleep::default();
        add_sleep(&chunk, i64::MIN, i64::MAX, &mut there);
        stages.extend(there.stages);
        before.insert(day, (chunk, there.vitals));
    }
    let stages = if sleep.stages.is_empty() { stages } else { overlaid(&stages, &sleep.stages) };
    let mut is_new = false;
    for (day, (chunk, vitals)) in &before {
        let is_of_day = |at: i64| kind.day_of(at) == *day;
        let vitals = vitals.iter().chain(&sleep.vitals).filter(|vital| is_of_day(vital.at));
        let stages = stages.iter().filter(|stage| is_of_day(stage.start));
        let after = Chunk::of(
            vitals.map(|vital| (vital.at, columns(&vital.values))).chain(stages.map(of_stage)),
        );
        let place = Place { user, kind, day: *day, device };
        is_new |= place.save(tx, chunk, &after, stamp)?;
    }
    Ok(is_new)
}

/// Takes away what one device told of sleep between two moments, the second not included.
pub fn forget_sleep(
    tx: &mut Tx<'_>,
    user: UserId,
    device: DeviceId,
    (start, end): (i64, i64),
    stamp: &Stamp,
) -> Result<()> {
    let kind = Kind::Sleep;
    for day in kind.day_of(start.saturating_sub(NIGHT_SECONDS_MAX))..=kind.day_of(end) {
        let place = Place { user, kind, day, device };
        let before = place.load(tx)?;
        let mut there = Sleep::default();
        add_sleep(&before, i64::MIN, i64::MAX, &mut there);
        there.stages.retain(|stage| stage.end <= start || stage.start >= end);
        there.vitals.retain(|vital| vital.at < start || vital.at >= end);
        let vitals = there.vitals.iter().map(|vital| (vital.at, columns(&vital.values)));
        let after = Chunk::of(vitals.chain(there.stages.iter().map(of_stage)));
        place.save(tx, &before, &after, stamp)?;
    }
    Ok(())
}

/// The number of a field, and its values.
pub type NumberedColumn = (u16, Vec<Option<i64>>);

/// What one device told of a stretch of time, column by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    chunk: Chunk,
    range: Range<usize>,
}

impl Minutes {
    /// When each sample began.
    pub fn times(&self) -> &[i64] {
        &self.chunk.times()[self.range.clone()]
    }

    /// The values of a field, one for each sample; nothing if it has none at all.
    pub fn column(&self, number: u16) -> Option<&[Option<i64>]> {
        Some(&self.chunk.values(Column(number))?[self.range.clone()])
    }

    /// Its times and its columns with their numbers, moved out where nothing has to be cut off.
    pub fn into_columns(self) -> (Vec<i64>, Vec<NumberedColumn>) {
        let Self { chunk, range } = self;
        let (mut times, columns) = chunk.into_parts();
        let is_whole = range == (0..times.len());
        let cut = |values: Vec<Option<i64>>| {
            if is_whole { values } else { values[range.clone()].to_vec() }
        };
        let columns = columns.into_iter().map(|(column, values)| (column.0, cut(values)));
        let columns = columns.collect();
        times.truncate(range.end);
        times.drain(..range.start);
        (times, columns)
    }

    /// The same, sample by sample.
    pub fn samples(&self) -> Vec<Sample> {
        let sample = |at: &i64| Sample { at: *at, values: Intraday::default() };
        let mut samples: Vec<Sample> = self.times().iter().map(sample).collect();
        for column in self.chunk.columns() {
            let values = self.column(column.0).unwrap_or_default();
            for (sample, digits) in samples.iter_mut().zip(values) {
                if digits.is_some() {
                    sample.values.set(column.0, *digits);
                }
            }
        }
        samples
    }

    fn of(chunk: Chunk, start: i64, end: i64) -> Self {
        let times = chunk.times();
        let range = times.partition_point(|at| *at < start)..times.partition_point(|at| *at < end);
        Self { chunk, range }
    }
}

/// What each device told of the time between two moments, the second not included, in the order of
/// the devices' numbers.
pub fn minutes_between(
    tx: &mut Tx<'_>,
    user: UserId,
    start: i64,
    end: i64,
) -> Result<Vec<(DeviceId, Minutes)>> {
    let mut all: BTreeMap<DeviceId, Chunk> = BTreeMap::new();
    for (device, chunk) in chunks_between(tx, user, Kind::Intraday, start, end)? {
        match all.entry(device) {
            Entry::Vacant(new) => _ = new.insert(chunk),
            // Days follow each other.
            Entry::Occupied(mut known) => {
                let both = known.get().merged(&chunk);
                known.insert(both);
            }
        }
    }
    let minutes = all.into_iter().map(|(device, chunk)| (device, Minutes::of(chunk, start, end)));
    Ok(minutes.filter(|(_, minutes)| !minutes.range.is_empty()).collect())
}

/// The same, sample by sample.
pub fn samples_between(
    tx: &mut Tx<'_>,
    user: UserId,
    start: i64,
    end: i64,
) -> Result<Vec<(DeviceId, Vec<Sample>)>> {
    let told = minutes_between(tx, user, start, end)?;
    Ok(told.into_iter().map(|(device, minutes)| (device, minutes.samples())).collect())
}

/// The sleep each device told of: stages that overlap the time between two moments, the second not
/// included, whole; vitals of that time. In the order of the devices' numbers.
pub fn sleep_between(
    tx: &mut Tx<'_>,
    user: UserId,
    start: i64,
    end: i64,
) -> Result<Vec<(DeviceId, Sleep)>> {
    let from = start.saturating_sub(NIGHT_SECONDS_MAX);
    let mut all: BTreeMap<DeviceId, Sleep> = BTreeMap::new();
    for (device, chunk) in chunks_between(tx, user, Kind::Sleep, from, end)? {
        add_sleep(&chunk, start, end, all.entry(device).or_default());
    }
    all.retain(|_, sleep| *sleep != Sleep::default());
    Ok(all.into_iter().collect())
}

/// When the last sample of a person began.
pub fn last_sample(tx: &mut Tx<'_>, user: UserId) -> Result<Option<i64>> {
    let sql = "select day from series_chunk where user_id = $1 and kind = $2 \
               order by day desc limit 1";
    let kind = Kind::Intraday;
    let Some(day) = tx.row(sql, values![user.0, kind.number()], |row| row.int(0))? else {
        return Ok(None);
    };
    let start = day.saturating_mul(DAY_SECONDS);
    let chunks = chunks_between(tx, user, kind, start, start.saturating_add(DAY_SECONDS))?;
    Ok(chunks.iter().filter_map(|(_, chunk)| chunk.times().last().copied()).max())
}

/// The chunks that changed after one change of the person up to another, in the order of their
/// changes.
pub fn changed(tx: &mut Tx<'_>, user: UserId, (after, upto): (i64, i64)) -> Result<Vec<Stored>> {
    tx.rows(
        "select kind, day, device_id, modified, change_seq, body from series_chunk \
         where user_id = $1 and change_seq > $2 and change_seq <= $3 \
             order by change_seq, kind, day, device_id",
        values![user.0, after, upto],
        |row| {
            Ok(Stored {
                kind: Kind::of(row.int(0)?)?,
                day: row.int(1)?,
                device: DeviceId(row.int(2)?),
                modified: row.int(3)?,
                change_seq: row.int(4)?,
                chunk: unpack(row.blob_in_place(5)?)?,
            })
        },
    )
}

fn chunks_between(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: Kind,
    start: i64,
    end: i64,
) -> Result<Vec<(DeviceId, Chunk)>> {
    if end <= start {
        return Ok(Vec::new());
    }
    tx.rows(
        "select device_id, body from series_chunk \
         where user_id = $1 and kind = $2 and day >= $3 and day <= $4 order by day, device_id",
        values![user.0, kind.number(), kind.day_of(start), kind.day_of(end - 1)],
        |row| Ok((DeviceId(row.int(0)?), unpack(row.blob_in_place(1)?)?)),
    )
}

fn unpack(body: &[u8]) -> Result<Chunk> {
    Chunk::unpack(body).map_err(|damage| Error::internal(format!("a stored series: {damage}")))
}

/// Where a chunk is.
struct Place {
    user: UserId,
    kind: Kind,
    day: i64,
    device: DeviceId,
}

impl Place {
    fn load(&self, tx: &mut Tx<'_>) -> Result<Chunk> {
        let sql = "select body from series_chunk \
                   where user_id = $1 and kind = $2 and day = $3 and device_id = $4";
        let key = values![self.user.0, self.kind.number(), self.day, self.device.0];
        Ok(tx.row(sql, key, |row| unpack(row.blob_in_place(0)?))?.unwrap_or_default())
    }

    /// Whether there was anything to write. A chunk without samples stays, so that whoever reads
    /// changes learns that they are gone.
    fn save(&self, tx: &mut Tx<'_>, before: &Chunk, after: &Chunk, stamp: &Stamp) -> Result<bool> {
        if after == before {
            return Ok(false);
        }
        tx.exec(
            "insert into series_chunk (user_id, kind, day, device_id, modified, change_seq, body) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id, kind, day, device_id) \
             do update set modified = excluded.modified, change_seq = excluded.change_seq, \
             body = excluded.body",
            values![
                self.user.0,
                self.kind.number(),
                self.day,
                self.device.0,
                stamp.modified,
                stamp.change_seq,
                &after.pack()[..],
            ],
        )?;
        Ok(true)
    }
}

fn columns<F: Fields>(values: &F) -> Vec<(Column, i64)> {
    values.present().map(|(number, digits)| (Column(number), digits)).collect()
}

fn of_stage(stage: &Stage) -> signal::chunk::Sample {
    (stage.start, vec![(STATE, stage.state.0), (DURATION, stage.seconds())])
}

fn add_sleep(chunk: &Chunk, start: i64, end: i64, sleep: &mut Sleep) {
    for (at, values) in chunk.samples() {
        let of = |wanted: Column| values.iter().find(|(column, _)| *column == wanted);
        if let (Some((_, state)), Some((_, seconds))) = (of(STATE), of(DURATION)) {
            let stage = Stage { start: at, end: at.saturating_add(*seconds), state: State(*state) };
            if stage.start < end && stage.end > start {
                sleep.stages.push(stage);
            }
        }
        let mut vitals = Vitals::default();
        values.iter().for_each(|(column, digits)| vitals.set(column.0, Some(*digits)));
        if !vitals.is_empty() && (start..end).contains(&at) {
            sleep.vitals.push(Vital { at, values: vitals });
        }
    }
}

/// The first and the last day, in days since 1970 of UTC, of which a person has series.
pub fn days(tx: &mut Tx<'_>, user: UserId) -> Result<Option<(i64, i64)>> {
    let sql = "select min(day), max(day) from series_chunk where user_id = $1";
    let days =
        tx.row(sql, values![user.0], |row| Ok((row.int_or_null(0)?, row.int_or_null(1)?)))?;
    // A day of sleep begins at noon the day before.
    Ok(days.and_then(|(first, last)| Some((first? - 1, last?))))
}
