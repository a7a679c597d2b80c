//! Nights: stored, changed, taken away, and found by their days, their changes and their time.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::sleep::{Events, Night as Fields};
use domain::{DAY_SECONDS, DeviceId, GroupId, UserId};
use store::night::{self, Filter, MOVE_SECONDS_MAX, Night, Stored, Wanted};
use store::{Db, person};

on_both!(
    a_night_comes_back_as_it_was_stored,
    a_change_is_stamped_and_no_change_is_not,
    a_night_that_was_taken_away_is_in_no_answer_but_in_the_changes,
    a_night_that_the_person_deleted_is_told_from_one_that_is_none_any_more,
    nights_are_given_by_days_by_changes_and_by_both,
    nights_of_a_time_are_those_that_overlap_it_however_far_they_moved,
    nights_that_are_not_over_are_known,
);

/// The day that `NOON` is in.
const DAY: i64 = NOON / DAY_SECONDS;

/// A night of eight hours that ended on that day.
pub(crate) fn ended(day: i64) -> Night {
    let end = day * DAY_SECONDS + 7 * 3_600;
    Night {
        start: end - 8 * 3_600,
        end,
        day,
        time_zone: "Europe/Paris".to_owned(),
        device: Some(DeviceId(1)),
        model: 32,
        is_given: false,
        is_completed: true,
        said: Fields::default(),
        data: Fields { total_timeinbed: Some(8 * 3_600), ..Fields::default() },
        events: Events::new(),
    }
}

/// Stores nights, each in a write of its own.
fn store(db: &Db, user: UserId, nights: &[Night]) -> Vec<GroupId> {
    let one = |new: &Night| {
        let new = new.clone();
        db.write(move |tx| night::insert(tx, user, &new, None))
    };
    nights.iter().map(one).collect()
}

fn found(db: &Db, id: GroupId) -> Stored {
    db.read(move |tx| night::find(tx, id)).expect("a night")
}

fn change(db: &Db, id: GroupId, to: impl Fn(&mut Night) + Send + Sync + 'static) -> bool {
    db.write(move |tx| {
        let stamp = person::touch(tx, id.parts().0, 0)?;
        let before = night::find(tx, id)?.expect("a night");
        let mut after = before.night.clone();
        to(&mut after);
        night::change(tx, &before, &after, &stamp)
    })
}

fn remove(db: &Db, id: GroupId) {
    db.write(move |tx| {
        let stamp = person::touch(tx, id.parts().0, 0)?;
        night::remove(tx, id, &stamp)
    });
}

/// The days of the nights that a filter gives.
fn days(db: &Db, user: UserId, days: Option<(i64, i64)>, changed_after: Option<i64>) -> Vec<i64> {
    let filter = Filter { days, changed_after };
    let all = db.read(move |tx| night::page(tx, user, &filter, None, 100, Wanted::ALL));
    all.iter().map(|stored| stored.day).collect()
}

fn a_night_comes_back_as_it_was_stored(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let said = Fields { sleep_score: Some(83), ..Fields::default() };
    let events = Events::from([(1, vec![0, 900]), (4, vec![28_800])]);
    let bare = Night { device: None, is_given: true, is_completed: false, ..ended(DAY) };
    let full = Night { said, events, model: 16, ..ended(DAY + 1) };
    let ids = store(&db, ada, &[bare.clone(), full.clone()]);
    let given = db.write({
        let night = bare.clone();
        move |tx| night::insert(tx, ada, &night, Some(17))
    });
    let db = h.reopen(db);
    let stored = |id, placed, created, change_seq, night: &Night| Stored {
        id,
        placed,
        created,
        modified: NOON,
        change_seq,
        is_deleted: false,
        night: night.clone(),
    };
    assert_eq!(found(&db, ids[0]), stored(ids[0], bare.start, NOON, 1, &bare));
    assert_eq!(found(&db, ids[1]), stored(ids[1], full.start, NOON, 2, &full));
    assert_eq!(found(&db, given), stored(given, bare.start, 17, 3, &bare));
    assert!(db.read(move |tx| night::find(tx, GroupId::new(bob, 1))).is_none());
    assert!(days(&db, bob, None, Some(0)).is_empty());
}

fn a_change_is_stamped_and_no_change_is_not(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[ended(DAY), ended(DAY + 1)]);
    let before = found(&db, ids[0]);
    h.clock.advance(100);
    assert!(!change(&db, ids[0], |_| {}));
    assert_eq!(found(&db, ids[0]), before);
    assert!(change(&db, ids[0], |night| {
        night.start -= 3_600;
        night.is_completed = false;
        night.said.sleep_score = Some(50);
    }));
    let after = found(&db, ids[0]);
    assert_eq!((after.created, after.placed), (before.created, before.placed));
    assert_eq!((after.modified, after.change_seq), (NOON + 100, 4));
    assert_eq!(after.night.start, before.night.start - 3_600);
    assert_eq!(after.night.said.sleep_score, Some(50));
    assert_eq!(found(&db, ids[1]).modified, NOON);
}

fn a_night_that_was_taken_away_is_in_no_answer_but_in_the_changes(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[ended(DAY - 1), ended(DAY), ended(DAY + 1)]);
    let night = ended(DAY);
    h.clock.advance(100);
    remove(&db, ids[1]);
    assert!(
        db.read({
            let id = ids[1];
            move |tx| night::find(tx, id)
        })
        .is_none()
    );
    assert_eq!(days(&db, ada, Some((DAY - 9, DAY + 9)), None), [DAY + 1, DAY - 1]);
    assert_eq!(days(&db, ada, None, Some(0)), [DAY + 1, DAY - 1]);
    let between = db.read(move |tx| night::between(tx, ada, night.start, night.end));
    assert!(between.is_empty());
    let told = db.read(move |tx| night::changed(tx, ada, (3, i64::MAX)));
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].id, told[0].is_deleted, told[0].modified), (ids[1], true, NOON + 100));
    assert_eq!(told[0].night.data, Fields::default(), "nothing of it is left");
    // It is still a place to go on from.
    let after = Some(ids[1].parts().1);
    let filter = Filter { days: None, changed_after: Some(0) };
    let rest = db.read(move |tx| night::page(tx, ada, &filter, after, 9, Wanted::ALL));
    assert_eq!(rest.iter().map(|stored| stored.id).collect::<Vec<_>>(), [ids[0]]);
    // Numbers are not used twice.
    assert!(store(&db, ada, &[ended(DAY)])[0] > ids[2]);
}

fn a_night_that_the_person_deleted_is_told_from_one_that_is_none_any_more(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[ended(DAY), ended(DAY + 1), ended(DAY + 2)]);
    remove(&db, ids[0]);
    let id = ids[1];
    db.write(move |tx| {
        let stamp = person::touch(tx, ada, 0)?;
        night::delete(tx, id, &stamp)
    });
    let deleted = |start, end| -> Vec<GroupId> {
        let nights = db.read(move |tx| night::deleted(tx, ada, start, end));
        nights.iter().map(|stored| stored.id).collect()
    };
    assert_eq!(deleted(i64::MIN, i64::MAX), [id]);
    let night = ended(DAY + 1);
    assert_eq!(deleted(night.end, night.end), [id]);
    assert_eq!(deleted(night.end + 1, night.end + DAY_SECONDS), []);
    assert_eq!(days(&db, ada, None, Some(0)), [DAY + 2]);
    let told = db.read(move |tx| night::changed(tx, ada, (3, i64::MAX)));
    assert!(told.iter().all(|stored| stored.is_deleted) && told.len() == 2, "{told:?}");
}

fn nights_are_given_by_days_by_changes_and_by_both(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[1, 2, 3, 4, 5].map(|after| ended(DAY + after)));
    h.clock.advance(100);
    change(&db, ids[0], |night| night.said.sleep_score = Some(1));
    change(&db, ids[3], |night| night.said.sleep_score = Some(2));
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
}

fn nights_of_a_time_are_those_that_overlap_it_however_far_they_moved(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[ended(DAY), ended(DAY + 1), ended(DAY + 9)]);
    let between = |start, end| -> Vec<GroupId> {
        let nights = db.read(move |tx| night::between(tx, ada, start, end));
        nights.iter().map(|stored| stored.id).collect()
    };
    let (first, second) = (ended(DAY), ended(DAY + 1));
    assert_eq!(between(first.start, second.end), ids[..2]);
    assert_eq!(between(first.end, second.start), ids[..2], "one that just ends or begins counts");
    assert_eq!(between(first.end + 1, second.start - 1), []);
    assert_eq!(between(i64::MIN, i64::MAX), ids);
    // One that turned out to be elsewhere is found there, and stands where it stood in pages.
    change(&db, ids[0], |night| {
        night.start += MOVE_SECONDS_MAX;
        night.end += MOVE_SECONDS_MAX;
        night.day += 3;
    });
    assert_eq!(between(first.start, first.end), []);
    let moved = (first.start + MOVE_SECONDS_MAX, first.end + MOVE_SECONDS_MAX);
    assert_eq!(between(moved.0, moved.1), [ids[0]]);
    assert_eq!(days(&db, ada, Some((DAY + 3, DAY + 3)), None), [DAY + 3]);
    assert_eq!(days(&db, ada, None, Some(0)), [DAY + 9, DAY + 1, DAY + 3]);
}

fn nights_that_are_not_over_are_known(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let open = || db.read(move |tx| night::open(tx, ada));
    assert!(open().is_empty());
    let ids = store(&db, ada, &[ended(DAY), Night { is_completed: false, ..ended(DAY + 1) }]);
    assert_eq!(open().iter().map(|stored| stored.id).collect::<Vec<_>>(), [ids[1]]);
    change(&db, ids[1], |night| night.is_completed = true);
    assert!(open().is_empty());
}
