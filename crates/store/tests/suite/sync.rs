//! A program that repeats a call with `lastupdate` set to the last `updatetime` misses nothing.
//! docs/sync.md argues it; this attacks it.

use crate::harness::{Harness, NOON, SMALL, Works as _};
use crate::queue::Gate;
use crate::samples::{account, group, weigh, weight};
use domain::{Clock as _, GroupId, UserId};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use store::measure::{Filter, insert, page};
use store::{Db, Limits, person};

on_both!(
    a_write_that_is_long_under_way_is_seen_by_the_poll_after_it,
    a_write_of_another_node_is_seen_by_the_poll_after_it,
    what_settled_is_not_seen_again,
    what_is_new_is_seen_again_until_it_settles,
    the_update_time_of_an_idle_person_follows_the_clock,
    polls_miss_nothing_while_one_node_writes_and_the_clock_leaps,
    polls_miss_nothing_while_two_nodes_write,
);

/// A program that asks again and again for what changed.
struct Program {
    user: UserId,
    last_update: i64,
    seen: HashSet<GroupId>,
}

impl Program {
    fn of(user: UserId) -> Self {
        Self { user, last_update: 0, seen: HashSet::new() }
    }

    /// One answer, from one snapshot: how many groups it gave.
    fn poll(&mut self, db: &Db) -> usize {
        let (user, after) = (self.user, self.last_update);
        let (groups, update_time) = db.read(move |tx| {
            let filter = Filter { changed_after: Some(after), ..Filter::default() };
            let page = page(tx, user, &filter, None, 100_000)?;
            let person = person::get(tx, user)?;
            Ok((page.groups, person::update_time(tx, &person)))
        });
        self.last_update = update_time;
        self.seen.extend(groups.iter().map(|group| group.id));
        groups.len()
    }
}

fn a_write_that_is_long_under_way_is_seen_by_the_poll_after_it(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let mut program = Program::of(ada);
    h.clock.advance(100);
    let store_one =
        move |tx: &mut store::Tx<'_>| insert(tx, ada, &[group(NOON, &[weight()])]).map(drop);
    let slow = Gate::shut_after(&db, store_one);
    h.clock.advance(100_000);
    assert_eq!(program.poll(&db), 0);
    assert!(program.last_update < NOON + 100, "the write is stamped with that time");
    slow.open().expect("stored");
    assert_eq!(program.poll(&db), 1);
}

fn a_write_of_another_node_is_seen_by_the_poll_after_it(h: &Harness) {
    let (db, other) = (h.open(), h.open());
    let ada = account(&db, "ada");
    let mut program = Program::of(ada);
    h.clock.advance(100);
    let store_one =
        move |tx: &mut store::Tx<'_>| insert(tx, ada, &[group(NOON, &[weight()])]).map(drop);
    let slow = Gate::shut_after(&other, store_one);
    h.clock.advance(u32::try_from(Limits::FOREIGN_WRITE_SECONDS).expect("a few seconds"));
    assert_eq!(program.poll(&db), 0);
    slow.open().expect("stored");
    assert_eq!(program.poll(&db), 1);
}

fn what_settled_is_not_seen_again(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    weigh(&db, ada, &[10, 20]);
    let mut program = Program::of(ada);
    assert_eq!(program.poll(&db), 2);
    h.clock.advance(20);
    assert_eq!(program.poll(&db), 2, "it may have changed again within that second");
    assert_eq!(program.poll(&db), 0);
    let db = h.reopen(db);
    assert_eq!(program.poll(&db), 0);
    weigh(&db, ada, &[5]);
    assert_eq!(program.poll(&db), 1);
}

fn what_is_new_is_seen_again_until_it_settles(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    weigh(&db, ada, &[10]);
    let mut program = Program::of(ada);
    for _ in 0..=Limits::FOREIGN_WRITE_SECONDS {
        assert_eq!(program.poll(&db), 1);
        assert_eq!(program.last_update, NOON - 1);
        h.clock.advance(1);
    }
    assert_eq!(program.poll(&db), 1);
    assert_eq!(program.last_update, NOON);
    assert_eq!(program.poll(&db), 0);
}

fn the_update_time_of_an_idle_person_follows_the_clock(h: &Harness) {
    let db = h.open();
    let mut program = Program::of(account(&db, "ada"));
    program.poll(&db);
    assert_eq!(program.last_update, NOON - 1);
    h.clock.advance(1_000_000);
    program.poll(&db);
    assert_eq!(program.last_update, h.clock.now() - Limits::FOREIGN_WRITE_SECONDS - 1);
    let other_people_write = Gate::shut(&db);
    program.poll(&db);
    assert_eq!(program.last_update, h.clock.now() - Limits::FOREIGN_WRITE_SECONDS - 1);
    other_people_write.open().expect("opened");
}

/// People whose measures are stored by several threads while programs ask for them.
struct Traffic<'h> {
    h: &'h Harness,
    people: [UserId; 3],
    stored: Mutex<HashSet<GroupId>>,
    is_over: AtomicBool,
}

/// Ends the traffic also when a writer fails.
struct Over<'t>(&'t AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<'h> Traffic<'h> {
    fn new(h: &'h Harness, db: &Db) -> Self {
        let people = ["ada", "bob", "eve"].map(|name| account(db, name));
        Self { h, people, stored: Mutex::default(), is_over: AtomicBool::new(false) }
    }

    /// Threads that store one group after another, and sometimes two at once.
    fn write(
        &self,
        nodes: &[Db],
        threads: usize,
        writes: usize,
        after_each: impl Fn(usize) + Sync,
    ) {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (db, after_each) = (&nodes[thread % nodes.len()], &after_each);
                scope.spawn(move || {
                    for write in 0..writes {
                        let user = self.people[(thread + write) % self.people.len()];
                        let ids = weigh(db, user, &[self.h.clock.now(), NOON][..1 + write % 2]);
                        self.stored.lock().expect("the ids").extend(ids);
                        after_each(thread);
                    }
                });
            }
        });
    }

    /// One program that polls until the traffic is over.
    fn poll(&self, db: &Db, user: UserId, after_each: impl Fn()) -> Program {
        let mut program = Program::of(user);
        while !self.is_over.load(Ordering::SeqCst) {
            program.poll(db);
            after_each();
        }
        program
    }

    /// The last poll: all was seen, and once it has settled nothing is seen again.
    fn check(&self, mut program: Program, db: &Db) {
        program.poll(db);
        let stored = self.stored.lock().expect("the ids");
        let due: HashSet<_> = stored.iter().filter(|id| id.parts().0 == program.user).collect();
        let missed = due.iter().filter(|id| !program.seen.contains(id)).count();
        assert!(!due.is_empty());
        assert_eq!(missed, 0, "of {} groups", due.len());
        self.h.clock.advance(20);
        program.poll(db);
        assert_eq!(program.poll(db), 0);
    }
}

fn polls_miss_nothing_while_one_node_writes_and_the_clock_leaps(h: &Harness) {
    let nodes = [h.open()];
    let traffic = &Traffic::new(h, &nodes[0]);
    let programs = std::thread::scope(|scope| {
        let over = Over(&traffic.is_over);
        let polling = traffic.people.map(|user| {
            let db = &nodes[0];
            // Far more than a write of another node may take.
            scope.spawn(move || traffic.poll(db, user, || h.clock.advance(60)))
        });
        traffic.write(&nodes, 3, 60, |_| {});
        drop(over);
        polling.map(|thread| thread.join().expect("a program"))
    });
    programs.into_iter().for_each(|program| traffic.check(program, &nodes[0]));
}

fn polls_miss_nothing_while_two_nodes_write(h: &Harness) {
    const ROUNDS: usize = 8;
    const WRITES: usize = 9;
    // While anybody writes the clock moves less than a write of another node may take.
    const { assert!(WRITES < Limits::FOREIGN_WRITE_SECONDS as usize) };
    let nodes = [h.open(), h.open_with(Limits { connections: 2, ..SMALL })];
    let traffic = &Traffic::new(h, &nodes[0]);
    let programs = std::thread::scope(|scope| {
        let over = Over(&traffic.is_over);
        let polling = [0, 1, 2, 3, 4, 5].map(|n| {
            let (db, user) = (&nodes[n % 2], traffic.people[n % 3]);
            scope.spawn(move || traffic.poll(db, user, || {}))
        });
        for _ in 0..ROUNDS {
            let tick = |thread| {
                if thread == 0 {
                    h.clock.advance(1)
                }
            };
            traffic.write(&nodes, 4, WRITES, tick);
            h.clock.advance(60);
        }
        drop(over);
        polling.map(|thread| thread.join().expect("a program"))
    });
    programs.into_iter().for_each(|program| traffic.check(program, &nodes[1]));
}
