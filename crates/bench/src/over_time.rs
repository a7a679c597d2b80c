//! What a day of minutes, 300 nights, a day of a watch coming in, and a long life cost a server.

use crate::caller::{Caller, post, post_json};
use crate::data;
use crate::figure::{Figure, RUNS, Runs, Target as Promise, median};
use crate::series::Drawn;
use crate::server::{Load, Server};
use crate::year::{self, hand_over, midnight, night, watch_day};
use anyhow::{Context as _, Result, ensure};
use domain::DAY_SECONDS;
use serde_json::{Value, json};
use std::path::Path;
use store::Target;

pub(crate) const INTRADAY: Figure = Figure {
    name: "intraday_day_cpu_ratio",
    unit: "",
    target: Promise::AtMost(5.0),
    what: "processor time of a day of 1,440 minutes, five fields, over the same bytes fixed",
    measure: |_| measure_intraday(),
};
pub(crate) const SUMMARIES: Figure = Figure {
    name: "getsummary_300_cpu_ratio",
    unit: "",
    target: Promise::AtMost(8.0),
    what: "processor time of a page of 300 nights over the same bytes as a constant",
    measure: |_| measure_summaries(),
};
pub(crate) const SYNC: Figure = Figure {
    name: "sync_watch_day_cpu_ms",
    unit: "ms",
    target: Promise::AtMost(5.0),
    what: "processor time of taking in a watch's day of 1,440 minutes with four fields, durably",
    measure: |_| measure_sync(),
};
pub(crate) const TEN_YEARS: Figure = Figure {
    name: "ten_year_read_ratio",
    unit: "",
    target: Promise::AtMost(1.2),
    what: "processor time of the same reads of somebody with ten years of data over one year",
    measure: |_| measure_ten_years(),
};

const CALLERS: usize = 8;
/// Requests of each connection in one run.
const REQUESTS: usize = 300;

fn sqlite(folder: &Path) -> Target {
    Target::Sqlite(folder.join("vitald.db"))
}

/// The cost of a request over that of its answer as a constant.
fn over_constant(folder: &Path, request: Vec<u8>, check: fn(&Value) -> bool) -> Result<Runs> {
    let operation = Server::start(folder, None, &[])?;
    let right = Caller::connect(operation.address)?.send(&request)?.to_vec();
    ensure!(check(&serde_json::from_slice(&right)?), "the answer is not the one that was meant");
    let file = folder.join("constant.json");
    std::fs::write(&file, &right)?;
    let file = file.to_str().context("a folder whose name is no text")?;
    let constant = Server::start(folder, None, &["--constant", file])?;
    let connections = vec![vec![request]; CALLERS];
    let is_right = |answer: &[u8]| answer == right;
    let load = Load { connections: &connections, times: REQUESTS, is_right: &is_right };
    let costs = alternate([&constant, &operation], [&load, &load])?;
    operation.stop()?;
    constant.stop()?;
    let what = format!("the same {} bytes as a constant", right.len());
    Ok(ratios(costs, &what, "the operation"))
}

fn alternate(servers: [&Server; 2], loads: [&Load<'_>; 2]) -> Result<[Vec<f64>; 2]> {
    let mut costs = [Vec::new(), Vec::new()];
    for round in 0..=RUNS {
        for ((server, load), costs) in servers.into_iter().zip(loads).zip(&mut costs) {
            let cost = server.cost_us(None, load)?;
            if round > 0 {
                costs.push(cost); // The first round warms up.
            }
        }
    }
    Ok(costs)
}

fn ratios(costs: [Vec<f64>; 2], one: &str, other: &str) -> Runs {
    let [one_us, other_us] = costs;
    let values = other_us.iter().zip(&one_us).map(|(other, one)| other / one).collect();
    let baseline = format!(
        "{one}: {:.0} µs of processor time; {other}: {:.0} µs",
        median(&one_us),
        median(&other_us)
    );
    Runs { values, baseline }
}

fn measure_intraday() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let person = data::person(&db, 1)?;
    let devices = year::devices(&db, &person)?;
    let (start, mut drawn) = (midnight(2)?, Drawn::new(6));
    let mut each = |most: i64| (0..1_440).map(|_| drawn.below(most)).collect::<Vec<_>>();
    let values = json!({
        "heart_rate": each(60), "steps": each(120), "distance": each(90), "calories": each(9),
        "elevation": each(2),
    });
    let record = json!({
        "id": "a", "type": "intraday", "startdate": start, "values": values,
    });
    hand_over(&db, &devices.watch, &[record])?;
    let token = data::token(&db, person.user)?;
    db.close();
    let (first, last) = (start, start + DAY_SECONDS - 1);
    let fields = "heart_rate,steps,distance,calories,elevation";
    let form =
        format!("action=getintradayactivity&startdate={first}&enddate={last}&data_fields={fields}");
    over_constant(folder.path(), post("/v2/measure", &token, &form), |answer| {
        let rows = answer["body"]["series"].as_object();
        rows.is_some_and(|rows| {
            rows.len() == 1_440 && rows.values().all(|row| row["steps"].is_i64())
        })
    })
}

fn measure_summaries() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let person = data::person(&db, 1)?;
    let devices = year::devices(&db, &person)?;
    let mut drawn = Drawn::new(7);
    for ago in (1..=330).rev() {
        hand_over(&db, &devices.mat, &[night(midnight(ago)? - 3_600, &mut drawn)])?;
    }
    let token = data::token(&db, person.user)?;
    db.close();
    let form = "action=getsummary&lastupdate=1";
    over_constant(folder.path(), post("/v2/sleep", &token, form), |answer| {
        answer["body"]["series"].as_array().is_some_and(|rows| rows.len() == 300)
    })
}

/// Each request is a day that was not there, of one device, one after the other.
fn measure_sync() -> Result<Runs> {
    const DAYS_A_RUN: i64 = 40;
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let person = data::person(&db, 1)?;
    let devices = year::devices(&db, &person)?;
    db.close();
    let server = Server::start(folder.path(), None, &[])?;
    let (mut drawn, mut values) = (Drawn::new(8), Vec::new());
    let mut ago = DAYS_A_RUN * (RUNS as i64 + 1);
    for round in 0..=RUNS {
        let mut requests = Vec::new();
        for _ in 0..DAYS_A_RUN {
            let batch = json!({ "records": [watch_day(midnight(ago)?, &mut drawn)] });
            requests.push(post_json("/device/v1/sync", &devices.watch, &batch.to_string()));
            ago -= 1;
        }
        let is_right = |answer: &[u8]| {
            let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
            answer["body"]["stored"] == 1
        };
        let (times, connections) = (requests.len(), vec![requests]);
        let load = Load { connections: &connections, times, is_right: &is_right };
        let cost_us = server.cost_us(None, &load)?;
        if round > 0 {
            values.push(cost_us / 1_000.0);
        }
    }
    server.stop()?;
    let baseline = format!("{DAYS_A_RUN} days a run over HTTP, each durable before the next");
    Ok(Runs { values, baseline })
}

fn measure_ten_years() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let mut requests = Vec::new();
    for (number, years) in [(1, 1), (2, 10)] {
        let person = data::person(&db, number)?;
        let devices = year::devices(&db, &person)?;
        data::fill(&db, std::slice::from_ref(&person), &data::mornings(365 * years)?)?;
        year::live(&db, &devices, 365 * years)?;
        let token = data::token(&db, person.user)?;
        let (start, end) = (midnight(30)?, midnight(1)?);
        let days = |at: i64| domain::calendar::date(at / DAY_SECONDS).to_string();
        let (first, last) = (days(start), days(end));
        let reads = [
            ("/measure", format!("action=getmeas&startdate={start}&enddate={end}")),
            ("/v2/measure", format!("action=getactivity&startdateymd={first}&enddateymd={last}")),
            ("/v2/measure", format!("action=getintradayactivity&startdate={end}&enddate={end}")),
            ("/v2/sleep", format!("action=getsummary&startdateymd={first}&enddateymd={last}")),
            ("/v2/heart", format!("action=list&startdate={start}&enddate={end}")),
        ];
        let of = |(path, form): &(&str, String)| post(path, &token, form);
        requests.push(reads.iter().map(of).collect::<Vec<_>>());
    }
    db.close();
    let server = Server::start(folder.path(), None, &[])?;
    let is_right = |answer: &[u8]| answer.starts_with(br#"{"status":0,"#);
    let [one, ten]: [Vec<Vec<u8>>; 2] =
        requests.try_into().map_err(|_| anyhow::anyhow!("two people"))?;
    let [one, ten] = [vec![one; CALLERS], vec![ten; CALLERS]];
    let load = |connections| Load { connections, times: REQUESTS, is_right: &is_right };
    let costs = alternate([&server, &server], [&load(&one), &load(&ten)])?;
    server.stop()?;
    Ok(ratios(costs, "a read of one year", "the same read of ten"))
}
