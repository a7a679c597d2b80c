//! Devices that hand over at once, again, in vain and half, while programs follow what changes: no
//! change is ever missed, and nothing is counted twice. docs/sync.md argues it; this attacks it.

use crate::app::{App, Engine, NOW};
use crate::copies::{Asks, Copy, DAYS, List, Mirror, NIGHTS, WORKOUTS};
use crate::household::Person;
use crate::on_both_engines;
use crate::writers::{Device, Told, Writer, batch, steps};
use api::admin;
use domain::{Clock as _, DAY_SECONDS, SeededEntropy, UserId};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex, mpsc};
use store::{Access, Db, Tx};

on_both_engines!(
    a_sync_that_is_long_under_way_is_in_the_walk_after_it,
    what_changes_behind_a_program_that_pages_is_in_its_next_walk,
    programs_miss_nothing_while_devices_sync_through_one_node,
    programs_miss_nothing_while_devices_sync_through_two_nodes,
    a_batch_that_comes_many_times_at_once_counts_once,
);

const SCOPES: &str = "user.metrics,user.activity,user.sleepevents";

/// More days and workouts than a page holds, and more nights.
pub(crate) const DAYS_BEFORE: i64 = 210;
const NIGHTS_BEFORE: i64 = 310;
const WRITERS: usize = 4;

fn program(app: &App, db: &Db, person: &Person<'_>) -> Asks {
    let (client, user) = (app.client().id, person.id.to_string());
    let issue = move |tx: &mut Tx<'_>| admin::issue_token(tx, &client, &user, Some(SCOPES));
    let token = app.administers(issue).access_token;
    Asks { db: db.clone(), token }
}

fn walked(id: &str, at: i64) -> Value {
    json!({ "id": id, "type": "intraday", "startdate": at, "values": { "steps": [7] } })
}

fn a_sync_that_is_long_under_way_is_in_the_walk_after_it(engine: Engine) {
    let app = App::on(engine);
    let (anna, db) = (app.person("anna"), app.db());
    let watch = Device::of(&app, "00:24:e4:00:00:78", 93, &[&anna]);
    let program = program(&app, &db, &anna);
    watch.hands_over(&db, &batch(&[walked("a", NOW - DAY_SECONDS)]));
    let (mut days, mut mirror) = (Copy::of(DAYS, false), Mirror::default());
    assert_eq!(days.walks(&program), 1);
    mirror.follows(&program, 100);
    app.clock.advance(100);
    let (has_begun, begins) = mpsc::channel();
    let (end, may_end) = mpsc::channel::<()>();
    let may_end = Mutex::new(may_end);
    let slow = watch.work(&batch(&[walked("b", NOW)]), move || {
        let _ = has_begun.send(());
        let _ = may_end.lock().unwrap().recv(); // Ends when the other side is dropped.
        Ok(())
    });
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| db.run_blocking(Access::Write, slow));
        begins.recv().expect("its turn");
        app.clock.advance(5_000);
        for _ in 0..3 {
            days.walks(&program);
            mirror.follows(&program, 100);
        }
        assert_eq!((days.rows.len(), mirror.kind("activity").len()), (1, 1));
        drop(end);
        slow.join().expect("a thread").expect("kept");
    });
    days.walks(&program);
    mirror.follows(&program, 100);
    assert_eq!((days.rows.len(), mirror.kind("activity").len()), (2, 2));
    assert_eq!(days.rows, Copy::anew(DAYS, &program));
}

pub(crate) struct Traffic<'a> {
    pub(crate) app: &'a App,
    pub(crate) nodes: Vec<Db>,
    /// A watch of both people, and what lies under the mattress of the first.
    pub(crate) watch: Device,
    pub(crate) mat: Device,
    pub(crate) people: [UserId; 2],
    pub(crate) told: Mutex<[Told; 2]>,
    is_over: AtomicBool,
}

/// Ends the traffic also when a writer fails.
struct Over<'t>(&'t AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<'a> Traffic<'a> {
    fn new(app: &'a App, nodes: Vec<Db>, people: [&Person<'_>; 2]) -> Self {
        let watch = Device::of(app, "00:24:e4:00:00:78", 93, &people);
        let mat = Device::of(app, "00:24:e4:00:00:79", 63, &people[..1]);
        let people = people.map(|person| person.id);
        let (told, is_over) = (Mutex::default(), AtomicBool::new(false));
        let traffic = Self { app, nodes, watch, mat, people, told, is_over };
        traffic.begins();
        traffic
    }

    /// More days, workouts and nights than pages hold.
    fn begins(&self) {
        let (mut of_watch, mut nights) = (Vec::new(), Vec::new());
        let mut told = self.told.lock().unwrap();
        for before in 1..=DAYS_BEFORE {
            let start = NOW - before * DAY_SECONDS;
            told[0].minutes.insert(start);
            told[0].workouts.insert(start);
            of_watch.push(json!({
                "id": format!("m{before}"), "type": "intraday", "userid": self.people[0],
                "startdate": start, "values": { "steps": [steps(start)] },
            }));
            of_watch.push(json!({
                "id": format!("w{before}"), "type": "workout", "userid": self.people[0],
                "startdate": start, "enddate": start + 900, "category": 1,
            }));
        }
        for before in 4..=NIGHTS_BEFORE {
            let start = NOW - before * DAY_SECONDS;
            let stages = json!([{ "startdate": start, "enddate": start + 20_000, "state": 1 }]);
            nights.push(json!({ "id": format!("n{before}"), "type": "sleep", "stages": stages }));
        }
        // A few at a time, so that no machine is too slow for one of them.
        for (device, records) in [(&self.watch, of_watch), (&self.mat, nights)] {
            for few in records.chunks(60) {
                device.hands_over(&self.nodes[0], &batch(few));
            }
        }
    }

    fn follows(&self, program: &Asks, list: List, has_days: bool) -> Copy {
        let mut copy = Copy::of(list, has_days);
        while !self.is_over.load(Ordering::SeqCst) {
            copy.walks(program);
        }
        copy.walks(program);
        copy
    }

    fn mirrors(&self, program: &Asks, limit: i64) -> Mirror {
        let mut mirror = Mirror::default();
        while !self.is_over.load(Ordering::SeqCst) {
            mirror.reads_page(program, limit);
        }
        mirror.follows(program, limit);
        mirror
    }

    /// The copies are what is there, and what is there is what was told.
    fn check(&self, who: usize, program: &Asks, lists: &[Copy], mirrors: &[Mirror]) {
        let all = [DAYS, WORKOUTS, NIGHTS].map(|list| Copy::anew(list, program));
        for (number, copy) in lists.iter().enumerate() {
            let all = &all[number % all.len()];
            for (id, row) in all {
                assert_eq!(copy.rows.get(id), Some(row), "missed");
            }
            // Only nights are ever taken away, and then nothing says so.
            assert!(number % 3 == 2 || copy.rows.len() == all.len(), "rows of nothing");
        }
        let mut anew = Mirror::default();
        anew.follows(program, 1_000);
        for mirror in mirrors {
            assert!(mirror.rows == anew.rows, "a mirror differs");
        }
        let count = |kind| anew.kind(kind).len();
        assert_eq!(
            [count("activity"), count("workout"), count("night")],
            all.each_ref().map(|rows| rows.len())
        );
        let told = &self.told.lock().unwrap()[who];
        let sum = all[0].values().map(|day| day["steps"].as_i64().expect("steps")).sum::<i64>();
        assert_eq!(sum, told.minutes.iter().map(|at| steps(*at)).sum::<i64>());
        assert_eq!(count("workout"), told.workouts.len());
        assert_eq!(count("event"), told.events.len());
        assert_eq!(count("group"), told.weighings.len());
    }
}

fn what_changes_behind_a_program_that_pages_is_in_its_next_walk(engine: Engine) {
    let app = App::on(engine);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let traffic = Traffic::new(&app, vec![app.db()], [&anna, &ben]);
    let db = &traffic.nodes[0];
    let program = program(&app, db, &anna);
    // Something of one day: a minute, a workout that grew, a night that grew.
    let changes = |name: &str, before: i64| {
        let start = NOW - before * DAY_SECONDS;
        let user = traffic.people[0];
        let of_watch = [
            json!({ "id": format!("{name}i"), "type": "intraday", "userid": user,
                    "startdate": start + 60, "values": { "steps": [9] } }),
            json!({ "id": format!("{name}w"), "type": "workout", "userid": user,
                    "startdate": start, "enddate": start + 901, "category": 1 }),
        ];
        let stages = json!([{ "startdate": start + 20_000, "enddate": start + 20_060,
                              "state": 1 }]);
        let of_mat = [json!({ "id": format!("{name}s"), "type": "sleep", "stages": stages })];
        traffic.watch.hands_over(db, &batch(&of_watch));
        traffic.mat.hands_over(db, &batch(&of_mat));
    };
    // Behind the program, on a page it has, and later before it, on the page it is about to read.
    for (list, newest, oldest) in [(DAYS, 1, 205), (WORKOUTS, 2, 206), (NIGHTS, 4, 308)] {
        let mut copy = Copy::of(list, false);
        let mut pages = 1;
        copy.walks_while(&program, || {
            pages += 1;
            for before in [newest, oldest] {
                app.clock.advance(10);
                changes(&format!("{before}"), before);
            }
        });
        assert_eq!(pages, 2);
        assert!(copy.rows != Copy::anew(list, &program), "something changed behind it");
        copy.walks(&program);
        assert!(copy.rows == Copy::anew(list, &program), "it was missed");
    }
}

fn nobody_misses_anything(engine: Engine, two_nodes: bool) {
    let app = App::on(engine);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let mut nodes = vec![app.db()];
    if two_nodes {
        nodes.push(app.another_node());
    }
    let traffic = &Traffic::new(&app, nodes, [&anna, &ben]);
    let node = |at: usize| &traffic.nodes[at % traffic.nodes.len()];
    let programs = [program(&app, node(0), &anna), program(&app, node(1), &ben)];
    let [of_anna, of_ben] = &programs;
    std::thread::scope(|scope| {
        let over = Over(&traffic.is_over);
        let copies = [DAYS, WORKOUTS, NIGHTS]
            .map(|list| scope.spawn(move || traffic.follows(of_anna, list, false)));
        let whole = scope.spawn(|| traffic.follows(of_anna, DAYS, true));
        let mirrors = [9, 400].map(|limit| scope.spawn(move || traffic.mirrors(of_anna, limit)));
        let bens = scope.spawn(|| traffic.follows(of_ben, DAYS, false));
        let bens_mirror = scope.spawn(|| traffic.mirrors(of_ben, 1));
        std::thread::scope(|scope| {
            for number in 0..WRITERS {
                let random = SeededEntropy::new(u64::try_from(number).unwrap());
                let writer = Writer { traffic, number, random };
                scope.spawn(move || writer.writes());
            }
        });
        drop(over);
        let mut copies: Vec<Copy> =
            copies.into_iter().map(|copy| copy.join().expect("a copy")).collect();
        copies.push(whole.join().expect("a copy"));
        let mirrors = mirrors.map(|mirror| mirror.join().expect("a mirror"));
        traffic.check(0, of_anna, &copies, &mirrors);
        let copies = [bens.join().expect("a copy")];
        traffic.check(1, of_ben, &copies, &[bens_mirror.join().expect("a mirror")]);
    });
    assert!(app.clock.now() > NOW);
    traffic.nodes.iter().skip(1).for_each(Db::close);
}

fn programs_miss_nothing_while_devices_sync_through_one_node(engine: Engine) {
    nobody_misses_anything(engine, false);
}

fn programs_miss_nothing_while_devices_sync_through_two_nodes(engine: Engine) {
    nobody_misses_anything(engine, true);
}

fn a_batch_that_comes_many_times_at_once_counts_once(engine: Engine) {
    const CALLERS: usize = 6;
    let app = App::on(engine);
    let anna = app.person("anna");
    let nodes = [app.db(), app.another_node()];
    let watch = Device::of(&app, "00:24:e4:00:00:78", 93, &[&anna]);
    let program = program(&app, &nodes[0], &anna);
    for round in 0..4 {
        let event = json!({
            "id": format!("e{round}"), "type": "event", "at": NOW, "event": "ecg_failed",
        });
        let records = [walked(&format!("m{round}"), NOW - round * 60), event];
        let batch = batch(&records);
        let begin = Barrier::new(CALLERS);
        let stored: i64 = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|number| {
                    let (watch, batch, begin) = (&watch, &batch, &begin);
                    let node = &nodes[number % 2];
                    scope.spawn(move || {
                        begin.wait();
                        watch.hands_over(node, batch)["body"]["stored"].as_i64().unwrap()
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().expect("an answer")).sum()
        });
        assert_eq!(stored, 2);
    }
    let mut mirror = Mirror::default();
    mirror.follows(&program, 100);
    assert_eq!(mirror.kind("event").len(), 4);
    let days = Copy::anew(DAYS, &program);
    assert_eq!(days.values().map(|day| day["steps"].as_i64().unwrap()).sum::<i64>(), 28);
    nodes[1].close();
}
