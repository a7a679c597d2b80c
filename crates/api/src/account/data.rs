//! The latest of a person's rows, as the page shows them that lets them be taken away.

use crate::source::Sources;
use domain::measure::KNOWN;
use domain::{DeviceId, GroupId, Result, UserId};
use jiff::Timestamp;
use store::{Tx, measure, night, person, workout};

/// Rows of each kind that are shown.
const ROWS: i64 = 30;

/// A row of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `grpid`, `workoutid` or `nightid`: what `vitald delete` takes.
    pub name: &'static str,
    /// Its id.
    pub id: GroupId,
    /// When it was, in the person's zone.
    pub when: String,
    /// What it is.
    pub what: String,
    /// What took it, or nothing.
    pub device: String,
}

/// The latest rows of a kind, under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are.
    pub heading: &'static str,
    /// The rows, newest first.
    pub rows: Vec<Shown>,
}

/// The latest measures, nights and workouts of a person.
pub fn latest(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Section>> {
    let person = person::get(tx, user)?;
    let zone = domain::person::time_zone(&person.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut table = Table { user, zone, sources: Sources::default() };
    let category = Some(domain::measure::Category::REAL);
    let filter = measure::Filter { category, ..Default::default() };
    let groups = measure::page(tx, user, &filter, None, ROWS as usize)?.groups;
    let mut measured = Vec::new();
    for group in groups {
        let named = group.measures.iter().map(|measure| {
            let known = KNOWN.iter().find(|known| known.code == measure.kind);
            let name =
                known.map_or_else(|| measure.kind.0.to_string(), |known| known.name.to_owned());
            format!("{name} {}{}", measure.decimal(), unit(known.map_or("", |known| known.unit)))
        });
        let what = named.collect::<Vec<_>>().join(", ");
        measured.push(table.row(tx, "grpid", group.id, group.date, what, group.device)?);
    }
    let everything = Some(i64::MIN);
    let filter = night::Filter { changed_after: everything, days: None };
    let mut nights = Vec::new();
    for row in night::page(tx, user, &filter, None, ROWS, night::Wanted::ALL)? {
        let in_bed = row.data.whole()?.total_timeinbed.unwrap_or(row.end - row.start);
        let what = format!("{} in bed", duration(in_bed));
        nights.push(table.row(tx, "nightid", row.id, row.start, what, row.device)?);
    }
    let filter = workout::Filter { changed_after: everything, days: None };
    let mut workouts = Vec::new();
    for row in workout::page(tx, user, &filter, None, ROWS)? {
        let workout = row.workout;
        let length = duration(workout.end - workout.start);
        let what = format!("category {}, {length}", workout.category);
        workouts.push(table.row(tx, "workoutid", row.id, workout.start, what, workout.device)?);
    }
    Ok(vec![
        Section { heading: "Measures", rows: measured },
        Section { heading: "Nights", rows: nights },
        Section { heading: "Workouts", rows: workouts },
    ])
}

fn unit(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}

fn duration(seconds: i64) -> String {
    format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60)
}

struct Table {
    user: UserId,
    zone: jiff::tz::TimeZone,
    sources: Sources,
}

impl Table {
    fn row(
        &mut self,
        tx: &mut Tx<'_>,
        name: &'static str,
        id: GroupId,
        at: i64,
        what: String,
        device: Option<DeviceId>,
    ) -> Result<Shown> {
        let source = match device {
            Some(device) => self.sources.find(tx, self.user, device)?,
            None => None,
        };
        let model = source.and_then(|source| source.model);
        let moment = Timestamp::from_second(at).unwrap_or_default().to_zoned(self.zone.clone());
        let when = moment.strftime("%Y-%m-%d %H:%M").to_string();
        Ok(Shown { name, id, when, what, device: model.unwrap_or_default().into_owned() })
    }
}

/// Takes a row away that the page shows.
pub fn take_away(tx: &mut Tx<'_>, user: UserId, name: &str, id: GroupId) -> Result<()> {
    match name {
        "grpid" => crate::deletion::group(tx, user, id),
        "nightid" => crate::deletion::night(tx, user, id),
        "workoutid" => crate::deletion::workout(tx, user, id),
        _ => Err(domain::Refusal::invalid_param("name", "no kind of row that is known").into()),
    }
}
