//! How much applications may ask over HTTP. The rule itself has its tests where it stands.

use crate::answer::Answer;
use crate::app::{App, Engine, Setup};
use crate::on_both_engines;
use api::admin;
use server::Rules;

on_both_engines!(an_application_waits_and_the_next_one_does_not);

fn limited(engine: Engine, rules: Rules) -> App {
    App::with(Setup { engine, rules, ..Setup::default() })
}

/// How long the caller is told to wait.
fn waits(answer: &Answer) -> i64 {
    let json = answer.json();
    assert_eq!((&json["status"], &json["error"]), (&601.into(), &"Too many request".into()));
    json["body"]["wait_seconds"].as_i64().expect("seconds")
}

fn an_application_waits_and_the_next_one_does_not(engine: Engine) {
    let app = limited(engine, Rules { requests_per_minute: 3, ..Rules::default() });
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let (program, other) =
        (app.client(), app.client_named("Other", crate::household::REDIRECT_URI));
    // The exchange is a call too.
    let annas = anna.lets(&program, "user.info");
    let bens = ben.lets(&program, "user.info");
    let others = anna.lets(&other, "user.info");
    assert_eq!(annas.reads("getdevice").status(), 0);
    assert_eq!(waits(&bens.reads("getdevice")), 20);
    // A call whose token is no token is nobody's, and costs nobody anything.
    let form = [("action", "getdevice")];
    for _ in 0..10 {
        let request = app.request("POST", "/v2/user").bearer_auth("0".repeat(40)).form(&form);
        assert_eq!(app.sends(request).status(), 401);
    }
    assert_eq!(others.reads("getdevice").status(), 0);
    app.clock.advance(20);
    assert_eq!(annas.reads("getdevice").status(), 0);
    assert_eq!(waits(&annas.reads("getdevice")), 20);
}

#[test]
fn an_application_has_a_number_of_its_own() {
    let app = limited(Engine::Sqlite, Rules { requests_per_minute: 2, ..Rules::default() });
    let (anna, program) = (app.person("anna"), app.client());
    let tokens = anna.lets(&program, "user.info");
    assert_eq!(tokens.reads("getdevice").status(), 0);
    assert_eq!(waits(&tokens.reads("getdevice")), 30);
    let id = program.id.clone();
    app.administers(move |tx| {
        let mut known = admin::find_application(tx, &id)?;
        known.about.requests_per_minute = Some(0);
        store::application::change(tx, &known)
    });
    // It is looked up again within a minute.
    app.clock.advance(60);
    (0..10).for_each(|_| assert_eq!(tokens.reads("getdevice").status(), 0));
}

#[test]
fn the_same_call_is_refused_for_a_while_if_it_was_asked_for() {
    let rules = Rules { requests_per_minute: 0, duplicate_guard: true, ..Rules::default() };
    let app = limited(Engine::Sqlite, rules);
    let (anna, program) = (app.person("anna"), app.client());
    let tokens = anna.lets(&program, "user.info,user.metrics");
    assert_eq!(tokens.reads("getdevice").status(), 0);
    let again = tokens.reads("getdevice").json();
    assert_eq!(again["status"], 601);
    assert_eq!(again["error"], "Same arguments in less than 10 seconds");
    assert_eq!(again["body"]["wait_seconds"], 10);
    // Other arguments are another call, in whatever order and place they stand.
    assert_eq!(tokens.reads_with("getmeas", &[("meastype", "1"), ("category", "1")]).status(), 0);
    assert_eq!(tokens.reads_with("getmeas", &[("meastype", "4"), ("category", "1")]).status(), 0);
    let same = tokens.reads_with("getmeas", &[("category", "1"), ("meastype", "1")]);
    assert_eq!(same.status(), 601);
    app.clock.advance(10);
    assert_eq!(tokens.reads("getdevice").status(), 0);
}
