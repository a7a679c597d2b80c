//! Getting in and out at the front door: sign-up, log-in, a new password, and what must not be
//! possible on the way.

use crate::answer::Answer;
use crate::app::{App, Engine, Setup};
use crate::browser::{Browser, Form, form_to, forms, login_form, unescaped};
use crate::household::{PASSWORD, REDIRECT_URI, STATE, code_of};
use crate::on_both_engines;
use server::Rules;

const NEW: &str = "a quite different one";

on_both_engines!(somebody_signs_up_and_logs_in_again, a_new_password_ends_every_other_session);

fn sign_up_form(page: &Answer, email: &str, password: &str) -> Form {
    form_to(page, "/account/sign-up").with("email", email).with("password", password)
}

fn is_logged_out(browser: &mut Browser<'_>) -> bool {
    let home = browser.opens("/account");
    assert!(matches!(home.http, 200 | 303), "{home:?}");
    home.http == 303
}

fn somebody_signs_up_and_logs_in_again(engine: Engine) {
    let app = App::on(engine);
    let mut browser = Browser::new(&app);
    let page = browser.opens("/account/sign-up");
    let form = sign_up_form(&page, " Zoe@Example.ORG ", PASSWORD).with("time_zone", "Asia/Tokyo");
    let made = browser.submits(&form);
    assert_eq!((made.http, made.header("location")), (303, "/account"));
    let home = browser.opens("/account");
    assert!(home.text.contains("You are logged in as zoe@example.org"), "{}", home.text);
    let profile = form_to(&browser.opens("/account/profile"), "/account/profile");
    assert_eq!(profile.field("time_zone"), Some("Asia/Tokyo"));
    let left = browser.submits(&form_to(&home, "/oauth2_user/logout"));
    assert_eq!((left.http, left.header("location")), (303, "/account/log-in"));
    assert!(browser.cookies.is_empty() && is_logged_out(&mut browser));
    Browser::of(&app, "zoe@example.org", PASSWORD);
}

#[test]
fn signing_up_leads_back_to_the_program_that_asked() {
    let (app, mut pages) = (App::new(), Vec::new());
    let program = app.client();
    let mut browser = Browser::new(&app);
    let page = browser.opens(&program.authorize_address("user.metrics", STATE));
    let (_, rest) = page.text.split_once("href=\"/account/sign-up").expect("a link");
    let (query, _) = rest.split_once('"').expect("a link that ends");
    pages.push(browser.opens(&format!("/account/sign-up{}", unescaped(query))));
    let made = browser.submits(&sign_up_form(&pages[0], "zoe@example.org", PASSWORD));
    assert_eq!(made.header("location"), program.authorize_address("user.metrics", STATE));
    let consent = browser.opens(made.header("location"));
    code_of(&browser.decides(&consent, "allow"), STATE);
}

#[test]
fn an_address_that_is_taken_is_said_to_be_taken() {
    let app = App::new();
    let anna = app.person("anna");
    let mut browser = Browser::new(&app);
    let page = browser.opens("/account/sign-up");
    let refused = browser.submits(&sign_up_form(&page, &anna.email.to_uppercase(), NEW));
    assert_eq!(refused.http, 400);
    assert!(refused.text.contains("it belongs to an account already"), "{}", refused.text);
    assert!(refused.text.contains("aria-describedby=\"problem\""), "{}", refused.text);
    assert!(browser.cookies.is_empty());
    Browser::of(&app, &anna.email, PASSWORD);
}

#[test]
fn a_closed_server_makes_no_accounts() {
    let rules = Rules { sign_up: false, ..Rules::default() };
    let app = App::with(Setup { rules, ..Setup::default() });
    let mut browser = Browser::new(&app);
    assert!(!browser.opens("/").text.contains("sign-up"));
    assert!(!browser.opens("/account/log-in").text.contains("sign-up"));
    let closed = browser.opens("/account/sign-up");
    assert_eq!((closed.http, forms(&closed.text).len()), (403, 0));
    let fields = [("email", "zoe@example.org"), ("password", PASSWORD)];
    assert_eq!(app.posts("/account/sign-up", &fields).http, 403);
    let page = browser.opens("/account/log-in");
    assert_eq!(browser.submits(&login_form(&page, "zoe@example.org", PASSWORD)).http, 403);
}

#[test]
fn what_is_no_address_or_no_password_makes_no_account() {
    let app = App::new();
    let mut browser = Browser::new(&app);
    let page = browser.opens("/account/sign-up");
    let long = "x".repeat(1_025);
    for (email, password) in [
        ("", PASSWORD),
        ("zoe", PASSWORD),
        ("zoe@example.org\r\nset-cookie: vitald=forged", PASSWORD),
        ("\"a\r\n b\"@example.org", PASSWORD),
        ("zoe@example.org", ""),
        ("zoe@example.org", "seven77"),
        ("zoe@example.org", long.as_str()),
    ] {
        let refused = browser.submits(&sign_up_form(&page, email, password));
        assert_eq!((refused.http, email), (400, email), "{refused:?}");
        assert!(!refused.headers.contains_key("set-cookie"), "{refused:?}");
        assert!(password.is_empty() || !refused.text.contains(password));
    }
    let zone = sign_up_form(&page, "zoe@example.org", PASSWORD).with("time_zone", "Mars/Olympus");
    assert_eq!(browser.submits(&zone).http, 400);
    assert_eq!(browser.submits(&sign_up_form(&page, "zoe@example.org", PASSWORD)).http, 303);
}

#[test]
fn passwords_may_be_long_and_in_any_script() {
    let app = App::new();
    let long = "ä".repeat(512);
    for (name, password, typed_as) in [
        ("long", long.as_str(), long.as_str()),
        ("kana", "パスワード漢字です", "パスワード漢字です"),
        // Composed and decomposed, and of full width: the same keys on another machine.
        ("composed", "pässwörd-lang", "pa\u{308}sswo\u{308}rd-lang"),
        ("width", "ｐａｓｓｗｏｒｄ１", "password1"),
        ("spaces", "  eight  ", "  eight  "),
    ] {
        let email = format!("{name}@example.org");
        let mut browser = Browser::new(&app);
        let page = browser.opens("/account/sign-up");
        assert_eq!(browser.submits(&sign_up_form(&page, &email, password)).http, 303, "{name}");
        Browser::of(&app, &email, typed_as);
        let page = Browser::new(&app).opens("/account/log-in");
        let wrong = login_form(&page, &email, &format!("{typed_as}x"));
        assert_eq!(Browser::new(&app).submits(&wrong).http, 403, "{name}");
    }
}

#[test]
fn a_session_from_before_the_log_in_is_not_the_one_after_it() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    // Made up by somebody else.
    let forged = "0".repeat(40);
    let mut browser = Browser::new(&app);
    browser.cookies.insert("vitald".to_owned(), forged.clone());
    let page = browser.opens("/account/log-in");
    browser.logs_in(&page, &anna.email, PASSWORD);
    let of_anna = browser.cookies["vitald"].clone();
    assert_ne!(of_anna, forged);
    // Somebody else's, and alive.
    let form = login_form(&page, &ben.email, PASSWORD);
    assert_eq!(browser.submits(&form).http, 303);
    assert_ne!(browser.cookies["vitald"], of_anna);
    for dead in [forged, of_anna] {
        let mut other = Browser::new(&app);
        other.cookies.insert("vitald".to_owned(), dead);
        assert!(is_logged_out(&mut other));
    }
    assert!(browser.opens("/account").text.contains("ben@example.org"));
}

fn a_new_password_ends_every_other_session(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let program = app.client();
    let tokens = anna.lets(&program, "user.metrics");
    let mut here = Browser::of(&app, &anna.email, PASSWORD);
    let mut elsewhere = Browser::of(&app, &anna.email, PASSWORD);
    let mut bens = Browser::of(&app, &app.person("ben").email, PASSWORD);
    let before = here.cookies.clone();
    let page = here.opens("/account/password");
    let form = form_to(&page, "/account/password").with("new_password", NEW);
    let wrong = here.submits(&form.clone().with("old_password", "not the password"));
    assert_eq!((wrong.http, wrong.headers.contains_key("set-cookie")), (403, false));
    let short =
        here.submits(&form.clone().with("old_password", PASSWORD).with("new_password", "x"));
    assert_eq!(short.http, 400);
    assert_eq!(here.submits(&form.with("old_password", PASSWORD)).http, 200);
    assert_ne!(here.cookies, before);
    assert!(!is_logged_out(&mut here) && !is_logged_out(&mut bens));
    assert!(is_logged_out(&mut elsewhere));
    elsewhere.cookies = before;
    assert!(is_logged_out(&mut elsewhere), "not even under the id it had");
    assert_eq!(tokens.reads("getmeas").status(), 0, "programs keep what they may");
    let page = elsewhere.opens("/account/log-in");
    assert_eq!(elsewhere.submits(&login_form(&page, &anna.email, PASSWORD)).http, 403);
    Browser::of(&app, &anna.email, NEW);
}

/// What other sites would like `next` to be.
const ELSEWHERE: [&str; 13] = [
    "//evil",
    "/\\evil",
    "\\\\evil",
    "https:evil",
    "https://evil",
    "///evil",
    "/%2fevil",
    "/account//evil",
    "/account/..//evil",
    "/account\\evil",
    "/account\r\nlocation: https://evil",
    "\t//evil",
    "javascript:alert(1)",
];

#[test]
fn next_leads_to_no_other_site() {
    let app = App::new();
    let anna = app.person("anna");
    for (number, next) in ELSEWHERE.into_iter().enumerate() {
        let query = |next: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("next", next).finish()
        };
        // Once and twice encoded.
        for query in [query(next), query(&query(next))] {
            let mut browser = Browser::new(&app);
            let page = browser.opens(&format!("/account/log-in?{query}"));
            let form = login_form(&page, &anna.email, PASSWORD);
            assert_eq!(form.field("next"), Some("/account"), "{next}");
            let page = browser.opens(&format!("/account/sign-up?{query}"));
            assert_eq!(form_to(&page, "/account/sign-up").field("next"), Some("/account"));
        }
        let mut browser = Browser::new(&app);
        let page = browser.opens("/account/log-in");
        let sent = browser.submits(&login_form(&page, &anna.email, PASSWORD).with("next", next));
        assert_eq!((sent.http, next), (400, next));
        let page = browser.opens("/account/sign-up");
        let form = sign_up_form(&page, &format!("z{number}@example.org"), PASSWORD);
        let made = browser.submits(&form.with("next", next));
        assert_eq!((made.http, made.header("location")), (303, "/account"), "{next}");
        // Somebody who is logged in is sent on at once, and not there either.
        let on = browser.opens(&format!("/account/log-in?{}", query(next)));
        assert_eq!((on.http, on.header("location")), (303, "/account"), "{next}");
    }
}

#[test]
fn nothing_that_is_sent_becomes_a_header() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let evil = "x\r\nset-cookie: vitald=forged\r\n\r\n<b>";
    let mut browser = Browser::new(&app);
    let page = browser.opens("/account/log-in");
    let refused = browser.submits(&login_form(&page, evil, PASSWORD));
    assert_eq!((refused.http, refused.headers.contains_key("set-cookie")), (403, false));
    let page = browser.opens(&program.authorize_address("user.metrics", evil));
    let sent = browser.submits(&login_form(&page, &anna.email, PASSWORD));
    assert!(!sent.header("location").contains(char::is_whitespace));
    let consent = browser.opens(sent.header("location"));
    let back = browser.decides(&consent, "allow");
    assert!(!back.headers.contains_key("set-cookie") && !back.text.contains("<b>"), "{back:?}");
    assert!(back.header("location").starts_with(REDIRECT_URI));
    code_of(&back, evil);
}

#[test]
fn a_page_somebody_wanted_is_shown_after_the_log_in() {
    let app = App::new();
    let anna = app.person("anna");
    for wanted in ["/account/profile", "/developer", "/account/applications?x=1%262"] {
        let mut browser = Browser::new(&app);
        let sent = browser.opens(wanted);
        assert_eq!(sent.http, 303);
        let page = browser.opens(sent.header("location"));
        let on = browser.submits(&login_form(&page, &anna.email, PASSWORD));
        assert_eq!(on.header("location"), wanted);
    }
}
