//! A person's data as a Health Mate export: what is taken out and brought in again is what was
//! there.

use crate::app::{ALL_SCOPES, App, NOW, status};
use crate::surveys::answered;
use api::admin::Account;
use api::export::{self, Place};
use api::import::healthmate::{Pieces, store_groups};
use api::import::{Outcome, rows};
use domain::measure::{Measure, MeasureType};
use domain::person::time_zone;
use domain::recording::SAMPLES_MAX;
use healthmate::{Item, Options, Sink, Stop, Writer};
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use store::measure::{GROUP_MEASURES_MAX, NewGroup};

/// The archive of a person.
fn exported(app: &App, person: &Account) -> Vec<u8> {
    let zone = time_zone(&person.time_zone).unwrap();
    let mut writer = Writer::new(Cursor::new(Vec::new()), zone, Options::default());
    let (mut place, user) = (Some(Place::FIRST), person.id);
    while let Some(next) = place {
        let (items, after) = app.does(move |tx| export::part(tx, user, next));
        items.iter().for_each(|item| writer.put(item).unwrap());
        place = after;
    }
    writer.finish().unwrap().0.into_inner()
}

#[derive(Default)]
struct Items(Vec<Item>);

impl Sink for Items {
    fn take(&mut self, item: Item) -> Result<(), Stop> {
        self.0.push(item);
        Ok(())
    }
}

fn items(archive: &[u8], zone: &str) -> Vec<Item> {
    let mut items = Items::default();
    let zone = time_zone(zone).unwrap();
    healthmate::read(Cursor::new(archive), &zone, &mut items).unwrap();
    items.0
}

fn imported(app: &App, person: &Account, archive: &[u8]) -> Outcome {
    let mut pieces = Pieces::default();
    items(archive, &person.time_zone).into_iter().for_each(|item| pieces.add(item));
    assert!(pieces.left.is_empty(), "{:?}", pieces.left);
    let (user, groups) = (person.id, pieces.groups);
    let mut done = app.does(move |tx| store_groups(tx, user, &groups));
    let mut all = pieces.rows;
    all.extend(pieces.days.into_values().map(rows::Row::Day));
    for slice in rows::slices(all) {
        let part = app.does(move |tx| rows::store(tx, user, &slice));
        done.new += part.new;
        done.changed += part.changed;
        done.known += part.known;
    }
    done
}

/// A person of whom every file of an export has something.
fn lived(app: &App) -> Account {
    let anna = app.person("anna");
    let scale = app.bridge_of("00:24:e4:00:00:70", 4, &[&anna]);
    let (watch, mat) = (app.watch(&[&anna]), app.mat(&[&anna]));
    scale.stores(&[json!({ "id": "a", "type": "measures", "taken_at": NOW - 400, "measures": [
        { "type": 1, "value": 64_250, "unit": -3 }, { "type": 8, "value": 1_510, "unit": -2 },
    ] })]);
    let night = NOW - 14 * 3_600;
    watch.stores(&[
        json!({ "id": "i", "type": "intraday", "startdate": NOW - 7_200, "values": {
            "steps": [100, null, 120, 40], "heart_rate": [80, 81, null, 90],
            "distance": [70.5, null, 81, 30], "calories": [3.25, null, 4, 1],
        } }),
        json!({ "id": "w", "type": "workout", "startdate": NOW - 7_200, "enddate": NOW - 6_000,
            "category": 2, "data": { "calories": 120, "intensity": 40 } }),
        json!({ "id": "e", "type": "ecg", "taken_at": NOW - 60, "frequency": 300,
            "signal": [-12, -9, -3, 4, 18, 240, 981], "wearposition": 1 }),
    ]);
    let stages = json!([
        { "startdate": night, "enddate": night + 600, "state": 0 },
        { "startdate": night + 600, "enddate": night + 7_200, "state": 1 },
        { "startdate": night + 7_200, "enddate": night + 9_000, "state": 2 },
        { "startdate": night + 9_600, "enddate": night + 12_000, "state": 3 },
    ]);
    let series = json!({ "startdate": night, "values": {
        "hr": [60, 61, 62], "rr": [14, 14, null], "snoring": [0, 5, 0],
    } });
    mat.stores(&[json!({ "id": "s", "type": "sleep", "stages": stages, "series": series })]);
    anna
}

#[test]
fn what_is_taken_out_and_brought_in_is_what_was_there() {
    let app = App::new();
    let anna = lived(&app);
    let archive = exported(&app, &anna);
    let ben = app.person("ben");
    let first = imported(&app, &ben, &archive);
    assert!(first.new > 5 && first.changed == 0, "{first:?}");
    let (ours, theirs) =
        (items(&archive, "Europe/Paris"), items(&exported(&app, &ben), "Europe/Paris"));
    for item in &ours {
        assert!(theirs.contains(item), "lost: {item:?}\nof {theirs:#?}");
    }
    let more: Vec<_> = theirs.iter().filter(|item| !ours.contains(item)).collect();
    assert_eq!(theirs.len(), ours.len(), "{more:#?}");
    // Twice is once.
    let again = imported(&app, &ben, &archive);
    assert_eq!((again.new, again.changed), (0, 0), "{again:?}");
    // And into where it came from it brings nothing.
    let own = imported(&app, &anna, &archive);
    assert_eq!(own.changed, 0, "{own:?}");
    assert_eq!(items(&exported(&app, &anna), "Europe/Paris").len(), ours.len());
}

#[test]
fn the_longest_electrocardiogram_a_device_may_send_leaves_and_comes_back() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let watch = app.watch(&[&anna]);
    let signal: Vec<i64> = (0..SAMPLES_MAX).map(|at| (at % 9) as i64 - 4).collect();
    watch.stores(&[json!({ "id": "e", "type": "ecg", "taken_at": NOW - 60, "frequency": 1_000,
        "signal": signal })]);
    let archive = exported(&app, &anna);
    assert_eq!(imported(&app, &ben, &archive), Outcome { new: 1, ..Outcome::default() });
    let theirs = items(&exported(&app, &ben), "Europe/Paris");
    let [Item::Signal(theirs)] = theirs.as_slice() else { panic!("one signal") };
    assert!(theirs.microvolts == signal, "another signal");
}

#[test]
fn the_largest_group_that_is_kept_leaves_and_comes_back() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let kinds = 1_000..1_000 + i32::try_from(GROUP_MEASURES_MAX).unwrap();
    let measures: Vec<_> = kinds.map(|kind| Measure::new(MeasureType(kind), 7, 0)).collect();
    let group = NewGroup { measures: measures.clone(), ..crate::app::weight(NOW - 60, 1) };
    app.stores(&anna, &[group]);
    let archive = exported(&app, &anna);
    assert_eq!(imported(&app, &ben, &archive), Outcome { new: 1, ..Outcome::default() });
    let theirs = items(&exported(&app, &ben), "Europe/Paris");
    let [Item::Group(theirs)] = theirs.as_slice() else { panic!("one group") };
    assert_eq!(theirs.measures, measures);
}

#[test]
fn the_lines_of_an_export_are_who_somebody_is_and_every_row() {
    let app = App::new();
    let anna = lived(&app);
    let user = anna.id;
    let (lines, next) = app.does(move |tx| export::lines(tx, user, None));
    assert_eq!(next, None);
    assert_eq!(
        (&lines[0]["kind"], &lines[0]["profile"]["email"]),
        (&json!("person"), &json!(anna.email))
    );
    let mut kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let all = ["activity", "ecg", "group", "intraday", "night", "person", "sleep", "workout"];
    assert_eq!(kinds, all);
    let ecg = lines.iter().find(|line| line["kind"] == "ecg").unwrap();
    assert_eq!(ecg["signal"], json!([-12, -9, -3, 4, 18, 240, 981]));
}

#[test]
fn what_somebody_answered_to_surveys_is_in_the_lines_of_an_export() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.questions(&[&anna, &ben]);
    let chosen = |number: i64| json!({ "q1": [1 + number % 2] });
    let said = |number: i64| answered(&format!("s{number}"), NOW - number, chosen(number));
    app.cuff(&[&anna]).stores(&(0..201).map(said).collect::<Vec<_>>());
    let (user, other) = (anna.id, ben.id);
    let (mut lines, mut next) = app.does(move |tx| export::lines(tx, user, None));
    while next.is_some() {
        let more = app.does(move |tx| export::lines(tx, user, next));
        lines.extend(more.0);
        next = more.1;
    }
    let answers = lines.iter().filter(|line| line["kind"] == "survey_answer");
    let answers: Vec<&Value> = answers.collect();
    assert_eq!(answers.len(), 201);
    let expected = json!({
        "surveyid": crate::surveys::ID, "name": "High blood pressure", "grpid": null,
        "timestamp": NOW, "answers": { "q1": [1] },
    });
    assert_eq!(answers[0]["data"], expected);
    let times = answers.iter().map(|line| line["data"]["timestamp"].as_i64().unwrap());
    assert!(times.eq((0..201).map(|number| NOW - number)), "each once, as they came");
    let theirs = app.does(move |tx| export::lines(tx, other, None)).0;
    assert!(theirs.iter().all(|line| line["kind"] != "survey_answer"));
}

/// An archive with one file.
fn archive(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_weight_of_an_export_that_an_answer_had_already_is_known() {
    let app = App::new();
    let anna = app.person("anna");
    let weight = NewGroup { date: 1_641_470_400, ..crate::app::weight(1_641_470_400, 66_850) };
    app.stores(&anna, &[weight]);
    let csv = "Date,\"Weight (kg)\",\"Fat mass (kg)\",Comments\n\
               \"2022-01-06 13:00:00\",66.85,12.5,\n\"2022-01-07 13:00:00\",66.9,,\n";
    let archive = archive("weight.csv", csv);
    let done = imported(&app, &anna, &archive);
    assert_eq!((done.new, done.known), (2, 0));
    let answer = app.call("/measure", "action=getmeas", Some(&app.token(&anna, ALL_SCOPES)));
    assert_eq!(status(&answer), 0);
    let weights: Vec<Value> = answer["body"]["measuregrps"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["measures"].as_array().unwrap().clone())
        .filter(|measure| measure["type"] == 1)
        .collect();
    assert_eq!(weights.len(), 2, "{answer}");
    assert_eq!(imported(&app, &anna, &archive), Outcome { known: 2, ..Outcome::default() });
}
