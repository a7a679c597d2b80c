//! `vitald import answers`: files of recorded answers, read back through getmeas.

use crate::caller::Caller;
use crate::home::Home;
use crate::on_both_engines;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

const ANNA: &str = "anna@example.org";

on_both_engines!(what_is_imported_is_read_back_and_twice_is_once, long_files_are_imported_in_parts);

/// A file of its own beside the data of a test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }
}

fn pressure(grpid: i64, kind: i64, value: i64) -> Json {
    json!({ "status": 0, "body": { "updatetime": 1_600_000_500, "timezone": "Europe/Oslo",
        "measuregrps": [{
            "grpid": grpid, "attrib": 0, "date": 1_600_000_000 + grpid, "created": 1_600_000_400,
            "category": 1, "deviceid": "153570f9668b0259ffef08536f8f3ba879774490",
            "measures": [{ "value": value, "type": kind, "unit": 0, "algo": 0, "fm": 3 }],
            "comment": null,
        }] } })
}

fn import(home: &Home, more: &[&str]) -> Json {
    home.json(&[["import", "answers", "--user", ANNA].as_slice(), more].concat())
}

fn counts(summary: &Json) -> [i64; 5] {
    ["read", "repeated", "new", "changed", "known"]
        .map(|key| summary[key].as_i64().expect("a count"))
}

fn what_is_imported_is_read_back_and_twice_is_once(home: &Home) {
    home.person(ANNA);
    let (token, files) = (home.token(ANNA), Files::new());
    let low = files.write("low.json", &pressure(7, 9, 69).to_string());
    let high = files.write("high.json", &pressure(7, 10, 111)["body"].to_string());
    let process = home.serves();
    let caller = Caller::of(&process.base_url);
    let planned = import(home, &[&low, &high, "--dry-run"]);
    assert_eq!((counts(&planned), &planned["dry_run"]), ([2, 1, 1, 0, 0], &json!(true)));
    assert!(caller.groups(&token).is_empty(), "a dry run stores nothing");
    // While the server runs: it sees the groups at once.
    let done = import(home, &[&low, &high]);
    assert_eq!((counts(&done), &done["refused"]), ([2, 1, 1, 0, 0], &json!([])));
    let groups = caller.groups(&token);
    let group = &groups[0];
    assert_eq!((groups.len(), &group["date"]), (1, &json!(1_600_000_007)));
    assert_eq!(group["created"], 1_600_000_400);
    assert_eq!(group["deviceid"], "153570f9668b0259ffef08536f8f3ba879774490");
    assert_eq!(group["hash_deviceid"], group["deviceid"]);
    let expected = json!([
        { "value": 69, "type": 9, "unit": 0, "algo": 0, "fm": 3 },
        { "value": 111, "type": 10, "unit": 0, "algo": 0, "fm": 3 },
    ]);
    assert_eq!(group["measures"], expected);
    let again = import(home, &[&high, &low]);
    assert_eq!(counts(&again), [2, 1, 0, 0, 1]);
    assert_eq!(caller.groups(&token), groups);
}

fn long_files_are_imported_in_parts(home: &Home) {
    home.person(ANNA);
    let groups: Vec<Json> = (1..=1_000)
        .map(|n| pressure(n, 9, 60 + n % 40)["body"]["measuregrps"][0].clone())
        .collect();
    let files = Files::new();
    let file = files.write("long.json", &json!({ "measuregrps": groups }).to_string());
    let ran = home.runs(&["import", "answers", "--user", ANNA, &file]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("300") && ran.stderr.contains("of=1000"), "{}", ran.stderr);
    let line =
        |name: &str| ran.stdout.lines().find(|line| line.starts_with(name)).map(str::to_owned);
    assert!(line("new").is_some_and(|line| line.ends_with(" 1000")), "{}", ran.stdout);
    assert_eq!(counts(&import(home, &[&file])), [1_000, 0, 0, 0, 1_000]);
}

#[test]
fn a_broken_file_stops_them_all_and_is_named_by_its_place() {
    let home = Home::new();
    home.person(ANNA);
    let files = Files::new();
    let good = files.write("good.json", &pressure(7, 9, 69).to_string());
    let mut float = pressure(8, 9, 70);
    float["body"]["measuregrps"][0]["measures"][0]["value"] = json!(70.625);
    let float = files.write("float.json", &float.to_string());
    let other = files.write("other.json", "{\"status\":0,\"body\":{\"devices\":[]}}");
    let refused = files.write("error.json", "{\"status\":401,\"body\":{},\"error\":\"no\"}");
    let cut = files.write("cut.json", "{\"status\":0,\"body\":{\"measuregrps\":[{");
    for (broken, place) in [
        (&float, "body.measuregrps[0].measures[0].value"),
        (&other, "body.measuregrps"),
        (&refused, "status"),
        (&cut, "EOF"),
    ] {
        let ran = home.runs(&["import", "answers", "--user", ANNA, &good, broken]);
        let line = ran.failed(3);
        assert!(line.contains(broken) && line.contains(place), "{line}");
        assert!(!line.contains("70.625"), "{line}");
    }
    let missing = home.runs(&["import", "answers", "--user", ANNA, "nowhere.json"]);
    assert!(missing.failed(1).contains("nowhere.json"));
    let nobody = home.runs(&["import", "answers", "--user", "nobody@example.org", &good]);
    assert!(nobody.failed(3).contains("user"));
    assert_eq!(counts(&import(&home, &[&good])), [1, 0, 1, 0, 0], "nothing was stored before");
}

#[test]
fn a_group_that_cannot_be_is_left_out_and_said() {
    let home = Home::new();
    home.person(ANNA);
    let files = Files::new();
    let mut answer = pressure(7, 9, 69);
    let mut odd = answer["body"]["measuregrps"][0].clone();
    odd["category"] = json!(31_337);
    answer["body"]["measuregrps"].as_array_mut().unwrap().insert(0, odd);
    let file = files.write("odd.json", &answer.to_string());
    let done = import(&home, &[&file]);
    assert_eq!(counts(&done), [2, 0, 1, 0, 0]);
    let at = done["refused"][0]["at"].as_str().unwrap();
    assert!(at.ends_with("odd.json: body.measuregrps[0].category"), "{at}");
    let told = home.runs(&["import", "answers", "--user", ANNA, &file]);
    assert!(told.stdout.contains("measuregrps[0].category"), "{told:?}");
    assert!(!told.stdout.contains("31337"), "{told:?}");
}

#[test]
fn there_must_be_a_store() {
    let home = Home::new();
    let ran = home.runs(&["import", "answers", "--user", ANNA, "a.json"]);
    assert!(ran.failed(1).contains("no store"), "{ran:?}");
    assert!(!home.data().exists(), "none is made");
}

/// Answers of the live service, where they lie beside the project. They are no part of it.
fn recordings() -> Option<Vec<PathBuf>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/answers");
    let names = [
        "account-2021/sample_measure.json",
        "oslo-2020/getmeas_type9.json",
        "oslo-2020/getmeas_type10.json",
        "tokyo-2022/Measure-Getmeas.json",
    ];
    beside.is_dir().then(|| names.map(|name| beside.join(name)).to_vec())
}

/// The keys an import keeps, of groups that were recorded in whole or by type.
fn kept(group: &Json) -> Json {
    let or = |key: &str, other: &str| {
        if group.get(key).is_some() { group[key].clone() } else { group[other].clone() }
    };
    json!({
        "date": group["date"], "created": group["created"], "attrib": group["attrib"],
        "category": group["category"], "measures": group["measures"],
        "deviceid": group["deviceid"], "hash_deviceid": or("hash_deviceid", "deviceid"),
        "modelid": group["modelid"], "model": group["model"],
    })
}

#[test]
fn answers_of_the_live_service_are_read_back_as_they_were_recorded() {
    let Some(files) = recordings() else {
        println!("skipped: no recorded answers beside the project");
        return;
    };
    for file in files {
        let home = Home::new();
        home.person(ANNA);
        let token = home.token(ANNA);
        let text = std::fs::read_to_string(&file).expect("a recording");
        let recorded: Json = serde_json::from_str(&text).expect("JSON");
        let recorded = recorded["body"]["measuregrps"].as_array().expect("groups").clone();
        let path = file.to_str().expect("UTF-8");
        let count = i64::try_from(recorded.len()).expect("a count");
        assert_eq!(counts(&import(&home, &[path])), [count, 0, count, 0, 0], "{path}");
        assert_eq!(counts(&import(&home, &[path])), [count, 0, 0, 0, count], "{path}");
        let process = home.serves();
        let groups = Caller::of(&process.base_url).groups(&token);
        let sorted = |groups: &[Json]| {
            let mut kept: Vec<String> =
                groups.iter().map(|group| kept(group).to_string()).collect();
            kept.sort();
            kept
        };
        assert_eq!(sorted(&groups), sorted(&recorded), "{path}");
    }
}
