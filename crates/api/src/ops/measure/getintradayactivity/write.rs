//! A day of minutes as JSON, byte for byte as serde writes it, at a fraction of the cost.

use super::{Device, DeviceHash, Moments};
use crate::json::Writer;
use domain::activity::Intraday;
use domain::fields::{Fields as _, Form};

/// Bytes a row takes, roughly; a wrong guess costs time, no more.
const ROW_BYTES: usize = 220;

pub(super) fn reply(reply: &Moments, out: &mut Vec<u8>) {
    let series = &reply.series;
    out.reserve(64 + series.rows.len() * ROW_BYTES);
    // What a row says of its device is the same for all rows of it.
    let devices: Vec<Vec<u8>> = series.devices.iter().map(device).collect();
    let mut to = Writer(out);
    to.raw(r#"{"series":{"#);
    for (at, (moment, device, data)) in series.rows.iter().enumerate() {
        to.raw(if at == 0 { "\"" } else { ",\"" });
        to.int(*moment);
        to.raw("\":{");
        to.0.extend_from_slice(&devices[*device]);
        values(data, &mut to);
        to.raw("}");
    }
    to.raw("}}");
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

fn values(data: &Intraday, to: &mut Writer<'_>) {
    for field in Intraday::ALL {
        let Some(digits) = data.digits(field.number) else { continue };
        to.raw(",\"");
        to.raw(field.name);
        to.raw("\":");
        match field.form {
            Form::Decimal(places) => to.decimal(digits, places),
            Form::Whole | Form::Word => to.int(digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Series;
    use super::*;
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
            let rows = rows.into_iter().map(|(at, device, digits)| {
                let mut data = Intraday::default();
                (1..).zip(digits).for_each(|(number, digits)| data.set(number, digits));
                (i64::from(at), device, data)
            });
            let phone = Device { deviceid: None, model: None, model_id: Some(1057) };
            let watch = Device {
                deviceid: Some(DeviceHash::of("a1")),
                model: Some("A \"watch\"".into()),
                model_id: None,
            };
            Moments { series: Series { rows: rows.collect(), devices: vec![phone, watch] } }
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
