//! How commands that do not succeed end: the code tells a script what kind of failure it is, the
//! one line names the parameter, and neither repeats a secret.

use crate::home::{Home, run, vitald};
use std::net::TcpListener;

const SECRET: &str = "s3cret-of-mine";
/// A server that takes no address from another test.
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        vec![],
        vec!["frobnicate"],
        vec!["user", "create"],
        vec!["user", "list", "--frobnicate"],
        vec!["user", "create", "--email", "a@example.org", "--birthdate", "yesterday"],
        vec!["user", "create", "--email", "a@example.org", "--gender", "other"],
        vec!["user", "create", "--email", "a@b.c", "--password", SECRET, "--password-stdin"],
        vec!["client", "create", "--name", "x"],
        vec!["device", "register", "--mac", "x", "--model", "four", "--user", "x"],
        vec!["weighing", "claim", "--user", "x"],
        vec!["call", "measure"],
        vec!["call", "measure", "getmeas", "meastype"],
        vec!["call", "measure", "getmeas", "--url", "nowhere"],
        vec!["call", "measure", "getmeas", "--url", "ftp://localhost"],
        vec!["call", "measure", "getmeas", "--user", "x"],
        vec!["call", "measure", "getmeas", "--user", "x", "--client", "y", "--url", "http://x"],
        vec!["serve", "--listen", "nowhere"],
        vec!["serve", "--public-url", "health.example.org"],
        vec!["serve", "--public-url", "https://example.org/health"],
        vec!["completions", "notashell"],
    ] {
        let ran = run(vitald(&arguments), "");
        assert_eq!((ran.code, &arguments), (Some(2), &arguments), "{ran:?}");
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{ran:?}");
        assert!(!ran.stderr.contains(SECRET), "{ran:?}");
    }
}

#[test]
fn what_cannot_be_ends_with_3_and_names_the_parameter() {
    let home = Home::new();
    home.person("anna@example.org");
    let user = |flag: &'static str, value: &'static str| {
        vec!["user", "create", "--email", "b@example.org", "--password", SECRET, flag, value]
    };
    let device = |mac: &'static str, model: &'static str, user: &'static str| {
        vec!["device", "register", "--mac", mac, "--model", model, "--user", user]
    };
    let (mac, anna) = ("00:24:e4:5c:a1:e5", "anna@example.org");
    for (named, arguments) in [
        ("email", vec!["user", "create", "--email", "nonsense", "--password", SECRET]),
        ("email", vec!["user", "create", "--email", anna, "--password", SECRET]),
        ("timezone", user("--timezone", "Mars/Olympus")),
        ("shortname", user("--shortname", "far too long")),
        ("height", user("--height", "178")),
        ("weight", user("--weight", "701")),
        ("goal-weight", user("--goal-weight", "much")),
        ("name", vec!["client", "create", "--name", " ", "--redirect-uri", "http://localhost"]),
        ("redirect-uri", vec!["client", "create", "--name", "x", "--redirect-uri", "nowhere"]),
        ("mac", device("nonsense", "4", anna)),
        ("model", device(mac, "987654", anna)),
        ("user", device(mac, "4", "nobody@example.org")),
        ("user", device(mac, "4", "1")),
        ("weighing", vec!["weighing", "claim", "1", "--user", anna]),
    ] {
        let ran = home.runs(&arguments);
        let line = ran.failed(3);
        assert!(line.contains(named), "{named} in {line}");
        assert!(!line.contains(SECRET), "{line}");
    }
    let listed = home.json(&["user", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "nothing was made: {listed}");
    assert_eq!(home.json(&["device", "list"]), serde_json::json!([]));
}

#[test]
fn a_password_that_is_refused_is_not_repeated() {
    let home = Home::new();
    let create = ["user", "create", "--email", "b@example.org"];
    for short in ["short7!", "ä", ""] {
        let given = home.runs(&[create.as_slice(), &["--password", short]].concat());
        let typed = [create.as_slice(), &["--password-stdin"]].concat();
        for ran in [given, home.runs_with_input(&typed, short)] {
            let line = ran.failed(3);
            assert!(line.contains("password"), "{line}");
            assert!(short.is_empty() || !line.contains(short), "{line}");
        }
    }
}

#[test]
fn a_store_that_is_not_there_ends_with_1_and_is_not_made() {
    let home = Home::new();
    for arguments in [["user", "list"], ["client", "list"], ["device", "list"]] {
        let ran = home.runs(&arguments);
        assert!(ran.failed(1).contains("--data"), "{ran:?}");
        assert!(!home.data().exists());
    }
}

#[test]
fn a_store_without_its_key_ends_with_1_and_gets_no_other() {
    let home = Home::new();
    home.person("anna@example.org");
    let (key, kept) = (home.data().join("vitald.key"), home.data().join("kept"));
    std::fs::rename(&key, &kept).expect("renamed");
    let create = ["user", "create", "--email", "b@example.org", "--log", "warn"];
    let commands =
        [["user", "list"].as_slice(), &create, &["migrate"], &["migrate", "--dry-run"], &SERVE];
    for arguments in commands {
        let ran = home.runs(arguments);
        assert!(ran.failed(1).contains("vitald.key"), "{ran:?}");
        assert!(!key.exists(), "no key is made for it: {arguments:?}");
    }
    std::fs::write(&key, "no key").expect("written");
    assert!(home.runs(&["user", "list"]).failed(1).contains("vitald.key"));
    std::fs::rename(&kept, &key).expect("renamed");
    assert_eq!(home.json(&["user", "list"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn another_key_ends_with_1() {
    let (home, other) = (Home::new(), Home::new());
    home.person("anna@example.org");
    other.person("ben@example.org");
    let key = |home: &Home| home.data().join("vitald.key");
    std::fs::copy(key(&other), key(&home)).expect("copied");
    for arguments in [["user", "list"].as_slice(), &["migrate"], &SERVE] {
        assert!(home.runs(arguments).failed(1).contains("not the one"), "{arguments:?}");
    }
}

#[test]
fn a_database_out_of_reach_ends_with_1_and_keeps_its_password() {
    let home = Home::new();
    assert_eq!(home.runs(&["migrate"]).code, Some(0), "there is a key");
    // A port that was free a moment ago, so that nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().unwrap().port();
    let address = format!("postgres://vitald:{SECRET}@127.0.0.1:{port}/vitald?sslmode=disable");
    let nonsense = format!("host=/nowhere password={SECRET} x");
    for address in [address, nonsense] {
        for arguments in [["user", "list"].as_slice(), &["migrate"], &SERVE] {
            let mut command = home.command(arguments);
            command.args(["--log", "trace"]).env("VITALD_DATABASE", &address);
            let ran = run(command, "");
            assert_eq!(ran.code, Some(1), "{ran:?}");
            assert!(ran.stderr.contains("database"), "{ran:?}");
            assert!(!ran.stderr.contains(SECRET) && !ran.stdout.contains(SECRET));
        }
    }
}

#[test]
fn an_address_that_is_taken_ends_with_1() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().unwrap().to_string();
    let ran = home.runs(&["serve", "--listen", &address, "--log", "warn"]);
    assert!(ran.failed(1).contains(&address), "{ran:?}");
}

#[test]
fn the_demo_runs_on_the_embedded_store_alone() {
    let home = Home::new();
    let ran = home.runs(&["demo", "--database", "postgres://localhost/x"]);
    assert!(ran.failed(1).contains("embedded"), "{ran:?}");
    assert!(!home.data().exists());
}

#[test]
fn the_demo_keeps_away_from_peoples_own_data() {
    let home = Home::new();
    home.person("anna@example.org");
    let ran = home.runs(&["demo", "--listen", "127.0.0.1:0", "--log", "warn"]);
    assert!(ran.failed(3).contains("data"), "{ran:?}");
    assert_eq!(home.json(&["user", "list"]).as_array().map(Vec::len), Some(1));
    assert_eq!(home.json(&["client", "list"]), serde_json::json!([]));
}

#[test]
fn an_unknown_log_level_is_named() {
    let ran = run(vitald(&["device", "models", "--log", "planted=="]), "");
    let line = ran.failed(2);
    assert!(line.starts_with("--log: expected") && !line.contains("planted"), "{line}");
}
