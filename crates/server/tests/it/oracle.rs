//! Under load every token is judged right: several callers at once mix tokens that are good,
//! expired, ended, revoked, of too narrow a scope and made up, over HTTP, and what each call must
//! answer is known before it is sent.

use crate::app::{App, Engine};
use crate::household::{Person, Program};
use crate::on_both_engines;
use api::admin;
use domain::token::ACCESS_SECONDS;
use domain::{Entropy, EntropyExt as _, SeededEntropy};
use std::collections::BTreeMap;
use std::sync::Barrier;
use store::token::Tokens;

on_both_engines!(no_token_is_judged_wrongly);

const CALLERS: usize = 8;
/// Counted calls of each: 2,000 in all.
const CALLS: usize = 250;
const PEOPLE: usize = 4;

/// A token, what it is, and what it must be answered with.
#[derive(Clone)]
struct Case {
    kind: &'static str,
    access: String,
    /// The status; of 0 also whose goal comes with it.
    expected: (i64, Option<i64>),
}

fn issues(app: &App, person: &Person<'_>, program: &Program<'_>, scope: &'static str) -> Tokens {
    let (user, client) = (person.id.to_string(), program.id.clone());
    app.administers(move |tx| admin::issue_token(tx, &client, &user, Some(scope)))
}

/// Asks for the goals with this token: the status, and the steps.
fn asks(app: &App, access: &str) -> (i64, Option<i64>) {
    let request = app.request("POST", "/v2/user").bearer_auth(access);
    let answer = app.sends(request.form(&[("action", "getgoals")])).json();
    let status = answer["status"].as_i64().expect("a status");
    (status, answer["body"]["goals"]["steps"].as_i64())
}

/// Uses a refresh token: the status, and the new pair.
fn renews(program: &Program<'_>, refresh: &str) -> (i64, Option<(String, String)>) {
    let answer = program.refreshes(refresh).json();
    let text = |name: &str| answer["body"][name].as_str().map(str::to_owned);
    let pair = text("access_token").zip(text("refresh_token"));
    (answer["status"].as_i64().expect("a status"), pair)
}

fn steps(person: usize) -> i64 {
    5_000 + 100 * i64::try_from(person).expect("a small number")
}

/// Everything that does not change while the callers call.
fn cases(app: &App, people: &[Person<'_>], program: &Program<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |kind, access: &str, expected| {
        cases.push(Case { kind, access: access.to_owned(), expected });
    };
    for person in people {
        add("expired", &issues(app, person, program, "user.metrics").access_token, (401, None));
    }
    app.clock.advance(u32::try_from(ACCESS_SECONDS).expect("seconds"));
    let other = app.client_named("Other", "https://other.example/");
    for (number, person) in people.iter().enumerate() {
        let good = (0, Some(steps(number)));
        let first = issues(app, person, program, "user.metrics");
        add("good", &first.access_token, good);
        for made_up in [
            first.refresh_token.clone(),
            first.access_token.to_uppercase(),
            first.access_token[1..].to_owned(),
            format!("{}0", first.access_token),
            "0123456789".repeat(4),
            "' or '1'='1".to_owned(),
        ] {
            add("made up", &made_up, (401, None));
        }
        let narrow = issues(app, person, program, "user.info");
        add("too narrow", &narrow.access_token, (2_555, None));
        // Of two that one refresh token brought the one that is used first stays.
        let siblings = [0, 1].map(|_| renews(program, &first.refresh_token).1.expect("a pair"));
        assert_eq!(asks(app, &siblings[1].0), good);
        add("ended", &siblings[0].0, (401, None));
        add("good", &siblings[1].0, good);
        let gone = issues(app, person, &other, "user.metrics");
        assert_eq!(asks(app, &gone.access_token), good);
        let (client, user) = (other.id.clone(), person.id);
        app.administers(move |tx| store::grant::revoke(tx, &client, user));
        add("revoked", &gone.access_token, (401, None));
    }
    cases
}

/// A caller's own grant, which changes while it calls.
struct Line<'a> {
    app: &'a App,
    program: &'a Program<'a>,
    good: (i64, Option<i64>),
    access: Vec<String>,
    refresh: String,
}

impl Line<'_> {
    /// Renews, uses the new pair, and tries what that has ended: each with what it answers and
    /// what it must answer.
    fn goes_on(&mut self) -> Vec<(&'static str, i64, i64)> {
        let (first, pair) = renews(self.program, &self.refresh);
        let (repeated, lost) = renews(self.program, &self.refresh);
        let mut seen = vec![("renewed", first, 0), ("renewed again", repeated, 0)];
        let (Some((access, refresh)), Some((never_used, _))) = (pair, lost) else { return seen };
        let used = asks(self.app, &access);
        seen.push(("of a renewal", i64::from(used == self.good), 1));
        seen.push(("beside it", asks(self.app, &never_used).0, 401));
        seen.push(("renewed before", renews(self.program, &self.refresh).0, 503));
        self.access.push(access);
        self.refresh = refresh;
        seen
    }
}

/// What one caller found wrong, and how often it asked for what.
type Found = (Vec<String>, BTreeMap<&'static str, usize>);

fn calls(line: &mut Line<'_>, cases: &[Case], random: &dyn Entropy) -> Found {
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::new());
    let pick = |length: usize| {
        let number = random.number(0, i64::try_from(length).expect("a small number"));
        usize::try_from(number).expect("a place")
    };
    while counts.values().sum::<usize>() < CALLS {
        if pick(12) == 0 {
            for (kind, got, expected) in line.goes_on() {
                *counts.entry(kind).or_default() += 1;
                if got != expected {
                    wrong.push(format!("{kind}: {got} instead of {expected}"));
                }
            }
            continue;
        }
        let case = match pick(4) {
            // An access token lives to its end, whatever came after it.
            0 => Case {
                kind: "of its own line",
                access: line.access[pick(line.access.len())].clone(),
                expected: line.good,
            },
            _ => cases[pick(cases.len())].clone(),
        };
        *counts.entry(case.kind).or_default() += 1;
        let got = asks(line.app, &case.access);
        if got != case.expected {
            wrong.push(format!("{}: {got:?} instead of {:?}", case.kind, case.expected));
        }
    }
    (wrong, counts)
}

fn no_token_is_judged_wrongly(engine: Engine) {
    let app = App::on(engine);
    let people: Vec<Person<'_>> = (0..PEOPLE).map(|n| app.person(&format!("person-{n}"))).collect();
    let program = app.client();
    for (number, person) in people.iter().enumerate() {
        let (user, steps) = (person.id.to_string(), Some(steps(number)));
        let goals = admin::NewGoals { clear: false, steps, sleep: None, weight_kg: None };
        app.administers(move |tx| admin::set_goals(tx, &user, &goals));
    }
    let cases = cases(&app, &people, &program);
    let lines: Vec<Line<'_>> = (0..CALLERS)
        .map(|caller| {
            let person = caller % PEOPLE;
            let first = issues(&app, &people[person], &program, "user.metrics");
            let (access, refresh) = (vec![first.access_token], first.refresh_token);
            let good = (0, Some(steps(person)));
            Line { app: &app, program: &program, good, access, refresh }
        })
        .collect();
    let start = Barrier::new(CALLERS);
    let found: Vec<Found> = std::thread::scope(|scope| {
        let running: Vec<_> = lines
            .into_iter()
            .enumerate()
            .map(|(caller, mut line)| {
                let (start, cases) = (&start, &cases);
                scope.spawn(move || {
                    let random = SeededEntropy::new(u64::try_from(caller).expect("a seed"));
                    start.wait();
                    calls(&mut line, cases, &random)
                })
            })
            .collect();
        running.into_iter().map(|caller| caller.join().expect("its answers")).collect()
    });
    let (mut all, mut wrong) = (BTreeMap::new(), Vec::new());
    for (told, counts) in found {
        wrong.extend(told);
        counts.into_iter().for_each(|(kind, count)| *all.entry(kind).or_insert(0) += count);
    }
    assert!(wrong.is_empty(), "{} wrong answers: {wrong:#?}", wrong.len());
    assert!(all.values().sum::<usize>() >= CALLERS * CALLS, "{all:?}");
    for case in &cases {
        assert!(all.get(case.kind).is_some_and(|count| *count > 10), "{}: {all:?}", case.kind);
    }
}
