//! What becomes of a grant when its tokens are used by many at once.

use crate::harness::{Harness, Works as _};
use crate::samples::account;
use crate::tokens::{grant, is_accepted, refreshed};
use std::sync::Barrier;
use store::Db;
use store::token::Tokens;

on_both!(
    of_two_siblings_used_by_many_at_once_exactly_one_line_survives,
    a_first_use_races_a_repeated_refresh_and_one_line_survives,
    a_refresh_token_repeated_by_many_at_once_gives_each_a_pair_of_its_own,
);

/// What each thread got, all having begun at the same moment, half of them on either node.
fn at_once<T: Send>(
    nodes: &[Db; 2],
    threads: usize,
    work: impl Fn(&Db, usize) -> T + Sync,
) -> Vec<T> {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|n| {
                let (db, work, start) = (&nodes[n / 2 % 2], &work, &start);
                scope.spawn(move || {
                    start.wait();
                    work(db, n)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    })
}

fn of_two_siblings_used_by_many_at_once_exactly_one_line_survives(h: &Harness) {
    const ROUNDS: usize = 20;
    const THREADS: usize = 8;
    let mut nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    for round in 0..ROUNDS {
        let old = grant(&nodes[0], ada);
        let siblings = [0, 1].map(|n| refreshed(&nodes[n], &old).expect("tokens"));
        assert_ne!(siblings[0].access_token, siblings[1].access_token);
        if round % 5 == 0 {
            nodes = nodes.map(|node| h.reopen(node));
        }
        let accepted = at_once(&nodes, THREADS, |db, n| is_accepted(db, &siblings[n % 2]));
        if round % 5 == 1 {
            nodes = nodes.map(|node| h.reopen(node));
        }
        let lives = siblings.each_ref().map(|tokens| is_accepted(&nodes[round % 2], tokens));
        assert_ne!(lives[0], lives[1], "exactly one access token is accepted");
        for (n, accepted) in accepted.into_iter().enumerate() {
            assert_eq!(accepted, lives[n % 2], "thread {n} of round {round}");
        }
        assert!(is_accepted(&nodes[0], &old), "an access token lives to its expiry");
        assert!(refreshed(&nodes[0], &old).is_none(), "the old refresh token is refused");
        let renews = siblings.each_ref().map(|tokens| refreshed(&nodes[1], tokens).is_some());
        assert_eq!(renews, lives, "the refresh token of the living line works, and no other");
    }
}

/// The program uses its new token while a retry of the refresh is still on its way.
fn a_first_use_races_a_repeated_refresh_and_one_line_survives(h: &Harness) {
    const ROUNDS: usize = 20;
    enum Did {
        Use(bool),
        Refresh(Option<Tokens>),
    }
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    for round in 0..ROUNDS {
        let old = grant(&nodes[0], ada);
        let child = refreshed(&nodes[0], &old).expect("tokens");
        let did = at_once(&nodes, 4, |db, n| match n % 2 {
            0 => Did::Use(is_accepted(db, &child)),
            _ => Did::Refresh(refreshed(db, &old)),
        });
        for did in did {
            match did {
                Did::Use(accepted) => assert!(accepted, "round {round}"),
                Did::Refresh(Some(late)) => assert!(!is_accepted(&nodes[0], &late)),
                Did::Refresh(None) => {}
            }
        }
        assert!(refreshed(&nodes[1], &old).is_none());
        assert!(refreshed(&nodes[1], &child).is_some());
    }
}

fn a_refresh_token_repeated_by_many_at_once_gives_each_a_pair_of_its_own(h: &Harness) {
    const THREADS: usize = 8;
    let nodes = [h.open(), h.open()];
    let old = grant(&nodes[0], account(&nodes[0], "ada"));
    let pairs = at_once(&nodes, THREADS, |db, _| refreshed(db, &old).expect("tokens"));
    for (n, pair) in pairs.iter().enumerate() {
        assert!(pairs[..n].iter().all(|other| other.access_token != pair.access_token));
        assert!(pairs[..n].iter().all(|other| other.refresh_token != pair.refresh_token));
    }
    let numbers = "select number from token_pair order by number";
    assert_eq!(h.numbers(numbers), (1..=THREADS as i64 + 1).collect::<Vec<_>>());
    let child = nodes[0].write({
        let token = pairs[3].refresh_token.clone();
        move |tx| store::token::refresh(tx, &token, "app")
    });
    assert!(is_accepted(&nodes[1], &child.expect("tokens")));
    let lives: Vec<_> = pairs.iter().map(|pair| is_accepted(&nodes[0], pair)).collect();
    assert_eq!(lives.iter().filter(|lives| **lives).count(), 1);
    assert!(lives[3], "the parent of the one that was used");
}
