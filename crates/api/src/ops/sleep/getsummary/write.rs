//! A page of nights as JSON, byte for byte as serde writes it, at a fraction of the cost.

use super::{NightRow, Nights};
use crate::json::{Short, Writer};
use crate::source::DeviceHash;
use domain::fields::{Digits as _, Fields as _, Form, TemperatureStatus};
use domain::sleep::Night;
use domain::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

/// Bytes a row takes, roughly; a wrong guess costs time, no more.
const ROW_BYTES: usize = 900;

pub(super) fn reply(reply: &Nights, out: &mut Vec<u8>) -> Result<()> {
    out.reserve(64 + reply.series.len() * ROW_BYTES);
    let (keys, mut written) = (keys(), Written::default());
    let mut to = Writer(out);
    to.raw(r#"{"series":["#);
    for (at, night) in reply.series.iter().enumerate() {
        to.raw(if at == 0 { r#"{"id":"# } else { r#",{"id":"# });
        row(night, &keys, &mut written, &mut to)?;
    }
    to.raw(r#"],"more":"#);
    to.raw(if reply.more { "true" } else { "false" });
    to.raw(r#","offset":"#);
    to.int(reply.offset);
    to.raw("}");
    Ok(())
}

/// What stands in the answer already and is the same in most rows: copying it is cheaper than
/// writing it.
#[derive(Default)]
struct Written<'r> {
    zone: Option<(&'r Arc<str>, Range<usize>)>,
    device: Option<(&'r DeviceHash, Range<usize>)>,
}

impl<'r> Written<'r> {
    fn zone(&mut self, zone: &'r Arc<str>, to: &mut Writer<'_>) {
        let piece = match &self.zone {
            Some((known, piece)) if Arc::ptr_eq(known, zone) => to.again(piece),
            _ => to.piece(|to| {
                to.raw(r#","timezone":"#);
                to.text(zone);
            }),
        };
        self.zone = Some((zone, piece));
    }

    fn device(&mut self, hash: Option<&'r DeviceHash>, to: &mut Writer<'_>) {
        let Some(hash) = hash else { return to.raw(r#","hash_deviceid":null"#) };
        let piece = match &self.device {
            Some((known, piece)) if known.is_same(hash) => to.again(piece),
            _ => to.piece(|to| {
                to.raw(r#","hash_deviceid":"#);
                to.text(hash.as_str());
            }),
        };
        self.device = Some((hash, piece));
    }
}

/// A field on its way out.
struct Key {
    /// The comma in front, the name in its quotes, and the colon.
    name: Short<48>,
    form: Form,
}

/// Every field at the place of its number: made once for all rows.
fn keys() -> Vec<Option<Key>> {
    let last = Night::ALL.iter().map(|field| field.number).max().unwrap_or(0);
    let mut keys: Vec<Option<Key>> = (0..=last).map(|_| None).collect();
    for field in Night::ALL {
        let name = Short::of(format!(",\"{}\":", field.name).as_bytes());
        keys[usize::from(field.number)] = name.map(|name| Key { name, form: field.form });
    }
    keys
}

/// From the number of the row on.
fn row<'r>(
    night: &'r NightRow,
    keys: &[Option<Key>],
    written: &mut Written<'r>,
    to: &mut Writer<'_>,
) -> Result<()> {
    to.int(night.id.0);
    written.zone(&night.timezone, to);
    to.raw(r#","model":"#);
    to.int(night.model);
    to.raw(r#","model_id":"#);
    to.int_or_null(night.model_id);
    to.raw(r#","startdate":"#);
    to.int(night.startdate.0);
    to.raw(r#","enddate":"#);
    to.int(night.enddate.0);
    to.raw(r#","date":"#);
    to.text(night.date.as_str());
    to.raw(r#","created":"#);
    to.int(night.created.0);
    to.raw(r#","modified":"#);
    to.int(night.modified.0);
    written.device(night.hash_deviceid.as_ref(), to);
    to.raw(r#","completed":"#);
    to.raw(if night.completed { "true" } else { "false" });
    to.raw(r#","data":"#);
    let start = to.0.len();
    let mut words = Ok(());
    night.data.fields.each(|number, digits| {
        let Some(key) = keys.get(usize::from(number)).and_then(Option::as_ref) else { return };
        to.short(&key.name);
        match key.form {
            Form::Whole => to.int(digits),
            Form::Decimal(places) => to.decimal(digits, places),
            Form::Word => {
                // Rare, and a word of serde's.
                let word = TemperatureStatus::of(digits);
                words = serde_json::to_writer(&mut *to.0, &word);
            }
        }
    })?;
    words.map_err(Error::internal)?;
    if let Some(events) = &night.data.night_events {
        to.raw(",\"night_events\":");
        serde_json::to_writer(&mut *to.0, events).map_err(Error::internal)?;
    }
    // The first has no comma in front: a brace stands there instead.
    match to.0.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => to.raw("{"),
    }
    to.raw("}}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{NightData, NightEvents};
    use super::*;
    use domain::{GroupId, UnixTime};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use store::fieldset::Packed;

    fn night() -> impl Strategy<Value = NightRow> {
        let digits = proptest::collection::vec(proptest::option::of(0..200_000_i64), 45);
        let events = proptest::option::of(proptest::collection::btree_map(
            "[1-6]",
            proptest::collection::vec(0..40_000_i64, 0..3),
            0..3,
        ));
        (any::<u32>(), digits, events, any::<bool>()).prop_map(|(id, digits, events, flag)| {
            let mut fields = Night::default();
            (1..).zip(digits).for_each(|(number, digits)| fields.set(number, digits));
            NightRow {
                id: GroupId(i64::from(id)),
                timezone: "Europe/\"Paris\"".into(),
                model: 32,
                model_id: flag.then_some(63),
                startdate: UnixTime(-1),
                enddate: UnixTime(1_795_328_520),
                date: crate::summary::ymd(i64::from(id) % 40_000),
                created: UnixTime(0),
                modified: UnixTime(7),
                hash_deviceid: flag.then(|| DeviceHash::of("a1")),
                completed: flag,
                data: NightData {
                    fields: Packed::of(&fields),
                    night_events: events.map(|events: BTreeMap<_, _>| NightEvents(events)),
                },
            }
        })
    }

    proptest! {
        #[test]
        fn it_is_what_serde_writes(
            series in proptest::collection::vec(night(), 0..4),
            more: bool,
            offset in 0..1_000_i64,
        ) {
            let nights = Nights { series, more, offset };
            let mut out = Vec::new();
            reply(&nights, &mut out).unwrap();
            let expected = serde_json::to_string(&nights).unwrap();
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
