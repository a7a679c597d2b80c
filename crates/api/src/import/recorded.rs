//! Rows of recorded answers of getactivity, getintradayactivity, getworkouts, sleep get and
//! getsummary, and heart list. Each row is read by itself: one that cannot be read is named by its
//! place, and the others are kept. What becomes of them stands in `rows`.

use super::rows::{Day, Ecg, Night, Row, Workout, sleep_model};
use domain::activity::{Activity, Intraday, Sample};
use domain::calendar;
use domain::fields::Fields as _;
use domain::recording::About;
use domain::sleep::{Events, NIGHT_SECONDS_MAX, Night as NightFields, Stage, State, Vital, Vitals};
use domain::workout::Workout as WorkoutFields;
use jiff::civil::Date;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use store::imported::Device;

/// A row, or the key that cannot be kept and why.
pub(super) type Read = Result<Row, (String, String)>;

/// The rows of `activities`.
pub(super) fn days(rows: Vec<Value>) -> Vec<Read> {
    rows.into_iter().map(|row| read::<DayRow>(row).and_then(DayRow::check)).collect()
}

/// The rows of `series`: a map of minutes, or a list whose rows say by their keys what they are.
pub(super) fn series(series: Value) -> Vec<Read> {
    match series {
        Value::Object(minutes) => minutes.into_iter().map(minute).collect(),
        Value::Array(rows) => rows.into_iter().map(listed).collect(),
        _ => vec![Err((String::new(), "expected a list or a map of rows".to_owned()))],
    }
}

fn minute((at, row): (String, Value)) -> Read {
    let wrong_key = || (String::new(), "expected moments in Unix seconds as keys".to_owned());
    let at: i64 = at.parse().map_err(|_| wrong_key())?;
    moment("", at)?;
    let row = read::<MinuteRow>(row)?;
    if row.values.duration.is_some_and(|seconds| !(1..=86_400).contains(&seconds)) {
        return Err((".duration".to_owned(), "expected 1 to 86400".to_owned()));
    }
    let device = row.device.whole();
    Ok(Row::Minute(device, Sample { at, values: row.values }))
}

fn listed(row: Value) -> Read {
    let has = |key: &str| row.get(key).is_some();
    match () {
        () if has("ecg") => read::<HeartRow>(row).and_then(HeartRow::check),
        () if has("state") => read::<StageRow>(row).and_then(StageRow::check),
        () if has("category") => read::<WorkoutRow>(row).and_then(WorkoutRow::check),
        () if has("data") => read::<NightRow>(row).and_then(NightRow::check),
        () => Err((String::new(), "no row of an answer that is known".to_owned())),
    }
}

/// Reads a row; what is wrong is named by its key, and never repeated.
fn read<T: DeserializeOwned>(row: Value) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(row).map_err(|error| {
        let path = error.path().to_string();
        let key = if path == "." { String::new() } else { format!(".{path}") };
        let said = error.into_inner().to_string();
        let problem = match said.rsplit_once(", expected ") {
            Some((_, expected)) => format!("expected {expected}"),
            None if said.starts_with("missing field") => said,
            None => "it cannot be read".to_owned(),
        };
        (key, problem)
    })
}

fn moment(key: &str, at: i64) -> Result<(), (String, String)> {
    // Beyond the year 2100 no answer of another server was recorded.
    if (0..4_102_444_800).contains(&at) {
        return Ok(());
    }
    Err((key.to_owned(), "expected a moment between 1970 and 2100".to_owned()))
}

fn span(start: i64, end: i64, seconds_max: i64) -> Result<(), (String, String)> {
    moment(".startdate", start)?;
    if (1..=seconds_max).contains(&end.saturating_sub(start)) {
        return Ok(());
    }
    Err((".enddate".to_owned(), "expected a moment after startdate, not long after".to_owned()))
}

/// A day such as 2022-01-31, as its number.
struct Ymd(i64);

impl<'de> Deserialize<'de> for Ymd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let day = text.parse::<Date>().map(calendar::number);
        day.map(Self).map_err(|_| D::Error::custom("day, expected one such as 2022-01-31"))
    }
}

/// What a row says of its device.
#[derive(Debug, Default, Deserialize)]
struct Named {
    deviceid: Option<String>,
    hash_deviceid: Option<String>,
    modelid: Option<i64>,
    model_id: Option<i64>,
}

impl Named {
    fn of(self, model: Option<String>) -> Option<Device> {
        let model_id = self.modelid.or(self.model_id);
        if self.deviceid.is_none() && self.hash_deviceid.is_none() && model_id.is_none() {
            return None;
        }
        let hash = self.hash_deviceid.clone().or_else(|| self.deviceid.clone());
        let (hash, name) = (hash.unwrap_or_default(), self.deviceid.or(self.hash_deviceid));
        Some(Device { name: name.unwrap_or_default(), hash, model_id, model })
    }
}

/// Nothing is known of the device: rows of one time still have to be of one.
fn nobody() -> Device {
    Device { name: String::new(), hash: String::new(), model_id: None, model: None }
}

#[derive(Deserialize)]
struct DayRow {
    date: Ymd,
    timezone: Option<String>,
    #[serde(flatten)]
    device: Named,
    model: Option<String>,
    brand: Option<i64>,
    is_tracker: Option<bool>,
    #[serde(flatten)]
    activity: Activity,
}

impl DayRow {
    fn check(self) -> Read {
        Ok(Row::Day(Day {
            day: self.date.0,
            time_zone: self.timezone,
            device: self.device.of(self.model),
            brand: self.brand,
            is_tracker: self.is_tracker.unwrap_or(true),
            activity: self.activity,
            passive: None,
        }))
    }
}

/// A minute; its device is named by `deviceid` and `model`.
#[derive(Deserialize)]
struct MinuteRow {
    #[serde(flatten)]
    device: MinuteDevice,
    #[serde(flatten)]
    values: Intraday,
}

#[derive(Deserialize)]
struct MinuteDevice {
    deviceid: Option<String>,
    model: Option<String>,
    model_id: Option<i64>,
}

impl MinuteDevice {
    fn whole(self) -> Device {
        let Self { deviceid, model, model_id } = self;
        let named = Named { deviceid, model_id, ..Named::default() };
        named.of(model).unwrap_or_else(nobody)
    }
}

#[derive(Deserialize)]
struct StageRow {
    startdate: i64,
    enddate: i64,
    state: i64,
    model: Option<String>,
    model_id: Option<i64>,
    hash_deviceid: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl StageRow {
    fn check(mut self) -> Read {
        span(self.startdate, self.enddate, NIGHT_SECONDS_MAX)?;
        if !(0..=255).contains(&self.state) {
            return Err((".state".to_owned(), "expected 0 to 255".to_owned()));
        }
        let mut vitals: BTreeMap<i64, Vitals> = BTreeMap::new();
        for field in Vitals::ALL {
            let Some(Value::Object(map)) = self.rest.remove(field.name) else { continue };
            for (at, value) in map {
                let key = || format!(".{}", field.name);
                let wrong = || (key(), "expected whole numbers by moments".to_owned());
                let at: i64 = at.parse().map_err(|_| wrong())?;
                moment(&key(), at)?;
                let digits = value.as_i64().ok_or_else(wrong)?;
                vitals.entry(at).or_default().set(field.number, Some(digits));
            }
        }
        let named = Named {
            hash_deviceid: self.hash_deviceid,
            model_id: self.model_id,
            ..Named::default()
        };
        let stage = Stage { start: self.startdate, end: self.enddate, state: State(self.state) };
        let vitals = vitals.into_iter().map(|(at, values)| Vital { at, values }).collect();
        Ok(Row::Stage(named.of(self.model).unwrap_or_else(nobody), stage, vitals))
    }
}

#[derive(Deserialize)]
struct NightRow {
    startdate: i64,
    enddate: i64,
    date: Option<Ymd>,
    timezone: Option<String>,
    model: Option<i64>,
    #[serde(flatten)]
    device: Named,
    created: Option<i64>,
    completed: Option<bool>,
    data: NightData,
}

#[derive(Deserialize)]
struct NightData {
    #[serde(flatten)]
    fields: NightFields,
    night_events: Option<Value>,
}

impl NightRow {
    fn check(self) -> Read {
        span(self.startdate, self.enddate, 2 * NIGHT_SECONDS_MAX)?;
        let device = self.device.of(None);
        Ok(Row::Night(Box::new(Night {
            start: self.startdate,
            end: self.enddate,
            day: self.date.map(|date| date.0),
            time_zone: self.timezone,
            model: self.model.unwrap_or_else(|| sleep_model(device.as_ref())),
            device,
            is_completed: self.completed.unwrap_or(true),
            created: self.created,
            data: self.data.fields,
            events: self.data.night_events.map_or_else(Events::new, events),
        })))
    }
}

/// The events of a night: a map of times, or the text of one with distances, as the live service
/// gives it (field-notes §6.4).
pub(super) fn events(told: Value) -> Events {
    let (told, is_text) = match told {
        Value::String(text) => (serde_json::from_str(&text).unwrap_or_default(), true),
        told => (told, false),
    };
    let Value::Object(kinds) = told else { return Events::new() };
    let mut events = Events::new();
    for (kind, times) in kinds {
        let (Ok(kind), Some(times)) = (kind.parse::<u8>(), times.as_array()) else { continue };
        let mut last = 0_i64;
        let times = times.iter().filter_map(Value::as_i64).map(|time| {
            last = if is_text { last.saturating_add(time) } else { time };
            last
        });
        events.insert(kind, times.collect());
    }
    events
}

#[derive(Deserialize)]
struct WorkoutRow {
    startdate: i64,
    enddate: i64,
    date: Option<Ymd>,
    timezone: Option<String>,
    category: i64,
    attrib: Option<i64>,
    model: Option<i64>,
    deviceid: Option<String>,
    #[serde(default)]
    data: WorkoutFields,
}

impl WorkoutRow {
    fn check(self) -> Read {
        span(self.startdate, self.enddate, store::workout::WORKOUT_SECONDS_MAX)?;
        let named = Named { deviceid: self.deviceid, model_id: self.model, ..Named::default() };
        Ok(Row::Workout(Box::new(Workout {
            start: self.startdate,
            end: self.enddate,
            day: self.date.map(|date| date.0),
            time_zone: self.timezone,
            device: named.of(None),
            model: self.model,
            category: self.category,
            attrib: self.attrib.unwrap_or(0),
            data: self.data,
        })))
    }
}

#[derive(Deserialize)]
struct HeartRow {
    deviceid: Option<String>,
    model: Option<i64>,
    ecg: EcgRow,
    bloodpressure: Option<PressureRow>,
    heart_rate: Option<i64>,
    timestamp: i64,
}

#[derive(Deserialize)]
struct EcgRow {
    afib: Option<i64>,
}

#[derive(Deserialize)]
struct PressureRow {
    diastole: Option<i64>,
    systole: Option<i64>,
}

impl HeartRow {
    fn check(self) -> Read {
        moment(".timestamp", self.timestamp)?;
        let named = Named { deviceid: self.deviceid, model_id: self.model, ..Named::default() };
        let about = About {
            afib: self.ecg.afib,
            heart_rate: self.heart_rate,
            systole: self.bloodpressure.as_ref().and_then(|both| both.systole),
            diastole: self.bloodpressure.as_ref().and_then(|both| both.diastole),
            ..About::default()
        };
        let (date, device) = (self.timestamp, named.of(None));
        Ok(Row::Ecg(Ecg { date, device, about, signal: Vec::new() }))
    }
}
