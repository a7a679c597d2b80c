//! What is paid on the way to a small read (`user getgoals`, over HTTP): for proving who calls and
//! counting their calls, and for writing down who read whose data.

use crate::caller::{Caller, post};
use crate::data;
use crate::figure::{Figure, RUNS, Runs, Target as Promise, median};
use crate::server::{Load, Server};
use anyhow::{Context as _, Result, ensure};
use api::admin;
use domain::UserId;
use std::path::Path;
use store::audit::{self, Filter};
use store::{Access, Target};

pub(crate) const AUTH: Figure = Figure {
    name: "auth_and_limit_cpu_ratio",
    unit: "",
    target: Promise::AtMost(1.3),
    what: "processor time of a small read with token check and limit over the same read without",
    measure: |_| measure_auth(),
};
pub(crate) const AUDIT: Figure = Figure {
    name: "audit_cpu_ratio",
    unit: "",
    target: Promise::AtMost(1.15),
    what: "processor time of small reads with the audit over the same reads without",
    measure: |_| measure_audit(),
};

/// Connections that call at the same time.
const CALLERS: usize = 8;
/// People each of them asks for in turn, where the audit is measured: a row each.
const PEOPLE: usize = 8;
/// Requests of each connection in one run, where the token check is measured.
const AUTH_TIMES: usize = 4_000;
/// The same for the audit: a run lasts seconds, so that it has what is written once a second.
const AUDIT_TIMES: usize = 6_000;

/// People with goals, a token of one application for each, and the one right answer.
struct Prepared {
    users: Vec<UserId>,
    requests: Vec<Vec<u8>>,
}

fn prepare(folder: &Path, people: usize) -> Result<Prepared> {
    let db = data::open(&sqlite(folder), folder)?;
    let client = data::client(&db)?;
    let mut prepared = Prepared { users: Vec::new(), requests: Vec::new() };
    for number in 0..people {
        let user = data::person(&db, number)?.user;
        let client = client.clone();
        let token = db.run_blocking(Access::Write, move |tx| {
            let (steps, sleep) = (Some(9_000), Some("8h".to_owned()));
            let weight_kg = Some("70.5".to_owned());
            let goals = admin::NewGoals { clear: false, steps, sleep, weight_kg };
            admin::set_goals(tx, &user.to_string(), &goals)?;
            Ok(admin::issue_token(tx, &client, &user.to_string(), None)?.access_token)
        })?;
        prepared.users.push(user);
        prepared.requests.push(post("/v2/user", &token, "action=getgoals"));
    }
    db.close();
    Ok(prepared)
}

fn sqlite(folder: &Path) -> Target {
    Target::Sqlite(folder.join("vitald.db"))
}

/// What both servers have to answer: the goals that were set, and the same to the byte.
fn right(servers: [&Server; 2], request: &[u8]) -> Result<Vec<u8>> {
    let mut answers = Vec::new();
    for server in servers {
        answers.push(Caller::connect(server.address)?.send(request)?.to_vec());
    }
    let answer: serde_json::Value = serde_json::from_slice(&answers[0])?;
    let goals = &answer["body"]["goals"];
    ensure!(answer["status"] == 0 && goals["steps"] == 9_000, "the read is refused or wrong");
    ensure!(goals["weight"]["value"] == 705, "the goal of a weight is missing");
    ensure!(answers[0] == answers[1], "the two servers answer differently");
    Ok(answers.remove(0))
}

/// Alternating runs on the plain server and on the one with more: what a request costs each.
fn compare(servers: [&Server; 2], load: &Load<'_>) -> Result<[Vec<f64>; 2]> {
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..=RUNS {
        for (server, costs) in servers.into_iter().zip(&mut costs) {
            let cost = server.cost_us(None, load)?;
            if round > 0 {
                costs.push(cost); // The first round warms up.
            }
        }
    }
    Ok(costs)
}

fn ratios(costs: [Vec<f64>; 2], without: &str) -> Runs {
    let [plain_us, more_us] = costs;
    let values = more_us.iter().zip(&plain_us).map(|(more, plain)| more / plain).collect();
    let (plain, more) = (median(&plain_us), median(&more_us));
    let baseline = format!("{without}: {plain:.1} µs of processor time a read; with: {more:.1} µs");
    Runs { values, baseline }
}

fn measure_auth() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let Prepared { users, requests } = prepare(folder.path(), 1)?;
    let user = users.first().context("nobody")?.to_string();
    let open = ["--no-audit", "--goals-of", &user];
    let plain = Server::start(folder.path(), None, &open)?;
    // A limit that counts and is not reached.
    let proving = Server::start(folder.path(), None, &["--no-audit", "--limit", "1000000"])?;
    let right = right([&plain, &proving], &requests[0])?;
    let connections = vec![requests; CALLERS];
    let is_right = |answer: &[u8]| answer == right;
    let load = Load { connections: &connections, times: AUTH_TIMES, is_right: &is_right };
    let costs = compare([&plain, &proving], &load)?;
    plain.stop()?;
    proving.stop()?;
    Ok(ratios(costs, "without token check and limit"))
}

fn measure_audit() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let Prepared { requests, .. } = prepare(folder.path(), CALLERS * PEOPLE)?;
    let plain = Server::start(folder.path(), None, &["--no-audit"])?;
    let noting = Server::start(folder.path(), None, &[])?;
    let right = right([&plain, &noting], &requests[0])?;
    let connections: Vec<_> = requests.chunks(PEOPLE).map(<[_]>::to_vec).collect();
    let is_right = |answer: &[u8]| answer == right;
    let load = Load { connections: &connections, times: AUDIT_TIMES, is_right: &is_right };
    let costs = compare([&plain, &noting], &load)?;
    plain.stop()?;
    noting.stop()?;
    // Every call of the one server is there, and none of the other.
    let (calls, rows) = noted(folder.path())?;
    let asked = i64::try_from((RUNS + 1) * CALLERS * AUDIT_TIMES + 1)?;
    ensure!(calls == asked, "{calls} calls are noted of {asked}");
    let runs = ratios(costs, "without the audit");
    let baseline = format!("{}; {calls} calls became {rows} rows", runs.baseline);
    Ok(Runs { baseline, ..runs })
}

/// How many calls the audit of a store has, in how many rows; its chain must be whole.
fn noted(folder: &Path) -> Result<(i64, i64)> {
    const PAGE_ROWS: i64 = 1_000;
    let db = data::open(&sqlite(folder), folder)?;
    let found = db.run_blocking(Access::Read, |tx| {
        let (mut calls, mut rows, mut filter) = (0, 0, Filter::default());
        loop {
            let page = audit::list(tx, &filter, PAGE_ROWS)?;
            let Some(last) = page.last() else { break };
            filter.before = Some(last.seq);
            calls += page.iter().map(|row| row.calls).sum::<i64>();
            rows += i64::try_from(page.len()).unwrap_or_default();
        }
        let mut walk = audit::begin(tx, None)?;
        while !walk.is_over {
            walk = audit::step(tx, &walk)?;
        }
        Ok((calls, rows, walk.found))
    })?;
    db.close();
    let (calls, rows, faults) = found;
    ensure!(faults == 0, "the audit's chain is not whole");
    Ok((calls, rows))
}
