//! Stages of sleep told over stages, across the borders of the chunks they are stored in: of every
//! moment the later word counts, and nothing around it is lost.

use crate::harness::{Harness, Works as _};
use crate::samples::account;
use crate::series::{MIDNIGHT, ONE, sleeps, slept, stage};
use domain::sleep::{Stage, State};
use domain::{DAY_SECONDS, UserId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Db, series};

on_both!(
    a_stage_over_another_cuts_it_on_either_side_of_noon,
    a_stage_that_ends_at_noon_leaves_what_comes_after_it,
    across_midnight_a_night_is_one_chunk,
    of_every_minute_the_later_word_counts,
);

/// Where one chunk of sleep ends and the next begins.
const BORDER: i64 = MIDNIGHT + DAY_SECONDS / 2;

fn at(minute: i64) -> i64 {
    BORDER + minute * 60
}

fn minutes(from: i64, to: i64, state: State) -> Stage {
    stage(at(from), at(to), state)
}

/// What the only device told.
fn stages(db: &Db, user: UserId, start: i64, end: i64) -> Vec<Stage> {
    let found = slept(db, user, start, end);
    assert!(found.len() <= 1, "{found:?}");
    found.into_iter().flat_map(|(_, sleep)| sleep.stages).collect()
}

fn a_stage_over_another_cuts_it_on_either_side_of_noon(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    sleeps(&db, ada, ONE, &[minutes(-60, 60, State::LIGHT)], &[]);
    sleeps(&db, ada, ONE, &[minutes(-10, 10, State::DEEP)], &[]);
    let cut = [
        minutes(-60, -10, State::LIGHT),
        minutes(-10, 10, State::DEEP),
        minutes(10, 60, State::LIGHT),
    ];
    assert_eq!(stages(&db, ada, at(-90), at(90)), cut);
    // What is left after noon is in the next chunk now, and is cut there.
    sleeps(&db, ada, ONE, &[minutes(20, 30, State::REM)], &[]);
    let db = h.reopen(db);
    let rest =
        [minutes(10, 20, State::LIGHT), minutes(20, 30, State::REM), minutes(30, 60, State::LIGHT)];
    assert_eq!(stages(&db, ada, at(10), at(90)), rest);
    // A stage is given whole, from whichever side one looks at it.
    for (start, end) in [(0, 1), (-1, 1), (-1, 0)] {
        assert_eq!(stages(&db, ada, at(start), at(end)), [cut[1]]);
    }
    assert_eq!(stages(&db, ada, at(60), at(90)), []);
    // One that began before noon is cut by what is told of the time after it alone.
    sleeps(&db, ada, ONE, &[minutes(5, 8, State::AWAKE)], &[]);
    let cut =
        [minutes(-10, 5, State::DEEP), minutes(5, 8, State::AWAKE), minutes(8, 10, State::DEEP)];
    assert_eq!(stages(&db, ada, at(-10), at(10)), cut);
}

fn a_stage_that_ends_at_noon_leaves_what_comes_after_it(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    sleeps(&db, ada, ONE, &[minutes(-60, 60, State::LIGHT)], &[]);
    sleeps(&db, ada, ONE, &[minutes(-30, 0, State::DEEP)], &[]);
    let expected = [
        minutes(-60, -30, State::LIGHT),
        minutes(-30, 0, State::DEEP),
        minutes(0, 60, State::LIGHT),
    ];
    assert_eq!(stages(&db, ada, at(-90), at(90)), expected);
}

fn across_midnight_a_night_is_one_chunk(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let of_night =
        |from: i64, to: i64, state| stage(MIDNIGHT + from * 60, MIDNIGHT + to * 60, state);
    sleeps(&db, ada, ONE, &[of_night(-90, 400, State::LIGHT)], &[]);
    sleeps(&db, ada, ONE, &[of_night(-5, 0, State::DEEP), of_night(0, 5, State::REM)], &[]);
    let expected = [
        of_night(-90, -5, State::LIGHT),
        of_night(-5, 0, State::DEEP),
        of_night(0, 5, State::REM),
        of_night(5, 400, State::LIGHT),
    ];
    assert_eq!(stages(&db, ada, MIDNIGHT - DAY_SECONDS, MIDNIGHT + DAY_SECONDS), expected);
    let told = db.read(move |tx| series::changed(tx, ada, (0, 99)));
    assert_eq!(told.iter().map(|chunk| chunk.sleep().stages.len()).collect::<Vec<_>>(), [4]);
}

/// The minutes around the border that are told of.
const AROUND: std::ops::Range<i64> = -40..40;

fn told() -> impl Strategy<Value = (i64, i64, i64)> {
    // Often at the border itself.
    let end = prop_oneof![3 => AROUND, 1 => Just(0)];
    (AROUND, end, 0..4_i64).prop_map(|(one, other, state)| {
        (one.min(other), one.max(other).max(one.min(other) + 1), state)
    })
}

fn of_every_minute_the_later_word_counts(h: &Harness) {
    let db = h.open();
    let people = AtomicUsize::new(0);
    let cases = if h.is_postgres() { 16 } else { 64 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let check = |told: Vec<(i64, i64, i64)>| {
        let name = format!("person-{}", people.fetch_add(1, Ordering::Relaxed));
        let user = account(&db, &name);
        let mut expected = [None; 81];
        let place = |minute: i64| usize::try_from(minute - AROUND.start).expect("a place");
        for (from, to, state) in told {
            sleeps(&db, user, ONE, &[minutes(from, to, State(state))], &[]);
            expected[place(from)..place(to)].fill(Some(state));
            let found = stages(&db, user, at(-1_000), at(1_000));
            prop_assert!(found.is_sorted_by(|one, next| one.end <= next.start), "{:?}", found);
            let mut read = [None; 81];
            for stage in &found {
                let minute = |second: i64| place((second - BORDER) / 60);
                read[minute(stage.start)..minute(stage.end)].fill(Some(stage.state.0));
            }
            prop_assert_eq!(read, expected);
        }
        Ok(())
    };
    let steps = proptest::collection::vec(told(), 1..12);
    TestRunner::new(config).run(&steps, check).unwrap_or_else(|failed| panic!("{failed}"));
}
