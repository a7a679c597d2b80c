//! The pages of a sandbox: its clock, its simulated people, its faults and snapshots, and who may
//! see and turn them.

use crate::accounts::is_accessible;
use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::browser::{Browser, Form, forms, unescaped};
use crate::household::PASSWORD;
use crate::on_both_engines;
use serde_json::Value;
use server::Rules;

on_both_engines!(
    the_clock_is_turned_and_whoever_did_it_stays_logged_in,
    somebody_is_made_and_listed,
    faults_are_asked_for_strike_and_are_taken_out,
);

const PAGE: &str = "/developer/sandbox";
const FAULTS: &str = "/developer/sandbox/faults";
const DAY: i64 = 86_400;

fn sandbox(engine: Engine) -> App {
    App::with(Setup { engine, is_sandbox: true, ..Setup::default() })
}

/// Somebody at a page.
struct Visitor<'a> {
    app: &'a App,
    browser: Browser<'a>,
}

impl<'a> Visitor<'a> {
    fn of(app: &'a App) -> Self {
        Self::called(app, "dev")
    }

    fn called(app: &'a App, name: &str) -> Self {
        let dev = app.person(name);
        Self { app, browser: Browser::of(app, &dev.email, PASSWORD) }
    }

    #[track_caller]
    fn form(&mut self, page: &str, is_it: impl Fn(&Form) -> bool) -> Form {
        let shown = self.browser.opens(page);
        let found = forms(&shown.text).into_iter().find(|form| is_it(form));
        found.unwrap_or_else(|| panic!("a form: {shown:?}"))
    }

    /// Sends the form that does something, with other values in its fields.
    #[track_caller]
    fn sends(&mut self, does: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.form(PAGE, |form| form.field("do") == Some(does));
        self.sends_filled(form, fields)
    }

    /// Fills in the form that has nothing there yet, unlike a button.
    #[track_caller]
    fn turns(&mut self, by: &str) -> Answer {
        let form = self.form(PAGE, |form| form.field("advance") == Some(""));
        self.sends_filled(form, &[("advance", by)])
    }

    fn sends_filled(&mut self, form: Form, fields: &[(&str, &str)]) -> Answer {
        let filled = fields.iter().fold(form, |form, (name, value)| form.with(name, value));
        self.browser.submits(&filled)
    }

    /// Presses the button of a scenario.
    fn suffers(&mut self, scenario: &str) -> Answer {
        let mut form =
            self.form(FAULTS, |form| form.field("settings").is_none() && form.action == FAULTS);
        form.fields.push(("scenario".to_owned(), scenario.to_owned()));
        self.browser.submits(&form)
    }

    #[track_caller]
    fn follows(&mut self, answer: &Answer) -> String {
        assert_eq!(answer.http, 303, "{answer:?}");
        let shown = self.browser.opens(answer.header("location"));
        assert_eq!(shown.http, 200, "{shown:?}");
        unescaped(&shown.text)
    }

    /// What programs are told below `/vitald/v1`.
    fn reads(&self, what: &str) -> Value {
        self.app.gets(&format!("/vitald/v1/{what}")).body()
    }
}

/// The page that says beside which field what is wrong.
#[track_caller]
fn is_refused(answer: &Answer, field: &str, problem: &str) {
    assert_eq!(answer.http, 400, "{answer:?}");
    let text = unescaped(&answer.text);
    assert!(text.contains(problem), "{problem}: {text}");
    let (_, tag) = text.split_once(&format!("id=\"{field}\" name=")).expect("a field");
    let (tag, _) = tag.split_once('>').expect("a tag that ends");
    assert!(tag.contains("aria-invalid=\"true\""), "{field}: {tag}");
}

fn the_clock_is_turned_and_whoever_did_it_stays_logged_in(engine: Engine) {
    let app = sandbox(engine);
    let mut dev = Visitor::of(&app);
    let page = dev.browser.opens(PAGE);
    is_accessible(&page);
    assert!(page.text.contains("2026-09-21T14:13:20Z") && page.text.contains("stands still"));
    let before = dev.browser.cookies.clone();
    let week = dev.form(PAGE, |form| form.field("advance") == Some("7d"));
    let turned = dev.browser.submits(&week);
    let shown = dev.follows(&turned);
    assert!(shown.contains("Nothing was due on the way"), "{shown}");
    assert!(shown.contains("2026-09-28T14:13:20Z"), "{shown}");
    assert_eq!(dev.reads("clock")["now"], NOW + 7 * DAY);
    // A session lives for half a day: the one from before is over.
    let mut late = Browser { app: &app, cookies: before };
    assert_eq!(late.opens(PAGE).http, 303);
    let turned = dev.turns("90m");
    dev.follows(&turned);
    assert_eq!(dev.reads("clock")["now"], NOW + 7 * DAY + 5_400);
    let resumed = dev.sends("resume", &[]);
    assert!(dev.follows(&resumed).contains("It goes."));
    assert_eq!(dev.reads("clock")["frozen"], false);
    let frozen = dev.sends("freeze", &[]);
    assert!(dev.follows(&frozen).contains("It stands still."));
    assert_eq!(dev.reads("clock")["frozen"], true);
    let now = dev.reads("clock")["now"].clone();
    for (by, problem) in [
        ("", "say how far"),
        ("soon", "expected seconds, or a span"),
        ("-5", "expected seconds, or a span"),
        ("367d", "at most 366 days at once"),
    ] {
        let refused = dev.turns(by);
        is_refused(&refused, "advance", problem);
        let kept = format!("name=\"advance\" type=\"text\" value=\"{by}\"");
        assert!(unescaped(&refused.text).contains(&kept), "{kept}: {}", refused.text);
    }
    assert_eq!(dev.reads("clock")["now"], now);
}

fn somebody_is_made_and_listed(engine: Engine) {
    let app = sandbox(engine);
    let mut dev = Visitor::of(&app);
    let person = [("persona", "child"), ("seed", "7"), ("days", "2"), ("timezone", "Asia/Tokyo")];
    let made = dev.sends("person", &person);
    let shown = dev.follows(&made);
    assert_eq!(shown.matches("<td>Asia/Tokyo</td>").count(), 3, "with both parents: {shown}");
    assert!(shown.contains("<td>child</td><td>7</td>"), "{shown}");
    let told = dev.reads("persona");
    let people = told["people"].as_array().expect("a list");
    assert!(people.iter().any(|one| one["lived"].as_i64() > Some(NOW - 2 * DAY)), "{people:?}");
    let known = people.len();
    for (field, value, problem) in [
        ("seed", "seven", "expected a whole number"),
        ("days", "4000", "expected 0 to 3660"),
        ("timezone", "Mars/Olympus", ""),
        ("email", "nobody", ""),
        ("persona", "superman", ""),
    ] {
        let refused = dev.sends("person", &[("persona", "runner"), (field, value)]);
        is_refused(&refused, field, problem);
        let form = forms(&refused.text).into_iter().find(|form| form.field("do") == Some("person"));
        let form = form.expect("the form");
        if field != "persona" {
            assert_eq!((form.field(field), form.field("persona")), (Some(value), Some("runner")));
        }
    }
    assert_eq!(dev.reads("persona")["people"].as_array().map(Vec::len), Some(known));
    // As the clock goes on, they live.
    let turned = dev.turns("2d");
    let shown = dev.follows(&turned);
    assert!(shown.contains("on the way something was due"), "{shown}");
}

fn faults_are_asked_for_strike_and_are_taken_out(engine: Engine) {
    let app = sandbox(engine);
    let mut dev = Visitor::of(&app);
    let anna = app.person("anna");
    let program = app.client();
    let tokens = anna.lets(&program, "user.metrics");
    let page = dev.browser.opens(FAULTS);
    is_accessible(&page);
    let scenarios = domain::fault::SCENARIOS.iter();
    for scenario in scenarios.clone() {
        assert!(unescaped(&page.text).contains(scenario.about), "{}", scenario.name);
    }
    let buttons = page.text.matches("name=\"scenario\"").count();
    assert_eq!(buttons, scenarios.clone().count());
    assert!(page.text.contains("href=\"https://github.com/home-assistant/core/issues/42717\""));
    // A scenario, with what is to be done beside.
    let with_hint = scenarios.clone().find(|one| one.name == "limit.storm").expect("it");
    let added = dev.suffers(with_hint.name);
    let shown = dev.follows(&added);
    for part in ["limit.storm", "too-many", "20 times", with_hint.hint.expect("a hint")] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(tokens.reads("getmeas").status(), 601);
    assert!(dev.browser.opens(PAGE).text.contains("Struck so far: 1; 19 to come"));
    let gone = dev.sends("right", &[]);
    assert!(dev.follows(&gone).contains("Nothing goes wrong"), "the one there was");
    assert_eq!(tokens.reads("getmeas").status(), 0);
    // One of a kind, for one application.
    let one = |form: &Form| form.field("settings").is_some();
    let form = dev.form(FAULTS, one);
    let fields = [
        ("name", "status"),
        ("client_id", program.id.as_str()),
        ("operation", "measure/getmeas"),
        ("count", "1"),
        ("settings", "status=2555\r\ntext=Something else\r\n"),
    ];
    let added = dev.sends_filled(form, &fields);
    let shown = dev.follows(&added);
    assert!(shown.contains("status=2555") && shown.contains(&program.id), "{shown}");
    tokens.reads("getmeas").refused(2555);
    assert_eq!(tokens.reads("getmeas").status(), 0);
    for (field, value, problem) in [
        ("operation", "measure/getmaes", "did you mean measure/getmeas?"),
        ("count", "0", "expected a whole number"),
        ("probability", "2", "expected a number above 0"),
        ("seed", "3", "a seed goes with a probability"),
        ("settings", "nonsense", "a name and a value in each line"),
        ("settings", "status=1\r\nstatus=2", "a name is there twice"),
        ("settings", "status=many", "expected a whole number"),
        ("settings", "staus=1", "did you mean status?"),
        ("client_id", "0a", "no application has it"),
    ] {
        let form = dev.form(FAULTS, one);
        let refused = dev.sends_filled(form, &[("name", "status"), (field, value)]);
        is_refused(&refused, field, problem);
        let form = forms(&refused.text).into_iter().find(one).expect("the form");
        assert_eq!(form.field("name"), Some("status"));
        if field != "client_id" {
            let kept = form.field(field).map(|text| text.replace('\r', ""));
            assert_eq!(kept, Some(value.replace('\r', "")));
        }
    }
    let unknown = dev.suffers("token.rice");
    assert_eq!(unknown.http, 400);
    assert!(unescaped(&unknown.text).contains("did you mean token.race?"), "{}", unknown.text);
    assert_eq!(dev.reads("fault")["faults"].as_array().map(Vec::len), Some(1));
    // All of them.
    let added = dev.suffers("token.race");
    dev.follows(&added);
    let form = dev.form(PAGE, |form| form.field("all").is_some());
    let gone = dev.browser.submits(&form);
    assert!(dev.follows(&gone).contains("It goes right again."));
    assert_eq!(dev.reads("fault")["faults"], serde_json::json!([]));
    // Of a page that was opened before.
    let gone = dev.sends_filled(form.without("all"), &[]);
    assert_eq!(gone.http, 400, "{gone:?}");
}

#[test]
fn a_state_is_saved_put_back_and_taken_away() {
    let app = sandbox(Engine::Sqlite);
    let mut dev = Visitor::of(&app);
    for (name, problem) in [("", "give it a name"), ("../start", "expected a name of 1 to 64")] {
        let refused = dev.sends("save", &[("save", name)]);
        is_refused(&refused, "save", problem);
        assert!(unescaped(&refused.text).contains(&format!("value=\"{name}\"")));
    }
    let saved = dev.sends("save", &[("save", "start")]);
    assert!(
        dev.follows(&saved).contains("<code>start</code><br>2026-09-21T14:13:20Z, standing still")
    );
    let turned = dev.turns("2d");
    dev.follows(&turned);
    let mut late = Visitor::called(&app, "late");
    assert_eq!(late.browser.opens(PAGE).http, 200);
    let back = dev.sends("restore", &[]);
    let shown = dev.follows(&back);
    assert!(shown.contains("Everything is as it was"), "{shown}");
    assert_eq!(dev.reads("clock")["now"], NOW);
    // Whoever was not there then is nobody.
    assert_eq!(late.browser.opens(PAGE).http, 303);
    let form = dev.form(PAGE, |form| form.field("do") == Some("remove"));
    let gone = dev.browser.submits(&form);
    assert!(!dev.follows(&gone).contains("<code>start</code>"));
    let again = dev.browser.submits(&form);
    assert_eq!(again.http, 400, "{again:?}");
    assert!(!again.text.contains("aria-invalid"), "a button has no field");
}

#[test]
fn on_postgres_the_page_says_why_there_are_no_snapshots() {
    let app = sandbox(Engine::Postgres);
    let mut dev = Visitor::of(&app);
    let page = dev.browser.opens(PAGE);
    assert!(page.text.contains("The store is in PostgreSQL"), "{}", page.text);
    assert!(forms(&page.text).iter().all(|form| form.field("do") != Some("save")));
}

#[test]
fn a_server_that_is_no_sandbox_has_no_such_page() {
    let app = App::new();
    let mut dev = Visitor::of(&app);
    for path in [PAGE, FAULTS] {
        let absent = dev.browser.opens(path);
        assert_eq!(absent.http, 404, "{path}");
        assert!(!absent.text.contains(PAGE), "no link either");
    }
    let token = forms(&dev.browser.opens("/developer/new").text);
    let token = token[0].field("form_token").expect("a token").to_owned();
    for path in [PAGE, FAULTS, "/developer/sandbox/open"] {
        let fields = vec![("form_token".to_owned(), token.clone())];
        let form = Form { action: path.to_owned(), fields };
        assert_eq!(dev.browser.submits(&form).http, 404, "{path}");
    }
    let rules = Rules { developers: false, ..Rules::default() };
    let app = App::with(Setup { rules, is_sandbox: true, ..Setup::default() });
    let mut dev = Visitor::of(&app);
    assert_eq!(dev.browser.opens(PAGE).http, 404);
    assert!(!dev.browser.opens("/account").text.contains(PAGE));
}

#[test]
fn nobody_without_a_session_and_no_other_site_turns_it() {
    let app = sandbox(Engine::Sqlite);
    for path in [PAGE, FAULTS] {
        assert!(app.gets(path).header("location").starts_with("/account/log-in?next="), "{path}");
        assert_eq!(app.posts(path, &[("do", "advance"), ("advance", "1d")]).http, 303);
    }
    let mut dev = Visitor::of(&app);
    assert!(dev.browser.opens("/account").text.contains(&format!("href=\"{PAGE}\"")));
    let form = dev.form(PAGE, |form| form.field("advance") == Some("1d"));
    let evil = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    assert_eq!(dev.browser.submits_with(&form, &evil).http, 400);
    assert_eq!(dev.browser.submits(&form.clone().with("form_token", "x")).http, 400);
    assert_eq!(dev.reads("clock")["now"], NOW);
}

#[test]
fn without_a_token_it_is_turned_from_its_own_machine_alone() {
    let app = sandbox(Engine::Sqlite);
    let mut dev = Visitor::of(&app);
    let form = dev.form(PAGE, |form| form.field("advance") == Some("1d"));
    for (name, value) in [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
    ] {
        let refused = dev.browser.submits_with(&form, &[(name, value)]);
        assert_eq!(refused.http, 403, "{name}: {refused:?}");
        assert!(refused.text.contains("from its own machine alone"), "{}", refused.text);
    }
    assert_eq!(dev.reads("clock")["now"], NOW);
}

#[test]
fn with_a_token_it_is_asked_for_once_in_a_session() {
    let token = Some("a token of this test");
    let setup = Setup { is_sandbox: true, sandbox_token: token, ..Setup::default() };
    let app = App::with(setup);
    let (mut dev, mut eve) = (Visitor::of(&app), Visitor::called(&app, "eve"));
    let closed = dev.browser.opens(PAGE);
    is_accessible(&closed);
    assert_eq!(closed.http, 403);
    for secret in ["2026-09-21", "a token of this test", "Turn it forward"] {
        assert!(!closed.text.contains(secret), "{secret}");
    }
    assert_eq!(dev.browser.opens(FAULTS).http, 403);
    let door = |form: &Form| form.action == "/developer/sandbox/open";
    let form = dev.form(PAGE, door);
    let wrong = dev.browser.submits(&form.clone().with("sandbox_token", "another"));
    assert_eq!(wrong.http, 403);
    assert!(wrong.text.contains("not the token of the sandbox"), "{}", wrong.text);
    assert!(!wrong.headers.contains_key("set-cookie") && !wrong.text.contains("another"));
    let opened = dev.browser.submits(&form.with("sandbox_token", "a token of this test"));
    let cookie = opened.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/developer/sandbox"), "{cookie}");
    assert!(!cookie.contains("token of"), "{cookie}");
    dev.follows(&opened);
    // It goes along with the session that follows a turn.
    let turned = dev.turns("3d");
    let shown = dev.follows(&turned);
    assert!(shown.contains("2026-09-24T14:13:20Z"), "{shown}");
    assert_eq!(dev.browser.opens(FAULTS).http, 200);
    // It is of this session alone.
    let (name, value) =
        dev.browser.cookies.iter().find(|(name, _)| name.contains("sandbox")).expect("it");
    eve.browser.cookies.insert(name.clone(), value.clone());
    assert_eq!(eve.browser.opens(PAGE).http, 303, "the session is over");
    let mut eve = Visitor { app: &app, browser: Browser::of(&app, "eve@example.org", PASSWORD) };
    eve.browser.cookies.insert(name.clone(), value.clone());
    assert_eq!(eve.browser.opens(PAGE).http, 403);
}
