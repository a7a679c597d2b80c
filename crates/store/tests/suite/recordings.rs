//! Recordings with their signals, and what happened at devices.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause};
use domain::recording::{About, Kind};
use domain::{DeviceId, GroupId, UserId, device};
use store::event::{self, Event};
use store::recording::{self, Recording, Stored};
use store::{Access, Db};

on_both!(
    a_recording_comes_back_with_its_signal,
    recordings_come_in_pages_of_their_kind_and_time,
    a_recording_is_known_by_its_kind_its_device_and_its_moment,
    a_recording_without_its_signal_is_an_error,
    recordings_and_events_come_in_the_order_of_their_changes,
    an_event_of_a_device_that_nobody_uses_is_kept_once,
);

pub(crate) fn taken(kind: Kind, date: i64) -> Recording {
    Recording {
        kind,
        date,
        device: Some(DeviceId(1)),
        time_zone: "Europe/Paris".to_owned(),
        about: About { frequency: Some(300), ..About::default() },
    }
}

/// Stores recordings, each in a write of its own, with its date as the signal.
fn store(db: &Db, user: UserId, recordings: &[Recording]) -> Vec<GroupId> {
    let one = |new: &Recording| {
        let new = new.clone();
        db.write(move |tx| recording::insert(tx, user, &new, &new.date.to_be_bytes()))
    };
    recordings.iter().map(one).collect()
}

fn page(
    db: &Db,
    user: UserId,
    kind: Kind,
    time: (i64, i64),
    after: Option<GroupId>,
) -> Vec<GroupId> {
    let after = after.map(|id| id.parts().1);
    let all = db.read(move |tx| recording::page(tx, user, kind, time, after, 2));
    all.iter().map(|stored| stored.id).collect()
}

fn a_recording_comes_back_with_its_signal(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let about = About { afib: Some(2), systole: Some(121), ..About::default() };
    let full = Recording { about, ..taken(Kind::Ecg, NOON) };
    let bare = Recording { device: None, about: About::default(), ..taken(Kind::Stetho, NOON) };
    let ids = store(&db, ada, &[full.clone(), bare.clone()]);
    let empty = db.write(move |tx| recording::insert(tx, ada, &taken(Kind::Ecg, 5), &[]));
    let db = h.reopen(db);
    for ((id, recording), change_seq) in ids.iter().zip([full, bare]).zip(1..) {
        let id = *id;
        let expected = Stored { id, created: NOON, modified: NOON, change_seq, recording };
        assert_eq!(db.read(move |tx| recording::find(tx, id)), Some(expected));
        assert_eq!(db.read(move |tx| recording::signal(tx, id)), NOON.to_be_bytes());
    }
    assert!(db.read(move |tx| recording::signal(tx, empty)).is_empty());
    assert_eq!(db.read(move |tx| recording::find(tx, GroupId::new(bob, 1))), None);
}

fn recordings_come_in_pages_of_their_kind_and_time(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let ids = store(&db, ada, &[10, 30, 30, 20, 40].map(|date| taken(Kind::Ecg, date)));
    let sounds = store(&db, ada, &[taken(Kind::Stetho, 30)]);
    store(&db, bob, &[taken(Kind::Ecg, 30)]);
    let ecg = |time, after| page(&db, ada, Kind::Ecg, time, after);
    let all = (i64::MIN, i64::MAX);
    assert_eq!(ecg(all, None), [ids[4], ids[2]], "newest first, then the later number");
    assert_eq!(ecg(all, Some(ids[2])), [ids[1], ids[3]]);
    assert_eq!(ecg(all, Some(ids[3])), [ids[0]]);
    assert_eq!(ecg(all, Some(ids[0])), []);
    assert_eq!(ecg((20, 30), None), [ids[2], ids[1]], "both ends are in the window");
    assert_eq!(ecg((20, 30), Some(ids[1])), [ids[3]]);
    assert_eq!(ecg((31, 39), None), []);
    assert_eq!(ecg((30, 20), None), []);
    assert_eq!(page(&db, ada, Kind::Stetho, all, None), sounds);
    // An offset of another kind or of nobody was never given.
    for after in [sounds[0].parts().1, 0, -1, i64::MAX] {
        let ask =
            move |tx: &mut store::Tx<'_>| recording::page(tx, ada, Kind::Ecg, all, Some(after), 2);
        assert!(cause(db.run_blocking(Access::Read, ask)).contains("offset"));
    }
}

fn a_recording_is_known_by_its_kind_its_device_and_its_moment(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let nobody = Recording { device: None, ..taken(Kind::Ecg, NOON) };
    let ids = store(&db, ada, &[taken(Kind::Ecg, NOON), taken(Kind::Stetho, NOON), nobody]);
    let known = |user, kind, device: Option<i64>, date| {
        let device = device.map(DeviceId);
        let found = db.read(move |tx| recording::taken_at(tx, user, kind, device, date));
        found.map(|stored| stored.id)
    };
    assert_eq!(known(ada, Kind::Ecg, Some(1), NOON), Some(ids[0]));
    assert_eq!(known(ada, Kind::Stetho, Some(1), NOON), Some(ids[1]));
    assert_eq!(known(ada, Kind::Ecg, None, NOON), Some(ids[2]));
    assert_eq!(known(ada, Kind::Stetho, None, NOON), None);
    assert_eq!(known(ada, Kind::Ecg, Some(2), NOON), None);
    assert_eq!(known(ada, Kind::Ecg, Some(1), NOON + 1), None);
    assert_eq!(known(bob, Kind::Ecg, Some(1), NOON), None);
}

fn a_recording_without_its_signal_is_an_error(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let id = store(&db, ada, &[taken(Kind::Ecg, NOON)])[0];
    h.tamper("delete from recording_signal");
    let answer = db.run_blocking(Access::Read, move |tx| recording::signal(tx, id));
    assert!(matches!(answer, Err(domain::Error::Failed(_))), "{answer:?}");
    h.tamper("update recording set kind = 3");
    let answer = db.run_blocking(Access::Read, move |tx| recording::find(tx, id));
    assert!(matches!(answer, Err(domain::Error::Failed(_))), "{answer:?}");
}

fn happens(db: &Db, user: UserId, date: i64, kind: device::Event) -> GroupId {
    let event = Event { date, device: DeviceId(1), kind };
    db.write(move |tx| event::insert(tx, user, &event))
}

fn recordings_and_events_come_in_the_order_of_their_changes(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let first = store(&db, ada, &[taken(Kind::Ecg, NOON)])[0];
    let second = happens(&db, ada, NOON, device::Event::BedIn);
    happens(&db, bob, NOON, device::Event::BedOut);
    let third = store(&db, ada, &[taken(Kind::Stetho, NOON - 9)])[0];
    h.clock.advance(10);
    let fourth = happens(&db, ada, NOON - 9, device::Event::EcgFailed);
    let recordings = |range| -> Vec<GroupId> {
        let told = db.read(move |tx| recording::changed(tx, ada, range));
        told.iter().map(|stored| stored.id).collect()
    };
    assert_eq!(recordings((0, 9)), [first, third]);
    assert_eq!((recordings((1, 3)), recordings((3, 9))), (vec![third], vec![]));
    let told = db.read(move |tx| event::changed(tx, ada, (0, 9)));
    let event = |date, kind| Event { date, device: DeviceId(1), kind };
    let expected = [
        event::Stored {
            id: second,
            modified: NOON,
            change_seq: 2,
            event: event(NOON, device::Event::BedIn),
        },
        event::Stored {
            id: fourth,
            modified: NOON + 10,
            change_seq: 4,
            event: event(NOON - 9, device::Event::EcgFailed),
        },
    ];
    assert_eq!(told, expected);
    assert_eq!(db.read(move |tx| event::changed(tx, ada, (2, 3))), []);
    h.tamper("update device_event set kind = 7");
    let answer = db.run_blocking(Access::Read, move |tx| event::changed(tx, ada, (0, 9)));
    assert!(matches!(answer, Err(domain::Error::Failed(_))), "{answer:?}");
}

fn an_event_of_a_device_that_nobody_uses_is_kept_once(h: &Harness) {
    let db = h.open();
    let orphan = |date, kind| {
        let event = Event { date, device: DeviceId(1), kind };
        db.write(move |tx| event::insert_orphan(tx, &event));
    };
    orphan(NOON, device::Event::SetUpWithoutAccount);
    h.clock.advance(9);
    orphan(NOON, device::Event::SetUpWithoutAccount);
    assert_eq!(h.numbers("select received from orphan_event"), [NOON]);
    orphan(NOON + 1, device::Event::SetUpWithoutAccount);
    orphan(NOON, device::Event::BedIn);
    assert_eq!(h.numbers("select count(*) from orphan_event"), [3]);
}
