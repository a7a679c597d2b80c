//! What standard error and the numbers hold at the highest level of detail: nothing of anybody,
//! whatever engine and whatever libraries write there.

use crate::caller::{Caller, SCALE_MAC};
use crate::home::Home;
use crate::on_both_engines;

on_both_engines!(the_log_holds_nothing_of_anybody);

fn the_log_holds_nothing_of_anybody(home: &Home) {
    let (email, password) = ("planted.address@example.org", "planted password");
    let create = ["user", "create", "--email", email, "--password-stdin", "--log", "trace"];
    let created = home.runs_with_input(&create, password);
    assert_eq!(created.code, Some(0), "{created:?}");
    home.registers_scale(SCALE_MAC, &[email]);
    let client = ["client", "create", "--name", "x", "--redirect-uri", "http://localhost"];
    let client = home.json(&client);
    let id = client["client_id"].as_str().unwrap();
    let issue = ["token", "issue", "--client", id, "--user", email, "--log", "trace", "--json"];
    let issued = home.runs(&issue);
    let tokens = issued.json();

    let mut server = home.serves_with(&["--log", "trace", "--metrics-listen", "127.0.0.1:0"]);
    let line = server.waits_for_log("\"listening for metrics\"");
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let operators = format!("http://{}", line["fields"]["address"].as_str().expect("an address"));
    let caller = Caller::of(&server.base_url);
    let session = caller.opens_session();
    let token = tokens["access_token"].as_str().unwrap();
    assert!(caller.uploads(&session, "0", (1_790_000_001, 66_850_429)));
    assert_eq!(caller.weights(token), [(1_790_000_001, 66_850_429)]);
    assert!(caller.tries("/measure", &[("action", "getmeas"), ("meastype", "planted")]).is_some());
    let numbers = Caller::of(&operators).reads("/metrics").expect("numbers");
    server.signals("TERM");
    assert_eq!(server.ends().code(), Some(0));

    let log =
        [&created.stderr, &issued.stderr, server.reads_log(), &numbers].concat().to_lowercase();
    assert!(log.contains("getmeas") && log.contains("\"status\":401"), "{log}");
    for (name, secret) in [
        ("e-mail", "planted.address"),
        ("password", password),
        ("MAC", SCALE_MAC),
        ("session", session.as_str()),
        ("weight", "66850429"),
        ("parameter", "planted"),
        ("client_secret", client["client_secret"].as_str().unwrap()),
        ("access token", token),
        ("refresh token", tokens["refresh_token"].as_str().unwrap()),
    ] {
        assert!(!log.contains(secret), "a {name} is in the log or the numbers");
    }
}
