//! Paging never skips or repeats a group that existed when it began.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause, group, weigh, weight};
use domain::measure::{Measure, MeasureType};
use domain::{GroupId, UserId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Db;
use store::measure::{Filter, Page, insert, page};

on_both!(
    pages_give_every_group_once_newest_first,
    a_page_that_is_exactly_full_is_the_last_one,
    an_offset_that_was_never_given_is_refused,
    an_offset_stays_good_after_a_restart,
    paging_is_steady_while_groups_come_in,
    extreme_dates_are_paged_through,
);

fn one_page(db: &Db, user: UserId, filter: &Filter, offset: Option<i64>, limit: usize) -> Page {
    let filter = filter.clone();
    db.read(move |tx| page(tx, user, &filter, offset, limit))
}

/// Pages through everything, doing something between two pages.
fn walk(
    db: &Db,
    user: UserId,
    filter: &Filter,
    limit: usize,
    mut between: impl FnMut(),
) -> Vec<(i64, GroupId)> {
    const PAGES_MAX: usize = 1_000;
    let (mut seen, mut offset) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let page = one_page(db, user, filter, offset, limit);
        assert!(page.groups.len() == limit || page.next_offset.is_none(), "a page with gaps");
        assert!(page.next_offset.is_none_or(|offset| (1..1 << 31).contains(&offset)));
        seen.extend(page.groups.iter().map(|group| (group.date, group.id)));
        offset = page.next_offset;
        if offset.is_none() {
            return seen;
        }
        between();
    }
    panic!("paging does not end");
}

fn newest_first(seen: &[(i64, GroupId)]) -> bool {
    seen.is_sorted_by(|one, next| one > next)
}

fn pages_give_every_group_once_newest_first(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let mut stored = weigh(&db, ada, &[30, 10, 20, 20, 20]);
    weigh(&db, bob, &[20; 9]);
    stored.extend(weigh(&db, ada, &[20, 20, 10, 30]));
    stored.sort_unstable();
    for limit in 1..=10 {
        let seen = walk(&db, ada, &Filter::default(), limit, || {});
        assert!(newest_first(&seen), "{seen:?}");
        let mut ids: Vec<_> = seen.into_iter().map(|(_, id)| id).collect();
        ids.sort_unstable();
        assert_eq!(ids, stored, "limit {limit}");
    }
}

fn a_page_that_is_exactly_full_is_the_last_one(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    weigh(&db, ada, &[1, 2, 3, 4]);
    let by_type = Filter { kinds: vec![MeasureType::WEIGHT], ..Filter::default() };
    for filter in [Filter::default(), by_type] {
        let first = one_page(&db, ada, &filter, None, 2);
        let second = one_page(&db, ada, &filter, first.next_offset, 2);
        assert_eq!((second.groups.len(), second.next_offset), (2, None));
    }
    let nobody = account(&db, "nobody");
    let empty = Page { groups: Vec::new(), next_offset: None };
    assert_eq!(one_page(&db, nobody, &Filter::default(), None, 2), empty);
}

fn an_offset_that_was_never_given_is_refused(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    weigh(&db, ada, &[1, 2, 3]);
    weigh(&db, bob, &[1, 2, 3, 4, 5]);
    let of_bob = one_page(&db, bob, &Filter::default(), None, 1).next_offset;
    assert_eq!(of_bob, Some(5));
    for offset in [of_bob, Some(0), Some(4), Some(-1), Some(i64::MAX), Some(i64::MIN)] {
        let ask = move |tx: &mut store::Tx<'_>| page(tx, ada, &Filter::default(), offset, 1);
        let answer = db.run_blocking(store::Access::Read, ask);
        assert!(cause(answer).contains("offset"), "{offset:?}");
    }
}

fn an_offset_stays_good_after_a_restart(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let stored = weigh(&db, ada, &[1, 2, 3]);
    let offset = one_page(&db, ada, &Filter::default(), None, 1).next_offset;
    let db = h.reopen(db);
    weigh(&db, ada, &[9, 0, 3]);
    let rest = one_page(&db, ada, &Filter::default(), offset, 10).groups;
    let mut ids: Vec<_> = rest.iter().map(|group| group.id).collect();
    ids.pop(); // The new group at 0 is older than all others.
    assert_eq!(ids, [stored[1], stored[0]]);
}

fn extreme_dates_are_paged_through(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let stored = weigh(&db, ada, &[i64::MAX, i64::MAX, 0, i64::MIN, i64::MIN, -1]);
    let seen = walk(&db, ada, &Filter::default(), 1, || {});
    assert_eq!(seen.len(), stored.len());
    assert!(newest_first(&seen), "{seen:?}");
}

/// A walk through a person's groups, with what is stored before it and meanwhile.
#[derive(Debug, Clone)]
struct Walk {
    before: Vec<(i64, bool)>,
    meanwhile: Vec<Vec<(i64, bool)>>,
    limit: usize,
    weights_only: bool,
    start: Option<i64>,
}

fn any_walk() -> impl Strategy<Value = Walk> {
    use proptest::collection::vec;
    let new = || (0..6_i64, any::<bool>());
    let start = proptest::option::weighted(0.3, 0..6_i64);
    (vec(new(), 1..25), vec(vec(new(), 0..4), 0..12), 1..6_usize, any::<bool>(), start).prop_map(
        |(before, meanwhile, limit, weights_only, start)| Walk {
            before,
            meanwhile,
            limit,
            weights_only,
            start,
        },
    )
}

fn store_all(db: &Db, user: UserId, new: &[(i64, bool)]) -> Vec<GroupId> {
    let pulse = Measure::new(MeasureType::HEART_PULSE, 60, 0);
    let measure = |is_weight: bool| if is_weight { weight() } else { pulse };
    let groups: Vec<_> =
        new.iter().map(|(day, is_weight)| group(NOON + day, &[measure(*is_weight)])).collect();
    db.write(move |tx| insert(tx, user, &groups))
}

fn paging_is_steady_while_groups_come_in(h: &Harness) {
    let (reader, writer) = (h.open(), h.open());
    let people = AtomicUsize::new(0);
    let cases = if h.is_postgres() { 12 } else { 64 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let check = |walk: Walk| {
        let name = format!("person-{}", people.fetch_add(1, Ordering::Relaxed));
        let user = account(&writer, &name);
        let stored = store_all(&writer, user, &walk.before);
        let passes = |(day, is_weight): &(i64, bool)| {
            (*is_weight || !walk.weights_only) && walk.start.is_none_or(|start| *day >= start)
        };
        let due = stored.iter().zip(&walk.before).filter(|(_, new)| passes(new));
        let due: HashSet<_> = due.map(|(id, _)| *id).collect();
        let kinds = if walk.weights_only { vec![MeasureType::WEIGHT] } else { Vec::new() };
        let start = walk.start.map(|day| NOON + day);
        let filter = Filter { kinds, start, ..Filter::default() };
        let mut meanwhile = walk.meanwhile.iter();
        let seen = self::walk(&reader, user, &filter, walk.limit, || {
            meanwhile.next().into_iter().for_each(|new| drop(store_all(&writer, user, new)));
        });
        prop_assert!(newest_first(&seen), "{:?}", seen);
        let ids: HashSet<_> = seen.iter().map(|(_, id)| *id).collect();
        prop_assert_eq!(ids.len(), seen.len(), "a group was repeated");
        prop_assert!(ids.is_superset(&due), "skipped: {:?}", due.difference(&ids));
        let foreign = ids.iter().filter(|id| stored.contains(id) && !due.contains(id)).count();
        prop_assert_eq!(foreign, 0, "the filter let something through");
        Ok(())
    };
    TestRunner::new(config).run(&any_walk(), check).unwrap_or_else(|failed| panic!("{failed}"));
}
