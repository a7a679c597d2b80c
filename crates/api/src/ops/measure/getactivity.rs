//! `measure getactivity`: what each day adds up to.

use crate::caller::{Activity as Scope, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window::{self, Wanted, Window};
use crate::source::{DeviceHash, Sources};
use crate::summary::ymd;
use domain::activity::Activity as Fields;
use domain::fields::Decimal;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use store::day::{self, Filter, Stored};

/// How many days one answer holds.
pub const PAGE_DAYS: usize = 200;

/// What each day of one person adds up to, newest first.
///
/// A day is one of the calendar in the zone the person was in. With `lastupdate` the days that
/// changed after it are given; together with the two days it adds those to the ones between them.
/// There is no `updatetime`: one second before the largest `modified` of a first page is always a
/// safe `lastupdate` for the next walk.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetActivity {
    /// From this day on, such as 2026-01-31.
    pub startdateymd: Option<String>,
    /// Up to this day.
    pub enddateymd: Option<String>,
    /// Changed after.
    pub lastupdate: Option<UnixTime>,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
    /// Only these fields, separated by commas; without it all.
    pub data_fields: Option<String>,
}

/// One page of days.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Activities {
    /// Newest first.
    pub activities: Vec<ActivityDay>,
    /// Whether there is more.
    pub more: bool,
    /// What to give as `offset` for the next page; 0 on the last.
    pub offset: i64,
}

/// A day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActivityDay {
    /// The day, such as 2026-01-31.
    pub date: String,
    /// The zone it was counted in.
    pub timezone: String,
    /// What counted it; null for a phone.
    pub deviceid: Option<DeviceHash>,
    /// The same.
    pub hash_deviceid: Option<DeviceHash>,
    /// The maker's number: 1, or 18 for phones.
    pub brand: i64,
    /// Whether a tracker counted it, and no phone.
    pub is_tracker: bool,
    /// When it last changed.
    pub modified: UnixTime,
    /// The name of the model.
    pub model: Option<Cow<'static, str>>,
    /// The number of the model.
    pub modelid: Option<i64>,
    #[serde(flatten)]
    data: Fields,
}

impl Operation for GetActivity {
    const PATH: &'static str = "/v2/measure";
    const ACTION: &'static str = "getactivity";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Scope>;
    type Reply = Activities;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Scope>) -> Result<Activities> {
        let (start, end) = (self.startdateymd.as_deref(), self.enddateymd.as_deref());
        let Window { days, changed_after } = Window::of(start, end, self.lastupdate)?;
        let before = window::offset(self.offset)?;
        let filter = Filter { days, changed_after };
        let rows_max = tx.page_rows(PAGE_DAYS);
        let rows = day::page(tx, caller.user, &filter, before, window::draw(rows_max))?;
        let (rows, more) = window::page(rows, rows_max);
        // A page is followed by the days before its last.
        let offset = rows.last().filter(|_| more).map_or(0, |last| last.day.day);
        let mut sources = Sources::default();
        let wanted = Wanted::of::<Fields>(self.data_fields.as_deref(), &[]);
        let activities =
            rows.into_iter().map(|row| ActivityDay::of(tx, &mut sources, caller.user, row, wanted));
        Ok(Activities { activities: activities.collect::<Result<_>>()?, more, offset })
    }

    fn examples() -> Vec<Example<Activities>> {
        let hash = DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334");
        let data = Fields {
            steps: Some(8_454),
            distance: Some(Decimal(6_078_594)),
            calories: Some(Decimal(374_474)),
            totalcalories: Some(Decimal(2_114_409)),
            ..Fields::default()
        };
        let row = ActivityDay {
            date: "2026-11-22".to_owned(),
            timezone: "Europe/Paris".to_owned(),
            deviceid: Some(hash.clone()),
            hash_deviceid: Some(hash),
            brand: 1,
            is_tracker: true,
            modified: UnixTime(1_795_384_859),
            model: Some("ScanWatch".into()),
            modelid: Some(93),
            data,
        };
        let params = json!({
            "startdateymd": "2026-11-22", "enddateymd": "2026-11-22",
            "data_fields": "steps,distance,calories,totalcalories",
        });
        let reply = Activities { activities: vec![row], more: false, offset: 0 };
        vec![Example { summary: "A day, four of its fields", params, reply }]
    }
}

/// The number of devices made by Withings, where nothing else is known.
const BRAND: i64 = 1;

impl ActivityDay {
    /// A day as it is told, with the fields that were asked for.
    pub(crate) fn of(
        tx: &mut Tx<'_>,
        sources: &mut Sources,
        user: UserId,
        row: Stored,
        wanted: Wanted,
    ) -> Result<ActivityDay> {
        let device = row.day.device.map(|id| sources.find(tx, user, id)).transpose()?.flatten();
        let mut data = row.day.activity;
        wanted.keep(&mut data);
        let (deviceid, hash_deviceid, model, modelid) = match device {
            Some(device) => (device.deviceid, device.hash, device.model, device.model_id),
            None => (None, None, None, None),
        };
        Ok(ActivityDay {
            date: ymd(row.day.day).to_string(),
            timezone: row.day.time_zone,
            deviceid,
            hash_deviceid,
            brand: row.day.brand.unwrap_or(BRAND),
            is_tracker: row.day.is_tracker,
            modified: UnixTime(row.modified),
            model,
            modelid,
            data,
        })
    }
}
