//! Nonces of signed calls: one use each, however many callers and nodes there are.

use crate::harness::{Harness, Works as _};
use domain::signature::NONCE_SECONDS;
use domain::{Error, Status};
use std::sync::Barrier;
use store::nonce::{OUTSTANDING_MAX, burn, issue};
use store::{Access, Db};

on_both!(
    a_nonce_is_good_once,
    a_nonce_is_of_its_application_and_of_half_an_hour,
    of_many_who_use_a_nonce_at_once_one_may,
    an_application_fetches_so_many_and_no_more,
);

fn fetch(db: &Db, client: &'static str) -> String {
    db.write(move |tx| issue(tx, client))
}

fn uses(db: &Db, client: &'static str, nonce: &str) -> bool {
    let nonce = nonce.to_owned();
    db.write(move |tx| burn(tx, client, &nonce))
}

fn a_nonce_is_good_once(h: &Harness) {
    let db = h.open();
    let (one, two) = (fetch(&db, "app"), fetch(&db, "app"));
    assert_ne!(one, two);
    let db = h.reopen(db);
    assert!(uses(&db, "app", &one));
    let db = h.reopen(db);
    assert!(!uses(&db, "app", &one));
    assert!(!uses(&db, "app", "") && !uses(&db, "app", &"0".repeat(40)));
    assert!(uses(&db, "app", &two));
}

fn a_nonce_is_of_its_application_and_of_half_an_hour(h: &Harness) {
    let db = h.open();
    let (foreign, last, late) = (fetch(&db, "app"), fetch(&db, "app"), fetch(&db, "app"));
    assert!(!uses(&db, "another", &foreign));
    assert!(uses(&db, "app", &foreign));
    h.clock.advance(u32::try_from(NONCE_SECONDS - 1).expect("a number"));
    assert!(uses(&db, "app", &last));
    h.clock.advance(1);
    assert!(!uses(&db, "app", &late));
}

fn of_many_who_use_a_nonce_at_once_one_may(h: &Harness) {
    const ROUNDS: usize = 8;
    const THREADS: usize = 12;
    let nodes = [h.open(), h.open()];
    for _ in 0..ROUNDS {
        let (nonce, begin) = (fetch(&nodes[0], "app"), Barrier::new(THREADS));
        let winners: usize = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..THREADS)
                .map(|number| {
                    let (db, nonce, begin) = (&nodes[number % 2], &nonce, &begin);
                    scope.spawn(move || {
                        begin.wait();
                        usize::from(uses(db, "app", nonce))
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().expect("an answer")).sum()
        });
        assert_eq!(winners, 1);
    }
}

fn an_application_fetches_so_many_and_no_more(h: &Harness) {
    let db = h.open();
    db.write(|tx| (0..OUTSTANDING_MAX).try_for_each(|_| issue(tx, "app").map(|_| ())));
    let refused = db.run_blocking(Access::Write, |tx| issue(tx, "app"));
    let Err(Error::Refused(refusal)) = refused else { panic!("one too many was given") };
    assert_eq!(refusal.status, Status::TOO_MANY_REQUESTS);
    fetch(&db, "another");
    h.clock.advance(u32::try_from(NONCE_SECONDS).expect("a number"));
    fetch(&db, "app");
}
