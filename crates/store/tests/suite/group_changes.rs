//! Groups that change after they were stored, and groups that are taken away.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, group, weight};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{GroupId, UserId};
use store::measure::{self, Filter, Group, NewGroup, insert, last, page};
use store::{Db, person};

on_both!(
    a_change_is_seen_by_whoever_asks_for_changes,
    a_group_that_was_taken_away_is_in_no_answer_and_still_a_place_to_go_on_from,
    the_weight_before_counts_when_the_last_is_taken_away,
    of_many_who_change_a_group_at_once_each_sees_the_one_before,
    an_id_of_nobody_finds_nothing,
);

fn store(db: &Db, user: UserId, groups: &[NewGroup]) -> Vec<GroupId> {
    let groups = groups.to_vec();
    db.write(move |tx| insert(tx, user, &groups))
}

fn find(db: &Db, id: GroupId) -> Option<Group> {
    db.read(move |tx| measure::find(tx, id))
}

fn remove(db: &Db, id: GroupId) {
    db.write(move |tx| {
        let group = measure::find(tx, id)?.expect("the group");
        measure::remove(tx, &group)
    });
}

fn kept(db: &Db, user: UserId, kind: MeasureType) -> Option<i64> {
    db.read(move |tx| last(tx, user, kind)).map(|measure| measure.value)
}

fn a_change_is_seen_by_whoever_asks_for_changes(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[group(NOON, &[weight()]), group(NOON - 1, &[weight()])]);
    h.clock.advance(100);
    let id = ids[0];
    db.write(move |tx| {
        let before = measure::find(tx, id)?.expect("the group");
        measure::change(tx, &before, &Group { attrib: Attrib::CONFIRMED, ..before.clone() })
    });
    let filter = Filter { changed_after: Some(NOON), ..Filter::default() };
    let changed = h.reopen(db).read(move |tx| page(tx, ada, &filter, None, 10)).groups;
    let seen: Vec<_> = changed.iter().map(|group| (group.id, group.attrib)).collect();
    assert_eq!(seen, [(id, Attrib::CONFIRMED)]);
    assert_eq!((changed[0].created, changed[0].modified), (NOON, NOON + 100));
    assert_eq!(changed[0].measures, [weight()]);
}

fn a_group_that_was_taken_away_is_in_no_answer_and_still_a_place_to_go_on_from(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let ids = store(&db, ada, &[3, 2, 1].map(|ago| group(NOON - ago, &[weight()])));
    let first = db.read(move |tx| page(tx, ada, &Filter::default(), None, 2));
    assert_eq!(first.groups.last().map(|group| group.id), Some(ids[1]));
    let modified = db.read(move |tx| person::get(tx, ada)).change_seq;
    remove(&db, ids[1]);
    assert_eq!(find(&db, ids[1]), None);
    let rest = db.read(move |tx| page(tx, ada, &Filter::default(), first.next_offset, 2));
    assert_eq!(rest.groups.iter().map(|group| group.id).collect::<Vec<_>>(), [ids[0]]);
    let all = db.read(move |tx| page(tx, ada, &Filter::default(), None, 9));
    assert_eq!(all.groups.len(), 2);
    assert_eq!(db.read(move |tx| person::get(tx, ada)).change_seq, modified + 1);
    let stamps = h.numbers("select change_seq from measure_group where deleted = 1");
    assert_eq!(stamps, [modified + 1], "the tombstone carries the stamp of its making");
}

fn the_weight_before_counts_when_the_last_is_taken_away(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let grams = |value| Measure { value, ..weight() };
    let goal = NewGroup { category: Category::OBJECTIVE, ..group(NOON + 9, &[grams(1)]) };
    let height = Measure::new(MeasureType::HEIGHT, 178, -2);
    let groups = [
        group(NOON - 9, &[grams(60_000), height]),
        group(NOON - 5, &[grams(61_000)]),
        group(NOON, &[grams(62_000)]),
        goal,
    ];
    let ids = store(&db, ada, &groups);
    assert_eq!(kept(&db, ada, MeasureType::WEIGHT), Some(62_000));
    remove(&db, ids[1]);
    assert_eq!(kept(&db, ada, MeasureType::WEIGHT), Some(62_000));
    remove(&db, ids[2]);
    assert_eq!(kept(&db, ada, MeasureType::WEIGHT), Some(60_000));
    assert_eq!(kept(&db, ada, MeasureType::HEIGHT), Some(178));
    remove(&db, ids[3]);
    assert_eq!(kept(&db, ada, MeasureType::WEIGHT), Some(60_000));
    remove(&db, ids[0]);
    assert_eq!(kept(&db, ada, MeasureType::WEIGHT), None);
    assert_eq!(kept(&db, ada, MeasureType::HEIGHT), None);
}

fn of_many_who_change_a_group_at_once_each_sees_the_one_before(h: &Harness) {
    const WRITERS: i64 = 8;
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    let id = store(&nodes[0], ada, &[group(NOON, &[Measure { value: 0, ..weight() }])])[0];
    std::thread::scope(|scope| {
        for (n, db) in (0..WRITERS).zip(nodes.iter().cycle()) {
            scope.spawn(move || {
                db.write(move |tx| {
                    let before = measure::find(tx, id)?.expect("the group");
                    let one_more = Measure { value: before.measures[0].value + 1, ..weight() };
                    let after = Group { measures: vec![one_more], ..before.clone() };
                    measure::change(tx, &before, &after)
                });
                n
            });
        }
    });
    let found = find(&nodes[1], id).expect("the group");
    assert_eq!(found.measures[0].value, WRITERS, "no change was lost");
    assert_eq!(kept(&nodes[1], ada, MeasureType::WEIGHT), Some(WRITERS));
}

fn an_id_of_nobody_finds_nothing(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    store(&db, ada, &[group(NOON, &[weight()])]);
    let ids = [GroupId::new(ada, 2), GroupId(0), GroupId(-1), GroupId(i64::MAX), GroupId(i64::MIN)];
    for id in ids {
        assert_eq!(find(&db, id), None, "{id}");
    }
}
