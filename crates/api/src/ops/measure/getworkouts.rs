//! `measure getworkouts`

use crate::caller::{Activity, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window::{self, Wanted, Window};
use crate::source::{DeviceHash, Sources};
use crate::summary::ymd;
use domain::workout::Workout as Fields;
use domain::{GroupId, Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::workout::{self, Filter, Stored};

/// How many workouts one answer holds.
pub const PAGE_WORKOUTS: usize = 200;

/// The workouts of one person, newest first, with what their minutes add up to.
///
/// `startdateymd` and `enddateymd` are days in the zone the person was in. With `lastupdate` the
/// workouts that changed after it are given; together with the two days it adds those to the ones
/// between them. One second before the largest `modified` of a first page is always a safe
/// `lastupdate` for the next walk.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetWorkouts {
    /// Begun from this day on, such as 2026-01-31.
    pub startdateymd: Option<String>,
    /// Begun up to this day.
    pub enddateymd: Option<String>,
    /// Changed after.
    pub lastupdate: Option<UnixTime>,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
    /// Only these fields of `data`, separated by commas; without it all.
    pub data_fields: Option<String>,
}

/// One page of workouts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Workouts {
    /// Newest first.
    pub series: Vec<WorkoutRow>,
    /// Whether there is more.
    pub more: bool,
    /// What to give as `offset` for the next page; 0 on the last.
    pub offset: i64,
}

/// A workout.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WorkoutRow {
    /// Its id.
    pub id: GroupId,
    /// What was done.
    pub category: i64,
    /// The zone of its day.
    pub timezone: String,
    /// The number of the model; null where it is not known.
    pub model: Option<i64>,
    /// How it is known.
    pub attrib: i64,
    /// When it began.
    pub startdate: UnixTime,
    /// When it ended.
    pub enddate: UnixTime,
    /// The day it began.
    pub date: String,
    /// When it last changed.
    pub modified: UnixTime,
    /// What noticed it; null for a phone, and where it was typed in.
    pub deviceid: Option<DeviceHash>,
    /// What it adds up to.
    pub data: Fields,
}

impl Operation for GetWorkouts {
    const PATH: &'static str = "/v2/measure";
    const ACTION: &'static str = "getworkouts";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Activity>;
    type Reply = Workouts;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Activity>) -> Result<Workouts> {
        let (start, end) = (self.startdateymd.as_deref(), self.enddateymd.as_deref());
        let Window { days, changed_after } = Window::of(start, end, self.lastupdate)?;
        let after = window::offset(self.offset)?;
        let filter = Filter { days, changed_after };
        let rows_max = tx.page_rows(PAGE_WORKOUTS);
        let rows = workout::page(tx, caller.user, &filter, after, window::draw(rows_max))?;
        let (rows, more) = window::page(rows, rows_max);
        let offset = rows.last().filter(|_| more).map_or(0, |last| last.id.parts().1);
        let mut sources = Sources::default();
        let wanted = Wanted::of::<Fields>(self.data_fields.as_deref(), &[]);
        let series =
            rows.into_iter().map(|row| WorkoutRow::of(tx, &mut sources, caller.user, row, wanted));
        Ok(Workouts { series: series.collect::<Result<_>>()?, more, offset })
    }

    fn examples() -> Vec<Example<Workouts>> {
        let row = WorkoutRow {
            id: GroupId(4_592_233_961_489_590),
            category: 2,
            timezone: "Europe/Paris".to_owned(),
            model: Some(93),
            attrib: 0,
            startdate: UnixTime(1_795_330_800),
            enddate: UnixTime(1_795_333_800),
            date: "2026-11-22".to_owned(),
            modified: UnixTime(1_795_334_011),
            deviceid: Some(DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")),
            data: Fields {
                calories: Some(512),
                steps: Some(7_912),
                distance: Some(8_204),
                hr_average: Some(148),
                ..Fields::default()
            },
        };
        let params = json!({
            "lastupdate": 1_795_300_000, "data_fields": "calories,steps,distance,hr_average",
        });
        let reply = Workouts { series: vec![row], more: false, offset: 0 };
        vec![Example { summary: "What changed since the last call", params, reply }]
    }
}

impl WorkoutRow {
    /// A workout as it is told, with the fields that were asked for.
    pub(crate) fn of(
        tx: &mut Tx<'_>,
        sources: &mut Sources,
        user: UserId,
        row: Stored,
        wanted: Wanted,
    ) -> Result<WorkoutRow> {
        let workout = row.workout;
        let device = workout.device.map(|id| sources.find(tx, user, id)).transpose()?.flatten();
        let mut data = workout.data;
        wanted.keep(&mut data);
        Ok(WorkoutRow {
            id: row.id,
            category: workout.category,
            timezone: workout.time_zone,
            model: workout.model,
            attrib: workout.attrib,
            startdate: UnixTime(workout.start),
            enddate: UnixTime(workout.end),
            date: ymd(workout.day).to_string(),
            modified: UnixTime(row.modified),
            deviceid: device.and_then(|device| device.deviceid),
            data,
        })
    }
}
