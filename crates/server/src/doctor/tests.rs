//! What the doctor says of clocks and schemas that a test cannot make on the real machine. The rest
//! is seen on the real program, in `cli`'s tests.

use super::data::{clock, migrations};
use super::*;
use store::Inspection;

const NOW: i64 = 1_790_000_000;

fn healthy() -> Inspection {
    Inspection {
        engine: "PostgreSQL 18".to_owned(),
        is_there: true,
        size_bytes: Some(1),
        missing: Vec::new(),
        unknown: Vec::new(),
        altered: Vec::new(),
        is_key_right: Some(true),
        has_key: true,
        newest_stamp: Some(NOW),
        clock: Some(NOW),
    }
}

#[test]
fn a_clock_is_right_if_it_is_near_the_databases_and_not_before_the_newest_entry() {
    let outcome = |now, found: &Inspection| clock(now, Some(found)).outcome;
    assert_eq!(outcome(NOW, &healthy()), Outcome::Ok);
    assert_eq!(outcome(NOW + 1, &healthy()), Outcome::Ok);
    assert_eq!(outcome(NOW + 3, &healthy()), Outcome::Warning);
    assert_eq!(outcome(NOW + 60, &healthy()), Outcome::Problem);
    let alone = Inspection { clock: None, ..healthy() };
    assert_eq!(outcome(NOW + 60, &alone), Outcome::Ok);
    assert_eq!(outcome(NOW - 60, &alone), Outcome::Problem);
    assert_eq!(clock(0, None).outcome, Outcome::Problem);
    assert_eq!(clock(9_999_999_999, None).outcome, Outcome::Problem);
}

#[test]
fn a_schema_is_older_newer_or_this_versions() {
    assert_eq!(migrations(&healthy()).outcome, Outcome::Ok);
    let older = Inspection { missing: vec!["0002_x"], ..healthy() };
    assert_eq!(migrations(&older).outcome, Outcome::Warning);
    let newer = Inspection { unknown: vec!["9999_x".to_owned()], ..healthy() };
    assert_eq!(migrations(&newer).outcome, Outcome::Problem);
    // What is wrong with the key is told by another finding.
    let locked = Inspection { is_key_right: Some(false), ..healthy() };
    assert_eq!(migrations(&locked).outcome, Outcome::Ok);
}
