//! What uploads must keep to: the same whatever is asked, in order, with names for good, and
//! nothing before it happened.

use super::*;
use crate::upload::{Feed, Upload, uploads};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

const ZONE: &str = "Europe/Berlin";
/// A Sunday in spring, on which clocks change.
const SPRING: i64 = 20_541 * DAY;

fn somebody() -> impl Strategy<Value = Persona> {
    let presets = prop::sample::select(Preset::ALL.to_vec());
    let zones = prop::sample::select(vec![ZONE, "America/New_York", "Pacific/Apia", "UTC"]);
    (presets, 0_u64..1_000, zones)
        .prop_map(|(preset, seed, zone)| Persona::of(preset, seed, zone).unwrap())
}

/// The instants a record says it is about: its first and its last.
fn about(record: &Json) -> (i64, i64) {
    let number = |name: &str| record[name].as_i64();
    if record["type"] == "intraday" {
        let start = number("startdate").unwrap();
        let lists = record["values"].as_object().unwrap();
        let length = lists.values().next().unwrap().as_array().unwrap().len() as i64;
        assert!(lists.values().all(|list| list.as_array().unwrap().len() as i64 == length));
        return (start, start + length * 60);
    }
    if record["type"] == "sleep" {
        let stages = record["stages"].as_array().unwrap();
        let bound = |stage: &Json, name: &str| stage[name].as_i64().unwrap();
        return (bound(&stages[0], "startdate"), bound(stages.last().unwrap(), "enddate"));
    }
    let at = number("taken_at").or(number("at"));
    let first = at.or(number("startdate")).unwrap();
    (first, at.or(number("enddate")).unwrap())
}

#[test]
fn uploads_of_a_year_have_each_record_once_and_nothing_that_is_not_over() {
    for preset in Preset::ALL {
        let persona = Persona::of(preset, 3, ZONE).unwrap();
        let kinds: BTreeSet<_> = persona.devices().iter().map(|device| device.kind).collect();
        let (mut seen, mut last) = (BTreeSet::new(), (0, kinds.first().copied()));
        let mut heard = BTreeSet::new();
        for Upload { at, device, records } in uploads(&persona, SPRING, SPRING + 60 * DAY) {
            assert!((at, Some(device)) > last, "{preset} {at}");
            last = (at, Some(device));
            heard.insert(device);
            assert!(!records.is_empty());
            for record in records {
                let id = record["id"].as_str().unwrap().to_owned();
                assert!(id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic()));
                assert!(seen.insert((device, id)), "{record}");
                if record["type"] != "status" {
                    let (first, end) = about(&record);
                    assert!(first <= end && end <= at, "{preset} {record}");
                    assert!(at - first < 13 * DAY, "{preset} {record}");
                }
            }
        }
        assert_eq!(heard, kinds, "{preset}");
    }
}

#[test]
fn who_stops_syncing_is_not_heard_of_again() {
    let persona = Persona::of(Preset::StopsSyncing, 5, ZONE).unwrap();
    let life::HandsOver::Until(day) = persona.life.hands_over else { panic!() };
    assert!((90..=150).contains(&(day - STORIES_BEGIN)));
    assert!(!uploads(&persona, (day - 3) * DAY, (day + 1) * DAY).is_empty());
    assert!(uploads(&persona, (day + 1) * DAY, (day + 400) * DAY).is_empty());
}

#[test]
fn who_is_late_hands_over_after_days() {
    let persona = Persona::of(Preset::LateUploads, 5, ZONE).unwrap();
    let made = uploads(&persona, SPRING, SPRING + 60 * DAY);
    let days: BTreeSet<i64> = made.iter().map(|upload| local_day(&persona, upload.at)).collect();
    assert!((9..=11).contains(&days.len()), "{days:?}");
    let records = made.iter().flat_map(|upload| {
        let told = upload.records.iter().filter(|record| record["type"] != "status");
        told.map(|record| upload.at - about(record).1)
    });
    let delays: Vec<f64> = records.map(|delay| delay as f64 / 3_600.0).collect();
    let (mean, _) = spread(&delays);
    assert!((48.0..120.0).contains(&mean), "{mean}");
}

#[test]
fn scales_are_there_at_once_and_watches_every_few_hours() {
    let persona = Persona::of(Preset::Hypertensive, 5, ZONE).unwrap();
    let made = uploads(&persona, SPRING, SPRING + 60 * DAY);
    let (mut scale, mut watch) = (vec![], vec![]);
    for upload in &made {
        let first = about(&upload.records[0]);
        match upload.device {
            DeviceKind::Scale | DeviceKind::Cuff => scale.push(upload.at - first.1),
            _ => watch.push((upload.at - first.0) as f64 / 3_600.0),
        }
    }
    let soon = scale.iter().filter(|delay| **delay < 60).count();
    assert!(soon * 100 >= scale.len() * 92 && soon < scale.len(), "{soon} of {}", scale.len());
    assert!(watch.iter().all(|hours| (1.5..9.0).contains(hours)), "{watch:?}");
}

#[test]
fn a_family_stands_on_one_scale() {
    let child = Persona::of(Preset::Child, 5, ZONE).unwrap();
    let family = child.family();
    assert_eq!(family.len(), 2);
    let scale = |persona: &Persona| persona.devices()[0].clone();
    assert!(scale(&child).is_shared);
    let mut ids = BTreeSet::new();
    for one in family.iter().chain([&child]) {
        assert_eq!(scale(one).mac, scale(&child).mac);
        for upload in uploads(one, SPRING, SPRING + 60 * DAY) {
            if upload.device == DeviceKind::Scale {
                for record in &upload.records[..upload.records.len() - 1] {
                    assert!(ids.insert(record["id"].as_str().unwrap().to_owned()));
                }
            }
        }
    }
    assert!(ids.len() > 40, "{}", ids.len());
    // A scale can tell them by their weight.
    let course = |persona: &Persona| person::Course::of(persona).weight_g(20_541);
    let weights = [course(&child), course(&family[0]), course(&family[1])];
    assert!(weights[0] + 5_000 < weights[1] && weights[1] + 4_000 < weights[2], "{weights:?}");
}

#[test]
fn groups_are_those_the_devices_make() {
    let types = |record: &Json| -> Vec<i64> {
        let measures = record["measures"].as_array().unwrap().iter();
        measures.map(|measure| measure["type"].as_i64().unwrap()).collect()
    };
    let groups = |preset: Preset, device: DeviceKind| -> BTreeSet<Vec<i64>> {
        let persona = Persona::of(preset, 3, ZONE).unwrap();
        let made = uploads(&persona, SPRING, SPRING + 40 * DAY);
        let made = made.into_iter().filter(|upload| upload.device == device);
        let records = made.flat_map(|upload| upload.records);
        records.filter(|record| record["type"] == "measures").map(|one| types(&one)).collect()
    };
    let cardio = groups(Preset::Hypertensive, DeviceKind::Scale);
    let body = vec![1, 5, 6, 8, 76, 77, 88];
    assert_eq!(cardio, [body.clone(), vec![11], vec![91, 155]].into());
    assert_eq!(groups(Preset::Hypertensive, DeviceKind::Cuff), [vec![9, 10, 11]].into());
    let scan = groups(Preset::Runner, DeviceKind::Scale);
    assert!(scan.contains(&vec![196, 197, 198]) && scan.contains(&vec![91, 155]));
    let whole = scan.iter().find(|types| types[0] == 1).unwrap();
    let count = |kind: i64| whole.iter().filter(|one| **one == kind).count();
    assert_eq!([5, 8, 173, 174, 175, 226].map(count), [2, 2, 5, 5, 5, 1]);
    assert_eq!(groups(Preset::ShiftWorker, DeviceKind::Scale), [vec![1]].into());
}

#[test]
fn travellers_change_their_zone_on_days_that_are_known() {
    let persona = Persona::of(Preset::Traveller, 5, ZONE).unwrap();
    let zones: Vec<&str> = (20_500..20_700).map(|day| persona.zone_on(day)).collect();
    let away = zones.iter().filter(|zone| **zone != ZONE).count();
    assert!((15..70).contains(&away), "{away}");
    let told: BTreeSet<String> = uploads(&persona, 20_500 * DAY, 20_700 * DAY)
        .iter()
        .flat_map(|upload| &upload.records)
        .filter_map(|record| Some(record["timezone"].as_str()?.to_owned()))
        .collect();
    assert_eq!(told, zones.iter().map(|zone| (*zone).to_owned()).collect());
}

#[test]
fn a_batch_says_whose_it_is_where_that_is_wanted() {
    let persona = Persona::of(Preset::Hypertensive, 3, ZONE).unwrap();
    let made = uploads(&persona, SPRING, SPRING + 3 * DAY);
    let records = made[0].clone().into_records(Some(7));
    assert_eq!(records.len(), made[0].records.len());
    let is_named = |one: &Map<String, Json>| one.contains_key("userid");
    assert!(records.iter().all(|one| (one["type"] == "status") != is_named(one)));
    assert!(!made[0].clone().into_records(None).iter().any(is_named));
}

#[test]
fn raw_data_is_the_same_in_any_span() {
    let persona = Persona::of(Preset::AtrialFibrillation, 3, ZONE).unwrap();
    for sensor in [Sensor::Accelerometer, Sensor::Optical] {
        let from = SPRING + 8 * 3_600;
        let hour = raw_data(&persona, sensor, from, from + 1_800);
        let parts = [(from, from + 630), (from + 600, from + 1_800)];
        let parts = parts.map(|(from, until)| raw_data(&persona, sensor, from, until)).concat();
        assert_eq!(hour, parts);
        assert_eq!(hour.len(), 30);
        let lists = hour[0]["data"].as_object().unwrap();
        assert!(lists.values().all(|list| list.as_array().unwrap().len() == 1_500));
    }
    let elderly = Persona::of(Preset::Elderly, 3, ZONE).unwrap();
    assert!(raw_data(&elderly, Sensor::Optical, SPRING, SPRING + 600).is_empty());
}

#[test]
fn days_add_up_to_months_also_for_who_is_late() {
    for preset in [Preset::LateUploads, Preset::Traveller] {
        let persona = Persona::of(preset, 4, ZONE).unwrap();
        let day = |day: i64| uploads(&persona, SPRING + day * DAY, SPRING + (day + 1) * DAY);
        let days: Vec<Upload> = (0..15).flat_map(day).collect();
        assert!(days == uploads(&persona, SPRING, SPRING + 15 * DAY), "{preset}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn two_spans_that_meet_are_one(
        persona in somebody(),
        day in 20_400_i64..20_900,
        parts in (0_i64..3 * DAY, 0_i64..3 * DAY),
    ) {
        let a = day * DAY;
        let (b, c) = (a + parts.0, a + parts.0 + parts.1);
        let whole = uploads(&persona, a, c);
        let mut feed = Feed::of(&persona);
        // Out of order, and from one feed that remembers.
        let second = feed.between(b, c);
        let first = feed.between(a, b);
        prop_assert_eq!(&[first, second].concat(), &whole);
        prop_assert_eq!(feed.between(a, c), whole);
    }
}
