//! `stetho list`: the sounds of a person's heart and lungs.

use crate::caller::{Metrics, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::heart::PAGE_RECORDINGS;
use crate::ops::window;
use crate::source::{DeviceHash, Sources};
use domain::recording::Kind;
use domain::{GroupId, Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::recording::{self, Stored};

/// The recordings of sounds of one person, newest first. The sounds of one are given by
/// `stetho get`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListSounds {
    /// Taken at or after.
    pub startdate: Option<UnixTime>,
    /// Taken at or before.
    pub enddate: Option<UnixTime>,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
}

/// One page of recordings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sounds {
    /// Newest first.
    pub series: Vec<SoundRow>,
    /// Whether there is more.
    pub more: bool,
    /// What to give as `offset` for the next page; 0 on the last.
    pub offset: i64,
}

/// A recording.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SoundRow {
    /// What took it; null where it is not known.
    pub hash_deviceid: Option<DeviceHash>,
    /// What `stetho get` takes.
    pub signalid: GroupId,
    /// What the device made of the sounds of the valves; 0 where it said nothing.
    pub vhd: i64,
    /// When it was taken.
    pub timestamp: UnixTime,
    /// The person's zone at that time.
    pub timezone: String,
}

impl Operation for ListSounds {
    const PATH: &'static str = "/v2/stetho";
    const ACTION: &'static str = "list";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Metrics>;
    type Reply = Sounds;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Metrics>) -> Result<Sounds> {
        let after = window::offset(self.offset)?;
        let time = window::time(self.startdate, self.enddate);
        let rows_max = tx.page_rows(PAGE_RECORDINGS);
        let draw = window::draw(rows_max);
        let rows = recording::page(tx, caller.user, Kind::Stetho, time, after, draw)?;
        let (rows, more) = window::page(rows, rows_max);
        let offset = rows.last().filter(|_| more).map_or(0, |last| last.id.parts().1);
        let mut sources = Sources::default();
        let series = rows.into_iter().map(|row| SoundRow::of(tx, &mut sources, caller.user, row));
        Ok(Sounds { series: series.collect::<Result<_>>()?, more, offset })
    }

    fn examples() -> Vec<Example<Sounds>> {
        let row = SoundRow {
            hash_deviceid: Some(DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")),
            signalid: GroupId(4_592_233_961_489_593),
            vhd: 0,
            timestamp: UnixTime(1_795_330_118),
            timezone: "Europe/Paris".to_owned(),
        };
        let reply = Sounds { series: vec![row], more: false, offset: 0 };
        vec![Example { summary: "One recording", params: json!({}), reply }]
    }
}

impl SoundRow {
    /// A recording as it is told.
    pub(crate) fn of(
        tx: &mut Tx<'_>,
        sources: &mut Sources,
        user: UserId,
        row: Stored,
    ) -> Result<SoundRow> {
        let device =
            row.recording.device.map(|id| sources.find(tx, user, id)).transpose()?.flatten();
        Ok(SoundRow {
            hash_deviceid: device.and_then(|device| device.hash),
            signalid: row.id,
            vhd: row.recording.about.vhd.unwrap_or(0),
            timestamp: UnixTime(row.recording.date),
            timezone: row.recording.time_zone,
        })
    }
}
