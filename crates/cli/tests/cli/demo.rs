//! `demo`: what a newcomer sees first has to work as it stands there.

use crate::caller::Caller;
use crate::home::Home;
use crate::process::Process;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::process::Command;

const DAY_SECONDS: i64 = 86_400;
/// The documented keys of the first line of `demo --json`.
const KEYS: [&str; 10] = [
    "base_url",
    "data",
    "client_id",
    "client_secret",
    "redirect_uri",
    "email",
    "password",
    "userid",
    "access_token",
    "refresh_token",
];

/// Starts a demo; its credentials.
fn demo(home: &Home) -> (Process, Json) {
    let mut process = Process::start(home.command(&["demo", "--json", "--listen", "127.0.0.1:0"]));
    let credentials: Json = serde_json::from_str(&process.reads_line()).expect("JSON");
    process.base_url = credentials["base_url"].as_str().expect("an address").to_owned();
    (process, credentials)
}

fn groups(credentials: &Json) -> Vec<Json> {
    let caller = Caller::of(credentials["base_url"].as_str().unwrap());
    caller.groups(credentials["access_token"].as_str().unwrap())
}

/// The groups that hold a measure of this type.
fn with_type(groups: &[Json], kind: i64) -> Vec<&Json> {
    let holds = |group: &&Json| {
        group["measures"].as_array().unwrap().iter().any(|measure| measure["type"] == kind)
    };
    groups.iter().filter(holds).collect()
}

fn number(group: &Json, name: &str) -> i64 {
    group[name].as_i64().expect("a whole number")
}

#[test]
fn its_first_line_is_all_a_program_needs() {
    let home = Home::new();
    let (mut process, credentials) = demo(&home);
    let keys: Vec<_> = credentials.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, KEYS);
    assert_eq!(credentials["data"], json!(home.data()));
    let caller = Caller::of(&process.base_url);
    let text = |name: &str| credentials[name].as_str().expect("a text").to_owned();
    let (id, secret, refresh) = (text("client_id"), text("client_secret"), text("refresh_token"));
    let fields = [
        ("action", "requesttoken"),
        ("grant_type", "refresh_token"),
        ("client_id", id.as_str()),
        ("client_secret", secret.as_str()),
        ("refresh_token", refresh.as_str()),
    ];
    let renewed = caller.posts("/v2/oauth2", &fields);
    assert_eq!(renewed["userid"], credentials["userid"]);
    let token = renewed["access_token"].as_str().unwrap();
    let devices = [("action", "getdevice"), ("access_token", token)];
    let devices = caller.posts("/v2/user", &devices);
    let kinds: BTreeSet<_> = devices["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| {
            assert!(device["last_session_date"].is_i64(), "{device}");
            device["type"].as_str().unwrap()
        })
        .collect();
    assert_eq!(kinds, BTreeSet::from(["Blood Pressure Monitor", "Scale"]));
    let goals = [("action", "getgoals"), ("access_token", token)];
    let goals = caller.posts("/v2/user", &goals)["goals"].take();
    let weight = json!({ "value": 78, "unit": 0 });
    assert_eq!(goals, json!({ "steps": 10_000, "sleep": 28_800, "weight": weight }));
    process.signals("TERM");
    assert_eq!(process.ends().code(), Some(0));
}

#[test]
fn its_person_has_two_years_of_data_up_to_now() {
    let home = Home::new();
    let (_process, credentials) = demo(&home);
    let groups = groups(&credentials);
    let (goals, real): (Vec<_>, Vec<_>) =
        groups.iter().cloned().partition(|group| group["category"] == 2);
    assert_eq!((goals.len(), &goals[0]["measures"][0]["type"]), (1, &json!(1)));
    let (weights, pressures) = (with_type(&real, 1), with_type(&real, 10));
    assert!(weights.len() >= 600, "{} weights", weights.len());
    assert!(pressures.len() >= 100, "{} blood pressures", pressures.len());
    assert_eq!(with_type(&real, 9).len(), pressures.len(), "each has both values");
    assert!(with_type(&real, 11).len() >= 400, "a pulse with most weigh-ins");
    assert_eq!(with_type(&real, 4).len(), 1, "one height");
    // When the account was made: not after any group, and near enough to now.
    let now = number(with_type(&real, 4)[0], "created");
    for back in 0..3 {
        let (from, to) = (now - (back + 1) * DAY_SECONDS, now - back * DAY_SECONDS);
        let inside = |group: &&&Json| (from..=to).contains(&number(group, "date"));
        assert!(weights.iter().any(|group| inside(&group)), "none {back} days ago");
    }
    let first = weights.iter().map(|group| number(group, "date")).min();
    assert!(first.is_some_and(|first| first < now - 720 * DAY_SECONDS), "{first:?}");
    let latest = weights.iter().map(|group| number(group, "date")).max();
    assert!(latest.is_some_and(|latest| latest <= now + DAY_SECONDS), "{latest:?}");
}

#[test]
fn a_second_start_on_the_same_data_adds_nothing() {
    let home = Home::new();
    let (mut process, first_credentials) = demo(&home);
    let first = groups(&first_credentials);
    process.signals("TERM");
    assert_eq!(process.ends().code(), Some(0));
    let (_process, credentials) = demo(&home);
    for same in ["data", "userid", "email"] {
        assert_eq!(credentials[same], first_credentials[same]);
    }
    let second = groups(&credentials);
    let ids = |groups: &[Json]| groups.iter().map(|group| number(group, "grpid")).collect();
    let (before, after): (BTreeSet<i64>, BTreeSet<i64>) = (ids(&first), ids(&second));
    assert!(before.is_subset(&after), "nothing went away");
    // What the person measured between the two starts may have come: never a second history.
    let new = after.difference(&before).count();
    assert!(new <= 8, "{new} groups more, of {}", before.len());
    let mut contents = BTreeSet::new();
    for group in &second {
        let content = format!("{} {}", group["date"], group["measures"]);
        assert!(contents.insert(content), "twice: {group}");
    }
    assert_eq!(with_type(&second, 4).len(), 1, "one height");
    assert_eq!(second.iter().filter(|group| group["category"] == 2).count(), 1, "one goal");
    let devices = home.json(&["device", "list"]);
    assert_eq!(devices.as_array().map(Vec::len), Some(2));
    // The tokens of the first start still work: a program that was set up goes on.
    let token = first_credentials["access_token"].as_str().unwrap();
    assert_eq!(Caller::of(credentials["base_url"].as_str().unwrap()).groups(token), second);
}

/// Runs commands as somebody does who copies them from the screen: the JSON of each.
fn answers(commands: &str) -> Vec<Json> {
    let output = Command::new("sh").args(["-c", commands]).output().expect("a shell");
    assert!(output.status.success(), "{commands}: {output:?}");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    let answers = serde_json::Deserializer::from_str(&stdout).into_iter::<Json>();
    answers.collect::<Result<_, _>>().expect("JSON")
}

/// The indented blocks of a text.
fn blocks(text: &[String]) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text {
        match (line.strip_prefix("  "), blocks.last_mut()) {
            (Some(command), Some(block)) => block.push_str(&format!("{command}\n")),
            (None, Some(block)) if !block.is_empty() => blocks.push(String::new()),
            _ => {}
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

#[test]
fn what_it_says_to_try_works() {
    let curl = Command::new("curl").arg("--version").output();
    assert!(curl.is_ok_and(|curl| curl.status.success()), "install curl (apt-get install curl)");
    let home = Home::new();
    let mut process = Process::start(home.command(&["demo", "--listen", "127.0.0.1:0"]));
    let mut text = Vec::new();
    while !text.last().is_some_and(|line: &String| line.contains("/oauth2_user/authorize2?")) {
        text.push(process.reads_line());
    }
    let blocks = blocks(&text);
    let [weights, devices, tokens, scale, page] = blocks.as_slice() else {
        panic!("five things to try: {text:#?}")
    };
    let before = answers(weights)[0]["body"]["measuregrps"].clone();
    let before = before.as_array().expect("groups");
    assert!((2..=6).contains(&before.len()), "the last three, or near that: {before:?}");
    assert_eq!(answers(devices)[0]["body"]["devices"].as_array().map(Vec::len), Some(2));
    assert_eq!(answers(tokens)[0]["status"], 0);
    assert_eq!(answers(scale), [json!({ "status": 0 })]);
    let after = answers(weights)[0]["body"]["measuregrps"].clone();
    let newest = &after[0];
    assert!(before.iter().all(|group| group["grpid"] != newest["grpid"]), "{after}");
    let measure = &newest["measures"][0];
    assert_eq!((&measure["value"], &measure["unit"]), (&json!(81_500), &json!(-3)), "{after}");
    let mut shown = Command::new("curl");
    shown.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", page.trim()]);
    let shown = shown.output().expect("curl");
    assert_eq!(String::from_utf8_lossy(&shown.stdout), "200", "{page}");
}
