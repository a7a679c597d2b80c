//! The cookie of a person who is logged in: what browsers are told about it, and how it ends.

use crate::answer::Answer;
use crate::app::{App, Setup};
use crate::browser::{Browser, Form, decision_form, forms, login_form};
use crate::household::{PASSWORD, Person, Program, STATE, code_of};
use std::collections::BTreeSet;

const HALF_A_DAY: u32 = 12 * 3_600;

/// The name, the value and the attributes of the one cookie an answer sets.
fn cookie(answer: &Answer) -> (String, String, BTreeSet<String>) {
    let mut parts = answer.header("set-cookie").split(';').map(str::trim);
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a pair");
    (name.to_owned(), value.to_owned(), parts.map(str::to_owned).collect())
}

fn set<const N: usize>(attributes: [&str; N]) -> BTreeSet<String> {
    attributes.map(str::to_owned).into()
}

fn is_login_page(page: &Answer) -> bool {
    assert_eq!(page.http, 200, "{page:?}");
    forms(&page.text)[0].action == "/oauth2_user/login"
}

fn logged_in<'a>(
    app: &'a App,
    person: &Person<'_>,
    program: &Program<'_>,
) -> (Browser<'a>, Answer) {
    let mut browser = Browser::new(app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let consent = browser.logs_in(&page, &person.email, PASSWORD);
    (browser, consent)
}

fn logout_form(consent: &Answer) -> Form {
    let found = forms(&consent.text).into_iter().find(|form| form.action.ends_with("/logout"));
    found.expect("a way to log out")
}

#[test]
fn without_https_it_is_a_plain_cookie_no_script_can_read() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let sent = browser.submits(&login_form(&page, &anna.email, PASSWORD));
    let (name, value, attributes) = cookie(&sent);
    assert_eq!((name.as_str(), value.len()), ("vitald", 40));
    assert_eq!(attributes, set(["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"]));
}

#[test]
fn with_https_only_this_site_can_set_it() {
    let public_url = Some("https://health.example.org");
    let app = App::with(Setup { public_url, ..Setup::default() });
    let (anna, program) = (app.person("anna"), app.client());
    let address = program.authorize_address("user.metrics", STATE);
    let mut browser = Browser::new(&app);
    let page = browser.opens(&address);
    // As it arrives behind a proxy that keeps the name people know.
    let form = login_form(&page, &anna.email, PASSWORD);
    let headers = [
        ("host", "health.example.org"),
        ("origin", "https://health.example.org"),
        ("sec-fetch-site", "same-origin"),
    ];
    let sent = browser.submits_with(&form, &headers);
    let (name, value, attributes) = cookie(&sent);
    assert_eq!((name.as_str(), value.len()), ("__Host-vitald", 40));
    let wanted = set(["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=43200"]);
    assert_eq!(attributes, wanted);
    let consent = browser.opens(&address);
    assert!(!is_login_page(&consent));
    let left = browser.submits_with(&logout_form(&consent), &headers);
    let (name, value, attributes) = cookie(&left);
    assert_eq!((name.as_str(), value.as_str()), ("__Host-vitald", ""));
    assert!(attributes.contains("Secure") && attributes.contains("Max-Age=0"), "{attributes:?}");
}

#[test]
fn a_proxy_may_change_the_host() {
    let public_url = Some("https://health.example.org");
    let app = App::with(Setup { public_url, ..Setup::default() });
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let form = login_form(&page, &anna.email, PASSWORD);
    // The address people know it by is this site, whatever host the proxy asks for; no other is.
    for (origin, http) in [
        ("http://health.example.org", 400),
        ("https://health.example.org.evil.example", 400),
        ("https://health.example.org:8443", 400),
        ("https://health.example.org", 303),
    ] {
        let headers = [("origin", origin), ("sec-fetch-site", "same-origin")];
        assert_eq!((browser.submits_with(&form, &headers).http, origin), (http, origin));
    }
}

#[test]
fn with_https_a_plain_cookie_is_not_looked_at() {
    let public_url = Some("https://health.example.org");
    let app = App::with(Setup { public_url, ..Setup::default() });
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    assert!(!is_login_page(&consent));
    let secret = browser.cookies.remove("__Host-vitald").expect("the cookie");
    browser.cookies.insert("vitald".to_owned(), secret);
    let address = program.authorize_address("user.metrics", STATE);
    assert!(is_login_page(&browser.opens(&address)));
}

#[test]
fn a_session_lasts_twelve_hours() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let address = program.authorize_address("user.metrics", STATE);
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    app.clock.advance(HALF_A_DAY - 1);
    assert!(!is_login_page(&browser.opens(&address)));
    code_of(&browser.decides(&consent, "allow"), STATE);
    app.clock.advance(1);
    assert!(is_login_page(&browser.opens(&address)));
    let late = browser.submits(&decision_form(&consent, "allow"));
    assert_eq!(late.http, 400);
    assert!(late.text.contains("too old"), "{}", late.text);
    assert!(!late.headers.contains_key("location"), "{late:?}");
}

#[test]
fn a_session_outlives_a_restart() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    app.stop();
    app.begin();
    code_of(&browser.decides(&consent, "allow"), STATE);
}

#[test]
fn a_log_out_ends_the_session_on_the_server_too() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    let kept = browser.cookies.clone();
    let left = browser.submits(&logout_form(&consent));
    assert_eq!(left.http, 303);
    assert_eq!(left.header("location"), program.authorize_address("user.metrics", STATE));
    let (name, value, attributes) = cookie(&left);
    assert_eq!((name.as_str(), value.as_str()), ("vitald", ""));
    assert!(attributes.contains("Max-Age=0") && attributes.contains("Path=/"), "{attributes:?}");
    assert!(browser.cookies.is_empty());
    // Somebody who kept the cookie has nothing.
    browser.cookies = kept;
    assert!(is_login_page(&browser.opens(left.header("location"))));
    assert_eq!(browser.submits(&decision_form(&consent, "allow")).http, 400);
}

#[test]
fn a_made_up_cookie_is_nobody() {
    let app = App::new();
    app.person("anna");
    let address = app.client().authorize_address("user.metrics", STATE);
    for value in ["", "0", "0000000000000000000000000000000000000000", "\u{e4}", "a=b=c"] {
        let mut browser = Browser::new(&app);
        browser.cookies.insert("vitald".to_owned(), value.to_owned());
        assert!(is_login_page(&browser.opens(&address)), "{value}");
    }
}

#[test]
fn somebody_else_can_log_in_instead() {
    let app = App::new();
    let (anna, ben, program) = (app.person("anna"), app.person("ben"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    let left = browser.submits(&logout_form(&consent));
    let page = browser.opens(left.header("location"));
    let consent = browser.logs_in(&page, &ben.email, PASSWORD);
    assert!(consent.text.contains("You are logged in as ben@example.org"), "{}", consent.text);
    let code = code_of(&browser.decides(&consent, "allow"), STATE);
    assert_eq!(program.exchanges(&code).body()["userid"], ben.id.0);
}
