//! `vitald doctor`: what it finds, how it ends, and that it changes nothing.

use crate::home::{Home, Ran, run, vitald};
use crate::on_both_engines;
use serde_json::Value as Json;
use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

const SECRET: &str = "s3cret-of-mine";

on_both_engines!(
    a_healthy_store_has_no_problem_and_is_left_as_it_is,
    a_new_place_has_no_problem_and_nothing_is_made,
    a_running_server_is_recognised,
    a_newer_schema_is_a_problem,
    a_schema_that_lacks_a_migration_is_told,
    a_key_that_is_missing_open_to_others_or_anothers_is_a_problem,
    an_entry_of_the_future_is_a_problem_of_the_clock,
);

/// What the doctor finds at an address the system chooses.
fn examines(home: &Home) -> Ran {
    home.runs(&["doctor", "--offline", "--json", "--listen", "127.0.0.1:0"])
}

/// The outcome of a check, and what is said of it.
#[track_caller]
fn finding(ran: &Ran, check: &str) -> (String, String) {
    let list: Json = serde_json::from_str(&ran.stdout).expect("JSON");
    let of = list.as_array().unwrap().iter().find(|finding| finding["check"] == check);
    let of = of.unwrap_or_else(|| panic!("{check} in {list}"));
    let is_ok = of["outcome"] == "ok";
    assert_eq!(is_ok, of["mend"].is_null(), "what is wrong has a mend: {of}");
    let text = |field: &str| of[field].as_str().unwrap().to_owned();
    (text("outcome"), text("says"))
}

/// A check that is a problem, which the code tells.
#[track_caller]
fn is_problem(ran: &Ran, check: &str, said: &str) {
    let (outcome, says) = finding(ran, check);
    assert_eq!((outcome.as_str(), ran.code), ("problem", Some(1)), "{ran:?}");
    assert!(says.contains(said), "{says}");
}

#[track_caller]
fn is_ok(ran: &Ran, check: &str, said: &str) {
    let (outcome, says) = finding(ran, check);
    assert_eq!(outcome, "ok", "{says}");
    assert!(says.contains(said), "{says}");
}

fn a_healthy_store_has_no_problem_and_is_left_as_it_is(home: &Home) {
    home.person("anna@example.org");
    let names = || {
        let files = std::fs::read_dir(home.data()).unwrap();
        let mut files: Vec<_> = files
            .map(|file| file.unwrap().path())
            .map(|file| (file.clone(), std::fs::read(file).unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = names();
    let ran = examines(home);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for (check, said) in [
        ("folder", "written"),
        ("key", "database's own"),
        ("database", ""),
        ("migrations", "this version's"),
        ("clock", ""),
        ("listen", "free"),
        ("public_url", ""),
    ] {
        is_ok(&ran, check, said);
    }
    assert!(!ran.stdout.contains("outbound"), "nothing outside is touched: {ran:?}");
    assert!(names() == before, "something was changed");
}

fn a_new_place_has_no_problem_and_nothing_is_made(home: &Home) {
    let ran = examines(home);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    is_ok(&ran, "key", "not there yet");
    is_ok(&ran, "migrations", "new");
    assert!(!home.data().exists());
    assert!(home.schema_is_empty(), "no table was made");
}

fn a_running_server_is_recognised(home: &Home) {
    let server = home.serves();
    let address = server.base_url.strip_prefix("http://").unwrap();
    let ran = home.runs(&["doctor", "--offline", "--json", "--listen", address]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    is_ok(&ran, "listen", "a vitald runs already");
    is_ok(&ran, "key", "database's own");
}

fn a_newer_schema_is_a_problem(home: &Home) {
    home.person("anna@example.org");
    let later = "insert into schema_migration (name, checksum, applied) values ('9999_x', '', 0)";
    home.tampers(later);
    is_problem(&examines(home), "migrations", "9999_x");
}

fn a_schema_that_lacks_a_migration_is_told(home: &Home) {
    home.person("anna@example.org");
    home.tampers("update schema_migration set checksum = 'x'");
    is_problem(&examines(home), "migrations", "another text");
    home.tampers("delete from schema_migration");
    let (_, says) = finding(&examines(home), "migrations");
    assert!(says.contains("0001_initial"), "{says}");
}

fn a_key_that_is_missing_open_to_others_or_anothers_is_a_problem(home: &Home) {
    home.person("anna@example.org");
    let key = home.data().join("vitald.key");
    std::fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    is_problem(&examines(home), "key", "mode 640");
    let other = Home::new();
    other.person("ben@example.org");
    std::fs::copy(other.data().join("vitald.key"), &key).expect("copied");
    is_problem(&examines(home), "key", "not the one");
    std::fs::write(&key, "no key").expect("written");
    is_problem(&examines(home), "key", "does not hold");
    std::fs::remove_file(&key).expect("removed");
    is_problem(&examines(home), "key", "missing");
    assert!(!key.exists());
}

fn an_entry_of_the_future_is_a_problem_of_the_clock(home: &Home) {
    home.person("anna@example.org");
    home.tampers("update person set modified = 4102444800");
    is_problem(&examines(home), "clock", "before the newest entry");
}

#[test]
fn an_address_another_program_has_is_a_problem() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().unwrap().to_string();
    // Whoever is there says nothing and goes.
    let there = std::thread::spawn(move || drop(taken.accept()));
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let scale = other.local_addr().unwrap().to_string();
    let listen = ["--listen", &address, "--scale-listen", &scale];
    let ran = home.runs(&[["doctor", "--offline", "--json"].as_slice(), &listen].concat());
    there.join().expect("asked");
    is_problem(&ran, "scale_listen", "in use");
}

#[test]
fn a_listener_for_everybody_without_https_is_warned_of() {
    let home = Home::new();
    let examine = ["doctor", "--offline", "--json", "--listen", "0.0.0.0:0"];
    let ran = home.runs(&examine);
    assert_eq!((finding(&ran, "public_url").0.as_str(), ran.code), ("warning", Some(0)));
    let url = |url| home.runs(&[examine.as_slice(), &["--public-url", url]].concat());
    assert_eq!(finding(&url("http://health.example.org"), "public_url").0, "warning");
    is_ok(&url("https://health.example.org"), "public_url", "https");
}

#[test]
fn a_configuration_that_cannot_be_read_is_a_finding() {
    let mut command = vitald(&["doctor", "--json"]);
    command.env("VITALD_CONNECTIONS", "many");
    is_problem(&run(command, ""), "configuration", "VITALD_CONNECTIONS");
}

#[test]
fn a_file_with_the_databases_address_that_others_can_read_is_warned_of() {
    let home = Home::new();
    let file = home.data().with_file_name("vitald.toml");
    let address = format!("postgres://me:{SECRET}@127.0.0.1:1/x?sslmode=disable");
    std::fs::write(&file, format!("database = \"{address}\"")).expect("written");
    let mut command = home.command(&["doctor", "--offline", "--json"]);
    command.env("VITALD_CONFIG", &file);
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let ran = run(command, "");
    assert_eq!(finding(&ran, "configuration").0, "warning");
    is_problem(&ran, "database", "cannot open");
    assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{ran:?}");
}

#[test]
fn the_way_out_is_tried_without_sending_anything() {
    let home = Home::new();
    let world = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = world.local_addr().unwrap().to_string();
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        let (mut caller, _) = world.accept().expect("a caller");
        std::io::Read::read_to_end(&mut caller, &mut heard).expect("the end");
        heard
    });
    let ran = home.runs(&["doctor", "--json", "--listen", "127.0.0.1:0", "--reach", &place]);
    is_ok(&ran, "outbound", &place);
    assert_eq!(heard.join().expect("heard"), b"");
    // Nobody is there any more.
    let ran = home.runs(&["doctor", "--json", "--listen", "127.0.0.1:0", "--reach", &place]);
    assert_eq!((finding(&ran, "outbound").0.as_str(), ran.code), ("warning", Some(0)));
}

#[test]
fn people_read_lines_with_their_mends() {
    let home = Home::new();
    std::fs::write(home.data(), "a file").expect("written");
    let ran = home.runs(&["doctor", "--offline", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("PROBLEM  folder")).expect("a line");
    assert!(lines[at + 1].trim_start().starts_with("mend: name another"), "{ran:?}");
}
