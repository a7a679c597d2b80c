//! Sandboxes for test suites: they begin with a known world, say what opens it, go back to a state,
//! and leave nothing.

use crate::caller::Caller;
use crate::home::{Home, Ran, run, vitald};
use crate::process::Process;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const SEED: &str = r#"
[clock]
now = 2026-01-05T07:00:00Z
frozen = true

[[applications]]
name = "Reader"
client_id = "reader-of-the-tests"
client_secret = "secret-of-the-tests"
redirect_uris = ["http://localhost:8888"]

[[people]]
email = "anna@example.org"
password = "correct horse"
birth_date = 1980-05-01
height = 1.68
weight = 66.85

[[devices]]
mac = "00:24:e4:00:00:01"
model = 13
users = ["anna@example.org"]
token = "token-of-the-scale"

[[tokens]]
application = "Reader"
person = "anna@example.org"
access_token = "access-of-anna"
refresh_token = "refresh-of-anna"

# Nobody listens there: what is told is tried until it is given up.
[[subscriptions]]
application = "Reader"
person = "anna@example.org"
appli = 1
callback = "http://127.0.0.1:9/weight"
"#;
const BEGIN: i64 = 1_767_596_400;

/// Where sandboxes have their folders, and a seed beside them.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir(place.temporary()).expect("a folder");
        place.writes("world.toml", SEED);
        place
    }

    fn temporary(&self) -> std::path::PathBuf {
        self.0.path().join("tmp")
    }

    fn writes(&self, name: &str, text: &str) -> String {
        let file = self.0.path().join(name);
        std::fs::write(&file, text).expect("a file");
        file.to_str().expect("a path").to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = vitald(&[&["sandbox", "--json"], arguments].concat());
        command.env("TMPDIR", self.temporary());
        command
    }

    /// A sandbox that runs, and what it said.
    fn starts(&self, arguments: &[&str]) -> (Process, Value) {
        let mut process = Process::start(self.command(arguments));
        let line: Value = serde_json::from_str(&process.reads_line()).expect("JSON");
        process.base_url = line["base_url"].as_str().expect("an address").to_owned();
        (process, line)
    }

    fn starts_seeded(&self) -> (Process, Value) {
        let seed = self.0.path().join("world.toml");
        self.starts(&["--seed", seed.to_str().expect("a path")])
    }

    /// How many files and folders sandboxes left.
    fn left(&self) -> usize {
        std::fs::read_dir(self.temporary()).expect("a folder").count()
    }
}

/// A command on a sandbox that runs.
fn on(server: &Process, arguments: &[&str]) -> Ran {
    let url = ["--url", server.base_url.as_str(), "--json"];
    run(vitald(&[arguments, &url].concat()), "")
}

/// The status of a call with a token, and what is in its answer.
fn call(server: &Process, token: &str, call: &[&str]) -> Value {
    let token = ["--token", token];
    let ran = on(server, &[&["call"], call, &token].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
}

fn weights(server: &Process) -> usize {
    let answer = call(server, "access-of-anna", &["measure", "getmeas", "meastype=1"]);
    answer["body"]["measuregrps"].as_array().unwrap_or_else(|| panic!("{answer}")).len()
}

fn ends(mut server: Process) {
    server.signals("TERM");
    assert!(server.ends().success());
}

#[test]
fn a_sandbox_says_what_opens_it_and_leaves_nothing() {
    let place = Place::new();
    let (server, said) = place.starts_seeded();
    assert_eq!((&said["now"], &said["frozen"]), (&json!(BEGIN), &json!(true)));
    assert_eq!(said["applications"][0]["client_secret"], "secret-of-the-tests");
    assert_eq!(said["devices"][0]["token"], "token-of-the-scale");
    assert_eq!(said["tokens"][0]["userid"], said["people"][0]["userid"]);
    let data = said["data"].as_str().expect("a folder");
    assert!(Path::new(data).starts_with(place.temporary()) && Path::new(data).exists());
    assert_eq!(weights(&server), 1);
    assert_eq!(on(&server, &["clock", "show"]).json()["now"], BEGIN);
    ends(server);
    assert_eq!(place.left(), 0);
}

#[test]
fn sandboxes_run_beside_each_other_and_the_same_seed_begins_anew() {
    let place = Place::new();
    let ((one, said), (other, also)) = (place.starts_seeded(), place.starts_seeded());
    assert_ne!((&said["base_url"], &said["data"]), (&also["base_url"], &also["data"]));
    on(&one, &["clock", "advance", "1d"]).json();
    assert_eq!(call(&one, "access-of-anna", &["user", "getdevice"])["status"], 401);
    assert_eq!(weights(&other), 1);
    ends(one);
    let (again, _) = place.starts_seeded();
    assert_eq!((weights(&again), weights(&other)), (1, 1));
    ends(again);
    ends(other);
    assert_eq!(place.left(), 0);
}

#[test]
fn a_sandbox_without_a_seed_has_a_little_of_its_own() {
    let place = Place::new();
    let (server, said) = place.starts(&[]);
    let token = said["tokens"][0]["access_token"].as_str().expect("a token");
    assert_eq!(call(&server, token, &["user", "getdevice"])["status"], 0);
    assert_eq!(said["people"].as_array().map(Vec::len), Some(1));
    ends(server);
    // In a folder of its own it goes on where it was.
    let data = place.0.path().join("data");
    let data = ["--data", data.to_str().expect("a path")];
    let (server, said) = place.starts(&data);
    ends(server);
    let (server, again) = place.starts(&data);
    assert_eq!(said["applications"], again["applications"]);
    assert_eq!(said["people"][0]["userid"], again["people"][0]["userid"]);
    ends(server);
    let seed = place.0.path().join("world.toml");
    let seed = ["--seed", seed.to_str().expect("a path")];
    let ran = run(place.command(&[&data[..], &seed].concat()), "");
    assert!(ran.failed(3).contains("data"), "{ran:?}");
    // A store of somebody's is no sandbox's.
    let home = Home::new();
    home.person("anna@example.org");
    let theirs = home.data();
    let ran = run(place.command(&["--data", theirs.to_str().expect("a path")]), "");
    assert!(ran.failed(3).contains("no sandbox"), "{ran:?}");
}

#[test]
fn a_wrong_seed_is_named_with_file_table_and_key_and_nothing_is_made() {
    let place = Place::new();
    for (wrong, named) in [
        (SEED.replace("birth_date", "birthday"), "people[0].birthday"),
        (SEED.replace("person = \"anna", "person = \"bob"), "tokens[0].person"),
        (SEED.replace("model = 13", "model = 0"), "devices[0].model"),
        (SEED.replace("correct horse", "short"), "people[0].password"),
    ] {
        let file = place.writes("wrong.toml", &wrong);
        let ran = run(place.command(&["--seed", &file]), "");
        let said = ran.failed(3);
        assert!(said.contains("wrong.toml") && said.contains(named), "{said}");
        assert_eq!(place.left(), 0, "{named}");
    }
    let file = place.writes("wrong.toml", "[[people");
    assert!(run(place.command(&["--seed", &file]), "").failed(1).contains("is no TOML"));
    let survey = format!("{SEED}\n[[surveys]]\nfile = \"none.toml\"\n");
    let file = place.writes("wrong.toml", &survey);
    let ran = run(place.command(&["--seed", &file]), "");
    assert!(ran.failed(3).contains("surveys[0].file"), "{ran:?}");
}

#[test]
fn going_back_to_a_snapshot_all_is_as_it_was_and_the_clock_too() {
    let place = Place::new();
    let (server, _) = place.starts_seeded();
    let snapshot = |arguments: &[&str]| on(&server, &[&["snapshot"], arguments].concat());
    let saved = snapshot(&["save", "start"]).json();
    assert_eq!((&saved["now"], &saved["frozen"]), (&json!(BEGIN), &json!(true)));
    for round in 0..3 {
        // Somebody weighs in, which is told; the access token ends, another comes.
        let measures = json!([{ "type": 1, "value": 66_000, "unit": -3 }]);
        let records = json!([
            { "id": "a", "type": "measures", "taken_at": BEGIN, "measures": measures },
        ]);
        Caller::of(&server.base_url).hands_over("token-of-the-scale", &records);
        assert_eq!(weights(&server), 2);
        let turned = on(&server, &["clock", "advance", "2d"]).json()["turned"].take();
        assert!(turned["stops"].as_i64() > Some(5), "nothing was tried: {turned}");
        assert_eq!(call(&server, "access-of-anna", &["user", "getdevice"])["status"], 401);
        let refresh = [
            "call",
            "oauth2",
            "requesttoken",
            "grant_type=refresh_token",
            "refresh_token=refresh-of-anna",
            "--client-id",
            "reader-of-the-tests",
            "--client-secret",
            "secret-of-the-tests",
        ];
        let tokens = on(&server, &refresh).json();
        let token = tokens["body"]["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(call(&server, &token, &["user", "getdevice"])["status"], 0);
        on(&server, &["clock", "resume"]).json();
        assert_eq!(snapshot(&["restore", "start"]).json(), saved, "round {round}");
        let shown = on(&server, &["clock", "show"]).json();
        assert_eq!((&shown["now"], &shown["frozen"]), (&json!(BEGIN), &json!(true)));
        assert_eq!(weights(&server), 1);
        assert_eq!(call(&server, &token, &["user", "getdevice"])["status"], 401);
    }
    on(&server, &["clock", "advance", "1h"]).json();
    snapshot(&["save", "later"]).json();
    let listed = snapshot(&["list"]).json();
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&json!("later"), &json!("start")));
    assert_eq!(listed[0]["now"], BEGIN + 3_600);
    assert_eq!(snapshot(&["restore", "start"]).json()["now"], BEGIN);
    assert_eq!(snapshot(&["restore", "later"]).json()["now"], BEGIN + 3_600);
    assert_eq!(snapshot(&["remove", "start"]).json()["name"], "start");
    for gone in [["restore", "start"], ["remove", "start"], ["save", "../start"], ["save", ".a"]] {
        assert!(snapshot(&gone).failed(3).contains("snapshot"), "{gone:?}");
    }
    ends(server);
}

#[test]
fn a_sandbox_that_does_not_run_goes_back_too_and_has_the_clock_after_a_restart() {
    let place = Place::new();
    let data = place.0.path().join("data");
    let data = ["--data", data.to_str().expect("a path")];
    let seed = place.0.path().join("world.toml");
    let seed = ["--seed", seed.to_str().expect("a path")];
    let (server, _) = place.starts(&[&data[..], &seed].concat());
    ends(server);
    let snapshot =
        |arguments: &[&str]| run(vitald(&[&["snapshot", "--json"], arguments, &data].concat()), "");
    assert_eq!(snapshot(&["save", "start"]).json()["now"], BEGIN);
    let (mut server, _) = place.starts(&data);
    on(&server, &["clock", "advance", "30d"]).json();
    // What a server has open is exchanged by that alone.
    assert!(snapshot(&["restore", "start"]).failed(3).contains("--url"));
    assert_eq!(on(&server, &["clock", "show"]).json()["now"], BEGIN + 30 * 86_400);
    // What a killed server left beside its file is no other program.
    server.killed();
    assert_eq!(snapshot(&["restore", "start"]).json()["now"], BEGIN);
    let (server, said) = place.starts(&data);
    assert_eq!((&said["now"], weights(&server)), (&json!(BEGIN), 1));
    ends(server);
    assert_eq!(snapshot(&["list"]).json()[0]["name"], "start");
}

#[test]
fn a_snapshot_of_another_version_is_refused_before_anything_changes() {
    let place = Place::new();
    let (server, said) = place.starts_seeded();
    on(&server, &["snapshot", "save", "newer"]).json();
    on(&server, &["snapshot", "save", "older"]).json();
    on(&server, &["snapshot", "save", "broken"]).json();
    let folder = Path::new(said["data"].as_str().expect("a folder")).join("snapshots");
    let tampers = |name: &str, sql: &str| {
        let file = rusqlite::Connection::open(folder.join(name)).expect("a file");
        file.execute_batch(sql).expect("tampered");
    };
    tampers("newer.db", "insert into schema_migration values ('9999_later', 'x', 1)");
    tampers(
        "older.db",
        "delete from schema_migration where name = \
         (select max(name) from schema_migration)",
    );
    std::fs::write(folder.join("broken.db"), "something else").expect("written");
    on(&server, &["clock", "advance", "1h"]).json();
    for name in ["newer", "older"] {
        let refused = on(&server, &["snapshot", "restore", name]);
        assert!(refused.failed(3).contains("another version"), "{refused:?}");
    }
    assert!(on(&server, &["snapshot", "restore", "broken"]).failed(3).contains("no snapshot"));
    assert_eq!(on(&server, &["clock", "show"]).json()["now"], BEGIN + 3_600);
    assert_eq!(weights(&server), 1);
    ends(server);
}

#[test]
fn snapshots_are_of_sandboxes_alone() {
    let home = Home::new();
    let server = home.serves();
    assert!(on(&server, &["snapshot", "save", "a"]).failed(1).contains("is no sandbox"));
    drop(server);
    assert!(home.runs(&["snapshot", "save", "a"]).failed(3).contains("no sandbox"));
}

#[test]
fn snapshots_on_postgres_are_refused() {
    let home = Home::on_postgres();
    assert!(home.runs(&["snapshot", "save", "a"]).failed(3).contains("PostgreSQL"));
    let server = home.serves_with(&["--sandbox"]);
    for what in ["save", "restore"] {
        assert!(on(&server, &["snapshot", what, "a"]).failed(3).contains("PostgreSQL"));
    }
}
