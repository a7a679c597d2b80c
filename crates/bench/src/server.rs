//! A server in a process of its own, so that its cost is told from its callers', and the load whose
//! cost is asked for. What is measured is decided by the figures.

use crate::caller::Caller;
use crate::{data, process};
use anyhow::{Context as _, Result, bail, ensure};
use api::ops::user::{Goals, GoalsOfPerson, Weight};
use clap::Args;
use domain::{Error, UserId};
use server::{Config, Delivery, Rules};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use store::{Target, Tx};

/// The processes of a PostgreSQL that serve this bench.
pub(crate) struct Database(String);

impl Database {
    pub(crate) fn new(address: &str) -> Self {
        Self(address.to_owned())
    }

    fn cpu_ns(&self) -> Result<u64> {
        let mut client = postgres::Client::connect(&self.0, postgres::NoTls)?;
        let sql = "select pid from pg_stat_activity \
                   where backend_type = 'client backend' and pid <> pg_backend_pid()";
        let pids = client.query(sql, &[])?;
        let mut sum = 0;
        for row in pids {
            sum += process::cpu_ns(u32::try_from(row.try_get::<_, i32>(0)?)?)?;
        }
        Ok(sum)
    }
}

/// What is asked: each connection sends its requests in turn, so many in all.
pub(crate) struct Load<'l> {
    /// The requests of each connection.
    pub(crate) connections: &'l [Vec<Vec<u8>>],
    /// Requests of each connection in one run.
    pub(crate) times: usize,
    /// Whether an answer is the right one.
    pub(crate) is_right: &'l (dyn Fn(&[u8]) -> bool + Sync),
}

/// A server that runs until it is stopped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// A server on the data of a folder, or of a PostgreSQL with the key of the folder.
    pub(crate) fn start(folder: &Path, postgres: Option<&str>, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg(folder).args(more);
        if let Some(address) = postgres {
            command.env("BENCH_DATABASE", address);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        let out = child.stdout.take().context("no output of the server")?;
        BufReader::new(out).read_line(&mut said)?;
        let address = said.trim().parse().context("the server did not start")?;
        Ok(Self { child, address })
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        ensure!(self.child.wait()?.success(), "a server did not end well");
        Ok(())
    }

    /// Processor microseconds a request costs the server, and the database's server if there is
    /// one.
    pub(crate) fn cost_us(&self, database: Option<&Database>, load: &Load<'_>) -> Result<f64> {
        let used = || -> Result<u64> {
            let database = database.map_or(Ok(0), Database::cpu_ns)?;
            Ok(process::cpu_ns(self.child.id())? + database)
        };
        let before = used()?;
        std::thread::scope(|scope| {
            let call = |requests: &[Vec<u8>]| -> Result<()> {
                let mut caller = Caller::connect(self.address)?;
                for request in requests.iter().cycle().take(load.times) {
                    let answer = caller.send(request)?;
                    ensure!((load.is_right)(answer), "an answer is not the right one");
                }
                Ok(())
            };
            let connections = load.connections.iter();
            let callers: Vec<_> =
                connections.map(|requests| scope.spawn(move || call(requests))).collect();
            callers.into_iter().try_for_each(|caller| match caller.join() {
                Ok(done) => done,
                Err(_) => bail!("a caller panicked"),
            })
        })?;
        let requests = u32::try_from(load.connections.len() * load.times)?;
        let used_us = u32::try_from((used()? - before) / 1_000)?;
        Ok(f64::from(used_us) / f64::from(requests))
    }
}

/// What the bench starts of itself; it ends when its standard input does.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The folder of the key, and of the embedded store unless BENCH_DATABASE names another.
    folder: PathBuf,
    /// A file to answer with, whatever is asked.
    #[arg(long, conflicts_with = "goals_of")]
    constant: Option<PathBuf>,
    /// Answer with this person's goals, whoever asks.
    #[arg(long)]
    goals_of: Option<i64>,
    /// Note nobody's calls.
    #[arg(long)]
    no_audit: bool,
    /// Calls an application may make in a minute.
    #[arg(long, default_value_t = 0)]
    limit: u32,
    /// A PostgreSQL to use.
    #[arg(long, env = "BENCH_DATABASE", hide_env_values = true)]
    database: Option<String>,
}

impl Serve {
    pub(crate) fn run(self) -> Result<()> {
        let target = match self.database {
            Some(address) => Target::Postgres(address),
            None => Target::Sqlite(self.folder.join("vitald.db")),
        };
        let environment = data::environment(&self.folder)?;
        let db = data::open(&target, &self.folder)?;
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config {
            listen,
            scale_listen: None,
            metrics_listen: None,
            public_url: None,
            rules: Rules { requests_per_minute: self.limit, ..Rules::default() },
            audit: !self.no_audit,
            delivery: Delivery::default(),
            sandbox: None,
            fulfilment_token: None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let running = match (self.constant, self.goals_of.map(UserId)) {
                (Some(file), _) => {
                    let body = std::fs::read(file)?;
                    server::start_constant(&config, db, &environment, body).await?
                }
                (None, Some(user)) => {
                    let read = move |tx: &mut Tx<'_>, out: &mut Vec<u8>| goals(tx, user, out);
                    server::start_reading(&config, db, &environment, read).await?
                }
                (None, None) => server::start(&config, db, &environment).await?,
            };
            writeln!(std::io::stdout(), "{}", running.address)?;
            tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
            running.stop().await;
            Ok(())
        })
    }
}

/// What `user getgoals` reads and writes, without its proof. The figure compares the bytes.
fn goals(tx: &mut Tx<'_>, user: UserId, out: &mut Vec<u8>) -> domain::Result<()> {
    let goals = store::goal::get(tx, user)?;
    let weight = store::measure::weight_goal(tx, user)?;
    let weight = weight.map(|weight| Weight { value: weight.value, unit: weight.unit });
    let goals = Goals { steps: goals.steps, sleep: goals.sleep_seconds, weight };
    out.extend_from_slice(br#"{"status":0,"body":"#);
    serde_json::to_writer(&mut *out, &GoalsOfPerson { goals }).map_err(Error::internal)?;
    out.push(b'}');
    Ok(())
}
