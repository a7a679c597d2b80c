//! `vitald import health-mate` and `vitald export …`: files out of one account and into another.

use crate::home::Home;
use crate::on_both_engines;
use serde_json::{Value as Json, json};
use std::io::Write as _;
use std::path::Path;

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";

on_both_engines!(what_is_exported_is_imported_and_twice_is_once);

/// A ZIP with these files.
fn archive(folder: &Path, files: &[(&str, &str)]) -> String {
    let path = folder.join("export.zip");
    let file = std::fs::File::create(&path).expect("a file");
    let mut zip = zip::ZipWriter::new(file);
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("finished");
    path.to_str().expect("UTF-8").to_owned()
}

const WEIGHTS: (&str, &str) = (
    "weight.csv",
    "Date,\"Weight (kg)\",\"Fat mass (kg)\",Comments\n\
     \"2026-01-07 07:30:00\",66.9,12.4,\n\"2026-01-06 07:30:00\",66.85,,\n\"nonsense\",1,,\n",
);
const STEPS: (&str, &str) = (
    "raw_tracker_steps.csv",
    "start,duration,value\n2026-01-06T12:50:00+01:00,\"[60,60]\",\"[44,51]\"\n",
);
const DAYS: (&str, &str) = ("aggregates_steps.csv", "date,value\n2026-01-05,6543\n");

fn import(home: &Home, user: &str, file: &str, more: &[&str]) -> Json {
    home.json(&[["import", "health-mate", file, "--user", user].as_slice(), more].concat())
}

fn counts(summary: &Json) -> [i64; 3] {
    ["new", "changed", "known"].map(|key| summary[key].as_i64().expect("a count"))
}

fn what_is_exported_is_imported_and_twice_is_once(home: &Home) {
    home.person(ANNA);
    home.person(BEN);
    let folder = tempfile::tempdir().expect("a folder");
    let file = archive(folder.path(), &[WEIGHTS, STEPS, DAYS, ("note.csv", "Date,Note\n")]);
    let planned = import(home, ANNA, &file, &["--dry-run"]);
    assert_eq!((counts(&planned), &planned["dry_run"]), ([5, 0, 0], &json!(true)));
    let done = import(home, ANNA, &file, &[]);
    assert_eq!(counts(&done), [5, 0, 0], "a dry run says what is done");
    let weights = &done["files"]["files"][0];
    assert_eq!((&weights["name"], &weights["items"]), (&json!("weight.csv"), &json!(2)));
    assert_eq!(weights["skipped"][0]["first_line"], 4);
    assert_eq!(counts(&import(home, ANNA, &file, &[])), [0, 0, 5]);

    let out = folder.path().join("anna.zip");
    let out = out.to_str().expect("UTF-8");
    let written = home.json(&["export", "health-mate", "--user", ANNA, out]);
    assert!(written["rows"].as_i64().expect("rows") >= 4, "{written}");
    // It is not written over.
    assert!(home.runs(&["export", "health-mate", "--user", ANNA, out]).failed(1).contains("there"));
    let of_ben = import(home, BEN, out, &[]);
    assert_eq!(of_ben["changed"], 0);
    assert!(of_ben["new"].as_i64().expect("new") >= 5, "{of_ben}");
    assert_eq!(counts(&import(home, BEN, out, &[]))[..2], [0, 0]);

    let lines = folder.path().join("anna.ndjson");
    home.json(&["export", "lines", "--user", ANNA, lines.to_str().expect("UTF-8")]);
    let text = std::fs::read_to_string(&lines).expect("lines");
    let lines: Vec<Json> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().expect("kind")).collect();
    assert_eq!(kinds[0], "person");
    for kind in ["group", "intraday", "activity"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn a_value_the_layout_cannot_hold_is_left_out_and_said() {
    let home = Home::new();
    home.person(ANNA);
    home.person(BEN);
    let folder = tempfile::tempdir().expect("a folder");
    let pulse = |grpid: i64, unit: i64| {
        json!({ "grpid": grpid, "attrib": 0, "date": 1_600_000_000 + grpid, "category": 1,
            "created": 1_600_000_400,
            "measures": [{ "value": 60, "type": 11, "unit": unit }] })
    };
    let body = json!({ "updatetime": 1_600_000_500, "timezone": "Europe/Oslo",
        "measuregrps": [pulse(1, 30), pulse(2, 0)] });
    let answers = folder.path().join("answers.json");
    std::fs::write(&answers, body.to_string()).expect("written");
    let answers = answers.to_str().expect("UTF-8");
    let done = home.json(&["import", "answers", "--user", ANNA, answers]);
    assert_eq!(done["new"], 2, "{done}");
    let out = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (json, text) = (out("json.zip"), out("text.zip"));
    let written = home.json(&["export", "health-mate", "--user", ANNA, &json]);
    let left_out = json!([{ "file": "bp.csv", "column": "Heart rate", "count": 1 }]);
    assert_eq!((&written["left_out"], &written["rows"]), (&left_out, &json!(1)));
    let ran = home.runs(&["export", "health-mate", "--user", ANNA, &text]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let told = ran.stdout.lines().find(|line| line.starts_with("left_out "));
    assert!(told.is_some_and(|line| line.contains("bp.csv")), "{}", ran.stdout);
    assert_eq!(counts(&import(&home, BEN, &json, &[])), [1, 0, 0], "the rest is there");
    let lines = home.json(&["export", "lines", "--user", ANNA, &out("anna.ndjson")]);
    assert_eq!(lines["left_out"], json!([]));
}

#[test]
fn what_is_no_export_is_refused_and_named() {
    let home = Home::new();
    home.person(ANNA);
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("no.zip");
    std::fs::write(&text, "no ZIP").expect("written");
    let ran = home.runs(&["import", "health-mate", text.to_str().expect("UTF-8"), "--user", ANNA]);
    assert!(ran.failed(1).contains("no.zip"));
    let missing = home.runs(&["import", "health-mate", "nowhere.zip", "--user", ANNA]);
    assert!(missing.failed(1).contains("nowhere.zip"));
    // Paths in an archive lead nowhere.
    let file = archive(folder.path(), &[("../../weight.csv", WEIGHTS.1)]);
    assert_eq!(counts(&import(&home, ANNA, &file, &[])), [2, 0, 0]);
    assert!(!folder.path().join("../../weight.csv").exists());
}
