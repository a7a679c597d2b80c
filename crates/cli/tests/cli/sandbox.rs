//! A sandbox: its clock is turned, and everything that waits for a moment happens at that moment.

use crate::home::{Home, Ran, run, vitald};
use crate::on_both_engines;
use crate::process::Process;
use serde_json::{Value, json};

on_both_engines!(
    a_test_order_plays_while_the_clock_is_turned,
    a_clock_that_was_turned_is_after_a_restart,
    the_same_seed_is_the_same_life_on_either_engine,
);

/// `vitald clock …` on a sandbox that runs.
fn clock(server: &Process, arguments: &[&str]) -> Ran {
    let url = ["--url", server.base_url.as_str()];
    run(vitald(&[&["clock"], arguments, &url, &["--json"]].concat()), "")
}

fn shows(server: &Process) -> i64 {
    clock(server, &["show"]).json()["now"].as_i64().expect("a number")
}

/// An application that orders, and whose receiver is nowhere: what it is told is in the log.
fn shop(home: &Home) -> [String; 4] {
    let entitled = ["--entitlement", "logistics"];
    let create = ["organization", "create", "--name", "Clinic"];
    let number = home.text(&[&create, &entitled[..]].concat(), "organization_id");
    let create = ["client", "create", "--name", "Shop", "--redirect-uri", "https://shop.example/"];
    let more = ["--organization", &number, "--notify-uri", "http://127.0.0.1:9/orders"];
    let client = home.json(&[&create, &more[..], &entitled].concat());
    let add = ["product", "add", "--ean", "3700546702518", "--name", "A scale", "--model", "13"];
    home.json(&add);
    let text = |name: &str| client[name].as_str().expect("a text").to_owned();
    ["--client-id".into(), text("client_id"), "--client-secret".into(), text("client_secret")]
}

fn calls(server: &Process, proof: &[String; 4], call: &[&str]) -> Value {
    let proof: Vec<_> = proof.iter().map(String::as_str).collect();
    let url = ["--url", server.base_url.as_str(), "--json"];
    run(vitald(&[&["call"], call, &proof, &url].concat()), "").json()
}

fn a_test_order_plays_while_the_clock_is_turned(home: &Home) {
    let proof = shop(home);
    let server = home.serves_with(&["--sandbox"]);
    let begun = clock(&server, &["freeze"]).json()["now"].as_i64().expect("a number");
    let order = json!([{
        "customer_ref_id": "REF-1",
        "address": {
            "name": "Anna", "email": "anna@example.org", "address1": "1 rue de la Paix",
            "city": "Paris", "zip": "75002", "country": "FR",
        },
        "products": [{ "ean": "3700546702518", "quantity": 1 }],
    }]);
    let order = format!("order={order}");
    calls(&server, &proof, &["dropshipment", "createorder", &order, "testmode=1"]);
    let order_is = |name: &str| {
        let call = ["order", "getdetail", "customer_ref_ids=[\"REF-1\"]"];
        calls(&server, &proof, &call)["body"]["orders"][0][name].clone()
    };
    assert_eq!(order_is("status"), "CREATED");
    assert_eq!(clock(&server, &["advance", "35s"]).json()["now"], begun + 35);
    assert_eq!(order_is("status"), "PROCESSING");
    let turned = clock(&server, &["advance", "1d"]).json();
    assert_eq!((&turned["now"], &turned["frozen"]), (&json!(begun + 86_435), &json!(true)));
    assert_eq!(order_is("parcel_status"), "delivered");
    // Signed by a clock that was not turned, the calls above were taken all the same.
    assert_eq!(shows(&server), begun + 86_435);
    // Every move was told when it happened, and tried on schedule before the clock passed it.
    let told = home.json(&["notification", "list", &proof[1]]);
    let told = told.as_array().expect("a list");
    assert_eq!(told.len(), 8, "{told:?}");
    assert!(told.iter().all(|one| one["state"] != "waiting"), "{told:?}");
}

fn a_clock_that_was_turned_is_after_a_restart(home: &Home) {
    let mut server = home.serves_with(&["--sandbox"]);
    let begun = shows(&server);
    let turned = clock(&server, &["advance", "30d", "--freeze"]).json()["now"].clone();
    let turned = turned.as_i64().expect("a number");
    assert!((begun + 2_592_000..begun + 2_593_000).contains(&turned));
    for back in [format!("{begun}"), "2001-01-01T00:00:00Z".to_owned()] {
        assert!(clock(&server, &["advance", "--to", &back]).failed(3).contains("to"));
    }
    for wrong in ["1x", "soon", "1000000d"] {
        let wrong = clock(&server, &["advance", wrong]);
        assert!(wrong.failed(3).contains("advance"), "{wrong:?}");
    }
    server.signals("TERM");
    assert!(server.ends().success());
    // Also for commands beside it: whoever is made now is made then.
    let person = home.json(&["user", "create", "--email", "anna@example.org"]);
    let server = home.serves_with(&["--sandbox"]);
    assert_eq!(shows(&server), turned);
    let listed = home.json(&["user", "list"]);
    assert_eq!(listed[0]["created"], turned, "{person}");
    assert_eq!(clock(&server, &["resume"]).json()["frozen"], false);
    assert!(shows(&server) >= turned);
}

#[test]
fn a_server_that_is_no_sandbox_has_a_clock_like_any_other() {
    let home = Home::new();
    let server = home.serves();
    let refused = clock(&server, &["advance", "1d"]);
    assert!(refused.failed(1).contains("is no sandbox"), "{refused:?}");
}

#[test]
fn a_sandbox_with_a_token_hears_who_has_it() {
    let home = Home::new();
    let mut command =
        home.command(&["serve", "--listen", "127.0.0.1:0", "--log-json", "--sandbox"]);
    command.env("VITALD_SANDBOX_TOKEN", "a token of this test");
    let mut server = Process::start(command);
    let line: Value = serde_json::from_str(&server.waits_for_log("\"listening\"")).expect("JSON");
    let address = line["fields"]["address"].as_str().expect("an address");
    server.base_url = format!("http://{address}");
    assert!(clock(&server, &["show"]).failed(1).contains("401"));
    assert!(clock(&server, &["show", "--token", "another"]).failed(1).contains("401"));
    clock(&server, &["show", "--token", "a token of this test"]).json();
}

/// What programs read of somebody who lived for three days at a given time: without what is drawn
/// for each store.
fn lived(home: &Home) -> Vec<Value> {
    let mut server = home.serves_with(&["--sandbox"]);
    clock(&server, &["advance", "--to", "2030-03-28T00:00:00Z", "--freeze"]);
    let url = ["--url", server.base_url.clone().leak(), "--json"];
    let persona = |arguments: &[&str]| run(vitald(&[&["persona"], arguments, &url].concat()), "");
    let made = persona(&["add", "sleep-apnoea", "--seed", "7"]).json();
    assert_eq!((&made[0]["persona"], &made[0]["member"]), (&json!("sleep-apnoea"), &json!(0)));
    clock(&server, &["advance", "2d"]);
    // In the middle of a life the server may be started again.
    server.signals("TERM");
    assert!(server.ends().success());
    let server = home.serves_with(&["--sandbox"]);
    clock(&server, &["advance", "--to", "2030-03-31T12:00:00Z"]);
    let user = made[0]["userid"].to_string();
    let token = home.token(&user);
    let read = |path: &[&str]| {
        let url = ["--url", server.base_url.as_str(), "--token", token.as_str(), "--json"];
        run(vitald(&[&["call"], path, &url].concat()), "").json()["body"].clone()
    };
    let days = ["startdateymd=2030-03-27", "enddateymd=2030-04-01"];
    vec![
        read(&["measure", "getmeas", "category=1"])["measuregrps"].clone(),
        read(&[&["measure", "getactivity"], &days[..]].concat())["activities"].clone(),
        read(&[&["sleep", "getsummary"], &days[..]].concat())["series"].clone(),
        read(&["measure", "getintradayactivity", "startdate=1901100000", "data_fields=heart_rate"]),
    ]
    .into_iter()
    .map(without_draws)
    .collect()
}

fn without_draws(mut value: Value) -> Value {
    const DRAWN: [&str; 7] =
        ["id", "grpid", "deviceid", "hash_deviceid", "created", "modified", "userid"];
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, _| !DRAWN.contains(&name.as_str()));
            members.values_mut().for_each(|value| *value = without_draws(value.take()));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|value| *value = without_draws(value.take()));
        }
        _ => {}
    }
    value
}

fn the_same_seed_is_the_same_life_on_either_engine(home: &Home) {
    let (first, second) = (lived(&Home::new()), lived(home));
    for (at, read) in first.iter().enumerate() {
        assert!(read.as_array().is_none_or(|rows| !rows.is_empty()), "{at}: nothing was lived");
    }
    assert_eq!(first, second);
}

#[test]
fn a_family_on_one_scale_is_told_apart() {
    let home = Home::new();
    let server = home.serves_with(&["--sandbox"]);
    let url = ["--url", server.base_url.as_str(), "--json"];
    let add = ["persona", "add", "child", "--days", "20"];
    let family = run(vitald(&[&add[..], &url].concat()), "").json();
    let family = family.as_array().expect("a list");
    assert_eq!(family.len(), 3);
    let mut heaviest = Vec::new();
    for member in family {
        let token = home.token(&member["userid"].to_string());
        let read = ["call", "measure", "getmeas", "meastype=1", "--token", &token];
        let groups = run(vitald(&[&read[..], &url].concat()), "").json();
        let groups = groups["body"]["measuregrps"].as_array().expect("a list").clone();
        // Apart from what was told when the account was made, each of the scale that all share.
        let weighed = groups.iter().filter(|group| group["deviceid"].is_string());
        let kilograms = |group: &Value| {
            let (value, unit) = (&group["measures"][0]["value"], &group["measures"][0]["unit"]);
            let power = i32::try_from(unit.as_i64().expect("a unit")).expect("small");
            value.as_f64().expect("a value") * 10_f64.powi(power)
        };
        heaviest.push(weighed.map(kilograms).fold(0.0, f64::max));
    }
    assert!(heaviest[0] > 10.0 && heaviest[0] + 5.0 < heaviest[1].min(heaviest[2]), "{heaviest:?}");
    assert!((heaviest[1] - heaviest[2]).abs() > 3.0, "{heaviest:?}");
}

#[test]
fn a_snapshot_takes_people_and_faults_along() {
    let home = Home::new();
    let server = home.serves_with(&["--sandbox"]);
    let url = ["--url", server.base_url.as_str(), "--json"];
    let asks = |arguments: &[&str]| run(vitald(&[arguments, &url].concat()), "").json();
    asks(&["clock", "freeze"]);
    let made = asks(&["persona", "add", "runner", "--days", "2"]);
    let lives = || {
        // A new one each time: tokens end as the clock goes on.
        let token = home.token(&made[0]["userid"].to_string());
        let days = ["startdateymd=2020-01-01", "enddateymd=2040-01-01"];
        let read = [&["call", "measure", "getactivity", "--token", token.as_str()], &days[..]];
        without_draws(asks(&read.concat())["body"]["activities"].clone())
    };
    asks(&["fault", "add", "cut", "--count", "1", "--operation", "heart/list"]);
    let (people, faults) = (asks(&["persona", "list"]), asks(&["fault", "list"]));
    asks(&["snapshot", "save", "early"]);
    asks(&["clock", "advance", "3d"]);
    asks(&["fault", "remove", "--all"]);
    asks(&["persona", "add", "sedentary"]);
    let later = lives();
    asks(&["snapshot", "restore", "early"]);
    assert_eq!((asks(&["persona", "list"]), asks(&["fault", "list"])), (people, faults));
    assert_ne!(lives(), later);
    // The same days come again.
    asks(&["clock", "advance", "3d"]);
    assert_eq!(lives(), later);
}

#[test]
fn nobody_impossible_is_made() {
    let home = Home::new();
    let server = home.serves_with(&["--sandbox"]);
    let url = ["--url", server.base_url.as_str()];
    for (arguments, named) in [
        (["add", "superman"].as_slice(), "persona"),
        (&["add", "runner", "--timezone", "Mars/Olympus"], "zone"),
        (&["add", "runner", "--days=-1"], "days"),
        (&["add", "runner", "--days", "100000"], "days"),
        (&["add", "runner", "--email", "nobody"], "email"),
    ] {
        let refused = run(vitald(&[&["persona"], arguments, &url].concat()), "");
        assert!(refused.failed(3).contains(named), "{refused:?}");
    }
    assert_eq!(home.json(&["user", "list"]), json!([]));
}
