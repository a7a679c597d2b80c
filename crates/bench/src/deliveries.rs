//! How fast notifications go out: with the queue and its log, against the same client without; how
//! soon the first attempt follows the event; and whether subscriptions to dead endpoints cost the
//! others anything. docs/bench.md says how each is taken.

use crate::data;
use crate::figure::{Figure, Machine, RUNS, Runs, Target as Promise, median};
use crate::receiver::{Receiver, listen};
use anyhow::{Context as _, Result, ensure};
use domain::notification::{Appli, Callbacks, RuleName};
use domain::{EntropyExt as _, UserId};
use server::entropy::SystemEntropy;
use server::{Config, Delivery, Rules, Running};
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::delivery::{Settled, State};
use store::subscription::New;
use store::{Access, Db, Target, delivery, lease, notification, subscription};
use tokio::runtime::Runtime;

pub(crate) const SQLITE: Figure = Figure {
    name: "deliveries_sqlite_ratio",
    unit: "",
    target: Promise::AtLeast(0.4),
    what: "deliveries a second, durable and logged, over those of the same client without a queue",
    measure: |_| rate(None),
};
pub(crate) const POSTGRES: Figure = Figure {
    name: "deliveries_postgres_ratio",
    unit: "",
    target: Promise::AtLeast(0.3),
    what: "the same on PostgreSQL",
    measure: |machine: &Machine<'_>| {
        rate(Some(machine.postgres.context("VITALD_TEST_POSTGRES names no server")?))
    },
};
pub(crate) const FIRST_ATTEMPT: Figure = Figure {
    name: "enqueue_to_first_attempt_p99_ms",
    unit: "ms",
    target: Promise::AtMost(50.0),
    what: "from the commit of an event to its arrival, 99 of 100, when nothing else goes on",
    measure: |_| first_attempt(),
};
pub(crate) const DEAD: Figure = Figure {
    name: "dead_endpoints_ratio",
    unit: "",
    target: Promise::AtLeast(0.95),
    what: "deliveries a second beside 10,000 subscriptions to dead endpoints, over beside none",
    measure: |_| dead(),
};

const PEOPLE: usize = 64;
const ENDPOINTS: usize = 4;
/// Events a run: each is told at every endpoint.
const EVENTS: usize = 80;
const NOTIFICATIONS: usize = PEOPLE * ENDPOINTS * EVENTS;
const DEAD_SUBSCRIPTIONS: usize = 10_000;
/// The retries of dead ones are spread over so many seconds: ten attempts in five hours are one in
/// 1,800 seconds.
const DEAD_SPREAD_SECONDS: i64 = 1_000;
const PATIENCE: Duration = Duration::from_secs(120);

fn delivery() -> Delivery {
    Delivery { callbacks: Callbacks::Any, ..Delivery::default() }
}

fn serve(runtime: &Runtime, db: &Db, folder: &Path) -> Result<Running> {
    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        scale_listen: None,
        metrics_listen: None,
        public_url: None,
        rules: Rules::default(),
        audit: false,
        delivery: delivery(),
        sandbox: None,
        fulfilment_token: None,
    };
    let environment = data::environment(folder)?;
    Ok(runtime.block_on(server::start(&config, db.clone(), &environment))?)
}

/// People, each with a subscription at each of the callbacks.
fn people(db: &Db, client: &str, callbacks: &[String]) -> Result<Vec<UserId>> {
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let user = data::person(db, number)?.user;
        let (client, callbacks) = (client.to_owned(), callbacks.to_vec());
        db.run_blocking(Access::Write, move |tx| {
            api::admin::issue_token(tx, &client, &user.to_string(), None)?;
            callbacks.iter().try_for_each(|callback| subscribe(tx, user, &client, callback))
        })?;
        people.push(user);
    }
    Ok(people)
}

fn subscribe(
    tx: &mut store::Tx<'_>,
    user: UserId,
    client_id: &str,
    callback: &str,
) -> domain::Result<()> {
    let (appli, comment, secret) = (Appli::WEIGHT, None, None);
    let new = New { user, client_id, appli, callback, comment, secret };
    subscription::create(tx, &new).map(|_| ())
}

/// Something happens to everybody, so many times.
fn happen(db: &Db, people: &[UserId], events: usize) -> Result<()> {
    for event in 0..i64::try_from(events)? {
        let people = people.to_vec();
        db.run_blocking(Access::Write, move |tx| {
            for user in &people {
                notification::between(tx, *user, Appli::WEIGHT, (event, event));
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Waits until no more than so many wait.
fn drained(db: &Db, left: i64) -> Result<()> {
    let begun = Instant::now();
    while db.run_blocking(Access::Read, delivery::waiting)? > left {
        ensure!(begun.elapsed() < PATIENCE, "the outbox does not empty");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    Ok(())
}

/// An empty schema of a PostgreSQL, as other figures leave their data behind.
fn emptied(address: &str) -> Result<String> {
    let mut client = postgres::Client::connect(address, postgres::NoTls)?;
    client.batch_execute("drop schema if exists deliveries cascade; create schema deliveries")?;
    let joint = if address.contains('?') { '&' } else { '?' };
    Ok(format!("{address}{joint}options=-c%20search_path%3Ddeliveries"))
}

/// Deliveries a second, from the start of the server to the last that is written down.
fn delivered_per_s(
    runtime: &Runtime,
    target: &Target,
    folder: &Path,
    people: &[UserId],
) -> Result<f64> {
    let db = data::open(target, folder)?;
    let before = db.run_blocking(Access::Read, delivery::waiting)?;
    happen(&db, people, EVENTS)?;
    let begun = Instant::now();
    let running = serve(runtime, &db, folder)?;
    drained(&db, before)?;
    let took = begun.elapsed();
    runtime.block_on(running.stop());
    Ok(f64::from(u32::try_from(NOTIFICATIONS)?) / took.as_secs_f64())
}

fn rate(postgres: Option<&str>) -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let target = match postgres {
        None => Target::Sqlite(folder.path().join("vitald.db")),
        Some(address) => Target::Postgres(emptied(address)?),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let receiver = Receiver::start(ENDPOINTS)?;
    let db = data::open(&target, folder.path())?;
    let people = people(&db, &data::client(&db)?, &receiver.callbacks)?;
    db.close();
    let body = "userid=12345678&appli=1&startdate=1790000000&enddate=1790000001";
    let (mut values, mut plain, delivery) = (Vec::new(), Vec::new(), delivery());
    for round in 0..=RUNS {
        let begun = Instant::now();
        let sent = server::send_plainly(&delivery, &receiver.callbacks, body, NOTIFICATIONS);
        ensure!(runtime.block_on(sent)? == NOTIFICATIONS, "not everything arrived");
        let alone = f64::from(u32::try_from(NOTIFICATIONS)?) / begun.elapsed().as_secs_f64();
        let queued = delivered_per_s(&runtime, &target, folder.path(), &people)?;
        if round > 0 {
            values.push(queued / alone);
            plain.push(alone);
        }
    }
    let baseline = format!("{:.0} requests a second without a queue", median(&plain));
    Ok(Runs { values, baseline })
}

fn dead() -> Result<Runs> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let receiver = Receiver::start(ENDPOINTS)?;
    let prepared = |dead: usize| -> Result<_> {
        let folder = tempfile::tempdir()?;
        let target = Target::Sqlite(folder.path().join("vitald.db"));
        let db = data::open(&target, folder.path())?;
        let client = data::client(&db)?;
        let live = people(&db, &client, &receiver.callbacks)?;
        bury(&db, &client, &live, dead)?;
        db.close();
        Ok((folder, target, live))
    };
    let (with, without) = (prepared(DEAD_SUBSCRIPTIONS)?, prepared(0)?);
    let (mut values, mut alone) = (Vec::new(), Vec::new());
    for round in 0..=RUNS {
        let rate = |(folder, target, live): &(tempfile::TempDir, Target, Vec<UserId>)| {
            delivered_per_s(&runtime, target, folder.path(), live)
        };
        let (none, some) = (rate(&without)?, rate(&with)?);
        if round > 0 {
            values.push(some / none);
            alone.push(none);
        }
    }
    let baseline = format!("{:.0} deliveries a second beside none", median(&alone));
    Ok(Runs { values, baseline })
}

/// Subscriptions of other people to endpoints where nobody listens, each another one, each with a
/// notification that failed and waits for its next attempt.
fn bury(db: &Db, client: &str, live: &[UserId], count: usize) -> Result<()> {
    let mut people = Vec::new();
    for number in 0..count.div_ceil(100) {
        people.push(data::person(db, PEOPLE + number)?.user);
    }
    for (number, chunk) in (0..count).collect::<Vec<_>>().chunks(100).enumerate() {
        let (user, client, chunk) = (people[number], client.to_owned(), chunk.to_vec());
        db.run_blocking(Access::Write, move |tx| {
            api::admin::issue_token(tx, &client, &user.to_string(), None)?;
            for at in &chunk {
                let (a, b) = (at / 250, at % 250 + 1);
                subscribe(tx, user, &client, &format!("http://127.1.{a}.{b}:1/told"))?;
            }
            notification::between(tx, user, Appli::WEIGHT, (0, 0));
            Ok(())
        })?;
    }
    ensure!(live.iter().all(|user| !people.contains(user)), "nobody is both");
    // As if they had failed before: their next attempts are spread over the time to come.
    db.run_blocking(Access::Write, move |tx| {
        let (node, now) = (1, tx.now());
        for held in lease::hold(tx, node, true)? {
            let all = delivery::due(tx, held.bucket, (0, 0, 0), i64::MAX)?;
            let later = all.into_iter().map(|one| Settled {
                held,
                user: one.user,
                id: one.id,
                created: one.created,
                attempts: one.attempts,
                state: State::Waiting,
                due: now + SystemEntropy.number(1, DEAD_SPREAD_SECONDS),
                health: None,
            });
            delivery::settle(tx, node, RuleName::Current, &later.collect::<Vec<_>>())?;
        }
        lease::release(tx, node)
    })?;
    Ok(())
}

fn first_attempt() -> Result<Runs> {
    const SAMPLES: i64 = 400;
    let folder = tempfile::tempdir()?;
    let target = Target::Sqlite(folder.path().join("vitald.db"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let arrived = Arc::new(Mutex::new(HashMap::new()));
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let callback = format!("http://{}/told", listener.local_addr()?);
    let noted = Arc::clone(&arrived);
    listen(listener, move |body| {
        let now = Instant::now();
        let text = String::from_utf8_lossy(body).into_owned();
        let at =
            text.split("startdate=").nth(1).and_then(|rest| rest.split('&').next()?.parse().ok());
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.entry(at.unwrap_or(-1)).or_insert(now);
    });
    let db = data::open(&target, folder.path())?;
    let people = people(&db, &data::client(&db)?, &[callback])?;
    let running = serve(&runtime, &db, folder.path())?;
    let mut values = Vec::new();
    for run in 0..=i64::try_from(RUNS)? {
        let mut took = Vec::new();
        for sample in 0..SAMPLES {
            let (event, user) = (run * SAMPLES + sample, people[usize::try_from(sample)? % PEOPLE]);
            db.run_blocking(Access::Write, move |tx| {
                notification::between(tx, user, Appli::WEIGHT, (event, event));
                Ok(())
            })?;
            let committed = Instant::now();
            let at = loop {
                let known =
                    arrived.lock().unwrap_or_else(PoisonError::into_inner).get(&event).copied();
                if let Some(at) = known {
                    break at;
                }
                ensure!(committed.elapsed() < PATIENCE, "an event is not told");
                std::thread::park_timeout(Duration::from_micros(200));
            };
            took.push(at.saturating_duration_since(committed).as_secs_f64() * 1_000.0);
            // Idle: what became of it is written, and a little time goes by.
            std::thread::park_timeout(Duration::from_millis(2 + u64::try_from(sample % 7)?));
        }
        took.sort_by(f64::total_cmp);
        if run > 0 {
            values.push(took[took.len() * 99 / 100]);
        }
    }
    runtime.block_on(running.stop());
    Ok(Runs { values, baseline: String::new() })
}
