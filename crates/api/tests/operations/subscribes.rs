//! Subscriptions as a program meets them: shapes, statuses, and who may be told of what. What is
//! told then is in `told_of.rs`, how it travels in `server`.

use crate::app::{ALL_SCOPES, App, Program, assert_names, error, status};
use api::admin::Account;
use api::dispatch;
use api::form::{BodyKind, Request};
use api::visit::{Visit, Who};
use domain::notification::Appli;
use domain::{Error, Failure, UserId};
use serde_json::{Value, json};
use std::sync::Arc;
use store::subscription::{self, APPLICATION, New, SUBSCRIPTIONS_MAX};

/// Where the application of every test is told.
pub(crate) const HERE: &str = "https://app.example/told";
const THERE: &str = "https://app.example/there?secret=x";

/// What a good call of one of the operations says: there is one subscription, or none yet.
pub(crate) fn good_form(app: &App, person: &Account, action: &str) -> String {
    let (user, client) = (person.id, app.program.id.clone());
    app.does(move |tx| subscription::end_all(tx, user, &client));
    if action != "subscribe" {
        app.subscribes(&app.program, person.id, 1);
    }
    match action {
        "list" => "appli=1".to_owned(),
        "update" => format!("callbackurl={HERE}&appli=1&comment=mine"),
        _ => format!("callbackurl={HERE}&appli=1"),
    }
}

impl App {
    /// Makes a subscription without a call: its number.
    pub(crate) fn subscribes(&self, program: &Program, user: UserId, appli: i64) -> i64 {
        let (client, appli) = (program.id.clone(), Appli(appli));
        self.does(move |tx| {
            let (comment, secret) = (None, None);
            let new = New { user, client_id: &client, appli, callback: HERE, comment, secret };
            subscription::create(tx, &new)
        })
        .unwrap()
    }

    /// A call of `/notify` with a token that was given before.
    #[track_caller]
    fn notify(&self, token: &str, form: &str) -> Value {
        self.call("/notify", &format!("action={form}"), Some(token))
    }

    fn subscribes_signed(&self, program: &Program, form: &str) -> Value {
        let proof = self.signed(program, "subscribe");
        self.call("/notify", &format!("action=subscribe&{proof}&{form}"), None)
    }

    /// A token for another application.
    fn token_of(&self, program: &Program, person: &Account, scope: &str) -> String {
        let (client, email, scope) = (program.id.clone(), person.email.clone(), scope.to_owned());
        let issue = api::admin::issue_token;
        self.does(move |tx| issue(tx, &client, &email, Some(&scope))).access_token
    }
}

fn profile(appli: i64, callback: &str, comment: Option<&str>) -> Value {
    json!({
        "appli": appli, "callbackurl": callback, "expires": 2_147_483_647, "comment": comment,
    })
}

#[track_caller]
fn assert_done(answer: &Value) {
    assert_eq!(answer, &json!({ "status": 0, "body": {} }));
}

#[track_caller]
fn assert_status(answer: &Value, expected: i64) {
    assert_eq!(status(answer), expected, "{answer}");
}

#[test]
fn quirk_42_a_subscription_has_expires_and_a_comment_that_may_be_null() {
    let app = App::new();
    let token = app.token(&app.person("anna"), ALL_SCOPES);
    assert_done(&app.notify(&token, &format!("subscribe&callbackurl={HERE}&appli=1")));
    app.waits(1);
    let noted = format!("subscribe&callbackurl={HERE}&appli=44&comment=N%C3%A4chte%20%E2%99%A5");
    assert_done(&app.notify(&token, &noted));
    let (first, second) = (profile(1, HERE, None), profile(44, HERE, Some("Nächte ♥")));
    let body = |form: &str| app.notify(&token, form)["body"].clone();
    assert_eq!(body("list"), json!({ "profiles": [first, second] }));
    assert_eq!(body("list&appli=44"), json!({ "profiles": [second] }));
    assert_eq!(body("list&appli=2"), json!({ "profiles": [] }));
    // Weight, if it is not said.
    assert_eq!(body(&format!("get&callbackurl={HERE}")), first);
    assert_eq!(body(&format!("get&callbackurl={HERE}&appli=44")), second);
}

#[test]
fn what_is_there_already_and_what_is_not_there_have_their_statuses() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    let at = |action: &str, appli: i64| format!("{action}&callbackurl={HERE}&appli={appli}");
    assert_done(&app.notify(&token, &at("subscribe", 1)));
    assert_done(&app.notify(&token, &at("subscribe", 4)));
    // Elsewhere it is another one.
    let elsewhere = format!("subscribe&callbackurl={THERE}&appli=1");
    assert_done(&app.notify(&token, &elsewhere));
    assert_status(&app.notify(&token, &at("subscribe", 1)), 295);
    assert_status(&app.notify(&token, &format!("{}&new_appli=4", at("update", 1))), 295);
    let moved = format!("{}&new_callbackurl={THERE}", at("update", 1));
    assert_status(&app.notify(&token, &moved), 295);
    assert_status(&app.notify(&token, &at("get", 2)), 294);
    assert_status(&app.notify(&token, &format!("{}&comment=x", at("update", 2))), 294);
    assert_status(&app.notify(&token, &at("revoke", 2)), 286);
    assert_status(&app.notify(&token, "revoke&callbackurl=https://app.example/"), 286);
    // What is somebody else's is not there, whether the person's or the application's.
    let other = app.token_of(&app.another_program(), &anna, ALL_SCOPES);
    let ben = app.token(&app.person("ben"), ALL_SCOPES);
    for foreign in [&other, &ben] {
        assert_eq!(app.notify(foreign, "list")["body"], json!({ "profiles": [] }));
        assert_status(&app.notify(foreign, &at("get", 1)), 294);
        assert_status(&app.notify(foreign, &format!("{}&comment=x", at("update", 1))), 294);
        assert_status(&app.notify(foreign, &at("revoke", 1)), 286);
    }
    // And hinders nobody.
    assert_done(&app.notify(&other, &at("subscribe", 1)));
    // One that ended is not in the way of a new one.
    assert_done(&app.notify(&token, &at("revoke", 1)));
    assert_status(&app.notify(&token, &at("revoke", 1)), 286);
    assert_done(&app.notify(&token, &at("subscribe", 1)));
}

#[test]
fn revoke_ends_one_category_or_every_one_of_an_address() {
    let app = App::new();
    let token = app.token(&app.person("anna"), ALL_SCOPES);
    for appli in [1, 2, 4] {
        let form = format!("subscribe&callbackurl={HERE}&appli={appli}");
        assert_done(&app.notify(&token, &form));
    }
    assert_done(&app.notify(&token, &format!("subscribe&callbackurl={THERE}&appli=1")));
    let applis = || {
        let listed = app.notify(&token, "list")["body"]["profiles"].clone();
        let listed = listed.as_array().unwrap().iter();
        listed.map(|one| one["appli"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_done(&app.notify(&token, &format!("revoke&callbackurl={HERE}&appli=2")));
    assert_eq!(applis(), [1, 1, 4]);
    assert_done(&app.notify(&token, &format!("revoke&callbackurl={HERE}")));
    assert_eq!(applis(), [1]);
    assert_eq!(app.notify(&token, "list")["body"]["profiles"][0], profile(1, THERE, None));
}

#[test]
fn quirk_45_update_takes_any_one_of_its_three_values() {
    let app = App::new();
    let token = app.token(&app.person("anna"), ALL_SCOPES);
    assert_done(&app.notify(&token, &format!("subscribe&callbackurl={HERE}&appli=1")));
    let update = |more: &str| app.notify(&token, &format!("update&callbackurl={HERE}&{more}"));
    let only = || app.notify(&token, "list")["body"]["profiles"].clone();
    assert_done(&update("appli=1&comment=mine"));
    assert_eq!(only(), json!([profile(1, HERE, Some("mine"))]));
    assert_done(&update("appli=1&new_appli=44"));
    assert_eq!(only(), json!([profile(44, HERE, Some("mine"))]));
    // Several at once, as some programs send them (quirk 44).
    let all = format!("appli=44&new_callbackurl={THERE}&new_appli=2&comment=yours");
    assert_done(&update(&all));
    assert_eq!(only(), json!([profile(2, THERE, Some("yours"))]));
    let nothing = app.notify(&token, &format!("update&callbackurl={THERE}&appli=2"));
    assert_status(&nothing, 503);
    for name in ["new_callbackurl", "new_appli", "comment"] {
        assert!(error(&nothing).contains(name), "{nothing}");
    }
}

#[test]
fn a_category_needs_its_scope() {
    let app = App::new();
    let anna = app.person("anna");
    for known in Appli::KNOWN {
        let Some(needed) = known.scope else { continue };
        let tokens = ALL_SCOPES.split(',').map(|scope| (scope, app.token(&anna, scope)));
        for (scope, token) in tokens {
            let appli = known.appli.0;
            let (user, client) = (anna.id, app.program.id.clone());
            app.does(move |tx| subscription::end_all(tx, user, &client));
            let answer = app.notify(&token, &format!("subscribe&callbackurl={HERE}&appli={appli}"));
            let expected = if scope == needed.name() { 0 } else { 2555 };
            assert_eq!(status(&answer), expected, "{appli} with {scope}: {answer}");
        }
    }
    // So does the category it is changed to.
    let token = app.token(&anna, "user.metrics");
    let (user, client) = (anna.id, app.program.id.clone());
    app.does(move |tx| subscription::end_all(tx, user, &client));
    assert_done(&app.notify(&token, &format!("subscribe&callbackurl={HERE}&appli=1")));
    let to = |appli| format!("update&callbackurl={HERE}&appli=1&new_appli={appli}");
    assert_status(&app.notify(&token, &to(44)), 2555);
    assert_names(&app.notify(&token, &to(53)), "new_appli");
    assert_names(&app.notify(&token, &to(3)), "new_appli");
    assert_done(&app.notify(&token, &to(4)));
    for unknown in [0, 3, 45, 101, -1] {
        let form = format!("subscribe&callbackurl={HERE}&appli={unknown}");
        assert_names(&app.notify(&token, &form), "appli");
    }
}

#[test]
fn category_53_is_the_applications_own_and_takes_a_signed_call() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    let own = format!("callbackurl={HERE}&appli=53");
    assert_names(&app.notify(&token, &format!("subscribe&{own}")), "appli");
    assert_done(&app.subscribes_signed(&app.program, &own));
    assert_status(&app.subscribes_signed(&app.program, &own), 295);
    let client = app.program.id.clone();
    let kept = app.does(move |tx| subscription::list(tx, APPLICATION, &client, None));
    assert_eq!((kept.len(), kept[0].appli), (1, Appli::NO_ACCOUNT));
    // It is nobody's in particular.
    assert_eq!(app.notify(&token, "list")["body"], json!({ "profiles": [] }));
    // Every other category is about a person.
    let weight = format!("callbackurl={HERE}&appli=1");
    assert_status(&app.subscribes_signed(&app.program, &weight), 401);
    let unknown = format!("callbackurl={HERE}&appli=3");
    assert_names(&app.subscribes_signed(&app.program, &unknown), "appli");
}

#[test]
fn quirk_46_a_token_and_a_signature_together_are_taken_and_both_have_to_be_good() {
    let app = App::new();
    let (anna, other) = (app.person("anna"), app.another_partner());
    let token = app.token(&anna, "user.metrics");
    let sends = |token: &str, program: &Program, appli: i64| {
        let proof = app.signed(program, "subscribe");
        let form = format!("action=subscribe&{proof}&callbackurl={HERE}&appli={appli}");
        app.call("/notify", &form, Some(token))
    };
    assert_done(&sends(&token, &app.program, 1));
    assert_eq!(app.notify(&token, "list")["body"]["profiles"][0]["appli"], 1);
    assert_status(&sends(&token, &other, 2), 401);
    assert_status(&sends(&token[..39], &app.program, 2), 401);
    assert_status(&sends(&token, &app.program, 44), 2555);
    let proof = app.program.signs("subscribe", "0123456789abcdef0123456789abcdef01234567");
    let form = format!("action=subscribe&{proof}&callbackurl={HERE}&appli=2");
    assert_status(&app.call("/notify", &form, Some(&token)), 342);
    // With the signature beside it the application's own category is open too.
    assert_done(&sends(&token, &app.program, 53));
    assert_eq!(app.notify(&token, "list")["body"]["profiles"].as_array().unwrap().len(), 1);
}

#[test]
fn quirk_47_subscriptions_are_made_and_ended_with_everything_in_the_query() {
    let app = App::new();
    let token = app.token(&app.person("anna"), ALL_SCOPES);
    let address: String = form_urlencoded::byte_serialize(THERE.as_bytes()).collect();
    let by_get = |action: &str| {
        let query = format!("action={action}&access_token={token}&callbackurl={address}&appli=1");
        app.answer("/notify", Request::parse(&query, BodyKind::Form, b"", None).unwrap())
    };
    assert_done(&by_get("subscribe"));
    assert_eq!(by_get("get")["body"], profile(1, THERE, None));
    assert_eq!(by_get("list")["body"]["profiles"][0], profile(1, THERE, None));
    assert_done(&by_get("revoke"));
    assert_status(&by_get("get"), 294);
}

#[test]
fn the_secret_to_sign_with_is_our_own_and_optional() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    let subscribe = format!("subscribe&callbackurl={HERE}&appli=1");
    for secret in ["x", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
        let answer = app.notify(&token, &format!("{subscribe}&webhook_secret={secret}"));
        assert_names(&answer, "webhook_secret");
        assert!(secret.len() < 8 || !error(&answer).contains(&secret[6..]), "{answer}");
    }
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let signed = || {
        let (user, client) = (anna.id, app.program.id.clone());
        app.does(move |tx| subscription::list(tx, user, &client, None))[0].is_signed
    };
    assert_done(&app.notify(&token, &subscribe));
    assert!(!signed());
    let update = format!("update&callbackurl={HERE}&appli=1&webhook_secret={secret}");
    assert_done(&app.notify(&token, &update));
    assert!(signed());
    // It is given back to nobody.
    assert!(!app.notify(&token, "list").to_string().contains("whsec_"));
    assert_done(&app.notify(&token, &format!("revoke&callbackurl={HERE}")));
    assert_done(&app.notify(&token, &format!("{subscribe}&webhook_secret={secret}")));
    assert!(signed());
}

#[test]
fn comments_and_subscriptions_have_a_limit() {
    let app = App::new();
    let anna = app.person("anna");
    let token = app.token(&anna, ALL_SCOPES);
    let subscribe = format!("subscribe&callbackurl={HERE}&appli=1&comment=");
    assert_names(&app.notify(&token, &format!("{subscribe}{}", "ä".repeat(501))), "comment");
    assert_done(&app.notify(&token, &format!("{subscribe}{}", "ä".repeat(500))));
    let (user, client) = (anna.id, app.program.id.clone());
    app.does(move |tx| {
        for number in 1..SUBSCRIPTIONS_MAX {
            let callback = format!("https://app.example/{number}");
            let (client_id, appli) = (client.as_str(), Appli::WEIGHT);
            let new =
                New { user, client_id, appli, callback: &callback, comment: None, secret: None };
            subscription::create(tx, &new)?;
        }
        Ok(())
    });
    let one_more = app.notify(&token, &format!("subscribe&callbackurl={THERE}&appli=1"));
    assert_names(&one_more, "callbackurl");
    assert_done(&app.notify(&token, &format!("revoke&callbackurl={HERE}")));
    assert_done(&app.notify(&token, &format!("subscribe&callbackurl={THERE}&appli=1")));
}

#[test]
fn the_demo_persons_subscriptions_are_listed_and_not_made() {
    let app = App::new();
    app.does(|tx| {
        let demo = api::admin::NewAccount { is_demo: true, ..crate::app::new("demo") };
        api::admin::create_account(tx, &demo).map(|_| ())
    });
    let form = format!("action=getdemoaccess&scope_oauth2=user.metrics&{}", {
        app.signed(&app.program, "getdemoaccess")
    });
    let token = app.call("/v2/oauth2", &form, None)["body"]["access_token"].clone();
    let token = token.as_str().unwrap();
    assert_status(&app.notify(token, "list"), 0);
    assert_status(&app.notify(token, &format!("subscribe&callbackurl={HERE}&appli=1")), 277);
    assert_status(&app.notify(token, &format!("revoke&callbackurl={HERE}")), 277);
}

/// A visit of a server that has heard from addresses, or not yet.
#[derive(Debug)]
struct Heard(Option<Result<(), String>>);

impl Visit for Heard {
    fn names(&self, _: &str) {}
    fn wants_limit(&self, _: &str) -> bool {
        false
    }
    fn learns_limit(&self, _: &str, _: Option<i64>) {}
    fn admits(&self, _: Who<'_>) -> domain::Result<()> {
        Ok(())
    }
    fn concerns(&self, _: UserId) {}
    fn answered(&self, _: &str) -> Option<Result<(), String>> {
        self.0.clone()
    }
}

#[test]
fn an_address_has_to_answer_before_anything_is_written() {
    let app = App::new();
    let anna = app.person("anna");
    let token = format!("Bearer {}", app.token(&anna, "user.metrics"));
    let calls = |form: &str, heard: Heard| {
        let form = format!("action={form}");
        let request = Request::parse("", BodyKind::Form, form.as_bytes(), Some(&token));
        let request = request.unwrap().visiting(Arc::new(heard));
        let (_, built) = dispatch::find("/notify", &request).unwrap();
        app.db.run_blocking(built.access, move |tx| built.answer(tx, &request))
    };
    let kept = || {
        let (user, client) = (anna.id, app.program.id.clone());
        let all = app.does(move |tx| subscription::list(tx, user, &client, None));
        all.into_iter().map(|one| one.callback).collect::<Vec<_>>()
    };
    let asks = |outcome: domain::Result<Vec<u8>>, address: &str| match outcome {
        Err(Error::Failed(Failure::NeedsAnswer(asked))) => assert_eq!(asked, address),
        other => panic!("{other:?}"),
    };
    let refused = |outcome: domain::Result<Vec<u8>>| match outcome {
        Err(Error::Refused(refusal)) => (refusal.status.code(), refusal.text.to_string()),
        other => panic!("{other:?}"),
    };
    let subscribe = format!("subscribe&callbackurl={HERE}&appli=1");
    asks(calls(&subscribe, Heard(None)), HERE);
    let silent = || Heard(Some(Err("the name leads to no address".to_owned())));
    let text = "The callback URL is either unknown or invalid".to_owned();
    assert_eq!(refused(calls(&subscribe, silent())), (293, text.clone()));
    assert!(kept().is_empty());
    calls(&subscribe, Heard(Some(Ok(())))).unwrap();
    assert_eq!(kept(), [HERE]);
    // What is refused anyway asks nobody.
    assert_eq!(refused(calls(&subscribe, Heard(None))).0, 295);
    let foreign = format!("subscribe&callbackurl={HERE}&appli=44");
    assert_eq!(refused(calls(&foreign, Heard(None))).0, 2555);
    // Neither does a change that leaves the address.
    let update = format!("update&callbackurl={HERE}&appli=1");
    calls(&format!("{update}&comment=x"), Heard(None)).unwrap();
    let moves = format!("{update}&new_callbackurl={THERE}");
    asks(calls(&moves, Heard(None)), THERE);
    assert_eq!(refused(calls(&moves, silent())), (293, text));
    assert_eq!(kept(), [HERE]);
    calls(&moves, Heard(Some(Ok(())))).unwrap();
    assert_eq!(kept(), [THERE]);
}
