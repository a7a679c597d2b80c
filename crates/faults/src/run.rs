//! One run: a server, its receivers and its writers, a storm, and what the ledger and the store say
//! after it. No moment decides the outcome: the one bound is far beyond what is needed.

use crate::database::Cluster;
use crate::ledger::{Event, Ledger};
use crate::names::{self, NAME};
use crate::plan::{Blow, Engine, Plan, STORM};
use crate::receiver::Receiver;
use crate::server::{self, Server, Start};
use crate::site::{Made, Site};
use crate::storm::Storm;
use crate::writers::{Writing, moment, subscribe};
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use store::delivery::State;

/// After the storm everything has arrived by then, or it is lost. A node of PostgreSQL that was
/// killed holds its leases for half of a minute, a circuit breaker may stay open as long.
const CALM_MAX: Duration = Duration::from_secs(120);

/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What runs need.
pub(crate) struct Machine {
    pub(crate) vitald: PathBuf,
    pub(crate) cluster: Option<Cluster>,
    pub(crate) can_fill_disks: bool,
}

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How many notifications were to arrive.
    pub(crate) events: usize,
    /// Those that did not, or that the store does not try any more.
    pub(crate) lost: Vec<String>,
    /// Deliveries beyond the first of each.
    pub(crate) duplicates: u64,
    /// Notifications that should not be, or not so.
    pub(crate) strange: Vec<String>,
    /// What was broken, and how often.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// How long it took after the storm.
    pub(crate) calm: Duration,
}

impl Outcome {
    pub(crate) const fn is_good(&self) -> bool {
        self.lost.is_empty() && self.strange.is_empty()
    }
}

/// The parts of a run.
struct Run<'a> {
    plan: &'a Plan,
    machine: &'a Machine,
    storm: Arc<Storm>,
    ledger: Arc<Ledger>,
    servers: Vec<Server>,
    /// The name of its database.
    database: Option<String>,
}

/// Does what a plan says in a folder of its own.
pub(crate) fn run(plan: &Plan, machine: &Machine, folder: &Path) -> Result<Outcome> {
    let data = folder.join("data");
    std::fs::create_dir(&data)?;
    let name = format!("faults_{}", plan.number);
    let (database, address) = match (plan.engine, &machine.cluster) {
        (Engine::Sqlite, _) => (None, None),
        (Engine::Postgres, Some(cluster)) => (Some(name.clone()), Some(cluster.create(&name)?)),
        (Engine::Postgres, None) => bail!("there is no PostgreSQL to run this on"),
    };
    let site = Site::new(&data, address.as_deref())?;
    let (storm, ledger) = (Arc::<Storm>::default(), Arc::<Ledger>::default());
    let name_server = names::start(plan.names.clone(), &storm, &ledger)?;
    let server = |node| {
        Server::new(Start {
            vitald: machine.vitald.clone(),
            data: data.clone(),
            log: folder.join(format!("server-{node}.log")),
            database: address.clone(),
            name_server,
        })
    };
    let servers = (0..plan.nodes).map(server).collect();
    let run = Run { plan, machine, storm, ledger, servers, database };
    let outcome = run.all(&site);
    run.storm.end();
    drop(run.servers);
    if let (Some(cluster), Some(name)) = (&machine.cluster, &run.database) {
        cluster.drop(name)?;
    }
    outcome
}

impl Run<'_> {
    fn all(&self, site: &Site) -> Result<Outcome> {
        let made = site.make(self.plan.people)?;
        let ports = self.receivers()?;
        self.servers.iter().try_for_each(|server| server.start(&self.storm))?;
        let first = self.servers.first().context("a run has a server")?;
        let mut events = BTreeSet::new();
        for (number, person) in made.people.iter().enumerate() {
            for receiver in self.plan.receivers_of(number) {
                let callback = format!("http://{NAME}:{}/{number}", ports[receiver]);
                subscribe(first, person, &callback)?;
                let batches = 0..self.plan.batches_of_person();
                events.extend(batches.map(|batch| (receiver, person.user.0, moment(batch))));
            }
        }
        self.storm.begin();
        let until = Instant::now() + STORM + CALM_MAX;
        self.rage(&made, until)?;
        let calm = Instant::now();
        self.ledger.wait(&events, until);
        // What a receiver has is settled for certain only when the outbox says so.
        let is_waiting = |outbox: &BTreeMap<Event, Vec<State>>| {
            outbox.values().flatten().any(|state| *state == State::Waiting)
        };
        while is_waiting(&site.outbox(&made, &ports)?) && Instant::now() < until {
            self.storm.pause(LOOK);
        }
        let calm = calm.elapsed();
        self.servers.iter().try_for_each(|server| server.stop(&self.storm))?;
        let outbox = site.outbox(&made, &ports)?;
        Ok(Outcome { calm, ..self.judge(&events, &outbox) })
    }

    fn receivers(&self) -> Result<Vec<u16>> {
        let receivers = self.plan.receivers.iter().enumerate().map(|(number, windows)| {
            let (storm, ledger) = (Arc::clone(&self.storm), Arc::clone(&self.ledger));
            Receiver { number, windows: windows.clone(), storm, ledger }.start()
        });
        receivers.collect()
    }

    /// Writes and breaks; returns when everything is whole and every batch is acknowledged.
    fn rage(&self, made: &Made, until: Instant) -> Result<()> {
        let Self { plan, servers, storm, ledger, .. } = self;
        let writing = &Writing { plan, servers, storm, ledger, until };
        thread::scope(|scope| {
            let mut threads = vec![scope.spawn(|| self.breaks())];
            for person in &made.people {
                let writers = 0..plan.writers;
                threads.extend(
                    writers.map(|writer| scope.spawn(move || writing.write(person, writer))),
                );
            }
            let ended = threads.into_iter().map(|thread| match thread.join() {
                Ok(done) => done,
                Err(_) => bail!("a thread panicked"),
            });
            // All are waited for, whichever fails.
            ended.fold(Ok(()), Result::and)
        })
    }

    fn breaks(&self) -> Result<()> {
        let broken = self.plan.blows.iter().try_for_each(|(at, blow)| {
            self.storm.wait_until(*at);
            self.strike(*blow).with_context(|| format!("after {blow:?}"))
        });
        if broken.is_err() {
            self.storm.end();
            return broken;
        }
        self.storm.wait_until(u64::try_from(STORM.as_millis())?);
        self.storm.calm();
        Ok(())
    }

    fn strike(&self, blow: Blow) -> Result<()> {
        let cluster = self.machine.cluster.as_ref().zip(self.database.as_deref());
        match (blow, cluster) {
            (Blow::Kill { node }, _) => {
                self.ledger.count("kill -9");
                self.servers[node].kill()?;
                self.servers[node].start(&self.storm)?;
            }
            (Blow::DiskFull { ms, slack_bytes, is_killed }, None)
                if self.machine.can_fill_disks =>
            {
                self.ledger.count("disk full");
                let server = &self.servers[0];
                server.fill_disk(slack_bytes)?;
                self.storm.pause(Duration::from_millis(ms));
                // Who is not allowed to lift the limit starts a server without it.
                if is_killed || server.make_room().is_err() {
                    self.ledger.count("kill -9 with the disk full");
                    server.kill()?;
                    server.start(&self.storm)?;
                }
            }
            (Blow::DatabaseRestart, Some((cluster, _))) => {
                self.ledger.count("database restarted");
                cluster.restart()?;
            }
            (Blow::DatabaseHangsUp, Some((cluster, name))) => {
                self.ledger.count("database hung up");
                cluster.hang_up(name)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn judge(&self, events: &BTreeSet<Event>, outbox: &BTreeMap<Event, Vec<State>>) -> Outcome {
        let received = self.ledger.received();
        let mut outcome = Outcome {
            events: events.len(),
            duplicates: received.values().map(|times| times - 1).sum(),
            faults: self.ledger.faults(),
            ..Outcome::default()
        };
        for event in events {
            let rows = outbox.get(event).map(Vec::as_slice).unwrap_or_default();
            let is_over = |state: &State| matches!(state, State::GivenUp | State::Dropped);
            if !received.contains_key(event) || rows.is_empty() || rows.iter().any(is_over) {
                let heard = received.get(event).copied().unwrap_or(0);
                outcome.lost.push(format!("{}: heard {heard} times, {rows:?}", told(event)));
            }
            if rows.contains(&State::Waiting) {
                outcome.strange.push(format!("{}: it still waits", told(event)));
            }
            if rows.len() > 1 {
                outcome.strange.push(format!("{}: {} rows", told(event), rows.len()));
            }
        }
        let unknown = received.keys().chain(outbox.keys()).filter(|event| !events.contains(event));
        outcome.strange.extend(unknown.map(|event| format!("{}: nobody sent it", told(event))));
        outcome
    }
}

fn told((receiver, user, start): &Event) -> String {
    format!("receiver {receiver}, person {user}, moment {start}")
}

/// The end of what the servers of a run said.
pub(crate) fn last_words(plan: &Plan, folder: &Path) -> String {
    let log = |node| server::tail(&folder.join(format!("server-{node}.log")), 20);
    (0..plan.nodes).map(log).collect::<Vec<_>>().join("\n\n")
}
