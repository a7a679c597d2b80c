//! A page of nights as JSON, byte for byte as serde writes it, at a fraction of the cost.

use super::{NightRow, Nights};
use crate::json::{Short, Staged, Writer};
use crate::source::DeviceHash;
use domain::fields::{Digits as _, Fields as _, Form, TemperatureStatus};
use domain::sleep::Night;
use domain::{Error, Result};
use std::sync::Arc;

/// Bytes a row takes, roughly; a wrong guess costs time, no more.
const ROW_BYTES: usize = 900;

pub(super) fn reply(reply: &Nights, out: &mut Vec<u8>) -> Result<()> {
    out.reserve(64 + reply.series.len() * ROW_BYTES);
    let (keys, mut same) = (keys(), Same::default());
    let mut to = Staged::new(out);
    to.raw(r#"{"series":["#);
    for (at, night) in reply.series.iter().enumerate() {
        row(if at == 0 { r#"{"id":"# } else { r#",{"id":"# }, night, &keys, &mut same, &mut to)?;
    }
    to.raw(r#"],"more":"#);
    to.raw(if reply.more { "true" } else { "false" });
    to.int(r#","offset":"#, reply.offset);
    to.raw("}");
    Ok(())
}

/// Texts that are the same in most rows, as they are written.
#[derive(Default)]
struct Same<'r> {
    zone: Option<(&'r Arc<str>, Option<Short<64>>)>,
    device: Option<(&'r DeviceHash, Option<Short<64>>)>,
}

impl<'r> Same<'r> {
    fn zone(&mut self, zone: &'r Arc<str>, to: &mut Staged<'_>) {
        let piece = match &self.zone {
            Some((known, piece)) if Arc::ptr_eq(known, zone) => piece,
            _ => &self.zone.insert((zone, quoted(zone))).1,
        };
        text(piece.as_ref(), zone, to);
    }

    fn device(&mut self, hash: &'r DeviceHash, to: &mut Staged<'_>) {
        let piece = match &self.device {
            Some((known, piece)) if known.is_same(hash) => piece,
            _ => &self.device.insert((hash, quoted(hash.as_str()))).1,
        };
        text(piece.as_ref(), hash.as_str(), to);
    }
}

/// A text as it is written, unless it is a long one.
fn quoted(text: &str) -> Option<Short<64>> {
    let mut out = Vec::new();
    Writer(&mut out).text(text);
    Short::of(&out)
}

#[inline(always)]
fn text(quoted: Option<&Short<64>>, text: &str, to: &mut Staged<'_>) {
    match quoted {
        Some(quoted) => to.short(quoted),
        None => to.writer().text(text),
    }
}

/// A field on its way out.
#[derive(Clone, Copy)]
struct Key {
    /// The name in its quotes, and the colon.
    name: Short<48>,
    form: Form,
}

/// As many as a set of fields can be asked for.
type Keys = [Option<Key>; 64];

/// Every field at the place of its number: made once for all rows.
fn keys() -> Keys {
    let mut keys = [None; 64];
    for field in Night::ALL {
        let name = Short::of(format!("\"{}\":", field.name).as_bytes());
        keys[usize::from(field.number)] = name.map(|name| Key { name, form: field.form });
    }
    keys
}

fn row<'r>(
    before_id: &'static str,
    night: &'r NightRow,
    keys: &Keys,
    same: &mut Same<'r>,
    to: &mut Staged<'_>,
) -> Result<()> {
    to.int(before_id, night.id.0);
    to.raw(r#","timezone":"#);
    same.zone(&night.timezone, to);
    to.int(r#","model":"#, night.model);
    match night.model_id {
        Some(model_id) => to.int(r#","model_id":"#, model_id),
        None => to.raw(r#","model_id":null"#),
    }
    to.int(r#","startdate":"#, night.startdate.0);
    to.int(r#","enddate":"#, night.enddate.0);
    to.raw(r#","date":""#);
    to.ten(night.date.bytes());
    to.int(r#"","created":"#, night.created.0);
    to.int(r#","modified":"#, night.modified.0);
    match &night.hash_deviceid {
        Some(hash) => {
            to.raw(r#","hash_deviceid":"#);
            same.device(hash, to);
        }
        None => to.raw(r#","hash_deviceid":null"#),
    }
    to.raw(match night.completed {
        true => r#","completed":true,"data":"#,
        false => r#","completed":false,"data":"#,
    });
    let (mut before, mut words) = (b'{', Ok(()));
    night.data.fields.each(|number, digits| {
        let Some(key) = keys.get(usize::from(number)).and_then(Option::as_ref) else { return };
        match key.form {
            Form::Whole => to.keyed(before, &key.name, digits),
            Form::Decimal(places @ ..=3) => to.keyed_decimal(before, &key.name, digits, places),
            Form::Decimal(places) => {
                to.key(before, &key.name);
                to.writer().decimal(digits, places);
            }
            Form::Word => {
                // Rare, and a word of serde's.
                to.key(before, &key.name);
                let word = TemperatureStatus::of(digits);
                words = serde_json::to_writer(&mut *to.writer().0, &word);
            }
        }
        before = b',';
    })?;
    words.map_err(Error::internal)?;
    if let Some(events) = &night.data.night_events {
        to.raw(if before == b'{' { "{\"night_events\":" } else { ",\"night_events\":" });
        serde_json::to_writer(&mut *to.writer().0, events).map_err(Error::internal)?;
        before = b',';
    }
    to.raw(if before == b'{' { "{}}" } else { "}}" });
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
                device: None,
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
