//! Measure groups: which of them an answer gives, and that they come back as they went in.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause, group, weigh, weight};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{DeviceId, GroupId, UserId};
use store::Db;
use store::measure::{Filter, Group, NewGroup, insert, last, page, recent_weights};

on_both!(
    a_group_comes_back_as_it_went_in,
    groups_survive_a_restart_and_numbering_goes_on,
    extreme_dates_and_values_survive,
    a_category_filter_gives_that_category,
    a_filter_of_types_gives_only_those_measures_and_groups_that_have_one,
    a_filter_of_types_finds_what_lies_deep,
    start_and_end_are_inclusive,
    changed_after_is_exclusive,
    a_window_and_changed_after_give_the_union,
    another_persons_groups_never_appear,
    recent_weights_are_those_before_a_moment,
    recent_weights_are_found_among_many_other_groups,
    the_last_weight_and_height_are_at_hand,
    groups_for_nobody_are_refused,
    many_groups_of_one_write_share_its_stamp,
);

/// All that passes the filter, from one page.
fn all(db: &Db, user: UserId, filter: Filter) -> Vec<Group> {
    let page = db.read(move |tx| page(tx, user, &filter, None, 10_000));
    assert_eq!(page.next_offset, None);
    page.groups
}

fn ids(groups: &[Group]) -> Vec<GroupId> {
    groups.iter().map(|group| group.id).collect()
}

fn store_one(db: &Db, user: UserId, new: NewGroup) -> GroupId {
    db.write(move |tx| insert(tx, user, std::slice::from_ref(&new)))[0]
}

fn a_group_comes_back_as_it_went_in(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let marked = Measure {
        algo: Some(i32::MIN),
        fm: Some(3),
        position: Some(0),
        apppfmid: Some(-1),
        appliver: Some(i32::MAX),
        ..weight()
    };
    let new = NewGroup {
        date: NOON - 60,
        category: Category::OBJECTIVE,
        attrib: Attrib::AMBIGUOUS,
        device: Some(DeviceId((1 << 53) - 1)),
        measures: vec![marked, weight(), Measure::new(MeasureType(99_999), 0, 0)],
    };
    h.clock.advance(30);
    let id = store_one(&db, ada, new.clone());
    let expected = Group {
        id,
        date: new.date,
        category: new.category,
        attrib: new.attrib,
        created: NOON + 30,
        modified: NOON + 30,
        device: new.device,
        measures: new.measures,
    };
    assert_eq!(all(&db, ada, Filter::default()), [expected]);
    assert_eq!(id.parts(), (ada, 1));
}

fn groups_survive_a_restart_and_numbering_goes_on(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let before = weigh(&db, ada, &[NOON, NOON + 1]);
    let db = h.reopen(db);
    let after = weigh(&db, ada, &[NOON + 2]);
    assert_eq!(after[0].parts(), (ada, 3));
    assert_eq!(ids(&all(&db, ada, Filter::default())), [after[0], before[1], before[0]]);
}

fn extreme_dates_and_values_survive(h: &Harness) {
    const DATES: [i64; 6] = [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX];
    let db = h.open();
    let ada = account(&db, "ada");
    let measures = [
        Measure::new(MeasureType(i32::MIN), i64::MIN, i8::MIN),
        Measure::new(MeasureType(i32::MAX), i64::MAX, i8::MAX),
    ];
    let groups = DATES.map(|date| group(date, &measures));
    db.write(move |tx| insert(tx, ada, &groups));
    let kept = all(&db, ada, Filter::default());
    let newest_first: Vec<_> = DATES.iter().rev().copied().collect();
    assert_eq!(kept.iter().map(|group| group.date).collect::<Vec<_>>(), newest_first);
    assert!(kept.iter().all(|group| group.measures == measures));
    let ends = Filter { start: Some(i64::MIN), end: Some(-1), ..Filter::default() };
    assert_eq!(all(&db, ada, ends).len(), 3);
    let ends = Filter { start: Some(i64::MAX), end: Some(i64::MAX), ..Filter::default() };
    assert_eq!(all(&db, ada, ends).len(), 1);
}

fn a_category_filter_gives_that_category(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let real = store_one(&db, ada, group(NOON, &[weight()]));
    let objective = NewGroup { category: Category::OBJECTIVE, ..group(NOON, &[weight()]) };
    let objective = store_one(&db, ada, objective);
    let of = |category| all(&db, ada, Filter { category: Some(category), ..Filter::default() });
    assert_eq!(ids(&of(Category::REAL)), [real]);
    assert_eq!(ids(&of(Category::OBJECTIVE)), [objective]);
    assert_eq!(ids(&of(Category(7))), []);
    assert_eq!(ids(&all(&db, ada, Filter::default())), [objective, real]);
}

fn a_filter_of_types_gives_only_those_measures_and_groups_that_have_one(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let of = |kind| Measure::new(kind, 1, 0);
    let (fat, pulse) = (of(MeasureType::FAT_RATIO), of(MeasureType::HEART_PULSE));
    store_one(&db, ada, group(NOON, &[pulse]));
    let two = store_one(&db, ada, group(NOON + 1, &[weight(), pulse, fat, weight()]));
    let one = store_one(&db, ada, group(NOON + 2, &[fat]));
    let kinds = vec![MeasureType::WEIGHT, MeasureType::FAT_RATIO];
    assert!(kinds.is_sorted(), "as a filter has to be");
    let found = all(&db, ada, Filter { kinds, ..Filter::default() });
    assert_eq!(ids(&found), [one, two]);
    assert_eq!(found[0].measures, [fat]);
    assert_eq!(found[1].measures, [weight(), fat, weight()]);
}

fn a_filter_of_types_finds_what_lies_deep(h: &Harness) {
    const GROUPS: i64 = 450;
    let db = h.open();
    let ada = account(&db, "ada");
    let pulse = Measure::new(MeasureType::HEART_PULSE, 60, 0);
    let is_weight = |n: i64| [0, 1, 99, 100, 101, 230, 449].contains(&n);
    let groups: Vec<_> =
        (0..GROUPS).map(|n| group(n, &[if is_weight(n) { weight() } else { pulse }])).collect();
    db.write(move |tx| insert(tx, ada, &groups));
    let filter = Filter { kinds: vec![MeasureType::WEIGHT], ..Filter::default() };
    let (mut found, mut offset, mut pages) = (Vec::new(), None, 0);
    loop {
        let filter = filter.clone();
        let page = db.read(move |tx| page(tx, ada, &filter, offset, 2));
        found.extend(page.groups.iter().map(|group| group.date));
        (offset, pages) = (page.next_offset, pages + 1);
        if offset.is_none() {
            break;
        }
    }
    assert_eq!(found, [449, 230, 101, 100, 99, 1, 0]);
    assert_eq!(pages, 4);
}

fn start_and_end_are_inclusive(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    weigh(&db, ada, &[10, 20, 30, 40]);
    let dates = |start, end| -> Vec<_> {
        let found = all(&db, ada, Filter { start, end, ..Filter::default() });
        found.iter().map(|group| group.date).collect()
    };
    assert_eq!(dates(Some(20), Some(30)), [30, 20]);
    assert_eq!(dates(Some(21), Some(29)), [0; 0]);
    assert_eq!(dates(Some(30), None), [40, 30]);
    assert_eq!(dates(None, Some(20)), [20, 10]);
    assert_eq!(dates(Some(30), Some(20)), [0; 0]);
}

fn changed_after_is_exclusive(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let first = weigh(&db, ada, &[500])[0];
    h.clock.advance(10);
    let second = weigh(&db, ada, &[400])[0];
    let changed = |after| {
        let filter = Filter { changed_after: Some(after), ..Filter::default() };
        ids(&all(&db, ada, filter))
    };
    assert_eq!(changed(NOON - 1), [first, second]);
    assert_eq!(changed(NOON), [second]);
    assert_eq!(changed(NOON + 9), [second]);
    assert_eq!(changed(NOON + 10), []);
    assert_eq!(changed(i64::MIN), [first, second]);
    assert_eq!(changed(i64::MAX), []);
}

fn a_window_and_changed_after_give_the_union(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let old = weigh(&db, ada, &[10, 20, 30]);
    h.clock.advance(10);
    let new = weigh(&db, ada, &[5, 20, 40]);
    let found = |start, end, category| {
        let changed_after = Some(NOON);
        ids(&all(&db, ada, Filter { start, end, changed_after, category, ..Filter::default() }))
    };
    let [ten, twenty, thirty] = old[..] else { panic!("three groups") };
    let [five, twenty_too, forty] = new[..] else { panic!("three groups") };
    assert_eq!(found(Some(20), Some(30), None), [forty, thirty, twenty_too, twenty, five]);
    assert_eq!(found(None, Some(10), None), [forty, twenty_too, ten, five]);
    assert_eq!(found(Some(30), None, None), [forty, thirty, twenty_too, five]);
    assert_eq!(found(None, None, None), [forty, twenty_too, five]);
    assert_eq!(found(Some(20), Some(30), Some(Category::OBJECTIVE)), []);
}

fn another_persons_groups_never_appear(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (of_ada, of_bob) = (weigh(&db, ada, &[10, 20]), weigh(&db, bob, &[10, 15, 20, 25]));
    for filter in [
        Filter::default(),
        Filter { kinds: vec![MeasureType::WEIGHT], ..Filter::default() },
        Filter { changed_after: Some(0), ..Filter::default() },
        Filter { start: Some(0), end: Some(100), changed_after: Some(0), ..Filter::default() },
    ] {
        assert_eq!(ids(&all(&db, ada, filter.clone())), [of_ada[1], of_ada[0]]);
        assert_eq!(all(&db, bob, filter).len(), of_bob.len());
    }
}

fn kilograms(value: i64) -> Measure {
    Measure::new(MeasureType::WEIGHT, value, 0)
}

fn recent(db: &Db, user: UserId, at: i64, count: usize) -> Vec<i64> {
    let weights = db.read(move |tx| recent_weights(tx, user, at, count));
    assert!(weights.iter().all(|weight| weight.kind == MeasureType::WEIGHT));
    weights.iter().map(|weight| weight.value).collect()
}

fn recent_weights_are_those_before_a_moment(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let height = Measure::new(MeasureType::HEIGHT, 175, -2);
    let groups: Vec<_> = (1..5).map(|n| group(n * 10, &[height, kilograms(60 + n)])).collect();
    db.write(move |tx| insert(tx, ada, &groups));
    store_one(&db, ada, NewGroup { category: Category::OBJECTIVE, ..group(25, &[weight()]) });
    store_one(&db, ada, group(30, &[height]));
    store_one(&db, bob, group(30, &[kilograms(99)]));
    assert_eq!(recent(&db, ada, 30, 2), [63, 62]);
    assert_eq!(recent(&db, ada, 29, 5), [62, 61]);
    assert_eq!(recent(&db, ada, 9, 5), [0; 0]);
    assert_eq!(recent(&db, ada, i64::MAX, 1), [64]);
}

fn recent_weights_are_found_among_many_other_groups(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let pulse = Measure::new(MeasureType::HEART_PULSE, 60, 0);
    let of = |n: i64| if n % 120 == 0 { kilograms(n) } else { pulse };
    let groups: Vec<_> = (0..400).map(|n| group(n, &[of(n)])).collect();
    db.write(move |tx| insert(tx, ada, &groups));
    assert_eq!(recent(&db, ada, 1_000, 3), [360, 240, 120]);
    assert_eq!(recent(&db, ada, 1_000, 9), [360, 240, 120, 0]);
}

fn the_last_weight_and_height_are_at_hand(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let at_hand = |user, kind| {
        let kept = db.read(move |tx| last(tx, user, kind));
        kept.map(|measure| (measure.kind, measure.value, measure.unit))
    };
    assert_eq!(at_hand(ada, MeasureType::WEIGHT), None);
    store_one(&db, ada, group(20, &[kilograms(70), Measure::new(MeasureType::HEIGHT, 175, -2)]));
    store_one(&db, ada, group(10, &[kilograms(60)])); // Late, and not the last.
    store_one(&db, ada, NewGroup { category: Category::OBJECTIVE, ..group(30, &[kilograms(65)]) });
    assert_eq!(at_hand(ada, MeasureType::WEIGHT), Some((MeasureType::WEIGHT, 70, 0)));
    assert_eq!(at_hand(ada, MeasureType::HEIGHT), Some((MeasureType::HEIGHT, 175, -2)));
    store_one(&db, ada, group(20, &[kilograms(71)])); // The later word on the same moment.
    assert_eq!(at_hand(ada, MeasureType::WEIGHT), Some((MeasureType::WEIGHT, 71, 0)));
    store_one(&db, ada, group(i64::MAX, &[Measure::new(MeasureType::WEIGHT, i64::MIN, i8::MIN)]));
    let extreme = Some((MeasureType::WEIGHT, i64::MIN, i8::MIN));
    assert_eq!(at_hand(ada, MeasureType::WEIGHT), extreme);
    assert_eq!(at_hand(ada, MeasureType::HEIGHT), Some((MeasureType::HEIGHT, 175, -2)));
    assert_eq!(at_hand(bob, MeasureType::WEIGHT), None);
}

fn groups_for_nobody_are_refused(h: &Harness) {
    let db = h.open();
    let nobody = UserId(UserId::MIN);
    let answer = db.try_write(move |tx| insert(tx, nobody, &[group(NOON, &[weight()])]));
    assert_eq!(cause(answer), "no such person");
    assert_eq!(h.numbers("select count(*) from measure_group"), [0]);
}

fn many_groups_of_one_write_share_its_stamp(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    weigh(&db, ada, &[1]);
    h.clock.advance(1);
    let stored = weigh(&db, ada, &[5, 5, 3, 5]);
    let numbers: Vec<_> = stored.iter().map(|id| id.parts().1).collect();
    assert_eq!(numbers, [2, 3, 4, 5]);
    assert_eq!(h.numbers("select distinct change_seq from measure_group where seq > 1"), [2]);
    let person = db.read(move |tx| store::person::get(tx, ada));
    assert_eq!((person.change_seq, person.modified), (2, NOON + 1));
}
