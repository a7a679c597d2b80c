//! `measure getmeas`: weights, blood pressures and everything else that is taken at one moment.

mod write;

use crate::caller::{Metrics, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::source::{DeviceHash, Sources};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{GroupId, Refusal, Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use store::measure::{Filter, Group, page};
use store::person;

/// How many groups one answer holds. Some programs never ask for a second page.
pub const PAGE_GROUPS: usize = 5_000;
/// How many types can be asked for.
const KINDS_MAX: usize = 256;

/// Measures of one person, in groups taken at one moment, newest first.
///
/// With `lastupdate` only groups that were stored or changed after it are given; together with
/// `startdate` or `enddate` it adds those groups to the ones of the window. A program that comes
/// back with `lastupdate` set to the last `updatetime` misses nothing. `more` and `offset` stand in
/// the answer only while there is more.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetMeas {
    /// Only this type of measure.
    pub meastype: Option<MeasureType>,
    /// Only these types of measures; a group keeps the measures asked for.
    #[serde(default)]
    pub meastypes: Vec<MeasureType>,
    /// 1: real measures. 2: objectives. Without it: both.
    pub category: Option<Category>,
    /// Taken at or after.
    pub startdate: Option<UnixTime>,
    /// Taken at or before.
    pub enddate: Option<UnixTime>,
    /// Stored or changed after.
    pub lastupdate: Option<UnixTime>,
    /// The `offset` of the answer before.
    pub offset: Option<i64>,
}

/// One page of groups.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MeasureGroups {
    /// What to give as `lastupdate` next time.
    pub updatetime: UnixTime,
    /// The person's zone.
    pub timezone: String,
    /// Newest first.
    pub measuregrps: Vec<MeasureGroup>,
    /// 1 while there is more, else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u8")]
    pub more: Option<u8>,
    /// What to give as `offset` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub offset: Option<i64>,
}

/// Measures taken at one moment.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MeasureGroup {
    /// Its id.
    pub grpid: GroupId,
    /// How it is known whose it is.
    pub attrib: Attrib,
    /// When it was taken.
    pub date: UnixTime,
    /// When it was stored.
    pub created: UnixTime,
    /// When it last changed.
    pub modified: UnixTime,
    /// 1: real. 2: objective.
    pub category: Category,
    /// What took it; null when it was entered by hand.
    pub deviceid: Option<DeviceHash>,
    /// The same.
    pub hash_deviceid: Option<DeviceHash>,
    /// Its measures: `value * 10^unit`.
    pub measures: Vec<Measure>,
    /// The model of the device, as live answers name it.
    pub modelid: Option<i64>,
    /// The model of the device, as the reference names it.
    pub model_id: Option<i64>,
    /// The name of the model.
    pub model: Option<Cow<'static, str>>,
    /// Always null.
    pub comment: Option<String>,
}

impl Operation for GetMeas {
    const PATH: &'static str = "/measure";
    const ACTION: &'static str = "getmeas";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Metrics>;
    type Reply = MeasureGroups;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Metrics>) -> Result<MeasureGroups> {
        let offset = self.offset()?;
        let filter = self.filter()?;
        let person = person::get(tx, caller.user)?;
        let rows_max = tx.page_rows(PAGE_GROUPS);
        let page = page(tx, caller.user, &filter, offset.map(Offset::sequence), rows_max)?;
        let mut sources = Sources::default();
        // With its room from the start: growing would copy it again and again.
        let mut measuregrps = Vec::with_capacity(page.groups.len());
        for group in page.groups {
            measuregrps.push(MeasureGroup::of(tx, &mut sources, group)?);
        }
        let now_updated = person::update_time(tx, &person);
        let updatetime = offset.map_or(now_updated, |offset| offset.walk_began(now_updated));
        let next = page.next_offset.map(|sequence| Offset::new(updatetime, sequence));
        Ok(MeasureGroups {
            measuregrps,
            updatetime: UnixTime(updatetime),
            timezone: person.time_zone,
            more: next.map(|_| 1),
            offset: next.map(|offset| offset.0),
        })
    }

    fn write(reply: &MeasureGroups, out: &mut Vec<u8>) -> Result<()> {
        write::reply(reply, out);
        Ok(())
    }

    fn examples() -> Vec<Example<MeasureGroups>> {
        let reply = MeasureGroups {
            updatetime: UnixTime(1_795_379_630),
            timezone: "Europe/Paris".to_owned(),
            measuregrps: vec![example_group()],
            more: None,
            offset: None,
        };
        let changed = json!({ "meastypes": [1, 6], "category": 1, "lastupdate": 1_795_300_000 });
        vec![Example {
            summary: "Weights and fat ratios since the last call",
            params: changed,
            reply,
        }]
    }
}

fn example_group() -> MeasureGroup {
    let hash = DeviceHash::of("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334");
    let weight =
        Measure { algo: Some(0), fm: Some(3), ..Measure::new(MeasureType::WEIGHT, 82_670, -3) };
    MeasureGroup {
        grpid: GroupId(4_592_233_961_489_585),
        attrib: Attrib::DEVICE,
        date: UnixTime(1_795_330_118),
        created: UnixTime(1_795_330_131),
        modified: UnixTime(1_795_330_131),
        category: Category::REAL,
        deviceid: Some(hash.clone()),
        hash_deviceid: Some(hash),
        measures: vec![weight, Measure::new(MeasureType::FAT_RATIO, 21_480, -3)],
        modelid: Some(4),
        model_id: Some(4),
        model: Some("Smart Body Analyzer".into()),
        comment: None,
    }
}

impl GetMeas {
    fn filter(self) -> Result<Filter> {
        if self.category.is_some_and(|category| !Category::ALL.contains(&category)) {
            return Err(Refusal::invalid_param("category", "give 1 or 2").into());
        }
        let mut kinds = self.meastypes;
        kinds.extend(self.meastype);
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() > KINDS_MAX {
            let problem = format!("give at most {KINDS_MAX} types");
            return Err(Refusal::invalid_param("meastypes", problem).into());
        }
        let seconds = |time: Option<UnixTime>| time.map(|time| time.0);
        Ok(Filter {
            kinds,
            category: self.category,
            start: seconds(self.startdate),
            end: seconds(self.enddate),
            changed_after: seconds(self.lastupdate),
        })
    }

    /// Programs that page by habit begin with 0.
    fn offset(&self) -> Result<Option<Offset>> {
        let offset = self.offset.filter(|offset| *offset != 0).map(Offset);
        if offset.is_some_and(|offset| !(0..1 << 31).contains(&offset.0)) {
            let problem = "give the offset of the answer before, unchanged";
            return Err(Refusal::invalid_param("offset", problem).into());
        }
        Ok(offset)
    }
}

/// What a page's `offset` carries: which group was the last, and when the walk through the pages
/// began. The last page must not answer an `updatetime` that is later than that: what changed since
/// may stand on a page that was already given.
#[derive(Clone, Copy)]
struct Offset(i64);

impl Offset {
    /// The beginning is kept in units of 64 seconds, in the 9 bits a 31-bit number has left beside
    /// the person's number of a group: enough for a walk of nine hours.
    const UNIT_SECONDS: i64 = 64;
    const UNITS: i64 = 512;

    const fn new(began: i64, sequence: i64) -> Self {
        let units = began.div_euclid(Self::UNIT_SECONDS).rem_euclid(Self::UNITS);
        Self(units * (GroupId::SEQUENCE_MAX + 1) + sequence)
    }

    const fn sequence(self) -> i64 {
        self.0 % (GroupId::SEQUENCE_MAX + 1)
    }

    /// The latest moment not after `now` that the offset can mean, to the unit.
    const fn walk_began(self, now: i64) -> i64 {
        let kept = self.0 / (GroupId::SEQUENCE_MAX + 1);
        let units = now.div_euclid(Self::UNIT_SECONDS);
        let ago = (units - kept).rem_euclid(Self::UNITS);
        (units - ago) * Self::UNIT_SECONDS
    }
}

impl MeasureGroup {
    /// A group as it is told.
    pub(crate) fn of(tx: &mut Tx<'_>, sources: &mut Sources, group: Group) -> Result<Self> {
        let device = match group.device {
            None => None,
            Some(id) => sources.find(tx, group.id.parts().0, id)?,
        };
        let (deviceid, hash, model_id, model) = match device {
            Some(device) => (device.deviceid, device.hash, device.model_id, device.model),
            None => (None, None, None, None),
        };
        Ok(Self {
            grpid: group.id,
            attrib: group.attrib,
            date: UnixTime(group.date),
            created: UnixTime(group.created),
            modified: UnixTime(group.modified),
            category: group.category,
            deviceid,
            hash_deviceid: hash,
            measures: group.measures,
            modelid: model_id,
            model_id,
            model,
            comment: None,
        })
    }
}
