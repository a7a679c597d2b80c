//! The pages as a person meets them: log-in and consent, what they say and what they keep to
//! themselves. Where people may be sent is in `redirects`, who may send the forms in `forgery`.

use crate::answer::Answer;
use crate::app::{App, Engine};
use crate::browser::{Browser, decision_form, forms, login_form};
use crate::household::{PASSWORD, REDIRECT_URI, STATE, Tokens, code_of};
use crate::on_both_engines;
use api::admin::NewAccount;

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// As `server` has it: a body has at most this many bytes.
const BODY_BYTES_MAX: usize = 1 << 20;

on_both_engines!(a_character_no_engine_keeps_is_the_callers_mistake);

/// What holds for every page, whatever it says.
fn is_safe(page: &Answer) {
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    assert_eq!(page.header("content-security-policy"), POLICY);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    let lower = page.text.to_lowercase();
    for script in ["<script", "javascript:", " onload=", " onerror=", " onclick="] {
        assert!(!lower.contains(script), "{script} in {}", page.text);
    }
}

#[test]
fn a_wrong_password_gets_the_page_again_and_no_cookie() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    is_safe(&page);
    assert!(page.text.contains("Weight Diary"), "{}", page.text);
    let refused = browser.submits(&login_form(&page, &anna.email, "not the password"));
    assert_eq!(refused.http, 403);
    is_safe(&refused);
    assert!(browser.cookies.is_empty() && !refused.headers.contains_key("set-cookie"));
    assert!(!refused.text.contains("not the password"), "{}", refused.text);
    let again = forms(&refused.text).remove(0);
    assert_eq!(again.field("email"), Some(anna.email.as_str()), "it need not be typed again");
    assert_eq!(again.field("next"), forms(&page.text)[0].field("next"));
    // Logging in on that very page leads on.
    let consent = browser.logs_in(&refused, &anna.email, PASSWORD);
    assert!(consent.text.contains("You are logged in as anna@example.org"), "{}", consent.text);
}

#[test]
fn an_unknown_address_is_answered_like_a_wrong_password() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let wrong = browser.submits(&login_form(&page, &anna.email, "not the password"));
    let unknown = browser.submits(&login_form(&page, "nobody@example.org", "not the password"));
    assert_eq!(wrong.http, unknown.http);
    assert_eq!(wrong.text.replace(&anna.email, "nobody@example.org"), unknown.text);
    let endless = browser.submits(&login_form(&page, &anna.email, &"x".repeat(2_000)));
    assert_eq!((endless.http, endless.text), (wrong.http, wrong.text));
}

#[test]
fn what_was_typed_comes_back_escaped() {
    let app = App::new();
    let program = app.client();
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    for typed in [r#"x"><script>alert(1)</script>"#, "'><b>&amp;&#34;", "ännä@example.org"] {
        let refused = browser.submits(&login_form(&page, typed, "whatever it is"));
        is_safe(&refused);
        assert_eq!(refused.http, 403);
        assert_eq!(forms(&refused.text)[0].field("email"), Some(typed), "{}", refused.text);
        assert!(!refused.text.contains("<b>"), "{}", refused.text);
    }
}

#[test]
fn an_address_is_known_in_any_case_and_with_spaces_around() {
    let app = App::new();
    app.person("anna");
    let program = app.client();
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let consent = browser.logs_in(&page, " Anna@Example.ORG ", PASSWORD);
    assert!(consent.text.contains("You are logged in as anna@example.org"), "{}", consent.text);
}

#[test]
fn the_consent_page_says_who_asks_for_what() {
    let app = App::new();
    let anna = app.person("anna");
    let program = app.client_named(r#"<Diary> & "Co""#, "https://program.example/callback");
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics,user.info", STATE));
    let consent = browser.logs_in(&page, &anna.email, PASSWORD);
    assert_eq!(consent.http, 200);
    is_safe(&consent);
    assert!(!consent.text.contains("<Diary>"), "{}", consent.text);
    let text = crate::browser::unescaped(&consent.text);
    assert!(text.contains(r#"<Diary> & "Co""#), "{text}");
    for scope in ["user.info", "user.metrics"] {
        assert!(text.contains(&format!("({scope})")), "{text}");
    }
    assert!(!text.contains("user.activity"), "{text}");
    for decision in ["allow", "deny"] {
        assert_eq!(decision_form(&consent, decision).action, "/oauth2_user/authorize2");
    }
    assert_eq!(browser.opens("/static/style.css").header("content-type"), "text/css");
}

#[test]
fn the_page_is_found_with_a_slash_at_its_end_too() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let address = program.authorize_address("user.metrics", STATE);
    let mut browser = Browser::new(&app);
    let page = browser.opens(&address.replace("authorize2?", "authorize2/?"));
    is_safe(&page);
    let consent = browser.logs_in(&page, &anna.email, PASSWORD);
    let mut form = decision_form(&consent, "allow");
    form.action.push('/');
    code_of(&browser.submits(&form), STATE);
}

#[test]
fn a_form_has_the_bounds_of_every_call() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let short = login_form(&page, &anna.email, "");
    let encoded = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&short.fields)
        .finish()
        .len();
    for (length, http) in [(BODY_BYTES_MAX, 403), (BODY_BYTES_MAX + 1, 400)] {
        let padded = short.clone().with("password", &"x".repeat(length - encoded));
        assert_eq!((browser.submits(&padded).http, length), (http, length));
    }
    let mut twice = login_form(&page, &anna.email, PASSWORD);
    twice.fields.push(("email".to_owned(), "ben@example.org".to_owned()));
    let refused = browser.submits(&twice);
    assert_eq!(refused.http, 400);
    assert!(!refused.text.contains("ben@") && browser.cookies.is_empty(), "{refused:?}");
}

#[test]
fn the_scope_is_given_back_as_it_was_asked_for() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    for scope in ["user.metrics,user.info", "user.info,user.metrics,user.activity", "user.metrics"]
    {
        let tokens = anna.lets(&program, scope);
        assert_eq!(tokens.answer.body()["scope"], scope);
        assert_eq!(tokens.answer.body()["userid"], anna.id.0);
    }
}

#[test]
fn mode_demo_needs_a_demo_person() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let address = program.authorize_with(&[("mode", "demo")]);
    let mut browser = Browser::new(&app);
    let page = browser.opens(&address);
    assert_eq!(page.http, 400);
    is_safe(&page);
    assert!(page.text.contains("no demo person"), "{}", page.text);
    // Nor does the form: there is nobody who could agree.
    let usual = browser.opens(&program.authorize_address("user.metrics", STATE));
    let consent = browser.logs_in(&usual, &anna.email, PASSWORD);
    let mut form = decision_form(&consent, "allow");
    form.fields.push(("mode".to_owned(), "demo".to_owned()));
    let refused = browser.submits(&form);
    assert_eq!(refused.http, 400);
    assert!(!refused.headers.contains_key("location"), "{refused:?}");
}

#[test]
fn mode_demo_answers_as_the_demo_person() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let demo = app.somebody(NewAccount {
        email: "demo@example.org".to_owned(),
        is_demo: true,
        ..NewAccount::default()
    });
    let mut browser = Browser::new(&app);
    let usual = browser.opens(&program.authorize_address("user.metrics", STATE));
    browser.logs_in(&usual, &anna.email, PASSWORD);
    // Whoever is logged in, or nobody at all.
    for mut browser in [browser, Browser::new(&app)] {
        let consent = browser.opens(&program.authorize_with(&[("mode", "demo")]));
        is_safe(&consent);
        assert!(consent.text.contains("the demo person"), "{}", consent.text);
        let back = browser.decides(&consent, "allow");
        let tokens = Tokens::of(&app, program.exchanges(&code_of(&back, STATE)));
        assert_eq!(tokens.answer.body()["userid"], demo.id.0);
        assert_eq!(tokens.reads("getmeas").status(), 0);
    }
}

/// PostgreSQL keeps no NUL in its texts: no parameter with one may get there.
fn a_character_no_engine_keeps_is_the_callers_mistake(engine: Engine) {
    let app = App::on(engine);
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let refused = browser.submits(&login_form(&page, "anna\0@example.org", PASSWORD));
    assert_eq!(refused.http, 400, "{refused:?}");
    let consent = browser.logs_in(&page, &anna.email, PASSWORD);
    let further = format!("{REDIRECT_URI}/x\0");
    for (name, value) in [("client_id", "\0"), ("redirect_uri", further.as_str())] {
        let opened = browser.opens(&program.authorize_with(&[(name, value)]));
        let sent = browser.submits(&decision_form(&consent, "allow").with(name, value));
        for answer in [opened, sent] {
            assert_eq!((answer.http, name), (400, name), "{answer:?}");
            assert!(!answer.headers.contains_key("location"), "{answer:?}");
        }
    }
    code_of(&browser.decides(&consent, "allow"), STATE);
}
