//! What stays of a transaction, and what becomes of work that cannot be done.

use crate::harness::{Harness, ONE_AT_A_TIME, PATIENCE, Works as _};
use crate::queue::{Gate, queue};
use crate::samples::{account, cause, create, exists, refusal};
use crossbeam_channel::bounded;
use domain::{Error, Failure, Result, UserId};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use store::{Access, Limits};

on_both!(
    a_refused_attempt_undoes_what_it_wrote_and_nothing_else,
    attempts_inside_attempts_undo_their_own,
    a_refusal_outside_an_attempt_keeps_what_was_written,
    a_failure_undoes_everything,
    a_read_that_has_to_write_is_run_again_whole,
    a_read_that_only_reads_is_run_once,
    a_read_sees_one_snapshot_while_others_write,
    a_panic_is_a_failure_of_its_own_caller_only,
    a_failing_job_among_many_undoes_only_itself,
    a_full_queue_says_busy_and_takes_work_again_later,
    a_closed_store_takes_no_more_work,
    work_given_before_the_close_is_finished,
    abandoned_work_is_not_run,
    abandoned_work_is_not_run_at_the_close_either,
);

fn a_refused_attempt_undoes_what_it_wrote_and_nothing_else(h: &Harness) {
    let db = h.open();
    let answer: Result<()> = db.try_write(|tx| {
        create(tx, "before")?;
        tx.attempt(|tx| {
            create(tx, "inside")?;
            Err(refusal())
        })
    });
    assert_eq!(answer, Err(refusal()));
    let db = h.reopen(db);
    assert!(exists(&db, "before"));
    assert!(!exists(&db, "inside"));
}

fn attempts_inside_attempts_undo_their_own(h: &Harness) {
    let db = h.open();
    db.write(|tx| {
        let outer: Result<()> = tx.attempt(|tx| {
            create(tx, "lost-with-the-outer")?;
            tx.attempt(|tx| create(tx, "kept-by-the-inner-lost-with-the-outer"))?;
            Err(refusal())
        });
        assert_eq!(outer, Err(refusal()));
        tx.attempt(|tx| {
            create(tx, "kept-by-the-outer")?;
            let inner: Result<()> = tx.attempt(|tx| {
                create(tx, "lost-with-the-inner")?;
                Err(refusal())
            });
            assert_eq!(inner, Err(refusal()));
            create(tx, "kept-after-the-inner")
        })
    });
    let kept = ["kept-by-the-outer", "kept-after-the-inner"];
    let lost =
        ["lost-with-the-outer", "kept-by-the-inner-lost-with-the-outer", "lost-with-the-inner"];
    kept.iter().for_each(|name| assert!(exists(&db, name), "{name}"));
    lost.iter().for_each(|name| assert!(!exists(&db, name), "{name}"));
}

fn a_refusal_outside_an_attempt_keeps_what_was_written(h: &Harness) {
    let db = h.open();
    let answer: Result<()> = db.try_write(|tx| {
        create(tx, "ada")?;
        Err(refusal())
    });
    assert_eq!(answer, Err(refusal()));
    assert!(exists(&db, "ada"));
}

fn a_failure_undoes_everything(h: &Harness) {
    let db = h.open();
    let answer: Result<()> = db.try_write(|tx| {
        create(tx, "before")?;
        tx.attempt(|tx| create(tx, "inside"))?;
        Err(Error::internal("on purpose"))
    });
    assert_eq!(answer, Err(Error::internal("on purpose")));
    let answer: Result<()> = db.try_write(|tx| {
        create(tx, "before-the-attempt")?;
        tx.attempt(|_| Err(Error::internal("on purpose")))
    });
    assert_eq!(answer, Err(Error::internal("on purpose")));
    for name in ["before", "inside", "before-the-attempt"] {
        assert!(!exists(&db, name), "{name}");
    }
}

fn a_read_that_has_to_write_is_run_again_whole(h: &Harness) {
    let (db, runs) = (h.open(), Arc::new(AtomicUsize::new(0)));
    let work = |name: &'static str| {
        let runs = Arc::clone(&runs);
        move |tx: &mut store::Tx<'_>| {
            runs.fetch_add(1, Ordering::SeqCst);
            create(tx, name)
        }
    };
    db.run_blocking(Access::Read, work("blocking")).expect("written");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    queue(&db, Access::Read, work("async")).answer().expect("written");
    assert_eq!(runs.load(Ordering::SeqCst), 4);
    db.run_blocking(Access::Write, work("write")).expect("written");
    assert_eq!(runs.load(Ordering::SeqCst), 5);
    ["blocking", "async", "write"].iter().for_each(|name| assert!(exists(&db, name), "{name}"));
}

fn a_read_that_only_reads_is_run_once(h: &Harness) {
    let (db, runs) = (h.open(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&runs);
    db.read(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.attempt(store::ping)
    });
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

fn a_read_sees_one_snapshot_while_others_write(h: &Harness) {
    let (db, other) = (h.open(), h.open());
    let (reached, is_reached) = bounded(1);
    let (go, may_go) = bounded::<()>(0);
    let people = |tx: &mut store::Tx<'_>| store::person::list(tx, UserId(0), 10);
    account(&db, "before");
    let looking = queue(&db, Access::Read, move |tx| {
        let first = people(tx)?;
        let _ = reached.try_send(());
        let _ = may_go.recv();
        Ok((first.len(), people(tx)?.len()))
    });
    is_reached.recv_timeout(PATIENCE).expect("the first look");
    account(&db, "meanwhile");
    account(&other, "meanwhile-elsewhere");
    drop(go);
    assert_eq!(looking.answer(), Ok((1, 1)));
    assert_eq!(db.read(people).len(), 3);
}

fn a_panic_is_a_failure_of_its_own_caller_only(h: &Harness) {
    let db = h.open_with(ONE_AT_A_TIME);
    for access in [Access::Write, Access::Read] {
        let gate = Gate::shut(&db);
        let before = queue(&db, Access::Write, |tx| create(tx, "before"));
        let panicking = queue(&db, access, move |tx| -> Result<()> {
            if access == Access::Write {
                create(tx, "inside")?;
            }
            panic!("on purpose")
        });
        let after = queue(&db, Access::Write, |tx| create(tx, "after"));
        gate.open().expect("opened");
        assert!(matches!(panicking.answer(), Err(Error::Failed(Failure::Internal(_)))));
        // The second time round these two are refused: the address is taken. That is no failure.
        assert!(!matches!(before.answer(), Err(Error::Failed(_))));
        assert!(!matches!(after.answer(), Err(Error::Failed(_))));
    }
    assert!(exists(&db, "before"));
    assert!(!exists(&db, "inside"));
    assert!(exists(&db, "after"));
}

fn a_failing_job_among_many_undoes_only_itself(h: &Harness) {
    const JOBS: usize = 60;
    let db = h.open();
    let gate = Gate::shut(&db); // SQLite gives all of them one transaction.
    let jobs: Vec<_> = (0..JOBS)
        .map(|job| {
            queue(&db, Access::Write, move |tx| {
                create(tx, &format!("job-{job}"))?;
                match job % 4 {
                    1 => Err(Error::internal("on purpose")),
                    2 => panic!("on purpose"),
                    3 => tx.attempt(|_| Err(refusal())),
                    _ => Ok(()),
                }
            })
        })
        .collect();
    gate.open().expect("opened");
    for (job, answer) in jobs.into_iter().enumerate() {
        match (job % 4, answer.answer()) {
            (0, Ok(())) | (1 | 2, Err(Error::Failed(_))) | (3, Err(Error::Refused(_))) => {}
            (_, other) => panic!("job {job}: {other:?}"),
        }
    }
    let db = h.reopen(db);
    for job in 0..JOBS {
        assert_eq!(exists(&db, &format!("job-{job}")), matches!(job % 4, 0 | 3), "job {job}");
    }
}

fn a_full_queue_says_busy_and_takes_work_again_later(h: &Harness) {
    let db = h.open_with(Limits { queue_jobs: 1, ..ONE_AT_A_TIME });
    let gate = Gate::shut(&db);
    let waiting = queue(&db, Access::Write, |tx| create(tx, "ada"));
    let refused = db.run_blocking(Access::Write, |tx| create(tx, "bob"));
    assert_eq!(refused, Err(Failure::Busy.into()));
    gate.open().expect("opened");
    assert!(waiting.answer().is_ok());
    assert!(!exists(&db, "bob"));
    account(&db, "bob");
}

fn a_closed_store_takes_no_more_work(h: &Harness) {
    let db = h.open();
    account(&db, "ada");
    let another_handle = db.clone();
    db.close();
    for access in [Access::Read, Access::Write] {
        let answer = another_handle.run_blocking(access, |_| Ok(()));
        assert_eq!(answer, Err(Failure::ShuttingDown.into()));
    }
    db.close(); // Again is the same as once.
}

/// Returns once the store takes no more work.
fn wait_until_closing(db: &store::Db) {
    let (closing, began) = (Some(Err(Failure::ShuttingDown.into())), Instant::now());
    while queue(db, Access::Read, |_| Ok(())).early() != closing {
        assert!(began.elapsed() < PATIENCE, "the store does not close");
        std::thread::yield_now();
    }
}

fn work_given_before_the_close_is_finished(h: &Harness) {
    const JOBS: usize = 10;
    let db = h.open_with(ONE_AT_A_TIME);
    let gate = Gate::shut(&db);
    let jobs: Vec<_> = (0..JOBS)
        .map(|job| queue(&db, Access::Write, move |tx| create(tx, &format!("job-{job}"))))
        .collect();
    let read = queue(&db, Access::Read, store::ping);
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| db.close());
        wait_until_closing(&db);
        assert!(!closing.is_finished(), "the close did not wait for the work in hand");
        gate.open().expect("the work in hand");
    });
    read.answer().expect("the read that was queued");
    for job in jobs {
        job.answer().expect("work that was queued");
    }
    let db = h.open();
    (0..JOBS).for_each(|job| assert!(exists(&db, &format!("job-{job}")), "job {job}"));
}

fn abandoned_work_is_not_run(h: &Harness) {
    let db = h.open_with(ONE_AT_A_TIME);
    let gate = Gate::shut(&db);
    let wanted = queue(&db, Access::Write, |tx| create(tx, "wanted"));
    drop(queue(&db, Access::Write, |tx| create(tx, "abandoned")));
    let last = queue(&db, Access::Write, |tx| create(tx, "last"));
    gate.open().expect("opened");
    assert!(wanted.answer().is_ok());
    assert!(last.answer().is_ok());
    assert!(!exists(&db, "abandoned"));
    assert!(cause(db.try_write(|tx| create(tx, "last"))).contains("email"));
}

fn abandoned_work_is_not_run_at_the_close_either(h: &Harness) {
    const JOBS: usize = 8;
    let db = h.open_with(ONE_AT_A_TIME);
    let gate = Gate::shut(&db);
    for job in 0..JOBS {
        drop(queue(&db, Access::Write, move |tx| create(tx, &format!("job-{job}"))));
    }
    std::thread::scope(|scope| {
        scope.spawn(|| db.close());
        wait_until_closing(&db);
        gate.open().expect("the work in hand");
    });
    assert_eq!(h.numbers("select count(*) from person"), [0]);
}
