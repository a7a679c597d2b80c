//! `measure getintradayactivity`: what was noticed minute by minute.

mod write;

use crate::caller::{Activity, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window::Wanted;
use crate::source::{DeviceHash, Source, Sources};
use crate::summary::ranked_samples;
use domain::activity::{Intraday as Fields, SAMPLE_SECONDS, Sample};
use domain::fields::{Decimal, Field, Fields as _};
use domain::{DAY_SECONDS, DeviceId, Result, UnixTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use std::borrow::Cow;
use store::series::{self, Minutes};

/// What one person did, minute by minute: at most 24 hours from `startdate` on, whatever `enddate`
/// is; without both the last 24 hours of which something is known.
///
/// Of several devices that noticed one moment, one has the say. Without `data_fields` every field
/// is given that was noticed.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetIntradayActivity {
    /// Noticed at or after; without it 24 hours before `enddate`.
    pub startdate: Option<UnixTime>,
    /// Noticed at or before; without it 24 hours after `startdate`.
    pub enddate: Option<UnixTime>,
    /// Only these fields, separated by commas.
    pub data_fields: Option<String>,
}

/// Moments.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Moments {
    /// Moments in Unix seconds, with what was noticed from then on.
    pub series: Series,
}

/// What was noticed, by moments, which rise: column by column, as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Series {
    times: Vec<i64>,
    /// Which of the devices each moment is of.
    device_of: Vec<usize>,
    devices: Vec<Device>,
    /// Fields that were asked for, in the order of their table, with a value or none for each
    /// moment.
    columns: Vec<(&'static Field, Vec<Option<i64>>)>,
}

/// What the rows of a device say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Device {
    deviceid: Option<DeviceHash>,
    model: Option<Cow<'static, str>>,
    model_id: Option<i64>,
}

/// What was noticed from a moment on.
#[derive(Serialize, JsonSchema)]
struct IntradayRow<'r> {
    /// What noticed it; null for a phone.
    deviceid: Option<&'r str>,
    /// The name of the model.
    model: Option<&'r str>,
    /// The number of the model.
    model_id: Option<i64>,
    #[serde(flatten)]
    data: Fields,
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (at, moment) in self.times.iter().enumerate().filter(|(at, _)| self.says(*at)) {
            let device = &self.devices[self.device_of[at]];
            let mut data = Fields::default();
            self.columns.iter().for_each(|(field, values)| data.set(field.number, values[at]));
            let row = IntradayRow {
                deviceid: device.deviceid.as_ref().map(DeviceHash::as_str),
                model: device.model.as_deref(),
                model_id: device.model_id,
                data,
            };
            map.serialize_entry(&moment.to_string(), &row)?;
        }
        map.end()
    }
}

/// How long a moment is: said of every one, and no finding by itself.
const DURATION: &str = "duration";

impl Series {
    /// Whether a moment says anything that was asked for.
    fn says(&self, at: usize) -> bool {
        let is_alone = self.columns.len() == 1;
        let mut findings =
            self.columns.iter().filter(|(field, _)| is_alone || field.name != DURATION);
        findings.any(|(_, values)| values[at].is_some())
    }

    /// The minutes of one device.
    fn of_one(minutes: Minutes, device: Device, wanted: Wanted) -> Self {
        let (times, mut known) = minutes.into_columns();
        let columns = Fields::ALL.iter().filter(|field| wanted.has(field.number));
        let columns = columns.filter_map(|field| {
            let values = known.iter_mut().find(|(number, _)| *number == field.number);
            let values = values.map(|(_, values)| std::mem::take(values));
            match field.name {
                DURATION => Some((field, durations(values.as_deref(), times.len()))),
                _ => Some((field, values?)),
            }
        });
        let columns = columns.collect();
        let device_of = vec![0; times.len()];
        Self { columns, device_of, times, devices: vec![device] }
    }

    /// Samples of several devices, each with the number of its own.
    fn of_several(samples: &[(usize, Sample)], devices: Vec<Device>, wanted: Wanted) -> Self {
        let columns = Fields::ALL.iter().filter(|field| wanted.has(field.number));
        let columns = columns.filter_map(|field| {
            let values = samples.iter().map(|(_, sample)| sample.values.digits(field.number));
            let values: Vec<Option<i64>> = values.collect();
            match field.name {
                DURATION => Some((field, durations(Some(&values), values.len()))),
                _ => values.iter().any(Option::is_some).then_some((field, values)),
            }
        });
        Self {
            columns: columns.collect(),
            times: samples.iter().map(|(_, sample)| sample.at).collect(),
            device_of: samples.iter().map(|(device, _)| *device).collect(),
            devices,
        }
    }
}

/// How long each moment is, also where nobody said.
fn durations(said: Option<&[Option<i64>]>, count: usize) -> Vec<Option<i64>> {
    match said {
        Some(said) => said.iter().map(|said| said.or(Some(SAMPLE_SECONDS))).collect(),
        None => vec![Some(SAMPLE_SECONDS); count],
    }
}

impl JsonSchema for Series {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Series".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": generator.subschema_for::<IntradayRow<'_>>(),
        })
    }
}

impl Operation for GetIntradayActivity {
    const PATH: &'static str = "/v2/measure";
    const ACTION: &'static str = "getintradayactivity";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Activity>;
    type Reply = Moments;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Activity>) -> Result<Moments> {
        let user = caller.user;
        let (start, end) = match (self.startdate, self.enddate) {
            (Some(start), Some(end)) => (start.0, end.0.saturating_add(1)),
            (Some(start), None) => (start.0, i64::MAX),
            (None, Some(end)) => {
                let end = end.0.saturating_add(1);
                (end.saturating_sub(DAY_SECONDS), end)
            }
            (None, None) => match series::last_sample(tx, user)? {
                Some(last) => (last + 1 - DAY_SECONDS, last + 1),
                None => (0, 0),
            },
        };
        let end = end.min(start.saturating_add(DAY_SECONDS));
        let told = series::minutes_between(tx, user, start, end)?;
        let mut sources = Sources::default();
        let wanted = Wanted::of::<Fields>(self.data_fields.as_deref(), &[]);
        // The usual case: nothing has to be compared.
        let told = match <[_; 1]>::try_from(told) {
            Ok([(id, minutes)]) => {
                let device = Device::of(sources.find(tx, user, id)?);
                return Ok(Moments { series: Series::of_one(minutes, device, wanted) });
            }
            Err(told) => told,
        };
        let told = told.into_iter().map(|(id, minutes)| (id, minutes.samples())).collect();
        let samples = ranked_samples(tx, &mut sources, user, told)?;
        let mut ids: Vec<DeviceId> = Vec::new();
        let mut numbered = Vec::with_capacity(samples.len());
        for (device, sample) in samples {
            let number = ids.iter().position(|id| *id == device).unwrap_or_else(|| {
                ids.push(device);
                ids.len() - 1
            });
            numbered.push((number, sample));
        }
        let mut devices = Vec::with_capacity(ids.len());
        for id in ids {
            devices.push(Device::of(sources.find(tx, user, id)?));
        }
        Ok(Moments { series: Series::of_several(&numbered, devices, wanted) })
    }

    fn write(reply: &Moments, out: &mut Vec<u8>) -> Result<()> {
        write::reply(reply, out);
        Ok(())
    }

    fn examples() -> Vec<Example<Moments>> {
        let device = Device {
            deviceid: Some(DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")),
            model: Some("ScanWatch".into()),
            model_id: Some(93),
        };
        let data = Fields {
            steps: Some(39),
            distance: Some(Decimal(28_807)),
            calories: Some(Decimal(1_042)),
            heart_rate: Some(88),
            duration: Some(60),
            ..Fields::default()
        };
        let sample = Sample { at: 1_795_330_800, values: data };
        let series = Series::of_several(&[(0, sample)], vec![device], Wanted::ALL);
        let params = json!({ "startdate": 1_795_330_800, "enddate": 1_795_330_859 });
        vec![Example { summary: "A minute", params, reply: Moments { series } }]
    }
}

impl Device {
    fn of(source: Option<Source>) -> Self {
        match source {
            Some(source) => {
                let Source { deviceid, model, model_id, .. } = source;
                Self { deviceid, model, model_id }
            }
            None => Self { deviceid: None, model: None, model_id: None },
        }
    }
}
