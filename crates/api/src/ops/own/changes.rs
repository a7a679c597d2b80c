//! `vitald changes`: everything that changed, in the order in which it did.

use crate::caller::Holder;
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::heart::HeartRow;
use crate::ops::measure::{ActivityDay, MeasureGroup, WorkoutRow};
use crate::ops::sleep::NightRow;
use crate::ops::stetho::SoundRow;
use crate::source::Sources;
use crate::summary::ymd;
use domain::fields::{Field, Fields, Form};
use domain::recording::Kind as RecordingKind;
use domain::{Error, Refusal, Result, Scope, ScopeSet, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::change::{Kind, nth};
use store::{day, event, goal, measure, night, person, raw, recording, series, workout};

/// The most rows of one kind that a page is asked for.
pub const LIMIT_MAX: i64 = 1_000;
/// How many it is without being asked.
const LIMIT: i64 = 500;
/// A chunk of a series is as large as so many rows.
const ROWS_A_CHUNK: i64 = 50;

/// Every row of one person that changed after a cursor, in the order of the changes: what a mirror
/// needs to stay equal.
///
/// A row replaces whatever has its `id`; one that is `deleted` takes it away. Without `cursor` it
/// begins with the first change. A change is never cut: a page may hold more rows than `limit`.
/// Given are the kinds that the scopes of the token let be read: with `user.metrics` groups, goals,
/// `ecg` and `stetho`, with `user.activity` `activity`, `intraday`, `sleep`, `night` and `workout`,
/// with `user.sleepevents` `event`, with `user.rawdata` `rawdata`. Signals and raw data themselves
/// are given by their own operations.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// The `cursor` of the answer before.
    pub cursor: Option<i64>,
    /// About how many rows of a kind; without it 500, at most 1000.
    pub limit: Option<i64>,
}

/// A page of changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangePage {
    /// In the order of their changes.
    pub changes: Vec<Change>,
    /// What to give as `cursor` next time.
    pub cursor: i64,
    /// Whether there is more by now.
    pub more: bool,
}

/// A row that changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Change {
    /// What it is known by, among all of the person's rows.
    pub id: String,
    /// What it is.
    pub kind: &'static str,
    /// The person's change it last changed with.
    pub change_seq: i64,
    /// When that was.
    pub modified: UnixTime,
    /// Whether it was taken away.
    pub deleted: bool,
    /// The row as its operation gives it; of a series all its moments. Null if it was taken away.
    #[schemars(with = "Option<Row>")]
    pub data: Option<Value>,
}

/// A row as its operation gives it.
#[derive(JsonSchema)]
#[schemars(rename = "ChangedRow")]
struct Row {}

impl Operation for Changes {
    const PATH: &'static str = super::PATH;
    const ACTION: &'static str = "changes";
    const ACCESS: Access = Access::Read;
    type Caller = Holder;
    type Reply = ChangePage;

    fn call(self, tx: &mut Tx<'_>, caller: Holder) -> Result<ChangePage> {
        let after = self.cursor.unwrap_or(0);
        if after < 0 {
            return Err(Refusal::invalid_param("cursor", "give the cursor of an answer").into());
        }
        let limit = self.limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            let problem = format!("expected 1 to {LIMIT_MAX}");
            return Err(Refusal::invalid_param("limit", problem).into());
        }
        page(tx, caller.user, &caller.scopes, after, limit)
    }

    fn examples() -> Vec<Example<ChangePage>> {
        let data = json!({
            "date": "2026-11-22", "timezone": "Europe/Paris", "steps": 8_454, "brand": 1,
            "is_tracker": true, "modified": 1_795_384_859,
        });
        let day = Change {
            id: "activity/2026-11-22".to_owned(),
            kind: "activity",
            change_seq: 1_204,
            modified: UnixTime(1_795_384_859),
            deleted: false,
            data: Some(data),
        };
        let night = Change {
            id: "night/4592233961489588".to_owned(),
            kind: "night",
            change_seq: 1_205,
            modified: UnixTime(1_795_384_990),
            deleted: true,
            data: None,
        };
        let reply = ChangePage { changes: vec![day, night], cursor: 1_205, more: false };
        let params = json!({ "cursor": 1_203 });
        vec![Example { summary: "A day that grew, a night that was taken away", params, reply }]
    }
}

/// The rows of a person that changed after a change, as far as the scopes let them be read.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    scopes: &ScopeSet,
    after: i64,
    limit: i64,
) -> Result<ChangePage> {
    let last = person::get(tx, user)?.change_seq;
    if after >= last {
        return Ok(ChangePage { changes: Vec::new(), cursor: after, more: false });
    }
    let kinds = KINDS.iter().filter(|(_, scope)| scopes.contains(*scope));
    let kinds: Vec<Kind> = kinds.map(|(kind, _)| *kind).collect();
    let mut upto = last;
    for kind in &kinds {
        let rows = if *kind == Kind::Series { (limit / ROWS_A_CHUNK).max(1) } else { limit };
        upto = upto.min(nth(tx, user, *kind, after, rows)?.unwrap_or(last));
    }
    let (range, sources) = ((after, upto), Sources::default());
    let mut feed = Feed { user, range, sources, rows: Vec::new() };
    for kind in kinds {
        feed.add(tx, kind)?;
    }
    let mut changes = feed.rows;
    changes.sort_by(|one, other| {
        (one.change_seq, one.kind, &one.id).cmp(&(other.change_seq, other.kind, &other.id))
    });
    Ok(ChangePage { changes, cursor: upto, more: upto < last })
}

/// What changes, and the scope with which it can be read.
const KINDS: [(Kind, Scope); 9] = [
    (Kind::Group, Scope::Metrics),
    (Kind::Goal, Scope::Metrics),
    (Kind::Recording, Scope::Metrics),
    (Kind::Day, Scope::Activity),
    (Kind::Series, Scope::Activity),
    (Kind::Night, Scope::Activity),
    (Kind::Workout, Scope::Activity),
    (Kind::Event, Scope::SleepEvents),
    (Kind::Raw, Scope::RawData),
];

/// The rows of a page.
struct Feed {
    user: UserId,
    range: (i64, i64),
    sources: Sources,
    rows: Vec<Change>,
}

/// What every row has.
struct Mark {
    change_seq: i64,
    modified: i64,
    is_deleted: bool,
}

impl Feed {
    fn add(&mut self, tx: &mut Tx<'_>, kind: Kind) -> Result<()> {
        let (user, range) = (self.user, self.range);
        match kind {
            Kind::Group => {
                for row in measure::changed(tx, user, range)? {
                    let (change_seq, is_deleted) = (row.change_seq, row.is_deleted);
                    let mark = Mark { change_seq, modified: row.group.modified, is_deleted };
                    let id = format!("group/{}", row.group.id);
                    let data = MeasureGroup::of(tx, &mut self.sources, row.group)?;
                    self.push("group", id, &mark, &data)?;
                }
            }
            Kind::Goal => {
                if let Some((change_seq, modified)) = goal::changed(tx, user, range)? {
                    let goals = goal::get(tx, user)?;
                    let data = json!({ "steps": goals.steps, "sleep": goals.sleep_seconds });
                    let mark = Mark { change_seq, modified, is_deleted: false };
                    self.push("goals", "goals".to_owned(), &mark, &data)?;
                }
            }
            Kind::Day => {
                for row in day::changed(tx, user, range)? {
                    let mark = Mark {
                        change_seq: row.change_seq,
                        modified: row.modified,
                        is_deleted: false,
                    };
                    let id = format!("activity/{}", ymd(row.day.day));
                    let data = ActivityDay::of(tx, &mut self.sources, user, row, None)?;
                    self.push("activity", id, &mark, &data)?;
                }
            }
            Kind::Night => {
                for row in night::changed(tx, user, range)? {
                    let mark = Mark {
                        change_seq: row.change_seq,
                        modified: row.modified,
                        is_deleted: row.is_deleted,
                    };
                    let id = format!("night/{}", row.id);
                    let data = NightRow::whole(tx, &mut self.sources, user, row)?;
                    self.push("night", id, &mark, &data)?;
                }
            }
            Kind::Workout => {
                for row in workout::changed(tx, user, range)? {
                    let mark = Mark {
                        change_seq: row.change_seq,
                        modified: row.modified,
                        is_deleted: row.is_deleted,
                    };
                    let id = format!("workout/{}", row.id);
                    let data = WorkoutRow::of(tx, &mut self.sources, user, row, None)?;
                    self.push("workout", id, &mark, &data)?;
                }
            }
            Kind::Recording => self.add_recordings(tx)?,
            Kind::Series => {
                for row in series::changed(tx, user, range)? {
                    self.add_chunk(tx, &row)?;
                }
            }
            Kind::Event => {
                for row in event::changed(tx, user, range)? {
                    let mark = Mark {
                        change_seq: row.change_seq,
                        modified: row.modified,
                        is_deleted: false,
                    };
                    let hash = self.hash(tx, row.event.device)?;
                    let data = json!({
                        "hash_deviceid": hash, "event": row.event.kind, "at": row.event.date,
                    });
                    self.push("event", format!("event/{}", row.id), &mark, &data)?;
                }
            }
            Kind::Raw => {
                for row in raw::changed(tx, user, range)? {
                    let mark = Mark {
                        change_seq: row.change_seq,
                        modified: row.modified,
                        is_deleted: false,
                    };
                    let hash = self.hash(tx, row.segment.device)?;
                    let data = json!({
                        "hash_deviceid": hash, "type": row.segment.sensor,
                        "startdate": row.segment.start, "enddate": row.segment.end,
                    });
                    self.push("rawdata", format!("rawdata/{}", row.id), &mark, &data)?;
                }
            }
        }
        Ok(())
    }

    fn add_recordings(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let user = self.user;
        for row in recording::changed(tx, user, self.range)? {
            let mark =
                Mark { change_seq: row.change_seq, modified: row.modified, is_deleted: false };
            match row.recording.kind {
                RecordingKind::Ecg => {
                    let id = format!("ecg/{}", row.id);
                    let data = HeartRow::of(tx, &mut self.sources, user, row)?;
                    self.push("ecg", id, &mark, &data)?;
                }
                RecordingKind::Stetho => {
                    let id = format!("stetho/{}", row.id);
                    let data = SoundRow::of(tx, &mut self.sources, user, row)?;
                    self.push("stetho", id, &mark, &data)?;
                }
            }
        }
        Ok(())
    }

    fn add_chunk(&mut self, tx: &mut Tx<'_>, row: &series::Stored) -> Result<()> {
        let hash = self.hash(tx, row.device)?;
        let (kind, mut data) = match row.kind {
            series::Kind::Intraday => {
                let samples = row.samples();
                let times: Vec<i64> = samples.iter().map(|sample| sample.at).collect();
                let rows: Vec<_> = samples.iter().map(|sample| &sample.values).collect();
                ("intraday", json!({ "times": times, "values": columns(&rows) }))
            }
            series::Kind::Sleep => {
                let sleep = row.sleep();
                let times: Vec<i64> = sleep.vitals.iter().map(|vital| vital.at).collect();
                let rows: Vec<_> = sleep.vitals.iter().map(|vital| &vital.values).collect();
                let stages = sleep.stages.iter().map(|stage| {
                    json!({
                        "startdate": stage.start, "enddate": stage.end, "state": stage.state.0,
                    })
                });
                let stages: Vec<Value> = stages.collect();
                ("sleep", json!({ "stages": stages, "times": times, "values": columns(&rows) }))
            }
        };
        data["hash_deviceid"] = json!(hash);
        let mark = Mark { change_seq: row.change_seq, modified: row.modified, is_deleted: false };
        let id = format!("{kind}/{}/{}", row.device, ymd(row.day));
        self.push(kind, id, &mark, &data)
    }

    fn hash(&mut self, tx: &mut Tx<'_>, device: domain::DeviceId) -> Result<Option<String>> {
        let source = self.sources.find(tx, self.user, device)?;
        let hash = source.and_then(|source| source.hash);
        Ok(hash.map(|hash| hash.as_str().to_owned()))
    }

    fn push(
        &mut self,
        kind: &'static str,
        id: String,
        mark: &Mark,
        data: &impl Serialize,
    ) -> Result<()> {
        let data = match mark.is_deleted {
            true => None,
            false => Some(serde_json::to_value(data).map_err(Error::internal)?),
        };
        self.rows.push(Change {
            id,
            kind,
            change_seq: mark.change_seq,
            modified: UnixTime(mark.modified),
            deleted: mark.is_deleted,
            data,
        });
        Ok(())
    }
}

/// A list for each field that has a value anywhere, as devices send them.
fn columns<F: Fields>(rows: &[&F]) -> Map<String, Value> {
    let mut columns = Map::new();
    for field in F::ALL {
        if rows.iter().any(|row| row.digits(field.number).is_some()) {
            let values = rows.iter().map(|row| number(field, row.digits(field.number)));
            columns.insert(field.name.to_owned(), values.collect());
        }
    }
    columns
}

fn number(field: &Field, digits: Option<i64>) -> Value {
    match (digits, field.form) {
        (None, _) => Value::Null,
        (Some(digits), Form::Decimal(places)) => {
            let scale = 10_i64.pow(places.into());
            if digits % scale == 0 {
                json!(digits / scale)
            } else {
                json!(digits as f64 / scale as f64)
            }
        }
        (Some(digits), _) => json!(digits),
    }
}
