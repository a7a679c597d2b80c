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

#[track_caller]
fn number(group: &Json, name: &str) -> i64 {
    group[name].as_i64().expect("a whole number")
}

/// What a program reads of the demo person.
struct Reader<'c> {
    caller: Caller,
    token: &'c str,
}

impl<'c> Reader<'c> {
    fn of(credentials: &'c Json) -> Self {
        let caller = Caller::of(credentials["base_url"].as_str().unwrap());
        Self { caller, token: credentials["access_token"].as_str().unwrap() }
    }

    #[track_caller]
    fn body(&self, path: &str, action: &str, fields: &[(&str, String)]) -> Json {
        let mut all = vec![("action", action), ("access_token", self.token)];
        all.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
        self.caller.posts(path, &all)
    }

    /// All rows of a list, which are on one page.
    #[track_caller]
    fn rows(&self, path: &str, action: &str, list: &str) -> Vec<Json> {
        let fields = if action == "list" { vec![] } else { vec![since_ever()] };
        let body = self.body(path, action, &fields);
        assert_eq!(body["more"], false, "one page holds them all");
        body[list].as_array().expect("rows").clone()
    }

    fn days(&self) -> Vec<Json> {
        self.rows("/v2/measure", "getactivity", "activities")
    }

    fn workouts(&self) -> Vec<Json> {
        self.rows("/v2/measure", "getworkouts", "series")
    }

    fn nights(&self) -> Vec<Json> {
        self.rows("/v2/sleep", "getsummary", "series")
    }

    fn hearts(&self) -> Vec<Json> {
        self.rows("/v2/heart", "list", "series")
    }
}

fn since_ever() -> (&'static str, String) {
    ("lastupdate", "0".to_owned())
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
    let expected = ["Activity Tracker", "Blood Pressure Monitor", "Scale", "Sleep Monitor"];
    assert_eq!(kinds, BTreeSet::from(expected));
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
fn its_person_has_sixty_days_of_a_watch() {
    let home = Home::new();
    let (_process, credentials) = demo(&home);
    let reader = Reader::of(&credentials);
    let days = reader.days();
    assert!((59..=61).contains(&days.len()), "{} days", days.len());
    for day in &days[1..] {
        assert!((2_000..=20_000).contains(&number(day, "steps")), "{day}");
        assert_eq!((&day["modelid"], &day["is_tracker"]), (&json!(93), &json!(true)), "{day}");
        let moved = number(day, "moderate") + number(day, "intense");
        assert_eq!(number(day, "active"), moved, "{day}");
        let zones = (0..4).map(|zone| number(day, &format!("hr_zone_{zone}"))).sum::<i64>();
        assert!((72_000..=25 * 3_600).contains(&zones), "{day}");
        assert!(number(day, "hr_min") >= 40 && number(day, "hr_max") <= 190, "{day}");
    }
    let workouts = reader.workouts();
    assert!((16..=36).contains(&workouts.len()), "{} workouts", workouts.len());
    let workout = &workouts[workouts.len() / 2];
    let seconds = number(workout, "enddate") - number(workout, "startdate");
    assert!(number(&workout["data"], "calories") > 0, "{workout}");
    assert!(number(&workout["data"], "hr_average") > 80, "{workout}");
    let span = [
        ("startdate", workout["startdate"].to_string()),
        ("enddate", (number(workout, "enddate") - 1).to_string()),
    ];
    let minutes = reader.body("/v2/measure", "getintradayactivity", &span);
    let minutes = minutes["series"].as_object().expect("moments");
    assert_eq!(minutes.len() as i64, seconds / 60, "each minute of the workout");
    let steps = minutes.values().filter_map(|minute| minute["steps"].as_i64()).sum::<i64>();
    assert_eq!(workout["data"]["steps"].as_i64().unwrap_or(0), steps);
    assert!(minutes.values().all(|minute| minute["heart_rate"].is_i64()), "{minutes:?}");
}

#[test]
fn its_person_has_sixty_nights_and_some_electrocardiograms() {
    let home = Home::new();
    let (_process, credentials) = demo(&home);
    let reader = Reader::of(&credentials);
    let nights = reader.nights();
    assert!((60..=75).contains(&nights.len()), "{} nights and naps", nights.len());
    for night in &nights {
        assert_eq!((&night["model_id"], &night["completed"]), (&json!(63), &json!(true)));
        let of = |name: &str| number(&night["data"], name);
        assert_eq!(
            of("total_timeinbed"),
            of("sleep_latency") + of("total_sleep_time") + of("waso"),
            "{night}"
        );
    }
    let night = &nights[nights.len() / 2];
    let span = [
        ("startdate", night["startdate"].to_string()),
        ("enddate", night["enddate"].to_string()),
        ("data_fields", "hr,rr,snoring".to_owned()),
    ];
    let stages = reader.body("/v2/sleep", "get", &span);
    let stages = stages["series"].as_array().expect("stages");
    assert!(stages.len() > 3, "{stages:?}");
    let meet = |pair: &[Json]| pair[0]["enddate"] == pair[1]["startdate"];
    assert!(stages.windows(2).all(meet), "no gap and no overlap");
    let slept = stages.iter().filter(|stage| (1..=3).contains(&number(stage, "state")));
    assert!(slept.clone().all(|stage| stage["hr"].as_object().is_some_and(|hr| !hr.is_empty())));
    let seconds = slept.map(|stage| number(stage, "enddate") - number(stage, "startdate"));
    assert_eq!(seconds.sum::<i64>(), number(&night["data"], "total_sleep_time"));
    let hearts = reader.hearts();
    assert!((5..=11).contains(&hearts.len()), "{} electrocardiograms", hearts.len());
    let signalid = ("signalid", hearts[0]["ecg"]["signalid"].to_string());
    let heart = reader.body("/v2/heart", "get", &[signalid]);
    assert_eq!(heart["signal"].as_array().map(Vec::len), Some(9_000));
    assert_eq!((&heart["sampling_frequency"], &heart["model"]), (&json!(300), &json!(93)));
    assert_eq!(heart["heart_rate"], hearts[0]["heart_rate"]);
}

#[test]
fn a_second_start_on_the_same_data_adds_nothing() {
    let home = Home::new();
    let (mut process, first_credentials) = demo(&home);
    let first = groups(&first_credentials);
    let lists =
        |reader: &Reader<'_>| [reader.days(), reader.workouts(), reader.nights(), reader.hearts()];
    let first_lists = lists(&Reader::of(&first_credentials));
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
    for (before, after) in first_lists.iter().zip(lists(&Reader::of(&credentials))) {
        // What is over stays as it was, down to when it changed. An hour may have become full
        // meanwhile, which changes the last days.
        let over = &before[2..];
        let start = after.iter().position(|row| *row == over[0]).expect("still there");
        assert_eq!(&after[start..], over);
        assert!(after.len() <= before.len() + 1, "{} rows more", after.len() - before.len());
    }
    let devices = home.json(&["device", "list"]);
    assert_eq!(devices.as_array().map(Vec::len), Some(4));
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
    let [weights, day, night, hearts, devices, tokens, scale, page] = blocks.as_slice() else {
        panic!("eight things to try: {text:#?}")
    };
    let before = answers(weights)[0]["body"]["measuregrps"].clone();
    let before = before.as_array().expect("groups");
    assert!((2..=6).contains(&before.len()), "the last three, or near that: {before:?}");
    let activities = answers(day)[0]["body"]["activities"].clone();
    assert_eq!(activities.as_array().map(Vec::len), Some(1), "{activities}");
    assert!(number(&activities[0], "steps") > 0, "{activities}");
    let nights = answers(night)[0]["body"]["series"].clone();
    assert!(number(&nights[0]["data"], "total_sleep_time") > 0, "{nights}");
    let hearts = answers(hearts)[0]["body"]["series"].clone();
    assert!(hearts[0]["ecg"]["signalid"].is_i64(), "{hearts}");
    assert_eq!(answers(devices)[0]["body"]["devices"].as_array().map(Vec::len), Some(4));
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
