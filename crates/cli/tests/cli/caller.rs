//! What scales and programs send to a running `vitald`.

use reqwest::blocking::Client;
use serde_json::Value as Json;
use std::time::Duration;

/// An answer that has not come by then never will: the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) const SCALE_MAC: &str = "00:24:e4:5c:a1:e5";

/// Calls a server.
#[derive(Clone)]
pub(crate) struct Caller {
    http: Client,
    base_url: String,
}

/// A weight: when it was taken, and how many grams.
pub(crate) type Weight = (i64, i64);

impl Caller {
    pub(crate) fn of(base_url: &str) -> Self {
        let tls = server::tls::outgoing().expect("TLS");
        let http = Client::builder().no_proxy().timeout(PATIENCE).tls_backend_preconfigured(tls);
        let http = http.build().expect("a client");
        Self { http, base_url: base_url.to_owned() }
    }

    /// What an address gives, if it gives anything.
    pub(crate) fn reads(&self, path: &str) -> Option<String> {
        let answer = self.http.get(format!("{}{path}", self.base_url)).send().expect("an answer");
        answer.status().is_success().then(|| answer.text().expect("a whole answer"))
    }

    /// Sends a form; nothing when the server is not there (any more), or went away meanwhile.
    pub(crate) fn tries(&self, path: &str, fields: &[(&str, &str)]) -> Option<Json> {
        let request = self.http.post(format!("{}{path}", self.base_url)).form(fields);
        let text = request.send().ok()?.text().ok()?;
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    /// Hands records over as a device with a token of its own.
    #[track_caller]
    pub(crate) fn hands_over(&self, token: &str, records: &Json) {
        let request = self.http.post(format!("{}/device/v1/sync", self.base_url));
        let request = request.bearer_auth(token).header("content-type", "application/json");
        let sent = request.body(serde_json::json!({ "records": records }).to_string()).send();
        let text = sent.expect("an answer").text().expect("a whole answer");
        let answer: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer["status"], 0, "{answer}");
    }

    /// Sends a form: the body of the answer, whose status is 0.
    #[track_caller]
    pub(crate) fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Json {
        let mut answer = self.tries(path, fields).expect("an answer");
        assert_eq!(answer["status"], 0, "{answer}");
        answer["body"].take()
    }

    /// The groups of getmeas, all of them.
    #[track_caller]
    pub(crate) fn groups(&self, token: &str) -> Vec<Json> {
        let body = self.posts("/measure", &[("action", "getmeas"), ("access_token", token)]);
        assert_eq!(body["more"], Json::Null, "one page holds them all");
        body["measuregrps"].as_array().expect("groups").clone()
    }

    /// The weights of a person, sorted.
    #[track_caller]
    pub(crate) fn weights(&self, token: &str) -> Vec<Weight> {
        let mut weights: Vec<Weight> = self.groups(token).iter().map(weight_of).collect();
        weights.sort_unstable();
        weights
    }

    /// Opens the session of the scale.
    pub(crate) fn opens_session(&self) -> String {
        let fields = [("action", "new"), ("auth", SCALE_MAC)];
        let opened = self.posts("/cgi-bin/session", &fields);
        opened["sessionid"].as_str().expect("a session").to_owned()
    }

    /// Uploads a weight of a person the scale is certain of (0: of nobody); whether the server
    /// acknowledged it.
    pub(crate) fn uploads(&self, session: &str, user: &str, (at, grams): Weight) -> bool {
        let certain = if user == "0" { "1" } else { "0" };
        let (at, measures) = (at.to_string(), measures(grams));
        let fields = [
            ("action", "store"),
            ("sessionid", session),
            ("userid", user),
            ("meastime", at.as_str()),
            ("attribstatus", certain),
            ("measures", measures.as_str()),
        ];
        let Some(answer) = self.tries("/cgi-bin/measure", &fields) else { return false };
        assert_eq!(answer["status"], 0, "{answer}");
        true
    }
}

fn measures(grams: i64) -> String {
    format!("{{\"measures\":[{{\"value\":{grams},\"type\":1,\"unit\":-3}}]}}")
}

fn weight_of(group: &Json) -> Weight {
    let measure = &group["measures"][0];
    assert_eq!((&measure["type"], &measure["unit"]), (&1.into(), &(-3).into()), "{group}");
    (group["date"].as_i64().expect("a date"), measure["value"].as_i64().expect("grams"))
}
