//! What a person aims at: kept, replaced, forgotten.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, group, weight};
use domain::measure::{Category, Measure, MeasureType};
use domain::{Result, UserId};
use store::Db;
use store::goal::{self, Goals};
use store::measure::{NewGroup, forget_weight_goal, insert, weight_goal};

on_both!(
    goals_are_kept_and_replaced,
    the_newest_objective_of_weight_is_the_goal,
    goals_that_are_forgotten_are_gone,
    setting_goals_is_a_change_of_the_persons_data,
);

fn goals(db: &Db, user: UserId) -> Goals {
    db.read(move |tx| goal::get(tx, user))
}

fn aim(db: &Db, user: UserId) -> Option<Measure> {
    db.read(move |tx| weight_goal(tx, user))
}

fn objective(date: i64, measure: Measure) -> NewGroup {
    NewGroup { category: Category::OBJECTIVE, ..group(date, &[measure]) }
}

fn store(db: &Db, user: UserId, groups: &[NewGroup]) {
    let groups = groups.to_vec();
    db.write(move |tx| insert(tx, user, &groups));
}

fn goals_are_kept_and_replaced(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    assert_eq!(goals(&db, ada), Goals::default());
    for new in [
        Goals { steps: Some(10_000), sleep_seconds: None },
        Goals { steps: Some(8_000), sleep_seconds: Some(28_800) },
        Goals { steps: None, sleep_seconds: Some(27_000) },
    ] {
        db.write(move |tx| goal::set(tx, ada, &new));
        assert_eq!(goals(&db, ada), new);
    }
    assert_eq!(goals(&db, bob), Goals::default());
    assert_eq!(goals(&h.reopen(db), ada).sleep_seconds, Some(27_000));
}

fn the_newest_objective_of_weight_is_the_goal(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let heavier = Measure { value: weight().value + 1_000, ..weight() };
    let fat = Measure::new(MeasureType::FAT_RATIO, 20, 0);
    store(&db, ada, &[group(NOON + 9, &[weight()])]);
    assert_eq!(aim(&db, ada), None);
    store(&db, ada, &[objective(NOON, weight()), objective(NOON - 1, heavier)]);
    store(&db, ada, &[objective(NOON + 1, fat)]);
    assert_eq!((aim(&db, ada), aim(&db, bob)), (Some(weight()), None));
    store(&db, ada, &[objective(NOON, heavier)]);
    assert_eq!(aim(&h.reopen(db), ada), Some(heavier));
}

fn goals_that_are_forgotten_are_gone(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let fat = Measure::new(MeasureType::FAT_RATIO, 20, 0);
    let many = [objective(NOON, weight()), objective(NOON - 1, weight()), objective(NOON, fat)];
    store(&db, ada, &many);
    db.write(move |tx| forget_weight_goal(tx, ada));
    assert_eq!(aim(&db, ada), None);
    let left = db.read(move |tx| {
        store::measure::page(tx, ada, &store::measure::Filter::default(), None, 10)
    });
    assert_eq!(left.groups.len(), 1, "the objective that is not of weight");
}

fn setting_goals_is_a_change_of_the_persons_data(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let change_seq = |db: &Db| -> i64 {
        db.read(move |tx| -> Result<i64> { Ok(store::person::get(tx, ada)?.change_seq) })
    };
    let before = change_seq(&db);
    db.write(move |tx| goal::set(tx, ada, &Goals::default()));
    assert_eq!(change_seq(&db), before + 1);
    // There is nothing to forget.
    db.write(move |tx| forget_weight_goal(tx, ada));
    assert_eq!(change_seq(&db), before + 1);
}
