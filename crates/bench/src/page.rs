//! The cost of a page: the processor time of a server that answers `measure getmeas` with 300
//! groups, token check and all, over that of the same server answering the same bytes as a
//! constant.

use crate::caller::{Caller, post};
use crate::figure::{Figure, Machine, RUNS, Runs, Target as Promise, median};
use crate::{data, process};
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use server::{Config, Rules};
use simulator::Reading;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use store::Target;

pub(crate) const SQLITE: Figure = Figure {
    name: "getmeas_page_sqlite_cpu_ratio",
    unit: "",
    target: Promise::AtMost(8.0),
    what: "processor time of a page of 300 groups over that of the same bytes as a constant",
    measure: |_| measure(None),
};
pub(crate) const POSTGRES: Figure = Figure {
    name: "getmeas_page_postgres_cpu_ratio",
    unit: "",
    target: Promise::AtMost(14.0),
    what: "the same on PostgreSQL, its processor time included",
    measure: |machine: &Machine<'_>| {
        measure(Some(machine.postgres.context("VITALD_TEST_POSTGRES names no server")?))
    },
};

/// Groups of the page.
const GROUPS: usize = 300;
/// How far back the person's data goes; about five mornings of seven.
const DAYS: i64 = 1_000;
/// Connections that call at the same time.
const CALLERS: usize = 8;
/// Requests of each connection in one run.
const REQUESTS: usize = 600;

fn measure(postgres: Option<&str>) -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let target = match postgres {
        None => Target::Sqlite(folder.path().join("vitald.db")),
        Some(address) => Target::Postgres(address.to_owned()),
    };
    let database = postgres.map(Database::new).transpose()?;
    let (token, mornings) = prepare(&target, folder.path())?;
    let asked = mornings.get(mornings.len() - GROUPS..).context("too few mornings")?;
    let since = asked[0].taken_at;
    let request = post("/measure", &token, &format!("action=getmeas&startdate={since}"));

    let operation = Server::start(folder.path(), postgres, None)?;
    let right = masked(Caller::connect(operation.address)?.send(&request)?.to_vec());
    check(&right, asked)?;
    let constant_file = folder.path().join("constant.json");
    std::fs::write(&constant_file, &right)?;
    let constant = Server::start(folder.path(), postgres, Some(&constant_file))?;

    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..=RUNS {
        for (server, costs) in [&constant, &operation].into_iter().zip(&mut costs) {
            let cost = cost_us(server, database.as_ref(), &request, &right)?;
            if round > 0 {
                costs.push(cost); // The first round warms up.
            }
        }
    }
    let [constant_us, operation_us] = costs;
    let bytes = right.len();
    let values = operation_us.iter().zip(&constant_us).map(|(ours, bare)| ours / bare).collect();
    let baseline = format!(
        "the same {bytes} bytes as a constant: {:.0} µs of processor time; the page: {:.0} µs",
        median(&constant_us),
        median(&operation_us),
    );
    operation.stop()?;
    constant.stop()?;
    Ok(Runs { values, baseline })
}

fn prepare(target: &Target, folder: &Path) -> Result<(String, Vec<Reading>)> {
    let db = data::open(target, folder)?;
    let mornings = data::mornings(DAYS)?;
    let people = [data::person(&db, 1)?, data::person(&db, 2)?];
    data::fill(&db, &people, &mornings)?;
    let token = data::token(&db, people[0].user)?;
    db.close();
    Ok((token, mornings))
}

/// Processor microseconds a request costs the server, and the database's server if there is one.
fn cost_us(
    server: &Server,
    database: Option<&Database>,
    request: &[u8],
    right: &[u8],
) -> Result<f64> {
    let used = || -> Result<u64> {
        let database = database.map_or(Ok(0), Database::cpu_ns)?;
        Ok(process::cpu_ns(server.child.id())? + database)
    };
    let before = used()?;
    std::thread::scope(|scope| {
        let call = || -> Result<()> {
            let mut caller = Caller::connect(server.address)?;
            for _ in 0..REQUESTS {
                let answer = masked(caller.send(request)?.to_vec());
                ensure!(answer == right, "an answer is not the right one");
            }
            Ok(())
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(call)).collect();
        callers.into_iter().try_for_each(|caller| match caller.join() {
            Ok(done) => done,
            Err(_) => anyhow::bail!("a caller panicked"),
        })
    })?;
    let requests = u32::try_from(CALLERS * REQUESTS)?;
    let used_us = u32::try_from((used()? - before) / 1_000)?;
    Ok(f64::from(used_us) / f64::from(requests))
}

/// An answer without its one part that follows the clock.
fn masked(mut answer: Vec<u8>) -> Vec<u8> {
    const KEY: &[u8] = b"\"updatetime\":";
    let head = &answer[..answer.len().min(100)];
    if let Some(at) = head.windows(KEY.len()).position(|window| window == KEY) {
        let digits = answer[at + KEY.len()..].iter_mut();
        digits.take_while(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'1');
    }
    answer
}

/// The page holds the groups that were stored, newest first.
fn check(answer: &[u8], stored: &[Reading]) -> Result<()> {
    let answer: serde_json::Value = serde_json::from_slice(answer)?;
    ensure!(answer["status"] == 0, "the page is refused: {}", answer["error"]);
    let groups = answer["body"]["measuregrps"].as_array().context("no groups")?;
    ensure!(groups.len() == stored.len(), "the page has {} groups", groups.len());
    for (group, reading) in groups.iter().zip(stored.iter().rev()) {
        ensure!(group["date"] == reading.taken_at, "a group is out of its place");
        let measures = group["measures"].as_array().context("no measures")?;
        for (measure, value) in measures.iter().zip(&reading.values) {
            let is_same = measure["type"] == value.kind && measure["value"] == value.value;
            ensure!(is_same && measure["unit"] == value.unit, "a measure differs");
        }
        ensure!(measures.len() == reading.values.len(), "a group has lost measures");
    }
    Ok(())
}

/// The processes of a PostgreSQL that serve this bench.
struct Database(String);

impl Database {
    fn new(address: &str) -> Result<Self> {
        Ok(Self(address.to_owned()))
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

/// A server in a process of its own.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(folder: &Path, postgres: Option<&str>, constant: Option<&Path>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg(folder).args(constant);
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

    fn stop(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        ensure!(self.child.wait()?.success(), "a server did not end well");
        Ok(())
    }
}

/// What the bench starts of itself; it ends when its standard input does.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The folder of the key, and of the embedded store unless BENCH_DATABASE names another.
    folder: PathBuf,
    /// A file to answer with, whatever is asked.
    constant: Option<PathBuf>,
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
            rules: Rules { requests_per_minute: 0, ..Rules::default() },
            audit: true,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let running = match self.constant {
                None => server::start(&config, db, &environment).await?,
                Some(file) => {
                    let body = std::fs::read(file)?;
                    server::start_constant(&config, db, &environment, body).await?
                }
            };
            writeln!(std::io::stdout(), "{}", running.address)?;
            tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
            running.stop().await;
            Ok(())
        })
    }
}
