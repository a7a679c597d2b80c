//! Where a person is sent back to: to registered addresses only, with the state exactly as it came.

use crate::answer::Answer;
use crate::app::App;
use crate::browser::{Browser, decision_form};
use crate::household::{PASSWORD, Person, Program, REDIRECT_URI, STATE, Tokens, code_of};

/// The parameters of the address a person is sent to.
fn sent_with(back: &Answer) -> Vec<(String, String)> {
    assert_eq!(back.http, 302, "{back:?}");
    let address: url::Url = back.header("location").parse().expect("an address");
    assert!(address.as_str().starts_with(REDIRECT_URI), "{address}");
    address.query_pairs().into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A browser in which the person is logged in, and the consent page of an address.
fn consent<'a>(app: &'a App, anna: &Person<'_>, address: &str) -> (Browser<'a>, Answer) {
    let mut browser = Browser::new(app);
    let page = browser.opens(address);
    let consent = browser.logs_in(&page, &anna.email, PASSWORD);
    (browser, consent)
}

#[test]
fn the_state_comes_back_exactly() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    for state in [
        "plain",
        "a b+c%20d%2B&e=f?g#h/i;j:k,l~m",
        r#"x"><script>alert('1')</script>&amp;&#34;"#,
        "Grüße, 健康 \u{1f600} \u{202e}rtl",
        " spaces around ",
        "eyJhIjoxfQ==.~_-*'()!",
    ] {
        let address = program.authorize_address("user.metrics", state);
        let (mut browser, page) = consent(&app, &anna, &address);
        code_of(&browser.decides(&page, "allow"), state);
        let denied = sent_with(&browser.decides(&page, "deny"));
        assert_eq!(denied, pairs(&[("error", "access_denied"), ("state", state)]));
    }
}

#[test]
fn an_address_that_is_not_registered_is_never_gone_to() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, page) =
        consent(&app, &anna, &program.authorize_address("user.metrics", STATE));
    for redirect_uri in [
        "",
        "https://evil.example/callback",
        "https://program.example/",
        "https://program.example/callbackevil",
        "https://program.example/callback/../other",
        "https://program.example/callback/%2e%2e/other",
        "https://program.example.evil.example/callback",
        "https://program.example@evil.example/callback",
        "https://program.example:444/callback",
        "http://program.example/callback",
        "https://program.example/callback#fragment",
        "javascript:alert(1)//program.example/callback",
        "//program.example/callback",
    ] {
        // Also not to say what is wrong with the rest, and not by a form that was changed.
        let asked = [("redirect_uri", redirect_uri)];
        let with_flaws = [("redirect_uri", redirect_uri), ("response_type", "token")];
        let opened = [
            browser.opens(&program.authorize_with(&asked)),
            browser.opens(&program.authorize_with(&with_flaws)),
            Browser::new(&app).opens(&program.authorize_with(&asked)),
        ];
        let form = |decision| decision_form(&page, decision).with("redirect_uri", redirect_uri);
        let sent = ["allow", "deny"].map(|decision| browser.submits(&form(decision)));
        for answer in opened.iter().chain(&sent) {
            assert_eq!((answer.http, redirect_uri), (400, redirect_uri));
            assert!(!answer.headers.contains_key("location"), "{answer:?}");
            assert!(answer.text.contains("redirect_uri"), "{}", answer.text);
        }
    }
    let stranger = browser.opens(&program.authorize_with(&[("client_id", "nobody")]));
    assert_eq!(stranger.http, 400);
    assert!(stranger.text.contains("client_id"), "{}", stranger.text);
}

#[test]
fn a_flaw_is_told_to_the_program_at_its_own_address() {
    let app = App::new();
    let program = app.client();
    for (changed, error) in [
        (vec![("response_type", "token")], "unsupported_response_type"),
        (vec![("scope", "")], "invalid_scope"),
        (vec![("scope", "user.metrics,user.everything")], "invalid_scope"),
        (vec![("mode", "live")], "invalid_request"),
        (vec![("state", "")], "invalid_request"),
    ] {
        let back = Browser::new(&app).opens(&program.authorize_with(&changed));
        let sent = sent_with(&back);
        assert_eq!(sent[0], ("error".to_owned(), error.to_owned()), "{changed:?}");
        assert_eq!(sent[1].0, "error_description");
        let state = sent.get(2).map(|(name, value)| (name.as_str(), value.as_str()));
        let is_stateless = changed[0].0 == "state";
        assert_eq!(state, (!is_stateless).then_some(("state", STATE)), "{changed:?}");
    }
}

#[test]
fn a_registered_address_may_be_extended() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let extended = format!("{REDIRECT_URI}/further?from=vitald");
    let address = program.authorize_with(&[("redirect_uri", &extended)]);
    let (mut browser, page) = consent(&app, &anna, &address);
    let sent = sent_with(&browser.decides(&page, "allow"));
    assert_eq!(sent[0], ("from".to_owned(), "vitald".to_owned()));
    let [_, (code_name, code), (state_name, _)] = sent.as_slice() else {
        panic!("three parameters: {sent:?}")
    };
    assert_eq!((code_name.as_str(), state_name.as_str()), ("code", "state"));
    let exchange = |code: &str, redirect_uri: &str| {
        let grant =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri)];
        app.posts("/v2/oauth2", &program.fields(&grant))
    };
    let answer = exchange(code, &extended);
    assert_eq!(Tokens::of(&app, answer).reads("getmeas").status(), 0);
    // A code works at the address it was sent to, and is burnt by the attempt at another.
    let sent = sent_with(&browser.decides(&page, "allow"));
    exchange(&sent[1].1, REDIRECT_URI).refused(503);
    exchange(&sent[1].1, &extended).refused(503);
}

fn refuses_code_after(seconds: u32) -> i64 {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let code = anna.logs_in_and_allows(&program, "user.metrics");
    app.clock.advance(seconds);
    program.exchanges(&code).status()
}

#[test]
fn a_code_lives_thirty_seconds() {
    assert_eq!(refuses_code_after(29), 0);
    assert_eq!(refuses_code_after(30), 503);
}

#[test]
fn a_code_is_bound_to_its_program() {
    let app = App::new();
    let anna = app.person("anna");
    let (program, other): (Program<'_>, Program<'_>) = (app.client(), app.client());
    let code = anna.logs_in_and_allows(&program, "user.metrics");
    assert_eq!(other.exchanges(&code).refused(503), "Invalid Params: invalid code");
    // Knowing it is not enough to burn it.
    let tokens = Tokens::of(&app, program.exchanges(&code));
    assert_eq!(other.refreshes(&tokens.refresh).status(), 503);
    assert_eq!(program.renews(&tokens).reads("getmeas").status(), 0);
}
