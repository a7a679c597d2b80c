//! Which node delivers for which people: nodes that begin, share, stay away and go.

use crate::harness::{Harness, Works as _};
use domain::UserId;
use std::collections::BTreeSet;
use store::Db;
use store::lease::{BUCKETS, Held, LEASE_SECONDS, bucket, hold, release};

on_both!(
    the_first_node_takes_everything_and_keeps_it,
    two_nodes_share_and_a_bucket_is_never_in_two_hands,
    what_a_node_left_or_lost_goes_to_the_other_with_a_new_epoch,
    a_node_that_begins_again_has_new_epochs_on_an_embedded_store,
    of_many_nodes_each_has_a_part,
);

fn holds(db: &Db, node: i64) -> Vec<Held> {
    db.write(move |tx| hold(tx, node, false))
}

fn begins(db: &Db, node: i64) -> Vec<Held> {
    db.write(move |tx| hold(tx, node, true))
}

fn buckets(held: &[Held]) -> BTreeSet<i64> {
    held.iter().map(|held| held.bucket).collect()
}

fn all() -> BTreeSet<i64> {
    (0..BUCKETS).collect()
}

fn waits(h: &Harness, seconds: i64) {
    h.clock.advance(u32::try_from(seconds).expect("seconds"));
}

/// Two nodes that have come to an agreement.
fn shared(h: &Harness, db: &Db) -> (Vec<Held>, Vec<Held>) {
    holds(db, 1);
    holds(db, 2);
    holds(db, 1);
    waits(h, 1);
    let two = holds(db, 2);
    (holds(db, 1), two)
}

fn the_first_node_takes_everything_and_keeps_it(h: &Harness) {
    let db = h.open();
    let first = begins(&db, 1);
    assert_eq!(buckets(&first), all());
    assert!(first.iter().all(|held| held.epoch == 1));
    for _ in 0..5 {
        waits(h, LEASE_SECONDS - 1);
        let again = holds(&db, 1);
        assert_eq!((buckets(&again), again.len()), (all(), first.len()));
        assert!(again.iter().all(|held| first.contains(held)), "the same owner all the time");
    }
    // Late, but nobody else was there.
    waits(h, 10 * LEASE_SECONDS);
    assert!(holds(&db, 1).iter().all(|held| first.contains(held)));
    for user in [0, 1, 63, 64, i64::from(u32::MAX)] {
        assert!(all().contains(&bucket(UserId(user))));
    }
}

fn two_nodes_share_and_a_bucket_is_never_in_two_hands(h: &Harness) {
    let db = h.open();
    assert_eq!(buckets(&holds(&db, 1)), all());
    assert_eq!(holds(&db, 2), [], "everything is taken, and the lease runs");
    let one = holds(&db, 1);
    assert_eq!(one.len(), 32, "the first gives back what is more than its share");
    let two = holds(&db, 2);
    assert_eq!(two.len(), 32);
    assert!(buckets(&one).is_disjoint(&buckets(&two)));
    assert!(two.iter().all(|held| held.epoch == 2));
    for _ in 0..3 {
        waits(h, LEASE_SECONDS - 1);
        assert_eq!(
            (buckets(&holds(&db, 1)), buckets(&holds(&db, 2))),
            (buckets(&one), buckets(&two))
        );
    }
}

fn what_a_node_left_or_lost_goes_to_the_other_with_a_new_epoch(h: &Harness) {
    let db = h.open();
    let (one, two) = shared(h, &db);
    // Who says goodbye need not be waited for.
    db.write(|tx| release(tx, 2));
    let after = holds(&db, 1);
    assert_eq!(buckets(&after), all());
    let epoch = |held: &[Held], bucket: i64| {
        held.iter().find(|held| held.bucket == bucket).map_or(0, |held| held.epoch)
    };
    for held in &two {
        assert_eq!(epoch(&after, held.bucket), held.epoch + 1);
    }
    assert!(one.iter().all(|held| after.contains(held)));
    // Who is silent is waited for until its lease ends.
    let (_, two) = shared(h, &db);
    waits(h, LEASE_SECONDS - 1);
    assert_eq!(holds(&db, 2), two, "the first is missed, and its lease still runs");
    waits(h, 1);
    let everything = holds(&db, 2);
    assert_eq!(buckets(&everything), all());
    // The silent one comes back to nothing, and then has its share.
    assert_eq!(holds(&db, 1), []);
    holds(&db, 2);
    let back = holds(&db, 1);
    assert_eq!(back.len(), 32);
    for held in &back {
        assert!(held.epoch > epoch(&everything, held.bucket));
    }
}

fn a_node_that_begins_again_has_new_epochs_on_an_embedded_store(h: &Harness) {
    let db = h.open();
    let first = begins(&db, 1);
    // It was killed and begins at once, under another number.
    let second = begins(&db, 2);
    if h.is_postgres() {
        assert_eq!(second, [], "another node may be there");
        waits(h, LEASE_SECONDS);
        assert_eq!(buckets(&holds(&db, 2)), all());
    } else {
        assert_eq!(buckets(&second), all());
        assert!(second.iter().all(|held| held.epoch == 2));
        let third = begins(&db, 2);
        assert!(third.iter().all(|held| held.epoch == 3), "under the same number too");
        assert!(first.iter().all(|held| !third.contains(held)));
    }
}

fn of_many_nodes_each_has_a_part(h: &Harness) {
    let db = h.open();
    let nodes = [11, 12, 13, 14, 15];
    for _ in 0..4 {
        nodes.iter().for_each(|node| drop(holds(&db, *node)));
        waits(h, 5);
    }
    let held = nodes.map(|node| holds(&db, node));
    assert!(held.iter().all(|held| held.len() <= 13), "none has more than its share");
    let mut taken = BTreeSet::new();
    for bucket in held.iter().flat_map(|held| buckets(held)) {
        assert!(taken.insert(bucket), "{bucket} is in two hands");
    }
    assert_eq!(taken, all());
}
