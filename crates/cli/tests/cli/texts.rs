//! What `vitald` says of itself.

use crate::home::{run, vitald};
use std::io::Read as _;
use std::process::Stdio;

#[test]
fn help_says_what_there_is() {
    let ran = run(vitald(&["--help"]), "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("help", ran.stdout);
}

#[test]
fn every_command_has_a_help_and_no_help_shows_a_setting() {
    for command in [
        "serve",
        "demo",
        "user",
        "client",
        "device",
        "weighing",
        "token",
        "call",
        "import",
        "notification",
        "migrate",
        "config",
        "doctor",
        "openapi",
        "completions",
    ] {
        let mut help = vitald(&[command, "--help"]);
        help.env("VITALD_DATABASE", "postgres://vitald:s3cret-of-mine@localhost/vitald");
        let ran = run(help, "");
        assert_eq!((ran.code, command), (Some(0), command), "{ran:?}");
        assert!(ran.stdout.contains("Usage: vitald"), "{ran:?}");
        assert!(!ran.stdout.contains("s3cret-of-mine"), "{ran:?}");
        assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    }
}

#[test]
fn the_version_is_the_packages() {
    let ran = run(vitald(&["--version"]), "");
    assert_eq!(ran.stdout, format!("vitald {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_a_script() {
    let ran = run(vitald(&["completions", "bash"]), "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("_vitald() {") && ran.stdout.contains("complete -F _vitald"));
    for word in ["weighing", "--password-stdin", "--scale-listen", "--metrics-listen"] {
        assert!(ran.stdout.contains(word), "{word}");
    }
}

#[test]
fn whoever_stops_reading_gets_no_panic() {
    for arguments in [["completions", "bash"], ["device", "models"]] {
        let mut command = vitald(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `vitald … | head -0`: the reading end is closed at once.
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        assert!([Some(0), Some(1)].contains(&code), "{arguments:?}: {code:?}");
    }
}

#[test]
fn the_reference_is_the_same_on_every_machine_and_names_every_command_but_itself() {
    let mut page = vitald(&["reference", "cli"]);
    page.env("VITALD_DATABASE", "postgres://vitald:s3cret-of-mine@localhost/vitald");
    let (page, plain) = (run(page, ""), run(vitald(&["reference", "cli"]), ""));
    assert_eq!((page.code, &page.stdout), (Some(0), &plain.stdout));
    for command in ["serve", "weighing claim", "completions"] {
        assert!(page.stdout.contains(&format!("\n## `vitald {command}`\n")), "{command}");
    }
    assert!(!page.stdout.contains("vitald reference") && !page.stdout.contains("s3cret"));
}

#[test]
fn the_reference_of_operations_follows_lists_into_what_they_hold() {
    let page = run(vitald(&["reference", "operations"]), "").stdout;
    for line in [
        "## `/measure` `getmeas`",
        "**Who may call:** the holder of an access token with the scope `user.metrics`.",
        "| `lastupdate` | integer |  | Stored or changed after. |",
        "| `client_id` | string | yes | The application. |",
        "| `measuregrps[].measures[].value` | integer | The digits of the value. |",
        "## `/v2/survey` `listusers`",
    ] {
        assert!(page.lines().any(|said| said == line), "{line}");
    }
}
