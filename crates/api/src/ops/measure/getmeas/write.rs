//! A page of groups as JSON, byte for byte as serde writes it, at a fraction of the cost.

use super::{DeviceHash, MeasureGroup, MeasureGroups};
use crate::json::{Short, Writer};
use domain::measure::Measure;
use std::ops::Range;

/// Bytes a group takes, roughly; a wrong guess costs time, no more.
const GROUP_BYTES: usize = 350;
/// Bytes a measure takes, roughly.
const MEASURE_BYTES: usize = 56;

pub(super) fn reply(reply: &MeasureGroups, out: &mut Vec<u8>) {
    let measures: usize = reply.measuregrps.iter().map(|group| group.measures.len()).sum();
    out.reserve(256 + reply.measuregrps.len() * GROUP_BYTES + measures * MEASURE_BYTES);
    let mut to = Writer(out);
    to.raw(r#"{"updatetime":"#);
    to.int(reply.updatetime.0);
    to.raw(r#","timezone":"#);
    to.text(&reply.timezone);
    to.raw(r#","measuregrps":["#);
    let mut written = Written::default();
    for (at, group) in reply.measuregrps.iter().enumerate() {
        to.raw(if at == 0 { r#"{"grpid":"# } else { r#",{"grpid":"# });
        written.group(group, &mut to);
    }
    to.raw("]");
    to.int_if_some(r#","more":"#, reply.more);
    to.int_if_some(r#","offset":"#, reply.offset);
    to.raw("}");
}

/// What stands in the answer already and is likely to come again: a person has few devices, and a
/// device measures the same things each time. Copying a piece is much cheaper than writing it.
#[derive(Default)]
struct Written<'r> {
    device: Option<Device<'r>>,
    /// What follows the value of a measure, for each measure (without its value) met so far.
    measures: Vec<(Measure, AfterValue)>,
    /// The place in `measures` of the one that was met after this one the last time.
    next: usize,
}

/// What follows the value of one measure, up to the value of the next.
type AfterValue = Short<64>;
/// Between two measures.
const NEXT_VALUE: &str = r#",{"value":"#;

/// Where the pieces of a group that name its device stand.
struct Device<'r> {
    group: &'r MeasureGroup,
    before_measures: Range<usize>,
    after_measures: Range<usize>,
}

impl<'r> Written<'r> {
    /// Different measures that are remembered; an answer with more of them is written, not copied.
    const MEASURES_MAX: usize = 32;

    /// From the number of the group on.
    fn group(&mut self, group: &'r MeasureGroup, to: &mut Writer<'_>) {
        to.int(group.grpid.0);
        to.raw(r#","attrib":"#);
        to.int(group.attrib.0);
        to.raw(r#","date":"#);
        to.int(group.date.0);
        to.raw(r#","created":"#);
        to.int(group.created.0);
        to.raw(r#","modified":"#);
        to.int(group.modified.0);
        to.raw(r#","category":"#);
        to.int(group.category.0);
        let known = self.device.take().filter(|known| known.is_of(group));
        let before_measures = match &known {
            Some(known) => to.again(&known.before_measures),
            None => to.piece(|to| before_measures(group, to)),
        };
        if !group.measures.is_empty() {
            to.raw(r#"{"value":"#);
            group.measures.iter().for_each(|measure| self.measure(measure, to));
            to.0.truncate(to.0.len() - NEXT_VALUE.len());
        }
        let after_measures = match &known {
            Some(known) => to.again(&known.after_measures),
            None => to.piece(|to| after_measures(group, to)),
        };
        self.device = Some(Device { group, before_measures, after_measures });
    }

    /// From the digits of the value to where the value of the next measure would stand.
    fn measure(&mut self, measure: &Measure, to: &mut Writer<'_>) {
        to.int(measure.value);
        let kind = Measure { value: 0, ..*measure };
        let is_same = |known: &&(Measure, AfterValue)| known.0 == kind;
        let met = self.measures.get(self.next).filter(is_same).map(|_| self.next);
        let met = met.or_else(|| self.measures.iter().position(|known| known.0 == kind));
        if let Some(at) = met {
            to.short(&self.measures[at].1);
            self.next = (at + 1) % self.measures.len();
            return;
        }
        let piece = to.piece(|to| after_value(measure, to));
        if let Some(piece) = AfterValue::of(&to.0[piece]).filter(|_| self.has_room()) {
            self.measures.push((kind, piece));
        }
        self.next = 0;
    }
}

impl Written<'_> {
    fn has_room(&self) -> bool {
        self.measures.len() < Self::MEASURES_MAX
    }
}

impl Device<'_> {
    fn is_of(&self, group: &MeasureGroup) -> bool {
        let same = |ours: &Option<DeviceHash>, theirs: &Option<DeviceHash>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => ours.is_same(theirs),
            (None, None) => true,
            _ => false,
        };
        same(&self.group.deviceid, &group.deviceid)
            && same(&self.group.hash_deviceid, &group.hash_deviceid)
            && self.group.modelid == group.modelid
            && self.group.model_id == group.model_id
            && self.group.model == group.model
            && self.group.comment == group.comment
    }
}

fn before_measures(group: &MeasureGroup, to: &mut Writer<'_>) {
    to.raw(r#","deviceid":"#);
    to.text_or_null(group.deviceid.as_ref().map(|hash| hash.as_str()));
    to.raw(r#","hash_deviceid":"#);
    to.text_or_null(group.hash_deviceid.as_ref().map(|hash| hash.as_str()));
    to.raw(r#","measures":["#);
}

fn after_measures(group: &MeasureGroup, to: &mut Writer<'_>) {
    to.raw(r#"],"modelid":"#);
    to.int_or_null(group.modelid);
    to.raw(r#","model_id":"#);
    to.int_or_null(group.model_id);
    to.raw(r#","model":"#);
    to.text_or_null(group.model.as_deref());
    to.raw(r#","comment":"#);
    to.text_or_null(group.comment.as_deref());
    to.raw("}");
}

fn after_value(measure: &Measure, to: &mut Writer<'_>) {
    to.raw(r#","type":"#);
    to.int(measure.kind.0);
    to.raw(r#","unit":"#);
    to.int(measure.unit);
    to.int_if_some(r#","algo":"#, measure.algo);
    to.int_if_some(r#","fm":"#, measure.fm);
    to.int_if_some(r#","position":"#, measure.position);
    to.int_if_some(r#","apppfmid":"#, measure.apppfmid);
    to.int_if_some(r#","appliver":"#, measure.appliver);
    to.raw("}");
    to.raw(NEXT_VALUE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::measure::{Attrib, Category, MeasureType};
    use domain::{GroupId, UnixTime};
    use proptest::option::of;
    use proptest::prelude::*;

    fn a_measure() -> impl Strategy<Value = Measure> {
        let marks = || of(any::<i32>());
        let marks = (marks(), marks(), marks(), marks(), marks());
        (any::<i32>(), any::<i64>(), any::<i8>(), marks).prop_map(|(kind, value, unit, marks)| {
            let (algo, fm, position, apppfmid, appliver) = marks;
            let bare = Measure::new(MeasureType(kind), value, unit);
            Measure { algo, fm, position, apppfmid, appliver, ..bare }
        })
    }

    /// The same kinds and devices come again and again, and some come once.
    fn measures() -> impl Strategy<Value = Vec<Measure>> {
        let repeated = (0..40_i32, any::<i64>()).prop_map(|(kind, value)| Measure {
            fm: Some(3),
            ..Measure::new(MeasureType(kind), value, -3)
        });
        proptest::collection::vec(prop_oneof![3 => repeated, 1 => a_measure()], 0..12)
    }

    fn a_group() -> impl Strategy<Value = MeasureGroup> {
        let times = (any::<i64>(), any::<i64>(), any::<i64>());
        let codes = (any::<i64>(), any::<i32>(), any::<i32>());
        let device = of((any::<String>(), any::<i64>()));
        let model = of(Just("Body \"Smart\"".into()));
        let all = (times, codes, device, model, measures(), of(any::<String>()));
        all.prop_map(|(times, codes, device, model, measures, comment)| {
            let model_id = device.as_ref().map(|(_, model)| *model);
            let hash = device.map(|(hash, _)| DeviceHash::of(&hash));
            MeasureGroup {
                grpid: GroupId(codes.0),
                attrib: Attrib(codes.1),
                date: UnixTime(times.0),
                created: UnixTime(times.1),
                modified: UnixTime(times.2),
                category: Category(codes.2),
                deviceid: hash.clone(),
                hash_deviceid: hash,
                measures,
                modelid: model_id,
                model_id,
                model,
                comment,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_by_hand_is_what_serde_writes(
            updatetime: i64,
            timezone: String,
            groups in proptest::collection::vec((a_group(), 0..3_usize), 0..6),
            more in of(any::<u8>()),
            offset: Option<i64>,
        ) {
            let updatetime = UnixTime(updatetime);
            // A group of the device of another one, as an answer is full of.
            let mut measuregrps: Vec<MeasureGroup> = Vec::new();
            for (group, like) in groups {
                let like = measuregrps.iter().rev().nth(like);
                let of_like = |like: &MeasureGroup| (like.deviceid.clone(), like.modelid);
                let device = like.map_or((group.deviceid, group.modelid), of_like);
                let (deviceid, modelid) = device;
                let hash_deviceid = deviceid.clone();
                measuregrps.push(MeasureGroup { deviceid, hash_deviceid, modelid, ..group });
            }
            let page = MeasureGroups { updatetime, timezone, measuregrps, more, offset };
            let mut by_hand = Vec::new();
            reply(&page, &mut by_hand);
            prop_assert_eq!(String::from_utf8(by_hand).ok(), serde_json::to_string(&page).ok());
        }
    }
}
