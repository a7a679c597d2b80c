//! A grant used by several threads at random, and afterwards the question whether what each call
//! answered can be explained: by some order of the calls that keeps to what happened before what,
//! in which every answer is the one of a model. The model is told anew here, from the field notes,
//! as a set of questions to the whole tree; it shares nothing with `domain::token`.

use crate::codes::{issue, redeem};
use crate::harness::Harness;
use crate::samples::account;
use crate::tokens::{is_accepted, refreshed};
use domain::{Clock as _, Entropy, EntropyExt as _, SeededEntropy, UserId};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use store::Db;
use store::token::Tokens;

on_both!(histories_of_many_threads_can_be_explained);

const THREADS: usize = 3;
/// Steps of a thread: small enough that every order can be tried.
const STEPS: usize = 5;
/// Calls that are tried before a search is given up as too large to mean anything.
const TRIES_MAX: usize = 5_000_000;

const HOUR: i64 = 3_600;

/// A pair is known by its place in the order in which pairs were handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    /// Brings the code of the grant back.
    Redeem,
    /// Uses the refresh token of a pair.
    Refresh(usize),
    /// Uses the access token of a pair.
    Use(usize),
}

/// A call that was answered.
#[derive(Debug, Clone, Copy)]
struct Done {
    call: Call,
    /// The pair it brought, or for a use the pair itself; `None`: it was refused.
    answer: Option<usize>,
    /// What the clock showed when it was given and when it was answered.
    clock: (i64, i64),
    /// The order of its beginning and its end among those of all calls.
    stamps: (usize, usize),
}

/// The rule, as the field notes (§4.1) tell it.
#[derive(Clone, Default)]
struct Model {
    /// When the code is burnt its second use ends what it brought.
    redeemed: usize,
    /// Pair, the pair whose refresh token brought it, and when.
    pairs: Vec<(usize, Option<usize>, i64)>,
    /// Pairs whose access token was used.
    used: Vec<usize>,
    /// Pairs whose refresh token was used, and when first.
    refreshed: Vec<(usize, i64)>,
}

impl Model {
    /// Whether `above` is `below` or stands over it.
    fn is_over(&self, above: usize, below: usize) -> bool {
        let of = |pair: usize| self.pairs.iter().find(|(known, ..)| *known == pair);
        let parent = |pair: &usize| of(*pair).and_then(|(_, parent, _)| *parent);
        std::iter::successors(Some(below), parent).any(|pair| pair == above)
    }

    /// Two lines part somewhere, and the other one is known to have arrived.
    fn is_left_behind(&self, pair: usize) -> bool {
        let apart = |used: &usize| !self.is_over(*used, pair) && !self.is_over(pair, *used);
        self.redeemed > 1 || self.used.iter().any(apart)
    }

    fn born(&self, pair: usize) -> Option<i64> {
        self.pairs.iter().find(|(known, ..)| *known == pair).map(|(.., born)| *born)
    }

    fn opens(&self, pair: usize, now: i64) -> bool {
        let is_young = self.born(pair).is_some_and(|born| now < born + 3 * HOUR);
        is_young && !self.is_left_behind(pair)
    }

    fn renews(&self, pair: usize, now: i64) -> bool {
        let is_young = self.born(pair).is_some_and(|born| now < born + 365 * 24 * HOUR);
        let first = self.refreshed.iter().find(|(known, _)| *known == pair);
        let is_repeatable = first.is_none_or(|(_, first)| now < first + 8 * HOUR);
        let is_replaced = self.used.iter().any(|used| *used != pair && self.is_over(pair, *used));
        is_young && is_repeatable && !is_replaced && !self.is_left_behind(pair)
    }

    /// Whether the model, at that moment, gives this answer; then it has happened to it.
    fn gives(&mut self, done: &Done, code_made: i64, now: i64) -> bool {
        let is_good = match done.call {
            Call::Redeem => self.redeemed == 0 && now < code_made + 30,
            Call::Refresh(pair) => self.renews(pair, now),
            Call::Use(pair) => self.opens(pair, now),
        };
        if is_good != done.answer.is_some() {
            return false;
        }
        match (done.call, done.answer) {
            (Call::Redeem, brought) => {
                self.redeemed += 1;
                self.pairs.extend(brought.map(|pair| (pair, None, now)));
            }
            (Call::Refresh(pair), Some(brought)) => {
                if self.refreshed.iter().all(|(known, _)| *known != pair) {
                    self.refreshed.push((pair, now));
                }
                self.pairs.push((brought, Some(pair), now));
            }
            (Call::Use(pair), Some(_)) => self.used.push(pair),
            (_, None) => {}
        }
        true
    }
}

/// A search for an order that explains every answer.
struct Search<'s> {
    calls: &'s [Done],
    /// Everything the clock ever showed.
    moments: &'s [i64],
    code_made: i64,
    tries: usize,
}

impl Search<'_> {
    fn explains(&mut self, model: &Model, placed: &mut Vec<usize>) -> bool {
        if placed.len() == self.calls.len() {
            return true;
        }
        let left: Vec<usize> = (0..self.calls.len()).filter(|at| !placed.contains(at)).collect();
        // Nothing comes after what had not even begun when it ended.
        let first_end = left.iter().map(|at| self.calls[*at].stamps.1).min().unwrap_or(0);
        for at in left {
            let done = self.calls[at];
            if done.stamps.0 > first_end {
                continue;
            }
            let (from, to) = done.clock;
            for now in self.moments.iter().filter(|now| (from..=to).contains(*now)) {
                self.tries += 1;
                assert!(self.tries < TRIES_MAX, "the history is too large");
                let mut next = model.clone();
                if next.gives(&done, self.code_made, *now) {
                    placed.push(at);
                    if self.explains(&next, placed) {
                        return true;
                    }
                    placed.pop();
                }
            }
        }
        false
    }
}

fn can_be_explained(calls: &[Done], moments: &[i64], code_made: i64) -> bool {
    Search { calls, moments, code_made, tries: 0 }.explains(&Model::default(), &mut Vec::new())
}

/// A grant, and everything that was done to it.
struct Grant<'h> {
    h: &'h Harness,
    code: String,
    pairs: Mutex<Vec<Tokens>>,
    done: Mutex<Vec<Done>>,
    moments: Mutex<Vec<i64>>,
    stamp: AtomicUsize,
}

impl<'h> Grant<'h> {
    fn new(h: &'h Harness, db: &Db, user: UserId) -> Self {
        let (done, pairs) = (Mutex::default(), Mutex::default());
        let (moments, stamp) = (Mutex::new(vec![h.clock.now()]), AtomicUsize::new(0));
        Self { h, code: issue(db, user), pairs, done, moments, stamp }
    }

    fn calls(&self, db: &Db, call: Call) {
        let tokens = |pair: usize| self.pairs.lock().expect("pairs")[pair].clone();
        let stamp = || self.stamp.fetch_add(1, Ordering::SeqCst);
        let presented = match call {
            Call::Redeem => None,
            Call::Refresh(pair) | Call::Use(pair) => Some(tokens(pair)),
        };
        let (begun, from) = (stamp(), self.h.clock.now());
        let (is_good, brought) = match (call, &presented) {
            (Call::Use(_), Some(tokens)) => (is_accepted(db, tokens), None),
            (_, Some(tokens)) => (true, refreshed(db, tokens)),
            (_, None) => (true, redeem(db, &self.code, "app", crate::codes::ADDRESS).ok()),
        };
        let (to, ended) = (self.h.clock.now(), stamp());
        let answer = match (call, brought) {
            (Call::Use(pair), _) => is_good.then_some(pair),
            (_, None) => None,
            (_, Some(tokens)) => {
                let mut pairs = self.pairs.lock().expect("pairs");
                pairs.push(tokens);
                Some(pairs.len() - 1)
            }
        };
        let done = Done { call, answer, clock: (from, to), stamps: (begun, ended) };
        self.done.lock().expect("calls").push(done);
    }

    fn waits(&self, seconds: i64) {
        let mut moments = self.moments.lock().expect("moments");
        self.h.clock.advance(u32::try_from(seconds).expect("seconds"));
        moments.push(self.h.clock.now());
    }

    /// One step of a thread, of a pair that is known by now.
    fn steps(&self, db: &Db, random: &dyn Entropy) {
        let known = self.pairs.lock().expect("pairs").len();
        let pair = random.number(0, i64::try_from(known.max(1)).expect("few"));
        let pair = usize::try_from(pair).expect("a place");
        match random.number(0, 100) {
            _ if known == 0 => self.calls(db, Call::Redeem),
            0..45 => self.calls(db, Call::Refresh(pair)),
            45..85 => self.calls(db, Call::Use(pair)),
            85..87 => self.calls(db, Call::Redeem),
            _ => {
                let waits = [1, 30, 3 * HOUR - 1, 3 * HOUR, 5 * HOUR, 8 * HOUR - 1, 4_400 * HOUR];
                let which = random.number(0, waits.len() as i64);
                self.waits(waits[usize::try_from(which).expect("a place")]);
            }
        }
    }

    /// What everything has come to is asked too, one after the other.
    fn settles(&self, db: &Db) {
        let known = self.pairs.lock().expect("pairs").len();
        (0..known).for_each(|pair| self.calls(db, Call::Refresh(pair)));
        (0..known).for_each(|pair| self.calls(db, Call::Use(pair)));
        (0..known).for_each(|pair| self.calls(db, Call::Refresh(pair)));
    }
}

fn histories_of_many_threads_can_be_explained(h: &Harness) {
    let rounds = if h.is_postgres() { 60 } else { 120 };
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    for round in 0..rounds {
        let code_made = h.clock.now();
        let grant = Grant::new(h, &nodes[0], ada);
        // Now and then the threads race for the code as well.
        if round % 4 != 0 {
            grant.calls(&nodes[0], Call::Redeem);
        }
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (grant, db, start) = (&grant, &nodes[thread % 2], &start);
                scope.spawn(move || {
                    let seed = u64::try_from(round * THREADS + thread).expect("a seed");
                    let random = SeededEntropy::new(seed);
                    start.wait();
                    (0..STEPS).for_each(|_| grant.steps(db, &random));
                });
            }
        });
        grant.settles(&nodes[1]);
        let (calls, moments) = (grant.done.into_inner(), grant.moments.into_inner());
        let (calls, moments) = (calls.expect("calls"), moments.expect("moments"));
        assert!(can_be_explained(&calls, &moments, code_made), "round {round}: {calls:#?}");
        let pairs = grant.pairs.into_inner().expect("pairs");
        let mut tokens: Vec<&str> =
            pairs.iter().flat_map(|it| [&*it.access_token, &*it.refresh_token]).collect();
        tokens.sort_unstable();
        assert!(tokens.windows(2).all(|two| two[0] != two[1]), "a token was given twice");
    }
}

/// Calls one after the other, each at its moment.
fn in_order(calls: &[(Call, Option<usize>, i64)]) -> Vec<Done> {
    let done = |(at, (call, answer, now)): (usize, &(Call, Option<usize>, i64))| Done {
        call: *call,
        answer: *answer,
        clock: (*now, *now),
        stamps: (2 * at, 2 * at + 1),
    };
    calls.iter().enumerate().map(done).collect()
}

/// The same, all at once.
fn at_once(calls: &[(Call, Option<usize>, i64)]) -> Vec<Done> {
    let all = in_order(calls).into_iter();
    all.map(|done| Done { stamps: (done.stamps.0, usize::MAX), ..done }).collect()
}

#[test]
fn what_cannot_be_is_not_explained() {
    use Call::{Redeem, Refresh, Use};
    let moments = [0, 9, 3 * HOUR, 8 * HOUR];
    let explained = |calls: &[Done]| can_be_explained(calls, &moments, 0);
    let siblings = [
        (Redeem, Some(0), 0),
        (Refresh(0), Some(1), 0),
        (Refresh(0), Some(2), 0),
        (Use(1), Some(1), 0),
    ];
    let then = |more: &[(Call, Option<usize>, i64)]| in_order(&[&siblings[..], more].concat());
    assert!(explained(&then(&[(Use(2), None, 0), (Refresh(0), None, 0), (Use(0), Some(0), 0)])));
    assert!(!explained(&then(&[(Use(2), Some(2), 0)])), "both siblings live");
    assert!(!explained(&then(&[(Refresh(0), Some(3), 0)])), "the old one lives on");
    assert!(!explained(&then(&[(Refresh(2), Some(3), 0)])), "the sibling is renewed");
    assert!(!explained(&then(&[(Use(0), None, 0)])), "the old access token ends early");
    assert!(!explained(&then(&[(Use(1), Some(1), 3 * HOUR)])), "it lives too long");
    let repeated = |at| [(Redeem, Some(0), 0), (Refresh(0), Some(1), 0), (Refresh(0), Some(2), at)];
    assert!(explained(&in_order(&repeated(3 * HOUR))));
    assert!(!explained(&in_order(&repeated(8 * HOUR))), "repeated too late");
    let twice = [(Redeem, Some(0), 0), (Redeem, Some(1), 0)];
    assert!(!explained(&at_once(&twice)), "a code was good twice");
    let stolen = [(Redeem, Some(0), 0), (Redeem, None, 0), (Use(0), Some(0), 9)];
    assert!(explained(&at_once(&stolen)), "it was used before the thief came");
    assert!(!explained(&in_order(&stolen)), "it was used after the thief had come");
    // Of two uses at once the order may be either, but not both.
    let race = |one: Option<usize>, two: Option<usize>| {
        let mut calls = then(&[(Use(2), two, 0)]);
        calls[3].answer = one;
        calls[3].stamps.1 = usize::MAX;
        calls
    };
    assert!(explained(&race(Some(1), None)) && explained(&race(None, Some(2))));
    assert!(!explained(&race(Some(1), Some(2))) && !explained(&race(None, None)));
}
