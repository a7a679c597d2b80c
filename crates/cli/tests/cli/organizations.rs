//! Organizations, what their applications may do, and secrets that are renewed: as an operator does
//! it, and as the application then meets it.

use crate::home::Home;
use serde_json::{Value, json};

/// An organization, and an application of it.
fn clinic(home: &Home, entitlements: &[&str]) -> (Value, Value) {
    let given: Vec<&str> = entitlements.iter().flat_map(|name| ["--entitlement", name]).collect();
    let organization =
        home.json(&[&["organization", "create", "--name", "Clinic"], &given[..]].concat());
    let number = organization["organization_id"].to_string();
    let create = ["client", "create", "--name", "Ward", "--redirect-uri", "https://ward.example/"];
    let client = home.json(&[&create, &["--organization", &number][..], &given].concat());
    (organization, client)
}

/// Arguments that prove who calls.
fn proof(client: &Value) -> [String; 4] {
    let text = |name: &str| client[name].as_str().expect("a text").to_owned();
    ["--client-id".into(), text("client_id"), "--client-secret".into(), text("client_secret")]
}

fn call<'a>(action: &'a [&'a str], proof: &'a [String; 4]) -> Vec<&'a str> {
    let given = proof.iter().map(String::as_str);
    ["call"].into_iter().chain(action.iter().copied()).chain(given).collect()
}

#[test]
fn an_application_may_do_what_its_contract_says_and_no_more() {
    let home = Home::new();
    let (organization, client) = clinic(&home, &["cellular"]);
    assert_eq!(organization["entitlements"], json!(["cellular"]));
    let id = client["client_id"].as_str().expect("an id");
    let made = home.json(&["user", "create", "--email", "own@example.org", "--owned-by", id]);
    let proof = proof(&client);
    let listed = home.json(&call(&["oauth2", "listusers"], &proof));
    let users = &listed["body"]["users"];
    assert_eq!((&users[0]["userid"], &users[0]["fully_owned"]), (&made["userid"], &json!(true)));
    let beyond = ["--entitlement", "logistics"];
    let refused = home.runs(&[&["client", "change", id], &beyond[..]].concat());
    assert!(refused.failed(3).contains("the organization has no logistics"));
    let number = organization["organization_id"].to_string();
    let entitled = home.json(&["organization", "entitle", &number, "--entitlement", "logistics"]);
    assert_eq!(entitled["entitlements"], json!(["logistics"]));
    let changed = home.json(&[&["client", "change", id], &beyond[..]].concat());
    assert_eq!(changed["entitlements"], json!(["logistics"]));
    // What needs another contract is refused, as the wire says it.
    let recover = home.runs(&call(&["oauth2", "recoverauthorizationcode", "userid=1"], &proof));
    assert!(recover.failed(3).contains("277"));
    assert_eq!(home.json(&["organization", "list"]), json!([entitled]));
}

#[test]
fn a_new_secret_and_the_old_one_are_both_good_for_a_while() {
    let home = Home::new();
    let (_, client) = clinic(&home, &["sdk"]);
    let id = client["client_id"].as_str().expect("an id");
    let renewed = home.json(&["client", "rotate-secret", id]);
    assert_ne!(renewed["client_secret"], client["client_secret"]);
    for known in [&client, &renewed] {
        home.json(&call(&["oauth2", "listusers"], &proof(known)));
    }
    let last = home.json(&["client", "rotate-secret", id, "--overlap", "0"]);
    home.json(&call(&["oauth2", "listusers"], &proof(&last)));
    let old = proof(&renewed);
    assert!(home.runs(&call(&["oauth2", "listusers"], &old)).failed(3).contains("342"));
    let shown = home.runs(&["client", "show", id]);
    let secret = last["client_secret"].as_str().expect("a secret");
    assert!(shown.stdout.contains("Ward") && !shown.stdout.contains(secret), "{shown:?}");
}

#[test]
fn what_is_said_of_an_application_can_be_changed_piece_by_piece() {
    let home = Home::new();
    let (_, client) = clinic(&home, &[]);
    let id = client["client_id"].as_str().expect("an id");
    let change = |more: &[&str]| home.runs(&[&["client", "change", id, "--json"], more].concat());
    let first = change(&["--environment", "prod", "--requests-per-minute", "0"]).json();
    assert_eq!((&first["environment"], &first["requests_per_minute"]), (&json!("prod"), &json!(0)));
    let second = change(&["--redirect-uri", "http://localhost/", "--description", "A ward"]).json();
    assert_eq!(second["redirect_uris"], json!(["http://localhost/"]));
    assert_eq!((&second["environment"], &second["is_restricted"]), (&json!("prod"), &json!(true)));
    assert!(change(&["--notify-uri", "ftp://x"]).failed(3).contains("notify-uri"));
    assert_eq!(change(&["--environment", "moon"]).code, Some(2));
    assert!(home.runs(&["client", "show", "nobody"]).failed(3).contains("client"));
}

#[test]
fn a_list_of_devices_is_registered_for_an_organization_or_nothing_of_it() {
    let home = Home::new();
    let (organization, _) = clinic(&home, &["cellular"]);
    let number = organization["organization_id"].to_string();
    let import = |text: &str, more: &[&str]| {
        let import = ["device", "import", "-", "--organization", &number, "--json"];
        home.runs_with_input(&[&import, more].concat(), text)
    };
    let flawed = import("00:24:e4:00:00:01,17\nnonsense,17\n00:24:e4:00:00:02,0\n", &[]);
    let told = flawed.failed(3);
    assert!(told.contains("2 lines cannot be") && told.contains("line 3: model"), "{told}");
    assert!(!told.contains("nonsense"), "{told}");
    let list = "mac,model,serial\n00:24:e4:00:00:01,17,S-1\n00:24:e4:00:00:02,47,S-2\n";
    let count = |registered: u64, known: u64| json!({ "registered": registered, "known": known });
    assert_eq!(import(list, &["--dry-run"]).json(), count(2, 0));
    assert_eq!(home.json(&["device", "list"]), json!([]));
    assert_eq!(import(list, &[]).json(), count(2, 0));
    assert_eq!(import(list, &[]).json(), count(0, 2));
    let fleet = home.json(&["device", "list", "--organization", &number]);
    let serials: Vec<_> =
        fleet.as_array().expect("a list").iter().map(|one| &one["serial"]).collect();
    assert!(serials.contains(&&json!("S-1")) && serials.contains(&&json!("S-2")), "{fleet}");
    assert_eq!(home.json(&["device", "list", "--organization", "1"]), json!([]));
}
