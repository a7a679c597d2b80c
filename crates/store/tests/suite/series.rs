//! Series: samples of minutes and stages of sleep, stored over each other and read back by windows.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::activity::{Intraday, Sample};
use domain::sleep::{Stage, State, Vital, Vitals};
use domain::{DAY_SECONDS, DeviceId, Error, Failure, UserId};
use std::collections::BTreeSet;
use store::series::{self, Kind, Sleep};
use store::{Access, Db, person};

on_both!(
    samples_come_back_by_windows,
    of_a_sample_told_again_the_later_word_of_each_field_counts,
    what_changes_nothing_writes_nothing,
    a_late_sample_is_put_in_its_place_and_stamps_its_own_day_alone,
    two_devices_do_not_mix,
    the_last_sample_is_that_of_any_device,
    sleep_that_is_forgotten_is_gone_and_nothing_else,
    changes_come_in_their_order,
    absurd_times_are_stored_and_found_and_overflow_nothing,
    a_damaged_chunk_is_an_error_and_nobody_elses,
);

/// A midnight of UTC.
pub(crate) const MIDNIGHT: i64 = NOON - NOON % DAY_SECONDS;
pub(crate) const ONE: DeviceId = DeviceId(1);
pub(crate) const OTHER: DeviceId = DeviceId(2);

pub(crate) fn walked(at: i64, steps: i64) -> Sample {
    Sample { at, values: Intraday { steps: Some(steps), ..Intraday::default() } }
}

pub(crate) fn stage(start: i64, end: i64, state: State) -> Stage {
    Stage { start, end, state }
}

fn pulse(at: i64, hr: i64) -> Vital {
    Vital { at, values: Vitals { hr: Some(hr), ..Vitals::default() } }
}

/// Stores samples of a device; whether anything was new.
fn adds(db: &Db, user: UserId, device: DeviceId, samples: &[Sample]) -> bool {
    let samples = samples.to_vec();
    db.write(move |tx| {
        let stamp = person::touch(tx, user, 0)?;
        series::add_samples(tx, user, device, &samples, &stamp)
    })
}

/// Stores sleep of a device; whether anything was new.
pub(crate) fn sleeps(
    db: &Db,
    user: UserId,
    device: DeviceId,
    stages: &[Stage],
    vitals: &[Vital],
) -> bool {
    let sleep = Sleep { stages: stages.to_vec(), vitals: vitals.to_vec() };
    db.write(move |tx| {
        let stamp = person::touch(tx, user, 0)?;
        series::add_sleep_of(tx, user, device, &sleep, &stamp)
    })
}

fn forgets(db: &Db, user: UserId, device: DeviceId, span: (i64, i64)) {
    db.write(move |tx| {
        let stamp = person::touch(tx, user, 0)?;
        series::forget_sleep(tx, user, device, span, &stamp)
    });
}

fn samples(db: &Db, user: UserId, start: i64, end: i64) -> Vec<(DeviceId, Vec<Sample>)> {
    db.read(move |tx| series::samples_between(tx, user, start, end))
}

pub(crate) fn slept(db: &Db, user: UserId, start: i64, end: i64) -> Vec<(DeviceId, Sleep)> {
    db.read(move |tx| series::sleep_between(tx, user, start, end))
}

fn changed(db: &Db, user: UserId, range: (i64, i64)) -> Vec<series::Stored> {
    db.read(move |tx| series::changed(tx, user, range))
}

/// The moments and steps of the only device.
fn steps(db: &Db, user: UserId, start: i64, end: i64) -> Vec<(i64, i64)> {
    let told = samples(db, user, start, end);
    assert!(told.len() <= 1, "{told:?}");
    let told = told.into_iter().flat_map(|(_, samples)| samples);
    told.map(|sample| (sample.at, sample.values.steps.expect("steps"))).collect()
}

/// The stamps of all chunks: day, time and number of the change.
fn stamps(db: &Db, user: UserId) -> BTreeSet<(i64, i64, i64)> {
    let all = changed(db, user, (0, i64::MAX));
    all.into_iter().map(|chunk| (chunk.day, chunk.modified, chunk.change_seq)).collect()
}

fn samples_come_back_by_windows(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let times = [-120, -60, 0, 60, DAY_SECONDS - 60, DAY_SECONDS].map(|after| MIDNIGHT + after);
    let all: Vec<_> = times.iter().zip(1..).map(|(at, steps)| walked(*at, steps)).collect();
    assert!(adds(&db, ada, ONE, &all));
    adds(&db, bob, ONE, &[walked(MIDNIGHT, 99)]);
    let db = h.reopen(db);
    let told: Vec<_> = times.into_iter().zip(1..).collect();
    for first in 0..times.len() {
        for last in first..times.len() {
            let found = steps(&db, ada, times[first], times[last]);
            assert_eq!(found, told[first..last], "the end is not in the window");
            assert_eq!(steps(&db, ada, times[first] - 1, times[last] + 1), told[first..=last]);
        }
    }
    assert!(samples(&db, ada, MIDNIGHT + 60, MIDNIGHT).is_empty());
    assert!(samples(&db, ada, MIDNIGHT + 1, MIDNIGHT + 60).is_empty());
}

fn of_a_sample_told_again_the_later_word_of_each_field_counts(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let with = |values: Intraday| [Sample { at: MIDNIGHT, values }];
    let first = Intraday { steps: Some(10), heart_rate: Some(70), ..Intraday::default() };
    assert!(adds(&db, ada, ONE, &with(first)));
    let second = Intraday { steps: Some(12), rr: Some(15), ..Intraday::default() };
    assert!(adds(&db, ada, ONE, &with(second)));
    let both =
        Intraday { heart_rate: Some(70), steps: Some(12), rr: Some(15), ..Intraday::default() };
    let expected = [(ONE, with(both).to_vec())];
    assert_eq!(samples(&h.reopen(db), ada, MIDNIGHT, MIDNIGHT + 1), expected);
}

fn what_changes_nothing_writes_nothing(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let minutes = [walked(MIDNIGHT - 60, 5), walked(MIDNIGHT, 6), walked(MIDNIGHT + 60, 7)];
    let stages = [
        stage(MIDNIGHT, MIDNIGHT + 600, State::LIGHT),
        stage(MIDNIGHT + 600, MIDNIGHT + 900, State::DEEP),
    ];
    let vitals = [pulse(MIDNIGHT, 60), pulse(MIDNIGHT + 60, 61)];
    assert!(adds(&db, ada, ONE, &minutes));
    assert!(sleeps(&db, ada, ONE, &stages, &vitals));
    let before = stamps(&db, ada);
    h.clock.advance(1_000);
    assert!(!adds(&db, ada, ONE, &minutes));
    assert!(!adds(&db, ada, ONE, &minutes[1..2]));
    assert!(!adds(&db, ada, ONE, &[]));
    assert!(!sleeps(&db, ada, ONE, &stages, &vitals));
    assert!(!sleeps(&db, ada, ONE, &stages[1..], &[]));
    assert!(!sleeps(&db, ada, ONE, &[], &vitals[..1]));
    assert!(!sleeps(&db, ada, ONE, &[], &[]));
    forgets(&db, ada, ONE, (MIDNIGHT + 900, MIDNIGHT + DAY_SECONDS));
    assert_eq!(stamps(&db, ada), before);
    // One number of one day more, and one chunk is another.
    assert!(adds(&db, ada, ONE, &[walked(MIDNIGHT + 60, 8)]));
    let after = stamps(&db, ada);
    let new: Vec<_> =
        after.difference(&before).map(|(day, modified, _)| (*day, *modified)).collect();
    assert_eq!(new, [(MIDNIGHT / DAY_SECONDS, NOON + 1_000)]);
    assert_eq!(after.len(), before.len());
}

fn a_late_sample_is_put_in_its_place_and_stamps_its_own_day_alone(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    adds(&db, ada, ONE, &[walked(MIDNIGHT, 1), walked(MIDNIGHT + 120, 3)]);
    adds(&db, ada, ONE, &[walked(MIDNIGHT + DAY_SECONDS, 4)]);
    let before = stamps(&db, ada);
    h.clock.advance(50);
    assert!(adds(&db, ada, ONE, &[walked(MIDNIGHT + 60, 2), walked(MIDNIGHT - 60, 0)]));
    let found = steps(&db, ada, MIDNIGHT - DAY_SECONDS, MIDNIGHT + 2 * DAY_SECONDS);
    assert_eq!(found.iter().map(|(_, steps)| *steps).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(found.is_sorted());
    let stayed: Vec<_> = stamps(&db, ada).intersection(&before).map(|(day, ..)| *day).collect();
    assert_eq!(stayed, [MIDNIGHT / DAY_SECONDS + 1]);
}

fn two_devices_do_not_mix(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    adds(&db, ada, OTHER, &[walked(MIDNIGHT, 20)]);
    adds(&db, ada, ONE, &[walked(MIDNIGHT, 10)]);
    let (light, deep) = (
        stage(MIDNIGHT, MIDNIGHT + 600, State::LIGHT),
        stage(MIDNIGHT + 60, MIDNIGHT + 700, State::DEEP),
    );
    sleeps(&db, ada, OTHER, &[light], &[pulse(MIDNIGHT, 62)]);
    sleeps(&db, ada, ONE, &[deep], &[]);
    let window = (MIDNIGHT, MIDNIGHT + DAY_SECONDS);
    let found = samples(&db, ada, window.0, window.1);
    let one = vec![walked(MIDNIGHT, 10)];
    assert_eq!(found, [(ONE, one), (OTHER, vec![walked(MIDNIGHT, 20)])]);
    let of_one = Sleep { stages: vec![deep], vitals: vec![] };
    let of_other = Sleep { stages: vec![light], vitals: vec![pulse(MIDNIGHT, 62)] };
    let found = slept(&db, ada, window.0, window.1);
    assert_eq!(found, [(ONE, of_one.clone()), (OTHER, of_other)]);
    forgets(&db, ada, OTHER, window);
    assert_eq!(slept(&db, ada, window.0, window.1), [(ONE, of_one)]);
}

fn the_last_sample_is_that_of_any_device(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let last = |user| db.read(move |tx| series::last_sample(tx, user));
    assert_eq!(last(ada), None);
    sleeps(&db, ada, ONE, &[stage(NOON, NOON + 60, State::DEEP)], &[]);
    assert_eq!(last(ada), None, "sleep is no sample");
    adds(&db, ada, ONE, &[walked(MIDNIGHT, 1), walked(MIDNIGHT + 600, 1)]);
    adds(&db, ada, OTHER, &[walked(MIDNIGHT + 660, 1), walked(MIDNIGHT - 60, 1)]);
    assert_eq!(last(ada), Some(MIDNIGHT + 660));
    adds(&db, ada, ONE, &[walked(MIDNIGHT + 9 * DAY_SECONDS, 1), walked(MIDNIGHT + 720, 1)]);
    assert_eq!(last(ada), Some(MIDNIGHT + 9 * DAY_SECONDS));
    assert_eq!(last(bob), None);
}

fn sleep_that_is_forgotten_is_gone_and_nothing_else(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    // Chunks of sleep go from noon to noon; this is one of the borders.
    let noon = MIDNIGHT + DAY_SECONDS / 2;
    let at = |minute: i64| noon + minute * 60;
    let stages = [
        stage(at(-30), at(-20), State::LIGHT),
        stage(at(-20), at(-5), State::DEEP),
        stage(at(-5), at(5), State::REM),
        stage(at(5), at(10), State::LIGHT),
        stage(at(10), at(20), State::DEEP),
    ];
    let vitals = [-30, -20, 0, 9, 10].map(|minute| pulse(at(minute), 60));
    sleeps(&db, ada, ONE, &stages, &vitals);
    let before = db.read(move |tx| person::get(tx, ada)).change_seq;
    forgets(&db, ada, ONE, (at(-10), at(10)));
    // A stage that reaches in goes whole; one that ends or begins at the border stays.
    let left = Sleep {
        stages: vec![stages[0], stages[4]],
        vitals: vec![vitals[0].clone(), vitals[1].clone(), vitals[4].clone()],
    };
    assert_eq!(slept(&db, ada, at(-60), at(60)), [(ONE, left)]);
    let told = changed(&db, ada, (before, i64::MAX));
    assert_eq!(told.len(), 2, "the chunks on both sides of noon changed");
    forgets(&db, ada, ONE, (at(-60), at(60)));
    assert_eq!(slept(&db, ada, at(-60), at(60)), []);
    // Chunks of which nothing is left tell so.
    let told = changed(&db, ada, (before + 1, i64::MAX));
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|chunk| chunk.sleep() == Sleep::default()), "{told:?}");
    forgets(&db, ada, ONE, (at(-60), at(60)));
    assert!(changed(&db, ada, (before + 2, i64::MAX)).is_empty());
}

fn changes_come_in_their_order(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    adds(&db, ada, ONE, &[walked(MIDNIGHT + DAY_SECONDS, 1), walked(MIDNIGHT, 2)]);
    adds(&db, bob, ONE, &[walked(MIDNIGHT, 9)]);
    sleeps(&db, ada, OTHER, &[stage(MIDNIGHT, MIDNIGHT + 60, State::REM)], &[pulse(MIDNIGHT, 50)]);
    adds(&db, ada, ONE, &[walked(MIDNIGHT + DAY_SECONDS, 3)]);
    let day = MIDNIGHT / DAY_SECONDS;
    let seen = |range| -> Vec<_> {
        let chunks = changed(&db, ada, range);
        chunks.iter().map(|chunk| (chunk.change_seq, chunk.kind, chunk.day, chunk.device)).collect()
    };
    let first = (1, Kind::Intraday, day, ONE);
    let second = (2, Kind::Sleep, day, OTHER);
    let third = (3, Kind::Intraday, day + 1, ONE);
    assert_eq!(seen((0, i64::MAX)), [first, second, third]);
    assert_eq!(seen((1, 2)), [second], "after the first number, up to the second");
    assert_eq!(seen((2, 3)), [third]);
    assert_eq!(seen((3, i64::MAX)), []);
    let all = changed(&db, ada, (0, i64::MAX));
    assert_eq!(all[0].samples(), [walked(MIDNIGHT, 2)]);
    assert_eq!(all[1].sleep().vitals, [pulse(MIDNIGHT, 50)]);
    assert_eq!(all[2].samples(), [walked(MIDNIGHT + DAY_SECONDS, 3)]);
}

fn absurd_times_are_stored_and_found_and_overflow_nothing(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let last = || db.read(move |tx| series::last_sample(tx, ada));
    for (at, steps) in [(i64::MIN, 1), (-1, 2), (0, 3), (i64::MAX, 4)] {
        assert!(adds(&db, ada, ONE, &[walked(at, steps)]));
        assert_eq!(last(), Some(at));
    }
    assert_eq!(steps(&db, ada, i64::MIN, i64::MIN + 1), [(i64::MIN, 1)]);
    assert_eq!(steps(&db, ada, -1, 1), [(-1, 2), (0, 3)]);
    assert_eq!(steps(&db, ada, i64::MIN, i64::MAX).len(), 3, "the end is not in the window");
    let edges =
        [stage(i64::MIN, i64::MIN + 60, State::DEEP), stage(i64::MAX - 60, i64::MAX, State::LIGHT)];
    for one in edges {
        assert!(sleeps(&db, ada, ONE, &[one], &[pulse(one.start, 40)]));
        let found = slept(&db, ada, one.start, one.end);
        assert_eq!(found, [(ONE, Sleep { stages: vec![one], vitals: vec![pulse(one.start, 40)] })]);
    }
    assert_eq!(slept(&db, ada, i64::MIN, i64::MAX)[0].1.stages, edges);
    forgets(&db, ada, ONE, (i64::MIN, i64::MIN + 1));
    forgets(&db, ada, ONE, (i64::MAX - 1, i64::MAX));
    assert!(slept(&db, ada, i64::MIN, i64::MAX).iter().all(|(_, sleep)| sleep.stages.is_empty()));
}

fn a_damaged_chunk_is_an_error_and_nobody_elses(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    for user in [ada, bob] {
        adds(&db, user, ONE, &[walked(MIDNIGHT, 1), walked(MIDNIGHT + 60, 2)]);
        sleeps(&db, user, ONE, &[stage(MIDNIGHT, MIDNIGHT + 60, State::REM)], &[]);
    }
    for damage in ["length(body) - 1", "1", "0"] {
        let cut = format!("substr(body, 1, {damage})");
        h.tamper(&format!("update series_chunk set body = {cut} where user_id = {ada}"));
        let fails = |access, work: fn(&mut store::Tx<'_>, UserId) -> domain::Result<()>| {
            let answer = db.run_blocking(access, move |tx| work(tx, ada));
            assert!(matches!(answer, Err(Error::Failed(Failure::Internal(_)))), "{answer:?}");
        };
        fails(Access::Read, |tx, user| series::samples_between(tx, user, 0, i64::MAX).map(drop));
        fails(Access::Read, |tx, user| series::sleep_between(tx, user, 0, i64::MAX).map(drop));
        fails(Access::Read, |tx, user| series::last_sample(tx, user).map(drop));
        fails(Access::Read, |tx, user| series::changed(tx, user, (0, 99)).map(drop));
        fails(Access::Write, |tx, user| {
            let stamp = person::touch(tx, user, 0)?;
            series::add_samples(tx, user, ONE, &[walked(MIDNIGHT, 7)], &stamp).map(drop)
        });
        fails(Access::Write, |tx, user| {
            let stamp = person::touch(tx, user, 0)?;
            series::forget_sleep(tx, user, ONE, (MIDNIGHT, MIDNIGHT + 1), &stamp)
        });
        assert_eq!(steps(&db, bob, MIDNIGHT, MIDNIGHT + 61).len(), 2);
        assert!(adds(&db, ada, OTHER, &[walked(MIDNIGHT, damage.len() as i64)]));
        h.tamper(&format!("delete from series_chunk where user_id = {ada} and device_id = 2"));
    }
}
