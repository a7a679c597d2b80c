//! Snapshots: the whole store as it was, put back under whoever works on it. Of the embedded store
//! alone.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::{Error, UserId};
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Access, person, snapshot};

/// What a refusal says.
fn refusal<T>(result: domain::Result<T>) -> String {
    match result {
        Err(Error::Refused(refusal)) => refusal.cause,
        Err(Error::Failed(failure)) => panic!("{failure}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[test]
fn everything_is_as_it_was_and_what_is_written_afterwards_is_kept() {
    let h = Harness::sqlite();
    let db = h.open();
    let ada = account(&db, "ada");
    let saved = snapshot::save(&db, "start", NOON).expect("saved");
    assert_eq!((saved.moment, saved.turn.as_deref()), (NOON, None));
    for _ in 0..3 {
        let bob = account(&db, "bob");
        let mut seen = None;
        let restored = snapshot::restore(&db, "start", |one| seen = Some(one.moment));
        assert_eq!(restored, Ok(saved.clone()));
        assert_eq!(seen, Some(NOON));
        assert!(db.read(move |tx| person::find(tx, bob)).is_none());
        assert!(db.read(move |tx| person::find(tx, ada)).is_some());
    }
    let eve = account(&db, "eve");
    db.close();
    let db = h.open();
    assert!(db.read(move |tx| person::find(tx, eve)).is_some());
    assert_eq!(snapshot::list(&db).map(|all| all.len()), Ok(1));
    // Nothing is left of it beside the store.
    let files = std::fs::read_dir(h.folder()).expect("a folder");
    let drafts = files.map(|file| file.expect("a file").file_name());
    assert!(drafts.into_iter().all(|name| !name.to_string_lossy().contains("restoring")));
}

#[test]
fn whoever_works_meanwhile_waits_and_fails_in_nothing() {
    let h = Harness::sqlite();
    let db = h.open();
    account(&db, "ada");
    snapshot::save(&db, "start", NOON).expect("saved");
    let is_over = AtomicBool::new(false);
    let counts = |db: &store::Db| {
        let all = db.run_blocking(Access::Read, |tx| person::list(tx, UserId(0), 10));
        all.expect("a read").len()
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (db, is_over) = (&db, &is_over);
            scope.spawn(move || {
                let mut number = 0;
                while !is_over.load(Ordering::SeqCst) {
                    if thread == 0 {
                        let touch =
                            |tx: &mut store::Tx<'_>| store::sandbox::set_clock(tx, "frozen 1");
                        db.run_blocking(Access::Write, touch).expect("a write");
                    } else {
                        assert_eq!(counts(db), 1);
                    }
                    number += 1;
                }
                assert!(number > 0);
            });
        }
        for _ in 0..10 {
            snapshot::restore(&db, "start", |_| {}).expect("restored");
        }
        is_over.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_snapshot_of_another_key_or_none_is_refused() {
    let h = Harness::sqlite();
    let db = h.open();
    let ada = account(&db, "ada");
    let other = Harness::sqlite();
    // The first key of either is the same, as the random sources are.
    ["key", "another-key"].into_iter().for_each(|name| other.another_key(name));
    let theirs = other.try_open("another-key").expect("a store");
    snapshot::save(&theirs, "theirs", NOON).expect("saved");
    snapshot::save(&db, "ours", NOON).expect("saved");
    let file = |h: &Harness, name: &str| h.folder().join("snapshots").join(name);
    std::fs::copy(file(&other, "theirs.db"), file(&h, "theirs.db")).expect("copied");
    assert!(refusal(snapshot::restore(&db, "theirs", |_| {})).contains("another key"));
    assert!(refusal(snapshot::restore(&db, "none", |_| {})).contains("none of this name"));
    for name in ["", "..", "a/b", ".hidden", &"a".repeat(65)] {
        assert!(refusal(snapshot::save(&db, name, NOON)).contains("expected a name"), "{name}");
    }
    assert!(db.read(move |tx| person::find(tx, ada)).is_some());
}

#[test]
fn what_another_program_has_open_is_not_exchanged() {
    let h = Harness::sqlite();
    let (db, other) = (h.open(), h.open());
    snapshot::save(&db, "start", NOON).expect("saved");
    let bob = account(&other, "bob");
    assert!(refusal(snapshot::restore(&db, "start", |_| {})).contains("open"));
    // Both go on.
    for db in [&db, &other] {
        assert!(db.read(move |tx| person::find(tx, bob)).is_some());
    }
    other.close();
    snapshot::restore(&db, "start", |_| {}).expect("restored");
    assert!(db.read(move |tx| person::find(tx, bob)).is_none());
}

#[test]
fn postgres_has_none() {
    let db = Harness::postgres().open();
    assert!(refusal(snapshot::save(&db, "start", NOON)).contains("PostgreSQL"));
    assert!(refusal(snapshot::restore(&db, "start", |_| {})).contains("PostgreSQL"));
}
