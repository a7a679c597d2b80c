//! Passwords that are guessed, and accounts that are made in bulk: how many tries there are, and
//! what the next one is told. The counts themselves are tested beside `throttle.rs`.

use crate::answer::Answer;
use crate::app::App;
use crate::browser::{Browser, Form, form_to, login_form};
use crate::household::PASSWORD;

const TRIES: usize = 10;
const TRIES_OF_AN_ADDRESS: usize = 100;
const SIGN_UPS: usize = 20;
const WINDOW_SECONDS: u32 = 900;

fn form(app: &App, email: &str, password: &str) -> Form {
    login_form(&Browser::new(app).opens("/account/log-in"), email, password)
}

/// Sends a form as if it came through a proxy at home from that address.
fn sends_from(app: &App, address: &str, form: &Form) -> Answer {
    Browser::new(app).submits_with(form, &[("x-forwarded-for", address)])
}

fn is_slowed(answer: &Answer) {
    assert_eq!(answer.http, 429, "{answer:?}");
    let wait: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=WINDOW_SECONDS).contains(&wait), "{wait}");
    assert!(answer.text.contains("Too many tries"), "{}", answer.text);
    assert!(!answer.headers.contains_key("set-cookie"));
}

#[test]
fn after_ten_wrong_passwords_not_even_the_right_one_is_taken() {
    let app = App::new();
    let anna = app.person("anna");
    let (wrong, right) = (form(&app, &anna.email, "a guess"), form(&app, &anna.email, PASSWORD));
    for _ in 0..TRIES {
        assert_eq!(sends_from(&app, "192.0.2.1", &wrong).http, 403);
    }
    is_slowed(&sends_from(&app, "192.0.2.1", &wrong));
    is_slowed(&sends_from(&app, "192.0.2.1", &right));
    // Who knows the password gets in from elsewhere, and others do from there.
    assert_eq!(sends_from(&app, "192.0.2.2", &right).http, 303);
    let bens = form(&app, &app.person("ben").email, PASSWORD);
    assert_eq!(sends_from(&app, "192.0.2.1", &bens).http, 303);
    app.clock.advance(WINDOW_SECONDS - 1);
    is_slowed(&sends_from(&app, "192.0.2.1", &right));
    app.clock.advance(1);
    assert_eq!(sends_from(&app, "192.0.2.1", &right).http, 303);
}

#[test]
fn an_account_that_is_not_there_is_slowed_down_alike() {
    let app = App::new();
    let anna = app.person("anna");
    let answers = |email: &str| {
        let form = form(&app, email, "a guess");
        let answers = (0..=TRIES).map(|_| sends_from(&app, "192.0.2.1", &form));
        let shown = answers
            .map(|answer| (answer.http, answer.headers.get("retry-after").cloned(), answer.text));
        let nameless = shown.map(|(http, wait, text)| (http, wait, text.replace(email, "EMAIL")));
        nameless.collect::<Vec<_>>()
    };
    let known = answers(&anna.email);
    assert_eq!(known.last().expect("an answer").0, 429);
    assert_eq!(known, answers("nobody@example.org"));
}

#[test]
fn one_address_is_slowed_down_whatever_it_tries() {
    let app = App::new();
    let anna = app.person("anna");
    let page = Browser::new(&app).opens("/account/log-in");
    for number in 0..TRIES_OF_AN_ADDRESS {
        // A password that is too long is not hashed: the test need not wait for a hundred.
        let guess = "x".repeat(1_025);
        let form = login_form(&page, &format!("n{number}@example.org"), &guess);
        assert_eq!(sends_from(&app, "2001:db8::1", &form).http, 403);
    }
    let right = login_form(&page, &anna.email, PASSWORD);
    is_slowed(&sends_from(&app, "2001:db8::2", &right));
    assert_eq!(sends_from(&app, "2001:db8:0:1::1", &right).http, 303);
}

#[test]
fn the_password_that_is_asked_for_again_cannot_be_guessed_either() {
    let app = App::new();
    let anna = app.person("anna");
    let mut found = Browser::of(&app, &anna.email, PASSWORD);
    let page = found.opens("/account/delete");
    let form = form_to(&page, "/account/delete");
    for _ in 0..TRIES {
        assert_eq!(found.submits(&form.clone().with("password", "a guess")).http, 403);
    }
    is_slowed(&found.submits(&form.with("password", PASSWORD)));
    let page = found.opens("/account/password");
    let form = form_to(&page, "/account/password").with("old_password", PASSWORD);
    is_slowed(&found.submits(&form.with("new_password", "a quite different one")));
    assert_eq!(found.opens("/account").http, 200);
}

#[test]
fn accounts_are_not_made_in_bulk() {
    let app = App::new();
    let page = Browser::new(&app).opens("/account/sign-up");
    let form = form_to(&page, "/account/sign-up").with("email", "zoe@example.org");
    for _ in 0..SIGN_UPS {
        assert_eq!(sends_from(&app, "192.0.2.1", &form.clone().with("password", "x")).http, 400);
    }
    let right = form.with("password", PASSWORD);
    is_slowed(&sends_from(&app, "192.0.2.1", &right));
    assert_eq!(sends_from(&app, "192.0.2.2", &right).http, 303);
}
