//! Bodies before and after.

use super::*;
use domain::fault::{Place, Settings};

fn changed(kind: Kind, settings: &[(&str, &str)], number: u32, body: Value) -> Value {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings = Settings(settings.iter().map(owned).collect());
    let strike = Strike { id: 1, kind, settings, number };
    let envelope = json!({ "status": 0, "body": body }).to_string();
    let mut json: Value =
        serde_json::from_slice(&rewritten(envelope.as_bytes(), &[strike])).expect("JSON");
    json["body"].take()
}

fn weighed() -> Value {
    let group = |grpid: i64, grams: i64| {
        json!({
            "grpid": grpid, "attrib": 0, "date": 1_790_000_000, "created": 1_790_000_060,
            "category": 1, "deviceid": "a", "modelid": 13, "model": "Body Cardio", "comment": null,
            "measures": [{ "value": grams, "type": 1, "unit": -3 }],
        })
    };
    json!({ "updatetime": 1_790_000_100, "measuregrps": [group(7, 66_850), group(8, 67_000)] })
}

#[test]
fn every_kind_that_changes_answers_has_a_rewriter_and_no_other_has() {
    let kinds: Vec<Kind> =
        Kind::ALL.iter().copied().filter(|kind| kind.place() == Place::Answer).collect();
    let known: Vec<Kind> = REWRITERS.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, known);
}

#[test]
fn an_answer_without_what_is_changed_stays_as_it_is() {
    for (kind, _) in REWRITERS.iter().filter(|(kind, _)| *kind != Kind::AsDocumented) {
        for body in [json!({}), json!({ "series": [], "measuregrps": [], "more": false })] {
            assert_eq!(changed(*kind, &[], 1, body.clone()), body, "{kind:?}");
        }
    }
    let broken = b"no JSON";
    assert_eq!(rewritten(broken, &[]), broken);
}

#[test]
fn measures_of_unknown_types_and_attributions() {
    let body = changed(Kind::UnknownMeasureType, &[("type", "226")], 1, weighed());
    let types: Vec<_> = (0..2).map(|at| &body["measuregrps"][at]["measures"][1]["type"]).collect();
    assert_eq!(types, [226, 226]);
    let body = changed(Kind::UnknownAttrib, &[], 1, weighed());
    assert_eq!(body["measuregrps"][1]["attrib"], 10_000);
    let body = changed(Kind::UnknownDevice, &[], 1, weighed());
    let group = &body["measuregrps"][0];
    assert_eq!((&group["modelid"], &group["model"]), (&json!(9_999), &json!("")));
}

#[test]
fn groups_at_one_second_have_ids_of_their_own_that_stay() {
    let body = changed(Kind::SameSecondGroups, &[], 1, weighed());
    let groups = body["measuregrps"].as_array().expect("groups");
    let of = |name: &str| groups.iter().map(|group| group[name].as_i64()).collect::<Vec<_>>();
    assert_eq!(of("attrib"), [Some(0), Some(8), Some(0), Some(8)]);
    assert_eq!(of("grpid"), [7, 7 | OTHER_GROUP, 8, 8 | OTHER_GROUP].map(Some));
    assert_eq!(body, changed(Kind::SameSecondGroups, &[], 2, weighed()));
}

#[test]
fn other_units_are_the_same_amount() {
    let body = changed(Kind::OtherUnits, &[("digits", "2")], 1, weighed());
    let expected = json!({ "value": 6_685_000, "type": 1, "unit": -5 });
    assert_eq!(body["measuregrps"][0]["measures"][0], expected);
}

#[test]
fn fields_are_null_or_gone_and_empty_maps_are_lists() {
    let body = changed(Kind::NullFields, &[], 1, weighed());
    let group = &body["measuregrps"][0];
    assert_eq!((&group["deviceid"], &group["modelid"]), (&Value::Null, &Value::Null));
    assert!(group.get("hash_deviceid").is_none(), "what was not there is not there");
    let body = changed(Kind::MissingFields, &[("fields", "model, comment")], 1, weighed());
    let group = body["measuregrps"][0].as_object().expect("a group");
    assert!(!group.contains_key("model") && !group.contains_key("comment"));
    assert!(group.contains_key("modelid"));
    let body = json!({ "series": {}, "rows": [{ "hr": {}, "rr": { "1": 2 } }] });
    let expected = json!({ "series": [], "rows": [{ "hr": [], "rr": { "1": 2 } }] });
    assert_eq!(changed(Kind::PhpEmptyArrays, &[], 1, body), expected);
    assert_eq!(changed(Kind::PhpEmptyArrays, &[], 1, json!({})), json!({}));
}

#[test]
fn a_night_grows_until_it_is_whole() {
    let night = |start: i64| {
        let data = json!({ "remsleepduration": 400, "wakeupcount": 8, "total_sleep_time": 900,
            "sleep_score": 80, "night_events": { "1": [0, 600], "4": [990] } });
        json!({ "startdate": start, "enddate": start + 1_000, "completed": true, "data": data })
    };
    let body = json!({ "series": [night(1_790_000_000), night(1_790_100_000)] });
    let first = changed(Kind::PartialNights, &[], 1, body.clone());
    assert_eq!(first["series"][0], body["series"][0], "an older night is whole");
    let data = json!({ "remsleepduration": 100, "wakeupcount": 2, "total_sleep_time": 225,
        "sleep_score": 80, "night_events": { "1": [0] } });
    let latest = &first["series"][1];
    assert_eq!((&latest["enddate"], &latest["data"]), (&json!(1_790_100_250), &data));
    assert_eq!(latest["completed"], false);
    let third = changed(Kind::PartialNights, &[], 3, body.clone());
    assert_eq!(third["series"][1]["enddate"], 1_790_100_750);
    assert_eq!(changed(Kind::PartialNights, &[], 4, body.clone()), body);
    let segment = |start: i64| json!({ "startdate": start, "enddate": start + 60, "state": 1 });
    let body = json!({ "series": (0..8).map(|at| segment(at * 60)).collect::<Vec<_>>() });
    let segments = |number| {
        let body = changed(Kind::PartialNights, &[], number, body.clone());
        body["series"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((1..=5).map(segments).collect::<Vec<_>>(), [2, 4, 6, 8, 8]);
    // A nap before it is whole.
    let nap = [segment(-90_000), segment(-89_940)];
    let body = json!({ "series": nap.into_iter().chain((0..4).map(|at| segment(at * 60)))
        .collect::<Vec<_>>() });
    let first = changed(Kind::PartialNights, &[], 1, body);
    let starts: Vec<_> = first["series"]
        .as_array()
        .expect("segments")
        .iter()
        .map(|segment| segment["startdate"].clone())
        .collect();
    assert_eq!(starts, [-90_000, -89_940, 0]);
}

#[test]
fn what_a_device_stamped_is_off_and_what_the_server_stamped_is_not() {
    let body = changed(Kind::ClockSkew, &[("seconds", "-60")], 1, weighed());
    let group = &body["measuregrps"][0];
    assert_eq!((&group["date"], &group["created"]), (&json!(1_789_999_940), &json!(1_790_000_060)));
    let day = json!({ "series": [{ "date": "2026-09-21", "startdate": 60, "modified": 5 }] });
    let expected = json!({ "series": [{ "date": "2026-09-21", "startdate": 0, "modified": 5 }] });
    assert_eq!(changed(Kind::ClockSkew, &[("seconds", "-60")], 1, day), expected);
    let heart = json!({ "series": [{ "hr": { "1790000060": 58, "1790000120": 57 } }] });
    let expected = json!({ "series": [{ "hr": { "1790000000": 58, "1790000060": 57 } }] });
    assert_eq!(changed(Kind::ClockSkew, &[("seconds", "-60")], 1, heart), expected);
}

#[test]
fn nights_workouts_and_recordings_that_strain_a_program() {
    let events = json!({ "series": [{ "data": { "night_events": { "1": [60, 90, 200] } } }] });
    let body = changed(Kind::NightEventsText, &[], 1, events);
    assert_eq!(body["series"][0]["data"]["night_events"], "{\"1\":[60,30,110]}");
    let body = changed(Kind::NightEventsText, &[], 1, body);
    assert_eq!(body["series"][0]["data"]["night_events"], "{\"1\":[60,30,110]}");
    let body = changed(Kind::UnknownCategory, &[], 1, json!({ "series": [{ "category": 1 }] }));
    assert_eq!(body["series"][0]["category"], 9_999);
    let body = changed(Kind::UnknownSleepState, &[], 1, json!({ "series": [{ "state": 1 }] }));
    assert_eq!(body["series"][0]["state"], 5);
    let body = changed(Kind::EmptySignal, &[], 1, json!({ "signal": [1, 2], "wearposition": 1 }));
    assert_eq!(body, json!({ "signal": [], "wearposition": 1 }));
    let ecg = json!({ "series": [{ "ecg": { "signalid": 1, "afib": 0 }, "heart_rate": 61 }] });
    let expected = json!({ "series": [{ "ecg": { "signalid": 1, "afib": 2 } }] });
    assert_eq!(changed(Kind::InconclusiveEcg, &[], 1, ecg), expected);
}

#[test]
fn the_reference_says_other_types_than_real_answers_have() {
    let documented = |body: Value| changed(Kind::AsDocumented, &[], 1, body);
    let body = documented(weighed());
    assert_eq!(body["updatetime"], "1790000100");
    assert_eq!((&body["more"], &body["offset"]), (&json!(0), &json!(0)));
    let group = &body["measuregrps"][0];
    assert_eq!((&group["model_id"], &group["comment"]), (&json!(13), &json!("")));
    assert!(group.get("modelid").is_none());
    let segments = json!({ "model": 32, "series": [{ "state": 1 }, { "state": 2 }] });
    assert_eq!(documented(segments), json!({ "model": 32, "series": { "state": 1 } }));
    assert_eq!(documented(json!({ "model": 32, "series": [] }))["series"], json!({}));
    assert_eq!(documented(json!({ "userid": "27" })), json!({ "userid": 27 }));
    let profile = json!({ "profiles": [{ "appli": 1, "expires": 9, "comment": null }] });
    let expected = json!({ "profiles": [{ "appli": 1, "comment": "" }] });
    assert_eq!(documented(profile), expected);
    assert_eq!(documented(json!({})), json!({}));
}
