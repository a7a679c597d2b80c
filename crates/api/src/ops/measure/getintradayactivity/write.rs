//! A day of minutes as JSON, byte for byte as serde writes it, at a fraction of the cost.

use super::{Device, DeviceHash, Moments};
use crate::json::{Short, Writer};
use domain::fields::{Field, Form};

/// Bytes a row takes, roughly; a wrong guess costs time, no more.
const ROW_BYTES: usize = 220;

pub(super) fn reply(reply: &Moments, out: &mut Vec<u8>) {
    let series = &reply.series;
    out.reserve(64 + series.times.len() * ROW_BYTES);
    // What a row says of its device is the same for all rows of it, and so are the keys.
    let devices: Vec<Vec<u8>> = series.devices.iter().map(device).collect();
    let columns: Vec<Column<'_>> = series.columns.iter().filter_map(Column::of).collect();
    let mut to = Writer(out);
    to.raw(r#"{"series":{"#);
    let mut is_first = true;
    for (at, moment) in series.times.iter().enumerate().filter(|(at, _)| series.says(*at)) {
        to.raw(if is_first { "\"" } else { ",\"" });
        is_first = false;
        to.int(*moment);
        to.raw("\":{");
        to.0.extend_from_slice(&devices[series.device_of[at]]);
        columns.iter().for_each(|column| column.write(at, &mut to));
        to.raw("}");
    }
    to.raw("}}");
}

/// A field on its way out.
struct Column<'c> {
    /// The comma in front, the key, and the colon.
    key: Short<32>,
    places: u8,
    values: &'c [Option<i64>],
}

impl<'c> Column<'c> {
    /// No name of a field is longer than there is room.
    fn of((field, values): &'c (&'static Field, Vec<Option<i64>>)) -> Option<Self> {
        let places = match field.form {
            Form::Decimal(places) => places,
            Form::Whole | Form::Word => 0,
        };
        let key = Short::of(format!(",\"{}\":", field.name).as_bytes())?;
        Some(Self { key, places, values })
    }

    fn write(&self, at: usize, to: &mut Writer<'_>) {
        if let Some(digits) = self.values[at] {
            to.short(&self.key);
            match self.places {
                0 => to.int(digits),
                places => to.decimal(digits, places),
            }
        }
    }
}

fn device(device: &Device) -> Vec<u8> {
    let mut out = Vec::new();
    let mut to = Writer(&mut out);
    to.raw(r#""deviceid":"#);
    to.text_or_null(device.deviceid.as_ref().map(DeviceHash::as_str));
    to.raw(r#","model":"#);
    to.text_or_null(device.model.as_deref());
    to.raw(r#","model_id":"#);
    to.int_or_null(device.model_id);
    out
}

#[cfg(test)]
mod tests {
    use super::super::Series;
    use super::*;
    use crate::ops::window::Wanted;
    use domain::activity::{Intraday, Sample};
    use domain::fields::Fields as _;
    use proptest::prelude::*;

    fn digits() -> impl Strategy<Value = Option<i64>> {
        let number = prop_oneof![
            0..5_000_i64,
            0..1_000_000_000_000_i64,
            (0..100_i64).prop_map(|n| n * 1_000)
        ];
        proptest::option::of(number)
    }

    fn minutes() -> impl Strategy<Value = Moments> {
        let row = (any::<u32>(), 0..2_usize, proptest::collection::vec(digits(), 15));
        proptest::collection::vec(row, 0..8).prop_map(|rows| {
            let samples = rows.into_iter().map(|(at, device, digits)| {
                let mut values = Intraday::default();
                (1..).zip(digits).for_each(|(number, digits)| values.set(number, digits));
                (device, Sample { at: i64::from(at), values })
            });
            let samples: Vec<_> = samples.collect();
            let phone = Device { deviceid: None, model: None, model_id: Some(1057) };
            let watch = Device {
                deviceid: Some(DeviceHash::of("a1")),
                model: Some("A \"watch\"".into()),
                model_id: None,
            };
            let devices = vec![phone, watch];
            Moments { series: Series::of_several(&samples, devices, Wanted::ALL) }
        })
    }

    proptest! {
        #[test]
        fn it_is_what_serde_writes(minutes in minutes()) {
            let mut out = Vec::new();
            reply(&minutes, &mut out);
            let expected = serde_json::to_string(&minutes).unwrap();
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
