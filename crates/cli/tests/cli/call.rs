//! `vitald call`: what is printed, how it ends, and what is never shown.

use crate::caller::{Caller, SCALE_MAC};
use crate::home::{Home, Ran, run, vitald};
use crate::on_both_engines;
use api::caller::Proof;
use api::ops;
use serde_json::{Value as Json, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

const ANNA: &str = "anna@example.org";
const AT: i64 = 1_790_000_000;
const INVALID_TOKEN: &str =
    "status 401: XRequestID: Not provided invalid_token: The access token provided is invalid";

on_both_engines!(
    a_store_and_a_server_answer_alike,
    a_person_is_called_for_without_a_token,
    every_call_that_takes_a_token_is_issued_one
);

impl Home {
    /// Makes an application: its id and its secret.
    fn application(&self) -> (String, String) {
        let create = ["client", "create", "--name", "Caller", "--redirect-uri", "http://localhost"];
        let made = self.json(&create);
        let text = |field: &str| made[field].as_str().expect("a text").to_owned();
        (text("client_id"), text("client_secret"))
    }

    fn calls(&self, arguments: &[&str]) -> Ran {
        self.runs(&[&["call"], arguments].concat())
    }

    /// Calls with secrets of the environment.
    fn calls_with(&self, settings: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = self.command(&[&["call"], arguments].concat());
        command.envs(settings.iter().copied());
        run(command, "")
    }
}

fn a_store_and_a_server_answer_alike(home: &Home) {
    let anna = home.person(ANNA);
    home.registers_scale(SCALE_MAC, &[&anna]);
    let token = home.token(&anna);
    let server = home.serves();
    let scale = Caller::of(&server.base_url);
    assert!(scale.uploads(&scale.opens_session(), &anna, (AT, 66_850)));
    let call = ["measure", "getmeas", "meastypes=1,4", "category=1", "--token", &token];
    let of_store = home.calls(&call).json();
    assert_eq!(of_store["measuregrps"][0]["measures"][0]["value"], 66_850);
    let url = ["--url", &server.base_url];
    let of_server = home.calls(&[&call, &url[..]].concat()).json();
    assert_eq!(of_server["measuregrps"], of_store["measuregrps"]);
    // With --json the whole answer, on one line.
    for more in [&[][..], &url] {
        let ran = home.calls(&[&call, &["--json"][..], more].concat());
        assert_eq!(ran.stdout.lines().count(), 1, "{ran:?}");
        assert_eq!(ran.json()["status"], 0);
        assert_eq!(ran.json()["body"]["measuregrps"], of_store["measuregrps"]);
    }
}

fn a_person_is_called_for_without_a_token(home: &Home) {
    home.person(ANNA);
    let (client, _) = home.application();
    let anna = ["--user", ANNA, "--client", &client];
    let call = ["user", "getdevice"];
    assert_eq!(home.calls(&[call, ["--user", ANNA]].concat()).code, Some(2));
    assert_eq!(home.calls(&[&call[..], &anna].concat()).json(), json!({ "devices": [] }));
    // It counts more than a token that happens to be set.
    let dead = [("VITALD_ACCESS_TOKEN", "dead")];
    assert_eq!(home.calls_with(&dead, &[&call[..], &anna].concat()).code, Some(0));
    let nobody = ["--user", "nobody@example.org", "--client", &client];
    assert!(home.calls(&[&call[..], &nobody].concat()).failed(3).contains("user"));
}

fn every_call_that_takes_a_token_is_issued_one(home: &Home) {
    home.person(ANNA);
    let (client, _) = home.application();
    let calls = |call: &[&str]| {
        home.calls(&[call, &["--user", ANNA, "--client", &client, "--any"]].concat())
    };
    let mut count = 0;
    for entry in ops::every() {
        let Some(built) = entry.built() else { continue };
        let takes_token =
            matches!(built.proof, Proof::Bearer(_) | Proof::AnyBearer | Proof::BearerOrSigned(_));
        if !takes_token {
            continue;
        }
        count += 1;
        // It may miss its parameters, but neither the token nor the scope.
        let ran = calls(&[entry.service(), entry.action.expect("it is built")]);
        let unproven = ["access token", "access_token", "scope"];
        let is_proven = !unproven.iter().any(|word| ran.stderr.contains(word));
        assert!(is_proven, "{}: {ran:?}", entry.action.unwrap_or_default());
    }
    assert!(count >= 15, "only {count} operations were called");
    assert_eq!(calls(&["vitald", "changes"]).json()["changes"], json!([]));
    let deleted = calls(&["vitald", "delete", "nightid=1"]);
    assert!(deleted.failed(3).contains("nightid"), "{deleted:?}");
}

#[test]
fn credentials_come_from_the_environment() {
    let home = Home::new();
    home.person(ANNA);
    let (client, secret) = home.application();
    let issue = ["token", "issue", "--client", &client, "--user", ANNA];
    let issued = home.json(&issue);
    let text = |field: &str| issued[field].as_str().expect("a text");
    let token = [("VITALD_ACCESS_TOKEN", text("access_token"))];
    home.calls_with(&token, &["user", "getdevice"]).json();
    let application =
        [("VITALD_CLIENT_ID", client.as_str()), ("VITALD_CLIENT_SECRET", secret.as_str())];
    // A token or a code may stand in a file; the line break is the editor's.
    let file = home.data().join("refresh");
    std::fs::write(&file, format!("{}\n", text("refresh_token"))).expect("written");
    let from_file = format!("refresh_token=@{}", file.display());
    let call = ["oauth2", "requesttoken", "grant_type=refresh_token", &from_file];
    let fresh = home.calls_with(&application, &call).json();
    assert_eq!(fresh["token_type"], "Bearer");
    let literal = ["oauth2", "requesttoken", "grant_type=refresh_token", "refresh_token=@@x"];
    let refused = home.calls_with(&application, &literal);
    assert!(refused.failed(3).contains("refresh_token"), "{refused:?}");
    let absent = ["oauth2", "requesttoken", "refresh_token=@/nowhere"];
    assert!(home.calls_with(&application, &absent).failed(1).contains("/nowhere"));
}

#[test]
fn a_refusal_ends_with_3_and_says_status_and_text() {
    let home = Home::new();
    home.person(ANNA);
    let server = home.serves();
    let call = ["user", "getdevice", "--token", "nonsense"];
    for more in [&[][..], &["--url", &server.base_url]] {
        let ran = home.calls(&[&call, more].concat());
        assert_eq!(ran.failed(3), INVALID_TOKEN);
        let whole = home.calls(&[&call, &["--json"][..], more].concat());
        assert_eq!((whole.code, whole.stderr), (Some(3), ran.stderr));
        let answer: Json = serde_json::from_str(&whole.stdout).expect("JSON");
        assert_eq!((&answer["status"], &answer["body"]), (&json!(401), &json!({})));
    }
    let token = home.token(ANNA);
    let call = ["measure", "getmeas", "startdate=tomorrow", "--token", &token];
    let line = home.calls(&call);
    assert!(
        line.failed(3).starts_with("status 503: Invalid Params: invalid startdate"),
        "{line:?}"
    );
}

#[test]
fn what_is_not_there_to_call_ends_with_2_and_the_nearest_name() {
    let home = Home::new();
    for (arguments, expected) in [
        (["mesure", "getmeas", "x=1"], "there is no service mesure; did you mean measure?"),
        (["measure", "getmea", "x=1"], "measure has no action getmea; did you mean getmeas?"),
        (
            ["measure", "getmeas", "lastupdat=1"],
            "measure getmeas has no parameter lastupdat; did you mean lastupdate?",
        ),
    ] {
        assert_eq!(home.calls(&arguments).failed(2), expected);
    }
    let url = home.calls(&["user", "getdevice", "--url", "http://127.0.0.1:1"]);
    assert!(url.failed(2).contains("needs an access token"), "{url:?}");
    assert!(!home.data().exists(), "nothing was made");
    home.person(ANNA);
    let token = home.token(ANNA);
    let any = ["measure", "getmeas", "lastupdat=1", "--any", "--token", &token];
    assert_eq!(home.calls(&any).json()["measuregrps"], json!([]));
}

#[test]
fn nothing_that_answers_ends_with_1() {
    let home = Home::new();
    let store = home.calls(&["user", "getdevice", "--token", "x"]);
    assert!(store.failed(1).contains("--data"), "{store:?}");
    assert!(!home.data().exists(), "a call makes no store");
    // A port that was free a moment ago, so that nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().unwrap().port();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://127.0.0.1:{port}");
        let ran = home.calls(&["user", "getdevice", "--token", "x", "--url", &url]);
        assert!(ran.failed(1).contains(&url), "{ran:?}");
    }
    home.person(ANNA);
    let server = home.serves();
    let elsewhere = format!("{}/elsewhere", server.base_url);
    let ran = home.calls(&["measure", "getmeas", "--token", "x", "--url", &elsewhere]);
    assert!(ran.failed(1).contains("HTTP 404"), "{ran:?}");
    // Somebody who speaks no TLS.
    let https = server.base_url.replace("http:", "https:");
    let ran = home.calls(&["measure", "getmeas", "--token", "x", "--url", &https]);
    assert!(ran.failed(1).contains(&https), "{ran:?}");
}

/// It would carry the credentials elsewhere.
#[test]
fn a_redirect_is_not_followed() {
    let home = Home::new();
    let [here, there] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    let [url, other] = [&here, &there].map(|at| format!("http://{}", at.local_addr().unwrap()));
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = here.accept().expect("a caller");
        let (mut request, mut part) = (String::new(), [0; 4096]);
        while !request.ends_with("action=getmeas") {
            let read = stream.read(&mut part).expect("a request");
            assert!(read > 0, "it ended early: {request}");
            request.push_str(std::str::from_utf8(&part[..read]).expect("UTF-8"));
        }
        let head = format!("HTTP/1.1 307 x\r\nlocation: {other}/measure\r\ncontent-length: 0");
        stream.write_all(format!("{head}\r\n\r\n").as_bytes()).expect("sent");
    });
    let ran = home.calls(&["measure", "getmeas", "--token", "x", "--url", &url]);
    assert!(ran.failed(1).contains("HTTP 307"), "{ran:?}");
    answering.join().expect("answered");
    there.set_nonblocking(true).unwrap();
    assert!(there.accept().is_err(), "nobody came there");
}

#[test]
fn no_secret_is_shown_or_logged() {
    let home = Home::new();
    home.person(ANNA);
    let server = home.serves();
    let settings = [
        ("VITALD_ACCESS_TOKEN", "planted-token"),
        ("VITALD_CLIENT_ID", "planted-id"),
        ("VITALD_CLIENT_SECRET", "planted-secret"),
    ];
    let with_user = server.base_url.replace("//", "//planted-user:planted-password@");
    for (url, code) in [(server.base_url.as_str(), 3), ("http://127.0.0.1:1", 1), (&with_user, 1)] {
        for call in [
            ["measure", "getmeas", "startdate=1"],
            ["oauth2", "requesttoken", "grant_type=refresh_token"],
        ] {
            let ran = home
                .calls_with(&settings, &[&call[..], &["--url", url, "--log", "trace"]].concat());
            assert_eq!(ran.code, Some(code), "{ran:?}");
            assert!(!format!("{ran:?}").contains("planted"), "{ran:?}");
        }
    }
    let help = home.calls_with(&settings, &["--help"]);
    assert!(help.code == Some(0) && !help.stdout.contains("planted"), "{help:?}");
}

#[test]
fn every_operation_that_is_built_is_listed() {
    let built: Vec<_> = ops::every().filter(|entry| entry.built().is_some()).collect();
    let list = run(vitald(&["call", "--list"]), "");
    assert_eq!(list.stdout.lines().count(), built.len() + 1, "{list:?}");
    let json = run(vitald(&["call", "--list", "--json"]), "").json();
    let json = json.as_array().expect("a list");
    assert_eq!(json.len(), built.len());
    for ((entry, json), line) in built.iter().zip(json).zip(list.stdout.lines().skip(1)) {
        let (service, action) = (entry.service(), entry.action.unwrap());
        assert_eq!((&json["service"], &json["action"]), (&json!(service), &json!(action)));
        assert!(line.starts_with(&format!("{service} {action} ")), "{line}");
        let explained = run(vitald(&["call", service, action, "--help-params"]), "");
        assert_eq!(explained.code, Some(0), "{explained:?}");
        assert!(explained.stdout.starts_with(&format!("{service} {action}, needs ")));
        assert_eq!(
            run(vitald(&["call", service, action, "--help-params", "--json"]), "").json(),
            *json
        );
    }
}

/// Of one operation, so that another one that is built touches no snapshot.
#[test]
fn what_the_list_says() {
    let json = run(vitald(&["call", "--list", "--json"]), "").json();
    let of = |action: &str| json.as_array()?.iter().find(|listed| listed["action"] == action);
    insta::assert_json_snapshot!("listed", of("getmeas").expect("it is listed"));
    let explained = run(vitald(&["call", "measure", "getmeas", "--help-params"]), "");
    insta::assert_snapshot!("explained", explained.stdout);
}
