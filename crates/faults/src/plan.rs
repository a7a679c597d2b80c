//! What happens in a run, and when: drawn from the seed and the run's number alone. It does nothing
//! of it.

use clap::ValueEnum;
use domain::{EntropyExt as _, SeededEntropy};
use std::fmt;
use std::time::Duration;

/// How long faults are made.
pub(crate) const STORM: Duration = Duration::from_secs(10);
const STORM_MS: u64 = 10_000;
/// A window of a receiver or of the name server is at most this long: together with what a circuit
/// breaker adds it stays far below the time a notification is tried for.
const WINDOW_MS_MAX: i64 = 2_500;

/// Where the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// The embedded one.
    Sqlite,
    /// A throwaway PostgreSQL.
    Postgres,
}

/// How a receiver treats a request. The ledger is what the receiver knows afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Into the ledger, and 200.
    Good,
    /// The same after half a second.
    Slow,
    /// Never an answer; not in the ledger.
    Hang,
    /// The connection is reset before the request is read.
    Reset,
    /// The connection ends after the request was read, without an answer; not in the ledger.
    Close,
    /// An error; not in the ledger.
    Error(u16),
    /// Bytes that are no HTTP; not in the ledger.
    Garbage,
    /// Lies: into the ledger, and an error.
    LieError,
    /// Lies: into the ledger, and the connection ends without an answer.
    LieClose,
    /// Lies: into the ledger, and half of an answer's first line.
    LieHalf,
    /// Lies: into the ledger, and never an answer.
    LieHang,
    /// Into the ledger, 200, and a body that does not end.
    Endless,
}

const CONDUCTS: [Conduct; 13] = [
    Conduct::Slow,
    Conduct::Hang,
    Conduct::Reset,
    Conduct::Close,
    Conduct::Error(500),
    Conduct::Error(503),
    Conduct::Error(429),
    Conduct::Garbage,
    Conduct::LieError,
    Conduct::LieClose,
    Conduct::LieHalf,
    Conduct::LieHang,
    Conduct::Endless,
];

impl Conduct {
    /// Its name in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Slow => "receiver slow",
            Self::Hang => "receiver hangs",
            Self::Reset => "receiver resets",
            Self::Close => "receiver closes",
            Self::Error(429) => "receiver answers 429",
            Self::Error(503) => "receiver answers 503",
            Self::Error(_) => "receiver answers 500",
            Self::Garbage => "receiver answers garbage",
            Self::LieError => "receiver lies with an error",
            Self::LieClose => "receiver lies and closes",
            Self::LieHalf => "receiver lies with half an answer",
            Self::LieHang => "receiver lies and hangs",
            Self::Endless => "receiver answers without end",
        }
    }
}

/// What the name server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Where the receivers are.
    Good,
    /// That it failed.
    ServFail,
    /// That there is no such name.
    NxDomain,
    /// Nothing.
    Silent,
    /// An address where nobody listens.
    Astray,
}

const NAMINGS: [Naming; 4] = [Naming::ServFail, Naming::NxDomain, Naming::Silent, Naming::Astray];

impl Naming {
    /// Its name in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::ServFail => "DNS SERVFAIL",
            Self::NxDomain => "DNS NXDOMAIN",
            Self::Silent => "DNS silent",
            Self::Astray => "DNS leads astray",
        }
    }
}

/// A stretch of time, in milliseconds of the storm, in which something misbehaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<T> {
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    /// Every request of so many is treated so.
    pub(crate) one_in: u64,
    pub(crate) what: T,
}

/// Something done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// `kill -9` of a node, and a new start.
    Kill { node: usize },
    /// No file takes more than a few bytes for so long; then there is room again, or a kill and a
    /// start with room.
    DiskFull { ms: u64, slack_bytes: u64, is_killed: bool },
    /// The database's server is stopped without a checkpoint and started again.
    DatabaseRestart,
    /// The database's server loses its connections.
    DatabaseHangsUp,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) number: u64,
    pub(crate) engine: Engine,
    /// How many servers share the work; the embedded store has one.
    pub(crate) nodes: usize,
    /// How many people, each with a device.
    pub(crate) people: usize,
    /// How many write for each of them at once.
    pub(crate) writers: usize,
    /// How many batches each of those sends.
    pub(crate) batches: usize,
    /// The windows of each receiver.
    pub(crate) receivers: Vec<Vec<Window<Conduct>>>,
    pub(crate) names: Vec<Window<Naming>>,
    /// What is done to processes, and when, in order.
    pub(crate) blows: Vec<(u64, Blow)>,
}

struct Draw(SeededEntropy);

impl Draw {
    /// A number from `low` up to `high`, both included.
    fn number(&self, low: i64, high: i64) -> u64 {
        self.0.number(low, high + 1).unsigned_abs()
    }

    fn count(&self, low: i64, high: i64) -> usize {
        usize::try_from(self.number(low, high)).unwrap_or(0)
    }

    fn windows<T: Copy>(&self, count: usize, from: &[T]) -> Vec<Window<T>> {
        let window = |_| {
            let from_ms = self.number(0, 8_500);
            let what = from[self.count(0, i64::try_from(from.len()).unwrap_or(1) - 1)];
            let to_ms = (from_ms + self.number(400, WINDOW_MS_MAX)).min(STORM_MS);
            Window { from_ms, to_ms, one_in: self.number(1, 3), what }
        };
        (0..count).map(window).collect()
    }
}

impl Plan {
    /// The run of that number. What an engine cannot suffer is drawn all the same, so that the rest
    /// is the same on both.
    pub(crate) fn of(seed: u64, number: u64, engine: Engine) -> Self {
        // The golden ratio sets runs of neighbouring seeds and numbers apart.
        let of_run = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let draw = Draw(SeededEntropy::new(seed ^ of_run));
        let (people, writers) = (draw.count(2, 4), draw.count(1, 2));
        let batches = draw.count(40, 120);
        let drawn = draw.count(1, 2);
        let nodes = if engine == Engine::Postgres { drawn } else { 1 };
        let receivers = (0..3).map(|_| draw.windows(draw.count(1, 3), &CONDUCTS)).collect();
        let names = draw.windows(draw.count(0, 2), &NAMINGS);
        let mut blows: Vec<(u64, Blow)> = Vec::new();
        for _ in 0..draw.count(1, 3) {
            let (at, node) = (draw.number(300, 11_000), draw.count(0, 1) % nodes);
            blows.push((
                if engine == Engine::Postgres { later(at) } else { at },
                Blow::Kill { node },
            ));
        }
        let mut of_engine = |engines: Engine, least, most, blow: &dyn Fn() -> Blow| {
            for _ in 0..draw.count(least, most) {
                let at = (draw.number(300, 9_000), blow());
                if engines == engine {
                    blows.push(at);
                }
            }
        };
        let disk = || Blow::DiskFull {
            ms: draw.number(500, 2_000),
            slack_bytes: draw.number(0, 1) * draw.number(1, 20_000),
            is_killed: draw.number(0, 1) == 1,
        };
        of_engine(Engine::Sqlite, 0, 2, &disk);
        of_engine(Engine::Postgres, 1, 2, &|| Blow::DatabaseRestart);
        of_engine(Engine::Postgres, 0, 2, &|| Blow::DatabaseHangsUp);
        blows.sort_by_key(|(at, _)| *at);
        Self { seed, number, engine, nodes, people, writers, batches, receivers, names, blows }
    }

    /// The receivers of a person's notifications: everybody has one, the first person has all.
    pub(crate) fn receivers_of(&self, person: usize) -> Vec<usize> {
        let count = self.receivers.len();
        if person == 0 { (0..count).collect() } else { vec![person % count] }
    }

    /// Batches of one person.
    pub(crate) const fn batches_of_person(&self) -> usize {
        self.writers * self.batches
    }
}

/// A node of PostgreSQL that is killed holds its leases for half of a minute: a kill in the later
/// part of the storm leaves something to happen before it.
const fn later(at_ms: u64) -> u64 {
    4_000 + at_ms * 7 / 11
}

/// What holds at a moment of the storm.
pub(crate) fn at<T: Copy>(windows: &[Window<T>], ms: u64, request: u64) -> Option<T> {
    let is_now = |window: &&Window<T>| {
        (window.from_ms..window.to_ms).contains(&ms) && request.is_multiple_of(window.one_in)
    };
    windows.iter().find(is_now).map(|window| window.what)
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, number, engine, nodes, people, writers, batches, .. } = self;
        writeln!(
            f,
            "run {number} of seed {seed} on {engine:?}: {nodes} nodes, {people} people, \
             {writers} writers each, {batches} batches a writer"
        )?;
        let window = |f: &mut fmt::Formatter<'_>, who: &str, from, to, one_in, what: &str| {
            writeln!(f, "  {from:>5} to {to:>5} ms  {who}: {what}, one request in {one_in}")
        };
        for (at, windows) in self.receivers.iter().enumerate() {
            for Window { from_ms, to_ms, one_in, what } in windows {
                window(f, &format!("receiver {at}"), from_ms, to_ms, one_in, what.name())?;
            }
        }
        for Window { from_ms, to_ms, one_in, what } in &self.names {
            window(f, "name server", from_ms, to_ms, one_in, what.name())?;
        }
        for (at, blow) in &self.blows {
            writeln!(f, "  at {at:>5} ms       {blow:?}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_plan() {
        let told = |seed, number| Plan::of(seed, number, Engine::Sqlite).to_string();
        assert_eq!(told(7, 3), told(7, 3));
        assert_ne!(told(7, 3), told(7, 4).replace("run 4", "run 3"));
        assert_ne!(told(7, 3), told(8, 3).replace("seed 8", "seed 7"));
    }

    #[test]
    fn the_engines_share_what_both_can_suffer() {
        for number in 0..50 {
            let (one, other) =
                (Plan::of(1, number, Engine::Sqlite), Plan::of(1, number, Engine::Postgres));
            assert_eq!(format!("{:?}", one.receivers), format!("{:?}", other.receivers));
            let kills = |plan: &Plan| {
                let is_kill = |(_, blow): &&(u64, Blow)| matches!(blow, Blow::Kill { .. });
                plan.blows.iter().filter(is_kill).count()
            };
            assert_eq!(kills(&one), kills(&other));
            assert!(kills(&one) > 0);
            assert_eq!(one.nodes, 1);
        }
    }

    #[test]
    fn a_window_holds_in_its_time_for_its_part_of_requests() {
        let windows = [Window { from_ms: 10, to_ms: 20, one_in: 2, what: Naming::Silent }];
        assert_eq!(at(&windows, 10, 4), Some(Naming::Silent));
        assert_eq!(at(&windows, 10, 5), None);
        assert_eq!(at(&windows, 20, 4), None);
    }
}
