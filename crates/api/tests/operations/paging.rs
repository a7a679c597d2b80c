//! Pages of `measure getmeas`: large, complete, and undisturbed by what is stored meanwhile.

use crate::app::{App, NOW, assert_names, by_hand, dates, groups, weight};
use api::admin::Account;
use domain::measure::{Measure, MeasureType};
use serde_json::Value;
use std::collections::BTreeSet;
use store::measure::NewGroup;

/// Stores one group a minute, the newest first, in slices as an import does.
pub(crate) fn fill(app: &App, person: &Account, count: i64, group: impl Fn(i64) -> NewGroup) {
    let groups: Vec<NewGroup> = (0..count).map(group).collect();
    for slice in groups.chunks(1_000) {
        app.stores(person, slice);
    }
}

fn ids(answer: &Value) -> Vec<i64> {
    groups(answer).iter().map(|group| group["grpid"].as_i64().unwrap()).collect()
}

fn offset(answer: &Value) -> i64 {
    assert_eq!(answer["body"]["more"], 1);
    answer["body"]["offset"].as_i64().unwrap()
}

fn is_last(answer: &Value) -> bool {
    answer["body"].get("more").is_none() && answer["body"].get("offset").is_none()
}

#[test]
fn a_first_page_holds_five_thousand_groups_and_the_next_the_rest() {
    let app = App::new();
    let anna = app.person("anna");
    fill(&app, &anna, 5_001, |minute| weight(NOW - minute * 60, 64_000));
    let first = app.measures(&anna, "");
    assert_eq!(groups(&first).len(), 5_000);
    assert_eq!(dates(&first)[0], NOW);
    let second = app.measures(&anna, &format!("offset={}", offset(&first)));
    assert_eq!(dates(&second), [NOW - 5_000 * 60]);
    assert!(is_last(&second));
    let all: BTreeSet<i64> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(all.len(), 5_001);
}

#[test]
fn offset_0_is_the_beginning() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW, 64_000), weight(NOW - 1, 64_100)]);
    assert_eq!(app.measures(&anna, "offset=0"), app.measures(&anna, ""));
    assert_eq!(dates(&app.measures(&anna, "offset=0")), [NOW, NOW - 1]);
}

#[test]
fn what_is_stored_between_two_pages_moves_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    fill(&app, &anna, 5_003, |minute| weight(NOW - minute * 60, 64_000));
    let first = app.measures(&anna, "");
    app.waits(5);
    app.stores(&anna, &[weight(NOW + 1, 65_000), weight(NOW - 5_001 * 60 - 30, 65_100)]);
    let second = app.measures(&anna, &format!("offset={}", offset(&first)));
    let expected = [5_000 * 60, 5_001 * 60, 5_001 * 60 + 30, 5_002 * 60].map(|ago| NOW - ago);
    assert_eq!(dates(&second), expected);
}

#[test]
fn the_updatetime_of_the_last_page_is_not_later_than_the_walk() {
    let app = App::new();
    let anna = app.person("anna");
    fill(&app, &anna, 10_001, |minute| weight(NOW - minute * 60, 64_000));
    app.waits(3_600);
    let first = app.measures(&anna, "");
    app.waits(600);
    // It belongs on the first page, which was given already.
    app.stores(&anna, &[weight(NOW + 60, 65_000)]);
    app.waits(600);
    let second = app.measures(&anna, &format!("offset={}", offset(&first)));
    app.waits(3_600);
    let third = app.measures(&anna, &format!("offset={}", offset(&second)));
    assert!(is_last(&third));
    for page in [&first, &second, &third] {
        let update_time = page["body"]["updatetime"].as_i64().unwrap();
        assert!((NOW..=NOW + 3_600).contains(&update_time), "{update_time}");
        let again = app.measures(&anna, &format!("lastupdate={update_time}"));
        assert_eq!(dates(&again), [NOW + 60]);
    }
}

#[test]
fn groups_of_one_second_are_paged_one_by_one() {
    let app = App::new();
    let anna = app.person("anna");
    fill(&app, &anna, 5_002, |number| weight(NOW, 60_000 + number));
    let first = app.measures(&anna, "");
    let second = app.measures(&anna, &format!("offset={}", offset(&first)));
    assert_eq!(groups(&second).len(), 2);
    let all: BTreeSet<i64> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(all.len(), 5_002);
}

#[test]
fn a_page_of_one_type_is_as_large_and_as_complete() {
    let app = App::new();
    let anna = app.person("anna");
    // One weight in three groups: more groups than one page, fewer weights.
    let group = |number: i64| {
        let kind = if number % 3 == 0 { MeasureType::WEIGHT } else { MeasureType::HEART_PULSE };
        by_hand(NOW - number, &[Measure::new(kind, 60, 0)])
    };
    fill(&app, &anna, 7_502, group);
    let weights = app.measures(&anna, "meastype=1");
    assert_eq!(groups(&weights).len(), 2_501);
    assert!(is_last(&weights));
    let pulses = app.measures(&anna, "meastype=11");
    assert_eq!(groups(&pulses).len(), 5_000);
    let rest = app.measures(&anna, &format!("meastype=11&offset={}", offset(&pulses)));
    assert_eq!(dates(&rest), [NOW - 7_501]);
    assert!(is_last(&rest));
}

#[test]
fn a_page_keeps_the_other_filters() {
    let app = App::new();
    let anna = app.person("anna");
    fill(&app, &anna, 5_010, |number| weight(NOW - number, 64_000));
    let form = format!("category=1&enddate={}&startdate={}", NOW - 2, NOW - 5_004);
    let first = app.measures(&anna, &form);
    let second = app.measures(&anna, &format!("{form}&offset={}", offset(&first)));
    assert_eq!(dates(&second), [NOW - 5_002, NOW - 5_003, NOW - 5_004]);
}

#[test]
fn an_offset_of_nobody_is_refused() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.stores(&anna, &[weight(NOW, 64_000), weight(NOW - 1, 64_000)]);
    for offset in ["1", "3", "5000", "-1", "4194303", "4194304", "9223372036854775807"] {
        assert_names(&app.measures(&ben, &format!("offset={offset}")), "offset");
    }
    for offset in ["3", "5000"] {
        assert_names(&app.measures(&anna, &format!("offset={offset}")), "offset");
    }
}
