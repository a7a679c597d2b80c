//! Raw data: when it is wanted, and the segments that came.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause};
use domain::{DeviceId, Error, GroupId, UserId};
use store::raw::{self, Capture, Segment, Stored};
use store::{Access, Db, person};

on_both!(
    asked_for_again_only_the_end_changes,
    what_has_ended_begins_anew,
    one_sensor_ends_or_all_do,
    asking_is_a_change_of_the_persons_data,
    a_segment_comes_back_and_is_stored_once,
    segments_come_in_pages_oldest_first,
    segments_come_in_the_order_of_their_changes,
    a_damaged_segment_is_an_error,
);

const ONE: DeviceId = DeviceId(1);
const OTHER: DeviceId = DeviceId(2);

fn activate(db: &Db, user: UserId, device: DeviceId, sensor: i64, until: Option<i64>) {
    db.write(move |tx| raw::activate(tx, user, device, sensor, until));
}

fn deactivate(db: &Db, user: UserId, device: DeviceId, sensor: Option<i64>) -> u64 {
    db.write(move |tx| raw::deactivate(tx, user, device, sensor))
}

/// Sensor, beginning and end of what was ever asked for.
fn asked(db: &Db, user: UserId, device: DeviceId) -> Vec<(i64, i64, Option<i64>)> {
    let captures = db.read(move |tx| raw::captures(tx, user, device));
    captures.into_iter().map(|Capture { sensor, since, until }| (sensor, since, until)).collect()
}

fn asked_for_again_only_the_end_changes(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    activate(&db, ada, ONE, 1, None);
    h.clock.advance(10);
    activate(&db, ada, ONE, 1, Some(NOON + 100));
    assert_eq!(asked(&db, ada, ONE), [(1, NOON, Some(NOON + 100))]);
    activate(&db, ada, ONE, 1, Some(NOON + 50));
    assert_eq!(asked(&db, ada, ONE), [(1, NOON, Some(NOON + 50))]);
    activate(&db, ada, ONE, 1, None);
    let db = h.reopen(db);
    assert_eq!(asked(&db, ada, ONE), [(1, NOON, None)]);
}

fn what_has_ended_begins_anew(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    activate(&db, ada, ONE, 1, Some(NOON + 10));
    h.clock.advance(10);
    // Its last second is over.
    activate(&db, ada, ONE, 1, Some(NOON + 90));
    let first = (1, NOON, Some(NOON + 10));
    assert_eq!(asked(&db, ada, ONE), [first, (1, NOON + 10, Some(NOON + 90))]);
    // Ended and begun in one second: it went on.
    assert_eq!(deactivate(&db, ada, ONE, None), 1);
    assert_eq!(asked(&db, ada, ONE), [first, (1, NOON + 10, Some(NOON + 10))]);
    activate(&db, ada, ONE, 1, None);
    assert_eq!(asked(&db, ada, ONE), [first, (1, NOON + 10, None)]);
}

fn one_sensor_ends_or_all_do(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    for user in [ada, bob] {
        for device in [ONE, OTHER] {
            activate(&db, user, device, 1, None);
            activate(&db, user, device, 2, Some(NOON + 1_000));
        }
    }
    h.clock.advance(10);
    assert_eq!(deactivate(&db, ada, ONE, Some(1)), 1);
    let second = (2, NOON, Some(NOON + 1_000));
    assert_eq!(asked(&db, ada, ONE), [(1, NOON, Some(NOON + 10)), second]);
    assert_eq!(deactivate(&db, ada, ONE, Some(1)), 0, "it is over already");
    assert_eq!(deactivate(&db, ada, ONE, Some(3)), 0);
    h.clock.advance(10);
    assert_eq!(deactivate(&db, ada, OTHER, None), 2);
    assert_eq!(asked(&db, ada, OTHER), [1, 2].map(|sensor| (sensor, NOON, Some(NOON + 20))));
    assert_eq!(deactivate(&db, ada, ONE, None), 1, "the one that goes on");
    assert_eq!(asked(&db, ada, ONE), [(1, NOON, Some(NOON + 10)), (2, NOON, Some(NOON + 20))]);
    let untouched = [(1, NOON, None), second];
    assert_eq!(
        (asked(&db, bob, ONE), asked(&db, bob, OTHER)),
        (untouched.into(), untouched.into())
    );
}

fn asking_is_a_change_of_the_persons_data(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let changes = || db.read(move |tx| person::get(tx, ada)).change_seq;
    activate(&db, ada, ONE, 1, None);
    assert_eq!(changes(), 1);
    deactivate(&db, ada, ONE, None);
    assert_eq!(changes(), 2);
    let nobody = db.run_blocking(Access::Write, |tx| raw::activate(tx, UserId(1), ONE, 1, None));
    assert!(cause(nobody).contains("no such person"));
}

pub(crate) fn segment(start: i64) -> Segment {
    Segment {
        device: ONE,
        sensor: 1,
        start,
        end: start + 1,
        format_version: 2,
        firmware_version: 2_371,
        sensor_name: "ADXL362_RAW".to_owned(),
        columns: vec![
            ("acc_x".to_owned(), vec![-12, i64::MAX, i64::MIN]),
            ("id".to_owned(), vec![1, 2, 3]),
        ],
    }
}

fn store(db: &Db, user: UserId, segment: &Segment) -> Option<GroupId> {
    let segment = segment.clone();
    db.write(move |tx| raw::insert(tx, user, &segment))
}

fn page(
    db: &Db,
    user: UserId,
    of: (DeviceId, i64),
    time: (i64, i64),
    after: Option<GroupId>,
) -> Vec<Stored> {
    let after = after.map(|id| id.parts().1);
    db.read(move |tx| raw::page(tx, user, of, time, after, 2))
}

fn a_segment_comes_back_and_is_stored_once(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let full = segment(NOON);
    let id = store(&db, ada, &full).expect("new");
    // Known by what it is of and when it began and ended, whatever it holds.
    assert_eq!(store(&db, ada, &Segment { columns: Vec::new(), ..full.clone() }), None);
    let empty = Segment { columns: vec![("id".to_owned(), vec![])], ..segment(NOON + 1) };
    let other = store(&db, ada, &empty).expect("new");
    assert_eq!(other.parts().1, id.parts().1 + 1, "what was known took no number");
    for different in [
        Segment { end: NOON + 2, ..full.clone() },
        Segment { sensor: 2, ..full.clone() },
        Segment { device: OTHER, ..full.clone() },
    ] {
        assert!(store(&db, ada, &different).is_some());
    }
    let db = h.reopen(db);
    let found = page(&db, ada, (ONE, 1), (NOON, NOON), None);
    assert_eq!((found.len(), &found[0].segment, found[0].id), (2, &full, id));
    assert_eq!((found[0].modified, found[0].change_seq), (NOON, 2));
    assert_eq!(page(&db, ada, (ONE, 1), (NOON + 1, NOON + 1), None)[0].segment, empty);
}

fn segments_come_in_pages_oldest_first(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let stored = |segment| store(&db, ada, &segment).expect("new");
    let ids = [30, 10, 20, 40].map(|start| stored(segment(start)));
    let twin = stored(Segment { end: 99, ..segment(20) });
    let other = stored(Segment { sensor: 2, ..segment(20) });
    store(&db, bob, &segment(20));
    let read = |time, after| -> Vec<GroupId> {
        page(&db, ada, (ONE, 1), time, after).iter().map(|stored| stored.id).collect()
    };
    let all = (i64::MIN, i64::MAX);
    assert_eq!(read(all, None), [ids[1], ids[2]]);
    assert_eq!(read(all, Some(ids[2])), [twin, ids[0]]);
    assert_eq!(read(all, Some(ids[0])), [ids[3]]);
    assert_eq!(read(all, Some(ids[3])), []);
    assert_eq!(read((20, 30), None), [ids[2], twin], "both ends are in the window");
    assert_eq!(read((20, 30), Some(twin)), [ids[0]]);
    assert_eq!(read((25, 50), Some(ids[1])), [ids[0], ids[3]], "what is before it is not given");
    assert_eq!(read((41, i64::MAX), None), []);
    assert_eq!(page(&db, ada, (ONE, 2), all, None)[0].id, other);
    for after in [0, -1, 99, i64::MAX] {
        let ask = move |tx: &mut store::Tx<'_>| raw::page(tx, ada, (ONE, 1), all, Some(after), 2);
        assert!(cause(db.run_blocking(Access::Read, ask)).contains("offset"));
    }
}

fn segments_come_in_the_order_of_their_changes(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = [30, 10, 20].map(|start| store(&db, ada, &segment(start)).expect("new"));
    let told = |range| -> Vec<GroupId> {
        let told = db.read(move |tx| raw::changed(tx, ada, range));
        told.iter().map(|stored| stored.id).collect()
    };
    assert_eq!(told((0, i64::MAX)), ids);
    let second = db.read(move |tx| raw::changed(tx, ada, (0, i64::MAX)))[1].change_seq;
    assert_eq!(told((second - 1, second)), [ids[1]]);
    assert_eq!(told((second, i64::MAX)), [ids[2]]);
}

fn a_damaged_segment_is_an_error(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    store(&db, ada, &segment(NOON));
    store(&db, bob, &segment(NOON));
    for left in ["length(body) - 1", "1", "0"] {
        let cut = format!("substr(body, 1, {left})");
        h.tamper(&format!("update raw_segment set body = {cut} where user_id = {ada}"));
        let all = (i64::MIN, i64::MAX);
        let read = move |tx: &mut store::Tx<'_>| raw::page(tx, ada, (ONE, 1), all, None, 9);
        let answer = db.run_blocking(Access::Read, read);
        assert!(matches!(answer, Err(Error::Failed(_))), "{left}: {answer:?}");
        assert_eq!(page(&db, bob, (ONE, 1), all, None).len(), 1);
    }
}
