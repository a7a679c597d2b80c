//! An account that was made for somebody, taken over with a code to their phone or the recovery
//! code.

use crate::answer::Answer;
use crate::app::{App, Engine, Setup};
use crate::browser::{Browser, Form, form_to};
use crate::household::PASSWORD;
use crate::on_both_engines;
use crate::receiver::Receiver;
use domain::UserId;
use store::person::{self, Contact};

on_both_engines!(an_account_is_claimed_with_a_code_to_the_phone);

pub(crate) const PHONE: &str = "+33612345678";

/// An account that an application made, which knows a phone and a recovery code.
fn made_for(app: &App, email: &'static str) -> UserId {
    app.administers(move |tx| {
        let new = api::admin::NewAccount { email: email.to_owned(), ..Default::default() };
        let user = api::admin::create_account(tx, &new)?.id;
        person::set_owner(tx, user, Some("a program"))?;
        let contact = Contact { phone: Some(PHONE.to_owned()), ..Contact::default() };
        person::set_contact(tx, user, &contact)?;
        store::partner::set_recovery(tx, user, Some("open sesame"))?;
        Ok(user)
    })
}

fn claim_form(browser: &mut Browser<'_>, email: &str, code: &str) -> Form {
    let page = browser.opens("/account/claim");
    let form = form_to(&page, "/account/claim");
    form.with("email", email).with("code", code).with("password", PASSWORD)
}

pub(crate) fn claims(browser: &mut Browser<'_>, email: &str, code: &str) -> Answer {
    let form = claim_form(browser, email, code);
    browser.submits(&form)
}

/// Asks for a code: what the page says.
pub(crate) fn asks(browser: &mut Browser<'_>, email: &str) -> Answer {
    let form = claim_form(browser, email, "");
    browser.submits(&Form { action: "/account/claim/code".to_owned(), ..form })
}

pub(crate) fn code_sent_to(receiver: &Receiver) -> String {
    let received = receiver.next();
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/sms"));
    let sms: serde_json::Value = serde_json::from_str(&received.body).unwrap();
    assert_eq!(sms["to"], PHONE);
    let text = sms["text"].as_str().unwrap();
    text.split(' ').next().unwrap().to_owned()
}

fn an_account_is_claimed_with_a_code_to_the_phone(engine: Engine) {
    let receiver = Receiver::new();
    let sms_hook = Some(receiver.address());
    let app = App::with(Setup { engine, sms_hook, ..Setup::default() });
    made_for(&app, "nina@example.org");
    let mut browser = Browser::new(&app);
    // Nobody is told whether there is an account.
    let (known, unknown) =
        (asks(&mut browser, "nina@example.org"), asks(&mut browser, "otto@example.org"));
    let without = |answer: &Answer, email: &str| answer.text.replace(email, "");
    assert_eq!(without(&known, "nina@example.org"), without(&unknown, "otto@example.org"));
    let code = code_sent_to(&receiver);
    assert_eq!(code.len(), 6);
    assert!(receiver.has_nothing_more());
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = claims(&mut browser, "nina@example.org", wrong);
    assert_eq!(refused.http, 403);
    assert!(!refused.text.contains(wrong));
    let done = claims(&mut browser, " Nina@example.org", &code);
    assert_eq!((done.http, done.header("location")), (303, "/account"));
    assert!(browser.opens("/account").text.contains("You are logged in as nina@example.org"));
    Browser::of(&app, "nina@example.org", PASSWORD);
    // It is theirs now: no code claims it again.
    for code in [code.as_str(), "open sesame"] {
        assert_eq!(claims(&mut Browser::new(&app), "nina@example.org", code).http, 403);
    }
    asks(&mut Browser::new(&app), "nina@example.org");
    assert!(receiver.has_nothing_more());
}

#[test]
fn a_code_is_good_for_ten_minutes_and_the_next_one_takes_its_place() {
    let receiver = Receiver::new();
    let app = App::with(Setup { sms_hook: Some(receiver.address()), ..Setup::default() });
    made_for(&app, "nina@example.org");
    let mut browser = Browser::new(&app);
    asks(&mut browser, "nina@example.org");
    let first = code_sent_to(&receiver);
    app.clock.advance(600);
    assert_eq!(claims(&mut browser, "nina@example.org", &first).http, 403);
    asks(&mut browser, "nina@example.org");
    let second = code_sent_to(&receiver);
    if first != second {
        assert_eq!(claims(&mut browser, "nina@example.org", &first).http, 403);
    }
    assert_eq!(claims(&mut browser, "nina@example.org", &second).http, 303);
}

#[test]
fn without_a_hook_there_is_the_recovery_code() {
    let app = App::new();
    made_for(&app, "nina@example.org");
    let mut browser = Browser::new(&app);
    let page = browser.opens("/account/claim");
    assert!(!page.text.contains("/account/claim/code"), "{}", page.text);
    let short = claim_form(&mut browser, "nina@example.org", "open sesame").with("password", "x");
    assert_eq!(browser.submits(&short).http, 400);
    assert_eq!(claims(&mut browser, "nina@example.org", "open sesame").http, 303);
}

#[test]
fn who_guesses_long_enough_is_not_believed_any_more() {
    let app = App::new();
    made_for(&app, "nina@example.org");
    // Past the count of the address, as one who has many addresses could.
    for _ in 0..10 {
        let mut browser = Browser::new(&app);
        assert_eq!(claims(&mut browser, "nina@example.org", "111111").http, 403);
        app.clock.advance(900);
    }
    let right = claims(&mut Browser::new(&app), "nina@example.org", "open sesame");
    assert_eq!(right.http, 403);
    app.clock.advance(86_400);
    let right = claims(&mut Browser::new(&app), "nina@example.org", "open sesame");
    assert_eq!(right.http, 303);
}

#[test]
fn an_account_that_is_its_persons_own_is_not_claimed() {
    let app = App::new();
    let anna = app.person("anna");
    app.administers(move |tx| store::partner::set_recovery(tx, anna.id, Some("open sesame")));
    assert_eq!(claims(&mut Browser::new(&app), "anna@example.org", "open sesame").http, 403);
}
