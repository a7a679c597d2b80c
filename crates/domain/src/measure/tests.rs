//! Tests of a measure: decimal text, change of unit, comparison and the wire shape.

use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn of(value: i64, unit: i8) -> Measure {
    Measure::new(MeasureType::WEIGHT, value, unit)
}

fn read(json: &Value) -> Result<Measure, String> {
    serde_json::from_str(&json.to_string()).map_err(|error| error.to_string())
}

#[test]
fn decimal_text_is_exact() {
    for (value, unit, expected) in [
        (66850, -3, "66.850"),
        (-66850, -3, "-66.850"),
        (5, -3, "0.005"),
        (-5, -3, "-0.005"),
        (0, -2, "0.00"),
        (0, 3, "0"),
        (5, 2, "500"),
        (-5, 2, "-500"),
        (120, 0, "120"),
        (1, -18, "0.000000000000000001"),
        (1, 18, "1000000000000000000"),
        (i64::MIN, -18, "-9.223372036854775808"),
        (i64::MIN, 0, "-9223372036854775808"),
        (5, -19, "5e-19"),
        (-7, 127, "-7e127"),
        (0, -128, "0e-128"),
    ] {
        assert_eq!(of(value, unit).decimal(), expected, "{value}, {unit}");
    }
}

#[test]
fn scaling_rounds_half_away_from_zero() {
    for (value, from, to, expected) in [
        (66850, -3, -3, Some(66850)),
        (66850, -3, -2, Some(6685)),
        (66850, -3, -1, Some(669)),
        (66849, -3, -1, Some(668)),
        (-66850, -3, -1, Some(-669)),
        (-66849, -3, -1, Some(-668)),
        (70, 0, -3, Some(70_000)),
        (5, -1, 0, Some(1)),
        (4, -1, 0, Some(0)),
        (-5, -1, 0, Some(-1)),
        (i64::MAX, 0, -1, None),
        (i64::MIN, 0, -1, None),
        (i64::MIN, 0, 0, Some(i64::MIN)),
        (1, 127, -128, None),
        (0, 127, -128, Some(0)),
        (i64::MAX, -128, 127, Some(0)),
        (i64::MIN, 0, 19, Some(-1)),
        (i64::MAX, 0, 20, Some(0)),
    ] {
        assert_eq!(of(value, from).scaled(to), expected, "{value}, {from} to {to}");
    }
}

#[test]
fn values_compare_across_units() {
    for (one, other, expected) in [
        ((66850, -3), (6685, -2), Ordering::Equal),
        ((66851, -3), (6685, -2), Ordering::Greater),
        ((-66851, -3), (-6685, -2), Ordering::Less),
        ((0, 127), (0, -128), Ordering::Equal),
        ((1, 127), (i64::MAX, -128), Ordering::Greater),
        ((-1, 127), (i64::MIN, -128), Ordering::Less),
        ((1, 19), (i64::MAX, 0), Ordering::Greater),
    ] {
        assert_eq!(of(one.0, one.1).cmp_value(&of(other.0, other.1)), expected);
        assert_eq!(of(other.0, other.1).cmp_value(&of(one.0, one.1)), expected.reverse());
    }
}

#[test]
fn the_wire_shape_keeps_its_order_and_leaves_out_what_is_absent() {
    let bare = serde_json::to_string(&of(66850, -3)).unwrap();
    assert_eq!(bare, r#"{"value":66850,"type":1,"unit":-3}"#);
    let full = Measure {
        algo: Some(3),
        fm: Some(131),
        position: Some(7),
        apppfmid: Some(8),
        appliver: Some(9),
        ..of(1, 0)
    };
    assert_eq!(
        serde_json::to_string(&full).unwrap(),
        r#"{"value":1,"type":1,"unit":0,"algo":3,"fm":131,"position":7,"apppfmid":8,"appliver":9}"#
    );
}

#[test]
fn null_is_absent_and_unknown_keys_are_ignored() {
    let json = json!({"unit": -3, "algo_params": {"a": 1.5}, "fm": null, "type": 1, "value": 5});
    assert_eq!(read(&json), Ok(of(5, -3)));
}

#[test]
fn errors_name_the_key_and_never_the_value() {
    for key in ["value", "type", "unit", "algo", "fm", "position", "apppfmid", "appliver"] {
        for wrong in [json!(66.8512), json!("668512"), json!(true), json!([668_512]), json!({})] {
            let mut json = json!({"value": 1, "type": 1, "unit": 0});
            json[key] = wrong;
            let error = read(&json).unwrap_err();
            assert!(error.contains(&format!("`{key}`")), "{error}");
            assert!(!error.contains("8512") && !error.contains("true"), "{error}");
        }
    }
    for key in ["value", "type", "unit"] {
        let mut json = json!({"value": 1, "type": 1, "unit": 0});
        json[key] = Value::Null;
        assert!(read(&json).unwrap_err().contains(&format!("missing field `{key}`")));
    }
    for wrong in [json!(66.8512), json!("668512"), json!(668_512), json!(-668_512)] {
        let error = read(&wrong).unwrap_err();
        assert!(error.contains("must be an object") && !error.contains("8512"), "{error}");
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    for (key, number) in [("value", "9223372036854775808"), ("unit", "128"), ("fm", "3000000000")] {
        let mut fields = json!({"value": 1, "type": 1, "unit": 0});
        fields[key] = serde_json::from_str(number).unwrap();
        let error = read(&fields).unwrap_err();
        assert!(error.contains(&format!("`{key}` is out of range")), "{error}");
        assert!(!error.contains(number), "{error}");
    }
    let twice = r#"{"value":1,"value":2,"type":1,"unit":0}"#;
    let error = serde_json::from_str::<Measure>(twice).unwrap_err().to_string();
    assert!(error.contains("duplicate field `value`"), "{error}");
}

#[test]
fn the_schema_names_the_keys_of_the_wire() {
    let schema = serde_json::to_value(schemars::schema_for!(Measure)).unwrap();
    assert_eq!(schema["required"], json!(["value", "type", "unit"]));
    let properties = schema["properties"].as_object().unwrap();
    assert!(properties.values().all(|property| property["type"] == "integer"));
    let mut names: Vec<_> = properties.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["algo", "appliver", "apppfmid", "fm", "position", "type", "unit", "value"]);
}

prop_compose! {
    fn any_measure()(
        (kind, value, unit) in any::<(i32, i64, i8)>(),
        marks in proptest::array::uniform5(option::of(any::<i32>())),
    ) -> Measure {
        let [algo, fm, position, apppfmid, appliver] = marks;
        let kind = MeasureType(kind);
        Measure { value, kind, unit, algo, fm, position, apppfmid, appliver }
    }
}

proptest! {
    #[test]
    fn the_wire_shape_round_trips(measure in any_measure()) {
        let text = serde_json::to_string(&measure).unwrap();
        prop_assert_eq!(serde_json::from_str::<Measure>(&text).unwrap(), measure);
        let value = serde_json::to_value(measure).unwrap();
        prop_assert_eq!(serde_json::from_value::<Measure>(value).unwrap(), measure);
    }

    #[test]
    fn decimal_text_below_one_reads_back(value: i64, places in 1_i8..=18) {
        let text = of(value, -places).decimal();
        let (_, fraction) = text.split_once('.').unwrap();
        prop_assert_eq!(fraction.len(), usize::from(places.unsigned_abs()));
        prop_assert_eq!(text.replace('.', "").parse(), Ok(value));
    }

    #[test]
    fn decimal_text_of_whole_numbers_reads_back(value: i64, unit in 0_i8..=18) {
        let expected = i128::from(value) * 10_i128.pow(u32::from(unit.unsigned_abs()));
        prop_assert_eq!(of(value, unit).decimal(), expected.to_string());
    }

    #[test]
    fn decimal_text_is_short(measure in any_measure()) {
        prop_assert!(measure.decimal().len() <= 39);
    }

    #[test]
    fn scaling_to_a_finer_unit_is_exact(value: i64, unit: i8, by in 0_i8..=20) {
        let measure = of(value, unit);
        let finer = unit.saturating_sub(by);
        if let Some(scaled) = measure.scaled(finer) {
            prop_assert_eq!(measure.cmp_value(&of(scaled, finer)), Ordering::Equal);
            prop_assert_eq!(of(scaled, finer).scaled(unit), Some(value));
        }
    }

    #[test]
    fn scaling_to_a_coarser_unit_is_off_by_half_at_most(value: i64, by in 1_u32..=18) {
        let power = 10_i128.pow(by);
        let scaled = i128::from(of(value, 0).scaled(i8::try_from(by).unwrap()).unwrap());
        let error = i128::from(value) - scaled * power;
        prop_assert!(error.abs() * 2 <= power);
        if error.abs() * 2 == power {
            prop_assert!(scaled.abs() * power > i128::from(value).abs(), "a half went to zero");
        }
    }

    #[test]
    fn comparison_agrees_with_wide_arithmetic(
        a: i64, b: i64, near in -1_i64..=1, unit in 0_i8..=18, other in 0_i8..=18,
    ) {
        let wide = |measure: Measure| {
            i128::from(measure.value) * 10_i128.pow(u32::from(measure.unit.unsigned_abs()))
        };
        let one = of(a, unit);
        for two in [of(b, other), of(a.saturating_add(near), unit), of(a / 10, unit.min(17) + 1)] {
            prop_assert_eq!(one.cmp_value(&two), wide(one).cmp(&wide(two)));
            prop_assert_eq!(two.cmp_value(&one), one.cmp_value(&two).reverse());
        }
    }

    #[test]
    fn comparison_is_an_order(a in any_measure(), b in any_measure(), c in any_measure()) {
        prop_assert_eq!(a.cmp_value(&b), b.cmp_value(&a).reverse());
        if a.cmp_value(&b).is_le() && b.cmp_value(&c).is_le() {
            prop_assert!(a.cmp_value(&c).is_le());
        }
    }
}
