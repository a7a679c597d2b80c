//! Records of type `rawdata`: what a sensor measured, sample by sample, as far as a program asked
//! for it.

use super::{Intake, Record, Stored, invalid, plausible};
use domain::yields::Yield;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::raw::{self, COLUMNS_MAX, Segment};

/// The most samples of one record: an hour at 100 Hz.
const SAMPLES_MAX: usize = 360_000;
const NAME_CHARS_MAX: usize = 32;
/// A record lasts at most this long.
const SEGMENT_SECONDS_MAX: i64 = 86_400;

/// What a sensor measured. It is kept only while a program asks for it: the answer of every sync
/// says which sensors, in `rawdata`. What is not wanted is counted as such and not kept.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RawData {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    /// 1: accelerometer. 2: optical sensor.
    pub rawdata_type: i64,
    /// The second of the first sample.
    pub startdate: UnixTime,
    /// The second of the last sample.
    pub enddate: UnixTime,
    /// The version of `data`.
    pub format_version: i64,
    /// The device's firmware.
    pub firmware_version: i64,
    /// The name of the sensor, such as `ADXL362_RAW`.
    pub sensor_name: String,
    /// Lists of one length: `id`, `timestamp`, and what the sensor measures, such as `acc_x`.
    pub data: BTreeMap<String, Vec<i64>>,
}

impl Record for RawData {
    const YIELD: Option<Yield> = Some(Yield::RawData);

    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        self.check(place, intake.tx.now())?;
        let device = intake.device.id;
        let wanted = raw::captures(intake.tx, user, device)?.into_iter().any(|capture| {
            let until = capture.until.unwrap_or(i64::MAX);
            capture.sensor == self.rawdata_type
                && capture.since <= self.enddate.0
                && self.startdate.0 < until
        });
        if !wanted {
            return Ok(Stored::Unwanted);
        }
        let columns: Vec<(String, Vec<i64>)> = self.data.clone().into_iter().collect();
        let segment = Segment {
            device,
            sensor: self.rawdata_type,
            start: self.startdate.0,
            end: self.enddate.0,
            format_version: self.format_version,
            firmware_version: self.firmware_version,
            sensor_name: self.sensor_name.clone(),
            columns,
        };
        let is_new = raw::insert(intake.tx, user, &segment)?.is_some();
        Ok(if is_new { Stored::Kept } else { Stored::Known })
    }
}

impl RawData {
    fn check(&self, place: &str, now: i64) -> Result<()> {
        let refused = |name: &str, problem: String| invalid(&format!("{place}.{name}"), problem);
        plausible(self.startdate, now, &format!("{place}.startdate"))?;
        if !(0..=SEGMENT_SECONDS_MAX).contains(&self.enddate.0.saturating_sub(self.startdate.0)) {
            let problem = "expected startdate or up to a day later".to_owned();
            return Err(refused("enddate", problem).into());
        }
        if ![1, 2].contains(&self.rawdata_type) {
            return Err(refused("rawdata_type", "expected 1 or 2".to_owned()).into());
        }
        super::small(
            &[
                ("format_version", Some(self.format_version)),
                ("firmware_version", Some(self.firmware_version)),
            ],
            place,
        )?;
        let is_name = |name: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            (1..=NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(is_plain)
        };
        if !is_name(&self.sensor_name) || !self.data.keys().all(|name| is_name(name)) {
            let problem = "expected names of 1 to 32 letters, digits and underscores".to_owned();
            return Err(refused("sensor_name", problem).into());
        }
        let lengths: Vec<usize> = self.data.values().map(Vec::len).collect();
        let is_one = lengths.windows(2).all(|two| two[0] == two[1]);
        if lengths.is_empty() || lengths.len() > COLUMNS_MAX || !is_one || lengths[0] > SAMPLES_MAX
        {
            let problem =
                format!("expected 1 to {COLUMNS_MAX} lists of one length up to {SAMPLES_MAX}");
            return Err(refused("data", problem).into());
        }
        Ok(())
    }
}
