//! The audit: rows are only added, and whatever is done to them behind the store's back is found.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, create, exists, refusal};
use domain::UserId;
use std::sync::Barrier;
use store::audit::{self, Actor, Deed, Fault, Filter, Hash, Line, Walk};
use store::{Access, Db};

on_both!(
    a_chain_without_a_row_is_whole,
    a_row_keeps_what_was_done_and_how_often,
    a_row_goes_with_what_it_is_about,
    every_field_that_is_changed_is_found,
    a_row_that_is_taken_out_is_found,
    rows_that_change_places_are_found,
    a_row_that_is_put_in_is_found,
    a_tail_that_is_cut_off_is_found,
    a_head_that_is_gone_or_set_back_is_found_and_nothing_is_added,
    a_chain_that_was_written_anew_is_found_by_a_hash_kept_elsewhere,
    faults_are_told_up_to_a_number_and_counted_beyond_it,
    pages_are_of_one_person_one_application_one_time,
    nodes_that_add_at_once_make_one_chain,
);

fn program(name: &str, user: i64, action: &'static str) -> Deed {
    let actor = Actor::Application(name.to_owned());
    Deed { actor, user: Some(UserId(user)), service: "measure", action, status: 0 }
}

fn adds(db: &Db, lines: Vec<Line>) {
    db.write(move |tx| audit::append(tx, &lines));
}

/// A chain of that many rows, each by another application.
fn chain(db: &Db, rows: i64) {
    let line = |n: i64| Line::once(program(&format!("app-{n}"), n, "getmeas"), NOON + n);
    adds(db, (1..=rows).map(line).collect());
}

fn walks_expecting(db: &Db, expected: Option<Hash>) -> Walk {
    let mut walk = db.read(move |tx| audit::begin(tx, expected));
    while !walk.is_over {
        walk = db.read(move |tx| audit::step(tx, &walk));
    }
    walk
}

fn faults(db: &Db) -> Vec<Fault> {
    walks_expecting(db, None).faults
}

fn a_chain_without_a_row_is_whole(h: &Harness) {
    let walk = walks_expecting(&h.open(), None);
    assert_eq!((walk.head.entries, walk.found), (0, 0));
}

fn a_row_keeps_what_was_done_and_how_often(h: &Harness) {
    let db = h.open();
    let one = Line::once(program("app", 7, "getmeas"), NOON - 5);
    let many = Line {
        deed: Deed {
            actor: Actor::Person(UserId(8)),
            user: None,
            service: "page",
            action: "login",
            status: 401,
        },
        first_at: NOON - 9,
        last_at: NOON - 3,
        calls: 12,
    };
    adds(&db, vec![one, many]);
    adds(&db, Vec::new());
    let db = h.reopen(db);
    assert_eq!(faults(&db), []);
    let rows = db.read(|tx| audit::list(tx, &Filter::default(), 10));
    let [many, one] = rows.as_slice() else { panic!("two rows: {rows:?}") };
    assert_eq!((one.seq, one.first_at, one.last_at, one.calls), (1, NOON - 5, NOON - 5, 1));
    assert_eq!((one.actor.as_str(), one.client_id.as_deref()), ("application", Some("app")));
    assert_eq!((one.user, one.person, one.status), (Some(UserId(7)), None, 0));
    assert_eq!((many.seq, many.first_at, many.last_at, many.calls), (2, NOON - 9, NOON - 3, 12));
    assert_eq!((many.actor.as_str(), many.person), ("person", Some(UserId(8))));
    assert_eq!((many.service.as_str(), many.action.as_str()), ("page", "login"));
    assert_eq!((many.user, many.status, many.written), (None, 401, NOON));
    assert_eq!(many.previous, one.hash);
    assert_eq!(walks_expecting(&db, None).head.hash[..], many.hash);
}

/// What an operator does and its row are there together or not at all.
fn a_row_goes_with_what_it_is_about(h: &Harness) {
    let db = h.open();
    let staff = |user: UserId| Deed {
        actor: Actor::Staff,
        user: Some(user),
        service: "vitald",
        action: "user create",
        status: 0,
    };
    db.write(move |tx| {
        let ada = create(tx, "ada")?;
        audit::note(tx, staff(ada))
    });
    // Noted first: it is the refusal after it that takes it back.
    let refused = db.try_write(move |tx| {
        tx.attempt(|tx| {
            let ben = create(tx, "ben")?;
            audit::note(tx, staff(ben))?;
            Err::<(), _>(refusal())
        })
    });
    assert!(refused.is_err());
    assert!(exists(&db, "ada") && !exists(&db, "ben"));
    let rows = db.read(|tx| audit::list(tx, &Filter::default(), 10));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].actor.as_str(), rows[0].action.as_str()), ("staff", "user create"));
    // A command that reads is run again as a write.
    db.run_blocking(Access::Read, move |tx| audit::note(tx, staff(UserId(1)))).expect("noted");
    let walk = walks_expecting(&db, None);
    assert_eq!((walk.head.entries, walk.found), (2, 0));
}

fn every_field_that_is_changed_is_found(h: &Harness) {
    let db = h.open();
    let person = Deed { actor: Actor::Person(UserId(5)), ..program("", 5, "login") };
    adds(&db, vec![Line::once(person, NOON)]);
    chain(&db, 4);
    for (column, value) in [
        ("first_at", "first_at - 1"),
        ("last_at", "last_at + 1"),
        ("calls", "calls + 1"),
        ("actor", "'staff'"),
        ("client_id", "'app-4'"),
        ("client_id", "null"),
        ("client_id", "''"),
        ("person_id", "2"),
        ("user_id", "user_id + 1"),
        ("user_id", "null"),
        ("service", "'measureg'"),
        ("action", "'etmeas'"),
        ("status", "503"),
        ("written", "written - 1"),
        ("hash", "previous"),
    ] {
        h.tamper("drop table if exists saved; create table saved as select * from audit_entry");
        h.tamper(&format!("update audit_entry set {column} = {value} where seq = 3"));
        let found = faults(&db);
        assert_eq!(found.first(), Some(&Fault::Changed { seq: 3 }), "{column}: {found:?}");
        let others = usize::from(column == "hash"); // The next row does not follow it then.
        assert_eq!(found.len(), 1 + others, "{column}: {found:?}");
        h.tamper("delete from audit_entry; insert into audit_entry select * from saved");
        assert_eq!(faults(&db), []);
    }
    h.tamper("update audit_entry set previous = hash where seq = 3");
    assert_eq!(faults(&db), [Fault::Changed { seq: 3 }, Fault::Unlinked { seq: 3 }]);
}

fn a_row_that_is_taken_out_is_found(h: &Harness) {
    let db = h.open();
    chain(&db, 9);
    h.tamper("delete from audit_entry where seq in (1, 4, 5)");
    let expected = [Fault::Missing { from: 1, to: 1 }, Fault::Missing { from: 4, to: 5 }];
    assert_eq!(faults(&db), expected);
    // The numbers closed up: every one after it has another place than it was hashed with.
    let another = h.another();
    let db = another.open();
    chain(&db, 3);
    another.tamper("delete from audit_entry where seq = 2");
    another.tamper("update audit_entry set seq = 2 where seq = 3");
    let found = faults(&db);
    assert!(found.contains(&Fault::Changed { seq: 2 }), "{found:?}");
    assert!(found.contains(&Fault::Missing { from: 3, to: 3 }), "{found:?}");
}

fn rows_that_change_places_are_found(h: &Harness) {
    let db = h.open();
    chain(&db, 5);
    h.tamper("update audit_entry set seq = 100 where seq = 2");
    h.tamper("update audit_entry set seq = 2 where seq = 3");
    h.tamper("update audit_entry set seq = 3 where seq = 100");
    let found = faults(&db);
    for seq in [2, 3] {
        assert!(found.contains(&Fault::Changed { seq }), "{found:?}");
        assert!(found.contains(&Fault::Unlinked { seq }), "{found:?}");
    }
}

fn a_row_that_is_put_in_is_found(h: &Harness) {
    let db = h.open();
    chain(&db, 3);
    let copy_to = |seq: i64| {
        h.tamper(&format!(
            "insert into audit_entry select {seq}, first_at, last_at, calls, actor, client_id, \
             person_id, user_id, service, action, status, written, previous, hash \
             from audit_entry where seq = 2"
        ));
    };
    copy_to(4);
    assert_eq!(faults(&db), [Fault::Added { seq: 4 }]);
    h.tamper("delete from audit_entry where seq = 4");
    copy_to(0);
    assert_eq!(faults(&db), [Fault::Added { seq: 0 }]);
    h.tamper("delete from audit_entry where seq = 0");
    // In the middle, with room made for it.
    h.tamper("update audit_entry set seq = 4 where seq = 3");
    copy_to(3);
    h.tamper("update audit_head set entries = 4");
    let found = faults(&db);
    assert!(found.contains(&Fault::Changed { seq: 3 }), "{found:?}");
    assert!(found.contains(&Fault::Changed { seq: 4 }), "{found:?}");
}

fn a_tail_that_is_cut_off_is_found(h: &Harness) {
    let db = h.open();
    chain(&db, 6);
    h.tamper("delete from audit_entry where seq > 4");
    assert_eq!(faults(&db), [Fault::Missing { from: 5, to: 6 }]);
    h.tamper("update audit_head set entries = 4");
    assert_eq!(faults(&db), [Fault::OtherEnd]);
}

fn a_head_that_is_gone_or_set_back_is_found_and_nothing_is_added(h: &Harness) {
    let db = h.open();
    chain(&db, 3);
    for sql in ["update audit_head set entries = 2", "delete from audit_head"] {
        h.tamper(sql);
        let late = [Line::once(program("late", 9, "getmeas"), NOON)];
        assert!(db.try_write(move |tx| audit::append(tx, &late)).is_err(), "{sql}");
        assert_eq!(h.numbers("select count(*) from audit_entry"), [3]);
        assert!(!faults(&db).is_empty(), "{sql}");
    }
    assert_eq!(faults(&db), [Fault::NoHead]);
}

fn a_chain_that_was_written_anew_is_found_by_a_hash_kept_elsewhere(h: &Harness) {
    let db = h.open();
    chain(&db, 5);
    let kept = walks_expecting(&db, None).head.hash;
    chain(&db, 2);
    let walk = walks_expecting(&db, Some(kept));
    assert_eq!((walk.head.entries, walk.faults), (7, vec![]), "it may have grown since");
    // Whoever can write everything makes a chain that is whole in itself.
    h.tamper("delete from audit_entry");
    h.tamper("delete from audit_head");
    chain(&db, 8);
    assert_eq!(faults(&db), []);
    // Its fifth row is the same; only later ones differ.
    assert_eq!(walks_expecting(&db, Some(kept)).found, 0);
    h.tamper("delete from audit_entry");
    h.tamper("delete from audit_head");
    chain(&db, 4);
    assert_eq!(walks_expecting(&db, Some(kept)).faults, [Fault::NotExpected]);
}

fn faults_are_told_up_to_a_number_and_counted_beyond_it(h: &Harness) {
    let db = h.open();
    // More than one slice.
    (0..5).for_each(|_| chain(&db, 1_000));
    let walk = walks_expecting(&db, None);
    assert_eq!((walk.head.entries, walk.found), (5_000, 0));
    h.tamper("update audit_entry set calls = 2 where seq > 1900");
    let walk = walks_expecting(&db, None);
    assert_eq!((walk.found, walk.faults.len()), (3_100, 20));
    assert_eq!(walk.faults[0], Fault::Changed { seq: 1_901 });
}

fn pages_are_of_one_person_one_application_one_time(h: &Harness) {
    let db = h.open();
    for n in 0..30 {
        let app = if n % 2 == 0 { "even" } else { "odd" };
        adds(&db, vec![Line::once(program(app, n % 3, "getmeas"), NOON + n * 10)]);
        h.clock.advance(10);
    }
    let pages = |filter: Filter| {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let filter = Filter { before, ..filter.clone() };
            let page = db.read(move |tx| audit::list(tx, &filter, 4));
            let Some(last) = page.last() else { return all };
            before = Some(last.seq);
            all.extend(page.iter().map(|row| row.seq - 1));
        }
    };
    let newest_first =
        |keep: &dyn Fn(i64) -> bool| -> Vec<i64> { (0..30).rev().filter(|n| keep(*n)).collect() };
    let (user, client_id) = (Some(UserId(1)), Some("odd".to_owned()));
    assert_eq!(pages(Filter::default()), newest_first(&|_| true));
    assert_eq!(pages(Filter { user, ..Filter::default() }), newest_first(&|n| n % 3 == 1));
    let of_odd = Filter { client_id: client_id.clone(), ..Filter::default() };
    assert_eq!(pages(of_odd), newest_first(&|n| n % 2 == 1));
    let both = Filter { user, client_id, ..Filter::default() };
    assert_eq!(pages(both.clone()), newest_first(&|n| n % 2 == 1 && n % 3 == 1));
    for first in [-1, 0, 1, 14, 29, 30] {
        let since = Some(NOON + first * 10);
        let all = Filter { since, ..Filter::default() };
        assert_eq!(pages(all), newest_first(&|n| n >= first), "{first}");
        let some = Filter { since, ..both.clone() };
        assert_eq!(pages(some), newest_first(&|n| n >= first && n % 2 == 1 && n % 3 == 1));
    }
}

fn nodes_that_add_at_once_make_one_chain(h: &Harness) {
    const THREADS: i64 = 4;
    const TIMES: i64 = 15;
    let nodes = [h.open(), h.open_at(NOON + 100)];
    let start = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, start) = (&nodes[thread as usize % 2], &start);
            scope.spawn(move || {
                start.wait();
                for time in 0..TIMES {
                    let line = |n| Line::once(program("app", thread, "getmeas"), NOON + time + n);
                    adds(db, (0..3).map(line).collect());
                }
            });
        }
    });
    account(&nodes[0], "ada");
    for db in &nodes {
        let walk = walks_expecting(db, None);
        assert_eq!((walk.head.entries, walk.faults), (THREADS * TIMES * 3, vec![]));
    }
    // Each thread's rows stand in the order in which it gave them, and no time falls.
    for thread in 0..THREADS {
        let sql = format!("select first_at from audit_entry where user_id = {thread} order by seq");
        let expected = (0..TIMES).flat_map(|time| (0..3).map(move |n| NOON + time + n));
        assert_eq!(h.numbers(&sql), expected.collect::<Vec<_>>());
    }
    let written = h.numbers("select written from audit_entry order by seq");
    assert!(written.is_sorted());
}
