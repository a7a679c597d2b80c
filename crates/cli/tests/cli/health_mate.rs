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
