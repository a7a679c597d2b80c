//! What campaigns of many people cost: bringing them to 100,000, listing those, and a device that
//! is told of a nudge.

use crate::caller::post_json;
use crate::data;
use crate::figure::{Figure, RUNS, Runs, Target as Promise, median};
use crate::server::{Load, Server};
use anyhow::{Context as _, Result, ensure};
use api::admin::{self, NewApplication};
use api::client::{Client, Credentials, InProcess};
use api::ops::nudge::CreateNudge;
use api::ops::nudgecampaign::{AddUsers, CreateCampaign};
use domain::signature::Signed;
use domain::{Entitlement, UserId};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use store::application::About;
use store::person::NewPerson;
use store::{Access, Db, Target, Tx, nonce, person};

pub(crate) const ADD: Figure = Figure {
    name: "campaign_addusers_100k_s",
    unit: "s",
    target: Promise::AtMost(10.0),
    what: "bringing a campaign to 100,000 people in signed calls of 1,000, each durable",
    measure: |_| measure_adding(),
};
pub(crate) const LAST_PAGE: Figure = Figure {
    name: "listusers_last_page_ratio",
    unit: "",
    target: Promise::AtMost(1.2),
    what: "processor time of the last page of a campaign's 100,000 people over the first",
    measure: |_| measure_pages(),
};
pub(crate) const SYNC: Figure = Figure {
    name: "sync_with_nudge_cpu_ratio",
    unit: "",
    target: Promise::AtMost(1.2),
    what: "processor time of a weighing whose answer carries a nudge over one whose does not",
    measure: |_| measure_sync(),
};

const PEOPLE: usize = 100_000;
/// People of one call.
const CALL: usize = 1_000;
/// People that are made in one transaction.
const SLICE: usize = 5_000;
/// Calls of one run.
const CALLS: usize = 50;

/// An application under a contract.
struct Partner {
    id: String,
    secret: String,
}

fn partner(db: &Db) -> Result<Partner> {
    let made = db.run_blocking(Access::Write, |tx| {
        let organization = admin::create_organization(tx, "Clinic", &Entitlement::ALL)?.id;
        let about = About {
            organization: Some(organization),
            entitlements: Entitlement::ALL.to_vec(),
            requests_per_minute: Some(0),
            ..About::default()
        };
        let (name, redirect_uris) = ("bench".to_owned(), vec!["http://127.0.0.1/".to_owned()]);
        admin::create_application(tx, &NewApplication { name, redirect_uris, about })
    })?;
    Ok(Partner { id: made.client_id, secret: made.client_secret })
}

/// People whose accounts the application made.
fn people(db: &Db, partner: &Partner) -> Result<Vec<UserId>> {
    let mut all = Vec::with_capacity(PEOPLE);
    for first in (0..PEOPLE).step_by(SLICE) {
        let client = partner.id.clone();
        all.extend(db.run_blocking(Access::Write, move |tx: &mut Tx<'_>| {
            let one = |number: usize| {
                let new = NewPerson {
                    id: None,
                    email: format!("member-{number}@example.org"),
                    password_hash: None,
                    short_name: "MEM".to_owned(),
                    time_zone: "UTC".to_owned(),
                    birth_date: None,
                    gender: None,
                    is_demo: false,
                };
                let user = person::create(tx, &new)?;
                person::set_owner(tx, user, Some(&client))?;
                Ok(user)
            };
            (first..first + SLICE).map(one).collect::<domain::Result<Vec<_>>>()
        })?);
    }
    Ok(all)
}

fn caller(db: &Db, folder: &Path, partner: &Partner) -> Result<Client<InProcess>> {
    let credentials = Credentials::application(&partner.id, &partner.secret);
    Ok(Client::new(InProcess(db.clone()), credentials, data::environment(folder)?.clock))
}

/// A campaign of nobody yet, that goes on for a day.
fn campaign(client: &Client<InProcess>) -> Result<i64> {
    let nudge = json!({ "iconids": [5], "content": ["A glass", "of water"], "model": 17 });
    let nudge = client.call::<CreateNudge>(&nudge).map_err(said)?["nudgeid"].clone();
    let end = crate::year::midnight(-2)?;
    let plan = json!({
        "nudgeid": nudge, "startdate": 0, "enddate": end, "max_display_count": 100_000,
    });
    let made = client.call::<CreateCampaign>(&plan).map_err(said)?;
    made["campaignid"].as_i64().context("no campaign")
}

fn said(problem: api::client::Problem) -> anyhow::Error {
    anyhow::anyhow!("a call was refused: {problem:?}")
}

fn add(client: &Client<InProcess>, campaign: i64, people: &[UserId]) -> Result<()> {
    for part in people.chunks(CALL) {
        let params = json!({ "nudgecampaignid": campaign, "userids": part });
        client.call::<AddUsers>(&params).map_err(said)?;
    }
    Ok(())
}

fn measure_adding() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let partner = partner(&db)?;
    let people = people(&db, &partner)?;
    let client = caller(&db, folder.path(), &partner)?;
    let mut values = Vec::new();
    for _ in 0..RUNS {
        let campaign = campaign(&client)?;
        let begun = Instant::now();
        add(&client, campaign, &people)?;
        values.push(begun.elapsed().as_secs_f64());
        let id = partner.id.clone();
        let kept =
            db.run_blocking(Access::Read, move |tx| store::campaign::find(tx, &id, campaign))?;
        let count = kept.map(|kept| kept.users);
        ensure!(count == Some(i64::try_from(PEOPLE)?), "{count:?} people are in the campaign");
    }
    db.close();
    let baseline = format!("{} signed calls of {CALL} people, one after the other", PEOPLE / CALL);
    Ok(Runs { values, baseline })
}

fn measure_pages() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let partner = partner(&db)?;
    let mut people = people(&db, &partner)?;
    let client = caller(&db, folder.path(), &partner)?;
    let campaign = campaign(&client)?;
    add(&client, campaign, &people)?;
    people.sort_unstable();
    let last = people.get(PEOPLE - CALL - 1).context("too few people")?.0;
    // Nonces are issued before, so that a request is one call; each is good once.
    let mut rounds = Vec::new();
    for _ in 0..=RUNS {
        let page = |offset: i64| page_requests(&db, &partner, campaign, offset);
        rounds.push([page(0)?, page(last)?]);
    }
    db.close();
    let server = Server::start(folder.path(), None, &["--no-audit"])?;
    let mut costs = [Vec::new(), Vec::new()];
    for (round, requests) in rounds.into_iter().enumerate() {
        for ((requests, more), costs) in requests.into_iter().zip([true, false]).zip(&mut costs) {
            let connections = [requests];
            let is_right = move |answer: &[u8]| is_page(answer, more);
            let load = Load { connections: &connections, times: CALLS, is_right: &is_right };
            let cost = server.cost_us(None, &load)?;
            if round > 0 {
                costs.push(cost); // The first round warms up.
            }
        }
    }
    server.stop()?;
    Ok(ratios(costs, "the first page", "the last"))
}

fn is_page(answer: &[u8], more: bool) -> bool {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let body = &answer["body"];
    body["more"] == more && body["users"].as_array().is_some_and(|users| users.len() == CALL)
}

fn page_requests(db: &Db, partner: &Partner, campaign: i64, offset: i64) -> Result<Vec<Vec<u8>>> {
    let (id, count) = (partner.id.clone(), CALLS);
    let nonces = db.run_blocking(Access::Write, move |tx| {
        (0..count).map(|_| nonce::issue(tx, &id)).collect::<domain::Result<Vec<_>>>()
    })?;
    let action = "listusers";
    let request = |nonce: String| {
        let signed = Signed { action, client_id: &partner.id, nonce_or_timestamp: &nonce };
        let signature = signed.sign(&partner.secret);
        let form = format!(
            "action={action}&client_id={}&nonce={nonce}&signature={signature}\
             &nudgecampaignid={campaign}&offset={offset}",
            partner.id
        );
        crate::caller::post("/v2/nudgecampaign", "", &form)
    };
    Ok(nonces.into_iter().map(request).collect())
}

/// Two people with a scale each; one of them is in a campaign. Each request is a weighing that was
/// not there.
fn measure_sync() -> Result<Runs> {
    const WEIGHINGS: usize = 400;
    let folder = tempfile::tempdir()?;
    let db = data::open(&sqlite(folder.path()), folder.path())?;
    let partner = partner(&db)?;
    let client = caller(&db, folder.path(), &partner)?;
    let campaign = campaign(&client)?;
    let mut tokens = Vec::new();
    for number in [1, 2] {
        let user = data::person(&db, number)?.user;
        let (id, mac) = (partner.id.clone(), format!("00:24:e7:00:00:0{number}"));
        tokens.push(db.run_blocking(Access::Write, move |tx| {
            person::set_owner(tx, user, Some(&id))?;
            let users = vec![user.to_string()];
            let new = admin::NewDevice {
                mac: mac.clone(),
                model_id: 17,
                users,
                ..admin::NewDevice::default()
            };
            admin::register_device(tx, &new)?;
            Ok(admin::issue_device_token(tx, &mac, false)?.1)
        })?);
        if number == 2 {
            add(&client, campaign, &[user])?;
        }
    }
    db.close();
    let server = Server::start(folder.path(), None, &[])?;
    let mut costs = [Vec::new(), Vec::new()];
    let mut taken = crate::year::midnight(40)?;
    for round in 0..=RUNS {
        for (at, (token, costs)) in tokens.iter().zip(&mut costs).enumerate() {
            let mut requests = Vec::new();
            for _ in 0..WEIGHINGS {
                taken += 60;
                let batch = json!({ "records": [{
                    "id": taken.to_string(), "type": "measures", "taken_at": taken,
                    "measures": [{ "type": 1, "value": 72_000, "unit": -3 }],
                }] });
                requests.push(post_json("/device/v1/sync", token, &batch.to_string()));
            }
            let told = at == 1;
            let is_right = move |answer: &[u8]| {
                let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
                let body = &answer["body"];
                body["stored"] == 1 && body["nudges"].is_array() == told
            };
            let (times, connections) = (requests.len(), vec![requests]);
            let load = Load { connections: &connections, times, is_right: &is_right };
            let cost = server.cost_us(None, &load)?;
            if round > 0 {
                costs.push(cost); // The first round warms up.
            }
        }
    }
    server.stop()?;
    Ok(ratios(costs, "without a nudge", "with one"))
}

fn sqlite(folder: &Path) -> Target {
    Target::Sqlite(folder.join("vitald.db"))
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
