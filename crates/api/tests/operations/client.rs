//! The client that is computed from the table: what it sends, what it refuses to send, and what it
//! makes of an answer.

use crate::access::built;
use crate::app::{ALL_SCOPES, App, INVALID_TOKEN, NOW, weight};
use api::caller::Proof;
use api::client::{
    CREDENTIALS, Client, Credentials, InProcess, Means, Outgoing, Pair, Problem, Refused, Step,
    Transport, Unreached, describe, find, pairs,
};
use api::operation::State;
use api::ops;
use api::ops::measure::GetMeas;
use api::ops::oauth2::RequestToken;
use api::ops::user::GetDevice;
use domain::ManualClock;
use domain::signature::Signed;
use serde_json::json;
use std::cell::RefCell;
use std::sync::Arc;

/// Keeps what it is given to send, and answers with one text.
struct Recorder {
    sent: RefCell<Vec<Outgoing>>,
    answer: &'static str,
}

impl Recorder {
    const fn answering(answer: &'static str) -> Self {
        Self { sent: RefCell::new(Vec::new()), answer }
    }

    fn takes_sent(&self) -> Vec<Outgoing> {
        self.sent.take()
    }
}

impl Transport for &Recorder {
    fn send(
        &self,
        path: &str,
        bearer: Option<&str>,
        fields: &[Pair],
    ) -> Result<Vec<u8>, Unreached> {
        let path = ops::every().find(|entry| entry.path == path).unwrap().path;
        let (bearer, fields) = (bearer.map(str::to_owned), fields.to_vec());
        self.sent.borrow_mut().push(Outgoing { path, bearer, fields });
        Ok(self.answer.as_bytes().to_vec())
    }
}

/// Everything there is to prove who calls.
fn everything() -> Credentials {
    Credentials { access_token: Some("t".to_owned()), ..Credentials::application("c", "s") }
}

fn recorded(recorder: &Recorder, credentials: Credentials) -> Client<&Recorder> {
    Client::new(recorder, credentials, Arc::new(ManualClock::new(NOW)))
}

fn fields<'t>(of: &[(&'t str, &'t str)]) -> Vec<Pair> {
    of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[track_caller]
fn unsendable<T: std::fmt::Debug>(result: Result<T, Problem>) -> String {
    let Err(Problem::Unsendable(text)) = result else { panic!("it was sent: {result:?}") };
    text
}

#[test]
fn every_operation_is_sent_the_proof_the_table_names_and_no_other() {
    let recorder = Recorder::answering(r#"{"status":0,"body":{}}"#);
    let client = recorded(&recorder, everything());
    // What a signed call sends has tests of its own, below.
    let plain = |(_, proof): &(_, Proof)| !matches!(proof, Proof::Signed(_) | Proof::Timestamp);
    for (entry, proof) in built().filter(plain) {
        let answer = client.send(entry, Vec::new()).unwrap();
        assert_eq!(answer.status(), 0);
        let action = ("action", entry.action.unwrap());
        let expected = match proof {
            Proof::Bearer(_)
            | Proof::AnyBearer
            | Proof::BearerOrSigned(_)
            | Proof::AnyBearerOrSigned => (Some("t".to_owned()), fields(&[action])),
            _ => (None, fields(&[action, ("client_id", "c"), ("client_secret", "s")])),
        };
        let [sent] = &recorder.takes_sent()[..] else { panic!("one request: {action:?}") };
        assert_eq!((sent.bearer.clone(), sent.fields.clone()), expected, "{action:?}");
        assert_eq!(sent.path, entry.path);
    }
}

#[test]
fn a_missing_credential_is_named_and_nothing_is_sent() {
    let recorder = Recorder::answering("");
    for (entry, proof) in built() {
        let (credentials, named) = match proof {
            // With either of the two it is sent.
            Proof::BearerOrSigned(_) | Proof::AnyBearerOrSigned => {
                (Credentials::default(), "secret")
            }
            Proof::Bearer(_) | Proof::AnyBearer => {
                (Credentials::application("c", "s"), "access token")
            }
            _ => (Credentials::token("t"), "secret"),
        };
        let text = unsendable(recorded(&recorder, credentials).send(entry, Vec::new()));
        assert!(text.contains(named), "{text}");
    }
    assert!(recorder.takes_sent().is_empty());
}

#[test]
fn a_credential_given_by_hand_counts() {
    let recorder = Recorder::answering(r#"{"status":0,"body":{}}"#);
    let by_hand = fields(&[("client_id", "mine"), ("client_secret", "mine too")]);
    for credentials in [everything(), Credentials::default()] {
        let client = recorded(&recorder, credentials);
        client.send(find("oauth2", "requesttoken").unwrap(), by_hand.clone()).unwrap();
        assert_eq!(recorder.takes_sent()[0].fields[1..], by_hand);
    }
}

#[test]
fn a_signed_call_fetches_a_nonce_and_never_sends_the_secret() {
    let entry = find("/v2/oauth2", "listusers").unwrap();
    let pairs = fields(&[("offset", "5")]);
    let first = Step::first(entry, pairs, Means::Nonce, &everything(), NOW).unwrap();
    let Step::Send(fetch, waiting) = first else { panic!("done: {first:?}") };
    let signed = |action, nonce_or_timestamp| {
        Signed { action, client_id: "c", nonce_or_timestamp }.sign("s")
    };
    let now = NOW.to_string();
    let expected = fields(&[
        ("action", "getnonce"),
        ("client_id", "c"),
        ("timestamp", &now),
        ("signature", &signed("getnonce", &now)),
    ]);
    assert_eq!((fetch.path, &fetch.bearer, &fetch.fields), ("/v2/signature", &None, &expected));

    let second = waiting.answered(br#"{"status":0,"body":{"nonce":"n"}}"#).unwrap();
    let Step::Send(call, waiting) = second else { panic!("done: {second:?}") };
    let expected = fields(&[
        ("action", "listusers"),
        ("offset", "5"),
        ("client_id", "c"),
        ("nonce", "n"),
        ("signature", &signed("listusers", "n")),
    ]);
    assert_eq!((call.path, &call.bearer, &call.fields), ("/v2/oauth2", &None, &expected));

    let third = waiting.answered(br#"{"status":0,"body":{"users":[]}}"#).unwrap();
    let Step::Done(answer) = third else { panic!("not done: {third:?}") };
    assert_eq!(answer.body(), &json!({ "users": [] }));
}

#[test]
fn a_signed_call_ends_with_the_refusal_of_its_nonce() {
    let entry = find("oauth2", "listusers").unwrap();
    let begun = || Step::first(entry, Vec::new(), Means::Nonce, &everything(), NOW).unwrap();
    let answered = |bytes: &[u8]| match begun() {
        Step::Send(_, waiting) => waiting.answered(bytes),
        done @ Step::Done(_) => Ok(done),
    };
    let refused = answered(br#"{"status":342,"body":{},"error":"no"}"#).unwrap();
    let Step::Done(answer) = refused else { panic!("it went on: {refused:?}") };
    assert_eq!(answer.status(), 342);
    let without = answered(br#"{"status":0,"body":{}}"#);
    assert!(matches!(without, Err(Problem::Unreadable(_))), "{without:?}");
}

#[test]
fn an_unknown_parameter_is_refused_with_the_nearest_name() {
    let recorder = Recorder::answering(r#"{"status":0,"body":{}}"#);
    let client = recorded(&recorder, everything());
    let getmeas = find("measure", "getmeas").unwrap();
    for (name, expected) in [
        ("meastyp", "measure getmeas has no parameter meastyp; did you mean meastype?"),
        ("lastUpdate", "measure getmeas has no parameter lastUpdate; did you mean lastupdate?"),
        ("start_date[]", "measure getmeas has no parameter start_date; did you mean startdate?"),
        ("xyz", "measure getmeas has no parameter xyz"),
        (
            "access_token",
            "measure getmeas has no parameter access_token; who calls is said by the credentials",
        ),
    ] {
        let pairs = fields(&[("category", "1"), (name, "1")]);
        assert_eq!(unsendable(client.send(getmeas, pairs)), expected);
    }
    assert!(recorder.takes_sent().is_empty(), "nothing was sent");
    client.send(getmeas, fields(&[("meastypes[]", "1"), ("meastypes[]", "4")])).unwrap();
    let client = client.taking_any(true);
    client.send(getmeas, fields(&[("xyz", "1")])).unwrap();
    assert_eq!(recorder.takes_sent().len(), 2);
}

#[test]
fn an_operation_is_found_by_service_and_action() {
    for service in ["measure", "/measure", "/v2/measure", "v2/measure/"] {
        assert_eq!(find(service, "getmeas").unwrap().path, "/measure");
        assert_eq!(find(service, "getactivity").unwrap().path, "/v2/measure");
    }
    for (service, action, expected) in [
        ("mesure", "getmeas", "there is no service mesure; did you mean measure?"),
        ("x", "getmeas", "there is no service x"),
        ("user", "getdevices", "user has no action getdevices; did you mean getdevice?"),
        ("user", "zzz", "user has no action zzz"),
    ] {
        assert_eq!(unsendable(find(service, action).map(|entry| entry.path)), expected);
    }
}

#[test]
fn a_page_is_not_called() {
    let app = App::new();
    let page = ops::ALL.iter().find(|entry| matches!(entry.state, State::Page)).unwrap();
    let client = app.client(app.program.key());
    assert!(unsendable(client.send(page, Vec::new())).contains("a page for people"));
}

#[test]
fn every_parameter_of_every_operation_is_explained() {
    for (entry, _) in built() {
        let described = describe(entry.built().unwrap());
        assert!(!described.text.is_empty(), "{:?}", entry.action);
        for parameter in described.parameters {
            assert!(!parameter.text.is_empty(), "{:?} {parameter:?}", entry.action);
            assert!(!["anything", ""].contains(&parameter.kind.as_str()), "{parameter:?}");
            assert_eq!(parameter.is_credential(), CREDENTIALS.contains(&&*parameter.name));
        }
    }
}

#[test]
fn a_typed_call_gives_the_operations_own_types() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 60, 64_000), weight(NOW, 64_500)]);
    let client = app.client(Credentials::token(app.token(&anna, ALL_SCOPES)));
    let latest = GetMeas { startdate: Some(domain::UnixTime(NOW)), ..GetMeas::default() };
    let groups = client.call::<GetMeas>(&latest).unwrap().typed().unwrap();
    let values: Vec<_> = groups.measuregrps.iter().map(|group| group.measures[0].value).collect();
    assert_eq!(values, [64_500]);
    // The same, as JSON and with parameters that are no struct.
    let body = client.call::<GetMeas>(&json!({ "startdate": NOW, "meastypes": [1, 4] })).unwrap();
    assert_eq!(body["measuregrps"][0]["measures"][0]["value"], 64_500);
    assert_eq!(client.call::<GetDevice>(&()).unwrap()["devices"], json!([]));
    unsendable(client.call::<GetDevice>(&json!({ "offset": 1 })));
}

#[test]
fn an_application_exchanges_a_code_through_the_client() {
    let app = App::new();
    let anna = app.person("anna");
    let (code, redirect_uri) = (app.code(&anna, ALL_SCOPES), crate::app::CALLBACK);
    let grant = json!({
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
    });
    let tokens = app.client(app.program.key()).call::<RequestToken>(&grant).unwrap();
    let token = Credentials::token(tokens["access_token"].as_str().unwrap());
    assert!(app.client(token).call::<GetDevice>(&()).is_ok());
}

#[test]
fn a_refusal_carries_its_status_and_its_text() {
    let app = App::new();
    let refused = app.client(Credentials::token("nonsense")).call::<GetMeas>(&());
    let expected = Refused { status: 401, error: INVALID_TOKEN.to_owned() };
    assert_eq!(refused.map(drop), Err(Problem::Refused(expected)));
}

#[test]
fn a_store_that_is_closed_is_unreached() {
    let app = App::new();
    let client = app.client(Credentials::token("nonsense"));
    app.db.close();
    let failed = client.call::<GetMeas>(&());
    assert!(matches!(failed, Err(Problem::Unreached(_))), "{failed:?}");
}

#[test]
fn what_is_no_answer_is_unreadable() {
    for answer in ["", "<html>", "[]", "{}", r#"{"status":"0"}"#, "null"] {
        let recorder = Recorder::answering(answer);
        let result = recorded(&recorder, everything()).call::<GetMeas>(&());
        assert!(matches!(result, Err(Problem::Unreadable(_))), "{answer}: {result:?}");
    }
    let recorder = Recorder::answering(r#"{"status":0,"body":{"measuregrps":1}}"#);
    let typed = recorded(&recorder, everything()).call::<GetMeas>(&()).unwrap().typed();
    assert!(matches!(typed, Err(Problem::Unreadable(_))), "{typed:?}");
}

#[test]
fn parameters_become_the_texts_of_a_form() {
    let given = json!({
        "text": "a,b", "number": 5, "yes": true, "no": false, "nothing": null, "none": [],
        "numbers": [1, 2], "texts": ["a,b", "c"], "object": { "a": 1 },
    });
    let expected = fields(&[
        ("text", "a,b"),
        ("number", "5"),
        ("yes", "1"),
        ("no", "0"),
        ("numbers", "1,2"),
        ("texts", r#"["a,b","c"]"#),
        ("object", r#"{"a":1}"#),
    ]);
    assert_eq!(pairs(&given), Ok(expected));
    assert_eq!(pairs(&()), Ok(Vec::new()));
    assert_eq!(pairs(&GetMeas::default()), Ok(Vec::new()));
    unsendable(pairs(&5));
}

#[test]
fn no_secret_is_shown_by_accident() {
    let secrets = Credentials {
        access_token: Some("planted token".to_owned()),
        ..Credentials::application("id", "planted secret")
    };
    let entry = find("oauth2", "listusers").unwrap();
    for means in [Means::Bearer, Means::Secret, Means::Nonce, Means::Timestamp] {
        let step = Step::first(entry, Vec::new(), means, &secrets, NOW).unwrap();
        let shown = format!("{secrets:?} {step:?}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}

/// Kept in step with the transport the command uses.
#[test]
fn a_store_without_a_socket_answers_as_the_server_does() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    let bytes = InProcess(app.db.clone()).send(
        "/v2/user",
        Some(&token),
        &fields(&[("action", "getdevice")]),
    );
    let answer: serde_json::Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
    assert_eq!(answer, app.call("/v2/user", "action=getdevice", Some(&token)));
}
