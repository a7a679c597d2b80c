//! Faults of a sandbox, as they are asked for on the command line.

use crate::home::{Home, Ran, run, vitald};
use crate::process::Process;
use serde_json::{Value, json};
use std::path::Path;

fn fault(server: &Process, arguments: &[&str]) -> Ran {
    let url = ["--url", server.base_url.as_str()];
    run(vitald(&[&["fault"], arguments, &url, &["--json"]].concat()), "")
}

#[test]
fn a_fault_is_asked_for_strikes_and_is_taken_out() {
    let home = Home::new();
    let create =
        ["client", "create", "--name", "Diary", "--redirect-uri", "https://diary.example/"];
    let client = home.json(&create)["client_id"].as_str().expect("a text").to_owned();
    let person = home.json(&["user", "create", "--email", "anna@example.org"]);
    let server = home.serves_with(&["--sandbox"]);
    let user = person["userid"].to_string();
    let token = home.json(&["token", "issue", "--client", &client, "--user", &user]);
    let token = token["access_token"].as_str().expect("a token");
    let status = || {
        let call = ["call", "measure", "getmeas", "--token", token, "--url", &server.base_url];
        let ran = run(vitald(&[&call[..], &["--json"]].concat()), "");
        let envelope: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        envelope["status"].clone()
    };
    assert_eq!(status(), 0);
    let twice = ["add", "too-many", "--client", &client, "--count", "2"];
    let more = ["--operation", "measure/getmeas", "--set", "wait_seconds=3"];
    let added = fault(&server, &[&twice[..], &more].concat()).json();
    let added = &added["faults"][0];
    assert_eq!((&added["remaining"], &added["operation"]), (&json!(2), &json!("measure/getmeas")));
    assert_eq!(added["settings"], json!({ "wait_seconds": "3" }));
    assert_eq!([status(), status(), status()], [601, 601, 0]);
    let scenario = fault(&server, &["add", "--scenario", "days.travel"]).json();
    assert_eq!(scenario["faults"], json!([]));
    assert!(scenario["hint"].as_str().is_some_and(|hint| hint.contains("vitald token issue")));
    // As the hint says.
    let token = home.token(&scenario["people"][0]["userid"].to_string());
    let days = ["startdateymd=2020-01-01", "enddateymd=2040-01-01"];
    let read = ["call", "measure", "getactivity", "--token", &token, "--url", &server.base_url];
    let lived = run(vitald(&[&read[..], &days, &["--json"]].concat()), "").json();
    let days = lived["body"]["activities"].as_array().expect("days").clone();
    assert!(days.iter().any(|day| day["timezone"] != "Pacific/Auckland"), "{days:?}");
    let listed = fault(&server, &["list"]).json();
    assert_eq!(listed["faults"][0]["struck"], 2);
    let id = listed["faults"][0]["id"].to_string();
    assert_eq!(fault(&server, &["remove", &id]).json(), json!({ "removed": 1 }));
    assert!(fault(&server, &["remove", &id]).failed(3).contains("no fault of that number"));
    assert_eq!(fault(&server, &["remove", "--all"]).json(), json!({ "removed": 0 }));
    // What cannot be is said before anything is sent, or by the sandbox.
    assert!(fault(&server, &["add", "to-many"]).failed(3).contains("did you mean too-many?"));
    let misused = |arguments: &[&str], words: &str| {
        let ran = fault(&server, arguments);
        assert!(ran.code == Some(2) && ran.stderr.contains(words), "{ran:?}");
    };
    misused(&["add", "cut", "--count", "1", "--probability", "0.5"], "cannot be used with");
    misused(&["add", "cut", "--seed", "1"], "--probability");
    misused(&["add", "--scenario", "token.race", "--count", "1"], "cannot be used with");
    misused(&["add"], "required");
    misused(&["add", "cut", "--set", "after"], "a name and a value");
}

#[test]
fn a_server_that_is_no_sandbox_is_told_apart() {
    let home = Home::new();
    let server = home.serves();
    for command in [&["list"][..], &["add", "cut"], &["remove", "--all"]] {
        let refused = fault(&server, command);
        assert!(refused.failed(1).contains("is no sandbox"), "{refused:?}");
    }
}

/// The rows of a table of a document, each with its cells; the head is left out.
fn table(text: &str, head: &str) -> Vec<Vec<String>> {
    let lines = text.lines().skip_while(|line| *line != head).skip(2);
    let rows = lines.take_while(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_document_lists_what_can_be_asked_for() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sandbox-faults.md");
    let text = std::fs::read_to_string(path).expect("the document");
    let known = run(vitald(&["fault", "kinds", "--json"]), "").json();
    let strings = |value: &Value| -> String {
        let all = value.as_array().into_iter().flatten();
        all.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kinds = known["kinds"].as_array().expect("kinds").iter().map(|kind| {
        let settings = kind["settings"].as_array().into_iter().flatten();
        let settings: Vec<String> = settings.map(|setting| word(&setting["name"])).collect();
        vec![word(&kind["name"]), word(&kind["about"]), settings.join(", "), word(&kind["thread"])]
    });
    assert_eq!(
        table(&text, "| fault | what happens | settings | told of in |"),
        kinds.collect::<Vec<_>>()
    );
    let scenarios = known["scenarios"].as_array().expect("scenarios").iter().map(|one| {
        let by = match one["faults"].as_array().is_some_and(Vec::is_empty) {
            true => word(&one["persona"]),
            false => strings(&one["faults"]),
        };
        vec![word(&one["name"]), word(&one["about"]), by, word(&one["thread"])]
    });
    let rows = table(&text, "| scenario | what happens | by | told of in |");
    assert_eq!(rows, scenarios.collect::<Vec<_>>());
}
