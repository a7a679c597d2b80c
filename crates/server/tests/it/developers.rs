//! The dashboard of people who make programs: their applications, and that nobody sees those of
//! others.

use crate::answer::Answer;
use crate::app::{App, Engine, Setup};
use crate::browser::{Browser, Form, form_to, unescaped};
use crate::household::{PASSWORD, Program, REDIRECT_URI, Tokens};
use crate::on_both_engines;
use server::Rules;

on_both_engines!(
    a_developer_registers_an_application_and_uses_it,
    an_application_of_somebody_else_is_one_that_is_not_there,
);

fn new_form(browser: &mut Browser<'_>) -> Form {
    let form = form_to(&browser.opens("/developer/new"), "/developer/new");
    form.with("name", "Step Counter").with("redirect_uris", REDIRECT_URI)
}

fn code_in(page: &Answer, id: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<code id=\"{id}\">")).expect("a code");
    rest.split_once('<').expect("a code that ends").0.to_owned()
}

pub(crate) fn registers<'a>(app: &'a App, browser: &mut Browser<'_>) -> Program<'a> {
    let form = new_form(browser);
    let made = browser.submits(&form);
    assert_eq!(made.http, 200, "{made:?}");
    let (id, secret) = (code_in(&made, "client-id"), code_in(&made, "client-secret"));
    assert_eq!((id.len(), secret.len()), (64, 64));
    app.program(id, secret)
}

fn a_developer_registers_an_application_and_uses_it(engine: Engine) {
    let app = App::on(engine);
    let (dev, anna) = (app.person("dev"), app.person("anna"));
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let program = registers(&app, &mut browser);
    let path = format!("/developer/applications/{}", program.id);
    let list = browser.opens("/developer");
    assert!(list.text.contains(&format!("href=\"{path}\">Step Counter")), "{}", list.text);
    let tokens = anna.lets(&program, "user.metrics");
    assert_eq!(tokens.reads("getmeas").status(), 0);
    let page = browser.opens(&path);
    assert!(page.text.contains("1 let it see something"), "{}", page.text);
    for secret in [&program.secret, &anna.email, &anna.id.to_string(), &tokens.access] {
        assert!(!page.text.contains(secret.as_str()), "{}", page.text);
    }
    // Changed.
    let form = form_to(&page, &path);
    assert_eq!(form.field("redirect_uris"), Some(REDIRECT_URI));
    let uris = format!("{REDIRECT_URI}\r\nhttps://other.example/a\r\n\r\n");
    let changed = form
        .with("name", "Steps & <more>")
        .with("description", "Counts.\r\nQuietly.")
        .with("redirect_uris", &uris)
        .with("notify_uri", "https://program.example/notify")
        .with("environment", "stage");
    let saved = browser.submits(&changed);
    assert_eq!(saved.http, 200, "{saved:?}");
    assert!(!saved.text.contains("<more>"), "{}", saved.text);
    let shown = form_to(&browser.opens(&path), &path);
    assert_eq!(shown.field("name"), Some("Steps & <more>"));
    assert_eq!(shown.field("environment"), Some("stage"));
    let uris = shown.field("redirect_uris").expect("addresses").lines().count();
    assert_eq!(uris, 2);
    // A new secret, and the old one for a day.
    let form = form_to(&browser.opens(&path), &format!("{path}/secret"));
    let rotated = browser.submits(&form);
    let renewed = app.program(program.id.clone(), code_in(&rotated, "client-secret"));
    assert_ne!(renewed.secret, program.secret);
    assert!(!browser.opens(&path).text.contains(&renewed.secret), "shown this once");
    let later = renewed.renews(&tokens);
    let _: Tokens<'_> = program.renews(&later);
    app.clock.advance(86_400);
    program.refreshes(&later.refresh).refused(401);
}

fn an_application_of_somebody_else_is_one_that_is_not_there(engine: Engine) {
    let app = App::on(engine);
    let (dev, eve) = (app.person("dev"), app.person("eve"));
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let mut eves = Browser::of(&app, &eve.email, PASSWORD);
    let program = registers(&app, &mut browser);
    let operators = app.client();
    let token = new_form(&mut eves).field("form_token").expect("a token").to_owned();
    let unknown = "0".repeat(64);
    let seen = |eves: &mut Browser<'_>, id: &str| {
        let path = format!("/developer/applications/{id}");
        let form = |action: &str| Form {
            action: action.to_owned(),
            fields: [
                ("form_token", token.as_str()),
                ("name", "Mine now"),
                ("redirect_uris", "https://evil.example/"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        };
        let answers = [
            eves.opens(&path),
            eves.submits(&form(&path)),
            eves.submits(&form(&format!("{path}/secret"))),
        ];
        answers.map(|answer| {
            assert_eq!(answer.http, 404, "{answer:?}");
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            headers.remove("date");
            (format!("{headers:?}"), answer.text)
        })
    };
    let nothing = seen(&mut eves, &unknown);
    assert_eq!(seen(&mut eves, &program.id), nothing);
    assert_eq!(seen(&mut eves, &operators.id), nothing, "nor one nobody owns");
    assert_eq!(seen(&mut eves, "x"), nothing);
    assert_eq!(seen(&mut eves, "%00%0d%0a"), nothing);
    assert!(!eves.opens("/developer").text.contains("Step Counter"));
    let path = format!("/developer/applications/{}", program.id);
    let form = form_to(&browser.opens(&path), &path);
    assert_eq!(form.field("name"), Some("Step Counter"));
}

#[test]
fn what_no_application_can_be_is_said_beside_the_field() {
    let app = App::new();
    let dev = app.person("dev");
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let form = new_form(&mut browser);
    let long = "x".repeat(1_001);
    for (field, value) in [
        ("name", ""),
        ("name", "a\r\nb"),
        ("redirect_uris", ""),
        ("redirect_uris", "/callback"),
        ("redirect_uris", "https://user:password@program.example/"),
        ("notify_uri", "ftp://program.example/"),
        ("environment", "test"),
        ("description", long.as_str()),
    ] {
        let refused = browser.submits(&form.clone().with(field, value));
        assert_eq!((refused.http, field), (400, field), "{}", refused.text);
        let (_, rest) = refused.text.split_once(&format!(" id=\"{field}\"")).expect("the field");
        let (tag, _) = rest.split_once('>').expect("a tag that ends");
        assert!(tag.contains("aria-invalid=\"true\""), "{tag}");
        let again = unescaped(&refused.text);
        assert!(field == "name" || again.contains("Step Counter"), "it need not be typed again");
    }
    assert!(!browser.opens("/developer").text.contains("Step Counter"));
}

#[test]
fn a_person_registers_fifty_applications_and_no_more() {
    let app = App::new();
    let dev = app.person("dev");
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let form = new_form(&mut browser);
    for _ in 0..50 {
        assert_eq!(browser.submits(&form).http, 200);
    }
    assert_eq!(browser.submits(&form).http, 400);
}

#[test]
fn an_operator_can_keep_the_dashboard_shut() {
    let rules = Rules { developers: false, ..Rules::default() };
    let app = App::with(Setup { rules, ..Setup::default() });
    let dev = app.person("dev");
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    assert!(!browser.opens("/").text.contains("/developer"));
    let home = browser.opens("/account");
    assert!(!home.text.contains("/developer"), "{}", home.text);
    let token = form_to(&home, "/oauth2_user/logout").field("form_token").map(str::to_owned);
    let fields = vec![("form_token".to_owned(), token.expect("a token"))];
    let form = Form { action: "/developer/new".to_owned(), fields };
    let (unknown, list) = (browser.opens("/developer/applications/x"), browser.opens("/developer"));
    assert_eq!((unknown.http, list.http), (404, 404));
    assert_eq!(browser.submits(&form).http, 404);
}

#[test]
fn the_limits_of_an_application_are_shown() {
    let rules = Rules { requests_per_minute: 77, ..Rules::default() };
    let app = App::with(Setup { rules, ..Setup::default() });
    let dev = app.person("dev");
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let program = registers(&app, &mut browser);
    let page = browser.opens(&format!("/developer/applications/{}", program.id));
    assert!(page.text.contains("77 calls in a minute"), "{}", page.text);
    assert!(page.text.contains("None since"), "{}", page.text);
}
