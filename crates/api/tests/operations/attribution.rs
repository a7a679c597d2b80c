//! Whose weighing it is, when several people stand on one scale (field-notes §15). The rule by
//! itself is tested in `domain`; here it meets what is stored.

use crate::app::{App, NOW, dates, groups, new, weight};
use crate::scale::Scale;
use api::admin::{self, Account, NewAccount};
use serde_json::{Value, json};

/// Anna weighs 64 kg and Ben 67 kg, and both use one scale.
fn household(app: &App) -> (Account, Account, Scale<'_>) {
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.stores(&anna, &[weight(NOW - 1_000, 64_000)]);
    app.stores(&ben, &[weight(NOW - 1_000, 67_000)]);
    let scale = app.scale(1, &[&anna, &ben]);
    (anna, ben, scale)
}

/// `(weight in grams, attrib)` of the groups a scale measured, newest first.
fn scaled(app: &App, person: &Account) -> Vec<(i64, i64)> {
    let answer = app.measures(person, "category=1&meastype=1");
    let by_scale = groups(&answer).iter().filter(|group| group["deviceid"].is_string());
    let number = |value: &Value| value.as_i64().unwrap();
    by_scale
        .map(|group| (number(&group["measures"][0]["value"]), number(&group["attrib"])))
        .collect()
}

fn unclaimed(app: &App) -> Vec<i64> {
    let weighings = app.does(|tx| admin::list_weighings(tx, None));
    weighings.iter().map(|weighing| weighing.measures[0].value).collect()
}

#[test]
fn one_person_in_reach_has_it_without_doubt() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    scale.weighs(NOW, 62_500);
    scale.weighs(NOW + 1, 68_500);
    assert_eq!(scaled(&app, &anna), [(62_500, 0)]);
    assert_eq!(scaled(&app, &ben), [(68_500, 0)]);
}

#[test]
fn of_two_in_reach_the_nearer_has_it_with_doubt() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    scale.weighs(NOW, 65_400);
    assert_eq!((scaled(&app, &anna), scaled(&app, &ben)), (vec![(65_400, 1)], vec![]));
}

#[test]
fn nobody_in_reach_keeps_it_for_a_claim() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    for grams in [61_999, 69_001, 20_000] {
        scale.weighs(NOW, grams);
        app.waits(1);
    }
    assert_eq!((scaled(&app, &anna), scaled(&app, &ben)), (vec![], vec![]));
    assert_eq!(unclaimed(&app), [20_000, 69_001, 61_999]);
    scale.weighs(NOW, 62_000);
    scale.weighs(NOW, 69_000);
    assert_eq!(scaled(&app, &anna), [(62_000, 0)]);
    assert_eq!(scaled(&app, &ben), [(69_000, 0)]);
}

#[test]
fn a_scale_that_is_certain_is_believed_of_its_people() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    scale.weighs_for(&format!("userid={}&attribstatus=0", ben.id), NOW, 64_000);
    scale.weighs_for(&format!("userid={}", anna.id), NOW, 90_000);
    assert_eq!(scaled(&app, &ben), [(64_000, 0)]);
    assert_eq!(scaled(&app, &anna), [(90_000, 0)]);
}

#[test]
fn a_scale_that_is_not_certain_names_the_one_on_equal_distance() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    scale.weighs_for(&format!("userid={}&attribstatus=1", ben.id), NOW, 65_500);
    assert_eq!((scaled(&app, &anna), scaled(&app, &ben)), (vec![], vec![(65_500, 1)]));
    // Its word does not outweigh a nearer weight.
    scale.weighs_for(&format!("userid={}&attribstatus=1", ben.id), NOW + 1, 64_500);
    assert_eq!(scaled(&app, &anna), [(64_500, 1)]);
}

#[test]
fn a_stranger_who_is_not_linked_to_the_scale_is_not_believed() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    let carl = app.person("carl");
    app.stores(&carl, &[weight(NOW - 1_000, 64_000)]);
    for (at, stranger) in [(0, carl.id.0), (1, 1), (2, -1), (3, i64::MAX), (4, i64::MIN)] {
        let opinion = format!("userid={stranger}&attribstatus=0");
        scale.weighs_for(&opinion, NOW + at, 63_000);
        scale.weighs_for(&opinion, NOW + at, 90_000);
    }
    assert_eq!(scaled(&app, &carl), []);
    assert_eq!(dates(&app.measures(&carl, "")), [NOW - 1_000]);
    assert_eq!(scaled(&app, &anna).len(), 5);
    assert!(scaled(&app, &anna).iter().all(|(grams, attrib)| (*grams, *attrib) == (63_000, 0)));
    assert_eq!(scaled(&app, &ben), []);
    assert_eq!(unclaimed(&app), [90_000; 5]);
}

#[test]
fn a_newcomer_alone_on_the_scale_has_the_first_weight_and_is_then_known_by_it() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    scale.weighs(NOW, 64_000);
    scale.weighs(NOW + 1, 80_000);
    scale.weighs(NOW + 2, 64_500);
    assert_eq!(scaled(&app, &anna), [(64_500, 0), (64_000, 0)]);
    assert_eq!(unclaimed(&app), [80_000]);
}

#[test]
fn a_weight_told_with_the_account_counts_and_a_goal_does_not() {
    let app = App::new();
    let of = |name: &str, weight: &str, goal: &str| {
        app.account(NewAccount {
            weight_kg: Some(weight.to_owned()),
            goal_weight_kg: Some(goal.to_owned()),
            ..new(name)
        })
    };
    let (anna, ben) = (of("anna", "64", "60"), of("ben", "67.5", "63.9"));
    let scale = app.scale(1, &[&anna, &ben]);
    scale.weighs(NOW, 63_900);
    scale.weighs(NOW, 60_000);
    assert_eq!((scaled(&app, &anna), scaled(&app, &ben)), (vec![(63_900, 0)], vec![]));
    assert_eq!(unclaimed(&app), [60_000]);
}

#[test]
fn the_mean_of_the_last_five_weights_decides() {
    let app = App::new();
    let anna = app.person("anna");
    // Six weights: the first is far off and no longer counts. The mean is 64,004 g exactly.
    let grams = [80_000, 64_004, 64_003, 64_005, 64_002, 64_006];
    let groups: Vec<_> =
        (0..).zip(grams).map(|(at, grams)| weight(NOW - 100 + at, grams)).collect();
    app.stores(&anna, &groups);
    let scale = app.scale(1, &[&anna]);
    scale.weighs(NOW, 66_005);
    assert_eq!(unclaimed(&app), [66_005]);
    scale.weighs(NOW, 66_004);
    assert_eq!(scaled(&app, &anna), [(66_004, 0)]);
}

#[test]
fn a_late_upload_keeps_its_date_and_is_judged_by_the_weights_before_it() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    // A year ago Anna weighed what Ben weighs now.
    let year = 365 * 86_400;
    let weighs = |person: &Account, then: i64, now: i64| {
        let five = |date: i64, grams: i64| (0..5).map(move |day| weight(date - day, grams));
        app.stores(
            person,
            &five(NOW - year, then).chain(five(NOW - 1_000, now)).collect::<Vec<_>>(),
        );
    };
    weighs(&anna, 80_000, 64_000);
    weighs(&ben, 95_000, 80_000);
    app.waits(10);
    let scale = app.scale(1, &[&anna, &ben]);
    scale.weighs(NOW - year + 60, 80_100);
    scale.weighs(NOW - 60, 80_200);
    assert_eq!(scaled(&app, &anna), [(80_100, 0)]);
    assert_eq!(scaled(&app, &ben), [(80_200, 0)]);
    let answer = app.measures(&anna, "");
    let late = groups(&answer).iter().find(|group| group["deviceid"].is_string()).unwrap();
    assert_eq!(late["date"], NOW - year + 60);
    assert_eq!((&late["created"], &late["modified"]), (&json!(NOW + 10), &json!(NOW + 10)));
    let changed = app.measures(&anna, &format!("lastupdate={NOW}"));
    assert_eq!(dates(&changed), [NOW - year + 60]);
}

#[test]
fn weights_are_compared_whatever_their_unit() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    for (at, value, unit) in [(1, 6_700, -2), (2, 67, 0), (3, 670_004, -4)] {
        let measures = json!({"measures": [{"value": value, "type": 1, "unit": unit}]}).to_string();
        scale.sends(NOW + at, &measures, "userid=0&attribstatus=1");
    }
    assert_eq!(
        scaled(&app, &ben).iter().map(|(value, _)| *value).collect::<Vec<_>>(),
        [670_004, 67, 6_700]
    );
    assert_eq!(scaled(&app, &anna), []);
}

#[test]
fn a_weight_no_person_can_have_is_nobodys() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 1_000, 64_000)]);
    let scale = app.scale(1, &[&anna]);
    for (at, value, unit) in
        [(1, i64::MAX, 0), (2, i64::MIN, 0), (3, 1, 127), (4, -64_000, -3), (5, 0, 0)]
    {
        let measures = json!({"measures": [{"value": value, "type": 1, "unit": unit}]}).to_string();
        scale.sends(NOW + at, &measures, "userid=0&attribstatus=1");
    }
    assert_eq!(scaled(&app, &anna), []);
    assert_eq!(unclaimed(&app).len(), 5);
}

#[test]
fn without_a_weight_the_named_or_the_only_person_has_it() {
    let app = App::new();
    let (anna, ben, scale) = household(&app);
    let pulse = r#"{"measures":[{"value":60,"type":11,"unit":0}]}"#;
    scale.sends(NOW, pulse, &format!("userid={}&attribstatus=1", ben.id));
    let pulses = app.measures(&ben, "meastype=11");
    assert_eq!(groups(&pulses)[0]["attrib"], 1);
    scale.sends(NOW + 1, pulse, "userid=0&attribstatus=1");
    assert_eq!(unclaimed(&app), [60]);
    let only = app.scale(2, &[&anna]);
    only.sends(NOW + 2, pulse, "userid=0&attribstatus=1");
    let pulses = app.measures(&anna, "meastype=11");
    assert_eq!((dates(&pulses), &groups(&pulses)[0]["attrib"]), (vec![NOW + 2], &json!(0)));
}
