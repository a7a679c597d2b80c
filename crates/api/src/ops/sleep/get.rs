//! `sleep get`: stages of sleep, and what was noticed meanwhile.

use crate::caller::{Activity, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::window::is_asked;
use crate::source::{DeviceHash, Source};
use crate::summary::{Slept, Summaries};
use domain::fields::Fields as _;
use domain::measure::{Measure, MeasureType};
use domain::sleep::{Stage, Vital, Vitals};
use domain::{DAY_SECONDS, Refusal, Result, UnixTime, UserId, device};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Number, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use store::measure::{Filter, GROUP_MEASURES_MAX, page};

/// The kind of device where there is nothing.
const SLEEP_MONITOR: i64 = 32;
/// Groups of measures that are looked through for the types asked for.
const GROUPS_MAX: usize = 2_000;

/// Stages of sleep of one person that begin between two moments: at most 24 hours from the first
/// on, whatever the second is.
///
/// Of several devices that noticed a night, one has the say. Without `data_fields` a stage has its
/// times, its state and its device. Fields are maps from moments to values.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetSleep {
    /// Begun at or after.
    pub startdate: UnixTime,
    /// Begun at or before.
    pub enddate: UnixTime,
    /// These series, separated by commas.
    pub data_fields: Option<String>,
    /// Measures of these types that were taken during a stage stand in it too, under the number of
    /// the type, as a map from moments to numbers.
    #[serde(default)]
    pub meastypes: Vec<MeasureType>,
}

/// Stages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Stages {
    /// 16: a tracker. 32: a sleep monitor, also where there is nothing.
    pub model: i64,
    /// In the order of their beginnings.
    pub series: Vec<SleepStage>,
}

/// A stage.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SleepStage {
    /// When it began.
    pub startdate: UnixTime,
    /// When it ended.
    pub enddate: UnixTime,
    /// 0 awake, 1 light, 2 deep, 3 REM, 4 asleep as typed in, 5 asleep, 15 out of bed.
    pub state: i64,
    /// The name of the model.
    pub model: Option<Cow<'static, str>>,
    /// The number of the model.
    pub model_id: Option<i64>,
    /// What noticed it.
    pub hash_deviceid: Option<DeviceHash>,
    #[serde(flatten)]
    maps: Maps,
}

/// Fields, each with the values of moments; left out where there are none.
#[derive(Debug, Default, Serialize)]
struct Maps(BTreeMap<String, BTreeMap<String, Number>>);

impl JsonSchema for Maps {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Maps".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = Vitals::ALL.iter().filter(|field| is_given(field.name));
        let map = names.map(|field| {
            let values = json!({ "type": "integer" });
            let map = json!({
                "type": "object", "additionalProperties": values, "description": field.text.trim(),
            });
            (field.name.to_owned(), map)
        });
        let properties: serde_json::Map<_, _> = map.collect();
        json_schema!({ "type": "object", "properties": properties })
    }
}

/// Temperatures are kept for the summary of a night; the reference has no series of them.
fn is_given(name: &str) -> bool {
    name != "core_body_temperature"
}

impl Operation for GetSleep {
    const PATH: &'static str = "/v2/sleep";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Activity>;
    type Reply = Stages;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Activity>) -> Result<Stages> {
        let start = self.startdate.0;
        let end = self.enddate.0.saturating_add(1).min(start.saturating_add(DAY_SECONDS));
        if self.meastypes.len() > GROUP_MEASURES_MAX {
            let problem = format!("give at most {GROUP_MEASURES_MAX} types");
            return Err(Refusal::invalid_param("meastypes", problem).into());
        }
        let mut summaries = Summaries::of(tx, caller.user)?;
        let slept = summaries.slept(tx, start, end)?;
        let measures = taken(tx, caller.user, self.meastypes, (start, end))?;
        let asked = self.data_fields.as_deref().unwrap_or_default();
        let mut series = Vec::new();
        let mut model = None;
        for Slept { source, stages, vitals } in &slept {
            for stage in stages.iter().filter(|stage| (start..end).contains(&stage.start)) {
                let mut maps = fields(stage, vitals, asked);
                add_measures(&mut maps, stage, &measures);
                series.push(row(stage, source.as_ref(), maps));
                model.get_or_insert(source.as_ref().and_then(|source| source.model_id));
            }
        }
        series.sort_by_key(|row: &SleepStage| row.startdate);
        let model = model.map_or(SLEEP_MONITOR, device::sleep_source);
        Ok(Stages { model, series })
    }

    fn examples() -> Vec<Example<Stages>> {
        let at = |minute: i64| (1_795_300_860 + minute * 60).to_string();
        let rates = BTreeMap::from([(at(0), Number::from(58)), (at(1), Number::from(57))]);
        let stage = SleepStage {
            startdate: UnixTime(1_795_300_860),
            enddate: UnixTime(1_795_300_980),
            state: 1,
            model: Some("Aura Sensor V2".into()),
            model_id: Some(63),
            hash_deviceid: Some(DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")),
            maps: Maps(BTreeMap::from([("hr".to_owned(), rates)])),
        };
        let params = json!({
            "startdate": 1_795_300_000, "enddate": 1_795_330_000, "data_fields": "hr",
        });
        let reply = Stages { model: 32, series: vec![stage] };
        vec![Example { summary: "A night with its heart rates", params, reply }]
    }
}

fn row(stage: &Stage, source: Option<&Source>, maps: Maps) -> SleepStage {
    SleepStage {
        startdate: UnixTime(stage.start),
        enddate: UnixTime(stage.end),
        state: stage.state.0,
        model: source.and_then(|source| source.model.clone()),
        model_id: source.and_then(|source| source.model_id),
        hash_deviceid: source.and_then(|source| source.hash.clone()),
        maps,
    }
}

/// The series that were asked for, as far as they are of the time of a stage.
fn fields(stage: &Stage, vitals: &[Vital], asked: &str) -> Maps {
    let mut maps = Maps::default();
    let first = vitals.partition_point(|vital| vital.at < stage.start);
    let last = vitals.partition_point(|vital| vital.at < stage.end);
    let wanted = Vitals::ALL.iter();
    for field in wanted.filter(|field| is_given(field.name) && is_asked(asked, field.name)) {
        let values = vitals[first..last].iter().filter_map(|vital| {
            Some((vital.at.to_string(), vital.values.digits(field.number)?.into()))
        });
        let values: BTreeMap<String, Number> = values.collect();
        if !values.is_empty() {
            maps.0.insert(field.name.to_owned(), values);
        }
    }
    maps
}

/// Measures of those types, with their moments.
fn taken(
    tx: &mut Tx<'_>,
    user: UserId,
    mut kinds: Vec<MeasureType>,
    (start, end): (i64, i64),
) -> Result<Vec<(i64, Measure)>> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    kinds.sort_unstable();
    kinds.dedup();
    // A stage that begins in the window may end after it.
    let end = Some(end.saturating_add(DAY_SECONDS));
    let filter = Filter { kinds, start: Some(start), end, ..Filter::default() };
    let groups = page(tx, user, &filter, None, GROUPS_MAX)?.groups;
    let measures = groups.into_iter().flat_map(|group| {
        let date = group.date;
        group.measures.into_iter().map(move |measure| (date, measure))
    });
    Ok(measures.collect())
}

fn add_measures(maps: &mut Maps, stage: &Stage, measures: &[(i64, Measure)]) {
    let during = measures.iter().filter(|(at, _)| (stage.start..stage.end).contains(at));
    for (at, measure) in during {
        if let Ok(number) = measure.decimal().parse::<Number>() {
            let map = maps.0.entry(measure.kind.0.to_string()).or_default();
            map.insert(at.to_string(), number);
        }
    }
}
