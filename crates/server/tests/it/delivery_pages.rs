//! What the maker of a program sees of its notifications, and does about them; and that those of
//! other programs are not there.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::browser::{Browser, Form, form_to, forms, unescaped};
use crate::household::{PASSWORD, Person, Program, REDIRECT_URI, Tokens};
use crate::notifications::subscribes;
use crate::on_both_engines;
use crate::receiver::{Received, Receiver, Reply};
use api::admin::NewApplication;
use standardwebhooks::Webhook;
use store::application::About;

on_both_engines!(
    the_page_of_a_notification_tells_every_attempt_and_sends_it_again,
    a_subscription_that_pauses_is_told_when_it_goes_on,
    nobody_else_finds_a_subscription_or_a_notification,
);

/// The maker of a program, and somebody who is weighed.
struct Scene<'a> {
    app: &'a App,
    dev: Person<'a>,
    anna: Person<'a>,
    program: Program<'a>,
    tokens: Tokens<'a>,
    receiver: Receiver,
}

/// An application of somebody's own.
fn own_program<'a>(app: &'a App, owner: &Person<'_>, name: &str) -> Program<'a> {
    let about = About { owner: Some(owner.id), ..About::default() };
    let (name, redirect_uris) = (name.to_owned(), vec![REDIRECT_URI.to_owned()]);
    let new = NewApplication { name, redirect_uris, about };
    let made = app.administers(move |tx| api::admin::create_application(tx, &new));
    app.program(made.client_id, made.client_secret)
}

impl<'a> Scene<'a> {
    /// The program is told of Anna's weight.
    fn of(app: &'a App) -> Self {
        let (dev, anna, receiver) = (app.person("dev"), app.person("anna"), Receiver::new());
        let program = own_program(app, &dev, "Diary");
        let tokens = anna.lets(&program, "user.metrics");
        subscribes(&tokens, &receiver, "1");
        Self { app, dev, anna, program, tokens, receiver }
    }

    fn browser(&self) -> Browser<'a> {
        Browser::of(self.app, &self.dev.email, PASSWORD)
    }

    fn page(&self) -> String {
        format!("/developer/applications/{}", self.program.id)
    }

    fn weighs(&self, number: i64) {
        // The session of a scale ends with the day.
        let scale = self.app.scale(&[&self.anna]);
        assert_eq!(scale.weighs(66_000 + number, NOW - 1_000 + number).status(), 0);
    }

    /// What was on its way is written down.
    fn settles(&self) {
        self.app.stop();
        self.app.begin();
    }

    /// The address of the subscription's page.
    fn subscription(&self, browser: &mut Browser<'_>) -> String {
        let page = browser.opens(&self.page());
        link(&page, &format!("{}/subscriptions/", self.page()))
    }

    /// The address of the newest notification's page.
    fn newest(&self, browser: &mut Browser<'_>) -> String {
        let page = browser.opens(&format!("{}/deliveries", self.page()));
        link(&page, &format!("{}/deliveries/", self.page()))
    }
}

/// The first link of a page that begins so.
#[track_caller]
fn link(page: &Answer, beginning: &str) -> String {
    assert_eq!(page.http, 200, "{page:?}");
    let (_, rest) = page.text.split_once(&format!("href=\"{beginning}")).expect("a link");
    format!("{beginning}{}", rest.split_once('"').expect("a link that ends").0)
}

/// Presses the button of a subscription's page that does so.
#[track_caller]
fn presses(browser: &mut Browser<'_>, page: &str, does: &str) -> Answer {
    let shown = browser.opens(page);
    let found = forms(&shown.text).into_iter().find(|form| form.field("do") == Some(does));
    browser.submits(&found.unwrap_or_else(|| panic!("a button that does {does}: {shown:?}")))
}

/// How the rows of the attempts end, oldest first.
fn outcomes(page: &Answer) -> Vec<String> {
    let (_, table) = page.text.split_once("Attempts</h2>").expect("attempts");
    let rows = table.split("<tr><td>").skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split("</td><td>").collect();
        format!("{} {}", cells[1], cells[2]).trim().to_owned()
    })
    .collect()
}

fn the_page_of_a_notification_tells_every_attempt_and_sends_it_again(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let scene = Scene::of(&app);
    let mut browser = scene.browser();
    scene.receiver.will([Reply::Status(500, ""), Reply::HangUp]);
    scene.weighs(1);
    let first = scene.receiver.next();
    scene.settles();
    let page = browser.opens(&scene.page());
    let told = page.text.split_once("Notifications</h2>").expect("a section").1;
    let host = scene.receiver.url("").replace("http://", "");
    for part in ["Weight and body composition", &host, "live", "<td>1</td>", "2026-09-21T14:13:20Z"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let one = scene.newest(&mut browser);
    let shown = browser.opens(&one);
    assert!(unescaped(&shown.text).contains(&first.body), "{}", shown.text);
    assert!(shown.text.contains("next attempt at 2026-09-21T14:13:21Z"), "{}", shown.text);
    assert_eq!(outcomes(&shown), ["status 500"]);
    app.clock.advance(1);
    scene.receiver.next();
    app.clock.advance(12);
    scene.receiver.next();
    scene.settles();
    let shown = browser.opens(&one);
    assert_eq!(outcomes(&shown), ["status 500", "broken", "delivered 200"]);
    for part in ["The connection broke off", "The receiver has it", "<dd>delivered"] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    // Sent again, as it was.
    let sent = browser.submits(&form_to(&shown, &one));
    assert_eq!((sent.http, sent.header("location")), (303, one.as_str()));
    assert_eq!(scene.receiver.next().body, first.body);
    scene.settles();
    let shown = browser.opens(&one);
    assert_eq!(outcomes(&shown)[3..], ["sent_anew", "delivered 200"]);
    // Nothing about people but their number, and no secret.
    let subscription = scene.subscription(&mut browser);
    for page in [&scene.page(), &one, &subscription, &format!("{}/deliveries", scene.page())] {
        let text = browser.opens(page).text;
        for secret in [scene.anna.email.as_str(), "secret=x", &scene.tokens.access, "66001"] {
            assert!(!text.contains(secret), "{secret} on {page}: {text}");
        }
    }
    assert!(scene.receiver.has_nothing_more());
}

fn a_subscription_that_pauses_is_told_when_it_goes_on(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let scene = Scene::of(&app);
    let mut browser = scene.browser();
    scene.weighs(1);
    scene.receiver.next();
    scene.settles();
    let first = scene.newest(&mut browser);
    let subscription = scene.subscription(&mut browser);
    let paused = presses(&mut browser, &subscription, "pause");
    assert_eq!((paused.http, paused.header("location")), (303, subscription.as_str()));
    app.clock.advance(1);
    scene.weighs(2);
    // What arrived before and is sent again waits too.
    let shown = browser.opens(&first);
    assert_eq!(browser.submits(&form_to(&shown, &first)).http, 303);
    scene.settles();
    assert!(scene.receiver.has_nothing_more(), "it pauses");
    for one in [&first, &scene.newest(&mut browser)] {
        let shown = browser.opens(one);
        assert!(shown.text.contains("waiting until its subscription goes on"), "{}", shown.text);
    }
    let shown = browser.opens(&subscription);
    assert!(forms(&shown.text).iter().all(|form| form.field("do") != Some("test")), "{shown:?}");
    let resume = forms(&shown.text).into_iter().find(|form| form.field("do") == Some("resume"));
    let test = resume.expect("a button").with("do", "test");
    let refused = browser.submits(&test);
    assert_eq!(refused.http, 400, "{refused:?}");
    assert!(refused.text.contains("it is paused"), "{}", refused.text);
    presses(&mut browser, &subscription, "resume");
    let mut told = [scene.receiver.next(), scene.receiver.next()].map(|one| one.body);
    told.sort();
    assert!(told[0] != told[1], "{told:?}");
    scene.settles();
    // A test is a notification like the others, about this moment.
    let tested = presses(&mut browser, &subscription, "test");
    let (at, end) = (NOW + 1, NOW + 2);
    let expected = format!("userid={}&appli=1&startdate={at}&enddate={end}", scene.anna.id);
    assert_eq!(scene.receiver.next().body, expected);
    scene.settles();
    assert_eq!(outcomes(&browser.opens(tested.header("location"))), ["delivered 200"]);
    assert!(scene.receiver.has_nothing_more());
}

/// What an answer is apart from what differs in every one.
fn seen(answer: &Answer) -> (String, String) {
    assert_eq!(answer.http, 404, "{answer:?}");
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    headers.remove("date");
    (format!("{headers:?}"), answer.text.clone())
}

fn nobody_else_finds_a_subscription_or_a_notification(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let scene = Scene::of(&app);
    let mut browser = scene.browser();
    scene.weighs(1);
    scene.receiver.next();
    scene.settles();
    let (one, subscription) = (scene.newest(&mut browser), scene.subscription(&mut browser));
    let eve = app.person("eve");
    let (eves, other) = (own_program(&app, &eve, "Eve's"), own_program(&app, &scene.dev, "Other"));
    let elsewhere = |page: &str, id: &str| page.replace(&scene.program.id, id);
    let nobody = "0".repeat(64);
    let asks = |browser: &mut Browser<'_>, id: &str| {
        let token = form_to(&browser.opens("/developer/new"), "/developer/new");
        let token = token.field("form_token").expect("a token").to_owned();
        let (one, subscription) = (elsewhere(&one, id), elsewhere(&subscription, id));
        let mut answers = vec![browser.opens(&one), browser.opens(&subscription)];
        let fields = |does: &str| {
            let fields = [("form_token", token.as_str()), ("do", does)];
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
        };
        answers.push(browser.submits(&Form { action: one, fields: fields("") }));
        for does in ["test", "pause", "resume", "sign", "unsign"] {
            let form = Form { action: subscription.clone(), fields: fields(does) };
            answers.push(browser.submits(&form));
        }
        answers.iter().map(seen).collect::<Vec<_>>()
    };
    let mut eves_browser = Browser::of(&app, &eve.email, PASSWORD);
    let nothing = asks(&mut eves_browser, &nobody);
    // By the names of its own application, of hers, and of none.
    assert_eq!(asks(&mut eves_browser, &scene.program.id), nothing);
    assert_eq!(asks(&mut eves_browser, &eves.id), nothing);
    // Nor does its own maker find it at another of theirs.
    let nothing = asks(&mut browser, &nobody);
    assert_eq!(asks(&mut browser, &other.id), nothing);
    // The lists are as far away.
    let mut list = |id: &str, rest: &str| {
        seen(&eves_browser.opens(&format!("/developer/applications/{id}/{rest}")))
    };
    for rest in ["deliveries", "subscriptions", "deliveries?state=dead"] {
        assert_eq!(list(&scene.program.id, rest), list(&nobody, rest), "{rest}");
    }
    for rest in ["deliveries/x", "deliveries/msg_1_1", "subscriptions/x", "subscriptions/1"] {
        assert_eq!(browser.opens(&format!("{}/{rest}", scene.page())).http, 404, "{rest}");
    }
    // A form that no page of the session made does nothing.
    let form = form_to(&browser.opens(&one), &one).with("form_token", "x");
    assert_eq!(browser.submits(&form).http, 400);
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let form = form_to(&browser.opens(&one), &one);
    assert_eq!(browser.submits_with(&form, &elsewhere).http, 400);
    scene.settles();
    assert!(scene.receiver.has_nothing_more(), "nothing of it was sent");
    let list = scene.tokens.notify("list", &[]).body();
    assert_eq!(list["profiles"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_secret_of_a_subscription_is_shown_once_and_signs() {
    let app = App::new();
    let scene = Scene::of(&app);
    let mut browser = scene.browser();
    let subscription = scene.subscription(&mut browser);
    let signs = |browser: &mut Browser<'_>| {
        let shown = presses(browser, &subscription, "sign");
        let (_, rest) = shown.text.split_once("id=\"webhook-secret\">").expect("a secret");
        let secret = unescaped(rest.split_once('<').expect("a secret that ends").0);
        assert!(!browser.opens(&subscription).text.contains(&secret), "shown this once");
        secret
    };
    let mut number = 0;
    let mut told = || {
        number += 1;
        scene.weighs(number);
        scene.receiver.next()
    };
    assert_eq!(told().header("webhook-signature"), None);
    let first = signs(&mut browser);
    // The library's own check looks at the system's clock.
    let verifies = |secret: &str, received: &Received| {
        let header = |name: &str| received.header(name).expect("a header");
        let at = header("webhook-timestamp").parse().expect("seconds");
        let body = received.body.as_bytes();
        let webhook = Webhook::new(secret).expect("a secret");
        let signature = webhook.sign(header("webhook-id"), at, body).expect("a signature");
        header("webhook-signature").split(' ').any(|one| one == signature)
    };
    let signed = told();
    assert!(verifies(&first, &signed));
    scene.settles();
    let newest = scene.newest(&mut browser);
    let id = signed.header("webhook-id").expect("a name");
    assert!(newest.ends_with(&format!("/{id}")), "its name is the one the receiver saw");
    let second = signs(&mut browser);
    let signed = told();
    assert!(verifies(&first, &signed) && verifies(&second, &signed), "both for a day");
    app.clock.advance(86_400);
    let signed = told();
    assert!(!verifies(&first, &signed) && verifies(&second, &signed));
    // So does the day of a session.
    presses(&mut scene.browser(), &subscription, "unsign");
    assert_eq!(told().header("webhook-signature"), None);
}

#[test]
fn the_log_is_searched_and_turned_page_by_page() {
    let app = App::new();
    let scene = Scene::of(&app);
    let mut browser = scene.browser();
    for number in 0..55 {
        scene.weighs(number);
        scene.receiver.next();
    }
    app.clock.advance(3_600);
    scene.receiver.will([Reply::Status(410, "")]);
    scene.weighs(55);
    scene.receiver.next();
    scene.settles();
    let log = format!("{}/deliveries", scene.page());
    let mut rows = |query: &str| {
        let page = browser.opens(&format!("{log}?{query}"));
        assert_eq!(page.http, 200, "{query}: {page:?}");
        (page.text.matches("<tr><td>").count(), page)
    };
    let (count, page) = rows("");
    assert_eq!(count, 50);
    let more = unescaped(&link(&page, &format!("{log}?")));
    let (count, page) = rows(more.split_once('?').expect("a query").1);
    assert_eq!(count, 6);
    assert!(!page.text.contains(">Older<"), "{}", page.text);
    let anna = scene.anna.id;
    for (query, expected) in [
        ("state=dead", 1),
        ("state=waiting", 0),
        ("appli=1&state=dead", 1),
        ("appli=44", 0),
        ("appli=0", 0),
        ("subscription=1", 0),
        ("user=1000000", 0),
        (&format!("user={anna}&state=dead"), 1),
        ("since=2026-09-21T15:00:00Z", 1),
        ("since=2026-09-21T15%3A00%3A00", 1),
        ("until=2026-09-21", 0),
        ("since=2026-09-22", 0),
    ] {
        assert_eq!(rows(query).0, expected, "{query}");
    }
    for (field, query) in [
        ("state", "state=lost"),
        ("appli", "appli=3"),
        ("appli", "appli=x"),
        ("user", "user=anna"),
        ("subscription", "subscription=1.5"),
        ("since", "since=yesterday"),
        ("until", "until=%22%3E%3Cscript%3E"),
    ] {
        let page = browser.opens(&format!("{log}?{query}"));
        assert_eq!(page.http, 400, "{query}: {page:?}");
        let (_, rest) = page.text.split_once(&format!(" id=\"{field}\"")).expect("the field");
        assert!(
            rest.split_once('>').expect("a tag").0.contains("aria-invalid=\"true\""),
            "{query}"
        );
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
}

#[test]
fn what_did_not_arrive_can_be_sent_to_the_subscription_that_came_after() {
    let app = App::new();
    let scene = Scene::of(&app);
    let mut browser = scene.browser();
    scene.receiver.will([Reply::Status(410, "")]);
    scene.weighs(1);
    let lost = scene.receiver.next();
    scene.settles();
    let (one, subscription) = (scene.newest(&mut browser), scene.subscription(&mut browser));
    assert!(browser.opens(&subscription).text.contains("The server ended it"));
    let shown = browser.opens(&one);
    assert_eq!(outcomes(&shown), ["gone 410"]);
    let form = form_to(&shown, &one);
    let refused = browser.submits(&form);
    assert_eq!(refused.http, 400, "{refused:?}");
    assert!(refused.text.contains("its subscription has ended"), "{}", refused.text);
    subscribes(&scene.tokens, &scene.receiver, "1");
    assert_eq!(browser.submits(&form).http, 303);
    assert_eq!(scene.receiver.next().body, lost.body);
}
