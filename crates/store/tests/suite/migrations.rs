//! The schema comes once, and a store that is not ours is left alone.

use crate::harness::Harness;
use crate::queue::Gate;
use crate::samples::{account, create, exists};
use domain::Clock as _;
use std::sync::Barrier;
use store::OpenError;
use store::secrets::KeyError;

on_both!(
    migrations_are_applied_once_and_found_after_a_restart,
    a_dry_run_lists_what_is_missing_and_changes_nothing,
    a_migration_that_was_applied_with_another_text_is_refused,
    a_migration_of_a_newer_version_is_refused,
    a_wrong_key_file_is_refused_and_the_right_one_still_opens,
    nodes_that_start_together_on_an_empty_store_all_open_it,
    a_node_opens_while_another_one_writes,
);

fn migrations_are_applied_once_and_found_after_a_restart(h: &Harness) {
    let began = h.clock.now();
    let db = h.open();
    account(&db, "ada");
    h.clock.advance(1_000);
    assert!(exists(&h.reopen(db), "ada"));
    let found = h.migrate(false).expect("the migrations");
    assert!(!found.is_empty());
    for migration in found {
        assert!(!migration.is_new, "{} was applied again", migration.name);
        assert_eq!(migration.applied_at, Some(began));
    }
}

fn a_dry_run_lists_what_is_missing_and_changes_nothing(h: &Harness) {
    let names = |migrations: &[store::Migration]| -> Vec<_> {
        migrations.iter().map(|migration| migration.name).collect()
    };
    let tables = if h.is_postgres() {
        "select count(*) from information_schema.tables where table_schema = current_schema()"
    } else {
        "select count(*) from sqlite_master where type = 'table'"
    };
    let listed = h.migrate(true).expect("a list");
    assert!(!h.folder().join("vitald.db").exists(), "not even a file was made");
    assert!(listed.iter().all(|migration| migration.is_new && migration.applied_at.is_none()));
    assert_eq!(h.numbers(tables), [0]);

    let applied = h.migrate(false).expect("applied");
    assert!(applied.iter().all(|migration| migration.is_new));
    assert_eq!(names(&listed), names(&applied));
    let listed = h.migrate(true).expect("a list");
    assert!(listed.iter().all(|migration| !migration.is_new && migration.applied_at.is_some()));
}

fn a_migration_that_was_applied_with_another_text_is_refused(h: &Harness) {
    account(&h.open(), "ada");
    h.tamper("update schema_migration set checksum = 'x' || checksum");
    for answer in [h.try_open("key").map(drop), h.migrate(true).map(drop)] {
        let Err(OpenError::Schema(text)) = answer else { panic!("it was not refused: {answer:?}") };
        assert!(text.contains("another text"), "{text}");
    }
    h.tamper("update schema_migration set checksum = substr(checksum, 2)");
    assert!(exists(&h.open(), "ada"));
}

fn a_migration_of_a_newer_version_is_refused(h: &Harness) {
    account(&h.open(), "ada");
    h.tamper("insert into schema_migration (name, checksum, applied) values ('9999_later', '', 0)");
    for answer in [h.try_open("key").map(drop), h.migrate(false).map(drop)] {
        let Err(OpenError::Schema(text)) = answer else { panic!("it was not refused: {answer:?}") };
        assert!(text.contains("9999_later"), "{text}");
    }
    h.tamper("delete from schema_migration where name = '9999_later'");
    assert!(exists(&h.open(), "ada"));
}

fn a_wrong_key_file_is_refused_and_the_right_one_still_opens(h: &Harness) {
    account(&h.open(), "ada");
    let answer = h.try_open("another-key").map(drop);
    assert!(matches!(answer, Err(OpenError::Key(KeyError::Wrong))), "{answer:?}");
    assert!(exists(&h.open(), "ada"));
}

fn nodes_that_start_together_on_an_empty_store_all_open_it(h: &Harness) {
    const NODES: usize = 4;
    let rounds = if h.is_postgres() { 6 } else { 40 }; // A file opens sooner, so they meet less.
    for _ in 0..rounds {
        let (store, start) = (h.another(), Barrier::new(NODES));
        std::thread::scope(|scope| {
            for node in 0..NODES {
                let (store, start) = (&store, &start);
                scope.spawn(move || {
                    start.wait();
                    account(&store.open(), &format!("node-{node}"));
                });
            }
        });
        assert_eq!(store.numbers("select count(*) from person"), [NODES as i64]);
    }
}

fn a_node_opens_while_another_one_writes(h: &Harness) {
    let server = h.open();
    let writing = Gate::shut_after(&server, |tx| create(tx, "ada").map(drop));
    let command = h.open();
    assert!(!exists(&command, "ada"));
    assert!(h.migrate(false).expect("the migrations").iter().all(|migration| !migration.is_new));
    writing.open().expect("written");
    assert!(exists(&command, "ada"));
}
