//! What only PostgreSQL can do wrong: deadlocks, lost connections, locks that are held too long.

use crate::harness::{Harness, ONE_AT_A_TIME, SMALL, Works as _};
use crate::queue::{Gate, queue};
use crate::samples::{account, create, exists};
use domain::{Error, Failure, Result, UserId};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use store::{Access, Db, Limits, OpenError, person};

/// Work that changes two people one after the other and, the first time, meets others in between.
fn touch_both(
    runs: &Arc<AtomicUsize>,
    meet: &Arc<Barrier>,
    people: [UserId; 2],
) -> impl Fn(&mut store::Tx<'_>) -> Result<()> + Send + Sync + 'static {
    let (runs, meet) = (Arc::clone(runs), Arc::clone(meet));
    move |tx| {
        let is_first = runs.fetch_add(1, Ordering::SeqCst) == 0;
        person::touch(tx, people[0], 0)?;
        if is_first {
            meet.wait();
        }
        person::touch(tx, people[1], 0).map(drop)
    }
}

#[test]
fn of_two_deadlocked_writes_both_are_done_in_the_end() {
    let h = Harness::postgres();
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let meet = Arc::new(Barrier::new(2));
    let runs = [Arc::default(), Arc::default()];
    let one = queue(&db, Access::Write, touch_both(&runs[0], &meet, [ada, bob]));
    let two = queue(&db, Access::Write, touch_both(&runs[1], &meet, [bob, ada]));
    one.answer().expect("done");
    two.answer().expect("done");
    let runs: usize = runs.iter().map(|runs| runs.load(Ordering::SeqCst)).sum();
    assert!(runs >= 3, "there was no deadlock");
    for user in [ada, bob] {
        assert_eq!(db.read(move |tx| person::get(tx, user)).change_seq, 2);
    }
}

/// The server's processes that hold a lock on the table `person` of this store.
fn backends(h: &Harness) -> Vec<i64> {
    h.numbers(
        "select distinct pid::bigint from pg_locks where relation = 'person'::regclass \
         and pid <> pg_backend_pid()",
    )
}

/// A write on the node's only connection that stands still once it has made `name`, and the process
/// that serves the connection.
fn standing_still(h: &Harness, db: &Db, name: &'static str) -> (Gate, i64) {
    let gate = Gate::shut_after(db, move |tx| create(tx, name).map(drop));
    let [pid] = backends(h)[..] else { panic!("one connection holds a lock") };
    (gate, pid)
}

fn kill(h: &Harness, pid: i64) {
    let killed = format!("select pg_terminate_backend({pid}::int, 30000)::int::bigint");
    assert_eq!(h.numbers(&killed), [1]);
}

#[test]
fn a_connection_lost_between_two_jobs_is_made_anew() {
    let h = Harness::postgres();
    let db = h.open_with(ONE_AT_A_TIME);
    for (round, name) in ["zero", "one", "two"].into_iter().enumerate() {
        let (gate, pid) = standing_still(&h, &db, name);
        gate.open().expect("made");
        kill(&h, pid);
        match round {
            0 => assert!(exists(&db, name)),
            _ => drop(account(&db, &format!("after-{name}"))),
        }
    }
    assert_eq!(h.numbers("select count(*) from person"), [5]);
}

#[test]
fn work_that_loses_its_connection_is_run_again_whole() {
    let h = Harness::postgres();
    let db = h.open_with(ONE_AT_A_TIME);
    let runs = Arc::new(AtomicUsize::new(0));
    let (reached, is_reached) = crossbeam_channel::bounded(1);
    let (go, may_go) = crossbeam_channel::bounded::<()>(0);
    let work = queue(&db, Access::Write, {
        let runs = Arc::clone(&runs);
        move |tx| {
            create(tx, "ada")?;
            if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                let _ = reached.send(());
                let _ = may_go.recv();
            }
            create(tx, "bob")
        }
    });
    is_reached.recv().expect("the work's first half");
    backends(&h).into_iter().for_each(|pid| kill(&h, pid));
    drop(go);
    work.answer().expect("done");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert!(exists(&db, "ada"));
    assert!(exists(&db, "bob"));
}

#[test]
fn a_connection_lost_before_the_commit_loses_nothing_that_was_answered() {
    let h = Harness::postgres();
    let db = h.open_with(ONE_AT_A_TIME);
    let (gate, pid) = standing_still(&h, &db, "ada");
    kill(&h, pid);
    let answer = gate.open();
    assert_eq!(exists(&db, "ada"), answer.is_ok(), "{answer:?}");
    account(&db, "bob");
}

#[test]
fn work_that_holds_a_lock_too_long_times_out_and_so_does_who_waits_for_it() {
    let h = Harness::postgres();
    let db = h.open_with(Limits { work: Duration::from_millis(200), ..SMALL });
    let ada = account(&db, "ada");
    let slow = Gate::shut_after(&db, move |tx| person::touch(tx, ada, 0).map(drop));
    let waiting = db.run_blocking(Access::Write, move |tx| person::touch(tx, ada, 0));
    assert_eq!(waiting, Err(Failure::TimedOut.into()));
    assert_eq!(slow.open(), Err(Failure::TimedOut.into()));
    let seen = db.read(move |tx| person::get(tx, ada));
    assert_eq!(seen.change_seq, 0);
}

/// PostgreSQL refuses a zero in a text, and with it the whole transaction.
#[test]
fn an_error_of_the_engine_fails_the_work_even_if_the_work_overlooks_it() {
    let h = Harness::postgres();
    let db = h.open();
    let answer = db.run_blocking(Access::Write, |tx| {
        create(tx, "ada")?;
        assert!(create(tx, "nul-\0").is_err());
        Ok(())
    });
    assert!(matches!(answer, Err(Error::Failed(Failure::Internal(_)))), "{answer:?}");
    assert!(!exists(&db, "ada"));
    account(&db, "bob");
}

#[test]
fn an_engine_error_never_quotes_a_value() {
    let h = Harness::postgres();
    let db = h.open();
    let answer = db.run_blocking(Access::Write, |tx| create(tx, "secret-name-\0"));
    assert!(!format!("{answer:?}").contains("secret-name"), "{answer:?}");
}

#[test]
fn an_address_that_leads_nowhere_is_explained_without_its_password() {
    let h = Harness::postgres();
    for address in [
        "postgres://vitald:hunter2@127.0.0.1:1/none?sslmode=disable",
        "postgres://vitald:hunter2@127.0.0.1:not-a-port/none",
        "hunter2://",
    ] {
        let Err(OpenError::Unreachable(text)) = h.open_elsewhere(address) else {
            panic!("{address} was opened");
        };
        assert!(!text.contains("hunter2"), "{text}");
    }
}
