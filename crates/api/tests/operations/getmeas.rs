//! `measure getmeas`: the shape of its answer, and its filters.

use crate::app::{
    App, NOW, assert_names, by_hand, dates, groups, keys, new, status, weight, without_draws,
};
use api::admin::{Account, NewAccount};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use serde_json::{Value, json};
use store::measure::NewGroup;

const WEIGHT: MeasureType = MeasureType::WEIGHT;

impl App {
    /// The answer to `form` for a person.
    #[track_caller]
    pub(crate) fn measures(&self, person: &Account, form: &str) -> Value {
        let token = self.token(person, "user.metrics");
        self.call("/measure", &format!("action=getmeas&{form}"), Some(&token))
    }
}

/// Somebody who said how tall and heavy she is, and what she aims at, and then stood on a scale.
fn weighed(app: &App) -> Account {
    let anna = app.account(NewAccount {
        time_zone: Some("Europe/Paris".to_owned()),
        height_m: Some("1.78".to_owned()),
        weight_kg: Some("67".to_owned()),
        goal_weight_kg: Some("62.5".to_owned()),
        ..new("anna")
    });
    app.waits(60);
    let measures = json!({"measures": [
        {"value": 66850, "type": 1, "unit": -3},
        {"value": 2145, "type": 6, "unit": -2},
        {"value": 5251, "type": 5, "unit": -2},
        {"value": 713, "type": 173, "unit": -2, "position": 7, "algo": 218200, "fm": 131},
    ]});
    let scale = app.scale(1, &[&anna]);
    let answer = scale.sends(app.now() - 20, &measures.to_string(), "userid=0&attribstatus=1");
    assert_eq!(status(&answer), 0, "{answer}");
    app.waits(60);
    anna
}

/// The first group of an answer with that `attrib`.
fn with_attrib(answer: &Value, attrib: i64) -> &Value {
    groups(answer).iter().find(|group| group["attrib"] == attrib).unwrap()
}

#[test]
fn a_full_answer() {
    let app = App::new();
    let anna = weighed(&app);
    insta::assert_json_snapshot!(without_draws(app.measures(&anna, "")));
}

#[test]
fn an_answer_without_groups() {
    let app = App::new();
    let anna = app.person("anna");
    insta::assert_json_snapshot!(app.measures(&anna, ""));
}

#[test]
fn quirk_07_updatetime_is_an_integer() {
    let app = App::new();
    let anna = weighed(&app);
    assert!(app.measures(&anna, "")["body"]["updatetime"].is_i64());
}

#[test]
fn quirk_08_more_is_the_integer_1_and_absent_on_the_last_page() {
    let app = App::new();
    let anna = app.person("anna");
    let groups: Vec<NewGroup> = (0..5_001).map(|minute| weight(NOW - minute, 64_000)).collect();
    app.stores(&anna, &groups[..5_000]);
    let answer = app.measures(&anna, "");
    assert_eq!(keys(&answer["body"]), ["updatetime", "timezone", "measuregrps"]);
    app.stores(&anna, &groups[5_000..]);
    let answer = app.measures(&anna, "");
    assert_eq!(keys(&answer["body"]), ["updatetime", "timezone", "measuregrps", "more", "offset"]);
    assert_eq!(answer["body"]["more"].to_string(), "1");
    let offset = answer["body"]["offset"].as_i64().unwrap();
    assert!((1..1 << 31).contains(&offset), "{offset}");
    let answer = app.measures(&anna, &format!("offset={offset}"));
    assert_eq!(keys(&answer["body"]), ["updatetime", "timezone", "measuregrps"]);
}

#[test]
fn quirk_10_a_group_has_modelid_and_model_id_and_model() {
    let app = App::new();
    let anna = weighed(&app);
    let answer = app.measures(&anna, "");
    let group = with_attrib(&answer, 0);
    assert_eq!(group["modelid"], 5);
    assert_eq!(group["model_id"], 5);
    assert_eq!(group["model"], "Body+");
    assert_eq!(group["deviceid"], group["hash_deviceid"]);
    assert_eq!(group["deviceid"].as_str().unwrap().len(), 40);
}

#[test]
fn quirk_11_a_group_that_was_typed_in_has_null_for_its_device() {
    let app = App::new();
    let anna = weighed(&app);
    app.stores(&anna, &[weight(app.now(), 66_900)]);
    let answer = app.measures(&anna, "");
    for attrib in [2, 4] {
        let group = with_attrib(&answer, attrib);
        for key in ["deviceid", "hash_deviceid", "modelid", "model_id", "model"] {
            assert_eq!(group.get(key), Some(&Value::Null), "{attrib}: {key}");
        }
        assert_eq!(keys(group), keys(with_attrib(&answer, 0)));
    }
}

#[test]
fn quirk_12_comment_is_null() {
    let app = App::new();
    let anna = weighed(&app);
    let answer = app.measures(&anna, "");
    assert_eq!(groups(&answer).len(), 4);
    for group in groups(&answer) {
        assert_eq!(group.get("comment"), Some(&Value::Null));
    }
}

#[test]
fn quirk_13_any_attrib_is_served_as_it_is_stored() {
    let app = App::new();
    let anna = app.person("anna");
    for attrib in [0, 1, 2, 3, 4, 5, 7, 8, 15, 17, 99] {
        let group = NewGroup { attrib: Attrib(attrib), ..weight(NOW, 64_000) };
        app.stores(&anna, &[group]);
        assert_eq!(groups(&app.measures(&anna, ""))[0]["attrib"], attrib);
    }
}

#[test]
fn quirk_14_algo_and_fm_are_given_as_the_device_gave_them_and_not_with_derived_values() {
    let app = App::new();
    let anna = weighed(&app);
    let answer = app.measures(&anna, "");
    let expected = json!([
        {"value": 66850, "type": 1, "unit": -3, "algo": 0, "fm": 3},
        {"value": 2145, "type": 6, "unit": -2},
        {"value": 5251, "type": 5, "unit": -2},
        {"value": 713, "type": 173, "unit": -2, "algo": 218200, "fm": 131, "position": 7},
    ]);
    assert_eq!(with_attrib(&answer, 0)["measures"].to_string(), expected.to_string());
}

#[test]
fn quirk_14_typed_values_carry_the_app_they_were_typed_into() {
    let app = App::new();
    let anna = app.person("anna");
    let mut typed = Measure::new(WEIGHT, 67, 0);
    (typed.apppfmid, typed.appliver) = (Some(7), Some(4_290_801));
    app.stores(&anna, &[by_hand(NOW, &[typed])]);
    let expected = json!([{"value": 67, "type": 1, "unit": 0, "apppfmid": 7, "appliver": 4290801}]);
    assert_eq!(groups(&app.measures(&anna, ""))[0]["measures"].to_string(), expected.to_string());
}

#[test]
fn quirk_15_and_16_any_position_and_type_is_served_as_it_is_stored() {
    let app = App::new();
    let anna = app.person("anna");
    let mut odd = Measure::new(MeasureType(18), 5, 0);
    odd.position = Some(7);
    let codes = [158, 159, 197, 198, 99_999, -1, i32::MAX];
    let mut measures = vec![odd];
    measures.extend(codes.map(|code| Measure::new(MeasureType(code), 5, 0)));
    app.stores(&anna, &[by_hand(NOW, &measures)]);
    let answer = app.measures(&anna, "");
    let served = groups(&answer)[0]["measures"].as_array().unwrap();
    let types: Vec<i64> = served.iter().map(|measure| measure["type"].as_i64().unwrap()).collect();
    assert_eq!(types, [18, 158, 159, 197, 198, 99_999, -1, i64::from(i32::MAX)]);
    assert_eq!(served[0]["position"], 7);
}

#[test]
fn quirk_17_value_and_unit_are_those_of_the_row() {
    let app = App::new();
    let anna = app.person("anna");
    let rows =
        [(64, 0), (6_412, -2), (64_120, -3), (641_203, -4), (0, -3), (-5, 127), (i64::MIN, -128)];
    let measures = rows.map(|(value, unit)| Measure::new(WEIGHT, value, unit));
    app.stores(&anna, &[by_hand(NOW, &measures)]);
    let answer = app.measures(&anna, "");
    let served = groups(&answer)[0]["measures"].as_array().unwrap();
    let served: Vec<_> =
        served.iter().map(|measure| [&measure["value"], &measure["unit"]]).collect();
    let expected = rows.map(|(value, unit)| [json!(value), json!(unit)]);
    assert_eq!(served, expected.each_ref().map(|row| row.each_ref()));
}

#[test]
fn the_zone_is_the_persons() {
    let app = App::new();
    let paris = app.measures(&app.person("anna"), "");
    assert_eq!(paris["body"]["timezone"], "Europe/Paris");
    let nowhere = app.account(new("ben"));
    assert_eq!(app.measures(&nowhere, "")["body"]["timezone"], "UTC");
}

#[test]
fn groups_come_newest_first_whatever_the_order_of_arrival() {
    let app = App::new();
    let anna = app.person("anna");
    let stored = [30, 10, 20, 10].map(|ago| weight(NOW - ago, 64_000));
    let ids = app.stores(&anna, &stored);
    let answer = app.measures(&anna, "");
    assert_eq!(dates(&answer), [NOW - 10, NOW - 10, NOW - 20, NOW - 30]);
    let served: Vec<_> = groups(&answer).iter().map(|group| group["grpid"].as_i64()).collect();
    assert_eq!(served, [3, 1, 2, 0].map(|at: usize| Some(ids[at].0)));
    assert!(ids.iter().all(|id| id.0 < 1 << 53));
}

#[test]
fn types_choose_groups_and_the_measures_in_them() {
    let app = App::new();
    let anna = app.person("anna");
    let of = |codes: &[i32]| -> Vec<Measure> {
        codes.iter().map(|code| Measure::new(MeasureType(*code), 5, 0)).collect()
    };
    let groups_of = [by_hand(NOW - 3, &of(&[1, 6, 8])), by_hand(NOW - 2, &of(&[9, 10, 11]))];
    app.stores(&anna, &groups_of);
    app.stores(&anna, &[by_hand(NOW - 1, &of(&[1]))]);
    let of_types = |form: &str| -> Vec<Vec<i64>> {
        let answer = app.measures(&anna, form);
        let types = |group: &Value| -> Vec<i64> {
            let measures = group["measures"].as_array().unwrap();
            measures.iter().map(|measure| measure["type"].as_i64().unwrap()).collect()
        };
        groups(&answer).iter().map(types).collect()
    };
    let (newest, pressure, oldest) = (vec![1], vec![9, 10, 11], vec![1, 6, 8]);
    assert_eq!(of_types(""), [newest.clone(), pressure.clone(), oldest.clone()]);
    for form in
        ["meastype=1", "meastypes=1", "meastypes[]=1", "meastypes=1,1", "meastype=1&meastypes=1"]
    {
        assert_eq!(of_types(form), [vec![1], vec![1]], "{form}");
    }
    assert_eq!(of_types("meastypes=1,9"), [vec![1], vec![9], vec![1]]);
    assert_eq!(of_types("meastype=6&meastypes=9,8"), [vec![9], vec![6, 8]]);
    assert_eq!(of_types("meastypes=[11,6]"), [vec![11], vec![6]]);
    assert_eq!(of_types("meastypes="), [newest, pressure, oldest]);
    assert_eq!(of_types("meastype=4"), [[0_i64; 0]; 0]);
    assert_eq!(of_types("meastype=-1"), [[0_i64; 0]; 0]);
}

#[test]
fn category_chooses_measures_or_objectives() {
    let app = App::new();
    let anna = app.person("anna");
    let goal = NewGroup { category: Category::OBJECTIVE, ..weight(NOW - 1, 62_500) };
    app.stores(&anna, &[goal, weight(NOW, 64_000)]);
    assert_eq!(dates(&app.measures(&anna, "")), [NOW, NOW - 1]);
    assert_eq!(dates(&app.measures(&anna, "category=1")), [NOW]);
    assert_eq!(dates(&app.measures(&anna, "category=2")), [NOW - 1]);
    assert_eq!(groups(&app.measures(&anna, "category=2"))[0]["category"], 2);
    for category in ["0", "3", "-1", "2147483648"] {
        assert_names(&app.measures(&anna, &format!("category={category}")), "category");
    }
}

#[test]
fn dates_are_those_of_the_weighing_and_both_ends_count() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[1, 2, 3, 4].map(|ago| weight(NOW - ago, 64_000)));
    let of = |form: &str| dates(&app.measures(&anna, form));
    let (start, end) = (format!("startdate={}", NOW - 3), format!("enddate={}", NOW - 2));
    assert_eq!(of(&start), [NOW - 1, NOW - 2, NOW - 3]);
    assert_eq!(of(&end), [NOW - 2, NOW - 3, NOW - 4]);
    assert_eq!(of(&format!("{start}&{end}")), [NOW - 2, NOW - 3]);
    assert_eq!(of(&format!("startdate={}&enddate={}", NOW - 2, NOW - 3)), [0_i64; 0]);
    assert_eq!(of("startdate=0&enddate=0"), [0_i64; 0]);
    assert_eq!(of("startdate=-9223372036854775808&enddate=9223372036854775807").len(), 4);
}

#[test]
fn filters_narrow_each_other() {
    let app = App::new();
    let anna = app.person("anna");
    let fat = by_hand(NOW - 1, &[Measure::new(MeasureType::FAT_RATIO, 20, 0)]);
    let goal = NewGroup { category: Category::OBJECTIVE, ..weight(NOW - 2, 62_500) };
    app.stores(&anna, &[fat, goal, weight(NOW - 3, 64_000), weight(NOW - 4, 64_100)]);
    let form = format!("category=1&meastype=1&startdate={}&enddate={NOW}", NOW - 3);
    assert_eq!(dates(&app.measures(&anna, &form)), [NOW - 3]);
}

#[test]
fn a_grpid_is_of_one_person_alone() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let grpids = |person: &Account| -> Vec<i64> {
        app.stores(person, &[weight(NOW, 64_000), weight(NOW, 64_000)]);
        let answer = app.measures(person, "");
        groups(&answer).iter().map(|group| group["grpid"].as_i64().unwrap()).collect()
    };
    let mut all = [grpids(&anna), grpids(&ben)].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|grpid| (1..1 << 53).contains(grpid)));
}
