//! What failed attempts mean for a subscription: warnings, and its end.

use crate::deliveries::Stage;
use crate::harness::{Harness, NOON, Works as _};
use crate::subscriptions::{due, get, made};
use domain::DAY_SECONDS;
use domain::notification::{Appli, Rule, RuleName};
use store::delivery::{Health, Notice, State};
use store::subscription::{self, State as Standing};

on_both!(
    the_fourth_failure_in_a_row_is_told_then_one_a_day_four_in_all,
    a_subscription_is_cancelled_when_everything_failed_for_twenty_days,
    the_older_rule_removes_after_four_failures,
    a_receiver_that_is_gone_ends_its_subscription_at_once,
    a_success_and_a_change_begin_anew,
);

const NODE: i64 = 7;

/// One more attempt that failed: what somebody should know of it.
fn fails(s: &Stage, rule: RuleName, health: Health) -> Vec<Notice> {
    let row = due(&s.db, s.ada).pop().unwrap_or_else(|| s.happens());
    let what = (State::Waiting, NOON, Some(health));
    s.settles_by(rule, (NODE, s.held()), &row, what)
}

fn is_warning(notices: &[Notice]) -> bool {
    match notices {
        [] => false,
        [Notice::Failing(_)] => true,
        other => panic!("{other:?}"),
    }
}

/// How many of so many failures in a row are told.
fn warnings(s: &Stage, failures: usize) -> usize {
    let fails = |_| fails(s, RuleName::Current, Health::Fails);
    (0..failures).map(fails).filter(|notices| is_warning(notices)).count()
}

fn waits(h: &Harness, seconds: i64) {
    h.clock.advance(u32::try_from(seconds).expect("seconds"));
}

fn the_fourth_failure_in_a_row_is_told_then_one_a_day_four_in_all(h: &Harness) {
    let s = Stage::of(h);
    assert_eq!(warnings(&s, 3), 0);
    let fourth = fails(&s, RuleName::Current, Health::Fails);
    let [Notice::Failing(told)] = &fourth[..] else { panic!("{fourth:?}") };
    assert_eq!((told.id, told.failures, told.failing_since), (s.id, 4, Some(NOON)));
    assert_eq!(warnings(&s, 6), 0);
    waits(h, DAY_SECONDS - 1);
    assert_eq!(warnings(&s, 6), 0);
    waits(h, 1);
    assert_eq!(warnings(&s, 6), 1);
    // Nothing was sent for some days: that is no reason to make up for it.
    waits(h, 5 * DAY_SECONDS);
    assert_eq!(warnings(&s, 6), 1);
    waits(h, DAY_SECONDS);
    assert_eq!(warnings(&s, 6), 1);
    for _ in 0..10 {
        waits(h, DAY_SECONDS);
        assert_eq!(warnings(&s, 3), 0, "four are enough");
    }
    assert_eq!(get(&s.db, s.ada, s.id).state, Standing::Live);
}

fn a_subscription_is_cancelled_when_everything_failed_for_twenty_days(h: &Harness) {
    let s = Stage::of(h);
    fails(&s, RuleName::Current, Health::Fails);
    waits(h, Rule::FAILING_SECONDS_MAX - 1);
    fails(&s, RuleName::Current, Health::Fails);
    assert_eq!(get(&s.db, s.ada, s.id).state, Standing::Live);
    waits(h, 1);
    let last = fails(&s, RuleName::Current, Health::Fails);
    let [Notice::Cancelled(told)] = &last[..] else { panic!("{last:?}") };
    assert_eq!((told.id, told.state), (s.id, Standing::Cancelled));
    assert!(due(&s.db, s.ada).is_empty());
    assert_eq!(s.log()[0].state, State::Dropped);
    // It is over for the application too, which may begin anew.
    let (ada, client) = (s.ada, s.diary.clone());
    assert_eq!(s.db.read(move |tx| subscription::list(tx, ada, &client, None)), []);
    let second = crate::subscriptions::subscribed(&s.db, s.ada, &s.diary);
    let second = get(&s.db, s.ada, second);
    assert_eq!((second.failures, second.failing_since), (0, None));
}

fn the_older_rule_removes_after_four_failures(h: &Harness) {
    let s = Stage::of(h);
    for _ in 0..3 {
        assert_eq!(fails(&s, RuleName::Older, Health::Fails), []);
    }
    let fourth = fails(&s, RuleName::Older, Health::Fails);
    assert!(matches!(&fourth[..], [Notice::Cancelled(told)] if told.id == s.id), "{fourth:?}");
    assert_eq!(get(&s.db, s.ada, s.id).state, Standing::Cancelled);
}

fn a_receiver_that_is_gone_ends_its_subscription_at_once(h: &Harness) {
    for rule in [RuleName::Current, RuleName::Older] {
        let s = Stage::of(&h.another());
        let other = made(&s.db, s.ada, &s.diary, (Appli::SLEEP, "https://program.example/"));
        let notices = fails(&s, rule, Health::Gone);
        assert!(matches!(&notices[..], [Notice::Cancelled(told)] if told.id == s.id));
        assert_eq!(get(&s.db, s.ada, s.id).state, Standing::Cancelled);
        assert_eq!(get(&s.db, s.ada, other.expect("another")).state, Standing::Live);
    }
}

fn a_success_and_a_change_begin_anew(h: &Harness) {
    let s = Stage::of(h);
    assert_eq!(warnings(&s, 4), 1);
    let row = due(&s.db, s.ada).pop().expect("a row");
    assert!(row.is_failing);
    s.settles((NODE, s.held()), &row, (State::Delivered, NOON, Some(Health::Works)));
    let known = get(&s.db, s.ada, s.id);
    assert_eq!((known.failures, known.failing_since), (0, None));
    // Of one that works now and then nobody is told more than once a day either.
    assert_eq!(warnings(&s, 8), 0);
    let row = due(&s.db, s.ada).pop().expect("a row");
    s.settles((NODE, s.held()), &row, (State::Delivered, NOON, Some(Health::Works)));
    waits(h, 19 * DAY_SECONDS);
    // So do the four warnings, and the twenty days.
    assert_eq!(warnings(&s, 3), 0);
    assert_eq!(warnings(&s, 1), 1);
    let after = subscription::Subscription { callback: "https://b.example/".into(), ..known };
    assert!(s.db.write(move |tx| subscription::change(tx, &after)));
    assert_eq!(warnings(&s, 3), 0);
    assert_eq!(warnings(&s, 1), 1);
}
