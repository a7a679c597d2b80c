//! Rows of another server that are no measures: days, minutes, stages, nights, workouts and
//! electrocardiograms, however they were written down, become a person's. What is known already is
//! left as it is. Where rows are read from is decided beside this file.

use super::Outcome;
use crate::summary::{Arrived, Summaries, give_day, give_night, stretches, without_deleted};
use domain::activity::{Activity, Sample};
use domain::fields::{Decimal, Fields as _};
use domain::recording::{About, Kind};
use domain::sleep::{Events, Night as NightFields, Stage, Vital};
use domain::workout::Workout as WorkoutFields;
use domain::{DeviceId, Error, Refusal, Result, UserId, device};
use std::collections::BTreeMap;
use store::imported::{self, Device};
use store::recording::{self, Recording};
use store::{Tx, day, night, person, series, workout};

/// Rows that share one transaction.
pub const SLICE_ROWS: usize = 300;
/// Minutes and stages that share one transaction: two days of minutes.
pub const SLICE_MOMENTS: usize = 2_880;

/// A row of another server.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// A day, added up.
    Day(Day),
    /// What was noticed from a moment on.
    Minute(Device, Sample),
    /// A stage of sleep, with what was noticed in it.
    Stage(Device, Stage, Vec<Vital>),
    /// What was noticed in bed at a moment.
    Vital(Device, Vital),
    /// A night, summed up.
    Night(Box<Night>),
    /// A workout.
    Workout(Box<Workout>),
    /// An electrocardiogram, perhaps without its signal.
    Ecg(Ecg),
}

/// A day as another server added it up. Fields of one day may come one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Its zone, if it is said.
    pub time_zone: Option<String>,
    /// What counted it.
    pub device: Option<Device>,
    /// The maker's number.
    pub brand: Option<i64>,
    /// Whether a tracker counted it.
    pub is_tracker: bool,
    /// What it adds up to.
    pub activity: Activity,
    /// Passive calories, in thousandths, where they stand apart.
    pub passive: Option<i64>,
}

/// A night as another server summed it up.
#[derive(Debug, Clone, PartialEq)]
pub struct Night {
    /// When it began.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// Days since 1970-01-01, if it is said.
    pub day: Option<i64>,
    /// Its zone, if it is said.
    pub time_zone: Option<String>,
    /// What noticed it.
    pub device: Option<Device>,
    /// 16 or 32.
    pub model: i64,
    /// Whether it is over.
    pub is_completed: bool,
    /// When it was stored there.
    pub created: Option<i64>,
    /// What it adds up to.
    pub data: NightFields,
    /// What happened in it.
    pub events: Events,
}

/// A workout as another server has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Workout {
    /// When it began.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// Days since 1970-01-01, if it is said.
    pub day: Option<i64>,
    /// Its zone, if it is said.
    pub time_zone: Option<String>,
    /// What noticed it.
    pub device: Option<Device>,
    /// The number of the model.
    pub model: Option<i64>,
    /// What was done.
    pub category: i64,
    /// How it is known.
    pub attrib: i64,
    /// What is known of it.
    pub data: WorkoutFields,
}

/// An electrocardiogram as another server has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ecg {
    /// When it was taken.
    pub date: i64,
    /// What took it.
    pub device: Option<Device>,
    /// What is known of it.
    pub about: About,
    /// Microvolts; empty where only the row was recorded.
    pub signal: Vec<i64>,
}

/// Rows in parts that each fit one transaction.
pub fn slices(mut rows: Vec<Row>) -> Vec<Vec<Row>> {
    rows.sort_by_key(Row::order);
    let mut slices: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let max = if row.is_moment() { SLICE_MOMENTS } else { SLICE_ROWS };
        match slices.last_mut() {
            Some(last) if last.len() < max && last[0].order().0 == row.order().0 => last.push(row),
            _ => slices.push(vec![row]),
        }
    }
    slices
}

impl Row {
    /// Its kind and its time. What other rows are summed up from comes first.
    fn order(&self) -> (u8, i64) {
        match self {
            Self::Minute(_, sample) => (0, sample.at),
            Self::Stage(_, stage, _) => (1, stage.start),
            Self::Vital(_, vital) => (1, vital.at),
            Self::Day(day) => (2, day.day),
            Self::Night(night) => (3, night.start),
            Self::Workout(workout) => (4, workout.start),
            Self::Ecg(ecg) => (5, ecg.date),
        }
    }

    fn is_moment(&self) -> bool {
        matches!(self, Self::Minute(..) | Self::Stage(..) | Self::Vital(..))
    }
}

/// Stores rows of one kind. What is known as it is writes nothing.
pub fn store(tx: &mut Tx<'_>, user: UserId, rows: &[Row]) -> Result<Outcome> {
    person::touch(tx, user, 0)?;
    let mut into = Into { user, summaries: Summaries::of(tx, user)?, outcome: Outcome::default() };
    let mut minutes: BTreeMap<i64, Vec<Sample>> = BTreeMap::new();
    let mut sleep: BTreeMap<i64, (usize, series::Sleep)> = BTreeMap::new();
    for row in rows {
        match row {
            Row::Minute(device, sample) => {
                let number = imported::device_number(tx, user, device)?.0;
                minutes.entry(number).or_default().push(sample.clone());
            }
            Row::Stage(device, stage, vitals) => {
                let number = imported::device_number(tx, user, device)?.0;
                let entry = sleep.entry(number).or_default();
                entry.0 += 1;
                entry.1.stages = domain::sleep::overlaid(&entry.1.stages, &[*stage]);
                entry.1.vitals.extend(vitals.iter().cloned());
            }
            Row::Vital(device, vital) => {
                let number = imported::device_number(tx, user, device)?.0;
                let entry = sleep.entry(number).or_default();
                entry.0 += 1;
                entry.1.vitals.push(vital.clone());
            }
            Row::Day(day) => into.day(tx, day)?,
            Row::Night(night) => into.night(tx, night)?,
            Row::Workout(workout) => into.workout(tx, workout)?,
            Row::Ecg(ecg) => into.ecg(tx, ecg)?,
        }
    }
    for (number, samples) in minutes {
        into.minutes(tx, DeviceId(number), &samples)?;
    }
    for (number, (rows, sleep)) in sleep {
        into.sleep(tx, DeviceId(number), sleep, rows)?;
    }
    Ok(into.outcome)
}

/// Does a piece of work and undoes it: what it would have come to.
pub fn rehearse<T>(tx: &mut Tx<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut outcome = None;
    let undone: Result<()> = tx.attempt(|tx| {
        outcome = Some(work(tx)?);
        Err(Refusal::invalid_param("dry_run", "nothing is stored").into())
    });
    match (outcome, undone) {
        (Some(outcome), _) => Ok(outcome),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(Error::internal("work without an outcome")),
    }
}

/// Where rows go.
struct Into {
    user: UserId,
    summaries: Summaries,
    outcome: Outcome,
}

impl Into {
    fn count(&mut self, rows: usize, is_new: bool) {
        *(if is_new { &mut self.outcome.new } else { &mut self.outcome.known }) += rows;
    }

    fn zone(&self, said: Option<&str>, day: i64) -> String {
        let said = said.filter(|name| domain::person::time_zone(name).is_some());
        said.unwrap_or_else(|| self.summaries.calendar().zone_name(day)).to_owned()
    }

    fn device(&self, tx: &mut Tx<'_>, device: Option<&Device>) -> Result<Option<DeviceId>> {
        device.map(|device| imported::device_number(tx, self.user, device)).transpose()
    }

    fn minutes(&mut self, tx: &mut Tx<'_>, device: DeviceId, samples: &[Sample]) -> Result<()> {
        let stamp = person::touch(tx, self.user, 0)?;
        let is_new = series::add_samples(tx, self.user, device, samples, &stamp)?;
        if is_new {
            let samples = samples.iter().map(|sample| sample.at).collect();
            self.summaries.update(tx, &Arrived { samples, ..Arrived::default() })?;
        }
        self.count(samples.len(), is_new);
        Ok(())
    }

    fn sleep(
        &mut self,
        tx: &mut Tx<'_>,
        device: DeviceId,
        sleep: series::Sleep,
        rows: usize,
    ) -> Result<()> {
        let stamp = person::touch(tx, self.user, 0)?;
        let sleep = without_deleted(tx, self.user, device, sleep)?;
        let is_new = series::add_sleep_of(tx, self.user, device, &sleep, &stamp)?;
        if is_new {
            let of_stages = sleep.stages.iter().flat_map(|stage| [stage.start, stage.end]);
            let moments = of_stages.chain(sleep.vitals.iter().map(|vital| vital.at));
            let sleep = stretches(moments.collect());
            self.summaries.update(tx, &Arrived { sleep, ..Arrived::default() })?;
        }
        self.count(rows, is_new);
        Ok(())
    }

    fn day(&mut self, tx: &mut Tx<'_>, new: &Day) -> Result<()> {
        let device = self.device(tx, new.device.as_ref())?;
        let known = day::given(tx, self.user, new.day)?;
        let mut activity = match &known {
            Some(known) => overlaid(&known.activity, &new.activity),
            None => new.activity.clone(),
        };
        // Active and passive calories come one by one: the total has both as soon as they are
        // there.
        let of = |field: Option<Decimal<3>>| field.map_or(0, |digits| digits.0);
        if let Some(passive) = new.passive {
            activity.totalcalories = Some(Decimal(passive + of(activity.calories)));
        } else if let (Some(known), Some(calories)) = (&known, new.activity.calories)
            && known.activity.calories.is_none()
            && let Some(passive) = known.activity.totalcalories
            && new.activity.totalcalories.is_none()
        {
            activity.totalcalories = Some(Decimal(passive.0 + calories.0));
        }
        let known_device = known.as_ref().and_then(|known| known.device);
        let given = day::Day {
            day: new.day,
            time_zone: self.zone(new.time_zone.as_deref(), new.day),
            device: device.or(known_device),
            brand: new.brand.or(known.as_ref().and_then(|known| known.brand)),
            is_tracker: new.is_tracker,
            activity,
        };
        let is_new = give_day(tx, &mut self.summaries, &given)?;
        self.count(1, is_new);
        Ok(())
    }

    fn night(&mut self, tx: &mut Tx<'_>, new: &Night) -> Result<()> {
        let device = self.device(tx, new.device.as_ref())?;
        let day = new.day.unwrap_or_else(|| self.summaries.calendar().day(new.end));
        let given = night::Night {
            start: new.start,
            end: new.end,
            day,
            time_zone: self.zone(new.time_zone.as_deref(), day),
            device,
            model: new.model,
            is_given: true,
            is_completed: new.is_completed,
            said: new.data.clone(),
            data: new.data.clone(),
            events: new.events.clone(),
        };
        let is_new = give_night(tx, &mut self.summaries, given, new.created)?;
        self.count(1, is_new);
        Ok(())
    }

    fn workout(&mut self, tx: &mut Tx<'_>, new: &Workout) -> Result<()> {
        let device = self.device(tx, new.device.as_ref())?;
        let day = new.day.unwrap_or_else(|| self.summaries.calendar().day(new.start));
        // Somebody may have told of it already, by another name of its device; the person may have
        // deleted it since.
        let here = workout::all_begun_at(tx, self.user, new.start)?;
        if here.iter().any(|stored| stored.workout.device != device) {
            self.count(1, false);
            return Ok(());
        }
        let given = workout::Workout {
            start: new.start,
            end: new.end,
            day,
            time_zone: self.zone(new.time_zone.as_deref(), day),
            device,
            model: new.model,
            category: new.category,
            attrib: new.attrib,
            said: new.data.clone(),
            data: new.data.clone(),
        };
        let is_new = self.summaries.take_workout(tx, given)?;
        self.count(1, is_new);
        Ok(())
    }

    fn ecg(&mut self, tx: &mut Tx<'_>, new: &Ecg) -> Result<()> {
        let device = self.device(tx, new.device.as_ref())?;
        let time = (new.date, new.date);
        let is_known = !recording::page(tx, self.user, Kind::Ecg, time, None, 1)?.is_empty();
        if !is_known {
            let calendar = self.summaries.calendar();
            let time_zone = calendar.zone_name(calendar.day(new.date)).to_owned();
            let about =
                About { samples: i64::try_from(new.signal.len()).ok(), ..new.about.clone() };
            let (kind, date) = (Kind::Ecg, new.date);
            let recording = Recording { kind, date, device, time_zone, about };
            recording::insert(tx, self.user, &recording, &signal::raw::pack(&new.signal))?;
        }
        self.count(1, !is_known);
        Ok(())
    }
}

fn overlaid(below: &Activity, over: &Activity) -> Activity {
    below.clone().under(over)
}

/// The kind of device that a night is from, where only its model is known.
pub(super) fn sleep_model(device: Option<&Device>) -> i64 {
    device::sleep_source(device.and_then(|device| device.model_id))
}
