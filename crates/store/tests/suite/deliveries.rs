//! The outbox and the log of deliveries: rows that come with the data, in what order they are sent,
//! and what becomes of them. What failures mean for a subscription is in `failing.rs`.

use crate::harness::{Harness, NOON, ONE_AT_A_TIME, Works as _};
use crate::queue::{Gate, queue};
use crate::samples::{account, group, refusal, weigh, weight};
use crate::subscriptions::{HERE, due, get, lets, made, program, subscribed};
use domain::notification::{Appli, Attempt, MessageId, Outcome, RuleName};
use domain::{Error, ScopeSet, UserId};
use store::delivery::{self, Filter, Health, Logged, Notice, Resent, Settled, State, Waiting};
use store::lease::{self, Held, LEASE_SECONDS};
use store::subscription::{self, APPLICATION};
use store::{Access, Db, erase, measure, token};

on_both!(
    rows_of_the_outbox_come_with_the_data_and_go_with_it,
    a_job_that_runs_again_beside_one_that_failed_tells_once,
    what_is_due_comes_in_its_order_and_in_pages,
    what_became_of_a_delivery_is_in_the_log,
    a_lease_that_was_lost_writes_nothing,
    what_was_on_its_way_when_a_subscription_ended_or_paused,
    what_is_sent_anew_goes_to_the_subscription_or_to_the_one_in_its_place,
    the_log_is_read_from_both_ends_and_by_what_is_asked_for,
    sweeping_leaves_what_waits_and_what_is_new,
    of_an_erased_person_only_the_last_word_is_left,
    about_an_order_an_application_is_told_where_it_said,
);

const NODE: i64 = 7;

/// A person, and a program that is told of their weights.
pub(crate) struct Stage {
    pub(crate) db: Db,
    pub(crate) ada: UserId,
    pub(crate) diary: String,
    pub(crate) id: i64,
}

impl Stage {
    pub(crate) fn of(h: &Harness) -> Self {
        let db = h.open();
        let (ada, diary) = (account(&db, "ada"), program(&db, "Diary"));
        lets(&db, ada, &diary);
        let id = subscribed(&db, ada, &diary);
        Self { db, ada, diary, id }
    }

    /// Something happens: the row that tells of it.
    pub(crate) fn happens(&self) -> Waiting {
        weigh(&self.db, self.ada, &[NOON - 60]);
        due(&self.db, self.ada).pop().expect("a row")
    }

    /// The lease under which the person's rows are worked off.
    pub(crate) fn held(&self) -> Held {
        held(&self.db, NODE, self.ada)
    }

    /// Writes what became of a row, under a lease: what somebody should know.
    pub(crate) fn settles(
        &self,
        under: (i64, Held),
        row: &Waiting,
        what: (State, i64, Option<Health>),
    ) -> Vec<Notice> {
        self.settles_by(RuleName::Current, under, row, what)
    }

    pub(crate) fn settles_by(
        &self,
        rule: RuleName,
        (node, held): (i64, Held),
        row: &Waiting,
        (state, due, health): (State, i64, Option<Health>),
    ) -> Vec<Notice> {
        let (id, row, health) = (self.id, row.clone(), health.map(|health| (self.id, health)));
        assert_eq!(row.subscription, Some(id));
        let Waiting { user, id, created, attempts, .. } = row;
        self.db.write(move |tx| {
            let outcome = match state {
                State::Delivered => Outcome::Delivered,
                _ => Outcome::Refused,
            };
            let http = (state == State::Delivered).then_some(200);
            let at = tx.now();
            let mut attempts = attempts.clone();
            attempts.push(Attempt { at, outcome, http, took_ms: 12, retry_after: None });
            let settled = Settled { held, user, id, created, attempts, state, due, health };
            delivery::settle(tx, node, rule, &[settled])
        })
    }

    /// The log, newest first.
    pub(crate) fn log(&self) -> Vec<Logged> {
        log(&self.db, &self.diary, Filter::default())
    }
}

pub(crate) fn held(db: &Db, node: i64, user: UserId) -> Held {
    let all = db.write(move |tx| lease::hold(tx, node, false));
    all.into_iter().find(|held| held.bucket == lease::bucket(user)).expect("a lease")
}

fn log(db: &Db, client: &str, filter: Filter) -> Vec<Logged> {
    let client = client.to_owned();
    db.read(move |tx| delivery::log(tx, &client, &filter, None, 100))
}

fn rows_of_the_outbox_come_with_the_data_and_go_with_it(h: &Harness) {
    let s = Stage::of(h);
    let (ada, groups) = (s.ada, [group(NOON, &[weight()])]);
    let stores = move |tx: &mut store::Tx<'_>| measure::insert(tx, ada, &groups);
    let failed: domain::Result<()> = s.db.try_write({
        let stores = stores.clone();
        move |tx| {
            stores(tx)?;
            Err(Error::internal("on purpose"))
        }
    });
    assert!(failed.is_err());
    assert_eq!(s.log(), []);
    // What a refusal undoes was never told; what it leaves is.
    let refused: domain::Result<()> = s.db.try_write({
        let stores = stores.clone();
        move |tx| {
            tx.attempt(|tx| {
                stores(tx)?;
                Err(refusal())
            })
        }
    });
    assert!(refused.is_err());
    assert_eq!(s.log(), []);
    let kept: domain::Result<()> = s.db.try_write({
        let stores = stores.clone();
        move |tx| {
            stores(tx)?;
            tx.attempt(|_| Err(refusal()))
        }
    });
    assert!(kept.is_err());
    let told = s.log();
    let expected = Logged {
        user: s.ada,
        id: told[0].id,
        client_id: s.diary.clone(),
        subscription: Some(s.id),
        appli: Appli::WEIGHT,
        body: format!("userid={}&appli=1&startdate={NOON}&enddate={}", s.ada, NOON + 1),
        callback: HERE.to_owned(),
        created: NOON,
        due: Some(NOON),
        state: State::Waiting,
        attempts: Vec::new(),
    };
    assert_eq!(told, [expected]);
    let Stage { db, diary, .. } = s;
    assert_eq!(log(&h.reopen(db), &diary, Filter::default()), told, "after a restart too");
}

fn a_job_that_runs_again_beside_one_that_failed_tells_once(h: &Harness) {
    let db = h.open_with(ONE_AT_A_TIME);
    let (ada, diary) = (account(&db, "ada"), program(&db, "Diary"));
    lets(&db, ada, &diary);
    subscribed(&db, ada, &diary);
    let gate = Gate::shut(&db); // SQLite gives all of them one transaction.
    let work = |at: i64| {
        queue(&db, Access::Write, move |tx| {
            measure::insert(tx, ada, &[group(NOON + at, &[weight()])])?;
            if at == 3 { Err(Error::internal("on purpose")) } else { Ok(()) }
        })
    };
    let queued: Vec<_> = (0..6).map(work).collect();
    gate.open().expect("opened");
    let failed = queued.into_iter().map(|one| one.answer().is_err()).collect::<Vec<_>>();
    assert_eq!(failed, [false, false, false, true, false, false]);
    let mut told: Vec<String> =
        log(&db, &diary, Filter::default()).into_iter().map(|line| line.body).collect();
    told.reverse();
    let body =
        |at: i64| format!("userid={ada}&appli=1&startdate={}&enddate={}", NOON + at, NOON + at + 1);
    assert_eq!(told, [0, 1, 2, 4, 5].map(body));
}

fn what_is_due_comes_in_its_order_and_in_pages(h: &Harness) {
    let s = Stage::of(h);
    // Two people of one bucket.
    let mut others = (0..).map(|number| account(&s.db, &format!("n{number}")));
    let bob = others.find(|user| lease::bucket(*user) == lease::bucket(s.ada)).expect("somebody");
    lets(&s.db, bob, &s.diary);
    subscribed(&s.db, bob, &s.diary);
    let mut expected = Vec::new();
    for _ in 0..3 {
        for user in [s.ada, bob] {
            weigh(&s.db, user, &[NOON]);
            weigh(&s.db, user, &[NOON]);
        }
        h.clock.advance(1);
    }
    for moment in 0..3 {
        let mut users = [s.ada, bob];
        users.sort();
        expected.extend(users.into_iter().flat_map(|user| [(NOON + moment, user); 2]));
    }
    let page = |after: delivery::Place, limit: i64| {
        let bucket = lease::bucket(bob);
        s.db.read(move |tx| delivery::due(tx, bucket, after, limit))
    };
    let first = (i64::MIN, 0, 0);
    let places = |rows: &[Waiting]| rows.iter().map(|one| (one.due, one.user)).collect::<Vec<_>>();
    let whole = page(first, 100);
    assert_eq!(places(&whole), expected);
    let (mut after, mut walked) = (first, Vec::new());
    loop {
        let rows = page(after, 5);
        let Some(last) = rows.last() else { break };
        after = (last.due, last.user.0, last.id);
        walked.extend(rows);
    }
    let numbers = |rows: &[Waiting]| rows.iter().map(|one| (one.user, one.id)).collect::<Vec<_>>();
    assert_eq!(numbers(&walked), numbers(&whole));
    // What falls due later is not there, and comes by itself.
    let late = &whole[0];
    let s = Stage { ada: late.user, id: late.subscription.expect("one"), ..s };
    s.settles((NODE, s.held()), late, (State::Waiting, NOON + 100, None));
    let bucket = lease::bucket(bob);
    let rows = |db: &Db| db.read(move |tx| delivery::due(tx, bucket, first, 100));
    assert_eq!(rows(&s.db).len(), whole.len() - 1);
    h.clock.advance(97);
    let rows = rows(&s.db);
    assert_eq!((rows.len(), rows[rows.len() - 1].id), (whole.len(), late.id));
    assert_eq!(rows[rows.len() - 1].attempts.len(), 1);
}

fn what_became_of_a_delivery_is_in_the_log(h: &Harness) {
    let s = Stage::of(h);
    let (row, held) = (s.happens(), s.held());
    assert_eq!((row.callback.as_str(), row.is_failing), (HERE, false));
    assert_eq!((row.created, row.due, row.attempts.len()), (NOON, NOON, 0));
    let again = (State::Waiting, NOON + 10, Some(Health::Fails));
    assert_eq!(s.settles((NODE, held), &row, again), []);
    let line = s.log().remove(0);
    assert_eq!((line.state, line.due, line.tries()), (State::Waiting, Some(NOON + 10), 1));
    assert_eq!(due(&s.db, s.ada).len(), 0);
    h.clock.advance(10);
    let row = due(&s.db, s.ada).remove(0);
    assert!(row.is_failing);
    let arrived = (State::Delivered, NOON + 10, Some(Health::Works));
    assert_eq!(s.settles((NODE, s.held()), &row, arrived), []);
    let line = s.log().remove(0);
    assert_eq!((line.state, line.due), (State::Delivered, None));
    let attempt = |at, outcome, http| Attempt { at, outcome, http, took_ms: 12, retry_after: None };
    let expected =
        [attempt(NOON, Outcome::Refused, None), attempt(NOON + 10, Outcome::Delivered, Some(200))];
    assert_eq!(line.attempts, expected);
    assert_eq!(get(&s.db, s.ada, s.id).failures, 0);
    // One that is given up is not tried any more.
    let row = s.happens();
    s.settles((NODE, s.held()), &row, (State::GivenUp, NOON, Some(Health::Fails)));
    h.clock.advance(86_400);
    assert!(due(&s.db, s.ada).is_empty());
    let line = s.log().remove(0);
    assert_eq!((line.state, line.state.name(), line.due), (State::GivenUp, "dead", None));
}

fn a_lease_that_was_lost_writes_nothing(h: &Harness) {
    let s = Stage::of(h);
    let (row, lost) = (s.happens(), s.held());
    h.clock.advance(u32::try_from(LEASE_SECONDS).expect("seconds"));
    let now = held(&s.db, 8, s.ada);
    assert_eq!(now.epoch, lost.epoch + 1);
    let before = s.log();
    // The node that was away too long; and the owner, under the lease of before.
    for under in [(NODE, lost), (NODE, now), (8, lost)] {
        let failed = (State::GivenUp, NOON, Some(Health::Gone));
        assert_eq!(s.settles(under, &row, failed), []);
        assert_eq!(s.log(), before);
        assert_eq!(get(&s.db, s.ada, s.id).state, subscription::State::Live);
    }
    s.settles((8, now), &row, (State::Delivered, NOON, None));
    assert_eq!(s.log()[0].state, State::Delivered);
}

fn what_was_on_its_way_when_a_subscription_ended_or_paused(h: &Harness) {
    let s = Stage::of(h);
    let (ada, id, row) = (s.ada, s.id, s.happens());
    // Paused: tried again only when it goes on, and what arrived has arrived.
    s.db.write(move |tx| subscription::pause(tx, ada, id, true));
    let again = (State::Waiting, NOON + 10, Some(Health::Fails));
    s.settles((NODE, s.held()), &row, again);
    h.clock.advance(86_400);
    assert!(due(&s.db, s.ada).is_empty());
    assert_eq!((s.log()[0].due, s.log()[0].tries()), (None, 1));
    s.db.write(move |tx| subscription::pause(tx, ada, id, false));
    assert_eq!(due(&s.db, s.ada).len(), 1);
    s.db.write(move |tx| subscription::pause(tx, ada, id, true));
    s.settles((NODE, s.held()), &row, (State::Delivered, NOON, Some(Health::Works)));
    assert_eq!(s.log()[0].state, State::Delivered);
    s.db.write(move |tx| subscription::pause(tx, ada, id, false));
    // Ended: it stays dropped, whatever came of the last attempt.
    let row = s.happens();
    s.db.write(move |tx| subscription::end(tx, ada, id));
    for state in [State::Waiting, State::Delivered, State::GivenUp] {
        let notices = s.settles((NODE, s.held()), &row, (state, NOON, Some(Health::Fails)));
        assert_eq!(notices, []);
        assert_eq!((s.log()[0].state, s.log()[0].due), (State::Dropped, None));
    }
    let over = get(&s.db, s.ada, s.id);
    assert_eq!((over.state, over.failures), (subscription::State::Ended, 0));
}

fn what_is_sent_anew_goes_to_the_subscription_or_to_the_one_in_its_place(h: &Harness) {
    let s = Stage::of(h);
    let (ada, id) = (s.ada, s.id);
    let resends = |line: &Logged| {
        let line = line.clone();
        let seen = s.db.read({
            let line = line.clone();
            move |tx| delivery::foresee(tx, &line)
        });
        let done = s.db.write(move |tx| delivery::resend(tx, &line));
        assert_eq!(seen.0, done);
        done
    };
    for state in [State::Delivered, State::GivenUp] {
        let row = s.happens();
        s.settles((NODE, s.held()), &row, (state, NOON, None));
        h.clock.advance(100);
        assert!(due(&s.db, ada).is_empty());
        assert_eq!(resends(&s.log()[0]), Resent::Now);
        let again = due(&s.db, ada);
        assert_eq!((again.len(), again[0].id), (1, row.id));
        assert_eq!(again[0].body, row.body);
        // What was tried before is not forgotten, and does not count.
        let (begun, tried) = Attempt::round(again[0].created, &again[0].attempts);
        assert_eq!((tried.len(), again[0].attempts.len()), (0, 2));
        assert!(begun > row.created);
        s.settles((NODE, s.held()), &again[0], (State::Delivered, NOON, None));
        assert_eq!(s.log()[0].tries(), 2);
    }
    // While it is paused, when it goes on.
    s.db.write(move |tx| subscription::pause(tx, ada, id, true));
    assert_eq!(resends(&s.log()[0]), Resent::Held);
    assert!(due(&s.db, ada).is_empty());
    s.db.write(move |tx| subscription::pause(tx, ada, id, false));
    assert_eq!(due(&s.db, ada).len(), 1);
    // Where it ended: nowhere, or to the one in its place.
    s.db.write(move |tx| subscription::end(tx, ada, id));
    assert_eq!(s.log()[0].state, State::Dropped);
    assert_eq!(resends(&s.log()[0]), Resent::Ended);
    assert_eq!(s.log()[0].state, State::Dropped);
    made(&s.db, ada, &s.diary, (Appli::SLEEP, HERE)).expect("of something else");
    assert_eq!(resends(&s.log()[0]), Resent::Ended);
    let second = subscribed(&s.db, ada, &s.diary);
    assert_eq!(resends(&s.log()[0]), Resent::Now);
    assert_eq!(due(&s.db, ada)[0].subscription, Some(second));
}

fn the_log_is_read_from_both_ends_and_by_what_is_asked_for(h: &Harness) {
    let s = Stage::of(h);
    let bob = account(&s.db, "bob");
    lets(&s.db, bob, &s.diary);
    let sleep = made(&s.db, bob, &s.diary, (Appli::WEIGHT, "https://program.example/there"));
    let other = program(&s.db, "Other");
    lets(&s.db, s.ada, &other);
    made(&s.db, s.ada, &other, (Appli::WEIGHT, HERE));
    for _ in 0..3 {
        weigh(&s.db, s.ada, &[NOON]);
        weigh(&s.db, bob, &[NOON]);
        h.clock.advance(10);
    }
    let row = due(&s.db, s.ada).into_iter().find(|one| one.subscription == Some(s.id));
    s.settles((NODE, s.held()), &row.expect("a row"), (State::Delivered, NOON, None));
    let all = s.log();
    assert_eq!(all.len(), 6, "what others are told is not there");
    assert!(all.iter().rev().map(|line| line.id).is_sorted());
    let numbers = |lines: &[Logged]| lines.iter().map(|line| line.id).collect::<Vec<_>>();
    let expected = |is: &dyn Fn(&Logged) -> bool| -> Vec<i64> {
        all.iter().filter(|line| is(line)).map(|line| line.id).collect()
    };
    type Is<'i> = &'i dyn Fn(&Logged) -> bool;
    let filters: [(Filter, Is<'_>); 8] = [
        (Filter { state: Some(State::Delivered), ..Filter::default() }, &|line| {
            line.state == State::Delivered
        }),
        (Filter { state: State::named("waiting"), ..Filter::default() }, &|line| {
            line.state == State::Waiting
        }),
        (Filter { appli: Some(Appli::WEIGHT), ..Filter::default() }, &|_| true),
        (Filter { appli: Some(Appli::SLEEP), ..Filter::default() }, &|_| false),
        (Filter { user: Some(bob), ..Filter::default() }, &|line| line.user == bob),
        (Filter { subscription: sleep, ..Filter::default() }, &|line| line.user == bob),
        (Filter { since: Some(NOON + 10), ..Filter::default() }, &|line| line.created > NOON),
        (Filter { until: Some(NOON + 10), ..Filter::default() }, &|line| line.created == NOON),
    ];
    for (filter, is) in filters {
        assert_eq!(numbers(&log(&s.db, &s.diary, filter.clone())), expected(is), "{filter:?}");
        let (client, from) = (s.diary.clone(), MessageId { user: UserId(0), number: 0 });
        let mut lines = s.db.read(move |tx| delivery::log_after(tx, &client, &filter, from, 100));
        lines.reverse();
        assert_eq!(numbers(&lines), expected(is));
    }
    // In pages, from either end.
    let (client, before) = (s.diary.clone(), all[2].id);
    let older =
        s.db.read(move |tx| delivery::log(tx, &client, &Filter::default(), Some(before), 2));
    assert_eq!(numbers(&older), numbers(&all[3..5]));
    let (client, after) = (s.diary.clone(), all[3].name());
    let newer = s.db.read(move |tx| delivery::log_after(tx, &client, &Filter::default(), after, 2));
    assert_eq!(numbers(&newer), [all[2].id, all[1].id]);
    let name = all[4].name();
    assert_eq!(s.db.read(move |tx| delivery::get(tx, name)).as_ref(), Some(&all[4]));
}

fn sweeping_leaves_what_waits_and_what_is_new(h: &Harness) {
    let s = Stage::of(h);
    let (delivered, waits) = (s.happens(), s.happens());
    s.settles((NODE, s.held()), &delivered, (State::Delivered, NOON, None));
    let ended = made(&s.db, s.ada, &s.diary, (Appli::SLEEP, HERE)).expect("one");
    let ada = s.ada;
    s.db.write(move |tx| subscription::end(tx, ada, ended));
    h.clock.advance(100);
    let new = s.happens();
    s.settles((NODE, s.held()), &new, (State::Delivered, NOON, None));
    let sweeps = |before: i64| {
        let client = s.diary.clone();
        s.db.write(move |tx| delivery::sweep(tx, &client, before))
    };
    assert_eq!(sweeps(NOON), 0);
    assert_eq!(sweeps(NOON + 1), 1);
    let left = s.log().into_iter().map(|line| line.id).collect::<Vec<_>>();
    assert_eq!(left, [new.id, waits.id]);
    assert_eq!(s.db.read(move |tx| subscription::get(tx, ada, ended)), None);
    get(&s.db, s.ada, s.id);
    // An ended one stays as long as a line names it.
    let id = s.id;
    s.db.write(move |tx| subscription::end(tx, ada, id));
    assert_eq!(sweeps(NOON + 100), 1);
    assert_eq!(get(&s.db, s.ada, s.id).state, subscription::State::Ended);
    assert_eq!(sweeps(NOON + 101), 1);
    assert_eq!(s.db.read(move |tx| subscription::get(tx, ada, id)), None);
    assert_eq!(s.log(), []);
}

fn of_an_erased_person_only_the_last_word_is_left(h: &Harness) {
    let s = Stage::of(h);
    let bob = account(&s.db, "bob");
    let other = program(&s.db, "Other");
    for (user, client) in [(bob, &s.diary), (s.ada, &other)] {
        lets(&s.db, user, client);
    }
    let profile = |user, client: &str| made(&s.db, user, client, (Appli::PROFILE, HERE));
    profile(s.ada, &s.diary);
    profile(bob, &s.diary);
    let paused = profile(s.ada, &other).expect("one");
    let (ada, client) = (s.ada, program(&s.db, "Third"));
    profile(s.ada, &client);
    s.db.write(move |tx| {
        subscription::pause(tx, ada, paused, true)?;
        let scopes = ScopeSet::parse("user.metrics").expect("a scope");
        token::issue(tx, ada, &client, &scopes)
    });
    s.happens();
    let erases = move |tx: &mut store::Tx<'_>| erase::erase(tx, ada);
    // It goes with the erasure, if that goes.
    let failed: domain::Result<()> = s.db.try_write(move |tx| {
        erases(tx)?;
        Err(Error::internal("on purpose"))
    });
    assert!(failed.is_err());
    assert_eq!(s.log().len(), 1);
    s.db.write(erases);
    assert_eq!(h.numbers(&format!("select count(*) from subscription where user_id = {ada}")), [0]);
    let lines: Vec<String> = h.column("select body from notification");
    assert_eq!(lines, [format!("userid={ada}&appli=46&action=delete")]);
    let line = s.log().remove(0);
    assert_eq!((line.user, line.subscription, line.state), (APPLICATION, None, State::Waiting));
    assert_eq!((line.callback.as_str(), line.due), (HERE, Some(NOON)));
    // It arrives like any other.
    let row = due(&s.db, APPLICATION).remove(0);
    assert_eq!((row.callback.as_str(), row.body), (HERE, line.body));
    assert_eq!(h.numbers("select count(*) from subscription"), [1], "bob's");
}

fn about_an_order_an_application_is_told_where_it_said(h: &Harness) {
    let s = Stage::of(h);
    let (client, json) = (s.diary.clone(), r#"{"order_id":"7"}"#);
    let tells = move |db: &Db| {
        let client = client.clone();
        db.write(move |tx| store::notification::about_order(tx, &client, json))
    };
    assert!(!tells(&s.db), "it never said where");
    h.tamper("update application set notify_uri = 'https://program.example/orders'");
    assert!(tells(&s.db));
    let row = due(&s.db, APPLICATION).remove(0);
    assert_eq!((row.appli, row.body.as_str()), (store::notification::ORDER, json));
    assert_eq!((row.callback.as_str(), row.subscription), ("https://program.example/orders", None));
}
