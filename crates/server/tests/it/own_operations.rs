//! The operations of this server's own over HTTP: by GET and POST, by their own path and by
//! `action`, with the right token and with wrong ones.

use crate::answer::Answer;
use crate::app::{App, NOW};
use crate::household::{Person, weights};
use api::admin;
use domain::ScopeSet;
use serde_json::json;

/// The ways to call one of them.
const WAYS: [(&str, bool); 4] = [("GET", true), ("GET", false), ("POST", true), ("POST", false)];

impl App {
    fn token_of(&self, person: &Person<'_>, scopes: &'static str) -> String {
        let (client, user) = (self.client().id, person.id.to_string());
        let issue =
            move |tx: &mut store::Tx<'_>| admin::issue_token(tx, &client, &user, Some(scopes));
        self.administers(issue).access_token
    }

    /// Calls an operation by its own path, or by `action`.
    fn calls_own(
        &self,
        (method, has_path): (&str, bool),
        action: &str,
        token: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut fields = fields.to_vec();
        let path = match has_path {
            true => format!("/vitald/v1/{action}"),
            false => {
                fields.push(("action", action));
                "/vitald/v1".to_owned()
            }
        };
        let request = self.request(method, &path).bearer_auth(token);
        self.sends(match method {
            "GET" => request.query(&fields),
            _ => request.form(&fields),
        })
    }

    /// Somebody who weighed themselves so often, and the ids of that.
    fn weighed(&self, person: &Person<'_>, times: i64) -> Vec<String> {
        let scale = self.scale(&[person]);
        (0..times).for_each(|at| drop(scale.weighs(66_000 + at, NOW + at).body()));
        let token = self.token_of(person, "user.metrics");
        let request = self.request("POST", "/measure").bearer_auth(token);
        let body = self.sends(request.form(&[("action", "getmeas")])).body();
        let groups = body["measuregrps"].as_array().expect("groups").iter();
        groups.map(|group| group["grpid"].to_string()).collect()
    }
}

#[test]
fn changes_are_read_by_every_way() {
    let app = App::new();
    let anna = app.person("anna");
    app.weighed(&anna, 2);
    let token = app.token_of(&anna, "user.metrics");
    let texts = WAYS.map(|way| app.calls_own(way, "changes", &token, &[]).text);
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    for way in WAYS {
        let first = app.calls_own(way, "changes", &token, &[("limit", "1")]).body();
        assert_eq!(
            (first["changes"].as_array().map(Vec::len), &first["more"]),
            (Some(1), &json!(true))
        );
        let cursor = first["cursor"].to_string();
        let rest = app.calls_own(way, "changes", &token, &[("cursor", &cursor)]).body();
        assert_eq!(
            (rest["changes"].as_array().map(Vec::len), &rest["more"]),
            (Some(1), &json!(false))
        );
        for (name, wrong) in [("cursor", "-1"), ("cursor", "x"), ("limit", "0"), ("limit", "1001")]
        {
            let text = app.calls_own(way, "changes", &token, &[(name, wrong)]).refused(503);
            assert!(text.contains(name), "{text}");
        }
        app.calls_own(way, "changes", &"0".repeat(40), &[]).refused(401);
        // With a token of other scopes there is nothing to see.
        let narrow = app.token_of(&anna, "user.activity");
        assert_eq!(app.calls_own(way, "changes", &narrow, &[]).body()["changes"], json!([]));
    }
    app.sends(app.request("GET", "/vitald/v1/changes")).refused(401);
}

#[test]
fn what_is_wrong_is_deleted_by_every_way() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let ids = app.weighed(&anna, 4);
    let token = app.token_of(&anna, "vitald.delete");
    let reads = || {
        let token = app.token_of(&anna, "user.metrics");
        let request = app.request("POST", "/measure").bearer_auth(token);
        weights(&app.sends(request.form(&[("action", "getmeas")]))).len()
    };
    for (left, (way, id)) in (0..4).rev().zip(WAYS.into_iter().zip(&ids)) {
        let fields = [("grpid", id.as_str())];
        app.calls_own(way, "delete", &"0".repeat(40), &fields).refused(401);
        // A token that reads everything takes nothing away.
        let scopes = "user.info,user.metrics,user.activity,user.sleepevents,user.rawdata";
        let reader = app.token_of(&anna, scopes);
        app.calls_own(way, "delete", &reader, &fields).refused(2555);
        let of_ben = app.token_of(&ben, "vitald.delete");
        let foreign = app.calls_own(way, "delete", &of_ben, &fields).refused(503);
        let unknown = app.calls_own(way, "delete", &token, &[("grpid", "1")]).refused(503);
        assert_eq!(foreign, unknown, "told apart by nobody");
        assert_eq!(reads(), left + 1);
        assert_eq!(app.calls_own(way, "delete", &token, &fields).body(), json!({}));
        assert_eq!(app.calls_own(way, "delete", &token, &fields).refused(503), unknown);
        assert_eq!(reads(), left);
    }
    // The mirror of somebody who had them learns of it.
    let reader = app.token_of(&anna, "user.metrics");
    let body = app.calls_own(WAYS[0], "changes", &reader, &[]).body();
    let changes = body["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 4);
    assert!(changes.iter().all(|change| change["deleted"] == true && change["data"].is_null()));
}

#[test]
fn a_token_of_the_demo_deletes_nothing() {
    let app = App::new();
    let demo = app.somebody(admin::NewAccount {
        email: "demo@example.org".to_owned(),
        is_demo: true,
        ..admin::NewAccount::default()
    });
    let ids = app.weighed(&demo, 1);
    let (client, user) = (app.client().id, demo.id);
    let scopes = ScopeSet::parse("user.metrics,vitald.delete").expect("scopes");
    let token =
        app.administers(move |tx| store::token::issue_read_only(tx, user, &client, &scopes));
    for way in WAYS {
        let fields = [("grpid", ids[0].as_str())];
        app.calls_own(way, "delete", &token.access_token, &fields).refused(277);
        let seen = app.calls_own(way, "changes", &token.access_token, &[]).body();
        assert_eq!(seen["changes"][0]["deleted"], false);
    }
}

#[test]
fn nothing_else_is_there() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token_of(&anna, "user.metrics");
    for way in WAYS {
        app.calls_own(way, "getmeas", &token, &[]).refused(2554);
    }
    app.sends(app.request("GET", "/vitald/v1").bearer_auth(&token)).json();
}
