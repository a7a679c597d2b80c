//! Days of activity, and the zones people's days are counted in.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::activity::Activity;
use domain::{DAY_SECONDS, DeviceId, UserId};
use store::day::{self, Day, Filter, Stored};
use store::zone::{self, Since};
use store::{Db, person};

on_both!(
    a_day_comes_back_as_it_was_stored,
    a_day_that_is_the_same_stays_as_it_is,
    days_are_given_by_days_by_changes_and_by_both,
    days_come_in_pages_and_in_the_order_of_their_changes,
    a_given_day_is_kept_beside_what_is_computed,
    the_first_change_of_zone_keeps_the_one_before,
    a_change_of_zone_takes_later_ones_away,
);

/// The day that `NOON` is in.
const DAY: i64 = NOON / DAY_SECONDS;

/// A day with so many steps.
pub(crate) fn walked(day: i64, steps: i64) -> Day {
    Day {
        day,
        time_zone: "Europe/Paris".to_owned(),
        device: Some(DeviceId(1)),
        brand: Some(1),
        is_tracker: true,
        activity: Activity { steps: Some(steps), ..Activity::default() },
    }
}

fn put(db: &Db, user: UserId, day: &Day) -> bool {
    let day = day.clone();
    db.write(move |tx| {
        let stamp = person::touch(tx, user, 0)?;
        day::put(tx, user, &day, &stamp)
    })
}

fn found(db: &Db, user: UserId, number: i64) -> Option<Stored> {
    db.read(move |tx| day::find(tx, user, number))
}

fn days(db: &Db, user: UserId, days: Option<(i64, i64)>, changed_after: Option<i64>) -> Vec<i64> {
    let filter = Filter { days, changed_after };
    let all = db.read(move |tx| day::page(tx, user, &filter, None, 100));
    all.iter().map(|stored| stored.day.day).collect()
}

fn a_day_comes_back_as_it_was_stored(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let bare = Day { device: None, brand: None, is_tracker: false, ..walked(DAY, 1) };
    let full = walked(DAY + 1, 2);
    assert!(put(&db, ada, &bare) && put(&db, ada, &full));
    let db = h.reopen(db);
    let stored = |day: &Day, change_seq| Stored { day: day.clone(), modified: NOON, change_seq };
    assert_eq!(found(&db, ada, DAY), Some(stored(&bare, 1)));
    assert_eq!(found(&db, ada, DAY + 1), Some(stored(&full, 2)));
    assert_eq!((found(&db, ada, DAY + 2), found(&db, bob, DAY)), (None, None));
}

fn a_day_that_is_the_same_stays_as_it_is(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    put(&db, ada, &walked(DAY, 1));
    put(&db, ada, &walked(DAY + 1, 1));
    let before = found(&db, ada, DAY);
    h.clock.advance(100);
    assert!(!put(&db, ada, &walked(DAY, 1)));
    assert_eq!(found(&db, ada, DAY), before);
    let other = Day { time_zone: "Asia/Tokyo".to_owned(), ..walked(DAY, 1) };
    assert!(put(&db, ada, &other));
    let expected = Stored { day: other, modified: NOON + 100, change_seq: 4 };
    assert_eq!(found(&db, ada, DAY), Some(expected));
    assert_eq!(found(&db, ada, DAY + 1).expect("a day").modified, NOON);
}

fn days_are_given_by_days_by_changes_and_by_both(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    (1..=5).for_each(|after| assert!(put(&db, ada, &walked(DAY + after, 1))));
    h.clock.advance(100);
    put(&db, ada, &walked(DAY + 1, 2));
    put(&db, ada, &walked(DAY + 4, 2));
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

fn days_come_in_pages_and_in_the_order_of_their_changes(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    for after in [2, 5, 1, 4, 3, 1] {
        put(
            &db,
            ada,
            &walked(DAY + after, after + db.read(move |tx| Ok(person::get(tx, ada)?.change_seq))),
        );
    }
    let page = |filter: Filter, before| -> Vec<i64> {
        let days = db.read(move |tx| day::page(tx, ada, &filter, before, 2));
        days.iter().map(|stored| stored.day.day - DAY).collect()
    };
    let within = Filter { days: Some((DAY + 1, DAY + 4)), changed_after: None };
    let all = Filter { days: None, changed_after: Some(0) };
    assert_eq!((page(within, None), page(within, Some(DAY + 3))), (vec![4, 3], vec![2, 1]));
    assert_eq!((page(all, None), page(all, Some(DAY + 4))), (vec![5, 4], vec![3, 2]));
    assert_eq!((page(all, Some(DAY + 2)), page(all, Some(DAY + 1))), (vec![1], vec![]));
    let told = db.read(move |tx| day::changed(tx, ada, (1, 6)));
    let told: Vec<_> =
        told.iter().map(|stored| (stored.change_seq, stored.day.day - DAY)).collect();
    assert_eq!(told, [(2, 5), (4, 4), (5, 3), (6, 1)]);
}

fn a_given_day_is_kept_beside_what_is_computed(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let given = |number| db.read(move |tx| day::given(tx, ada, number));
    assert_eq!(given(DAY), None);
    for steps in [5, 7] {
        db.write(move |tx| {
            person::touch(tx, ada, 0)?;
            day::give(tx, ada, &walked(DAY, steps))
        });
        assert_eq!(given(DAY), Some(walked(DAY, steps)));
    }
    put(&db, ada, &walked(DAY, 9));
    assert_eq!((given(DAY), given(DAY + 1)), (Some(walked(DAY, 7)), None));
    assert_eq!(days(&db, ada, None, Some(0)), [DAY]);
}

/// Notes a change of zone, as `zone::history` shows it.
fn moves(db: &Db, user: UserId, before: &'static str, after: &'static str, day: i64) {
    db.write(move |tx| {
        person::touch(tx, user, 0)?;
        zone::change(tx, user, before, after, day)
    });
}

fn history(db: &Db, user: UserId) -> Vec<(i64, String)> {
    let all = db.read(move |tx| zone::history(tx, user));
    all.into_iter().map(|Since { day, time_zone }| (day, time_zone)).collect()
}

fn zones(list: &[(i64, &str)]) -> Vec<(i64, String)> {
    list.iter().map(|(day, zone)| (*day, (*zone).to_owned())).collect()
}

fn the_first_change_of_zone_keeps_the_one_before(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    assert_eq!(history(&db, ada), []);
    moves(&db, ada, "Europe/Paris", "Asia/Tokyo", DAY);
    moves(&db, ada, "ignored", "America/Los_Angeles", DAY + 5);
    let expected =
        [(i64::MIN, "Europe/Paris"), (DAY, "Asia/Tokyo"), (DAY + 5, "America/Los_Angeles")];
    let db = h.reopen(db);
    assert_eq!(history(&db, ada), zones(&expected));
    assert_eq!(history(&db, bob), []);
}

fn a_change_of_zone_takes_later_ones_away(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    for user in [ada, bob] {
        moves(&db, user, "Europe/Paris", "Asia/Tokyo", DAY + 1);
        moves(&db, user, "Asia/Tokyo", "Pacific/Kiritimati", DAY + 2);
    }
    // Back over the line of dates it is the day before again.
    moves(&db, ada, "Pacific/Kiritimati", "America/Los_Angeles", DAY + 1);
    let expected = [(i64::MIN, "Europe/Paris"), (DAY + 1, "America/Los_Angeles")];
    assert_eq!(history(&db, ada), zones(&expected));
    assert_eq!(history(&db, bob).len(), 3);
}
