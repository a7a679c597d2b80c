//! What went wrong for programs in public, by name: what each scenario does to who meets it.

use crate::app::{App, Engine, NOW, Setup};
use crate::browser::Browser;
use crate::faults::{refused, sandbox};
use crate::household::{PASSWORD, Tokens};
use crate::name_server::NameServer;
use crate::receiver::Receiver;
use domain::fault::SCENARIOS;
use healthmate::{Item, Sink, Stop};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

#[test]
fn every_scenario_can_be_asked_for_and_is_made_of_something() {
    let app = sandbox(Engine::Sqlite);
    let program = app.client();
    for scenario in SCENARIOS {
        let asked = app.asks_for(&[("scenario", scenario.name)]).body();
        let faults = asked["faults"].as_array().expect("faults");
        assert_eq!(faults.len(), scenario.parts.len(), "{}", scenario.name);
        assert!(faults.iter().all(|fault| fault["scenario"] == scenario.name));
        assert_eq!(asked["people"].is_array(), scenario.person.is_some(), "{}", scenario.name);
        app.goes_right();
        let only = [("scenario", scenario.name), ("client_id", program.id.as_str())];
        if matches!(scenario.name, "days.travel" | "healthmate.zip") {
            assert!(refused(&app.asks_for(&only)).contains("leave it out"));
            continue;
        }
        let asked = app.asks_for(&only).body();
        let faults = asked["faults"].as_array().expect("faults");
        assert!(faults.iter().all(|fault| fault["client_id"] == program.id));
        app.goes_right();
    }
}

/// The rows of days or nights between two days, each with its day and zone, newest first.
fn rows(tokens: &Tokens<'_>, (path, action, list): (&str, &str, &str)) -> Vec<Value> {
    let days = [("startdateymd", "2026-07-01"), ("enddateymd", "2026-12-01")];
    tokens.calls_with(path, action, &days).body()[list].as_array().expect("rows").clone()
}

const ACTIVITY: (&str, &str, &str) = ("/v2/measure", "getactivity", "activities");
const NIGHTS: (&str, &str, &str) = ("/v2/sleep", "getsummary", "series");
const HOME: &str = "Pacific/Auckland";

#[test]
fn somebody_travels_and_their_days_are_of_the_zones_they_were_in() {
    let app = sandbox(Engine::Sqlite);
    let travel = [("scenario", "days.travel")];
    let made = app.asks_for(&travel).body();
    let person = &made["people"][0];
    assert_eq!((&person["persona"], &person["timezone"]), (&json!("traveller"), &json!(HOME)));
    let email = "traveller-97943@example.org";
    let tokens = app.opens(person, email);
    let (activity, nights) = (rows(&tokens, ACTIVITY), rows(&tokens, NIGHTS));
    // 14:13 on Monday in UTC is a Tuesday there: who asks for today by UTC misses a day.
    assert_eq!(
        (&activity[0]["date"], &activity[0]["timezone"]),
        (&json!("2026-09-21"), &json!(HOME))
    );
    // A trip is behind them; each day is there once, in the zone it was lived in.
    let trip = |rows: &[Value]| -> BTreeSet<(String, String)> {
        let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
        let all = rows.iter().map(|row| (text(row, "date"), text(row, "timezone")));
        all.filter(|(_, zone)| zone != HOME).collect()
    };
    let days: BTreeSet<&str> = activity.iter().filter_map(|row| row["date"].as_str()).collect();
    assert_eq!(days.len(), activity.len());
    let away = trip(&activity);
    assert_eq!(away.len(), 6, "{away:?}");
    assert_eq!(away.first(), Some(&("2026-08-21".to_owned(), "Asia/Tokyo".to_owned())));
    assert_eq!(trip(&nights), away);
    // Between two noons of UTC, which are midnights there, is the end of one night and the most of
    // the next; a night between two local noons is whole.
    let slept = |from: i64| -> i64 {
        let (from, to) = (from.to_string(), (from + 86_399).to_string());
        let fields = [("startdate", from.as_str()), ("enddate", to.as_str())];
        let body = tokens.calls_with("/v2/sleep", "get", &fields).body();
        let segments = body["series"].as_array().expect("segments").clone();
        let asleep = segments.iter().filter(|one| one["state"] != 0);
        let lasts = |one: &Value| Some(one["enddate"].as_i64()? - one["startdate"].as_i64()?);
        asleep.filter_map(lasts).sum()
    };
    let noon = (NOW - 2 * 86_400).div_euclid(86_400) * 86_400 + 43_200;
    let night = nights.iter().find(|row| row["date"] == "2026-09-21").expect("a night");
    let whole = night["data"]["total_sleep_time"].as_i64().expect("seconds");
    assert_eq!(slept(noon + 12 * 3_600), whole);
    assert_ne!(slept(noon), whole);
    // The clock goes on over a journey: away, and home again, with summer time meanwhile.
    app.posts("/vitald/v1/clock", &[("advance", "20d")]).body();
    let tokens = app.opens(person, email);
    let later = rows(&tokens, ACTIVITY);
    let zones: Vec<&str> =
        later.iter().take(20).filter_map(|row| row["timezone"].as_str()).collect();
    assert_eq!((zones[0], zones[19]), (HOME, HOME));
    assert!(trip(&later).len() > away.len() + 8, "{zones:?}");
    // No day is lost or doubled.
    let days: BTreeSet<&str> = later.iter().filter_map(|row| row["date"].as_str()).collect();
    assert_eq!(days.len(), later.len());
    let first = NOW.div_euclid(86_400);
    let all = (first..first + 20).map(|day| domain::calendar::date(day).to_string());
    assert!(all.clone().all(|day| days.contains(day.as_str())), "{days:?}");
    // There is one of them.
    let people = || app.gets("/vitald/v1/persona").body()["people"].clone();
    let before = people();
    assert!(refused(&app.asks_for(&travel)).contains("email"));
    assert_eq!((people(), app.faults().len()), (before, 0));
}

#[test]
fn callbacks_on_this_machine_are_refused_as_the_service_on_the_internet_does() {
    let names = NameServer::begin();
    let name_server = Some(names.address());
    let app = App::with(Setup { is_sandbox: true, name_server, ..Setup::default() });
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let tokens = anna.lets(&app.client(), "user.metrics");
    let subscribe = |url: &str, appli: &str| {
        tokens.notify("subscribe", &[("callbackurl", url), ("appli", appli)])
    };
    let asked = app.asks_for(&[("scenario", "sandbox.missing")]).body();
    let hint = asked["hint"].as_str().expect("a hint");
    assert!(hint.contains("callbacks by http at 127.0.0.1"), "{hint}");
    let here = receiver.url("/told");
    for address in [here.as_str(), "https://192.168.1.2/told", "https://localhost/told"] {
        subscribe(address, "1").refused(293);
    }
    let struck = || app.faults()[0]["struck"].clone();
    assert!(receiver.has_nothing_more() && struck() == 3);
    // A public name is asked as always; it leads nowhere here.
    subscribe("https://program.example/told", "1").refused(293);
    assert_eq!((struck(), names.asked() > 0), (json!(3), true));
    app.goes_right();
    // What the hint says: this is the sandbox.
    assert_eq!(subscribe(&here, "1").body(), json!({}));
    assert_eq!(receiver.next().method, "HEAD");
}

#[test]
fn data_is_at_another_host() {
    let app = sandbox(Engine::Sqlite);
    let program = app.client();
    let tokens = app.person("anna").lets(&program, "user.metrics");
    app.asks_for(&[("scenario", "cloud.two_hosts")]).body();
    let port = app.address().port();
    let reads_at = |host: &str| {
        let request = app.request("POST", "/measure").bearer_auth(&tokens.access);
        let request = request.header("host", format!("{host}:{port}"));
        app.sends(request.form(&[("action", "getmeas")]))
    };
    let text = reads_at("127.0.0.1").refused(401);
    assert!(text.contains("invalid_token"), "{text}");
    assert_eq!((reads_at("localhost").status(), reads_at("LOCALHOST").status()), (0, 0));
    let text = program.refreshes(&tokens.refresh).refused(401);
    assert!(text.contains("invalid_client"), "{text}");
    let grant = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
    let request = app.request("POST", "/v2/oauth2").header("host", "localhost");
    let renewed = Tokens::of(&app, app.sends(request.form(&program.fields(&grant))));
    app.goes_right();
    // The two names of the hint.
    let host = r#"{"host": "wbsapi.us.example.net"}"#;
    app.goes_wrong("other-host", &[("settings", host), ("client_id", &program.id)]);
    renewed.reads("getmeas").refused(401);
    let request = app.request("GET", "/measure?action=getmeas").bearer_auth(&renewed.access);
    assert_eq!(app.sends(request.header("host", "wbsapi.us.example.net")).status(), 0);
}

#[test]
fn answers_are_as_the_reference_says() {
    let app = sandbox(Engine::Sqlite);
    let tokens = app.lives("sleep-apnoea", "2");
    let (plain, receiver) = (tokens.reads("getmeas").body(), Receiver::new());
    crate::notifications::subscribes(&tokens, &receiver, "1");
    app.asks_for(&[("scenario", "documents.disagree")]).body();
    let body = tokens.reads("getmeas").body();
    assert_eq!(body["updatetime"].as_str(), Some(plain["updatetime"].to_string().as_str()));
    assert_eq!((&body["more"], &body["offset"]), (&json!(0), &json!(0)));
    let (group, was) = (&body["measuregrps"][0], &plain["measuregrps"][0]);
    assert_eq!((&group["model_id"], group.get("modelid")), (&was["modelid"], None));
    assert_eq!((&was["comment"], &group["comment"]), (&json!(null), &json!("")));
    let fields = [("startdate", "1789900000"), ("enddate", "1789980000")];
    let night = || tokens.calls_with("/v2/sleep", "get", &fields).body();
    assert!(night()["series"]["startdate"].is_i64(), "one segment, and no list");
    let profile = tokens.notify("list", &[]).body()["profiles"][0].clone();
    assert_eq!((profile.get("expires"), &profile["comment"]), (None, &json!("")));
    app.goes_right();
    assert!(night()["series"].as_array().is_some_and(|all| all.len() > 10));
    assert_eq!(tokens.reads("getmeas").body()["measuregrps"], plain["measuregrps"]);
    // What the hint says of the token address of older documents.
    assert_eq!(app.posts("/oauth2/token", &[("grant_type", "refresh_token")]).http, 404);
}

#[derive(Default)]
struct Weights(Vec<i64>);

impl Sink for Weights {
    fn take(&mut self, item: Item) -> Result<(), Stop> {
        if let Item::Group(group) = item {
            self.0.extend(group.measures.iter().map(|one| one.value));
        }
        Ok(())
    }
}

#[test]
fn an_archive_is_hard_to_read_elsewhere() {
    let app = sandbox(Engine::Sqlite);
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    for (grams, at) in [(66_850, 180), (67_000, 120), (66_700, 60)] {
        scale.weighs(grams, NOW - at).body();
    }
    let browser = Browser::of(&app, &anna.email, PASSWORD);
    let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    let archive = || {
        let request = app.request("GET", "/account/download/health-mate");
        let answer = request.header("cookie", &cookies).send().expect("an answer");
        answer.bytes().expect("a whole file").to_vec()
    };
    let weights = |bytes: &[u8]| {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP");
        let (mut file, mut text) = (archive.by_name("weight.csv").expect("weights"), String::new());
        file.read_to_string(&mut text).expect("a text");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let plain = archive();
    let row = |at: &str, kg: &str| format!("2026-09-21 {at},{kg},,,,,");
    let usual = weights(&plain);
    assert!(usual[0].starts_with("Date,Weight (kg),"), "{usual:?}");
    let rows = [("16:12:20", "66.700"), ("16:11:20", "67.000"), ("16:10:20", "66.850")];
    let mut expected: Vec<_> = rows.iter().map(|(at, kg)| row(at, kg)).collect();
    let mut sorted = usual[1..].to_vec();
    expected.sort();
    sorted.sort();
    assert_eq!(sorted, expected);
    app.asks_for(&[("scenario", "healthmate.zip")]).body();
    let strange = archive();
    let lines = weights(&strange);
    assert!(lines[0].starts_with("Date;Poids (lb);Masse grasse (lb);"), "{lines:?}");
    assert!(lines.contains(&"2026-09-21 16:12:20;147,05;;;;;".to_owned()), "{lines:?}");
    // The second row comes before the first.
    let dates = |lines: &[String]| -> Vec<String> {
        lines[1..].iter().map(|line| line[..19].to_owned()).collect()
    };
    let (were, are) = (dates(&usual), dates(&lines));
    assert_eq!([&are[0], &are[1], &are[2]], [&were[1], &were[0], &were[2]]);
    // Nothing of it is lost: what can be read is read.
    let zone = domain::person::time_zone("Europe/Paris").expect("a zone");
    let mut read = Weights::default();
    healthmate::read(Cursor::new(&strange), &zone, &mut read).expect("an export");
    let near = |grams: i64| read.0.iter().any(|read| (read - grams).abs() <= 3);
    assert!(read.0.len() == 3 && [66_850, 67_000, 66_700].into_iter().all(near), "{:?}", read.0);
    app.goes_right();
    assert_eq!(archive(), plain);
}
