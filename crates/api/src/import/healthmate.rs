//! Items of a Health Mate export become rows and groups of a person. What they look like in the
//! archive is the crate `healthmate`'s; what becomes of rows stands in `rows`.

use super::rows::{Day, Ecg, Night, Row, Workout};
use super::{Outcome, recorded};
use domain::activity::{Activity, Intraday, Sample};
use domain::calendar;
use domain::fields::{Decimal, Field, Fields as _};
use domain::measure::{Attrib, Category, Measure};
use domain::recording::About;
use domain::sleep::{Night as NightFields, Stage, State, Vital, Vitals};
use domain::workout::Workout as WorkoutFields;
use domain::{Result, UserId};
use healthmate::{Column, DayColumn, Item, Minutes, Source};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use store::imported::{self, Change, Device, NewImport};
use store::measure::{self, Filter, GROUP_MEASURES_MAX, Group, NewGroup};
use store::{Tx, person};

/// The items of an export on their way in, each kind by itself: days come field by field, and are
/// put together first.
#[derive(Debug, Default)]
pub struct Pieces {
    /// Measures, with their moments.
    pub groups: Vec<(i64, Vec<Measure>)>,
    /// Rows but for days.
    pub rows: Vec<Row>,
    /// Days as they are known so far.
    pub days: BTreeMap<i64, Day>,
    /// Items that are not kept, by why.
    pub left: BTreeMap<&'static str, u64>,
}

impl Pieces {
    /// Adds an item.
    pub fn add(&mut self, item: Item) {
        match item {
            Item::Group(group) if group.measures.len() > GROUP_MEASURES_MAX => {
                self.leave("a group with too many measures", 1);
            }
            Item::Group(group) => self.groups.push((group.date, group.measures)),
            Item::Minutes(minutes) => self.minutes(&minutes),
            Item::Night(told) => self.night(told),
            Item::Day(day) => self.day(&day),
            Item::Workout(workout) => self.workout(workout),
            Item::Signal(signal) => self.signal(signal),
        }
    }

    fn leave(&mut self, reason: &'static str, count: u64) {
        *self.left.entry(reason).or_default() += count;
    }

    fn minutes(&mut self, minutes: &Minutes) {
        let mut at = minutes.at;
        for (seconds, digits) in minutes.durations.iter().zip(&minutes.digits) {
            self.moment(minutes.source, minutes.column, at, *seconds, *digits);
            at = at.saturating_add(*seconds);
        }
    }

    fn moment(&mut self, source: Source, column: Column, at: i64, seconds: i64, digits: i64) {
        if !(0..4_102_444_800).contains(&at) || !(1..=86_400).contains(&seconds) {
            return self.leave("a moment or a length that cannot be", 1);
        }
        let is_bed = source == Source::Bed;
        if column == Column::SleepState {
            let end = at.saturating_add(seconds);
            let stage = Stage { start: at, end, state: State(digits.clamp(0, 255)) };
            let device = if is_bed { bed() } else { tracker() };
            return self.rows.push(Row::Stage(device, stage, Vec::new()));
        }
        if is_bed {
            let Some(field) = bed_field(column) else {
                return self.leave("a column that is not kept", 1);
            };
            let mut values = Vitals::default();
            values.set(field, Some(digits));
            return self.rows.push(Row::Vital(bed(), Vital { at, values }));
        }
        let Some((field, scale)) = tracker_field(column) else {
            return self.leave("a column that is not kept", 1);
        };
        let mut values = Intraday { duration: Some(seconds), ..Intraday::default() };
        values.set(field, Some(digits.saturating_mul(scale)));
        self.rows.push(Row::Minute(tracker(), Sample { at, values }));
    }

    fn night(&mut self, told: healthmate::Night) {
        let asleep = [told.light_s, told.deep_s, told.rem_s].into_iter().flatten().sum::<i64>();
        let awake = told.awake_s.unwrap_or(0);
        let has_any = told.light_s.is_some() || told.deep_s.is_some() || told.rem_s.is_some();
        let latency = told.duration_to_sleep_s;
        let in_bed = has_any.then_some(asleep + awake);
        let share = in_bed.filter(|in_bed| *in_bed > 0);
        let data = NightFields {
            total_timeinbed: in_bed,
            total_sleep_time: has_any.then_some(asleep),
            lightsleepduration: told.light_s,
            deepsleepduration: told.deep_s,
            remsleepduration: told.rem_s,
            sleep_efficiency: share
                .and_then(|in_bed| Decimal::nearest(asleep as f64 / in_bed as f64)),
            wakeupduration: told.awake_s,
            wakeupcount: told.wakeups,
            durationtosleep: latency,
            sleep_latency: latency,
            durationtowakeup: told.duration_to_wakeup_s,
            wakeup_latency: told.duration_to_wakeup_s,
            waso: told.awake_s.zip(latency).map(|(awake, latency)| (awake - latency).max(0)),
            snoring: told.snoring_s,
            snoringepisodecount: told.snoring_episodes,
            hr_average: told.hr_average_bpm,
            hr_min: told.hr_min_bpm,
            hr_max: told.hr_max_bpm,
            ..NightFields::default()
        };
        // Trackers do not hear.
        let model = if told.snoring_s.is_some() { 32 } else { 16 };
        let events = told.night_events.map(|text| recorded::events(text.into()));
        self.rows.push(Row::Night(Box::new(Night {
            start: told.start,
            end: told.end,
            day: None,
            time_zone: None,
            device: None,
            model,
            is_completed: true,
            created: None,
            data,
            events: events.unwrap_or_default(),
        })));
    }

    fn day(&mut self, told: &healthmate::Day) {
        let number = calendar::number(told.date);
        let new = || Day {
            day: number,
            time_zone: None,
            device: None,
            brand: None,
            is_tracker: true,
            activity: Activity::default(),
            passive: None,
        };
        let day = self.days.entry(number).or_insert_with(new);
        let activity = &mut day.activity;
        match told.column {
            DayColumn::Steps => activity.steps = Some(told.digits),
            DayColumn::Distance => activity.distance = Some(Decimal(told.digits)),
            DayColumn::Elevation => activity.elevation = Some(Decimal(told.digits)),
            DayColumn::CaloriesEarned => activity.calories = Some(Decimal(told.digits)),
            DayColumn::CaloriesPassive => day.passive = Some(told.digits),
            DayColumn::ManualSpo2 => self.leave("a day's mean of what is there by itself", 1),
        }
    }

    fn workout(&mut self, told: healthmate::Workout) {
        let mut data = WorkoutFields::default();
        for (name, number) in &told.data {
            let is_named = |field: &&Field| field.name == name;
            let places = 0;
            if let (Some(field), Some(digits)) =
                (WorkoutFields::ALL.iter().find(is_named), number.scaled(places))
            {
                data.set(field.number, Some(digits));
            }
        }
        if told.end <= told.start {
            return self.leave("a workout that does not end after it began", 1);
        }
        self.rows.push(Row::Workout(Box::new(Workout {
            start: told.start,
            end: told.end,
            day: None,
            time_zone: told.timezone,
            device: None,
            model: None,
            category: told.category.unwrap_or(healthmate::OTHER_SPORT),
            attrib: 0,
            data,
        })));
    }

    fn signal(&mut self, told: healthmate::Signal) {
        let kind = told.kind.to_lowercase();
        if !kind.is_empty() && !kind.contains("ecg") && !kind.contains("electrocardiogram") {
            return self.leave("a signal that is no electrocardiogram", 1);
        }
        let about = About {
            frequency: told.frequency_hz,
            position: told.wear_position,
            ..About::default()
        };
        let (date, signal) = (told.at, told.microvolts);
        self.rows.push(Row::Ecg(Ecg { date, device: Some(tracker()), about, signal }));
    }
}

/// The export names no device: what watches and phones told is of one, what mats told of another.
fn tracker() -> Device {
    class("Activity Tracker")
}

fn bed() -> Device {
    class("Sleep Monitor")
}

fn class(name: &str) -> Device {
    let nameless = String::new();
    Device { name: nameless.clone(), hash: nameless, model_id: None, model: Some(name.to_owned()) }
}

/// The field of [`Intraday`] for a column, and what its digits are multiplied by.
pub(crate) const fn tracker_field(column: Column) -> Option<(u16, i64)> {
    Some(match column {
        Column::Steps => (1, 1),
        Column::Elevation => (2, 1),
        Column::Calories => (3, 1),
        Column::Distance => (4, 1),
        Column::PoolLap => (6, 1),
        Column::HeartRate => (8, 1),
        Column::Spo2 => (9, 1_000),
        Column::CoreBodyTemperature => (13, 1),
        Column::RespiratoryRate => (14, 1),
        _ => return None,
    })
}

/// The field of [`Vitals`] for a column.
pub(crate) const fn bed_field(column: Column) -> Option<u16> {
    Some(match column {
        Column::HeartRate => 1,
        Column::RespiratoryRate => 2,
        Column::Snoring => 3,
        Column::Movement => 7,
        _ => return None,
    })
}

/// Stores measures of a person, each with its moment. A measure that is there at that moment
/// already, wherever it came from, is known.
pub fn store_groups(
    tx: &mut Tx<'_>,
    user: UserId,
    groups: &[(i64, Vec<Measure>)],
) -> Result<Outcome> {
    person::touch(tx, user, 0)?;
    let (mut outcome, mut new, mut changes) = (Outcome::default(), Vec::new(), Vec::new());
    for (date, measures) in groups {
        let source = source(*date, measures);
        let here = at(tx, user, *date)?;
        let own = imported::find(tx, user, source)?;
        let is_own = |group: &Group| own.is_some_and(|own| own.id == group.id);
        let is_there = |one: &Measure| {
            let same = |known: &Measure| known.kind == one.kind && known.cmp_value(one).is_eq();
            let others = here.iter().filter(|group| !is_own(group));
            others.flat_map(|group| &group.measures).any(same)
        };
        let missing: Vec<Measure> = measures.iter().filter(|one| !is_there(one)).copied().collect();
        if let Some(before) = here.iter().find(|group| is_own(group)) {
            let after = Group { measures: missing, ..before.clone() };
            if after.measures.is_empty() || after == *before {
                outcome.known += 1;
            } else {
                outcome.changed += 1;
                let modified = tx.now();
                changes.push(Change { source, modified, before: before.clone(), after });
            }
            continue;
        }
        // One that was imported and taken away since stays away.
        if missing.is_empty() || own.is_some() {
            outcome.known += 1;
            continue;
        }
        outcome.new += 1;
        new.push(NewImport {
            source,
            modified: tx.now(),
            created: tx.now(),
            device: None,
            group: NewGroup {
                date: *date,
                category: Category::REAL,
                attrib: Attrib::DEVICE,
                device: None,
                measures: missing,
            },
        });
    }
    imported::store(tx, user, &new, &changes)?;
    Ok(outcome)
}

/// Groups taken at a moment.
fn at(tx: &mut Tx<'_>, user: UserId, date: i64) -> Result<Vec<Group>> {
    const GROUPS_MAX: usize = 100;
    let filter = Filter { start: Some(date), end: Some(date), ..Filter::default() };
    Ok(measure::page(tx, user, &filter, None, GROUPS_MAX)?.groups)
}

/// The export numbers no group: one is known by its moment and its types. Below 0, where no number
/// of another server is.
fn source(date: i64, measures: &[Measure]) -> i64 {
    let mut digest = Sha256::new();
    digest.update(date.to_le_bytes());
    for measure in measures {
        digest.update(measure.kind.0.to_le_bytes());
        digest.update(measure.position.unwrap_or(-1).to_le_bytes());
    }
    let bytes: [u8; 32] = digest.finalize().into();
    let [a, b, c, d, e, f, ..] = bytes;
    -1 - i64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}
