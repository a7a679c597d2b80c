//! What a device sent: known again when it is sent again, and kept when it is nobody's yet.

use crate::devices::{link, scale};
use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause, weight};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{DeviceId, GroupId, Result, UnixTime, UserId};
use store::Db;
use store::measure::{Filter, page};
use store::weighing::{self, Unclaimed};

on_both!(
    what_was_sent_before_is_known_again,
    of_many_deliveries_at_once_one_is_the_first,
    a_weighing_of_nobody_is_kept_and_listed,
    the_latest_arrivals_are_listed_first,
    a_claimed_weighing_becomes_the_persons_group,
    a_weighing_is_claimed_once,
    of_many_claims_at_once_one_wins,
    a_claim_by_somebody_who_does_not_use_the_device_leaves_the_weighing,
    an_implausible_date_is_refused_and_leaves_the_weighing,
    a_refused_claim_leaves_the_weighing_after_a_restart,
    a_device_that_sends_ever_more_is_refused_and_others_are_not,
);

fn note(db: &Db, scale: DeviceId, date: i64, measures: &[Measure]) -> bool {
    let measures = measures.to_vec();
    db.write(move |tx| weighing::note(tx, scale, date, &measures))
}

fn keep(db: &Db, scale: DeviceId, date: i64) -> i64 {
    db.write(move |tx| weighing::keep(tx, scale, date, &[weight()]))
}

fn list(db: &Db) -> Vec<Unclaimed> {
    db.read(|tx| weighing::list(tx, None, 100))
}

fn claim(db: &Db, id: i64, user: UserId, date: Option<i64>) -> Result<GroupId> {
    db.try_write(move |tx| weighing::claim(tx, id, user, date))
}

fn groups(db: &Db, user: UserId) -> Vec<store::measure::Group> {
    db.read(move |tx| page(tx, user, &Filter::default(), None, 100)).groups
}

fn what_was_sent_before_is_known_again(h: &Harness) {
    let db = h.open();
    let (one, two) = (scale(&db, 1), scale(&db, 2));
    let heavier = Measure { value: weight().value + 1, ..weight() };
    assert!(note(&db, one, NOON, &[weight()]));
    assert!(!note(&db, one, NOON, &[weight()]));
    assert!(note(&db, two, NOON, &[weight()]));
    assert!(note(&db, one, NOON + 1, &[weight()]));
    assert!(note(&db, one, NOON, &[heavier]));
    assert!(note(&db, one, NOON, &[weight(), heavier]));
    let db = h.reopen(db);
    assert!(!note(&db, one, NOON, &[weight()]));
    assert!(!note(&db, one, NOON, &[weight(), heavier]));
}

fn of_many_deliveries_at_once_one_is_the_first(h: &Harness) {
    let nodes = [h.open(), h.open()];
    let scale = scale(&nodes[0], 1);
    let firsts: Vec<_> = std::thread::scope(|scope| {
        let spawn = |n: usize| {
            let db = &nodes[n % 2];
            scope.spawn(move || note(db, scale, NOON, &[weight()]))
        };
        let sending: Vec<_> = (0..8).map(spawn).collect();
        sending.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(firsts.into_iter().filter(|first| *first).count(), 1);
}

fn a_weighing_of_nobody_is_kept_and_listed(h: &Harness) {
    let db = h.open();
    let scale = scale(&db, 1);
    h.clock.advance(60);
    let measures = vec![weight(), Measure::new(MeasureType::FAT_RATIO, 210, -1)];
    let sent = measures.clone();
    let id = db.write(move |tx| weighing::keep(tx, scale, NOON, &sent));
    let expected = Unclaimed { id, device: scale, date: NOON, received: NOON + 60, measures };
    assert_eq!(list(&h.reopen(db)), [expected]);
}

fn the_latest_arrivals_are_listed_first(h: &Harness) {
    let db = h.open();
    let scale = scale(&db, 1);
    for n in 0..7 {
        keep(&db, scale, NOON - n);
        h.clock.advance(u32::from(n % 2 == 0)); // Some arrive in the same second.
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = db.read(move |tx| weighing::list(tx, after, 2));
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some((last.received, last.id));
        listed.extend(page);
    }
    assert_eq!(listed, list(&db));
    assert_eq!(listed.len(), 7);
    assert!(listed.is_sorted_by(|one, next| (one.received, one.id) > (next.received, next.id)));
}

fn a_device_that_sends_ever_more_is_refused_and_others_are_not(h: &Harness) {
    let db = h.open();
    let (full, other) = (scale(&db, 1), scale(&db, 2));
    let ids = db.write(move |tx| {
        let one = |date| weighing::keep(tx, full, date, &[weight()]);
        (0..weighing::UNCLAIMED_MAX).map(one).collect::<Result<Vec<_>>>()
    });
    let answer = db.try_write(move |tx| weighing::keep(tx, full, NOON, &[weight()]));
    assert!(cause(answer).contains("too many unclaimed"));
    keep(&db, other, NOON);
    let ada = account(&db, "ada");
    link(&db, full, ada);
    claim(&db, ids[0], ada, Some(NOON)).expect("a group");
    keep(&db, full, NOON);
}

fn a_claimed_weighing_becomes_the_persons_group(h: &Harness) {
    let db = h.open();
    let (scale, ada) = (scale(&db, 1), account(&db, "ada"));
    link(&db, scale, ada);
    let id = keep(&db, scale, NOON - 5);
    h.clock.advance(100);
    let group = claim(&db, id, ada, None).expect("a group");
    assert_eq!(list(&db), []);
    let [kept] = &groups(&db, ada)[..] else { panic!("one group") };
    assert_eq!((kept.id, kept.date, kept.device), (group, NOON - 5, Some(scale)));
    assert_eq!((kept.category, kept.attrib), (Category::REAL, Attrib::DEVICE));
    assert_eq!((kept.created, kept.modified), (NOON + 100, NOON + 100));
    assert_eq!(kept.measures, [weight()]);
}

fn a_weighing_is_claimed_once(h: &Harness) {
    let db = h.open();
    let (scale, ada) = (scale(&db, 1), account(&db, "ada"));
    link(&db, scale, ada);
    let id = keep(&db, scale, NOON);
    claim(&db, id, ada, None).expect("a group");
    assert!(cause(claim(&db, id, ada, None)).contains("no unclaimed weighing"));
    assert!(cause(claim(&db, 0, ada, None)).contains("no unclaimed weighing"));
    assert_eq!(groups(&db, ada).len(), 1);
}

fn of_many_claims_at_once_one_wins(h: &Harness) {
    const ROUNDS: usize = 5;
    let nodes = [h.open(), h.open()];
    let scale = scale(&nodes[0], 1);
    let people = ["ada", "bob"].map(|name| account(&nodes[0], name));
    people.iter().for_each(|user| link(&nodes[0], scale, *user));
    for round in 1..=ROUNDS {
        let id = keep(&nodes[0], scale, NOON);
        let won: Vec<_> = std::thread::scope(|scope| {
            let spawn = |n: usize| {
                let (db, user) = (&nodes[n / 2], people[n % 2]);
                scope.spawn(move || claim(db, id, user, None).is_ok())
            };
            let claiming: Vec<_> = (0..4).map(spawn).collect();
            claiming.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
        let stored: usize = people.iter().map(|user| groups(&nodes[1], *user).len()).sum();
        assert_eq!(stored, round);
    }
}

fn a_claim_by_somebody_who_does_not_use_the_device_leaves_the_weighing(h: &Harness) {
    let db = h.open();
    let (scale, ada, bob) = (scale(&db, 1), account(&db, "ada"), account(&db, "bob"));
    link(&db, scale, ada);
    let id = keep(&db, scale, NOON);
    let kept = list(&db);
    assert!(cause(claim(&db, id, bob, None)).contains("does not use this device"));
    assert_eq!(list(&db), kept);
    assert_eq!(groups(&db, bob), []);
    claim(&db, id, ada, None).expect("a group");
}

fn an_implausible_date_is_refused_and_leaves_the_weighing(h: &Harness) {
    let db = h.open();
    let (scale, ada) = (scale(&db, 1), account(&db, "ada"));
    link(&db, scale, ada);
    let (first, last) = (UnixTime::PLAUSIBLE_MIN.0, NOON + UnixTime::AHEAD_SECONDS);
    let ids = [0, -1, 40, first - 1, last + 1, i64::MIN, i64::MAX];
    let ids = ids.map(|date| keep(&db, scale, date));
    for id in ids {
        assert!(cause(claim(&db, id, ada, None)).contains("date"));
        assert!(cause(claim(&db, id, ada, Some(3))).contains("date"));
    }
    assert_eq!(list(&db).len(), ids.len());
    assert_eq!(groups(&db, ada), []);
    claim(&db, ids[0], ada, Some(first)).expect("a group");
    claim(&db, ids[1], ada, Some(last)).expect("a group");
    assert_eq!(groups(&db, ada).iter().map(|group| group.date).collect::<Vec<_>>(), [last, first]);
    assert_eq!(list(&db).len(), ids.len() - 2);
}

fn a_refused_claim_leaves_the_weighing_after_a_restart(h: &Harness) {
    let db = h.open();
    let (scale, bob) = (scale(&db, 1), account(&db, "bob"));
    let id = keep(&db, scale, NOON);
    cause(claim(&db, id, bob, None));
    let db = h.reopen(db);
    assert_eq!(list(&db).len(), 1);
    link(&db, scale, bob);
    claim(&db, id, bob, None).expect("a group");
}
