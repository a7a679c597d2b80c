//! What a person does with their own data on the pages: looks at the latest, takes a row away, and
//! takes all of it out. Whose row it is decides the log-in alone, never what a form names.

use crate::app::{App, Engine, NOW};
use crate::browser::{Browser, Form, forms};
use crate::household::{PASSWORD, Person};
use crate::on_both_engines;
use api::{admin, sync};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use healthmate::{Group, Item, Report, Sink, State, Stop};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Cursor;
use store::measure::{NewGroup, insert};

on_both_engines!(
    a_row_that_is_taken_away_on_the_page_is_gone_and_no_other,
    what_is_taken_out_is_read_again_and_of_nobody_else,
);

const NAMES: [&str; 3] = ["grpid", "nightid", "workoutid"];

impl App {
    /// Two weighings, two workouts and a night of a person, from a device of their own.
    fn lived(&self, person: &Person<'_>, grams: i64) {
        let mac = format!("00:24:e4:00:01:{:02x}", person.id.0 % 256);
        let users = vec![person.id.to_string()];
        let new = admin::NewDevice { mac, model_id: 93, users, ..Default::default() };
        let token = self.administers(move |tx| {
            admin::register_device(tx, &new)?;
            Ok(admin::issue_device_token(tx, &new.mac, false)?.1)
        });
        let night = NOW - 14 * 3_600;
        let weighing = |id: &str, at: i64, grams: i64| {
            json!({ "id": id, "type": "measures", "taken_at": at, "measures": [
                { "type": 1, "value": grams, "unit": -3 } ] })
        };
        let workout = |id: &str, at: i64| {
            json!({ "id": id, "type": "workout", "startdate": at, "enddate": at + 600,
                "category": 2, "data": { "calories": 120 } })
        };
        let records = json!([
            weighing("a", NOW - 400, grams),
            weighing("b", NOW - 300, grams + 50),
            workout("c", NOW - 7_200),
            workout("d", NOW - 3_600),
            { "id": "e", "type": "sleep", "stages": [
                { "startdate": night, "enddate": night + 7_200, "state": 1 },
                { "startdate": night + 7_200, "enddate": night + 18_000, "state": 2 },
            ] },
        ]);
        let request = self.request("POST", sync::PATH).bearer_auth(token);
        let sent = self.sends(request.json(&json!({ "records": records }))).body();
        assert_eq!(sent["stored"], 5);
    }
}

/// The forms of the page of the latest data, each of which takes a row away.
fn rows(browser: &mut Browser<'_>) -> Vec<Form> {
    let page = browser.opens("/account/data");
    assert_eq!(page.http, 200, "{page:?}");
    forms(&page.text).into_iter().filter(|form| form.action == "/account/data").collect()
}

/// Whether there is a row of that kind with that id, for every one on a page.
fn ids(forms: &[Form]) -> BTreeSet<(String, String)> {
    let field = |form: &Form, name: &str| form.field(name).expect("a field").to_owned();
    forms.iter().map(|form| (field(form, "name"), field(form, "id"))).collect()
}

fn a_row_that_is_taken_away_on_the_page_is_gone_and_no_other(engine: Engine) {
    let app = App::on(engine);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.lived(&anna, 66_850);
    app.lived(&ben, 81_200);
    let mut browser = Browser::of(&app, &anna.email, PASSWORD);
    let mut bens = Browser::of(&app, &ben.email, PASSWORD);
    let of_ben = rows(&mut bens);
    assert_eq!((of_ben.len(), rows(&mut browser).len()), (5, 5));
    for name in NAMES {
        let before = rows(&mut browser);
        let of_kind = |form: &&Form| form.field("name") == Some(name);
        let form = before.iter().find(of_kind).expect("a row").clone();
        let foreign = of_ben.iter().find(of_kind).and_then(|form| form.field("id")).expect("an id");
        // Neither a row of somebody else, nor one by a wrong token, nor one that is named wrongly.
        let refused = browser.submits(&form.clone().with("id", foreign));
        assert_eq!(refused.http, 400, "{refused:?}");
        let unknown = browser.submits(&form.clone().with("id", "1"));
        assert_eq!((unknown.http, &unknown.text), (400, &refused.text), "told apart by nobody");
        let token = of_ben[0].field("form_token").expect("a token");
        for wrong in [
            form.clone().with("form_token", token),
            form.clone().with("form_token", ""),
            form.clone().without("form_token"),
            form.clone().with("name", "deviceid"),
            form.clone().with("id", "x"),
        ] {
            assert_eq!(browser.submits(&wrong).http, 400, "{wrong:?}");
        }
        assert_eq!(ids(&rows(&mut browser)), ids(&before), "nothing has happened yet");
        let sent = browser.submits(&form);
        assert_eq!((sent.http, sent.header("location")), (303, "/account/data"));
        let mut left = ids(&before);
        assert!(left.remove(&ids(std::slice::from_ref(&form)).pop_first().expect("one")));
        assert_eq!(ids(&rows(&mut browser)), left);
        assert_eq!(browser.submits(&form).text, unknown.text, "it is gone already");
    }
    assert_eq!(ids(&rows(&mut bens)), ids(&of_ben));
    // What is gone is gone from what is taken out too.
    let lines = browser.opens("/account/download").lines();
    let kinds = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!((kinds("group"), kinds("night"), kinds("workout")), (1, 0, 1));
}

#[derive(Default)]
struct Items(Vec<Item>);

impl Sink for Items {
    fn take(&mut self, item: Item) -> Result<(), Stop> {
        self.0.push(item);
        Ok(())
    }
}

/// The ZIP that a browser is given, read again.
fn archive(browser: &Browser<'_>) -> (Vec<Item>, Report) {
    let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
    let request = browser.app.request("GET", "/account/download/health-mate");
    let request = request.header("cookie", cookies.collect::<Vec<_>>().join("; "));
    let answer = request.send().expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    for (name, value) in [
        ("content-type", "application/zip"),
        ("content-disposition", "attachment; filename=\"vitald-export.zip\""),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    let bytes = answer.bytes().expect("a whole file");
    let zone = domain::person::time_zone("Europe/Paris").expect("a zone");
    let mut items = Items::default();
    let report = healthmate::read(Cursor::new(bytes), &zone, &mut items).expect("an archive");
    (items.0, report)
}

/// Moments and first values of the measures in an archive.
fn measured(items: &[Item]) -> Vec<(i64, i64)> {
    let groups = items.iter().filter_map(|item| match item {
        Item::Group(Group { date, measures, .. }) => Some((*date, measures[0].value)),
        _ => None,
    });
    let mut measured: Vec<_> = groups.collect();
    measured.sort_unstable();
    measured
}

fn what_is_taken_out_is_read_again_and_of_nobody_else(engine: Engine) {
    let app = App::on(engine);
    for (name, grams) in [("anna", 66_850), ("ben", 81_200)] {
        let person = app.person(name);
        app.lived(&person, grams);
        // A value the layout cannot hold does not keep anybody from the rest.
        let user = person.id;
        let absurd = NewGroup {
            date: NOW - 500,
            category: Category::REAL,
            attrib: Attrib::DEVICE,
            device: None,
            measures: vec![Measure::new(MeasureType::HEART_PULSE, 60, 30)],
        };
        app.administers(move |tx| insert(tx, user, std::slice::from_ref(&absurd)));
    }
    for (email, grams) in [("anna@example.org", 66_850), ("ben@example.org", 81_200)] {
        let mut browser = Browser::of(&app, email, PASSWORD);
        let (items, report) = archive(&browser);
        for file in &report.files {
            let is_readme = file.state == State::LeftOut;
            assert!(
                is_readme || (file.state == State::Read && file.skipped.is_empty()),
                "{file:?}"
            );
        }
        assert_eq!(measured(&items), [(NOW - 400, grams), (NOW - 300, grams + 50)]);
        let count = |is_one: fn(&Item) -> bool| items.iter().filter(|item| is_one(item)).count();
        assert_eq!(count(|item| matches!(item, Item::Workout(_))), 2);
        assert_eq!(count(|item| matches!(item, Item::Night(_))), 1);
        let file = browser.opens("/account/download");
        assert_eq!(file.header("content-type"), "application/x-ndjson");
        let lines = file.lines();
        assert_eq!(lines[0]["profile"]["email"], email);
        let groups = lines.iter().filter(|line| line["kind"] == "group");
        let values: Vec<&Json> =
            groups.map(|group| &group["data"]["measures"][0]["value"]).collect();
        assert_eq!(values.len(), 3, "of nobody else, and the absurd one too: {values:?}");
        for value in [grams, grams + 50, 60] {
            assert!(values.contains(&&json!(value)), "{values:?}");
        }
    }
    let nobody = app.gets("/account/download/health-mate");
    assert_eq!((nobody.http, nobody.text.as_str()), (303, ""));
}
