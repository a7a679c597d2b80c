//! The cost of a page: the processor time of a server that answers `measure getmeas` with 300
//! groups, token check and all, over that of the same server answering the same bytes as a
//! constant.

use crate::caller::{Caller, post};
use crate::data;
use crate::figure::{Figure, Machine, RUNS, Runs, Target as Promise, median};
use crate::server::{Database, Load, Server};
use anyhow::{Context as _, Result, ensure};
use simulator::Reading;
use std::path::Path;
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
    let database = postgres.map(Database::new);
    let (token, mornings) = prepare(&target, folder.path())?;
    let asked = mornings.get(mornings.len() - GROUPS..).context("too few mornings")?;
    let since = asked[0].taken_at;
    let request = post("/measure", &token, &format!("action=getmeas&startdate={since}"));

    let operation = Server::start(folder.path(), postgres, &[])?;
    let right = masked(Caller::connect(operation.address)?.send(&request)?.to_vec());
    check(&right, asked)?;
    let constant_file = folder.path().join("constant.json");
    std::fs::write(&constant_file, &right)?;
    let file = constant_file.to_str().context("a folder whose name is no text")?;
    let constant = Server::start(folder.path(), postgres, &["--constant", file])?;
    let connections = vec![vec![request]; CALLERS];
    let is_right = |answer: &[u8]| masked(answer.to_vec()) == right;
    let load = Load { connections: &connections, times: REQUESTS, is_right: &is_right };
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..=RUNS {
        for (server, costs) in [&constant, &operation].into_iter().zip(&mut costs) {
            let cost = server.cost_us(database.as_ref(), &load)?;
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
