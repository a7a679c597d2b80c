//! What an application may ask a person for, and where the person is sent back to.

use crate::app::{ALL_SCOPES, App, CALLBACK, status};
use api::authorize::{Ask, Checked, Flaw};
use domain::Scope;
use std::collections::BTreeMap;
use url::Url;

fn checks(app: &App, ask: &Ask) -> Result<Checked, Flaw> {
    let ask = ask.clone();
    app.does(move |tx| ask.check(tx))
}

/// An address without its query, and the query.
fn taken_apart(address: &str) -> (String, BTreeMap<String, String>) {
    let url = Url::parse(address).unwrap();
    let query = url.query_pairs().into_owned().collect();
    (address.split('?').next().unwrap().to_owned(), query)
}

/// The error that is sent to the application at its own address, with the state as it came.
fn sent_back(app: &App, ask: &Ask) -> String {
    let flaw = checks(app, ask).unwrap_err();
    let Flaw::Redirect { address, .. } = &flaw else {
        panic!("the application is not told: {flaw:?}")
    };
    let (place, mut query) = taken_apart(address);
    assert_eq!(place, CALLBACK);
    assert_eq!(query.remove("state").unwrap_or_default(), ask.state);
    assert!(!query.contains_key("code"));
    assert!(!query.remove("error_description").unwrap().is_empty());
    let error = query.remove("error").unwrap();
    assert!(query.is_empty(), "{query:?}");
    error
}

#[test]
fn a_good_ask_is_put_before_the_person() {
    let app = App::new();
    let checked = checks(&app, &app.asks("user.metrics,user.info")).unwrap();
    assert_eq!(checked.application.client_id, app.program.id);
    assert_eq!(checked.application.name, "Program");
    assert_eq!(checked.scopes.iter().collect::<Vec<_>>(), [Scope::Info, Scope::Metrics]);
    assert!(!checked.is_demo);
    for (mode, is_demo) in [("", false), ("demo", true)] {
        let ask = Ask { mode: Some(mode.to_owned()), ..app.asks(ALL_SCOPES) };
        assert_eq!(checks(&app, &ask).unwrap().is_demo, is_demo);
    }
}

#[test]
fn an_unknown_application_or_address_is_a_page_and_never_a_redirect() {
    let app = App::new();
    let user = app.person("anna").id;
    let ask = app.asks(ALL_SCOPES);
    let foreign = [
        "",
        "/callback",
        "https://evil.example/callback",
        "http://app.example/callback",
        "https://app.example/",
        "https://app.example/callbackevil",
        "https://app.example/callback/../other",
        "https://app.example:8443/callback",
        "https://app.example@evil.example/callback",
        "https://app.example/callback#code",
        "javascript:alert(1)",
    ];
    let mut asks: Vec<(&str, Ask)> = foreign
        .map(|uri| ("redirect_uri", Ask { redirect_uri: uri.to_owned(), ..ask.clone() }))
        .into();
    let upper = app.program.id.to_uppercase();
    for id in ["", "unknown", &upper, &app.program.secret] {
        asks.push(("client_id", Ask { client_id: id.to_owned(), ..ask.clone() }));
    }
    // Whatever else is wrong: nothing is sent to an address that is not the application's.
    let worse = asks.clone().into_iter().map(|(name, ask)| {
        (name, Ask { response_type: String::new(), state: String::new(), ..ask })
    });
    asks.extend(worse.collect::<Vec<_>>());
    for (name, ask) in asks {
        let permit = ask.clone();
        let permitted = app.does(move |tx| permit.permit(tx, user));
        let deny = ask.clone();
        let denied = app.does(move |tx| deny.deny(tx));
        for outcome in [checks(&app, &ask).map(|_| String::new()), permitted, denied] {
            match outcome {
                Err(Flaw::Page(text)) => assert!(text.starts_with(name), "{ask:?}: {text}"),
                other => panic!("{ask:?}: {other:?}"),
            }
        }
    }
}

#[test]
fn other_flaws_are_told_the_application_with_its_state() {
    let app = App::new();
    let ask = app.asks(ALL_SCOPES);
    for response_type in ["", "token", "Code", "code token"] {
        let ask = Ask { response_type: response_type.to_owned(), ..ask.clone() };
        assert_eq!(sent_back(&app, &ask), "unsupported_response_type", "{response_type}");
    }
    for scope in ["", " ", ",", "user.everything", "user.info,user.everything", "USER.INFO"] {
        let ask = Ask { scope: scope.to_owned(), ..ask.clone() };
        assert_eq!(sent_back(&app, &ask), "invalid_scope", "{scope}");
    }
    let stateless = Ask { state: String::new(), ..ask.clone() };
    assert_eq!(sent_back(&app, &stateless), "invalid_request");
    let of_mode = Ask { mode: Some("other".to_owned()), ..ask };
    assert_eq!(sent_back(&app, &of_mode), "invalid_request");
}

#[test]
fn a_flawed_ask_cannot_be_permitted_or_denied_past_the_check() {
    let app = App::new();
    let user = app.person("anna").id;
    let ask = Ask { scope: "user.everything".to_owned(), ..app.asks(ALL_SCOPES) };
    let flaw = checks(&app, &ask).unwrap_err();
    let (permit, deny) = (ask.clone(), ask);
    assert_eq!(app.does(move |tx| permit.permit(tx, user)), Err(flaw.clone()));
    assert_eq!(app.does(move |tx| deny.deny(tx)), Err(flaw));
}

#[test]
fn who_permits_is_sent_back_with_a_code_that_works_once() {
    let app = App::new();
    let anna = app.person("anna");
    let (ask, user) = (app.asks("user.info"), anna.id);
    let address = app.does(move |tx| ask.permit(tx, user)).unwrap();
    let (place, query) = taken_apart(&address);
    assert_eq!(place, CALLBACK);
    assert_eq!(query.keys().collect::<Vec<_>>(), ["code", "state"]);
    assert_eq!(query["state"], "st at&e");
    let code = &query["code"];
    assert_eq!(code.len(), 40);
    let form = format!(
        "action=requesttoken&grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&{}",
        app.program.credentials()
    );
    let tokens = app.call("/v2/oauth2", &form, None);
    assert_eq!((status(&tokens), &tokens["body"]["scope"]), (0, &"user.info".into()));
    assert_eq!(tokens["body"]["userid"], anna.id.0);
    assert_eq!(status(&app.call("/v2/oauth2", &form, None)), 503);
}

#[test]
fn who_denies_is_sent_back_without_one() {
    let app = App::new();
    let ask = app.asks(ALL_SCOPES);
    let address = app.does(move |tx| ask.deny(tx)).unwrap();
    let (place, query) = taken_apart(&address);
    assert_eq!(place, CALLBACK);
    assert_eq!(query.keys().collect::<Vec<_>>(), ["error", "state"]);
    assert_eq!((query["error"].as_str(), query["state"].as_str()), ("access_denied", "st at&e"));
}

#[test]
fn the_address_keeps_its_path_and_query() {
    let app = App::new();
    let uri = format!("{CALLBACK}/deep?a=1&b=%26");
    let ask = Ask { redirect_uri: uri.clone(), ..app.asks(ALL_SCOPES) };
    let address = app.does(move |tx| ask.deny(tx)).unwrap();
    assert!(address.starts_with(&format!("{uri}&error=access_denied&state=")), "{address}");
}
