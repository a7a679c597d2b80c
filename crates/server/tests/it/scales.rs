//! Who may be a scale: a scale cannot prove who it is, so where its call comes from counts. And the
//! listener of the scales' own, which serves nothing else.

use crate::answer::Answer;
use crate::app::{App, Setup};
use crate::household::{SCALE_MAC, weights};
use crate::stopping::waits_until_refused;
use reqwest::blocking::{Client, RequestBuilder};
use std::net::SocketAddr;

/// What proxies and browsers add to a request, and no scale sends.
const FOREIGN: [(&str, &str); 5] = [
    ("forwarded", "for=198.51.100.7"),
    ("x-forwarded-for", "198.51.100.7"),
    ("x-real-ip", "198.51.100.7"),
    ("origin", "http://evil.example"),
    ("sec-fetch-site", "cross-site"),
];

/// A request to a listener, without what the client of an [`App`] adds.
pub(crate) fn at(address: SocketAddr, method: &str, path: &str) -> RequestBuilder {
    let tls = server::tls::outgoing().expect("TLS");
    let client =
        Client::builder().no_proxy().tls_backend_preconfigured(tls).build().expect("a client");
    client.request(method.parse().expect("a method"), format!("http://{address}{path}"))
}

#[test]
fn a_scale_call_from_outside_is_refused() {
    let app = App::with(Setup { has_scale_listener: true, ..Setup::default() });
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    let tokens = anna.lets(&app.client(), "user.metrics");
    let measures = crate::household::weight(66_850);
    let fields = [
        ("action", "store"),
        ("sessionid", scale.session.as_str()),
        ("meastime", "1790000000"),
        ("measures", measures.as_str()),
    ];
    for (name, value) in FOREIGN {
        for path in ["/cgi-bin/once", "/cgi-bin/session", "/cgi-bin/measure"] {
            let call = app.request("POST", path).header(name, value).form(&fields);
            let answer = app.sends(call);
            assert_eq!((answer.status(), name), (277, name), "{answer:?}");
            assert_eq!(answer.header("content-type"), "text/plain");
            assert!(!answer.text.contains("--scale-listen"), "{answer:?}");
        }
    }
    assert_eq!(weights(&tokens.reads("getmeas")), [0; 0]);
    // Where an operator lets scales in on purpose, a proxy in between is no hindrance.
    let call = at(app.scale_address(), "POST", "/cgi-bin/measure").form(&fields);
    assert_eq!(app.sends(call.header("x-forwarded-for", "192.168.1.7")).status(), 0);
    assert_eq!(weights(&tokens.reads("getmeas")), [66_850]);
}

#[test]
fn a_slash_at_the_end_of_a_scales_path_is_no_other_path() {
    let app = App::new();
    let once = app.posts("/cgi-bin/once/", &[("action", "get")]);
    assert!(once.body()["once"].is_string(), "{once:?}");
}

#[test]
fn the_scales_own_listener_serves_scales_alone() {
    let app = App::with(Setup { has_scale_listener: true, ..Setup::default() });
    let anna = app.person("anna");
    app.registers_scale(&[&anna]);
    let (main, scales) = (app.address(), app.scale_address());
    let there = |method: &str, path: &str| at(scales, method, path);
    let once = app.sends(there("POST", "/cgi-bin/once").form(&[("action", "get")]));
    assert!(once.body()["once"].is_string(), "{once:?}");
    let fields = [("action", "new"), ("auth", SCALE_MAC)];
    let opened = app.sends(there("POST", "/cgi-bin/session").form(&fields));
    assert_eq!(opened.body()["sp"]["users"][0]["id"], anna.id.0);
    assert_eq!(opened.header("content-type"), "text/plain");
    for path in
        ["/measure", "/v2/oauth2", "/oauth2_user/authorize2", "/oauth2_user/login", "/healthz", "/"]
    {
        for method in ["GET", "POST"] {
            let answer: Answer = app.sends(there(method, path));
            assert_eq!((answer.http, path), (404, path), "{answer:?}");
        }
    }
    app.stop();
    waits_until_refused(main);
    waits_until_refused(scales);
}
