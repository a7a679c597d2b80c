//! Reading answers, and putting several recordings of one group together. Storing them is tested in
//! `tests/operations/import.rs`.

use super::*;
use domain::Error;
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000;

fn group() -> Value {
    json!({
        "grpid": 7, "attrib": 0, "date": 1_600_000_000, "created": 1_600_000_100, "category": 1,
        "measures": [{ "value": 70_500, "type": 1, "unit": -3, "algo": 3, "fm": 131 }],
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut group = group();
    group[key] = value;
    group
}

fn answer(groups: &[Value]) -> Value {
    json!({ "status": 0, "body": { "timezone": "Europe/Oslo", "measuregrps": groups } })
}

fn gather(texts: &[String]) -> Gathered {
    let mut gathered = Gathered::default();
    texts.iter().for_each(|text| gathered.add("a.json", text.as_bytes(), NOW).unwrap());
    gathered
}

fn refusal(text: &str) -> String {
    let mut gathered = Gathered::default();
    let Err(Error::Refused(refusal)) = gathered.add("a.json", text.as_bytes(), NOW) else {
        panic!("not refused: {text}");
    };
    assert!(gathered.is_empty() && gathered.read == 0, "nothing of a refused file is kept");
    refusal.cause
}

#[test]
fn an_answer_may_come_with_its_envelope_or_bare_alone_or_in_company() {
    let (one, two) = (answer(&[group()]), answer(&[with("grpid", json!(8))]));
    let bare = one["body"].to_string();
    assert_eq!(gather(&[one.to_string()]).len(), 1);
    assert_eq!(gather(&[bare]).len(), 1);
    assert_eq!(gather(&[format!("\u{feff} {one}")]).len(), 1);
    assert_eq!(gather(&[format!("[{one},{two}]")]).len(), 2);
    assert_eq!(gather(&[format!("{one}\n{two}\n")]).len(), 2);
    assert_eq!(gather(&[one.to_string(), two.to_string()]).len(), 2);
    assert!(gather(&[answer(&[]).to_string()]).is_empty());
}

#[test]
fn what_is_no_answer_of_getmeas_is_refused() {
    for (text, word) in [
        ("", "empty"),
        ("[]", "empty"),
        ("null", "expected an object"),
        ("{}", "measuregrps: missing"),
        ("{\"status\":0,\"body\":{\"devices\":[]}}", "body.measuregrps: missing"),
        ("{\"status\":401,\"body\":{},\"error\":\"x\"}", "status"),
        ("{\"status\":0,\"body\":{\"measuregrps\":7}}", "body.measuregrps: expected a sequence"),
        ("{\"status\":0", "EOF"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains("a.json: ") && refusal.contains(word), "{text}: {refusal}");
    }
    let cut = format!("{}\n{{\"status\":", answer(&[group()]));
    assert!(refusal(&cut).contains("a.json: #2: "), "{}", refusal(&cut));
}

#[test]
fn a_value_that_is_not_whole_refuses_the_file_and_is_named_by_its_place_alone() {
    let mut broken = group();
    broken["measures"][0]["value"] = json!(70.625);
    let problem = refusal(&answer(&[group(), broken]).to_string());
    assert!(problem.contains("body.measuregrps[1].measures[0]"), "{problem}");
    assert!(problem.contains("`value` must be a whole number"), "{problem}");
    assert!(!problem.contains("70.625"), "{problem}");
    for (key, value) in [
        ("date", json!(1234.5)),
        ("date", json!("1234")),
        ("grpid", json!("1234")),
        ("attrib", json!(12_345_678_901_i64)),
        ("measures", json!({ "x": 1234 })),
        ("deviceid", json!([1234])),
    ] {
        let problem = refusal(&answer(&[with(key, value)]).to_string());
        assert!(problem.contains(&format!("measuregrps[0].{key}: ")), "{problem}");
        assert!(!problem.contains("1234"), "{problem}");
    }
    let mut missing = group();
    missing.as_object_mut().unwrap().remove("grpid");
    let problem = refusal(&answer(&[missing]).to_string());
    assert!(problem.contains("measuregrps[0]") && problem.contains("grpid"), "{problem}");
}

#[test]
fn a_group_that_cannot_be_is_left_out_and_named_by_its_place() {
    let odd = [
        ("grpid", json!(0)),
        ("date", json!(-1)),
        ("date", json!(NOW + 86_401)),
        ("created", json!(i64::MAX)),
        ("modified", json!(i64::MAX)),
        ("category", json!(3)),
        ("measures", json!([])),
        ("deviceid", json!("x".repeat(129))),
        ("model", json!("a\u{1b}[2J")),
    ];
    for (key, value) in odd {
        let gathered = gather(&[answer(&[with(key, value), group()]).to_string()]);
        assert_eq!((gathered.read, gathered.len()), (2, 1), "{key}");
        assert_eq!(gathered.refused[0].at, format!("a.json: body.measuregrps[0].{key}"));
    }
}

#[test]
fn the_device_is_what_the_answer_says() {
    let of = |group: &Value| {
        let slices = gather(&[answer(std::slice::from_ref(group)).to_string()]).into_slices();
        slices[0][0].device.clone()
    };
    assert_eq!(of(&group()), None);
    assert_eq!(of(&with("deviceid", Value::Null)), None);
    let device = |name: &str, hash: &str| {
        let (name, hash) = (name.to_owned(), hash.to_owned());
        Some(Device { name, hash, model_id: None, model: None })
    };
    let mut group = with("deviceid", json!("abc"));
    assert_eq!(of(&group), device("abc", "abc"));
    group["hash_deviceid"] = json!("abd");
    assert_eq!(of(&group), device("abc", "abd"));
    assert_eq!(of(&with("deviceid", json!(4_321))), device("4321", "4321"));
    group["model_id"] = json!(5);
    group["model"] = json!("Body+");
    let (model_id, model) = (Some(5), Some("Body+".to_owned()));
    assert_eq!(of(&group), Some(Device { model_id, model, ..device("abc", "abd").unwrap() }));
}

#[test]
fn recordings_of_one_group_by_type_are_put_together() {
    let pressure = |kind: i32, value: i64| {
        let measures = json!([{ "value": value, "type": kind, "unit": 0 }]);
        answer(&[with("measures", measures)]).to_string()
    };
    let gathered = gather(&[pressure(9, 69), pressure(10, 111), pressure(9, 69)]);
    assert_eq!((gathered.read, gathered.repeated, gathered.len()), (3, 2, 1));
    let measures = &gathered.into_slices()[0][0].measures;
    let found: Vec<(i32, i64)> = measures.iter().map(|one| (one.kind.0, one.value)).collect();
    assert_eq!(found, [(9, 69), (10, 111)]);
}

#[test]
fn the_recording_that_changed_later_counts() {
    let recorded = |modified: i64, attrib: i32, value: i64| {
        let mut group = with("attrib", json!(attrib));
        group["modified"] = json!(modified);
        group["measures"][0]["value"] = json!(value);
        answer(&[group]).to_string()
    };
    let (old, new) = (recorded(1_600_000_100, 1, 70_000), recorded(1_600_000_200, 7, 70_100));
    for texts in [[old.clone(), new.clone()], [new, old]] {
        let source = gather(&texts).into_slices().remove(0).remove(0);
        assert_eq!((source.attrib, source.measures[0].value), (Attrib::CONFIRMED, 70_100));
        assert_eq!((source.modified, source.measures.len()), (1_600_000_200, 1));
    }
}
