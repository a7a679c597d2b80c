//! Faults of a sandbox: kept as they were asked for, and never forgetting what they have done.

use crate::harness::{Harness, NOON, Works as _};
use domain::fault::{Calls, Draws, Fault, Kind, Settings, When};
use store::fault;

on_both!(
    faults_are_kept_as_they_were_asked_for,
    a_fault_strikes_so_often_as_it_was_asked_to,
    a_second_refresh_is_told_from_a_first,
);

fn asked(kind: Kind, when: When) -> Fault {
    Fault {
        id: 0,
        kind,
        scenario: None,
        client_id: None,
        operation: None,
        when,
        settings: Settings::default(),
        draws: Draws::default(),
        created: NOON,
    }
}

fn faults_are_kept_as_they_were_asked_for(harness: &Harness) {
    let db = harness.open();
    let settings = [("wait_seconds", "3"), ("text", "\"quoted\" é")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let calls = |action: Option<&str>| Calls {
        service: "measure".to_owned(),
        action: action.map(str::to_owned),
    };
    let all = [
        asked(Kind::Latency, When::Always),
        Fault {
            scenario: Some("limit.storm".to_owned()),
            client_id: Some("a".to_owned()),
            operation: Some(calls(Some("getmeas"))),
            settings: Settings(settings.into()),
            ..asked(Kind::TooMany, When::Count(20))
        },
        Fault {
            operation: Some(calls(None)),
            ..asked(Kind::Cut, When::Probability { parts: 1, seed: i64::MIN })
        },
    ];
    let kept = all.clone();
    let ids: Vec<i64> = db.write(move |tx| kept.iter().map(|one| fault::add(tx, one)).collect());
    assert_eq!(ids, [1, 2, 3]);
    let listed = db.read(fault::list);
    let expected: Vec<Fault> =
        all.into_iter().zip(ids).map(|(one, id)| Fault { id, ..one }).collect();
    assert_eq!(listed, expected);
    assert!(db.write(|tx| fault::remove(tx, 2)));
    assert!(!db.write(|tx| fault::remove(tx, 2)));
    assert_eq!(db.write(fault::remove_all), 2);
    assert!(db.read(fault::list).is_empty());
}

fn a_fault_strikes_so_often_as_it_was_asked_to(harness: &Harness) {
    let db = harness.open();
    db.write(|tx| fault::add(tx, &asked(Kind::Cut, When::Count(2))));
    // What somebody read before does not matter: the store counts.
    let read = db.read(fault::list)[0].clone();
    let draw = || {
        let read = read.clone();
        db.write(move |tx| fault::draw(tx, &read)).map(|strike| strike.number)
    };
    assert_eq!([draw(), draw(), draw()], [Some(1), Some(2), None]);
    assert_eq!(db.read(fault::list)[0].draws, Draws { drawn: 2, struck: 2 });
    // Another fault of that number is not meant.
    db.write(fault::remove_all);
    db.write(|tx| fault::add(tx, &asked(Kind::Latency, When::Always)));
    assert_eq!(draw(), None);
}

fn a_second_refresh_is_told_from_a_first(harness: &Harness) {
    let db = harness.open();
    let refreshes = |token: u8| db.write(move |tx| fault::refreshes(tx, &[token; 32], 10));
    assert_eq!((refreshes(1), refreshes(1), refreshes(2)), (None, Some(0), None));
    db.write(fault::remove_all);
    assert_eq!(refreshes(1), None);
}
