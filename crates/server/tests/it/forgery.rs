//! Forms other sites would like to send, and addresses they would like people to be sent to.

use crate::answer::Answer;
use crate::app::App;
use crate::browser::{Browser, Form, decision_form, forms, login_form};
use crate::household::{PASSWORD, Person, Program, STATE, code_of};

/// What a browser says of a form that a page of another site sends, in any of several ways.
const FOREIGN: [&[(&str, &str)]; 7] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://127.0.0.1.evil.example")],
    &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
    &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
];

fn is_refused(answer: &Answer) {
    assert_eq!(answer.http, 400, "{answer:?}");
    assert!(!answer.headers.contains_key("location"), "{answer:?}");
    assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
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

#[test]
fn no_other_site_logs_anybody_in() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    // A link on another site opens the page: that is how people come here.
    let address = program.authorize_address("user.metrics", STATE);
    let request = app.request("GET", &address).header("sec-fetch-site", "cross-site");
    let page = app.sends(request.header("origin", "https://program.example"));
    assert_eq!(page.http, 200);
    let form = login_form(&page, &anna.email, PASSWORD);
    for headers in FOREIGN {
        is_refused(&browser.submits_with(&form, headers));
    }
    assert_eq!(browser.submits(&form).http, 303);
}

#[test]
fn no_other_site_agrees_for_anybody() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    for decision in ["allow", "deny"] {
        for headers in FOREIGN {
            is_refused(&browser.submits_with(&decision_form(&consent, decision), headers));
        }
    }
    code_of(&browser.decides(&consent, "allow"), STATE);
}

#[test]
fn no_other_site_logs_anybody_out() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    let form = forms(&consent.text).into_iter().find(|form| form.action.ends_with("/logout"));
    let form = form.expect("a way to log out");
    for headers in FOREIGN {
        is_refused(&browser.submits_with(&form, headers));
    }
    code_of(&browser.decides(&consent, "allow"), STATE);
}

#[test]
fn a_form_of_another_session_is_refused() {
    let app = App::new();
    let (anna, ben, program) = (app.person("anna"), app.person("ben"), app.client());
    let (mut of_anna, consent) = logged_in(&app, &anna, &program);
    let (mut of_ben, consent_of_ben) = logged_in(&app, &ben, &program);
    let (form, bens) = (decision_form(&consent, "allow"), decision_form(&consent_of_ben, "allow"));
    assert_ne!(form.field("form_token"), bens.field("form_token"));
    let token = bens.field("form_token").expect("a token").to_owned();
    for wrong in [
        form.clone().without("form_token"),
        form.clone().with("form_token", ""),
        form.clone().with("form_token", &token),
        form.clone().with("form_token", &token[..token.len() - 1]),
    ] {
        is_refused(&of_anna.submits(&wrong));
        is_refused(&Browser::new(&app).submits(&wrong));
    }
    is_refused(&Browser::new(&app).submits(&form));
    code_of(&of_anna.submits(&form), STATE);
    code_of(&of_ben.submits(&bens), STATE);
}

#[test]
fn a_decision_is_allow_or_deny() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let (mut browser, consent) = logged_in(&app, &anna, &program);
    let form = decision_form(&consent, "allow");
    for decision in ["", "Allow", "yes"] {
        is_refused(&browser.submits(&form.clone().with("decision", decision)));
    }
    is_refused(&browser.submits(&form.without("decision")));
}

#[test]
fn nobody_is_sent_to_another_site_after_the_log_in() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let form = login_form(&page, &anna.email, PASSWORD);
    let logout = |next: &str| Form { action: "/oauth2_user/logout".to_owned(), ..next_of(next) };
    for next in [
        "",
        "/",
        "https://evil.example/",
        "//evil.example/oauth2_user/authorize2",
        "/\\evil.example",
        "/oauth2_user/authorize2evil",
        "/oauth2_user/authorize2/../../evil",
        "/oauth2_user/authorize2@evil.example",
        "/oauth2_user/authorize2?\r\nset-cookie: vitald=forged",
    ] {
        is_refused(&browser.submits(&form.clone().with("next", next)));
        is_refused(&browser.submits(&logout(next)));
    }
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.submits(&form).http, 303);
}

fn next_of(next: &str) -> Form {
    Form { action: String::new(), fields: vec![("next".to_owned(), next.to_owned())] }
}
