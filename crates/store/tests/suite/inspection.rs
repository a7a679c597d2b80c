//! Looking at a store: it says how things are and leaves no trace, whoever else is at work.

use crate::harness::{Harness, NOON};
use crate::queue::Gate;
use crate::samples::{account, create};
use std::sync::Barrier;
use store::OpenError;
use store::secrets::KeyError;

on_both!(
    nothing_is_found_where_nothing_is_and_nothing_is_made,
    a_store_is_described_and_left_as_it_is,
    the_key_is_judged,
    what_must_not_be_opened_is_refused,
    others_may_be_starting_or_writing_meanwhile,
);

/// Every file beside the database, with its content.
fn files(h: &Harness) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(h.folder()).expect("a folder");
    let files = files.map(|file| file.expect("a file").path());
    let mut files: Vec<_> =
        files.map(|file| (file.clone(), std::fs::read(file).expect("its content"))).collect();
    files.sort();
    files
}

fn nothing_is_found_where_nothing_is_and_nothing_is_made(h: &Harness) {
    let found = h.inspect("key").expect("a look");
    assert!(!found.is_there && !found.has_key && found.is_key_right.is_none(), "{found:?}");
    assert!(!found.missing.is_empty() && found.unknown.is_empty() && found.check().is_ok());
    assert_eq!(files(h), []);
    let tables = "select count(*) from information_schema.tables \
        where table_schema = current_schema()";
    assert!(!h.is_postgres() || h.numbers(tables) == [0]);
}

fn a_store_is_described_and_left_as_it_is(h: &Harness) {
    let db = h.open();
    h.clock.advance(500);
    account(&db, "ada");
    db.close();
    let before = files(h);
    let found = h.inspect("key").expect("a look");
    assert!(found.is_there && found.missing.is_empty() && found.altered.is_empty(), "{found:?}");
    assert_eq!((found.newest_stamp, found.is_key_right), (Some(NOON + 500), Some(true)));
    assert!(found.size_bytes.is_some_and(|size| size > 0), "{found:?}");
    assert_eq!(found.clock.is_some(), h.is_postgres());
    let engine = if h.is_postgres() { "PostgreSQL " } else { "SQLite " };
    assert!(found.engine.starts_with(engine), "{found:?}");
    assert!(files(h) == before, "a trace was left");
}

fn the_key_is_judged(h: &Harness) {
    account(&h.open(), "ada");
    let none = h.inspect("no-key").expect("a look");
    assert!(none.has_key && none.is_key_right.is_none() && none.check().is_ok(), "{none:?}");
    h.another_key("another-key");
    let wrong = h.inspect("another-key").expect("a look");
    assert_eq!(wrong.is_key_right, Some(false));
    assert!(matches!(wrong.check(), Err(OpenError::Key(KeyError::Wrong))));
}

fn what_must_not_be_opened_is_refused(h: &Harness) {
    account(&h.open(), "ada");
    h.tamper("insert into schema_migration (name, checksum, applied) values ('9999_later', '', 0)");
    let newer = h.inspect("key").expect("a look");
    assert_eq!(newer.unknown, ["9999_later"]);
    assert!(matches!(newer.check(), Err(OpenError::Schema(text)) if text.contains("9999_later")));
    h.tamper("delete from schema_migration where name = '9999_later'");
    h.tamper("update schema_migration set checksum = 'x'");
    let altered = h.inspect("key").expect("a look");
    assert!(!altered.altered.is_empty() && altered.check().is_err(), "{altered:?}");
}

fn others_may_be_starting_or_writing_meanwhile(h: &Harness) {
    const LOOKS: usize = 4;
    for _ in 0..10 {
        let (store, start) = (h.another(), Barrier::new(LOOKS + 1));
        store.another_key("key");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                account(&store.open(), "ada");
            });
            for _ in 0..LOOKS {
                scope.spawn(|| {
                    start.wait();
                    let found = store.inspect("key").expect("a look");
                    assert!(found.check().is_ok(), "{found:?}");
                });
            }
        });
    }
    let server = h.open();
    let writing = Gate::shut_after(&server, |tx| create(tx, "ada").map(drop));
    assert!(h.inspect("key").expect("a look").is_there);
    writing.open().expect("written");
}
