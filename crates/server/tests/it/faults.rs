//! Faults of a sandbox over HTTP: what programs meet when something goes wrong on demand.

mod clock;
mod lives;
mod nodes;
mod scenarios;

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::browser::Browser;
use crate::developers::registers;
use crate::household::{PASSWORD, Program, REDIRECT_URI, Tokens, weights};
use crate::notifications::subscribes;
use crate::on_both_engines;
use crate::receiver::Receiver;
use serde_json::{Value, json};

on_both_engines!(
    a_count_is_exhausted_and_a_restart_does_not_begin_it_anew,
    a_probability_repeats_with_its_seed,
    the_answer_of_a_refresh_is_lost_and_the_old_token_is_still_good,
);

pub(crate) fn sandbox(engine: Engine) -> App {
    App::with(Setup { engine, is_sandbox: true, ..Setup::default() })
}

impl App {
    pub(crate) fn asks_for(&self, fields: &[(&str, &str)]) -> Answer {
        self.posts("/vitald/v1/fault", fields)
    }

    /// Asks for a fault, and gives its number.
    #[track_caller]
    pub(crate) fn goes_wrong(&self, name: &str, more: &[(&str, &str)]) -> i64 {
        let added = self.asks_for(&[&[("name", name)], more].concat()).body();
        added["faults"][0]["id"].as_i64().expect("a number")
    }

    pub(crate) fn goes_right(&self) {
        let request = self.request("DELETE", "/vitald/v1/fault?all=1");
        self.sends(request).body();
    }

    pub(crate) fn faults(&self) -> Vec<Value> {
        let listed = self.gets("/vitald/v1/fault").body();
        listed["faults"].as_array().expect("a list").clone()
    }
}

/// The text of a fault that cannot be asked for.
#[track_caller]
pub(crate) fn refused(answer: &Answer) -> String {
    let json: Value = serde_json::from_str(&answer.text).expect("JSON");
    assert_eq!((answer.http, &json["status"]), (400, &json!(503)), "{answer:?}");
    json["error"].as_str().expect("a text").to_owned()
}

fn statuses(tokens: &Tokens<'_>, times: usize) -> Vec<i64> {
    (0..times).map(|_| tokens.reads("getmeas").status()).collect()
}

/// Whether the connection ended before the answer was whole.
fn breaks_off(request: reqwest::blocking::RequestBuilder) -> bool {
    request.send().and_then(reqwest::blocking::Response::bytes).is_err()
}

fn reading(app: &App, tokens: &Tokens<'_>) -> reqwest::blocking::RequestBuilder {
    let request = app.request("POST", "/measure").bearer_auth(&tokens.access);
    request.form(&[("action", "getmeas")])
}

fn a_count_is_exhausted_and_a_restart_does_not_begin_it_anew(engine: Engine) {
    let app = sandbox(engine);
    let (anna, program) = (app.person("anna"), app.client());
    let other = app.client_named("Other", REDIRECT_URI);
    let (tokens, foreign) =
        (anna.lets(&program, "user.metrics"), anna.lets(&other, "user.metrics"));
    let wait = r#"{"wait_seconds": 30}"#;
    let only = [("client_id", program.id.as_str()), ("operation", "measure/getmeas")];
    let id =
        app.goes_wrong("too-many", &[&only[..], &[("count", "3"), ("settings", wait)]].concat());
    let error = "Same arguments in less than 10 seconds";
    let recorded = json!({ "status": 601, "body": { "wait_seconds": 30 }, "error": error });
    assert_eq!(tokens.reads("getmeas").json(), recorded);
    assert_eq!(foreign.reads("getmeas").status(), 0, "another application");
    assert_eq!(tokens.reads("getdevice").status(), 2_555, "another operation");
    app.stop();
    app.begin();
    assert_eq!(statuses(&tokens, 4), [601, 601, 0, 0]);
    let fault = &app.faults()[0];
    assert_eq!(
        (&fault["id"], &fault["struck"], &fault["remaining"]),
        (&json!(id), &json!(3), &json!(0))
    );
    assert_eq!(fault["when"], "3 times");
    app.goes_right();
    assert!(app.faults().is_empty());
}

fn a_probability_repeats_with_its_seed(engine: Engine) {
    let app = sandbox(engine);
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    let at_random = |seed| [("probability", "0.5"), ("seed", seed)];
    app.goes_wrong("token-expired", &at_random("7"));
    let first = statuses(&tokens, 8);
    app.stop();
    app.begin();
    let rest = statuses(&tokens, 8);
    app.goes_right();
    app.goes_wrong("token-expired", &at_random("7"));
    assert_eq!(statuses(&tokens, 16), [first.clone(), rest].concat());
    app.goes_right();
    app.goes_wrong("token-expired", &at_random("8"));
    assert_ne!(statuses(&tokens, 8), first);
    assert!(first.contains(&401) && first.contains(&0), "{first:?}");
}

fn the_answer_of_a_refresh_is_lost_and_the_old_token_is_still_good(engine: Engine) {
    let app = sandbox(engine);
    let program = app.client();
    let tokens = app.person("anna").lets(&program, "user.metrics");
    let scenario = app.asks_for(&[("scenario", "token.lost_response")]).body();
    assert_eq!(scenario["faults"][0]["when"], "once");
    let refresh = |program: &Program<'_>| {
        let grant = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
        let fields = program.fields(&grant);
        app.request("POST", "/v2/oauth2").form(&fields)
    };
    // What is no refresh is not lost, and a refresh that is refused neither.
    assert_eq!(tokens.reads("getmeas").status(), 0);
    program.refreshes("unknown").refused(503);
    assert!(breaks_off(refresh(&program)), "it was done, and nobody hears of it");
    // Neither new token was ever used, so the old one is good once more.
    let renewed = program.renews(&tokens);
    assert_eq!(renewed.reads("getmeas").status(), 0);
}

#[test]
fn the_second_of_two_refreshes_is_refused() {
    let app = sandbox(Engine::Sqlite);
    let program = app.client();
    let tokens = app.person("anna").lets(&program, "user.metrics");
    app.goes_wrong("refresh-race", &[("count", "1")]);
    program.refreshes(&tokens.refresh).body();
    let text = program.refreshes(&tokens.refresh).refused(503);
    assert_eq!(text, "Invalid Params: invalid refresh_token");
    app.goes_right();
    app.goes_wrong("refresh-race", &[("settings", r#"{"answer": "601", "window": 5}"#)]);
    program.refreshes(&tokens.refresh).body();
    assert_eq!(program.refreshes(&tokens.refresh).status(), 601);
    app.clock.advance(5);
    program.refreshes(&tokens.refresh).body();
}

#[test]
fn a_code_expires_and_a_call_fails_as_it_is_asked_to() {
    let app = sandbox(Engine::Sqlite);
    let (anna, program) = (app.person("anna"), app.client());
    app.goes_wrong("code-expired", &[("count", "1")]);
    let code = anna.logs_in_and_allows(&program, "user.metrics");
    assert_eq!(program.exchanges(&code).refused(503), "Invalid Params: invalid code");
    // It was not burnt: only the answer says so.
    let tokens = Tokens::of(&app, program.exchanges(&code));
    app.goes_wrong("status", &[("settings", r#"{"status": 277}"#), ("operation", "measure/*")]);
    assert_eq!(tokens.reads("getmeas").refused(277), "Unauthorized");
    assert_eq!(tokens.notify("list", &[]).status(), 0);
    app.goes_right();
    app.asks_for(&[("scenario", "error.in_http_200")]).body();
    assert_eq!(statuses(&tokens, 4), [2_556, 2_556, 2_556, 0]);
}

#[test]
fn connections_end_before_and_within_an_answer() {
    let app = sandbox(Engine::Sqlite);
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    app.goes_wrong("cut", &[("count", "1")]);
    assert!(breaks_off(reading(&app, &tokens)));
    assert_eq!(tokens.reads("getmeas").status(), 0);
    app.goes_wrong("cut", &[("count", "1"), ("settings", r#"{"after": 7}"#)]);
    let mut answer = reading(&app, &tokens).send().expect("an answer that begins");
    let (mut read, mut part) = (Vec::new(), [0; 64]);
    while let Ok(count @ 1..) = std::io::Read::read(&mut answer, &mut part) {
        read.extend_from_slice(&part[..count]);
    }
    assert_eq!(read, b"{\"statu");
    app.goes_wrong("latency", &[("settings", r#"{"ms": 1}"#)]);
    assert_eq!(tokens.reads("getmeas").status(), 0);
    let latency = app.faults().pop().expect("the last one");
    assert_eq!((&latency["name"], &latency["struck"]), (&json!("latency"), &json!(1)));
}

#[test]
fn pages_are_as_small_as_they_are_asked_to_be() {
    let app = sandbox(Engine::Sqlite);
    let anna = app.person("anna");
    let (program, scale) = (app.client(), app.scale(&[&anna]));
    let tokens = anna.lets(&program, "user.metrics");
    (0..5).for_each(|at| drop(scale.weighs(66_000 + at, NOW - 1_000 + at * 10)));
    assert!(tokens.reads("getmeas").body().get("more").is_none());
    app.goes_wrong("small-pages", &[("client_id", &program.id)]);
    let (mut all, mut offset, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = tokens.reads_with("getmeas", &[("offset", &offset)]);
        all.extend(weights(&page));
        pages += 1;
        let body = page.body();
        if body.get("more").is_none() {
            break;
        }
        assert_eq!(body["more"], 1);
        offset = body["offset"].to_string();
    }
    all.sort_by_key(Value::as_i64);
    assert_eq!((pages, all), (3, (66_000..66_005).map(Value::from).collect()));
}

#[test]
fn answers_are_changed_and_stay_answers() {
    let app = sandbox(Engine::Sqlite);
    let anna = app.person("anna");
    let (program, scale) = (app.client(), app.scale(&[&anna]));
    let tokens = anna.lets(&program, "user.metrics,user.activity,user.info");
    scale.weighs(66_850, NOW - 60);
    let plain = tokens.reads("getmeas").body();
    for scenario in ["compat.unknown_type", "compat.unknown_attrib", "compat.unknown_device"] {
        app.asks_for(&[("scenario", scenario)]).body();
    }
    let body = tokens.reads("getmeas").body();
    let group = &body["measuregrps"][0];
    assert_eq!((&group["attrib"], &group["modelid"]), (&json!(10_000), &json!(9_999)));
    assert_eq!(group["measures"][0], plain["measuregrps"][0]["measures"][0]);
    assert_eq!(group["measures"][1]["type"], 9_999);
    assert_eq!(tokens.reads("getdevice").body()["devices"][0]["model_id"], 9_999);
    app.goes_right();
    app.goes_wrong("same-second-groups", &[]);
    app.goes_wrong("other-units", &[]);
    let body = tokens.reads("getmeas").body();
    let groups = body["measuregrps"].as_array().expect("groups");
    assert_eq!((groups.len(), &groups[0]["date"]), (2, &groups[1]["date"]));
    assert_ne!(groups[0]["grpid"], groups[1]["grpid"]);
    assert_eq!(
        groups[0]["measures"][0],
        json!({ "unit": -4, "value": 668_500, "type": 1 })
            .as_object()
            .map(|same| {
                let mut measure = plain["measuregrps"][0]["measures"][0].clone();
                same.iter().for_each(|(name, value)| measure[name] = value.clone());
                measure
            })
            .expect("a measure")
    );
    app.goes_right();
    app.asks_for(&[("scenario", "manual.entries")]).body();
    let body = tokens.reads("getmeas").body();
    assert_eq!(body["measuregrps"][0]["deviceid"], Value::Null);
    app.goes_right();
    app.goes_wrong("php-empty-arrays", &[]);
    let asked = [("startdate", "1"), ("enddate", "2")];
    let read = || tokens.calls_with("/v2/measure", "getintradayactivity", &asked).body();
    assert_eq!(read(), json!({ "series": [] }));
    app.goes_right();
    assert_eq!(read(), json!({ "series": {} }));
    assert_eq!(tokens.reads("getmeas").body()["measuregrps"], plain["measuregrps"]);
}

#[test]
fn a_callback_is_refused_and_the_inspector_says_why() {
    let app = sandbox(Engine::Sqlite);
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let url = receiver.url("/told?secret=x");
    let asked = [("callbackurl", url.as_str()), ("appli", "1")];
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let program = registers(&app, &mut browser);
    let tokens = anna.lets(&program, "user.metrics");
    let mut page = || browser.opens(&format!("/developer/applications/{}", program.id)).text;
    for (cause, why) in [
        ("head", "it answered HEAD with 405"),
        ("redirect", "it answered 302"),
        ("port", "its port is neither 443 nor 80"),
        ("private", "its name leads to an address of a private network"),
        ("timeout", "it did not answer HEAD in time"),
    ] {
        assert!(!page().contains(why), "{cause}");
        let settings = format!("{{\"cause\": \"{cause}\"}}");
        app.goes_wrong("subscribe-refused", &[("count", "1"), ("settings", &settings)]);
        let text = tokens.notify("subscribe", &asked).refused(293);
        assert!(!text.contains(why), "the wire does not say");
        assert!(page().contains(why), "{cause}");
    }
    assert!(receiver.has_nothing_more(), "nobody asked it");
    assert_eq!(tokens.notify("subscribe", &asked).body(), json!({}));
}

/// What the receiver is told from now on, each by the moment of its weighing.
fn told(receiver: &Receiver, count: usize) -> Vec<i64> {
    let moment = |_| receiver.next().field("startdate").and_then(|text| text.parse::<i64>().ok());
    (0..count).map(moment).map(|moment| moment.expect("a moment") - NOW).collect()
}

#[test]
fn notifications_are_lost_doubled_and_late() {
    let app = sandbox(Engine::Sqlite);
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let program = app.client();
    let tokens = anna.lets(&program, "user.metrics");
    subscribes(&tokens, &receiver, "1");
    let scale = app.scale(&[&anna]);
    app.goes_wrong("notification-drop", &[("count", "1"), ("client_id", &program.id)]);
    app.goes_wrong("notification-drop", &[("settings", r#"{"appli": 44}"#)]);
    scale.weighs(66_850, NOW - 90);
    // Wait until it was decided, so that the next one is told for certain.
    let struck = || app.faults()[0]["struck"] == 1;
    while !struck() {
        std::thread::yield_now();
    }
    scale.weighs(66_860, NOW - 80);
    assert_eq!(told(&receiver, 1), [-80]);
    app.goes_right();
    app.goes_wrong("notification-duplicate", &[("count", "1")]);
    scale.weighs(66_870, NOW - 70);
    scale.weighs(66_880, NOW - 60);
    let mut all = told(&receiver, 3);
    all.sort_unstable();
    assert_eq!(all, [-70, -70, -60]);
    app.goes_wrong("notification-reorder", &[]);
    scale.weighs(66_890, NOW - 50);
    while app.faults().iter().all(|one| one["name"] != "notification-reorder" || one["struck"] == 0)
    {
        std::thread::yield_now();
    }
    scale.weighs(66_900, NOW - 40);
    assert_eq!(told(&receiver, 1), [-40]);
    app.clock.advance(61);
    assert_eq!(told(&receiver, 1), [-50], "the first after the second");
    app.stop();
    assert!(receiver.has_nothing_more());
    app.begin();
    let client_id = program.id.clone();
    let log = app.administers(move |tx| {
        store::delivery::log(tx, &client_id, &store::delivery::Filter::default(), None, 100)
    });
    let lost = log.last().expect("the first one");
    assert_eq!(lost.state, store::delivery::State::Delivered);
    assert_eq!(lost.attempts.last().map(|last| last.outcome.name()), Some("lost"));
}

#[test]
fn what_cannot_be_asked_for_is_refused_before_anything_changes() {
    let app = sandbox(Engine::Sqlite);
    let says = |fields: &[(&str, &str)], words: &str| {
        let text = refused(&app.asks_for(fields));
        assert!(text.contains(words), "{text}");
    };
    says(&[], "kinds lists both");
    says(&[("name", "to-many")], "did you mean too-many?");
    says(&[("name", "zzz")], "there are latency, cut,");
    says(&[("scenario", "token.racing")], "did you mean token.race?");
    says(&[("name", "cut"), ("scenario", "token.race")], "not both");
    says(&[("scenario", "token.race"), ("count", "2")], "the scenario says it");
    let too_many =
        |more: &[(&'static str, &'static str)]| [&[("name", "too-many")][..], more].concat();
    says(&too_many(&[("count", "2"), ("probability", "0.5")]), "count or probability, not both");
    says(&too_many(&[("count", "0")]), "1 to 1000000");
    says(&too_many(&[("probability", "1.5")]), "above 0 and up to 1");
    says(&too_many(&[("seed", "5")]), "goes with a probability");
    says(&too_many(&[("operation", "getmeas")]), "service/action");
    says(&too_many(&[("operation", "measure/getmeasure")]), "did you mean measure/getmeas?");
    says(&too_many(&[("client_id", "nobody")]), "no application has it");
    says(&too_many(&[("settings", "wait")]), "a JSON object");
    says(&too_many(&[("settings", r#"{"wait": 1}"#)]), "did you mean wait_seconds?");
    says(&too_many(&[("settings", r#"{"wait_seconds": 0}"#)]), "1 to 86400");
    says(&[("name", "token-expired"), ("settings", r#"{"a": 1}"#)], "has none");
    says(&[("name", "empty-signal"), ("operation", "sleep/get")], "heart/get, stetho/get alone");
    says(&[("name", "notification-drop"), ("operation", "notify/*")], "no call");
    says(&[("name", "archive-layout"), ("operation", "measure/*")], "is no call");
    says(&[("name", "archive-layout"), ("settings", r#"{"layout": "x"}"#)], "imperial or french");
    let client = app.client();
    let only = ("client_id", client.id.as_str());
    says(&[("name", "archive-layout"), only], "leave it out");
    says(&[("scenario", "days.travel"), only], "leave it out");
    assert_eq!(app.gets("/vitald/v1/persona").body()["people"], json!([]));
    let delete = |query: &str| {
        let request = app.request("DELETE", &format!("/vitald/v1/fault{query}"));
        refused(&app.sends(request))
    };
    assert!(delete("").contains("all=1") && delete("?id=9").contains("no fault of that number"));
    assert!(app.faults().is_empty());
}

#[test]
fn a_server_that_is_no_sandbox_has_no_faults() {
    let app = App::new();
    for request in [
        app.request("GET", "/vitald/v1/fault"),
        app.request("GET", "/vitald/v1/fault/kinds"),
        app.request("POST", "/vitald/v1/fault").form(&[("name", "cut")]),
        app.request("DELETE", "/vitald/v1/fault?all=1"),
    ] {
        assert_eq!(app.sends(request).http, 404);
    }
    // Also not those of a store that was a sandbox's.
    let fault = domain::fault::Fault {
        id: 0,
        kind: domain::fault::Kind::TokenExpired,
        scenario: None,
        client_id: None,
        operation: None,
        when: domain::fault::When::Always,
        settings: domain::fault::Settings::default(),
        draws: domain::fault::Draws::default(),
        created: 0,
    };
    app.administers(move |tx| store::fault::add(tx, &fault));
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    assert_eq!(tokens.reads("getmeas").status(), 0);
}
