//! `measure getintradayactivity`: what was noticed minute by minute.

mod write;

use crate::caller::{Activity, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window;
use crate::source::{DeviceHash, Source, Sources};
use crate::summary::ranked_samples;
use domain::activity::{Intraday as Fields, SAMPLE_SECONDS};
use domain::fields::Decimal;
use domain::{DAY_SECONDS, DeviceId, Result, UnixTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use std::borrow::Cow;
use store::series;

/// What one person did, minute by minute: at most 24 hours from `startdate` on, whatever `enddate`
/// is; without both the last 24 hours of which something is known.
///
/// Of several devices that noticed one moment, one has the say. Without `data_fields` every field is
/// given that was noticed.
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

/// What was noticed, by moments, which rise.
#[derive(Debug, PartialEq, Eq)]
pub struct Series {
    rows: Vec<(i64, usize, Fields)>,
    devices: Vec<Device>,
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
    data: &'r Fields,
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.rows.len()))?;
        for (at, device, data) in &self.rows {
            let device = &self.devices[*device];
            let row = IntradayRow {
                deviceid: device.deviceid.as_ref().map(DeviceHash::as_str),
                model: device.model.as_deref(),
                model_id: device.model_id,
                data,
            };
            map.serialize_entry(&at.to_string(), &row)?;
        }
        map.end()
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
        let told = series::samples_between(tx, user, start, end)?;
        let mut sources = Sources::default();
        let samples = ranked_samples(tx, &mut sources, user, told)?;
        let mut ids: Vec<DeviceId> = Vec::new();
        let mut rows = Vec::with_capacity(samples.len());
        let fields = self.data_fields.as_deref();
        for (device, sample) in samples {
            let at = ids.iter().position(|id| *id == device).unwrap_or_else(|| {
                ids.push(device);
                ids.len() - 1
            });
            let mut data = sample.values;
            data.duration.get_or_insert(SAMPLE_SECONDS);
            if fields.is_some() {
                window::choose(&mut data, fields, &[]);
                if data == Fields::default() {
                    continue;
                }
            }
            rows.push((sample.at, at, data));
        }
        let mut devices = Vec::with_capacity(ids.len());
        for id in ids {
            devices.push(Device::of(sources.find(tx, user, id)?));
        }
        Ok(Moments { series: Series { rows, devices } })
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
        let series = Series { rows: vec![(1_795_330_800, 0, data)], devices: vec![device] };
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
