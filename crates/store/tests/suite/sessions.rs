//! Browser sessions: who is logged in, and for how long.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::UserId;
use store::Db;
use store::session::{AHEAD_SECONDS_MAX, SESSION_SECONDS, begin, end, end_all, user};

on_both!(
    a_session_says_who_is_logged_in_also_after_a_restart,
    a_session_ends_to_the_second,
    a_session_that_was_ended_is_over_and_others_go_on,
    a_wrong_secret_is_nobodys_session,
    a_new_session_sweeps_expired_ones_away,
    all_sessions_of_one_person_end_together,
    a_clock_that_is_set_back_brings_no_session_to_life,
);

fn log_in(db: &Db, person: UserId) -> String {
    db.write(move |tx| begin(tx, person))
}

fn who(db: &Db, secret: &str) -> Option<UserId> {
    let secret = secret.to_owned();
    db.read(move |tx| user(tx, &secret))
}

fn a_session_says_who_is_logged_in_also_after_a_restart(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (of_ada, of_bob, of_ada_too) = (log_in(&db, ada), log_in(&db, bob), log_in(&db, ada));
    assert_ne!(of_ada, of_ada_too);
    let db = h.reopen(db);
    assert_eq!(who(&db, &of_ada), Some(ada));
    assert_eq!(who(&db, &of_bob), Some(bob));
    assert_eq!(who(&db, &of_ada_too), Some(ada));
}

fn a_session_ends_to_the_second(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let secret = log_in(&db, ada);
    h.clock.advance(u32::try_from(SESSION_SECONDS - 1).expect("seconds"));
    assert_eq!(who(&db, &secret), Some(ada));
    h.clock.advance(1);
    assert_eq!(who(&db, &secret), None);
}

fn a_session_that_was_ended_is_over_and_others_go_on(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let (ending, other) = (log_in(&db, ada), log_in(&db, ada));
    for _ in 0..2 {
        let secret = ending.clone();
        db.write(move |tx| end(tx, &secret));
        assert_eq!(who(&db, &ending), None);
    }
    assert_eq!(who(&db, &other), Some(ada));
}

fn a_wrong_secret_is_nobodys_session(h: &Harness) {
    let db = h.open();
    let secret = log_in(&db, account(&db, "ada"));
    for wrong in [String::new(), "0".repeat(40), secret.to_uppercase(), secret[1..].to_owned()] {
        assert_eq!(who(&db, &wrong), None);
    }
}

fn a_new_session_sweeps_expired_ones_away(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    log_in(&db, ada);
    h.clock.advance(1);
    let second = log_in(&db, ada);
    h.clock.advance(u32::try_from(SESSION_SECONDS - 1).expect("seconds"));
    let third = log_in(&db, ada);
    assert_eq!(h.numbers("select count(*) from session"), [2]);
    assert_eq!([who(&db, &second), who(&db, &third)], [Some(ada), Some(ada)]);
}

fn all_sessions_of_one_person_end_together(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (first, second, of_bob) = (log_in(&db, ada), log_in(&db, ada), log_in(&db, bob));
    db.write(move |tx| end_all(tx, ada));
    assert_eq!([who(&db, &first), who(&db, &second)], [None, None]);
    assert_eq!(who(&db, &of_bob), Some(bob));
}

fn a_clock_that_is_set_back_brings_no_session_to_life(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    // Begun before the clock was set back by a day: it would last a day too long.
    let secret = log_in(&db, ada);
    let earlier = h.open_at(NOON - 86_400);
    assert_eq!(who(&earlier, &secret), None);
    assert_eq!(who(&db, &secret), None, "not even when the clock is right again");
    // Seen when it was over.
    let secret = log_in(&db, ada);
    assert_eq!(who(&h.open_at(NOON + SESSION_SECONDS), &secret), None);
    assert_eq!(who(&db, &secret), None);
    // Two nodes never show quite the same.
    let secret = log_in(&db, ada);
    assert_eq!(who(&h.open_at(NOON - AHEAD_SECONDS_MAX), &secret), Some(ada));
    assert_eq!(who(&db, &secret), Some(ada));
}
