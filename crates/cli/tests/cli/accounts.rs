//! People, applications, devices and tokens: what an operator makes, and sees again.

use crate::home::Home;
use serde_json::{Value as Json, json};
use std::os::unix::fs::PermissionsExt as _;

const ANNA: &str = "anna@example.org";

fn keys(json: &Json) -> Vec<&str> {
    json.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn a_person_is_made_and_listed() {
    let home = Home::new();
    let create = [
        ["user", "create", "--email", "Anna@Example.org"].as_slice(),
        &["--timezone", "Europe/Paris", "--shortname", "ann", "--birthdate", "1984-05-16"],
        &["--gender", "woman", "--height", "1.68", "--weight", "67.2", "--goal-weight", "64"],
        &["--password-stdin", "--json"],
    ];
    let made = home.runs_with_input(&create.concat(), "correct horse\n").json();
    assert_eq!(keys(&made), ["userid", "email", "shortname", "timezone"]);
    assert_eq!((&made["email"], &made["shortname"]), (&json!(ANNA), &json!("ANN")));
    let listed = home.json(&["user", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(keys(&listed[0]), ["userid", "email", "shortname", "timezone", "created"]);
    assert_eq!((&listed[0]["userid"], &listed[0]["email"]), (&made["userid"], &json!(ANNA)));
    let table = home.runs(&["user", "list"]).stdout;
    let [head, row] = table.lines().collect::<Vec<_>>()[..] else { panic!("two lines: {table}") };
    assert_eq!(head.split_whitespace().collect::<Vec<_>>(), keys(&listed[0]));
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells[..4], [&made["userid"].to_string(), ANNA, "ANN", "Europe/Paris"]);
}

#[test]
fn a_password_is_made_up_once_when_none_is_given() {
    let home = Home::new();
    let made = home.json(&["user", "create", "--email", ANNA]);
    assert_eq!(keys(&made), ["userid", "email", "shortname", "timezone", "password"]);
    let password = made["password"].as_str().expect("a password");
    assert_eq!(password.len(), 20);
    let given =
        home.runs(&["user", "create", "--email", "b@example.org", "--password", "hunter2!"]);
    assert_eq!(given.code, Some(0));
    for printed in [given.stdout, home.runs(&["user", "list", "--json"]).stdout] {
        assert!(!printed.contains("hunter2!") && !printed.contains(password), "{printed}");
    }
}

#[test]
fn goals_are_set_shown_and_cleared() {
    let home = Home::new();
    let anna = home.person(ANNA);
    let goals =
        |more: &[&str]| home.json(&[["user", "goals", "--user", ANNA].as_slice(), more].concat());
    let set = goals(&["--steps", "9000", "--sleep", "7h30m", "--weight", "64.50"]);
    assert_eq!(keys(&set), ["userid", "steps", "sleep_seconds", "weight_kg"]);
    assert_eq!((set["userid"].to_string(), &set["steps"]), (anna, &json!(9_000)));
    assert_eq!((&set["sleep_seconds"], &set["weight_kg"]), (&json!(27_000), &json!("64.50")));
    assert_eq!(goals(&[]), set);
    let cleared = goals(&["--clear", "--sleep", "28800"]);
    assert_eq!((&cleared["steps"], &cleared["weight_kg"]), (&Json::Null, &Json::Null));
    assert_eq!(cleared["sleep_seconds"], 28_800);
    let refused = home.runs(&["user", "goals", "--user", ANNA, "--weight", "1e2"]);
    assert!(refused.failed(3).contains("weight"));
}

#[test]
fn an_application_is_made_and_its_secret_is_shown_once() {
    let home = Home::new();
    let create = ["client", "create", "--name", "Weight Diary"];
    let uris = ["--redirect-uri", "http://localhost:8888", "--redirect-uri", "myapp://back"];
    let made = home.json(&[create.as_slice(), &uris].concat());
    assert_eq!(keys(&made), ["client_id", "client_secret", "name"]);
    let secret = made["client_secret"].as_str().expect("a secret");
    assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let listed = home.json(&["client", "list"]);
    for key in ["client_id", "name", "redirect_uris", "entitlements", "created"] {
        assert!(keys(&listed[0]).contains(&key), "{listed}");
    }
    assert_eq!(listed[0]["client_id"], made["client_id"]);
    assert_eq!(listed[0]["redirect_uris"], json!(["http://localhost:8888", "myapp://back"]));
    assert!(!listed.to_string().contains(secret));
    let table = home.runs(&["client", "list"]).stdout;
    assert!(table.contains("Weight Diary") && !table.contains(secret), "{table}");
    // For people: a line for each field.
    let printed = home.runs(&[create.as_slice(), &uris].concat()).stdout;
    let fields: Vec<_> = printed.lines().filter_map(|line| line.split_once("  ")).collect();
    assert_eq!(fields.iter().map(|field| field.0.trim()).collect::<Vec<_>>(), keys(&made));
}

#[test]
fn a_device_is_registered_once_however_often_that_is_said() {
    let home = Home::new();
    let anna = home.person(ANNA);
    let register = |mac: &str, model: &str, user: &str| {
        home.runs(&["device", "register", "--mac", mac, "--model", model, "--user", user, "--json"])
    };
    let made = register("00:24:E4:5C:A1:E5", "4", ANNA).json();
    assert_eq!(made["mac"], "00:24:e4:5c:a1:e5");
    assert_eq!(made["users"], json!([anna.parse::<i64>().unwrap()]));
    let ben = home.person("ben@example.org");
    let again = register("0024e45ca1e5", "4", &ben).json();
    assert_eq!(again["deviceid"], made["deviceid"]);
    assert_eq!(again["users"].as_array().map(Vec::len), Some(2));
    assert!(register("00:24:e4:5c:a1:e5", "5", ANNA).failed(3).contains("mac"));
    let listed = home.json(&["device", "list"]);
    assert_eq!(listed, json!([again]));
    let models = home.json(&["device", "models"]);
    let scale = models.as_array().expect("models").iter().find(|model| model["model_id"] == 4);
    assert_eq!(scale.map(|scale| &scale["model"]), Some(&made["model"]));
    assert_eq!(scale.map(|scale| &scale["type"]), Some(&json!("Scale")));
}

#[test]
fn a_token_is_issued_for_an_application_and_a_person() {
    let home = Home::new();
    let anna = home.person(ANNA);
    let create = ["client", "create", "--name", "Reader", "--redirect-uri", "http://localhost"];
    let client = home.text(&create, "client_id");
    let issue = |user: &str, more: &[&str]| {
        let usual = ["token", "issue", "--client", &client, "--user", user, "--json"];
        home.runs(&[usual.as_slice(), more].concat())
    };
    let issued = issue(ANNA, &["--scope", "user.metrics"]).json();
    let fields = ["userid", "access_token", "refresh_token", "expires_in", "scope"];
    assert_eq!(keys(&issued), fields);
    assert_eq!(issued["userid"].to_string(), anna);
    assert_eq!((&issued["expires_in"], &issued["scope"]), (&json!(10_800), &json!("user.metrics")));
    let everything = issue(&anna, &[]).json()["scope"].to_string();
    assert!(everything.contains("user.info") && everything.contains("user.rawdata"));
    assert!(issue(ANNA, &["--scope", "user.everything"]).failed(3).contains("scope"));
    assert!(issue("nobody@example.org", &[]).failed(3).contains("user"));
    let stranger = ["token", "issue", "--client", "nobody", "--user", ANNA];
    assert!(home.runs(&stranger).failed(3).contains("client"));
}

#[test]
fn a_schema_is_brought_up_to_date_once() {
    let home = Home::new();
    let nothing = home.runs(&["migrate", "--dry-run"]);
    assert!(nothing.failed(1).contains("no store "), "{nothing:?}");
    assert!(!home.data().exists(), "a dry run makes nothing");
    let done = home.json(&["migrate"]);
    let again = home.json(&["migrate"]);
    assert_eq!(home.json(&["migrate", "--dry-run"]), again, "there is nothing left to do");
    let [done, again] = [done, again].map(|steps| steps.as_array().expect("steps").clone());
    assert!(!done.is_empty() && done.len() == again.len());
    for (done, again) in done.iter().zip(&again) {
        assert!(done["applied"].is_i64() && done["is_new"] == true, "{done}");
        assert_eq!(again["migration"], done["migration"]);
        assert_eq!((&again["applied"], &again["is_new"]), (&done["applied"], &json!(false)));
    }
    home.person(ANNA);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_not() {
    let home = Home::new();
    home.json(&["migrate"]);
    // A store that was begun and never filled.
    for file in ["vitald.db", "vitald.db-wal", "vitald.db-shm"] {
        let _ = std::fs::remove_file(home.data().join(file));
    }
    std::fs::write(home.data().join("vitald.db"), "").expect("written");
    let planned = home.json(&["migrate", "--dry-run"]);
    for step in planned.as_array().expect("steps") {
        assert_eq!((&step["applied"], &step["is_new"]), (&Json::Null, &json!(true)), "{step}");
    }
    assert_eq!(home.json(&["migrate", "--dry-run"]), planned, "nothing was done");
    let told = home.runs(&["migrate", "--dry-run"]).stdout;
    assert!(told.contains("0001_initial") && told.contains("true"), "{told}");
    assert_eq!(home.json(&["migrate"])[0]["migration"], planned[0]["migration"]);
    home.person(ANNA);
}

#[test]
fn data_is_nobody_elses() {
    let home = Home::new();
    home.person(ANNA);
    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&home.data()), 0o700);
    assert_eq!(mode(&home.data().join("vitald.key")), 0o600);
}

#[test]
fn the_folder_may_be_named_by_the_environment() {
    let home = Home::new();
    home.person(ANNA);
    let mut list = crate::home::vitald(&["user", "list", "--json"]);
    list.env("VITALD_DATA", home.data());
    assert_eq!(crate::home::run(list, "").json()[0]["email"], ANNA);
}
