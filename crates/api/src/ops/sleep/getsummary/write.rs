//! A page of nights as JSON, byte for byte as serde writes it, at a fraction of the cost.

use super::{NightRow, Nights};
use crate::json::Writer;
use crate::source::DeviceHash;
use domain::fields::{Fields as _, Form};
use domain::sleep::Night;
use domain::{Error, Result};

/// Bytes a row takes, roughly; a wrong guess costs time, no more.
const ROW_BYTES: usize = 900;

pub(super) fn reply(reply: &Nights, out: &mut Vec<u8>) -> Result<()> {
    out.reserve(64 + reply.series.len() * ROW_BYTES);
    let mut to = Writer(out);
    to.raw(r#"{"series":["#);
    for (at, night) in reply.series.iter().enumerate() {
        to.raw(if at == 0 { r#"{"id":"# } else { r#",{"id":"# });
        row(night, &mut to)?;
    }
    to.raw(r#"],"more":"#);
    to.raw(if reply.more { "true" } else { "false" });
    to.raw(r#","offset":"#);
    to.int(reply.offset);
    to.raw("}");
    Ok(())
}

/// From the number of the row on.
fn row(night: &NightRow, to: &mut Writer<'_>) -> Result<()> {
    to.int(night.id.0);
    to.raw(r#","timezone":"#);
    to.text(&night.timezone);
    to.raw(r#","model":"#);
    to.int(night.model);
    to.raw(r#","model_id":"#);
    to.int_or_null(night.model_id);
    to.raw(r#","startdate":"#);
    to.int(night.startdate.0);
    to.raw(r#","enddate":"#);
    to.int(night.enddate.0);
    to.raw(r#","date":"#);
    to.text(&night.date);
    to.raw(r#","created":"#);
    to.int(night.created.0);
    to.raw(r#","modified":"#);
    to.int(night.modified.0);
    to.raw(r#","hash_deviceid":"#);
    to.text_or_null(night.hash_deviceid.as_ref().map(DeviceHash::as_str));
    to.raw(r#","completed":"#);
    to.raw(if night.completed { "true" } else { "false" });
    to.raw(r#","data":{"#);
    let mut is_first = true;
    let mut key = |to: &mut Writer<'_>, name: &'static str| {
        to.raw(if is_first { "\"" } else { ",\"" });
        to.raw(name);
        to.raw("\":");
        is_first = false;
    };
    for field in Night::ALL {
        let Some(digits) = night.data.fields.digits(field.number) else { continue };
        key(to, field.name);
        match field.form {
            Form::Whole => to.int(digits),
            Form::Decimal(places) => to.decimal(digits, places),
            // Rare, and a word of serde's.
            Form::Word => {
                serde_json::to_writer(&mut *to.0, &night.data.fields.core_body_temperature_status)
                    .map_err(Error::internal)?
            }
        }
    }
    if let Some(events) = &night.data.night_events {
        key(to, "night_events");
        serde_json::to_writer(&mut *to.0, events).map_err(Error::internal)?;
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
                timezone: "Europe/\"Paris\"".to_owned(),
                model: 32,
                model_id: flag.then_some(63),
                startdate: UnixTime(-1),
                enddate: UnixTime(1_795_328_520),
                date: "2026-11-22".to_owned(),
                created: UnixTime(0),
                modified: UnixTime(7),
                hash_deviceid: flag.then(|| DeviceHash::of("a1")),
                completed: flag,
                data: NightData {
                    fields,
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
