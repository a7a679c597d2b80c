//! Access and refresh tokens as they are stored, against the rule of `domain::token` kept in
//! memory.

use crate::codes::scopes;
use crate::harness::{Harness, Works as _};
use crate::samples::account;
use domain::token::{ACCESS_SECONDS, CHILDREN_MAX, Family, REFRESH_SECONDS, REPEAT_SECONDS};
use domain::{Clock as _, UserId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use store::Db;
use store::grant::{is_member, revoke};
use store::token::{Tokens, authenticate, issue, refresh};

on_both!(
    an_access_token_lives_to_the_second,
    a_refresh_token_lives_to_the_second,
    a_refresh_token_of_another_application_is_refused,
    unknown_tokens_open_nothing,
    the_first_use_of_a_refreshed_token_is_kept_though_it_was_a_read,
    a_refresh_keeps_the_person_and_the_scopes,
    a_refresh_token_repeats_so_often_and_no_more,
    a_used_token_makes_room_in_a_crowded_family,
    grants_of_one_person_do_not_touch_each_other,
    the_store_follows_the_rule_also_across_restarts,
    in_the_strict_profile_a_refresh_token_that_comes_twice_ends_its_grant,
    what_is_revoked_is_gone_and_of_one_application_alone,
    of_a_refresh_and_a_revocation_at_once_nothing_is_left,
);

/// A first pair of tokens.
pub(crate) fn grant(db: &Db, user: UserId) -> Tokens {
    db.write(move |tx| issue(tx, user, "app", &scopes()))
}

/// Uses a refresh token.
pub(crate) fn refreshed(db: &Db, tokens: &Tokens) -> Option<Tokens> {
    let token = tokens.refresh_token.clone();
    db.write(move |tx| refresh(tx, &token, "app")).ok()
}

/// Uses an access token; as the server does, in a read.
pub(crate) fn is_accepted(db: &Db, tokens: &Tokens) -> bool {
    let access = tokens.access_token.clone();
    db.read(move |tx| authenticate(tx, &access)).is_ok()
}

fn wait(h: &Harness, seconds: i64) {
    h.clock.advance(u32::try_from(seconds).expect("seconds"));
}

fn an_access_token_lives_to_the_second(h: &Harness) {
    let db = h.open();
    let tokens = grant(&db, account(&db, "ada"));
    wait(h, ACCESS_SECONDS - 1);
    assert!(is_accepted(&db, &tokens));
    wait(h, 1);
    assert!(!is_accepted(&db, &tokens));
    assert_eq!(ACCESS_SECONDS, 10_800);
    let fresh = refreshed(&db, &tokens).expect("tokens");
    assert!(is_accepted(&db, &fresh));
}

fn a_refresh_token_lives_to_the_second(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let (one, two) = (grant(&db, ada), grant(&db, ada));
    wait(h, REFRESH_SECONDS - 1);
    assert!(refreshed(&db, &one).is_some());
    wait(h, 1);
    assert!(refreshed(&db, &two).is_none());
}

fn a_refresh_token_of_another_application_is_refused(h: &Harness) {
    let db = h.open();
    let tokens = grant(&db, account(&db, "ada"));
    let token = tokens.refresh_token.clone();
    let answer = db.write(move |tx| refresh(tx, &token, "another-app"));
    assert!(answer.expect_err("a refusal").cause.contains("for this application"));
    assert!(refreshed(&db, &tokens).is_some());
}

fn unknown_tokens_open_nothing(h: &Harness) {
    let db = h.open();
    let tokens = grant(&db, account(&db, "ada"));
    let swapped = Tokens {
        access_token: tokens.refresh_token.clone(),
        refresh_token: tokens.access_token.clone(),
        ..tokens.clone()
    };
    let capitals = Tokens {
        access_token: tokens.access_token.to_uppercase(),
        refresh_token: tokens.refresh_token.to_uppercase(),
        ..tokens.clone()
    };
    let empty =
        Tokens { access_token: String::new(), refresh_token: String::new(), ..tokens.clone() };
    for wrong in [swapped, capitals, empty] {
        assert!(!is_accepted(&db, &wrong));
        assert!(refreshed(&db, &wrong).is_none());
    }
    assert!(is_accepted(&db, &tokens));
}

fn the_first_use_of_a_refreshed_token_is_kept_though_it_was_a_read(h: &Harness) {
    let db = h.open();
    let first = grant(&db, account(&db, "ada"));
    let second = refreshed(&db, &first).expect("tokens");
    assert!(is_accepted(&db, &second));
    let db = h.reopen(db);
    assert!(refreshed(&db, &first).is_none(), "the use of the child ends it");
    assert!(is_accepted(&db, &first), "an access token lives to its expiry");
}

fn a_refresh_keeps_the_person_and_the_scopes(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let second = refreshed(&db, &grant(&db, ada)).expect("tokens");
    assert_eq!((second.user, second.scope.as_str()), (ada, scopes().text()));
    let access = second.access_token.clone();
    let grant = db.read(move |tx| authenticate(tx, &access)).expect("a grant");
    assert_eq!((grant.user, grant.client_id.as_str()), (ada, "app"));
    assert_eq!(grant.scopes, scopes());
}

/// A grant whose refresh token was repeated until it is refused.
fn crowded(db: &Db, user: UserId) -> (Tokens, Vec<Tokens>) {
    let first = grant(db, user);
    let token = first.refresh_token.clone();
    // All in one transaction: only the rule is asked, not the disk.
    let children = db.write(move |tx| {
        let one = |_| refresh(tx, &token, "app");
        (0..CHILDREN_MAX).map(one).collect::<domain::Result<Vec<_>>>()
    });
    let children = children.into_iter().map(|child| child.expect("tokens")).collect();
    let token = first.refresh_token.clone();
    let refused = db.write(move |tx| refresh(tx, &token, "app")).expect_err("a refusal");
    assert_eq!(refused.status, domain::Status::TOO_MANY_REQUESTS);
    (first, children)
}

fn a_refresh_token_repeats_so_often_and_no_more(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let (_, children) = crowded(&db, ada);
    assert!(refreshed(&db, &children[0]).is_some(), "only repeats are counted");
    assert_eq!(h.numbers("select count(*) from token_pair"), [CHILDREN_MAX as i64 + 2]);
    let another = grant(&db, ada);
    assert!(refreshed(&db, &another).is_some());
}

fn a_used_token_makes_room_in_a_crowded_family(h: &Harness) {
    let db = h.open();
    let (first, children) = crowded(&db, account(&db, "ada"));
    assert!(is_accepted(&db, &children[7]));
    assert!(!is_accepted(&db, &children[CHILDREN_MAX - 1]), "its sibling was used");
    assert!(refreshed(&db, &first).is_none());
    let next = refreshed(&db, &children[7]).expect("tokens");
    assert!(is_accepted(&db, &next));
    let pairs = h.numbers("select count(*) from token_pair")[0];
    assert!(pairs < 5, "{pairs} pairs are kept though few can matter");
}

fn grants_of_one_person_do_not_touch_each_other(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let (one, two) = (grant(&db, ada), grant(&db, ada));
    let child = refreshed(&db, &one).expect("tokens");
    assert!(is_accepted(&db, &child));
    assert!(is_accepted(&db, &two));
    assert!(refreshed(&db, &two).is_some());
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Refresh(usize),
    Use(usize),
    Wait(i64),
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        Just(1),
        Just(600),
        Just(ACCESS_SECONDS - 1),
        Just(REPEAT_SECONDS - 1),
        Just(REFRESH_SECONDS / 2)
    ];
    prop_oneof![
        8 => (0..12usize).prop_map(Step::Refresh),
        8 => (0..12usize).prop_map(Step::Use),
        3 => wait.prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

/// Two nodes that take turns, one of which may be restarted.
struct Nodes<'h> {
    h: &'h Harness,
    nodes: [Db; 2],
    turn: usize,
}

impl Nodes<'_> {
    fn next(&mut self) -> &Db {
        self.turn += 1;
        &self.nodes[self.turn % 2]
    }

    fn restart(&mut self) {
        let number = self.turn % 2;
        self.nodes[number] = self.h.reopen(self.nodes[number].clone());
    }
}

fn the_store_follows_the_rule_also_across_restarts(h: &Harness) {
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    let nodes = RefCell::new(Nodes { h, nodes, turn: 0 });
    let cases = if h.is_postgres() { 12 } else { 48 };
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let check = |steps: Vec<Step>| {
        let nodes = &mut *nodes.borrow_mut();
        let mut rule = Family::begin(h.clock.now());
        let mut pairs = vec![grant(nodes.next(), ada)];
        for step in steps {
            let now = h.clock.now();
            match step {
                Step::Wait(seconds) => wait(h, seconds),
                Step::Restart => nodes.restart(),
                Step::Refresh(pair) => {
                    let pair = pair % pairs.len();
                    let minted = refreshed(nodes.next(), &pairs[pair]);
                    let expected = rule.refresh(pair as i64 + 1, now);
                    prop_assert_eq!(minted.is_some(), expected.is_some(), "refresh of {}", pair);
                    pairs.extend(minted);
                }
                Step::Use(pair) => {
                    let pair = pair % pairs.len();
                    let accepted = is_accepted(nodes.next(), &pairs[pair]);
                    let expected = rule.use_access(pair as i64 + 1, now);
                    prop_assert_eq!(accepted, expected, "use of {}", pair);
                }
            }
        }
        Ok(())
    };
    let steps = proptest::collection::vec(any_step(), 1..40);
    TestRunner::new(config).run(&steps, check).unwrap_or_else(|failed| panic!("{failed}"));
}

fn in_the_strict_profile_a_refresh_token_that_comes_twice_ends_its_grant(h: &Harness) {
    let db = h.open_strict();
    let ada = account(&db, "ada");
    let (tokens, other) = (grant(&db, ada), grant(&db, ada));
    let next = refreshed(&db, &tokens).expect("tokens");
    assert!(is_accepted(&db, &next));
    let last = refreshed(&db, &next).expect("tokens");
    assert!(refreshed(&db, &tokens).is_none());
    for ended in [&tokens, &next, &last] {
        assert!(!is_accepted(&db, ended));
        assert!(refreshed(&db, ended).is_none());
    }
    assert!(is_accepted(&db, &other) && refreshed(&db, &other).is_some());
}

fn what_is_revoked_is_gone_and_of_one_application_alone(h: &Harness) {
    let db = h.open();
    let (ada, ben) = (account(&db, "ada"), account(&db, "ben"));
    let (one, two, bens) = (grant(&db, ada), grant(&db, ada), grant(&db, ben));
    let elsewhere = db.write(move |tx| issue(tx, ada, "another-app", &scopes()));
    assert_eq!(db.write(move |tx| revoke(tx, "app", ada)), 2);
    let db = h.reopen(db);
    for gone in [&one, &two] {
        assert!(!is_accepted(&db, gone) && refreshed(&db, gone).is_none());
    }
    assert!(is_accepted(&db, &bens) && is_accepted(&db, &elsewhere));
    assert_eq!(db.write(move |tx| revoke(tx, "app", ada)), 0);
    let is_member = |user| db.read(move |tx| is_member(tx, "app", user));
    assert!(!is_member(ada) && is_member(ben));
}

fn of_a_refresh_and_a_revocation_at_once_nothing_is_left(h: &Harness) {
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    for _ in 0..10 {
        let tokens = grant(&nodes[0], ada);
        let fresh = std::thread::scope(|scope| {
            let refreshing = scope.spawn(|| refreshed(&nodes[0], &tokens));
            nodes[1].write(move |tx| revoke(tx, "app", ada));
            refreshing.join().expect("an answer")
        });
        // Whichever came first: what the refresh brought ended with the grant.
        for gone in fresh.iter().chain([&tokens]) {
            assert!(!is_accepted(&nodes[0], gone) && refreshed(&nodes[1], gone).is_none());
        }
    }
}
