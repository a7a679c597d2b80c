//! `lastupdate` and `updatetime`: a program that comes back misses nothing.

use crate::app::{App, NOW, dates, weight};
use api::admin::Account;

fn update_time(app: &App, person: &Account) -> i64 {
    app.measures(person, "")["body"]["updatetime"].as_i64().unwrap()
}

#[test]
fn lastupdate_gives_what_was_stored_after_it() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 1_000, 64_000)]);
    app.waits(100);
    // Taken before the other, uploaded after it.
    app.stores(&anna, &[weight(NOW - 2_000, 64_100)]);
    let of = |form: &str| dates(&app.measures(&anna, form));
    assert_eq!(of(&format!("lastupdate={}", NOW - 1)), [NOW - 1_000, NOW - 2_000]);
    assert_eq!(of(&format!("lastupdate={NOW}")), [NOW - 2_000]);
    assert_eq!(of(&format!("lastupdate={}", NOW + 99)), [NOW - 2_000]);
    assert_eq!(of(&format!("lastupdate={}", NOW + 100)), [0_i64; 0]);
    assert_eq!(of("lastupdate=0").len(), 2);
    assert_eq!(of("lastupdate=-1").len(), 2);
}

#[test]
fn quirk_44_both_dates_and_lastupdate_give_the_union() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[1, 2, 3].map(|day| weight(NOW - day * 1_000, 64_000)));
    app.waits(100);
    app.stores(&anna, &[weight(NOW - 9_000, 64_100)]);
    let window = format!("startdate={}&enddate={}", NOW - 2_000, NOW - 2_000);
    let of = |form: &str| dates(&app.measures(&anna, form));
    assert_eq!(of(&window), [NOW - 2_000]);
    assert_eq!(of(&format!("{window}&lastupdate={NOW}")), [NOW - 2_000, NOW - 9_000]);
    assert_eq!(of(&format!("{window}&lastupdate={}", NOW + 100)), [NOW - 2_000]);
    let open = format!("startdate={}&lastupdate={NOW}", NOW - 1_000);
    assert_eq!(of(&open), [NOW - 1_000, NOW - 9_000]);
    let open = format!("enddate={}&lastupdate={NOW}", NOW - 3_000);
    assert_eq!(of(&open), [NOW - 3_000, NOW - 9_000]);
}

#[test]
fn a_program_that_comes_back_misses_nothing_even_within_a_second() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 1, 64_000)]);
    let first = update_time(&app, &anna);
    app.stores(&anna, &[weight(NOW - 2, 64_100)]);
    let again = app.measures(&anna, &format!("lastupdate={first}"));
    assert!(dates(&again).contains(&(NOW - 2)));
    app.waits(1);
    let second = again["body"]["updatetime"].as_i64().unwrap();
    app.stores(&anna, &[weight(NOW - 3, 64_200)]);
    let again = app.measures(&anna, &format!("lastupdate={second}"));
    assert!(dates(&again).contains(&(NOW - 3)));
}

#[test]
fn an_old_change_is_not_given_for_ever() {
    let app = App::new();
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 1, 64_000)]);
    app.waits(60);
    let later = update_time(&app, &anna);
    assert!(later >= NOW && later < app.now(), "{later}");
    assert_eq!(dates(&app.measures(&anna, &format!("lastupdate={later}"))), [0_i64; 0]);
}

#[test]
fn updatetime_never_goes_back() {
    let app = App::new();
    let anna = app.person("anna");
    let mut last = update_time(&app, &anna);
    for step in [0, 1, 10, 20, 0, 100] {
        app.stores(&anna, &[weight(NOW - 5_000, 64_000)]);
        app.waits(step);
        let next = update_time(&app, &anna);
        assert!(next >= last, "{next} after {last}");
        assert!(next < app.now());
        last = next;
    }
}
