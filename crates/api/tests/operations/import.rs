//! Recorded answers become a person's groups: what is read back is what was recorded.

use crate::app::{App, NOW, groups};
use api::admin::Account;
use api::import::{self, Gathered, Outcome};
use serde_json::{Value, json};
use store::person;

impl App {
    pub(crate) fn imports(&self, person: &Account, answers: &[&Value]) -> Outcome {
        let mut gathered = Gathered::default();
        for answer in answers {
            gathered.add("a.json", answer.to_string().as_bytes(), self.now()).unwrap();
        }
        let user = person.id;
        let mut done = Outcome::default();
        for slice in gathered.into_slices() {
            let seen = slice.clone();
            let foreseen = self.does(move |tx| import::foresee(tx, user, &seen));
            let part = self.does(move |tx| import::store(tx, user, &slice));
            assert_eq!(part, foreseen, "a dry run says what is done");
            done.new += part.new;
            done.changed += part.changed;
            done.known += part.known;
        }
        done
    }
}

const fn outcome(new: usize, changed: usize, known: usize) -> Outcome {
    Outcome { new, changed, known }
}

fn change_seq(app: &App, person: &Account) -> i64 {
    let id = person.id;
    app.does(move |tx| Ok(person::get(tx, id)?.change_seq))
}

/// A newer recording of several kinds of groups.
pub(crate) fn recorded() -> Value {
    json!({ "status": 0, "body": {
        "updatetime": NOW - 1_000, "timezone": "Asia/Tokyo", "more": 1, "offset": 3,
        "measuregrps": [
            { "grpid": 6_100_000_003_i64, "attrib": 0, "date": NOW - 5_000, "created": NOW - 4_990,
              "modified": NOW - 4_980, "category": 1,
              "deviceid": "0f41c9c01d4fd2b1d0be26aba12ad50a8b7ba2d4",
              "hash_deviceid": "0f41c9c01d4fd2b1d0be26aba12ad50a8b7ba2d4",
              "measures": [
                  { "value": 81_200, "type": 1, "unit": -3, "algo": 3, "fm": 131 },
                  { "value": 2_180, "type": 8, "unit": -2, "algo": 3, "fm": 131, "position": 7 },
                  { "value": 26_847, "type": 6, "unit": -3 },
              ],
              "modelid": 7, "model": "Body of another name", "comment": null },
            { "grpid": 6_100_000_002_i64, "attrib": 2, "date": NOW - 600_000_000,
              "created": NOW - 6_000, "modified": NOW - 6_000, "category": 1,
              "deviceid": null, "hash_deviceid": null,
              "measures": [
                  { "value": 80_000, "type": 1, "unit": -3, "algo": 0, "fm": 128,
                    "apppfmid": 7, "appliver": 5_070_201 },
              ],
              "modelid": null, "model": null, "comment": "written by hand" },
            { "grpid": 6_100_000_001_i64, "attrib": 17, "date": NOW - 7_000, "created": NOW - 7_000,
              "modified": NOW - 7_000, "category": 2, "deviceid": 4_321, "model_id": 45,
              "measures": [{ "value": 78, "type": 1, "unit": 0 }] },
        ],
    } })
}

/// The groups of an answer in the order of their dates, with the keys an import keeps.
fn kept(answer: &Value) -> Vec<Value> {
    let group = |group: &Value| {
        let name = match &group["deviceid"] {
            Value::Number(number) => number.to_string().into(),
            name => name.clone(),
        };
        let hash = if group["hash_deviceid"].is_null() { &name } else { &group["hash_deviceid"] };
        let model_id = [&group["modelid"], &group["model_id"]].into_iter().find(|id| !id.is_null());
        json!({
            "date": group["date"], "created": group["created"], "category": group["category"],
            "attrib": group["attrib"], "measures": group["measures"], "deviceid": name,
            "hash_deviceid": hash, "modelid": model_id,
        })
    };
    let mut groups: Vec<Value> = groups(answer).iter().map(group).collect();
    groups.sort_by_key(|group| group["date"].as_i64());
    groups
}

#[test]
fn what_was_imported_is_read_back_as_it_was_recorded() {
    let app = App::new();
    let anna = app.person("anna");
    assert_eq!(app.imports(&anna, &[&recorded()]), outcome(3, 0, 0));
    let answer = app.measures(&anna, "");
    assert_eq!(kept(&answer), kept(&recorded()));
    let by_date = |answer: &Value, date: i64| {
        groups(answer).iter().find(|group| group["date"] == date).unwrap().clone()
    };
    let scale = by_date(&answer, NOW - 5_000);
    assert_eq!((&scale["model"], &scale["model_id"]), (&json!("Body of another name"), &json!(7)));
    assert_eq!(scale["modified"], NOW, "our own stamp: whoever comes back sees it");
    assert_ne!(scale["grpid"], json!(6_100_000_003_i64));
    assert_eq!(scale["comment"], Value::Null);
    assert_eq!(by_date(&answer, NOW - 7_000)["model"], "BPM Connect", "the name we know");
    assert_eq!(answer["body"]["timezone"], "Europe/Paris", "the person's zone stays");
    let goals = app.call("/v2/user", "action=getgoals", Some(&app.token(&anna, "user.metrics")));
    assert_eq!(goals["body"]["goals"], json!({ "weight": { "value": 78, "unit": 0 } }));
}

#[test]
fn importing_twice_changes_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    app.imports(&anna, &[&recorded()]);
    let (answer, before) = (app.measures(&anna, ""), change_seq(&app, &anna));
    app.waits(3_600);
    assert_eq!(app.imports(&anna, &[&recorded(), &recorded()]), outcome(0, 0, 3));
    assert_eq!(change_seq(&app, &anna), before);
    assert_eq!(groups(&app.measures(&anna, "")), groups(&answer));
    // Somebody else's import of the same is their own.
    let ben = app.person("ben");
    assert_eq!(app.imports(&ben, &[&recorded()]), outcome(3, 0, 0));
}

#[test]
fn a_recording_by_type_adds_the_measures_that_were_missing() {
    let app = App::new();
    let anna = app.person("anna");
    let by_type = |kind: i64, value: i64| {
        json!({ "measuregrps": [{
            "grpid": 1_861_714_605, "attrib": 0, "date": NOW - 10, "created": NOW - 5,
            "category": 1,
            "measures": [{ "value": value, "type": kind, "unit": 0, "algo": 0, "fm": 3 }],
        }] })
    };
    assert_eq!(app.imports(&anna, &[&by_type(9, 69)]), outcome(1, 0, 0));
    assert_eq!(app.imports(&anna, &[&by_type(10, 111)]), outcome(0, 1, 0));
    assert_eq!(app.imports(&anna, &[&by_type(9, 69), &by_type(10, 111)]), outcome(0, 0, 1));
    let answer = app.measures(&anna, "");
    let measures = groups(&answer)[0]["measures"].as_array().unwrap();
    let values: Vec<&Value> = measures.iter().map(|measure| &measure["value"]).collect();
    assert_eq!(values, [69, 111]);
}

#[test]
fn a_later_recording_brings_what_changed_and_an_earlier_one_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    let of = |modified: i64, attrib: i64, grams: i64| {
        json!({ "measuregrps": [{
            "grpid": 7, "attrib": attrib, "date": NOW - 1_000, "created": NOW - 990,
            "modified": modified, "category": 1, "deviceid": "scale",
            "measures": [{ "value": grams, "type": 1, "unit": -3 }],
        }] })
    };
    app.imports(&anna, &[&of(NOW - 500, 1, 64_000)]);
    app.waits(100);
    assert_eq!(app.imports(&anna, &[&of(NOW - 500, 0, 65_000)]), outcome(0, 0, 1));
    assert_eq!(app.imports(&anna, &[&of(NOW - 600, 0, 65_000)]), outcome(0, 0, 1));
    assert_eq!(app.imports(&anna, &[&of(NOW - 400, 7, 65_000)]), outcome(0, 1, 0));
    assert_eq!(app.imports(&anna, &[&of(NOW - 400, 7, 65_000)]), outcome(0, 0, 1));
    let answer = app.measures(&anna, &format!("lastupdate={}", NOW + 50));
    let group = &groups(&answer)[0];
    assert_eq!((&group["attrib"], &group["measures"][0]["value"]), (&json!(7), &json!(65_000)));
    assert_eq!((&group["created"], &group["modified"]), (&json!(NOW - 990), &json!(NOW + 100)));
}

#[test]
fn what_the_person_says_here_holds_until_the_group_changes_there() {
    let app = App::new();
    let anna = app.person("anna");
    let of = |modified: i64| {
        let mut answer = recorded();
        answer["body"]["measuregrps"][0]["attrib"] = json!(1);
        answer["body"]["measuregrps"][0]["modified"] = json!(modified);
        answer
    };
    assert_eq!(app.imports(&anna, &[&of(NOW - 500)]), outcome(3, 0, 0));
    assert_eq!(app.imports(&anna, &[&of(NOW - 400)]), outcome(0, 0, 3));
    let newest = || groups(&app.measures(&anna, "category=1"))[0].clone();
    let token = app.token(&anna, "user.metrics");
    let form = format!("action=confirmuser&grpid={}&is_confirmed=1", newest()["grpid"]);
    assert_eq!(app.call("/v2/measure", &form, Some(&token))["status"], 0);
    let before = change_seq(&app, &anna);
    assert_eq!(app.imports(&anna, &[&of(NOW - 400)]), outcome(0, 0, 3));
    assert_eq!((&newest()["attrib"], change_seq(&app, &anna)), (&json!(7), before));
    assert_eq!(app.imports(&anna, &[&of(NOW - 300)]), outcome(0, 1, 2));
    assert_eq!(newest()["attrib"], 1);
}

#[test]
fn an_imported_group_that_was_denied_stays_away() {
    let app = App::new();
    let anna = app.person("anna");
    let mut answer = recorded();
    answer["body"]["measuregrps"][0]["attrib"] = json!(1);
    app.imports(&anna, &[&answer]);
    let grpid = groups(&app.measures(&anna, "category=1"))[0]["grpid"].to_string();
    let token = app.token(&anna, "user.metrics");
    let form = format!("action=confirmuser&grpid={grpid}&is_confirmed=0");
    assert_eq!(app.call("/v2/measure", &form, Some(&token))["status"], 0);
    assert_eq!(groups(&app.measures(&anna, "")).len(), 2);
    assert!(app.does(|tx| api::admin::list_weighings(tx, None)).is_empty());
    assert_eq!(app.imports(&anna, &[&answer]), outcome(0, 0, 3));
    assert_eq!(groups(&app.measures(&anna, "")).len(), 2);
}
