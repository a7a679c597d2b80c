//! `oauth2 requesttoken`: codes and refresh tokens become access tokens.

use crate::app::{ALL_SCOPES, App, CALLBACK, INVALID_TOKEN, assert_names, error, keys, status};
use api::admin::Account;
use api::authorize::Ask;
use serde_json::Value;

const INVALID_CODE: &str = "Invalid Params: invalid code";
const INVALID_REFRESH_TOKEN: &str = "Invalid Params: invalid refresh_token";

impl App {
    /// A code a person has just given to the application of the test.
    pub(crate) fn code(&self, person: &Account, scope: &str) -> String {
        let (user, ask) = (person.id, self.asks(scope));
        let address = self.does(move |tx| ask.permit(tx, user)).unwrap();
        let address = url::Url::parse(&address).unwrap();
        let code = address.query_pairs().find(|(name, _)| name == "code").unwrap().1;
        code.into_owned()
    }

    /// What the application of the test asks a person for.
    pub(crate) fn asks(&self, scope: &str) -> Ask {
        Ask {
            response_type: "code".to_owned(),
            client_id: self.program.id.clone(),
            state: "st at&e".to_owned(),
            scope: scope.to_owned(),
            redirect_uri: CALLBACK.to_owned(),
            ..Ask::default()
        }
    }

    /// Uses a refresh token.
    pub(crate) fn refreshes(&self, refresh_token: &str) -> Value {
        self.exchanges(&format!("grant_type=refresh_token&refresh_token={refresh_token}"))
    }

    /// Uses a code.
    fn redeems(&self, code: &str) -> Value {
        self.exchanges(&code_form(code))
    }

    pub(crate) fn exchanges(&self, form: &str) -> Value {
        let form = format!("action=requesttoken&{}&{form}", self.program.credentials());
        self.call("/v2/oauth2", &form, None)
    }

    /// What a token opens now: the status of a call with it.
    fn opens(&self, answer: &Value) -> i64 {
        let token = answer["body"]["access_token"].as_str().unwrap();
        status(&self.call("/measure", "action=getmeas", Some(token)))
    }
}

fn code_form(code: &str) -> String {
    format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}")
}

fn refresh_token(answer: &Value) -> &str {
    answer["body"]["refresh_token"].as_str().unwrap()
}

#[track_caller]
fn assert_refused(answer: &Value, text: &str) {
    assert_eq!((status(answer), error(answer)), (503, text), "{answer}");
}

#[test]
fn both_grants_answer_with_the_same_keys_and_types() {
    let app = App::new();
    let anna = app.person("anna");
    let first = app.redeems(&app.code(&anna, "user.info,user.metrics"));
    let second = app.refreshes(refresh_token(&first));
    for answer in [&first, &second] {
        assert_eq!(status(answer), 0);
        let body = &answer["body"];
        let expected = [
            "userid",
            "access_token",
            "refresh_token",
            "expires_in",
            "scope",
            "csrf_token",
            "token_type",
        ];
        assert_eq!(keys(body), expected);
        for key in ["access_token", "refresh_token"] {
            let token = body[key].as_str().unwrap();
            let is_hex = token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            assert!(token.len() == 40 && is_hex, "{key}");
        }
        assert_eq!(body["expires_in"], 10_800);
        assert_eq!(body["token_type"], "Bearer");
        assert!(!body["csrf_token"].as_str().unwrap().is_empty());
    }
    for key in ["access_token", "refresh_token", "csrf_token"] {
        assert_ne!(first["body"][key], second["body"][key], "{key}");
    }
}

#[test]
fn quirk_05_userid_is_an_integer_on_both_grants() {
    let app = App::new();
    let anna = app.person("anna");
    let first = app.redeems(&app.code(&anna, ALL_SCOPES));
    let second = app.refreshes(refresh_token(&first));
    assert_eq!(first["body"]["userid"], anna.id.0);
    assert_eq!(second["body"]["userid"], anna.id.0);
}

#[test]
fn quirk_51_scope_is_the_very_text_that_was_asked_for() {
    let app = App::new();
    let anna = app.person("anna");
    for scope in
        ["user.metrics", "user.metrics,user.info", "user.info user.metrics", "user.info,user.info,"]
    {
        let first = app.redeems(&app.code(&anna, scope));
        assert_eq!(first["body"]["scope"], scope);
        let form = format!(
            "grant_type=refresh_token&scope=user.data&refresh_token={}",
            refresh_token(&first)
        );
        assert_eq!(app.exchanges(&form)["body"]["scope"], scope);
    }
}

#[test]
fn a_code_works_once_and_its_reuse_ends_what_it_brought() {
    let app = App::new();
    let anna = app.person("anna");
    let code = app.code(&anna, ALL_SCOPES);
    let first = app.redeems(&code);
    let second = app.refreshes(refresh_token(&first));
    assert_eq!((app.opens(&first), app.opens(&second)), (0, 0));
    assert_refused(&app.redeems(&code), INVALID_CODE);
    assert_eq!((app.opens(&first), app.opens(&second)), (401, 401));
    assert_refused(&app.refreshes(refresh_token(&second)), INVALID_REFRESH_TOKEN);
}

#[test]
fn a_code_lives_for_thirty_seconds() {
    let app = App::new();
    let anna = app.person("anna");
    let (in_time, too_late) = (app.code(&anna, ALL_SCOPES), app.code(&anna, ALL_SCOPES));
    app.waits(29);
    assert_eq!(status(&app.redeems(&in_time)), 0);
    app.waits(1);
    assert_refused(&app.redeems(&too_late), INVALID_CODE);
}

#[test]
fn a_code_goes_with_its_address() {
    let app = App::new();
    let anna = app.person("anna");
    let code = app.code(&anna, ALL_SCOPES);
    let form = |uri: &str| format!("grant_type=authorization_code&code={code}&redirect_uri={uri}");
    assert_refused(&app.exchanges(&form(&format!("{CALLBACK}/other"))), INVALID_CODE);
    // Somebody had the code and not its address: it is spent.
    assert_refused(&app.exchanges(&form(CALLBACK)), INVALID_CODE);
}

#[test]
fn another_application_can_neither_use_nor_spend_a_code_or_a_refresh_token() {
    let app = App::new();
    let (anna, other) = (app.person("anna"), app.another_program());
    let code = app.code(&anna, ALL_SCOPES);
    let as_other = |form: &str| {
        let form = format!("action=requesttoken&{}&{form}", other.credentials());
        app.call("/v2/oauth2", &form, None)
    };
    assert_refused(&as_other(&code_form(&code)), INVALID_CODE);
    let first = app.redeems(&code);
    assert_eq!(status(&first), 0);
    let form = format!("grant_type=refresh_token&refresh_token={}", refresh_token(&first));
    assert_refused(&as_other(&form), INVALID_REFRESH_TOKEN);
    assert_refused(&as_other(&code_form(&code)), INVALID_CODE);
    assert_eq!(app.opens(&first), 0);
    assert_eq!(status(&app.refreshes(refresh_token(&first))), 0);
}

#[test]
fn a_missing_or_wrong_parameter_beside_a_code_does_not_burn_it() {
    let app = App::new();
    let anna = app.person("anna");
    let code = app.code(&anna, ALL_SCOPES);
    let good = code_form(&code);
    for (form, parameter) in [
        (format!("grant_type=authorization_code&code={code}"), "redirect_uri"),
        (format!("grant_type=authorization_code&code={code}&redirect_uri="), "redirect_uri"),
        (format!("grant_type=authorization_code&redirect_uri={CALLBACK}"), "code"),
        (format!("code={code}&redirect_uri={CALLBACK}"), "grant_type"),
        (good.replace("authorization_code", "password"), "grant_type"),
        (good.replace("authorization_code", "refresh_token"), "refresh_token"),
        (format!("{good}&grant_type=refresh_token"), "grant_type"),
        (format!("{good}&redirect_uri=https://other.example/"), "redirect_uri"),
        (format!("{good}&code=other"), "code"),
        (format!("{good}&refresh_token=one&refresh_token=two"), "refresh_token"),
        (format!("{good}&client_secret=other"), "client_secret"),
    ] {
        assert_names(&app.exchanges(&form), parameter);
    }
    assert_eq!(status(&app.exchanges(&good)), 0);
}

#[test]
fn quirk_03_unknown_codes_and_refresh_tokens_have_the_recorded_texts() {
    let app = App::new();
    let unknown = "0123456789abcdef0123456789abcdef01234567";
    for unknown in [unknown, "x", "%C3%A9", "'%20or%201=1"] {
        assert_refused(&app.redeems(unknown), INVALID_CODE);
        assert_refused(&app.refreshes(unknown), INVALID_REFRESH_TOKEN);
    }
}

#[test]
fn quirk_50_the_refresh_token_rotates_and_ends_with_the_first_use_of_what_it_brought() {
    let app = App::new();
    let anna = app.person("anna");
    let first = app.redeems(&app.code(&anna, ALL_SCOPES));
    let lost = app.refreshes(refresh_token(&first));
    let arrived = app.refreshes(refresh_token(&first));
    assert_eq!((status(&lost), status(&arrived)), (0, 0));
    assert_eq!(app.opens(&arrived), 0);
    assert_refused(&app.refreshes(refresh_token(&first)), INVALID_REFRESH_TOKEN);
    assert_refused(&app.refreshes(refresh_token(&lost)), INVALID_REFRESH_TOKEN);
    assert_eq!((app.opens(&lost), app.opens(&first), app.opens(&arrived)), (401, 0, 0));
    assert_eq!(status(&app.refreshes(refresh_token(&arrived))), 0);
}

#[test]
fn a_refresh_token_can_be_repeated_for_eight_hours() {
    let app = App::new();
    let anna = app.person("anna");
    let first = app.redeems(&app.code(&anna, ALL_SCOPES));
    assert_eq!(status(&app.refreshes(refresh_token(&first))), 0);
    app.waits(8 * 3_600 - 1);
    let last = app.refreshes(refresh_token(&first));
    assert_eq!(status(&last), 0);
    app.waits(1);
    assert_refused(&app.refreshes(refresh_token(&first)), INVALID_REFRESH_TOKEN);
    assert_eq!(app.opens(&last), 0);
}

#[test]
fn a_refresh_token_lives_for_a_year() {
    let app = App::new();
    let anna = app.person("anna");
    let (one, other) = (app.tokens(&anna, ALL_SCOPES), app.tokens(&anna, ALL_SCOPES));
    app.waits(365 * 86_400 - 1);
    assert_eq!(status(&app.refreshes(&one.refresh_token)), 0);
    app.waits(1);
    assert_refused(&app.refreshes(&other.refresh_token), INVALID_REFRESH_TOKEN);
}

#[test]
fn an_access_token_lives_for_three_hours() {
    let app = App::new();
    let anna = app.person("anna");
    let first = app.redeems(&app.code(&anna, ALL_SCOPES));
    app.waits(10_799);
    assert_eq!(app.opens(&first), 0);
    app.waits(1);
    assert_eq!(app.opens(&first), 401);
    let token = first["body"]["access_token"].as_str().unwrap();
    let answer = app.call("/measure", "action=getmeas", Some(token));
    assert_eq!(error(&answer), INVALID_TOKEN);
    assert_eq!(app.opens(&app.refreshes(refresh_token(&first))), 0);
}

#[test]
fn quirk_49_a_secret_beside_a_signature_counts() {
    let app = App::new();
    let anna = app.person("anna");
    let form = format!("{}&nonce=1&signature=2", code_form(&app.code(&anna, ALL_SCOPES)));
    assert_eq!(status(&app.exchanges(&form)), 0);
}
