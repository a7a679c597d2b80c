//! `heart list`: the electrocardiograms of a person.

use crate::caller::{Metrics, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window;
use crate::source::{DeviceHash, Sources};
use domain::recording::Kind;
use domain::{GroupId, Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::recording::{self, Stored};

/// How many recordings one answer holds.
pub const PAGE_RECORDINGS: usize = 100;

/// What was made of a rhythm of which the device said nothing.
const INCONCLUSIVE: i64 = 2;

/// The electrocardiograms of one person, newest first. The signal of one is given by `heart get`.
///
/// `bloodpressure` is there where the device took one with it, `stetho` where it recorded sounds in
/// the same second, `heart_rate` where it found one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListHearts {
    /// Taken at or after.
    pub startdate: Option<UnixTime>,
    /// Taken at or before.
    pub enddate: Option<UnixTime>,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
}

/// One page of electrocardiograms.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hearts {
    /// Newest first.
    pub series: Vec<HeartRow>,
    /// Whether there is more.
    pub more: bool,
    /// What to give as `offset` for the next page; 0 on the last.
    pub offset: i64,
}

/// An electrocardiogram.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeartRow {
    /// What took it; null where it is not known.
    pub deviceid: Option<DeviceHash>,
    /// The number of the model; null where it is not known.
    pub model: Option<i64>,
    /// Where its signal is, and what the device made of the rhythm.
    pub ecg: EcgSignal,
    /// A blood pressure taken with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "HeartPressure")]
    pub bloodpressure: Option<HeartPressure>,
    /// Sounds recorded with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "StethoSignal")]
    pub stetho: Option<StethoSignal>,
    /// Mean heart rate, in beats per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub heart_rate: Option<i64>,
    /// When it was taken.
    pub timestamp: UnixTime,
    /// When it was stored.
    pub modified: UnixTime,
    /// The person's zone at that time.
    pub timezone: String,
}

/// Where a signal is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EcgSignal {
    /// What `heart get` takes.
    pub signalid: GroupId,
    /// 0: regular. 1: atrial fibrillation. 2: inconclusive.
    pub afib: i64,
}

/// A blood pressure, in mmHg.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeartPressure {
    /// Diastolic.
    pub diastole: i64,
    /// Systolic.
    pub systole: i64,
}

/// Where sounds are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StethoSignal {
    /// What `stetho get` takes.
    pub signalid: GroupId,
    /// What the device made of the sounds of the valves.
    pub vhd: i64,
}

impl Operation for ListHearts {
    const PATH: &'static str = "/v2/heart";
    const ACTION: &'static str = "list";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Metrics>;
    type Reply = Hearts;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Metrics>) -> Result<Hearts> {
        let after = window::offset(self.offset)?;
        let time = window::time(self.startdate, self.enddate);
        let rows_max = tx.page_rows(PAGE_RECORDINGS);
        let draw = window::draw(rows_max);
        let rows = recording::page(tx, caller.user, Kind::Ecg, time, after, draw)?;
        let (rows, more) = window::page(rows, rows_max);
        let offset = rows.last().filter(|_| more).map_or(0, |last| last.id.parts().1);
        let mut sources = Sources::default();
        let series = rows.into_iter().map(|row| HeartRow::of(tx, &mut sources, caller.user, row));
        Ok(Hearts { series: series.collect::<Result<_>>()?, more, offset })
    }

    fn examples() -> Vec<Example<Hearts>> {
        let row = HeartRow {
            deviceid: Some(DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")),
            model: Some(44),
            ecg: EcgSignal { signalid: GroupId(4_592_233_961_489_592), afib: 0 },
            bloodpressure: Some(HeartPressure { diastole: 79, systole: 121 }),
            stetho: None,
            heart_rate: Some(72),
            timestamp: UnixTime(1_795_330_118),
            modified: UnixTime(1_795_330_190),
            timezone: "Europe/Paris".to_owned(),
        };
        let reply = Hearts { series: vec![row], more: false, offset: 0 };
        let params = json!({ "startdate": 1_795_300_000, "enddate": 1_795_400_000 });
        vec![Example { summary: "One of a blood pressure monitor", params, reply }]
    }
}

impl HeartRow {
    /// An electrocardiogram as it is told.
    pub(crate) fn of(
        tx: &mut Tx<'_>,
        sources: &mut Sources,
        user: UserId,
        row: Stored,
    ) -> Result<HeartRow> {
        let (recording, about) = (&row.recording, &row.recording.about);
        let device = recording.device.map(|id| sources.find(tx, user, id)).transpose()?.flatten();
        let sounds = recording::taken_at(tx, user, Kind::Stetho, recording.device, recording.date)?;
        let pressure = about.systole.zip(about.diastole);
        Ok(HeartRow {
            model: device.as_ref().and_then(|device| device.model_id),
            deviceid: device.and_then(|device| device.deviceid),
            ecg: EcgSignal { signalid: row.id, afib: about.afib.unwrap_or(INCONCLUSIVE) },
            bloodpressure: pressure.map(|(systole, diastole)| HeartPressure { diastole, systole }),
            stetho: sounds.map(|sounds| StethoSignal {
                signalid: sounds.id,
                vhd: sounds.recording.about.vhd.unwrap_or(0),
            }),
            heart_rate: about.heart_rate,
            timestamp: UnixTime(recording.date),
            modified: UnixTime(row.modified),
            timezone: recording.time_zone.clone(),
        })
    }
}
