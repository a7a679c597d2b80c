//! `serve`, with commands beside it on the same data.

use crate::caller::{Caller, SCALE_MAC, Weight};
use crate::home::Home;
use crate::on_both_engines;
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};

const AT: i64 = 1_790_000_000;
const ADMINS: usize = 6;

on_both_engines!(
    a_weighing_of_nobody_is_listed_and_claimed,
    commands_work_while_the_server_does,
    a_signal_ends_it_well,
    numbers_are_served_where_they_were_asked_for,
);

fn a_weighing_of_nobody_is_listed_and_claimed(home: &Home) {
    let (anna, _) = (home.person("anna@example.org"), home.person("ben@example.org"));
    home.person("carl@example.org");
    home.registers_scale(SCALE_MAC, &["anna@example.org", "ben@example.org"]);
    let token = home.token(&anna);
    assert_eq!(home.json(&["weighing", "list"]), json!([]));
    assert_eq!(home.runs(&["weighing", "list"]).stdout, "none\n");
    let server = home.serves();
    let caller = Caller::of(&server.base_url);
    let session = caller.opens_session();
    // Neither of the two has a weight yet, so it could be either's.
    assert!(caller.uploads(&session, "0", (AT, 66_850)));
    assert!(caller.uploads(&session, "0", (0, 67_000)), "a clock that was never set");
    let listed = home.json(&["weighing", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let id_of = |date: i64| {
        let listed = listed.as_array().unwrap().iter().find(|weighing| weighing["date"] == date);
        listed.expect("it is listed")["weighing"].to_string()
    };
    let (dated, undated) = (id_of(AT), id_of(0));
    assert_eq!(listed.to_string().matches("Weight=66.850").count(), 1, "{listed}");
    let claim = |weighing: &str, more: &[&str]| {
        home.runs(&[&["weighing", "claim", weighing, "--json"], more].concat())
    };
    let carl = claim(&dated, &["--user", "carl@example.org"]);
    assert!(carl.failed(3).contains("user"), "{carl:?}");
    assert!(claim(&undated, &["--user", &anna]).failed(3).contains("date"));
    let claimed = claim(&dated, &["--user", "anna@example.org"]).json();
    let date = ["--user", anna.as_str(), "--date", "2026-09-20T06:30:00Z"];
    assert!(claim(&undated, &date).json()["grpid"].is_i64());
    let groups = caller.groups(&token);
    assert_eq!(groups[0]["grpid"], claimed["grpid"]);
    assert_eq!(caller.weights(&token), [(1_789_885_800, 67_000), (AT, 66_850)]);
    assert_eq!(home.json(&["weighing", "list"]), json!([]));
    assert!(claim(&dated, &["--user", &anna]).failed(3).contains("weighing"));
}

fn commands_work_while_the_server_does(home: &Home) {
    let anna = home.person("anna@example.org");
    home.registers_scale(SCALE_MAC, &[&anna]);
    let token = home.token(&anna);
    let server = home.serves();
    let caller = Caller::of(&server.base_url);
    let session = caller.opens_session();
    let administered = AtomicBool::new(false);
    let uploaded: Vec<Weight> = std::thread::scope(|scope| {
        let uploading = scope.spawn(|| {
            let mut uploaded = Vec::new();
            while !administered.load(Ordering::SeqCst) {
                let number = i64::try_from(uploaded.len()).unwrap();
                let weight = (AT + number, 60_000 + number);
                assert!(caller.uploads(&session, &anna, weight));
                uploaded.push(weight);
            }
            uploaded
        });
        let admins: Vec<_> = (0..ADMINS)
            .map(|number| {
                scope.spawn(move || {
                    let email = format!("person{number}@example.org");
                    (home.person(&email), home.json(&["user", "list"]))
                })
            })
            .collect();
        let administering = admins.into_iter().map(|admin| admin.join().expect("done"));
        for (id, listed) in administering {
            assert!(listed.to_string().contains(&id), "{listed}");
        }
        administered.store(true, Ordering::SeqCst);
        uploading.join().expect("uploaded")
    });
    assert!(uploaded.len() > 1, "it went on meanwhile");
    assert_eq!(caller.weights(&token), uploaded);
    assert_eq!(home.json(&["user", "list"]).as_array().map(Vec::len), Some(ADMINS + 1));
    // What a command made is there at once.
    let ben = home.token(&home.person("ben@example.org"));
    assert_eq!(caller.weights(&ben), []);
}

fn a_signal_ends_it_well(home: &Home) {
    for signal in ["TERM", "INT"] {
        let mut server = home.serves();
        let caller = Caller::of(&server.base_url);
        // A connection that is kept alive does not hold it up.
        caller.posts("/cgi-bin/once", &[("action", "get")]);
        server.signals(signal);
        let status = server.ends();
        assert_eq!(status.code(), Some(0), "{status}: {}", server.reads_log());
        assert!(server.reads_log().contains("\"stopped\""), "{}", server.reads_log());
        assert_eq!(caller.tries("/cgi-bin/once", &[("action", "get")]), None);
    }
}

#[test]
fn the_scales_can_have_a_listener_of_their_own() {
    let home = Home::new();
    let anna = home.person("anna@example.org");
    home.registers_scale(SCALE_MAC, &[&anna]);
    let mut server = home.serves_with(&["--scale-listen", "127.0.0.1:0"]);
    let line = server.waits_for_log("listening for scales");
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let scales = Caller::of(&format!("http://{}", line["fields"]["address"].as_str().unwrap()));
    assert!(scales.uploads(&scales.opens_session(), &anna, (AT, 66_850)));
    assert_eq!(Caller::of(&server.base_url).weights(&home.token(&anna)), [(AT, 66_850)]);
}

#[test]
fn plain_http_for_everybody_is_warned_of() {
    let home = Home::new();
    let public = home.command(&["serve", "--listen", "0.0.0.0:0"]);
    let mut server = crate::process::Process::start(public);
    server.waits_for_log("listening");
    assert!(server.reads_log().contains("https"), "{}", server.reads_log());
}

fn numbers_are_served_where_they_were_asked_for(home: &Home) {
    let mut server = home.serves_with(&["--metrics-listen", "127.0.0.1:0"]);
    let line = server.waits_for_log("\"listening for metrics\"");
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let operators = format!("http://{}", line["fields"]["address"].as_str().expect("an address"));
    let main = Caller::of(&server.base_url);
    main.posts("/cgi-bin/once", &[("action", "get")]);
    let numbers = Caller::of(&operators).reads("/metrics").expect("numbers");
    let once = r#"vitald_requests_total{operation="scale/get",family="success"} 1"#;
    assert!(numbers.contains(once), "{numbers}");
    assert!(numbers.contains(env!("CARGO_PKG_VERSION")), "{numbers}");
    assert_eq!(Caller::of(&server.base_url).reads("/metrics"), None);
    assert!(main.reads("/readyz").is_some_and(|ready| ready.contains("\"migrations\":\"ok\"")));
}
