//! Workouts: stored, changed, taken away, and found by their days, their changes and their time.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::workout::Workout as Fields;
use domain::{DAY_SECONDS, DeviceId, GroupId, UserId};
use store::workout::{self, Filter, Stored, WORKOUT_SECONDS_MAX, Workout};
use store::{Db, person};

on_both!(
    a_workout_comes_back_as_it_was_stored,
    a_change_is_stamped_and_no_change_is_not,
    a_workout_that_was_taken_away_is_known_by_its_beginning_and_its_change,
    a_workout_is_known_by_its_device_and_its_beginning,
    workouts_are_given_by_days_by_changes_and_by_both,
    workouts_of_a_time_are_those_that_overlap_it,
);

/// The day that `NOON` is in.
const DAY: i64 = NOON / DAY_SECONDS;

/// A workout of an hour that began at noon of that day.
pub(crate) fn begun(day: i64) -> Workout {
    let start = day * DAY_SECONDS + DAY_SECONDS / 2;
    Workout {
        start,
        end: start + 3_600,
        day,
        time_zone: "Europe/Paris".to_owned(),
        device: Some(DeviceId(1)),
        model: Some(93),
        category: 2,
        attrib: 0,
        said: Fields::default(),
        data: Fields { calories: Some(300), ..Fields::default() },
    }
}

/// Stores workouts, each in a write of its own.
fn store(db: &Db, user: UserId, workouts: &[Workout]) -> Vec<GroupId> {
    let one = |new: &Workout| {
        let new = new.clone();
        db.write(move |tx| workout::insert(tx, user, &new))
    };
    workouts.iter().map(one).collect()
}

fn found(db: &Db, id: GroupId) -> Option<Stored> {
    db.read(move |tx| workout::find(tx, id))
}

fn change(db: &Db, id: GroupId, to: impl Fn(&mut Workout) + Send + Sync + 'static) -> bool {
    db.write(move |tx| {
        let stamp = person::touch(tx, id.parts().0, 0)?;
        let before = workout::find(tx, id)?.expect("a workout");
        let mut after = before.workout.clone();
        to(&mut after);
        workout::change(tx, &before, &after, &stamp)
    })
}

fn remove(db: &Db, id: GroupId) {
    db.write(move |tx| {
        let stamp = person::touch(tx, id.parts().0, 0)?;
        workout::remove(tx, id, &stamp)
    });
}

/// The days of the workouts that a filter gives.
fn days(db: &Db, user: UserId, days: Option<(i64, i64)>, changed_after: Option<i64>) -> Vec<i64> {
    let filter = Filter { days, changed_after };
    let all = db.read(move |tx| workout::page(tx, user, &filter, None, 100));
    all.iter().map(|stored| stored.workout.day).collect()
}

fn begun_at(db: &Db, user: UserId, device: Option<DeviceId>, start: i64) -> Option<Stored> {
    db.read(move |tx| workout::begun_at(tx, user, device, start))
}

fn a_workout_comes_back_as_it_was_stored(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let said = Fields { calories: Some(12), pool_length: Some(25), ..Fields::default() };
    let bare = Workout { device: None, model: None, data: Fields::default(), ..begun(DAY) };
    let full = Workout { said, category: 7, attrib: 2, ..begun(DAY + 1) };
    let ids = store(&db, ada, &[bare.clone(), full.clone()]);
    let db = h.reopen(db);
    for ((id, workout), change_seq) in ids.iter().zip([bare, full]).zip(1..) {
        let (created, modified) = (NOON, NOON);
        let is_deleted = false;
        let stored = Stored { id: *id, created, modified, change_seq, is_deleted, workout };
        assert_eq!(found(&db, *id), Some(stored));
    }
    assert_eq!(found(&db, GroupId::new(bob, 1)), None);
    assert!(days(&db, bob, None, Some(0)).is_empty());
}

fn a_change_is_stamped_and_no_change_is_not(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[begun(DAY), begun(DAY + 1)]);
    let before = found(&db, ids[0]);
    h.clock.advance(100);
    assert!(!change(&db, ids[0], |_| {}));
    assert_eq!(found(&db, ids[0]), before);
    assert!(change(&db, ids[0], |workout| {
        workout.end += 60;
        workout.category = 3;
        workout.attrib = 7;
        workout.data.calories = Some(310);
    }));
    let (before, after) = (before.expect("a workout"), found(&db, ids[0]).expect("a workout"));
    let expected = Stored {
        modified: NOON + 100,
        change_seq: 4,
        workout: Workout {
            end: before.workout.end + 60,
            category: 3,
            attrib: 7,
            data: Fields { calories: Some(310), ..Fields::default() },
            ..before.workout.clone()
        },
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(found(&db, ids[1]).expect("a workout").modified, NOON);
}

fn a_workout_that_was_taken_away_is_known_by_its_beginning_and_its_change(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[begun(DAY - 1), begun(DAY), begun(DAY + 1)]);
    let gone = begun(DAY);
    h.clock.advance(100);
    remove(&db, ids[1]);
    assert_eq!(found(&db, ids[1]), None);
    assert_eq!(days(&db, ada, Some((DAY - 9, DAY + 9)), None), [DAY + 1, DAY - 1]);
    assert_eq!(days(&db, ada, None, Some(0)), [DAY + 1, DAY - 1]);
    let (start, end) = (gone.start, gone.end);
    assert!(db.read(move |tx| workout::between(tx, ada, start, end)).is_empty());
    let known = begun_at(&db, ada, gone.device, gone.start).expect("its tombstone");
    assert_eq!((known.id, known.is_deleted), (ids[1], true));
    assert_eq!(known.workout.data, Fields::default(), "nothing of it is left");
    let told = db.read(move |tx| workout::changed(tx, ada, (3, i64::MAX)));
    assert_eq!(told, [known]);
    assert_eq!(told[0].modified, NOON + 100);
    let after = Some(ids[1].parts().1);
    let filter = Filter { days: None, changed_after: Some(0) };
    let rest = db.read(move |tx| workout::page(tx, ada, &filter, after, 9));
    assert_eq!(rest.iter().map(|stored| stored.id).collect::<Vec<_>>(), [ids[0]]);
    assert!(store(&db, ada, &[begun(DAY)])[0] > ids[2], "numbers are not used twice");
}

fn a_workout_is_known_by_its_device_and_its_beginning(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let other = Workout { device: Some(DeviceId(2)), ..begun(DAY) };
    let nobody = Workout { device: None, ..begun(DAY) };
    let ids = store(&db, ada, &[begun(DAY), other, nobody]);
    let start = begun(DAY).start;
    for (id, device) in ids.iter().zip([Some(DeviceId(1)), Some(DeviceId(2)), None]) {
        let known = begun_at(&db, ada, device, start).map(|stored| stored.id);
        assert_eq!(known, Some(*id));
        assert_eq!(begun_at(&db, ada, device, start + 1), None);
        assert_eq!(begun_at(&db, bob, device, start), None);
    }
    assert_eq!(begun_at(&db, ada, Some(DeviceId(3)), start), None);
}

fn workouts_are_given_by_days_by_changes_and_by_both(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[1, 2, 3, 4, 5].map(|after| begun(DAY + after)));
    h.clock.advance(100);
    change(&db, ids[0], |workout| workout.category = 1);
    change(&db, ids[3], |workout| workout.category = 1);
    let within = |first, last| Some((DAY + first, DAY + last));
    let after = |list: &[i64]| list.iter().map(|after| DAY + after).collect::<Vec<_>>();
    assert_eq!(days(&db, ada, within(2, 4), None), after(&[4, 3, 2]), "both are included");
    assert_eq!(days(&db, ada, within(3, 3), None), after(&[3]));
    assert_eq!(days(&db, ada, within(4, 2), None), after(&[]));
    assert_eq!(days(&db, ada, Some((i64::MIN, i64::MAX)), None).len(), 5);
    assert_eq!(days(&db, ada, None, Some(NOON)), after(&[4, 1]), "strictly after");
    assert_eq!(days(&db, ada, None, Some(NOON - 1)).len(), 5);
    assert_eq!(days(&db, ada, None, Some(NOON + 100)), after(&[]));
    assert_eq!(days(&db, ada, within(4, 5), Some(NOON)), after(&[5, 4, 1]), "each once");
    // A day of a zone far away begins long before that of UTC, or long after it.
    for zone in [-14, 14] {
        let start = (DAY + 30) * DAY_SECONDS + zone * 3_600;
        store(&db, ada, &[Workout { start, ..begun(DAY + 30) }]);
    }
    assert_eq!(days(&db, ada, within(30, 30), None), after(&[30, 30]));
}

fn workouts_of_a_time_are_those_that_overlap_it(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let long = begun(DAY - 2);
    let long = Workout { end: long.start + WORKOUT_SECONDS_MAX, ..long };
    let ids = store(&db, ada, &[long.clone(), begun(DAY), begun(DAY + 1)]);
    let between = |start, end| -> Vec<GroupId> {
        let workouts = db.read(move |tx| workout::between(tx, ada, start, end));
        workouts.iter().map(|stored| stored.id).collect()
    };
    let (first, second) = (begun(DAY), begun(DAY + 1));
    assert_eq!(between(first.start, second.start + 1), ids[1..]);
    assert_eq!(between(first.start - 1, first.start), [ids[0]], "the longest there is");
    assert_eq!(between(first.end, second.start), [], "neither end counts");
    assert_eq!(between(first.end - 1, second.start + 1), ids[1..]);
    assert_eq!(between(i64::MIN, i64::MAX), ids);
}
