//! The people of an application: who let it read their data, and whose accounts it made.

use crate::codes::scopes;
use crate::harness::{Harness, Works as _};
use crate::samples::account;
use domain::UserId;
use store::Db;
use store::grant::{count_members, is_member, last_scopes, members};
use store::person::set_owner;
use store::token::issue;

on_both!(people_are_listed_once_in_the_order_of_their_ids, what_a_person_let_last_counts);

fn ids(db: &Db, after: UserId, limit: i64) -> Vec<(UserId, bool)> {
    let found = db.read(move |tx| members(tx, "app", after, limit));
    found.into_iter().map(|member| (member.user, member.is_owned)).collect()
}

fn people_are_listed_once_in_the_order_of_their_ids(h: &Harness) {
    let db = h.open();
    let mut expected = Vec::new();
    for number in 0..9 {
        let user = account(&db, &format!("p{number}"));
        let (is_owned, grants) = (number % 3 == 0, number % 4);
        if is_owned {
            db.write(move |tx| set_owner(tx, user, Some("app")));
        }
        for _ in 0..grants {
            db.write(move |tx| issue(tx, user, "app", &scopes()));
        }
        // Of other applications, whatever their number.
        db.write(move |tx| issue(tx, user, "another-app", &scopes()));
        if is_owned || grants > 0 {
            expected.push((user, is_owned));
        }
        assert_eq!(db.read(move |tx| is_member(tx, "app", user)), is_owned || grants > 0);
    }
    expected.sort_unstable();
    assert_eq!(ids(&db, UserId(0), 100), expected);
    let mut paged = Vec::new();
    while let page @ [.., (last, _)] =
        &ids(&db, paged.last().map_or(UserId(0), |(id, _)| *id), 2)[..]
    {
        assert!(page.len() <= 2 && last.0 > 0);
        paged.extend_from_slice(page);
    }
    assert_eq!(paged, expected);
    assert!(ids(&db, UserId(UserId::END), 100).is_empty());
}

fn what_a_person_let_last_counts(h: &Harness) {
    let db = h.open();
    let (ada, ben) = (account(&db, "ada"), account(&db, "ben"));
    assert_eq!(db.read(move |tx| last_scopes(tx, "app", ada)), None);
    for scope in ["user.metrics,user.info", "user.activity"] {
        h.clock.advance(1);
        let scopes = domain::ScopeSet::parse(scope).expect("scopes");
        db.write(move |tx| issue(tx, ada, "app", &scopes));
    }
    let last = db.read(move |tx| last_scopes(tx, "app", ada)).expect("scopes");
    assert_eq!(last.text(), "user.activity");
    assert_eq!(db.read(move |tx| count_members(tx, "app", ben)), 1);
    assert_eq!(db.read(move |tx| count_members(tx, "app", ada)), 0);
}
