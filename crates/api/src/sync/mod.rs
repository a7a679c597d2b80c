//! Device sync, `POST /device/v1/sync`: our own way in for devices that can be programmed, and for
//! bridges that speak for others. JSON in; all of a batch is stored or nothing of it; a record that
//! comes again is known by its id; what is acknowledged is durable. docs/device-sync.md tells it to
//! somebody who writes a bridge.
//!
//! A kind of record is a file beside this one and a line of [`KINDS`]. Older scales have a protocol
//! of their own: `gateway`.

mod columns;
mod ecg;
mod event;
mod features;
mod intake;
mod intraday;
mod measures;
mod nudge;
mod rawdata;
mod sleep;
mod status;
mod stetho;
mod survey;
mod workout;

pub use ecg::Ecg;
pub use event::Event;
pub use features::Feature;
pub use intraday::Intraday;
pub use measures::Measures;
pub use nudge::{Nudge, NudgeRecord};
pub use rawdata::RawData;
pub use sleep::Sleep;
pub use status::Status;
pub use stetho::Stetho;
pub use survey::{Survey, SurveyDue, SurveyToAsk};
pub use workout::Workout;

use crate::intake::Placed;
use columns::{DIGITS_MAX, expected};
use domain::fields::{Field, Fields};
use domain::measure::{Measure, MeasureType};
use domain::person::Gender;
use domain::yields::{self, Yield};
use domain::{Error, Refusal, Result, UnixTime, UserId};
use intake::Intake;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Display;
use store::device::Device;
use store::{Tx, measure, person, raw, sync};

/// Where it is.
pub const PATH: &str = "/device/v1/sync";
/// A batch has at most this many bytes.
pub const BATCH_BYTES_MAX: usize = 16 << 20;
/// A batch has at most this many records.
pub const RECORDS_MAX: usize = 10_000;
/// The name of a record has at most this many characters.
pub const ID_CHARS_MAX: usize = 64;

/// What was read, or what is wrong with it.
type Read<T> = std::result::Result<T, Refusal>;

/// A kind of record.
pub struct Kind {
    /// The value of `type`.
    pub name: &'static str,
    /// Its schema, without `id` and `type`.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    yields: Option<Yield>,
    read: fn(Value, &str) -> Read<Box<dyn Readable>>,
}

/// Every kind of record.
pub const KINDS: &[Kind] = &[
    Kind::of::<Measures>("measures"),
    Kind::of::<Intraday>("intraday"),
    Kind::of::<Sleep>("sleep"),
    Kind::of::<Workout>("workout"),
    Kind::of::<Ecg>("ecg"),
    Kind::of::<Stetho>("stetho"),
    Kind::of::<RawData>("rawdata"),
    Kind::of::<Event>("event"),
    Kind::of::<Survey>("survey"),
    Kind::of::<Status>("status"),
    Kind::of::<NudgeRecord>("nudge"),
];

/// What a record holds: read whole, then stored, perhaps more than once where an engine asks for
/// that.
trait Record: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// What it is, where not every device yields it.
    const YIELD: Option<Yield> = None;
    /// `place` is where it stands in the batch, for refusals.
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored>;
}

/// A record of some kind that was read.
trait Readable: Send + Sync {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored>;
}

impl<R: Record> Readable for R {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        Record::store(self, intake, place)
    }
}

/// 503 at a place in the batch.
fn invalid(place: &str, problem: impl Display) -> Refusal {
    Refusal::invalid_param(place, problem)
}

/// Series have to have a date that can be: nobody can claim them later.
fn plausible(at: UnixTime, now: i64, place: &str) -> Result<()> {
    if at.is_plausible(now) {
        return Ok(());
    }
    let problem = "expected a date from 2009 on and at most a day ahead; `now` of an answer sets \
                   the device's clock";
    Err(invalid(place, problem).into())
}

/// What a device says of a whole: no number is below 0 or beyond all use.
fn in_range<F: Fields>(fields: &F, place: &str) -> Result<()> {
    let is_absurd = |field: &&Field| {
        fields.digits(field.number).is_some_and(|digits| !(0..DIGITS_MAX).contains(&digits))
    };
    match F::ALL.iter().find(is_absurd) {
        None => Ok(()),
        Some(field) => {
            let place = format!("{place}.{}", field.name);
            Err(invalid(&place, expected(field.form)).into())
        }
    }
}

/// Numbers of small things: codes, rates, milliseconds.
fn small(numbers: &[(&str, Option<i64>)], place: &str) -> Result<()> {
    let is_small = |number: i64| (0..1_000_000_000).contains(&number);
    match numbers.iter().find(|(_, number)| number.is_some_and(|number| !is_small(number))) {
        None => Ok(()),
        Some((name, _)) => {
            Err(invalid(&format!("{place}.{name}"), "expected 0 or more, below 10^9").into())
        }
    }
}

/// What became of a record.
enum Stored {
    /// It is kept.
    Kept,
    /// The same was there already.
    Known,
    /// It is kept for whoever it belongs to.
    Unclaimed,
    /// It is not kept: nobody asked for it.
    Unwanted,
}

impl From<Placed> for Stored {
    fn from(placed: Placed) -> Self {
        match placed {
            Placed::With(..) => Self::Kept,
            Placed::Unclaimed => Self::Unclaimed,
            Placed::Repeat => Self::Known,
        }
    }
}

impl Kind {
    const fn of<R: Record>(name: &'static str) -> Self {
        Self {
            name,
            yields: R::YIELD,
            schema: |generator| generator.subschema_for::<R>(),
            read: |value, place| Ok(Box::new(named::<R>(value, place)?)),
        }
    }
}

/// A batch that was read, which needs no transaction. What is wrong with it is kept with it: who is
/// not let in learns nothing of that.
pub struct Batch(Read<Vec<Given>>);

/// A record of a batch. Its kind and what it holds are looked at only if it is new.
struct Given {
    id: Read<String>,
    kind: Read<&'static Kind>,
    record: Option<Read<Box<dyn Readable>>>,
}

/// A batch as it comes: records are read one by one, so that what is wrong is named by its place.
#[derive(Deserialize)]
struct Written {
    records: Vec<Map<String, Value>>,
}

impl Batch {
    /// Reads a batch.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let written = match serde_json::from_slice::<Written>(bytes) {
            Ok(written) => Ok(written.records),
            // Read once more, slowly, for what is wrong and where.
            Err(_) => serde_json::from_slice::<Value>(bytes)
                .map_err(|_| Refusal::invalid_param("body", "expected JSON in UTF-8"))
                .and_then(|written| named::<Written>(written, "").map(|written| written.records)),
        };
        written.map_or_else(|refusal| Self(Err(refusal)), Self::of)
    }

    /// The batch of these records.
    #[must_use]
    pub fn of(records: Vec<Map<String, Value>>) -> Self {
        if records.len() > RECORDS_MAX {
            let problem = format!("at most {RECORDS_MAX} at once");
            return Self(Err(Refusal::invalid_param("records", problem)));
        }
        let given = |(at, mut record): (usize, Map<String, Value>)| {
            let place = place(at);
            let (id, kind) = (name(&mut record, &place), kind(&mut record, &place));
            let record = kind.as_ref().ok().map(|kind| (kind.read)(record.into(), &place));
            Given { id, kind, record }
        };
        Self(Ok(records.into_iter().enumerate().map(given).collect()))
    }
}

/// Where a record stands in its batch.
fn place(at: usize) -> String {
    format!("records[{at}]")
}

/// What a device is told.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Synced {
    /// Records that are kept now.
    pub stored: usize,
    /// Records that were there already.
    pub known: usize,
    /// Records that are kept until somebody claims them: it is not clear whose they are.
    pub unclaimed: usize,
    /// Records that are not kept, as nobody asked for them: raw data that no program wants.
    pub unwanted: usize,
    /// The server's time, for a clock that cannot be set otherwise.
    pub now: UnixTime,
    /// The people who use the device.
    pub users: Vec<User>,
    /// Sensors whose raw data a program wants.
    pub rawdata: Vec<Capture>,
    /// What the device is to do or not, where an application chose. Absent: nobody chose anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
    /// What it is to show its people. Absent: nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nudges: Vec<Nudge>,
    /// When it leaves its programme, or left it, for good. Absent: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub program_ends: Option<UnixTime>,
    /// What the device's model is not known to yield, such as `ecg` or `measures of type 71`: kept
    /// as everything else. Perhaps it was registered as another model. Absent: nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unusual: Vec<String>,
    /// Surveys that the device's people are to be asked. Absent: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub surveys: Vec<SurveyToAsk>,
    /// Surveys that measures made due and nobody has answered yet. Absent: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<SurveyDue>,
}

/// A sensor whose raw data is wanted.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Capture {
    /// Whose.
    pub userid: UserId,
    /// 1: accelerometer. 2: optical sensor.
    pub rawdata_type: i64,
    /// Until when; absent: until it is no longer listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub enddate: Option<UnixTime>,
}

/// Somebody who uses the device. What is not known is left out.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// What a record names them by.
    pub userid: UserId,
    /// What a display calls them.
    pub shortname: String,
    /// A zone of the time zone database.
    pub timezone: String,
    /// Their day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub birthdate: Option<String>,
    /// 0: man. 1: woman.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub gender: Option<i64>,
    /// In metres: `value * 10^unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Quantity")]
    pub height: Option<Quantity>,
    /// Their last weight, in kilograms: `value * 10^unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Quantity")]
    pub weight: Option<Quantity>,
}

/// A number as an integer and an exponent.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Quantity {
    /// Its digits.
    pub value: i64,
    /// The power of ten the digits are multiplied by.
    pub unit: i8,
}

impl From<Measure> for Quantity {
    fn from(measure: Measure) -> Self {
        Self { value: measure.value, unit: measure.unit }
    }
}

/// Takes in a batch: the whole envelope of the answer. A refusal stores nothing of it.
pub fn answer(tx: &mut Tx<'_>, token: Option<&str>, batch: &Batch) -> Result<Vec<u8>> {
    let token = token.ok_or_else(|| Refusal::invalid_token("no device token"))?;
    let synced = take_in(tx, token, batch)?;
    serde_json::to_vec(&json!({ "status": 0, "body": synced })).map_err(Error::internal)
}

/// The same, for whoever reads no JSON.
pub fn take_in(tx: &mut Tx<'_>, token: &str, batch: &Batch) -> Result<Synced> {
    let device = sync::of_token(tx, token)?;
    let device = device.ok_or_else(|| Refusal::invalid_token("unknown device token"))?;
    tx.attempt(|tx| take(tx, &device, batch))
}

fn take(tx: &mut Tx<'_>, device: &Device, batch: &Batch) -> Result<Synced> {
    let records = batch.0.as_ref().map_err(Refusal::clone)?;
    sync::lock(tx, device.id)?;
    store::device::note_contact(tx, device.id)?;
    let now = UnixTime(tx.now());
    let mut synced = Synced {
        stored: 0,
        known: 0,
        unclaimed: 0,
        unwanted: 0,
        now,
        users: Vec::new(),
        rawdata: Vec::new(),
        features: Vec::new(),
        nudges: Vec::new(),
        program_ends: device.terminates.map(UnixTime),
        unusual: Vec::new(),
        surveys: Vec::new(),
        due: Vec::new(),
    };
    let mut intake = Intake::begin(tx, device)?;
    for (at, given) in records.iter().enumerate() {
        let id = given.id.as_ref().map_err(Refusal::clone)?;
        let kind = given.kind.as_ref().map_err(Refusal::clone)?;
        let stored = match &given.record {
            Some(record) if sync::note(intake.tx, device.id, id)? => {
                if let Some(what) = kind.yields
                    && !yields::is_usual(device.model_id, what)
                {
                    intake.wonder(kind.name.to_owned());
                }
                record.as_ref().map_err(Refusal::clone)?.store(&mut intake, &place(at))?
            }
            _ => Stored::Known,
        };
        match stored {
            Stored::Kept => synced.stored += 1,
            Stored::Known => synced.known += 1,
            Stored::Unclaimed => synced.unclaimed += 1,
            Stored::Unwanted => synced.unwanted += 1,
        }
    }
    synced.unusual = intake.finish()?;
    let users = store::device::users(tx, device.id)?;
    synced.rawdata = captures(tx, device, &users)?;
    // A device that left its programme does what its person says alone.
    if device.terminates.is_none_or(|end| now.0 < end) {
        synced.features = features::features(tx, device, &users)?;
        synced.nudges = nudge::nudges(tx, device, &users)?;
        (synced.surveys, synced.due) = survey::wanted(tx, device)?;
    }
    synced.users = users.into_iter().map(|user| describe(tx, user)).collect::<Result<_>>()?;
    Ok(synced)
}

/// The record's name, which the device gave it.
fn name(record: &mut Map<String, Value>, place: &str) -> Read<String> {
    let is_name = |id: &String| {
        (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let id = record.remove("id").and_then(|id| id.as_str().map(str::to_owned));
    id.filter(is_name).ok_or_else(|| {
        let problem = format!("expected 1 to {ID_CHARS_MAX} printable ASCII characters");
        Refusal::invalid_param(&format!("{place}.id"), problem)
    })
}

fn kind(record: &mut Map<String, Value>, place: &str) -> Read<&'static Kind> {
    let given = record.remove("type");
    let named = given.as_ref().and_then(Value::as_str);
    let known = KINDS.iter().find(|kind| Some(kind.name) == named);
    known.ok_or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        let problem = format!("expected one of {}", names.join(", "));
        Refusal::invalid_param(&format!("{place}.type"), problem)
    })
}

/// Reads a value into its type; a refusal names the place and what would do, never what stood
/// there.
pub(crate) fn read<T: DeserializeOwned>(value: Value, place: &str) -> Result<T> {
    Ok(named(value, place)?)
}

fn named<T: DeserializeOwned>(value: Value, place: &str) -> Read<T> {
    // What is right is read at once; only what is wrong is read again to find its place.
    if let Ok(read) = T::deserialize(&value) {
        return Ok(read);
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let inner = if path == "." { String::new() } else { path };
        let dot =
            if place.is_empty() || inner.is_empty() || inner.starts_with('[') { "" } else { "." };
        let place = format!("{place}{dot}{inner}");
        let place = if place.is_empty() { "body" } else { place.as_str() };
        let said = error.into_inner().to_string();
        // serde quotes what it found, and says at the end what it expected; a missing member it
        // only names.
        let problem = match said.rsplit_once(", expected ") {
            Some((_, expected)) => format!("expected {expected}"),
            None if said.starts_with("missing field") => said,
            None => "it cannot be read".to_owned(),
        };
        Refusal::invalid_param(place, problem)
    })
}

/// The raw data that is wanted now.
fn captures(tx: &mut Tx<'_>, device: &Device, users: &[UserId]) -> Result<Vec<Capture>> {
    let (now, mut wanted) = (tx.now(), Vec::new());
    for &userid in users {
        let captures = raw::captures(tx, userid, device.id)?.into_iter();
        let current = captures.filter(|capture| capture.until.is_none_or(|until| until > now));
        wanted.extend(current.map(|capture| Capture {
            userid,
            rawdata_type: capture.sensor,
            enddate: capture.until.map(UnixTime),
        }));
    }
    Ok(wanted)
}

fn describe(tx: &mut Tx<'_>, user: UserId) -> Result<User> {
    let person = person::get(tx, user)?;
    let mut last = |kind| measure::last(tx, user, kind);
    Ok(User {
        userid: user,
        height: last(MeasureType::HEIGHT)?.map(Quantity::from),
        weight: last(MeasureType::WEIGHT)?.map(Quantity::from),
        shortname: person.short_name,
        timezone: person.time_zone,
        birthdate: person.birth_date.map(|day| day.to_string()),
        gender: person.gender.map(Gender::code),
    })
}
