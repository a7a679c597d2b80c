//! The pages of somebody who is logged in: profile, applications, download and the end of the
//! account; and that no other site and no other session sends their forms.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW};
use crate::browser::{Browser, Form, form_to, forms};
use crate::household::{PASSWORD, STATE, code_of, weights};
use crate::on_both_engines;
use domain::measure::{Attrib, Category, Measure, MeasureType};
use serde_json::json;
use store::measure::{NewGroup, insert};

on_both_engines!(
    a_profile_is_saved_and_shown_again,
    a_program_is_stopped_at_once_and_for_good,
    all_of_a_persons_data_is_one_file,
    an_account_is_deleted_with_everything,
);

/// Every page of a person, and every form there besides the log-out.
const PAGES: [&str; 10] = [
    "/account",
    "/account/profile",
    "/account/password",
    "/account/applications",
    "/account/delete",
    "/account/data",
    "/account/download",
    "/account/download/health-mate",
    "/developer",
    "/developer/new",
];
const FORMS: [(&str, &str); 5] = [
    ("/account/profile", "/account/profile"),
    ("/account/password", "/account/password"),
    ("/account/delete", "/account/delete"),
    ("/account/data", "/account/data"),
    ("/developer/new", "/developer/new"),
];

#[test]
fn every_page_asks_to_log_in_first() {
    let app = App::new();
    for path in PAGES {
        let sent = app.gets(path);
        let next = path.replace('/', "%2F");
        assert_eq!(sent.header("location"), format!("/account/log-in?next={next}"));
        assert_eq!((sent.http, sent.text.as_str()), (303, ""));
    }
    for (_, action) in FORMS {
        assert_eq!(app.posts(action, &[("form_token", "x")]).http, 303, "{action}");
    }
}

#[test]
fn every_page_can_be_used_without_seeing_a_mouse_or_a_script() {
    let app = App::new();
    let anna = app.person("anna");
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    for path in PAGES.into_iter().filter(|path| !path.starts_with("/account/download")) {
        let page = browser.opens(path);
        assert_eq!((page.http, path), (200, path));
        is_accessible(&page);
        assert!(page.text.contains("<nav aria-label="), "{path}");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    for path in ["/", "/account/sign-up", "/account/log-in", "/account/claim"] {
        let page = Browser::new(&app).opens(path);
        assert_eq!((page.http, path), (200, path));
        is_accessible(&page);
    }
}

pub(crate) fn is_accessible(page: &Answer) {
    let text = &page.text;
    for part in ["<html lang=\"en\">", "<main id=\"main\">", "href=\"#main\"", "width=device-width"]
    {
        assert_eq!(text.matches(part).count(), 1, "{part} in {text}");
    }
    assert_eq!(text.matches("<h1>").count(), 1, "{text}");
    assert!(!text.contains("<script") && !text.contains("style="), "{text}");
    for control in ["<input id=\"", "<select id=\"", "<textarea id=\""] {
        for part in text.split(control).skip(1) {
            let (id, _) = part.split_once('"').expect("an id that ends");
            assert!(text.contains(&format!("<label for=\"{id}\">")), "{id} in {text}");
        }
    }
    for part in text.split("aria-describedby=\"").skip(1) {
        let (ids, _) = part.split_once('"').expect("ids that end");
        for id in ids.split(' ') {
            assert!(text.contains(&format!("id=\"{id}\"")), "{id} in {text}");
        }
    }
}

#[test]
fn the_front_page_says_where_to_go() {
    let app = App::new();
    let front = app.gets("/");
    for link in ["/account/log-in", "/account/sign-up", "/docs", "/developer"] {
        assert!(front.text.contains(&format!("href=\"{link}\"")), "{}", front.text);
    }
    let anna = app.person("anna");
    let front = Browser::of(&app, &anna.email, PASSWORD).opens("/");
    assert!(front.text.contains("href=\"/account\""), "{}", front.text);
    assert!(!front.text.contains("/account/log-in"), "{}", front.text);
}

#[test]
fn no_other_site_and_no_other_session_sends_a_form() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    // A row that a form takes away.
    assert_eq!(app.scale(&[&anna]).weighs(66_850, NOW).status(), 0);
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let mut bens = Browser::of(&app, &ben.email, PASSWORD);
    let refused = |answer: Answer, action: &str| {
        assert_eq!((answer.http, action), (400, action), "{answer:?}");
        assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
    };
    let revoke = |token: &str| Form {
        action: "/account/applications".to_owned(),
        fields: vec![
            ("form_token".to_owned(), token.to_owned()),
            ("client_id".to_owned(), "x".to_owned()),
        ],
    };
    let token = form_to(&browser.opens("/account/profile"), "/account/profile");
    let token = token.field("form_token").expect("a token").to_owned();
    let logout = form_to(&browser.opens("/account"), "/oauth2_user/logout");
    let mut all = vec![revoke(&token), logout];
    all.extend(FORMS.map(|(page, action)| form_to(&browser.opens(page), action)));
    let others = form_to(&bens.opens("/account/profile"), "/account/profile");
    let others = others.field("form_token").expect("a token");
    for form in all {
        for headers in [
            [("sec-fetch-site", "cross-site"), ("accept", "*/*")],
            [("sec-fetch-site", "same-site"), ("accept", "*/*")],
            [("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            [("origin", "null"), ("accept", "*/*")],
        ] {
            refused(browser.submits_with(&form, &headers), &form.action);
        }
        refused(browser.submits(&form.clone().without("form_token")), &form.action);
        for wrong in ["", others, &token[1..], "0"] {
            refused(browser.submits(&form.clone().with("form_token", wrong)), &form.action);
        }
    }
    assert_eq!(browser.opens("/account").http, 200, "nobody was logged out");
    form_to(&browser.opens("/account/data"), "/account/data");
    // Nor does another site make an account or log anybody in.
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    for (page, action) in
        [("/account/sign-up", "/account/sign-up"), ("/account/log-in", "/oauth2_user/login")]
    {
        let mut nobody = Browser::new(&app);
        let form = form_to(&nobody.opens(page), action).with("email", "z@example.org");
        refused(nobody.submits_with(&form.with("password", PASSWORD), &cross), action);
    }
}

fn a_profile_is_saved_and_shown_again(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let tokens = anna.lets(&app.client(), "user.metrics");
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let filled = [
        ("short_name", "ZOÉ"),
        ("birth_date", "1980-06-15"),
        ("gender", "1"),
        ("height", "1.78"),
        ("time_zone", "America/New_York"),
        ("language", "fr_CA"),
        ("unit_weight", "14"),
        ("unit_height", "7"),
        ("unit_distance", "8"),
        ("unit_temperature", "13"),
        ("steps", "10000"),
        ("sleep", "7h30m"),
        ("weight", "65.5"),
    ];
    let empty = form_to(&browser.opens("/account/profile"), "/account/profile");
    assert_eq!(empty.field("time_zone"), Some("Europe/Paris"));
    let form = filled.iter().fold(empty, |form, (name, value)| form.with(name, value));
    let saved = browser.submits(&form);
    assert_eq!(saved.http, 200, "{saved:?}");
    let shown = form_to(&browser.opens("/account/profile"), "/account/profile");
    for (name, value) in filled {
        assert_eq!(shown.field(name), Some(value), "{name}");
    }
    let goals = json!({ "steps": 10_000, "sleep": 27_000, "weight": { "value": 655, "unit": -1 } });
    assert_eq!(goals_of(&tokens), goals);
    assert_eq!(groups_of(&tokens), 2, "a height and a weight aimed at");
    // Saved again as it is, nothing is new; and what is emptied is gone.
    browser.submits(&shown);
    assert_eq!(groups_of(&tokens), 2);
    let without = shown.with("steps", "").with("birth_date", "").with("unit_weight", "");
    let saved = browser.submits(&without);
    let shown = form_to(&saved, "/account/profile");
    assert_eq!((shown.field("steps"), shown.field("birth_date")), (Some(""), Some("")));
    assert_eq!(shown.field("weight"), Some("65.5"));
    browser.submits(&shown.with("weight", "").with("sleep", "").with("height", "1.79"));
    assert_eq!(goals_of(&tokens), json!({}));
    assert_eq!(groups_of(&tokens), 2, "another height, and nothing aimed at");
}

fn goals_of(tokens: &crate::household::Tokens<'_>) -> serde_json::Value {
    tokens.calls("/v2/user", "getgoals").body()["goals"].clone()
}

fn groups_of(tokens: &crate::household::Tokens<'_>) -> usize {
    tokens.reads("getmeas").body()["measuregrps"].as_array().expect("groups").len()
}

#[test]
fn what_cannot_be_is_not_saved_and_said_beside_the_field() {
    let app = App::new();
    let anna = app.person("anna");
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let form = form_to(&browser.opens("/account/profile"), "/account/profile");
    for (name, value) in [
        ("short_name", "x"),
        ("time_zone", "Mars/Olympus"),
        ("birth_date", "2026-09-22"),
        ("birth_date", "1780-01-01"),
        ("gender", "2"),
        ("height", "178"),
        ("language", "en\r\nx-y: z"),
        ("unit_weight", "3"),
        ("unit_temperature", "6"),
        ("steps", "-1"),
        ("steps", "many"),
        ("sleep", "25h"),
        ("weight", "65,5"),
    ] {
        let refused = browser.submits(&form.clone().with("unit_height", "6").with(name, value));
        assert_eq!((refused.http, name), (400, name), "{}", refused.text);
        let again = form_to(&refused, "/account/profile");
        assert_eq!(again.field("unit_height"), Some("6"), "it need not be typed again");
        let (_, field) = refused.text.split_once(&format!(" id=\"{name}\"")).expect("the field");
        let (tag, _) = field.split_once('>').expect("a tag that ends");
        assert!(tag.contains("aria-invalid=\"true\" aria-describedby=\"problem"), "{tag}");
        is_accessible(&refused);
    }
    let shown = form_to(&browser.opens("/account/profile"), "/account/profile");
    assert_eq!(shown, form, "nothing of it was saved");
}

fn a_program_is_stopped_at_once_and_for_good(engine: Engine) {
    let app = App::on(engine);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let program = app.client();
    let other = app.client_named("Other", crate::household::REDIRECT_URI);
    let (tokens, of_ben) =
        (anna.lets(&program, "user.metrics"), ben.lets(&program, "user.metrics"));
    let more = anna.lets(&program, "user.info,user.metrics");
    let of_other = anna.lets(&other, "user.metrics");
    let code = anna.logs_in_and_allows(&program, "user.metrics");
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let page = browser.opens("/account/applications");
    assert_eq!(page.text.matches("<h2>").count(), 2, "{}", page.text);
    for words in ["Weight Diary", "See your devices and goals", "Since 2026-09-21"] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    let is_its = |form: &Form| form.field("client_id") == Some(program.id.as_str());
    let form = forms(&page.text).into_iter().find(is_its);
    let sent = browser.submits(&form.expect("a button"));
    assert_eq!((sent.http, sent.header("location")), (303, "/account/applications"));
    for tokens in [&tokens, &more] {
        tokens.reads("getmeas").refused(401);
        program.refreshes(&tokens.refresh).refused(503);
    }
    program.exchanges(&code).refused(503);
    assert_eq!(of_ben.reads("getmeas").status(), 0);
    assert_eq!(of_other.reads("getmeas").status(), 0);
    let page = browser.opens("/account/applications");
    assert!(!page.text.contains("Weight Diary") && page.text.contains("Other"), "{}", page.text);
    // It may ask again.
    assert_eq!(anna.lets(&program, "user.metrics").reads("getmeas").status(), 0);
}

fn all_of_a_persons_data_is_one_file(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let program = app.client();
    let tokens = anna.lets(&program, "user.metrics");
    let scale = app.scale(&[&anna]);
    for (number, grams) in [(0, 66_850), (1, 66_900), (2, 67_000)] {
        assert_eq!(scale.weighs(grams, NOW - 3_600 + number).status(), 0);
    }
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let file = browser.opens("/account/download");
    assert_eq!(file.header("content-type"), "application/x-ndjson");
    let disposition = file.header("content-disposition");
    assert_eq!(disposition, "attachment; filename=\"vitald-account.ndjson\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let lines = file.lines();
    let all = &lines[0];
    assert_eq!(all["profile"]["email"], anna.email);
    assert_eq!(lines.len(), 4);
    let newest = &lines[3];
    assert_eq!(
        (&newest["kind"], &newest["data"]["measures"][0]["value"]),
        (&json!("group"), &json!(67_000))
    );
    assert_eq!(all["devices"][0]["mac"], crate::household::SCALE_MAC);
    assert_eq!(all["applications"][0]["name"], "Weight Diary");
    assert_eq!(all["applications"][0]["scopes"], json!(["user.metrics"]));
    let session = &browser.cookies["vitald"];
    for secret in [&tokens.access, &tokens.refresh, &program.secret, session, &scale.session] {
        assert!(!file.text.contains(secret.as_str()));
    }
    assert!(!file.text.contains("argon2"));
}

fn an_account_is_deleted_with_everything(engine: Engine) {
    let app = App::on(engine);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let program = app.client();
    let (tokens, of_ben) =
        (anna.lets(&program, "user.metrics"), ben.lets(&program, "user.metrics"));
    let scale = app.scale(&[&anna, &ben]);
    assert_eq!(scale.weighs(66_850, NOW).status(), 0);
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let mut elsewhere = Browser::of(&app, &anna.email, PASSWORD);
    let page = browser.opens("/account/delete");
    assert!(page.text.contains("cannot be undone"), "{}", page.text);
    let form = form_to(&page, "/account/delete");
    assert_eq!(browser.submits(&form.clone().with("password", "a guess")).http, 403);
    assert_eq!(browser.submits(&form.clone()).http, 403);
    assert_eq!(browser.opens("/account").http, 200, "nothing has happened yet");
    let gone = browser.submits(&form.with("password", PASSWORD));
    assert_eq!(gone.http, 200, "{gone:?}");
    assert!(browser.cookies.is_empty());
    for browser in [&mut browser, &mut elsewhere] {
        assert_eq!(browser.opens("/account").http, 303);
    }
    tokens.reads("getmeas").refused(401);
    program.refreshes(&tokens.refresh).refused(503);
    assert_eq!(weights(&of_ben.reads("getmeas")).len(), 0);
    // The address is free again, and whoever has it next finds nothing.
    let again = app.person("anna");
    let tokens = again.lets(&program, "user.info,user.metrics");
    assert_eq!(weights(&tokens.reads("getmeas")).len(), 0);
    assert_eq!(tokens.reads("getdevice").body()["devices"], json!([]));
}

#[test]
fn a_long_history_comes_in_parts_that_fit_together() {
    let app = App::new();
    let anna = app.person("anna");
    let user = anna.id;
    let weight = Measure::new(MeasureType::WEIGHT, 66_850, -3);
    app.administers(move |tx| {
        let group = |number: i64| NewGroup {
            date: NOW - number,
            category: Category::REAL,
            attrib: Attrib::DEVICE,
            device: None,
            measures: vec![weight],
        };
        insert(tx, user, &(0..4_001).map(group).collect::<Vec<_>>())
    });
    let file = Browser::of(&app, &anna.email, PASSWORD).opens("/account/download");
    let lines = file.lines();
    let groups = lines.iter().filter(|line| line["kind"] == "group");
    let mut dates: Vec<_> =
        groups.map(|group| group["data"]["date"].as_i64().expect("a date")).collect();
    dates.sort_unstable();
    assert_eq!(dates, (0..4_001).rev().map(|number| NOW - number).collect::<Vec<_>>());
}

#[test]
fn a_session_is_asked_for_when_the_consent_page_is_answered() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    // Logged in at the front door is logged in for programs too.
    let consent = browser.opens(&program.authorize_address("user.metrics", STATE));
    code_of(&browser.decides(&consent, "allow"), STATE);
}
