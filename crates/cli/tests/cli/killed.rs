//! Killed in the middle of the work, again and again: whatever was acknowledged is there, once.

use crate::caller::{Caller, SCALE_MAC, Weight};
use crate::home::Home;
use crate::on_both_engines;
use std::collections::BTreeSet;
use std::sync::mpsc::channel;

const AT: i64 = 1_790_000_000;
const ROUNDS: i64 = 3;
/// Uploads under way at once: several share a commit.
const SCALES: i64 = 6;
/// How many are acknowledged before the process is killed.
const ACKNOWLEDGED: usize = 200;

on_both_engines!(nothing_acknowledged_is_lost_and_nothing_is_stored_twice);

/// What was sent, by whether the server said that it has it.
#[derive(Default)]
struct Sent {
    acknowledged: BTreeSet<Weight>,
    in_doubt: BTreeSet<Weight>,
}

fn nothing_acknowledged_is_lost_and_nothing_is_stored_twice(home: &Home) {
    let anna = home.person("anna@example.org");
    home.registers_scale(SCALE_MAC, &[&anna]);
    let token = home.token(&anna);
    let mut sent = Sent::default();
    for round in 0..ROUNDS {
        let mut server = home.serves();
        let caller = Caller::of(&server.base_url);
        is_all_there(&sent, &caller.weights(&token));
        let session = caller.opens_session();
        std::thread::scope(|scope| {
            let (acknowledge, acknowledged) = channel();
            let scales: Vec<_> = (0..SCALES)
                .map(|scale| {
                    let (acknowledge, caller) = (acknowledge.clone(), caller.clone());
                    let (session, anna) = (&session, &anna);
                    let weights = (0..).map(move |number| {
                        let place = (round * SCALES + scale) * 100_000 + number;
                        (AT + place, 60_000 + place)
                    });
                    scope.spawn(move || {
                        let mut weights = weights;
                        let lost = weights.find(|weight| {
                            let stored = caller.uploads(session, anna, *weight);
                            // The killer stops listening when it has seen enough.
                            let _ = stored.then(|| acknowledge.send(*weight));
                            !stored
                        });
                        lost.expect("the server goes away")
                    })
                })
                .collect();
            drop(acknowledge);
            sent.acknowledged.extend(acknowledged.iter().take(ACKNOWLEDGED));
            server.killed();
            sent.acknowledged.extend(acknowledged);
            sent.in_doubt.extend(scales.into_iter().map(|scale| scale.join().expect("a weight")));
        });
    }
    assert!(sent.acknowledged.len() >= ACKNOWLEDGED * usize::try_from(ROUNDS).unwrap());
    assert_eq!(sent.in_doubt.len(), usize::try_from(ROUNDS * SCALES).unwrap());

    let server = home.serves();
    let caller = Caller::of(&server.base_url);
    is_all_there(&sent, &caller.weights(&token));
    // Scales send again what they got no answer for, and sometimes what they got one for.
    let session = caller.opens_session();
    let all: Vec<Weight> = sent.acknowledged.union(&sent.in_doubt).copied().collect();
    for weight in &all {
        assert!(caller.uploads(&session, &anna, *weight));
    }
    assert_eq!(caller.weights(&token), all);
}

fn is_all_there(sent: &Sent, stored: &[Weight]) {
    let once: BTreeSet<Weight> = stored.iter().copied().collect();
    assert_eq!(once.len(), stored.len(), "nothing is stored twice");
    let lost: Vec<_> = sent.acknowledged.difference(&once).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let invented = once
        .iter()
        .find(|weight| !sent.acknowledged.contains(weight) && !sent.in_doubt.contains(weight));
    assert_eq!(invented, None, "nothing else is there");
}
