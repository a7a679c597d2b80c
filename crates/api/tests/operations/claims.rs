//! Weighings that are nobody's yet: what is kept, and how somebody comes by it.

use crate::app::{App, NOW, assert_refuses, dates, groups, status, weight};
use crate::scale::{Scale, weights};
use api::admin::{self, Account};
use domain::GroupId;
use store::weighing::{UNCLAIMED_MAX, Unclaimed};

/// 2009-01-01T00:00:00Z: no scale is older.
const YEAR_2009: i64 = 1_230_768_000;
/// 2100-01-01T00:00:00Z
const YEAR_2100: i64 = 4_102_444_800;
/// A scale's clock may run this far ahead.
const DAY: i64 = 86_400;

fn weighings(app: &App) -> Vec<Unclaimed> {
    app.does(|tx| admin::list_weighings(tx, None))
}

fn claims(app: &App, id: i64, user: &str, date: Option<i64>) -> domain::Result<GroupId> {
    let user = user.to_owned();
    app.tries(move |tx| admin::claim_weighing(tx, id, &user, date))
}

/// Anna and her scale, with one weighing that is nobody's.
fn with_one(app: &App) -> (Account, Scale<'_>, Unclaimed) {
    let anna = app.person("anna");
    app.stores(&anna, &[weight(NOW - 1_000, 64_000)]);
    let scale = app.scale(1, &[&anna]);
    scale.weighs(NOW - 5, 80_000);
    let weighing = weighings(app).pop().unwrap();
    (anna, scale, weighing)
}

#[test]
fn dates_no_scale_can_mean_are_kept_for_a_claim() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let certain = format!("userid={}&attribstatus=0", anna.id);
    let odd = [i64::MIN, -1, 0, YEAR_2009 - 1, NOW + DAY + 1, YEAR_2100, i64::MAX];
    for date in odd {
        let answer = scale.sends(date, &weights(&[64_000]), &certain);
        assert_eq!(status(&answer), 0, "{answer}");
    }
    let mut kept: Vec<i64> = weighings(&app).iter().map(|weighing| weighing.date).collect();
    kept.sort_unstable();
    assert_eq!(kept, odd);
    assert!(groups(&app.measures(&anna, "")).is_empty());
    scale.weighs_for(&certain, YEAR_2009, 64_000);
    scale.weighs_for(&certain, NOW + DAY, 64_000);
    assert_eq!(dates(&app.measures(&anna, "")), [NOW + DAY, YEAR_2009]);
}

#[test]
fn a_scale_whose_clock_was_never_set_repeats_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    scale.weighs(0, 64_000);
    scale.weighs(0, 64_000);
    assert_eq!(weighings(&app).len(), 2);
}

#[test]
fn a_scale_is_told_to_wait_when_too_much_is_unclaimed() {
    let app = App::new();
    let anna = app.person("anna");
    let (scale, other) = (app.scale(1, &[&anna]), app.scale(2, &[&anna]));
    scale.weighs(0, 64_000);
    let first = weighings(&app).pop().unwrap();
    let (device, measures) = (first.device, first.measures.clone());
    app.does(move |tx| {
        let mut rest = 1..UNCLAIMED_MAX;
        rest.try_for_each(|date| store::weighing::keep(tx, device, date, &measures).map(|_| ()))
    });
    let send = |scale: &Scale<'_>| status(&scale.sends(5, &weights(&[64_000]), "userid=0"));
    assert_eq!((send(&scale), send(&other)), (601, 0));
    claims(&app, first.id, &anna.email, Some(NOW)).unwrap();
    assert_eq!((send(&scale), send(&scale)), (0, 601));
}

#[test]
fn a_claim_makes_it_a_group_of_the_person() {
    let app = App::new();
    let (anna, _, weighing) = with_one(&app);
    app.waits(100);
    let id = claims(&app, weighing.id, &anna.email, None).unwrap();
    let answer = app.measures(&anna, &format!("lastupdate={}", app.now() - 1));
    let group = &groups(&answer)[0];
    assert_eq!(group["grpid"], id.0);
    assert_eq!(group["date"], NOW - 5);
    assert_eq!(group["created"], NOW + 100);
    assert_eq!(group["measures"][0]["value"], 80_000);
    assert!(group["deviceid"].is_string());
    assert!(weighings(&app).is_empty());
    assert_refuses(claims(&app, weighing.id, &anna.email, None), "weighing");
    assert_eq!(dates(&app.measures(&anna, "")), [NOW - 5, NOW - 1_000]);
}

#[test]
fn a_claim_is_without_doubt() {
    let app = App::new();
    let (anna, _, weighing) = with_one(&app);
    claims(&app, weighing.id, &anna.email, None).unwrap();
    assert_eq!(groups(&app.measures(&anna, ""))[0]["attrib"], 0);
}

#[test]
fn a_claim_can_say_when_it_was() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    scale.weighs(0, 64_000);
    let weighing = weighings(&app).pop().unwrap();
    let id = anna.id.to_string();
    claims(&app, weighing.id, &id, Some(NOW - 7)).unwrap();
    assert_eq!(dates(&app.measures(&anna, "")), [NOW - 7]);
}

#[test]
fn a_refused_claim_leaves_the_weighing_where_it_was() {
    let app = App::new();
    let (anna, scale, weighing) = with_one(&app);
    let carl = app.person("carl");
    assert_refuses(claims(&app, weighing.id, &carl.email, None), "user");
    assert_eq!(weighings(&app), std::slice::from_ref(&weighing));
    assert_refuses(claims(&app, weighing.id, "nobody@example.com", None), "user");
    assert_eq!(weighings(&app), std::slice::from_ref(&weighing));
    for date in [0, -1, i64::MIN, YEAR_2009 - 1, NOW + DAY + 1, YEAR_2100, i64::MAX] {
        assert_refuses(claims(&app, weighing.id, &anna.email, Some(date)), "date");
        assert_eq!(weighings(&app), std::slice::from_ref(&weighing));
    }
    scale.weighs(0, 64_000);
    let undated = weighings(&app).into_iter().find(|weighing| weighing.date == 0).unwrap();
    assert_refuses(claims(&app, undated.id, &anna.email, None), "date");
    assert_eq!(weighings(&app).len(), 2);
    claims(&app, undated.id, &anna.email, Some(NOW)).unwrap();
    claims(&app, weighing.id, &anna.email, None).unwrap();
    assert!(weighings(&app).is_empty());
}

#[test]
fn an_unknown_weighing_cannot_be_claimed() {
    let app = App::new();
    let anna = app.person("anna");
    for id in [0, -1, i64::MAX] {
        assert_refuses(claims(&app, id, &anna.email, None), "weighing");
    }
}
