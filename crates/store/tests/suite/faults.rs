//! Faults of a sandbox: kept as they were asked for, and never forgetting what they have done.

use crate::harness::{Harness, NOON, Works as _};
use domain::fault::{Calls, Draws, Fault, Kind, Settings, When};
use store::fault;

on_both!(faults_are_kept_as_they_were_asked_for, what_comes_late_changes_nothing);

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

fn what_comes_late_changes_nothing(harness: &Harness) {
    let db = harness.open();
    db.write(|tx| fault::add(tx, &asked(Kind::Cut, When::Count(9))));
    let note = |drawn, struck| {
        db.write(move |tx| fault::note(tx, 1, Draws { drawn, struck }));
        db.read(fault::list)[0].draws
    };
    let latest = Draws { drawn: 5, struck: 3 };
    assert_eq!((note(5, 3), note(4, 2)), (latest, latest));
    assert_eq!(note(6, 3), Draws { drawn: 6, struck: 3 });
}
