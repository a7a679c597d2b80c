//! `rawdata get`: what a sensor measured, sample by sample.

use super::{device, sensor};
use crate::caller::{RawData, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window;
use domain::{Result, UnixTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use store::raw;

/// How many segments one answer holds.
pub const PAGE_SEGMENTS: usize = 20;

/// What a sensor of a device measured between two moments, oldest first, in the segments in which
/// the device handed it over.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetRawData {
    /// The device.
    pub hash_deviceid: String,
    /// 1: accelerometer. 2: optical sensor.
    pub rawdata_type: i64,
    /// Segments that begin at or after.
    pub startdate: UnixTime,
    /// Segments that begin at or before.
    pub enddate: UnixTime,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
}

/// One page of segments.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Segments {
    /// Oldest first.
    pub rawdata: Vec<Segment>,
    /// Whether there is more.
    pub more: bool,
    /// What to give as `offset` for the next page; 0 on the last.
    pub offset: i64,
}

/// A segment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Segment {
    /// Lists of one length: `id`, `timestamp`, and what the sensor measures, such as `acc_x`.
    pub data: Data,
    /// The device.
    pub hash_deviceid: String,
    /// 1: accelerometer. 2: optical sensor.
    #[serde(rename = "type")]
    pub kind: i64,
    /// The version of `data`.
    pub format_version: i64,
    /// The device's firmware.
    pub firmware_version: i64,
    /// The name of the sensor.
    pub sensor_name: String,
    /// The second of the first sample.
    pub startdate: UnixTime,
    /// The second of the last sample.
    pub enddate: UnixTime,
}

/// Lists by name.
#[derive(Debug, Serialize)]
pub struct Data(BTreeMap<String, Vec<i64>>);

impl JsonSchema for Data {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Data".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "array", "items": { "type": "integer" } },
        })
    }
}

impl Operation for GetRawData {
    const PATH: &'static str = "/v2/rawdata";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<RawData>;
    type Reply = Segments;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<RawData>) -> Result<Segments> {
        let device = device(tx, caller.user, &self.hash_deviceid)?;
        let sensor = sensor(self.rawdata_type)?;
        let after = window::offset(self.offset)?;
        let time = (self.startdate.0, self.enddate.0);
        let rows_max = tx.page_rows(PAGE_SEGMENTS);
        let draw = window::draw(rows_max);
        let rows = raw::page(tx, caller.user, (device, sensor), time, after, draw)?;
        let (rows, more) = window::page(rows, rows_max);
        let offset = rows.last().filter(|_| more).map_or(0, |last| last.id.parts().1);
        let rawdata = rows.into_iter().map(|row| Segment {
            data: Data(row.segment.columns.into_iter().collect()),
            hash_deviceid: self.hash_deviceid.clone(),
            kind: row.segment.sensor,
            format_version: row.segment.format_version,
            firmware_version: row.segment.firmware_version,
            sensor_name: row.segment.sensor_name,
            startdate: UnixTime(row.segment.start),
            enddate: UnixTime(row.segment.end),
        });
        Ok(Segments { rawdata: rawdata.collect(), more, offset })
    }

    fn examples() -> Vec<Example<Segments>> {
        let hash = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
        let lists = [("id", vec![1, 2]), ("acc_x", vec![12, 15]), ("acc_z", vec![657, 655])];
        let segment = Segment {
            data: Data(lists.map(|(name, list)| (name.to_owned(), list)).into_iter().collect()),
            hash_deviceid: hash.to_owned(),
            kind: 1,
            format_version: 2,
            firmware_version: 2_371,
            sensor_name: "ADXL362_RAW".to_owned(),
            startdate: UnixTime(1_795_330_118),
            enddate: UnixTime(1_795_330_118),
        };
        let params = json!({
            "hash_deviceid": hash, "rawdata_type": 1,
            "startdate": 1_795_330_000, "enddate": 1_795_340_000,
        });
        let reply = Segments { rawdata: vec![segment], more: false, offset: 0 };
        vec![Example { summary: "An accelerometer", params, reply }]
    }
}
