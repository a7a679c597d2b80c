//! What series add up to, kept in step with them: days, nights and workouts are summed up again, in
//! the same transaction, whenever something of their time arrives. The formulas are `domain`'s;
//! what is written down stands in docs/summaries.md.

mod days;
mod deleted;
mod nights;
mod workouts;

pub(crate) use days::give_day;
pub(crate) use deleted::without_deleted;
pub(crate) use nights::{Slept, Told, complete_nights, give_night};

use crate::source::Sources;
use domain::activity::{Body, Sample, merged};
use domain::calendar::{self, Calendar};
use domain::measure::MeasureType;
use domain::person::age_years;
use domain::{DAY_SECONDS, DeviceId, Result, UserId, device};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use store::person::Person;
use store::{Tx, measure, person, series, zone};

/// A person's data, as far as it is needed to sum them up.
pub(crate) struct Summaries {
    person: Person,
    calendar: Calendar,
    sources: Sources,
}

/// What arrived of a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrived {
    /// The moments of samples.
    pub(crate) samples: BTreeSet<i64>,
    /// Stretches in which there is sleep.
    pub(crate) sleep: Vec<(i64, i64)>,
    /// What devices said of nights.
    pub(crate) told: Vec<Told>,
}

impl Summaries {
    /// Of one person.
    pub(crate) fn of(tx: &mut Tx<'_>, user: UserId) -> Result<Self> {
        let person = person::get(tx, user)?;
        let history = zone::history(tx, user)?;
        let history = history.iter().map(|since| (since.day, since.time_zone.as_str()));
        let calendar = Calendar::new(&person.time_zone, history);
        Ok(Self { person, calendar, sources: Sources::default() })
    }

    /// The person's days.
    pub(crate) fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Sums up what arrived. To be called after it was stored, in the same transaction.
    pub(crate) fn update(&mut self, tx: &mut Tx<'_>, arrived: &Arrived) -> Result<()> {
        for day in self.calendar.days(arrived.samples.iter().copied()) {
            self.update_day(tx, day)?;
        }
        for (first, last) in stretches(arrived.samples.clone()) {
            self.update_workouts(tx, first, last + 1)?;
        }
        let mut sleep = arrived.sleep.iter();
        sleep.try_for_each(|stretch| self.update_nights(tx, *stretch, &arrived.told))
    }

    /// The samples of a time, each counted once, with the device that has the say.
    fn samples(
        &mut self,
        tx: &mut Tx<'_>,
        start: i64,
        end: i64,
    ) -> Result<Vec<(DeviceId, Sample)>> {
        let user = self.person.id;
        let told = series::samples_between(tx, user, start, end)?;
        ranked_samples(tx, &mut self.sources, user, told)
    }

    /// What the formulas need of the person at a time: their weight before it, else the last one.
    fn body(&self, tx: &mut Tx<'_>, at: i64) -> Result<Body> {
        let user = self.person.id;
        let before = measure::recent_weights(tx, user, at, 1)?.first().copied();
        let weight = match before {
            Some(weight) => Some(weight),
            None => measure::last(tx, user, MeasureType::WEIGHT)?,
        };
        let height = measure::last(tx, user, MeasureType::HEIGHT)?;
        let zone = domain::person::time_zone(&self.person.time_zone);
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        Ok(Body {
            age_years: self.person.birth_date.map(|birth| age_years(birth, at, &zone)),
            weight_g: weight.and_then(|weight| weight.scaled(-3)),
            height_mm: height.and_then(|height| height.scaled(-3)),
            gender: self.person.gender,
        })
    }
}

/// The stretches of time that moments are in: what is years apart is not summed up together.
pub(crate) fn stretches(moments: BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for at in moments {
        match stretches.last_mut() {
            Some(last) if at - last.1 < DAY_SECONDS => last.1 = at,
            _ => stretches.push((at, at)),
        }
    }
    stretches
}

/// Samples of several devices, each moment counted once, with the device that has the say.
pub(crate) fn ranked_samples(
    tx: &mut Tx<'_>,
    sources: &mut Sources,
    user: UserId,
    told: Vec<(DeviceId, Vec<Sample>)>,
) -> Result<Vec<(DeviceId, Sample)>> {
    let ranked = sources.ranked(tx, user, told, device::activity_rank)?;
    let (devices, samples): (Vec<DeviceId>, Vec<Vec<Sample>>) = ranked.into_iter().unzip();
    Ok(merged(samples).into_iter().map(|(at, sample)| (devices[at], sample)).collect())
}

/// Notes that a person's days are of another zone from today on, and sums up the days around it.
pub(crate) fn move_to(tx: &mut Tx<'_>, person: &Person, zone: &str) -> Result<()> {
    let now = tx.now();
    move_since(tx, person, zone, now)
}

/// The same from the day of a moment on.
pub(crate) fn move_since(tx: &mut Tx<'_>, person: &Person, zone: &str, since: i64) -> Result<()> {
    if person.time_zone == zone {
        return Ok(());
    }
    person::touch(tx, person.id, 0)?;
    let today = Calendar::new(zone, []).day(since);
    zone::change(tx, person.id, &person.time_zone, zone, today)?;
    let mut summaries = Summaries::of(tx, person.id)?;
    // A clock may be a day ahead, and zones are up to a day apart.
    (today - 1..=today + 2).try_for_each(|day| summaries.update_day(tx, day))
}

/// A day as answers write it, such as 2026-01-31: kept where it is, as a page has hundreds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ymd([u8; 10]);

impl Ymd {
    /// The text, which is plain.
    pub(crate) const fn bytes(&self) -> [u8; 10] {
        self.0
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        // Digits and dashes are text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for Ymd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Ymd {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for Ymd {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ymd".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// A day as answers write it.
pub(crate) fn ymd(day: i64) -> Ymd {
    let date = calendar::date(day);
    let digit = |number: u16, power: u16| b'0' + (number / power % 10) as u8;
    // No year of a moment that is kept is before the first.
    let year = date.year().unsigned_abs();
    let (month, day) = (date.month().unsigned_abs().into(), date.day().unsigned_abs().into());
    Ymd([
        digit(year, 1_000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(month, 10),
        digit(month, 1),
        b'-',
        digit(day, 10),
        digit(day, 1),
    ])
}
