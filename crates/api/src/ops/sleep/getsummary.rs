//! `sleep getsummary`: what each night adds up to.

mod write;

use crate::caller::{Activity, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window::{self, Wanted, Window};
use crate::source::{DeviceHash, Sources};
use crate::summary::{Ymd, ymd};
use domain::fields::Decimal;
use domain::sleep::{Events, Night as Fields};
use domain::{DeviceId, GroupId, Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::fieldset::Packed;
use store::night::{self, Filter, Listed};

/// How many nights one answer holds, as the real service does.
pub const PAGE_NIGHTS: usize = 300;

/// The field that is no number: what happened, and when.
const NIGHT_EVENTS: &str = "night_events";

/// What each night of one person adds up to, newest first.
///
/// A night is of the day it ended. It grows as more of it arrives, and `modified` says when it last
/// did. With `lastupdate` the nights that changed after it are given; together with the two days it
/// adds those to the ones between them. Without `data_fields` the fields of the standard are given;
/// a field that nobody measured is left out. One second before the largest `modified` of a first
/// page is always a safe `lastupdate` for the next walk.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetSummary {
    /// Ended from this day on, such as 2026-01-31.
    pub startdateymd: Option<String>,
    /// Ended up to this day.
    pub enddateymd: Option<String>,
    /// Changed after.
    pub lastupdate: Option<UnixTime>,
    /// Only these fields of `data`, separated by commas.
    pub data_fields: Option<String>,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
}

/// One page of nights.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Nights {
    /// Newest first.
    pub series: Vec<NightRow>,
    /// Whether there is more.
    pub more: bool,
    /// What to give as `offset` for the next page; 0 on the last.
    pub offset: i64,
}

/// A night.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NightRow {
    /// Its id.
    pub id: GroupId,
    /// The zone of the day it ended.
    #[schemars(with = "String")]
    #[serde(serialize_with = "text")]
    pub timezone: Arc<str>,
    /// 16: a tracker. 32: a sleep monitor.
    pub model: i64,
    /// The number of the model; null where it is not known.
    pub model_id: Option<i64>,
    /// When it began.
    pub startdate: UnixTime,
    /// When it ended.
    pub enddate: UnixTime,
    /// The day it ended.
    pub date: Ymd,
    /// When it was stored.
    pub created: UnixTime,
    /// When it last changed.
    pub modified: UnixTime,
    /// What noticed it; null where it is not known.
    pub hash_deviceid: Option<DeviceHash>,
    /// Whether it is over.
    pub completed: bool,
    /// What noticed it, by the number the store knows it by.
    #[serde(skip)]
    device: Option<DeviceId>,
    /// What it adds up to.
    pub data: NightData,
}

fn text<S: Serializer>(text: &Arc<str>, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

/// What a night adds up to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NightData {
    #[serde(flatten, serialize_with = "unpacked")]
    #[schemars(with = "Fields")]
    fields: Packed<Fields>,
    /// What happened, each with its seconds after `startdate`: 1 got in bed, 2 fell asleep, 3 woke
    /// up, 4 got out of bed, 5 and 6 typed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "NightEvents")]
    night_events: Option<NightEvents>,
}

fn unpacked<S: Serializer>(packed: &Packed<Fields>, to: S) -> std::result::Result<S::Ok, S::Error> {
    packed.whole().map_err(S::Error::custom)?.serialize(to)
}

/// Kinds of events with their times.
#[derive(Debug, Serialize, JsonSchema)]
struct NightEvents(BTreeMap<String, Vec<i64>>);

impl From<Events> for NightEvents {
    fn from(events: Events) -> Self {
        Self(events.into_iter().map(|(kind, times)| (kind.to_string(), times)).collect())
    }
}

impl Operation for GetSummary {
    const PATH: &'static str = "/v2/sleep";
    const ACTION: &'static str = "getsummary";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Activity>;
    type Reply = Nights;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Activity>) -> Result<Nights> {
        let (start, end) = (self.startdateymd.as_deref(), self.enddateymd.as_deref());
        let Window { days, changed_after } = Window::of(start, end, self.lastupdate)?;
        let after = window::offset(self.offset)?;
        let filter = Filter { days, changed_after };
        let asked = self.data_fields.as_deref();
        let fields = Wanted::of::<Fields>(asked, &Fields::DEFAULT).bits();
        let events = asked.is_some_and(|asked| window::is_asked(asked, NIGHT_EVENTS));
        let wanted = night::Wanted { fields, events };
        let rows_max = tx.page_rows(PAGE_NIGHTS);
        let draw = window::draw(rows_max);
        let make = NightRow::without_device;
        let rows = night::page_of(tx, caller.user, &filter, after, draw, wanted, make)?;
        let (mut series, more) = window::page(rows, rows_max);
        let offset = series.last().filter(|_| more).map_or(0, |last| last.id.parts().1);
        let mut sources = Sources::default();
        for row in &mut series {
            row.find_device(tx, &mut sources, caller.user)?;
        }
        Ok(Nights { series, more, offset })
    }

    fn write(reply: &Nights, out: &mut Vec<u8>) -> Result<()> {
        write::reply(reply, out)
    }

    fn examples() -> Vec<Example<Nights>> {
        let row = NightRow {
            id: GroupId(4_592_233_961_489_588),
            timezone: "Europe/Paris".into(),
            model: 32,
            model_id: Some(63),
            startdate: UnixTime(1_795_299_960),
            enddate: UnixTime(1_795_328_520),
            date: ymd(20_779),
            created: UnixTime(1_795_328_610),
            modified: UnixTime(1_795_335_920),
            hash_deviceid: Some(DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")),
            completed: true,
            device: None,
            data: NightData {
                fields: Packed::of(&Fields {
                    total_sleep_time: Some(26_280),
                    sleep_efficiency: Some(Decimal(92)),
                    hr_average: Some(56),
                    ..Fields::default()
                }),
                night_events: Some(NightEvents(BTreeMap::from([
                    ("1".to_owned(), vec![0]),
                    ("2".to_owned(), vec![900]),
                    ("3".to_owned(), vec![28_320]),
                    ("4".to_owned(), vec![28_560]),
                ]))),
            },
        };
        let params = json!({
            "startdateymd": "2026-11-22", "enddateymd": "2026-11-22",
            "data_fields": "total_sleep_time,sleep_efficiency,hr_average,night_events",
        });
        let reply = Nights { series: vec![row], more: false, offset: 0 };
        vec![Example { summary: "A night, some of its fields", params, reply }]
    }
}

impl NightRow {
    /// A night as it is told.
    pub(crate) fn of(
        tx: &mut Tx<'_>,
        sources: &mut Sources,
        user: UserId,
        night: Listed,
    ) -> Result<Self> {
        let mut row = Self::without_device(night);
        row.find_device(tx, sources, user)?;
        Ok(row)
    }

    /// The same, and what noticed it is still to be found: not while rows are read.
    fn without_device(night: Listed) -> Self {
        let events = night.events.filter(|events| !events.is_empty());
        Self {
            id: night.id,
            timezone: night.time_zone,
            model: night.model,
            model_id: None,
            startdate: UnixTime(night.start),
            enddate: UnixTime(night.end),
            date: ymd(night.day),
            created: UnixTime(night.created),
            modified: UnixTime(night.modified),
            hash_deviceid: None,
            completed: night.is_completed,
            device: night.device,
            data: NightData { fields: night.data, night_events: events.map(NightEvents::from) },
        }
    }

    fn find_device(&mut self, tx: &mut Tx<'_>, sources: &mut Sources, user: UserId) -> Result<()> {
        let Some(id) = self.device else { return Ok(()) };
        if let Some(device) = sources.seen(tx, user, id)? {
            self.model_id = device.model_id;
            self.hash_deviceid.clone_from(&device.hash);
        }
        Ok(())
    }
}
