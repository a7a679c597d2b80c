//! How real programs send requests (each shape is in use by some program): whatever the shape, the
//! answer is the same, byte for byte.

use crate::answer::Answer;
use crate::app::App;
use crate::household::{Program, REDIRECT_URI, Tokens};
use crate::raw::Connection;
use api::admin::NewAccount;
use reqwest::blocking::multipart::Form as Multipart;
use reqwest::blocking::{Body, RequestBuilder};
use serde_json::{Map, Value as Json, json};
use std::io::Cursor;

type Fields<'f> = &'f [(&'f str, &'f str)];

/// Parameters without which the answer would be another: a weight, a height and a goal are stored.
const WEIGHTS: [(&str, &str); 3] = [("action", "getmeas"), ("meastypes", "1,6"), ("category", "1")];
const DEVICES: [(&str, &str); 1] = [("action", "getdevice")];

struct Caller<'a> {
    app: &'a App,
    path: &'static str,
    fields: Fields<'a>,
    token: &'a str,
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A form of unknown length, which is sent as it is read.
fn chunked(fields: Fields<'_>) -> Body {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Body::new(Cursor::new(form))
}

fn multipart(fields: Fields<'_>) -> Multipart {
    let parts = fields.iter();
    parts.fold(Multipart::new(), |form, (name, value)| {
        form.text((*name).to_owned(), (*value).to_owned())
    })
}

fn object(fields: Fields<'_>) -> Json {
    let members = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
    Json::Object(members.collect::<Map<_, _>>())
}

impl Caller<'_> {
    fn request(&self, method: &str) -> RequestBuilder {
        self.app.request(method, self.path)
    }

    fn with_token<'f>(&'f self, fields: Fields<'f>) -> Vec<(&'f str, &'f str)> {
        [fields, &[("access_token", self.token)]].concat()
    }

    /// One request of each shape, with its name.
    fn shapes(&self) -> Vec<(&'static str, RequestBuilder)> {
        let (action, rest) = (&self.fields[..1], &self.fields[1..]);
        let (post, all) = (|| self.request("POST"), self.fields);
        let bearer = || post().bearer_auth(self.token);
        let slashed = format!("{}/", self.path);
        let text = object(all).to_string();
        vec![
            ("the usual", bearer().form(all)),
            ("query client", self.request("GET").query(&self.with_token(all))),
            ("query client with a header", self.request("GET").bearer_auth(self.token).query(all)),
            ("split", post().query(action).form(&self.with_token(rest))),
            ("split with a header", bearer().query(action).form(rest)),
            ("token in the form", post().form(&self.with_token(all))),
            ("empty body", bearer().query(all)),
            ("action twice", bearer().query(action).form(all)),
            (
                "trailing slash",
                self.app.request("POST", &slashed).bearer_auth(self.token).form(all),
            ),
            ("JSON", bearer().json(&object(all))),
            ("JSON with a token", post().json(&object(&self.with_token(all)))),
            ("JSON without a type", bearer().body(text.clone())),
            (
                "JSON with a charset",
                bearer().header("content-type", "application/json; charset=utf-8").body(text),
            ),
            ("multipart", bearer().multipart(multipart(all))),
            ("multipart with a token", post().multipart(multipart(&self.with_token(all)))),
            ("lower-case scheme", post().header("authorization", self.lower_case()).form(all)),
            ("in chunks", bearer().header("content-type", FORM).body(chunked(all))),
            ("another host", bearer().header("host", "scalews.withings.com").form(all)),
            ("extra parameters", bearer().form(&self.with_extras())),
            ("wrong token beside the header", bearer().query(&[("access_token", "x")]).form(all)),
        ]
    }

    fn lower_case(&self) -> String {
        format!("bearer {}", self.token)
    }

    fn with_extras(&self) -> Vec<(&str, &str)> {
        let extras = [("limit", "3"), ("client_id", "someone"), ("nonce", ""), ("dummy", "ä")];
        [self.fields, &extras].concat()
    }

    fn all_agree(&self) -> Answer {
        let mut shapes = self.shapes().into_iter();
        let (_, usual) = shapes.next().expect("the usual");
        let usual = self.app.sends(usual);
        assert_eq!(usual.status(), 0, "{usual:?}");
        for (name, request) in shapes {
            let answer = self.app.sends(request);
            assert_eq!(answer.text, usual.text, "{name} at {}", self.path);
            assert_eq!((name, answer.http), (name, usual.http));
            assert_eq!(answer.header("content-type"), "application/json", "{name}");
        }
        usual
    }
}

fn app_with_data() -> App {
    let app = App::new();
    let anna = app.somebody(NewAccount {
        email: "anna@example.org".to_owned(),
        height_m: Some("1.68".to_owned()),
        weight_kg: Some("67.2".to_owned()),
        goal_weight_kg: Some("64".to_owned()),
        ..NewAccount::default()
    });
    app.registers_scale(&[&anna]);
    app
}

fn tokens<'a>(app: &'a App, program: &Program<'a>) -> Tokens<'a> {
    let anna = "anna@example.org";
    let (client, user) = (program.id.clone(), anna.to_owned());
    let issued = app.administers(move |tx| api::admin::issue_token(tx, &client, &user, None));
    Tokens::of(app, program.refreshes(&issued.refresh_token))
}

#[test]
fn every_shape_reads_the_same_weights() {
    let app = app_with_data();
    let tokens = tokens(&app, &app.client());
    let mut read = Vec::new();
    for path in ["/measure", "/v2/measure"] {
        let caller = Caller { app: &app, path, fields: &WEIGHTS, token: &tokens.access };
        read.push(caller.all_agree());
    }
    assert_eq!(read[0].text, read[1].text);
    let groups = &read[0].body()["measuregrps"];
    assert_eq!(groups.as_array().map(Vec::len), Some(1), "the weight alone: {groups}");
    assert_eq!(groups[0]["measures"][0]["value"], 672);
}

#[test]
fn every_shape_reads_the_same_devices() {
    let app = app_with_data();
    let tokens = tokens(&app, &app.client());
    let caller = Caller { app: &app, path: "/v2/user", fields: &DEVICES, token: &tokens.access };
    let answer = caller.all_agree();
    assert_eq!(answer.body()["devices"].as_array().map(Vec::len), Some(1));
}

#[test]
fn lists_are_read_in_every_spelling() {
    let app = app_with_data();
    let tokens = tokens(&app, &app.client());
    let usual = tokens.reads_with("getmeas", &[("meastypes", "1,4")]);
    assert_eq!(usual.body()["measuregrps"].as_array().map(Vec::len), Some(3));
    for (spelling, fields) in [
        ("a JSON text", vec![("meastypes", "[1,4]")]),
        ("brackets", vec![("meastypes[]", "1"), ("meastypes[]", "4")]),
        ("numbered brackets", vec![("meastypes[0]", "1"), ("meastypes[1]", "4")]),
        ("spaces", vec![("meastypes", " 1 , 4 ")]),
    ] {
        assert_eq!(tokens.reads_with("getmeas", &fields).text, usual.text, "{spelling}");
    }
    for body in [
        json!({ "action": "getmeas", "meastypes": [1, 4] }),
        json!({ "action": "getmeas", "meastypes": ["1", "4"], "offset": 0, "startdate": null }),
        json!({ "action": "getmeas", "meastypes": "1,4" }),
    ] {
        let request = app.request("POST", "/measure").bearer_auth(&tokens.access).json(&body);
        assert_eq!(app.sends(request).text, usual.text, "{body}");
    }
}

/// A token answer without what is new each time.
fn without_secrets(answer: &Answer) -> Json {
    let mut body = answer.body();
    for name in ["access_token", "refresh_token", "csrf_token"] {
        let secret = body[name].take();
        let secret = secret.as_str().expect("a token");
        assert!(secret.len() >= 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    body
}

#[test]
fn every_shape_refreshes_alike() {
    let app = app_with_data();
    let program = app.client();
    let first = tokens(&app, &program);
    let usual = without_secrets(&first.answer);
    let mut refresh_token = first.refresh;
    for number in 0.. {
        let token = refresh_token.clone();
        let grant = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        let fields = program.fields(&grant);
        let (action, rest) = (&fields[..1], &fields[1..]);
        let proofs = [&fields[..], &[("nonce", "0a1b"), ("signature", "2c3d")]].concat();
        let extras = [&fields[..], &[("scope", "user.activity"), ("limit", "1")]].concat();
        let (post, slashed) = (app.request("POST", "/v2/oauth2"), "/v2/oauth2/");
        let request = match number {
            0 => app.request("GET", "/v2/oauth2").query(&fields),
            1 => post.query(&fields),
            2 => post.query(action).form(rest),
            3 => app.request("POST", slashed).form(&fields),
            4 => post.json(&object(&fields)),
            5 => post.multipart(multipart(&fields)),
            6 => post.form(&proofs),
            7 => post.form(&extras),
            8 => post.bearer_auth(&first.access).form(&fields),
            _ => break,
        };
        let answer = app.sends(request);
        assert_eq!(without_secrets(&answer), usual, "shape {number}");
        refresh_token = Tokens::of(&app, answer).refresh;
    }
    assert_eq!(program.refreshes(&refresh_token).status(), 0);
}

#[test]
fn a_code_is_exchanged_by_a_query_and_by_json() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    for is_query in [true, false] {
        let code = anna.logs_in_and_allows(&program, "user.metrics");
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT_URI),
        ];
        let fields = program.fields(&grant);
        let post = app.request("POST", "/v2/oauth2");
        let request = if is_query { post.query(&fields) } else { post.json(&object(&fields)) };
        let answer = app.sends(request);
        assert_eq!(answer.body()["scope"], "user.metrics");
        assert_eq!(Tokens::of(&app, answer).reads("getmeas").status(), 0);
    }
}

#[test]
fn an_old_scale_without_a_host_or_a_type_is_served() {
    let app = App::new();
    let mut scale = Connection::to(app.address());
    scale.writes("POST /cgi-bin/once HTTP/1.0\r\ncontent-length: 12\r\n\r\naction=get\r\n");
    let (head, body) = scale.reads_answer();
    assert!(head.starts_with("HTTP/1.0 200 ") && head.contains("text/plain"), "{head}");
    assert!(body.starts_with(r#"{"status":0,"body":{"once":"#), "{body}");
    assert_eq!(scale.reads_to_end(), "", "it waits for the end of the connection");
}
