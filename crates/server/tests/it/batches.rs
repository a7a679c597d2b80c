//! Batches of devices over HTTP that are too long, cut off, doubled or flawed: of a batch all is
//! kept or nothing, and once.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::concurrency::at_once;
use crate::household::Person;
use crate::on_both_engines;
use crate::raw::Connection;
use api::{admin, sync};
use serde_json::{Value, json};
use store::campaign::{self, Plan};

on_both_engines!(
    of_a_batch_that_is_cut_off_nothing_is_kept,
    a_batch_that_comes_many_times_at_once_is_counted_once,
    of_a_batch_of_many_kinds_all_is_kept_or_nothing,
    what_a_device_sent_is_kept_when_it_does_not_wait_for_the_answer,
);

const WATCH: i64 = 93;

/// A device with a token, and the person's program that reads.
struct Bridge<'a> {
    app: &'a App,
    token: String,
}

impl App {
    fn bridge(&self, people: &[&Person<'_>]) -> Bridge<'_> {
        let mac = "00:24:e4:00:00:78";
        let users = people.iter().map(|person| person.id.to_string()).collect();
        let new =
            admin::NewDevice { mac: mac.to_owned(), model_id: WATCH, users, ..Default::default() };
        let token = self.administers(move |tx| {
            admin::register_device(tx, &new)?;
            Ok(admin::issue_device_token(tx, mac, false)?.1)
        });
        Bridge { app: self, token }
    }

    fn access_token(&self, person: &Person<'_>) -> String {
        let (client, user) = (self.client().id, person.id.to_string());
        self.administers(move |tx| admin::issue_token(tx, &client, &user, None)).access_token
    }

    /// Everything that is known of a person, by its kind.
    fn knows(&self, token: &str) -> Vec<String> {
        let request = self.request("GET", "/vitald/v1/changes?limit=1000").bearer_auth(token);
        let body = self.sends(request).body();
        let changes = body["changes"].as_array().expect("changes").iter();
        let mut kinds: Vec<String> =
            changes.map(|change| change["kind"].as_str().expect("a kind").to_owned()).collect();
        kinds.sort();
        kinds
    }
}

impl Bridge<'_> {
    fn sends(&self, batch: impl Into<Vec<u8>>) -> Answer {
        let request = self.app.request("POST", sync::PATH).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json");
        self.app.sends(request.body(batch.into()))
    }

    /// The bytes of a request, for a connection that ends early.
    fn written(&self, batch: &str) -> String {
        format!(
            "POST {} HTTP/1.1\r\nhost: vitald\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{batch}",
            sync::PATH,
            self.token,
            batch.len()
        )
    }
}

const EXAMPLE: &str = include_str!("../../../../docs/examples/survey-high-blood-pressure.json");
const SURVEY: i64 = 7;

fn batch(records: &[Value]) -> String {
    json!({ "records": records }).to_string()
}

fn minutes(id: &str, start: i64) -> Value {
    json!({ "id": id, "type": "intraday", "startdate": start, "values": { "steps": [5, 6] } })
}

fn event(id: &str) -> Value {
    json!({ "id": id, "type": "event", "at": NOW, "event": "ecg_failed" })
}

fn of_a_batch_that_is_cut_off_nothing_is_kept(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let whole = batch(&[minutes("a", NOW - 600), event("b"), minutes("c", NOW - 300)]);
    for at in [1, whole.len() / 3, whole.len() / 2, whole.len() - 2, whole.len() - 1] {
        let text = bridge.sends(&whole[..at]).refused(503);
        assert!(text.starts_with("Invalid Params: invalid body"), "{text}");
    }
    // Cut off on its way: the connection ends before the body does.
    let written = bridge.written(&whole);
    for missing in [1, whole.len() / 2, whole.len()] {
        let mut connection = Connection::to(app.address());
        connection.writes(&written[..written.len() - missing]);
        connection.ends_writing();
        let answer = connection.reads_to_end();
        assert!(!answer.contains("\"stored\""), "{answer}");
    }
    assert!(app.knows(&token).is_empty());
    assert_eq!(bridge.sends(whole).body()["stored"], 3);
    assert_eq!(app.knows(&token), ["activity", "event", "intraday"]);
}

fn a_batch_that_comes_many_times_at_once_is_counted_once(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let whole = batch(&[minutes("a", NOW - 600), event("b")]);
    let answers = at_once(|_| bridge.sends(whole.as_str()));
    let count = |name: &str| -> i64 {
        answers.iter().map(|answer| answer.body()[name].as_i64().expect("a number")).sum()
    };
    let callers = i64::try_from(answers.len()).expect("a small number");
    assert_eq!((count("stored"), count("known")), (2, 2 * (callers - 1)));
    assert_eq!(app.knows(&token), ["activity", "event", "intraday"]);
    let form =
        [("action", "getactivity"), ("startdateymd", "2026-09-21"), ("enddateymd", "2026-09-21")];
    let request = app.request("POST", "/v2/measure").bearer_auth(&token).form(&form);
    assert_eq!(app.sends(request).body()["activities"][0]["steps"], 11);
}

/// One record of each kind.
fn of_every_kind(campaign: i64) -> Vec<Value> {
    let measures = json!([{ "type": 11, "value": 60, "unit": 0 }]);
    let stages = json!([{ "startdate": NOW - 9_000, "enddate": NOW - 8_000, "state": 1 }]);
    let records = vec![
        json!({ "id": "0", "type": "measures", "taken_at": NOW, "measures": measures }),
        minutes("1", NOW - 600),
        json!({ "id": "2", "type": "sleep", "stages": stages }),
        json!({ "id": "3", "type": "workout", "startdate": NOW - 60, "enddate": NOW,
                "category": 1 }),
        json!({ "id": "4", "type": "ecg", "taken_at": NOW, "signal": [1], "frequency": 300 }),
        json!({ "id": "5", "type": "stetho", "taken_at": NOW, "signal": [1] }),
        json!({ "id": "6", "type": "rawdata", "rawdata_type": 1, "startdate": NOW,
                "enddate": NOW, "format_version": 1, "firmware_version": 1,
                "sensor_name": "ACC", "data": { "id": [1] } }),
        event("7"),
        json!({ "id": "8", "type": "survey", "surveyid": SURVEY, "date": NOW,
                "answers": { "q1": [1] } }),
        json!({ "id": "9", "type": "status", "battery_percent": 50 }),
        json!({ "id": "a", "type": "nudge", "campaignid": campaign, "event": "displayed",
                "date": NOW }),
    ];
    let kinds: Vec<_> = records.iter().map(|record| record["type"].as_str()).collect();
    assert_eq!(kinds, sync::KINDS.iter().map(|kind| Some(kind.name)).collect::<Vec<_>>());
    records
}

fn of_a_batch_of_many_kinds_all_is_kept_or_nothing(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let user = anna.id;
    let campaign = app.administers(move |tx| {
        let device = store::device::of_user(tx, user)?[0].id;
        store::raw::activate(tx, user, device, 1, None)?;
        let mut survey: Value = serde_json::from_str(EXAMPLE).expect("JSON");
        survey["id"] = json!(SURVEY);
        admin::load_survey(tx, None, &admin::read_survey(survey)?)?;
        store::survey::activate(tx, "nobody", SURVEY, &[user])?;
        let plan = Plan { nudge: 1, start: 0, end: i64::MAX, display_max: 9 };
        let campaign = campaign::create(tx, "nobody", &plan)?;
        campaign::add_users(tx, campaign, &[user]).map(|_| campaign)
    });
    let good = of_every_kind(campaign);
    let flaw = json!({ "id": "flaw", "type": "event", "at": 1, "event": "bed_in" });
    for at in [0, 4, good.len()] {
        let mut records = good.clone();
        records.insert(at, flaw.clone());
        let text = bridge.sends(batch(&records)).refused(503);
        assert!(text.contains(&format!("records[{at}].at")), "{text}");
        assert!(app.knows(&token).is_empty());
    }
    let kept = bridge.sends(batch(&good)).body();
    assert_eq!(kept["stored"], good.len());
    let kinds = [
        "activity", "ecg", "event", "group", "intraday", "night", "rawdata", "sleep", "stetho",
        "workout",
    ];
    assert_eq!(app.knows(&token), kinds);
    assert_eq!(bridge.sends(batch(&good)).body()["known"], good.len());
    assert_eq!(app.knows(&token), kinds);
}

fn what_a_device_sent_is_kept_when_it_does_not_wait_for_the_answer(engine: Engine) {
    const ROUNDS: i64 = 12;
    let app = App::with(Setup { engine, ..Setup::default() });
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let records = |round: i64| {
        batch(&[
            minutes(&format!("m{round}"), NOW - 600 * round - 600),
            event(&format!("e{round}")),
        ])
    };
    for round in 0..ROUNDS {
        let mut connection = Connection::to(app.address());
        connection.writes(bridge.written(&records(round)));
        drop(connection);
    }
    // Whether a batch was kept is not known to the device: it comes again, and counts once.
    for round in 0..ROUNDS {
        let body = bridge.sends(records(round)).body();
        let counts = [&body["stored"], &body["known"]].map(|count| count.as_i64());
        assert!([[Some(2), Some(0)], [Some(0), Some(2)]].contains(&counts), "{body}");
    }
    let kinds = app.knows(&token);
    let events = kinds.iter().filter(|kind| *kind == "event").count();
    assert_eq!(i64::try_from(events), Ok(ROUNDS));
}

#[test]
fn a_batch_has_16_mib_and_not_a_byte_more() {
    let app = App::new();
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let padded = |records: &[Value], length: usize| {
        let batch = batch(records);
        format!("{}{batch}", " ".repeat(length - batch.len()))
    };
    let too_long = padded(&[event("a")], sync::BATCH_BYTES_MAX + 1);
    let text = bridge.sends(too_long).refused(503);
    assert!(text.contains("invalid body"), "{text}");
    assert!(app.knows(&token).is_empty());
    let longest = padded(&[event("a")], sync::BATCH_BYTES_MAX);
    assert_eq!(bridge.sends(longest).body()["stored"], 1);
}

#[test]
fn a_signal_of_ten_megabytes_is_refused_by_its_place_and_the_longest_comes_back() {
    let app = App::new();
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let ecg = |id: &str, samples: i64| {
        let signal: Vec<i64> = (0..samples).map(|at| at * 7_919 % 1_000 - 500).collect();
        let record = json!({
            "id": id, "type": "ecg", "taken_at": NOW, "signal": signal, "frequency": 1_000,
        });
        (signal, batch(&[event(&format!("{id}-event")), record]))
    };
    let (_, long) = ecg("a", 2_500_000);
    assert!(long.len() > 10_000_000, "{}", long.len());
    let text = bridge.sends(long).refused(503);
    assert!(text.contains("records[1].signal"), "{text}");
    assert!(app.knows(&token).is_empty());
    let (signal, longest) = ecg("b", 600_000);
    assert_eq!(bridge.sends(longest).body()["stored"], 2);
    let reads = |form: &[(&str, &str)]| {
        app.sends(app.request("POST", "/v2/heart").bearer_auth(&token).form(form)).body()
    };
    let id = reads(&[("action", "list")])["series"][0]["ecg"]["signalid"].to_string();
    assert_eq!(reads(&[("action", "get"), ("signalid", &id)])["signal"], json!(signal));
}

#[test]
fn of_several_people_a_record_says_whose_it_is() {
    let app = App::new();
    let (anna, ben, eve) = (app.person("anna"), app.person("ben"), app.person("eve"));
    let bridge = app.bridge(&[&anna, &ben]);
    let of = |person: &Person<'_>, mut record: Value| {
        record["userid"] = json!(person.id.0);
        record
    };
    let text = bridge.sends(batch(&[of(&ben, event("a")), event("b")])).refused(503);
    assert!(text.contains("records[1].userid"), "{text}");
    let text = bridge.sends(batch(&[of(&ben, event("a")), of(&eve, event("b"))])).refused(503);
    assert!(text.contains("records[1].userid"), "{text}");
    let both = batch(&[of(&anna, event("a")), of(&ben, minutes("b", NOW - 600))]);
    assert_eq!(bridge.sends(both).body()["stored"], 2);
    assert_eq!(app.knows(&app.access_token(&anna)), ["event"]);
    assert_eq!(app.knows(&app.access_token(&ben)), ["activity", "intraday"]);
    assert!(app.knows(&app.access_token(&eve)).is_empty());
}

#[test]
fn a_device_that_nobody_uses_keeps_measures_for_a_claim_and_nothing_else() {
    let app = App::new();
    let anna = app.person("anna");
    let (bridge, user) = (app.bridge(&[&anna]), anna.id);
    app.administers(move |tx| {
        let device = store::device::of_user(tx, user)?[0].id;
        store::device::unlink(tx, device, user)
    });
    let measures = of_every_kind(1).swap_remove(0);
    let kept = bridge.sends(batch(std::slice::from_ref(&measures))).body();
    assert_eq!((&kept["unclaimed"], &kept["users"]), (&json!(1), &json!([])));
    let text = bridge.sends(batch(&[minutes("a", NOW - 600)])).refused(503);
    assert!(text.contains("records[0].userid"), "{text}");
    let set_up = json!({ "id": "s", "type": "event", "at": NOW,
                         "event": "set_up_without_account" });
    assert_eq!(bridge.sends(batch(&[set_up])).body()["stored"], 1);
}

#[test]
fn no_token_but_a_devices_own_opens_anything() {
    let app = App::new();
    let anna = app.person("anna");
    let (bridge, token) = (app.bridge(&[&anna]), app.access_token(&anna));
    let whole = batch(&[event("a")]);
    let wrong = ["0".repeat(40), token.clone(), bridge.token.to_uppercase(), String::new()];
    for wrong in wrong {
        Bridge { app: &app, token: wrong }.sends(whole.as_str()).refused(401);
    }
    let without = app.request("POST", sync::PATH).body(whole.clone());
    app.sends(without).refused(401);
    assert!(app.knows(&token).is_empty());
    assert_eq!(bridge.sends(whole).body()["stored"], 1);
}
