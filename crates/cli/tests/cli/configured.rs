//! Settings from a file, the environment and flags: what wins, what is refused, and that nothing is
//! made before everything is right.

use crate::home::{Home, Ran, run, vitald};
use serde_json::Value as Json;
use std::process::Command;
use tempfile::TempDir;

const SECRET: &str = "s3cret-of-mine";

/// `vitald`, started in a folder in which there is this configuration file and nothing else.
fn in_folder(text: &str, arguments: &[&str]) -> (TempDir, Command) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("vitald.toml"), text).expect("written");
    let mut command = vitald(arguments);
    command.env_remove("VITALD_CONFIG").current_dir(folder.path());
    (folder, command)
}

/// What ends with 2 and makes nothing: its line.
fn refused(text: &str, arguments: &[&str]) -> String {
    let (folder, command) = in_folder(text, arguments);
    let ran = run(command, "");
    let line = ran.failed(2).to_owned();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was made");
    line
}

/// A setting as `config show --json` shows it.
fn shown(ran: &Ran, setting: &str) -> (Json, String) {
    let list = ran.json();
    let of = list.as_array().unwrap().iter().find(|shown| shown["setting"] == setting);
    let of = of.expect("the setting");
    (of["value"].clone(), of["from"].as_str().unwrap().to_owned())
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let text = "listen = \"127.0.0.1:1\"\nscale_listen = \"127.0.0.1:2\"\nqueue_jobs = 5\n";
    let show = ["config", "show", "--json", "--listen", "127.0.0.1:4"];
    let (_folder, mut command) = in_folder(text, &show);
    command.env("VITALD_SCALE_LISTEN", "127.0.0.1:3").env("VITALD_LISTEN", "127.0.0.1:3");
    let ran = run(command, "");
    let is = |value: &str, from: &str| (Json::from(value), from.to_owned());
    assert_eq!(shown(&ran, "listen"), is("127.0.0.1:4", "flag"));
    let from = "environment VITALD_SCALE_LISTEN";
    assert_eq!(shown(&ran, "scale_listen"), is("127.0.0.1:3", from));
    assert_eq!(shown(&ran, "queue_jobs"), is("5", "file vitald.toml"));
    assert_eq!(shown(&ran, "connections"), is("8", "default"));
}

#[test]
fn a_server_and_commands_obey_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    let data = folder.path().join("here");
    let text = format!(
        "data = \"{}\"\nlisten = \"127.0.0.1:0\"\nscale_listen = \"127.0.0.1:0\"\n\
         log_format = \"json\"\nconnections = 2\n",
        data.display()
    );
    std::fs::write(&file, text).expect("written");
    let command = |arguments: &[&str]| {
        let mut command = vitald(arguments);
        command.env("VITALD_CONFIG", &file);
        command
    };
    let mut server = crate::process::Process::start(command(&["serve"]));
    assert!(server.waits_for_log("listening for scales").starts_with('{'), "the log is JSON");
    let create = ["user", "create", "--email", "anna@example.org"];
    assert_eq!(run(command(&create), "").code, Some(0));
    assert!(data.join("vitald.db").exists() && data.join("vitald.key").exists());
}

#[test]
fn an_unknown_name_ends_with_2_and_says_which_was_meant() {
    let text = "data = \"here\"\nlistn = \"127.0.0.1:0\"\n";
    for arguments in [["serve"].as_slice(), &["user", "list"], &["migrate"], &["config", "show"]] {
        let line = refused(text, arguments);
        let expected = "unknown setting `listn` in vitald.toml line 2; did you mean `listen`?";
        assert_eq!(line, expected);
    }
    let mut command = vitald(&["user", "list"]);
    command.env("VITALD_DATABSE", SECRET);
    let ran = run(command, "");
    assert!(ran.failed(2).contains("did you mean VITALD_DATABASE?"), "{ran:?}");
    assert!(!ran.stderr.contains(SECRET));
}

#[test]
fn a_wrong_value_ends_with_2_and_a_secret_is_not_repeated() {
    let line = refused("listen = 8080", &["serve"]);
    let expected = "`listen` in vitald.toml line 1: expected an address and port such as \
        127.0.0.1:8080";
    assert_eq!(line, expected);
    let secret = format!("database = [\"postgres://me:{SECRET}@localhost/x\"]");
    let line = refused(&secret, &["serve"]);
    assert!(line.contains("`database`") && !line.contains(SECRET), "{line}");
    let torn = format!("database = \"postgres://me:{SECRET}@localhost/x\n");
    let line = refused(&torn, &["serve"]);
    assert!(line.contains("line 1") && !line.contains(SECRET), "{line}");
    assert!(refused("log = \"==\"", &["serve"]).contains("`log` in vitald.toml line 1"));
    for (variable, value) in
        [("VITALD_LISTEN", "x"), ("VITALD_LOG", "=="), ("VITALD_CONNECTIONS", "0")]
    {
        let home = Home::new();
        let mut command = home.command(&["serve"]);
        command.env(variable, value);
        let ran = run(command, "");
        assert!(ran.failed(2).starts_with(&format!("{variable} in the environment")), "{ran:?}");
        assert!(!home.data().exists());
    }
}

#[test]
fn a_named_file_that_is_not_there_ends_with_2() {
    let home = Home::new();
    let ran = home.runs(&["serve", "--config", "/nowhere/vitald.toml"]);
    assert!(ran.failed(2).contains("/nowhere/vitald.toml"), "{ran:?}");
    assert!(!home.data().exists());
    // Neither the demo nor a completion script has to do with a real server's file.
    let script = run(vitald(&["completions", "bash", "--config", "/nowhere/vitald.toml"]), "");
    assert_eq!(script.code, Some(0), "{script:?}");
}

#[test]
fn other_variables_of_the_same_beginning_are_warned_of() {
    let mut command = vitald(&["config", "show"]);
    command.env("VITALD_SERVICE_HOST", "10.0.0.1").env("VITALD_TEST_POSTGRES", "x");
    let ran = run(command, "");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("VITALD_SERVICE_HOST") && !ran.stderr.contains("_TEST_"));
}

#[test]
fn what_is_shown_has_no_secret() {
    for more in [[].as_slice(), &["--json"]] {
        let mut command = vitald(&[&["config", "show"], more].concat());
        command.env("VITALD_DATABASE", format!("postgres://me:{SECRET}@localhost/x"));
        let ran = run(command, "");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains("VITALD_DATABASE") && !ran.stdout.contains(SECRET), "{ran:?}");
    }
}
