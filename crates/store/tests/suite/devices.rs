//! Devices, the people who use them, and the sessions they open.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause};
use domain::device::Mac;
use domain::{DeviceId, UserId};
use store::Db;
use store::device::{self, Device, Report, SCALE_USERS_MAX, SESSION_SECONDS};

on_both!(
    a_device_is_registered_once_and_found_again,
    the_same_address_with_another_model_is_refused,
    of_many_who_register_a_device_at_once_all_get_the_same,
    devices_are_listed_in_pages,
    a_device_knows_its_people_in_the_order_they_were_linked,
    a_seventeenth_person_is_refused,
    many_links_at_once_never_exceed_what_a_scale_can_know,
    a_link_is_a_change_of_the_persons_data,
    a_session_ends_after_an_hour,
    a_wrong_secret_opens_no_session,
    a_closed_session_stays_closed_and_others_stay_open,
    a_session_records_what_the_device_says_of_itself,
);

const MODEL: i64 = 5;

pub(crate) fn mac(last: u8) -> Mac {
    Mac::new([0x00, 0x24, 0xe4, 1, 2, last])
}

/// A registered device.
pub(crate) fn scale(db: &Db, last: u8) -> DeviceId {
    db.write(move |tx| device::register(tx, mac(last), MODEL, "Europe/Paris"))
}

/// Links a device to one more person.
pub(crate) fn link(db: &Db, scale: DeviceId, user: UserId) {
    db.write(move |tx| device::link(tx, scale, user));
}

fn users(db: &Db, scale: DeviceId) -> Vec<UserId> {
    db.read(move |tx| device::users(tx, scale))
}

fn a_device_is_registered_once_and_found_again(h: &Harness) {
    let db = h.open();
    let id = scale(&db, 1);
    h.clock.advance(10);
    assert_eq!(scale(&db, 1), id);
    assert_ne!(scale(&db, 2), id);
    let db = h.reopen(db);
    let found = db.read(|tx| device::find_by_mac(tx, mac(1))).expect("a device");
    let expected = Device {
        id,
        hash: found.hash.clone(),
        mac: mac(1),
        model_id: MODEL,
        time_zone: "Europe/Paris".to_owned(),
        firmware: None,
        battery_percent: None,
        organization: None,
        serial: None,
        network: None,
        sim: None,
        terminates: None,
        first_session: None,
        last_session: None,
    };
    assert_eq!(found, expected);
    assert_eq!(found.hash.len(), 40);
    assert_eq!(db.read(move |tx| device::find(tx, id)), Some(found));
    assert_eq!(db.read(|tx| device::find_by_mac(tx, mac(9))), None);
}

fn the_same_address_with_another_model_is_refused(h: &Harness) {
    let db = h.open();
    let id = scale(&db, 1);
    let answer = db.try_write(|tx| device::register(tx, mac(1), MODEL + 1, "Europe/Paris"));
    assert!(cause(answer).contains("another model"));
    let kept = db.read(move |tx| device::find(tx, id)).expect("a device");
    assert_eq!(kept.model_id, MODEL);
    assert_eq!(h.numbers("select count(*) from device"), [1]);
}

fn of_many_who_register_a_device_at_once_all_get_the_same(h: &Harness) {
    let nodes = [h.open(), h.open()];
    let ids: Vec<_> = std::thread::scope(|scope| {
        let spawn = |n: usize| {
            let db = &nodes[n % 2];
            scope.spawn(move || scale(db, 1))
        };
        let registering: Vec<_> = (0..8).map(spawn).collect();
        registering.into_iter().map(|thread| thread.join().expect("a device")).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(h.numbers("select count(*) from device"), [1]);
}

fn devices_are_listed_in_pages(h: &Harness) {
    let db = h.open();
    let mut made: Vec<_> = (0..5).map(|last| scale(&db, last)).collect();
    made.sort_unstable();
    let page = |after, limit| -> Vec<_> {
        let devices = db.read(move |tx| device::list(tx, after, limit));
        devices.iter().map(|device| device.id).collect()
    };
    assert_eq!(page(DeviceId(0), 3), made[..3]);
    assert_eq!(page(made[2], 3), made[3..]);
    assert!(made.iter().all(|id| (1..1 << 53).contains(&id.0)));
}

fn a_device_knows_its_people_in_the_order_they_were_linked(h: &Harness) {
    let db = h.open();
    let (one, two) = (scale(&db, 1), scale(&db, 2));
    let mut people: Vec<_> = ["ada", "bob", "eve"].map(|name| account(&db, name)).into();
    people.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    for user in &people {
        link(&db, one, *user);
        h.clock.advance(1);
    }
    link(&db, one, people[0]);
    assert_eq!(users(&db, one), people);
    assert_eq!(users(&db, two), []);
    link(&db, two, people[1]);
    let user = people[1];
    let devices = db.read(move |tx| device::of_user(tx, user));
    assert_eq!(devices.iter().map(|device| device.id).collect::<Vec<_>>(), [one, two]);
}

fn a_seventeenth_person_is_refused(h: &Harness) {
    let db = h.open();
    let scale = scale(&db, 1);
    let people: Vec<_> =
        (0..=SCALE_USERS_MAX).map(|n| account(&db, &format!("person-{n}"))).collect();
    let (last, first) = people.split_last().expect("people");
    first.iter().for_each(|user| link(&db, scale, *user));
    let last = *last;
    let answer = db.try_write(move |tx| device::link(tx, scale, last));
    assert!(cause(answer).contains("16 people"));
    assert_eq!(users(&db, scale).len(), SCALE_USERS_MAX);
    link(&db, scale, first[3]); // Who is known already is no further person.
}

fn many_links_at_once_never_exceed_what_a_scale_can_know(h: &Harness) {
    const THREADS: usize = 6;
    let nodes = [h.open(), h.open()];
    let scale = scale(&nodes[0], 1);
    for n in 1..SCALE_USERS_MAX {
        link(&nodes[0], scale, account(&nodes[0], &format!("person-{n}")));
    }
    let people: Vec<_> = (0..THREADS).map(|n| account(&nodes[0], &format!("late-{n}"))).collect();
    let linked: Vec<_> = std::thread::scope(|scope| {
        let spawn = |(n, user): (usize, &UserId)| {
            let (db, user) = (&nodes[n % 2], *user);
            scope.spawn(move || db.try_write(move |tx| device::link(tx, scale, user)).is_ok())
        };
        let linking: Vec<_> = people.iter().enumerate().map(spawn).collect();
        linking.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(linked.into_iter().filter(|linked| *linked).count(), 1);
    assert_eq!(users(&nodes[0], scale).len(), SCALE_USERS_MAX);
}

fn a_link_is_a_change_of_the_persons_data(h: &Harness) {
    let db = h.open();
    let (scale, ada) = (scale(&db, 1), account(&db, "ada"));
    h.clock.advance(10);
    link(&db, scale, ada);
    let person = db.read(move |tx| store::person::get(tx, ada));
    assert_eq!((person.change_seq, person.modified), (1, NOON + 10));
    h.clock.advance(10);
    link(&db, scale, ada);
    assert_eq!(db.read(move |tx| store::person::get(tx, ada)), person);
}

fn open_session(db: &Db, scale: DeviceId) -> String {
    db.write(move |tx| device::open_session(tx, scale, &Report::default()))
}

fn of_session(db: &Db, secret: &str) -> Option<DeviceId> {
    let secret = secret.to_owned();
    db.read(move |tx| device::of_session(tx, &secret)).map(|device| device.id)
}

fn a_session_ends_after_an_hour(h: &Harness) {
    let db = h.open();
    let scale = scale(&db, 1);
    let secret = open_session(&db, scale);
    h.clock.advance(u32::try_from(SESSION_SECONDS - 1).expect("seconds"));
    let db = h.reopen(db);
    assert_eq!(of_session(&db, &secret), Some(scale));
    h.clock.advance(1);
    assert_eq!(of_session(&db, &secret), None);
    let fresh = open_session(&db, scale);
    assert_eq!(of_session(&db, &fresh), Some(scale));
    assert_eq!(h.numbers("select count(*) from device_session"), [1]);
}

fn a_wrong_secret_opens_no_session(h: &Harness) {
    let db = h.open();
    let secret = open_session(&db, scale(&db, 1));
    for wrong in [String::new(), "0".repeat(40), secret.to_uppercase(), secret[1..].to_owned()] {
        assert_eq!(of_session(&db, &wrong), None);
    }
}

fn a_closed_session_stays_closed_and_others_stay_open(h: &Harness) {
    let db = h.open();
    let (one, two) = (scale(&db, 1), scale(&db, 2));
    let (closing, other) = (open_session(&db, one), open_session(&db, two));
    for _ in 0..2 {
        let secret = closing.clone();
        db.write(move |tx| device::close_session(tx, &secret));
        assert_eq!(of_session(&db, &closing), None);
    }
    assert_eq!(of_session(&db, &other), Some(two));
}

fn a_session_records_what_the_device_says_of_itself(h: &Harness) {
    let db = h.open();
    let scale = scale(&db, 1);
    let report = Report { firmware: Some("1401".to_owned()), battery_percent: Some(77) };
    db.write(move |tx| device::open_session(tx, scale, &report));
    h.clock.advance(100);
    open_session(&db, scale);
    let kept = db.read(move |tx| device::find(tx, scale)).expect("a device");
    assert_eq!((kept.firmware.as_deref(), kept.battery_percent), (Some("1401"), Some(77)));
    assert_eq!((kept.first_session, kept.last_session), (Some(NOON), Some(NOON + 100)));
}
