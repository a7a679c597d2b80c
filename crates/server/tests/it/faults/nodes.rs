//! Several nodes on one PostgreSQL: what is asked of one holds at all, and they count as one.

use crate::app::{App, Engine, NOW};
use crate::concurrency::at_once;
use crate::faults::sandbox;
use crate::household::Tokens;
use crate::notifications::subscribes;
use crate::receiver::Receiver;
use serde_json::json;

/// Makes a test of a function, for PostgreSQL alone: an embedded store has one node.
macro_rules! on_postgres {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn postgres() {
                super::$test();
            }
        }
    )+ };
}

on_postgres!(
    a_fault_of_one_node_strikes_at_the_other_and_is_counted_once,
    calls_at_once_on_both_nodes_meet_a_count_exactly,
    two_refreshes_at_two_nodes_are_a_race,
    whoever_delivers_knows_what_another_node_was_asked,
);

fn a_fault_of_one_node_strikes_at_the_other_and_is_counted_once() {
    let app = sandbox(Engine::Postgres);
    let other = app.another();
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    let here = || tokens.reads("getmeas").status();
    let there = || reads_at(&other, &tokens);
    assert_eq!((here(), there()), (0, 0));
    // Twice, then it succeeds, wherever it is called.
    let id = app.goes_wrong("too-many", &[("count", "2")]);
    assert_eq!([there(), here(), there(), here()], [601, 601, 0, 0]);
    let fault = &other.faults()[0];
    assert_eq!(
        (&fault["id"], &fault["struck"], &fault["remaining"]),
        (&id.into(), &2.into(), &0.into())
    );
    let at_random = [("probability", "0.5"), ("seed", "7")];
    other.goes_wrong("token-expired", &at_random);
    let alone: Vec<i64> = (0..12).map(|_| here()).collect();
    app.goes_right();
    assert_eq!((here(), there()), (0, 0));
    app.goes_wrong("token-expired", &at_random);
    let by_turns: Vec<i64> = (0..6).flat_map(|_| [here(), there()]).collect();
    assert_eq!(by_turns, alone, "one sequence of one seed");
    let request = other.request("DELETE", "/vitald/v1/fault?all=1");
    assert_eq!(other.sends(request).body(), json!({ "removed": 1 }));
    assert_eq!((here(), there()), (0, 0));
}

fn calls_at_once_on_both_nodes_meet_a_count_exactly() {
    let app = sandbox(Engine::Postgres);
    let other = app.another();
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    app.goes_wrong("too-many", &[("count", "5")]);
    let answers = at_once(|number| {
        let node = if number % 2 == 0 { &app } else { &other };
        let request = node.request("POST", "/measure").bearer_auth(&tokens.access);
        node.sends(request.form(&[("action", "getmeas")]))
    });
    let refused = answers.iter().filter(|answer| answer.status() == 601).count();
    assert_eq!((refused, answers.len()), (5, 8), "{answers:?}");
}

fn two_refreshes_at_two_nodes_are_a_race() {
    let app = sandbox(Engine::Postgres);
    let other = app.another();
    let program = app.client();
    let tokens = app.person("anna").lets(&program, "user.metrics");
    app.asks_for(&[("scenario", "token.race")]).body();
    let grant = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str())];
    let fields = program.fields(&grant);
    program.refreshes(&tokens.refresh).body();
    let text = other.posts("/v2/oauth2", &fields).refused(503);
    assert_eq!(text, "Invalid Params: invalid refresh_token");
    app.clock.advance(10);
    other.posts("/v2/oauth2", &fields).body();
    program.refreshes(&tokens.refresh).refused(503);
    // Really at once: one is the first.
    app.clock.advance(10);
    let answers = at_once(|number| match number % 2 {
        0 => app.posts("/v2/oauth2", &fields),
        _ => other.posts("/v2/oauth2", &fields),
    });
    let served = answers.iter().filter(|answer| answer.status() == 0).count();
    assert_eq!(served, 1, "{answers:?}");
}

fn whoever_delivers_knows_what_another_node_was_asked() {
    let app = sandbox(Engine::Postgres);
    let other = app.another();
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let tokens = anna.lets(&app.client(), "user.metrics");
    subscribes(&tokens, &receiver, "1");
    let scale = app.scale(&[&anna]);
    other.goes_wrong("notification-drop", &[("count", "1")]);
    scale.weighs(66_850, NOW - 90);
    while app.faults()[0]["struck"] != 1 {
        std::thread::yield_now();
    }
    scale.weighs(66_860, NOW - 80);
    assert_eq!(receiver.next().field("startdate"), Some((NOW - 80).to_string()));
}

fn reads_at(node: &App, tokens: &Tokens<'_>) -> i64 {
    let request = node.request("POST", "/measure").bearer_auth(&tokens.access);
    node.sends(request.form(&[("action", "getmeas")])).status()
}
