//! Sandboxes whose seed names people who do not exist: their past is there before the first answer.

use crate::home::{run, vitald};
use crate::process::Process;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const SEED: &str = r#"
[clock]
now = 2026-03-01T12:00:00Z
frozen = true

[[applications]]
name = "Reader"
redirect_uris = ["http://localhost:8888"]

[[people]]
email = "nina@example.org"
password = "correct horse"
userid = 20000001
persona = "sleep-apnoea"
seed = 7
days = 3
zone = "Europe/Berlin"
goals = { steps = 9000 }

[[tokens]]
application = "Reader"
person = "nina@example.org"
access_token = "access-of-nina"

# Nobody listens there: whatever is told is seen in the log.
[[subscriptions]]
application = "Reader"
person = "nina@example.org"
appli = 44
callback = "http://127.0.0.1:9/sleep"
"#;
const BEGIN: i64 = 1_772_366_400;
const DAY_SECONDS: i64 = 86_400;

/// A folder with seeds in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn begins(&self, seed: &str) -> std::process::Command {
        let file = self.0.path().join("world.toml");
        std::fs::write(&file, seed).expect("a file");
        self.begins_with(&file)
    }

    fn begins_with(&self, seed: &Path) -> std::process::Command {
        let mut command = vitald(&["sandbox", "--json", "--seed", seed.to_str().expect("a path")]);
        command.env("TMPDIR", self.0.path());
        command
    }
}

/// A sandbox that runs, and what it said.
fn starts(command: std::process::Command) -> (Process, Value) {
    let mut process = Process::start(command);
    let line: Value = serde_json::from_str(&process.reads_line()).expect("JSON");
    process.base_url = line["base_url"].as_str().expect("an address").to_owned();
    (process, line)
}

fn on(server: &Process, arguments: &[&str]) -> Value {
    run(vitald(&[arguments, &["--url", server.base_url.as_str(), "--json"]].concat()), "").json()
}

fn body(server: &Process, token: &str, call: &[&str]) -> Value {
    on(server, &[&["call"], call, &["--token", token]].concat())["body"].take()
}

/// The nights that a program reads, asked beside the server: tokens end while the clock is turned.
fn nights(said: &Value) -> Vec<Value> {
    let data = said["data"].as_str().expect("a folder");
    let client = said["applications"][0]["client_id"].as_str().expect("an id");
    let call = ["call", "sleep", "getsummary", "startdateymd=2026-02-20", "enddateymd=2026-03-20"];
    let who = ["--client", client, "--user", "nina@example.org", "--data", data, "--json"];
    let told = run(vitald(&[&call[..], &who].concat()), "").json();
    told["body"]["series"].as_array().expect("nights").clone()
}

#[test]
fn the_past_of_somebody_is_there_at_once_and_goes_on_with_the_clock() {
    let place = Place::new();
    let (server, said) = starts(place.begins(SEED));
    assert_eq!(said["people"][0]["userid"], 20_000_001);
    let listed = on(&server, &["persona", "list"]);
    assert_eq!((&listed[0]["userid"], &listed[0]["seed"]), (&json!(20_000_001), &json!(7)));
    assert_eq!(listed[0]["timezone"], "Europe/Berlin");
    let before = nights(&said);
    assert!(before.len() >= 2, "{} nights", before.len());
    let ends_at = |night: &Value| night["enddate"].as_i64().expect("a moment");
    let lived = BEGIN - 3 * DAY_SECONDS - DAY_SECONDS..=BEGIN;
    assert!(before.iter().all(|night| lived.contains(&ends_at(night))));
    let goals = body(&server, "access-of-nina", &["user", "getgoals"]);
    assert_eq!(goals["goals"]["steps"], 9_000);
    // What was before the beginning is told to nobody; what happens then is.
    let told = || {
        let data = said["data"].as_str().expect("a folder");
        let client = said["applications"][0]["client_id"].as_str().expect("an id");
        let list = ["notification", "list", client, "--data", data, "--json"];
        run(vitald(&list), "").json().as_array().expect("a list").len()
    };
    assert_eq!(told(), 0);
    on(&server, &["clock", "advance", "2d"]);
    assert!(nights(&said).len() >= before.len() + 2);
    assert!(told() >= 2);
}

#[test]
fn raw_data_comes_with_a_sync_once_a_program_wants_it() {
    let place = Place::new();
    let (server, said) = starts(place.begins(SEED));
    let data = said["data"].as_str().expect("a folder");
    let client = said["applications"][0]["client_id"].as_str().expect("an id");
    let asks = |call: &[&str]| {
        let who = ["--client", client, "--user", "nina@example.org", "--data", data, "--json"];
        run(vitald(&[&["call"], call, &who].concat()), "").json()["body"].take()
    };
    let devices = asks(&["user", "getdevice"])["devices"].take();
    let is_watch = |device: &&Value| device["model_id"] == 93;
    let watch = devices.as_array().expect("devices").iter().find(is_watch).expect("a watch");
    let hash = format!("hash_deviceid={}", watch["hash_deviceid"].as_str().expect("a hash"));
    let (end, kind) = (format!("enddate={}", BEGIN + DAY_SECONDS), "rawdata_type=1");
    asks(&["rawdata", "activate", &hash, kind, &end]);
    on(&server, &["clock", "advance", "1d"]);
    let start = format!("startdate={BEGIN}");
    let seen = asks(&["rawdata", "get", &hash, kind, &start, &end]);
    let seen = seen.to_string();
    assert!(seen.contains("ADXL362_RAW") && seen.contains("acc_x"), "{}", seen.len());
    let optical = asks(&["rawdata", "get", &hash, "rawdata_type=2", &start, &end]).to_string();
    assert!(!optical.contains("timestamp"), "nobody asked for it");
}

#[test]
fn the_same_seed_is_the_same_past() {
    let place = Place::new();
    let read = || {
        let (_server, said) = starts(place.begins(SEED));
        let kept = ["startdate", "enddate", "timezone", "data"];
        let night = |night: &Value| kept.map(|name| night[name].clone());
        nights(&said).iter().map(night).collect::<Vec<_>>()
    };
    let once = read();
    assert!(!once.is_empty());
    assert_eq!(once, read());
}

#[test]
fn who_cannot_be_is_named_before_anything_is_made() {
    let place = Place::new();
    let twin = format!(
        "{SEED}[[people]]\nemail = \"b@example.org\"\npersona = \"sleep-apnoea\"\nseed = 7\n"
    );
    let demo = SEED.replace("persona = \"sleep-apnoea\"", "persona = \"demo\"");
    for (wrong, named) in [
        (SEED.replace("sleep-apnoea", "superman"), "people[0].persona"),
        (SEED.replace("days = 3", "days = -1"), "people[0].days"),
        (SEED.replace("Europe/Berlin", "Mars/Olympus"), "people[0].zone"),
        (SEED.replace("seed = 7", "seed = 7\nweight = 80"), "people[0].weight"),
        (SEED.replace("userid = 20000001", "userid = 5"), "people[0].userid"),
        (SEED.replace("persona = \"sleep-apnoea\"", ""), "people[0].seed"),
        (twin, "people[1].seed"),
        (demo, "people[0].seed"),
    ] {
        let ran = run(place.begins(&wrong), "");
        assert!(ran.failed(3).contains(named), "{named}: {ran:?}");
        let left = std::fs::read_dir(place.0.path()).expect("a folder").count();
        assert_eq!(left, 1, "{named}");
    }
}

#[test]
fn the_world_of_the_demo_is_a_seed_like_any_other() {
    let place = Place::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/demo.toml");
    let (server, said) = starts(place.begins_with(&demo));
    let token = said["tokens"][0]["access_token"].as_str().expect("a token").to_owned();
    let weights = body(&server, &token, &["measure", "getmeas", "meastype=1"]);
    assert!(weights["measuregrps"].as_array().is_some_and(|groups| groups.len() > 100));
    let devices = body(&server, &token, &["user", "getdevice"]);
    assert_eq!(devices["devices"].as_array().map(Vec::len), Some(4));
}

#[test]
fn faults_of_a_seed_strike_from_the_beginning() {
    let place = Place::new();
    let faults = r#"
[[faults]]
name = "status"
application = "Reader"
operation = "user/getdevice"
count = 1
settings = { status = 2555 }

[[faults]]
scenario = "days.travel"
"#;
    let (server, said) = starts(place.begins(&format!("{SEED}{faults}")));
    let listed = on(&server, &["fault", "list"]);
    assert_eq!(listed["faults"].as_array().or(listed.as_array()).map(Vec::len), Some(1));
    let client = &said["applications"][0]["client_id"];
    assert!(listed.to_string().contains(client.as_str().expect("an id")), "{listed}");
    let people = on(&server, &["persona", "list"]).to_string();
    assert!(people.contains("traveller"), "{people}");
    let call = ["call", "user", "getdevice", "--token", "access-of-nina", "--url"];
    let calls = || run(vitald(&[&call[..], &[server.base_url.as_str()]].concat()), "");
    let struck = calls();
    assert!(struck.code != Some(0) && struck.stderr.contains("2555"), "{struck:?}");
    assert_eq!(calls().code, Some(0));
    for (wrong, named) in [
        (faults.replace("\"status\"", "\"state\""), "faults[0].name"),
        (faults.replace("count = 1", "count = 0"), "faults[0].count"),
        (faults.replace("\"Reader\"", "\"Writer\""), "faults[0].application"),
        (faults.replace("days.travel", "days.travels"), "faults[1].scenario"),
    ] {
        let ran = run(place.begins(&format!("{SEED}{wrong}")), "");
        assert!(ran.failed(3).contains(named), "{named}: {ran:?}");
    }
}
