//! What stands behind device sync: tokens of devices, and records that are known again.

use crate::devices::scale;
use crate::harness::{Harness, Works as _};
use domain::{DeviceId, Error};
use std::sync::Barrier;
use store::sync::{TOKENS_MAX, issue_token, lock, note, of_token, revoke_tokens};
use store::{Access, Db};

on_both!(
    a_token_is_of_its_device_until_it_is_revoked,
    a_device_has_so_many_tokens_and_no_more,
    a_record_is_known_again_and_is_its_devices_own,
    of_many_who_hand_over_a_record_at_once_one_stores_it,
);

fn device_of(db: &Db, token: &str) -> Option<DeviceId> {
    let token = token.to_owned();
    db.read(move |tx| of_token(tx, &token)).map(|device| device.id)
}

fn is_new(db: &Db, device: DeviceId, record: &'static str) -> bool {
    db.write(move |tx| {
        lock(tx, device)?;
        note(tx, device, record)
    })
}

fn a_token_is_of_its_device_until_it_is_revoked(h: &Harness) {
    let db = h.open();
    let (one, two) = (scale(&db, 1), scale(&db, 2));
    let token = db.write(move |tx| issue_token(tx, one));
    let other = db.write(move |tx| issue_token(tx, two));
    let db = h.reopen(db);
    assert_eq!((device_of(&db, &token), device_of(&db, &other)), (Some(one), Some(two)));
    assert_eq!(device_of(&db, &"0".repeat(40)), None);
    assert_eq!(db.write(move |tx| revoke_tokens(tx, one)), 1);
    assert_eq!((device_of(&db, &token), device_of(&db, &other)), (None, Some(two)));
}

fn a_device_has_so_many_tokens_and_no_more(h: &Harness) {
    let db = h.open();
    let device = scale(&db, 1);
    db.write(move |tx| (0..TOKENS_MAX).try_for_each(|_| issue_token(tx, device).map(|_| ())));
    let refused = db.run_blocking(Access::Write, move |tx| issue_token(tx, device));
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}

fn a_record_is_known_again_and_is_its_devices_own(h: &Harness) {
    let db = h.open();
    let (one, two) = (scale(&db, 1), scale(&db, 2));
    assert!(is_new(&db, one, "a") && is_new(&db, one, "b") && is_new(&db, two, "a"));
    let db = h.reopen(db);
    assert!(!is_new(&db, one, "a") && !is_new(&db, two, "a"));
}

fn of_many_who_hand_over_a_record_at_once_one_stores_it(h: &Harness) {
    const THREADS: usize = 8;
    let nodes = [h.open(), h.open()];
    let device = scale(&nodes[0], 1);
    for record in ["a", "b", "c", "d"] {
        let begin = Barrier::new(THREADS);
        let stored: usize = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (db, begin) = (&nodes[number % 2], &begin);
                    scope.spawn(move || {
                        begin.wait();
                        usize::from(is_new(db, device, record))
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().expect("an answer")).sum()
        });
        assert_eq!(stored, 1, "{record}");
    }
}
