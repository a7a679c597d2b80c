//! The crate `vitald-sandbox` as somebody's tests use it: it starts this very command.

use crate::caller::Caller;
use crate::home::vitald;
use crate::process::Process;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use vitald_sandbox::{Error, Fault, NewPerson, Options, Sandbox};

const BEGIN: i64 = 1_767_596_400;
const DAY: Duration = Duration::from_secs(86_400);

fn options() -> Options {
    Sandbox::options().program(env!("CARGO_BIN_EXE_vitald"))
}

/// The world of the documents.
fn world() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/sandbox.toml")
}

fn seeded() -> Sandbox {
    options().seed(world()).start().unwrap_or_else(|error| panic!("{error}"))
}

/// The status of a read of the API.
fn reads(sandbox: &Sandbox, token: &str) -> i64 {
    let fields = [("action", "getmeas"), ("access_token", token)];
    let answer = Caller::of(sandbox.base_url()).tries("/measure", &fields).expect("an answer");
    answer["status"].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn a_world_opens_with_what_it_says() {
    let sandbox = seeded();
    assert_eq!((sandbox.ready().now, sandbox.ready().frozen), (BEGIN, true));
    let reader = sandbox.application("Reader").expect("an application");
    assert_eq!(reader.client_secret, "secret-of-the-tests");
    let anna = sandbox.person("anna@example.org").expect("a person");
    assert_eq!(anna.password.as_deref(), Some("correct horse"));
    let tokens = sandbox.tokens("anna@example.org").expect("tokens");
    assert_eq!((tokens.userid, &tokens.client_id), (anna.userid, &reader.client_id));
    assert_eq!(reads(&sandbox, &tokens.access_token), 0);
    let ready = sandbox.ready();
    assert_eq!(ready.devices[0].token, "token-of-the-scale");
    assert_eq!((ready.subscriptions[0].appli, &*ready.organizations[0].name), (1, "Clinic"));
    assert_eq!((sandbox.application("x").is_none(), sandbox.access_token("x")), (true, None));
    // Without a seed there is a little too.
    let small = options().start().expect("started");
    let email = small.ready().people[0].email.clone();
    assert_eq!(reads(&small, small.access_token(&email).expect("a token")), 0);
}

#[test]
fn its_clock_people_faults_and_states_are_turned() {
    let sandbox = seeded();
    let token = sandbox.access_token("anna@example.org").expect("a token").to_owned();
    assert_eq!(sandbox.save("start").expect("saved").now, BEGIN);
    let made = sandbox.add_person(&NewPerson::of("runner").seed(7).days(2).timezone("Asia/Tokyo"));
    let made = made.expect("made");
    assert_eq!((made.len(), made[0].seed, &*made[0].timezone), (1, 7, "Asia/Tokyo"));
    let at_once = Fault::named("too-many").operation("measure/getmeas").count(1);
    let client = sandbox.ready().applications[0].client_id.clone();
    let added = sandbox.add_fault(&at_once.client(&client).set("wait_seconds", 30));
    let added = added.expect("added");
    assert_eq!((added[0].remaining, &*added[0].settings["wait_seconds"]), (Some(1), "30"));
    assert_eq!((reads(&sandbox, &token), reads(&sandbox, &token)), (601, 0));
    let sometimes = Fault::named("latency").probability(0.25, 7).set("ms", 1);
    assert!(sandbox.add_fault(&sometimes).expect("added")[0].when.contains("0.25, seed 7"));
    let of_scenario = sandbox.add_fault(&Fault::scenario("token.expired")).expect("added");
    assert_eq!(of_scenario[0].scenario.as_deref(), Some("token.expired"));
    sandbox.remove_fault(of_scenario[0].id).expect("removed");
    assert_eq!(sandbox.faults().expect("faults").len(), 2);
    assert_eq!(sandbox.remove_faults().expect("removed"), 2);
    let turned = sandbox.advance(DAY).expect("turned");
    let stops = turned.turned.expect("how").stops;
    assert_eq!((turned.now, turned.frozen, stops > 0), (BEGIN + 86_400, true, true));
    assert_eq!(reads(&sandbox, &token), 401, "a token lives for three hours");
    assert_eq!(sandbox.people().expect("people").len(), 1);
    assert_eq!(sandbox.advance_to(BEGIN + 90_000).expect("turned").now, BEGIN + 90_000);
    assert!(!sandbox.resume().expect("goes").frozen);
    assert!(sandbox.freeze().expect("stands").frozen);
    let back = sandbox.restore("start").expect("restored");
    assert_eq!((back.now, sandbox.clock().expect("shown").now), (BEGIN, BEGIN));
    assert_eq!(reads(&sandbox, &token), 0);
    assert_eq!(sandbox.people().expect("people").len(), 0);
    assert_eq!(sandbox.snapshots().expect("states").len(), 1);
    sandbox.remove_snapshot("start").expect("removed");
    assert_eq!(sandbox.snapshots().expect("states").len(), 0);
}

#[test]
fn what_cannot_be_is_told_in_the_sandboxs_own_words() {
    let sandbox = seeded();
    let refused = |error: Error, expected: &str| match error {
        Error::Refused { status: 503, text } => assert!(text.contains(expected), "{text}"),
        other => panic!("{other:?}"),
    };
    refused(sandbox.advance_to(BEGIN - 1).expect_err("back"), "goes forward alone");
    refused(sandbox.add_person(&NewPerson::of("superman")).expect_err("nobody"), "persona");
    let unknown = sandbox.add_fault(&Fault::named("latencies"));
    refused(unknown.expect_err("unknown"), "did you mean latency?");
    refused(sandbox.restore("none").expect_err("none"), "snapshot");
    assert_eq!(sandbox.clock().expect("shown").now, BEGIN);
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("wrong.toml");
    std::fs::write(&file, "[[people]]\nemail = \"nobody\"\n").expect("written");
    match options().seed(&file).start().expect_err("no world") {
        Error::Ended { said } => {
            assert!(said.contains("wrong.toml") && said.contains("people[0].email"), "{said}");
        }
        other => panic!("{other:?}"),
    }
    let nowhere = Sandbox::options().program(place.path().join("vitald")).start();
    match nowhere.expect_err("no command") {
        Error::NotRun { program, .. } => assert!(program.ends_with("vitald")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_run_beside_each_other_and_leave_nothing() {
    let (one, other) = (seeded(), seeded());
    assert_ne!(one.base_url(), other.base_url());
    let folders = [one.ready().data.clone(), other.ready().data.clone()];
    assert_ne!(folders[0], folders[1]);
    one.advance(DAY).expect("turned");
    assert_eq!(other.clock().expect("shown").now, BEGIN);
    assert!(one.log().contains("listening"), "{}", one.log());
    drop(one);
    assert!(!folders[0].exists() && folders[1].exists());
    // Also where a test fails.
    let failing = std::thread::spawn(move || other.restore("none").expect("a state"));
    assert!(failing.join().is_err() && !folders[1].exists());
    // A folder that was named stays.
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().join("data");
    drop(options().seed(world()).data(&data).start().expect("started"));
    let again = options().data(&data).start().expect("started");
    assert_eq!(again.ready().applications[0].name, "Reader");
    assert_eq!(again.ready().tokens.len(), 0);
}

#[test]
fn a_sandbox_ends_with_its_standard_input() {
    let place = tempfile::tempdir().expect("a folder");
    let mut command = vitald(&["sandbox", "--json", "--end-with-stdin"]);
    command.env("TMPDIR", place.path()).stdin(Stdio::piped());
    let mut process = Process::start(command);
    let said: serde_json::Value = serde_json::from_str(&process.reads_line()).expect("JSON");
    assert_eq!(said["sandbox_token"], json!(null));
    // What the system does when the program at the other end is gone.
    process.closes_input();
    assert!(process.ends().success());
    assert_eq!(std::fs::read_dir(place.path()).expect("a folder").count(), 0);
}
